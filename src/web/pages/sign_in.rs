//! The page to sign in.

use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{Frame, go, home, language, own_path, page};
use crate::access;
use crate::base::Error;
use crate::web::api::session::{cookie, gone};
use crate::web::app::App;
use crate::web::problem::{Problem, status};
use crate::web::{finish, gate};

#[derive(Template)]
#[template(path = "sign_in.html", config = ".askama.toml")]
struct SignInPage {
    frame: Frame,
    name: String,
    next: String,
    refusal: Option<String>,
}

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct SignInQuery {
    #[serde(default)]
    next: String,
}

/// Name and password as typed.
#[derive(Deserialize)]
pub struct SignInForm {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The page for somebody who wants to see `path`.
pub fn path_back_to(path: &str) -> String {
    if path == "/" || own_path(path) != path { "/sign-in".into() } else { format!("/sign-in?next={path}") }
}

/// Shows the empty form.
pub async fn show(request: HttpRequest, query: Query<SignInQuery>) -> Result<HttpResponse, Problem> {
    form(&request, StatusCode::OK, "", &query.next, None)
}

/// Opens a session and leads on, or shows the form again with what was typed and why not.
pub async fn enter(request: HttpRequest, app: App, typed: Form<SignInForm>) -> Result<HttpResponse, Problem> {
    let SignInForm { name, password, next } = typed.into_inner();
    let attempt = {
        let (app, name) = (app.clone(), name.clone());
        move || access::sign_in(app.db(), &name, &password, app.session_lasts())
    };
    match app.block(attempt).await {
        Ok((secret, actor)) => {
            let next = own_path(&next);
            let mut response = go(if next == "/" { home(actor.role()) } else { next });
            let _ = response.add_cookie(&cookie(&app, secret.expose()));
            // Whoever sat here before may have read another language.
            if let Some(language) = actor.language() {
                let _ = response.add_cookie(&language::cookie(&app, language));
            }
            Ok(response)
        }
        Err(error @ Error::Refused(_)) => form(&request, status(&error), &name, &next, Some(&error)),
        Err(error) => Err(error.into()),
    }
}

/// Closes the session.
pub async fn leave(request: HttpRequest, app: App) -> Result<HttpResponse, Problem> {
    let secret = gate::presented(&request).unwrap_or_default();
    app.write(move |tx| access::sign_out(tx, &secret)).await?;
    let mut response = go("/sign-in");
    let _ = response.add_cookie(&gone(&app));
    Ok(response)
}

fn form(request: &HttpRequest, status: StatusCode, name: &str, next: &str, refusal: Option<&Error>) -> Result<HttpResponse, Problem> {
    let language = finish::language(request);
    let frame = Frame::outside(language, path_back_to(own_path(next)));
    let refusal = refusal.map(|error| error.message().text(language));
    page(status, &SignInPage { frame, name: name.to_owned(), next: own_path(next).to_owned(), refusal })
}
