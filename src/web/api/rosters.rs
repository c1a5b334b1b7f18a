//! Rosters and laboratory results: a file comes in as the body of the request.

use std::io::{BufReader, Read, Seek, Write as _};
use std::pin::Pin;

use actix_web::HttpRequest;
use actix_web::web::{Path, Payload, Query};
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{PageView, page_of};
use crate::arrivals::draft::{Column, Problem as RowProblem, RosterRules};
use crate::arrivals::{self, Import, Outcome, Roster as RosterKind, RosterEntry};
use crate::base::time::in_shanghai;
use crate::base::{Error, Id, Language, Message, Result};
use crate::exchange::{self, Kind, Opened, Unreadable};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// How to take the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// What it is: `csv`, `xlsx` or `paxlst`; found from its bytes, if left out.
    pub kind: Option<String>,
    /// Say what would happen and write nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What an import came to; `new` + `same` + `changed` + `rejected` = `rows`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// What the file was.
    pub kind: &'static str,
    /// Its rows.
    pub rows: u64,
    /// Not known before.
    pub new: u64,
    /// Known, and nothing new said.
    pub same: u64,
    /// Known, and something filled or changed.
    pub changed: u64,
    /// Not taken in.
    pub rejected: u64,
    /// What must be corrected.
    pub problems: Vec<NoteView>,
    /// What should be looked at.
    pub warnings: Vec<NoteView>,
}

/// What is said about a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteView {
    /// The line, the header being 1; in a passenger list the segment.
    pub line: u64,
    /// The column as the file has it; none for the whole row.
    pub column: Option<String>,
    /// What a program may rely on.
    pub code: String,
    /// The sentence.
    pub message: String,
}

/// A file that was imported.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterView {
    /// Its id.
    pub id: Uuid,
    /// What it was.
    pub kind: String,
    /// When its import began.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// When it was all in; absent if the import broke off.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Who imported it.
    pub imported_by: String,
    /// Its rows.
    pub rows: u32,
    /// Not known before.
    pub new: u32,
    /// Known, and nothing new said.
    pub same: u32,
    /// Known, and something filled or changed.
    pub changed: u32,
    /// Not taken in.
    pub rejected: u32,
}

/// A file that was imported, with what was said about its rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterDetailView {
    /// The file.
    #[serde(flatten)]
    pub roster: RosterView,
    /// What must be corrected.
    pub problems: Vec<NoteView>,
    /// What should be looked at.
    pub warnings: Vec<NoteView>,
}

impl From<RosterEntry> for RosterView {
    fn from(entry: RosterEntry) -> Self {
        let [rows, new, same, changed, rejected] = entry.counts;
        let (started_at, finished_at) = (in_shanghai(entry.started_at), entry.finished_at.map(in_shanghai));
        Self { id: entry.id.uuid(), kind: entry.kind, started_at, finished_at, imported_by: entry.imported_by, rows, new, same, changed, rejected }
    }
}

impl ImportView {
    pub(super) fn of(kind: &'static str, outcome: Outcome, language: Language) -> Self {
        let note = |said: RowProblem| NoteView { line: said.line, column: said.column, code: said.code.as_str().into(), message: said.message.text(language) };
        let Outcome { rows, new, same, changed, rejected, problems, warnings } = outcome;
        let notes = |said: Vec<RowProblem>| said.into_iter().map(note).collect();
        Self { kind, rows, new, same, changed, rejected, problems: notes(problems), warnings: notes(warnings) }
    }
}

/// Lists the files that were imported.
#[utoipa::path(get, path = "/api/v1/rosters", params(super::PageQuery), responses((status = 200, description = "Files", body = PageView<RosterView>)))]
pub async fn list_rosters(call: Call, query: Query<super::PageQuery>) -> Result<Answer, Problem> {
    let page = page_of(query.after.map(Id::from_uuid), query.limit)?;
    call.read(move |conn, actor| arrivals::rosters_list(conn, actor, page).map(PageView::<RosterView>::of)).await
}

/// Shows one file that was imported.
#[utoipa::path(get, path = "/api/v1/rosters/{id}", params(("id" = Uuid, Path)), responses((status = 200, description = "The file", body = RosterDetailView)))]
pub async fn show_roster(call: Call, id: Path<Id<RosterKind>>) -> Result<Answer, Problem> {
    let language = call.language;
    let work = move |conn: &mut crate::db::Conn, actor: &crate::access::Actor| {
        let (entry, notes) = arrivals::roster(conn, actor, *id, language)?;
        let (problems, warnings): (Vec<_>, Vec<_>) = notes.into_iter().partition(|note| note.is_problem);
        let note = |note: arrivals::RosterNote| NoteView { line: note.line.into(), column: note.column, code: note.code, message: note.message };
        let notes = |notes: Vec<arrivals::RosterNote>| notes.into_iter().map(note).collect();
        Ok(RosterDetailView { roster: entry.into(), problems: notes(problems), warnings: notes(warnings) })
    };
    call.read(work).await
}

/// Imports a roster: CSV, XLSX or PAXLST. Importing the same file again changes nothing.
#[utoipa::path(post, path = "/api/v1/rosters", params(ImportQuery), request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "What it came to", body = ImportView)))]
pub async fn import_roster(call: Call, request: HttpRequest, query: Query<ImportQuery>, payload: Payload) -> Result<Answer, Problem> {
    let kind = query.kind.as_deref().map(|kind| {
        let known = [Kind::Csv, Kind::Xlsx, Kind::Paxlst].into_iter().find(|known| known.as_str() == kind);
        known.ok_or_else(|| Error::invalid("kind", Message::new("body_field_wrong").with("expected", "csv, xlsx, paxlst")))
    });
    take(call, &request, payload, kind.transpose()?, query.dry_run).await
}

/// Imports laboratory results: CSV or XLSX.
#[utoipa::path(post, path = "/api/v1/results", params(ImportQuery), request_body(content_type = "application/octet-stream"),
    responses((status = 200, description = "What it came to", body = ImportView)))]
pub async fn import_results(call: Call, request: HttpRequest, query: Query<ImportQuery>, payload: Payload) -> Result<Answer, Problem> {
    take(call, &request, payload, Some(Kind::Results), query.dry_run).await
}

async fn take(call: Call, request: &HttpRequest, payload: Payload, kind: Option<Kind>, dry_run: bool) -> Result<Answer, Problem> {
    let (file, digest) = receive(payload, call.app.settings().rosters.largest_upload).await?;
    let (app, actor, language) = (call.app.clone(), call.actor.clone(), call.language);
    let work = move || {
        let import = Import { db: app.db(), keyring: app.keyring(), rulebook: app.rulebook(), actor: &actor, dry_run, progress: &|_| {} };
        let rules = RosterRules { ports: app.settings().rosters.ports.clone(), ..RosterRules::default() };
        import_file(&import, &rules, BufReader::new(file), kind, digest).map(|(kind, outcome)| ImportView::of(kind, outcome, language))
    };
    call.work_once(request, &digest, work).await
}

/// Imports a file, of whatever kind it is found to be.
pub fn import_file<R: Read + Seek + Send>(
    import: &Import<'_>,
    rules: &RosterRules,
    source: R,
    kind: Option<Kind>,
    digest: [u8; 32],
) -> Result<(&'static str, Outcome)> {
    match exchange::open(source, kind).map_err(unreadable)? {
        Opened::Results(mut table) => Ok((Kind::Results.as_str(), import.results(table.results().map_err(unreadable)?, digest)?)),
        Opened::Roster(mut roster) => {
            let kind = roster.kind().as_str();
            let headers: Vec<Option<String>> = Column::ALL.iter().map(|column| roster.column_name(*column).map(str::to_owned)).collect();
            let header = |column: Column| headers[column as usize].clone();
            Ok((kind, import.travellers(roster.travellers(rules).map_err(unreadable)?, &header, kind, digest)?))
        }
        Opened::Fleet(fleet) => Err(unreadable(fleet.refused())),
    }
}

/// What nothing of a file can go in for, as a fault of the request.
pub fn unreadable(unreadable: Unreadable) -> Error {
    match unreadable {
        Unreadable::Problem(problem) => Error::invalid(problem.column.unwrap_or_else(|| "body".into()), problem.message),
        io @ Unreadable::Io(_) => io.into(),
    }
}

/// Writes the body to a file without a name, part by part, so that memory does not grow with it; and its SHA-256.
pub(super) async fn receive(mut payload: Payload, most: usize) -> Result<(std::fs::File, [u8; 32])> {
    let disk = |_| Error::Unavailable(Message::new("disk_fault"));
    let mut file = tempfile::tempfile().map_err(disk)?;
    let (mut hash, mut length) = (Sha256::new(), 0);
    while let Some(part) = std::future::poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)).await {
        let part = part.map_err(|_| Error::invalid("body", Message::new("body_unreadable")))?;
        length += part.len();
        if length > most {
            return Err(Error::invalid("body", Message::new("body_too_large").with("most", most)));
        }
        hash.update(&part);
        file.write_all(&part).map_err(disk)?;
    }
    file.rewind().map_err(disk)?;
    Ok((file, hash.finalize().into()))
}
