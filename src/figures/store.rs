//! Sums of `custody_flows`, rows of `day_stocks` with the mark up to which they hold, and of `day_seals`. The ledger writes the flows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{max, min, sum};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Flow, Standing};
use super::seal::{Correction, Digest, SealedDay};
use crate::base::{Error, Id, Result, time};
use crate::db::schema::{custody_flows, day_seals, day_stocks, day_stocks_mark};
use crate::db::{At, Conn, Kept, Multi, Tx, insert_all};
use crate::ledger::{Cell, Kind, Stock};

/// Up to where `day_stocks` holds.
#[derive(Debug, Clone, Copy, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = day_stocks_mark)]
pub(super) struct Mark {
    /// The last day that is there.
    pub(super) closed_through: NaiveDate,
    /// The last flow that is counted in.
    pub(super) flow_id: i64,
}

/// A row is there for every day and every stock that is not empty, also where nothing changed: cells are places times policies,
/// a few hundred, and a day is then read as one range instead of by a search for the last row of each cell.
#[derive(Insertable)]
#[diesel(table_name = day_stocks, treat_none_as_default_value = false)]
struct DayStockRow<'s> {
    on_date: NaiveDate,
    province: &'s str,
    city: &'s str,
    policy: &'s str,
    stock: &'static str,
    n: i32,
}

type Filter = Box<dyn BoxableExpression<custody_flows::table, Multi, SqlType = Bool>>;
type SumRow = (Option<String>, Option<String>, Option<String>, String, Option<String>, Option<String>, Option<i64>);

/// The flows of a day, with those recorded by `as_of` only, if given.
pub(super) fn flows_on(conn: &mut Conn, on: NaiveDate, as_of: Option<DateTime<Utc>>) -> Result<Vec<Flow>> {
    match as_of {
        None => flows_sum(conn, Box::new(custody_flows::happened_on.eq(on))),
        Some(at) => flows_sum(conn, Box::new(custody_flows::happened_on.eq(on).and(custody_flows::recorded_at.le(At(at))))),
    }
}

/// The flows of a day up to number `last`.
pub(super) fn flows_on_up_to(conn: &mut Conn, on: NaiveDate, last: i64) -> Result<Vec<Flow>> {
    flows_sum(conn, Box::new(custody_flows::happened_on.eq(on).and(custody_flows::id.le(last))))
}

/// The flows after a day (from the first on, if none) and up to another.
pub(super) fn flows_between(conn: &mut Conn, after: Option<NaiveDate>, through: NaiveDate) -> Result<Vec<Flow>> {
    match after {
        None => flows_sum(conn, Box::new(custody_flows::happened_on.le(through))),
        Some(after) => flows_sum(conn, Box::new(custody_flows::happened_on.gt(after).and(custody_flows::happened_on.le(through)))),
    }
}

/// The flows up to a day that are younger than number `last`. Bounded on both sides, so that an engine without statistics goes
/// by the number and not by the day.
pub(super) fn flows_newer(conn: &mut Conn, last: i64, through: NaiveDate) -> Result<Vec<Flow>> {
    flows_sum(conn, Box::new(custody_flows::id.between(last + 1, i64::MAX).and(custody_flows::happened_on.le(through))))
}

/// The flows up to a day that nobody knew of at `at`. A flow that is not late is of the day of its recording or a later one, so
/// it is found among those days; a late one by its own index.
pub(super) fn flows_unknown_at(conn: &mut Conn, at: DateTime<Utc>, through: NaiveDate) -> Result<Vec<Flow>> {
    let (today, unknown) = (time::civil_date(at), custody_flows::recorded_at.gt(At(at)));
    let since = custody_flows::happened_on.ge(today).and(custody_flows::happened_on.le(through));
    let late = custody_flows::is_late.and(custody_flows::happened_on.le(through)).and(custody_flows::happened_on.lt(today));
    let mut flows = flows_sum(conn, Box::new(since.and(unknown)))?;
    flows.extend(flows_sum(conn, Box::new(late.and(unknown)))?);
    Ok(flows)
}

/// The last day that anything has happened on.
pub(super) fn last_day(conn: &mut Conn) -> Result<Option<NaiveDate>> {
    Ok(custody_flows::table.select(max(custody_flows::happened_on)).first(conn)?)
}

/// Whether `day` is closed and nothing was recorded since.
pub(super) fn is_closed(conn: &mut Conn, day: NaiveDate) -> Result<bool> {
    let last = last_flow(conn)?;
    Ok(mark(conn)?.is_some_and(|mark| mark.closed_through >= day && mark.flow_id == last))
}

fn flows_sum(conn: &mut Conn, wanted: Filter) -> Result<Vec<Flow>> {
    let key = (custody_flows::province, custody_flows::city, custody_flows::policy, custody_flows::kind, custody_flows::from_stock, custody_flows::to_stock);
    let rows: Vec<SumRow> = custody_flows::table
        .group_by(key)
        .select((
            custody_flows::province,
            custody_flows::city,
            custody_flows::policy,
            custody_flows::kind,
            custody_flows::from_stock,
            custody_flows::to_stock,
            sum(custody_flows::n),
        ))
        .filter(wanted)
        .load(conn)?;
    rows.into_iter().map(flow).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = custody_flows)]
struct RawFlow {
    id: i64,
    happened_on: NaiveDate,
    recorded_at: At,
    is_late: bool,
    province: Option<String>,
    city: Option<String>,
    policy: Option<String>,
    kind: String,
    from_stock: Option<String>,
    to_stock: Option<String>,
    n: i32,
}

/// A row of `custody_flows`.
pub(super) struct FlowRow {
    pub(super) id: i64,
    pub(super) happened_on: NaiveDate,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) is_late: bool,
    pub(super) flow: Flow,
}

/// At most `limit` rows of flows after number `after`.
pub(super) fn flows_after(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<FlowRow>> {
    let rows: Vec<RawFlow> =
        custody_flows::table.filter(custody_flows::id.gt(after)).order(custody_flows::id).limit(limit).select(RawFlow::as_select()).load(conn)?;
    rows.into_iter().map(FlowRow::try_from).collect()
}

impl TryFrom<RawFlow> for FlowRow {
    type Error = Error;

    fn try_from(row: RawFlow) -> Result<Self> {
        let flow = flow((row.province, row.city, row.policy, row.kind, row.from_stock, row.to_stock, Some(row.n.into())))?;
        Ok(Self { id: row.id, happened_on: row.happened_on, recorded_at: row.recorded_at.0, is_late: row.is_late, flow })
    }
}

fn flow((province, city, policy, kind, from, to, n): SumRow) -> Result<Flow> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("custody_flows.{column} holds what it cannot"));
    let stock = |name: Option<String>, column| name.map(|name| Stock::from_name(&name).ok_or_else(|| bad(column))).transpose();
    Ok(Flow {
        cell: Cell { province, city, policy },
        kind: Kind::from_name(&kind).ok_or_else(|| bad("kind"))?,
        from: stock(from, "from_stock")?,
        to: stock(to, "to_stock")?,
        n: n.unwrap_or_default(),
    })
}

/// Keeps other transactions from adding flows until this one ends. On PostgreSQL numbers are given before the commit, so the
/// largest that can be seen is the last only while nobody else is adding; the lock also makes two closings follow each other.
/// SQLite has one writer.
pub(super) fn flows_lock(tx: &mut Tx<'_>) -> Result<()> {
    if matches!(&**tx, Conn::Postgres(_)) {
        tx.batch("LOCK TABLE custody_flows IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// The number of the last flow; 0 if there is none.
pub(super) fn last_flow(conn: &mut Conn) -> Result<i64> {
    Ok(custody_flows::table.select(max(custody_flows::id)).first::<Option<i64>>(conn)?.unwrap_or_default())
}

/// The first day that a flow younger than number `last` belongs to.
pub(super) fn first_day_newer(conn: &mut Conn, last: i64) -> Result<Option<NaiveDate>> {
    Ok(custody_flows::table.filter(custody_flows::id.between(last + 1, i64::MAX)).select(min(custody_flows::happened_on)).first(conn)?)
}

/// Up to where the days are closed; none before the first closing.
pub(super) fn mark(conn: &mut Conn) -> Result<Option<Mark>> {
    let mark: Option<(NaiveDate, i64)> = day_stocks_mark::table.select((day_stocks_mark::closed_through, day_stocks_mark::flow_id)).first(conn).optional()?;
    Ok(mark.map(|(closed_through, flow_id)| Mark { closed_through, flow_id }))
}

pub(super) fn mark_set(tx: &mut Tx<'_>, mark: Mark) -> Result<()> {
    if Kept(diesel::update(day_stocks_mark::table).set(mark)).execute(&mut **tx)? == 0 {
        diesel::insert_into(day_stocks_mark::table).values((day_stocks_mark::id.eq(1), mark)).execute(&mut **tx)?;
    }
    Ok(())
}

/// The stocks at the end of a closed day.
pub(super) fn stocks_on(conn: &mut Conn, on: NaiveDate) -> Result<Standing> {
    let rows: Vec<(String, String, String, String, i32)> = day_stocks::table
        .filter(day_stocks::on_date.eq(on))
        .select((day_stocks::province, day_stocks::city, day_stocks::policy, day_stocks::stock, day_stocks::n))
        .load(conn)?;
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut standing = Standing::default();
    for (province, city, policy, stock, n) in rows {
        let stock = Stock::from_name(&stock).ok_or_else(|| Error::Internal(anyhow::anyhow!("day_stocks.stock of {on} holds what it cannot")))?;
        standing.put(Cell { province: known(province), city: known(city), policy: known(policy) }, stock, n.into());
    }
    Ok(standing)
}

/// The first day that `day_stocks` has a row of.
pub(super) fn first_day_with_stocks(conn: &mut Conn) -> Result<Option<NaiveDate>> {
    Ok(day_stocks::table.select(min(day_stocks::on_date)).first(conn)?)
}

pub(super) fn stocks_delete_from(tx: &mut Tx<'_>, from: NaiveDate) -> Result<()> {
    diesel::delete(day_stocks::table.filter(day_stocks::on_date.ge(from))).execute(&mut **tx)?;
    Ok(())
}

pub(super) fn stocks_insert(tx: &mut Tx<'_>, on: NaiveDate, standing: &Standing) -> Result<()> {
    let rows: Vec<DayStockRow<'_>> = standing
        .counts()
        .map(|(cell, stock, n)| {
            let n = i32::try_from(n).map_err(|_| Error::Internal(anyhow::anyhow!("{n} people in one stock")))?;
            let [province, city, policy] = [&cell.province, &cell.city, &cell.policy].map(|part| part.as_deref().unwrap_or_default());
            Ok(DayStockRow { on_date: on, province, city, policy, stock: stock.name(), n })
        })
        .collect::<Result<_>>()?;
    insert_all!(tx, day_stocks::table, &rows)
}

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = day_seals, treat_none_as_default_value = false)]
struct SealRow {
    on_date: NaiveDate,
    id: Id<SealedDay>,
    number: i32,
    flow_id: i64,
    sealed_at: At,
    document: String,
    digest: Vec<u8>,
}

/// A seal as it is kept: the day, the text of its document, and what is kept beside it.
pub(super) struct KeptSeal {
    pub(super) day: SealedDay,
    pub(super) digest: Digest,
    /// Whether the document is the one that the digest was made of, and says what its columns say.
    pub(super) is_whole: bool,
}

/// The seal of a day.
pub(super) fn seal_of(conn: &mut Conn, on: NaiveDate) -> Result<Option<KeptSeal>> {
    let row: Option<SealRow> = day_seals::table.find(on).select(SealRow::as_select()).first(conn).optional()?;
    row.map(KeptSeal::try_from).transpose()
}

/// The seal that was made last.
pub(super) fn last_seal(conn: &mut Conn) -> Result<Option<KeptSeal>> {
    let row: Option<SealRow> = day_seals::table.order(day_seals::number.desc()).select(SealRow::as_select()).first(conn).optional()?;
    row.map(KeptSeal::try_from).transpose()
}

/// The seal with this number.
pub(super) fn seal_numbered(conn: &mut Conn, number: i32) -> Result<Option<KeptSeal>> {
    let row: Option<SealRow> = day_seals::table.filter(day_seals::number.eq(number)).select(SealRow::as_select()).first(conn).optional()?;
    row.map(KeptSeal::try_from).transpose()
}

/// The last day, by date, that is sealed.
pub(super) fn last_sealed_day(conn: &mut Conn) -> Result<Option<NaiveDate>> {
    Ok(day_seals::table.select(max(day_seals::on_date)).first(conn)?)
}

/// At most `limit` sealed days before a day, the latest first.
pub(super) fn seals_before(conn: &mut Conn, before: Option<NaiveDate>, limit: i64) -> Result<Vec<KeptSeal>> {
    let mut query = day_seals::table.order(day_seals::on_date.desc()).limit(limit).select(SealRow::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(day_seals::on_date.lt(before));
    }
    let rows: Vec<SealRow> = query.load(conn)?;
    rows.into_iter().map(KeptSeal::try_from).collect()
}

/// Writes a seal; the id is for those who follow events and the audit trail.
pub(super) fn seal_insert(tx: &mut Tx<'_>, id: Id<SealedDay>, day: &SealedDay) -> Result<Digest> {
    let document = serde_json::to_string(day).map_err(|fault| Error::Internal(fault.into()))?;
    let digest = SealedDay::digest(&document);
    let row = SealRow { on_date: day.on, id, number: day.number, flow_id: day.flow_id, sealed_at: At(day.sealed_at), document, digest: digest.to_vec() };
    diesel::insert_into(day_seals::table).values(row).execute(&mut **tx)?;
    Ok(digest)
}

/// Which corrections are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// Those of this day.
    pub(super) on: Option<NaiveDate>,
    /// Those of flows after this number.
    pub(super) after: Option<i64>,
    /// Those of flows up to this number.
    pub(super) through: Option<i64>,
}

/// What became known of sealed days after they were sealed, the oldest first, `limit` at the most.
pub(super) fn corrections(conn: &mut Conn, wanted: Wanted, limit: i64) -> Result<Vec<Correction>> {
    let mut query = custody_flows::table
        .inner_join(day_seals::table.on(day_seals::on_date.eq(custody_flows::happened_on)))
        .filter(custody_flows::id.gt(day_seals::flow_id))
        .order(custody_flows::id)
        .limit(limit)
        .select(RawFlow::as_select())
        .into_boxed();
    if let Some(on) = wanted.on {
        query = query.filter(custody_flows::happened_on.eq(on));
    }
    if let Some(after) = wanted.after {
        query = query.filter(custody_flows::id.gt(after));
    }
    if let Some(through) = wanted.through {
        query = query.filter(custody_flows::id.le(through));
    }
    let rows: Vec<RawFlow> = query.load(conn)?;
    let correction = |raw: RawFlow| {
        let FlowRow { id, happened_on, recorded_at, flow, .. } = raw.try_into()?;
        Ok(Correction { id, on: happened_on, recorded_at, flow })
    };
    rows.into_iter().map(correction).collect()
}

impl TryFrom<SealRow> for KeptSeal {
    type Error = Error;

    fn try_from(row: SealRow) -> Result<Self> {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("day_seals.{column} of {} holds what it cannot", row.on_date));
        let day: SealedDay = serde_json::from_str(&row.document).map_err(|_| bad("document"))?;
        let digest = Digest::try_from(row.digest.as_slice()).map_err(|_| bad("digest"))?;
        let says = (day.on, day.number, day.flow_id, day.sealed_at) == (row.on_date, row.number, row.flow_id, row.sealed_at.0);
        Ok(Self { is_whole: says && SealedDay::digest(&row.document) == digest, day, digest })
    }
}
