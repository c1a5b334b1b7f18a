//! Errors as RFC 9457 problems: the only place that maps [`Error`] to a status. A fault of ours says nothing but the id of the
//! request, under which the log tells the rest.

use std::fmt;

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::base::{Error, FieldError, Language, Message};

/// An error on its way out of a handler. What it looks like is decided at the door, where the reader's language is known.
#[derive(Debug)]
pub struct Problem(pub Error);

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message().code)
    }
}

impl actix_web::ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }
}

/// What is wrong, as the API tells it (`application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemView {
    /// Names the kind of problem, as `urn:jiezhuan:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, for a person.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What exactly is wrong and what to do, for a person.
    pub detail: String,
    /// What a program may rely on; it never changes.
    pub code: String,
    /// The fields to correct, if it is about fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Under this id the log tells more.
    pub request_id: Uuid,
}

/// One field to correct.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The path of the field in the body, or the name of the query parameter or header.
    pub field: String,
    /// What a program may rely on.
    pub code: String,
    /// What is wrong, for a person.
    pub detail: String,
}

impl ProblemView {
    /// What `language` reads of `error`.
    pub fn new(error: &Error, language: Language, request_id: Uuid) -> Self {
        let message = error.message();
        let status = status(error);
        let fields: &[FieldError] = if let Error::Invalid(fields) = error { fields } else { &[] };
        let errors = fields
            .iter()
            .map(|field| FieldProblem { field: field.field.clone(), code: field.message.code.into(), detail: field.message.text(language) })
            .collect();
        Self {
            kind: format!("urn:jiezhuan:{}", message.code),
            title: title(status).text(language),
            status: status.as_u16(),
            detail: message.text(language),
            code: message.code.into(),
            errors,
            request_id,
        }
    }
}

/// The name of a status, for a person.
pub fn title(status: StatusCode) -> Message {
    Message::new("problem_title").with("status", format_args!("status_{}", status.as_u16()))
}

/// Seconds after which the same request may do better.
pub fn retry_after(error: &Error) -> Option<u32> {
    match error {
        Error::Refused(message) if message.code == "too_many_attempts" => message.fact("seconds").and_then(|seconds| seconds.parse().ok()),
        Error::Unavailable(_) => Some(2),
        _ => None,
    }
}

/// The status of an error: by its kind, save for those that HTTP has a word of its own for.
pub fn status(error: &Error) -> StatusCode {
    match error.message().code {
        "wrong_name_or_password" => return StatusCode::UNAUTHORIZED,
        "too_many_attempts" => return StatusCode::TOO_MANY_REQUESTS,
        "method_not_allowed" => return StatusCode::METHOD_NOT_ALLOWED,
        "changed_meanwhile" | "edition_known_since" | "handoff_changed" | "proposal_changed" => return StatusCode::PRECONDITION_FAILED,
        "guest_link_used" | "guest_link_revoked" | "guest_link_expired" | "phone_key_taken_back" => return StatusCode::GONE,
        "guest_code_wrong" => return StatusCode::FORBIDDEN,
        "body_too_large" => return StatusCode::PAYLOAD_TOO_LARGE,
        "pdf_no_font" => return StatusCode::NOT_ACCEPTABLE,
        "body_not_json" => return StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => {}
    }
    match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Refused(_) | Error::Conflict(_) => StatusCode::CONFLICT,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
