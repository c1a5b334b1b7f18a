//! Arrivals: who landed, with whom, bound for where; what was found out about them and what holds them; who may move.
//!
//! Whoever changes a fact about a traveller first locks the traveller ([`lock`]), so that two acts on one person happen one
//! after the other on every engine.

mod clearance;
mod model;
mod results;
mod store;

pub use clearance::{Block, Clearance};
pub use model::{Bound, Flight, Hold, HoldKind, Party, Traveller, TravellerId};
pub use results::{TestKind, TestOutcome};

use crate::base::{Error, Result};
use crate::db::{Conn, Tx};
use crate::ledger::{self, Act, Entry, Passing};

/// Locks travellers for this transaction and returns them as they are then, in the order of their ids.
/// [`NotFound`](Error::NotFound) if one of them does not exist.
pub fn lock(tx: &mut Tx<'_>, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    store::travellers_lock(tx, ids)?;
    get(tx, ids)
}

/// The travellers with these ids, in the order of their ids.
pub fn get(conn: &mut Conn, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    let mut distinct = ids.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let found = store::travellers_by_id(conn, &distinct)?;
    if found.len() == distinct.len() { Ok(found) } else { Err(Error::NotFound("traveller")) }
}

/// Everyone of the parties of these people, themselves among them.
pub fn with_their_parties(conn: &mut Conn, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    store::travellers_of_parties(conn, ids)
}

/// Writes into the ledger that locked travellers passed, and brings what is cached of them up to it. All are one act.
pub fn pass(tx: &mut Tx<'_>, travellers: &[Traveller], passing: Passing, act: &Act) -> Result<()> {
    let entries: Vec<Entry> = travellers
        .iter()
        .map(|traveller| traveller.custody.follow(passing, traveller.cell(), act).map(|(_, entry)| entry).map_err(Error::Conflict))
        .collect::<Result<_>>()?;
    let n = entries.len();
    ledger::append(tx, entries)?;
    let followed = store::custody_follow(tx, act.id)?;
    // Fewer rows mean that somebody passed between the lock and here, which the lock rules out.
    if followed == n { Ok(()) } else { Err(Error::Internal(anyhow::anyhow!("{followed} of {n} travellers followed act {}", act.id))) }
}
