//! Copying of SQLite's log back into its file. Left to itself SQLite does it within some commit, whose caller waits for all the others;
//! here a thread of its own does it beside the writer, who stops for it only where the log would outgrow its bound.

use std::path::Path;
use std::sync::mpsc;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::conn::{Conn, Url};

/// By so many pages the log grows before it is copied again: few while people act one by one, since whoever commits meanwhile waits for the same disk;
/// many while a roster is written. Each copying writes every page that has changed since the one before, so the pages that change all the time are
/// written less often if it is done seldom.
const GROWTH: [i32; 2] = [1_000, 8_000];

/// A commit of more pages is of a roster.
const LONG_COMMIT: i32 = 250;

/// How many pages the log holds, and how many of those have been copied.
#[derive(QueryableByName)]
struct Log {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// The thread. It ends when this handle is dropped.
pub(super) struct Checkpointer {
    /// How many pages the log held after the last commit.
    length: i32,
    wake: mpsc::SyncSender<()>,
}

impl Checkpointer {
    pub(super) fn start(file: &Path) -> std::io::Result<Self> {
        let (wake, woken) = mpsc::sync_channel(1);
        let url = Url::Sqlite(file.to_owned());
        std::thread::Builder::new().name("sqlite-checkpoint".into()).spawn(move || {
            while woken.recv().is_ok() {
                // Nothing is lost where this fails: the writer copies the log itself when it has become too long.
                if let Err(fault) = copy(&url) {
                    tracing::warn!(fault, "the log of the database was not copied back");
                }
            }
        })?;
        Ok(Self { length: 0, wake })
    }

    /// To be called after every commit of `conn`; costs a look at the head of the log's index.
    pub(super) fn committed(&mut self, conn: &mut Conn) {
        let Conn::Sqlite(conn) = conn else { return };
        // SQLite is asked, and its files are left alone: whoever closes one of them takes this process's locks on it away.
        let Ok(Log { log, checkpointed }) = sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(conn) else { return };
        // What has been copied whole is written over from its beginning; the file stays as long as it was.
        let is_long = log > self.length + LONG_COMMIT;
        self.length = log;
        if log - checkpointed >= GROWTH[usize::from(is_long)] {
            // Whoever is at work already is woken again afterwards; once is enough.
            let _ = self.wake.try_send(());
        }
    }
}

/// Waits for nobody and lets nobody wait: what is still being read or written is left for the next time.
fn copy(url: &Url) -> Result<(), String> {
    let mut conn = Conn::open(url).map_err(|fault| fault.to_string())?;
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)").map_err(|fault| fault.to_string())
}
