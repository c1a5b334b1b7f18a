//! Drafts: what a row of a file says of a vehicle or of a staff member, checked field by field, before anybody knows whether it is known;
//! and the same rows the other way, as a file is written. What is written is read back as it was.
//!
//! Does not know bytes, files or the database. Organisations are kept as written.

mod column;
mod staff;
mod vehicle;
mod words;

pub use column::{StaffColumn, VehicleColumn};
pub use staff::StaffDraft;
pub use vehicle::VehicleDraft;

use crate::base::Message;
use crate::base::draft::{ProblemCode, Refusal, plain, unguarded};

/// A text that was kept, as reading it from a file gives it: whoever compares the two must not take a full-width bracket for news.
pub(super) fn as_read(kept: &str) -> String {
    unguarded(&plain(kept.into())).to_owned()
}

/// A number of seats, people or pieces.
fn read_number(text: &str) -> Result<i32, Refusal> {
    text.parse().map_err(|_| (ProblemCode::BadValue, Message::new("bad_number")))
}
