//! Vehicles 车辆: what may be on the road, and with how many aboard.

use chrono::NaiveDate;

use super::plate::Plate;
use crate::base::{Error, FieldError, Id, Message, Result};
use crate::places::Organisation;

/// What a vehicle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VehicleKind {
    /// 大客车: 20 seats or more.
    Coach,
    /// 中客车: 10 to 19 seats.
    Minibus,
    /// 小客车.
    Car,
    /// 救护车: the only one for people who are infected.
    Ambulance,
}

impl VehicleKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Coach, Self::Minibus, Self::Car, Self::Ambulance];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coach => "coach",
            Self::Minibus => "minibus",
            Self::Car => "car",
            Self::Ambulance => "ambulance",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it goes from province to province as a charter coach, which takes a permit.
    pub const fn is_chartered(self) -> bool {
        matches!(self, Self::Coach | Self::Minibus)
    }

    /// Seats abreast, aisle left out. The last row of a coach has one more, in the place of the aisle.
    const fn abreast(self) -> i32 {
        match self {
            Self::Coach => 4,
            Self::Minibus => 3,
            Self::Car | Self::Ambulance => 2,
        }
    }
}

/// How full a vehicle may be: a share of its seats, with the last rows kept free as observation area 留观区 for somebody who falls
/// ill on the way. The rule for charters of 2020 was half of the seats and two rows (domain facts §2.6); it is a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadRule {
    /// How much of all the seats may be taken, in percent, 1 to 100.
    pub percent: u8,
    /// How many rows at the back stay free. Cars and ambulances have no rows to spare.
    pub observation_rows: u8,
}

impl Default for LoadRule {
    fn default() -> Self {
        Self { percent: 50, observation_rows: 2 }
    }
}

impl LoadRule {
    /// The seats in front of the observation area: passengers are given seats 1 to this one. At least 1.
    pub fn front_seats(self, kind: VehicleKind, seats: i32) -> i32 {
        let rows = i32::from(self.observation_rows);
        if !kind.is_chartered() || rows == 0 {
            return seats;
        }
        // Seats that do not fill rows evenly widen the last row (49 seats: eleven rows of four, the last of five).
        let widening = seats % kind.abreast();
        (seats - rows * kind.abreast() - widening).max(1)
    }

    /// How many may ride: `percent` of the seats, rounded down, and no more than there are front seats. At least 1.
    pub fn usable(self, kind: VehicleKind, seats: i32) -> i32 {
        (seats * i32::from(self.percent) / 100).min(self.front_seats(kind, seats)).max(1)
    }
}

/// No vehicle takes more pieces of luggage.
const MOST_LUGGAGE: i32 = 500;

/// A charter coach permit 包车客运标志牌.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Its number.
    pub number: String,
    /// Its last day.
    pub expires_on: NaiveDate,
}

/// What is said of a vehicle when it is added or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VehicleFacts {
    /// The number plate.
    pub plate: Plate,
    /// What it is.
    pub kind: VehicleKind,
    /// All its seats for passengers, 1 to [`Vehicle::MOST_SEATS`].
    pub seats: i32,
    /// How many may ride; by the [`LoadRule`] if none is given.
    pub load_cap: Option<i32>,
    /// How many close contacts 密接 may ride; half of the load cap if none is given.
    pub contact_cap: Option<i32>,
    /// Places for wheelchairs.
    pub wheelchairs: i32,
    /// Child seats.
    pub infants: i32,
    /// Pieces of luggage; two for each who may ride, if none is given.
    pub luggage: Option<i32>,
    /// Whose it is.
    pub organisation: Id<Organisation>,
    /// Where it stands; at the hub of its province if none is given.
    pub depot: Option<Id<Organisation>>,
    /// The permit, if it has one.
    pub permit: Option<Permit>,
    /// Whether it may be given trips.
    pub in_service: bool,
}

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Its id.
    pub id: Id<Vehicle>,
    /// The number plate.
    pub plate: Plate,
    /// What it is.
    pub kind: VehicleKind,
    /// All its seats for passengers.
    pub seats: i32,
    /// The seats in front of the observation area: numbers 1 to this one may be given.
    pub front_seats: i32,
    /// How many may ride.
    pub load_cap: i32,
    /// How many close contacts 密接 may ride.
    pub contact_cap: i32,
    /// Places for wheelchairs.
    pub wheelchairs: i32,
    /// Child seats.
    pub infants: i32,
    /// Pieces of luggage.
    pub luggage: i32,
    /// Whose it is.
    pub organisation: Id<Organisation>,
    /// Where it stands; none is the hub of its province.
    pub depot: Option<Id<Organisation>>,
    /// The permit, if it has one.
    pub permit: Option<Permit>,
    /// Whether it may be given trips.
    pub in_service: bool,
    /// Counts the changes; a change demands the version it saw.
    pub version: i32,
}

impl Vehicle {
    /// No vehicle has more seats for passengers.
    pub const MOST_SEATS: i32 = 80;

    /// The vehicle that `facts` describe under `rule`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: seats outside 1 to 80, a load cap above the front seats, one for contacts above that, places or luggage below none.
    pub(super) fn of(id: Id<Self>, facts: VehicleFacts, rule: LoadRule, version: i32) -> Result<Self> {
        let VehicleFacts { plate, kind, seats, load_cap, contact_cap, wheelchairs, infants, luggage, organisation, depot, permit, in_service } = facts;
        if !(1..=Self::MOST_SEATS).contains(&seats) {
            return Err(Error::invalid("seats", Message::new("bad_seats").with("most", Self::MOST_SEATS)));
        }
        let front_seats = rule.front_seats(kind, seats);
        let load_cap = load_cap.unwrap_or_else(|| rule.usable(kind, seats));
        let contact_cap = contact_cap.unwrap_or_else(|| (load_cap / 2).max(1));
        let luggage = luggage.unwrap_or(load_cap * 2);
        let mut faults = Vec::new();
        if !(1..=front_seats).contains(&load_cap) {
            faults.push(FieldError::new("load_cap", Message::new("bad_load_cap").with("most", front_seats)));
        }
        if !(0..=seats).contains(&wheelchairs) {
            faults.push(FieldError::new("wheelchairs", Message::new("bad_wheelchairs").with("most", seats)));
        }
        if !(1..=load_cap).contains(&contact_cap) {
            faults.push(FieldError::new("contact_cap", Message::new("bad_contact_cap").with("most", load_cap)));
        }
        if !(0..=seats).contains(&infants) {
            faults.push(FieldError::new("infants", Message::new("bad_infants").with("most", seats)));
        }
        if !(0..=MOST_LUGGAGE).contains(&luggage) {
            faults.push(FieldError::new("luggage", Message::new("bad_luggage").with("most", MOST_LUGGAGE)));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(Self { id, plate, kind, seats, front_seats, load_cap, contact_cap, wheelchairs, infants, luggage, organisation, depot, permit, in_service, version })
    }

    /// What is said of it, to be changed in part.
    pub fn facts(&self) -> VehicleFacts {
        VehicleFacts {
            plate: self.plate.clone(),
            kind: self.kind,
            seats: self.seats,
            load_cap: Some(self.load_cap),
            contact_cap: Some(self.contact_cap),
            wheelchairs: self.wheelchairs,
            infants: self.infants,
            luggage: Some(self.luggage),
            organisation: self.organisation,
            depot: self.depot,
            permit: self.permit.clone(),
            in_service: self.in_service,
        }
    }

    /// Whether its permit is good on `day`.
    pub fn has_permit_on(&self, day: NaiveDate) -> bool {
        self.permit.as_ref().is_some_and(|permit| permit.expires_on >= day)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_of_the_seats_may_be_taken_and_the_last_two_rows_stay_free() {
        let rule = LoadRule::default();
        // 49 seats: rows of four, the last of five; the last two rows are nine seats.
        assert_eq!((rule.front_seats(VehicleKind::Coach, 49), rule.usable(VehicleKind::Coach, 49)), (40, 24));
        assert_eq!((rule.front_seats(VehicleKind::Coach, 48), rule.usable(VehicleKind::Coach, 48)), (40, 24));
        // A small minibus: the observation area, not the half, is what limits it.
        assert_eq!((rule.front_seats(VehicleKind::Minibus, 10), rule.usable(VehicleKind::Minibus, 10)), (3, 3));
        assert_eq!((rule.front_seats(VehicleKind::Car, 4), rule.usable(VehicleKind::Car, 4)), (4, 2));
        let full = LoadRule { percent: 100, observation_rows: 0 };
        assert_eq!((full.front_seats(VehicleKind::Coach, 49), full.usable(VehicleKind::Coach, 49)), (49, 49));
    }

    #[test]
    fn a_permit_is_good_on_its_last_day_and_not_after() {
        let day = |day| NaiveDate::from_ymd_opt(2020, 9, day).unwrap();
        let facts = VehicleFacts {
            plate: "沪A12345".parse().unwrap(),
            kind: VehicleKind::Coach,
            seats: 49,
            load_cap: None,
            contact_cap: None,
            wheelchairs: 0,
            infants: 0,
            luggage: None,
            depot: None,
            organisation: Id::from_uuid(uuid::Uuid::nil()),
            permit: Some(Permit { number: "1".into(), expires_on: day(15) }),
            in_service: true,
        };
        let vehicle = Vehicle::of(Id::from_uuid(uuid::Uuid::nil()), facts, LoadRule::default(), 1).unwrap();
        assert_eq!((vehicle.contact_cap, vehicle.luggage), (12, 48), "close contacts have twice the room, everybody two pieces");
        assert!(vehicle.has_permit_on(day(15)));
        assert!(!vehicle.has_permit_on(day(16)));
    }

    proptest! {
        #[test]
        fn usable_seats_are_always_front_seats(seats in 1..=80_i32, percent in 1..=100_u8, observation_rows in 0..5_u8, kind in 0..4_usize) {
            let (rule, kind) = (LoadRule { percent, observation_rows }, VehicleKind::ALL[kind]);
            let (usable, front) = (rule.usable(kind, seats), rule.front_seats(kind, seats));
            prop_assert!(1 <= usable && usable <= front && front <= seats);
        }
    }
}
