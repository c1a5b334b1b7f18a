//! Rows of `handoff_people`: who is on the list of a handoff, and what became of each.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::model::HandoffId;
use super::receipt::{Exception, ExceptionKind, Line, Outcome, Reason};
use crate::arrivals::TravellerId;
use crate::base::{Error, Result};
use crate::db::schema::handoff_people;
use crate::db::{Conn, Kept, Tx, insert_all};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = handoff_people, treat_none_as_default_value = false)]
struct LineRow {
    handoff_id: HandoffId,
    traveller_id: TravellerId,
    is_open: bool,
    outcome: Option<String>,
    reason: Option<String>,
}

/// Writes the list of a new offer.
pub(super) fn insert(tx: &mut Tx<'_>, handoff_id: HandoffId, list: &[TravellerId]) -> Result<()> {
    let row = |&traveller_id| LineRow { handoff_id, traveller_id, is_open: true, outcome: None, reason: None };
    let rows: Vec<LineRow> = list.iter().map(row).collect();
    insert_all!(tx, handoff_people::table, &rows)
}

/// Closes the lines of whoever differs from the list, and adds those of the extras.
pub(super) fn except(tx: &mut Tx<'_>, handoff: HandoffId, exceptions: &[Exception]) -> Result<()> {
    let rows: Vec<LineRow> = exceptions
        .iter()
        .map(|exception| LineRow {
            handoff_id: handoff,
            traveller_id: exception.traveller,
            is_open: false,
            outcome: Some(exception.kind.name().into()),
            reason: Some(exception.reason.to_string()),
        })
        .collect();
    for part in rows.chunks(250) {
        let found = (
            handoff_people::is_open.eq(excluded(handoff_people::is_open)),
            handoff_people::outcome.eq(excluded(handoff_people::outcome)),
            handoff_people::reason.eq(excluded(handoff_people::reason)),
        );
        let key = (handoff_people::handoff_id, handoff_people::traveller_id);
        match &mut **tx {
            Conn::Postgres(conn) => diesel::insert_into(handoff_people::table).values(part).on_conflict(key).do_update().set(found).execute(conn)?,
            Conn::Sqlite(conn) => diesel::insert_into(handoff_people::table).values(part).on_conflict(key).do_update().set(found).execute(conn)?,
        };
    }
    Ok(())
}

/// Closes the lines that are open as received.
pub(super) fn receive(tx: &mut Tx<'_>, of: &[HandoffId]) -> Result<()> {
    if of.is_empty() {
        return Ok(());
    }
    let open = handoff_people::table.filter(handoff_people::handoff_id.eq_any(of).and(handoff_people::is_open));
    Kept(diesel::update(open).set((handoff_people::is_open.eq(false), handoff_people::outcome.eq("received")))).execute(&mut **tx)?;
    Ok(())
}

/// Closes the lines of a handoff without an outcome.
pub(super) fn close(tx: &mut Tx<'_>, handoff: HandoffId) -> Result<()> {
    let open = handoff_people::table.filter(handoff_people::handoff_id.eq(handoff).and(handoff_people::is_open));
    Kept(diesel::update(open).set(handoff_people::is_open.eq(false))).execute(&mut **tx)?;
    Ok(())
}

/// The people on a handoff, extras among them, in the order of their ids.
pub(super) fn of(conn: &mut Conn, handoff: HandoffId) -> Result<Vec<Line>> {
    let rows: Vec<LineRow> =
        handoff_people::table.filter(handoff_people::handoff_id.eq(handoff)).order(handoff_people::traveller_id).select(LineRow::as_select()).load(conn)?;
    rows.into_iter().map(line_of).collect()
}

/// The people on many handoffs, by handoff.
pub(super) fn of_all(conn: &mut Conn, handoffs: &[HandoffId]) -> Result<HashMap<HandoffId, Vec<Line>>> {
    // SQLite names at most 32,766 values in one query.
    const MANY: usize = 10_000;
    let mut lines: HashMap<HandoffId, Vec<Line>> = HashMap::new();
    for part in handoffs.chunks(MANY) {
        let rows: Vec<LineRow> = handoff_people::table
            .filter(handoff_people::handoff_id.eq_any(part))
            .order((handoff_people::handoff_id, handoff_people::traveller_id))
            .select(LineRow::as_select())
            .load(conn)?;
        for row in rows {
            lines.entry(row.handoff_id).or_default().push(line_of(row)?);
        }
    }
    Ok(lines)
}

fn line_of(row: LineRow) -> Result<Line> {
    let bad = || Error::Internal(anyhow::anyhow!("handoff_people.outcome of {}/{} holds what it cannot", row.handoff_id, row.traveller_id));
    let reason = row.reason.map(|text| text.parse::<Reason>()).transpose().map_err(|_| bad())?;
    let outcome = match (row.outcome.as_deref(), reason) {
        (None, None) => None,
        (Some("received"), None) => Some(Outcome::Received),
        (Some(kind), Some(reason)) => Some(Outcome::Excepted(ExceptionKind::from_name(kind).ok_or_else(bad)?, reason)),
        _ => return Err(bad()),
    };
    Ok(Line { traveller: row.traveller_id, outcome })
}

/// The handoffs in which some of these people are offered at present, without repeats.
pub(super) fn handoffs_with(conn: &mut Conn, people: &[TravellerId]) -> Result<Vec<HandoffId>> {
    let open = handoff_people::table.filter(handoff_people::traveller_id.eq_any(people).and(handoff_people::is_open));
    Ok(open.select(handoff_people::handoff_id).distinct().order(handoff_people::handoff_id).load(conn)?)
}
