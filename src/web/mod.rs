//! The door by HTTP: the JSON API, the pages, and the figures about the program itself.
//!
//! [`routes::table`] lists everything that can be asked for, with the permission it takes; what is not in it does not exist.
//! A handler reads the request into the input of one use case, calls it, and shows what comes back; it decides nothing, and it
//! never sees a table of the database.

mod answer;
pub mod api;
mod app;
mod body;
mod call;
mod csv;
mod finish;
mod gate;
mod gather;
mod idempotency;
pub mod json;
mod log;
mod metrics;
pub mod openapi;
mod pages;
mod planning;
mod problem;
pub mod routes;
mod server;

pub use self::app::App;
pub use self::server::{build, run};
