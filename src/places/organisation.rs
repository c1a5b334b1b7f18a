//! Organisations: whoever can answer for a traveller. They are read from `config/organisations.csv`, keep one id on every node, and each
//! stands in one place, perhaps under another organisation. Who works there, and how full it is, is not known here.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Adcode, Places, table};
use crate::base::draft::plain;
use crate::base::{Id, Language, Message, Result};

/// What an organisation does in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// 机场接转专班: answers from landing until a district or a province receives.
    AirportDesk,
    /// 区工作组: one of the sixteen districts.
    DistrictGroup,
    /// 驻沪工作组: one of the three provinces, stationed in Shanghai.
    ProvincialGroup,
    /// 市转运专班: a prefecture's squad, which receives at a hub or at home.
    CitySquad,
    /// 中转基地: where a province sorts by city.
    Hub,
    /// 隔离点: a quarantine site.
    Site,
    /// 定点医院: where the four categories are taken.
    Hospital,
}

impl OrganisationKind {
    /// The word in files, JSON and the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AirportDesk => "airport_desk",
            Self::DistrictGroup => "district_group",
            Self::ProvincialGroup => "provincial_group",
            Self::CitySquad => "city_squad",
            Self::Hub => "hub",
            Self::Site => "site",
            Self::Hospital => "hospital",
        }
    }
}

/// One organisation 单位.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Short, readable and kept for ever: `work-group-32`, `site-310115-1`.
    pub code: String,
    /// What it does.
    pub kind: OrganisationKind,
    /// The Chinese name.
    pub name_zh: String,
    /// The English name.
    pub name_en: String,
    /// The place it answers for; of a desk, a hub, a site or a hospital, where it stands.
    pub place: Adcode,
    /// The code of the organisation above it.
    pub parent: Option<String>,
}

impl Organisation {
    /// The id, the same on every node because it derives from the code alone.
    pub fn id(&self) -> Id<Self> {
        Self::id_of(&self.code)
    }

    /// The name in this language.
    pub fn name_in(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.name_zh,
            Language::En => &self.name_en,
        }
    }

    /// The id that the organisation with `code` has.
    pub fn id_of(code: &str) -> Id<Self> {
        let digest = Sha256::digest(format!("organisation:{code}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Id::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// All organisations, in the order of their file, every parent known and every place in the gazetteer.
#[derive(Debug)]
pub struct Organisations {
    all: Vec<Organisation>,
    by_code: HashMap<String, usize>,
    by_id: HashMap<Id<Organisation>, usize>,
}

impl Organisations {
    /// The text of `organisations.csv` that is part of the program.
    pub const EMBEDDED: &str = include_str!("../../config/organisations.csv");

    /// The organisations that are part of the program.
    ///
    /// # Errors
    /// As [`Organisations::read`].
    pub fn embedded(places: &Places) -> Result<Self> {
        Self::read(Self::EMBEDDED, places)
    }

    /// Reads organisations from the text of `organisations.csv`.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::base::Error::Invalid): the field names the line, the message a code used twice, an unknown place or an unknown parent.
    pub fn read(text: &str, places: &Places) -> Result<Self> {
        let rows = table::rows::<Organisation>("organisations.csv", text)?;
        let mut by_code = HashMap::new();
        for (n, (at, organisation)) in rows.iter().enumerate() {
            if by_code.insert(organisation.code.clone(), n).is_some() {
                return Err(table::fault(at, Message::new("organisation_twice").with("organisation", &organisation.code)));
            }
            if places.get(organisation.place).is_none() {
                return Err(table::fault(at, Message::new("unknown_place").with("adcode", organisation.place)));
            }
        }
        for (at, organisation) in &rows {
            if let Some(parent) = organisation.parent.as_ref().filter(|parent| !by_code.contains_key(*parent)) {
                return Err(table::fault(at, Message::new("unknown_organisation").with("organisation", parent)));
            }
        }
        let by_id = rows.iter().enumerate().map(|(n, (_, organisation))| (organisation.id(), n)).collect();
        Ok(Self { all: rows.into_iter().map(|(_, organisation)| organisation).collect(), by_code, by_id })
    }

    /// The organisation with this code.
    pub fn get(&self, code: &str) -> Option<&Organisation> {
        self.by_code.get(code).map(|n| &self.all[*n])
    }

    /// The organisation with this id.
    pub fn with_id(&self, id: Id<Organisation>) -> Option<&Organisation> {
        self.by_id.get(&id).map(|n| &self.all[*n])
    }

    /// The organisation that people call so: by its code, or by a Chinese or English name that no other has.
    pub fn called(&self, text: &str) -> Option<&Organisation> {
        let text = plain(text.into());
        self.get(&text).or_else(|| {
            let is_name = |name: &str| plain(name.into()).eq_ignore_ascii_case(&text);
            let mut found = self.all.iter().filter(|organisation| is_name(&organisation.name_zh) || is_name(&organisation.name_en));
            let first = found.next();
            first.filter(|_| found.next().is_none())
        })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Organisation> {
        self.all.iter()
    }

    /// Those of a kind at a place, in the order of the file.
    pub fn at(&self, kind: OrganisationKind, place: Adcode) -> impl Iterator<Item = &Organisation> {
        self.all.iter().filter(move |organisation| organisation.kind == kind && organisation.place == place)
    }
}
