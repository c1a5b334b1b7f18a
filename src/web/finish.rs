//! The last step of every answer: problems take the form and the language that the reader asked for, and every answer carries
//! the headers that keep browsers from doing harm.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, HttpRequest, HttpResponse};
use tracing_actix_web::RequestId;
use uuid::Uuid;

use super::app::App;
use super::pages;
use super::problem::{Problem, ProblemView, retry_after, status};
use crate::access::Actor;
use crate::base::{Error, Language, Message};

/// The cookie of the language that somebody chose.
pub const LANGUAGE_COOKIE: &str = "jiezhuan_language";

/// For pages and API alike: everything from here, nothing inline, framed by nobody.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // A form must still say that it comes from our own origin.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "geolocation=(), microphone=(), payment=()"),
];

/// Finishes the answer to a request, and counts it.
pub async fn finish(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let app = App::of(request.request());
    let started = std::time::Instant::now();
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = tell(response);
    if let Ok(app) = app {
        let route = response.request().match_pattern().unwrap_or_else(|| "other".into());
        app.metrics().count(response.request().method(), &route, response.status(), started.elapsed());
        protect(response.headers_mut(), app.settings().server.behind_https);
    }
    Ok(response)
}

/// The language of an answer: the one chosen, else what the browser prefers, else the setting.
pub fn language(request: &HttpRequest) -> Language {
    let chosen = request.cookie(LANGUAGE_COOKIE).and_then(|cookie| cookie.value().parse().ok());
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|accepted| accepted.to_str().ok());
    let preferred = || accepted?.split(',').find_map(|tag| tag.trim().parse().ok());
    chosen.or_else(preferred).unwrap_or_else(|| App::of(request).map(|app| app.settings().language).unwrap_or_default())
}

/// The language of an answer to somebody: the one chosen in this browser, else their own, else as for anybody.
pub fn language_of(request: &HttpRequest, actor: &Actor) -> Language {
    let own = actor.language().filter(|_| request.cookie(LANGUAGE_COOKIE).is_none());
    own.unwrap_or_else(|| language(request))
}

/// The id of a request in the log.
pub fn request_id(request: &HttpRequest) -> Uuid {
    request.extensions().get::<RequestId>().map(|id| **id).unwrap_or_default()
}

/// Gives a problem its body.
fn tell(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let request = response.request().clone();
    let Some(error) = fault(&response) else { return response };
    let (language, request_id) = (language(&request), request_id(&request));
    if let Error::Internal(cause) = &error {
        tracing::error!(%request_id, "{cause:#}");
    }
    let mut told = if is_api(&request) {
        let problem = ProblemView::new(&error, language, request_id);
        HttpResponse::build(status(&error)).content_type("application/problem+json").json(problem)
    } else {
        pages::problem(&request, &error, language, request_id)
    };
    if let Some(seconds) = retry_after(&error) {
        told.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if status(&error) == StatusCode::UNAUTHORIZED && is_api(&request) {
        told.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    for allow in response.headers().get_all(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow.clone());
    }
    drop(response);
    ServiceResponse::new(request, told)
}

/// What went wrong, if something did and nobody has told it yet.
fn fault(response: &ServiceResponse<BoxBody>) -> Option<Error> {
    let raised = response.response().error();
    if let Some(Problem(error)) = raised.and_then(|error| error.as_error::<Problem>()) {
        return Some(error.copy());
    }
    let is_silent = raised.is_some() || matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    match response.status() {
        status if status.as_u16() < 400 || !is_silent => None,
        StatusCode::NOT_FOUND => Some(Error::NotFound("resource")),
        StatusCode::METHOD_NOT_ALLOWED => Some(Error::Refused(Message::new("method_not_allowed"))),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Error::invalid("body", Message::new("body_too_large").with("most", "?"))),
        status if status.is_client_error() => Some(Error::invalid("request", Message::new("body_unreadable"))),
        _ => Some(Error::Internal(anyhow::anyhow!("{}", raised.map_or_else(String::new, ToString::to_string)))),
    }
}

fn is_api(request: &HttpRequest) -> bool {
    let wants_page = request.headers().get(header::ACCEPT).is_some_and(|accept| accept.to_str().unwrap_or_default().contains("text/html"));
    request.path().starts_with("/api/") || !wants_page
}

fn protect(headers: &mut HeaderMap, behind_https: bool) {
    let mut set = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set("content-security-policy", POLICY);
    set("cache-control", "no-store");
    ALWAYS.iter().for_each(|(name, value)| set(name, value));
    if behind_https {
        set("strict-transport-security", "max-age=31536000");
    }
}
