//! Dispatch: trips made by hand or by a plan. A trip is a vehicle, a crew, legs and seats; it books vehicle and crew for its time,
//! and a seat is given only through the gate in [`seats_give`].
//!
//! Whoever changes a trip locks it first; whoever seats people locks the people, then the trip. How a good plan is found is told in
//! [`plan`], which knows nothing of all this.

mod anew;
mod balance;
mod beds;
mod bookings;
mod changes;
mod contacts;
mod day;
mod drives;
mod driving;
mod gate;
mod model;
pub mod plan;
mod proposals;
mod seating;
mod standing;
mod store;
mod ways;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use self::balance::{CityDay, DayBalance, ProvinceBalance, balance};
use self::bookings::Resource;
use self::changes::Why;
pub use self::changes::{TripChange, What, trip_change_crew, trip_change_vehicle};
pub use self::contacts::{Contact, Contacts, Meeting, contacts, contacts_hold};
pub use self::day::{Day, day};
pub use self::drives::Drive;
pub use self::driving::Driving;
pub use self::gate::{SeatWanted, seats_give, seats_take_back};
pub use self::model::{Leg, NewTrip, Seat, Step, Trip, TripState, Waiver};
pub use self::proposals::{
    AnnouncedAs, Proposal, ProposalSheet, ProposalState, SECONDS, plan_announce, proposal_announce, proposal_get, proposal_move, proposal_search,
    proposal_start, proposal_stop, proposals_on,
};
pub use self::standing::{Standing, StandingTrip, day_anew};
pub use self::ways::{Roads, Ways};
use crate::access::{Act, Actor};
use crate::arrivals::TravellerId;
use crate::base::{Error, Id, Message, Result, reason, time};
use crate::db::{Conn, Event, Tx};
use crate::fleet::{self, Staff, Vehicle};
use crate::places::{Organisation, province_of};
use crate::sites;

/// A trip with all that goes onto its papers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripSheet {
    /// The trip.
    pub trip: Trip,
    /// Its vehicle.
    pub vehicle: Vehicle,
    /// Its legs, in order.
    pub legs: Vec<Leg>,
    /// Its crew.
    pub crew: Vec<Staff>,
    /// The seats that were given, by number.
    pub seats: Vec<Seat>,
    /// Who drives when, as it was planned; none of a trip made by hand.
    pub planned_drives: Vec<Drive>,
    /// What changed after people had been told of it, in order.
    pub changes: Vec<TripChange>,
}

/// A trip as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripLine {
    /// The trip.
    pub trip: Trip,
    /// Its vehicle.
    pub vehicle: Vehicle,
    /// Its legs, in order.
    pub legs: Vec<Leg>,
    /// How many are in the crew.
    pub n_crew: i64,
    /// How many seats were given.
    pub n_seats: i64,
}

/// Makes a trip and books its vehicle, until it has been disinfected (by default 60 minutes after the arrival), and its crew.
///
/// # Errors
/// Invalid: legs that do not join, a crew without a driver for the vehicle, a load cap above the vehicle's. Refused: a vehicle
/// or somebody out of service, a permit that is missing or expires before the arrival. Conflict: `vehicle_taken`, `staff_taken`.
pub fn trip_create(tx: &mut Tx<'_>, actor: &Actor, disinfection: TimeDelta, new: &NewTrip) -> Result<Trip> {
    actor.must(Act::ManageTrips)?;
    let (departs_at, arrives_at) = model::span(&new.legs)?;
    let provinces = provinces_of(tx, &new.legs)?;
    let vehicle = fleet::vehicle_lock(tx, actor, new.vehicle)?;
    check_vehicle(&vehicle, &provinces, time::civil_date(arrives_at))?;
    let load_cap = new.load_cap.unwrap_or(vehicle.load_cap);
    if !(1..=vehicle.load_cap).contains(&load_cap) {
        return Err(Error::invalid("load_cap", Message::new("bad_trip_load_cap").with("most", vehicle.load_cap)));
    }
    let crew = fleet::staff_lock(tx, actor, &new.crew)?;
    check_crew(&crew, &vehicle)?;
    let on = time::civil_date(departs_at);
    let trip = Trip {
        id: tx.new_id(),
        number: format!("{}-{:03}", on.format("%Y%m%d"), store::number_next(tx, on)?),
        on,
        state: TripState::Planned,
        vehicle: vehicle.id,
        province: provinces.last().cloned().unwrap_or_default(),
        departs_at,
        arrives_at,
        load_cap,
        disinfection,
        created_by: actor.name().to_owned(),
        created_at: tx.now(),
        version: 1,
    };
    store::trip_insert(tx, &trip, &new.legs)?;
    store::crew_set(tx, trip.id, &crew)?;
    let resources: Vec<Resource<'_>> = std::iter::once(Resource::Vehicle(&vehicle)).chain(crew.iter().map(Resource::Staff)).collect();
    bookings::book(tx, actor, &trip, &resources)?;
    must_see(tx, actor, &trip)?;
    record(tx, actor, &trip, "trip_created", serde_json::json!({}))?;
    Ok(trip)
}

/// Tells crew, sites and receiver of a planned trip, and has the sites promise beds for those who have a seat.
///
/// # Errors
/// Conflict `no_beds`.
pub fn announce(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>) -> Result<Trip> {
    actor.must(Act::ManageTrips)?;
    let trip = advance(tx, actor, id, version, Step::Announce)?;
    beds::promise(tx, actor, &trip)?;
    Ok(trip)
}

/// Opens the doors of an announced trip.
///
/// # Errors
/// Refused `vehicle_still_out` or `vehicle_not_disinfected`: the vehicle's trip before this one is not over; `beds_short`: a site has fewer beds than
/// it has promised.
pub fn start_boarding(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>) -> Result<Trip> {
    actor.must(Act::Board)?;
    let trip = lock(tx, actor, id, version)?;
    if let Some(before) = store::trip_before(tx, &trip)? {
        let ready_at = before.state.arrived_at().map(|at| at + before.disinfection);
        match (&before.state, ready_at) {
            (TripState::Boarding | TripState::Departed { .. }, _) => {
                return Err(Error::Refused(Message::new("vehicle_still_out").with("trip", &before.number)));
            }
            (_, Some(ready_at)) if ready_at > tx.now() => {
                let message = Message::new("vehicle_not_disinfected").with("trip", &before.number).with("until", time::in_shanghai(ready_at));
                return Err(Error::Refused(message));
            }
            _ => {}
        }
    }
    beds::must_stand(tx, &trip)?;
    advance(tx, actor, id, None, Step::Board)
}

/// Records that a trip left: now, or at the earlier instant `at`.
pub fn depart(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, at: Option<DateTime<Utc>>) -> Result<Trip> {
    actor.must(Act::Board)?;
    let at = not_later_than_now(tx, at)?;
    advance(tx, actor, id, version, Step::Depart { at })
}

/// Records that a trip came in: now, or at the earlier instant `at`. Its passengers may be given other seats from then on.
pub fn arrive(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, at: Option<DateTime<Utc>>) -> Result<Trip> {
    actor.must(Act::Board)?;
    let at = not_later_than_now(tx, at)?;
    let trip = advance(tx, actor, id, version, Step::Arrive { at })?;
    store::seats_free(tx, id)?;
    Ok(trip)
}

/// Closes a trip that has arrived.
pub fn close(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>) -> Result<Trip> {
    actor.must(Act::ManageTrips)?;
    advance(tx, actor, id, version, Step::Close)
}

/// Cancels a trip that has not left, for a reason in 1 to 200 characters. Vehicle, crew, passengers and beds are free at once.
pub fn trip_cancel(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, because: &str) -> Result<Trip> {
    actor.must(Act::ManageTrips)?;
    cancel(tx, actor, id, version, &Why::said(&reason("because", because)?))
}

fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, why: &Why) -> Result<Trip> {
    let before = lock(tx, actor, id, version)?.state;
    let trip = turn(tx, actor, id, None, Step::Cancel { because: why.because.clone().unwrap_or_default() })?;
    changes::changed(tx, actor, &before, &trip, "trip_cancelled", &[(What::Cancelled, String::new(), String::new())], why)?;
    store::bookings_cancel(tx, id, None)?;
    store::seats_free(tx, id)?;
    sites::release(tx, id.uuid())?;
    Ok(trip)
}

/// A trip with its vehicle, legs, crew and seats.
pub fn trip_get(conn: &mut Conn, actor: &Actor, id: Id<Trip>) -> Result<TripSheet> {
    actor.must(Act::ViewTrips)?;
    let trip = store::trip(conn, id)?;
    must_see(conn, actor, &trip)?;
    let vehicle = vehicle_of(conn, &trip)?;
    let legs = store::legs_of(conn, &[id])?.remove(&id).unwrap_or_default();
    let crew = store::crew_of(conn, id)?;
    let crew = fleet::staff_by_id(conn, &crew)?;
    Ok(TripSheet {
        vehicle,
        legs,
        crew,
        seats: store::seats_of(conn, id)?,
        planned_drives: store::drives_of(conn, id)?,
        changes: store::changes_of(conn, id)?,
        trip,
    })
}

/// Who drives when on a trip: as it was planned, else as the law asks of its crew at the least.
pub fn drives(sheet: &TripSheet, driving: &Driving) -> Vec<Drive> {
    if !sheet.planned_drives.is_empty() {
        return sheet.planned_drives.clone();
    }
    let drivers: Vec<Id<Staff>> = sheet.crew.iter().filter(|member| member.may_drive(sheet.vehicle.kind)).map(|member| member.id).collect();
    let limits = driving.limits(0);
    drives::by_law(&sheet.legs, &drivers, TimeDelta::minutes(limits.continuous_driving.into()), TimeDelta::minutes(limits.shortest_break.into()))
}

/// When those who ride on a trip in spite of what kept them were given their seats. For handoffs, whoever they are between.
pub fn waived_at(conn: &mut Conn, id: Id<Trip>) -> Result<HashMap<TravellerId, DateTime<Utc>>> {
    let seats = store::seats_of(conn, id)?;
    Ok(seats.into_iter().filter(|seat| seat.waiver.is_some()).map(|seat| (seat.traveller, seat.given_at)).collect())
}

/// How many seats the vehicle of each of these trips has, for passengers or not.
pub fn seats_on(conn: &mut Conn, ids: &[Id<Trip>]) -> Result<HashMap<Id<Trip>, i32>> {
    if ids.is_empty() { Ok(HashMap::new()) } else { store::seats_on(conn, ids) }
}

/// The trips that leave on a day, in that order. As many queries as for one trip, however many there are.
pub fn trips_on(conn: &mut Conn, actor: &Actor, on: NaiveDate) -> Result<Vec<TripLine>> {
    actor.must(Act::ViewTrips)?;
    let trips = store::trips_on(conn, on)?;
    seen(conn, actor, trips)
}

/// The trip with this number, if it exists for the actor.
pub fn trip_numbered(conn: &mut Conn, actor: &Actor, number: &str) -> Result<Option<TripLine>> {
    actor.must(Act::ViewTrips)?;
    let found = store::trip_numbered(conn, number)?;
    Ok(seen(conn, actor, found.into_iter().collect())?.pop())
}

/// The last trips of a vehicle, the latest first, at most `limit`.
pub fn trips_of_vehicle(conn: &mut Conn, actor: &Actor, vehicle: Id<Vehicle>, limit: u32) -> Result<Vec<TripLine>> {
    actor.must(Act::ViewTrips)?;
    let trips = store::trips_of_vehicle(conn, vehicle, i64::from(limit))?;
    seen(conn, actor, trips)
}

/// The trips that somebody was given a seat on, with its number.
pub fn trips_of_passenger(conn: &mut Conn, traveller: TravellerId) -> Result<Vec<(Trip, i32)>> {
    store::trips_of_passenger(conn, traveller)
}

/// On which trip that is not over each of these people has a seat; who has none is missing.
pub fn seated(conn: &mut Conn, people: &[TravellerId]) -> Result<HashMap<TravellerId, Id<Trip>>> {
    Ok(store::seated(conn, people)?.into_iter().collect())
}

/// Those of `trips` that exist for the actor: of a province, an organisation on the way or an owner of the vehicle in the scope.
fn seen(conn: &mut Conn, actor: &Actor, trips: Vec<Trip>) -> Result<Vec<TripLine>> {
    let within = fleet::organisations_within(conn, actor.scope())?;
    let ids: Vec<Id<Trip>> = trips.iter().map(|trip| trip.id).collect();
    let mut vehicle_ids: Vec<Id<Vehicle>> = trips.iter().map(|trip| trip.vehicle).collect();
    vehicle_ids.sort_unstable();
    vehicle_ids.dedup();
    let vehicles = fleet::vehicles_by_id(conn, &vehicle_ids)?;
    let mut legs = store::legs_of(conn, &ids)?;
    let heads = store::heads_of(conn, &ids)?;
    let mut lines = Vec::with_capacity(trips.len());
    for trip in trips {
        let vehicle = vehicles.iter().find(|vehicle| vehicle.id == trip.vehicle).cloned().ok_or(Error::NotFound("vehicle"))?;
        let legs = legs.remove(&trip.id).unwrap_or_default();
        let exists = within.as_ref().is_none_or(|within| {
            let concerned = legs.iter().flat_map(|leg| [leg.from, leg.to]).chain([vehicle.organisation]);
            actor.scope().covers(&[&trip.province], &[]) || concerned.into_iter().any(|one| within.contains(&one))
        });
        if exists {
            let (n_crew, n_seats) = heads.get(&trip.id).copied().unwrap_or_default();
            lines.push(TripLine { trip, vehicle, legs, n_crew, n_seats });
        }
    }
    Ok(lines)
}

fn must_see(conn: &mut Conn, actor: &Actor, trip: &Trip) -> Result<()> {
    if seen(conn, actor, vec![trip.clone()])?.is_empty() { Err(Error::NotFound("trip")) } else { Ok(()) }
}

/// A trip that exists for the actor, locked until the transaction ends.
fn lock(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>) -> Result<Trip> {
    let trip = store::trip_lock(tx, id)?;
    must_see(tx, actor, &trip)?;
    match version {
        Some(seen) if seen != trip.version => Err(Error::Conflict(Message::new("changed_meanwhile").with("version", trip.version).with("seen", seen))),
        _ => Ok(trip),
    }
}

/// Takes a trip a step further, and records that it happened.
fn advance(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, step: Step) -> Result<Trip> {
    let kind = match step {
        Step::Announce => "trip_announced",
        Step::Board => "trip_boarding",
        Step::Depart { .. } => "trip_departed",
        Step::Arrive { .. } => "trip_arrived",
        Step::Close => "trip_closed",
        Step::Cancel { .. } => "trip_cancelled",
    };
    let trip = turn(tx, actor, id, version, step)?;
    let at = trip.state.arrived_at().or(trip.state.departed_at()).map(time::in_shanghai);
    record(tx, actor, &trip, kind, serde_json::json!({"at": at}))?;
    Ok(trip)
}

/// Takes a trip a step further.
fn turn(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, step: Step) -> Result<Trip> {
    let mut trip = lock(tx, actor, id, version)?;
    trip.state = trip.state.step(step).map_err(Error::Refused)?;
    trip.version += 1;
    store::trip_update(tx, &trip)?;
    Ok(trip)
}

fn must_be_open(trip: &Trip) -> Result<()> {
    if trip.state.is_open() { Ok(()) } else { Err(Error::Refused(Message::new("trip_not_open").with("trip", &trip.number).with("state", &trip.state))) }
}

fn check_vehicle(vehicle: &Vehicle, provinces: &[String], until: NaiveDate) -> Result<()> {
    let refused = |code| Err(Error::Refused(Message::new(code).with("plate", &vehicle.plate)));
    if !vehicle.in_service {
        return refused("vehicle_out_of_service");
    }
    let crosses = provinces.windows(2).any(|pair| pair[0] != pair[1]);
    match &vehicle.permit {
        // 包车客运标志牌: what every charter from province to province carries (道路旅客运输及客运站管理规定, art. 57).
        None if crosses && vehicle.kind.is_chartered() => refused("permit_missing"),
        Some(permit) if crosses && vehicle.kind.is_chartered() && permit.expires_on < until => {
            Err(Error::Refused(Message::new("permit_expired").with("plate", &vehicle.plate).with("expired_on", permit.expires_on)))
        }
        _ => Ok(()),
    }
}

fn check_crew(crew: &[Staff], vehicle: &Vehicle) -> Result<()> {
    if let Some(member) = crew.iter().find(|member| !member.in_service) {
        return Err(Error::Refused(Message::new("staff_out_of_service").with("badge", &member.badge)));
    }
    if crew.iter().any(|member| member.may_drive(vehicle.kind)) {
        Ok(())
    } else {
        Err(Error::invalid("crew", Message::new("driver_missing").with("kind", vehicle.kind.name())))
    }
}

/// The provinces that the legs lead through, in order.
fn provinces_of(conn: &mut Conn, legs: &[Leg]) -> Result<Vec<String>> {
    let stops = stops_of(legs);
    let places = store::places_of(conn, &stops)?;
    stops.iter().map(|stop| places.get(stop).map(|place| province_of(place)).ok_or(Error::NotFound("organisation"))).collect()
}

/// Where legs lead, from the first place on.
fn stops_of(legs: &[Leg]) -> Vec<Id<Organisation>> {
    legs.iter().take(1).map(|leg| leg.from).chain(legs.iter().map(|leg| leg.to)).collect()
}

fn vehicle_of(conn: &mut Conn, trip: &Trip) -> Result<Vehicle> {
    fleet::vehicles_by_id(conn, &[trip.vehicle])?.pop().ok_or(Error::NotFound("vehicle"))
}

fn not_later_than_now(tx: &Tx<'_>, at: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    match at {
        Some(at) if at > tx.now() => Err(Error::invalid("at", Message::new("not_happened_yet"))),
        at => Ok(at.unwrap_or(tx.now())),
    }
}

/// Records what happened to a trip, with its number and who did it among the facts.
fn record(tx: &mut Tx<'_>, actor: &Actor, trip: &Trip, kind: &'static str, mut facts: serde_json::Value) -> Result<()> {
    facts["trip"] = trip.number.clone().into();
    facts["by"] = actor.name().into();
    tx.record(Event { kind, subject: trip.id.uuid(), place: Some(trip.province.clone()), facts })
}
