//! A day planned anew, announced: in one transaction the trips that stood are left as they are, changed or cancelled, and new ones made. Where one of
//! them is not any more what it was when the day was read, nothing happens.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::bookings::{self, Resource};
use super::changes::{self, What, Why, badges, renumbered};
use super::day::{Day, make};
use super::gate::{self, SeatWanted, must_hold};
use super::model::{Leg, Trip, TripState, span};
use super::plan::{Causes, Plan, PlannedTrip};
use super::standing::{Standing, parties_of};
use super::{beds, cancel, check_crew, check_vehicle, lock, provinces_of, stops_of, store, vehicle_of};
use crate::access::Actor;
use crate::arrivals::{self, TravellerId};
use crate::base::{Error, Id, Message, Result, reason, time};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Staff, Vehicle};
use crate::policy::Rulebook;
use crate::sites;

/// A trip that goes otherwise than people were told.
struct Renewal<'p> {
    planned: &'p PlannedTrip,
    trip: Trip,
    legs: Vec<Leg>,
    leaving: Vec<TravellerId>,
    joining: Vec<TravellerId>,
    n_before: usize,
}

/// What becomes of the trips that stood.
#[derive(Default)]
struct Fates<'p> {
    same: Vec<(String, Trip)>,
    changed: Vec<Renewal<'p>>,
    gone: Vec<Trip>,
}

/// Announces a plan for a day, planned anew or not; every trip with its name in the plan. `because`, 1 to 200 characters, is told to everybody whose trip
/// changes.
///
/// # Errors
/// Invalid: a trip that had been announced changes, and no reason is given.
/// Conflict `trip_changed_since_read`: names a trip that somebody changed, or that has set out. What [`make`] says.
#[expect(clippy::too_many_arguments, reason = "what a plan is announced with, and why")]
pub(super) fn announce_anew(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rulebook: &Rulebook,
    disinfection: TimeDelta,
    day: &Day,
    plan: &Plan,
    causes: &Causes,
    because: Option<&str>,
) -> Result<Vec<(String, Trip)>> {
    let Some(standing) = &day.standing else { return make(tx, actor, rulebook, disinfection, day, plan.trips.iter().collect()) };
    let fates = fates(tx, actor, day, standing, plan)?;
    let because = if fates.changed.is_empty() && fates.gone.is_empty() { None } else { Some(reason("because", because.unwrap_or_default())?) };
    let why = |number: &str| {
        let names: BTreeSet<&str> = causes.iter().filter(|cause| cause.0 == number).map(|cause| cause.2.as_str()).collect();
        Why { because: because.clone(), causes: names.into_iter().collect::<Vec<_>>().join(" ") }
    };
    for trip in &fates.gone {
        cancel(tx, actor, trip.id, None, &why(&trip.number))?;
    }
    // Everything that changes is let go before any of it is taken again: two trips may exchange their coaches.
    for renewal in &fates.changed {
        store::bookings_cancel(tx, renewal.trip.id, None)?;
        store::seats_delete(tx, renewal.trip.id, &renewal.leaving)?;
        sites::release(tx, renewal.trip.id.uuid())?;
    }
    let mut trips = fates.same;
    for renewal in fates.changed {
        let name = renewal.planned.id.clone();
        let why = why(&renewal.trip.number);
        trips.push((name, renew(tx, actor, rulebook, day, renewal, &why)?));
    }
    let new = plan.trips.iter().filter(|trip| trips.iter().all(|(name, _)| *name != trip.id)).collect();
    trips.extend(make(tx, actor, rulebook, disinfection, day, new)?);
    trips.sort_by_key(|(_, trip)| trip.departs_at);
    Ok(trips)
}

/// Locks everybody who moves and every trip that stood, and compares it with the plan.
fn fates<'p>(tx: &mut Tx<'_>, actor: &Actor, day: &Day, standing: &Standing, plan: &'p Plan) -> Result<Fates<'p>> {
    let ids: Vec<Id<Trip>> = standing.trips().map(|(stood, _)| stood.trip).collect();
    let riding = plan.trips.iter().flat_map(|trip| day.passengers(trip)).map(|seat| seat.traveller);
    let people: BTreeSet<TravellerId> = store::aboard(tx, &ids)?.into_values().flatten().map(|seat| seat.0).chain(riding).collect();
    arrivals::lock(tx, &people.into_iter().collect::<Vec<_>>())?;
    let mut by_id: BTreeMap<Id<Trip>, Trip> = BTreeMap::new();
    for id in ids.iter().copied().collect::<BTreeSet<_>>() {
        by_id.insert(id, lock(tx, actor, id, None)?);
    }
    let mut aboard = store::aboard(tx, &ids)?;
    let parties = parties_of(tx, &aboard)?;
    let crews = store::crews_of(tx, &ids)?;
    let mut legs = store::legs_of(tx, &ids)?;
    let mut fates = Fates::default();
    for (stood, announced) in standing.trips() {
        let Some(trip) = by_id.remove(&stood.trip) else { continue };
        let now: BTreeSet<&str> = parties.get(&trip.id).into_iter().flatten().map(String::as_str).collect();
        let read: BTreeSet<&str> = announced.boards.iter().map(|board| board.0.as_str()).collect();
        let stands = trip.version == stood.version && trip.state == TripState::Announced && now == read;
        if !stands || trip.departs_at <= tx.now() {
            return Err(Error::Conflict(Message::new("trip_changed_since_read").with("trip", &trip.number)));
        }
        let Some(planned) = plan.trips.iter().find(|planned| planned.id == announced.id) else {
            fates.gone.push(trip);
            continue;
        };
        let seated: Vec<TravellerId> = aboard.remove(&trip.id).into_iter().flatten().map(|seat| seat.0).collect();
        let wanted: Vec<TravellerId> = day.passengers(planned).into_iter().map(|seat| seat.traveller).collect();
        let leaving: Vec<TravellerId> = seated.iter().filter(|person| !wanted.contains(person)).copied().collect();
        let joining: Vec<TravellerId> = wanted.into_iter().filter(|person| !seated.contains(person)).collect();
        let crew: BTreeSet<Id<Staff>> = crews.get(&trip.id).into_iter().flatten().copied().collect();
        let has_same_crew = crew == day.crew(planned).into_iter().collect();
        let new_legs = day.legs(&planned.acts)?;
        let goes_the_same = legs.remove(&trip.id).unwrap_or_default() == new_legs;
        let has_same_vehicle = trip.vehicle == day.vehicles[planned.vehicle as usize];
        if leaving.is_empty() && joining.is_empty() && has_same_crew && goes_the_same && has_same_vehicle {
            fates.same.push((announced.id.clone(), trip));
        } else {
            fates.changed.push(Renewal { planned, trip, legs: new_legs, leaving, joining, n_before: seated.len() });
        }
    }
    Ok(fates)
}

/// Makes a trip that was let go what it is in the plan, and notes what is otherwise.
fn renew(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, day: &Day, renewal: Renewal<'_>, why: &Why) -> Result<Trip> {
    let Renewal { planned, mut trip, legs, joining, n_before, .. } = renewal;
    let old_vehicle = vehicle_of(tx, &trip)?;
    let old_crew = store::crew_of(tx, trip.id)?;
    let old_crew = fleet::staff_by_id(tx, &old_crew)?;
    let old_legs = store::legs_of(tx, &[trip.id])?.remove(&trip.id).unwrap_or_default();
    let old_times = times(trip.departs_at, trip.arrives_at);
    let vehicle = fleet::vehicle_lock(tx, actor, day.vehicles[planned.vehicle as usize])?;
    (trip.departs_at, trip.arrives_at) = span(&legs)?;
    check_vehicle(&vehicle, &provinces_of(tx, &legs)?, time::civil_date(trip.arrives_at))?;
    let crew = fleet::staff_lock(tx, actor, &day.crew(planned))?;
    check_crew(&crew, &vehicle)?;
    trip.vehicle = vehicle.id;
    trip.load_cap = day.load_cap(planned).unwrap_or(vehicle.load_cap);
    trip.version += 1;
    store::trip_update(tx, &trip)?;
    store::legs_replace(tx, trip.id, &legs)?;
    store::crew_set(tx, trip.id, &crew)?;
    store::drives_forget(tx, trip.id)?;
    store::drives_insert(tx, trip.id, &day.drives(&planned.acts))?;
    let resources: Vec<Resource<'_>> = std::iter::once(Resource::Vehicle(&vehicle)).chain(crew.iter().map(Resource::Staff)).collect();
    bookings::book(tx, actor, &trip, &resources)?;
    let n_seats = seat(tx, actor, rulebook, &trip, &vehicle, &joining)?;
    let differs = [
        (What::Vehicle, old_vehicle.plate.to_string(), vehicle.plate.to_string()),
        (What::Crew, badges(&old_crew), badges(&crew)),
        (What::Stops, stops(tx, &old_legs)?, stops(tx, &legs)?),
        (What::Times, old_times, times(trip.departs_at, trip.arrives_at)),
        (What::Seats, n_before.to_string(), n_seats.to_string()),
    ];
    changes::changed(tx, actor, &trip.state, &trip, "trip_replanned", &differs, why)?;
    Ok(trip)
}

/// Gives those who join a trip a seat and everybody aboard a bed; who stays keeps the seat where the vehicle has it. How many have one then.
fn seat(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, trip: &Trip, vehicle: &Vehicle, joining: &[TravellerId]) -> Result<usize> {
    let staying = store::seats_of(tx, trip.id)?;
    must_hold(tx, vehicle, &staying.iter().map(|seat| seat.traveller).collect::<Vec<_>>())?;
    store::seats_renumber(tx, trip.id, &renumbered(&staying, vehicle.front_seats)?)?;
    if joining.is_empty() {
        beds::promise(tx, actor, trip)?;
        return Ok(staying.len());
    }
    let wanted: Vec<SeatWanted> = joining.iter().copied().map(SeatWanted::any).collect();
    let (_, n_before, given) = gate::give(tx, actor, rulebook, trip.id, &wanted)?;
    Ok(n_before + given.len())
}

/// Where a trip stops, in order: codes of organisations between spaces.
fn stops(conn: &mut Conn, legs: &[Leg]) -> Result<String> {
    let stops = stops_of(legs);
    let codes = store::codes_of(conn, &stops)?;
    Ok(stops.iter().filter_map(|stop| codes.get(stop).map(String::as_str)).collect::<Vec<_>>().join(" "))
}

/// When a trip leaves and comes in, as people say it.
fn times(departs_at: DateTime<Utc>, arrives_at: DateTime<Utc>) -> String {
    format!("{}–{}", time::clock(departs_at), time::clock(arrives_at))
}
