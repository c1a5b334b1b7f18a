//! One's own account: who one is to the program, the language of one's pages, another password.

use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::phones::{PhoneLine, lines};
use super::{Frame, go, page, words};
use crate::access::{self, Password, Scope};
use crate::base::{Error, FieldError, Language, Message};
use crate::web::call::Call;
use crate::web::gate;
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "account.html", config = ".askama.toml")]
struct AccountPage {
    frame: Frame,
    role: String,
    scope: String,
    organisation: Option<String>,
    least: usize,
    faults: Faults,
    is_changed: bool,
    phones: Vec<PhoneLine>,
}

/// What is wrong with each field, in words.
#[derive(Default)]
struct Faults {
    current: Option<String>,
    new: Option<String>,
    again: Option<String>,
    /// What is wrong with none of them.
    all: Option<String>,
}

/// The passwords as typed; none is ever shown again.
#[derive(Deserialize)]
pub struct PasswordForm {
    current: String,
    new: String,
    again: String,
}

/// Whether the password was just changed.
#[derive(Debug, Deserialize)]
pub struct AccountQuery {
    #[serde(default)]
    changed: u8,
}

/// Shows it.
pub async fn show(call: Call, query: Query<AccountQuery>) -> Result<HttpResponse, Problem> {
    shown(&call, StatusCode::OK, Faults::default(), query.changed == 1).await
}

/// Changes the password, and closes every other session.
pub async fn change_password(request: HttpRequest, call: Call, form: Form<PasswordForm>) -> Result<HttpResponse, Problem> {
    let PasswordForm { current, new, again } = form.into_inner();
    if new != again {
        let faults = Faults { again: Some(call.language.text("passwords_differ")), ..Faults::default() };
        return shown(&call, StatusCode::UNPROCESSABLE_ENTITY, faults, false).await;
    }
    let (app, actor, presented) = (call.app.clone(), call.actor.clone(), gate::presented(&request).unwrap_or_default());
    let change = move || access::password_change(app.db(), app.chance(), &actor, &current, &new, &presented);
    match call.app.block(change).await {
        Ok(()) => Ok(go("/account?changed=1")),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => shown(&call, status(&error), Faults::of(&error, call.language), false).await,
        Err(error) => Err(error.into()),
    }
}

async fn shown(call: &Call, code: StatusCode, faults: Faults, is_changed: bool) -> Result<HttpResponse, Problem> {
    let (actor, language) = (&call.actor, call.language);
    let organisation = actor.organisation().map(|code| words::organisation_named(&call.app.rulebook().organisations, code.as_str(), language));
    let scope = if *actor.scope() == Scope::All { language.text("scope_all") } else { actor.scope().to_string() };
    let role = Message::new("role_name").with("role", actor.role()).text(language);
    let phones = lines(call, None).await?;
    page(code, &AccountPage { frame: Frame::of(call), role, scope, organisation, least: Password::LEAST, faults, is_changed, phones })
}

impl Faults {
    fn of(error: &Error, language: Language) -> Self {
        let Error::Invalid(fields) = error else { return Self { all: Some(error.message().text(language)), ..Self::default() } };
        let of = |name: &str| fields.iter().find(|fault| fault.field == name).map(|FieldError { message, .. }| message.text(language));
        Self { current: of("current"), new: of("new"), again: None, all: None }
    }
}
