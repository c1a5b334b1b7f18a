//! All integration tests, in one binary: it is linked once, and one throw-away PostgreSQL serves them all.

mod support;

mod access;
mod api;
mod database;
