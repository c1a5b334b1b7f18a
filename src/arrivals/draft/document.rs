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
        Document::parse(kind, text).map_err(|fault| match (fault, kind) {
            (DocumentFault::CheckDigit, _) => (ProblemCode::DocumentCheckDigit, Message::new("resident_id_check_digit")),
            (DocumentFault::Shape, DocumentKind::ResidentId) => (ProblemCode::BadDocument, Message::new("resident_id_shape")),
            (DocumentFault::Shape, _) => (ProblemCode::BadDocument, Message::new("document_no_shape")),
        })
    })
}
