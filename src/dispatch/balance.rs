//! The forward balance 前瞻: who becomes due each of the coming days, per city, against the seats and drivers that each province has for them,
//! and the beds of the city,
//! so that a shortage shows before the coach is missed. It counts on one run a day for each vehicle; the planner knows better, a day ahead.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate, TimeDelta};

use super::{TripState, trips_on};
use crate::access::Actor;
use crate::arrivals;
use crate::base::{Id, Result, time};
use crate::db::Conn;
use crate::fleet::{self, Period, StaffRole, VehicleKind};
use crate::places::{Organisation, province_of};
use crate::policy::Rulebook;
use crate::sites::{self, Room};

/// The coming days of one province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceBalance {
    /// The code of the province.
    pub province: String,
    /// Each day, in order.
    pub days: Vec<DayBalance>,
    /// Each city that people become due for, by its code, day by day.
    pub cities: BTreeMap<String, Vec<CityDay>>,
}

/// One day of one city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CityDay {
    /// How many become due.
    pub due: u64,
    /// How many its sites take in that night, trips that are promised beds already among them; none while none of them has said a number.
    pub beds: Option<u64>,
}

impl CityDay {
    /// How many people have no bed.
    pub fn beds_short(&self) -> u64 {
        self.beds.map_or(0, |beds| self.due.saturating_sub(beds))
    }
}

/// One day of one province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayBalance {
    /// How many become due.
    pub due: u64,
    /// Seats, within the load caps, on trips that are made already.
    pub planned: u64,
    /// Seats, within the load caps, of vehicles in service that have no trip that day and may cross.
    pub free: u64,
    /// Drivers of coaches in service who have no trip that day.
    pub drivers: u64,
    /// How many of the free vehicles must go, the largest first.
    pub vehicles_needed: u64,
    /// How many people have no seat if all go.
    pub seats_short: u64,
    /// How many of the vehicles that must go have no driver.
    pub drivers_short: u64,
}

impl DayBalance {
    /// Weighs who is due against trips, the free vehicles' load caps, and drivers.
    fn weigh(due: u64, planned: u64, mut caps: Vec<u64>, drivers: u64) -> Self {
        caps.sort_unstable_by(|one, other| other.cmp(one));
        let mut left = due.saturating_sub(planned);
        let mut needed = 0;
        for cap in &caps {
            if left == 0 {
                break;
            }
            left = left.saturating_sub(*cap);
            needed += 1;
        }
        let free = caps.iter().sum();
        Self { due, planned, free, drivers, vehicles_needed: needed, seats_short: left, drivers_short: needed.saturating_sub(drivers) }
    }

    /// Whether anything is missing.
    pub fn is_short(&self) -> bool {
        self.seats_short > 0 || self.drivers_short > 0
    }
}

/// The balance of `n_days` days from `from`, of the provinces that people, trips or vehicles within the actor's scope belong to. Whoever goes
/// home within the port's city rides with the districts and is not counted.
pub fn balance(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, from: NaiveDate, n_days: u64) -> Result<Vec<ProvinceBalance>> {
    let rooms = sites::rooms(conn, from, from + Days::new(n_days.max(1) - 1))?;
    let home: HashMap<Id<Organisation>, String> = rulebook.organisations.iter().map(|one| (one.id(), province_of(&one.place.to_string()))).collect();
    let mut provinces: BTreeMap<String, ProvinceBalance> = BTreeMap::new();
    for (n, expected) in (0..).zip(arrivals::expected(conn, actor, from, n_days)?) {
        let on = expected.on;
        let mut sums: BTreeMap<String, (u64, u64, Vec<u64>, u64)> = BTreeMap::new();
        for (city, due) in expected.cities {
            let province = province_of(&city);
            sums.entry(province.clone()).or_default().0 += due;
            let cities = &mut entry(&mut provinces, &province, n).cities;
            let beds = rooms.get(&on).and_then(|rooms| beds(rooms, &city));
            let days = cities.entry(city).or_default();
            days.resize(usize::try_from(n).unwrap_or_default(), CityDay::default());
            days.push(CityDay { due, beds });
        }
        for line in trips_on(conn, actor, on)?.into_iter().filter(|line| !matches!(line.trip.state, TripState::Cancelled { .. })) {
            sums.entry(province_of(&line.trip.province)).or_default().1 += u64::try_from(line.trip.load_cap).unwrap_or_default();
        }
        let day = Period { from: time::midnight(on), to: time::midnight(on) + TimeDelta::days(1) };
        for vehicle in fleet::vehicles_free(conn, actor, day)? {
            let may_cross = vehicle.kind.is_chartered() && vehicle.permit.as_ref().is_some_and(|permit| permit.expires_on >= on);
            if let Some(province) = home.get(&vehicle.organisation).filter(|_| may_cross) {
                sums.entry(province.clone()).or_default().2.push(u64::try_from(vehicle.load_cap).unwrap_or_default());
            }
        }
        for staff in fleet::staff_free(conn, actor, day)?.iter().filter(|staff| staff.role == StaffRole::Driver && staff.may_drive(VehicleKind::Coach)) {
            if let Some(province) = home.get(&staff.organisation) {
                sums.entry(province.clone()).or_default().3 += 1;
            }
        }
        for (province, (due, planned, caps, drivers)) in sums {
            entry(&mut provinces, &province, n).days.push(DayBalance::weigh(due, planned, caps, drivers));
        }
        let upto = usize::try_from(n + 1).unwrap_or_default();
        for province in provinces.values_mut() {
            province.days.resize(upto, DayBalance::default());
            province.cities.values_mut().for_each(|days| days.resize(upto, CityDay::default()));
        }
    }
    Ok(provinces.into_values().collect())
}

/// How many people the sites of a place take in; none while none of them has said a number.
fn beds(rooms: &[Room], place: &str) -> Option<u64> {
    let said: Vec<i64> = sites::rooms_for(rooms, place).into_iter().filter_map(|room| room.beds).collect();
    (!said.is_empty()).then(|| said.into_iter().map(i64::unsigned_abs).sum())
}

fn entry<'p>(provinces: &'p mut BTreeMap<String, ProvinceBalance>, province: &str, day: u64) -> &'p mut ProvinceBalance {
    let before = usize::try_from(day).unwrap_or_default();
    let new = || ProvinceBalance { province: province.to_owned(), days: vec![DayBalance::default(); before], cities: BTreeMap::new() };
    provinces.entry(province.to_owned()).or_insert_with(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(due: u64, planned: u64, caps: &[u64], drivers: u64) -> (u64, u64, u64) {
        let day = DayBalance::weigh(due, planned, caps.to_vec(), drivers);
        assert_eq!(day.is_short(), day.seats_short + day.drivers_short > 0);
        (day.vehicles_needed, day.seats_short, day.drivers_short)
    }

    #[test]
    fn the_largest_vehicles_go_first_and_each_takes_a_driver() {
        assert_eq!(short(0, 0, &[24], 0), (0, 0, 0), "nobody, nothing short");
        assert_eq!(short(30, 0, &[8, 24, 24], 2), (2, 0, 0));
        assert_eq!(short(30, 24, &[8, 24], 1), (1, 0, 0), "those with a planned seat need none");
        assert_eq!(short(30, 48, &[], 0), (0, 0, 0));
        assert_eq!(short(60, 0, &[24, 24], 2), (2, 12, 0), "twelve have no seat");
        assert_eq!(short(48, 0, &[24, 24], 1), (2, 0, 1), "a coach without a driver");
    }
}
