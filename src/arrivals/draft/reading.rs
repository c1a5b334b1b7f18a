//! Reads one row's cells into typed values and gathers every fault on the way, so that one look at a report mends a row.

use crate::arrivals::document::{Document, DocumentFault, DocumentKind};
use crate::arrivals::draft::{Cells, Column, Fault, ProblemCode};
use crate::base::Message;

/// The longest text that any field may hold, in characters.
const LONGEST: usize = 500;

/// Why a text is not a value.
pub(super) type Refusal = (ProblemCode, Message);

/// The cells of a row being read, and what was found wrong so far.
pub(super) struct Reading<'c, 't> {
    cells: &'c Cells<'t>,
    pub(super) faults: Vec<Fault>,
}

impl<'c, 't> Reading<'c, 't> {
    pub(super) fn of(cells: &'c Cells<'t>) -> Self {
        Self { cells, faults: Vec::new() }
    }

    pub(super) fn fault(&mut self, column: Option<Column>, code: ProblemCode, message: Message) {
        self.faults.push(Fault { column, code, message });
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.cells.get(column).is_some()
    }

    /// The value of a field that may be empty.
    pub(super) fn optional<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Option<T> {
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
    pub(super) fn required<T>(&mut self, column: Column, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Option<T> {
        if !self.has(column) {
            self.fault(Some(column), ProblemCode::MissingField, Message::new("field_missing"));
            return None;
        }
        self.optional(column, parse)
    }

    /// A free text.
    pub(super) fn text(&mut self, column: Column) -> Option<String> {
        self.optional(column, |text| {
            if text.len() > LONGEST && text.chars().count() > LONGEST {
                return Err((ProblemCode::BadValue, Message::new("text_too_long").with("most", LONGEST)));
            }
            Ok(text.to_owned())
        })
    }

    /// The document; where its kind is not stated the number tells.
    pub(super) fn document(&mut self) -> Option<Document> {
        let stated = self.optional(Column::DocType, |text| DocumentKind::parse(text).ok_or((ProblemCode::BadDocument, Message::new("document_kind_unknown"))));
        if stated.is_none() && self.has(Column::DocType) {
            return None;
        }
        self.required(Column::DocNo, |text| {
            let kind = stated.unwrap_or_else(|| Document::likely_kind(text));
            Document::parse(kind, text).map_err(|fault| match (fault, kind) {
                (DocumentFault::CheckDigit, _) => (ProblemCode::DocumentCheckDigit, Message::new("resident_id_check_digit")),
                (DocumentFault::Shape, DocumentKind::ResidentId) => (ProblemCode::BadDocument, Message::new("resident_id_shape")),
                (DocumentFault::Shape, _) => (ProblemCode::BadDocument, Message::new("document_no_shape")),
            })
        })
    }
}

/// Turns "not one of the words" into a refusal with that sentence.
pub(super) fn or_bad_value<T>(value: Option<T>, sentence: &'static str) -> Result<T, Refusal> {
    value.ok_or((ProblemCode::BadValue, Message::new(sentence)))
}
