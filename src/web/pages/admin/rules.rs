//! The parts of the rulebook as texts: what is in force, who loaded it and why, what a changed text would change line by line, and loading it.
//! A text that is not sound is told by its lines and stays as typed, and so does one that somebody else was faster than.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Query};
use askama::Template;
use serde::Deserialize;
use similar::{ChangeTag, TextDiff};

use super::whom::place_of;
use super::{Tab, around};
use crate::base::time::civil_date;
use crate::base::{Error, FieldError, Language, Message, Result};
use crate::db::Conn;
use crate::policy::{self, Edition, Part};
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, words};
use crate::web::problem::{Problem, status};

/// How many lines are shown around one that changes.
const AROUND: usize = 2;

#[derive(Template)]
#[template(path = "admin/rules.html", config = ".askama.toml")]
struct RulesPage {
    frame: Frame,
    tabs: Vec<Tab>,
    parts: Vec<Tab>,
    part: Part,
    name: String,
    standing: String,
    form: RulesForm,
    /// What was just done, if anything was.
    done: Option<String>,
    /// What is wrong with the text: where, if it has a place, and what.
    faults: Vec<(Option<String>, String)>,
    change: Option<Change>,
    history: Vec<EditionLine>,
}

/// What a text would change of the one in force.
struct Change {
    sentence: String,
    /// Runs of lines that stand together.
    runs: Vec<Vec<ChangedLine>>,
}

struct ChangedLine {
    sign: &'static str,
    text: String,
}

struct EditionLine {
    number: i32,
    at: String,
    by: String,
    reason: String,
}

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RulesForm {
    /// The edition that it began from.
    seen: i32,
    text: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    act: String,
}

/// Which text is wanted.
#[derive(Debug, Deserialize)]
pub struct RulesQuery {
    /// An edition to begin from, instead of the one in force.
    edition: Option<i32>,
    /// The one that was just loaded.
    loaded: Option<i32>,
}

/// Shows a part.
pub async fn show(call: Call, part: Path<String>, query: Query<RulesQuery>) -> Result<HttpResponse, Problem> {
    let part = part.parse::<Part>()?;
    let (actor, old) = (call.actor.clone(), query.edition);
    let begun = call.app.read(move |conn| old.map(|number| policy::edition(conn, &actor, part, number)).transpose()).await?;
    let done = query.loaded.map(|number| Message::new("rules_loaded").with("number", number).text(call.language));
    rules_page(call, part, begun.map(|edition| RulesForm { text: edition.text, ..RulesForm::default() }), done, None).await
}

/// Checks a text, or loads it.
pub async fn load(call: Call, part: Path<String>, form: Form<RulesForm>) -> Result<HttpResponse, Problem> {
    let part = part.parse::<Part>()?;
    // Browsers send the lines of a field with a carriage return.
    let form = RulesForm { text: form.text.replace("\r\n", "\n"), ..form.into_inner() };
    let (actor, app, typed) = (call.actor.clone(), call.app.clone(), form.clone());
    if form.act != "load" {
        let now = app.db().clock().now();
        let checked = call.app.read(move |conn| policy::edition_check(conn, &actor, app.in_force(), part, &typed.text, now).map(drop)).await;
        let done = checked.is_ok().then(|| call.language.text("rules_sound"));
        return rules_page(call, part, Some(form), done, checked.err()).await;
    }
    let loaded =
        call.app.write(move |tx| policy::edition_load(tx, &actor, app.in_force(), part, typed.seen, &typed.text, &typed.reason).map(|edition| edition.number));
    match loaded.await {
        Ok(number) => {
            call.app.catch_up().await?;
            Ok(go(&format!("/admin/rules/{part}?loaded={number}")))
        }
        Err(error) => rules_page(call, part, Some(form), None, Some(error)).await,
    }
}

async fn rules_page(call: Call, part: Part, typed: Option<RulesForm>, done: Option<String>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let faults = refusal.map(|error| told(error, language)).transpose()?.unwrap_or_default();
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let read = move |conn: &mut Conn| Ok((policy::edition_standing(conn, &actor, app.in_force(), part)?, policy::editions(conn, &actor, part)?));
    let ((number, text), history) = call.app.read(read).await?;
    let change = typed.as_ref().map(|typed| change(&text, &typed.text, language));
    // Whoever was too late sees what differs from the newest, and goes on from it.
    let form = RulesForm { seen: number, ..typed.unwrap_or(RulesForm { text, ..RulesForm::default() }) };
    let today = civil_date(call.app.db().clock().now());
    let line = |edition: &Edition| EditionLine {
        number: edition.number,
        at: words::moment(edition.loaded_at, today, language),
        by: edition.loaded_by.clone(),
        reason: edition.reason.clone(),
    };
    let standing = match history.first() {
        None => Message::new("rules_of_file").with("file", part.file()),
        Some(newest) => {
            let at = words::moment(newest.loaded_at, today, language);
            Message::new("rules_of_edition").with("number", newest.number).with("by", &newest.loaded_by).with("at", at).with("reason", &newest.reason)
        }
    };
    let (frame, tabs) = around(&call);
    let shown = RulesPage {
        frame,
        tabs,
        parts: parts(part, language),
        part,
        name: language.text(label(part)),
        standing: standing.text(language),
        form,
        done,
        faults,
        change,
        history: history.iter().map(line).collect(),
    };
    page(code, &shown)
}

fn parts(here: Part, language: Language) -> Vec<Tab> {
    let tab = |part: Part| Tab { path: path(part), label: language.text(label(part)), is_here: part == here };
    Part::ALL.map(tab).into()
}

const fn path(part: Part) -> &'static str {
    match part {
        Part::Policies => "/admin/rules/policies",
        Part::Routes => "/admin/rules/routes",
        Part::Organisations => "/admin/rules/organisations",
        Part::Places => "/admin/rules/places",
    }
}

const fn label(part: Part) -> &'static str {
    match part {
        Part::Policies => "rules_policies",
        Part::Routes => "rules_routes",
        Part::Organisations => "rules_organisations",
        Part::Places => "rules_places",
    }
}

/// What is wrong, each with its place in the text if it has one.
fn told(error: Error, language: Language) -> Result<Vec<(Option<String>, String)>> {
    let place = |fault: &FieldError| (!["text", "reason"].contains(&fault.field.as_str())).then(|| place_of(&fault.field, language));
    match error {
        Error::Invalid(faults) => Ok(faults.iter().map(|fault| (place(fault), fault.message.text(language))).collect()),
        Error::Refused(message) | Error::Conflict(message) => Ok(vec![(None, message.text(language))]),
        other => Err(other),
    }
}

fn change(old: &str, new: &str, language: Language) -> Change {
    let diff = TextDiff::from_lines(old, new);
    let of = |tag: ChangeTag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (n_new, n_gone) = (of(ChangeTag::Insert), of(ChangeTag::Delete));
    let line = |change: similar::Change<&str>| ChangedLine {
        sign: match change.tag() {
            ChangeTag::Insert => "+",
            ChangeTag::Delete => "−",
            ChangeTag::Equal => " ",
        },
        text: change.value().trim_end_matches('\n').to_owned(),
    };
    let run = |operations: &Vec<similar::DiffOp>| operations.iter().flat_map(|operation| diff.iter_changes(operation)).map(line).collect();
    Change {
        sentence: Message::new("rules_change").with("new", n_new).with("gone", n_gone).text(language),
        runs: diff.grouped_ops(AROUND).iter().map(run).collect(),
    }
}
