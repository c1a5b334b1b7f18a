//! Vehicles and staff: what there is, what may still cross a border of provinces, who is in service.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Query};
use askama::Template;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::record::FLEET;
use super::{Tab, around, member, vehicle};
use crate::access::{Act, Actor};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Id, Language, Result};
use crate::db::Conn;
use crate::fleet::{self, Licence, LoadRule, Staff, StaffFacts, Vehicle, VehicleFacts};
use crate::places::{Organisation, Organisations};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

/// How many of each are shown at once.
const A_PAGE: u32 = 60;

/// A permit that ends within so many days is to be renewed.
const SOON: Days = Days::new(30);

#[derive(Template)]
#[template(path = "admin/fleet.html", config = ".askama.toml")]
struct FleetPage {
    frame: Frame,
    tabs: Vec<Tab>,
    vehicles: Vec<VehicleLine>,
    staff: Vec<StaffLine>,
    /// The word of what has just been added.
    added: Option<&'static str>,
    refusals: Vec<String>,
    may_manage: bool,
    next_vehicle: Option<String>,
    next_staff: Option<String>,
}

/// Which part of each list: what follows a plate, and a badge.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FleetQuery {
    plate: Option<String>,
    badge: Option<String>,
    /// What has just been added, by the word of its form.
    added: Option<String>,
}

struct VehicleLine {
    id: String,
    version: i32,
    plate: String,
    kind: String,
    seats: i32,
    load_cap: i32,
    places: String,
    organisation: String,
    permit: String,
    is_permit_ending: bool,
    in_service: bool,
}

struct StaffLine {
    id: String,
    version: i32,
    badge: String,
    name: String,
    role: String,
    licence: String,
    organisation: String,
    in_service: bool,
}

/// Whether a vehicle is to be in service, seen at a version.
#[derive(Debug, Deserialize)]
pub struct ServiceForm {
    version: i32,
    in_service: bool,
}

/// What is read.
struct Seen {
    vehicles: Vec<Vehicle>,
    staff: Vec<Staff>,
    names: Vec<(Id<Staff>, String)>,
    next_vehicle: Option<String>,
    next_staff: Option<String>,
}

/// Shows them.
pub async fn show(call: Call, query: Query<FleetQuery>) -> Result<HttpResponse, Problem> {
    fleet_page(call, query.into_inner(), None).await
}

/// Takes a vehicle out of service, or back into it.
pub async fn change_vehicle(call: Call, id: Path<Id<Vehicle>>, form: Form<ServiceForm>) -> Result<HttpResponse, Problem> {
    let (actor, rule, id) = (call.actor.clone(), LoadRule::from(&call.app.settings().fleet), *id);
    let changed = call.app.write(move |tx| {
        let vehicle = fleet::vehicle_lock(tx, &actor, id)?;
        let facts = VehicleFacts { in_service: form.in_service, ..vehicle.facts() };
        fleet::vehicle_change(tx, &actor, rule, id, form.version, facts).map(drop)
    });
    let changed = changed.await;
    done(call, changed).await
}

/// Takes somebody out of service, or back into it.
pub async fn change_staff(call: Call, id: Path<Id<Staff>>, form: Form<ServiceForm>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, id) = (call.actor.clone(), call.app.keyring().clone(), *id);
    let changed = call.app.write(move |tx| {
        let member = fleet::staff_lock(tx, &actor, &[id])?.pop().ok_or(Error::NotFound("staff"))?;
        let facts = StaffFacts { in_service: form.in_service, ..member.facts() };
        fleet::staff_change(tx, &actor, &keyring, id, form.version, facts, None).map(drop)
    });
    let changed = changed.await;
    done(call, changed).await
}

async fn done(call: Call, outcome: Result<()>) -> Result<HttpResponse, Problem> {
    match outcome {
        Ok(()) => Ok(go(FLEET)),
        Err(error) => refused(call, error).await,
    }
}

/// Shows them, with why nothing came of what was asked.
pub(super) async fn refused(call: Call, error: Error) -> Result<HttpResponse, Problem> {
    fleet_page(call, FleetQuery::default(), Some(error)).await
}

fn read(conn: &mut Conn, actor: &Actor, app: &App, after: FleetQuery) -> Result<Seen> {
    let vehicles = fleet::vehicles_list(conn, actor, &PageRequest::new(after.plate, Some(A_PAGE)))?;
    let staff = fleet::staff_list(conn, actor, &PageRequest::new(after.badge, Some(A_PAGE)))?;
    let ids: Vec<Id<Staff>> = staff.items.iter().map(|member| member.id).collect();
    let names = fleet::staff_names(conn, app.keyring(), &ids)?.into_iter().map(|(id, name)| (id, name.expose().to_owned())).collect();
    Ok(Seen { vehicles: vehicles.items, staff: staff.items, names, next_vehicle: vehicles.next, next_staff: staff.next })
}

async fn fleet_page(call: Call, after: FleetQuery, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let added = [vehicle::VEHICLE.draft, member::STAFF.draft].into_iter().find(|word| after.added.as_deref() == Some(*word));
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let seen = call.app.read(move |conn| read(conn, &actor, &app, after)).await?;
    let (language, organisations, today) = (call.language, &call.app.rulebook().organisations, civil_date(call.app.db().clock().now()));
    let (frame, tabs) = around(&call);
    let vehicle = |vehicle: &Vehicle| vehicle_line(vehicle, &call, today);
    let member = |member: &Staff| StaffLine {
        id: member.id.to_string(),
        version: member.version,
        badge: member.badge.clone(),
        name: seen.names.iter().find(|(id, _)| *id == member.id).map(|(_, name)| name.clone()).unwrap_or_default(),
        role: language.text(&format!("staff_{}", member.role.name())),
        licence: member.licence.map(Licence::name).unwrap_or_default().to_owned(),
        organisation: stands(organisations, member.organisation, member.depot, language),
        in_service: member.in_service,
    };
    let shown = FleetPage {
        frame,
        tabs,
        vehicles: seen.vehicles.iter().map(vehicle).collect(),
        staff: seen.staff.iter().map(member).collect(),
        added,
        refusals,
        may_manage: call.actor.role().may(Act::ManageFleet),
        next_vehicle: seen.next_vehicle,
        next_staff: seen.next_staff,
    };
    page(code, &shown)
}

fn vehicle_line(vehicle: &Vehicle, call: &Call, today: NaiveDate) -> VehicleLine {
    let language = call.language;
    VehicleLine {
        id: vehicle.id.to_string(),
        version: vehicle.version,
        plate: vehicle.plate.to_string(),
        kind: language.text(&format!("vehicle_{}", vehicle.kind.name())),
        seats: vehicle.seats,
        load_cap: vehicle.load_cap,
        places: format!("{} · {} · {} · {}", vehicle.contact_cap, vehicle.wheelchairs, vehicle.infants, vehicle.luggage),
        organisation: stands(&call.app.rulebook().organisations, vehicle.organisation, vehicle.depot, language),
        permit: vehicle.permit.as_ref().map(|permit| format!("{} · {}", permit.number, permit.expires_on)).unwrap_or_default(),
        is_permit_ending: vehicle.permit.as_ref().is_some_and(|permit| permit.expires_on < today + SOON),
        in_service: vehicle.in_service,
    }
}

/// Whose they are and, if it is not the hub of the province, where they stand.
fn stands(organisations: &Organisations, owner: Id<Organisation>, depot: Option<Id<Organisation>>, language: Language) -> String {
    let owner = words::organisation_of(organisations, owner, language);
    depot.map_or(owner.clone(), |depot| format!("{owner} · {}", words::organisation_of(organisations, depot, language)))
}
