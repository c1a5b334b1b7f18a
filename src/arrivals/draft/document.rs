//! The document that a row names, of a roster and of a laboratory's file alike.

use crate::arrivals::document::{Document, DocumentFault, DocumentKind};
use crate::arrivals::draft::Column;
use crate::base::Message;
use crate::base::draft::{ProblemCode, Reading};

/// Reads it; where its kind is not stated the number tells.
pub(super) fn document(reading: &mut Reading<'_, '_, Column>) -> Option<Document> {
    let stated = reading.optional(Column::DocType, |text| DocumentKind::parse(text).ok_or((ProblemCode::BadDocument, Message::new("document_kind_unknown"))));
    if stated.is_none() && reading.has(Column::DocType) {
        return None;
    }
    reading.required(Column::DocNo, |text| {
        let kind = stated.unwrap_or_else(|| Document::likely_kind(text));
        Document::parse(kind, text).map_err(|fault| match fault {
            DocumentFault::CheckDigit => (ProblemCode::DocumentCheckDigit, fault.message(kind)),
            DocumentFault::Shape => (ProblemCode::BadDocument, fault.message(kind)),
        })
    })
}
