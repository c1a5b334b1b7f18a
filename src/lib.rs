//! 接转 (Jiezhuan): the transfer of inbound travellers from a port of entry to the province each is bound for.

pub mod access;
pub mod arrivals;
pub mod base;
pub mod cli;
pub mod config;
pub mod custody;
pub mod db;
pub mod dispatch;
pub mod exchange;
pub mod figures;
pub mod fleet;
pub mod ledger;
pub mod places;
pub mod policy;
