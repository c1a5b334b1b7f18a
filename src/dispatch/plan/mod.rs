//! The planner: from a [`Problem`] (parties, vehicles, staff, sites, limits) to a [`Plan`] (trips act by act, and who is left out, why).
//! Pure: it knows no database, no file and no wall clock but the time it is given.
//!
//! Aims, each before the next: nobody left behind, fewest trips, least vehicle time, least waiting, shortest ways. Provinces share
//! nothing, so each is searched by itself (`search`): parties are taken out of a proposal (`ruin`) and put back where they add least
//! (`insert`), each trip timed under the drivers' law (`clock`, `wheel`) and crewed beside all the others (`crew`), so that every proposal
//! on the way is a valid plan. [`verify`](verify()) judges plans by the rules alone, [`Bounds`] say what no plan can undercut, and of a
//! [`Previous`] plan is kept what can be (`replan`); people move parties in it [by hand](move_by_hand).
//!
//! Large neighbourhood search after Shaw (1998) and SISR (Christiaens and Vanden Berghe, 2020). Measured against general solvers in
//! `benches/dispatch`: they see neither drivers' hours nor nights nor crews, and lose there.

mod bound;
mod build;
mod by_hand;
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
pub use self::by_hand::{Target, move_by_hand};
pub use self::changes::{Change, Disturbance, UNNOTICED, What, changes};
pub use self::outcome::{Act, Deed, Hours, LeftOut, Plan, PlannedTrip, Reason};
pub use self::problem::*;
pub use self::replan::{Cause, Causes, Previous};
pub use self::solve::{Budget, Options, Outcome, Progress, Watch, plan};
pub use self::verify::{Breach, Objective, Rule, verify};
