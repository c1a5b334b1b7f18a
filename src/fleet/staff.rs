//! Staff 人员: who drives, escorts and treats on the way. Their names are sealed and never part of [`Staff`]; a badge stands for
//! a person wherever a name is not needed.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::vehicle::VehicleKind;
use crate::base::{Error, FieldError, Id, Message, Result};
use crate::places::Organisation;

/// What a staff member does on a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StaffRole {
    /// 驾驶员.
    Driver,
    /// 陪护: goes along and answers for the passengers aboard.
    Escort,
    /// 医护.
    Medic,
}

impl StaffRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Driver, Self::Escort, Self::Medic];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Escort => "escort",
            Self::Medic => "medic",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The class of a driving licence (准驾车型, 机动车驾驶证申领和使用规定).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Licence {
    /// 大型客车.
    A1,
    /// 牵引车.
    A2,
    /// 城市公交车.
    A3,
    /// 中型客车.
    B1,
    /// 大型货车.
    B2,
    /// 小型汽车.
    C1,
    /// 小型自动挡汽车.
    C2,
}

impl Licence {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::A1, Self::A2, Self::A3, Self::B1, Self::B2, Self::C1, Self::C2];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A3 => "A3",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::C1 => "C1",
            Self::C2 => "C2",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|licence| licence.name() == name)
    }

    /// Whether its holder may drive such a vehicle; the higher classes include the lower ones.
    pub const fn covers(self, kind: VehicleKind) -> bool {
        match kind {
            VehicleKind::Coach => matches!(self, Self::A1),
            VehicleKind::Minibus => matches!(self, Self::A1 | Self::A2 | Self::B1),
            VehicleKind::Car | VehicleKind::Ambulance => true,
        }
    }
}

/// What is said of a staff member, besides the name, when they are added or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffFacts {
    /// The number on the badge: up to 20 letters, digits and hyphens.
    pub badge: String,
    /// What they do.
    pub role: StaffRole,
    /// The class of their driving licence; a driver has one.
    pub licence: Option<Licence>,
    /// Whom they work for.
    pub organisation: Id<Organisation>,
    /// With whose vehicles they go: those that stand here; none is the hub of their province.
    pub depot: Option<Id<Organisation>>,
    /// Whether they may be given trips.
    pub in_service: bool,
}

/// A staff member without the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Their id.
    pub id: Id<Staff>,
    /// The number on the badge, by which everybody calls them here.
    pub badge: String,
    /// What they do.
    pub role: StaffRole,
    /// The class of their driving licence.
    pub licence: Option<Licence>,
    /// Whom they work for.
    pub organisation: Id<Organisation>,
    /// With whose vehicles they go: those that stand here; none is the hub of their province.
    pub depot: Option<Id<Organisation>>,
    /// Whether they may be given trips.
    pub in_service: bool,
    /// Counts the changes; a change demands the version it saw.
    pub version: i32,
}

impl Staff {
    /// The staff member that `facts` describe.
    ///
    /// # Errors
    /// [`Error::Invalid`]: a bad badge, a driver without a licence.
    pub(super) fn of(id: Id<Self>, facts: StaffFacts, version: i32) -> Result<Self> {
        let StaffFacts { badge, role, licence, organisation, depot, in_service } = facts;
        let mut faults = Vec::new();
        if !is_badge(&badge) {
            faults.push(FieldError::new("badge", Message::new("bad_badge")));
        }
        if role == StaffRole::Driver && licence.is_none() {
            faults.push(FieldError::new("licence", Message::new("licence_missing")));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(Self { id, badge, role, licence, organisation, depot, in_service, version })
    }

    /// What is said of them, to be changed in part.
    pub fn facts(&self) -> StaffFacts {
        let Self { role, licence, organisation, depot, in_service, .. } = *self;
        StaffFacts { badge: self.badge.clone(), role, licence, organisation, depot, in_service }
    }

    /// Whether they may drive such a vehicle.
    pub fn may_drive(&self, kind: VehicleKind) -> bool {
        self.role == StaffRole::Driver && self.licence.is_some_and(|licence| licence.covers(kind))
    }
}

/// Whether a text can be the number on a badge.
pub(super) fn is_badge(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The name of a staff member: an identity, shown to those who may see it and never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffName(Zeroizing<String>);

impl StaffName {
    /// The name itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is no name but what lists show of one.
    pub fn is_masked(&self) -> bool {
        self.0.contains('*')
    }
}

impl FromStr for StaffName {
    type Err = Message;

    /// Takes 1 to 50 characters, blanks around them left out.
    fn from_str(text: &str) -> Result<Self, Message> {
        let name = text.trim();
        if (1..=50).contains(&name.chars().count()) { Ok(Self(Zeroizing::new(name.to_owned()))) } else { Err(Message::new("bad_staff_name")) }
    }
}

impl fmt::Debug for StaffName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaffName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coach_takes_an_a1_licence() {
        let may = |kind: VehicleKind| Licence::ALL.into_iter().filter(|licence| licence.covers(kind)).map(Licence::name).collect::<Vec<_>>().join(" ");
        assert_eq!(may(VehicleKind::Coach), "A1");
        assert_eq!(may(VehicleKind::Minibus), "A1 A2 B1");
        assert_eq!(may(VehicleKind::Car), "A1 A2 A3 B1 B2 C1 C2");
    }
}
