//! `user add` and `token add`: who may come in.

use chrono::Days;
use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::access::{self, Actor, NewUser, OrganisationCode, Password, PasswordHash, Role, Scope, UserName};
use crate::base::{Error, IdSource, Message};

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Adds somebody, with a new password that is shown this once.
    Add {
        /// What they sign in with.
        name: String,
        /// What they are here to do: airport_desk, site, dispatcher, provincial_group, city_squad, coordinator, auditor, administrator, machine.
        #[arg(long)]
        role: String,
        /// Whom they may see: codes of provinces, cities, districts, or of organisations; several times. Everybody if left out.
        #[arg(long, num_args = 1..)]
        scope: Vec<String>,
        /// The organisation they answer and sign for.
        #[arg(long)]
        organisation: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Makes an API token for a user; the secret is shown this once.
    Add {
        /// The user's name.
        name: String,
        /// What it is for.
        #[arg(long, default_value = "")]
        label: String,
        /// For how many days it is good.
        #[arg(long, default_value_t = 90)]
        days: u64,
    },
}

#[derive(Serialize)]
struct Added {
    name: String,
    role: &'static str,
    scope: String,
    organisation: Option<String>,
    password: Option<String>,
}

#[derive(Serialize)]
struct TokenAdded {
    name: String,
    label: String,
    token: String,
    expires_at: String,
}

pub(super) fn user(context: &Context, output: &Output, command: User) -> Result<Verdict> {
    let User::Add { name, role, scope, organisation } = command;
    let installation = context.installation()?;
    let field = |field: &'static str| move |message: Message| Error::invalid(field, message);
    let name: UserName = name.parse().map_err(field("NAME"))?;
    let role: Role = role.parse().map_err(field("--role"))?;
    let scope = if scope.is_empty() { None } else { Some(Scope::parse(&scope).map_err(field("--scope"))?) };
    let organisation: Option<OrganisationCode> = organisation.map(|code| code.parse().map_err(field("--organisation"))).transpose()?;
    let chance = IdSource::random();
    // A machine comes in with tokens and never by a password.
    let password = (role != Role::Machine).then(|| Password::generate(&chance));
    let hash: Option<PasswordHash> = password.as_ref().map(|password| password.hash(&chance)).transpose()?;
    let new = NewUser { name, display_name: String::new(), role, scope, organisation };
    let user = installation.db.write(move |tx| access::user_add(tx, &Actor::operator(), new.clone(), hash.as_ref()))?;
    let added = Added {
        name: user.name.as_str().to_owned(),
        role: user.role.code(),
        scope: user.scope.to_string(),
        organisation: user.organisation.as_ref().map(|code| code.as_str().to_owned()),
        password: password.map(|password| password.expose().to_owned()),
    };
    output.result(&added, |language| {
        let message = Message::new("user_added").with("name", &added.name).with("role", added.role).with("scope", &added.scope);
        match &added.password {
            Some(password) => format!("{}\n{password}", message.text(language)),
            None => message.text(language),
        }
    })?;
    Ok(Verdict::Done)
}

pub(super) fn token(context: &Context, output: &Output, command: Token) -> Result<Verdict> {
    let Token::Add { name, label, days } = command;
    let installation = context.installation()?;
    let name: UserName = name.parse().map_err(|message| Error::invalid("NAME", message))?;
    let expires_at = context.clock.now() + Days::new(days);
    let user = name.as_str().to_owned();
    let (token, secret) = installation.db.write(move |tx| access::token_add(tx, &Actor::operator(), &name, &label, expires_at))?;
    let added = TokenAdded { name: user, label: token.label, token: secret.expose().to_owned(), expires_at: crate::base::time::in_shanghai(token.expires_at) };
    output.result(&added, |_| added.token.clone())?;
    Ok(Verdict::Done)
}
