//! Vehicles.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Faults, PageView, named, page_of};
use crate::base::{Id, Result};
use crate::fleet::{self, LoadRule, Period, Permit, Vehicle, VehicleFacts, VehicleKind};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// What is said of a vehicle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VehicleBody {
    /// The number plate.
    #[schema(example = "沪A12345")]
    pub plate: String,
    /// What it is: `coach`, `minibus`, `car` or `ambulance`.
    pub kind: String,
    /// All its seats for passengers.
    #[schema(minimum = 1, maximum = 80)]
    pub seats: i32,
    /// How many may ride; by the rule of the settings, if left out.
    pub load_cap: Option<i32>,
    /// How many close contacts may ride; half of the load cap, if left out.
    pub contact_cap: Option<i32>,
    /// Places for wheelchairs.
    #[serde(default)]
    pub wheelchairs: i32,
    /// Child seats.
    #[serde(default)]
    pub infants: i32,
    /// Pieces of luggage; two for each who may ride, if left out.
    pub luggage: Option<i32>,
    /// The code of the organisation whose it is.
    pub organisation: String,
    /// The code of the organisation where it stands; the hub of its province, if left out.
    pub depot: Option<String>,
    /// The charter permit, if it has one.
    pub permit: Option<PermitBody>,
    /// Whether it may be given trips.
    #[serde(default = "yes")]
    pub in_service: bool,
}

/// A charter permit 包车客运标志牌.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitBody {
    /// Its number.
    pub number: String,
    /// Its last day.
    #[schema(format = Date)]
    pub expires_on: String,
}

/// Which vehicles.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FleetQuery {
    /// Those that are free from this instant on, together with `free_to`.
    #[param(format = DateTime)]
    pub free_from: Option<String>,
    /// To this instant.
    #[param(format = DateTime)]
    pub free_to: Option<String>,
    /// Begin after this; the `next` of the page before.
    pub after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// A vehicle.
#[derive(Debug, Serialize, ToSchema)]
pub struct VehicleView {
    /// Its id.
    pub id: Uuid,
    /// The number plate.
    pub plate: String,
    /// What it is.
    pub kind: &'static str,
    /// All its seats for passengers.
    pub seats: i32,
    /// How many may ride.
    pub load_cap: i32,
    /// How many close contacts may ride.
    pub contact_cap: i32,
    /// Places for wheelchairs.
    pub wheelchairs: i32,
    /// Child seats.
    pub infants: i32,
    /// Pieces of luggage.
    pub luggage: i32,
    /// The code of the organisation whose it is.
    pub organisation: Option<String>,
    /// The code of the organisation where it stands; none is the hub of its province.
    pub depot: Option<String>,
    /// The number of its charter permit.
    pub permit: Option<String>,
    /// The permit's last day.
    #[schema(format = Date)]
    pub permit_expires_on: Option<String>,
    /// Whether it may be given trips.
    pub in_service: bool,
    /// Counts the changes.
    pub version: i32,
}

impl VehicleView {
    pub(super) fn of(app: &App, vehicle: Vehicle) -> Self {
        let (permit, expires_on) = vehicle.permit.map(|permit| (permit.number, permit.expires_on.to_string())).unzip();
        Self {
            id: vehicle.id.uuid(),
            plate: vehicle.plate.to_string(),
            kind: vehicle.kind.name(),
            seats: vehicle.seats,
            load_cap: vehicle.load_cap,
            contact_cap: vehicle.contact_cap,
            wheelchairs: vehicle.wheelchairs,
            infants: vehicle.infants,
            luggage: vehicle.luggage,
            organisation: app.code_of(vehicle.organisation),
            depot: vehicle.depot.and_then(|depot| app.code_of(depot)),
            permit,
            permit_expires_on: expires_on,
            in_service: vehicle.in_service,
            version: vehicle.version,
        }
    }
}

impl VehicleBody {
    fn parse(self, app: &App) -> Result<VehicleFacts> {
        let mut faults = Faults::default();
        let plate = faults.field("plate", self.plate.parse());
        let kind = faults.field("kind", named(VehicleKind::from_name(&self.kind), &VehicleKind::ALL.map(VehicleKind::name)));
        let organisation = faults.organisation("organisation", app, &self.organisation);
        let permit = match self.permit {
            None => Some(None),
            Some(permit) => faults.date("permit.expires_on", &permit.expires_on).map(|expires_on| Some(Permit { number: permit.number, expires_on })),
        };
        let depot = self.depot.as_ref().map(|depot| faults.organisation("depot", app, depot));
        match (plate, kind, organisation, permit) {
            (Some(plate), Some(kind), Some(organisation), Some(permit)) if faults.is_empty() => {
                let Self { seats, load_cap, contact_cap, wheelchairs, infants, luggage, in_service, .. } = self;
                let depot = depot.flatten();
                Ok(VehicleFacts { plate, kind, seats, load_cap, contact_cap, wheelchairs, infants, luggage, organisation, depot, permit, in_service })
            }
            _ => Err(faults.into_error()),
        }
    }
}

impl FleetQuery {
    /// The time in which they are to be free, if one was asked for.
    pub(super) fn period(&self) -> Result<Option<Period>> {
        let (None, None) = (&self.free_from, &self.free_to) else {
            let mut faults = Faults::default();
            let from = faults.instant("free_from", self.free_from.as_deref().unwrap_or_default());
            let to = faults.instant("free_to", self.free_to.as_deref().unwrap_or_default());
            return from.zip(to).map(|(from, to)| Some(Period { from, to })).ok_or_else(|| faults.into_error());
        };
        Ok(None)
    }
}

/// Lists vehicles.
#[utoipa::path(get, path = "/api/v1/vehicles", params(FleetQuery), responses((status = 200, description = "Vehicles", body = PageView<VehicleView>)))]
pub async fn list_vehicles(call: Call, query: Query<FleetQuery>) -> Result<Answer, Problem> {
    let (app, period) = (call.app.clone(), query.period()?);
    let page = page_of(query.after.clone(), query.limit)?;
    let work = move |conn: &mut crate::db::Conn, actor: &crate::access::Actor| {
        let (found, next) = match period {
            Some(period) => (fleet::vehicles_free(conn, actor, period)?, None),
            None => {
                let page = fleet::vehicles_list(conn, actor, &page)?;
                (page.items, page.next)
            }
        };
        Ok(PageView { items: found.into_iter().map(|vehicle| VehicleView::of(&app, vehicle)).collect(), next })
    };
    call.read(work).await
}

/// Shows a vehicle; the `ETag` is the version that a change demands.
#[utoipa::path(get, path = "/api/v1/vehicles/{id}", params(("id" = Uuid, Path)), responses((status = 200, description = "The vehicle", body = VehicleView)))]
pub async fn show_vehicle(call: Call, id: Path<Id<Vehicle>>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    call.read(move |conn, actor| fleet::vehicle_get(conn, actor, *id).map(|vehicle| VehicleView::of(&app, vehicle))).await
}

/// Adds a vehicle.
#[utoipa::path(post, path = "/api/v1/vehicles", request_body = VehicleBody, responses((status = 201, description = "Added", body = VehicleView)))]
pub async fn add_vehicle(Write { call, body }: Write<VehicleBody>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let facts = body.parse(&app)?;
    let work = move |tx: &mut crate::db::Tx<'_>, actor: &crate::access::Actor| {
        fleet::vehicle_add(tx, actor, load_rule(&app), facts.clone()).map(|vehicle| VehicleView::of(&app, vehicle))
    };
    call.write(StatusCode::CREATED, work).await
}

/// Changes a vehicle; `If-Match` must name the version that was seen.
#[utoipa::path(put, path = "/api/v1/vehicles/{id}", params(("id" = Uuid, Path)), request_body = VehicleBody,
    responses((status = 200, description = "Changed", body = VehicleView)))]
pub async fn change_vehicle(Write { call, body }: Write<VehicleBody>, id: Path<Id<Vehicle>>) -> Result<Answer, Problem> {
    let (app, seen) = (call.app.clone(), call.must_name_version()?);
    let facts = body.parse(&app)?;
    let work = move |tx: &mut crate::db::Tx<'_>, actor: &crate::access::Actor| {
        fleet::vehicle_change(tx, actor, load_rule(&app), *id, seen, facts.clone()).map(|vehicle| VehicleView::of(&app, vehicle))
    };
    call.write(StatusCode::OK, work).await
}

fn load_rule(app: &App) -> LoadRule {
    let fleet = &app.settings().fleet;
    LoadRule { percent: fleet.load_cap_percent, observation_rows: fleet.free_last_rows }
}

pub(super) fn yes() -> bool {
    true
}
