//! Arrivals: who landed, with whom, bound for where; what was found out about them and what holds them; who may move.
//!
//! Whoever changes a fact about a traveller first locks the traveller ([`lock`]), so that two acts on one person happen one
//! after the other on every engine.

mod clearance;
mod desk;
pub mod document;
pub mod draft;
mod due;
mod exposure;
pub mod flight;
mod holds;
mod identity;
mod import;
mod list;
mod matching;
mod model;
mod named;
mod needs;
mod pending;
pub mod person;
mod purge;
mod results;
mod rosters;
mod sampling;
mod sealed;
mod store;
mod supposed;

pub use clearance::{Block, Clearance};
pub use desk::{
    Entered, Gathering, WaitingFlight, carrier, carrying, enter, flights, gather, held, held_by, hospital, landings_of, policy_of, reception, waiting,
    with_document, with_name,
};
pub use draft::{TestKind, TestOutcome};
pub use due::{Due, DueRow, Expected, Moving, due, expected, moving};
pub use exposure::{expose, on_flight};
pub use holds::{hold, holds_of, lift};
pub use identity::Identity;
pub use import::Import;
pub use list::{Wanted, find, flights_on, list, n_waiting_since, seen, waiting_by};
pub use matching::{Change, changes_of};
pub use model::{Bound, Flight, Hold, HoldKind, Party, Traveller, TravellerId};
pub use named::{Named, named_at, named_keep};
pub use needs::{RideNeeds, need, ride_needs};
pub use pending::{PendingRoster, pending, pending_add, pending_correct, pending_drop};
pub use purge::{Destruction, destructions, purge, purgeable};
pub use results::{TestResult, results_of};
pub use rosters::{Roster, RosterEntry, RosterNote, roster, rosters_list};
pub use sampling::{Sampling, samplings_due};
pub use supposed::{Supposed, SupposedCity, SupposedPerson, suppose};

pub use crate::base::draft::Outcome;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use self::clearance::Candidate;
use self::import::Plan;
use self::model::{Counted, Mover};
use self::store::Of;
use crate::access::{Actor, Cell, Keyring};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Event, Tx};
use crate::ledger::{self, Act, Entry, Passing};
use crate::places::Organisation;
use crate::policy::{Facts, MoveCondition, Rulebook};

/// Locks travellers for this transaction and returns them as they are then, in the order of their ids.
/// [`NotFound`](Error::NotFound) if one of them does not exist.
pub fn lock(tx: &mut Tx<'_>, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    all_of(ids, |distinct| store::travellers_lock(tx, distinct))
}

/// The travellers with these ids, in the order of their ids.
pub fn get(conn: &mut Conn, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    all_of(ids, |distinct| store::travellers_by_id(conn, distinct))
}

fn all_of(ids: &[TravellerId], read: impl FnOnce(&[TravellerId]) -> Result<Vec<Traveller>>) -> Result<Vec<Traveller>> {
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.is_empty() {
        return Ok(Vec::new());
    }
    let found = read(&distinct)?;
    if found.len() == distinct.len() { Ok(found) } else { Err(Error::NotFound("traveller")) }
}

/// Since when something holds these people, by the latest hold that stands; whom nothing holds is missing.
pub fn held_since(conn: &mut Conn, ids: &[TravellerId]) -> Result<BTreeMap<TravellerId, DateTime<Utc>>> {
    store::held_since(conn, ids)
}

/// Everyone of the parties of these people, themselves among them.
pub fn with_their_parties(conn: &mut Conn, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    store::travellers_of_parties(conn, ids)
}

/// How many people an organisation answers for; everybody for whom anybody does, if none is named. For the system's own digests.
pub fn n_answered_for(conn: &mut Conn, custodian: Option<Id<Organisation>>) -> Result<i64> {
    store::n_answered_for(conn, custodian)
}

/// How many people each of these organisations answers for; who answers for nobody is missing.
pub fn answered_for(conn: &mut Conn, custodians: &[Id<Organisation>]) -> Result<HashMap<Id<Organisation>, i64>> {
    store::answered_for(conn, custodians)
}

/// Whether these people may move on `on`, judged with their whole parties. In the order of their ids.
pub fn clearances(conn: &mut Conn, rulebook: &Rulebook, ids: &[TravellerId], on: NaiveDate) -> Result<Vec<Clearance>> {
    let parties = with_their_parties(conn, ids)?;
    let candidates = candidates(conn, rulebook, &parties)?;
    let mut clearances = clearance::clear(&candidates, on);
    clearances.retain(|clearance| ids.contains(&clearance.traveller));
    clearances.sort_unstable_by_key(|clearance| clearance.traveller);
    Ok(clearances)
}

/// What clearance needs to know of these people.
fn candidates(conn: &mut Conn, rulebook: &Rulebook, people: &[Traveller]) -> Result<Vec<Candidate>> {
    let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
    let people: Vec<Mover> = people.iter().map(Mover::from).collect();
    store::candidates(conn, &people, Of::These(&ids), &|counted| wanted(rulebook, counted))
}

/// The tests that must be negative before the first move, and whether home must be approved.
fn wanted(rulebook: &Rulebook, counted: &Counted) -> (Vec<(TestKind, NaiveDate)>, bool) {
    let Some(policy) = desk::policy_named(rulebook, counted.policy.as_ref()) else { return (Vec::new(), false) };
    let home = policy.to_move.contains(&MoveCondition::HomeApproved);
    if !policy.to_move.contains(&MoveCondition::TestsNegative) {
        return (Vec::new(), home);
    }
    let calendar = policy.calendar(&Facts {
        border_at: counted.border_at,
        checked_in_at: counted.checked_in_at,
        last_exposed_on: counted.exposed_on,
        ..Facts::landed(counted.landed_at)
    });
    let tests = calendar.tests_due.iter().filter(|test| counted.transfer_on.is_some_and(|day| test.on <= day));
    let tests = tests.filter_map(|test| Some((sampling::sampled(test.kind)?, test.on)));
    (tests.collect(), home)
}

/// What counting needs to know of a traveller, with the dates on which they were moved.
pub fn facts<'a>(traveller: &Traveller, moved_on: &'a [NaiveDate]) -> Facts<'a> {
    Facts {
        border_at: traveller.border_at,
        checked_in_at: traveller.checked_in_at,
        last_exposed_on: traveller.exposed_on,
        moved_on,
        ..Facts::landed(traveller.landed_at)
    }
}

/// People who pass together, by one act.
pub struct Pass<'a> {
    /// Who; they are locked.
    pub people: &'a [Traveller],
    /// Where to.
    pub passing: Passing,
    /// By which act.
    pub act: Act,
}

/// Writes into the ledger who passed by which act, and brings what is cached of them up to it.
pub fn pass(tx: &mut Tx<'_>, passes: &[Pass<'_>]) -> Result<()> {
    let entries = passes.iter().flat_map(|pass| {
        let entry = |traveller: &Traveller| traveller.custody.follow(pass.passing, traveller.cell(), &pass.act).map(|(_, entry)| entry);
        pass.people.iter().map(move |traveller| entry(traveller).map_err(Error::Conflict))
    });
    let entries: Vec<Entry> = entries.collect::<Result<_>>()?;
    let n = entries.len();
    if n == 0 {
        return Ok(());
    }
    ledger::append(tx, entries)?;
    let acts: Vec<_> = passes.iter().map(|pass| pass.act.id).collect();
    let followed = store::custody_follow(tx, &acts)?;
    // Fewer rows mean that somebody passed between the lock and here, which the lock rules out.
    if followed == n { Ok(()) } else { Err(Error::Internal(anyhow::anyhow!("{followed} of {n} travellers followed the acts {acts:?}"))) }
}

/// Enters, or corrects, where somebody is bound for; only while they wait at the port or at a site of the port's city. The
/// policy of the destination counts from the landing on.
pub fn destine(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, id: TravellerId, destination: &str) -> Result<Traveller> {
    actor.must(crate::access::Act::EditTraveller)?;
    let before = lock_seen(tx, actor, id)?;
    if !before.is_waiting_to_move() {
        return Err(Error::Refused(Message::new("already_moving")));
    }
    let destination = rulebook.places.resolve(destination).map_err(|unresolved| Error::invalid("destination", unresolved.message()))?;
    let plan = Plan::of(rulebook, &destination, before.landed_at).map_err(Error::Refused)?;
    let act = tx.new_id::<Act>().uuid();
    let landed_at = before.landed_at;
    replan(tx, &before, Some(&plan), landed_at, act, actor.name())?;
    let after = lock_one(tx, id)?;
    if after.exposed_on.is_none() {
        return Ok(after);
    }
    exposure::recount(tx, rulebook, &after)?;
    lock_one(tx, id)
}

/// Parts one person from the party, or puts them into another's, by a person's decision: the rest may then move without them.
pub fn part(tx: &mut Tx<'_>, actor: &Actor, id: TravellerId, join: Option<TravellerId>) -> Result<Traveller> {
    actor.must(crate::access::Act::EditTraveller)?;
    let before = lock_seen(tx, actor, id)?;
    let party = match join {
        None => Id::from_uuid(id.uuid()),
        Some(other) => {
            let other = lock_seen(tx, actor, other)?;
            if other.flight != before.flight {
                return Err(Error::Refused(Message::new("party_of_another_flight")));
            }
            other.party
        }
    };
    store::party_change(tx, &before, party)?;
    tx.record(Event { kind: "party_changed", subject: id.uuid(), place: None, facts: serde_json::json!({"by": actor.name()}) })?;
    lock_one(tx, id)
}

/// Records that the rest of the term at home was applied for and approved (`shanghai-7+7-home`), or no longer.
pub fn approve_home(tx: &mut Tx<'_>, actor: &Actor, id: TravellerId, approved: bool) -> Result<Traveller> {
    actor.must(crate::access::Act::EditTraveller)?;
    let before = lock_seen(tx, actor, id)?;
    store::home_approve(tx, &before, approved)?;
    lock_one(tx, id)
}

/// Opens who somebody is. The reason is kept in the audit trail by the door that asks.
pub fn identity(conn: &mut Conn, actor: &Actor, keyring: &Keyring, id: TravellerId) -> Result<Identity> {
    actor.must(crate::access::Act::RevealIdentity)?;
    list::must_see(conn, actor, id)?;
    let sealed = store::sealed_identity(conn, id)?.ok_or(Error::NotFound("traveller"))?;
    sealed.ok_or_else(|| Error::Refused(Message::new("identity_destroyed")))?.open(keyring, id)
}

/// The identities of many, for lists that show them masked and for the papers of a trip; those that were destroyed are missing.
pub fn identities(conn: &mut Conn, keyring: &Keyring, ids: &[TravellerId]) -> Result<Vec<(TravellerId, Identity)>> {
    store::sealed_identities(conn, ids)?.into_iter().map(|(id, sealed)| Ok((id, sealed.open(keyring, id)?))).collect()
}

/// Seals words about somebody under their own key, so that destroying it destroys the words too.
pub fn seal_about(tx: &mut Tx<'_>, keyring: &Keyring, id: TravellerId, cell: Cell, words: &str) -> Result<Vec<u8>> {
    let sealed = store::sealed_identity(tx, id)?.ok_or(Error::NotFound("traveller"))?;
    let sealed = sealed.ok_or_else(|| Error::Refused(Message::new("identity_destroyed")))?;
    sealed.seal_beside(keyring, id, cell, words, tx.chance())
}

/// Opens words that were sealed about people, in their order; none for those whose identity is destroyed.
pub fn open_about(conn: &mut Conn, keyring: &Keyring, words: &[(TravellerId, Cell, &[u8])]) -> Result<Vec<Option<String>>> {
    let ids: Vec<TravellerId> = words.iter().map(|(id, ..)| *id).collect();
    let sealed: BTreeMap<TravellerId, sealed::SealedIdentity> = store::sealed_identities(conn, &ids)?.into_iter().collect();
    words.iter().map(|(id, cell, text)| sealed.get(id).map(|sealed| sealed.open_beside(keyring, *id, *cell, text)).transpose()).collect()
}

/// Locks one who exists for the actor.
fn lock_seen(tx: &mut Tx<'_>, actor: &Actor, id: TravellerId) -> Result<Traveller> {
    list::must_see(tx, actor, id)?;
    lock_one(tx, id)
}

fn lock_one(tx: &mut Tx<'_>, id: TravellerId) -> Result<Traveller> {
    lock(tx, &[id])?.pop().ok_or(Error::NotFound("traveller"))
}

/// Counts somebody anew for another destination or landing, and moves them to its cell of the figures by an entry of the ledger.
fn replan(tx: &mut Tx<'_>, before: &Traveller, plan: Option<&Plan>, landed_at: DateTime<Utc>, act: uuid::Uuid, actor: &str) -> Result<()> {
    store::plan_change(tx, before.id, plan, landed_at)?;
    let now = tx.now();
    let after = get(tx, &[before.id])?.pop().ok_or(Error::NotFound("traveller"))?;
    if after.cell() != before.cell() {
        let act = Act { id: act, actor: actor.to_owned(), happened_at: now, recorded_at: now };
        let (_, entry) = before.custody.follow(Passing::Reassign, after.cell(), &act).map_err(Error::Conflict)?;
        ledger::append_reassigned(tx, vec![(before.cell(), entry)])?;
        store::custody_follow(tx, &[act.id])?;
    }
    Ok(())
}
