//! What is in force: the places, the organisations, the routes between them and the policies, read together and checked
//! against each other once, then shared.

use super::Catalogue;
use crate::base::Result;
use crate::places::{Organisations, Places, Routes};

/// The data that rows are checked, people routed and days counted by.
#[derive(Debug)]
pub struct Rulebook {
    /// The gazetteer.
    pub places: Places,
    /// Who can answer for people.
    pub organisations: Organisations,
    /// Who receives whom.
    pub routes: Routes,
    /// How days are counted.
    pub policies: Catalogue,
}

impl Rulebook {
    /// The data that comes with the program.
    pub fn embedded() -> Result<Self> {
        let places = Places::embedded()?;
        let organisations = Organisations::embedded(&places)?;
        let routes = Routes::embedded(&places, &organisations)?;
        Ok(Self { places, organisations, routes, policies: Catalogue::embedded()? })
    }
}
