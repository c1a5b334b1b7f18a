//! The log of what happened, written in the transaction in which it happened. Mail, live pages and totals read it by number;
//! a slice never calls forward.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::bulk::insert_all;
use super::column::{At, Json};
use super::conn::Conn;
use super::schema::events;
use super::tx::Tx;
use crate::base::{Id, Result};

/// Something that happened, to be recorded.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened: `handoff_offered`, `roster_imported`.
    pub kind: &'static str,
    /// The id of what it happened to.
    pub subject: Uuid,
    /// The adcode by which those concerned are found; none concerns everyone.
    pub place: Option<String>,
    /// Facts a reader needs; never an identity.
    pub facts: Value,
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct EventRow {
    at: At,
    kind: &'static str,
    subject: Id<Event>,
    place: Option<String>,
    facts: Json,
}

/// An event as the log holds it.
#[derive(Debug, Clone, Queryable)]
pub struct LoggedEvent {
    /// Its number; later events have larger ones.
    pub seq: i64,
    at: At,
    /// What happened.
    pub kind: String,
    subject: Id<Event>,
    /// The adcode by which those concerned are found.
    pub place: Option<String>,
    facts: Json,
}

impl LoggedEvent {
    /// When it was recorded.
    pub fn at(&self) -> DateTime<Utc> {
        self.at.0
    }

    /// The id of what it happened to.
    pub fn subject(&self) -> Uuid {
        self.subject.uuid()
    }

    /// The facts.
    pub fn facts(&self) -> &Value {
        &self.facts.0
    }
}

type Columns = (events::seq, events::at, events::kind, events::subject, events::place, events::facts);
const COLUMNS: Columns = (events::seq, events::at, events::kind, events::subject, events::place, events::facts);

impl Tx<'_> {
    /// Takes at most `limit` events that nobody has been told of, oldest first, and marks them told of: they are exactly if this transaction
    /// commits. Going by the mark and not by the number, no event is passed over that was numbered early and committed late; those that
    /// somebody else is just taking are left to them.
    pub fn take_untold(&mut self, limit: i64) -> Result<Vec<LoggedEvent>> {
        let untold = events::table.filter(diesel::dsl::not(events::is_told)).order(events::seq).limit(limit).select(COLUMNS);
        let found: Vec<LoggedEvent> = match &mut **self {
            Conn::Postgres(conn) => untold.for_update().skip_locked().load(conn)?,
            Conn::Sqlite(conn) => untold.load(conn)?,
        };
        let numbers: Vec<i64> = found.iter().map(|event| event.seq).collect();
        diesel::update(events::table.filter(events::seq.eq_any(numbers))).set(events::is_told.eq(true)).execute(&mut **self)?;
        Ok(found)
    }

    /// Records an event; it is there exactly if this transaction commits.
    pub fn record(&mut self, event: Event) -> Result<()> {
        self.record_all(vec![event])
    }

    /// Records several events, in this order.
    pub fn record_all(&mut self, events: Vec<Event>) -> Result<()> {
        let at = At(self.now());
        let row = |event: Event| EventRow { at, kind: event.kind, subject: Id::from_uuid(event.subject), place: event.place, facts: Json(event.facts) };
        let rows: Vec<EventRow> = events.into_iter().map(row).collect();
        insert_all!(self, events::table, &rows)
    }
}

/// At most `limit` events after number `seq`, oldest first.
pub fn events_after(conn: &mut Conn, seq: i64, limit: i64) -> Result<Vec<LoggedEvent>> {
    Ok(events::table.filter(events::seq.gt(seq)).order(events::seq).limit(limit).select(COLUMNS).load(conn)?)
}

/// The number of the newest event; 0 if there is none.
pub fn last_event(conn: &mut Conn) -> Result<i64> {
    Ok(events::table.select(diesel::dsl::max(events::seq)).first::<Option<i64>>(conn)?.unwrap_or(0))
}
