//! Whether the server lives, and whether it can work.

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::{Error, Message};
use crate::web::app::App;
use crate::web::gate;
use crate::web::problem::Problem;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// Always `ok`; what is not well is told as a problem.
    pub status: &'static str,
}

/// Says that the server answers.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "Alive", body = HealthView)))]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(HealthView { status: "ok" })
}

/// Says whether the database is reached and has the schema that this version needs.
#[utoipa::path(get, path = "/readyz", responses((status = 200, description = "Ready", body = HealthView)))]
pub async fn ready(app: App) -> Result<HttpResponse, Problem> {
    let shared = app.clone();
    let pending = app.block(move || shared.db().pending_migrations()).await?;
    if pending.is_empty() { Ok(HttpResponse::Ok().json(HealthView { status: "ok" })) } else { Err(Error::Unavailable(Message::new("not_migrated")).into()) }
}

/// Shows the figures about the program to whoever has their token; without a token in the settings there are none here.
pub async fn metrics(request: HttpRequest, app: App) -> Result<HttpResponse, Problem> {
    match (&app.settings().metrics.token, gate::bearer(&request)) {
        (Some(token), Some(shown)) if is_same(token.expose(), shown) => {
            Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(app.metrics().text()))
        }
        (Some(_), _) => Err(Error::Unauthenticated.into()),
        (None, _) => Err(Error::NotFound("resource").into()),
    }
}

/// Compares in a time that does not tell where the difference is.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
