//! One connection type over both engines, so that every query is written once. Which engine it is, is decided by the
//! scheme of the database URL and by nothing else.

#![expect(missing_docs, reason = "the derive writes public items without any")]

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, R2D2Connection as _};
use diesel::{Connection as _, ConnectionResult, PgConnection, SqliteConnection};

use crate::base::{Error, Message, Result};

/// A connection to SQLite or to PostgreSQL.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The embedded engine.
    Sqlite(SqliteConnection),
    /// PostgreSQL through libpq.
    Postgres(PgConnection),
}

/// The backend that stands for both engines, under the names the rest of the module uses.
pub use self::{MultiBackend as Multi, MultiRawValue as MultiValue};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url {
    /// A file of the embedded engine.
    Sqlite(std::path::PathBuf),
    /// A libpq connection string; several hosts may be named, separated by commas.
    Postgres(String),
}

impl Url {
    /// Reads `sqlite://PATH` or `postgres://...`; another scheme is named in the error.
    pub fn parse(text: &str) -> Result<Self> {
        let scheme = text.split_once("://").map_or(text, |(scheme, _)| scheme);
        match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            _ => Err(Error::invalid("database", Message::new("unknown_database_scheme").with("scheme", scheme))),
        }
    }

    /// The engine's name, for people and logs. The URL itself may hold a password and is never shown.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// The URL without what nobody may read: the password, and the parameters, which can hold one too.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                match rest.rsplit_once('@') {
                    Some((who, place)) => {
                        let (user, _) = who.split_once(':').unwrap_or((who, ""));
                        let (place, _) = place.split_once('?').unwrap_or((place, ""));
                        format!("{scheme}://{user}@{place}")
                    }
                    None => format!("{scheme}://{}", rest.split('?').next().unwrap_or_default()),
                }
            }
        }
    }

    /// Makes the folder of an embedded database if it is missing.
    pub(super) fn make_folder(&self) -> Result<()> {
        let Self::Sqlite(file) = self else { return Ok(()) };
        let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
        std::fs::create_dir_all(folder)
            .map_err(|cause| Error::Unavailable(Message::new("database_folder").with("folder", folder.display()).with("cause", cause)))
    }
}

impl Conn {
    /// Lets a connection of the embedded engine keep more pages at hand: the writer's, whose indexes over hashes change all over.
    pub(super) fn keep_many_pages(&mut self) -> Result<()> {
        self.batch("PRAGMA cache_size = -64000")
    }

    /// Lets a connection of the embedded engine read the file where the system keeps it, instead of copying every page: for readers, whose questions go all
    /// over the file. The writer's memory stays what it is told to be.
    fn read_in_place(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(_) => self.batch("PRAGMA mmap_size = 2147418112"),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Opens a connection that is ready for use.
    pub(super) fn open(url: &Url) -> ConnectionResult<Self> {
        match url {
            Url::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                // The busy timeout comes first: switching to WAL itself needs the lock. FULL, because what was acknowledged must survive a power
                // cut. The log is copied back by the `checkpoint` module, within a commit only where it would outgrow 256 MB. Up to
                // there it stays as long as it once was: a commit that cuts it off waits until the disk has written all that was ever before it. Recursive
                // triggers, or INSERT OR REPLACE would delete past the append-only triggers.
                conn.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA recursive_triggers = ON; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 64000; \
                     PRAGMA journal_size_limit = 268435456",
                )
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(conn))
            }
            Url::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                // A commit that waits for a replica must never be cancelled, so statements have no timeout; waiting for a lock does. Every question is
                // small, and starting other processes to help with one takes longer than answering it.
                conn.batch_execute(
                    "SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
                     SET max_parallel_workers_per_gather = 0",
                )
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Postgres(conn))
            }
        }
    }
}

/// Makes pooled connections for [`Url`].
#[derive(Debug)]
pub(super) struct Manager(pub(super) Url);

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        let mut conn = Conn::open(&self.0).map_err(diesel::r2d2::Error::ConnectionError)?;
        conn.read_in_place().map_err(|fault| diesel::r2d2::Error::ConnectionError(diesel::ConnectionError::BadConnection(fault.to_string())))?;
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}
