//! An answer of the API: a status and a JSON text, which may be kept and given again.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};

use super::csv;
use super::problem::ProblemView;
use crate::base::Result;

/// The header that says with which `after` a table goes on.
const NEXT: &str = "X-Next-After";

/// What the API answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    body: String,
    is_replay: bool,
    made_at: Option<String>,
    /// Whether the body is a table, and where the next page of it begins.
    table: Option<Option<String>>,
}

/// What of a body is repeated in headers.
#[derive(Deserialize)]
struct Head {
    id: Option<String>,
    version: Option<i64>,
}

impl Answer {
    /// Shows `view`; under 204 it shows nothing.
    pub fn of(status: StatusCode, view: &impl Serialize) -> Result<Self> {
        let body = if status == StatusCode::NO_CONTENT { String::new() } else { text(view)? };
        Ok(Self { status, body, is_replay: false, made_at: None, table: None })
    }

    /// Tells a problem.
    pub fn refusal(problem: &ProblemView) -> Result<Self> {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Ok(Self { status, body: text(problem)?, is_replay: false, made_at: None, table: None })
    }

    /// Gives an answer again.
    pub(super) fn again(status: StatusCode, body: String) -> Self {
        Self { status, body, is_replay: true, made_at: None, table: None }
    }

    /// The same list as a table; none if it is no list.
    pub(super) fn as_table(&self) -> Result<Option<Self>> {
        let table = csv::of_list(&self.body)?;
        Ok(table.map(|table| Self { body: table.text, table: Some(table.next), ..self.clone() }))
    }

    /// Under which `path` what was made is found, followed by its id.
    pub(super) fn located(mut self, path: &str) -> Self {
        if self.status == StatusCode::CREATED {
            self.made_at = Some(path.to_owned());
        }
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.is_replay {
            response.insert_header(("Idempotent-Replay", "true"));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        if let Some(next) = self.table {
            response.insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"));
            if let Some(next) = next {
                response.insert_header((NEXT, next));
            }
            return response.body(self.body);
        }
        let is_problem = self.status.as_u16() >= 400;
        response.insert_header((CONTENT_TYPE, if is_problem { "application/problem+json" } else { "application/json" }));
        if let Some(head) = serde_json::from_str::<Head>(&self.body).ok().filter(|_| !is_problem) {
            if let Some(version) = head.version {
                response.insert_header((ETAG, format!("\"{version}\"")));
            }
            if let Some((path, id)) = self.made_at.zip(head.id) {
                response.insert_header((LOCATION, format!("{path}/{id}")));
            }
        }
        response.body(self.body)
    }
}

fn text(view: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(view).map_err(|fault| anyhow::anyhow!("a view that is no JSON: {fault}"))?)
}
