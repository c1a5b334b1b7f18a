//! One vehicle as a form, to be added or corrected.

use actix_web::HttpResponse;
use actix_web::web::{Form, Path};
use serde::Deserialize;

use super::record::{About, Ask, Correction, FLEET, Known, Record, Said, depots, owners};
use crate::base::time::parse_date;
use crate::base::{Id, Message, Result};
use crate::db::Conn;
use crate::fleet::{self, LoadRule, Permit, Vehicle, VehicleFacts, VehicleKind};
use crate::web::api::{Faults, named};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::go;
use crate::web::problem::Problem;

/// What the form is about.
pub(super) const VEHICLE: About = About {
    path: "/admin/fleet/vehicles",
    name: "board_plate",
    add: "fleet_vehicle_new",
    correct: "fleet_vehicle_correct",
    taken: ("plate", "plate_known"),
    draft: "vehicle",
};

/// What is said of a vehicle, as typed.
#[derive(Clone, Default, Deserialize)]
pub struct VehicleForm {
    plate: String,
    kind: String,
    seats: String,
    #[serde(default)]
    load_cap: String,
    #[serde(default)]
    contact_cap: String,
    #[serde(default)]
    wheelchairs: String,
    #[serde(default)]
    infants: String,
    #[serde(default)]
    luggage: String,
    organisation: String,
    #[serde(default)]
    depot: String,
    #[serde(default)]
    permit_no: String,
    #[serde(default)]
    permit_until: String,
}

/// Shows the form, empty.
pub async fn new(call: Call) -> Result<HttpResponse, Problem> {
    record(&call, None, &Said { form: VehicleForm::default(), in_service: true }).page(&call)
}

/// Shows the form with what is known.
pub async fn show(call: Call, id: Path<Id<Vehicle>>) -> Result<HttpResponse, Problem> {
    let known = known(&call, *id).await?;
    record(&call, Some(&known), &known.said).page(&call)
}

/// Adds a vehicle.
pub async fn add(call: Call, form: Form<VehicleForm>) -> Result<HttpResponse, Problem> {
    let said = Said { form: form.into_inner(), in_service: true };
    let (actor, rule) = (call.actor.clone(), rule(&call.app));
    let added = match read(&call.app, &said) {
        Ok(facts) => call.app.write(move |tx| fleet::vehicle_add(tx, &actor, rule, facts.clone()).map(drop)).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => Ok(go(&format!("{FLEET}?added={}", VEHICLE.draft))),
        Err(error) => record(&call, None, &said).refused(&call, None, error),
    }
}

/// Corrects a vehicle.
pub async fn correct(call: Call, id: Path<Id<Vehicle>>, form: Form<Correction<VehicleForm>>) -> Result<HttpResponse, Problem> {
    let (id, (version, said)) = (*id, form.into_inner().split());
    let (actor, rule) = (call.actor.clone(), rule(&call.app));
    let corrected = match read(&call.app, &said) {
        Ok(facts) => call.app.write(move |tx| fleet::vehicle_change(tx, &actor, rule, id, version, facts.clone()).map(drop)).await,
        Err(error) => Err(error),
    };
    let Err(error) = corrected else { return Ok(go(FLEET)) };
    let known = known(&call, id).await?;
    record(&call, Some(&known), &said).refused(&call, Some(version), error)
}

fn rule(app: &App) -> LoadRule {
    LoadRule::from(&app.settings().fleet)
}

/// What is known of a vehicle, as the form says it.
async fn known(call: &Call, id: Id<Vehicle>) -> Result<Known<VehicleForm>> {
    let actor = call.actor.clone();
    let vehicle = call.app.read(move |conn: &mut Conn| fleet::vehicle_get(conn, &actor, id)).await?;
    let (permit_no, permit_until) = vehicle.permit.map(|permit| (permit.number, permit.expires_on.to_string())).unzip();
    let form = VehicleForm {
        plate: vehicle.plate.to_string(),
        kind: vehicle.kind.name().to_owned(),
        seats: vehicle.seats.to_string(),
        load_cap: vehicle.load_cap.to_string(),
        contact_cap: vehicle.contact_cap.to_string(),
        wheelchairs: vehicle.wheelchairs.to_string(),
        infants: vehicle.infants.to_string(),
        luggage: vehicle.luggage.to_string(),
        organisation: call.app.code_of(vehicle.organisation).unwrap_or_default(),
        depot: vehicle.depot.and_then(|depot| call.app.code_of(depot)).unwrap_or_default(),
        permit_no: permit_no.unwrap_or_default(),
        permit_until: permit_until.unwrap_or_default(),
    };
    Ok(Known { id: id.to_string(), name: vehicle.plate.to_string(), version: vehicle.version, said: Said { form, in_service: vehicle.in_service } })
}

/// What the form says, or everything that is wrong with it.
fn read(app: &App, said: &Said<VehicleForm>) -> Result<VehicleFacts> {
    let form = &said.form;
    let mut faults = Faults::default();
    let plate = faults.field("plate", form.plate.parse());
    let kind = faults.field("kind", named(VehicleKind::from_name(&form.kind), &VehicleKind::ALL.map(VehicleKind::name)));
    let seats = faults.field("seats", number(&form.seats).and_then(|seats| seats.ok_or_else(|| Message::new("bad_number"))));
    let mut count = |field: &str, text: &str| faults.field(field, number(text)).flatten();
    let (load_cap, contact_cap, luggage) = (count("load_cap", &form.load_cap), count("contact_cap", &form.contact_cap), count("luggage", &form.luggage));
    let (wheelchairs, infants) = (count("wheelchairs", &form.wheelchairs).unwrap_or(0), count("infants", &form.infants).unwrap_or(0));
    let organisation = faults.organisation("organisation", app, &form.organisation);
    let depot = Some(&form.depot).filter(|depot| !depot.is_empty()).and_then(|depot| faults.organisation("depot", app, depot));
    let permit = permit(&mut faults, form);
    match (plate, kind, seats, organisation) {
        (Some(plate), Some(kind), Some(seats), Some(organisation)) if faults.is_empty() => {
            let in_service = said.in_service;
            Ok(VehicleFacts { plate, kind, seats, load_cap, contact_cap, wheelchairs, infants, luggage, organisation, depot, permit, in_service })
        }
        _ => Err(faults.into_error()),
    }
}

/// A number that may be left out.
fn number(text: &str) -> Result<Option<i32>, Message> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| Message::new("bad_number")) }
}

/// The permit, if it has one: a number and a last day.
fn permit(faults: &mut Faults, form: &VehicleForm) -> Option<Permit> {
    let missing = || Message::new("permit_incomplete");
    match (form.permit_no.trim(), form.permit_until.trim()) {
        ("", "") => None,
        ("", _) => faults.field("permit_no", Err(missing())),
        (_, "") => faults.field("permit_until", Err(missing())),
        (number, until) => {
            let expires_on = faults.field("permit_until", parse_date(until).ok_or_else(|| Message::new("bad_date")))?;
            Some(Permit { number: number.to_owned(), expires_on })
        }
    }
}

fn record<'r>(call: &Call, known: Option<&'r Known<VehicleForm>>, said: &'r Said<VehicleForm>) -> Record<'r, VehicleForm> {
    let language = call.language;
    let text = |key: &str| language.text(key);
    let kinds = VehicleKind::ALL.map(|kind| (kind.name().to_owned(), text(&format!("vehicle_{}", kind.name())))).into();
    let asks = vec![
        Ask::text("plate", text("fleet_plate"), |form: &VehicleForm| &form.plate),
        Ask::choice("kind", text("fleet_kind"), kinds, |form| &form.kind),
        Ask::number("seats", text("board_seats"), |form: &VehicleForm| &form.seats).hint(front_seats(call, &said.form)),
        Ask::number("load_cap", text("fleet_cap"), |form: &VehicleForm| &form.load_cap).optional().hint(text("fleet_cap_hint")),
        Ask::number("contact_cap", text("fleet_contact_cap"), |form: &VehicleForm| &form.contact_cap).optional().hint(text("fleet_contact_cap_hint")),
        Ask::number("wheelchairs", text("fleet_wheelchairs"), |form: &VehicleForm| &form.wheelchairs).optional(),
        Ask::number("infants", text("fleet_infants"), |form: &VehicleForm| &form.infants).optional(),
        Ask::number("luggage", text("fleet_luggage"), |form: &VehicleForm| &form.luggage).optional().hint(text("fleet_luggage_hint")),
        Ask::choice("organisation", text("admin_organisation"), owners(call, &said.form.organisation), |form| &form.organisation),
        Ask::choice("depot", text("fleet_depot"), depots(call), |form| &form.depot),
        Ask::text("permit_no", text("fleet_permit"), |form: &VehicleForm| &form.permit_no).optional(),
        Ask::date("permit_until", text("fleet_permit_until"), |form: &VehicleForm| &form.permit_until).optional(),
    ];
    Record { about: &VEHICLE, asks, known, said }
}

/// Which of the seats may be given, where some stay free as observation area.
fn front_seats(call: &Call, form: &VehicleForm) -> String {
    let said = VehicleKind::from_name(&form.kind).zip(number(&form.seats).ok().flatten().filter(|seats| (1..=Vehicle::MOST_SEATS).contains(seats)));
    let front = said.map(|(kind, seats)| (rule(&call.app).front_seats(kind, seats), seats)).filter(|(front, seats)| front < seats);
    front.map(|(front, _)| Message::new("fleet_front_seats").with("n", front).text(call.language)).unwrap_or_default()
}
