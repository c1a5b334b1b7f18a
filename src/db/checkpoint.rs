//! Copying of SQLite's log back into its file. Left to itself SQLite does it within some commit, whose caller waits for all the others;
//! here a thread of its own does it beside the writer, who stops for it only where the log would outgrow its bound.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use diesel::connection::SimpleConnection as _;

use super::conn::{Conn, Url};

/// By so many pages the log grows before it is copied again: few while people act one by one, since whoever commits meanwhile waits for the same disk;
/// many while a roster is written. Each copying writes every page that has changed since the one before, so the pages that change all the time are
/// written less often if it is done seldom.
const GROWTH: [u32; 2] = [1_000, 8_000];

/// A commit of more pages is of a roster.
const LONG_COMMIT: u32 = 250;

/// The thread. It ends when this handle is dropped.
pub(super) struct Checkpointer {
    /// The index of the log, which every process that has the database open shares.
    index: PathBuf,
    /// How many pages the log held after the last commit.
    length: u32,
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
        let mut index = file.as_os_str().to_owned();
        index.push("-shm");
        Ok(Self { index: index.into(), length: 0, wake })
    }

    /// To be called after every commit; costs a look at the head of the log's index.
    pub(super) fn committed(&mut self) {
        let Some((length, copied)) = self.look() else { return };
        // What has been copied whole is written over from its beginning; the file stays as long as it was.
        let is_long = length > self.length.saturating_add(LONG_COMMIT);
        self.length = length;
        if length.saturating_sub(copied) >= GROWTH[usize::from(is_long)] {
            // Whoever is at work already is woken again afterwards; once is enough.
            let _ = self.wake.try_send(());
        }
    }

    /// How many pages the log holds, and how many of those have been copied: at the places that SQLite documents for its WAL-index
    /// (<https://www.sqlite.org/walformat.html>, `mxFrame` and `nBackfill`), in the machine's own byte order.
    fn look(&self) -> Option<(u32, u32)> {
        let index = File::open(&self.index).ok()?;
        let number = |at| {
            let mut bytes = [0; 4];
            index.read_exact_at(&mut bytes, at).ok().map(|()| u32::from_ne_bytes(bytes))
        };
        Some((number(16)?, number(96)?))
    }
}

/// Waits for nobody and lets nobody wait: what is still being read or written is left for the next time.
fn copy(url: &Url) -> Result<(), String> {
    let mut conn = Conn::open(url).map_err(|fault| fault.to_string())?;
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)").map_err(|fault| fault.to_string())
}
