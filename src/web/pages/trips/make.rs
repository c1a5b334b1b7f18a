//! A new trip: first when and from where to where, then with what of the vehicles and people that are free at that time.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use crate::access::Actor;
use crate::base::time::{SHANGHAI, parse_instant};
use crate::base::{Error, Id, Message, Result};
use crate::db::Conn;
use crate::dispatch::{self, Leg, NewTrip};
use crate::fleet::{self, Period, Staff, Vehicle};
use crate::places::{Organisation, OrganisationKind};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "trips/new.html", config = ".askama.toml")]
struct NewPage {
    frame: Frame,
    asked: WayQuery,
    organisations: Vec<(String, String)>,
    refusals: Vec<String>,
    choice: Option<Choice>,
}

/// What is free at that time.
struct Choice {
    vehicles: Vec<(String, String)>,
    drivers: Vec<(String, String)>,
    others: Vec<(String, String)>,
}

/// When, and from where to where; empty until it was filled in.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct WayQuery {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    departs_at: String,
    #[serde(default)]
    arrives_at: String,
}

/// What is read for the choice.
struct Free {
    vehicles: Vec<Vehicle>,
    staff: Vec<Staff>,
    names: Vec<(Id<Staff>, String)>,
}

/// Shows the form; once when and where are known, also what is free.
pub async fn new(call: Call, query: Query<WayQuery>) -> Result<HttpResponse, Problem> {
    let asked = query.into_inner();
    new_page(call, asked, None).await
}

/// Makes the trip, or shows the form again with the reason why not.
pub async fn make(call: Call, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let asked = WayQuery { from: field("from"), to: field("to"), departs_at: field("departs_at"), arrives_at: field("arrives_at") };
    let crew: Vec<Id<Staff>> = form.iter().filter(|(field, id)| field == "crew" && !id.is_empty()).filter_map(|(_, id)| id.parse().ok()).collect();
    let vehicle: Option<Id<Vehicle>> = field("vehicle").parse().ok();
    let made = match (leg(&call.app, &asked), vehicle) {
        (Ok(leg), Some(vehicle)) => {
            let (actor, disinfection) = (call.actor.clone(), call.app.disinfection());
            let new = NewTrip { vehicle, crew, legs: vec![leg], load_cap: None };
            call.app.write(move |tx| dispatch::trip_create(tx, &actor, disinfection, &new)).await
        }
        (Err(error), _) => Err(error),
        (_, None) => Err(Error::invalid("vehicle", Message::new("trip_vehicle_missing"))),
    };
    match made {
        Ok(trip) => Ok(go(&format!("/trips/{}", trip.id))),
        Err(error) => new_page(call, asked, Some(error)).await,
    }
}

async fn new_page(call: Call, mut asked: WayQuery, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let is_asked = !asked.from.is_empty();
    let way = leg(&call.app, &asked);
    let (way, fault) = match way {
        Ok(way) => (Some(way), None),
        Err(error) => (None, Some(error).filter(|_| is_asked)),
    };
    let refusal = refusal.or(fault);
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let choice = match way {
        Some(way) => {
            let (actor, app) = (call.actor.clone(), call.app.clone());
            let between = Period { from: way.departs_at, to: way.arrives_at };
            Some(Choice::of(call.app.read(move |conn| free(conn, &actor, &app, between)).await?, &call))
        }
        None => None,
    };
    if !is_asked {
        let now = call.app.db().clock().now();
        (asked.departs_at, asked.arrives_at) = (typed(now + TimeDelta::hours(1)), typed(now + TimeDelta::hours(4)));
        asked.from = call.actor.organisation().map(ToString::to_string).unwrap_or_default();
    }
    let stops = call.app.rulebook().organisations.iter().filter(|one| one.kind != OrganisationKind::Hospital);
    let organisations = stops.map(|one| (one.code.clone(), words::organisation(one, call.language))).collect();
    page(code, &NewPage { asked, organisations, refusals, choice, frame: Frame::of(&call) })
}

/// As `datetime-local` fields have it.
fn typed(at: DateTime<Utc>) -> String {
    at.with_timezone(&SHANGHAI).format("%Y-%m-%dT%H:00").to_string()
}

fn leg(app: &App, asked: &WayQuery) -> Result<Leg> {
    let stop = |field: &str, code: &str| {
        let known = app.rulebook().organisations.get(code).map(Organisation::id);
        known.ok_or_else(|| Error::invalid(field, Message::new("unknown_organisation").with("organisation", code)))
    };
    let instant = |field: &str, text: &str| parse_instant(&text.replace('T', " ")).ok_or_else(|| Error::invalid(field, Message::new("bad_instant")));
    let leg = Leg {
        from: stop("from", &asked.from)?,
        to: stop("to", &asked.to)?,
        departs_at: instant("departs_at", &asked.departs_at)?,
        arrives_at: instant("arrives_at", &asked.arrives_at)?,
    };
    if leg.departs_at < leg.arrives_at { Ok(leg) } else { Err(Error::invalid("arrives_at", Message::new("leg_ends_before_it_begins"))) }
}

fn free(conn: &mut Conn, actor: &Actor, app: &App, between: Period) -> Result<Free> {
    let (vehicles, staff) = (fleet::vehicles_free(conn, actor, between)?, fleet::staff_free(conn, actor, between)?);
    let ids: Vec<Id<Staff>> = staff.iter().map(|member| member.id).collect();
    let names = fleet::staff_names(conn, app.keyring(), &ids)?.into_iter().map(|(id, name)| (id, name.expose().to_owned())).collect();
    Ok(Free { vehicles, staff, names })
}

impl Choice {
    fn of(free: Free, call: &Call) -> Self {
        let language = call.language;
        let vehicle = |vehicle: &Vehicle| {
            let label = Message::new("trip_vehicle_choice").with("plate", &vehicle.plate).with("cap", vehicle.load_cap);
            (vehicle.id.to_string(), label.with("kind", language.text(&format!("vehicle_{}", vehicle.kind.name()))).text(language))
        };
        let member = |member: &Staff| {
            let name = free.names.iter().find(|(id, _)| *id == member.id).map(|(_, name)| name.as_str()).unwrap_or_default();
            (member.id.to_string(), format!("{} {name} · {}", member.badge, language.text(&format!("staff_{}", member.role.name()))))
        };
        let (drivers, others): (Vec<&Staff>, Vec<&Staff>) = free.staff.iter().partition(|member| member.licence.is_some());
        Self {
            vehicles: free.vehicles.iter().map(vehicle).collect(),
            drivers: drivers.into_iter().map(member).collect(),
            others: others.into_iter().map(member).collect(),
        }
    }
}
