//! What law and practice ask of trips, from `config/driving.toml`, and how long ways by road take by it.

use serde::Deserialize;

use super::plan::{Limits, MINUTES_OF_DAY, Minute};
use crate::base::{Error, FieldError, Message, Result};
use crate::places::Position;

/// The rules of the road.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Driving {
    continuous_driving: u16,
    shortest_break: u16,
    driving_in_24h: u16,
    night_ban: [u16; 2],
    night_ban_seats: u16,
    two_drivers_beyond_km: u16,
    duty_single: u16,
    duty_double: u16,
    rest: u16,
    medic_persons: u16,
    escort_seats: u16,
    board_base: u16,
    board_person: u16,
    board_wheelchair: u16,
    alight_base: u16,
    alight_person: u16,
    ride_excess: u16,
    /// The first minute of the day at which people board.
    pub first_boarding: u16,
    /// The last one.
    pub last_boarding: u16,
    town_factor: f64,
    road_factor: f64,
    town_speed_kmh: f64,
    road_speed_kmh: f64,
    margin_percent: u8,
}

/// Where town ends and the motorway begins, in kilometres of road.
const TOWN_KM: f64 = 30.0;
/// The shortest way between two houses of one district: loading bays, gates.
const LEAST_KM: f64 = 3.0;

impl Driving {
    /// The rules that this edition was built with.
    ///
    /// # Errors
    /// None that the tests would not have found.
    pub fn embedded() -> Result<Self> {
        Self::read(include_str!("../../config/driving.toml"))
    }

    /// Reads such a file.
    ///
    /// # Errors
    /// Invalid, with the name of what is missing, unknown or out of range.
    pub fn read(text: &str) -> Result<Self> {
        let driving: Self =
            toml::from_str(text).map_err(|fault| Error::invalid("driving", Message::new("driving_unreadable").with("cause", fault.message())))?;
        let day = MINUTES_OF_DAY as u16;
        let ranges = [
            ("continuous_driving", driving.continuous_driving > 0),
            ("shortest_break", driving.shortest_break > 0),
            ("driving_in_24h", driving.driving_in_24h > 0),
            ("night_ban", driving.night_ban[0] <= driving.night_ban[1] && driving.night_ban[1] < day),
            ("duty_single", driving.duty_single > 0),
            ("duty_double", driving.duty_double > 0),
            ("rest", driving.rest > 0),
            ("last_boarding", driving.first_boarding <= driving.last_boarding && driving.last_boarding < day),
            ("town_factor", driving.town_factor >= 1.0),
            ("road_factor", driving.road_factor >= 1.0),
            ("town_speed_kmh", driving.town_speed_kmh >= 1.0),
            ("road_speed_kmh", driving.road_speed_kmh >= 1.0),
        ];
        let faults: Vec<FieldError> = ranges
            .into_iter()
            .filter(|(_, holds)| !holds)
            .map(|(name, _)| FieldError::new(format!("driving.{name}"), Message::new("driving_out_of_range")))
            .collect();
        if faults.is_empty() { Ok(driving) } else { Err(Error::Invalid(faults)) }
    }

    /// The limits of a plan, with `disinfection` minutes between two trips of a vehicle.
    pub fn limits(&self, disinfection: u32) -> Limits {
        Limits {
            continuous_driving: self.continuous_driving.into(),
            shortest_break: self.shortest_break.into(),
            driving_in_24h: self.driving_in_24h.into(),
            night_ban: self.night_ban[0].into()..self.night_ban[1].into(),
            night_ban_seats: self.night_ban_seats.into(),
            two_drivers_beyond_km10: i32::from(self.two_drivers_beyond_km) * 10,
            disinfection: disinfection as Minute,
            rest: self.rest.into(),
            duty_single: self.duty_single.into(),
            duty_double: self.duty_double.into(),
            board_base: self.board_base.into(),
            board_person: self.board_person.into(),
            board_wheelchair: self.board_wheelchair.into(),
            alight_base: self.alight_base.into(),
            alight_person: self.alight_person.into(),
            ride_excess: Some(self.ride_excess.into()),
            most_sites: None,
            medic_persons: self.medic_persons.into(),
            escort_seats: self.escort_seats.into(),
        }
    }

    /// Minutes and tenths of a kilometre by road between two positions, estimated from the air line (haversine).
    pub fn way(&self, from: Position, to: Position) -> (Minute, i32) {
        let (a, b) = (from.latitude.to_radians(), to.latitude.to_radians());
        let longitude = (to.longitude - from.longitude).to_radians();
        let half = ((b - a) / 2.0).sin().powi(2) + a.cos() * b.cos() * (longitude / 2.0).sin().powi(2);
        let air = 2.0 * 6_371.0 * half.sqrt().asin();
        let road = (self.town_factor * air.min(TOWN_KM) + self.road_factor * (air - TOWN_KM).max(0.0)).max(LEAST_KM);
        let hours = road.min(TOWN_KM) / self.town_speed_kmh + (road - TOWN_KM).max(0.0) / self.road_speed_kmh;
        (self.with_margin(hours * 60.0), (road * 10.0).ceil() as i32)
    }

    /// Whole minutes with the margin for what nobody can foresee.
    pub(super) fn with_margin(&self, minutes: f64) -> Minute {
        (minutes * (1.0 + f64::from(self.margin_percent) / 100.0)).ceil() as Minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_ship_are_in_order_and_a_wrong_one_is_named() {
        let text = include_str!("../../config/driving.toml");
        assert_eq!(Driving::read(text).unwrap().limits(60).driving_in_24h, 480);
        let fault = |from: &str, to: &str| Driving::read(&text.replace(from, to)).unwrap_err().to_string();
        assert!(fault("night_ban = [120, 300]", "night_ban = [300, 120]").contains("driving.night_ban"));
        assert!(fault("rest = 600", "rest = 0").contains("driving.rest"));
        assert!(fault("rest = 600", "resting = 600").contains("resting"));
    }

    #[test]
    fn ways_are_about_as_long_as_by_the_map() {
        let driving = Driving::embedded().unwrap();
        let (pudong, suzhou) = (Position { latitude: 31.22, longitude: 121.54 }, Position { latitude: 31.30, longitude: 120.58 });
        let (minutes, km10) = driving.way(pudong, suzhou);
        assert!((1_000..1_300).contains(&km10) && (110..150).contains(&minutes), "{minutes} min, {km10} km10");
        assert!(driving.way(pudong, pudong).0 > 0, "nobody is loaded and gone in no time");
    }
}
