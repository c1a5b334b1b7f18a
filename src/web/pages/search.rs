//! Finding by one key: people by document, name, slip or seat, flights by number, trips by number, vehicles by plate, each within
//! the reader's scope. The key comes in the body: an address is kept by browsers and logs, and a document's number must not be.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::sought::{self, Found, Sought};
use super::{Frame, go, page, words};
use crate::arrivals::flight::FlightNo;
use crate::arrivals::{self, Flight, TravellerId, Wanted};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Id, Result};
use crate::db::Conn;
use crate::dispatch::{self, TripLine};
use crate::fleet;
use crate::web::call::Call;
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "search.html", config = ".askama.toml")]
struct SearchPage {
    frame: Frame,
    said: String,
    fault: Option<String>,
    people: Vec<Found>,
    flights: Vec<FlightLine>,
    trips: Vec<TripFound>,
}

#[derive(Template)]
#[template(path = "flight.html", config = ".askama.toml")]
struct FlightPage {
    frame: Frame,
    flight: FlightLine,
    people: Vec<Found>,
    next: Option<String>,
}

/// A landing.
struct FlightLine {
    id: String,
    number: String,
    port: String,
    landed: String,
}

/// A trip that was found.
struct TripFound {
    id: String,
    number: String,
    plate: String,
    departs: String,
    state: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct SearchForm {
    said: String,
}

/// Which part of a list.
#[derive(Debug, Deserialize)]
pub struct ListQuery {
    after: Option<TravellerId>,
}

/// Leads to the one thing found, or shows all that may be meant.
pub async fn search(call: Call, form: Form<SearchForm>) -> Result<HttpResponse, Problem> {
    let said = form.into_inner().said;
    let now = call.app.db().clock().now();
    let (people, fault) = match Sought::read(&said, civil_date(now)) {
        Ok(Some(sought)) => (sought::find(&call, &sought, true).await?, None),
        Ok(None) => return Ok(go("/")),
        Err(fault) => (Vec::new(), Some(fault)),
    };
    let (actor, text) = (call.actor.clone(), said.trim().to_owned());
    let (flights, trips) = call.app.read(move |conn| flights_and_trips(conn, &actor, &text)).await?;
    match (people.as_slice(), flights.as_slice(), trips.as_slice()) {
        ([one], [], []) => return Ok(go(&format!("/people/{}", one.id))),
        ([], [], [one]) => return Ok(go(&format!("/trips/{}", one.trip.id))),
        _ => {}
    }
    let (language, today) = (call.language, civil_date(now));
    let trip = |line: &TripLine| TripFound {
        id: line.trip.id.to_string(),
        number: line.trip.number.clone(),
        plate: line.vehicle.plate.to_string(),
        departs: words::moment(line.trip.departs_at, today, language),
        state: language.text(&format!("trip_state_{}", line.trip.state.name())),
    };
    let is_nothing = people.is_empty() && flights.is_empty() && trips.is_empty();
    let shown = SearchPage {
        said,
        fault: fault.map(|fault| fault.text(language)),
        flights: flights.iter().map(|flight| FlightLine::of(flight, today, language)).collect(),
        trips: trips.iter().map(trip).collect(),
        people,
        frame: Frame::of(&call),
    };
    page(if is_nothing { StatusCode::NOT_FOUND } else { StatusCode::OK }, &shown)
}

fn flights_and_trips(conn: &mut Conn, actor: &crate::access::Actor, text: &str) -> Result<(Vec<Flight>, Vec<TripLine>)> {
    let flights = FlightNo::parse(text).map(|number| arrivals::landings_of(conn, actor, &number, 20)).transpose()?.unwrap_or_default();
    if !actor.role().may(crate::access::Act::ViewTrips) {
        return Ok((flights, Vec::new()));
    }
    let mut trips: Vec<TripLine> = dispatch::trip_numbered(conn, actor, text)?.into_iter().collect();
    if let Ok(plate) = text.parse()
        && let Some(vehicle) = fleet::vehicle_with_plate(conn, actor, &plate)?
    {
        trips.extend(dispatch::trips_of_vehicle(conn, actor, vehicle.id, 20)?);
    }
    Ok((flights, trips))
}

/// Shows who came on a flight.
pub async fn flight(call: Call, id: Path<Id<Flight>>, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, language) = (call.actor.clone(), call.app.keyring().clone(), call.language);
    let today = civil_date(call.app.db().clock().now());
    let read = move |conn: &mut Conn| {
        let flight = arrivals::flights(conn, &[*id])?.pop().ok_or(Error::NotFound("flight"))?;
        let wanted = Wanted { flight: Some(flight.id), ..Wanted::default() };
        let list = arrivals::list(conn, &actor, wanted, PageRequest::new(query.after, Some(100)))?;
        let next = list.next.map(|next| next.to_string());
        Ok((flight, sought::described(conn, &keyring, &list.items, today, language)?, next))
    };
    let (flight, people, next) = call.app.read(read).await?;
    page(StatusCode::OK, &FlightPage { flight: FlightLine::of(&flight, today, language), people, next, frame: Frame::of(&call) })
}

impl FlightLine {
    fn of(flight: &Flight, today: chrono::NaiveDate, language: crate::base::Language) -> Self {
        Self {
            id: flight.id.to_string(),
            number: flight.flight_no.clone(),
            port: flight.port.clone(),
            landed: words::moment(flight.landed_at, today, language),
        }
    }
}
