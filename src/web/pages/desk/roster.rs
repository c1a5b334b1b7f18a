//! A roster dropped on the desk's page: checked before anything is written, every wrong cell shown where it stands, corrected there and
//! checked again, then imported. What is corrected is kept sealed on the server, so neither a reload nor a new sign-in loses it.

use std::collections::BTreeMap;
use std::io::Cursor;

use actix_multipart::Multipart;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use sha2::{Digest, Sha256};

use crate::access::Actor;
use crate::arrivals::draft::{Problem as RowProblem, ProblemCode, RosterRules};
use crate::arrivals::{self, Import, Outcome, PendingRoster};
use crate::base::{Id, Language, Result};
use crate::exchange::Grid;
use crate::web::api::rosters::{import_file, unreadable};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::upload::Upload;
use crate::web::pages::{Frame, go, page};
use crate::web::problem::Problem;

/// How many wrong rows are shown at once; the others follow when these are corrected.
const MOST_ROWS: usize = 100;

#[derive(Template)]
#[template(path = "desk/roster.html", config = ".askama.toml")]
struct RosterPage {
    frame: Frame,
    id: String,
    file_name: String,
    is_done: bool,
    counts: Vec<(String, u64)>,
    n_rejected: u64,
    header: Vec<String>,
    rows: Vec<WrongRow>,
    n_more: usize,
    warnings: Vec<(u64, String)>,
}

/// A row that is not taken in.
struct WrongRow {
    line: u64,
    cells: Vec<Cell>,
    /// What is wrong with the row as a whole.
    faults: Vec<String>,
}

/// One cell of it.
struct Cell {
    text: String,
    /// What is wrong with it; such a cell can be corrected.
    fault: Option<String>,
    label: String,
}

/// Takes a file in, to be checked.
pub async fn upload(call: Call, parts: Multipart) -> Result<HttpResponse, Problem> {
    let Upload { file_name, content } = Upload::received(parts).await?;
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    let content = match Grid::of(Cursor::new(&content)).map_err(unreadable)? {
        Some(grid) => grid.to_csv().map_err(unreadable)?,
        None => content,
    };
    let pending = PendingRoster { file_name, content };
    let id = call.app.write(move |tx| arrivals::pending_add(tx, &actor, &keyring, &pending)).await?;
    Ok(go(&format!("/desk/rosters/{id}")))
}

/// Shows what would happen if the file were imported as it is now.
pub async fn check(call: Call, id: Path<Id<PendingRoster>>) -> Result<HttpResponse, Problem> {
    let pending = pending(&call, *id).await?;
    let (outcome, pending) = run(&call, pending, true).await?;
    roster_page(&call, Some(*id), pending, outcome)
}

/// Corrects cells and checks again; or imports; or gives up.
pub async fn change(call: Call, id: Path<Id<PendingRoster>>, form: Form<BTreeMap<String, String>>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let pending = pending(&call, id).await?;
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    match form.get("act").map(String::as_str) {
        Some("drop") => {
            call.app.write(move |tx| arrivals::pending_drop(tx, &actor, id)).await?;
            Ok(go("/desk"))
        }
        Some("import") => {
            let (outcome, pending) = run(&call, pending, false).await?;
            call.app.write(move |tx| arrivals::pending_drop(tx, &actor, id)).await?;
            roster_page(&call, None, pending, outcome)
        }
        _ => {
            if let Some(corrected) = corrected(&pending.content, &form)? {
                call.app.write(move |tx| arrivals::pending_correct(tx, &actor, &keyring, id, &corrected)).await?;
            }
            Ok(go(&format!("/desk/rosters/{id}")))
        }
    }
}

async fn pending(call: &Call, id: Id<PendingRoster>) -> Result<PendingRoster> {
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    call.app.read(move |conn| arrivals::pending(conn, &actor, &keyring, id)).await
}

/// Imports the file, or says what would come of it.
async fn run(call: &Call, pending: PendingRoster, dry_run: bool) -> Result<(Outcome, PendingRoster)> {
    let (app, actor) = (call.app.clone(), call.actor.clone());
    call.app.block(move || outcome_of(&app, &actor, &pending.content, dry_run).map(|outcome| (outcome, pending))).await
}

fn outcome_of(app: &App, actor: &Actor, content: &[u8], dry_run: bool) -> Result<Outcome> {
    let import = Import { db: app.db(), keyring: app.keyring(), rulebook: app.rulebook(), actor, dry_run, progress: &|_| {} };
    let rules = RosterRules { ports: app.settings().rosters.ports.clone(), ..RosterRules::default() };
    let digest: [u8; 32] = Sha256::digest(content).into();
    import_file(&import, &rules, Cursor::new(content.to_vec()), None, digest).map(|(_, outcome)| outcome)
}

/// `cell-LINE-COLUMN` corrects a cell, `out-LINE` leaves a line out. None where there are no cells to correct.
fn corrected(content: &[u8], form: &BTreeMap<String, String>) -> Result<Option<Vec<u8>>> {
    let Some(mut grid) = Grid::of(Cursor::new(content)).map_err(unreadable)? else { return Ok(None) };
    for (field, text) in form {
        let mut parts = field.split('-');
        match (parts.next(), parts.next().and_then(|line| line.parse().ok()), parts.next().and_then(|column| column.parse().ok())) {
            (Some("cell"), Some(line), Some(column)) => grid.set(line, column, text),
            (Some("out"), Some(line), None) => grid.clear(line),
            _ => {}
        }
    }
    Ok(Some(grid.to_csv().map_err(unreadable)?))
}

fn roster_page(call: &Call, id: Option<Id<PendingRoster>>, pending: PendingRoster, outcome: Outcome) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let grid = Grid::of(Cursor::new(&pending.content)).map_err(unreadable)?;
    let (header, rows) = wrong_rows(grid.as_ref(), &outcome.problems, language);
    let counts = [("roster_rows", outcome.rows), ("roster_new", outcome.new), ("roster_changed", outcome.changed), ("roster_same", outcome.same)];
    let counts = counts.into_iter().chain([("roster_rejected", outcome.rejected)]).map(|(code, n)| (language.text(code), n)).collect();
    let n_rows = rows.len();
    let shown = RosterPage {
        id: id.map(|id| id.to_string()).unwrap_or_default(),
        file_name: pending.file_name,
        is_done: id.is_none(),
        counts,
        n_rejected: outcome.rejected,
        header,
        rows: rows.into_iter().take(MOST_ROWS).collect(),
        n_more: n_rows.saturating_sub(MOST_ROWS),
        warnings: warnings(&outcome.warnings, language),
        frame: Frame::of(call),
    };
    page(StatusCode::OK, &shown)
}

/// Warnings worth a look; that a passenger list names no destinations is no news row by row.
fn warnings(warnings: &[RowProblem], language: Language) -> Vec<(u64, String)> {
    let told = warnings.iter().filter(|warning| warning.code != ProblemCode::DestinationMissing);
    told.take(MOST_ROWS).map(|warning| (warning.line, warning.message.text(language))).collect()
}

/// The header and the wrong rows, each problem at its cell where the grid has it.
fn wrong_rows(grid: Option<&Grid>, problems: &[RowProblem], language: Language) -> (Vec<String>, Vec<WrongRow>) {
    let mut by_line: BTreeMap<u64, Vec<&RowProblem>> = BTreeMap::new();
    for problem in problems {
        by_line.entry(problem.line).or_default().push(problem);
    }
    let header_line = problems.iter().find_map(|problem| grid?.header_line(problem.column.as_deref()?)).map_or(1, |(line, _)| line);
    let header: Vec<String> = grid.map(|grid| grid.line(header_line).to_vec()).unwrap_or_default();
    let row = |(line, problems): (u64, Vec<&RowProblem>)| {
        let cells = grid.map(|grid| grid.line(line)).unwrap_or_default();
        let at = |column: usize| problems.iter().find(|problem| problem.column.as_ref() == header.get(column)).copied();
        let cell = |(column, label): (usize, &String)| Cell {
            text: cells.get(column).cloned().unwrap_or_default(),
            fault: at(column).map(|problem| problem.message.text(language)),
            label: label.clone(),
        };
        let is_of_row = |problem: &&&RowProblem| problem.column.as_ref().is_none_or(|column| !header.contains(column));
        WrongRow {
            line,
            cells: header.iter().enumerate().map(cell).collect(),
            faults: problems.iter().filter(is_of_row).map(|problem| problem.message.text(language)).collect(),
        }
    };
    let rows = by_line.into_iter().map(row).collect();
    (header, rows)
}
