//! Taking people over. The receiver's count stands before anything of the list is judged: what does not hold leaves the count behind, and the
//! list to be seen, so that nobody finds the giver's number by trying.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{Counted, Handoff, HandoffId, HandoffState};
use super::receipt::{Receipt, Settlement};
use super::view::{HandoffView, Reader};
use super::{counter, demand, event, facts_of, lines, record, store};
use crate::arrivals::{self, Pass, Traveller, TravellerId};
use crate::base::{Error, Message, Result};
use crate::db::{Conn, Event, Tx};
use crate::dispatch;
use crate::ledger::{self, Kind, Passing};

/// What came of an acceptance.
#[derive(Debug)]
pub enum Reception {
    /// It holds.
    Accepted(HandoffView),
    /// It does not, and nobody has passed; the heads that came with it are recorded as the receiver's first count.
    Counted {
        /// The handoff as it is: with the count, and the list from which whoever differs is to be named.
        handoff: HandoffView,
        /// Why it does not hold.
        refusal: Error,
    },
}

impl Reception {
    /// The handoff, if the acceptance holds; else why it does not.
    pub fn accepted(self) -> Result<HandoffView> {
        match self {
            Self::Accepted(handoff) => Ok(handoff),
            Self::Counted { refusal, .. } => Err(refusal),
        }
    }
}

/// A receiver's answer, with the count in, not yet held against the list.
pub(super) struct Answered<'r> {
    /// Who answers, and sees what comes of it.
    pub reader: Reader<'r>,
    /// The handoff.
    pub counted: Counted,
    /// What was found.
    pub receipt: Receipt,
    /// The version of the handoff as it is stored.
    pub seen: i32,
}

/// Who passes by the answer to a handoff, by its settlement.
pub(super) struct Settled {
    /// The handoff as it ends.
    pub handoff: Handoff,
    /// Who passes, and who does not.
    pub settlement: Settlement,
    /// The version of the handoff as it is stored.
    pub seen: i32,
}

/// A settlement that holds, not yet written.
pub(super) struct Taken {
    settled: Settled,
    people: Vec<Traveller>,
}

/// Holds an answer against the list and passes whoever was received.
pub(super) fn receive(tx: &mut Tx<'_>, answered: Answered<'_>) -> Result<Reception> {
    only(receive_all(tx, vec![Ok(answered)])?)
}

/// What came of an answer that was alone.
pub(super) fn only(mut receptions: Vec<Result<Reception>>) -> Result<Reception> {
    receptions.pop().unwrap_or_else(|| Err(Error::Internal(anyhow::anyhow!("an answer without an outcome"))))
}

/// Holds the answers to several handoffs against their lists and passes whoever was received: as many questions as for one. What does not
/// hold is the inner error and touches no other; what did not hold before stays as it was. An outer error is the transaction's.
pub(super) fn receive_all(tx: &mut Tx<'_>, answered: Vec<Result<Answered<'_>>>) -> Result<Vec<Result<Reception>>> {
    let ids: Vec<HandoffId> = answered.iter().flatten().map(|answered| answered.counted.handoff().id).collect();
    let mut lines = lines::of_all(tx, &ids)?;
    let readers: Vec<Option<Waiting<'_>>> = answered.iter().map(|answered| answered.as_ref().ok().map(Waiting::of)).collect();
    let settle = |answered: Answered<'_>| {
        let list: Vec<TravellerId> = lines.get(&answered.counted.handoff().id).into_iter().flatten().map(|line| line.traveller).collect();
        let (handoff, settlement) = answered.counted.accept(&list, answered.receipt)?;
        Ok(Settled { handoff, settlement, seen: answered.seen })
    };
    let settled = answered.into_iter().map(|answered| answered.and_then(settle)).collect();
    let judged = expect_takeable(tx, settled)?;
    let taken: Vec<&Taken> = judged.iter().flatten().collect();
    take_over(tx, &taken)?;
    tx.record_all(taken.into_iter().map(event_of_acceptance).collect())?;
    let mut receptions = Vec::with_capacity(judged.len());
    for (judged, waiting) in judged.into_iter().zip(readers) {
        receptions.push(match (judged, waiting) {
            (Ok(Taken { settled, .. }), Some(Waiting { reader, .. })) => {
                let lines = settled.settlement.into_lines();
                Ok(Reception::Accepted(settled.handoff.seen_by(reader, Some(lines))))
            }
            (Err(refusal), Some(Waiting { reader, first_count: Some(handoff), seen })) => {
                demand(store::update_handoff(tx, &handoff, seen)?)?;
                record(tx, &handoff, "handoff_counted", json!({"counted": handoff.first_count}))?;
                let lines = lines.remove(&handoff.id).unwrap_or_default();
                Ok(Reception::Counted { handoff: handoff.seen_by(reader, Some(lines)), refusal })
            }
            (Err(refusal), _) => Err(refusal),
            (Ok(_), None) => Err(Error::Internal(anyhow::anyhow!("an answer was taken that was none"))),
        });
    }
    Ok(receptions)
}

/// What stays of an answer that does not hold: whose it was, and the first count if it came with it.
struct Waiting<'r> {
    reader: Reader<'r>,
    first_count: Option<Handoff>,
    seen: i32,
}

impl<'r> Waiting<'r> {
    fn of(answered: &Answered<'r>) -> Self {
        Self { reader: answered.reader, first_count: answered.counted.first_count().cloned(), seen: answered.seen }
    }
}

fn event_of_acceptance(Taken { settled, .. }: &Taken) -> Event {
    let kind = if settled.settlement.is_whole() { "handoff_accepted" } else { "handoff_accepted_with_exceptions" };
    event(&settled.handoff, kind, facts_of(&settled.settlement))
}

/// Locks the people whom settlements pass, who must be the giver's and free to go. Writes nothing. The inner error is why a settlement does not
/// hold; one that did not before stays as it was.
pub(super) fn expect_takeable(tx: &mut Tx<'_>, settled: Vec<Result<Settled>>) -> Result<Vec<Result<Taken>>> {
    let received = |settled: &Settled| settled.settlement.received.clone();
    let all: Vec<TravellerId> = settled.iter().flatten().flat_map(received).collect();
    let boarding: Vec<TravellerId> = settled.iter().flatten().filter(|settled| must_be_free(&settled.handoff)).flat_map(received).collect();
    let mut people: HashMap<TravellerId, Traveller> = arrivals::lock(tx, &all)?.into_iter().map(|person| (person.id, person)).collect();
    let held = if boarding.is_empty() { BTreeMap::new() } else { arrivals::held_since(tx, &boarding)? };
    let mut judged = Vec::with_capacity(settled.len());
    for settled in settled {
        let taken = settled.and_then(|settled| {
            let people = settled.settlement.received.iter().filter_map(|id| people.remove(id)).collect();
            judge(tx, settled, people, &held)
        });
        match taken {
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            taken => judged.push(taken),
        }
    }
    Ok(judged)
}

fn judge(conn: &mut Conn, settled: Settled, people: Vec<Traveller>, held: &BTreeMap<TravellerId, DateTime<Utc>>) -> Result<Taken> {
    counter::expect_elsewhere(conn, &settled.handoff, &settled.settlement)?;
    if must_be_free(&settled.handoff) {
        let held = people.iter().filter_map(|person| Some((person.id, *held.get(&person.id)?))).collect();
        expect_unheld(conn, &settled.handoff, held)?;
    }
    if people.iter().any(|person| person.custody.custodian != Some(settled.handoff.giver.id)) {
        return Err(Error::Conflict(Message::new("custody_chain")));
    }
    Ok(Taken { settled, people })
}

/// Writes acceptances, passes the people received, closes the lines.
pub(super) fn take_over(tx: &mut Tx<'_>, taken: &[&Taken]) -> Result<()> {
    let changes: Vec<(&Handoff, i32)> = taken.iter().map(|taken| (&taken.settled.handoff, taken.settled.seen)).collect();
    store::update_handoffs(tx, &changes)?;
    let passes: Vec<Pass<'_>> = taken.iter().filter(|taken| !taken.people.is_empty()).map(|taken| pass_of(taken, tx.now())).collect::<Result<_>>()?;
    arrivals::pass(tx, &passes)?;
    for Taken { settled: Settled { handoff, settlement, .. }, .. } in taken {
        // Whoever is received was offered, and whoever was offered and is not received is an exception.
        if !settlement.exceptions.is_empty() {
            counter::ask(tx, handoff, settlement)?;
            counter::reopen(tx, handoff.id, &settlement.received)?;
            lines::except(tx, handoff.id, &settlement.exceptions)?;
        }
    }
    let ids: Vec<HandoffId> = taken.iter().map(|taken| taken.settled.handoff.id).collect();
    lines::receive(tx, &ids)
}

fn pass_of<'t>(Taken { settled, people }: &'t Taken, recorded_at: DateTime<Utc>) -> Result<Pass<'t>> {
    let handoff = &settled.handoff;
    let (HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance)) = &handoff.state else {
        return Err(Error::Internal(anyhow::anyhow!("handoff {} was not accepted", handoff.id)));
    };
    // Whoever a guest receives is outside the network: nobody here answers for them any more.
    let passing = if acceptance.by.link.is_some() { Passing::Leave } else { Passing::To(handoff.receiver.id, handoff.receiver.stock()) };
    let act = ledger::Act { id: handoff.id.uuid(), actor: acceptance.by.name.clone(), happened_at: acceptance.happened_at, recorded_at };
    Ok(Pass { people, passing, act })
}

/// Nobody boards while something holds them that is newer than the waiver of their seat, if they have one (`dispatch::seats_give` is the same
/// gate for the seat), nor leaves the network. Whoever goes anywhere else, to a doctor or back, goes.
pub(super) fn expect_may_board(conn: &mut Conn, handoff: &Handoff, people: &[TravellerId]) -> Result<()> {
    if !must_be_free(handoff) {
        return Ok(());
    }
    let held = arrivals::held_since(conn, people)?;
    expect_unheld(conn, handoff, held)
}

/// Whether a handoff is one that nobody goes by whom something holds.
fn must_be_free(handoff: &Handoff) -> bool {
    let leaves = handoff.state.ended_by().is_some_and(|by| by.link.is_some());
    leaves || Kind::of_passing(handoff.giver.stock(), handoff.receiver.stock()) == Kind::Boarded
}

fn expect_unheld(conn: &mut Conn, handoff: &Handoff, mut held: BTreeMap<TravellerId, DateTime<Utc>>) -> Result<()> {
    if let (Some(trip), false) = (handoff.trip, held.is_empty()) {
        let waived = dispatch::waived_at(conn, trip)?;
        held.retain(|traveller, since| waived.get(traveller).is_none_or(|at| at < since));
    }
    if held.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = held.keys().map(ToString::to_string).collect();
    Err(Error::Refused(Message::new("held_may_not_board").with("count", held.len()).with("travellers", names.join(", "))))
}

/// Nobody counts more heads than the vehicle of the trip has seats.
pub(super) fn expect_fits(conn: &mut Conn, handoff: &Handoff, counted: i32) -> Result<()> {
    match handoff.trip {
        None => Ok(()),
        Some(trip) => expect_heads(dispatch::seats_on(conn, &[trip])?.get(&trip).copied(), counted),
    }
}

/// The same for a vehicle with so many seats; none, if they go without one.
pub(super) fn expect_heads(seats: Option<i32>, counted: i32) -> Result<()> {
    match seats {
        Some(most) if counted > most => Err(Error::invalid("counted", Message::new("count_above_seats").with("counted", counted).with("seats", most))),
        _ => Ok(()),
    }
}
