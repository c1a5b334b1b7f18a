//! A day of the operation as the planner's problem, and the plan of it announced.
//!
//! Who may move that day waits with whoever answers for them and is taken to the hub of their province; vehicles and crews stand at the hub of
//! theirs. Announcing makes the trips, gives the seats and tells everybody, all in one transaction: where somebody was first, none of it happens.
//! How a day is planned anew that has been announced is told in [`standing`](super::standing).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drives::Drive;
use super::driving::Driving;
use super::model::{Leg, NewTrip, Trip};
use super::plan::{Act, Deed, Member, Minute, Party, PlannedTrip, Problem, Risk, Role, Site, Travel};
use super::standing::Standing;
use super::ways::Ways;
use super::{SeatWanted, announce, check_vehicle, plan, seats_give, store, trip_create};
use crate::access::Actor;
use crate::arrivals::{self, RideNeeds, Traveller, TravellerId};
use crate::base::{Error, Id, Message, Result, time};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Licence, Period, Staff, StaffRole, Vehicle, VehicleKind};
use crate::places::{Adcode, Organisation, OrganisationKind, Position};
use crate::policy::Rulebook;
use crate::sites::{self, Room};

/// A day to be planned, with what stands behind the planner's numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Day {
    /// What the planner is given.
    pub problem: Problem,
    /// People who are due by that day and may not move, or whose way nobody knows.
    pub kept: usize,
    /// The day.
    pub on: NaiveDate,
    /// Who each party of the problem is.
    pub parties: Vec<Vec<TravellerId>>,
    /// Which organisation each place of the problem is.
    pub places: Vec<Id<Organisation>>,
    /// Where each place is.
    #[serde(default)]
    pub positions: Vec<Position>,
    /// Where the ways between them come from.
    #[serde(default)]
    pub ways: Ways,
    /// What was announced of the day and is planned anew; none where only what is left is planned.
    #[serde(default)]
    pub standing: Option<Standing>,
    pub(super) vehicles: Vec<Id<Vehicle>>,
    pub(super) staff: Vec<Id<Staff>>,
}

/// Days that a plan may reach into.
const DAYS: i64 = 3;

/// Reads the day `on` as the actor sees it: parties that are due, or were before and have not moved, and are cleared as a whole, vehicles that may
/// cross, each in the longest time in which nothing has booked it, and staff, each from their rest after what they are booked for.
pub fn day(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, driving: &Driving, disinfection: TimeDelta, on: NaiveDate) -> Result<Day> {
    Ok(read(conn, actor, rulebook, driving, disinfection, on, &[])?.0)
}

/// Reads a day as if those of its trips did not exist that are in `but`; with where its places are.
pub(super) fn read<'a>(
    conn: &mut Conn,
    actor: &Actor,
    rulebook: &'a Rulebook,
    driving: &'a Driving,
    disinfection: TimeDelta,
    on: NaiveDate,
    but: &[Trip],
) -> Result<(Day, Map<'a>)> {
    let limits = driving.limits(u32::try_from(disinfection.num_minutes()).unwrap_or(0));
    let midnight = time::midnight(on);
    let free = Period { from: midnight - TimeDelta::minutes(limits.rest.into()), to: midnight + TimeDelta::days(DAYS) };
    let (moving, n_due) = moving(conn, actor, rulebook, on, but)?;
    let but: Vec<Uuid> = but.iter().map(|trip| trip.id.uuid()).collect();
    let vehicles = fleet::vehicles_in_service(conn, actor)?;
    let staff = fleet::staff_in_service(conn, actor)?;
    let booked = fleet::booked(conn, free, &but)?;
    let mut rooms = sites::rooms(conn, on, on)?.remove(&on).unwrap_or_default();
    for (site, night, n) in sites::promised_to(conn, &but)? {
        rooms.iter_mut().filter(|room| room.site == site && night == on).for_each(|room| room.free = room.free.map(|free| free + n));
    }
    let ids: Vec<TravellerId> = moving.iter().flatten().map(|person| person.id).collect();
    let needs = arrivals::ride_needs(conn, &ids)?;
    let mut map = Map::new(rulebook, driving);
    let mut day = Day {
        problem: Problem {
            name: on.to_string(),
            horizon: plan::MINUTES_OF_DAY * DAYS as Minute,
            limits,
            provinces: Vec::new(),
            travel: Travel::empty(),
            sites: Vec::new(),
            vehicles: Vec::new(),
            staff: Vec::new(),
            parties: Vec::new(),
        },
        kept: n_due,
        on,
        parties: Vec::new(),
        vehicles: Vec::new(),
        staff: Vec::new(),
        places: Vec::new(),
        positions: Vec::new(),
        ways: Ways::default(),
        standing: None,
    };
    for people in moving {
        let needs = people.iter().filter_map(|person| needs.get(&person.id).copied()).sum();
        day.add_party(&mut map, driving, &rooms, people, needs);
    }
    let until = on + TimeDelta::days(DAYS);
    for vehicle in vehicles.into_iter().filter(|vehicle| vehicle.kind != VehicleKind::Ambulance) {
        if let Some(depot) = map.depot(vehicle.organisation, vehicle.depot)
            && check_vehicle(&vehicle, &[SHANGHAI.to_owned(), depot.province.clone()], until).is_ok()
        {
            day.add_vehicle(&depot, &vehicle, booked.get(&vehicle.id.uuid()).map_or(&[], Vec::as_slice));
        }
    }
    for member in staff {
        if let Some(depot) = map.depot(member.organisation, member.depot) {
            day.add_staff(&depot, &member, booked.get(&member.id.uuid()).map_or(&[], Vec::as_slice));
        }
    }
    day.problem.provinces = map.provinces.clone();
    day.learn_places(&map)?;
    Ok((day, map))
}

/// Where journeys begin.
const SHANGHAI: &str = "310000";

/// The parties that may move on a day and have no seat yet, or one on a trip in `but`, and how many more people are due.
fn moving(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, on: NaiveDate, but: &[Trip]) -> Result<(Vec<Vec<Traveller>>, usize)> {
    let mut due = arrivals::waiting_by(conn, actor, on)?;
    due.retain(|person| person.destination.is_some());
    let mut ids: Vec<TravellerId> = due.iter().map(|person| person.id).collect();
    let elsewhere = |(person, number): (TravellerId, String)| but.iter().all(|trip| trip.number != number).then_some(person);
    let seated: HashSet<TravellerId> = store::seated_elsewhere(conn, &ids)?.into_iter().filter_map(elsewhere).collect();
    due.retain(|person| !seated.contains(&person.id));
    ids.retain(|person| !seated.contains(person));
    let cleared: HashSet<TravellerId> =
        arrivals::clearances(conn, rulebook, &ids, on)?.into_iter().filter(|clearance| clearance.is_cleared()).map(|clearance| clearance.traveller).collect();
    let mut expected: HashMap<Id<arrivals::Party>, usize> = HashMap::new();
    for person in arrivals::with_their_parties(conn, &ids)?.iter().filter(|person| !person.custody.stock.is_exit()) {
        *expected.entry(person.party).or_default() += 1;
    }
    let n_due = due.len();
    let mut parties: BTreeMap<Id<arrivals::Party>, Vec<Traveller>> = BTreeMap::new();
    for person in due.into_iter().filter(|person| cleared.contains(&person.id)) {
        parties.entry(person.party).or_default().push(person);
    }
    let is_whole = |people: &Vec<Traveller>| {
        let one_way = people.iter().all(|person| person.custody.custodian == people[0].custody.custodian && province(person) == province(&people[0]));
        one_way && expected.get(&people[0].party) == Some(&people.len())
    };
    let whole: Vec<Vec<Traveller>> = parties.into_values().filter(is_whole).collect();
    let n_moving: usize = whole.iter().map(Vec::len).sum();
    Ok((whole, n_due - n_moving))
}

/// Places as they come up: an organisation each, and where it stands.
pub(super) struct Map<'a> {
    rulebook: &'a Rulebook,
    driving: &'a Driving,
    by_id: HashMap<Id<Organisation>, &'a Organisation>,
    places: Vec<(Id<Organisation>, Position)>,
    provinces: Vec<String>,
}

/// Where vehicles and crews of a province stand, and where it receives.
struct Depot {
    code: String,
    place: u32,
    province_no: u32,
    province: String,
}

impl<'a> Map<'a> {
    fn new(rulebook: &'a Rulebook, driving: &'a Driving) -> Self {
        let by_id = rulebook.organisations.iter().map(|organisation| (organisation.id(), organisation)).collect();
        Self { rulebook, driving, by_id, places: Vec::new(), provinces: Vec::new() }
    }

    /// The number of an organisation's place; none if nobody knows where it is.
    fn place(&mut self, organisation: &Organisation) -> Option<u32> {
        if let Some(known) = self.places.iter().position(|place| place.0 == organisation.id()) {
            return Some(known as u32);
        }
        let at = |code: Adcode| self.rulebook.places.get(code)?.position;
        let position = at(organisation.place).or_else(|| at(organisation.place.prefecture()))?;
        self.places.push((organisation.id(), position));
        Some(self.places.len() as u32 - 1)
    }

    /// The same of the organisation with an id.
    pub(super) fn place_of(&mut self, organisation: Id<Organisation>) -> Option<u32> {
        let organisation = *self.by_id.get(&organisation)?;
        self.place(organisation)
    }

    /// Where those of an organisation stand: where it is said of them, else at the hub of its province.
    fn depot(&mut self, owner: Id<Organisation>, depot: Option<Id<Organisation>>) -> Option<Depot> {
        let hub = self.hub(self.by_id.get(&owner)?.place.province())?;
        let Some(depot) = depot else { return Some(hub) };
        let depot = self.by_id.get(&depot).copied()?;
        Some(Depot { place: self.place(depot)?, ..hub })
    }

    /// The hub of a province.
    fn hub(&mut self, province: Adcode) -> Option<Depot> {
        let rulebook = self.rulebook;
        let hub = rulebook.organisations.iter().find(|one| one.kind == OrganisationKind::Hub && one.place.province() == province)?;
        let name = province.to_string();
        let province_no = self.provinces.iter().position(|one| *one == name).unwrap_or_else(|| {
            self.provinces.push(name.clone());
            self.provinces.len() - 1
        });
        Some(Depot { code: hub.code.clone(), place: self.place(hub)?, province_no: province_no as u32, province: name })
    }

    fn travel(&self) -> Result<Travel> {
        let pairs = || self.places.iter().flat_map(|from| self.places.iter().map(move |to| (from, to)));
        let way =
            |(from, to): (&(Id<Organisation>, Position), &(Id<Organisation>, Position))| if from.0 == to.0 { (0, 0) } else { self.driving.way(from.1, to.1) };
        let (minutes, km10) = pairs().map(way).unzip();
        Travel::new(self.places.len(), minutes, km10).ok_or_else(|| Error::Internal(anyhow::anyhow!("a table of ways that is not square")))
    }
}

impl Day {
    fn add_party(&mut self, map: &mut Map<'_>, driving: &Driving, rooms: &[Room], people: Vec<Traveller>, needs: RideNeeds) {
        let known = province(&people[0]).and_then(Adcode::read).and_then(|province| map.hub(province));
        let holder = people[0].custody.custodian.and_then(|custodian| map.by_id.get(&custodian).copied());
        let Some((hub, pickup)) = known.zip(holder.and_then(|holder| map.place(holder))) else {
            self.kept += people.len();
            return;
        };
        let sites = self.sites_for(&hub, rooms, &people);
        self.problem.parties.push(Party {
            id: people[0].party.to_string(),
            size: people.len() as u32,
            province: hub.province_no,
            risk: if people.iter().any(|person| person.exposed_on.is_some()) { Risk::Contact } else { Risk::Ordinary },
            pickup,
            // Nobody boards before having landed, however late the flight.
            earliest: people.iter().map(|person| self.minute(person.landed_at)).max().unwrap_or(0).max(driving.first_boarding.into()),
            latest: driving.last_boarding.into(),
            wheelchairs: count(needs.wheelchairs),
            infants: count(needs.child_seats),
            luggage: count(needs.luggage),
            sites,
        });
        self.parties.push(people.iter().map(|person| person.id).collect());
    }

    /// Where a party may be taken in, all of it reached through the hub of the province: at the sites of where it is bound for, with as many beds as
    /// they have left that night; without limit while none of them has said a number.
    fn sites_for(&mut self, hub: &Depot, rooms: &[Room], people: &[Traveller]) -> Vec<u32> {
        let bound = people[0].destination.as_ref().map_or("", |bound| bound.transfer_to.as_str());
        let rooms = sites::rooms_for(rooms, bound);
        let beds = |room: &Room| room.free.map_or(u32::MAX, |free| u32::try_from(free).unwrap_or(0));
        let named: Vec<(&str, u32)> = if rooms.iter().any(|room| room.free.is_some()) {
            rooms.iter().map(|room| (room.code.as_str(), beds(room))).collect()
        } else {
            vec![(&hub.code, u32::MAX)]
        };
        let always = || std::iter::once(0..self.problem.horizon).collect();
        let site = |(id, capacity): &(&str, u32)| Site { id: (*id).to_owned(), place: hub.place, open: always(), capacity: *capacity, accepts: [true, true] };
        let new: Vec<Site> = named.iter().filter(|(id, _)| self.problem.sites.iter().all(|site| site.id != *id)).map(site).collect();
        self.problem.sites.extend(new);
        let number = |id: &str| self.problem.sites.iter().position(|site| site.id == id).map(|number| number as u32);
        named.iter().filter_map(|(id, _)| number(id)).collect()
    }

    /// Takes over the places that have come up, and the ways between them.
    pub(super) fn learn_places(&mut self, map: &Map<'_>) -> Result<()> {
        self.problem.travel = map.travel()?;
        (self.places, self.positions) = map.places.iter().copied().unzip();
        Ok(())
    }

    fn add_vehicle(&mut self, depot: &Depot, vehicle: &Vehicle, booked: &[Period]) {
        let Some(available) = self.longest_gap(booked) else { return };
        self.problem.vehicles.push(plan::Vehicle {
            id: vehicle.plate.to_string(),
            province: depot.province_no,
            depot: depot.place,
            seats: count(vehicle.seats),
            cap: [count(vehicle.load_cap), count(vehicle.contact_cap)],
            wheelchairs: count(vehicle.wheelchairs),
            infants: count(vehicle.infants),
            luggage: count(vehicle.luggage),
            licence: rank_of(vehicle.kind),
            available,
        });
        self.vehicles.push(vehicle.id);
    }

    /// The longest stretch of the plan's time in which nothing is booked.
    fn longest_gap(&self, booked: &[Period]) -> Option<Range<Minute>> {
        let mut gaps = Vec::with_capacity(booked.len() + 1);
        let mut from = 0;
        for period in booked {
            gaps.push(from..self.minute(period.from));
            from = from.max(self.minute(period.to));
        }
        gaps.push(from..self.problem.horizon);
        gaps.into_iter().filter(|gap| gap.start < gap.end).max_by_key(|gap| (gap.end - gap.start, -gap.start))
    }

    /// The minute of the problem that an instant falls into; its end, if it is between two.
    pub(super) fn minute(&self, at: DateTime<Utc>) -> Minute {
        let seconds = (at - time::midnight(self.on)).num_seconds();
        Minute::try_from(seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0)).unwrap_or(Minute::MAX)
    }

    fn add_staff(&mut self, depot: &Depot, member: &Staff, booked: &[Period]) {
        let role = match member.role {
            StaffRole::Driver => Role::Driver,
            StaffRole::Escort => Role::Escort,
            StaffRole::Medic => Role::Medic,
        };
        self.problem.staff.push(Member {
            id: member.badge.clone(),
            province: depot.province_no,
            depot: depot.place,
            role,
            licence: member.licence.map_or(-1, rank),
            // Whoever is not booked within the rest before the day has rested; who is booked for later is left alone until then.
            off_since: booked.iter().map(|period| self.minute(period.to)).max().unwrap_or(-self.problem.limits.rest),
        });
        self.staff.push(member.id);
    }

    /// The instant of a minute of the problem.
    pub fn instant(&self, minute: Minute) -> DateTime<Utc> {
        time::midnight(self.on) + TimeDelta::minutes(minute.into())
    }

    /// The legs of a planned trip: whole ways, whatever breaks lie on them.
    ///
    /// # Errors
    /// Refused `plan_without_way`: it goes nowhere.
    pub(super) fn legs(&self, acts: &[Act]) -> Result<Vec<Leg>> {
        let mut legs: Vec<Leg> = Vec::new();
        let mut way = None;
        for act in acts {
            let Deed::Drive { from, to, .. } = act.deed else {
                way = None;
                continue;
            };
            match legs.last_mut().filter(|_| way == Some((from, to))) {
                Some(leg) => leg.arrives_at = self.instant(act.end),
                None => legs.push(Leg {
                    from: self.places[from as usize],
                    to: self.places[to as usize],
                    departs_at: self.instant(act.start),
                    arrives_at: self.instant(act.end),
                }),
            }
            way = Some((from, to));
        }
        if legs.is_empty() { Err(Error::Refused(Message::new("plan_without_way"))) } else { Ok(legs) }
    }

    /// Who drives when on a planned trip; pieces that one driver drives on without a stop are one.
    pub(super) fn drives(&self, acts: &[Act]) -> Vec<Drive> {
        let mut drives: Vec<Drive> = Vec::new();
        for act in acts {
            let Deed::Drive { from, to, driver } = act.deed else { continue };
            let (starts_at, ends_at) = (self.instant(act.start), self.instant(act.end));
            let next = Drive { driver: self.staff[driver as usize], from: self.places[from as usize], to: self.places[to as usize], starts_at, ends_at };
            match drives.last_mut().filter(|last| last.ends_at == starts_at && (last.driver, last.from, last.to) == (next.driver, next.from, next.to)) {
                Some(last) => last.ends_at = ends_at,
                None => drives.push(next),
            }
        }
        // To a place beside the last one there is nothing to drive.
        drives.retain(|drive| drive.starts_at < drive.ends_at);
        drives
    }

    /// Who works on a planned trip.
    pub(super) fn crew(&self, trip: &PlannedTrip) -> Vec<Id<Staff>> {
        trip.crew().map(|member| self.staff[member as usize]).collect()
    }

    /// How many may ride on a planned trip, where that is not what its vehicle takes: contacts sit further apart.
    pub(super) fn load_cap(&self, trip: &PlannedTrip) -> Option<i32> {
        let (cap, most) = (trip.cap(&self.problem), self.problem.vehicles[trip.vehicle as usize].cap[Risk::Ordinary as usize]);
        (cap < most).then(|| i32::try_from(cap).unwrap_or(0))
    }

    pub(super) fn passengers(&self, trip: &PlannedTrip) -> Vec<SeatWanted> {
        trip.parties().flat_map(|party| &self.parties[party as usize]).copied().map(SeatWanted::any).collect()
    }
}

/// Makes and announces these trips of a plan for `day`, in the order of their departure, with everybody's seat; each with its name in the plan.
///
/// # Errors
/// Conflict: a vehicle, somebody of a crew or a passenger was taken since the day was read; the message names by which trip. Invalid: somebody is
/// no longer cleared. Nothing is kept of the plan then.
pub(super) fn make(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rulebook: &Rulebook,
    disinfection: TimeDelta,
    day: &Day,
    mut planned: Vec<&PlannedTrip>,
) -> Result<Vec<(String, Trip)>> {
    planned.sort_by_key(|trip| trip.start());
    let mut trips = Vec::with_capacity(planned.len());
    for trip in planned {
        let new = NewTrip { vehicle: day.vehicles[trip.vehicle as usize], crew: day.crew(trip), legs: day.legs(&trip.acts)?, load_cap: day.load_cap(trip) };
        let made = trip_create(tx, actor, disinfection, &new)?;
        store::drives_insert(tx, made.id, &day.drives(&trip.acts))?;
        seats_give(tx, actor, rulebook, made.id, &day.passengers(trip))?;
        trips.push((trip.id.clone(), announce(tx, actor, made.id, None)?));
    }
    Ok(trips)
}

/// A number of which the database allows none below nought.
fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// The province somebody is bound for.
fn province(person: &Traveller) -> Option<&str> {
    person.destination.as_ref().map(|bound| bound.province.as_str())
}

fn rank_of(kind: VehicleKind) -> i32 {
    match kind {
        VehicleKind::Coach => 2,
        VehicleKind::Minibus => 1,
        VehicleKind::Car | VehicleKind::Ambulance => 0,
    }
}

/// The rank of the largest vehicle that a licence covers.
fn rank(licence: Licence) -> i32 {
    let kinds = [VehicleKind::Coach, VehicleKind::Minibus, VehicleKind::Car];
    kinds.into_iter().filter(|kind| licence.covers(*kind)).map(rank_of).max().unwrap_or(-1)
}
