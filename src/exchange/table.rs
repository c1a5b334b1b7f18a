//! A table, be it separated text or a sheet: finds its header and turns each row below it into a draft or into problems.

use std::borrow::Cow;
use std::io::{Read, Seek};

use crate::base::Message;
use crate::base::draft::{Cells, ColumnSet, Entry, Fault, Problem, ProblemCode, Row};
use crate::exchange::Unreadable;
use crate::exchange::encoding::Encoding;
use crate::exchange::header::{Header, Named};
use crate::exchange::{sheet, text};

/// A header may stand under a title; it is looked for in so many rows.
const ROWS_ABOVE: usize = 10;

/// A table whose header has been found and does.
pub struct Table<R: Read + Seek, C> {
    source: Source<R>,
    header: Header<C>,
}

/// What a table is read from.
pub(super) enum Source<R: Read + Seek> {
    Text(text::Text<R>),
    Sheet(sheet::Sheet<R>),
}

impl<R: Read + Seek> Source<R> {
    /// The first rows that hold anything; one that cannot be read is passed over.
    pub(super) fn top(&mut self) -> Result<Vec<Named>, Unreadable> {
        let mut records = self.records(Vec::new())?;
        let mut top = Vec::new();
        for _ in 0..ROWS_ABOVE {
            match records.advance() {
                Some(Ok(line)) => top.push((line, (0..records.len()).map(|at| records.cell(at).map(Cow::into_owned).unwrap_or_default()).collect())),
                Some(Err(_)) => {}
                None => break,
            }
        }
        if top.is_empty() { Err(Unreadable::problem(1, None, ProblemCode::BadHeader, Message::new("file_empty"))) } else { Ok(top) }
    }

    /// All records, from the beginning. `times` has a mark for each column: whether its numbers are serial days. Before the header is known it
    /// is empty, and records may have any width.
    fn records(&mut self, times: Vec<bool>) -> Result<Records<'_, R>, Unreadable> {
        Ok(match self {
            Self::Text(text) => {
                let encoding = text.encoding;
                Records::Text(text.records(times.len())?, encoding)
            }
            Self::Sheet(sheet) => Records::Sheet(sheet.records(times)?),
        })
    }
}

impl<R: Read + Seek, C: ColumnSet> Table<R, C> {
    /// A table under this header, which must not lack a required column: of each of `required` any does.
    pub(super) fn of(source: Source<R>, header: Header<C>, required: &[&[C]]) -> Result<Self, Unreadable> {
        header.check(required)?;
        Ok(Self { source, header })
    }

    /// Whether it is a workbook's sheet.
    pub fn is_sheet(&self) -> bool {
        matches!(self.source, Source::Sheet(_))
    }

    /// The header as the file has it.
    pub fn column_name(&self, column: C) -> Option<&str> {
        self.header.name_of(column)
    }

    /// The header as the file has it, column by column.
    pub fn column_names(&self) -> Vec<Option<String>> {
        C::ALL.iter().map(|column| self.header.name_of(*column).map(str::to_owned)).collect()
    }

    /// Says of each column that means nothing to us that it was passed over.
    pub fn passed_over(&self) -> Vec<Problem> {
        self.header.unknown().collect()
    }

    /// Visits every row that holds anything, from the top of the file, with its line. What cannot be read stands as `?`, so that the row is
    /// not lost and says that something is wrong with it.
    pub(super) fn each_record(&mut self, mut visit: impl FnMut(u64, Vec<String>)) -> Result<(), Unreadable> {
        let mut records = self.source.records(self.header.times())?;
        while let Some(record) = records.advance() {
            match record {
                Ok(line) => visit(line, (0..records.len()).map(|at| records.cell(at).map_or_else(|_| "?".to_owned(), Cow::into_owned)).collect()),
                Err(problem) => visit(problem.line, vec!["?".to_owned()]),
            }
        }
        Ok(())
    }

    pub(super) fn rows<'a, D>(&'a mut self, read: impl Fn(Cells<'_, C>) -> Result<D, Vec<Fault<C>>> + Send + 'a) -> Result<Rows<'a, R, C, D>, Unreadable> {
        Ok(Rows { records: self.source.records(self.header.times())?, header: &self.header, read: Box::new(read) })
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
type ReadRow<'a, C, D> = Box<dyn Fn(Cells<'_, C>) -> Result<D, Vec<Fault<C>>> + Send + 'a>;

/// The rows below the header, in the order of the file.
pub struct Rows<'a, R: Read + Seek, C, D> {
    records: Records<'a, R>,
    header: &'a Header<C>,
    read: ReadRow<'a, C, D>,
}

impl<R: Read + Seek, C: ColumnSet, D> Iterator for Rows<'_, R, C, D> {
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

impl<R: Read + Seek, C: ColumnSet, D> Rows<'_, R, C, D> {
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
    fn place(&self, line: u64, Fault { column, code, message }: Fault<C>) -> Problem {
        let column = column.map(|column| self.header.name_of(column).unwrap_or(column.names().0).to_owned());
        Problem { line, column, code, message }
    }
}
