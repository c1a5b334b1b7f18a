//! What an engine says when it refuses, as this program's error. The names of the schema's rules are the same on both engines:
//! PostgreSQL reports the constraint; SQLite reports a text, which carries the name where a trigger holds the rule.

use diesel::r2d2::HandleError;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error as DieselError};

use crate::base::{Error, Message};

/// The rules that the schema holds, with what SQLite says where the rule is not a trigger but a unique index or a foreign key.
/// The name is also the code of the message that a person gets.
const RULES: &[(&str, &str)] = &[
    ("no_double_booking", "no_double_booking"),
    ("ledger_is_append_only", "ledger_is_append_only"),
    ("audit_is_append_only", "audit_is_append_only"),
    ("sealed_is_sealed", "sealed_is_sealed"),
    ("handoff_is_closed", "handoff_is_closed"),
    ("obligation_is_kept", "obligation_is_kept"),
    ("obligation_done", "obligation_done"),
    ("statement_is_kept", "statement_is_kept"),
    ("custody_chain", "UNIQUE constraint failed: custody_entries.traveller_id, custody_entries.seq"),
    ("beds_are_gone", "beds_are_gone"),
    ("one_open_handoff", "UNIQUE constraint failed: handoff_people.traveller_id"),
    ("one_open_proposal", "UNIQUE constraint failed: proposals.on_date, proposals.scope"),
    ("one_seat", "UNIQUE constraint failed: trip_seats.traveller_id"),
    ("seat_taken", "UNIQUE constraint failed: trip_seats.trip_id, trip_seats.seat_no"),
    ("traveller_known", "UNIQUE constraint failed: travellers.document_hash"),
    ("flight_known", "UNIQUE constraint failed: flights."),
    ("flight_known", "flights_pkey"),
    ("plate_known", "UNIQUE constraint failed: vehicles.plate"),
    ("badge_known", "UNIQUE constraint failed: staff.badge"),
    ("user_known", "UNIQUE constraint failed: users.name"),
    ("edition_known", "UNIQUE constraint failed: rule_editions.part"),
    ("policy_version_known", "UNIQUE constraint failed: policies.name"),
    ("same_request_running", "UNIQUE constraint failed: idempotency_keys."),
];

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound("row"),
            DieselError::DatabaseError(kind, information) => from_engine(kind, information.as_ref()),
            DieselError::BrokenTransactionManager | DieselError::AlreadyInTransaction => Self::Unavailable(Message::new("database_connection_lost")),
            other => Self::Internal(anyhow::Error::new(other)),
        }
    }
}

fn from_engine(kind: Kind, information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Error {
    let text = information.message();
    let constraint = information.constraint_name().unwrap_or_default();
    if let Some((rule, _)) = RULES.iter().find(|(rule, sqlite)| *rule == constraint || text.contains(sqlite) || text == *rule) {
        return Error::Conflict(Message::new(rule));
    }
    let unavailable = |code| Error::Unavailable(Message::new(code));
    match kind {
        Kind::ForeignKeyViolation if text.contains("custody") || constraint.contains("custody") => Error::Conflict(Message::new("custody_chain")),
        // SQLite does not say which foreign key; the ledger's is checked at once, by its own trigger, so this is another.
        Kind::ForeignKeyViolation => Error::Conflict(Message::new("refers_to_nothing")),
        Kind::SerializationFailure => unavailable("database_deadlock"),
        Kind::ClosedConnection => unavailable("database_connection_lost"),
        Kind::ReadOnlyTransaction => unavailable("database_read_only"),
        _ if text.contains("database is locked") || text.contains("database table is locked") => unavailable("database_locked"),
        _ if text.contains("lock timeout") => unavailable("database_locked"),
        _ if text.contains("deadlock detected") => unavailable("database_deadlock"),
        _ if text.contains("disk is full") || text.contains("No space left") => unavailable("disk_full"),
        _ if text.contains("disk I/O error") => unavailable("disk_fault"),
        _ if text.contains("readonly database") => unavailable("database_read_only"),
        _ if text.contains("connection") && (text.contains("terminat") || text.contains("closed") || text.contains("lost")) => {
            unavailable("database_connection_lost")
        }
        _ if text.contains("starting up") || text.contains("shutting down") => unavailable("database_connection_lost"),
        _ => Error::Internal(anyhow::anyhow!("database: {kind:?}: {text} ({constraint})")),
    }
}

/// Whether the transaction lost against another and may simply run again.
pub(super) fn lost_a_deadlock(error: &Error) -> bool {
    matches!(error, Error::Unavailable(message) if message.code == "database_deadlock")
}

/// Whether the engine gave the whole transaction up, not only the statement.
pub(super) fn lost_the_transaction(error: &Error) -> bool {
    matches!(error, Error::Unavailable(message) if matches!(message.code, "disk_full" | "disk_fault" | "database_connection_lost" | "database_read_only"))
}

/// Failed attempts to connect go to the log; the caller hears of them when its wait is over.
#[derive(Debug)]
pub(super) struct LogConnectionErrors;

impl HandleError<diesel::r2d2::Error> for LogConnectionErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "cannot connect to the database");
    }
}
