//! Policies: which quarantine rules count for a landing, and the days they come to. A policy is a dated row of data, chosen by the landing
//! instant and the destination's province, and kept with its version; no rule of any one policy is written in code. Nothing here knows a
//! person: what happened to them comes in as [`Facts`].

mod because;
mod catalogue;
mod count;
mod edition;
mod model;
mod read;
mod rulebook;
mod store;

#[cfg(test)]
mod tests;

pub use catalogue::Catalogue;
pub use count::{Calendar, Facts, SegmentDates, TestDue};
pub use edition::{Edition, InForce, Part, check as edition_check, edition, editions, load as edition_load, standing as edition_standing};
pub use model::{Anchor, MoveCondition, PlaceKind, Policy, ReleaseRule, Segment, Side, TestKind, TestRule};
pub use rulebook::{Rulebook, Texts};
pub use store::register;
