//! Taking people over. The receiver's count stands before anything of the list is judged: what does not hold leaves the count behind, and the
//! list to be seen, so that nobody finds the giver's number by trying.

use serde_json::json;

use super::model::{Counted, Handoff, HandoffState};
use super::receipt::{Receipt, Settlement};
use super::view::{HandoffView, Reader};
use super::{counter, demand, facts_of, list_of, record, show, store};
use crate::arrivals::{self, Traveller, TravellerId};
use crate::base::{Error, Message, Result};
use crate::db::{Conn, Tx};
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

/// Holds an answer against the list and passes whoever was received. `seen` is the version of the handoff as it is stored.
pub(super) fn receive<'r>(tx: &mut Tx<'_>, reader: impl Into<Reader<'r>>, counted: Counted, receipt: Receipt, seen: i32) -> Result<Reception> {
    let reader = reader.into();
    let first_count = counted.first_count().cloned();
    let refusal = match judge(tx, counted, receipt) {
        Ok(taken) => return take(tx, reader, taken, seen).map(Reception::Accepted),
        Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
        Err(refusal) => refusal,
    };
    let Some(handoff) = first_count else { return Err(refusal) };
    demand(store::update_handoff(tx, &handoff, seen)?)?;
    record(tx, &handoff, "handoff_counted", json!({"counted": handoff.first_count}))?;
    Ok(Reception::Counted { handoff: show(tx, reader, handoff)?, refusal })
}

/// An acceptance that holds, not yet written.
struct Taken {
    handoff: Handoff,
    settlement: Settlement,
    people: Vec<Traveller>,
}

/// Judges an answer; reads and locks, and writes nothing.
fn judge(tx: &mut Tx<'_>, counted: Counted, receipt: Receipt) -> Result<Taken> {
    let list = list_of(tx, counted.handoff().id)?;
    let (handoff, settlement) = counted.accept(&list, receipt)?;
    let people = expect_takeable(tx, &handoff, &settlement)?;
    Ok(Taken { handoff, settlement, people })
}

fn take(tx: &mut Tx<'_>, reader: Reader<'_>, taken: Taken, seen: i32) -> Result<HandoffView> {
    take_over(tx, &taken.handoff, &taken.settlement, &taken.people, seen)?;
    let kind = if taken.settlement.exceptions.is_empty() { "handoff_accepted" } else { "handoff_accepted_with_exceptions" };
    record(tx, &taken.handoff, kind, facts_of(&taken.settlement))?;
    show(tx, reader, taken.handoff)
}

/// Locks the people whom a settlement passes, who must be the giver's and free to go.
pub(super) fn expect_takeable(tx: &mut Tx<'_>, handoff: &Handoff, settlement: &Settlement) -> Result<Vec<Traveller>> {
    counter::expect_elsewhere(tx, handoff, settlement)?;
    let people = arrivals::lock(tx, &settlement.received)?;
    expect_may_board(tx, handoff, &settlement.received)?;
    if people.iter().any(|person| person.custody.custodian != Some(handoff.giver.id)) {
        return Err(Error::Conflict(Message::new("custody_chain")));
    }
    Ok(people)
}

/// Writes an acceptance, passes the people received, closes the lines.
pub(super) fn take_over(tx: &mut Tx<'_>, handoff: &Handoff, settlement: &Settlement, people: &[Traveller], seen: i32) -> Result<()> {
    let (HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance)) = &handoff.state else {
        return Err(Error::Internal(anyhow::anyhow!("handoff {} was not accepted", handoff.id)));
    };
    demand(store::update_handoff(tx, handoff, seen)?)?;
    if !people.is_empty() {
        let act = ledger::Act { id: handoff.id.uuid(), actor: acceptance.by.name.clone(), happened_at: acceptance.happened_at, recorded_at: tx.now() };
        // Whoever a guest receives is outside the network: nobody here answers for them any more.
        let passing = if acceptance.by.link.is_some() { Passing::Leave } else { Passing::To(handoff.receiver.id, handoff.receiver.stock()) };
        arrivals::pass(tx, people, passing, &act)?;
    }
    counter::ask(tx, handoff, settlement)?;
    counter::reopen(tx, handoff.id, &settlement.received)?;
    store::settle_lines(tx, handoff.id, settlement)
}

/// Nobody boards while something holds them that is newer than the waiver of their seat, if they have one (`dispatch::seats_give` is the same
/// gate for the seat), nor leaves the network. Whoever goes anywhere else, to a doctor or back, goes.
pub(super) fn expect_may_board(conn: &mut Conn, handoff: &Handoff, people: &[TravellerId]) -> Result<()> {
    let leaves = handoff.state.ended_by().is_some_and(|by| by.link.is_some());
    if !leaves && Kind::of_passing(handoff.giver.stock(), handoff.receiver.stock()) != Kind::Boarded {
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
pub(super) fn expect_fits(conn: &mut Conn, handoff: &Handoff, counted: i32) -> Result<()> {
    let Some(trip) = handoff.trip else { return Ok(()) };
    let most = dispatch::seats_on(conn, trip)?;
    if counted <= most { Ok(()) } else { Err(Error::invalid("counted", Message::new("count_above_seats").with("counted", counted).with("seats", most))) }
}
