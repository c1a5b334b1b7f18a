//! The planner: from a [`Problem`] to a [`Plan`], pure.

mod bound;
mod build;
mod changes;
mod clock;
mod crew;
mod draft;
mod insert;
pub mod instance;
#[cfg(test)]
mod invent;
mod outcome;
mod problem;
mod proposal;
mod reasons;
mod replan;
mod ruin;
mod search;
pub mod solution;
mod solve;
#[cfg(test)]
mod tests;
mod verify;
mod wheel;

pub use self::bound::Bounds;
pub use self::changes::{Change, Disturbance, UNNOTICED, What};
pub use self::outcome::{Act, Deed, LeftOut, Plan, PlannedTrip, Reason};
pub use self::problem::*;
pub use self::replan::{Cause, Previous};
pub use self::solve::{Budget, Options, Outcome, Progress, plan};
pub use self::verify::{Breach, Objective, Rule, verify};
