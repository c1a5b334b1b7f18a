//! The API: routes and who may ask, the form of problems, requests done once.

mod chain;
mod events;
mod fleet;
mod idempotency;
mod obligations;
mod problems;
mod repeats;
mod routes;
mod session;
mod tables;
pub mod travellers;

pub use travellers::{landed, travellers};
