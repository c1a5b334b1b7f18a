//! Pages: HTML made on the server, which works without any script. A page's struct is all that its template may show.

pub mod account;
pub mod admin;
pub mod assets;
pub mod balance;
pub mod board;
mod chart;
pub mod contacts;
pub mod days;
pub mod desk;
pub mod docs;
pub mod guest;
pub mod language;
mod owed;
pub mod person;
pub mod phones;
mod qr;
pub mod receive;
pub mod search;
pub mod sign_in;
pub mod sites;
mod sought;
pub mod statements;
pub mod trips;
mod upload;
mod words;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, REFERER};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::call::Call;
use super::problem::{Problem, status, title};
use crate::access::{Act, Role};
use crate::base::time::parse_instant;
use crate::base::{Error, Language, Message, Result};

/// What every page shows around its content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language.
    pub language: Language,
    /// Where the reader is, to come back to after choosing a language.
    pub path: String,
    /// Who is signed in.
    pub who: Option<Who>,
    /// Where their work begins.
    pub home: &'static str,
    /// The sections that their role works in.
    pub nav: Vec<Section>,
    /// Whether they may look for people.
    pub may_search: bool,
}

/// A part of the site.
#[derive(Debug, Clone)]
pub struct Section {
    /// Where it begins.
    pub path: &'static str,
    /// Its name.
    pub label: String,
    /// Its picture in `icons.svg`.
    pub icon: &'static str,
    /// The letter that leads to it after `g`.
    pub key: char,
    /// Whether the reader is in it.
    pub is_here: bool,
}

/// Where the work of a role begins.
pub fn home(role: Role) -> &'static str {
    match role {
        Role::AirportDesk => "/desk",
        Role::Site | Role::ProvincialGroup | Role::CitySquad => "/receive",
        Role::Dispatcher => "/trips",
        Role::Administrator => "/admin",
        Role::Coordinator | Role::Auditor | Role::Machine => "/",
    }
}

fn sections(call: &Call) -> Vec<Section> {
    let role = call.actor.role();
    let all = [
        ("/", "nav_board", "board", 'b', role.may(Act::ViewTotals)),
        ("/desk", "nav_desk", "desk", 'd', role.may(Act::ImportRoster)),
        ("/receive", "nav_receive", "receive", 'r', role.may(Act::AnswerHandoff)),
        ("/trips", "nav_trips", "trips", 't', role.may(Act::ViewTrips)),
        ("/sites", "nav_sites", "sites", 's', role.may(Act::ManageSites) || role.may(Act::ManageTrips)),
        ("/days", "nav_days", "days", 'c', role.may(Act::SealDay) || role.may(Act::ViewAudit)),
        ("/admin", "nav_admin", "admin", 'a', role.may(Act::ViewAudit) || role.may(Act::ManageFleet)),
    ];
    let is_here = |path: &str| if path == "/" { call.path == "/" } else { call.path == path || call.path.starts_with(&format!("{path}/")) };
    let mine = all.into_iter().filter(|(.., may)| *may);
    mine.map(|(path, label, icon, key, _)| Section { path, label: call.language.text(label), icon, key, is_here: is_here(path) }).collect()
}

/// Who is signed in, in words.
#[derive(Debug, Clone)]
pub struct Who {
    /// Their name.
    pub name: String,
    /// Their role, in the language of the page.
    pub role: String,
}

impl Frame {
    /// The frame of a page that `call` asked for.
    pub fn of(call: &Call) -> Self {
        let role = Message::new("role_name").with("role", call.actor.role()).text(call.language);
        let who = Who { name: call.actor.name().to_owned(), role };
        let may_search = call.actor.role().may(Act::ViewTravellers);
        let nav = sections(call);
        Self { language: call.language, path: own_path(&call.page).to_owned(), who: Some(who), home: home(call.actor.role()), nav, may_search }
    }

    /// The frame of a page for somebody who has not signed in.
    pub fn outside(language: Language, path: String) -> Self {
        Self { language, path, who: None, home: "/", nav: Vec::new(), may_search: false }
    }

    /// A sentence of the page.
    pub fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// The language that the page can be had in instead.
    pub fn other(&self) -> Language {
        match self.language {
            Language::Zh => Language::En,
            Language::En => Language::Zh,
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html", config = ".askama.toml")]
struct ProblemPage {
    frame: Frame,
    title: String,
    detail: String,
    request_id: Uuid,
}

/// A page, under a status.
pub fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
    let html = template.render().map_err(|fault| anyhow::anyhow!("a page that cannot be shown: {fault}"))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// Sends the reader to another page.
pub fn go(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// Tells a problem as a page; whoever is not signed in is asked to, and comes back afterwards.
pub fn problem(request: &HttpRequest, error: &Error, language: Language, request_id: Uuid) -> HttpResponse {
    if matches!(error, Error::Unauthenticated) {
        return go(&sign_in::path_back_to(&page_of(request)));
    }
    let frame = Frame::outside(language, "/".into());
    let (status, detail) = (status(error), error.message().text(language));
    let shown = ProblemPage { frame, title: title(status).text(language), detail, request_id };
    page(status, &shown).unwrap_or_else(|_| HttpResponse::build(status).finish())
}

/// What a reader is told of a refusal on the page that they acted on, each fault once. What does not exist, and a fault of ours, stays
/// an error with a page of its own.
pub fn told(error: Error, language: Language) -> Result<Vec<String>> {
    let messages: Vec<Message> = match error {
        Error::Invalid(faults) => faults.into_iter().map(|fault| fault.message).collect(),
        Error::Refused(message) | Error::Conflict(message) | Error::Forbidden(message) => vec![message],
        other => return Err(other),
    };
    let mut said: Vec<String> = messages.iter().map(|message| message.text(language)).collect();
    said.dedup();
    Ok(said)
}

/// Reads a local time as a browser's field for one sends it, with a T where others have a blank.
fn typed_instant(field: &str, text: &str) -> Result<DateTime<Utc>> {
    parse_instant(&text.trim().replacen('T', " ", 1)).ok_or_else(|| Error::invalid(field, Message::new("bad_instant")))
}

/// The page that somebody is on: where a form was sent from, if this is a form.
pub fn page_of(request: &HttpRequest) -> String {
    let sent_from = || {
        let (_, from) = request.headers().get(REFERER)?.to_str().ok()?.split_once("://")?;
        let path = &from[from.find('/')?..];
        path.split(['?', '#']).next().map(str::to_owned)
    };
    let from = if request.method().is_safe() { None } else { sent_from() };
    from.unwrap_or_else(|| request.path().to_owned())
}

/// A path within this site, as `next` parameters give it; anything else would send the reader to strangers.
fn own_path(path: &str) -> &str {
    if path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.contains(|c: char| c.is_control()) { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leads_to_another_site() {
        for (given, used) in [("/trips/1", "/trips/1"), ("//evil.test", "/"), ("https://evil.test", "/"), ("/\\evil.test", "/"), ("/\r\nx", "/"), ("", "/")] {
            assert_eq!(own_path(given), used, "{given}");
        }
    }
}
