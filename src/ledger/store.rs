//! Rows of `custody_entries` and `custody_flows`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Cell, Entry, EntryHash, Kind, Person, Stock};
use crate::base::{Error, Id, Result, time};
use crate::db::schema::{custody_entries, custody_flows};
use crate::db::{At, Conn, Tx, insert_all};
use crate::places::Organisation;

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = custody_entries, treat_none_as_default_value = false)]
struct EntryRow {
    traveller_id: Id<Person>,
    seq: i32,
    kind: String,
    from_custodian: Option<Id<Organisation>>,
    to_custodian: Option<Id<Organisation>>,
    from_stock: Option<String>,
    to_stock: String,
    province: Option<String>,
    city: Option<String>,
    policy: Option<String>,
    happened_at: At,
    recorded_at: At,
    actor: String,
    act_id: Id<()>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = custody_flows, treat_none_as_default_value = false)]
struct FlowRow {
    happened_on: NaiveDate,
    recorded_at: At,
    is_late: bool,
    province: Option<String>,
    city: Option<String>,
    policy: Option<String>,
    kind: &'static str,
    from_stock: Option<&'static str>,
    to_stock: Option<&'static str>,
    n: i32,
}

/// Writes entries and, in the same transaction, the flows they add up to.
pub(super) fn entries_insert(tx: &mut Tx<'_>, entries: Vec<Entry>, reassigned_from: &[(usize, Cell)]) -> Result<()> {
    let flows = flows_of(&entries, reassigned_from)?;
    let rows: Vec<EntryRow> = entries.into_iter().map(EntryRow::from).collect();
    insert_all!(tx, custody_entries::table, &rows)?;
    insert_all!(tx, custody_flows::table, &flows)
}

/// A reassignment leaves one cell and enters another, so it is two flows, each with one open end.
fn flows_of(entries: &[Entry], reassigned_from: &[(usize, Cell)]) -> Result<Vec<FlowRow>> {
    type Key<'e> = (NaiveDate, &'e Cell, &'static str, Option<&'static str>, Option<&'static str>);
    let mut sums: BTreeMap<Key<'_>, i32> = BTreeMap::new();
    let mut recorded_at = None;
    for (n, entry) in entries.iter().enumerate() {
        recorded_at = Some(entry.recorded_at);
        let (day, kind) = (entry.happened_on(), entry.kind.name());
        let (from, to) = (entry.from.map(|(_, stock)| stock.name()), Some(entry.to_stock.name()));
        match reassigned_from.iter().find(|(index, _)| *index == n) {
            Some((_, left)) => {
                *sums.entry((day, left, kind, from, None)).or_default() += 1;
                *sums.entry((day, &entry.cell, kind, None, to)).or_default() += 1;
            }
            None => *sums.entry((day, &entry.cell, kind, from, to)).or_default() += 1,
        }
    }
    let Some(recorded_at) = recorded_at else { return Ok(Vec::new()) };
    let recorded_on = time::civil_date(recorded_at);
    let rows = sums.into_iter().map(|((happened_on, cell, kind, from_stock, to_stock), n)| FlowRow {
        happened_on,
        recorded_at: At(recorded_at),
        is_late: recorded_on > happened_on,
        province: cell.province.clone(),
        city: cell.city.clone(),
        policy: cell.policy.clone(),
        kind,
        from_stock,
        to_stock,
        n,
    });
    Ok(rows.collect())
}

/// A traveller's entries, oldest first.
pub(super) fn entries_of(conn: &mut Conn, traveller: Id<Person>) -> Result<Vec<Entry>> {
    let rows: Vec<EntryRow> =
        custody_entries::table.filter(custody_entries::traveller_id.eq(traveller)).order(custody_entries::seq).select(EntryRow::as_select()).load(conn)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The next `limit` entries after a traveller's last, by traveller and number: all of the ledger, a part at a time.
pub(super) fn entries_after(conn: &mut Conn, after: Option<Id<Person>>, limit: i64) -> Result<Vec<Entry>> {
    let mut query = custody_entries::table.order((custody_entries::traveller_id, custody_entries::seq)).limit(limit).select(EntryRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(custody_entries::traveller_id.gt(after));
    }
    let rows: Vec<EntryRow> = query.load(conn)?;
    rows.into_iter().map(Entry::try_from).collect()
}

impl From<Entry> for EntryRow {
    fn from(entry: Entry) -> Self {
        Self {
            traveller_id: entry.traveller,
            seq: entry.seq,
            kind: entry.kind.name().into(),
            from_custodian: entry.from.map(|(giver, _)| giver),
            to_custodian: entry.to,
            from_stock: entry.from.map(|(_, stock)| stock.name().into()),
            to_stock: entry.to_stock.name().into(),
            province: entry.cell.province,
            city: entry.cell.city,
            policy: entry.cell.policy,
            happened_at: At(entry.happened_at),
            recorded_at: At(entry.recorded_at),
            actor: entry.actor,
            act_id: Id::from_uuid(entry.act),
            prev_hash: entry.prev_hash.to_vec(),
            hash: entry.hash.to_vec(),
        }
    }
}

impl TryFrom<EntryRow> for Entry {
    type Error = Error;

    fn try_from(row: EntryRow) -> Result<Self> {
        let (traveller, seq) = (row.traveller_id, row.seq);
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("custody_entries.{column} of {traveller}/{seq} holds what it cannot"));
        let hash = |bytes: Vec<u8>, column| EntryHash::try_from(bytes).map_err(|_| bad(column));
        let stock = |name: &str, column| Stock::from_name(name).ok_or_else(|| bad(column));
        let from_stock = row.from_stock.as_deref().map(|name| stock(name, "from_stock")).transpose()?;
        Ok(Self {
            traveller,
            seq,
            kind: Kind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
            from: row.from_custodian.zip(from_stock),
            to: row.to_custodian,
            to_stock: stock(&row.to_stock, "to_stock")?,
            cell: Cell { province: row.province, city: row.city, policy: row.policy },
            happened_at: row.happened_at.0,
            recorded_at: row.recorded_at.0,
            actor: row.actor,
            act: row.act_id.uuid(),
            prev_hash: hash(row.prev_hash, "prev_hash")?,
            hash: hash(row.hash, "hash")?,
        })
    }
}
