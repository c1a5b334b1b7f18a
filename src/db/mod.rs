//! The database, SQLite or PostgreSQL: connections, transactions, columns, migrations, the log of events.
//!
//! A write happens inside [`Db::write`] and nowhere else, because nothing else makes a [`Tx`]. What `write` has returned is
//! on disk. (Only [`copy`] writes otherwise: a whole database at once, into an empty one.) This module knows no rule of the
//! domain; it tells which rule of the schema an engine refused to break.

mod bulk;
mod checkpoint;
mod column;
mod conn;
pub mod copy;
mod events;
mod fault;
mod migrate;
mod requests;
pub(crate) mod schema;
mod statement;
mod tx;
mod workers;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::Pool;

pub use self::column::{At, Document, Instant, Json, Key};
pub use self::conn::{Conn, Multi, Url};
pub use self::events::{Event, LoggedEvent, events_after, last_event};
pub use self::requests::{Claim, RequestKey};
pub(crate) use self::statement::{Kept, Statement};
pub use self::tx::Tx;
pub use self::workers::{WorkerNode, workers_seen};
pub(crate) use bulk::insert_all;

use self::conn::Manager;
use self::writer::Writer;
use crate::base::{Clock, Error, IdSource, Message, Result};

/// A database that is open.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    url: Url,
    pool: Pool<Manager>,
    /// SQLite has one writer, which commits in groups; PostgreSQL's transactions run side by side.
    writer: Option<Writer>,
    clock: Clock,
    ids: Arc<IdSource>,
}

impl Db {
    /// Opens the database at `url` with at most `connections` connections. The folder and the file of an embedded one are
    /// made if they are missing; nothing is migrated.
    pub fn open(url: Url, connections: u32, clock: Clock, ids: IdSource) -> Result<Self> {
        url.make_folder()?;
        let pool = Pool::builder()
            .max_size(connections.max(1))
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .error_handler(Box::new(fault::LogConnectionErrors))
            .build(Manager(url.clone()))
            .map_err(|_| Error::Unavailable(Message::new("database_unreachable").with("engine", url.engine())))?;
        let ids = Arc::new(ids);
        let writer = match &url {
            Url::Sqlite(file) => Some(Writer::start(file, clock.clone(), Arc::clone(&ids))?),
            Url::Postgres(_) => None,
        };
        Ok(Self(Arc::new(Inner { url, pool, writer, clock, ids })))
    }

    /// The clock this database stamps its writes with.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// A source of ids for another thread.
    pub fn fork_ids(&self) -> IdSource {
        self.0.ids.fork()
    }

    /// Where this database is.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// Runs `work` on one snapshot: what it reads in several queries fits together.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.connection()?;
        conn.begin_snapshot()?;
        let outcome = work(&mut conn);
        conn.end_snapshot()?;
        outcome
    }

    /// Runs `work` in one transaction and returns when it is durable, or not at all.
    ///
    /// `work` may run several times (a deadlock, a busy file), so it must touch nothing but the transaction it is given.
    /// If the connection is lost during the commit the outcome is unknown: the error is [`Error::Unavailable`], and only
    /// a caller with an idempotency key may try again.
    pub fn write<T: Send + 'static>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        match &self.0.writer {
            Some(writer) => writer.run(work),
            None => {
                let mut conn = self.connection()?;
                tx::run_alone(&mut conn, &self.0.clock, &self.0.ids, &mut work)
            }
        }
    }

    /// Brings the schema up to date; several nodes may call this at once.
    pub fn migrate(&self) -> Result<()> {
        migrate::run(&mut *self.connection()?)
    }

    /// The names of the migrations that have not run yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>> {
        migrate::pending(&mut *self.connection()?)
    }

    fn connection(&self) -> Result<diesel::r2d2::PooledConnection<Manager>> {
        self.0.pool.get().map_err(|_| Error::Unavailable(Message::new("database_unreachable").with("engine", self.0.url.engine())))
    }
}
