//! Places: the administrative divisions of GB/T 2260 that a traveller may be bound for, the organisations that answer for people there,
//! and the 16+3 routing between them. Everything is held in memory from texts in `config/`; nothing here knows a traveller or a database.

mod gazetteer;
mod ladder;
mod model;
mod names;
pub mod organisation;
pub mod routing;
mod store;
mod table;

#[cfg(test)]
mod tests;

pub use gazetteer::{Places, Texts};
pub use ladder::Ladder;
pub use model::{Adcode, Destination, Level, Place, Position, Region, Road, Unresolved, province_of};
pub use organisation::{Organisation, OrganisationKind, Organisations};
pub use routing::{Reception, Routes};
pub use store::register;
