//! Contacts 密接: whom a case may have infected, by the rules of the national guideline: on the flight three rows before and behind, on a coach,
//! which is closed and air-conditioned, everybody aboard and the crew, and whoever travels and lives with the case. They are proposed; a person
//! says whom to hold, and their days begin anew.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::store;
use crate::access::{Act, Actor};
use crate::arrivals::{self, HoldKind, Traveller, TravellerId};
use crate::base::{Error, FieldError, Message, Result, reason, time};
use crate::db::{Conn, Tx};
use crate::fleet;
use crate::policy::Rulebook;

/// So many rows before and behind a case sit close contacts.
const ROWS: u32 = 3;

/// How somebody met a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    /// 同行: of one party.
    Party,
    /// 同航班邻座: at most three rows away on the flight.
    Flight,
    /// 同车: on the trip with this number.
    Trip(String),
}

impl Meeting {
    /// The name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Flight => "flight",
            Self::Trip(_) => "trip",
        }
    }
}

/// Whom a case may have infected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub traveller: TravellerId,
    /// Their seat on the flight, as far as it is known.
    pub seat: Option<String>,
    /// How they met.
    pub met: BTreeSet<Meeting>,
    /// The last day on which they did.
    pub last_on: NaiveDate,
    /// Whether an exposure already holds them.
    pub is_held: bool,
    /// The number of the trip that they have a seat on, which is not over.
    pub seated_on: Option<String>,
}

/// The contacts of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contacts {
    /// Those within the actor's scope, who are still in the chain; whom the case met last first.
    pub people: Vec<Contact>,
    /// How many more there are outside of the scope.
    pub n_elsewhere: usize,
    /// How many came on the flight of whom no seat is known, or all of them if the case's own is not: the rows cannot tell of them.
    pub n_without_seat: usize,
    /// Who worked on each trip that the case rode on: its number and their badges.
    pub crews: Vec<(String, Vec<String>)>,
}

/// Whom somebody may have infected. The case is whoever a result or the doctors hold.
///
/// # Errors
/// Not found: nobody within the actor's scope. Refused `no_case`: neither a positive result nor the doctors hold the person.
pub fn contacts(conn: &mut Conn, actor: &Actor, case: TravellerId) -> Result<Contacts> {
    actor.must(Act::SetHold)?;
    let person = arrivals::find(conn, actor, case)?;
    let holds = arrivals::holds_of(conn, case)?;
    let known = holds.iter().filter(|hold| hold.is_of_case());
    let known_on = known.map(|hold| time::civil_date(hold.set_at)).max().ok_or_else(|| Error::Refused(Message::new("no_case")))?;
    let mut tracing = Tracing { case: &person, met: BTreeMap::new() };
    for mate in arrivals::with_their_parties(conn, &[case])? {
        // Who is with the same people still shares a room; who was parted did so until the landing, as far as is known.
        let together = mate.custody.custodian == person.custody.custodian;
        tracing.meet(mate.id, Meeting::Party, if together { known_on } else { time::civil_date(mate.landed_at) });
    }
    let flight = arrivals::on_flight(conn, person.flight)?;
    let n_without_seat = tracing.rows(&flight);
    let mut crews = Vec::new();
    for (trip, _) in store::trips_of_passenger(conn, case)? {
        if trip.state.departed_at().is_none() {
            continue;
        }
        let on = time::civil_date(trip.state.arrived_at().unwrap_or(trip.arrives_at));
        for seat in store::seats_of(conn, trip.id)? {
            tracing.meet(seat.traveller, Meeting::Trip(trip.number.clone()), on);
        }
        let crew = store::crew_of(conn, trip.id)?;
        crews.push((trip.number, fleet::staff_by_id(conn, &crew)?.into_iter().map(|member| member.badge).collect()));
    }
    let ids: Vec<TravellerId> = tracing.met.keys().copied().collect();
    let in_the_chain: BTreeMap<TravellerId, Option<String>> =
        arrivals::get(conn, &ids)?.into_iter().filter(|person| person.custody.custodian.is_some()).map(|person| (person.id, person.seat)).collect();
    let seen: BTreeSet<TravellerId> = arrivals::seen(conn, actor, &ids)?.into_iter().map(|person| person.id).collect();
    let held = arrivals::held_by(conn, &ids, HoldKind::Exposure)?;
    let seated: BTreeMap<TravellerId, String> = store::seated_elsewhere(conn, &ids)?.into_iter().collect();
    let n_in_the_chain = in_the_chain.len();
    let contact = |(id, (met, last_on)): (TravellerId, (BTreeSet<Meeting>, NaiveDate))| Contact {
        traveller: id,
        seat: in_the_chain.get(&id).cloned().flatten(),
        met,
        last_on,
        is_held: held.contains(&id),
        seated_on: seated.get(&id).cloned(),
    };
    let mut people: Vec<Contact> = tracing.met.into_iter().filter(|(id, _)| in_the_chain.contains_key(id) && seen.contains(id)).map(contact).collect();
    people.sort_by_key(|contact| std::cmp::Reverse(contact.last_on));
    Ok(Contacts { n_elsewhere: n_in_the_chain - people.len(), people, n_without_seat, crews })
}

/// Holds contacts of a case for their exposure, and counts their days anew from the last of it; for a reason in 1 to 200 characters. How many were not held before.
///
/// # Errors
/// Invalid: somebody who is no contact of the case, or nobody at all. What [`contacts`] says.
pub fn contacts_hold(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, case: TravellerId, people: &[TravellerId], because: &str) -> Result<usize> {
    let because = reason("reason", because)?;
    let found: BTreeMap<TravellerId, Contact> = contacts(tx, actor, case)?.people.into_iter().map(|contact| (contact.traveller, contact)).collect();
    let strangers = people.iter().enumerate().filter(|(_, person)| !found.contains_key(person));
    let faults: Vec<FieldError> = strangers.map(|(n, _)| FieldError::new(format!("travellers[{n}]"), Message::new("no_contact"))).collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    if people.is_empty() {
        return Err(Error::invalid("travellers", Message::new("no_contact_chosen")));
    }
    // In the order of their ids, so that two who hold the same people wait for each other.
    let chosen: BTreeSet<&TravellerId> = people.iter().collect();
    let mut n_held = 0;
    for contact in chosen.into_iter().filter_map(|person| found.get(person)) {
        if !contact.is_held {
            arrivals::hold(tx, actor, contact.traveller, HoldKind::Exposure, &because)?;
            n_held += 1;
        }
        arrivals::expose(tx, actor, rulebook, contact.traveller, contact.last_on)?;
    }
    Ok(n_held)
}

/// Whom a case has met, how and until when.
struct Tracing<'p> {
    case: &'p Traveller,
    met: BTreeMap<TravellerId, (BTreeSet<Meeting>, NaiveDate)>,
}

impl Tracing<'_> {
    fn meet(&mut self, who: TravellerId, how: Meeting, on: NaiveDate) {
        if who != self.case.id {
            let (met, last_on) = self.met.entry(who).or_insert_with(|| (BTreeSet::new(), on));
            met.insert(how);
            *last_on = on.max(*last_on);
        }
    }

    /// Those of the flight who sat near; how many it cannot tell of.
    fn rows(&mut self, flight: &[Traveller]) -> usize {
        let others = flight.iter().filter(|person| person.id != self.case.id);
        let Some(own) = self.case.seat.as_deref().and_then(row) else { return others.count() };
        let on = time::civil_date(self.case.landed_at);
        let mut n_without_seat = 0;
        for other in others {
            match other.seat.as_deref().and_then(row) {
                None => n_without_seat += 1,
                Some(row) if row.abs_diff(own) <= ROWS => self.meet(other.id, Meeting::Flight, on),
                Some(_) => {}
            }
        }
        n_without_seat
    }
}

/// The row of a seat: `32K` is in row 32.
fn row(seat: &str) -> Option<u32> {
    let digits = seat.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_a_seat_is_its_number() {
        for (seat, expected) in
            [("32K", Some(32)), ("5A", Some(5)), ("K32", Some(32)), ("012C", Some(12)), ("", None), ("经济舱", None), ("99999999999A", None)]
        {
            assert_eq!(row(seat), expected, "{seat}");
        }
    }
}
