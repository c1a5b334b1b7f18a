//! The custody ledger: for every traveller one unbroken, append-only chain of who answered for them, from landing to release.
//!
//! It stands below arrivals, because landing writes the first entry, and below custody, whose handoffs write the others.
//! It knows nothing of a person but their id, and nothing of why somebody passed.

mod day;
mod kept;
mod merkle;
mod model;
mod store;

pub use day::{DayRoot, Days, GRACE, each_entry_of, last_complete_day, last_root, seal, sealed_days, unsealed};
pub use kept::{Keepers, KeptDay, RootReceipt, acknowledge, every_receipt, keepers, kept, kept_days, sealed_day};
pub use model::{Act, Cell, Custody, Entry, EntryHash, Fault, Kind, Passing, Person, Stock, moved_on};

use crate::base::{Id, Result};
use crate::db::{Conn, Tx};

/// Appends entries, all recorded at the same instant, and the flows they add up to. The database refuses an entry that does not
/// follow its traveller's last one ([`Conflict`](crate::base::Error::Conflict) `custody_chain`).
pub fn append(tx: &mut Tx<'_>, entries: Vec<Entry>) -> Result<()> {
    store::entries_insert(tx, entries, &[])
}

/// Appends reassignments, each with the cell that its traveller leaves.
pub fn append_reassigned(tx: &mut Tx<'_>, entries: Vec<(Cell, Entry)>) -> Result<()> {
    let (left, entries): (Vec<_>, Vec<_>) = entries.into_iter().enumerate().map(|(n, (left, entry))| ((n, left), entry)).unzip();
    store::entries_insert(tx, entries, &left)
}

/// A traveller's chain, oldest first.
pub fn history(conn: &mut Conn, traveller: Id<Person>) -> Result<Vec<Entry>> {
    store::entries_of(conn, traveller)
}

/// Walks the whole ledger in chains of one traveller each, in order of their ids, holding a few thousand entries at a time.
pub fn each_chain(conn: &mut Conn, mut visit: impl FnMut(&[Entry]) -> Result<()>) -> Result<()> {
    const PART: i64 = 5_000;
    let mut after = None;
    loop {
        let mut part = store::entries_after(conn, after, PART)?;
        let is_last = part.len() < PART as usize;
        if !is_last {
            // The last chain may go on beyond the part; it is read whole with the next.
            let cut = part.iter().rposition(|entry| entry.seq == 1).filter(|&cut| cut > 0).unwrap_or(part.len());
            part.truncate(cut);
        }
        for chain in part.chunk_by(|a, b| a.traveller == b.traveller) {
            visit(chain)?;
        }
        after = part.last().map(|entry| entry.traveller);
        if is_last || after.is_none() {
            return Ok(());
        }
    }
}
