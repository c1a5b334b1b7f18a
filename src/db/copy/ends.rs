//! The two ends of a copy: what is copied and what it is copied into. Each has a connection of its own, past the pool and the one writer.

use std::fmt::Write as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use super::super::conn::{Conn, Url};
use super::super::migrate;
use crate::base::{Error, Message, Result};

/// What is copied.
pub struct Source {
    pub(super) conn: Conn,
    /// Where the file lies that is read, if it had to be made for that.
    _folder: Option<tempfile::TempDir>,
}

/// What it is copied into: migrated, and to be found empty.
pub struct Target {
    pub(super) conn: Conn,
}

impl Source {
    /// A database, others at work in it or not.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none; of a file that is not there none is made.
    pub fn database(url: &Url) -> Result<Self> {
        if let Url::Sqlite(file) = url {
            must_be_there(file)?;
        }
        Ok(Self { conn: open(url)?, _folder: None })
    }

    /// A file, which is only read: what was written by an earlier version of this program is brought up to date in a copy of it.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none, or it is no database of this program.
    pub fn file(file: &Path) -> Result<Self> {
        must_be_there(file)?;
        let strange = |cause: &dyn std::fmt::Display| Error::Refused(Message::new("no_backup").with("file", file.display()).with("cause", cause));
        let mut conn = SqliteConnection::establish(&read_only(file)).map_err(|cause| strange(&cause))?;
        conn.batch_execute("PRAGMA busy_timeout = 5000; SELECT count(*) FROM sqlite_schema").map_err(|cause| strange(&cause))?;
        let mut conn = Conn::Sqlite(conn);
        if !migrate::is_older(&mut conn)? {
            return Ok(Self { conn, _folder: None });
        }
        let folder = tempfile::tempdir().map_err(|cause| Error::Unavailable(Message::new("backup_not_copied").with("cause", cause)))?;
        let copy = folder.path().join("backup.db");
        conn.batch(&format!("VACUUM INTO '{}'", copy.display().to_string().replace('\'', "''")))?;
        let mut conn = open(&Url::Sqlite(copy))?;
        migrate::run(&mut conn)?;
        Ok(Self { conn, _folder: Some(folder) })
    }
}

impl Target {
    /// A database, made if it is missing and migrated.
    pub fn database(url: &Url) -> Result<Self> {
        url.make_folder()?;
        let mut conn = open(url)?;
        if let Conn::Sqlite(_) = &conn {
            conn.keep_many_pages()?;
        }
        migrate::run(&mut conn)?;
        Ok(Self { conn })
    }

    /// A file that nobody else has open and that is thrown away if the copy fails. It stays one file: no log lies beside it.
    pub fn file(file: &Path) -> Result<Self> {
        let mut target = Self::database(&Url::Sqlite(file.to_owned()))?;
        target.conn.batch("PRAGMA journal_mode = DELETE")?;
        Ok(target)
    }

    /// Begins the transaction, in which SQLite leaves foreign keys alone.
    pub(super) fn begin(&mut self) -> Result<()> {
        if let Conn::Sqlite(_) = &self.conn {
            self.conn.batch("PRAGMA foreign_keys = OFF")?;
        }
        self.conn.begin_write()
    }
}

fn open(url: &Url) -> Result<Conn> {
    let mut conn = Conn::open(url).map_err(|cause| match url {
        Url::Sqlite(_) => Error::Unavailable(Message::new("database_cannot_open").with("cause", cause)),
        Url::Postgres(_) => {
            tracing::warn!(%cause, "cannot connect to the database");
            Error::Unavailable(Message::new("database_unreachable").with("engine", url.engine()))
        }
    })?;
    // Either end may wait for the other for longer than a use case ever should.
    if let Conn::Postgres(_) = &conn {
        conn.batch("SET idle_in_transaction_session_timeout = 0")?;
    }
    Ok(conn)
}

fn must_be_there(file: &Path) -> Result<()> {
    if file.is_file() { Ok(()) } else { Err(Error::Refused(Message::new("no_such_database").with("file", file.display()))) }
}

/// The address under which SQLite only reads a file.
fn read_only(file: &Path) -> String {
    let mut address = String::from("file:");
    for &byte in file.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address + "?mode=ro"
}
