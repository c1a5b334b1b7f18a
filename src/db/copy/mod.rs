//! Copies a whole database into another one that is empty, of either engine: a backup, its way back, and the move from SQLite to PostgreSQL.
//!
//! Tables are not known here: both catalogues tell them, rows travel as JSON. The source is read in one snapshot and the target written in one
//! transaction, so a copy is consistent while others write, and one that fails leaves nothing. At most a part of a table is in memory.
//!
//! While rows are written the target's foreign keys and triggers are set aside, and put back before the commit. The triggers, because they judge
//! changes, and a row that stands need not pass as a new one (a site may have fewer beds than it once promised). The foreign keys, because tables
//! refer to each other in a circle (a handoff to the link that answered it, the link to its handoff), so no order of tables satisfies them on the way;
//! they are all checked at the end.

mod ends;
mod rules;
mod table;

use std::collections::BTreeMap;

use diesel::connection::TransactionManager as _;
use diesel::sql_types::Bool;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

pub use self::ends::{Source, Target};
use self::rules::Rules;
use self::table::Table;
use super::conn::Conn;
use crate::base::{Error, Message, Result};

/// Tables that say something of an installation and not of its data: which nodes were at work is true of the old place only.
const LEFT_OUT: &[&str] = &["workers"];

/// Tables that an installation fills when it starts. They do not make it one in use, and what they hold gives way to what is copied.
const FILLED_AT_START: &[&str] = &["keyring", "organisations", "policies"];

/// Rows go over in parts of about so many bytes.
const PART: usize = 1 << 20;

/// What a copy came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// How many tables were copied, the empty ones among them.
    pub tables: usize,
    /// How many rows.
    pub rows: u64,
}

/// Copies everything; `told` hears how many rows have been copied so far.
///
/// # Errors
/// [`Error::Refused`] if the target is in use, or the two are not of this program's version; [`Error::Conflict`] if a row refers to one that is not
/// there. The target is then as it was.
pub fn run(mut source: Source, mut target: Target, told: &mut dyn FnMut(u64)) -> Result<Copied> {
    source.conn.begin_snapshot()?;
    target.begin()?;
    match all(&mut source.conn, &mut target.conn, told) {
        Ok(copied) => {
            Manager::commit_transaction(&mut target.conn)?;
            Ok(copied)
        }
        Err(error) => {
            // The connection may be gone, and the transaction with it; the first error is the one worth telling.
            if let Err(rollback) = Manager::rollback_transaction(&mut target.conn) {
                tracing::warn!(%rollback, "rollback failed");
            }
            Err(error)
        }
    }
}

type Manager = <Conn as diesel::Connection>::TransactionManager;

fn all(source: &mut Conn, target: &mut Conn, told: &mut dyn FnMut(u64)) -> Result<Copied> {
    super::migrate::must_be_current(source)?;
    super::migrate::must_be_current(target)?;
    let (from, mut to) = (Table::all(source)?, Table::all(target)?);
    // A table of somebody else's, in one database only, is none of ours: ours are in both, as both are of this version.
    to.retain(|name, _| from.contains_key(name) && !LEFT_OUT.contains(&name.as_str()));
    must_be_unused(target, &to)?;
    let rules = Rules::set_aside(target, to.values())?;
    // Until now somebody else may have written; from here on the tables are ours.
    must_be_unused(target, &to)?;
    let mut rows = 0;
    for (name, into) in &to {
        if FILLED_AT_START.contains(&name.as_str()) {
            into.clear(target)?;
        }
        transfer(source, &from[name], target, into, &mut |n| {
            rows += n;
            told(rows);
        })?;
    }
    // Of a table that has just been filled PostgreSQL knows nothing yet, and guesses; also how to check the foreign keys.
    if let Conn::Postgres(_) = target {
        target.batch("ANALYZE")?;
    }
    rules.put_back(target)?;
    Ok(Copied { tables: to.len(), rows })
}

fn transfer(source: &mut Conn, from: &Table, target: &mut Conn, into: &Table, told: &mut dyn FnMut(u64)) -> Result<()> {
    if !from.has_columns_of(into) {
        return Err(Error::Internal(anyhow::anyhow!("the columns of {} are not the same on both sides", from.name())));
    }
    let insert = into.insert(target)?;
    let mut part = Part::default();
    from.each_line(source, &mut |line| {
        part.add(&line);
        if part.lines.len() < PART { Ok(()) } else { part.write(target, &insert).map(&mut *told) }
    })?;
    part.write(target, &insert).map(&mut *told)?;
    let last = from.last_number(source)?;
    into.count_on_from(target, last)
}

/// Rows on their way, as a JSON array without its end.
#[derive(Default)]
struct Part {
    lines: String,
    n: usize,
}

impl Part {
    fn add(&mut self, line: &str) {
        self.lines.push(if self.n == 0 { '[' } else { ',' });
        self.lines.push_str(line);
        self.n += 1;
    }

    /// Writes the rows and forgets them; how many they were.
    fn write(&mut self, target: &mut Conn, insert: &str) -> Result<u64> {
        if self.n == 0 {
            return Ok(0);
        }
        self.lines.push(']');
        let written = sql_query(insert).bind::<diesel::sql_types::Text, _>(&self.lines).execute(target)?;
        if written != self.n {
            return Err(Error::Internal(anyhow::anyhow!("{written} of {} rows were written", self.n)));
        }
        self.lines.clear();
        self.n = 0;
        Ok(written as u64)
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

fn must_be_unused(target: &mut Conn, tables: &BTreeMap<String, Table>) -> Result<()> {
    for table in tables.values().filter(|table| !FILLED_AT_START.contains(&table.name())) {
        let asked: Answer = sql_query(format!("SELECT EXISTS (SELECT 1 FROM {}) AS answer", table.quoted())).get_result(target)?;
        if asked.answer {
            return Err(Error::Refused(Message::new("copy_target_in_use").with("table", table.name())));
        }
    }
    Ok(())
}
