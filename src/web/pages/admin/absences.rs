//! Vehicles in the workshop and staff on leave: who is away when, and why.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use serde::Deserialize;

use super::{Tab, around};
use crate::access::{Act, Actor};
use crate::base::time::civil_date;
use crate::base::{Error, Id, Message, Result};
use crate::db::Conn;
use crate::fleet::{self, Absence, Period, Plate, Resource};
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, typed_instant, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "admin/absences.html", config = ".askama.toml")]
struct AbsencesPage {
    frame: Frame,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    refusals: Vec<String>,
    may_manage: bool,
    /// What was typed and not taken.
    typed: AbsenceForm,
}

struct Line {
    id: String,
    name: String,
    from: String,
    until: String,
    because: String,
    by: String,
}

/// Who is away when, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AbsenceForm {
    name: String,
    from: String,
    until: String,
    because: String,
}

/// Shows them.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    absences_page(call, AbsenceForm::default(), None).await
}

/// Says that somebody, or a vehicle, is away.
pub async fn add(call: Call, form: Form<AbsenceForm>) -> Result<HttpResponse, Problem> {
    let form = form.into_inner();
    let (actor, typed) = (call.actor.clone(), form.clone());
    let added = call.app.write(move |tx| {
        let period = Period { from: typed_instant("from", &form.from)?, to: typed_instant("until", &form.until)? };
        let of = named(tx, &actor, form.name.trim())?;
        fleet::absence_add(tx, &actor, of, period, &form.because).map(drop)
    });
    done(added.await, call, typed).await
}

/// Takes an absence back.
pub async fn end(call: Call, id: Path<Id<Absence>>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), *id);
    let ended = call.app.write(move |tx| fleet::absence_end(tx, &actor, id));
    done(ended.await, call, AbsenceForm::default()).await
}

async fn done(outcome: Result<()>, call: Call, typed: AbsenceForm) -> Result<HttpResponse, Problem> {
    match outcome {
        Ok(()) => Ok(go("/admin/fleet/absences")),
        Err(error) => absences_page(call, typed, Some(error)).await,
    }
}

/// What people call by this plate or badge.
fn named(conn: &mut Conn, actor: &Actor, name: &str) -> Result<Resource> {
    if let Ok(plate) = name.parse::<Plate>()
        && let Some(vehicle) = fleet::vehicle_with_plate(conn, actor, &plate)?
    {
        return Ok(Resource::Vehicle(vehicle.id));
    }
    let member = fleet::staff_with_badge(conn, actor, name)?;
    member.map(|member| Resource::Staff(member.id)).ok_or_else(|| Error::invalid("name", Message::new("no_such_plate_or_badge").with("name", name)))
}

async fn absences_page(call: Call, typed: AbsenceForm, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let (actor, now, language) = (call.actor.clone(), call.app.db().clock().now(), call.language);
    let absences = call.app.read(move |conn| fleet::absences(conn, &actor, now)).await?;
    let said = |at| words::moment(at, civil_date(now), language);
    let line = |one: fleet::AbsenceLine| Line {
        id: one.absence.id.to_string(),
        name: one.name,
        from: said(one.absence.period.from),
        until: said(one.absence.period.to),
        because: one.absence.because,
        by: one.absence.by,
    };
    let (frame, tabs) = around(&call);
    let shown =
        AbsencesPage { lines: absences.into_iter().map(line).collect(), refusals, may_manage: call.actor.role().may(Act::ManageFleet), typed, frame, tabs };
    page(code, &shown)
}
