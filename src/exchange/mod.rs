//! Exchange: the files that others send, as drafts, row by row. A bad row never stops the good ones, and memory does not grow
//! with the number of rows.
//!
//! Knows bytes and the drafts of `arrivals`; no database, no settings, no clock. Whether a person is known, a destination
//! exists or a row was there before is for the caller to say.

mod century;
mod encoding;
mod grid;
mod header;
pub mod mrz;
#[cfg(test)]
mod nasty;
mod paxlst;
#[cfg(test)]
mod samples;
mod sheet;
mod table;
mod text;

use std::io::{self, Read, Seek, SeekFrom};

use crate::arrivals::draft::{Column, Entry, Problem, ProblemCode, RosterRules, TestResultDraft, TravellerDraft};
use crate::base::{Error, Message};

pub use grid::Grid;
pub use paxlst::{PassengerList, Passengers};
pub use table::{Rows, Table};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A roster as separated text.
    Csv,
    /// A roster as a workbook.
    Xlsx,
    /// An airline's passenger list (UN/EDIFACT PAXLST D.05B).
    Paxlst,
    /// Laboratory results, as separated text or a workbook.
    Results,
}

impl Kind {
    /// The name the command line and its answers use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Paxlst => "paxlst",
            Self::Results => "results",
        }
    }
}

/// Why nothing of a file can go in.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file itself is at fault.
    #[error("{} {}", .0.code.as_str(), .0.message)]
    Problem(Problem),
    /// The disk or the connection is at fault; the same file may be read another time.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Unreadable {
    pub(crate) fn problem(line: u64, column: Option<String>, code: ProblemCode, message: Message) -> Self {
        Self::Problem(Problem { line, column, code, message })
    }
}

impl From<Unreadable> for Error {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Problem(problem) => Self::Refused(problem.message),
            Unreadable::Io(cause) => Self::Unavailable(Message::new("file_read_failed").with("cause", cause.kind())),
        }
    }
}

/// A file whose header has been understood.
pub enum Opened<R: Read + Seek> {
    /// It names travellers.
    Roster(Roster<R>),
    /// It reports test results.
    Results(Table<R>),
}

/// A file that names travellers.
pub enum Roster<R: Read + Seek> {
    /// Separated text or a workbook.
    Table(Table<R>),
    /// A passenger list.
    Paxlst(PassengerList<R>),
}

impl<R: Read + Seek> Roster<R> {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Table(table) if table.is_sheet() => Kind::Xlsx,
            Self::Table(_) => Kind::Csv,
            Self::Paxlst(_) => Kind::Paxlst,
        }
    }

    /// The header as the file has it, for problems that the caller finds.
    pub fn column_name(&self, column: Column) -> Option<&str> {
        match self {
            Self::Table(table) => table.column_name(column),
            Self::Paxlst(_) => None,
        }
    }

    /// Reads the travellers from the beginning. A passenger list is never asked for destinations.
    ///
    /// # Errors
    /// The file cannot be read (again).
    pub fn travellers<'a>(&'a mut self, rules: &'a RosterRules) -> Result<Travellers<'a, R>, Unreadable> {
        Ok(match self {
            Self::Table(table) => Travellers::Table(table.rows(move |cells| TravellerDraft::read(cells, rules))?),
            Self::Paxlst(message) => Travellers::Paxlst(message.passengers(rules)?),
        })
    }
}

impl<R: Read + Seek> Table<R> {
    /// Reads the test results from the beginning.
    ///
    /// # Errors
    /// The file cannot be read (again).
    pub fn results(&mut self) -> Result<Rows<'_, R, TestResultDraft>, Unreadable> {
        self.rows(TestResultDraft::read)
    }
}

/// The travellers of a roster, in the order of the file.
pub enum Travellers<'a, R: Read + Seek> {
    /// From a table.
    Table(Rows<'a, R, TravellerDraft>),
    /// From a passenger list.
    Paxlst(Passengers<'a, R>),
}

impl<R: Read + Seek> Iterator for Travellers<'_, R> {
    type Item = Entry<TravellerDraft>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Table(rows) => rows.next(),
            Self::Paxlst(passengers) => passengers.next(),
        }
    }
}

/// Opens a file from its first byte. What it is is found from its bytes and its header; `wanted` is what the caller was told
/// it is, and a file that is not that is refused.
///
/// # Errors
/// The header lacks something, the bytes are no text, the file cannot be read.
pub fn open<R: Read + Seek>(mut source: R, wanted: Option<Kind>) -> Result<Opened<R>, Unreadable> {
    let mut head = Vec::with_capacity(512);
    source.seek(SeekFrom::Start(0))?;
    source.by_ref().take(512).read_to_end(&mut head)?;
    let form = encoding::form(&head)?;
    let fits = match wanted {
        None => true,
        Some(Kind::Results) => form != encoding::Form::Edifact,
        Some(Kind::Csv) => form == encoding::Form::Text,
        Some(Kind::Xlsx) => form == encoding::Form::Workbook,
        Some(Kind::Paxlst) => form == encoding::Form::Edifact,
    };
    if !fits {
        return Err(Unreadable::problem(
            1,
            None,
            ProblemCode::BadHeader,
            Message::new("file_is_of_another_kind").with("kind", wanted.map_or("", Kind::as_str)),
        ));
    }
    let mut table = match form {
        encoding::Form::Edifact => return Ok(Opened::Roster(Roster::Paxlst(PassengerList::open(source)?))),
        encoding::Form::Text => Table::text(source)?,
        encoding::Form::Workbook => Table::sheet(source)?,
    };
    let results = wanted.map_or_else(|| table.looks_like_results(), |kind| kind == Kind::Results);
    table.settle(results)?;
    Ok(if results { Opened::Results(table) } else { Opened::Roster(Roster::Table(table)) })
}
