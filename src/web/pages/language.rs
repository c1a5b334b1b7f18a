//! Choosing the language of the pages, which is kept with the user and, for the page before signing in, by a cookie.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::Form;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::{go, own_path};
use crate::access;
use crate::base::{Error, Language};
use crate::web::app::App;
use crate::web::finish::LANGUAGE_COOKIE;
use crate::web::gate;
use crate::web::problem::Problem;

/// The language chosen, and where the reader was.
#[derive(Debug, Deserialize)]
pub struct LanguageForm {
    language: Language,
    #[serde(default)]
    next: String,
}

/// Remembers the choice for a year, in this browser and for whoever is signed in, and leads back.
pub async fn choose(request: HttpRequest, app: App, form: Form<LanguageForm>) -> Result<HttpResponse, Problem> {
    let language = form.language;
    if let Some(secret) = gate::presented(&request) {
        let kept = app.write(move |tx| {
            let now = tx.now();
            let actor = access::actor_of(tx, &secret, now)?;
            access::language_choose(tx, &actor, language)
        });
        match kept.await {
            // A session that is over is no reason to refuse a language.
            Ok(()) | Err(Error::Unauthenticated) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut response = go(own_path(&form.next));
    // A fresh response takes any cookie.
    let _ = response.add_cookie(&cookie(&app, language));
    Ok(response)
}

/// The cookie of a language.
pub fn cookie(app: &App, language: Language) -> Cookie<'static> {
    let cookie = Cookie::build(LANGUAGE_COOKIE, language.tag()).path("/").same_site(SameSite::Lax).max_age(Duration::days(365));
    cookie.secure(app.settings().server.behind_https).finish()
}
