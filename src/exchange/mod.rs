//! Exchange: the files that others send, as drafts, row by row, and lists as the files that others get. A bad row never stops the good
//! ones, and memory does not grow with the number of rows.
//!
//! Knows bytes and the drafts of `arrivals` and `fleet`; no database, no settings, no clock. Whether a person is known, a destination
//! exists or a row was there before is for the caller to say.

mod century;
mod encoding;
mod fleet;
mod grid;
mod header;
mod listing;
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

use crate::arrivals::draft::{Column, RosterRules, TestResultDraft, TravellerDraft};
use crate::base::draft::{Entry, Problem, ProblemCode};
use crate::base::{Error, Message};

use self::header::{About, Header};
use self::table::Source;
pub use fleet::Fleet;
pub use grid::Grid;
pub use listing::Format;
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
    /// Vehicles, as separated text or a workbook.
    Vehicles,
    /// Staff, as separated text or a workbook.
    Staff,
}

impl Kind {
    /// The name the command line and its answers use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Paxlst => "paxlst",
            Self::Results => "results",
            Self::Vehicles => "vehicles",
            Self::Staff => "staff",
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
    Results(Table<R, Column>),
    /// It lists vehicles or staff.
    Fleet(Fleet<R>),
}

/// A file that names travellers.
pub enum Roster<R: Read + Seek> {
    /// Separated text or a workbook.
    Table(Table<R, Column>),
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

impl<R: Read + Seek> Table<R, Column> {
    fn roster(source: Source<R>, header: Header<Column>) -> Result<Self, Unreadable> {
        const REQUIRED: &[&[Column]] =
            &[&[Column::FlightNo], &[Column::Port], &[Column::LandedAt], &[Column::Name, Column::NameLatin], &[Column::DocNo], &[Column::Destination]];
        Self::of(source, header.with_only(|column| !column.is_of_tests()), REQUIRED)
    }

    fn of_results(source: Source<R>, header: Header<Column>) -> Result<Self, Unreadable> {
        const REQUIRED: &[&[Column]] = &[&[Column::DocNo], &[Column::SampledAt], &[Column::TestKind], &[Column::TestOutcome]];
        Self::of(source, header.with_only(|column| column.is_of_tests() || matches!(column, Column::DocType | Column::DocNo)), REQUIRED)
    }

    /// Reads the test results from the beginning.
    ///
    /// # Errors
    /// The file cannot be read (again).
    pub fn results(&mut self) -> Result<Rows<'_, R, Column, TestResultDraft>, Unreadable> {
        self.rows(TestResultDraft::read)
    }
}

/// The travellers of a roster, in the order of the file.
pub enum Travellers<'a, R: Read + Seek> {
    /// From a table.
    Table(Rows<'a, R, Column, TravellerDraft>),
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
        Some(Kind::Results | Kind::Vehicles | Kind::Staff) => form != encoding::Form::Edifact,
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
    let mut source = match form {
        encoding::Form::Edifact => return Ok(Opened::Roster(Roster::Paxlst(PassengerList::open(source)?))),
        encoding::Form::Text => Source::Text(text::Text::open(source)?),
        encoding::Form::Workbook => Source::Sheet(sheet::Sheet::open(source)?),
    };
    let top = source.top()?;
    Ok(match wanted.map_or_else(|| About::of(&top), About::from) {
        About::Travellers => Opened::Roster(Roster::Table(Table::roster(source, Header::among(&top))?)),
        About::Results => Opened::Results(Table::of_results(source, Header::among(&top))?),
        About::Vehicles => Opened::Fleet(Fleet::Vehicles(Table::of_vehicles(source, Header::among(&top))?)),
        About::Staff => Opened::Fleet(Fleet::Staff(Table::of_staff(source, Header::among(&top))?)),
    })
}

impl From<Kind> for About {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Csv | Kind::Xlsx | Kind::Paxlst => Self::Travellers,
            Kind::Results => Self::Results,
            Kind::Vehicles => Self::Vehicles,
            Kind::Staff => Self::Staff,
        }
    }
}
