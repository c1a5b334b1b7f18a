//! Writing of one decided part, set by set: flights, travellers, their first ledger entries, medical holds, waiting results.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::decide::{Decided, Decision, Known};
use super::prepare::Prepared;
use crate::access::Keyring;
use crate::arrivals::identity::Identity;
use crate::arrivals::matching::{self, NewHold, NewTraveller};
use crate::arrivals::model::{Flight, HoldKind};
use crate::arrivals::person::Health;
use crate::arrivals::rosters::Roster;
use crate::base::{Error, Id, Result};
use crate::db::Tx;
use crate::ledger::{self, Act, Cell, Custody};

/// Who says it: a user, by a roster or (with none) at the desk, in one act of the ledger.
pub(in crate::arrivals) struct Source<'a> {
    pub(in crate::arrivals) roster: Option<Id<Roster>>,
    pub(in crate::arrivals) act: Uuid,
    pub(in crate::arrivals) actor: &'a str,
}

pub(in crate::arrivals) fn write(tx: &mut Tx<'_>, part: &[Prepared], decided: &[Decided], keyring: &Keyring, source: &Source<'_>) -> Result<()> {
    let actor = source.actor;
    let taken = || part.iter().zip(decided).filter(|(_, decided)| !matches!(decided.decision, Decision::Duplicate(_) | Decision::Same));
    let flights: BTreeMap<Id<Flight>, &Prepared> = taken().map(|(row, _)| (row.flight.id, row)).collect();
    matching::flights_insert_missing(tx, flights.values().map(|row| (&row.flight, row.landed_on)))?;

    let now = tx.now();
    let (mut travellers, mut entries, mut holds) = (Vec::new(), Vec::new(), Vec::new());
    for (row, decided) in taken() {
        match &decided.decision {
            Decision::New { journey } => {
                // The ledger's time of a landing is the landing, whenever it is written down; a roster sent ahead is not late.
                let act = Act { id: source.act, actor: actor.to_owned(), happened_at: row.flight.landed_at, recorded_at: now };
                let (custody, entry) = Custody::land(row.id, row.desk, cell_of(row), &act);
                travellers.push(NewTraveller::of(row, *journey, &custody, source.roster, now));
                entries.push(entry);
                holds.extend(medical_hold(tx, row, row.id, actor));
            }
            Decision::Changed { known, identity, fields, moves } => change(tx, row, known, identity, fields, *moves, keyring, source)?,
            Decision::Same | Decision::Duplicate(_) => {}
        }
    }
    matching::travellers_insert(tx, &travellers)?;
    ledger::append(tx, entries)?;
    matching::holds_insert(tx, &holds)?;
    matching::results_claim(tx, &travellers.iter().map(|traveller| (traveller.document_hash.clone(), traveller.id)).collect::<Vec<_>>())
}

/// Writes what a later roster changed, with before and after, sealed, in the log.
#[expect(clippy::too_many_arguments, reason = "one row's change, with all that surrounds it")]
fn change(
    tx: &mut Tx<'_>,
    row: &Prepared,
    known: &Known,
    identity: &Identity,
    fields: &[&'static str],
    moves: bool,
    keyring: &Keyring,
    source: &Source<'_>,
) -> Result<()> {
    let id = known.traveller.id;
    let before = known.sealed.as_ref().ok_or_else(|| Error::Internal(anyhow::anyhow!("traveller {id} is in custody without an identity")))?;
    let sealed = before.resealed(keyring, id, identity, tx.chance())?;
    let relabelled = fields.contains(&"party").then_some(row.party);
    matching::traveller_change(tx, &known.traveller, &sealed, row, relabelled, source.roster)?;
    if moves && (fields.contains(&"destination") || fields.contains(&"landed_at")) {
        crate::arrivals::replan(tx, &known.traveller, row.plan.as_ref(), row.flight.landed_at, source.act, source.actor)?;
    }
    matching::change_log(tx, known, fields, source.roster, row.line, source.actor)?;
    let is_ill = row.health.is_some_and(|health| health != Health::Ok);
    if fields.contains(&"health") && is_ill {
        let holds: Vec<NewHold> = medical_hold(tx, row, id, source.actor).into_iter().collect();
        matching::holds_insert(tx, &holds)?;
    }
    Ok(())
}

fn medical_hold(tx: &Tx<'_>, row: &Prepared, traveller: crate::arrivals::TravellerId, actor: &str) -> Option<NewHold> {
    let health = row.health.filter(|health| *health != Health::Ok)?;
    Some(NewHold::new(tx, traveller, row.party, HoldKind::Medical, health.as_str(), actor))
}

fn cell_of(row: &Prepared) -> Cell {
    let bound = row.plan.as_ref().map(|plan| &plan.bound);
    Cell {
        province: bound.map(|bound| bound.province.clone()),
        city: bound.map(|bound| bound.city.clone()),
        policy: row.plan.as_ref().map(|plan| plan.policy.0.clone()),
    }
}
