//! Drafts: what a row of a roster or of a laboratory's file says, checked field by field, before anybody knows whether the
//! person is known. The desk's form is read through the same door, so a traveller typed in is checked like one imported.
//!
//! Does not know bytes, files or the database, and does not resolve destinations: their text is kept as written.

pub mod cells;
pub mod problem;
mod reading;
pub mod test_result;
pub mod traveller;

pub use cells::{Cells, Column};
pub use problem::{Entry, Fault, Problem, ProblemCode, Row};
pub use test_result::{TestKind, TestOutcome, TestResultDraft};
pub use traveller::{RosterRules, TravellerDraft};
