//! What tests stand on: a database of its own for each test, on each engine.

pub mod app;
pub mod build;
pub mod people;
mod postgres;
pub mod smtp;
pub mod source;

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use jiezhuan::base::{Clock, IdSource, time};
use jiezhuan::db::{Db, Url};

/// Settings of a server whose databases need not outlive the tests.
const FORGETFUL: [&str; 4] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB"];

/// A migrated, empty database that goes away with the test.
pub struct TestDb {
    pub db: Db,
    pub clock: Clock,
    pub url: String,
    _folder: Option<Arc<tempfile::TempDir>>,
}

/// The engines that every test of the database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl TestDb {
    /// Makes one, or says why there is none on this machine.
    pub fn on(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::sqlite()),
            Engine::Postgres => Self::postgres(),
        }
    }

    fn sqlite() -> Self {
        static TEMPLATE: OnceLock<(tempfile::TempDir, std::path::PathBuf)> = OnceLock::new();
        let (_, template) = TEMPLATE.get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder for the template");
            let file = folder.path().join("template.db");
            let db = open(&format!("sqlite://{}", file.display()), &Clock::System);
            db.migrate().expect("the migrations run on SQLite");
            drop(db);
            // The writer's thread may still have the file open, and what was migrated would then be in the log beside it.
            let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("the template opens");
            conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)").expect("the log is written back");
            (folder, file)
        });
        let folder = tempfile::tempdir().expect("a folder for the database");
        let file = folder.path().join("test.db");
        std::fs::copy(template, &file).expect("the template is copied");
        let clock = Clock::at(noon());
        let url = format!("sqlite://{}", file.display());
        Self { db: open(&url, &clock), clock, url, _folder: Some(Arc::new(folder)) }
    }

    fn postgres() -> Option<Self> {
        let server = postgres::server(&FORGETFUL)?;
        let clock = Clock::at(noon());
        let url = server.fresh_database();
        Some(Self { db: open(&url, &clock), clock, url, _folder: None })
    }

    /// The same database a second time, as another node has it.
    pub fn twice(self) -> (Self, Self) {
        let other = Self { db: open_as(2, &self.url, &self.clock), clock: self.clock.clone(), url: self.url.clone(), _folder: self._folder.clone() };
        (self, other)
    }

    /// The first column of what a query returns, as text.
    pub fn column(&self, sql: &'static str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            body: String,
        }
        let rows = self.db.read(move |conn| Ok(diesel::RunQueryDsl::load::<Row>(diesel::sql_query(sql), conn)?)).expect("the query runs");
        rows.into_iter().map(|row| row.body).collect()
    }

    /// Moves this test's clock to a local time in Shanghai.
    pub fn at(&self, local: &str) {
        self.clock.set(at(local));
    }
}

fn open(url: &str, clock: &Clock) -> Db {
    open_as(1, url, clock)
}

/// Nodes must not make the same ids.
fn open_as(node: u64, url: &str, clock: &Clock) -> Db {
    Db::open(Url::parse(url).expect("a database URL"), 8, clock.clone(), IdSource::seeded(node)).expect("the database opens")
}

/// The instant at which Shanghai's clocks show `local`.
pub fn at(local: &str) -> DateTime<Utc> {
    time::parse_instant(local).expect("an instant")
}

fn noon() -> DateTime<Utc> {
    at("2020-09-15 12:00")
}

/// Says that a test did not run, and why; where everything must run, that is a failure.
pub fn skipped(what: &str, why: &str) {
    let demanded = std::env::var("JIEZHUAN_TESTS_REQUIRE").unwrap_or_default();
    assert!(!demanded.split(',').any(|demand| demand == what), "{what} tests must run here, but: {why}");
    eprintln!("SKIPPED ({what}): {why}");
}

/// Makes each function, which takes a [`TestDb`], a test on SQLite and a test on PostgreSQL.
macro_rules! on_both_engines {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident: TestDb) $body:block)+) => {$(
        mod $name {
            use super::*;

            fn run($db: TestDb) $body

            #[test]
            $(#[$attribute])*
            fn sqlite() {
                if let Some(db) = TestDb::on($crate::support::Engine::Sqlite) {
                    run(db);
                }
            }

            #[test]
            $(#[$attribute])*
            fn postgres() {
                if let Some(db) = TestDb::on($crate::support::Engine::Postgres) {
                    run(db);
                }
            }
        }
    )+};
}
pub(crate) use on_both_engines;
