//! A day of moves: who must go where and has no seat yet, and what every vehicle does.

use std::collections::{BTreeMap, HashMap, HashSet};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;

use super::{aboard, tag};
use crate::access::{Act, Actor};
use crate::arrivals::{self, Block, Identity, Moving, TravellerId};
use crate::base::time::{civil_date, midnight, parse_date};
use crate::base::{Error, Id, Language, Message, Result};
use crate::custody;
use crate::db::Conn;
use crate::dispatch::{self, SeatWanted, Trip, TripLine, TripState};
use crate::places::province_of;
use crate::policy::Rulebook;
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "trips/day.html", config = ".askama.toml")]
struct DayPage {
    frame: Frame,
    on: NaiveDate,
    title: String,
    before: NaiveDate,
    after: NaiveDate,
    refusals: Vec<String>,
    cities: Vec<CityLine>,
    chosen: Option<Chosen>,
    lanes: Vec<Lane>,
    height: usize,
    now_x: Option<i64>,
    may_manage: bool,
}

/// Who must move to one city.
struct CityLine {
    code: String,
    name: String,
    n: usize,
    n_cleared: usize,
    n_seated: usize,
    n_left: usize,
    reasons: Vec<(String, usize)>,
}

/// The parties of one city.
struct Chosen {
    code: String,
    name: String,
    parties: Vec<PartyLine>,
    trips: Vec<(String, String)>,
}

/// A party, moved together or not at all.
struct PartyLine {
    leader: String,
    names: String,
    n: usize,
    with: String,
    blocks: Vec<String>,
    trip: Option<(String, String)>,
}

/// A vehicle's day.
struct Lane {
    plate: String,
    y: usize,
    bars: Vec<Bar>,
}

/// A trip on it.
struct Bar {
    id: String,
    x: i64,
    width: i64,
    text: String,
    title: String,
    class: &'static str,
}

/// Which day, and whose parties.
#[derive(Debug, Deserialize)]
pub struct DayQuery {
    on: Option<String>,
    city: Option<String>,
}

/// What is read of a day.
struct Seen {
    to_count: HashSet<Id<Trip>>,
    people: Vec<Moving>,
    seated: HashMap<TravellerId, Id<Trip>>,
    identities: HashMap<TravellerId, Identity>,
    trips: Vec<TripLine>,
    /// The numbers of the trips on which people are seated, also those of other days.
    numbers: HashMap<Id<Trip>, String>,
}

/// Shows a day; today, if none is named.
pub async fn show(call: Call, query: Query<DayQuery>) -> Result<HttpResponse, Problem> {
    let DayQuery { on, city } = query.into_inner();
    let today = civil_date(call.app.db().clock().now());
    let on = match on {
        Some(text) => parse_date(&text).ok_or_else(|| Error::invalid("on", Message::new("bad_date")))?,
        None => today,
    };
    day_page(call, on, city, None).await
}

/// Gives the parties that were chosen seats on one trip, or says why not.
pub async fn seat(call: Call, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    let unreadable = || Error::invalid("body", Message::new("body_unreadable"));
    let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let on = field("on").and_then(|on| parse_date(&on)).ok_or_else(unreadable)?;
    let city = field("city");
    let trip: Id<Trip> = field("trip").and_then(|trip| trip.parse().ok()).ok_or_else(unreadable)?;
    let leaders: Vec<TravellerId> = form.iter().filter(|(field, _)| field == "party").filter_map(|(_, id)| id.parse().ok()).collect();
    let (actor, rulebook) = (call.actor.clone(), call.app.rulebook().clone());
    let given = call.app.write(move |tx| {
        if leaders.is_empty() {
            return Err(Error::invalid("party", Message::new("nobody_named")));
        }
        let people = arrivals::with_their_parties(tx, &leaders)?;
        let wanted: Vec<SeatWanted> = people.iter().filter(|one| one.is_waiting_to_move()).map(|one| SeatWanted::any(one.id)).collect();
        dispatch::seats_give(tx, &actor, &rulebook, trip, &wanted)
    });
    match given.await {
        Ok(_) => Ok(go(&format!("/trips?on={on}&city={}#parties", city.unwrap_or_default()))),
        Err(error) => day_page(call, on, city, Some(error)).await,
    }
}

async fn day_page(call: Call, on: NaiveDate, city: Option<String>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let (actor, app, wanted) = (call.actor.clone(), call.app.clone(), city.clone());
    let seen = call.app.read(move |conn| read(conn, &actor, &app, on, wanted.as_deref())).await?;
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let lanes = lanes(&seen.trips, &seen.to_count, on, now, rulebook, language);
    let shown = DayPage {
        on,
        title: words::day(on, language),
        before: on - Days::new(1),
        after: on + Days::new(1),
        refusals,
        cities: cities(&seen, rulebook, language),
        chosen: city.filter(|code| !code.is_empty()).map(|code| chosen(&seen, code, rulebook, language)),
        height: lanes.len() * LANE + 30,
        lanes,
        now_x: (civil_date(now) == on).then(|| x(now, on)),
        may_manage: call.actor.role().may(Act::ManageTrips),
        frame: Frame::of(&call),
    };
    page(code, &shown)
}

fn read(conn: &mut Conn, actor: &Actor, app: &App, on: NaiveDate, city: Option<&str>) -> Result<Seen> {
    let mut people = arrivals::moving(conn, actor, app.rulebook(), on)?;
    people.retain(is_sent_on);
    let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
    let shown: Vec<TravellerId> = people.iter().filter(|person| city.is_some() && goes_to(person) == city).map(|person| person.id).collect();
    let trips = dispatch::trips_on(conn, actor, on)?;
    let seated = dispatch::seated(conn, &ids)?;
    let mut numbers: HashMap<Id<Trip>, String> = trips.iter().map(|line| (line.trip.id, line.trip.number.clone())).collect();
    for trip in shown.iter().filter_map(|person| seated.get(person)) {
        if !numbers.contains_key(trip) {
            numbers.insert(*trip, dispatch::trip_get(conn, actor, *trip)?.trip.number);
        }
    }
    Ok(Seen {
        to_count: custody::trips_to_count(conn, actor)?,
        numbers,
        seated,
        identities: arrivals::identities(conn, app.keyring(), &shown)?.into_iter().collect(),
        trips,
        people,
    })
}

/// Whether this person's move leads to another province; within Shanghai nobody rides on our coaches.
fn is_sent_on(person: &Moving) -> bool {
    person.is_waiting && goes_to(person).is_some_and(|city| !city.starts_with("31"))
}

fn goes_to(person: &Moving) -> Option<&str> {
    person.bound.as_ref().map(|(_, city)| city.as_str())
}

fn cities(seen: &Seen, rulebook: &Rulebook, language: Language) -> Vec<CityLine> {
    let mut by_city: BTreeMap<&str, Vec<&Moving>> = BTreeMap::new();
    for person in &seen.people {
        by_city.entry(goes_to(person).unwrap_or_default()).or_default().push(person);
    }
    let line = |(code, people): (&str, Vec<&Moving>)| {
        let n_seated = people.iter().filter(|person| seen.seated.contains_key(&person.id)).count();
        let mut reasons: BTreeMap<&'static str, usize> = BTreeMap::new();
        for block in people.iter().filter_map(|person| person.blocks.first()) {
            *reasons.entry(block.name()).or_default() += 1;
        }
        CityLine {
            code: code.to_owned(),
            name: words::place(&rulebook.places, code, language),
            n: people.len(),
            n_cleared: people.iter().filter(|person| person.blocks.is_empty()).count(),
            n_seated,
            n_left: people.len() - n_seated,
            reasons: reasons.into_iter().map(|(name, n)| (language.text(&format!("block_{name}")), n)).collect(),
        }
    };
    let mut lines: Vec<CityLine> = by_city.into_iter().map(line).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.n_left));
    lines
}

fn chosen(seen: &Seen, code: String, rulebook: &Rulebook, language: Language) -> Chosen {
    let mut parties: BTreeMap<_, Vec<&Moving>> = BTreeMap::new();
    for person in seen.people.iter().filter(|person| goes_to(person) == Some(code.as_str())) {
        parties.entry(person.party).or_default().push(person);
    }
    let number = |id: Id<Trip>| seen.numbers.get(&id).cloned().unwrap_or_default();
    let party = |people: &Vec<&Moving>| {
        let names: Vec<String> = people.iter().map(|person| words::masked(seen.identities.get(&person.id))).collect();
        let mut blocks: Vec<Block> = people.iter().flat_map(|person| person.blocks.clone()).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let leader = people.first()?;
        Some(PartyLine {
            leader: leader.id.to_string(),
            names: names.join("、"),
            n: people.len(),
            with: leader.custodian.map(|id| words::organisation_of(&rulebook.organisations, id, language)).unwrap_or_default(),
            blocks: blocks.iter().map(|block| block.message().text(language)).collect(),
            trip: seen.seated.get(&leader.id).map(|id| (id.to_string(), number(*id))),
        })
    };
    let province = province_of(&code);
    let is_open = |line: &&TripLine| {
        !seen.to_count.contains(&line.trip.id)
            && line.trip.province == province
            && matches!(line.trip.state, TripState::Planned | TripState::Announced | TripState::Boarding)
    };
    let trip = |line: &TripLine| {
        let free = i64::from(line.trip.load_cap) - line.n_seats;
        let label =
            Message::new("trip_choice").with("trip", &line.trip.number).with("plate", &line.vehicle.plate).with("at", words::clock(line.trip.departs_at));
        (line.trip.id.to_string(), label.with("free", free).text(language))
    };
    Chosen {
        name: words::place(&rulebook.places, &code, language),
        parties: parties.values().filter_map(party).collect(),
        trips: seen.trips.iter().filter(is_open).map(trip).collect(),
        code,
    }
}

/// How high a lane is, where the hours begin, and how wide an hour is, in the units of the picture.
const LANE: usize = 34;
const LEFT: i64 = 110;
const HOUR: i64 = 44;

/// Where an instant stands on the picture of a day; before it at its beginning, after it at its end.
fn x(at: DateTime<Utc>, on: NaiveDate) -> i64 {
    LEFT + (at - midnight(on)).num_minutes().clamp(0, 24 * 60) * HOUR / 60
}

fn lanes(trips: &[TripLine], to_count: &HashSet<Id<Trip>>, on: NaiveDate, now: DateTime<Utc>, rulebook: &Rulebook, language: Language) -> Vec<Lane> {
    let mut by_plate: BTreeMap<(DateTime<Utc>, String), Vec<&TripLine>> = BTreeMap::new();
    let first = |plate: &str| trips.iter().filter(|line| line.vehicle.plate.as_str() == plate).map(|line| line.trip.departs_at).min();
    for line in trips {
        let plate = line.vehicle.plate.to_string();
        by_plate.entry((first(&plate).unwrap_or_default(), plate)).or_default().push(line);
    }
    let bar = |line: &&TripLine| {
        let trip = &line.trip;
        let (from, to) = (trip.state.departed_at().unwrap_or(trip.departs_at), trip.state.arrived_at().unwrap_or(trip.arrives_at));
        let state = language.text(&format!("trip_state_{}", trip.state.name()));
        let to_place = words::province(&rulebook.places, &trip.province, language);
        Bar {
            id: trip.id.to_string(),
            x: x(from, on),
            width: (x(to, on) - x(from, on)).max(8),
            text: format!("{to_place} {}", aboard(line, to_count)),
            title: format!("{} {to_place} {}–{} {state}", trip.number, words::clock(from), words::clock(to)),
            class: tag(trip, now),
        }
    };
    let lane =
        |(n, ((_, plate), trips)): (usize, ((DateTime<Utc>, String), Vec<&TripLine>))| Lane { plate, y: n * LANE + 24, bars: trips.iter().map(bar).collect() };
    by_plate.into_iter().enumerate().map(lane).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_instant_stands_where_its_hour_is_and_never_outside_the_day() {
        let on = NaiveDate::from_ymd_opt(2020, 9, 15).unwrap();
        for (hours, at) in [(-3, LEFT), (0, LEFT), (12, LEFT + 12 * HOUR), (24, LEFT + 24 * HOUR), (30, LEFT + 24 * HOUR)] {
            assert_eq!(x(midnight(on) + TimeDelta::hours(hours), on), at, "{hours}");
        }
    }
}
