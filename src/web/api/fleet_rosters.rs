//! Rosters of vehicles and of staff: a file comes in as the body of the request. The lists themselves go out as tables where they are listed.

use std::io::{BufReader, Read, Seek};

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use super::rosters::{ImportView, receive, unreadable};
use crate::access::Actor;
use crate::base::draft::Outcome;
use crate::base::{Error, Message, Result};
use crate::exchange::{self, Fleet, Kind, Opened};
use crate::fleet::Import;
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// How to take the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FleetImportQuery {
    /// Say what would happen and write nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Imports vehicles: CSV or XLSX. Those that are known by their plate are changed by what the file says of them; importing the same file
/// again changes nothing.
#[utoipa::path(post, path = "/api/v1/vehicles/import", params(FleetImportQuery), request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "What it came to", body = ImportView)))]
pub async fn import_vehicles(call: Call, request: HttpRequest, query: Query<FleetImportQuery>, payload: Payload) -> Result<Answer, Problem> {
    take(call, &request, payload, Kind::Vehicles, query.dry_run).await
}

/// Imports staff: CSV or XLSX. Those who are known by their badge are changed by what the file says of them; a masked name says nothing.
/// Importing the same file again changes nothing.
#[utoipa::path(post, path = "/api/v1/staff/import", params(FleetImportQuery), request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "What it came to", body = ImportView)))]
pub async fn import_staff(call: Call, request: HttpRequest, query: Query<FleetImportQuery>, payload: Payload) -> Result<Answer, Problem> {
    take(call, &request, payload, Kind::Staff, query.dry_run).await
}

async fn take(call: Call, request: &HttpRequest, payload: Payload, kind: Kind, dry_run: bool) -> Result<Answer, Problem> {
    let (file, digest) = receive(payload, call.app.settings().rosters.largest_upload).await?;
    let (app, actor, language) = (call.app.clone(), call.actor.clone(), call.language);
    let work = move || import_file(&app, &actor, BufReader::new(file), kind, dry_run).map(|outcome| ImportView::of(kind.as_str(), outcome, language));
    call.work_once(request, &digest, work).await
}

/// Imports a file of vehicles or of staff.
pub fn import_file(app: &App, actor: &Actor, source: impl Read + Seek, kind: Kind, dry_run: bool) -> Result<Outcome> {
    let rule = (&app.settings().fleet).into();
    let import = Import { db: app.db(), keyring: app.keyring(), rulebook: app.rulebook(), rule, actor, dry_run };
    match exchange::open(source, Some(kind)).map_err(unreadable)? {
        Opened::Fleet(fleet) => import_fleet(&import, fleet),
        Opened::Roster(_) | Opened::Results(_) => Err(Error::invalid("body", Message::new("file_is_of_another_kind").with("kind", kind.as_str()))),
    }
}

/// Imports a file that has been found to list vehicles or staff.
pub fn import_fleet<R: Read + Seek>(import: &Import<'_>, mut fleet: Fleet<R>) -> Result<Outcome> {
    let outcome = match &mut fleet {
        Fleet::Vehicles(table) => {
            let header = table.column_names();
            import.vehicles(table.vehicles().map_err(unreadable)?, &header)?
        }
        Fleet::Staff(table) => {
            let header = table.column_names();
            import.staff(table.staff().map_err(unreadable)?, &header)?
        }
    };
    Ok(Outcome { warnings: fleet.passed_over(), ..outcome })
}
