//! The two engines, with databases of their own for each measure, and the same rows written to each without any of our work.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};

use super::postgres;

/// Where a measure runs.
#[derive(Clone, Copy)]
pub enum Engine {
    /// A file on this disk, every commit flushed.
    Sqlite,
    /// A server of this run, every commit flushed.
    Postgres(&'static postgres::Server),
}

/// Settings of the server: as it comes, every commit flushed; only the memory is that of a small server of our days.
const SETTINGS: [&str; 2] = ["shared_buffers=512MB", "max_wal_size=4GB"];

/// The columns of the bare table: those of the roster.
const COLUMNS: usize = 16;

#[derive(diesel::Insertable)]
#[diesel(table_name = bare)]
struct BareRow {
    c1: String,
    c2: String,
    c3: String,
    c4: String,
    c5: String,
    c6: String,
    c7: String,
    c8: String,
    c9: String,
    c10: String,
    c11: String,
    c12: String,
    c13: String,
    c14: String,
    c15: String,
    c16: String,
}

diesel::table! {
    bare (c1) {
        c1 -> Text, c2 -> Text, c3 -> Text, c4 -> Text, c5 -> Text, c6 -> Text, c7 -> Text, c8 -> Text,
        c9 -> Text, c10 -> Text, c11 -> Text, c12 -> Text, c13 -> Text, c14 -> Text, c15 -> Text, c16 -> Text,
    }
}

impl Engine {
    /// Those that this machine has.
    pub fn all() -> Vec<Self> {
        std::iter::once(Self::Sqlite).chain(postgres::server(&SETTINGS).map(Self::Postgres)).collect()
    }

    /// The name in the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The URL of a database that nobody has used.
    pub fn fresh(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}/{}.db", folder.display(), uuid::Uuid::from_u128(rand::random())),
            Self::Postgres(server) => server.fresh_database(),
        }
    }

    /// Writes the rows of a roster, as they stand, into one table without an index, in one transaction; the rows a second.
    /// On PostgreSQL this is `psql \copy`; on SQLite one prepared statement run for each row.
    pub fn write_bare(self, folder: &Path, roster: &Path, rows: u64) -> Result<f64> {
        let names: Vec<String> = (1..=COLUMNS).map(|n| format!("c{n} text")).collect();
        let table = format!("CREATE TABLE bare ({})", names.join(", "));
        let start = std::time::Instant::now();
        match self {
            Self::Sqlite => write_bare_sqlite(&folder.join(format!("bare-{rows}.db")), &table, roster)?,
            Self::Postgres(server) => copy(&server.fresh_database(), &table, roster)?,
        }
        Ok(rows as f64 / start.elapsed().as_secs_f64())
    }
}

fn write_bare_sqlite(file: &PathBuf, table: &str, roster: &Path) -> Result<()> {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy())?;
    conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
    conn.batch_execute(table)?;
    let mut reader = csv::Reader::from_path(roster)?;
    conn.transaction::<_, anyhow::Error, _>(|conn| {
        for record in reader.records() {
            let record = record?;
            let [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16] = std::array::from_fn(|n| record[n].to_owned());
            let row = BareRow { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16 };
            diesel::insert_into(bare::table).values(&row).execute(conn)?;
        }
        Ok(())
    })
}

fn copy(url: &str, table: &str, roster: &Path) -> Result<()> {
    let copy = format!("\\copy bare from '{}' with (format csv, header true)", roster.display());
    let done = Command::new("psql").args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", table, "-c", &copy]).status().context("psql")?;
    ensure!(done.success(), "psql \\copy failed");
    Ok(())
}
