//! A table, be it separated text or a sheet: finds its header and turns each row below it into a draft or into problems.

use std::borrow::Cow;
use std::io::{Read, Seek};

use crate::arrivals::draft::{Cells, Column, Entry, Fault, Problem, ProblemCode, Row};
use crate::base::Message;
use crate::exchange::Unreadable;
use crate::exchange::encoding::Encoding;
use crate::exchange::header::Header;
use crate::exchange::{sheet, text};

/// A header may stand under a title; it is looked for in so many rows.
const ROWS_ABOVE: usize = 10;
/// A row that names so many known columns is the header.
const KNOWN_ENOUGH: usize = 3;

/// A table whose header has been found.
pub struct Table<R: Read + Seek> {
    source: Source<R>,
    header: Header,
}

enum Source<R: Read + Seek> {
    Text(text::Text<R>),
    Sheet(sheet::Sheet<R>),
}

impl<R: Read + Seek> Source<R> {
    fn records(&mut self, header: Option<&Header>) -> Result<Records<'_, R>, Unreadable> {
        let width = header.map_or(0, Header::width);
        Ok(match self {
            Self::Text(text) => {
                let encoding = text.encoding;
                Records::Text(text.records(width)?, encoding)
            }
            Self::Sheet(sheet) => {
                let is_time = |at| header.and_then(|header| header.column(at)).is_some_and(Column::is_time);
                Records::Sheet(sheet.records((0..width).map(is_time).collect())?)
            }
        })
    }
}

impl<R: Read + Seek> Table<R> {
    pub(super) fn text(source: R) -> Result<Self, Unreadable> {
        Self::of(Source::Text(text::Text::open(source)?))
    }

    pub(super) fn sheet(source: R) -> Result<Self, Unreadable> {
        Self::of(Source::Sheet(sheet::Sheet::open(source)?))
    }

    fn of(mut source: Source<R>) -> Result<Self, Unreadable> {
        let mut records = source.records(None)?;
        let mut first = None;
        for _ in 0..ROWS_ABOVE {
            let line = match records.advance() {
                Some(Ok(line)) => line,
                Some(Err(_)) => continue,
                None => break,
            };
            let names = (0..records.len()).map(|at| records.cell(at).map(Cow::into_owned).unwrap_or_default()).collect();
            let header = Header::of(line, names);
            if header.understood() >= KNOWN_ENOUGH {
                drop(records);
                return Ok(Self { source, header });
            }
            first.get_or_insert(header);
        }
        drop(records);
        match first {
            Some(header) => Ok(Self { source, header }),
            None => Err(Unreadable::problem(1, None, ProblemCode::BadHeader, Message::new("file_empty"))),
        }
    }

    /// Whether it is a workbook's sheet.
    pub fn is_sheet(&self) -> bool {
        matches!(self.source, Source::Sheet(_))
    }

    /// The header as the file has it.
    pub fn column_name(&self, column: Column) -> Option<&str> {
        self.header.name_of(column)
    }

    pub(super) fn looks_like_results(&self) -> bool {
        self.header.is_of_results()
    }

    /// Settles what the table is, and refuses a header that does not do for it.
    pub(super) fn settle(&mut self, results: bool) -> Result<(), Unreadable> {
        self.header.keep_only(results);
        self.header.check(results)
    }

    /// Visits every row that holds anything, from the top of the file, with its line. What cannot be read stands as `?`, so that the row is
    /// not lost and says that something is wrong with it.
    pub(super) fn each_record(&mut self, mut visit: impl FnMut(u64, Vec<String>)) -> Result<(), Unreadable> {
        let mut records = self.source.records(Some(&self.header))?;
        while let Some(record) = records.advance() {
            match record {
                Ok(line) => visit(line, (0..records.len()).map(|at| records.cell(at).map_or_else(|_| "?".to_owned(), Cow::into_owned)).collect()),
                Err(problem) => visit(problem.line, vec!["?".to_owned()]),
            }
        }
        Ok(())
    }

    pub(super) fn rows<'a, D>(&'a mut self, read: impl Fn(Cells<'_>) -> Result<D, Vec<Fault>> + Send + 'a) -> Result<Rows<'a, R, D>, Unreadable> {
        Ok(Rows { records: self.source.records(Some(&self.header))?, header: &self.header, read: Box::new(read) })
    }
}

enum Records<'a, R: Read + Seek> {
    Text(text::Records<'a, R>, Encoding),
    Sheet(sheet::Records<'a, R>),
}

impl<R: Read + Seek> Records<'_, R> {
    fn advance(&mut self) -> Option<Result<u64, Problem>> {
        match self {
            Self::Text(records, _) => records.advance(),
            Self::Sheet(records) => records.advance(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(records, _) => records.len(),
            Self::Sheet(records) => records.len(),
        }
    }

    fn cell(&self, at: usize) -> Result<Cow<'_, str>, (ProblemCode, Message)> {
        match self {
            Self::Text(records, encoding) => encoding.decode(records.field(at)).ok_or((ProblemCode::BadEncoding, Message::new("bytes_are_no_text"))),
            Self::Sheet(records) => records.cell(at).map(Cow::Borrowed).ok_or((ProblemCode::BadValue, Message::new("cell_shows_an_error"))),
        }
    }
}

/// Reads one row's cells into a draft.
type ReadRow<'a, D> = Box<dyn Fn(Cells<'_>) -> Result<D, Vec<Fault>> + Send + 'a>;

/// The rows below the header, in the order of the file.
pub struct Rows<'a, R: Read + Seek, D> {
    records: Records<'a, R>,
    header: &'a Header,
    read: ReadRow<'a, D>,
}

impl<R: Read + Seek, D> Iterator for Rows<'_, R, D> {
    type Item = Entry<D>;

    fn next(&mut self) -> Option<Entry<D>> {
        loop {
            let (line, outcome) = match self.records.advance()? {
                Ok(line) => (line, None),
                Err(problem) => (problem.line, Some(Err(vec![problem]))),
            };
            if line > self.header.line {
                let outcome = outcome.unwrap_or_else(|| self.row(line));
                return Some(Entry::Row(Row { line, outcome }));
            }
        }
    }
}

impl<R: Read + Seek, D> Rows<'_, R, D> {
    fn row(&self, line: u64) -> Result<D, Vec<Problem>> {
        let (mut cells, mut problems) = (Cells::default(), Vec::new());
        for at in 0..self.records.len() {
            match (self.records.cell(at), self.header.column(at)) {
                (Ok(text), Some(column)) => cells.set(column, text),
                (Ok(text), None) if text.trim().is_empty() => {}
                (Ok(text), None) if at < self.header.width() => cells.notes.push((self.header.name(at), text.trim().to_owned())),
                (Ok(_), None) => {
                    problems.push(Problem { line, column: None, code: ProblemCode::BadValue, message: Message::new("row_longer_than_header") });
                    break;
                }
                (Err((code, message)), _) => problems.push(Problem { line, column: Some(self.header.name(at)), code, message }),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        (self.read)(cells).map_err(|faults| faults.into_iter().map(|fault| self.place(line, fault)).collect())
    }

    /// Names the column as the file does, or as the contract does where the file lacks it.
    fn place(&self, line: u64, Fault { column, code, message }: Fault) -> Problem {
        let column = column.map(|column| self.header.name_of(column).unwrap_or(column.names().0).to_owned());
        Problem { line, column, code, message }
    }
}
