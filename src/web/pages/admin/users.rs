//! Users: who may come in, to do what, for whom.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use serde::Deserialize;

use super::{Tab, around};
use crate::access::{self, NewUser, Password, Role, Scope, User, UserName};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Message, Result};
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "admin/users.html", config = ".askama.toml")]
struct UsersPage {
    frame: Frame,
    tabs: Vec<Tab>,
    users: Vec<UserLine>,
    roles: Vec<(&'static str, String)>,
    organisations: Vec<(String, String)>,
    typed: UserForm,
    refusals: Vec<String>,
    /// The name and the password of a user who was just added; shown this once.
    added: Option<(String, String)>,
}

struct UserLine {
    name: String,
    display_name: String,
    role: String,
    scope: String,
    organisation: String,
    created: String,
    is_disabled: bool,
}

/// A user to be added.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct UserForm {
    name: String,
    #[serde(default)]
    display_name: String,
    role: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    organisation: String,
}

/// Shows the users.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    users_page(call, UserForm::default(), None, None).await
}

/// Adds a user with a password that is shown once.
pub async fn add(call: Call, form: Form<UserForm>) -> Result<HttpResponse, Problem> {
    let typed = form.into_inner();
    let new = match parse(&typed) {
        Ok(new) => new,
        Err(error) => return users_page(call, typed, Some(error), None).await,
    };
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let added = call.app.block(move || {
        let password = Password::generate(app.chance());
        let hash = password.hash(app.chance())?;
        let name = new.name.to_string();
        app.db().write(move |tx| access::user_add(tx, &actor, new.clone(), Some(&hash)))?;
        Ok((name, password.expose().to_owned()))
    });
    match added.await {
        Ok(added) => users_page(call, UserForm::default(), None, Some(added)).await,
        Err(error) => users_page(call, typed, Some(error), None).await,
    }
}

/// Shuts a user out.
pub async fn disable(call: Call, name: Path<String>) -> Result<HttpResponse, Problem> {
    let name: UserName = name.parse().map_err(|_| Error::NotFound("user"))?;
    let actor = call.actor.clone();
    call.app.write(move |tx| access::user_disable(tx, &actor, &name)).await?;
    Ok(go("/admin/users"))
}

fn parse(typed: &UserForm) -> Result<NewUser> {
    let field = |field: &'static str| move |message: Message| Error::invalid(field, message);
    let parts: Vec<&str> = typed.scope.split([' ', ',', '，', '、']).filter(|part| !part.is_empty()).collect();
    let organisation = Some(typed.organisation.as_str()).filter(|code| !code.is_empty());
    Ok(NewUser {
        name: typed.name.trim().parse().map_err(field("name"))?,
        display_name: typed.display_name.clone(),
        role: typed.role.parse().map_err(field("role"))?,
        scope: if parts.is_empty() { None } else { Some(Scope::parse(&parts).map_err(field("scope"))?) },
        organisation: organisation.map(str::parse).transpose().map_err(field("organisation"))?,
    })
}

async fn users_page(call: Call, typed: UserForm, refusal: Option<Error>, added: Option<(String, String)>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let actor = call.actor.clone();
    let users = call.app.read(move |conn| access::user_list(conn, &actor, PageRequest::new(None, Some(500)))).await?.items;
    let (language, organisations) = (call.language, &call.app.rulebook().organisations);
    let line = |user: User| UserLine {
        name: user.name.to_string(),
        display_name: user.display_name,
        role: Message::new("role_name").with("role", user.role).text(language),
        scope: user.scope.to_string(),
        organisation: user.organisation.map(|code| words::organisation_named(organisations, code.as_str(), language)).unwrap_or_default(),
        created: words::day(civil_date(user.created_at), language),
        is_disabled: user.disabled_at.is_some(),
    };
    let (frame, tabs) = around(&call);
    let roles = Role::ALL.map(|role| (role.code(), Message::new("role_name").with("role", role).text(language)));
    let shown = UsersPage {
        frame,
        tabs,
        users: users.into_iter().map(line).collect(),
        roles: roles.into(),
        organisations: organisations.iter().map(|one| (one.code.clone(), words::organisation(one, language))).collect(),
        typed,
        refusals,
        added,
    };
    page(code, &shown)
}
