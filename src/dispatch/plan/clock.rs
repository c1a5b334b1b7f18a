//! The clock of one trip: given the order of its stops, when everything happens, and whether it may.
//!
//! Drives as late as nobody has to wait on board, changes drivers and takes breaks when the law asks, stands still through the
//! night ban, waits for sites to open, and sends a crew to sleep on the empty way home when its duty would grow too long. Cost: linear in
//! the stops and the pieces of driving. It only ever errs towards caution: what it allows, the rules allow.

use std::ops::Range;

use super::outcome::{Act, Deed};
use super::problem::{Limits, Minute, PartyNo, PlaceNo, Problem, SiteNo, Vehicle};
use super::wheel::Wheel;

/// Where a trip goes, and by what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'a> {
    /// The vehicle.
    pub vehicle: &'a Vehicle,
    /// Parties in the order of boarding.
    pub picks: &'a [PartyNo],
    /// Parties in the order of alighting, and where.
    pub drops: &'a [(PartyNo, SiteNo)],
    /// How many drive.
    pub drivers: usize,
}

/// When a trip happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timing {
    /// Instant the clock was started at; [`Clock::acts`] takes it to repeat the same trip.
    pub departure: Minute,
    /// Whether the crew sleeps before the first boarding.
    pub sleeps_first: bool,
    /// When it leaves the depot.
    pub start: Minute,
    /// When it is back.
    pub end: Minute,
    /// Person-minutes between being ready and boarding.
    pub waiting: i32,
    /// Distance.
    pub km10: i32,
    /// Standing with nothing to do before the last alighting.
    idle: Minute,
}

impl Timing {
    /// Of a trip whose acts are given.
    pub(super) fn of(problem: &Problem, acts: &[Act]) -> Self {
        let mut timing = Self { departure: 0, sleeps_first: false, start: 0, end: 0, waiting: 0, km10: 0, idle: 0 };
        timing.start = acts.first().map_or(0, |act| act.start);
        timing.end = acts.last().map_or(0, |act| act.end);
        timing.departure = timing.start;
        let mut leg = None;
        for act in acts {
            match act.deed {
                Deed::Drive { from, to, .. } if leg != Some((from, to)) => {
                    leg = Some((from, to));
                    timing.km10 += problem.travel.km10(from, to);
                }
                Deed::Board { party, .. } => {
                    let party = &problem.parties[party as usize];
                    timing.waiting += party.size as i32 * (act.start - party.earliest);
                }
                _ => {}
            }
        }
        timing
    }
}

/// Why a trip cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Somebody would board after their latest.
    Late,
    /// A site never receives after the vehicle gets there.
    SiteHours,
    /// A ride is too long, by so many minutes.
    Ride(Minute),
    /// Driving or duty would grow too long.
    Law,
    /// The vehicle would not be back in time.
    Window,
}

/// What a trip is run on; keeps its memory from trip to trip.
#[derive(Debug)]
pub(super) struct Clock<'a> {
    problem: &'a Problem,
    boarded: Vec<Minute>,
}

/// How often a later departure is tried.
const DEPARTURES: usize = 4;

impl<'a> Clock<'a> {
    /// A clock for trips of `problem`.
    pub(super) fn new(problem: &'a Problem) -> Self {
        Self { problem, boarded: vec![0; problem.parties.len()] }
    }

    /// The timing with the fewest vehicle minutes among the departures tried, within `window`.
    pub(super) fn schedule(&mut self, route: Route<'_>, window: &Range<Minute>) -> Result<Timing, Obstacle> {
        if route.drivers < 2 && self.loaded_km10(route) > self.problem.limits.two_drivers_beyond_km10 {
            return Err(Obstacle::Law);
        }
        let direct = self.depart(route, window, false);
        let limits = &self.problem.limits;
        match direct {
            // From a far depot the way to the first pick-up may be a day's work of its own.
            Err(Obstacle::Law) if self.approach(route) * 4 > limits.continuous_driving => self.depart(route, window, true),
            _ => direct,
        }
    }

    /// The acts of a trip that was scheduled, with the places of drivers in the crew for their numbers.
    pub(super) fn acts(&mut self, route: Route<'_>, timing: &Timing) -> Vec<Act> {
        let run = Run::new(self.problem, route, Some(Vec::new()));
        match run.play(&mut self.boarded, timing.departure, timing.sleeps_first, Minute::MAX) {
            Ok((_, acts)) => acts.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// The distance from the first boarding to the last alighting.
    fn loaded_km10(&self, route: Route<'_>) -> i32 {
        let Problem { travel, parties, sites, .. } = self.problem;
        let boards = route.picks.iter().map(|pick| parties[*pick as usize].pickup);
        let mut places = boards.chain(route.drops.iter().map(|drop| sites[drop.1 as usize].place));
        let Some(mut place) = places.next() else { return 0 };
        let mut km10 = 0;
        for next in places {
            if next != place {
                km10 += travel.km10(place, next);
                place = next;
            }
        }
        km10
    }

    fn approach(&self, route: Route<'_>) -> Minute {
        route.picks.first().map_or(0, |&first| self.problem.travel.minutes(route.vehicle.depot, self.problem.parties[first as usize].pickup))
    }

    fn depart(&mut self, route: Route<'_>, window: &Range<Minute>, sleeps_first: bool) -> Result<Timing, Obstacle> {
        let mut departure = self.latest_without_waiting(route, sleeps_first).max(window.start);
        let mut best: Result<Timing, Obstacle> = Err(Obstacle::Window);
        for attempt in 0..DEPARTURES {
            let run = Run::new(self.problem, route, None);
            match run.play(&mut self.boarded, departure, sleeps_first, window.end) {
                Ok((timing, _)) => {
                    if best.is_err_or(|best| timing.end - timing.start < best.end - best.start) {
                        best = Ok(timing);
                    }
                    if timing.idle == 0 {
                        break;
                    }
                    departure += timing.idle;
                }
                Err(obstacle) => {
                    if attempt == 0 {
                        best = Err(obstacle);
                    }
                    let Obstacle::Ride(by) = obstacle else { break };
                    departure += by;
                }
            }
        }
        best
    }

    /// The latest departure at which the party that is ready last still boards as soon as it is ready.
    fn latest_without_waiting(&self, route: Route<'_>, sleeps_first: bool) -> Minute {
        let Problem { limits, travel, parties, .. } = self.problem;
        let mut elapsed = if sleeps_first { limits.rest } else { 0 };
        let mut place = route.vehicle.depot;
        let mut latest = Minute::MIN;
        for &pick in route.picks {
            let party = &parties[pick as usize];
            elapsed += travel.minutes(place, party.pickup);
            latest = latest.max(party.earliest - elapsed);
            elapsed += limits.boarding(party);
            place = party.pickup;
        }
        latest
    }
}

trait ErrOr<T> {
    fn is_err_or(&self, better: impl FnOnce(&T) -> bool) -> bool;
}

impl<T, E> ErrOr<T> for Result<T, E> {
    fn is_err_or(&self, better: impl FnOnce(&T) -> bool) -> bool {
        self.as_ref().map_or(true, better)
    }
}

/// One trip while it is played through.
#[derive(Debug, Clone)]
struct Run<'a> {
    problem: &'a Problem,
    limits: &'a Limits,
    route: Route<'a>,
    is_coach: bool,
    /// Now.
    now: Minute,
    /// When the last act ended.
    worked_until: Minute,
    start: Option<Minute>,
    /// Beginning of the duty that is under way.
    on_duty_since: Minute,
    wheels: [Wheel; 2],
    at_wheel: usize,
    idle: Minute,
    acts: Option<Vec<Act>>,
}

impl<'a> Run<'a> {
    fn new(problem: &'a Problem, route: Route<'a>, acts: Option<Vec<Act>>) -> Self {
        Self {
            problem,
            limits: &problem.limits,
            route,
            is_coach: route.vehicle.is_coach(&problem.limits),
            now: 0,
            worked_until: 0,
            start: None,
            on_duty_since: 0,
            wheels: [Wheel::fresh(), Wheel::fresh()],
            at_wheel: 0,
            idle: 0,
            acts,
        }
    }

    fn play(mut self, boarded: &mut [Minute], departure: Minute, sleeps_first: bool, back_by: Minute) -> Result<(Timing, Option<Vec<Act>>), Obstacle> {
        let (travel, parties) = (&self.problem.travel, &self.problem.parties);
        let (picks, drops) = (self.route.picks, self.route.drops);
        let depot = self.route.vehicle.depot;
        self.now = departure;
        let mut place = depot;
        let mut km10 = 0;
        let mut waiting = 0;
        for (n, &pick) in picks.iter().enumerate() {
            let party = &parties[pick as usize];
            if party.pickup != place {
                self.drive(place, party.pickup, None)?;
                km10 += travel.km10(place, party.pickup);
                place = party.pickup;
            }
            if n == 0 && sleeps_first && self.start.is_some() {
                self.now = self.now.max(self.worked_until + self.limits.rest);
            }
            self.wait_until(party.earliest);
            if self.now > party.latest {
                return Err(Obstacle::Late);
            }
            waiting += party.size as i32 * (self.now - party.earliest);
            self.work(self.limits.boarding(party), Deed::Board { party: pick, at: place })?;
            boarded[pick as usize] = self.now;
        }
        for &(drop, at) in drops {
            let (party, site) = (&parties[drop as usize], &self.problem.sites[at as usize]);
            if site.place != place {
                self.drive(place, site.place, None)?;
                km10 += travel.km10(place, site.place);
                place = site.place;
            }
            let needed = self.limits.alighting(party);
            let receives = |open: &&Range<Minute>| self.now.max(open.start) + needed <= open.end;
            let opens = site.open.iter().filter(receives).map(|open| open.start).min().ok_or(Obstacle::SiteHours)?;
            self.wait_until(opens);
            self.check_ride(boarded[drop as usize], travel.minutes(party.pickup, place))?;
            self.work(needed, Deed::Alight { party: drop, at })?;
        }
        if place != depot {
            km10 += travel.km10(place, depot);
        }
        let idle = self.idle;
        let home = self.go_home(place)?;
        if home.worked_until > back_by {
            return Err(Obstacle::Window);
        }
        let start = home.start.unwrap_or(departure);
        Ok((Timing { departure, sleeps_first, start, end: home.worked_until, waiting, km10, idle }, home.acts))
    }

    /// Straight home; where duty or driving grow too long, with a night's rest at once or as late as possible, whichever ends first.
    fn go_home(self, place: PlaceNo) -> Result<Self, Obstacle> {
        let depot = self.route.vehicle.depot;
        if place == depot {
            return Ok(self);
        }
        let mut straight = self.clone();
        if straight.drive(place, depot, None).is_ok() {
            return Ok(straight);
        }
        let mut late = self.clone();
        let latest = self.on_duty_since + self.limits.duty(self.route.drivers);
        let late = late.drive(place, depot, Some(latest)).map(|()| late);
        let mut at_once = self;
        at_once.now = at_once.now.max(at_once.worked_until + at_once.limits.rest);
        let at_once = at_once.drive(place, depot, None).map(|()| at_once);
        match (at_once, late) {
            (Ok(one), Ok(other)) => Ok(if other.worked_until < one.worked_until { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    fn wait_until(&mut self, at: Minute) {
        if at > self.now {
            if self.start.is_some() {
                self.idle += at - self.now;
            }
            self.now = at;
        }
    }

    fn check_ride(&self, boarded: Minute, direct: Minute) -> Result<(), Obstacle> {
        let Some(most) = self.limits.ride_excess else { return Ok(()) };
        let mut excess = self.now - boarded - direct;
        if excess > most && self.is_coach {
            excess -= self.limits.night_between(boarded, self.now);
        }
        if excess > most { Err(Obstacle::Ride(excess - most)) } else { Ok(()) }
    }

    /// Drives a leg. Where `rest_by` is given, the crew sleeps once on the way, by then.
    fn drive(&mut self, from: PlaceNo, to: PlaceNo, mut rest_by: Option<Minute>) -> Result<(), Obstacle> {
        let mut left = self.problem.travel.minutes(from, to);
        if left == 0 {
            return self.work(0, Deed::Drive { from, to, driver: self.at_wheel as u32 });
        }
        while left > 0 {
            if self.is_coach {
                self.wait_for_morning();
            }
            let Some((driver, room)) = self.choose(left) else { continue };
            let mut piece = left.min(room);
            if self.is_coach {
                piece = piece.min(self.until_night());
            }
            if let Some(by) = rest_by {
                piece = piece.min(by - self.now);
                if piece <= 0 {
                    self.now = self.now.max(self.worked_until + self.limits.rest);
                    rest_by = None;
                    continue;
                }
            }
            if !self.wheels[driver].drive(self.limits, self.now, self.now + piece) {
                return Err(Obstacle::Law);
            }
            self.at_wheel = driver;
            self.work(piece, Deed::Drive { from, to, driver: driver as u32 })?;
            left -= piece;
        }
        Ok(())
    }

    /// Who drives on, and how long at most; none if nobody may now: then it is later.
    fn choose(&mut self, left: Minute) -> Option<(usize, Minute)> {
        let turns = [self.at_wheel, 1 - self.at_wheel];
        let turns = if self.route.drivers < 2 { &turns[..1] } else { &turns[..] };
        for &driver in turns {
            let room = self.wheels[driver].room(self.limits, self.now, left);
            if room > 0 {
                return Some((driver, room));
            }
        }
        let ready = turns.iter().map(|&driver| self.wheels[driver].ready(self.limits, self.now, left)).min();
        self.now = ready.unwrap_or(self.now).max(self.now + 1);
        None
    }

    fn wait_for_morning(&mut self) {
        let minute = self.now.rem_euclid(super::problem::MINUTES_OF_DAY);
        if self.limits.night_ban.contains(&minute) {
            self.wait_until(self.now + self.limits.night_ban.end - minute);
        }
    }

    fn until_night(&self) -> Minute {
        if self.limits.night_ban.is_empty() {
            return Minute::MAX;
        }
        (self.limits.night_ban.start - self.now).rem_euclid(super::problem::MINUTES_OF_DAY)
    }

    fn work(&mut self, minutes: Minute, deed: Deed) -> Result<(), Obstacle> {
        let end = self.now + minutes;
        if self.start.is_none() {
            self.start = Some(self.now);
            self.on_duty_since = self.now;
        } else if self.now - self.worked_until >= self.limits.rest {
            self.on_duty_since = self.now;
        }
        if end - self.on_duty_since > self.limits.duty(self.route.drivers) {
            return Err(Obstacle::Law);
        }
        if end > self.problem.horizon {
            return Err(Obstacle::Window);
        }
        if let Some(acts) = &mut self.acts {
            acts.push(Act { start: self.now, end, deed });
        }
        self.now = end;
        self.worked_until = end;
        Ok(())
    }
}
