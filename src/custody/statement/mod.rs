//! Statements 对账单: what passed between two organisations in a period, as banks reconcile accounts. Brought forward and offered is received,
//! excepted, refused, withdrawn or carried forward, in either direction, person by person; nothing else can become of an offer.

mod frozen;
mod sign;
mod store;

pub use frozen::{Agreement, Frozen, SideSignature, StatementDigest, digest, signed_bytes, text};
pub use sign::{sign, signed};

use chrono::{DateTime, NaiveDate, Utc};

use super::model::{Handoff, HandoffId, HandoffState};
use super::receipt::{ExceptionKind, Line, Outcome, Reason};
use super::side::Side;
use super::store::find_side;
use crate::access::{self, Actor, OrganisationCode};
use crate::arrivals::TravellerId;
use crate::base::{Error, Message, Result, time};
use crate::db::Conn;

/// The longest period of one statement, in days.
const LONGEST: i64 = 92;

/// What passed between two organisations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// From the one that was named first to the other, and back.
    pub flows: [Flow; 2],
}

/// What passed in one direction, in people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Who gave.
    pub giver: Side,
    /// Who was asked to receive.
    pub receiver: Side,
    /// 上期结转: waited for an answer when the period began.
    pub brought_forward: i64,
    /// 发起: offered in the period.
    pub offered: i64,
    /// 接收.
    pub received: i64,
    /// 其中网外接收: those of them whom a guest received, outside the network.
    pub outside: i64,
    /// 异常: on the list and not received.
    pub excepted: i64,
    /// 拒收, with the whole handoff.
    pub refused: i64,
    /// 撤回, with the whole handoff.
    pub withdrawn: i64,
    /// 结转下期: still waited when the period ended.
    pub carried_forward: i64,
    /// 其中超时: those of them whose deadline had passed.
    pub overdue: i64,
    /// 多出: came without being on the list; in no other figure.
    pub extras: i64,
    /// Who differs, and how, for those who may see the people.
    pub differences: Vec<Difference>,
}

/// Somebody who was not received as offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// At which handoff.
    pub handoff: HandoffId,
    /// Who.
    pub traveller: TravellerId,
    /// How.
    pub kind: ExceptionKind,
    /// Why.
    pub reason: Reason,
}

impl Flow {
    /// Whether everything that was to be answered is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.brought_forward + self.offered == self.received + self.excepted + self.refused + self.withdrawn + self.carried_forward
    }

    fn between(giver: Side, receiver: Side) -> Self {
        let differences = Vec::new();
        Self {
            giver,
            receiver,
            brought_forward: 0,
            offered: 0,
            received: 0,
            outside: 0,
            excepted: 0,
            refused: 0,
            withdrawn: 0,
            carried_forward: 0,
            overdue: 0,
            extras: 0,
            differences,
        }
    }

    /// Adds a handoff that was offered before `until` and had not ended before `since`.
    fn add(&mut self, handoff: &Handoff, lines: Vec<Line>, since: DateTime<Utc>, until: DateTime<Utc>) {
        let people = i64::from(handoff.n_people);
        *(if handoff.offered.at < since { &mut self.brought_forward } else { &mut self.offered }) += people;
        if handoff.state.ended_by().is_none_or(|by| by.at >= until) {
            self.carried_forward += people;
            self.overdue += if handoff.answer_by.is_some_and(|answer_by| answer_by < until) { people } else { 0 };
            return;
        }
        match handoff.state {
            HandoffState::Refused(_) => self.refused += people,
            HandoffState::Withdrawn(_) => self.withdrawn += people,
            _ => {
                let before = self.received;
                lines.into_iter().for_each(|line| self.add_line(handoff.id, line));
                self.outside += if handoff.state.ended_by().is_some_and(|by| by.link.is_some()) { self.received - before } else { 0 };
            }
        }
    }

    fn add_line(&mut self, handoff: HandoffId, line: Line) {
        match line.outcome {
            Some(Outcome::Excepted(kind, reason)) => {
                *(if kind == ExceptionKind::Extra { &mut self.extras } else { &mut self.excepted }) += 1;
                self.differences.push(Difference { handoff, traveller: line.traveller, kind, reason });
            }
            Some(Outcome::Received) => self.received += 1,
            // An answered handoff has an outcome for everybody; one without would show as a balance that is off.
            None => {}
        }
    }
}

/// Between whom a statement is asked for, and of which period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// One side.
    pub one: OrganisationCode,
    /// The other.
    pub other: OrganisationCode,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; at most 92 days in all.
    pub to: NaiveDate,
}

impl Asked {
    /// The two sides as they were named, if the period can be and the statement exists for `actor`.
    fn sides(&self, conn: &mut Conn, actor: &Actor) -> Result<[Side; 2]> {
        if self.from > self.to {
            return Err(Error::invalid("to", Message::new("period_backwards")));
        }
        if (self.to - self.from).num_days() >= LONGEST {
            return Err(Error::invalid("to", Message::new("period_too_long").with("days", LONGEST)));
        }
        if self.one == self.other {
            return Err(Error::invalid("other", Message::new("statement_with_itself")));
        }
        let find = |conn: &mut Conn, code| find_side(conn, code)?.ok_or(Error::NotFound("organisation"));
        let (one, other) = (find(conn, &self.one)?, find(conn, &self.other)?);
        let is_own = [&one, &other].iter().any(|side| actor.organisation() == Some(&side.code));
        let places = [one.place.to_string(), other.place.to_string()];
        let is_seen = is_own || actor.scope().covers(&[&places[0], &places[1]], &[&one.code, &other.code]);
        if is_seen { Ok([one, other]) } else { Err(Error::NotFound("organisation")) }
    }

    /// The key under which statements are kept: the same whichever side asks.
    fn period(&self, sides: &[Side; 2]) -> store::Period {
        let [one, other] = if sides[0].code <= sides[1].code { [&sides[0], &sides[1]] } else { [&sides[1], &sides[0]] };
        store::Period { one: one.id, other: other.id, from: self.from, to: self.to }
    }
}

/// The statement between two organisations, from the beginning of one day to the end of another. For both of them, and for those whose scope
/// covers either.
pub fn statement(conn: &mut Conn, actor: &Actor, asked: &Asked) -> Result<Statement> {
    actor.must(access::Act::SignStatement)?;
    let [one, other] = asked.sides(conn, actor)?;
    let there = flow(conn, one.clone(), other.clone(), asked.from, asked.to)?;
    let back = flow(conn, other, one, asked.from, asked.to)?;
    Ok(Statement { from: asked.from, to: asked.to, flows: [there, back] })
}

fn flow(conn: &mut Conn, giver: Side, receiver: Side, from: NaiveDate, to: NaiveDate) -> Result<Flow> {
    let (since, until) = (time::midnight(from), time::end_of(to));
    let mut flow = Flow::between(giver, receiver);
    let handoffs = super::store::handoffs_between(conn, flow.giver.id, flow.receiver.id, since, until)?;
    let ids: Vec<HandoffId> = handoffs.iter().map(|handoff| handoff.id).collect();
    let mut lines = super::lines::of_all(conn, &ids)?;
    for handoff in &handoffs {
        flow.add(handoff, lines.remove(&handoff.id).unwrap_or_default(), since, until);
    }
    Ok(flow)
}
