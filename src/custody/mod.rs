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
mod model;
mod offer;
mod paper;
mod receipt;
mod rung;
mod side;
mod statement;
mod store;
mod view;

pub use counter::{Asked, asked};
pub use deliver::{Delivery, deliver, paper};
pub use error::HandoffError;
pub use exits::{LeaveReason, leave, release, release_due};
pub use model::{Acceptance, CLOCK_SKEW, Decision, Handoff, HandoffId, HandoffState, Rejection, digest_of_list};
pub use offer::{Offer, offer};
pub use paper::Paper;
pub use receipt::{Exception, ExceptionKind, Line, Outcome, Reason, Receipt, ReceiptError, Settlement, settle};
pub use rung::{NextRung, Rung};
pub use side::{Side, Signature, Signer};
pub use statement::{Difference, Flow, Statement, statement};
pub use view::HandoffView;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::access::{self, Actor, OrganisationCode};
use crate::arrivals::{self, TravellerId};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Event, Tx};
use crate::dispatch;
use crate::ledger::{self, Kind, Passing};
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
    let handoff = store::find_handoff(conn, id)?.filter(|handoff| handoff.exists_for(actor)).ok_or(Error::NotFound("handoff"))?;
    let lines = store::lines_of(conn, id)?;
    Ok(handoff.seen_by(actor, Some(lines)))
}

/// The handoffs that an organisation gives or receives: first those that wait for an answer, then those that ended, the newest
/// first. Only those that exist for `actor`.
pub fn list(conn: &mut Conn, actor: &Actor, of: &OrganisationCode, page: PageRequest<ListKey>) -> Result<Page<HandoffView, ListKey>> {
    actor.must(access::Act::ViewTravellers)?;
    let side = store::find_side(conn, of)?.ok_or(Error::NotFound("organisation"))?;
    if actor.organisation() != Some(of) && !actor.scope().covers(&[&side.place.to_string()], &[of]) {
        return Err(Error::NotFound("organisation"));
    }
    let wanted = i64::from(page.limit) + 1;
    let mut found = match page.after {
        Some(after) if !after.is_waiting => store::handoffs_of(conn, side.id, false, Some(after.id), wanted)?,
        after => store::handoffs_of(conn, side.id, true, after.map(|after| after.id), wanted)?,
    };
    let lacking = wanted - i64::try_from(found.len()).unwrap_or(wanted);
    if lacking > 0 && page.after.is_none_or(|after| after.is_waiting) {
        found.extend(store::handoffs_of(conn, side.id, false, None, lacking)?);
    }
    let views = found.into_iter().map(|handoff| handoff.seen_by(actor, None)).collect();
    Ok(Page::cut(views, page.limit, |view: &HandoffView| ListKey { is_waiting: view.state.ended_by().is_none(), id: view.id }))
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

/// Records how many heads the receiver counted before they saw the list, which they see from then on.
pub fn count(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, counted: i32) -> Result<HandoffView> {
    actor.must(access::Act::AnswerHandoff)?;
    let handoff = lock(tx, actor, id, None)?;
    let seen = handoff.version;
    expect_fits(tx, &handoff, counted)?;
    let handoff = handoff.count(counted, &Signer::of(actor))?;
    if handoff.version > seen {
        demand(store::update_handoff(tx, &handoff, seen)?)?;
        record(tx, &handoff, "handoff_counted", json!({"counted": counted}))?;
    }
    show(tx, actor, handoff)
}

/// The receiver takes over everybody on the list but the exceptions. Of two who answer at once one is told, with
/// [`Conflict`](Error::Conflict), what the other did. `seen` is the version that the answer is given to, if it matters.
pub fn accept(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>, receipt: Receipt) -> Result<HandoffView> {
    actor.must(access::Act::AnswerHandoff)?;
    let handoff = lock(tx, actor, id, seen)?;
    let seen = handoff.version;
    expect_fits(tx, &handoff, receipt.counted)?;
    let list = list_of(tx, id)?;
    let (handoff, settlement) = handoff.accept(&list, receipt, &Signer::of(actor), tx.now())?;
    take_over(tx, &handoff, &settlement, seen)?;
    let kind = if settlement.exceptions.is_empty() { "handoff_accepted" } else { "handoff_accepted_with_exceptions" };
    record(tx, &handoff, kind, facts_of(&settlement))?;
    show(tx, actor, handoff)
}

/// The receiver takes over nobody; custody stays where it is.
pub fn refuse(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>, reason: Reason) -> Result<HandoffView> {
    actor.must(access::Act::AnswerHandoff)?;
    let handoff = lock(tx, actor, id, seen)?;
    let seen = handoff.version;
    let handoff = handoff.refuse(reason, &Signer::of(actor), tx.now())?;
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
    if is_accepting {
        take_over(tx, &handoff, &settlement, seen)?;
    } else {
        end_unpassed(tx, &handoff, seen)?;
    }
    record(tx, &handoff, "handoff_decided", facts_of(&settlement))?;
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

fn lock(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, seen: Option<i32>) -> Result<Handoff> {
    let handoff = store::lock_handoff(tx, id)?.filter(|handoff| handoff.exists_for(actor)).ok_or(Error::NotFound("handoff"))?;
    Ok(handoff.expect_version(seen)?)
}

fn list_of(tx: &mut Tx<'_>, id: HandoffId) -> Result<Vec<TravellerId>> {
    Ok(store::lines_of(tx, id)?.into_iter().map(|line| line.traveller).collect())
}

/// Writes an acceptance, passes the people received, closes the lines.
fn take_over(tx: &mut Tx<'_>, handoff: &Handoff, settlement: &Settlement, seen: i32) -> Result<()> {
    let (HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance)) = &handoff.state else {
        return Err(Error::Internal(anyhow::anyhow!("handoff {} was not accepted", handoff.id)));
    };
    demand(store::update_handoff(tx, handoff, seen)?)?;
    if !settlement.received.is_empty() {
        let people = arrivals::lock(tx, &settlement.received)?;
        expect_may_board(tx, handoff, &settlement.received)?;
        if people.iter().any(|person| person.custody.custodian != Some(handoff.giver.id)) {
            return Err(Error::Conflict(Message::new("custody_chain")));
        }
        let act = ledger::Act { id: handoff.id.uuid(), actor: acceptance.by.name.clone(), happened_at: acceptance.happened_at, recorded_at: tx.now() };
        arrivals::pass(tx, &people, Passing::To(handoff.receiver.id, handoff.receiver.stock()), &act)?;
    }
    counter::ask(tx, handoff, settlement)?;
    counter::reopen(tx, handoff.id, &settlement.received)?;
    store::settle_lines(tx, handoff.id, settlement)
}

/// Nobody boards while something holds them that is newer than the waiver of their seat, if they have one (`dispatch::seats_give` is the same
/// gate for the seat). Whoever goes anywhere else, to a doctor or back, goes.
fn expect_may_board(conn: &mut Conn, handoff: &Handoff, people: &[TravellerId]) -> Result<()> {
    if Kind::of_passing(handoff.giver.stock(), handoff.receiver.stock()) != Kind::Boarded {
        return Ok(());
    }
    let mut held = arrivals::held_since(conn, people)?;
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
fn expect_fits(conn: &mut Conn, handoff: &Handoff, counted: i32) -> Result<()> {
    let Some(trip) = handoff.trip else { return Ok(()) };
    let most = dispatch::seats_on(conn, trip)?;
    if counted <= most { Ok(()) } else { Err(Error::invalid("counted", Message::new("count_above_seats").with("counted", counted).with("seats", most))) }
}

/// Writes an end that passes nobody, and closes the lines.
fn end_unpassed(tx: &mut Tx<'_>, handoff: &Handoff, seen: i32) -> Result<()> {
    demand(store::update_handoff(tx, handoff, seen)?)?;
    counter::reopen(tx, handoff.id, &[])?;
    store::close_lines(tx, handoff.id)
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
fn record(tx: &mut Tx<'_>, handoff: &Handoff, kind: &'static str, mut facts: Value) -> Result<()> {
    facts["giver"] = json!(handoff.giver.id);
    facts["receiver"] = json!(handoff.receiver.id);
    facts["trip"] = json!(handoff.trip);
    facts["state"] = json!(handoff.state.name());
    tx.record(Event { kind, subject: handoff.id.uuid(), place: Some(handoff.receiver.place.province().to_string()), facts })
}

fn show(tx: &mut Tx<'_>, actor: &Actor, handoff: Handoff) -> Result<HandoffView> {
    let lines = if handoff.shows_list_to(actor) { Some(store::lines_of(tx, handoff.id)?) } else { None };
    Ok(handoff.seen_by(actor, lines))
}
