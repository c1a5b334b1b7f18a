//! From events of the log to notices: who is to be told what. The sender of an offer is always told what became of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;

use super::model::{Address, Arriving, Between, Differs, Digest, News, Post, Signed};
use super::store;
use crate::access::Actor;
use crate::arrivals::{self, TravellerId};
use crate::base::{Error, Id, Result, time};
use crate::custody::{self, HandoffState, HandoffView, Rung};
use crate::db::{Conn, LoggedEvent, Tx};
use crate::dispatch;
use crate::ledger;
use crate::places::{Organisation, Organisations};

/// When a night shift begins and when it reaches its low point, in Shanghai: the digest goes out then.
const DIGESTS: [(u32, u32); 2] = [(2, 45), (21, 45)];

/// How far ahead the digest looks for vehicles.
const AHEAD: TimeDelta = TimeDelta::hours(12);

/// News, and whom it concerns.
struct Telling {
    news: News,
    /// The organisations; none stands for the coordinators.
    to: Vec<Option<Id<Organisation>>>,
    /// Whether their duty officers are told too.
    to_duty_officers: bool,
}

impl Telling {
    fn to(news: News, organisations: &[Id<Organisation>]) -> Self {
        Self { news, to: organisations.iter().copied().map(Some).collect(), to_duty_officers: false }
    }

    fn and_duty_officers(self) -> Self {
        Self { to_duty_officers: true, ..self }
    }

    fn and_coordinators(mut self) -> Self {
        self.to.push(None);
        self
    }

    fn reaches(&self, address: &Address) -> bool {
        let post = address.post == Post::Desk || self.to_duty_officers;
        post && self.to.contains(&address.organisation) && !address.muted.contains(self.news.kind())
    }
}

/// Writes the notices that at most `limit` events lead to which nobody has been told of; how many events there were. To be called until it
/// returns 0. The system does it.
pub fn tell(tx: &mut Tx<'_>, organisations: &Organisations, limit: u32) -> Result<usize> {
    let events = tx.take_untold(i64::from(limit))?;
    let addresses = if events.is_empty() { Vec::new() } else { store::addresses(tx)? };
    if addresses.is_empty() {
        return Ok(events.len());
    }
    for event in &events {
        let tellings = match tellings(tx, organisations, event) {
            // What it was about is no more, so there is nothing to tell.
            Err(Error::NotFound(_)) => Vec::new(),
            tellings => tellings?,
        };
        for telling in tellings {
            put(tx, &addresses, &telling, &event.seq.to_string())?;
        }
    }
    Ok(events.len())
}

fn put(tx: &mut Tx<'_>, addresses: &[Address], telling: &Telling, occasion: &str) -> Result<()> {
    let to: Vec<Id<Address>> = addresses.iter().filter(|address| telling.reaches(address)).map(|address| address.id).collect();
    store::notices_insert(tx, &telling.news, occasion, &to)
}

fn tellings(conn: &mut Conn, organisations: &Organisations, event: &LoggedEvent) -> Result<Vec<Telling>> {
    match event.kind.as_str() {
        "counter_handoff_asked" => extras(conn, event),
        kind if kind.starts_with("handoff_") => handoff(conn, event).map(|telling| telling.into_iter().collect()),
        "trip_departed" => departure(conn, event),
        "trip_vehicle_changed" | "trip_crew_changed" | "trip_replanned" | "trip_cancelled" => trip_changed(conn, event),
        "test_positive" => positive(conn, organisations, event).map(|telling| vec![telling]),
        _ => Ok(Vec::new()),
    }
}

fn handoff_of(conn: &mut Conn, event: &LoggedEvent) -> Result<(HandoffView, Between)> {
    let view = custody::get(conn, &Actor::operator(), Id::from_uuid(event.subject()))?;
    let between = Between { id: view.id.uuid(), giver: view.giver.code.to_string(), receiver: view.receiver.code.to_string() };
    Ok((view, between))
}

fn handoff(conn: &mut Conn, event: &LoggedEvent) -> Result<Option<Telling>> {
    let (view, handoff) = handoff_of(conn, event)?;
    let (giver, receiver, answer_by) = (view.giver.id, view.receiver.id, view.answer_by);
    let is_waiting = view.state.ended_by().is_none();
    let signed = view.state.ended_by().map(|by| Signed { by: by.name.clone(), at: by.at });
    let counted = match &view.state {
        HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance) => acceptance.counted,
        _ => 0,
    };
    let reason = match &view.state {
        HandoffState::Refused(rejection) | HandoffState::Withdrawn(rejection) => rejection.reason.to_string(),
        state => state.ended_by().and_then(|by| by.decided.as_ref()).map(ToString::to_string).unwrap_or_default(),
    };
    Ok(match (event.kind.as_str(), signed) {
        // What has ended meanwhile needs no answer; its end is told by an event of its own.
        ("handoff_offered", None) => Some(Telling::to(News::Offered { handoff, answer_by }, &[receiver])),
        ("handoff_reminded", None) if is_waiting => {
            let rung = Rung::from_name(event.facts()["rung"].as_str().unwrap_or_default()).unwrap_or(Rung::Remind);
            let telling = Telling::to(News::Reminded { handoff, rung: rung.name().to_owned(), answer_by }, &[giver, receiver]);
            Some(match rung {
                Rung::Remind => telling,
                Rung::DutyOfficer => telling.and_duty_officers(),
                Rung::Coordinator | Rung::Lapse => telling.and_duty_officers().and_coordinators(),
            })
        }
        ("handoff_lapsed", _) => Some(Telling::to(News::Lapsed { handoff, at: event.at() }, &[giver, receiver]).and_duty_officers().and_coordinators()),
        ("handoff_accepted", Some(signed)) => Some(Telling::to(News::Accepted { handoff, signed, counted }, &[giver])),
        ("handoff_accepted_with_exceptions", Some(signed)) => {
            let exceptions = Deserialize::deserialize(&event.facts()["exceptions"]).map_err(anyhow::Error::from)?;
            Some(Telling::to(News::Exceptions { handoff, signed, counted, exceptions }, &[giver]))
        }
        ("handoff_refused", Some(signed)) => Some(Telling::to(News::Refused { handoff, signed, reason }, &[giver])),
        ("handoff_withdrawn", Some(signed)) => Some(Telling::to(News::Withdrawn { handoff, signed, reason }, &[receiver])),
        ("handoff_decided", Some(signed)) => {
            Some(Telling::to(News::Decided { handoff, signed, state: view.state.name().to_owned(), reason }, &[giver, receiver]).and_duty_officers())
        }
        ("handoff_conflict", Some(_)) => {
            let news = News::Conflict { handoff, state: view.state.name().to_owned(), late: late(event), is_refusal: event.facts()["is_refusal"] == true };
            Some(Telling::to(news, &[giver, receiver]).and_duty_officers())
        }
        ("handoff_receipt_set_aside", _) => {
            let facts = event.facts();
            let news = News::SetAside {
                handoff,
                state: view.state.name().to_owned(),
                late: late(event),
                is_refusal: facts["is_refusal"] == true,
                because: facts["because"].as_str().unwrap_or("phone_key_taken_back").to_owned(),
                taken_back_at: instant(event, "taken_back_at"),
            };
            Some(Telling::to(news, &[giver, receiver]).and_duty_officers())
        }
        _ => None,
    })
}

/// Who had given an answer that came late, and when by their clock.
fn late(event: &LoggedEvent) -> Signed {
    Signed { by: event.facts()["by"].as_str().unwrap_or_default().to_owned(), at: instant(event, "done_at").unwrap_or(event.at()) }
}

/// An instant of an event, if it has that.
fn instant(event: &LoggedEvent, name: &str) -> Option<DateTime<Utc>> {
    event.facts()[name].as_str().and_then(time::parse_instant)
}

/// Whoever answers for people that were found with somebody else is asked to offer them.
fn extras(conn: &mut Conn, event: &LoggedEvent) -> Result<Vec<Telling>> {
    let (_, handoff) = handoff_of(conn, event)?;
    let mut by_custodian: BTreeMap<Id<Organisation>, usize> = BTreeMap::new();
    for extra in event.facts()["extras"].as_array().into_iter().flatten() {
        if let Some(custodian) = extra["custodian"].as_str().and_then(|id| id.parse().ok()) {
            *by_custodian.entry(custodian).or_default() += 1;
        }
    }
    let telling = |(custodian, people)| Telling::to(News::ExtraFound { handoff: handoff.clone(), people }, &[custodian]).and_duty_officers();
    Ok(by_custodian.into_iter().map(telling).collect())
}

/// Everybody whom the trip leads to is told how many are aboard and when to expect them: as planned, later by as much as it left late.
fn departure(conn: &mut Conn, event: &LoggedEvent) -> Result<Vec<Telling>> {
    let sheet = dispatch::trip_get(conn, &Actor::operator(), Id::from_uuid(event.subject()))?;
    let Some(at) = sheet.trip.state.departed_at() else { return Ok(Vec::new()) };
    let late = (at - sheet.trip.departs_at).max(TimeDelta::zero());
    let telling = |leg: &dispatch::Leg| {
        let (number, plate) = (sheet.trip.number.clone(), sheet.vehicle.plate.to_string());
        let news = News::Departed { trip: sheet.trip.id.uuid(), number, plate, aboard: sheet.seats.len(), at, arrives_at: leg.arrives_at + late };
        Telling::to(news, &[leg.to])
    };
    Ok(sheet.legs.iter().map(telling).collect())
}

/// Whoever was told of a trip is told that it goes otherwise, or not at all: where it stops, where it was to stop, and who its vehicle belongs to.
fn trip_changed(conn: &mut Conn, event: &LoggedEvent) -> Result<Vec<Telling>> {
    let facts = event.facts();
    let changes: Vec<Differs> = Deserialize::deserialize(&facts["changes"]).map_err(anyhow::Error::from)?;
    if facts["is_told"] != true || changes.is_empty() {
        return Ok(Vec::new());
    }
    let sheet = dispatch::trip_get(conn, &Actor::operator(), Id::from_uuid(event.subject()))?;
    let before = changes.iter().filter(|change| change.what == dispatch::What::Stops.name()).flat_map(|change| change.before.split_whitespace());
    let mut concerned: Vec<Id<Organisation>> = before.map(Organisation::id_of).chain(sheet.legs.iter().flat_map(|leg| [leg.from, leg.to])).collect();
    concerned.push(sheet.vehicle.organisation);
    concerned.sort_unstable();
    concerned.dedup();
    let fact = |name: &str| facts[name].as_str().map(str::to_owned);
    let news = News::TripChanged {
        trip: sheet.trip.id.uuid(),
        number: sheet.trip.number,
        departs_at: sheet.trip.departs_at,
        changes,
        because: fact("because"),
        causes: fact("causes").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        by: fact("by").unwrap_or_default(),
    };
    Ok(vec![Telling::to(news, &concerned)])
}

/// A positive result concerns everybody who has answered for the person, not only who does now: the site they left must look too.
fn positive(conn: &mut Conn, organisations: &Organisations, event: &LoggedEvent) -> Result<Telling> {
    let traveller: TravellerId = Id::from_uuid(event.subject());
    let person = arrivals::get(conn, &[traveller])?.pop().ok_or(Error::NotFound("traveller"))?;
    let mut concerned: Vec<Id<Organisation>> = ledger::history(conn, traveller)?.into_iter().filter_map(|entry| entry.to).collect();
    concerned.sort_unstable();
    concerned.dedup();
    let custodian = person.custody.custodian.and_then(|id| organisations.with_id(id)).map(|one| one.code.clone());
    let fact = |name: &str| event.facts()[name].as_str().unwrap_or_default().to_owned();
    let news = News::Positive { traveller: event.subject(), test: fact("kind"), stock: fact("stock"), custodian };
    Ok(Telling::to(news, &concerned).and_duty_officers().and_coordinators())
}

/// The last instant before `now` at which the digest goes out, if that was within the hour: an older one is of no use.
pub fn digest_due(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = time::civil_date(now);
    let times = [today - Days::new(1), today].into_iter().flat_map(|day| DIGESTS.map(|(hour, minute)| (day, hour, minute)));
    let instants = times.filter_map(|(day, hour, minute)| Some(time::local(day.and_time(NaiveTime::from_hms_opt(hour, minute, 0)?))));
    instants.rev().find(|at| *at <= now && now - *at < TimeDelta::hours(1))
}

/// Writes the digest of `at` for every organisation that has an address, and for the coordinators. Who has it already does not get it again.
pub fn digest(tx: &mut Tx<'_>, organisations: &Organisations, at: DateTime<Utc>) -> Result<()> {
    let addresses = store::addresses(tx)?;
    let mut readers: Vec<Option<Id<Organisation>>> = addresses.iter().map(|address| address.organisation).collect();
    readers.sort_unstable();
    readers.dedup();
    let trips = vehicles_ahead(tx, at)?;
    for reader in readers {
        let code = reader.and_then(|id| organisations.with_id(id)).map(|one| one.code.clone());
        let waiting = custody::waiting(tx, reader, at)?;
        let arriving = trips.iter().filter(|(to, _)| reader.is_none_or(|reader| reader == *to)).map(|(_, arriving)| arriving.clone()).collect();
        let people = arrivals::n_answered_for(tx, reader)?;
        let (to_answer, unanswered, overdue) = (waiting.to_answer, waiting.unanswered, waiting.overdue);
        let telling =
            Telling { news: News::Digest(Digest { of: code, at, to_answer, unanswered, overdue, people, arriving }), to: vec![reader], to_duty_officers: true };
        put(tx, &addresses, &telling, &time::in_shanghai(at))?;
    }
    Ok(())
}

/// The ends of the legs that vehicles reach within [`AHEAD`], in that order.
fn vehicles_ahead(conn: &mut Conn, at: DateTime<Utc>) -> Result<Vec<(Id<Organisation>, Arriving)>> {
    let today = time::civil_date(at);
    let mut ahead = Vec::new();
    for day in [today - Days::new(1), today, today + Days::new(1)] {
        for line in dispatch::trips_on(conn, &Actor::operator(), day)? {
            let goes = line.trip.state.is_open() || (line.trip.state.departed_at().is_some() && line.trip.state.arrived_at().is_none());
            let legs = line.legs.iter().filter(|leg| goes && at <= leg.arrives_at && leg.arrives_at < at + AHEAD);
            ahead.extend(legs.map(|leg| (leg.to, Arriving { number: line.trip.number.clone(), at: leg.arrives_at, aboard: line.n_seats })));
        }
    }
    ahead.sort_by_key(|(_, arriving)| arriving.at);
    Ok(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::parse_instant;

    #[test]
    fn the_digest_goes_out_twice_a_night_and_never_late() {
        let due = |at: &str| digest_due(parse_instant(at).unwrap()).map(time::in_shanghai);
        assert_eq!(due("2020-09-15 21:44:59"), None);
        assert_eq!(due("2020-09-15 21:45").as_deref(), Some("2020-09-15T21:45:00+08:00"));
        assert_eq!(due("2020-09-15 22:44:59").as_deref(), Some("2020-09-15T21:45:00+08:00"));
        assert_eq!(due("2020-09-15 22:45"), None);
        assert_eq!(due("2020-09-16 02:50").as_deref(), Some("2020-09-16T02:45:00+08:00"));
        assert_eq!(due("2020-09-16 00:10"), None);
    }
}
