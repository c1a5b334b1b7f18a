//! Exposure 接触: somebody sat near, rode or lived with a case. The count of their days begins anew with the last day of it.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{Flight, Traveller, TravellerId};
use super::{facts, policy_of, store};
use crate::access::{Act, Actor};
use crate::base::{Id, Result, time};
use crate::db::{Conn, Event, Tx};
use crate::ledger;
use crate::policy::Rulebook;

/// Everybody who came on a flight, whatever the scope: for whoever traces contacts.
pub fn on_flight(conn: &mut Conn, flight: Id<Flight>) -> Result<Vec<Traveller>> {
    store::travellers_on_flight(conn, flight)
}

/// Records that somebody was last exposed on a day, and counts their days anew. Of two exposures the later counts.
///
/// # Errors
/// Not found: nobody within the actor's scope.
pub fn expose(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, id: TravellerId, on: NaiveDate) -> Result<Traveller> {
    actor.must(Act::SetHold)?;
    let before = super::lock_seen(tx, actor, id)?;
    if before.exposed_on.is_some_and(|known| known >= on) {
        return Ok(before);
    }
    recount(tx, rulebook, &Traveller { exposed_on: Some(on), ..before })?;
    let after = super::lock_one(tx, id)?;
    let dates = json!({"on": on, "transfer_on": after.transfer_on, "release_on": after.release_on, "by": actor.name()});
    tx.record(Event { kind: "exposed", subject: id.uuid(), place: after.destination.as_ref().map(|bound| bound.city.clone()), facts: dates })?;
    Ok(after)
}

/// Counts the days of somebody who was exposed, by what has happened to them so far.
pub(super) fn recount(tx: &mut Tx<'_>, rulebook: &Rulebook, person: &Traveller) -> Result<()> {
    let moved_on = ledger::moved_on(&ledger::history(tx, person.id)?);
    let dates = policy_of(rulebook, person).map(|policy| {
        let calendar = policy.calendar(&facts(person, &moved_on));
        // Who has made the first move goes on being looked for on the day of it.
        let transfer_on = if person.is_waiting_to_move() { calendar.transfer_on.first().copied() } else { person.transfer_on };
        (transfer_on, time::civil_date(calendar.released_at))
    });
    store::exposed(tx, person, dates)
}
