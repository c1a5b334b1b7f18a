//! Drafts: what a row of somebody's file says, checked field by field, before anybody knows whether it is news. Which columns a kind of
//! file has is for its own slice to say ([`ColumnSet`]); how a row is read, and how its faults are told, is the same for all.
//!
//! Does not know bytes, files or the database.

mod cells;
mod listing;
mod problem;
mod reading;

pub use cells::{Cells, ColumnSet, guarded, plain, unguarded};
pub use listing::{Field, Listing};
pub use problem::{Entry, Fault, Outcome, Problem, ProblemCode, Row};
pub use reading::{Reading, Refusal, or_bad_value, read_date, read_text};
