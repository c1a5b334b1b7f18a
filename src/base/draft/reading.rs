//! Reads one row's cells into typed values and gathers every fault on the way, so that one look at a report mends a row.

use chrono::NaiveDate;

use super::{Cells, ColumnSet, Fault, ProblemCode};
use crate::base::{Message, time};

/// The longest text that any field may hold, in characters.
const LONGEST: usize = 500;

/// Why a text is not a value.
pub type Refusal = (ProblemCode, Message);

/// The cells of a row being read, and what was found wrong so far.
pub struct Reading<'c, 't, C> {
    cells: &'c Cells<'t, C>,
    /// What was found wrong.
    pub faults: Vec<Fault<C>>,
}

impl<'c, 't, C: ColumnSet> Reading<'c, 't, C> {
    /// Begins to read a row.
    pub fn of(cells: &'c Cells<'t, C>) -> Self {
        Self { cells, faults: Vec::new() }
    }

    /// Adds a fault of a field, or of the whole row.
    pub fn fault(&mut self, column: Option<C>, code: ProblemCode, message: Message) {
        self.faults.push(Fault { column, code, message });
    }

    /// Whether a field says anything.
    pub fn has(&self, column: C) -> bool {
        self.cells.get(column).is_some()
    }

    /// The value of a field that may be empty.
    pub fn optional<T>(&mut self, column: C, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Option<T> {
        let text = self.cells.get(column)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.fault(Some(column), code, message);
                None
            }
        }
    }

    /// The value of a field that must not be empty.
    pub fn required<T>(&mut self, column: C, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Option<T> {
        if !self.has(column) {
            self.fault(Some(column), ProblemCode::MissingField, Message::new("field_missing"));
            return None;
        }
        self.optional(column, parse)
    }

    /// A free text.
    pub fn text(&mut self, column: C) -> Option<String> {
        self.optional(column, read_text)
    }
}

/// A free text, if it is not too long.
pub fn read_text(text: &str) -> Result<String, Refusal> {
    if text.len() > LONGEST && text.chars().count() > LONGEST {
        return Err((ProblemCode::BadValue, Message::new("text_too_long").with("most", LONGEST)));
    }
    Ok(text.to_owned())
}

/// A date. Spreadsheets write one as the midnight of its day; the midnight goes.
pub fn read_date(text: &str) -> Option<NaiveDate> {
    let date = match text.split_once([' ', 'T']) {
        Some((date, rest)) if rest.bytes().all(|b| matches!(b, b'0' | b':' | b'.')) => date,
        _ => text,
    };
    time::parse_date(date)
}

/// Turns "not one of the words" into a refusal with that sentence.
pub fn or_bad_value<T>(value: Option<T>, sentence: &'static str) -> Result<T, Refusal> {
    value.ok_or((ProblemCode::BadValue, Message::new(sentence)))
}
