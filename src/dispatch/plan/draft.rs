//! A trip under consideration: order of stops, timing, crew, and what it costs. Never changed, only replaced.

use std::ops::Range;
use std::sync::Arc;

use super::clock::{Clock, Route, Timing};
use super::outcome::{Act, Deed};
use super::problem::{Minute, PartyNo, Problem, Risk, Role, SiteNo, StaffNo, VehicleNo};

/// Who works on a trip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Crew {
    /// In the order in which the clock numbers them.
    pub drivers: Vec<StaffNo>,
    /// At most one.
    pub medics: Vec<StaffNo>,
    /// At most one.
    pub escorts: Vec<StaffNo>,
}

impl Crew {
    /// Who has the `n`th part of a role.
    pub(super) fn part(&self, role: Role, n: usize) -> Option<StaffNo> {
        let list = match role {
            Role::Driver => &self.drivers,
            Role::Medic => &self.medics,
            Role::Escort => &self.escorts,
        };
        list.get(n).copied()
    }

    /// Everybody.
    pub(super) fn all(&self) -> impl Iterator<Item = StaffNo> {
        self.drivers.iter().chain(&self.medics).chain(&self.escorts).copied()
    }
}

/// What is on board.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub persons: u32,
    pub wheelchairs: u32,
    pub infants: u32,
    pub luggage: u32,
}

/// When a crew works, and who drives when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// Stretches between two rests.
    pub blocks: Vec<(Minute, Minute)>,
    /// Driving, by the driver's place in the crew.
    pub driving: [Vec<(Minute, Minute)>; 2],
}

/// What a solution costs beside the persons it leaves behind, in minutes of a vehicle. The objective is lexicographic; the search
/// needs one figure, in which a later aim never buys an earlier one, and which tells which way an empty trip lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prices {
    /// A person left behind.
    pub person: f64,
    /// A trip.
    pub trip: f64,
    /// A driver: what it is worth to keep one for another trip.
    pub driver: f64,
    /// A person-minute of waiting.
    pub waiting: f64,
    /// What a full trip is worth over two half-full ones, by the square of its load.
    pub fullness: f64,
}

/// A trip with everything that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Tells it from every other draft of the search.
    pub uid: u32,
    pub vehicle: VehicleNo,
    pub risk: Risk,
    pub picks: Vec<PartyNo>,
    pub drops: Vec<(PartyNo, SiteNo)>,
    pub timing: Timing,
    pub crew: Crew,
    pub work: Work,
    pub load: Load,
    pub cost: f64,
    pub detours: Detours,
    /// Of a trip that people were told of, and that stays as it is.
    pub announced: Option<Arc<Kept>>,
}

/// A trip that people were told of.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Its name.
    pub id: String,
    /// Whether boarding has begun: then nothing about it may change.
    pub frozen: bool,
    /// Its acts as announced, with places in the crew for drivers; none once somebody had to be added.
    pub acts: Option<Vec<Act>>,
}

/// How much each stop of a draft may be put off before somebody's ride grows too long: a bound from below that knows nothing of
/// breaks, nights and opening hours.
#[derive(Debug, Clone, Default)]
pub(super) struct Detours {
    /// When each boarding begins and ends.
    pub boards: Vec<(Minute, Minute)>,
    /// When each alighting begins and ends.
    pub alights: Vec<(Minute, Minute)>,
    /// Least slack among those boarded before a position.
    pub boarded_before: Vec<Minute>,
    /// Least slack among those who alight at a position or later.
    pub alight_from: Vec<Minute>,
}

impl Load {
    /// What some parties are together.
    pub(super) fn of(problem: &Problem, parties: &[PartyNo]) -> Self {
        parties.iter().fold(Self::default(), |load, &party| load.with(problem, party))
    }

    /// With one more party.
    pub(super) fn with(self, problem: &Problem, party: PartyNo) -> Self {
        let party = &problem.parties[party as usize];
        Self {
            persons: self.persons + party.size,
            wheelchairs: self.wheelchairs + party.wheelchairs,
            infants: self.infants + party.infants,
            luggage: self.luggage + party.luggage,
        }
    }

    /// Whether a vehicle takes it.
    pub(super) fn fits(&self, problem: &Problem, vehicle: VehicleNo, risk: Risk) -> bool {
        let vehicle = &problem.vehicles[vehicle as usize];
        self.persons <= vehicle.cap[risk as usize]
            && self.wheelchairs <= vehicle.wheelchairs
            && self.infants <= vehicle.infants
            && self.luggage <= vehicle.luggage
    }
}

impl Work {
    /// Reads it off the acts of a trip.
    pub(super) fn of(acts: &[Act], rest: Minute) -> Self {
        let mut work = Self::default();
        for act in acts {
            match work.blocks.last_mut() {
                Some(block) if act.start - block.1 < rest => block.1 = act.end,
                _ => work.blocks.push((act.start, act.end)),
            }
            if let Deed::Drive { driver, .. } = act.deed {
                work.driving[driver as usize].push((act.start, act.end));
            }
        }
        work
    }
}

impl Prices {
    /// What a trip costs.
    pub(super) fn of(&self, timing: &Timing, drivers: usize, persons: u32) -> f64 {
        self.trip + f64::from(timing.end - timing.start) + self.driver * drivers as f64 + self.waiting * f64::from(timing.waiting) + self.fuller(0, persons)
    }

    /// What it costs that a trip has more persons than before; less than nothing.
    pub(super) fn fuller(&self, before: u32, after: u32) -> f64 {
        self.fullness * (f64::from(before).powi(2) - f64::from(after).powi(2))
    }
}

impl Draft {
    /// Its route.
    pub(super) fn route<'a>(&'a self, problem: &'a Problem) -> Route<'a> {
        Route { vehicle: &problem.vehicles[self.vehicle as usize], picks: &self.picks, drops: &self.drops, drivers: self.crew.drivers.len() }
    }

    /// The acts, with places in the crew for drivers.
    pub(super) fn acts(&self, problem: &Problem, clock: &mut Clock<'_>) -> Vec<Act> {
        if let Some(acts) = self.announced.as_ref().and_then(|kept| kept.acts.as_ref()) {
            return acts.clone();
        }
        clock.acts(self.route(problem), &self.timing)
    }

    /// When its vehicle is on the way.
    pub(super) fn span(&self) -> Range<Minute> {
        self.timing.start..self.timing.end
    }
}

impl Detours {
    /// Of a route, linear in its stops.
    pub(super) fn of(problem: &Problem, picks: &[PartyNo], drops: &[(PartyNo, SiteNo)]) -> Self {
        let Problem { limits, travel, parties, sites, .. } = problem;
        let most = limits.ride_excess.unwrap_or(Minute::MAX / 4);
        let mut detours = Self::default();
        let Some(&first) = picks.first() else { return detours };
        let mut place = parties[first as usize].pickup;
        let mut now = 0;
        for &pick in picks {
            let party = &parties[pick as usize];
            now += travel.minutes(place, party.pickup);
            place = party.pickup;
            detours.boards.push((now, now + limits.boarding(party)));
            now += limits.boarding(party);
        }
        for &(drop, at) in drops {
            let to = sites[at as usize].place;
            now += travel.minutes(place, to);
            place = to;
            detours.alights.push((now, now + limits.alighting(&parties[drop as usize])));
            now += limits.alighting(&parties[drop as usize]);
        }
        let slack = |pick: usize, drop: usize| {
            let party = &parties[picks[pick] as usize];
            let ride = detours.alights[drop].0 - detours.boards[pick].1;
            most + travel.minutes(party.pickup, sites[drops[drop].1 as usize].place) - ride
        };
        let drop_of = |party: PartyNo| drops.iter().position(|drop| drop.0 == party).unwrap_or(0);
        let pick_of = |party: PartyNo| picks.iter().position(|&pick| pick == party).unwrap_or(0);
        let mut before = vec![Minute::MAX / 4; picks.len() + 1];
        for (n, &party) in picks.iter().enumerate() {
            before[n + 1] = before[n].min(slack(n, drop_of(party)));
        }
        let mut from = vec![Minute::MAX / 4; drops.len() + 1];
        for (n, &(party, _)) in drops.iter().enumerate().rev() {
            from[n] = from[n + 1].min(slack(pick_of(party), n));
        }
        detours.boarded_before = before;
        detours.alight_from = from;
        detours
    }
}
