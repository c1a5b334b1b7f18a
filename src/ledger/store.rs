//! Rows of `custody_entries`, `custody_flows`, `ledger_roots` and `root_receipts`. Reads `organisations` for the codes of who keeps a root.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{exists, max, not};
use diesel::prelude::*;

use super::day::DayRoot;
use super::kept::RootReceipt;
use super::model::{Cell, Entry, EntryHash, Kind, Person, Stock};
use crate::access::OrganisationCode;
use crate::base::{Error, Id, Result, time};
use crate::db::schema::{custody_entries, custody_flows, ledger_roots, organisations, root_receipts};
use crate::db::{At, Conn, Multi, Tx, insert_all};
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

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = ledger_roots, treat_none_as_default_value = false)]
struct RootRow {
    on_date: NaiveDate,
    n_entries: i64,
    root: Vec<u8>,
    previous: Vec<u8>,
    chain: Vec<u8>,
    sealed_at: At,
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

type Cursor = (Id<Person>, i32);

/// Entries recorded before `until`, and not before `from`, by traveller and number, after `after`.
fn recorded(from: Option<DateTime<Utc>>, until: DateTime<Utc>, after: Option<Cursor>, limit: i64) -> custody_entries::BoxedQuery<'static, Multi> {
    let mut query = custody_entries::table.filter(custody_entries::recorded_at.lt(At(until))).into_boxed();
    query = query.order((custody_entries::traveller_id, custody_entries::seq)).limit(limit);
    if let Some(from) = from {
        query = query.filter(custody_entries::recorded_at.ge(At(from)));
    }
    if let Some((traveller, seq)) = after {
        let later = custody_entries::traveller_id.gt(traveller).or(custody_entries::traveller_id.eq(traveller).and(custody_entries::seq.gt(seq)));
        query = query.filter(custody_entries::traveller_id.ge(traveller)).filter(later);
    }
    query
}

/// The hashes of entries recorded before `until`, and not before `from`, by traveller and number, after `after`.
pub(super) fn hashes_recorded(
    conn: &mut Conn,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<(Id<Person>, i32, DateTime<Utc>, EntryHash)>> {
    let columns = (custody_entries::traveller_id, custody_entries::seq, custody_entries::recorded_at, custody_entries::hash);
    let rows: Vec<(Id<Person>, i32, At, Vec<u8>)> = recorded(from, until, after, limit).select(columns).load(conn)?;
    let hash = |(traveller, seq, at, hash): (Id<Person>, i32, At, Vec<u8>)| {
        let bad = |_| Error::Internal(anyhow::anyhow!("custody_entries.hash of {traveller}/{seq} holds what it cannot"));
        Ok((traveller, seq, at.0, EntryHash::try_from(hash).map_err(bad)?))
    };
    rows.into_iter().map(hash).collect()
}

/// The entries recorded from `from` until before `until`, by traveller and number, after `after`.
pub(super) fn entries_recorded(conn: &mut Conn, from: DateTime<Utc>, until: DateTime<Utc>, after: Option<Cursor>, limit: i64) -> Result<Vec<Entry>> {
    let rows: Vec<EntryRow> = recorded(Some(from), until, after, limit).select(EntryRow::as_select()).load(conn)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Lets nobody else seal until the transaction ends.
pub(super) fn roots_lock(tx: &mut Tx<'_>) -> Result<()> {
    if matches!(&**tx, Conn::Postgres(_)) {
        tx.batch("LOCK TABLE ledger_roots IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// Writes the roots of days, in their order.
pub(super) fn roots_insert(tx: &mut Tx<'_>, days: &[&DayRoot]) -> Result<()> {
    let sealed_at = At(tx.now());
    let row = |day: &&DayRoot| {
        let n_entries = i64::try_from(day.n_entries).map_err(|cause| Error::Internal(cause.into()))?;
        let [root, previous, chain] = [day.root, day.previous, day.chain].map(|hash| hash.to_vec());
        Ok(RootRow { on_date: day.on, n_entries, root, previous, chain, sealed_at })
    };
    let rows: Vec<RootRow> = days.iter().map(row).collect::<Result<_>>()?;
    insert_all!(tx, ledger_roots::table, &rows)
}

/// The sealed days, the first first.
pub(super) fn roots(conn: &mut Conn) -> Result<Vec<DayRoot>> {
    let rows: Vec<RootRow> = ledger_roots::table.order(ledger_roots::on_date).select(RootRow::as_select()).load(conn)?;
    rows.into_iter().map(DayRoot::try_from).collect()
}

/// At most `limit` sealed days before `before`, the newest first.
pub(super) fn roots_before(conn: &mut Conn, before: Option<NaiveDate>, limit: i64) -> Result<Vec<DayRoot>> {
    let mut query = ledger_roots::table.order(ledger_roots::on_date.desc()).limit(limit).select(RootRow::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(ledger_roots::on_date.lt(before));
    }
    let rows: Vec<RootRow> = query.load(conn)?;
    rows.into_iter().map(DayRoot::try_from).collect()
}

/// One sealed day.
pub(super) fn root(conn: &mut Conn, on: NaiveDate) -> Result<Option<DayRoot>> {
    let row: Option<RootRow> = ledger_roots::table.find(on).select(RootRow::as_select()).first(conn).optional()?;
    row.map(DayRoot::try_from).transpose()
}

/// Writes that somebody keeps a day.
pub(super) fn receipt_insert(tx: &mut Tx<'_>, receipt: &RootReceipt) -> Result<()> {
    let row = (
        root_receipts::on_date.eq(receipt.on),
        root_receipts::organisation_id.eq(Organisation::id_of(receipt.organisation.as_str())),
        root_receipts::chain.eq(receipt.chain.to_vec()),
        root_receipts::kept_by.eq(&receipt.by),
        root_receipts::kept_at.eq(At(receipt.at)),
        root_receipts::signature.eq(receipt.signature.to_vec()),
    );
    diesel::insert_into(root_receipts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

diesel::alias!(
    const LATER: Alias<Later> = root_receipts as later;
);

type ReceiptRow = (NaiveDate, Vec<u8>, String, String, At, Vec<u8>);

/// Every receipt with the code of who keeps the day.
#[diesel::dsl::auto_type]
fn receipts_told() -> _ {
    root_receipts::table.inner_join(organisations::table.on(organisations::id.eq(root_receipts::organisation_id))).select((
        root_receipts::on_date,
        root_receipts::chain,
        organisations::code,
        root_receipts::kept_by,
        root_receipts::kept_at,
        root_receipts::signature,
    ))
}

/// What an organisation keeps, or everybody, of some days or all, the oldest day first.
pub(super) fn receipts(conn: &mut Conn, of: Option<&OrganisationCode>, days: Option<RangeInclusive<NaiveDate>>) -> Result<Vec<RootReceipt>> {
    let mut query = receipts_told().order((root_receipts::on_date, organisations::code)).into_boxed();
    if let Some(of) = of {
        query = query.filter(organisations::code.eq(of.as_str()));
    }
    if let Some(days) = days {
        query = query.filter(root_receipts::on_date.between(*days.start(), *days.end()));
    }
    let rows: Vec<ReceiptRow> = query.load(conn)?;
    rows.into_iter().map(receipt_of).collect()
}

/// The newest day that each organisation keeps, in the order of their codes.
pub(super) fn receipts_newest(conn: &mut Conn) -> Result<Vec<RootReceipt>> {
    let is_later = LATER.field(root_receipts::on_date).gt(root_receipts::on_date);
    let later = LATER.filter(LATER.field(root_receipts::organisation_id).eq(root_receipts::organisation_id).and(is_later));
    let rows: Vec<ReceiptRow> = receipts_told().filter(not(exists(later))).order(organisations::code).load(conn)?;
    rows.into_iter().map(receipt_of).collect()
}

/// The receipts for days that are sealed with another chain value now, or not at all.
pub(super) fn receipts_differing(conn: &mut Conn) -> Result<Vec<RootReceipt>> {
    let same = ledger_roots::table.filter(ledger_roots::on_date.eq(root_receipts::on_date).and(ledger_roots::chain.eq(root_receipts::chain)));
    let rows: Vec<ReceiptRow> = receipts_told().filter(not(exists(same))).order((root_receipts::on_date, organisations::code)).load(conn)?;
    rows.into_iter().map(receipt_of).collect()
}

fn receipt_of((on, chain, code, by, at, signature): ReceiptRow) -> Result<RootReceipt> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("root_receipts.{column} of {on} holds what it cannot"));
    Ok(RootReceipt {
        on,
        chain: chain.try_into().map_err(|_| bad("chain"))?,
        organisation: code.parse().map_err(|_| bad("organisation_id"))?,
        by,
        at: at.0,
        signature: signature.try_into().map_err(|_| bad("signature"))?,
    })
}

/// The last sealed day.
pub(super) fn roots_last(conn: &mut Conn) -> Result<Option<DayRoot>> {
    let Some(last) = ledger_roots::table.select(max(ledger_roots::on_date)).first::<Option<NaiveDate>>(conn)? else { return Ok(None) };
    let row: RootRow = ledger_roots::table.find(last).select(RootRow::as_select()).first(conn)?;
    row.try_into().map(Some)
}

impl TryFrom<RootRow> for DayRoot {
    type Error = Error;

    fn try_from(row: RootRow) -> Result<Self> {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("ledger_roots.{column} of {} holds what it cannot", row.on_date));
        let hash = |bytes: &[u8], column| EntryHash::try_from(bytes).map_err(|_| bad(column));
        Ok(Self {
            on: row.on_date,
            n_entries: row.n_entries.unsigned_abs(),
            root: hash(&row.root, "root")?,
            previous: hash(&row.previous, "previous")?,
            chain: hash(&row.chain, "chain")?,
        })
    }
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
