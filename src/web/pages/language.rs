//! Choosing the language of the pages, which a cookie remembers.

use actix_web::HttpResponse;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::Form;
use serde::Deserialize;

use super::{go, own_path};
use crate::base::Language;
use crate::web::app::App;
use crate::web::finish::LANGUAGE_COOKIE;

/// The language chosen, and where the reader was.
#[derive(Debug, Deserialize)]
pub struct LanguageForm {
    language: Language,
    #[serde(default)]
    next: String,
}

/// Remembers the choice for a year and leads back.
pub async fn choose(app: App, form: Form<LanguageForm>) -> HttpResponse {
    let cookie = Cookie::build(LANGUAGE_COOKIE, form.language.tag()).path("/").same_site(SameSite::Lax).max_age(Duration::days(365));
    let mut response = go(own_path(&form.next));
    // A fresh response takes any cookie.
    let _ = response.add_cookie(&cookie.secure(app.settings().server.behind_https).finish());
    response
}
