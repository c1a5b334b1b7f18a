//! Pages: HTML made on the server, which works without any script. A page's struct is all that its template may show.

pub mod assets;
pub mod board;
pub mod docs;
pub mod language;
pub mod sign_in;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use uuid::Uuid;

use super::call::Call;
use super::problem::{Problem, status, title};
use crate::base::{Error, Language, Message};

/// What every page shows around its content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language.
    pub language: Language,
    /// Where the reader is, to come back to after choosing a language.
    pub path: String,
    /// Who is signed in.
    pub who: Option<Who>,
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
        Self { language: call.language, path: call.path.clone(), who: Some(Who { name: call.actor.name().to_owned(), role }) }
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
        return go(&sign_in::path_back_to(request.path()));
    }
    let frame = Frame { language, path: "/".into(), who: None };
    let (status, detail) = (status(error), error.message().text(language));
    let shown = ProblemPage { frame, title: title(status).text(language), detail, request_id };
    page(status, &shown).unwrap_or_else(|_| HttpResponse::build(status).finish())
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
