//! Custody 责任: people pass from one organisation to another by handoffs, which both sides sign, and leave by release.
//!
//! Whoever offers answers for the people until the receiver has said that they do; what both said becomes entries of the ledger
//! in the same transaction. This slice does not know how a confirmation reached it (page, API, phone), nor who the people are.
//!
//! Locks are taken in one order: the handoff, then its people by their ids, then the lines. Two who race wait for each other and
//! the second is told what the first did.

mod counter;
mod deliver;
mod error;
mod exits;
pub mod guest;
mod lines;
mod model;
pub mod obligation;
mod offer;
mod overview;
mod paper;
pub mod phone;
mod receipt;
mod reception;
mod rung;
mod side;
pub mod statement;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use counter::{Asked, asked};
pub use deliver::{Delivery, deliver, paper};
pub use error::HandoffError;
pub use exits::{LeaveReason, leave, release, release_due};
pub use model::{Acceptance, CLOCK_SKEW, Decision, Handoff, HandoffId, HandoffState, Rejection, digest_of_list};
pub use offer::{Offer, offer};
pub use overview::{OverviewKey, Stage, at_stages, overview};
pub use paper::Paper;
pub use receipt::{Exception, ExceptionKind, Line, Outcome, Reason, Receipt, ReceiptError, Reply, Settlement};
pub use reception::Reception;
use reception::{Answered, Settled, Taken};
pub use rung::{NextRung, Rung};
pub use side::{Side, Signature, Signer};
pub use view::{HandoffView, Reader};

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::access::{self, Actor, OrganisationCode};
use crate::arrivals::TravellerId;
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Event, Tx};
use crate::dispatch::{self, Trip};
use crate::places::{Organisation, Routes};

/// Where a page of handoffs ends: whether it was still among those that wait, and the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListKey {
    /// Whether the last one waited for an answer.
    pub is_waiting: bool,
    /// The last one.
    pub id: HandoffId,
}

/// A handoff with its list, as far as `actor` may see it; [`NotFound`](Error::NotFound) if it does not exist for them.
pub fn get(conn: &mut Conn, actor: &Actor, id: HandoffId) -> Result<HandoffView> {
    actor.must(access::Act::ViewTravellers)?;
    let handoff = find(conn, actor, id)?;
    let lines = lines::of(conn, id)?;
    Ok(handoff.seen_by(actor, Some(lines)))
}

/// The handoffs that an organisation gives or receives: first those that wait for an answer, then those that ended, the newest
/// first. Only those that exist for `actor`.
pub fn list(conn: &mut Conn, actor: &Actor, of: &OrganisationCode, page: PageRequest<ListKey>) -> Result<Page<HandoffView, ListKey>> {
    actor.must(access::Act::ViewTravellers)?;
    let side = side_for(conn, actor, of)?;
    let wanted = i64::from(page.limit) + 1;
    let mut found = match page.after {
        Some(after) if !after.is_waiting => store::handoffs_ended_of(conn, side.id, Some(after.id), wanted)?,
        after => store::handoffs_open_of(conn, of, after.map(|after| after.id), wanted)?,
    };
    let lacking = wanted - i64::try_from(found.len()).unwrap_or(wanted);
    if lacking > 0 && page.after.is_none_or(|after| after.is_waiting) {
        found.extend(store::handoffs_ended_of(conn, side.id, None, lacking)?);
    }
    let views = found.into_iter().map(|handoff| handoff.seen_by(actor, None)).collect();
    Ok(Page::cut(views, page.limit, |view: &HandoffView| ListKey { is_waiting: view.state.ended_by().is_none(), id: view.id }))
}

/// An organisation that exists for `actor`: their own, or one within their scope.
fn side_for(conn: &mut Conn, actor: &Actor, of: &OrganisationCode) -> Result<Side> {
    let side = store::find_side(conn, of)?.ok_or(Error::NotFound("organisation"))?;
    let is_seen = actor.organisation() == Some(of) || actor.scope().covers(&[&side.place.to_string()], &[of]);
    if is_seen { Ok(side) } else { Err(Error::NotFound("organisation")) }
}

/// What waits for an answer at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Offers to the organisation.
    pub to_answer: i64,
    /// Offers of the organisation.
    pub unanswered: i64,
    /// Those of either whose deadline has passed.
    pub overdue: i64,
    /// Those of either whose deadline passes within half an hour.
    pub lapsing: i64,
}

/// How many handoffs wait for an answer, by `of` and by others; of everybody's, if nobody is named. For the system's own digests.
pub fn waiting(conn: &mut Conn, of: Option<Id<Organisation>>, at: DateTime<Utc>) -> Result<Waiting> {
    store::waiting(conn, of, at)
}

/// The trips with people who are offered to the actor's organisation and whom it has not counted yet. Whoever shows a trip shows neither its
/// seats nor their number to them: the receiver counts blind, whatever page they look at.
pub fn trips_to_count(conn: &mut Conn, actor: &Actor) -> Result<HashSet<Id<Trip>>> {
    actor.organisation().map_or_else(|| Ok(HashSet::new()), |own| store::trips_to_count(conn, Organisation::id_of(own.as_str())))
}

/// Refuses who has yet to count the people of a trip.
pub fn must_have_counted(conn: &mut Conn, actor: &Actor, trip: Id<Trip>) -> Result<()> {
    if trips_to_count(conn, actor)?.contains(&trip) { Err(Error::Refused(Message::new("count_first"))) } else { Ok(()) }
}

/// Records how many heads the receiver counted before they saw the list, which they see from then on.
pub fn count(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, counted: i32) -> Result<HandoffView> {
    actor.must(access::Act::AnswerHandoff)?;
    let handoff = lock(tx, actor, id, None)?;
    let seen = handoff.version;
    reception::expect_fits(tx, &handoff, counted)?;
    let handoff = handoff.count(counted, &Signer::of(actor))?;
    if handoff.version > seen {
        demand(store::update_handoff(tx, &handoff, seen)?)?;
        record(tx, &handoff, "handoff_counted", json!({"counted": counted}))?;
    }
    show(tx, actor, handoff)
}

/// The receiver takes over everybody on the list but the exceptions. If they had not counted before, the heads of the receipt are their count,
/// which stands whatever becomes of the acceptance. Of two who answer at once one is told, with [`Conflict`](Error::Conflict), what the other
/// did. `seen` is the version that the answer is given to, if it matters.
///
/// # Errors
/// What is wrong with the answer itself: who gives it, when, to which version. What is wrong against the list is an error only where the
/// count was in before; else it is [`Reception::Counted`].
pub fn accept(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>, receipt: Receipt) -> Result<Reception> {
    let answer = Answer { actor, handoff: id, seen, receipt };
    reception::only(accept_all(tx, vec![answer])?)
}

/// How a receiver answers one of several handoffs.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// Who answers.
    pub actor: &'a Actor,
    /// The handoff.
    pub handoff: HandoffId,
    /// The version that the answer is given to, if it matters.
    pub seen: Option<i32>,
    /// What was found.
    pub receipt: Receipt,
}

impl<'a> Answer<'a> {
    /// The answer to its handoff, if that exists for who answers, and can still be answered by them.
    fn to(self, handoff: Option<Handoff>, seats: Option<i32>, now: DateTime<Utc>) -> Result<Answered<'a>> {
        self.actor.must(access::Act::AnswerHandoff)?;
        let handoff = handoff.filter(|handoff| handoff.exists_for(self.actor)).ok_or(Error::NotFound("handoff"))?.expect_version(self.seen)?;
        reception::expect_heads(seats, self.receipt.counted)?;
        let seen = handoff.version;
        let counted = handoff.answer(&self.receipt, &Signer::of(self.actor), now)?;
        Ok(Answered { reader: self.actor.into(), counted, receipt: self.receipt, seen })
    }
}

/// The same for several handoffs, each another: as many questions to the database as for one. What is wrong with one of the answers is told in its
/// place and touches no other; an outer error undoes all of them.
pub fn accept_all(tx: &mut Tx<'_>, answers: Vec<Answer<'_>>) -> Result<Vec<Result<Reception>>> {
    let ids: Vec<HandoffId> = answers.iter().map(|answer| answer.handoff).collect();
    let mut handoffs: HashMap<HandoffId, Handoff> = store::lock_handoffs(tx, &ids)?.into_iter().map(|handoff| (handoff.id, handoff)).collect();
    let mut trips: Vec<Id<Trip>> = handoffs.values().filter_map(|handoff| handoff.trip).collect();
    trips.sort_unstable();
    let seats = dispatch::seats_on(tx, &trips)?;
    let now = tx.now();
    let answered = answers.into_iter().map(|answer| {
        let handoff = handoffs.remove(&answer.handoff);
        let seats = handoff.as_ref().and_then(|handoff| seats.get(&handoff.trip?).copied());
        answer.to(handoff, seats, now)
    });
    let answered = answered.collect();
    reception::receive_all(tx, answered)
}

/// The receiver takes over nobody; custody stays where it is.
pub fn refuse(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>, reason: Reason) -> Result<HandoffView> {
    actor.must(access::Act::AnswerHandoff)?;
    let handoff = lock(tx, actor, id, seen)?;
    let seen = handoff.version;
    let handoff = handoff.refuse(reason, &Signer::of(actor), tx.now())?;
    end_refused(tx, actor, handoff, seen)
}

/// Writes that the receiver took over nobody.
fn end_refused(tx: &mut Tx<'_>, actor: &Actor, handoff: Handoff, seen: i32) -> Result<HandoffView> {
    end_unpassed(tx, &handoff, seen)?;
    record(tx, &handoff, "handoff_refused", json!({"people": handoff.n_people}))?;
    show(tx, actor, handoff)
}

/// The giver takes the offer back while it waits for an answer.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>, reason: Reason) -> Result<HandoffView> {
    actor.must(access::Act::OfferHandoff)?;
    let handoff = lock(tx, actor, id, seen)?;
    let seen = handoff.version;
    let handoff = handoff.withdraw(reason, &Signer::of(actor), tx.now())?;
    end_unpassed(tx, &handoff, seen)?;
    record(tx, &handoff, "handoff_withdrawn", json!({"people": handoff.n_people}))?;
    show(tx, actor, handoff)
}

/// After the deadline a coordinator answers on the receiver's behalf, and says why.
pub fn decide(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>, decision: Decision, because: Reason) -> Result<HandoffView> {
    actor.must(access::Act::DecideHandoff)?;
    let handoff = lock(tx, actor, id, seen)?;
    let seen = handoff.version;
    let list = list_of(tx, id)?;
    let is_accepting = matches!(decision, Decision::Accept(_));
    let (handoff, settlement) = handoff.decide(&list, decision, because, &Signer::of(actor), tx.now())?;
    let facts = facts_of(&settlement);
    if is_accepting {
        let taken = reception::expect_takeable(tx, vec![Ok(Settled { handoff: handoff.clone(), settlement, seen })])?;
        let taken: Vec<Taken> = taken.into_iter().collect::<Result<_>>()?;
        reception::take_over(tx, &taken.iter().collect::<Vec<_>>())?;
    } else {
        end_unpassed(tx, &handoff, seen)?;
    }
    record(tx, &handoff, "handoff_decided", facts)?;
    show(tx, actor, handoff)
}

/// Takes at most `limit` handoffs whose time has come up the ladder of their route: both sides are reminded, duty officers and then
/// coordinators told, and in the end the offer lapses. How many there were; to be called until it returns 0. The system does it, and nothing
/// is accepted by it.
pub fn climb(tx: &mut Tx<'_>, routes: &Routes, limit: u32) -> Result<usize> {
    let due = store::lock_due(tx, i64::from(limit))?;
    let n = due.len();
    for handoff in due {
        let (seen, ladder) = (handoff.version, routes.ladder(handoff.giver.kind, handoff.receiver.kind, handoff.offered.at));
        let (handoff, rung) = handoff.climb(&ladder, tx.now())?;
        demand(store::update_handoff(tx, &handoff, seen)?)?;
        let kind = if rung == Rung::Lapse { "handoff_lapsed" } else { "handoff_reminded" };
        record(tx, &handoff, kind, json!({"rung": rung.name(), "answer_by": handoff.answer_by}))?;
    }
    Ok(n)
}

/// The handoff, if it exists for the actor.
fn find(conn: &mut Conn, actor: &Actor, id: HandoffId) -> Result<Handoff> {
    store::find_handoff(conn, id)?.filter(|handoff| handoff.exists_for(actor)).ok_or(Error::NotFound("handoff"))
}

fn lock(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>) -> Result<Handoff> {
    let handoff = store::lock_handoffs(tx, &[id])?.pop().filter(|handoff| handoff.exists_for(actor)).ok_or(Error::NotFound("handoff"))?;
    Ok(handoff.expect_version(seen)?)
}

fn list_of(tx: &mut Tx<'_>, id: HandoffId) -> Result<Vec<TravellerId>> {
    Ok(lines::of(tx, id)?.into_iter().map(|line| line.traveller).collect())
}

/// Writes an end that passes nobody, and closes the lines.
fn end_unpassed(tx: &mut Tx<'_>, handoff: &Handoff, seen: i32) -> Result<()> {
    demand(store::update_handoff(tx, handoff, seen)?)?;
    counter::reopen(tx, handoff.id, &[])?;
    lines::close(tx, handoff.id)
}

/// The compare-and-set on the version found the row it wanted. The lock rules anything else out.
fn demand(was_set: bool) -> Result<()> {
    if was_set { Ok(()) } else { Err(HandoffError::Changed.into()) }
}

fn facts_of(settlement: &Settlement) -> Value {
    json!({"received": settlement.received.len(), "counted": settlement.counted, "exceptions": settlement.n_by_kind()})
}

/// Records an event of a handoff. The number of people on the list is among the facts only once the handoff has ended, because
/// the receiver, who reads the log too, counts blind.
fn record(tx: &mut Tx<'_>, handoff: &Handoff, kind: &'static str, facts: Value) -> Result<()> {
    tx.record(event(handoff, kind, facts))
}

fn event(handoff: &Handoff, kind: &'static str, mut facts: Value) -> Event {
    facts["giver"] = json!(handoff.giver.id);
    facts["receiver"] = json!(handoff.receiver.id);
    facts["trip"] = json!(handoff.trip);
    facts["state"] = json!(handoff.state.name());
    Event { kind, subject: handoff.id.uuid(), place: Some(handoff.receiver.place.province().to_string()), facts }
}

fn show<'r>(tx: &mut Tx<'_>, reader: impl Into<Reader<'r>>, handoff: Handoff) -> Result<HandoffView> {
    let reader = reader.into();
    let lines = if handoff.shows_list_to(reader) { Some(lines::of(tx, handoff.id)?) } else { None };
    Ok(handoff.seen_by(reader, lines))
}
