//! Whom would another rule change? A rule of the catalogue, or one that is only a draft, held against everybody who is in the chain now: how many
//! would be released on another day, by city, and who. Nothing is written; a draft that is not sound is told line by line, and stays as typed.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use askama::Template;
use serde::Deserialize;

use super::{Tab, around};
use crate::arrivals::{self, Identity, Supposed, SupposedCity, SupposedPerson, TravellerId};
use crate::base::{Error, FieldError, Language, Message, Result};
use crate::db::Conn;
use crate::policy::{Catalogue, Part, Policy};
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "admin/whom.html", config = ".askama.toml")]
struct WhomPage {
    frame: Frame,
    tabs: Vec<Tab>,
    /// The rules to choose from, each by its name and version.
    rules: Vec<(String, String)>,
    rule: String,
    draft: String,
    /// What is wrong with the draft: where, and what.
    faults: Vec<(String, String)>,
    remarks: Vec<String>,
    answer: Option<Answer>,
}

struct Answer {
    sentence: String,
    before: Option<String>,
    n_changed: usize,
    cities: Vec<CityLine>,
    people: Vec<PersonLine>,
    n_more: usize,
}

struct CityLine {
    name: String,
    n_for: usize,
    n_changed: usize,
    by_days: Vec<String>,
}

struct PersonLine {
    id: String,
    name: String,
    city: String,
    policy: String,
    supposed: String,
    release_on: String,
    supposed_on: String,
    days: String,
}

/// Which rule of the catalogue: its name and its version, with an @ between them.
#[derive(Debug, Deserialize)]
pub struct RuleQuery {
    #[serde(default)]
    rule: String,
}

/// Rules as they would stand in `policies.toml`.
#[derive(Debug, Deserialize)]
pub struct DraftForm {
    /// The page on which rules are loaded calls it the text.
    #[serde(alias = "text")]
    draft: String,
}

/// Shows the question, and the answer for a rule of the catalogue.
pub async fn show(call: Call, query: Query<RuleQuery>) -> Result<HttpResponse, Problem> {
    let rule = query.into_inner().rule;
    if rule.is_empty() {
        return whom_page(&call, rule, String::new(), Vec::new(), None);
    }
    let named = rule.rsplit_once('@').and_then(|(name, version)| call.app.rulebook().policies.get(name, version.parse().ok()?));
    let other = Catalogue::alone(named.ok_or(Error::NotFound("policy"))?.clone());
    let answer = answer(&call, other).await?;
    whom_page(&call, rule, String::new(), Vec::new(), Some(answer))
}

/// Answers for a draft.
pub async fn suppose(call: Call, form: Form<DraftForm>) -> Result<HttpResponse, Problem> {
    let draft = form.into_inner().draft;
    match Catalogue::read(&draft) {
        Err(error) => whom_refused(&call, draft, error),
        Ok(other) => {
            let remarks = other.iter().filter_map(|policy| remark(&call, policy)).collect();
            let answer = answer(&call, other).await?;
            whom_page(&call, String::new(), draft, remarks, Some(answer))
        }
    }
}

/// A version says the same for ever, so a draft must have one of its own before it is put into the file.
fn remark(call: &Call, policy: &Policy) -> Option<String> {
    let known = call.app.rulebook().policies.get(&policy.name, policy.version).filter(|known| known.digest() != policy.digest());
    known.map(|known| Message::new("policy_changed").with("policy", &known.name).with("version", known.version).text(call.language))
}

async fn answer(call: &Call, other: Catalogue) -> Result<Answer> {
    let (actor, app, language) = (call.actor.clone(), call.app.clone(), call.language);
    let read = move |conn: &mut Conn| {
        let found = arrivals::suppose(conn, &actor, app.rulebook(), &other)?;
        let ids: Vec<TravellerId> = found.people.iter().map(|person| person.traveller).collect();
        let identities: HashMap<TravellerId, Identity> = arrivals::identities(conn, app.keyring(), &ids)?.into_iter().collect();
        Ok((found, identities))
    };
    let (Supposed { n_for, n_before, n_changed, cities, people }, identities) = call.app.read(read).await?;
    let places = &call.app.rulebook().places;
    let city = |line: &SupposedCity| CityLine {
        name: words::place(places, &line.city, language),
        n_for: line.n_for,
        n_changed: line.n_changed(),
        by_days: line.by_days.iter().map(|(days, n)| Message::new("whom_days_people").with("days", signed(*days)).with("n", n).text(language)).collect(),
    };
    let person = |line: &SupposedPerson| PersonLine {
        id: line.traveller.to_string(),
        name: words::masked(identities.get(&line.traveller)),
        city: words::place(places, &line.city, language),
        policy: rule(&line.policy.0, line.policy.1, language),
        supposed: rule(&line.supposed.0, line.supposed.1, language),
        release_on: words::day(line.release_on, language),
        supposed_on: words::day(line.supposed_on, language),
        days: signed(line.days()),
    };
    let before = Message::new("whom_before").with("n", n_before).text(language);
    Ok(Answer {
        sentence: Message::new("whom_answer").with("n_for", n_for).with("n_changed", n_changed).text(language),
        before: (n_before > 0).then_some(before),
        n_changed,
        n_more: n_changed - people.len(),
        cities: cities.iter().map(city).collect(),
        people: people.iter().map(person).collect(),
    })
}

fn rule(name: &str, version: impl std::fmt::Display, language: Language) -> String {
    Message::new("policy_named").with("policy", name).with("version", version).text(language)
}

/// A number of days with its sign.
fn signed(days: i64) -> String {
    if days > 0 { format!("+{days}") } else { format!("−{}", -days) }
}

fn whom_page(call: &Call, rule: String, draft: String, remarks: Vec<String>, answer: Option<Answer>) -> Result<HttpResponse, Problem> {
    let (frame, tabs) = around(call);
    page(StatusCode::OK, &WhomPage { frame, tabs, rules: rules(call), rule, draft, faults: Vec::new(), remarks, answer })
}

fn whom_refused(call: &Call, draft: String, error: Error) -> Result<HttpResponse, Problem> {
    let code = status(&error);
    let Error::Invalid(faults) = error else { return Err(error.into()) };
    let told = |fault: FieldError| (place_of(&fault.field, call.language), fault.message.text(call.language));
    let faults = faults.into_iter().map(told).collect();
    let (frame, tabs) = around(call);
    page(code, &WhomPage { frame, tabs, rules: rules(call), rule: String::new(), draft, faults, remarks: Vec::new(), answer: None })
}

/// Where a fault of a draft is: its line, if it cannot be read, or the path of what it says.
pub(super) fn place_of(field: &str, language: Language) -> String {
    let in_file = Part::ALL.into_iter().find_map(|part| field.strip_prefix(part.file())?.strip_prefix(':'));
    in_file.map_or_else(|| field.to_owned(), |line| Message::new("whom_line").with("line", line).text(language))
}

fn rules(call: &Call) -> Vec<(String, String)> {
    call.app
        .rulebook()
        .policies
        .iter()
        .map(|policy| (format!("{}@{}", policy.name, policy.version), rule(&policy.name, policy.version, call.language)))
        .collect()
}
