//! The log of imported files: what each held, and what was said about its rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::draft::Problem;
use super::import::Counts;
use crate::access::{Act, Actor};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Language, Result};
use crate::db::schema::{roster_notes, rosters};
use crate::db::{At, Conn, Kept, Tx, insert_all};

/// Marks the ids of rosters 旅客名单.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roster {}

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

/// A problem or a warning, as it is kept.
pub(super) struct Note<'a> {
    said: &'a Problem,
    is_problem: bool,
}

impl<'a> Note<'a> {
    pub(super) fn problem(said: &'a Problem) -> Self {
        Self { said, is_problem: true }
    }

    pub(super) fn warning(said: &'a Problem) -> Self {
        Self { said, is_problem: false }
    }
}

#[derive(Insertable)]
#[diesel(table_name = roster_notes, treat_none_as_default_value = false)]
struct NoteRow {
    roster_id: Id<Roster>,
    seq: i32,
    line: i32,
    is_problem: bool,
    column_name: Option<String>,
    code: &'static str,
    message_zh: String,
    message_en: String,
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

/// Opens the log of one file.
pub(super) fn begin(tx: &mut Tx<'_>, kind: &str, digest: [u8; 32], actor: &str) -> Result<Id<Roster>> {
    let id = tx.new_id();
    let row =
        (rosters::id.eq(id), rosters::digest.eq(digest.to_vec()), rosters::kind.eq(kind), rosters::started_at.eq(At(tx.now())), rosters::imported_by.eq(actor));
    diesel::insert_into(rosters::table).values(row).execute(&mut **tx)?;
    Ok(id)
}

/// Adds what one part came to.
pub(super) fn count(tx: &mut Tx<'_>, roster: Id<Roster>, counts: Counts) -> Result<()> {
    let n = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    let change = (
        rosters::n_rows.eq(rosters::n_rows + n(counts.rows)),
        rosters::n_new.eq(rosters::n_new + n(counts.new)),
        rosters::n_same.eq(rosters::n_same + n(counts.same)),
        rosters::n_changed.eq(rosters::n_changed + n(counts.changed)),
        rosters::n_rejected.eq(rosters::n_rejected + n(counts.rejected)),
    );
    Kept(diesel::update(rosters::table.filter(rosters::id.eq(roster))).set(change)).execute(&mut **tx)?;
    Ok(())
}

/// Keeps what was said about rows; `before` notes of this file are there already.
pub(super) fn notes_insert<'a>(tx: &mut Tx<'_>, roster: Id<Roster>, before: i32, notes: impl Iterator<Item = Note<'a>>) -> Result<()> {
    let rows: Vec<NoteRow> = notes
        .zip(before + 1..)
        .map(|(note, seq)| NoteRow {
            roster_id: roster,
            seq,
            line: i32::try_from(note.said.line).unwrap_or(i32::MAX),
            is_problem: note.is_problem,
            column_name: note.said.column.clone(),
            code: note.said.code.as_str(),
            message_zh: note.said.message.text(Language::Zh),
            message_en: note.said.message.text(Language::En),
        })
        .collect();
    insert_all!(tx, roster_notes::table, &rows)
}

/// Closes the log: the whole file is in.
pub(super) fn finish(tx: &mut Tx<'_>, roster: Id<Roster>) -> Result<()> {
    Kept(diesel::update(rosters::table.filter(rosters::id.eq(roster))).set(rosters::finished_at.eq(At(tx.now())))).execute(&mut **tx)?;
    Ok(())
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
