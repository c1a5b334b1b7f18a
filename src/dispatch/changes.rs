//! What changes on a trip after it was made: a coach breaks down, a driver falls ill, somebody is moved. Whoever was told of the trip finds what
//! changed, who changed it and why.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::bookings::{self, Resource};
use super::gate::must_hold;
use super::model::{Seat, Trip, TripState};
use super::{check_crew, check_vehicle, lock, must_be_open, provinces_of, record, seating, store, vehicle_of};
use crate::access::{Act, Actor};
use crate::base::{Error, Id, Message, Result, reason, time};
use crate::db::Tx;
use crate::fleet::{self, Staff, Vehicle};

/// A change of a trip of which people had been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripChange {
    /// When.
    pub at: DateTime<Utc>,
    /// Who changed it.
    pub by: String,
    /// What.
    pub what: What,
    /// What it was: a plate, badges, codes of organisations between spaces, a number of people.
    pub before: String,
    /// What it is.
    pub after: String,
    /// Why, where somebody has to say.
    pub because: Option<String>,
    /// Why, as the planner knows it: names of [`plan::Cause`](super::plan::Cause), between spaces.
    pub causes: String,
}

/// What can change on a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The vehicle.
    Vehicle,
    /// The crew.
    Crew,
    /// Where it stops.
    Stops,
    /// When it leaves, and comes in.
    Times,
    /// How many have a seat.
    Seats,
    /// It does not go.
    Cancelled,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Vehicle, Self::Crew, Self::Stops, Self::Times, Self::Seats, Self::Cancelled];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vehicle => "vehicle",
            Self::Crew => "crew",
            Self::Stops => "stops",
            Self::Times => "times",
            Self::Seats => "seats",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }
}

/// Gives a trip that has not left another crew. Who stays keeps their booking, who goes is free at once.
pub fn trip_change_crew(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, crew: &[Id<Staff>]) -> Result<Trip> {
    actor.must(Act::ManageTrips)?;
    let mut trip = lock(tx, actor, id, version)?;
    must_be_open(&trip)?;
    let crew = fleet::staff_lock(tx, actor, crew)?;
    let vehicle = vehicle_of(tx, &trip)?;
    check_crew(&crew, &vehicle)?;
    let before = store::crew_of(tx, id)?;
    let before = fleet::staff_by_id(tx, &before)?;
    let gone: Vec<uuid::Uuid> = before.iter().filter(|one| crew.iter().all(|member| member.id != one.id)).map(|one| one.id.uuid()).collect();
    store::bookings_cancel(tx, id, Some(&gone))?;
    if !gone.is_empty() {
        store::drives_forget(tx, id)?;
    }
    let come: Vec<Resource<'_>> = crew.iter().filter(|member| before.iter().all(|one| one.id != member.id)).map(Resource::Staff).collect();
    bookings::book(tx, actor, &trip, &come)?;
    store::crew_set(tx, id, &crew)?;
    trip.version += 1;
    store::trip_update(tx, &trip)?;
    changed(tx, actor, &trip.state, &trip, "trip_crew_changed", &[(What::Crew, badges(&before), badges(&crew))], &Why::default())?;
    Ok(trip)
}

/// Gives a trip that has not left another vehicle, for a reason in 1 to 200 characters: the first is broken, or needed elsewhere. Everybody aboard
/// keeps a seat, under the same number where the other vehicle has it. The first is free at once; whether it may drive again is the fleet's to say.
///
/// # Errors
/// Refused: `vehicle_too_small` or `vehicle_lacks_places` for those who have a seat, and what [`trip_create`](super::trip_create) says of a vehicle. Invalid: nobody of the crew may
/// drive it. Conflict `vehicle_taken`.
pub fn trip_change_vehicle(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, version: Option<i32>, vehicle: Id<Vehicle>, because: &str) -> Result<Trip> {
    actor.must(Act::ManageTrips)?;
    let because = reason("because", because)?;
    let mut trip = lock(tx, actor, id, version)?;
    must_be_open(&trip)?;
    let before = vehicle_of(tx, &trip)?;
    let vehicle = fleet::vehicle_lock(tx, actor, vehicle)?;
    if vehicle.id == before.id {
        return Err(Error::invalid("vehicle", Message::new("vehicle_is_the_same").with("plate", &vehicle.plate)));
    }
    let legs = store::legs_of(tx, &[id])?.remove(&id).unwrap_or_default();
    check_vehicle(&vehicle, &provinces_of(tx, &legs)?, time::civil_date(trip.arrives_at))?;
    let crew = store::crew_of(tx, id)?;
    check_crew(&fleet::staff_by_id(tx, &crew)?, &vehicle)?;
    let seats = store::seats_of(tx, id)?;
    if seats.len() > usize::try_from(vehicle.load_cap).unwrap_or(0) {
        let message = Message::new("vehicle_too_small").with("plate", &vehicle.plate).with("cap", vehicle.load_cap);
        return Err(Error::Refused(message.with("aboard", seats.len())));
    }
    must_hold(tx, &vehicle, &seats.iter().map(|seat| seat.traveller).collect::<Vec<_>>())?;
    store::bookings_cancel(tx, id, Some(&[before.id.uuid()]))?;
    // A trip that took as many as its vehicle may goes on doing so; one that was made for fewer takes no more.
    trip.load_cap = if trip.load_cap == before.load_cap { vehicle.load_cap } else { trip.load_cap.min(vehicle.load_cap) };
    trip.vehicle = vehicle.id;
    trip.version += 1;
    bookings::book(tx, actor, &trip, &[Resource::Vehicle(&vehicle)])?;
    store::seats_renumber(tx, id, &renumbered(&seats, vehicle.front_seats)?)?;
    store::trip_update(tx, &trip)?;
    let other = (What::Vehicle, before.plate.to_string(), vehicle.plate.to_string());
    changed(tx, actor, &trip.state, &trip, "trip_vehicle_changed", &[other], &Why::said(&because))?;
    Ok(trip)
}

/// Whose seat is not among the first `front_seats`, and the number that they are given instead.
pub(super) fn renumbered(seats: &[Seat], front_seats: i32) -> Result<Vec<Seat>> {
    let (kept, moved): (Vec<&Seat>, Vec<&Seat>) = seats.iter().partition(|seat| seat.seat_no <= front_seats);
    let taken: BTreeSet<i32> = kept.into_iter().map(|seat| seat.seat_no).collect();
    let numbers = seating::assign(front_seats, &taken, &vec![1; moved.len()]);
    // The load cap, which was asked for, is never above the front seats.
    let numbers = numbers.ok_or_else(|| Error::Internal(anyhow::anyhow!("a load cap above the front seats")))?;
    Ok(moved.into_iter().zip(numbers.concat()).map(|(seat, seat_no)| Seat { seat_no, ..seat.clone() }).collect())
}

/// Why a trip changes: what somebody says, and what the planner knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Why {
    /// What somebody says, where they have to.
    pub because: Option<String>,
    /// Names of causes between spaces.
    pub causes: String,
}

impl Why {
    /// What somebody says.
    pub(super) fn said(because: &str) -> Self {
        Self { because: Some(because.to_owned()), causes: String::new() }
    }
}

/// What changes, what it was and what it is.
pub(super) type Changed = (What, String, String);

/// Notes what changes on a trip that was in the state `before`, if people had been told of it by then, and records it as an event of a kind. What is
/// the same as before is left out.
///
/// The event tells no number of seats: receivers read it, and they count blind.
pub(super) fn changed(tx: &mut Tx<'_>, actor: &Actor, before: &TripState, trip: &Trip, kind: &'static str, changes: &[Changed], why: &Why) -> Result<()> {
    let mut facts = Vec::with_capacity(changes.len());
    for (what, was, is) in changes.iter().filter(|(what, was, is)| was != is || *what == What::Cancelled) {
        if before.is_told() {
            note(tx, actor, trip.id, *what, (was, is), why)?;
        }
        if *what != What::Seats {
            facts.push(json!({"what": what.name(), "before": was, "after": is}));
        }
    }
    record(tx, actor, trip, kind, json!({"is_told": before.is_told(), "changes": facts, "because": why.because, "causes": why.causes}))
}

/// Notes a change of a trip that people had been told of.
pub(super) fn note(tx: &mut Tx<'_>, actor: &Actor, trip: Id<Trip>, what: What, (before, after): (&str, &str), why: &Why) -> Result<()> {
    let Why { because, causes } = why.clone();
    let change = TripChange { at: tx.now(), by: actor.name().to_owned(), what, before: before.to_owned(), after: after.to_owned(), because, causes };
    store::change_insert(tx, trip, &change)
}

pub(super) fn badges(crew: &[Staff]) -> String {
    let mut badges: Vec<&str> = crew.iter().map(|member| member.badge.as_str()).collect();
    badges.sort_unstable();
    badges.join(" ")
}
