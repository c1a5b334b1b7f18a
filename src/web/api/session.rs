//! Signing in and out, for programs that keep cookies; others have tokens.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{self, Actor, Role};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::gate::{self, COOKIE};
use crate::web::json;
use crate::web::problem::Problem;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    /// The user's name.
    pub name: String,
    /// The user's password.
    #[schema(format = Password)]
    pub password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorView {
    /// How others see them.
    pub name: String,
    /// What they are here to do.
    #[schema(value_type = String)]
    pub role: Role,
    /// Whom they may see: administrative codes and codes of organisations, or `all`.
    pub scope: String,
    /// The organisation they answer for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

impl From<&Actor> for ActorView {
    fn from(actor: &Actor) -> Self {
        Self { name: actor.name().into(), role: actor.role(), scope: actor.scope().to_string(), organisation: actor.organisation().map(ToString::to_string) }
    }
}

/// Opens a session; its secret comes as a cookie.
#[utoipa::path(post, path = "/api/v1/session", request_body = SignInBody, responses(
    (status = 200, description = "Signed in", body = ActorView),
    (status = 401, description = "Wrong name or password", content_type = "application/problem+json", body = crate::web::problem::ProblemView),
    (status = 429, description = "Too many attempts", content_type = "application/problem+json", body = crate::web::problem::ProblemView),
))]
pub async fn sign_in(request: HttpRequest, app: App, payload: actix_web::web::Payload) -> Result<HttpResponse, Problem> {
    let bytes = json::bytes(&request, &mut payload.into_inner(), app.settings().server.largest_body).await?;
    let SignInBody { name, password } = json::parse(&request, &bytes)?;
    let (secret, actor) = app
        .block({
            let app = app.clone();
            move || access::sign_in(app.db(), &name, &password, app.session_lasts())
        })
        .await?;
    Ok(HttpResponse::Ok().cookie(cookie(&app, secret.expose())).json(ActorView::from(&actor)))
}

/// Says who is signed in.
#[utoipa::path(get, path = "/api/v1/session", responses((status = 200, description = "Who is signed in", body = ActorView)))]
pub async fn who_am_i(call: Call) -> Result<Answer, Problem> {
    call.read(|_, actor| Ok(ActorView::from(actor))).await
}

/// Closes the session, or gives up the token that was presented.
#[utoipa::path(delete, path = "/api/v1/session", responses((status = 204, description = "Signed out")))]
pub async fn sign_out(request: HttpRequest, app: App) -> Result<HttpResponse, Problem> {
    let secret = gate::presented(&request).unwrap_or_default();
    app.write(move |tx| access::sign_out(tx, &secret)).await?;
    Ok(HttpResponse::NoContent().cookie(gone(&app)).finish())
}

/// The cookie that keeps a session.
pub fn cookie(app: &App, secret: &str) -> Cookie<'static> {
    let lasts = Duration::seconds(app.session_lasts().num_seconds());
    let cookie = Cookie::build(COOKIE, secret.to_owned()).path("/").http_only(true).same_site(SameSite::Lax).max_age(lasts);
    cookie.secure(app.settings().server.behind_https).finish()
}

/// The cookie that ends it.
pub fn gone(app: &App) -> Cookie<'static> {
    let mut cookie = cookie(app, "");
    cookie.make_removal();
    cookie
}
