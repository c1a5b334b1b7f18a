//! The seat gate: nobody boards without the days counted, the due tests negative and no hold, or a named waiver; a party rides
//! together or not at all; nobody has two seats; no trip carries more than its load cap.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::changes::{self, What, Why};
use super::model::{Seat, Trip, Waiver};
use super::{beds, lock, must_be_open, record, seating, store, vehicle_of};
use crate::access::{Act, Actor};
use crate::arrivals::{self, Block, Clearance, RideNeeds, Traveller, TravellerId};
use crate::base::{Error, FieldError, Id, Message, Result, reason};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Vehicle};
use crate::places::province_of;
use crate::policy::Rulebook;

/// A seat that is wanted for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatWanted {
    /// For whom.
    pub traveller: TravellerId,
    /// Which one; any if none is named.
    pub seat_no: Option<i32>,
    /// Why the person may board in spite of what keeps them; the actor answers for it by name.
    pub waiver: Option<String>,
}

impl SeatWanted {
    /// Any seat for somebody who is cleared.
    pub fn any(traveller: TravellerId) -> Self {
        Self { traveller, seat_no: None, waiver: None }
    }
}

/// Gives people seats on a trip: all of them, or nobody.
///
/// # Errors
/// Invalid: everything that keeps each person, by rule. Conflict: `already_seated` names the trip on which somebody has a seat.
/// Refused: `trip_full`, `trip_not_open`, `vehicle_lacks_places`, `risk_mixed`. Conflict `no_beds`: the trip is announced and its site has too few beds.
pub fn seats_give(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, id: Id<Trip>, wanted: &[SeatWanted]) -> Result<Vec<Seat>> {
    let (trip, n_before, given) = give(tx, actor, rulebook, id, wanted)?;
    note_seats(tx, actor, &trip, n_before, n_before + given.len())?;
    Ok(given)
}

/// The same, told to nobody; with the trip, and how many had a seat before.
pub(super) fn give(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, id: Id<Trip>, wanted: &[SeatWanted]) -> Result<(Trip, usize, Vec<Seat>)> {
    actor.must(Act::ManageTrips)?;
    let waivers = waivers(actor, wanted)?;
    let asked: Vec<TravellerId> = wanted.iter().map(|seat| seat.traveller).collect();
    let parties = lock_parties(tx, &asked)?;
    let trip = lock(tx, actor, id, None)?;
    must_be_open(&trip)?;
    must_see_all(tx, actor, &parties)?;
    if let Some((_, number)) = store::seated_elsewhere(tx, &asked)?.first() {
        return Err(Error::Conflict(Message::new("already_seated").with("trip", number)));
    }
    let seats = store::seats_of(tx, id)?;
    let moving: Vec<TravellerId> = parties.iter().filter(|person| !person.custody.stock.is_exit()).map(|person| person.id).collect();
    let clearances = arrivals::clearances(tx, rulebook, &moving, trip.on)?;
    let waived: HashSet<TravellerId> = waivers.keys().copied().chain(seats.iter().filter(|seat| seat.waiver.is_some()).map(|seat| seat.traveller)).collect();
    let mut faults = split(&parties, |person| asked.contains(&person) || seats.iter().any(|seat| seat.traveller == person));
    faults.extend(parties.iter().filter(|person| asked.contains(&person.id)).flat_map(|person| astray(person, &trip)));
    faults
        .extend(uncleared(&clearances, &waived).into_iter().filter(|(person, _)| asked.contains(person)).map(|(person, block)| fault(person, block.message())));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let vehicle = vehicle_of(tx, &trip)?;
    let aboard: Vec<TravellerId> = seats.iter().map(|seat| seat.traveller).chain(asked.iter().copied()).collect();
    let joining = parties.iter().filter(|person| asked.contains(&person.id));
    let cap = if are_contacts(tx, &trip, &seats, joining)? { trip.load_cap.min(vehicle.contact_cap) } else { trip.load_cap };
    if aboard.len() > usize::try_from(cap).unwrap_or(0) {
        let message = Message::new("trip_full").with("trip", &trip.number).with("cap", cap);
        return Err(Error::Refused(message.with("taken", seats.len()).with("wanted", wanted.len())));
    }
    must_hold(tx, &vehicle, &aboard)?;
    let numbers = numbers(vehicle.front_seats, &seats, wanted, &parties)?;
    let blocked: HashSet<TravellerId> = clearances.iter().filter(|clearance| has_own_block(clearance)).map(|clearance| clearance.traveller).collect();
    let given: Vec<Seat> = numbers
        .into_iter()
        .map(|(traveller, seat_no)| Seat {
            traveller,
            seat_no,
            is_taken: true,
            // Who turns out to be cleared needs no waiver, and none is kept.
            waiver: waivers.get(&traveller).filter(|_| blocked.contains(&traveller)).cloned(),
            given_by: actor.name().to_owned(),
            given_at: tx.now(),
        })
        .collect();
    store::seats_insert(tx, id, &given)?;
    beds::promise(tx, actor, &trip)?;
    let n_waived = given.iter().filter(|seat| seat.waiver.is_some()).count();
    record(tx, actor, &trip, "seats_given", serde_json::json!({"n": given.len(), "waived": n_waived}))?;
    Ok((trip, seats.len(), given))
}

/// Whether those aboard and those who join them ride as close contacts 密接, who sit further apart; a party does if one of it was exposed. The classes are
/// the planner's: [`Risk`](super::plan::Risk).
///
/// # Errors
/// Refused `risk_mixed`: some do and some do not.
fn are_contacts<'t>(conn: &mut Conn, trip: &Trip, aboard: &[Seat], joining: impl Iterator<Item = &'t Traveller>) -> Result<bool> {
    let aboard = arrivals::get(conn, &aboard.iter().map(|seat| seat.traveller).collect::<Vec<_>>())?;
    let mut parties: HashMap<Id<arrivals::Party>, bool> = HashMap::new();
    let classes = joining.map(|person| (person.party, person.exposed_on)).chain(aboard.into_iter().map(|person| (person.party, person.exposed_on)));
    for (party, exposed_on) in classes {
        *parties.entry(party).or_default() |= exposed_on.is_some();
    }
    let n_contacts = parties.values().filter(|is_contact| **is_contact).count();
    if n_contacts == 0 || n_contacts == parties.len() {
        return Ok(n_contacts > 0);
    }
    Err(Error::Refused(Message::new("risk_mixed").with("trip", &trip.number)))
}

/// Takes seats back, of whole parties, on a trip that has not left.
///
/// # Errors
/// Invalid: who has no seat on this trip, and who of a party would be left aboard.
pub fn seats_take_back(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, people: &[TravellerId]) -> Result<()> {
    actor.must(Act::ManageTrips)?;
    let parties = lock_parties(tx, people)?;
    let trip = lock(tx, actor, id, None)?;
    must_be_open(&trip)?;
    let seated: HashSet<TravellerId> = store::seats_of(tx, id)?.into_iter().map(|seat| seat.traveller).collect();
    let mut faults = split(&parties, |person| people.contains(&person) || !seated.contains(&person));
    faults.extend(people.iter().filter(|person| !seated.contains(person)).map(|person| fault(*person, Message::new("not_seated").with("trip", &trip.number))));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let n = store::seats_delete(tx, id, people)?;
    beds::promise(tx, actor, &trip)?;
    note_seats(tx, actor, &trip, seated.len(), seated.len() - n)?;
    record(tx, actor, &trip, "seats_taken_back", serde_json::json!({"n": n}))
}

fn note_seats(tx: &mut Tx<'_>, actor: &Actor, trip: &Trip, before: usize, after: usize) -> Result<()> {
    if !trip.state.is_told() {
        return Ok(());
    }
    changes::note(tx, actor, trip.id, What::Seats, (&before.to_string(), &after.to_string()), &Why::default())
}

/// Whether a vehicle has places for the wheelchairs, the small children and the luggage of those aboard.
///
/// # Errors
/// Refused `vehicle_lacks_places`: what it has too few of, how many it has and how many are needed.
pub(super) fn must_hold(conn: &mut Conn, vehicle: &Vehicle, aboard: &[TravellerId]) -> Result<()> {
    let needs: RideNeeds = arrivals::ride_needs(conn, aboard)?.into_values().sum();
    let places = [
        ("wheelchairs", vehicle.wheelchairs, needs.wheelchairs),
        ("child_seats", vehicle.infants, needs.child_seats),
        ("luggage", vehicle.luggage, needs.luggage),
    ];
    match places.into_iter().find(|(_, has, needed)| needed > has) {
        None => Ok(()),
        Some((what, has, needed)) => {
            let message = Message::new("vehicle_lacks_places").with("plate", &vehicle.plate).with("what", what);
            Err(Error::Refused(message.with("has", has).with("needed", needed)))
        }
    }
}

/// Locks everyone of the parties of these people. Somebody may join a party before its lock is had, so it is looked at again.
fn lock_parties(tx: &mut Tx<'_>, of: &[TravellerId]) -> Result<Vec<Traveller>> {
    if of.is_empty() {
        return Err(Error::invalid("travellers", Message::new("nobody_named")));
    }
    arrivals::get(tx, of)?;
    let ids = |people: &[Traveller]| people.iter().map(|person| person.id).collect::<Vec<_>>();
    let mut known = ids(&arrivals::with_their_parties(tx, of)?);
    loop {
        let locked = arrivals::lock(tx, &known)?;
        let parties = ids(&arrivals::with_their_parties(tx, of)?);
        if parties == known {
            return Ok(locked);
        }
        known = parties;
    }
}

/// Nobody outside the actor's scope exists: neither bound for it nor with one of its organisations.
fn must_see_all(conn: &mut Conn, actor: &Actor, people: &[Traveller]) -> Result<()> {
    let Some(within) = fleet::organisations_within(conn, actor.scope())? else { return Ok(()) };
    let exists = |person: &Traveller| {
        let bound = person.destination.as_ref().is_some_and(|bound| actor.scope().covers(&[&bound.destination, &bound.city], &[]));
        bound || person.custody.custodian.is_some_and(|custodian| within.contains(&custodian))
    };
    if people.iter().all(exists) { Ok(()) } else { Err(Error::NotFound("traveller")) }
}

/// The waivers by person, each in the actor's name.
fn waivers(actor: &Actor, wanted: &[SeatWanted]) -> Result<HashMap<TravellerId, Waiver>> {
    let mut waivers = HashMap::new();
    let mut named = HashSet::new();
    for seat in wanted {
        if !named.insert(seat.traveller) {
            return Err(Error::Invalid(vec![fault(seat.traveller, Message::new("named_twice"))]));
        }
        if let Some(because) = &seat.waiver {
            actor.must(Act::GrantWaiver)?;
            let because = reason(format!("travellers.{}.waiver", seat.traveller), because)?;
            waivers.insert(seat.traveller, Waiver { by: actor.name().to_owned(), because });
        }
    }
    Ok(waivers)
}

/// Those of the parties, still in the network, who are not `together` with the others.
fn split(parties: &[Traveller], together: impl Fn(TravellerId) -> bool) -> Vec<FieldError> {
    let apart = parties.iter().filter(|person| !person.custody.stock.is_exit() && !together(person.id));
    apart.map(|person| fault(person.id, Message::new("party_split"))).collect()
}

/// What keeps a person off this trip, cleared or not.
fn astray(person: &Traveller, trip: &Trip) -> Option<FieldError> {
    if person.custody.stock.is_exit() {
        return Some(fault(person.id, Message::new("custody_ended")));
    }
    // A destination that is missing is a matter of clearance.
    let bound = person.destination.as_ref()?;
    let province = province_of(&bound.transfer_to);
    (province != trip.province).then(|| fault(person.id, Message::new("bound_elsewhere").with("province", province).with("trip_province", &trip.province)))
}

fn has_own_block(clearance: &Clearance) -> bool {
    clearance.blocks.iter().any(|block| *block != Block::PartyHeld)
}

/// Every rule that keeps each person. Whoever is waived is not kept, and keeps nobody of the party.
fn uncleared(clearances: &[Clearance], waived: &HashSet<TravellerId>) -> Vec<(TravellerId, Block)> {
    let keeps = |clearance: &Clearance| has_own_block(clearance) && !waived.contains(&clearance.traveller);
    let mut kept = Vec::new();
    for clearance in clearances.iter().filter(|clearance| !waived.contains(&clearance.traveller)) {
        let party_held = clearances.iter().any(|mate| mate.party == clearance.party && mate.traveller != clearance.traveller && keeps(mate));
        let blocks = clearance.blocks.iter().filter(|block| **block != Block::PartyHeld || party_held);
        kept.extend(blocks.map(|block| (clearance.traveller, *block)));
    }
    kept
}

/// The number of each person's seat: the one that was asked for, or one near the party.
fn numbers(front_seats: i32, seats: &[Seat], wanted: &[SeatWanted], people: &[Traveller]) -> Result<Vec<(TravellerId, i32)>> {
    let mut taken: BTreeSet<i32> = seats.iter().map(|seat| seat.seat_no).collect();
    let mut numbers = Vec::with_capacity(wanted.len());
    let mut faults = Vec::new();
    let mut parties: Vec<(Id<arrivals::Party>, Vec<TravellerId>)> = Vec::new();
    for seat in wanted {
        match seat.seat_no {
            Some(seat_no) if !(1..=front_seats).contains(&seat_no) => {
                faults.push(fault(seat.traveller, Message::new("seat_not_usable").with("seat", seat_no).with("last", front_seats)));
            }
            Some(seat_no) if !taken.insert(seat_no) => faults.push(fault(seat.traveller, Message::new("seat_taken"))),
            Some(seat_no) => numbers.push((seat.traveller, seat_no)),
            None => {
                let person = people.iter().find(|person| person.id == seat.traveller).ok_or(Error::NotFound("traveller"))?;
                match parties.iter_mut().find(|(party, _)| *party == person.party) {
                    Some((_, members)) => members.push(person.id),
                    None => parties.push((person.party, vec![person.id])),
                }
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let sizes: Vec<usize> = parties.iter().map(|(_, members)| members.len()).collect();
    // The load cap is never above the front seats, so there is room for everyone whom it lets in.
    let assigned = seating::assign(front_seats, &taken, &sizes).ok_or_else(|| Error::Internal(anyhow::anyhow!("a load cap above the front seats")))?;
    for ((_, members), seats) in parties.iter().zip(assigned) {
        numbers.extend(members.iter().copied().zip(seats));
    }
    Ok(numbers)
}

fn fault(person: TravellerId, message: Message) -> FieldError {
    FieldError::new(format!("travellers.{person}"), message)
}
