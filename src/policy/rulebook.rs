//! What is in force: the places, the organisations, the routes between them and the policies, read together and checked
//! against each other once, then shared.

use std::borrow::Cow;

use super::Catalogue;
use crate::base::Result;
use crate::places::{self, Organisations, Places, Routes};

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

/// What a rulebook is read from, each the content of the file of that name in `config/`.
#[derive(Debug, Clone)]
pub struct Texts {
    /// `places.csv`: Shanghai, the three provinces, their districts and cities, with distances.
    pub places: Cow<'static, str>,
    /// `provinces.csv`: all provinces.
    pub provinces: Cow<'static, str>,
    /// `cities.csv`: prefectures of the other provinces.
    pub cities: Cow<'static, str>,
    /// `counties.csv`: counties of the three provinces, and withdrawn codes with their successors.
    pub counties: Cow<'static, str>,
    /// `organisations.csv`.
    pub organisations: Cow<'static, str>,
    /// `routes.toml`.
    pub routes: Cow<'static, str>,
    /// `policies.toml`.
    pub policies: Cow<'static, str>,
}

impl Texts {
    /// The texts that are part of the program.
    pub const EMBEDDED: Self = Self {
        places: Cow::Borrowed(places::Texts::EMBEDDED.places),
        provinces: Cow::Borrowed(places::Texts::EMBEDDED.provinces),
        cities: Cow::Borrowed(places::Texts::EMBEDDED.cities),
        counties: Cow::Borrowed(places::Texts::EMBEDDED.counties),
        organisations: Cow::Borrowed(Organisations::EMBEDDED),
        routes: Cow::Borrowed(Routes::EMBEDDED),
        policies: Cow::Borrowed(Catalogue::EMBEDDED),
    };
}

impl Rulebook {
    /// The data that comes with the program.
    ///
    /// # Errors
    /// As [`Rulebook::read`]; tests read it, so only a broken build fails here.
    pub fn embedded() -> Result<Self> {
        Self::read(&Texts::EMBEDDED)
    }

    /// Reads a rulebook, each text checked against those that it refers to.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::base::Error::Invalid): every fault of the first text that has any, each by its line (`places.csv:12`) or its
    /// path (`policy[2].segments[0].days`).
    pub fn read(texts: &Texts) -> Result<Self> {
        let Texts { places, provinces, cities, counties, .. } = texts;
        let places = Places::read(&places::Texts { places, provinces, cities, counties })?;
        let organisations = Organisations::read(&texts.organisations, &places)?;
        let routes = Routes::read(&texts.routes, &places, &organisations)?;
        Ok(Self { places, organisations, routes, policies: Catalogue::read(&texts.policies)? })
    }
}
