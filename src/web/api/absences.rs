//! Absences: vehicles in the workshop, staff on leave.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Faults;
use crate::access::Actor;
use crate::base::time::in_shanghai;
use crate::base::{Id, Result};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Absence, AbsenceLine, Period, Resource, Staff, Vehicle};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// A time in which something is given no trip.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceBody {
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub until: String,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// An absence.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsenceView {
    /// Its id.
    pub id: Uuid,
    /// `vehicle` or `staff`.
    pub kind: &'static str,
    /// The id of the vehicle, or of the member of the staff.
    pub of: Uuid,
    /// The plate or the badge; only in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub until: String,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
}

/// Absences.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsencesView {
    /// In the order in which they begin.
    pub items: Vec<AbsenceView>,
}

impl AbsenceView {
    fn of(absence: Absence, name: Option<String>) -> Self {
        let (kind, of) = match absence.of {
            Resource::Vehicle(id) => ("vehicle", id.uuid()),
            Resource::Staff(id) => ("staff", id.uuid()),
        };
        let Absence { id, period, because, by, .. } = absence;
        Self { id: id.uuid(), kind, of, name, from: in_shanghai(period.from), until: in_shanghai(period.to), reason: because, by }
    }
}

/// Lists the absences that are not over.
#[utoipa::path(get, path = "/api/v1/absences", responses((status = 200, description = "Absences", body = AbsencesView)))]
pub async fn list_absences(call: Call) -> Result<Answer, Problem> {
    let now = call.app.db().clock().now();
    let view = |AbsenceLine { absence, name }: AbsenceLine| AbsenceView::of(absence, Some(name));
    let work = move |conn: &mut Conn, actor: &Actor| Ok(AbsencesView { items: fleet::absences(conn, actor, now)?.into_iter().map(view).collect() });
    call.read(work).await
}

/// Says that a vehicle is away.
#[utoipa::path(post, path = "/api/v1/vehicles/{id}/absences", params(("id" = Uuid, Path)), request_body = AbsenceBody,
    responses((status = 201, description = "Said", body = AbsenceView)))]
pub async fn add_vehicle_absence(Write { call, body }: Write<AbsenceBody>, id: Path<Id<Vehicle>>) -> Result<Answer, Problem> {
    add(call, Resource::Vehicle(*id), body).await
}

/// Says that a member of the staff is away.
#[utoipa::path(post, path = "/api/v1/staff/{id}/absences", params(("id" = Uuid, Path)), request_body = AbsenceBody,
    responses((status = 201, description = "Said", body = AbsenceView)))]
pub async fn add_staff_absence(Write { call, body }: Write<AbsenceBody>, id: Path<Id<Staff>>) -> Result<Answer, Problem> {
    add(call, Resource::Staff(*id), body).await
}

/// Takes an absence back.
#[utoipa::path(delete, path = "/api/v1/absences/{id}", params(("id" = Uuid, Path)), responses((status = 204, description = "Taken back")))]
pub async fn end_absence(Write { call, .. }: Write<super::NoBody>, id: Path<Id<Absence>>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| fleet::absence_end(tx, actor, *id)).await
}

async fn add(call: Call, of: Resource, body: AbsenceBody) -> Result<Answer, Problem> {
    let mut faults = Faults::default();
    let (from, to) = (faults.instant("from", &body.from), faults.instant("until", &body.until));
    let Some((from, to)) = from.zip(to) else { return Err(faults.into_error().into()) };
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        fleet::absence_add(tx, actor, of, Period { from, to }, &body.reason).map(|absence| AbsenceView::of(absence, None))
    };
    call.write(StatusCode::CREATED, work).await
}
