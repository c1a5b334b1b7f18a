//! Copying of SQLite's log back into its file. Left to itself SQLite does it within some commit, whose caller waits for all the others;
//! here a thread of its own does it beside the writer, who stops for it only where the log would outgrow its bound.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use diesel::connection::SimpleConnection as _;

use super::conn::{Conn, Url};

/// By so many bytes the log grows before it is copied again: little while people act one by one, since whoever commits meanwhile waits for the same disk;
/// much while a roster is written. Each copying writes every page that has changed since the one before, so the pages that change all the time are
/// written less often if it is done seldom.
const GROWTH: [u64; 2] = [4 << 20, 32 << 20];

/// A commit that is longer is of a roster.
const LONG_COMMIT: u64 = 1 << 20;

/// The thread. It ends when this handle is dropped.
pub(super) struct Checkpointer {
    log: PathBuf,
    /// How long the log was when it was copied last, and after the last commit.
    copied: u64,
    length: u64,
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
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self { log: log.into(), copied: 0, length: 0, wake })
    }

    /// To be called after every commit; costs a look at the length of the log.
    pub(super) fn committed(&mut self) {
        let Ok(log) = std::fs::metadata(&self.log) else { return };
        // What has been copied whole is written over from its beginning and cut off behind.
        let length = log.len();
        let is_long = length > self.length + LONG_COMMIT;
        self.length = length;
        self.copied = self.copied.min(length);
        if length >= self.copied + GROWTH[usize::from(is_long)] {
            self.copied = length;
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
