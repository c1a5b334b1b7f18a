//! Whether a plan keeps every rule, judged from the problem and the plan alone. Shares nothing with the search but the two.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::outcome::{Act, Deed, Plan, PlannedTrip, Reason};
use super::problem::{Limits, MINUTES_OF_DAY, Minute, PartyNo, PlaceNo, Problem, Role, StaffNo, VehicleNo};

/// A rule that is broken, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// The trip, party, vehicle or person, by its name in the instance.
    pub of: String,
}

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Trips have names of their own.
    TripNamedOnce,
    /// Acts follow each other within the horizon, take no negative time, and there are some.
    ActsInOrder,
    /// A vehicle is used only when it is available.
    VehicleAvailable,
    /// A trip leads from the depot back to it, leg by leg, each driven for as long as it takes.
    LegsJoin,
    /// Coaches do not drive at night.
    NightBan,
    /// Who drives is among the drivers.
    DriverOnTrip,
    /// Who boards does so once, where they wait, before anybody alights.
    BoardOnce,
    /// Nobody boards before they are ready or after their latest.
    PickupWindow,
    /// Boarding and alighting take their time.
    ServiceTime,
    /// Persons, wheelchairs, infants, luggage fit in.
    Capacity,
    /// Who boarded alights, at a site they may go to that accepts them.
    RightSite,
    /// Sites receive when they are open.
    SiteHours,
    /// Sites receive no more than they have room for.
    SiteRoom,
    /// No ride is much longer than the direct way.
    RideExcess,
    /// Classes and provinces are not mixed.
    NotMixed,
    /// A trip serves no more sites than allowed.
    MostSites,
    /// Drivers, medic and escort as asked, of the vehicle's depot, licensed, each once.
    Crew,
    /// A vehicle is disinfected between two trips.
    Disinfection,
    /// Nobody is in two places.
    OnePlace,
    /// Continuous driving and breaks.
    ContinuousDriving,
    /// Driving in 24 hours.
    Driving24h,
    /// Rest before a duty.
    Rest,
    /// Length of a duty.
    Duty,
    /// Everybody is on a trip or left out, and not both.
    Everybody,
    /// Reasons are true.
    TrueReason,
}

impl Rule {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::TripNamedOnce => "trip_named_once",
            Self::ActsInOrder => "acts_in_order",
            Self::VehicleAvailable => "vehicle_available",
            Self::LegsJoin => "legs_join",
            Self::NightBan => "night_ban",
            Self::DriverOnTrip => "driver_on_trip",
            Self::BoardOnce => "board_once",
            Self::PickupWindow => "pickup_window",
            Self::ServiceTime => "service_time",
            Self::Capacity => "capacity",
            Self::RightSite => "right_site",
            Self::SiteHours => "site_hours",
            Self::SiteRoom => "site_room",
            Self::RideExcess => "ride_excess",
            Self::NotMixed => "not_mixed",
            Self::MostSites => "most_sites",
            Self::Crew => "crew",
            Self::Disinfection => "disinfection",
            Self::OnePlace => "one_place",
            Self::ContinuousDriving => "continuous_driving",
            Self::Driving24h => "driving_24h",
            Self::Rest => "rest",
            Self::Duty => "duty",
            Self::Everybody => "everybody",
            Self::TrueReason => "true_reason",
        }
    }
}

/// What a plan comes to, in the order of importance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Objective {
    /// Persons left out.
    pub persons_left: u32,
    /// Trips.
    pub trips: usize,
    /// Minutes that vehicles are out.
    pub vehicle_minutes: i64,
    /// Person-minutes between being ready and boarding.
    pub waiting: i64,
    /// Tenths of a kilometre.
    pub km10: i64,
}

/// The objective of a plan, and every breach of a rule. Linear in the acts, times the trips that a person has.
pub fn verify(problem: &Problem, plan: &Plan) -> (Objective, Vec<Breach>) {
    let mut inspection =
        Inspection { problem, breaches: Vec::new(), objective: Objective::default(), carried: HashMap::new(), received: vec![0; problem.sites.len()] };
    let mut names = BTreeSet::new();
    for trip in &plan.trips {
        inspection.require(names.insert(&trip.id), Rule::TripNamedOnce, &trip.id);
        inspection.trip(trip);
    }
    inspection.vehicles(plan);
    inspection.staff(plan);
    inspection.left_out(plan);
    inspection.sites();
    (inspection.objective, inspection.breaches)
}

struct Inspection<'a> {
    problem: &'a Problem,
    breaches: Vec<Breach>,
    objective: Objective,
    carried: HashMap<PartyNo, usize>,
    received: Vec<u32>,
}

/// What is on board while a trip is followed.
#[derive(Default)]
struct Aboard {
    since: BTreeMap<PartyNo, Minute>,
    has_alighted: bool,
    served: BTreeSet<u32>,
    loaded_from_km10: Option<i64>,
    loaded_to_km10: i64,
}

impl Inspection<'_> {
    fn require(&mut self, holds: bool, rule: Rule, of: &str) {
        if !holds {
            self.breaches.push(Breach { rule, of: of.to_owned() });
        }
    }

    fn trip(&mut self, trip: &PlannedTrip) {
        let Problem { vehicles, horizon, .. } = self.problem;
        let vehicle = &vehicles[trip.vehicle as usize];
        let ordered = trip.acts.windows(2).all(|pair| pair[0].end <= pair[1].start);
        let inside = trip.acts.iter().all(|act| 0 <= act.start && act.start <= act.end && act.end <= *horizon);
        self.require(ordered && inside && !trip.acts.is_empty(), Rule::ActsInOrder, &trip.id);
        let within = vehicle.available.start <= trip.start() && trip.end() <= vehicle.available.end;
        self.require(within, Rule::VehicleAvailable, &trip.id);
        let mut aboard = Aboard::default();
        let mut place = vehicle.depot;
        let mut leg: Option<(PlaceNo, PlaceNo, Minute)> = None;
        let mut km10 = 0;
        for act in &trip.acts {
            match act.deed {
                Deed::Drive { from, to, driver } => {
                    let (since, same_leg) = match leg {
                        Some((start, end, driven)) => (driven, (start, end) == (from, to)),
                        None => (0, from == place),
                    };
                    let driven = since + act.end - act.start;
                    let whole = self.problem.travel.minutes(from, to);
                    self.require(same_leg && driven <= whole, Rule::LegsJoin, &trip.id);
                    leg = (driven < whole).then_some((from, to, driven));
                    if leg.is_none() {
                        place = to;
                        km10 += i64::from(self.problem.travel.km10(from, to));
                    }
                    let by_night = vehicle.seats >= self.problem.limits.night_ban_seats && night(&self.problem.limits, act.start, act.end) > 0;
                    self.require(!by_night, Rule::NightBan, &trip.id);
                    self.require(trip.drivers.contains(&driver), Rule::DriverOnTrip, &trip.id);
                }
                Deed::Board { party, at } => {
                    self.require(leg.is_none() && place == at, Rule::LegsJoin, &trip.id);
                    aboard.loaded_from_km10.get_or_insert(km10);
                    self.board(trip, act, party, at, &mut aboard);
                }
                Deed::Alight { party, at } => {
                    let there = self.problem.sites[at as usize].place;
                    self.require(leg.is_none() && place == there, Rule::LegsJoin, &trip.id);
                    aboard.loaded_to_km10 = km10;
                    self.alight(trip, act, party, at, &mut aboard);
                }
            }
        }
        self.require(leg.is_none() && place == vehicle.depot, Rule::LegsJoin, &trip.id);
        self.require(aboard.since.is_empty(), Rule::RightSite, &trip.id);
        let most = self.problem.limits.most_sites;
        self.require(most.is_none_or(|most| aboard.served.len() <= most), Rule::MostSites, &trip.id);
        self.load(trip);
        self.crew(trip, aboard.loaded_to_km10 - aboard.loaded_from_km10.unwrap_or(0));
        self.objective.trips += 1;
        self.objective.vehicle_minutes += i64::from(trip.end() - trip.start());
        self.objective.km10 += km10;
    }

    fn board(&mut self, trip: &PlannedTrip, act: &Act, number: PartyNo, at: PlaceNo, aboard: &mut Aboard) {
        let party = &self.problem.parties[number as usize];
        let limits = &self.problem.limits;
        let needed = limits.board_base + limits.board_person * party.size as Minute + limits.board_wheelchair * party.wheelchairs as Minute;
        let times = self.carried.entry(number).or_insert(0);
        *times += 1;
        let once = *times == 1 && !aboard.has_alighted && at == party.pickup;
        self.require(once, Rule::BoardOnce, &party.id);
        self.require(party.earliest <= act.start && act.start <= party.latest, Rule::PickupWindow, &party.id);
        self.require(act.end - act.start >= needed, Rule::ServiceTime, &party.id);
        let province = self.problem.vehicles[trip.vehicle as usize].province;
        self.require(party.province == province, Rule::NotMixed, &trip.id);
        self.objective.waiting += i64::from(party.size) * i64::from((act.start - party.earliest).max(0));
        aboard.since.insert(number, act.end);
    }

    fn alight(&mut self, trip: &PlannedTrip, act: &Act, number: PartyNo, at: u32, aboard: &mut Aboard) {
        let party = &self.problem.parties[number as usize];
        let site = &self.problem.sites[at as usize];
        let limits = &self.problem.limits;
        aboard.has_alighted = true;
        aboard.served.insert(at);
        self.received[at as usize] += party.size;
        self.require(party.sites.contains(&at) && site.accepts[party.risk as usize], Rule::RightSite, &party.id);
        self.require(site.open.iter().any(|open| open.start <= act.start && act.end <= open.end), Rule::SiteHours, &party.id);
        let needed = limits.alight_base + limits.alight_person * party.size as Minute;
        self.require(act.end - act.start >= needed, Rule::ServiceTime, &party.id);
        let Some(boarded) = aboard.since.remove(&number) else {
            self.require(false, Rule::RightSite, &party.id);
            return;
        };
        if let Some(most) = limits.ride_excess {
            let coach = self.problem.vehicles[trip.vehicle as usize].seats >= limits.night_ban_seats;
            let nights = if coach { night(limits, boarded, act.start) } else { 0 };
            let excess = act.start - boarded - self.problem.travel.minutes(party.pickup, site.place) - nights;
            self.require(excess <= most, Rule::RideExcess, &party.id);
        }
    }

    /// Everybody boards before anybody alights, so the load is greatest after the last boarding.
    fn load(&mut self, trip: &PlannedTrip) {
        let vehicle = &self.problem.vehicles[trip.vehicle as usize];
        let parties: Vec<_> = trip.parties().map(|party| &self.problem.parties[party as usize]).collect();
        let sum = |of: fn(&super::problem::Party) -> u32| parties.iter().map(|party| of(party)).sum::<u32>();
        let classes: BTreeSet<_> = parties.iter().map(|party| party.risk).collect();
        self.require(classes.len() <= 1, Rule::NotMixed, &trip.id);
        let cap = classes.iter().map(|risk| vehicle.cap[*risk as usize]).min().unwrap_or(0);
        let fits = sum(|party| party.size) <= cap
            && sum(|party| party.wheelchairs) <= vehicle.wheelchairs
            && sum(|party| party.infants) <= vehicle.infants
            && sum(|party| party.luggage) <= vehicle.luggage;
        self.require(fits, Rule::Capacity, &trip.id);
    }

    fn crew(&mut self, trip: &PlannedTrip, loaded_km10: i64) {
        let Problem { limits, vehicles, parties, staff, .. } = self.problem;
        let vehicle = &vehicles[trip.vehicle as usize];
        let on_board: Vec<_> = trip.parties().map(|party| &parties[party as usize]).collect();
        let persons: u32 = on_board.iter().map(|party| party.size).sum();
        let drivers = if loaded_km10 > i64::from(limits.two_drivers_beyond_km10) { 2 } else { 1 };
        let asks_medic = persons >= limits.medic_persons || on_board.iter().any(|party| party.risk == super::problem::Risk::Contact || party.wheelchairs > 0);
        let medics = usize::from(asks_medic);
        let escorts = usize::from(vehicle.seats >= limits.escort_seats);
        let enough = trip.drivers.len() >= drivers && trip.medics.len() >= medics && trip.escorts.len() >= escorts;
        self.require(enough, Rule::Crew, &trip.id);
        let each_once: BTreeSet<StaffNo> = trip.crew().collect();
        self.require(each_once.len() == trip.crew().count(), Rule::Crew, &trip.id);
        for (role, list) in [(Role::Driver, &trip.drivers), (Role::Medic, &trip.medics), (Role::Escort, &trip.escorts)] {
            for member in list.iter().map(|one| &staff[*one as usize]) {
                let licensed = role != Role::Driver || member.licence >= vehicle.licence;
                let at_home = member.province == vehicle.province && member.depot == vehicle.depot;
                self.require(member.role == role && licensed && at_home, Rule::Crew, &member.id);
            }
        }
    }

    fn vehicles(&mut self, plan: &Plan) {
        let mut by_vehicle: BTreeMap<VehicleNo, Vec<(Minute, Minute)>> = BTreeMap::new();
        for trip in &plan.trips {
            by_vehicle.entry(trip.vehicle).or_default().push((trip.start(), trip.end()));
        }
        for (vehicle, mut spans) in by_vehicle {
            spans.sort_unstable();
            let apart = spans.windows(2).all(|pair| pair[0].1 + self.problem.limits.disinfection <= pair[1].0);
            self.require(apart, Rule::Disinfection, &self.problem.vehicles[vehicle as usize].id);
        }
    }

    fn staff(&mut self, plan: &Plan) {
        let limits = &self.problem.limits;
        let mut work: BTreeMap<StaffNo, Vec<(Minute, Minute, usize)>> = BTreeMap::new();
        let mut driving: BTreeMap<StaffNo, Vec<(Minute, Minute)>> = BTreeMap::new();
        for trip in &plan.trips {
            for block in trip.blocks(limits.rest) {
                for member in trip.crew() {
                    work.entry(member).or_default().push((block.0, block.1, trip.drivers.len()));
                }
            }
            for act in &trip.acts {
                if let Deed::Drive { driver, .. } = act.deed {
                    driving.entry(driver).or_default().push((act.start, act.end));
                }
            }
        }
        for (member, mut blocks) in work {
            blocks.sort_unstable();
            self.duties(member, &blocks);
        }
        for (driver, mut pieces) in driving {
            pieces.sort_unstable();
            self.driving(driver, &pieces);
        }
    }

    fn duties(&mut self, number: StaffNo, blocks: &[(Minute, Minute, usize)]) {
        let limits = &self.problem.limits;
        let member = &self.problem.staff[number as usize];
        self.require(blocks[0].0 >= member.off_since + limits.rest, Rule::Rest, &member.id);
        self.require(blocks.windows(2).all(|pair| pair[0].1 <= pair[1].0), Rule::OnePlace, &member.id);
        for duty in blocks.chunk_by(|one, other| other.0 - one.1 < limits.rest) {
            let alone = member.role == Role::Driver && duty.iter().all(|block| block.2 < 2);
            let most = if alone { limits.duty_single } else { limits.duty_double };
            let until = duty.iter().map(|block| block.1).max().unwrap_or(0);
            self.require(until - duty[0].0 <= most, Rule::Duty, &member.id);
        }
    }

    fn driving(&mut self, number: StaffNo, pieces: &[(Minute, Minute)]) {
        let limits = &self.problem.limits;
        let id = &self.problem.staff[number as usize].id;
        self.require(pieces.windows(2).all(|pair| pair[0].1 <= pair[1].0), Rule::OnePlace, id);
        for stretch in pieces.chunk_by(|one, other| other.0 - one.1 < limits.shortest_break) {
            let driven: Minute = stretch.iter().map(|piece| piece.1 - piece.0).sum();
            self.require(driven <= limits.continuous_driving, Rule::ContinuousDriving, id);
        }
        for &(_, until) in pieces {
            let driven: Minute = pieces.iter().map(|piece| (piece.1.min(until) - piece.0.max(until - MINUTES_OF_DAY)).max(0)).sum();
            self.require(driven <= limits.driving_in_24h, Rule::Driving24h, id);
        }
    }

    fn sites(&mut self) {
        for (site, received) in self.problem.sites.iter().zip(self.received.clone()) {
            self.require(received <= site.capacity, Rule::SiteRoom, &site.id);
        }
    }

    fn left_out(&mut self, plan: &Plan) {
        let mut left = HashMap::new();
        for one in &plan.left_out {
            let party = &self.problem.parties[one.party as usize];
            self.require(left.insert(one.party, one.reason).is_none(), Rule::Everybody, &party.id);
            self.objective.persons_left += party.size;
            let fits = self.problem.vehicles.iter().any(|vehicle| vehicle.suits(party));
            let has_room = party
                .sites
                .iter()
                .map(|site| (*site as usize, &self.problem.sites[*site as usize]))
                .any(|(n, site)| site.accepts(party.risk) && site.capacity.saturating_sub(self.received[n]) >= party.size);
            let is_true = match one.reason {
                Reason::NoSuitableVehicle => !fits,
                Reason::SiteFull => !has_room,
                Reason::OtherRiskOnly => party.sites.iter().all(|site| !self.problem.sites[*site as usize].accepts(party.risk)),
                _ => true,
            };
            self.require(is_true, Rule::TrueReason, &party.id);
        }
        for (n, party) in self.problem.parties.iter().enumerate() {
            let n = n as PartyNo;
            self.require(self.carried.contains_key(&n) != left.contains_key(&n), Rule::Everybody, &party.id);
        }
    }
}

/// Minutes of the nights' ban within a stretch, night by night.
fn night(limits: &Limits, from: Minute, to: Minute) -> Minute {
    let first = from.div_euclid(MINUTES_OF_DAY);
    (first..=to.div_euclid(MINUTES_OF_DAY))
        .map(|day| (to.min(day * MINUTES_OF_DAY + limits.night_ban.end) - from.max(day * MINUTES_OF_DAY + limits.night_ban.start)).max(0))
        .sum()
}
