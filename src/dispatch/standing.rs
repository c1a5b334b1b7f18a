//! A day planned anew 重新编排: a flight is late, a coach broken, a driver ill, somebody tested positive. Of what was announced is kept what can be, trip
//! by trip; what must change is told to those concerned, with who changed it and why.
//!
//! What can be planned anew stands: trips that were announced of a plan and have not set out. Trips made by hand, trips that carry somebody by a
//! waiver, and trips on their way stay as they are, whatever is planned around them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::day::{Day, Map, read};
use super::driving::Driving;
use super::model::{Trip, TripState};
use super::plan::solution::{Announced, AnnouncedTrip};
use super::plan::{Act, Causes, Change, Deed, Minute, PartyNo, Plan, Previous, changes};
use super::{proposals, store, trips_on};
use crate::access::Actor;
use crate::arrivals::{self, TravellerId};
use crate::base::{Id, Result};
use crate::db::Conn;
use crate::fleet::{self, Staff, StaffRole, Vehicle};
use crate::policy::Rulebook;

/// What was announced of a day and can be planned anew.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Standing {
    trips: Vec<StandingTrip>,
    /// The same trips as the planner is given them, by their numbers.
    announced: Announced,
    /// The minute of the day at which it was read. Nothing that is new begins before it.
    from: Minute,
}

/// A trip that can be planned anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingTrip {
    /// The trip.
    pub trip: Id<Trip>,
    /// What it was when it was read; announcing demands that it still is.
    pub version: i32,
}

impl Standing {
    /// The trips, as they leave, each with what was announced of it.
    pub fn trips(&self) -> impl Iterator<Item = (&StandingTrip, &AnnouncedTrip)> {
        self.trips.iter().zip(&self.announced.trips)
    }

    /// What the planner keeps to.
    pub fn previous(&self) -> Previous<'_> {
        Previous { announced: &self.announced, frozen_before: self.from }
    }

    /// What a plan for the problem of `day` changes of it.
    pub fn changes(&self, day: &Day, plan: &Plan, causes: &Causes) -> Vec<Change> {
        changes(&day.problem, &self.announced, plan, causes).0
    }
}

/// A planned trip as it was announced, by what outlives the numbers of a problem.
struct Told {
    /// Who drives, in the order of their turns.
    drivers: Vec<Id<Staff>>,
    acts: Vec<Act>,
    /// The parties, the places and the drivers that the acts number.
    day: Arc<Day>,
}

/// Reads the day `on` as [`day`](super::day()) does, to be planned anew from `now` on: the trips that stand give back their vehicles, their crews, their
/// beds and those aboard.
pub fn day_anew(
    conn: &mut Conn,
    actor: &Actor,
    rulebook: &Rulebook,
    driving: &Driving,
    disinfection: TimeDelta,
    on: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Day> {
    let mut told = told(conn, actor, on, now)?;
    let mut trips: Vec<Trip> = trips_on(conn, actor, on)?.into_iter().map(|line| line.trip).collect();
    trips.retain(|trip| trip.state == TripState::Announced && trip.departs_at > now && told.contains_key(&trip.id));
    let ids: Vec<Id<Trip>> = trips.iter().map(|trip| trip.id).collect();
    let aboard = store::aboard(conn, &ids)?;
    trips.retain(|trip| aboard.get(&trip.id).is_none_or(|seats| seats.iter().all(|(_, by_waiver)| !by_waiver)));
    let crews = store::crews_of(conn, &ids)?;
    let crew = fleet::staff_by_id(conn, &crews.values().flatten().copied().collect::<Vec<_>>())?;
    let vehicles = fleet::vehicles_by_id(conn, &trips.iter().map(|trip| trip.vehicle).collect::<Vec<_>>())?;
    let parties = parties_of(conn, &aboard)?;
    let (mut day, mut map) = read(conn, actor, rulebook, driving, disinfection, on, &trips)?;
    let from = day.minute(now);
    day.begin_at(from);
    let mut standing = Standing { trips: Vec::with_capacity(trips.len()), announced: Announced::default(), from };
    for trip in &trips {
        let Some(told) = told.remove(&trip.id) else { continue };
        let works = |member: &&Staff| crews.get(&trip.id).is_some_and(|crew| crew.contains(&member.id));
        let crew: Vec<&Staff> = crew.iter().filter(works).collect();
        let vehicle = vehicles.iter().find(|vehicle| vehicle.id == trip.vehicle);
        let parties = parties.get(&trip.id).map_or(&[][..], Vec::as_slice);
        standing.trips.push(StandingTrip { trip: trip.id, version: trip.version });
        standing.announced.trips.push(day.as_announced(&mut map, trip, &told, parties, &crew, vehicle));
    }
    day.learn_places(&map)?;
    day.standing = Some(standing);
    Ok(day)
}

/// What was told of each trip of a day that a proposal became; of one that was planned anew, what was told last.
fn told(conn: &mut Conn, actor: &Actor, on: NaiveDate, now: DateTime<Utc>) -> Result<HashMap<Id<Trip>, Told>> {
    let mut told = HashMap::new();
    for sheet in proposals::announced_on(conn, actor, now, on)? {
        let Some(plan) = sheet.plan else { continue };
        let day = Arc::new(sheet.day);
        for announced in sheet.announced_as {
            if let Some(trip) = plan.trips.iter().find(|trip| trip.id == announced.name) {
                let drivers = trip.drivers.iter().map(|driver| day.staff[*driver as usize]).collect();
                told.entry(announced.trip).or_insert_with(|| Told { drivers, acts: trip.acts.clone(), day: day.clone() });
            }
        }
    }
    Ok(told)
}

/// The parties aboard each trip by their names in a problem, in the order in which they sit.
pub(super) fn parties_of(conn: &mut Conn, aboard: &HashMap<Id<Trip>, Vec<(TravellerId, bool)>>) -> Result<HashMap<Id<Trip>, Vec<String>>> {
    let people: Vec<TravellerId> = aboard.values().flatten().map(|seat| seat.0).collect();
    let party: HashMap<TravellerId, String> = arrivals::get(conn, &people)?.into_iter().map(|person| (person.id, person.party.to_string())).collect();
    let of = |seats: &Vec<(TravellerId, bool)>| {
        let mut parties: Vec<String> = seats.iter().filter_map(|seat| party.get(&seat.0).cloned()).collect();
        let mut seen = HashSet::new();
        parties.retain(|party| seen.insert(party.clone()));
        parties
    };
    Ok(aboard.iter().map(|(trip, seats)| (*trip, of(seats))).collect())
}

impl Day {
    /// Nothing that is new begins before a minute of the day.
    fn begin_at(&mut self, minute: Minute) {
        let rest = self.problem.limits.rest;
        self.problem.parties.iter_mut().for_each(|party| party.earliest = party.earliest.max(minute));
        self.problem.vehicles.iter_mut().for_each(|vehicle| vehicle.available.start = vehicle.available.start.max(minute));
        self.problem.staff.iter_mut().for_each(|member| member.off_since = member.off_since.max(minute - rest));
    }

    /// A trip as the planner is told of it: with the vehicle, the crew and the parties that it has by now. Where somebody got on by hand its acts are not
    /// known, and it is timed anew with the same stops.
    fn as_announced(&self, map: &mut Map<'_>, trip: &Trip, told: &Told, parties: &[String], crew: &[&Staff], vehicle: Option<&Vehicle>) -> AnnouncedTrip {
        let number = |party: &str| self.problem.parties.iter().position(|one| one.id == party).map(|number| number as PartyNo);
        let plate = vehicle.map(|vehicle| vehicle.plate.to_string()).unwrap_or_default();
        let with_number = |id: Id<Staff>, badge: &str| (badge.to_owned(), self.staff.iter().position(|one| *one == id).map(|number| number as u32));
        let of_role = |role: StaffRole| crew.iter().filter(move |member| member.role == role);
        let drivers = in_turn(&told.drivers, &of_role(StaffRole::Driver).map(|member| member.id).collect::<Vec<_>>());
        let badge = |id: &Id<Staff>| crew.iter().find(|member| member.id == *id).map(|member| with_number(member.id, &member.badge));
        let old = |party: PartyNo| told.day.problem.parties[party as usize].id.as_str();
        let mut boards: Vec<(String, Option<PartyNo>, Minute)> = Vec::new();
        let first = told.acts.iter().find(|act| matches!(act.deed, Deed::Board { .. })).map_or(self.minute(trip.departs_at), |act| act.start);
        for party in parties {
            let at = told.acts.iter().find(|act| matches!(act.deed, Deed::Board { party: one, .. } if old(one) == party));
            boards.push((party.clone(), number(party), at.map_or(first, |act| act.start)));
        }
        boards.sort_by_key(|board| board.2);
        let knows_all = parties.iter().all(|party| told.acts.iter().any(|act| matches!(act.deed, Deed::Board { party: one, .. } if old(one) == party)));
        let mut act = |act: &Act| self.as_now(map, told, act, parties, &number);
        let acts: Option<Vec<Option<Act>>> = if knows_all && drivers.len() == told.drivers.len() { told.acts.iter().map(&mut act).collect() } else { None };
        let drops = boards.iter().filter_map(|board| board.1).filter_map(|party| Some((party, self.site_of(told, party)?)));
        AnnouncedTrip {
            id: trip.number.clone(),
            vehicle: (plate.clone(), self.problem.vehicles.iter().position(|one| one.id == plate).map(|number| number as u32)),
            drivers: drivers.iter().filter_map(badge).collect(),
            medics: of_role(StaffRole::Medic).map(|member| with_number(member.id, &member.badge)).collect(),
            escorts: of_role(StaffRole::Escort).map(|member| with_number(member.id, &member.badge)).collect(),
            drops: drops.collect(),
            boards,
            acts: acts.map(|acts| acts.into_iter().flatten().collect()),
        }
    }

    /// An act of before in the numbers of now: none if it is somebody's who is not aboard any more or does not move. None at all if it leads where nobody
    /// knows.
    fn as_now(&self, map: &mut Map<'_>, told: &Told, act: &Act, aboard: &[String], number: &dyn Fn(&str) -> Option<PartyNo>) -> Option<Option<Act>> {
        let mut place = |place: u32| map.place_of(told.day.places[place as usize]);
        let party =
            |party: PartyNo| Some(told.day.problem.parties[party as usize].id.as_str()).filter(|id| aboard.iter().any(|one| one == id)).and_then(number);
        let deed = match act.deed {
            Deed::Drive { from, to, driver } => {
                let turn = told.drivers.iter().position(|one| *one == told.day.staff[driver as usize])?;
                Some(Deed::Drive { from: place(from)?, to: place(to)?, driver: turn as u32 })
            }
            Deed::Board { party: one, at } => {
                let at = place(at)?;
                party(one).map(|party| Deed::Board { party, at })
            }
            Deed::Alight { party: one, .. } => match party(one) {
                Some(party) => Some(Deed::Alight { party, at: self.site_of(told, party)? }),
                None => None,
            },
        };
        Some(deed.map(|deed| Act { deed, ..*act }))
    }

    /// Where a party that is aboard was to alight, if it still may; else the first site that takes it in.
    fn site_of(&self, told: &Told, party: PartyNo) -> Option<u32> {
        let party = &self.problem.parties[party as usize];
        let before = told.acts.iter().find_map(|act| match act.deed {
            Deed::Alight { party: one, at } if told.day.problem.parties[one as usize].id == party.id => Some(&told.day.problem.sites[at as usize].id),
            _ => None,
        });
        let same = before.and_then(|before| party.sites.iter().find(|site| self.problem.sites[**site as usize].id == *before));
        same.or(party.sites.first()).copied()
    }
}

/// The drivers of now in the turns of before: who is still there keeps theirs, who is new takes one that is free.
fn in_turn(before: &[Id<Staff>], now: &[Id<Staff>]) -> Vec<Id<Staff>> {
    let mut new = now.iter().filter(|driver| !before.contains(driver));
    let mut turns: Vec<Id<Staff>> = before.iter().filter_map(|driver| if now.contains(driver) { Some(*driver) } else { new.next().copied() }).collect();
    turns.extend(new);
    turns
}
