//! SQLite's one writer. A commit that survives a power cut costs a flush of the disk, so pieces of work that wait at the same
//! moment share one: each runs in a savepoint, all are committed together, and each is answered after that commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, mpsc};

use diesel::r2d2::R2D2Connection as _;

use super::checkpoint::Checkpointer;
use super::conn::{Conn, Url};
use super::tx::{Keep, Tx, run_group};
use crate::base::{Clock, Error, IdSource, Message, Result};

/// At most so many pieces of work in one commit, so that the first of them does not wait long for the last.
const LARGEST_GROUP: usize = 128;

/// The thread that owns the writing connection. It ends when the last handle is dropped.
pub(super) struct Writer(mpsc::Sender<Box<dyn Work>>);

/// A piece of work with the place its answer goes to.
pub(super) trait Work: Send {
    /// Runs, in a savepoint unless it is alone in the transaction, and keeps the outcome. An error here means that the whole
    /// transaction is lost.
    fn run(&mut self, tx: &mut Tx<'_>, is_alone: bool) -> Result<Keep>;
    /// Sends the outcome after the commit, or the reason why there was none.
    fn answer(&mut self, commit: Result<(), &Error>);
}

struct Job<T, F> {
    work: F,
    outcome: Option<Result<T>>,
    reply: mpsc::SyncSender<Result<T>>,
}

impl Writer {
    pub(super) fn start(file: &Path, clock: Clock, ids: Arc<IdSource>) -> Result<Self> {
        let open = {
            let url = Url::Sqlite(file.to_owned());
            move || -> Result<Conn> {
                let mut conn = Conn::open(&url).map_err(|cause| Error::Unavailable(Message::new("database_cannot_open").with("cause", cause)))?;
                conn.keep_many_pages()?;
                Ok(conn)
            }
        };
        let mut conn = open()?;
        let mut checkpointer = Checkpointer::start(file).map_err(|cause| Error::Internal(cause.into()))?;
        let (sender, queue) = mpsc::channel::<Box<dyn Work>>();
        let thread = std::thread::Builder::new().name("sqlite-writer".into());
        let run = move || {
            while let Ok(first) = queue.recv() {
                let mut group = vec![first];
                group.extend(queue.try_iter().take(LARGEST_GROUP - 1));
                let commit = run_group(&mut conn, &clock, &ids, &mut group);
                for work in &mut group {
                    work.answer(commit.as_ref().map(|_| ()));
                }
                checkpointer.committed(&mut conn);
                // Whoever waits must not be refused for ever because of what one group met.
                if conn.is_broken() {
                    match open() {
                        Ok(another) => conn = another,
                        Err(error) => tracing::error!(%error, "the broken connection to the database could not be replaced"),
                    }
                }
            }
        };
        thread.spawn(run).map_err(|cause| Error::Internal(cause.into()))?;
        Ok(Self(sender))
    }

    pub(super) fn run<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = mpsc::sync_channel(1);
        let gone = || Error::Unavailable(Message::new("database_closed"));
        self.0.send(Box::new(Job { work, outcome: None, reply })).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Work for Job<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>, is_alone: bool) -> Result<Keep> {
        let work = &mut self.work;
        // A panic must not take the writer, and with it every other desk, down.
        let mut guarded =
            |tx: &mut Tx<'_>| catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|_| Err(Error::Internal(anyhow::anyhow!("a write panicked"))));
        let outcome = if is_alone { guarded(tx) } else { tx.attempt(guarded) };
        match outcome {
            Err(error) if super::fault::lost_the_transaction(&error) => Err(error),
            outcome => {
                let keep = if is_alone && outcome.is_err() { Keep::No } else { Keep::Yes };
                self.outcome = Some(outcome);
                Ok(keep)
            }
        }
    }

    fn answer(&mut self, commit: Result<(), &Error>) {
        let outcome = match (commit, self.outcome.take()) {
            (Ok(()), Some(outcome)) => outcome,
            (_, Some(Err(own))) => Err(own),
            (Err(lost), _) => Err(Error::Unavailable(lost.message())),
            (Ok(()), None) => Err(Error::Internal(anyhow::anyhow!("a write was never run"))),
        };
        // The caller may have gone away; its work is committed all the same.
        let _ = self.reply.send(outcome);
    }
}
