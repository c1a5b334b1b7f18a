//! Arrivals: flights that landed and the people on them, as rosters, laboratories and the desk report them.

pub mod document;
pub mod draft;
pub mod flight;
pub mod person;
