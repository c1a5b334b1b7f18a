//! Days of the ledger under one hash each. A day holds what was recorded on it, in Shanghai, whenever it happened, so it is complete once the day
//! is over; its root is chained to the day before, so whoever has kept one day's chain value recognises every day up to it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::merkle::Tree;
use super::model::{Entry, EntryHash};
use super::store;
use crate::base::{Result, time};
use crate::db::{Conn, Tx};

/// How long after midnight a day is left open for what was begun before: no transaction lasts as long.
pub const GRACE: TimeDelta = TimeDelta::minutes(10);

/// A day under its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRoot {
    /// The day.
    pub on: NaiveDate,
    /// How many entries were recorded on it; never none.
    pub n_entries: u64,
    /// The Merkle root over their hashes, in the order of travellers and numbers.
    pub root: EntryHash,
    /// The chain value of the day before that had entries; zeros for the first.
    pub previous: EntryHash,
    /// SHA-256 over a byte 2, the previous chain value, the date as text (2020-09-12), the number of entries (8 bytes, the highest first)
    /// and the root.
    pub chain: EntryHash,
}

impl DayRoot {
    fn new(on: NaiveDate, tree: &Tree, previous: EntryHash) -> Self {
        let (n_entries, root) = (tree.n_leaves(), tree.root());
        let chain = Sha256::new().chain_update([2]).chain_update(previous).chain_update(on.to_string()).chain_update(n_entries.to_be_bytes());
        Self { on, n_entries, root, previous, chain: chain.chain_update(root).finalize().into() }
    }
}

/// Adds up days entry by entry; entries come in the order of travellers and numbers.
#[derive(Debug, Default)]
pub struct Days(std::collections::BTreeMap<NaiveDate, Tree>);

impl Days {
    /// Adds an entry to the day on which it was recorded.
    pub fn add(&mut self, recorded_at: DateTime<Utc>, hash: &EntryHash) {
        self.0.entry(time::civil_date(recorded_at)).or_default().push(hash);
    }

    /// A day, chained to `previous`; none if nothing was recorded on it.
    pub fn root_of(&self, on: NaiveDate, previous: EntryHash) -> Option<DayRoot> {
        self.0.get(&on).map(|tree| DayRoot::new(on, tree, previous))
    }

    /// The days on which something was recorded.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.0.keys().copied()
    }

    /// The days, the first chained to `previous`.
    pub fn roots(&self, previous: EntryHash) -> Vec<DayRoot> {
        let chained = self.0.iter().scan(previous, |previous, (on, tree)| {
            let root = DayRoot::new(*on, tree, *previous);
            *previous = root.chain;
            Some(root)
        });
        chained.collect()
    }
}

/// The last day that is over at `now` and complete.
pub fn last_complete_day(now: DateTime<Utc>) -> NaiveDate {
    time::civil_date(now - GRACE) - chrono::Days::new(1)
}

/// The roots of the days after the last sealed one, up to `through`. Reads the ledger once, unless nothing is left to seal.
pub fn unsealed(conn: &mut Conn, through: NaiveDate) -> Result<Vec<DayRoot>> {
    const PART: i64 = 20_000;
    let last = store::roots_last(conn)?;
    // Asked at every start of a worker, mostly after the day has been sealed.
    if last.as_ref().is_some_and(|last| last.on >= through) {
        return Ok(Vec::new());
    }
    let from = last.as_ref().map(|last| time::end_of(last.on));
    let (mut days, mut after) = (Days::default(), None);
    loop {
        let part = store::hashes_recorded(conn, from, time::end_of(through), after, PART)?;
        part.iter().for_each(|(_, _, recorded_at, hash)| days.add(*recorded_at, hash));
        after = part.last().map(|(traveller, seq, ..)| (*traveller, *seq));
        if part.len() < PART as usize {
            return Ok(days.roots(last.map_or([0; 32], |last| last.chain)));
        }
    }
}

/// Seals these days; those that another node has sealed meanwhile are left.
pub fn seal(tx: &mut Tx<'_>, days: &[DayRoot]) -> Result<()> {
    store::roots_lock(tx)?;
    let last = store::roots_last(tx)?.map(|last| last.on);
    let new: Vec<&DayRoot> = days.iter().filter(|day| last.is_none_or(|last| day.on > last)).collect();
    store::roots_insert(tx, &new)
}

/// The last sealed day.
pub fn last_root(conn: &mut Conn) -> Result<Option<DayRoot>> {
    store::roots_last(conn)
}

/// The sealed days, the first first.
pub fn sealed_days(conn: &mut Conn) -> Result<Vec<DayRoot>> {
    store::roots(conn)
}

/// Walks the entries that were recorded on a day, in the order of travellers and numbers, a part at a time.
pub fn each_entry_of(conn: &mut Conn, on: NaiveDate, mut visit: impl FnMut(&Entry) -> Result<()>) -> Result<()> {
    const PART: i64 = 5_000;
    let mut after = None;
    loop {
        let part = store::entries_recorded(conn, time::midnight(on), time::end_of(on), after, PART)?;
        part.iter().try_for_each(&mut visit)?;
        after = part.last().map(|entry| (entry.traveller, entry.seq));
        if part.len() < PART as usize {
            return Ok(());
        }
    }
}
