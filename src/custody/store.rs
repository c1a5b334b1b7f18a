//! Rows of `handoffs`. Reads `handoff_people` and `organisations` for the two sides, and `travellers` with `holds` for whose
//! term is over.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::guest::GuestLink;
use super::model::{Acceptance, Handoff, HandoffId, HandoffState, Rejection};
use super::receipt::Reason;
use super::rung::{NextRung, Rung};
use super::side::{Side, Signature};
use super::{Waiting, lines};
use crate::access::{OrganisationCode, User};
use crate::arrivals::TravellerId;
use crate::base::{Error, Id, Result};
use crate::db::schema::{handoff_people, handoffs, holds, organisations, travellers};
use crate::db::{At, Conn, Kept, Statement, Tx};
use crate::dispatch::Trip;
use crate::places::{Organisation, OrganisationKind};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = handoffs, treat_none_as_default_value = false)]
struct HandoffRow {
    id: HandoffId,
    trip_id: Option<Id<Trip>>,
    from_organisation: Id<Organisation>,
    to_organisation: Id<Organisation>,
    state: String,
    list_digest: Vec<u8>,
    n_people: i32,
    offered_by: String,
    offered_by_user: Option<Id<User>>,
    offered_at: At,
    answer_by: Option<At>,
    first_count: Option<i32>,
    lapsed_at: Option<At>,
    answered_by: Option<String>,
    answered_by_user: Option<Id<User>>,
    answered_at: Option<At>,
    is_on_behalf: bool,
    counted: Option<i32>,
    happened_at: Option<At>,
    reason: Option<String>,
    version: i32,
    next_rung: Option<String>,
    next_rung_at: Option<At>,
    answered_link: Option<Id<GuestLink>>,
}

type SideRow = (Id<Organisation>, String, String, String);

/// The organisation with this code that still works.
pub(super) fn find_side(conn: &mut Conn, code: &OrganisationCode) -> Result<Option<Side>> {
    let row: Option<SideRow> = organisations::table
        .filter(organisations::code.eq(code.as_str()).and(organisations::active))
        .select((organisations::id, organisations::code, organisations::kind, organisations::place))
        .first(conn)
        .optional()?;
    row.map(side_of).transpose()
}

/// These organisations, whether or not they still work.
pub(super) fn sides(conn: &mut Conn, ids: &[Id<Organisation>]) -> Result<Vec<Side>> {
    let rows: Vec<SideRow> = organisations::table
        .filter(organisations::id.eq_any(ids))
        .order(organisations::code)
        .select((organisations::id, organisations::code, organisations::kind, organisations::place))
        .load(conn)?;
    rows.into_iter().map(side_of).collect()
}

fn side_of((id, code, kind, place): SideRow) -> Result<Side> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("organisations.{column} of {id} holds what it cannot"));
    let name: StrDeserializer<'_, NameError> = kind.as_str().into_deserializer();
    Ok(Side {
        id,
        code: code.parse().map_err(|_| bad("code"))?,
        kind: OrganisationKind::deserialize(name).map_err(|_| bad("kind"))?,
        place: place.parse().map_err(|_| bad("place"))?,
    })
}

/// A handoff.
pub(super) fn find_handoff(conn: &mut Conn, id: HandoffId) -> Result<Option<Handoff>> {
    let row = handoffs::table.find(id).select(HandoffRow::as_select()).first(conn).optional()?;
    with_sides(conn, row.into_iter().collect()).map(|mut found| found.pop())
}

/// Handoffs, locked until the transaction ends, so that of two who would end one the second sees what the first did. In the order of their ids, in
/// which they are locked too; those that do not exist are missing.
pub(super) fn lock_handoffs(tx: &mut Tx<'_>, ids: &[HandoffId]) -> Result<Vec<Handoff>> {
    let wanted = handoffs::table.filter(handoffs::id.eq_any(ids)).order(handoffs::id);
    let rows: Vec<HandoffRow> = match &mut **tx {
        Conn::Postgres(conn) => wanted.select(HandoffRow::as_select()).for_update().load(conn)?,
        conn @ Conn::Sqlite(_) => Kept(wanted.select(HandoffRow::as_select())).load(conn)?,
    };
    with_sides(tx, rows)
}

/// The handoffs that have reached a rung of their ladder by now, at most `limit`, locked until the transaction ends. Those that somebody
/// else has locked are left out: they are being answered, or another node takes them up.
pub(super) fn lock_due(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Handoff>> {
    let now = At(tx.now());
    let due = handoffs::table.filter(handoffs::answered_at.is_null().and(handoffs::next_rung_at.le(now))).order(handoffs::next_rung_at).limit(limit);
    let rows = match &mut **tx {
        Conn::Postgres(conn) => due.select(HandoffRow::as_select()).for_update().skip_locked().load(conn)?,
        Conn::Sqlite(conn) => due.select(HandoffRow::as_select()).load(conn)?,
    };
    with_sides(tx, rows)
}

/// The handoffs given or received by an organisation that have ended; the newest first, below `below`. Each direction has an index in this order;
/// one query for both would read the organisation's whole history.
pub(super) fn handoffs_ended_of(conn: &mut Conn, of: Id<Organisation>, below: Option<HandoffId>, limit: i64) -> Result<Vec<Handoff>> {
    let ended = || {
        let ended = handoffs::table.filter(handoffs::answered_at.is_not_null()).order(handoffs::id.desc()).limit(limit).select(HandoffRow::as_select());
        below.into_iter().fold(ended.into_boxed(), |ended, below| ended.filter(handoffs::id.lt(below)))
    };
    let mut rows: Vec<HandoffRow> = ended().filter(handoffs::from_organisation.eq(of)).load(conn)?;
    rows.extend(ended().filter(handoffs::to_organisation.eq(of)).load::<HandoffRow>(conn)?);
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    with_sides(conn, rows)
}

diesel::alias!(
    const GIVERS: Alias<Givers> = organisations as givers;
    const RECEIVERS: Alias<Receivers> = organisations as receivers;
);

/// The handoffs with these ids, in this order; those that do not exist are missing.
pub(super) fn handoffs_by_id(conn: &mut Conn, ids: &[HandoffId]) -> Result<Vec<Handoff>> {
    let rows: Vec<HandoffRow> = handoffs::table.filter(handoffs::id.eq_any(ids)).select(HandoffRow::as_select()).load(conn)?;
    let mut found: HashMap<HandoffId, Handoff> = with_sides(conn, rows)?.into_iter().map(|handoff| (handoff.id, handoff)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The handoffs given or received by an organisation that wait; the newest first, below `below`.
pub(super) fn handoffs_open_of(conn: &mut Conn, of: &OrganisationCode, below: Option<HandoffId>, limit: i64) -> Result<Vec<Handoff>> {
    let mut found = open(conn, &is_side(of))?;
    found.retain(|handoff| below.is_none_or(|below| handoff.id < below));
    found.sort_unstable_by_key(|handoff| std::cmp::Reverse(handoff.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

fn is_side(code: &OrganisationCode) -> String {
    format!("'{code}' IN (givers.code, receivers.code)")
}

/// Handoffs that wait, in one query. It is ordered by what no index of all handoffs has, so that those that wait are read by theirs, and the many
/// that have ended are not.
fn open(conn: &mut Conn, condition: &str) -> Result<Vec<Handoff>> {
    let side = (organisations::id, organisations::code, organisations::kind, organisations::place);
    let rows: Vec<(HandoffRow, SideRow, SideRow)> = handoffs::table
        .inner_join(GIVERS.on(GIVERS.field(organisations::id).eq(handoffs::from_organisation)))
        .inner_join(RECEIVERS.on(RECEIVERS.field(organisations::id).eq(handoffs::to_organisation)))
        .filter(handoffs::answered_at.is_null().and(sql::<Bool>(condition)))
        .order((handoffs::answer_by, handoffs::id))
        .select((HandoffRow::as_select(), GIVERS.fields(side), RECEIVERS.fields(side)))
        .load(conn)?;
    let handoff = |(row, giver, receiver)| handoff_of(row, &[side_of(giver)?, side_of(receiver)?]);
    rows.into_iter().map(handoff).collect()
}

/// The handoffs from one organisation to another that were offered before `until` and had not ended before `since`, in their order.
pub(super) fn handoffs_between(
    conn: &mut Conn,
    giver: Id<Organisation>,
    receiver: Id<Organisation>,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Handoff>> {
    let rows = handoffs::table
        .filter(handoffs::from_organisation.eq(giver).and(handoffs::to_organisation.eq(receiver)))
        .filter(handoffs::offered_at.lt(At(until)).and(handoffs::answered_at.is_null().or(handoffs::answered_at.ge(At(since)))))
        .order(handoffs::id)
        .select(HandoffRow::as_select())
        .load(conn)?;
    with_sides(conn, rows)
}

/// The trips with people who are offered to an organisation that has not counted them.
pub(super) fn trips_to_count(conn: &mut Conn, receiver: Id<Organisation>) -> Result<HashSet<Id<Trip>>> {
    let uncounted = handoffs::answered_at.is_null().and(handoffs::first_count.is_null());
    let trips: Vec<Option<Id<Trip>>> = handoffs::table.filter(handoffs::to_organisation.eq(receiver).and(uncounted)).select(handoffs::trip_id).load(conn)?;
    Ok(trips.into_iter().flatten().collect())
}

/// A deadline that is so near is told as near.
pub(super) const SOON: TimeDelta = TimeDelta::minutes(30);

/// How many handoffs of an organisation, or of everybody's, wait for an answer.
pub(super) fn waiting(conn: &mut Conn, of: Option<Id<Organisation>>, at: DateTime<Utc>) -> Result<Waiting> {
    let rows: Vec<(Id<Organisation>, Id<Organisation>, Option<At>)> = handoffs::table
        .filter(handoffs::answered_at.is_null())
        .select((handoffs::from_organisation, handoffs::to_organisation, handoffs::answer_by))
        .load(conn)?;
    let mut waiting = Waiting::default();
    for (giver, receiver, answer_by) in rows {
        let (gives, receives) = (of.is_none_or(|of| of == giver), of.is_none_or(|of| of == receiver));
        waiting.unanswered += i64::from(gives);
        waiting.to_answer += i64::from(receives);
        let left = answer_by.filter(|_| gives || receives).map(|answer_by| answer_by.0 - at);
        waiting.overdue += i64::from(left.is_some_and(|left| left <= TimeDelta::zero()));
        waiting.lapsing += i64::from(left.is_some_and(|left| left > TimeDelta::zero() && left <= SOON));
    }
    Ok(waiting)
}

fn with_sides(conn: &mut Conn, rows: Vec<HandoffRow>) -> Result<Vec<Handoff>> {
    let mut ids: Vec<Id<Organisation>> = rows.iter().flat_map(|row| [row.from_organisation, row.to_organisation]).collect();
    ids.sort_unstable();
    ids.dedup();
    let sides = if ids.is_empty() { Vec::new() } else { sides(conn, &ids)? };
    rows.into_iter().map(|row| handoff_of(row, &sides)).collect()
}

fn handoff_of(row: HandoffRow, sides: &[Side]) -> Result<Handoff> {
    let id = row.id;
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("handoffs.{column} of {id} holds what it cannot"));
    let side = |of: Id<Organisation>, column| sides.iter().find(|side| side.id == of).cloned().ok_or_else(|| bad(column));
    let reason = row.reason.map(|text| text.parse::<Reason>().map_err(|_| bad("reason"))).transpose()?;
    let answer = row.answered_by.zip(row.answered_at).map(|(name, at)| Signature {
        name,
        user: row.answered_by_user,
        at: at.0,
        decided: reason.clone().filter(|_| row.is_on_behalf),
        link: row.answered_link,
    });
    let acceptance = answer.clone().zip(row.counted).zip(row.happened_at).map(|((by, counted), at)| Acceptance { by, counted, happened_at: at.0 });
    let rejection = answer.zip(reason).map(|(by, reason)| Rejection { by, reason });
    let state = match row.state.as_str() {
        "offered" => Some(HandoffState::Offered),
        "lapsed" => row.lapsed_at.map(|at| HandoffState::Lapsed { at: at.0 }),
        "accepted" => acceptance.map(HandoffState::Accepted),
        "accepted_with_exceptions" => acceptance.map(HandoffState::AcceptedWithExceptions),
        "refused" => rejection.map(HandoffState::Refused),
        "withdrawn" => rejection.map(HandoffState::Withdrawn),
        _ => None,
    };
    let next_rung = match (row.next_rung.as_deref(), row.next_rung_at) {
        (Some(name), Some(at)) => Some(NextRung { rung: Rung::from_name(name).ok_or_else(|| bad("next_rung"))?, at: at.0 }),
        _ => None,
    };
    Ok(Handoff {
        id,
        trip: row.trip_id,
        giver: side(row.from_organisation, "from_organisation")?,
        receiver: side(row.to_organisation, "to_organisation")?,
        list_digest: row.list_digest.try_into().map_err(|_| bad("list_digest"))?,
        n_people: row.n_people,
        offered: Signature { name: row.offered_by, user: row.offered_by_user, at: row.offered_at.0, decided: None, link: None },
        answer_by: row.answer_by.map(|at| at.0),
        next_rung,
        first_count: row.first_count,
        state: state.ok_or_else(|| bad("state"))?,
        version: row.version,
    })
}

/// Writes a new offer with its list.
pub(super) fn insert_offer(tx: &mut Tx<'_>, handoff: &Handoff, list: &[TravellerId]) -> Result<()> {
    let row = HandoffRow {
        id: handoff.id,
        trip_id: handoff.trip,
        from_organisation: handoff.giver.id,
        to_organisation: handoff.receiver.id,
        state: handoff.state.name().into(),
        list_digest: handoff.list_digest.to_vec(),
        n_people: handoff.n_people,
        offered_by: handoff.offered.name.clone(),
        offered_by_user: handoff.offered.user,
        offered_at: At(handoff.offered.at),
        answer_by: handoff.answer_by.map(At),
        first_count: handoff.first_count,
        lapsed_at: None,
        answered_by: None,
        answered_by_user: None,
        answered_at: None,
        is_on_behalf: false,
        counted: None,
        happened_at: None,
        reason: None,
        version: handoff.version,
        next_rung: handoff.next_rung.map(|next| next.rung.name().into()),
        next_rung_at: handoff.next_rung.map(|next| At(next.at)),
        answered_link: None,
    };
    diesel::insert_into(handoffs::table).values(row).execute(&mut **tx)?;
    lines::insert(tx, handoff.id, list)
}

/// What a state says, by the columns that hold it.
struct Outcomes<'a> {
    by: Option<&'a Signature>,
    acceptance: Option<&'a Acceptance>,
    lapsed_at: Option<DateTime<Utc>>,
    reason: Option<&'a Reason>,
}

impl<'a> Outcomes<'a> {
    fn of(handoff: &'a Handoff) -> Self {
        let by = handoff.state.ended_by();
        let (acceptance, rejection, lapsed_at) = match &handoff.state {
            HandoffState::Offered => (None, None, None),
            HandoffState::Lapsed { at } => (None, None, Some(*at)),
            HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance) => (Some(acceptance), None, None),
            HandoffState::Refused(rejection) | HandoffState::Withdrawn(rejection) => (None, Some(rejection), None),
        };
        let reason = rejection.map(|rejection| &rejection.reason).or(by.and_then(|by| by.decided.as_ref()));
        Self { by, acceptance, lapsed_at, reason }
    }
}

/// Writes what became of a handoff that was at version `seen` and waited for an answer; whether it still was and did.
pub(super) fn update_handoff(tx: &mut Tx<'_>, handoff: &Handoff, seen: i32) -> Result<bool> {
    let Outcomes { by, acceptance, lapsed_at, reason } = Outcomes::of(handoff);
    let waiting = handoffs::table.filter(handoffs::id.eq(handoff.id).and(handoffs::version.eq(seen)).and(handoffs::answered_at.is_null()));
    let change = diesel::update(waiting).set((
        handoffs::state.eq(handoff.state.name()),
        handoffs::first_count.eq(handoff.first_count),
        handoffs::lapsed_at.eq(lapsed_at.map(At)),
        handoffs::answered_by.eq(by.map(|by| by.name.as_str())),
        handoffs::answered_by_user.eq(by.and_then(|by| by.user)),
        handoffs::answered_at.eq(by.map(|by| At(by.at))),
        handoffs::is_on_behalf.eq(by.is_some_and(|by| by.decided.is_some())),
        handoffs::counted.eq(acceptance.map(|acceptance| acceptance.counted)),
        handoffs::happened_at.eq(acceptance.map(|acceptance| At(acceptance.happened_at))),
        handoffs::reason.eq(reason.map(Reason::as_str)),
        handoffs::version.eq(handoff.version),
        handoffs::next_rung.eq(handoff.next_rung.map(|next| next.rung.name())),
        handoffs::next_rung_at.eq(handoff.next_rung.map(|next| At(next.at))),
        handoffs::answered_link.eq(by.and_then(|by| by.link)),
    ));
    let changed = Kept(change).execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Writes the ends of several handoffs, which are locked and waited for an answer at the versions given.
pub(super) fn update_handoffs(tx: &mut Tx<'_>, changes: &[(&Handoff, i32)]) -> Result<()> {
    match (&mut **tx, changes) {
        (Conn::Postgres(_), [_, _, ..]) => update_many(tx, changes),
        _ => changes.iter().try_for_each(|(handoff, seen)| super::demand(update_handoff(tx, handoff, *seen)?)),
    }
}

/// What changes of a handoff that ends, as one row among many.
#[derive(Serialize)]
struct End<'a> {
    id: Uuid,
    seen: i32,
    state: &'static str,
    first_count: Option<i32>,
    answered_by: Option<&'a str>,
    answered_by_user: Option<Uuid>,
    answered_at: Option<DateTime<Utc>>,
    is_on_behalf: bool,
    counted: Option<i32>,
    happened_at: Option<DateTime<Utc>>,
    reason: Option<&'a str>,
    version: i32,
    answered_link: Option<Uuid>,
}

impl<'a> From<&(&'a Handoff, i32)> for End<'a> {
    fn from((handoff, seen): &(&'a Handoff, i32)) -> Self {
        let Outcomes { by, acceptance, reason, .. } = Outcomes::of(handoff);
        Self {
            id: handoff.id.uuid(),
            seen: *seen,
            state: handoff.state.name(),
            first_count: handoff.first_count,
            answered_by: by.map(|by| by.name.as_str()),
            answered_by_user: by.and_then(|by| by.user).map(Id::uuid),
            answered_at: by.map(|by| by.at),
            is_on_behalf: by.is_some_and(|by| by.decided.is_some()),
            counted: acceptance.map(|acceptance| acceptance.counted),
            happened_at: acceptance.map(|acceptance| acceptance.happened_at),
            reason: reason.map(Reason::as_str),
            version: handoff.version,
            answered_link: by.and_then(|by| by.link).map(Id::uuid),
        }
    }
}

/// Many ends in one statement of PostgreSQL's; SQLite would only run it slower than as many short ones. The ids are named beside the join, and
/// nothing that an index over other handoffs is about: a plan from when the table was small would else read all that wait and look for these.
fn update_many(tx: &mut Tx<'_>, changes: &[(&Handoff, i32)]) -> Result<()> {
    let ends: Vec<End<'_>> = changes.iter().map(End::from).collect();
    let ends = serde_json::to_string(&ends).map_err(|cause| Error::Internal(cause.into()))?;
    let update = Statement::new("WITH e AS (SELECT * FROM json_to_recordset(CAST(").bind::<Text, _>(ends).sql(
        " AS json)) AS e(id uuid, seen int, state text, first_count int, answered_by text, answered_by_user uuid, answered_at timestamptz, \
         is_on_behalf boolean, counted int, happened_at timestamptz, reason text, version int, answered_link uuid)) \
         UPDATE handoffs SET state = e.state, first_count = e.first_count, lapsed_at = NULL, answered_by = e.answered_by, \
         answered_by_user = e.answered_by_user, answered_at = e.answered_at, is_on_behalf = e.is_on_behalf, counted = e.counted, \
         happened_at = e.happened_at, reason = e.reason, version = e.version, next_rung = NULL, next_rung_at = NULL, answered_link = e.answered_link \
         FROM e WHERE handoffs.id = e.id AND handoffs.version = e.seen AND handoffs.id = ANY (ARRAY(SELECT id FROM e))",
    );
    super::demand(update.execute(&mut **tx)? == changes.len())
}

/// Whoever somebody answers for, whose term is over on `on`, whom nothing holds and who is not being handed over: at most `limit`.
pub(super) fn due_for_release(conn: &mut Conn, on: NaiveDate, among: Option<&[TravellerId]>, limit: i64) -> Result<Vec<TravellerId>> {
    let held = holds::table.filter(holds::traveller_id.eq(travellers::id).and(holds::lifted_at.is_null()));
    let offered = handoff_people::table.filter(handoff_people::traveller_id.eq(travellers::id).and(handoff_people::is_open));
    let mut query = travellers::table
        .filter(travellers::custodian_id.is_not_null().and(travellers::release_on.le(on)))
        .filter(not(exists(held)).and(not(exists(offered))))
        .order((travellers::release_on, travellers::id))
        .limit(limit)
        .select(travellers::id)
        .into_boxed();
    if let Some(among) = among {
        query = query.filter(travellers::id.eq_any(among));
    }
    Ok(query.load(conn)?)
}
