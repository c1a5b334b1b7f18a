//! What a place is. An [`Adcode`] is well-formed by its type; whether a place stands behind it is for the gazetteer to say.
//! English names never identify a place: two prefectures are Suzhou and two are Taizhou.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::Message;

/// A six-digit code of GB/T 2260: two digits of province, two of prefecture, two of county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Adcode(u32);

impl Adcode {
    /// Takes a number of six digits whose first two name a province.
    pub fn new(code: u32) -> Option<Self> {
        (110_000..=829_999).contains(&code).then_some(Self(code))
    }

    /// The code of the province: `320583` gives `320000`.
    pub fn province(self) -> Self {
        Self(self.0 / 10_000 * 10_000)
    }

    /// The code of the prefecture: `320583` gives `320500`.
    pub fn prefecture(self) -> Self {
        Self(self.0 / 100 * 100)
    }

    /// Reads six ASCII digits, with no word about what else it might be.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) { Self::new(text.parse().ok()?) } else { None }
    }

    /// The code as a number.
    pub fn digits(self) -> u32 {
        self.0
    }

    /// The first two digits, which policies use to name a province: `320583` gives 32.
    pub fn province_prefix(self) -> u8 {
        (self.0 / 10_000) as u8
    }
}

/// The code of the province that a code of any level lies in, both as text (GB/T 2260: its first two digits).
pub fn province_of(code: &str) -> String {
    format!("{}0000", code.get(..2).unwrap_or_default())
}

impl fmt::Display for Adcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Adcode {
    type Err = Message;

    /// Reads six ASCII digits.
    fn from_str(text: &str) -> Result<Self, Message> {
        Self::read(text).ok_or_else(|| Message::new("bad_adcode").with("value", text))
    }
}

impl Serialize for Adcode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Adcode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How high a place stands. Shanghai has no prefectures: its districts stand directly under it and are routed to like cities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A province, municipality, autonomous region or special administrative region.
    Province,
    /// A district of Shanghai.
    District,
    /// A prefecture.
    City,
    /// A county, county-level city or district under a prefecture.
    County,
}

/// Where on the earth, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// The way from an airport by road, estimated (a model of the expressways, about ±8 %; no waiting at night included).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Road {
    /// Kilometres.
    pub km: u16,
    /// Minutes in a coach, rests of the driver included.
    pub minutes: u16,
}

/// One place of the gazetteer.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its code.
    pub adcode: Adcode,
    /// How high it stands.
    pub level: Level,
    /// The full Chinese name, without those of the places above it.
    pub name_zh: String,
    /// The English name, for reading only; none where nobody needs one.
    pub name_en: Option<String>,
    /// The province it lies in (itself, if it is one).
    pub province: Adcode,
    /// The seat of its government, where known.
    pub position: Option<Position>,
    /// The way from Pudong, where known.
    pub from_pvg: Option<Road>,
    /// The way from Hongqiao, where known.
    pub from_sha: Option<Road>,
}

impl Place {
    /// A place of which only the names are known.
    pub(super) fn named(adcode: Adcode, level: Level, name_zh: String, name_en: Option<String>) -> Self {
        Self { adcode, level, name_zh, name_en, province: adcode.province(), position: None, from_pvg: None, from_sha: None }
    }
}

/// Where a traveller is bound, as finely as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The place that was named; of a withdrawn code, the one that took its place.
    pub adcode: Adcode,
    /// What figures and routes are kept by: the prefecture; in Shanghai the district; the province if no more is known.
    pub city: Adcode,
    /// The province.
    pub province: Adcode,
}

/// Why a text names no destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// No place has that name or code.
    Unknown {
        /// What was read.
        text: String,
    },
    /// Several places have that name; which, by code in ascending order, and told apart by province.
    Ambiguous {
        /// What was read.
        text: String,
        /// The places that may be meant.
        candidates: Vec<Adcode>,
        /// The same as a person tells them apart: `江苏苏州 (320500)`.
        names: Vec<String>,
    },
}

impl Unresolved {
    /// What to tell whoever wrote it; the code is that of the roster problem.
    pub fn message(&self) -> Message {
        match self {
            Self::Unknown { text } => Message::new("unknown_destination").with("value", text),
            Self::Ambiguous { text, names, .. } => Message::new("ambiguous_destination").with("value", text).with("candidates", names.join(" / ")),
        }
    }
}

/// Whom a rule is for, by destination: one province, or all provinces that no rule of its kind names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// The province with these first two digits; written `"32"`.
    Province(u8),
    /// Every province not named elsewhere; written `"other"`.
    Other,
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Province(prefix) => prefix.fmt(f),
            Self::Other => f.write_str("other"),
        }
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            _ if text == "other" => Ok(Self::Other),
            Ok(prefix @ 11..=82) if text.len() == 2 => Ok(Self::Province(prefix)),
            _ => Err(serde::de::Error::custom(format!("expected the two digits of a province or \"other\", found \"{text}\""))),
        }
    }
}
