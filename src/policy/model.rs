//! What a policy says. A [`Policy`] exists only checked: at least one segment, every test inside its segment, every length 1 to 60 days.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::places::{Adcode, Region};

/// Where a segment is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    /// A site in Shanghai; written `shanghai`.
    Shanghai,
    /// A site at the transfer destination; written `destination`.
    Destination,
    /// The traveller's own home; written `home`.
    Home,
    /// A site at a named place, whatever the destination; written as its adcode.
    At(Adcode),
}

impl fmt::Display for PlaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shanghai => f.write_str("shanghai"),
            Self::Destination => f.write_str("destination"),
            Self::Home => f.write_str("home"),
            Self::At(place) => place.fmt(f),
        }
    }
}

impl Serialize for PlaceKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PlaceKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "shanghai" => Ok(Self::Shanghai),
            "destination" => Ok(Self::Destination),
            "home" => Ok(Self::Home),
            code => Adcode::read(code)
                .map(Self::At)
                .ok_or_else(|| serde::de::Error::custom(format!("expected shanghai, destination, home or an adcode, found \"{code}\""))),
        }
    }
}

/// Which side answers for a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A district of Shanghai.
    ShanghaiDistrict,
    /// The province of the destination.
    Province,
    /// The prefecture of the destination.
    City,
}

impl Side {
    /// The word in files, JSON and sentences' facts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ShanghaiDistrict => "shanghai_district",
            Self::Province => "province",
            Self::City => "city",
        }
    }
}

/// One stretch of the quarantine, spent in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Where.
    pub place: PlaceKind,
    /// Who answers for it.
    pub responsible: Side,
    /// How many calendar days, as planned.
    pub days: u8,
}

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestKind {
    /// 口岸采样: the sample that customs takes from everyone on landing.
    Port,
    /// 核酸.
    NucleicAcid,
    /// 抗体.
    Antibody,
}

impl TestKind {
    /// The word in files, JSON and sentences' facts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::NucleicAcid => "nucleic_acid",
            Self::Antibody => "antibody",
        }
    }
}

/// A test that a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRule {
    /// The segment it falls in, from 1.
    pub segment: u8,
    /// The day of the whole quarantine, from 1; of a port test always 1.
    pub day: u8,
    /// What is tested.
    pub kind: TestKind,
}

/// What must hold before a person is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveCondition {
    /// Every test due before the move has a negative result; no result is not negative.
    TestsNegative,
    /// No hold stands against the person.
    NoHold,
    /// The home was applied for and approved; otherwise the days are completed where the person is ([`Facts::stays`](super::Facts)).
    HomeApproved,
}

/// Which instant gives the first date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The landing.
    #[default]
    Landed,
    /// The border stamp.
    Border,
    /// The arrival at the first site.
    CheckedIn,
}

impl Anchor {
    /// The word in files and sentences' facts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Border => "border",
            Self::CheckedIn => "checked_in",
        }
    }
}

/// When a person is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReleaseRule {
    /// At 24:00 of the last day.
    #[default]
    EndOfLastDay,
    /// In the morning after the last day, at this hour (1 to 23).
    HourAfterLastDay(u8),
    /// When as many times 24 hours as there are days have passed since the anchor.
    FullDays,
}

/// A quarantine policy. Its identity is its name and version; what it says never changes under them, which [`Policy::digest`] shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The name people use: `3+11`.
    pub name: String,
    /// The version, from 1; a later one of the same name and start replaces it for new landings only.
    pub version: u32,
    /// Whose destination it is for.
    pub applies_to: Vec<Region>,
    /// Landings from this instant on.
    pub from: DateTime<Utc>,
    /// The segments, in order.
    pub segments: Vec<Segment>,
    /// The tests due.
    pub tests: Vec<TestRule>,
    /// What must hold before each move.
    pub to_move: Vec<MoveCondition>,
    /// Which instant gives the first date.
    pub anchor: Anchor,
    /// How many days after the anchor's date day 1 is: 0, or 1 where the day after counts first.
    pub day_one_offset: u8,
    /// How many days after an exposure day 1 of the restarted count is. 0 (the default) counts the day of exposure as day 1, as the day of
    /// landing is counted; an exposure on the flight itself then changes nothing.
    pub exposure_offset: u8,
    /// When a person is released.
    pub release: ReleaseRule,
    /// Where the rule was published.
    pub sources: Vec<String>,
}

impl Policy {
    /// The days of all segments together.
    pub fn total_days(&self) -> u16 {
        self.segments.iter().map(|segment| u16::from(segment.days)).sum()
    }

    /// Whether a person stays in Shanghai before anything else; if not, the province receives them at the airport.
    pub fn begins_in_shanghai(&self) -> bool {
        self.segments.first().is_some_and(|segment| segment.place == PlaceKind::Shanghai)
    }

    /// SHA-256 over everything the policy says except its sources, in hexadecimal: two definitions under one name and version show as two digests.
    pub fn digest(&self) -> String {
        let mut definition = format!("policy 1\n{}\n{}\n{}\n", self.name, self.version, self.from.timestamp());
        let anchors = format!("{} {} {} {:?}\n", self.anchor.word(), self.day_one_offset, self.exposure_offset, self.release);
        definition.push_str(&anchors);
        for region in &self.applies_to {
            definition.extend(["to ", &region.to_string(), "\n"]);
        }
        for segment in &self.segments {
            definition.push_str(&format!("segment {} {} {}\n", segment.place, segment.responsible.word(), segment.days));
        }
        for test in &self.tests {
            definition.push_str(&format!("test {} {} {}\n", test.segment, test.day, test.kind.word()));
        }
        for condition in &self.to_move {
            definition.push_str(&format!("move {condition:?}\n"));
        }
        base16ct::lower::encode_string(&Sha256::digest(definition))
    }
}
