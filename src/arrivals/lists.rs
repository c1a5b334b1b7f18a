//! What may be looked at: flights, the rosters that were imported, and those travellers who exist for the one who asks.
//!
//! Somebody exists for a scope by where they are bound for and by who answers for them: the destination's side sees them from
//! the landing on, the side that has them sees them while it has them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Flight, Party, Traveller, TravellerId};
use super::rosters::Roster;
use super::store::TravellerRow;
use crate::access::{Act, Actor, Scope};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Language, Result};
use crate::db::schema::{flights, roster_notes, rosters, travellers};
use crate::db::{At, Conn};
use crate::places::Organisation;

/// Which travellers are wanted; all that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Those of this flight.
    pub flight: Option<Id<Flight>>,
    /// Those of this party.
    pub party: Option<Id<Party>>,
    /// Those whose next move is on this day.
    pub due_on: Option<NaiveDate>,
    /// Those for whom this organisation answers.
    pub custodian: Option<Id<Organisation>>,
}

/// A file that was imported, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Its id.
    pub id: Id<Roster>,
    /// What it was: `csv`, `xlsx`, `paxlst` or `results`.
    pub kind: String,
    /// When its import began (UTC).
    pub started_at: DateTime<Utc>,
    /// When it was all in (UTC); none if it broke off.
    pub finished_at: Option<DateTime<Utc>>,
    /// Who imported it.
    pub imported_by: String,
    /// Rows, of which new, same, changed, rejected.
    pub counts: [u32; 5],
}

/// What was said about a row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterNote {
    /// The line.
    pub line: u32,
    /// Whether it kept the row out; if not, it is a warning.
    pub is_problem: bool,
    /// The column, as the file has it.
    pub column: Option<String>,
    /// The code.
    pub code: String,
    /// The sentence.
    pub message: String,
}

/// The travellers who are wanted and exist for the actor, in the order in which they became known.
pub fn travellers_list(conn: &mut Conn, actor: &Actor, wanted: Wanted, page: PageRequest<TravellerId>) -> Result<Page<Traveller, TravellerId>> {
    actor.must(Act::ViewTravellers)?;
    let mut query = travellers::table.filter(exists_for(actor.scope())).into_boxed();
    if let Some(flight) = wanted.flight {
        query = query.filter(travellers::flight_id.eq(flight));
    }
    if let Some(party) = wanted.party {
        query = query.filter(travellers::party_id.eq(party));
    }
    if let Some(day) = wanted.due_on {
        query = query.filter(travellers::transfer_on.eq(day));
    }
    if let Some(custodian) = wanted.custodian {
        query = query.filter(travellers::custodian_id.eq(custodian));
    }
    if let Some(after) = page.after {
        query = query.filter(travellers::id.gt(after));
    }
    let rows: Vec<TravellerRow> = query.order(travellers::id).limit(i64::from(page.limit) + 1).select(TravellerRow::as_select()).load(conn)?;
    let found = rows.into_iter().map(Traveller::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Page::cut(found, page.limit, |traveller| traveller.id))
}

/// One traveller who exists for the actor.
pub fn traveller(conn: &mut Conn, actor: &Actor, id: TravellerId) -> Result<Traveller> {
    actor.must(Act::ViewTravellers)?;
    must_see(conn, actor, id)?;
    super::get(conn, &[id])?.pop().ok_or(Error::NotFound("traveller"))
}

/// Refuses with `not_found` somebody who does not exist for the actor.
pub(super) fn must_see(conn: &mut Conn, actor: &Actor, id: TravellerId) -> Result<()> {
    if *actor.scope() == Scope::All {
        return Ok(());
    }
    let seen = travellers::table.filter(travellers::id.eq(id)).filter(exists_for(actor.scope())).select(travellers::id);
    seen.first::<TravellerId>(conn).optional()?.map(drop).ok_or(Error::NotFound("traveller"))
}

/// The flights that landed on a day, in that order. A flight concerns whoever may see travellers at all.
pub fn flights_on(conn: &mut Conn, actor: &Actor, landed_on: NaiveDate) -> Result<Vec<Flight>> {
    actor.must(Act::ViewTravellers)?;
    let columns = (flights::id, flights::flight_no, flights::port, flights::landed_at);
    let query = flights::table.filter(flights::landed_on.eq(landed_on)).order((flights::landed_at, flights::id)).select(columns);
    let rows: Vec<(Id<Flight>, String, String, At)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(id, flight_no, port, landed_at)| Flight { id, flight_no, port, landed_at: landed_at.0 }).collect())
}

/// The files that were imported, in that order.
pub fn rosters_list(conn: &mut Conn, actor: &Actor, page: PageRequest<Id<Roster>>) -> Result<Page<RosterEntry, Id<Roster>>> {
    actor.must(Act::ImportRoster)?;
    let after = page.after.unwrap_or(Id::from_uuid(uuid::Uuid::nil()));
    let query = rosters::table.filter(rosters::id.gt(after)).order(rosters::id).limit(i64::from(page.limit) + 1).select(RosterRow::as_select());
    let rows: Vec<RosterRow> = query.load(conn)?;
    Ok(Page::cut(rows.into_iter().map(RosterEntry::from).collect(), page.limit, |roster| roster.id))
}

/// One file that was imported, with what was said about its rows in `language`.
pub fn roster(conn: &mut Conn, actor: &Actor, id: Id<Roster>, language: Language) -> Result<(RosterEntry, Vec<RosterNote>)> {
    actor.must(Act::ImportRoster)?;
    let row: Option<RosterRow> = rosters::table.filter(rosters::id.eq(id)).select(RosterRow::as_select()).first(conn).optional()?;
    let columns =
        (roster_notes::line, roster_notes::is_problem, roster_notes::column_name, roster_notes::code, roster_notes::message_zh, roster_notes::message_en);
    type NoteRow = (i32, bool, Option<String>, String, String, String);
    let notes: Vec<NoteRow> = roster_notes::table.filter(roster_notes::roster_id.eq(id)).order(roster_notes::seq).select(columns).load(conn)?;
    let note = |(line, is_problem, column, code, zh, en): NoteRow| {
        let message = if language == Language::Zh { zh } else { en };
        RosterNote { line: line.unsigned_abs(), is_problem, column, code, message }
    };
    Ok((row.ok_or(Error::NotFound("roster"))?.into(), notes.into_iter().map(note).collect()))
}

/// The one condition by which a scope narrows travellers.
fn exists_for(scope: &Scope) -> diesel::expression::SqlLiteral<Bool> {
    let places = ["travellers.destination", "(SELECT o.place FROM organisations o WHERE o.id = travellers.custodian_id)"];
    sql(&scope.condition(&places, &["(SELECT o.code FROM organisations o WHERE o.id = travellers.custodian_id)"]))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rosters)]
struct RosterRow {
    id: Id<Roster>,
    kind: String,
    started_at: At,
    finished_at: Option<At>,
    imported_by: String,
    n_rows: i32,
    n_new: i32,
    n_same: i32,
    n_changed: i32,
    n_rejected: i32,
}

impl From<RosterRow> for RosterEntry {
    fn from(row: RosterRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            started_at: row.started_at.0,
            finished_at: row.finished_at.map(|at| at.0),
            imported_by: row.imported_by,
            counts: [row.n_rows, row.n_new, row.n_same, row.n_changed, row.n_rejected].map(i32::unsigned_abs),
        }
    }
}
