//! The log of imported files: what each held, and what was said about its rows.

use diesel::prelude::*;

use super::draft::Problem;
use super::import::Counts;
use crate::base::{Id, Language, Result};
use crate::db::schema::{roster_notes, rosters};
use crate::db::{At, Tx, insert_all};

/// Marks the ids of rosters 旅客名单.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roster {}

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
    diesel::update(rosters::table.filter(rosters::id.eq(roster))).set(change).execute(&mut **tx)?;
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
    diesel::update(rosters::table.filter(rosters::id.eq(roster))).set(rosters::finished_at.eq(At(tx.now()))).execute(&mut **tx)?;
    Ok(())
}
