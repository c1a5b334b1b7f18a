//! Drafts: what a row of a roster or of a laboratory's file says, checked field by field, before anybody knows whether the
//! person is known. The desk's form is read through the same door, so a traveller typed in is checked like one imported.
//!
//! Does not know bytes, files or the database, and does not resolve destinations: their text is kept as written.

mod column;
mod document;
pub mod test_result;
pub mod traveller;

pub use column::Column;
pub use test_result::{TestKind, TestOutcome, TestResultDraft};
pub use traveller::{RosterRules, TravellerDraft};

pub use crate::base::draft::{Entry, Problem, ProblemCode, Row};

/// The texts of one row of a roster or a laboratory's file.
pub type Cells<'t> = crate::base::draft::Cells<'t, Column>;

/// A fault of one of its fields, or of the whole row.
pub type Fault = crate::base::draft::Fault<Column>;
