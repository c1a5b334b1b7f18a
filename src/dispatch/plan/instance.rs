//! Instances as files (`dispatch-instance/1`). What contradicts itself is refused with the path of each field at fault.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Range, RangeInclusive};

use serde::Deserialize;

use super::problem::{Limits, Member, Minute, Party, Problem, Risk, Role, Site, Travel, Vehicle};
use crate::base::{FieldError, Message};

/// The one format that is read.
pub const FORMAT: &str = "dispatch-instance/1";

/// An instance as the file has it. Unknown keys are left alone.
#[derive(Debug, Deserialize)]
pub struct Instance {
    format: String,
    name: String,
    horizon: Minute,
    params: Params,
    locations: Vec<Location>,
    dur: Vec<Vec<Minute>>,
    km10: Vec<Vec<i32>>,
    sites: Vec<SiteRow>,
    vehicles: Vec<VehicleRow>,
    staff: Vec<StaffRow>,
    parties: Vec<PartyRow>,
}

#[derive(Debug, Deserialize)]
struct Params {
    max_cont_drive: Minute,
    min_break: Minute,
    max_drive_24h: Minute,
    night_ban: [Minute; 2],
    night_ban_min_seats: u32,
    two_driver_km10: i32,
    disinfect: Minute,
    rest: Minute,
    duty_single: Minute,
    duty_double: Minute,
    board_base: Minute,
    board_per_person: Minute,
    board_wheelchair: Minute,
    alight_base: Minute,
    alight_per_person: Minute,
    max_ride_excess: Option<Minute>,
    #[serde(default)]
    max_drop_sites: Option<usize>,
    medic_from_persons: u32,
    escort_from_seats: u32,
    licence_rank: BTreeMap<String, i32>,
}

#[derive(Debug, Deserialize)]
struct Location {
    #[serde(rename = "id")]
    _id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RiskName {
    Ordinary,
    Contact,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    Driver,
    Medic,
    Escort,
}

#[derive(Debug, Deserialize)]
struct SiteRow {
    id: String,
    loc: i64,
    open: Vec<[Minute; 2]>,
    capacity: i64,
    accepts: Vec<RiskName>,
}

#[derive(Debug, Deserialize)]
struct VehicleRow {
    id: String,
    province: String,
    depot: i64,
    seats: i64,
    cap: BTreeMap<RiskName, i64>,
    wheelchair: i64,
    infants: i64,
    luggage: i64,
    licence: String,
    avail: [Minute; 2],
}

#[derive(Debug, Deserialize)]
struct StaffRow {
    id: String,
    province: String,
    depot: i64,
    role: RoleName,
    licence: Option<String>,
    last_off: Minute,
}

#[derive(Debug, Deserialize)]
struct PartyRow {
    id: String,
    size: i64,
    province: String,
    risk: RiskName,
    pickup: i64,
    earliest: Minute,
    latest: Minute,
    wheelchair: i64,
    infants: i64,
    luggage: i64,
    sites: Vec<String>,
}

/// What is wrong with a file, field by field.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldError>);

impl Faults {
    pub(super) fn add(&mut self, path: impl Into<String>, fault: Message) {
        self.0.push(FieldError::new(path, fault));
    }

    pub(super) fn unless(&mut self, holds: bool, path: impl FnOnce() -> String, fault: Message) {
        if !holds {
            self.add(path(), fault);
        }
    }

    /// A count of `least` to `most`; otherwise 0, and a fault.
    fn count(&mut self, value: i64, range: RangeInclusive<u32>, path: impl FnOnce() -> String) -> u32 {
        u32::try_from(value).ok().filter(|count| range.contains(count)).unwrap_or_else(|| {
            self.add(path(), Message::new("plan_not_a_count").with("least", range.start()).with("most", range.end()));
            0
        })
    }

    /// A place that exists; otherwise 0, and a fault.
    fn place(&mut self, value: i64, places: usize, path: impl FnOnce() -> String) -> u32 {
        u32::try_from(value).ok().filter(|place| (*place as usize) < places).unwrap_or_else(|| {
            self.add(path(), Message::new("plan_unknown_place"));
            0
        })
    }

    /// Names by their place in a list; a name that is there twice is a fault.
    fn unique<'a>(&mut self, list: &str, ids: impl Iterator<Item = &'a str>) -> HashMap<&'a str, u32> {
        let mut known = HashMap::new();
        for (n, id) in ids.enumerate() {
            if known.insert(id, n as u32).is_some() {
                self.add(format!("{list}[{n}].id"), Message::new("plan_id_twice"));
            }
        }
        known
    }
}

/// Numbers beyond these are nonsense, and sums and products of them would not be safe to make.
const MOST: u32 = 1_000_000;
const MOST_PERSONS: u32 = 10_000;
const MOST_MINUTES: Minute = 100_000;

impl Instance {
    /// The problem it states.
    ///
    /// # Errors
    /// Every field that contradicts another or itself, with its path.
    pub fn problem(self) -> Result<Problem, Vec<FieldError>> {
        let mut faults = Faults::default();
        faults.unless(self.format == FORMAT, || "format".to_owned(), Message::new("plan_format_unknown"));
        faults.unless((1..=MOST_MINUTES).contains(&self.horizon), || "horizon".to_owned(), Message::new("plan_bad_minute"));
        let n = self.locations.len();
        square(&mut faults, "dur", &self.dur, n, MOST_MINUTES);
        square(&mut faults, "km10", &self.km10, n, MOST as i32);
        let limits = self.params.limits(&mut faults);
        let mut provinces: Vec<String> = Vec::new();
        let mut province = |name: &str| match provinces.iter().position(|one| one == name) {
            Some(n) => n as u32,
            None => {
                provinces.push(name.to_owned());
                provinces.len() as u32 - 1
            }
        };
        let sites_by_id = faults.unique("sites", self.sites.iter().map(|site| site.id.as_str()));
        faults.unique("vehicles", self.vehicles.iter().map(|vehicle| vehicle.id.as_str()));
        faults.unique("staff", self.staff.iter().map(|member| member.id.as_str()));
        faults.unique("parties", self.parties.iter().map(|party| party.id.as_str()));
        let ranks = &self.params.licence_rank;
        let vehicles = self.vehicles.iter().enumerate().map(|(k, row)| row.vehicle(&mut faults, k, n, province(&row.province), ranks)).collect();
        let staff = self.staff.iter().enumerate().map(|(k, row)| row.member(&mut faults, k, n, province(&row.province), ranks)).collect();
        let parties = self.parties.iter().enumerate().map(|(k, row)| row.party(&mut faults, k, n, province(&row.province), &sites_by_id)).collect();
        let sites = self.sites.iter().enumerate().map(|(k, row)| row.site(&mut faults, k, n)).collect();
        let travel = Travel::new(n, self.dur.concat(), self.km10.concat());
        match (travel, limits) {
            (Some(travel), Some(limits)) if faults.0.is_empty() => {
                Ok(Problem { name: self.name, horizon: self.horizon, limits, provinces, travel, sites, vehicles, staff, parties })
            }
            _ => Err(faults.0),
        }
    }
}

fn square(faults: &mut Faults, name: &str, rows: &[Vec<i32>], n: usize, most: i32) {
    faults.unless(rows.len() == n, || name.to_owned(), Message::new("plan_not_square"));
    for (k, row) in rows.iter().enumerate() {
        faults.unless(row.len() == n, || format!("{name}[{k}]"), Message::new("plan_not_square"));
        if let Some(wrong) = row.iter().position(|value| !(0..=most).contains(value)) {
            faults.add(format!("{name}[{k}][{wrong}]"), Message::new("plan_not_a_count").with("least", 0).with("most", most));
        }
    }
}

impl Params {
    fn limits(&self, faults: &mut Faults) -> Option<Limits> {
        let day = super::problem::MINUTES_OF_DAY;
        let ranges = [
            ("max_cont_drive", self.max_cont_drive, 1..=MOST_MINUTES),
            ("min_break", self.min_break, 1..=MOST_MINUTES),
            ("max_drive_24h", self.max_drive_24h, 1..=MOST_MINUTES),
            ("disinfect", self.disinfect, 0..=MOST_MINUTES),
            ("rest", self.rest, 1..=MOST_MINUTES),
            ("duty_single", self.duty_single, 1..=MOST_MINUTES),
            ("duty_double", self.duty_double, 1..=MOST_MINUTES),
            ("board_base", self.board_base, 0..=day),
            ("board_per_person", self.board_per_person, 0..=day),
            ("board_wheelchair", self.board_wheelchair, 0..=day),
            ("alight_base", self.alight_base, 0..=day),
            ("alight_per_person", self.alight_per_person, 0..=day),
            ("max_ride_excess", self.max_ride_excess.unwrap_or(0), 0..=MOST_MINUTES),
            ("two_driver_km10", self.two_driver_km10, 0..=MOST as i32),
        ];
        for (name, value, range) in ranges {
            faults.unless(range.contains(&value), || format!("params.{name}"), Message::new("plan_bad_minute"));
        }
        let [from, to] = self.night_ban;
        let ban = 0 <= from && from <= to && to <= super::problem::MINUTES_OF_DAY && to - from < super::problem::MINUTES_OF_DAY;
        faults.unless(ban, || "params.night_ban".to_owned(), Message::new("plan_bad_range"));
        faults.0.is_empty().then(|| Limits {
            continuous_driving: self.max_cont_drive,
            shortest_break: self.min_break,
            driving_in_24h: self.max_drive_24h,
            night_ban: from..to,
            night_ban_seats: self.night_ban_min_seats,
            two_drivers_beyond_km10: self.two_driver_km10,
            disinfection: self.disinfect,
            rest: self.rest,
            duty_single: self.duty_single,
            duty_double: self.duty_double,
            board_base: self.board_base,
            board_person: self.board_per_person,
            board_wheelchair: self.board_wheelchair,
            alight_base: self.alight_base,
            alight_person: self.alight_per_person,
            ride_excess: self.max_ride_excess,
            most_sites: self.max_drop_sites.filter(|most| *most > 0),
            medic_persons: self.medic_from_persons,
            escort_seats: self.escort_from_seats,
        })
    }
}

impl SiteRow {
    fn site(&self, faults: &mut Faults, k: usize, places: usize) -> Site {
        for (j, open) in self.open.iter().enumerate() {
            faults.unless(is_range(open), || format!("sites[{k}].open[{j}]"), Message::new("plan_bad_range"));
        }
        Site {
            id: self.id.clone(),
            place: faults.place(self.loc, places, || format!("sites[{k}].loc")),
            open: self.open.iter().map(range).collect(),
            capacity: faults.count(self.capacity, 0..=MOST, || format!("sites[{k}].capacity")),
            accepts: [self.accepts.contains(&RiskName::Ordinary), self.accepts.contains(&RiskName::Contact)],
        }
    }
}

impl VehicleRow {
    fn vehicle(&self, faults: &mut Faults, k: usize, places: usize, province: u32, ranks: &BTreeMap<String, i32>) -> Vehicle {
        let cap = |faults: &mut Faults, name, key: &str| match self.cap.get(&name) {
            Some(&cap) => faults.count(cap, 0..=MOST_PERSONS, || format!("vehicles[{k}].cap.{key}")),
            None => {
                faults.add(format!("vehicles[{k}].cap.{key}"), Message::new("plan_missing"));
                0
            }
        };
        faults.unless(is_range(&self.avail), || format!("vehicles[{k}].avail"), Message::new("plan_bad_range"));
        Vehicle {
            id: self.id.clone(),
            province,
            depot: faults.place(self.depot, places, || format!("vehicles[{k}].depot")),
            seats: faults.count(self.seats, 0..=MOST_PERSONS, || format!("vehicles[{k}].seats")),
            cap: [cap(faults, RiskName::Ordinary, "ordinary"), cap(faults, RiskName::Contact, "contact")],
            wheelchairs: faults.count(self.wheelchair, 0..=MOST_PERSONS, || format!("vehicles[{k}].wheelchair")),
            infants: faults.count(self.infants, 0..=MOST_PERSONS, || format!("vehicles[{k}].infants")),
            luggage: faults.count(self.luggage, 0..=MOST, || format!("vehicles[{k}].luggage")),
            licence: rank(faults, ranks, Some(&self.licence), || format!("vehicles[{k}].licence")),
            available: range(&self.avail),
        }
    }
}

impl StaffRow {
    fn member(&self, faults: &mut Faults, k: usize, places: usize, province: u32, ranks: &BTreeMap<String, i32>) -> Member {
        let role = match self.role {
            RoleName::Driver => Role::Driver,
            RoleName::Medic => Role::Medic,
            RoleName::Escort => Role::Escort,
        };
        faults.unless(self.last_off.abs() <= MOST_MINUTES, || format!("staff[{k}].last_off"), Message::new("plan_bad_minute"));
        let licence = if role == Role::Driver { rank(faults, ranks, self.licence.as_deref(), || format!("staff[{k}].licence")) } else { 0 };
        Member {
            id: self.id.clone(),
            province,
            depot: faults.place(self.depot, places, || format!("staff[{k}].depot")),
            role,
            licence,
            off_since: self.last_off,
        }
    }
}

impl PartyRow {
    fn party(&self, faults: &mut Faults, k: usize, places: usize, province: u32, sites: &HashMap<&str, u32>) -> Party {
        for (name, value) in [("earliest", self.earliest), ("latest", self.latest)] {
            faults.unless(value.abs() <= MOST_MINUTES, || format!("parties[{k}].{name}"), Message::new("plan_bad_minute"));
        }
        let mut site = |(j, id): (usize, &String)| match sites.get(id.as_str()) {
            Some(&site) => site,
            None => {
                faults.add(format!("parties[{k}].sites[{j}]"), Message::new("plan_unknown_site"));
                0
            }
        };
        let sites = self.sites.iter().enumerate().map(&mut site).collect();
        Party {
            id: self.id.clone(),
            size: faults.count(self.size, 1..=MOST_PERSONS, || format!("parties[{k}].size")),
            province,
            risk: if self.risk == RiskName::Contact { Risk::Contact } else { Risk::Ordinary },
            pickup: faults.place(self.pickup, places, || format!("parties[{k}].pickup")),
            earliest: self.earliest,
            latest: self.latest,
            wheelchairs: faults.count(self.wheelchair, 0..=MOST_PERSONS, || format!("parties[{k}].wheelchair")),
            infants: faults.count(self.infants, 0..=MOST_PERSONS, || format!("parties[{k}].infants")),
            luggage: faults.count(self.luggage, 0..=MOST, || format!("parties[{k}].luggage")),
            sites,
        }
    }
}

fn is_range(pair: &[Minute; 2]) -> bool {
    pair.iter().all(|minute| minute.abs() <= MOST_MINUTES) && pair[0] <= pair[1]
}

fn range(pair: &[Minute; 2]) -> Range<Minute> {
    pair[0]..pair[1]
}

fn rank(faults: &mut Faults, ranks: &BTreeMap<String, i32>, licence: Option<&str>, path: impl FnOnce() -> String) -> i32 {
    licence.and_then(|licence| ranks.get(licence)).copied().unwrap_or_else(|| {
        faults.add(path(), Message::new("plan_unknown_licence"));
        0
    })
}
