//! A workbook (XLSX) as records of cells, read as a stream: only the shared strings are held. A formula counts as the value
//! that the spreadsheet last saw in it; of merged cells only the first holds the value, so the rows below must repeat it.

use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Cell, DataRef, ExcelDateTime, ExcelDateTimeType, Reader, Xlsx, XlsxCellReader, XlsxError};

use crate::base::Message;
use crate::base::draft::{Problem, ProblemCode};
use crate::exchange::Unreadable;

/// The last serial day that a spreadsheet knows, 9999-12-31, and one.
const SERIAL_END: f64 = 2_958_466.0;
/// Whole numbers below this are exact in a spreadsheet; it keeps no more digits.
const EXACT_BELOW: f64 = 1e15;
/// Rows and columns that a sheet can have. A damaged cell that says it stands beyond would have us make room for millions.
const SHEET_SIZE: (u32, u32) = (1_048_576, 16_384);

/// A workbook's first sheet that is not empty.
pub(super) struct Sheet<R: Read + Seek> {
    book: Xlsx<BufReader<R>>,
    name: String,
}

impl<R: Read + Seek> Sheet<R> {
    /// Opens the workbook and finds the sheet.
    pub(super) fn open(source: R) -> Result<Self, Unreadable> {
        let refuse = |code, sentence| Unreadable::problem(1, None, code, Message::new(sentence));
        let mut book = match guarded(move || Xlsx::new(BufReader::new(source))) {
            Ok(book) => book,
            Err(XlsxError::Io(cause)) if cause.kind() != std::io::ErrorKind::UnexpectedEof => return Err(Unreadable::Io(cause)),
            Err(_) => return Err(refuse(ProblemCode::Truncated, "workbook_unreadable")),
        };
        let names = book.sheet_names();
        let name = names.into_iter().find(|name| has_cells(&mut book, name)).ok_or_else(|| refuse(ProblemCode::BadHeader, "file_empty"))?;
        Ok(Self { book, name })
    }

    /// Records from the first row. Numbers in the columns marked in `times` are serial days.
    pub(super) fn records(&mut self, times: Vec<bool>) -> Result<Records<'_, R>, Unreadable> {
        let is_1904 = self.book.has_1904_epoch();
        let unreadable = |_| Unreadable::problem(1, None, ProblemCode::Truncated, Message::new("workbook_unreadable"));
        let (book, name) = (&mut self.book, &self.name);
        let cells = guarded(move || book.worksheet_cells_reader(name)).map_err(unreadable)?;
        Ok(Records { cells, times, is_1904, ahead: None, row: Vec::new(), line: 0, ended: false })
    }
}

/// Runs a step of the reading library, which on some damaged workbooks panics instead of giving an error. Whoever gets the error
/// reads no further in that sheet; another one is read from its own beginning, so nobody sees what the step left half done.
fn guarded<T>(step: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, XlsxError> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or(Err(XlsxError::Unexpected("the workbook is damaged")))
}

fn is_within((row, column): (u32, u32)) -> bool {
    row < SHEET_SIZE.0 && column < SHEET_SIZE.1
}

fn has_cells<R: Read + Seek>(book: &mut Xlsx<BufReader<R>>, name: &str) -> bool {
    let Ok(mut cells) = guarded(move || book.worksheet_cells_reader(name)) else { return false };
    while let Ok(Some(cell)) = guarded(|| cells.next_cell()) {
        if !matches!(cell.get_value(), DataRef::Empty) {
            return true;
        }
    }
    false
}

/// The text of a cell; none for a cell that shows an error such as `#N/A`.
type CellText = Option<String>;

pub(super) struct Records<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, BufReader<R>>,
    times: Vec<bool>,
    is_1904: bool,
    ahead: Option<(u32, usize, CellText)>,
    row: Vec<CellText>,
    /// Where the last cell stood.
    line: u64,
    ended: bool,
}

impl<R: Read + Seek> Records<'_, R> {
    /// Goes to the next row that holds anything and gives its number in the sheet.
    pub(super) fn advance(&mut self) -> Option<Result<u64, Problem>> {
        self.row.clear();
        let (row, at, text) = match self.ahead.take().map_or_else(|| self.read_cell(), |cell| Ok(Some(cell))) {
            Ok(Some(cell)) => cell,
            Ok(None) => return None,
            Err(problem) => return Some(Err(problem)),
        };
        self.put(at, text);
        loop {
            match self.read_cell() {
                Ok(Some((next, at, text))) if next == row => self.put(at, text),
                Ok(ahead) => {
                    self.ahead = ahead;
                    return Some(Ok(u64::from(row) + 1));
                }
                // What stands of a row that was cut off may be half a row.
                Err(problem) => return Some(Err(problem)),
            }
        }
    }

    /// Number of cells of the row, up to the last that holds anything.
    pub(super) fn len(&self) -> usize {
        self.row.len()
    }

    /// The text of a cell, or none where it shows an error.
    pub(super) fn cell(&self, at: usize) -> Option<&str> {
        self.row[at].as_deref()
    }

    fn put(&mut self, at: usize, text: CellText) {
        if self.row.len() <= at {
            self.row.resize(at + 1, Some(String::new()));
        }
        self.row[at] = text;
    }

    /// The next cell that is not empty: its row, its column, its text.
    fn read_cell(&mut self) -> Result<Option<(u32, usize, CellText)>, Problem> {
        while !self.ended {
            let cells = &mut self.cells;
            let cell = match guarded(move || cells.next_cell()) {
                Ok(Some(cell)) if is_within(cell.get_position()) => cell,
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                Ok(Some(_)) | Err(_) => {
                    self.ended = true;
                    return Err(Problem { line: self.line.max(1), column: None, code: ProblemCode::Truncated, message: Message::new("sheet_cut_off") });
                }
            };
            let (row, at) = cell.get_position();
            self.line = u64::from(row) + 1;
            if let Some(text) = self.text(&cell, at as usize) {
                return Ok(Some((row, at as usize, text)));
            }
        }
        Ok(None)
    }

    /// None for an empty cell.
    fn text(&self, cell: &Cell<DataRef<'_>>, at: usize) -> Option<CellText> {
        let is_time = self.times.get(at).copied().unwrap_or(false);
        let text = match cell.get_value() {
            DataRef::Empty => return None,
            DataRef::Error(_) => return Some(None),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Bool(truth) => truth.to_string(),
            DataRef::Int(number) => number.to_string(),
            DataRef::Float(serial) if is_time && (1.0..SERIAL_END).contains(serial) => {
                moment(&ExcelDateTime::new(*serial, ExcelDateTimeType::DateTime, self.is_1904))
            }
            DataRef::Float(number) => plain_number(*number),
            DataRef::DateTime(at) if at.is_datetime() => moment(at),
            DataRef::DateTime(duration) => plain_number(duration.as_f64()),
        };
        (!text.is_empty()).then_some(Some(text))
    }
}

fn moment(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// A number as its digits. One too long to be exact is written with an exponent, so that a document number which lost its last
/// digits in a spreadsheet can never pass for one.
fn plain_number(number: f64) -> String {
    if number.abs() < EXACT_BELOW { number.to_string() } else { format!("{number:e}") }
}
