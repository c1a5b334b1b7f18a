//! All integration tests, in one binary: it is linked once, and one throw-away PostgreSQL serves them all.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, clippy::disallowed_methods, reason = "a test that cannot go on says so and stops")]

mod support;

mod absences;
mod access;
mod api;
mod architecture;
mod beds;
mod browser;
mod contacts;
mod copies;
mod crash;
mod database;
mod faults;
mod figures;
mod fleet;
mod handoffs;
mod imports;
mod language;
mod ledger;
mod migrations;
mod notices;
mod pages;
mod plan;
mod planned;
mod proposals;
mod purge;
mod readme;
mod replanned;
mod roads;
mod season;
mod seats;
mod trips;
