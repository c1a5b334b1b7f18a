//! Transactions: the only way to write. A transaction carries the one instant that all it writes is stamped with.

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::conn::Conn;
use crate::base::{Clock, Error, Id, IdSource, Result};

/// An open write transaction. Reads work through it too, and see its own writes.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    now: DateTime<Utc>,
    ids: &'c IdSource,
}

impl Tx<'_> {
    /// When this transaction happens; read once, the same for all it writes.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// A fresh id.
    pub fn new_id<K>(&self) -> Id<K> {
        self.ids.next(self.now)
    }

    /// Where chance comes from, for keys and nonces.
    pub fn chance(&self) -> &IdSource {
        self.ids
    }

    /// Runs `work` so that, if it fails, what it wrote is undone and the transaction goes on.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        AnsiManager::begin_transaction(self.conn)?;
        match work(&mut Tx { conn: self.conn, now: self.now, ids: self.ids }) {
            Ok(done) => {
                AnsiManager::commit_transaction(self.conn)?;
                Ok(done)
            }
            Err(error) => match AnsiManager::rollback_transaction(self.conn) {
                Ok(()) => Err(error),
                // The engine has given the whole transaction up (SQLite does, when the disk is full) and knows no savepoint any more.
                // Why it did so is the error worth telling.
                Err(rollback) if super::fault::lost_the_transaction(&error) => {
                    tracing::warn!(%rollback, "rollback to the savepoint failed");
                    Err(error)
                }
                Err(rollback) => Err(rollback.into()),
            },
        }
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

type AnsiManager = <Conn as diesel::Connection>::TransactionManager;

/// How often a transaction that lost a deadlock is tried again.
const TRIES: u32 = 6;

/// Runs `work` in a transaction of its own and commits it.
pub(super) fn run_alone<T>(conn: &mut Conn, clock: &Clock, ids: &IdSource, work: &mut dyn FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        conn.begin_write()?;
        let outcome = work(&mut Tx { conn, now: clock.now(), ids });
        let outcome = match outcome {
            Ok(done) => AnsiManager::commit_transaction(conn).map_err(Error::from).map(|()| done),
            Err(error) => {
                // The connection may be gone; the first error is the one worth telling.
                if let Err(rollback) = AnsiManager::rollback_transaction(conn) {
                    tracing::warn!(%rollback, "rollback failed");
                }
                Err(error)
            }
        };
        match outcome {
            Err(error) if tries < TRIES && super::fault::lost_a_deadlock(&error) => tries += 1,
            outcome => return outcome,
        }
    }
}

impl Conn {
    /// Begins a transaction that will write: SQLite takes its write lock at once (a read that turns into a write fails),
    /// PostgreSQL runs read-committed, where use cases lock the rows that they decide about. What is written is found by its keys, so one plan is
    /// as good as another and is made once; but it must not read all of a table that has grown since, or whose rows had not been counted.
    pub(super) fn begin_write(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?,
            Self::Postgres(conn) => {
                let begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";
                AnsiTransactionManager::begin_transaction_sql(conn, begin)?;
            }
        }
        Ok(())
    }

    /// Begins a snapshot for reading.
    pub(super) fn begin_snapshot(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED")?,
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
        }
        Ok(())
    }

    /// Ends a snapshot; nothing was written, so there is nothing to keep.
    pub(super) fn end_snapshot(&mut self) -> Result<()> {
        Ok(AnsiManager::rollback_transaction(self)?)
    }

    /// Runs statements that are the same on both engines and return nothing.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.batch_execute(sql)?)
    }
}

/// Runs many pieces of work in one transaction, each in a savepoint of its own, and commits once. A piece that is alone needs no
/// savepoint, and is much the faster for it if it is large: within one SQLite keeps the old image of every page that each statement changes.
pub(super) fn run_group(conn: &mut Conn, clock: &Clock, ids: &IdSource, group: &mut [Box<dyn super::writer::Work>]) -> Result<()> {
    conn.begin_write()?;
    let is_alone = group.len() == 1;
    for work in group.iter_mut() {
        let mut tx = Tx { conn, now: clock.now(), ids };
        match work.run(&mut tx, is_alone) {
            Ok(Keep::Yes) => {}
            Ok(Keep::No) => return Ok(AnsiManager::rollback_transaction(conn)?),
            Err(fatal) => {
                if let Err(rollback) = AnsiManager::rollback_transaction(conn) {
                    tracing::warn!(%rollback, "rollback failed");
                }
                return Err(fatal);
            }
        }
    }
    Ok(AnsiManager::commit_transaction(conn)?)
}

/// Whether what was written in the transaction is to stay.
pub(super) enum Keep {
    Yes,
    No,
}
