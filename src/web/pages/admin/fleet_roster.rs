//! Whole rosters of vehicles and of staff by page: a file that is brought in, with what came of it row by row, and the lists to take along.

use std::io::Cursor;

use actix_multipart::Multipart;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use askama::Template;

use super::{Tab, around, fleet};
use crate::base::draft::{Listing, Outcome, Problem as RowProblem};
use crate::base::time::civil_date;
use crate::base::{Error, Language, Result};
use crate::exchange::{Format, Kind};
use crate::fleet::{staff_listing, vehicles_listing};
use crate::web::api::fleet_rosters::import_file;
use crate::web::call::Call;
use crate::web::pages::upload::Upload;
use crate::web::pages::{Frame, page};
use crate::web::problem::Problem;

/// How many problems are shown at once; the others follow when these are corrected.
const MOST_PROBLEMS: usize = 100;

#[derive(Template)]
#[template(path = "admin/fleet_roster.html", config = ".askama.toml")]
struct FleetRosterPage {
    frame: Frame,
    tabs: Vec<Tab>,
    title: String,
    file_name: String,
    counts: Vec<(String, u64)>,
    problems: Vec<Told>,
    n_more: usize,
    warnings: Vec<String>,
}

/// What is wrong with a row, or with a field of it.
struct Told {
    line: u64,
    column: String,
    text: String,
}

/// Brings in a file of vehicles.
pub async fn import_vehicles(call: Call, parts: Multipart) -> Result<HttpResponse, Problem> {
    import(call, parts, Kind::Vehicles).await
}

/// Brings in a file of staff.
pub async fn import_staff(call: Call, parts: Multipart) -> Result<HttpResponse, Problem> {
    import(call, parts, Kind::Staff).await
}

/// Hands out the vehicles as a file.
pub async fn export_vehicles(call: Call, format: Path<String>) -> Result<HttpResponse, Problem> {
    let (app, actor, language) = (call.app.clone(), call.actor.clone(), call.language);
    let read = call.app.read(move |conn| vehicles_listing(conn, &actor, &app.rulebook().organisations, language));
    export(call.clone(), &format, "vehicles", read.await?).await
}

/// Hands out the staff as a file, their names masked.
pub async fn export_staff(call: Call, format: Path<String>) -> Result<HttpResponse, Problem> {
    let (app, actor, language) = (call.app.clone(), call.actor.clone(), call.language);
    let read = call.app.read(move |conn| staff_listing(conn, &actor, app.keyring(), &app.rulebook().organisations, language));
    export(call.clone(), &format, "staff", read.await?).await
}

async fn export(call: Call, format: &str, name: &str, listing: Listing) -> Result<HttpResponse, Problem> {
    let format: Format = format.parse().map_err(|_| Error::NotFound("file"))?;
    let bytes = call.app.block(move || format.write(&listing)).await?;
    let today = civil_date(call.app.db().clock().now());
    call.exported().await?;
    let name = format!("attachment; filename=\"{name}-{today}.{}\"", format.ending());
    Ok(HttpResponse::Ok().content_type(format.media_type()).insert_header((CONTENT_DISPOSITION, name)).body(bytes))
}

async fn import(call: Call, parts: Multipart, kind: Kind) -> Result<HttpResponse, Problem> {
    let imported = match Upload::received(parts).await {
        Ok(Upload { file_name, content }) => {
            let (app, actor) = (call.app.clone(), call.actor.clone());
            call.app.block(move || Ok((file_name, import_file(&app, &actor, Cursor::new(content), kind, false)?))).await
        }
        Err(error) => Err(error),
    };
    match imported {
        Ok((file_name, outcome)) => outcome_page(&call, file_name, kind, outcome),
        Err(error) => fleet::refused(call, error).await,
    }
}

fn outcome_page(call: &Call, file_name: String, kind: Kind, outcome: Outcome) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let Outcome { rows, new, same, changed, rejected, problems, warnings } = outcome;
    let counts = [("roster_rows", rows), ("roster_new", new), ("roster_changed", changed), ("roster_same", same), ("roster_rejected", rejected)];
    let (frame, tabs) = around(call);
    let n_problems = problems.len();
    let shown = FleetRosterPage {
        frame,
        tabs,
        title: language.text(if kind == Kind::Staff { "fleet_staff" } else { "fleet_vehicles" }),
        file_name,
        counts: counts.map(|(code, n)| (language.text(code), n)).into(),
        problems: problems.into_iter().take(MOST_PROBLEMS).map(|problem| Told::of(problem, language)).collect(),
        n_more: n_problems.saturating_sub(MOST_PROBLEMS),
        warnings: warnings.iter().take(MOST_PROBLEMS).map(|warning| warning.message.text(language)).collect(),
    };
    page(StatusCode::OK, &shown)
}

impl Told {
    fn of(problem: RowProblem, language: Language) -> Self {
        Self { line: problem.line, column: problem.column.unwrap_or_default(), text: problem.message.text(language) }
    }
}
