//! One trip: its steps, its crew, its seats. A party is moved to another trip, or off it, in one act; what is not allowed says why.

use std::collections::{BTreeMap, HashMap};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::tag;
use crate::access::{Act, Actor, OrganisationCode};
use crate::arrivals::{self, Identity, Traveller, TravellerId};
use crate::base::time::civil_date;
use crate::base::{Error, Id, Language, Message, Result};
use crate::custody::{self, Offer};
use crate::db::{Conn, Tx};
use crate::dispatch::{self, SeatWanted, Trip, TripChange, TripLine, TripSheet, TripState, What};
use crate::fleet::{self, Period, Staff, Vehicle};
use crate::places::{Organisation, OrganisationKind};
use crate::policy::Rulebook;
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "trips/trip.html", config = ".askama.toml")]
struct TripPage {
    frame: Frame,
    id: String,
    number: String,
    plate: String,
    on: String,
    day: String,
    tag: &'static str,
    state: String,
    cancelled_because: Option<String>,
    legs: Vec<String>,
    must_count: bool,
    n_seats: usize,
    load_cap: i32,
    refusals: Vec<String>,
    steps: Vec<StepButton>,
    may_cancel: bool,
    may_reveal: bool,
    crew: Vec<Member>,
    free: Vec<Member>,
    may_crew: bool,
    parties: Vec<PartyLine>,
    others: Vec<(String, String)>,
    may_seat: bool,
    receivers: Vec<(String, String)>,
    n_mine: usize,
    vehicles: Vec<(String, String)>,
    changes: Vec<String>,
}

/// A step that the trip may take next.
struct StepButton {
    word: &'static str,
    label: String,
}

/// One of a crew.
struct Member {
    id: String,
    badge: String,
    name: String,
    role: String,
}

/// A party aboard.
struct PartyLine {
    leader: String,
    names: String,
    seats: String,
    bound_for: String,
    with: String,
    waived: Option<String>,
}

/// Which step.
#[derive(Debug, Deserialize)]
pub struct StepForm {
    step: String,
    #[serde(default)]
    because: String,
}

/// Which vehicle goes instead, and why.
#[derive(Debug, Deserialize)]
pub struct VehicleForm {
    vehicle: Id<Vehicle>,
    because: String,
}

/// A party, and where it is to go.
#[derive(Debug, Deserialize)]
pub struct PartyForm {
    party: TravellerId,
    to: Option<Id<Trip>>,
}

/// Who is asked to take over.
#[derive(Debug, Deserialize)]
pub struct OfferForm {
    receiver: String,
}

/// What is read of a trip.
struct Seen {
    sheet: TripSheet,
    /// Whether the reader's organisation has yet to count those aboard, who are not read then.
    must_count: bool,
    people: Vec<Traveller>,
    identities: HashMap<TravellerId, Identity>,
    others: Vec<TripLine>,
    names: HashMap<Id<Staff>, String>,
    free: Vec<Staff>,
    vehicles: Vec<Vehicle>,
}

/// Shows it.
pub async fn show(call: Call, id: Path<Id<Trip>>) -> Result<HttpResponse, Problem> {
    trip_page(call, *id, None).await
}

/// Takes the trip a step on, or cancels it.
pub async fn step(call: Call, id: Path<Id<Trip>>, form: Form<StepForm>) -> Result<HttpResponse, Problem> {
    act(call, *id, move |tx, actor, id| {
        match form.step.as_str() {
            "announce" => dispatch::announce(tx, actor, id, None),
            "board" => dispatch::start_boarding(tx, actor, id, None),
            "depart" => dispatch::depart(tx, actor, id, None, None),
            "arrive" => dispatch::arrive(tx, actor, id, None, None),
            "close" => dispatch::close(tx, actor, id, None),
            _ => dispatch::trip_cancel(tx, actor, id, None, &form.because),
        }
        .map(drop)
    })
    .await
}

/// Gives the trip another crew.
pub async fn crew(call: Call, id: Path<Id<Trip>>, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    let crew: Vec<Id<Staff>> = form.iter().filter(|(field, _)| field == "crew").filter_map(|(_, id)| id.parse().ok()).collect();
    act(call, *id, move |tx, actor, id| dispatch::trip_change_crew(tx, actor, id, None, &crew).map(drop)).await
}

/// Gives the trip another vehicle.
pub async fn vehicle(call: Call, id: Path<Id<Trip>>, form: Form<VehicleForm>) -> Result<HttpResponse, Problem> {
    act(call, *id, move |tx, actor, id| dispatch::trip_change_vehicle(tx, actor, id, None, form.vehicle, &form.because).map(drop)).await
}

/// Takes a party's seats back.
pub async fn unseat(call: Call, id: Path<Id<Trip>>, form: Form<PartyForm>) -> Result<HttpResponse, Problem> {
    act(call, *id, move |tx, actor, id| take_off(tx, actor, id, form.party).map(drop)).await
}

/// Moves a party to another trip: off this one and onto that one, or neither.
pub async fn shift(call: Call, id: Path<Id<Trip>>, form: Form<PartyForm>) -> Result<HttpResponse, Problem> {
    let rulebook = call.app.rulebook().clone();
    act(call, *id, move |tx, actor, id| {
        let to = form.to.ok_or_else(|| Error::invalid("to", Message::new("body_field_missing")))?;
        let wanted: Vec<SeatWanted> = take_off(tx, actor, id, form.party)?.into_iter().map(SeatWanted::any).collect();
        dispatch::seats_give(tx, actor, &rulebook, to, &wanted).map(drop)
    })
    .await
}

/// Offers those aboard whom the reader's organisation answers for to the next one.
pub async fn offer(call: Call, id: Path<Id<Trip>>, form: Form<OfferForm>) -> Result<HttpResponse, Problem> {
    let (actor, rulebook, id) = (call.actor.clone(), call.app.rulebook().clone(), *id);
    let offered = call.app.write(move |tx| {
        let to_organisation: OrganisationCode = form.receiver.parse().map_err(Error::Refused)?;
        let sheet = dispatch::trip_get(tx, &actor, id)?;
        let travellers = mine(&actor, &aboard(tx, &sheet)?);
        custody::offer(tx, &actor, &rulebook.routes, Offer { to_organisation, trip: Some(id), travellers, answer_by: None })
    });
    match offered.await {
        Ok(handoff) => Ok(go(&format!("/receive/{}", handoff.id))),
        Err(error) => trip_page(call, id, Some(error)).await,
    }
}

fn take_off(tx: &mut Tx<'_>, actor: &Actor, id: Id<Trip>, party: TravellerId) -> Result<Vec<TravellerId>> {
    let seated: Vec<TravellerId> = dispatch::trip_get(tx, actor, id)?.seats.into_iter().map(|seat| seat.traveller).collect();
    let party = arrivals::with_their_parties(tx, &[party])?;
    let people: Vec<TravellerId> = party.into_iter().map(|mate| mate.id).filter(|mate| seated.contains(mate)).collect();
    dispatch::seats_take_back(tx, actor, id, &people)?;
    Ok(people)
}

async fn act(call: Call, id: Id<Trip>, work: impl Fn(&mut Tx<'_>, &Actor, Id<Trip>) -> Result<()> + Send + 'static) -> Result<HttpResponse, Problem> {
    let actor = call.actor.clone();
    match call.app.write(move |tx| work(tx, &actor, id)).await {
        Ok(()) => Ok(go(&format!("/trips/{id}"))),
        Err(error) => trip_page(call, id, Some(error)).await,
    }
}

async fn trip_page(call: Call, id: Id<Trip>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let seen = call.app.read(move |conn| read(conn, &actor, &app, id)).await?;
    page(code, &shown(&call, seen, refusals))
}

fn read(conn: &mut Conn, actor: &Actor, app: &App, id: Id<Trip>) -> Result<Seen> {
    let mut sheet = dispatch::trip_get(conn, actor, id)?;
    let to_count = custody::trips_to_count(conn, actor)?;
    let must_count = to_count.contains(&id);
    if must_count {
        sheet.seats.clear();
        sheet.changes.retain(|change| change.what != What::Seats);
    }
    let people = aboard(conn, &sheet)?;
    let is_open = sheet.trip.state.is_open() && actor.role().may(Act::ManageTrips);
    let mut others = if is_open { dispatch::trips_on(conn, actor, sheet.trip.on)? } else { Vec::new() };
    others.retain(|line| !to_count.contains(&line.trip.id));
    let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
    let between = Period { from: sheet.trip.departs_at, to: sheet.trip.arrives_at };
    let free = if is_open { fleet::staff_free(conn, actor, between)? } else { Vec::new() };
    let disinfected = Period { to: between.to + sheet.trip.disinfection, ..between };
    let vehicles = if is_open { fleet::vehicles_free(conn, actor, disinfected)? } else { Vec::new() };
    let staff: Vec<Id<Staff>> = sheet.crew.iter().chain(&free).map(|member| member.id).collect();
    let names = fleet::staff_names(conn, app.keyring(), &staff)?.into_iter().map(|(id, name)| (id, name.expose().to_owned()));
    Ok(Seen {
        others,
        must_count,
        identities: arrivals::identities(conn, app.keyring(), &ids)?.into_iter().collect(),
        names: names.collect(),
        sheet,
        people,
        free,
        vehicles,
    })
}

fn aboard(conn: &mut Conn, sheet: &TripSheet) -> Result<Vec<Traveller>> {
    let ids: Vec<TravellerId> = sheet.seats.iter().map(|seat| seat.traveller).collect();
    arrivals::get(conn, &ids)
}

/// Those whom the actor's organisation answers for.
fn mine(actor: &Actor, people: &[Traveller]) -> Vec<TravellerId> {
    let own = actor.organisation().map(|code| Organisation::id_of(code.as_str()));
    people.iter().filter(|person| own.is_some() && person.custody.custodian == own).map(|person| person.id).collect()
}

fn shown(call: &Call, seen: Seen, refusals: Vec<String>) -> TripPage {
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let role = call.actor.role();
    let trip = &seen.sheet.trip;
    let n_mine = mine(&call.actor, &seen.people).len();
    let may_seat = role.may(Act::ManageTrips) && trip.state.is_open();
    TripPage {
        id: trip.id.to_string(),
        number: trip.number.clone(),
        plate: seen.sheet.vehicle.plate.to_string(),
        on: trip.on.to_string(),
        day: words::day(trip.on, language),
        tag: tag(trip, now),
        state: language.text(&format!("trip_state_{}", trip.state.name())),
        cancelled_because: if let TripState::Cancelled { because } = &trip.state { Some(because.clone()) } else { None },
        legs: seen.sheet.legs.iter().map(|leg| leg_in_words(leg, rulebook, now, language)).collect(),
        must_count: seen.must_count,
        n_seats: seen.sheet.seats.len(),
        load_cap: trip.load_cap,
        refusals,
        steps: steps(trip, &call.actor, language),
        may_cancel: may_seat,
        may_reveal: role.may(Act::RevealIdentity),
        crew: seen.sheet.crew.iter().map(|member| self::member(member, &seen, language)).collect(),
        free: seen.free.iter().map(|member| self::member(member, &seen, language)).collect(),
        may_crew: may_seat,
        parties: parties(&seen, rulebook, language),
        others: others(&seen, language),
        may_seat,
        receivers: if n_mine > 0 && role.may(Act::OfferHandoff) { receivers(&call.actor, &seen, rulebook, language) } else { Vec::new() },
        n_mine,
        vehicles: seen.vehicles.iter().map(|vehicle| (vehicle.id.to_string(), vehicle_in_words(vehicle, language))).collect(),
        changes: seen.sheet.changes.iter().map(|change| change_in_words(change, rulebook, now, language)).collect(),
        frame: Frame::of(call),
    }
}

fn leg_in_words(leg: &dispatch::Leg, rulebook: &Rulebook, now: DateTime<Utc>, language: Language) -> String {
    let name = |id| words::organisation_of(&rulebook.organisations, id, language);
    let today = civil_date(now);
    format!("{} {} → {} {}", words::moment(leg.departs_at, today, language), name(leg.from), words::moment(leg.arrives_at, today, language), name(leg.to))
}

fn vehicle_in_words(vehicle: &Vehicle, language: Language) -> String {
    let kind = language.text(&format!("vehicle_{}", vehicle.kind.name()));
    Message::new("trip_vehicle_instead").with("plate", &vehicle.plate).with("kind", kind).with("cap", vehicle.load_cap).text(language)
}

fn change_in_words(change: &TripChange, rulebook: &Rulebook, now: DateTime<Utc>, language: Language) -> String {
    let stop = |code: &str| words::organisation_named(&rulebook.organisations, code, language);
    let stops = |codes: &str| codes.split_whitespace().map(stop).collect::<Vec<_>>().join("、");
    let side = |side: &String| if change.what == What::Stops { stops(side) } else { side.clone() };
    let said = Message::new("trip_change").with("what", change.what.name()).with("before", side(&change.before)).with("after", side(&change.after));
    let at = words::moment(change.at, civil_date(now), language);
    let causes = change.causes.split_whitespace().map(|cause| Message::new("plan_cause").with("cause", cause).text(language));
    let why: Vec<String> = change.because.iter().cloned().chain(causes).collect();
    let why = if why.is_empty() { "none".to_owned() } else { why.join("、") };
    said.with("why", why).with("at", at).with("by", &change.by).text(language)
}

fn steps(trip: &Trip, actor: &Actor, language: Language) -> Vec<StepButton> {
    let next: &[(&'static str, Act)] = match trip.state {
        TripState::Planned => &[("announce", Act::ManageTrips)],
        TripState::Announced => &[("board", Act::Board)],
        TripState::Boarding => &[("depart", Act::Board)],
        TripState::Departed { .. } => &[("arrive", Act::Board)],
        TripState::Arrived { .. } => &[("close", Act::ManageTrips)],
        TripState::Closed { .. } | TripState::Cancelled { .. } => &[],
    };
    let mine = next.iter().filter(|(_, act)| actor.role().may(*act));
    mine.map(|(word, _)| StepButton { word, label: language.text(&format!("trip_do_{word}")) }).collect()
}

fn member(member: &Staff, seen: &Seen, language: Language) -> Member {
    Member {
        id: member.id.to_string(),
        badge: member.badge.clone(),
        name: seen.names.get(&member.id).cloned().unwrap_or_default(),
        role: language.text(&format!("staff_{}", member.role.name())),
    }
}

fn parties(seen: &Seen, rulebook: &Rulebook, language: Language) -> Vec<PartyLine> {
    let seats: HashMap<TravellerId, &dispatch::Seat> = seen.sheet.seats.iter().map(|seat| (seat.traveller, seat)).collect();
    let mut by_party: BTreeMap<_, Vec<&Traveller>> = BTreeMap::new();
    for person in &seen.people {
        by_party.entry(person.party).or_default().push(person);
    }
    let line = |people: &Vec<&Traveller>| {
        let leader = people.first()?;
        let mut numbers: Vec<i32> = people.iter().filter_map(|person| seats.get(&person.id)).map(|seat| seat.seat_no).collect();
        numbers.sort_unstable();
        let waiver = people.iter().filter_map(|person| seats.get(&person.id)?.waiver.as_ref()).next();
        let names: Vec<String> = people.iter().map(|person| words::masked(seen.identities.get(&person.id))).collect();
        let party = PartyLine {
            leader: leader.id.to_string(),
            names: names.join("、"),
            seats: numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            bound_for: leader.destination.as_ref().map(|bound| words::place(&rulebook.places, &bound.city, language)).unwrap_or_default(),
            with: leader.custody.custodian.map(|id| words::organisation_of(&rulebook.organisations, id, language)).unwrap_or_default(),
            waived: waiver.map(|waiver| Message::new("trip_waived").with("by", &waiver.by).with("because", &waiver.because).text(language)),
        };
        Some((numbers.first().copied().unwrap_or(i32::MAX), party))
    };
    let mut lines: Vec<(i32, PartyLine)> = by_party.values().filter_map(line).collect();
    lines.sort_by_key(|(seat, _)| *seat);
    lines.into_iter().map(|(_, party)| party).collect()
}

fn others(seen: &Seen, language: Language) -> Vec<(String, String)> {
    let trip = &seen.sheet.trip;
    let may_take = |line: &&TripLine| line.trip.id != trip.id && line.trip.state.is_open() && line.trip.province == trip.province;
    let label = |line: &TripLine| {
        let free = i64::from(line.trip.load_cap) - line.n_seats;
        let choice = Message::new("trip_choice").with("trip", &line.trip.number).with("plate", &line.vehicle.plate);
        (line.trip.id.to_string(), choice.with("at", words::clock(line.trip.departs_at)).with("free", free).text(language))
    };
    seen.others.iter().filter(may_take).map(label).collect()
}

/// Who may be asked to take the passengers over: the work group of the province, then where the legs lead.
fn receivers(actor: &Actor, seen: &Seen, rulebook: &Rulebook, language: Language) -> Vec<(String, String)> {
    let organisations = &rulebook.organisations;
    let province = seen.sheet.trip.province.parse().ok();
    let group = province.and_then(|province| organisations.at(OrganisationKind::ProvincialGroup, province).next());
    let stops = seen.sheet.legs.iter().filter_map(|leg| organisations.with_id(leg.to));
    let own = actor.organisation().map(OrganisationCode::as_str);
    let mut found: Vec<&Organisation> = group.into_iter().chain(stops).filter(|one| Some(one.code.as_str()) != own).collect();
    found.dedup_by_key(|one| one.code.clone());
    found.into_iter().map(|one| (one.code.clone(), words::organisation(one, language))).collect()
}
