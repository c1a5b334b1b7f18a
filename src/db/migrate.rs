//! The schema's versions. The two folders hold the same names; the statements differ only where the engines do.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::Conn;
use crate::base::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that no other program uses as an advisory lock in this database.
const ADVISORY_LOCK: i64 = 0x4a5a_0001;

/// Runs what is missing. Nodes that start together wait for each other.
pub(super) fn run(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(drop).map_err(failed),
        Conn::Postgres(conn) => {
            conn.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
            let outcome = conn.run_pending_migrations(POSTGRES).map(drop).map_err(failed);
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
            outcome
        }
    }
}

/// The names of the migrations that have not run yet. Asking makes the list of those that have, so it is no reading.
pub(super) fn pending(conn: &mut Conn) -> Result<Vec<String>> {
    use diesel::migration::Migration;
    let names = match conn {
        Conn::Sqlite(conn) => conn.pending_migrations(SQLITE).map_err(failed)?.iter().map(|migration| migration.name().to_string()).collect(),
        Conn::Postgres(conn) => conn.pending_migrations(POSTGRES).map_err(failed)?.iter().map(|migration| migration.name().to_string()).collect(),
    };
    Ok(names)
}

fn failed(cause: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Internal(anyhow::anyhow!("migration: {cause}"))
}
