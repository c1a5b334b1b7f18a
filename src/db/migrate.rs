//! The schema's versions. The two folders hold the same names; the statements differ only where the engines do.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration as _, MigrationSource};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::Conn;
use crate::base::{Error, Message, Result};

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
    let names = match conn {
        Conn::Sqlite(conn) => conn.pending_migrations(SQLITE).map_err(failed)?.iter().map(|migration| migration.name().to_string()).collect(),
        Conn::Postgres(conn) => conn.pending_migrations(POSTGRES).map_err(failed)?.iter().map(|migration| migration.name().to_string()).collect(),
    };
    Ok(names)
}

/// Refuses a database that is not of the version of this program. Only reads.
pub(super) fn must_be_current(conn: &mut Conn) -> Result<()> {
    let (have, want) = (done(conn)?, known()?);
    if let Some(missing) = want.difference(&have).next() {
        return Err(Error::Refused(Message::new("migrate_first").with("migration", missing)));
    }
    match have.difference(&want).next() {
        Some(unknown) => Err(Error::Refused(Message::new("schema_is_newer").with("migration", unknown))),
        None => Ok(()),
    }
}

/// Whether a database lacks migrations that this program has. Only reads.
pub(super) fn is_older(conn: &mut Conn) -> Result<bool> {
    let have = done(conn)?;
    Ok(known()?.iter().any(|version| !have.contains(version)))
}

/// The versions of the migrations that have run, as their list in the database has them.
fn done(conn: &mut Conn) -> Result<BTreeSet<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let list = match conn {
        Conn::Sqlite(_) => "SELECT name AS version FROM sqlite_schema WHERE name = '__diesel_schema_migrations'",
        Conn::Postgres(_) => "SELECT relname::text AS version FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')",
    };
    if sql_query(list).load::<Row>(conn)?.is_empty() {
        return Err(Error::Refused(Message::new("not_our_database")));
    }
    let rows: Vec<Row> = sql_query("SELECT CAST(version AS TEXT) AS version FROM __diesel_schema_migrations").load(conn)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// The versions that this program knows; they are the same for both engines.
fn known() -> Result<BTreeSet<String>> {
    let all = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(failed)?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn failed(cause: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Internal(anyhow::anyhow!("migration: {cause}"))
}
