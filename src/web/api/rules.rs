//! Rules: the parts of the rulebook as texts, the editions that were loaded of each, and loading another.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Actor;
use crate::base::Result;
use crate::base::time::in_shanghai;
use crate::db::{Conn, Tx};
use crate::policy::{self, Edition, Part};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// A part of the rulebook as it is in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    /// `policies`, `routes`, `organisations` or `places`.
    pub part: &'static str,
    /// The number of its edition; 0 is the file of the installation.
    pub version: i32,
    /// The text, in the form of the file of that name in `config/`.
    pub text: String,
}

/// An edition.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionView {
    /// Of which part.
    pub part: &'static str,
    /// Its number, from 1; the largest is in force.
    pub version: i32,
    /// Why it was loaded.
    pub reason: String,
    /// Who loaded it.
    pub loaded_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub loaded_at: String,
    /// What it says; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Editions.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditionsView {
    /// The newest first.
    pub items: Vec<EditionView>,
}

/// A text to load.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditionBody {
    /// The whole text.
    pub text: String,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// How it is loaded.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LoadQuery {
    /// Whether it is only checked.
    #[serde(default)]
    pub dry_run: bool,
}

impl From<Edition> for EditionView {
    fn from(edition: Edition) -> Self {
        let Edition { part, number, text, reason, loaded_by, loaded_at } = edition;
        Self { part: part.word(), version: number, reason, loaded_by, loaded_at: in_shanghai(loaded_at), text: (!text.is_empty()).then_some(text) }
    }
}

/// Shows a part of the rulebook as it is in force.
#[utoipa::path(get, path = "/api/v1/rules/{part}", params(("part" = String, Path)), responses((status = 200, description = "The part", body = RuleView)))]
pub async fn show_rule(call: Call, part: Path<String>) -> Result<Answer, Problem> {
    let (app, part) = (call.app.clone(), part.parse::<Part>()?);
    let work = move |conn: &mut Conn, actor: &Actor| {
        let (version, text) = policy::edition_standing(conn, actor, app.in_force(), part)?;
        Ok(RuleView { part: part.word(), version, text })
    };
    call.read(work).await
}

/// Lists the editions of a part.
#[utoipa::path(get, path = "/api/v1/rules/{part}/editions", params(("part" = String, Path)),
    responses((status = 200, description = "Editions", body = EditionsView)))]
pub async fn list_editions(call: Call, part: Path<String>) -> Result<Answer, Problem> {
    let part = part.parse::<Part>()?;
    call.read(move |conn, actor| Ok(EditionsView { items: policy::editions(conn, actor, part)?.into_iter().map(EditionView::from).collect() })).await
}

/// Shows an edition.
#[utoipa::path(get, path = "/api/v1/rules/{part}/editions/{number}", params(("part" = String, Path), ("number" = i32, Path)),
    responses((status = 200, description = "The edition", body = EditionView)))]
pub async fn show_edition(call: Call, at: Path<(String, i32)>) -> Result<Answer, Problem> {
    let (part, number) = at.into_inner();
    let part = part.parse::<Part>()?;
    call.read(move |conn, actor| policy::edition(conn, actor, part, number).map(EditionView::from)).await
}

/// Loads a text in place of the one in force, which `If-Match` must name. It is in force at once on this node, on others within seconds; whoever
/// has landed keeps the policy that they were given.
#[utoipa::path(put, path = "/api/v1/rules/{part}", params(("part" = String, Path), LoadQuery), request_body = EditionBody,
    responses((status = 200, description = "Loaded, or sound if it was only checked", body = EditionView)))]
pub async fn load_rule(Write { call, body }: Write<EditionBody>, part: Path<String>, query: Query<LoadQuery>) -> Result<Answer, Problem> {
    let (app, part, seen, dry_run) = (call.app.clone(), part.parse::<Part>()?, call.must_name_version()?, query.dry_run);
    let loaded_in = app.clone();
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let now = tx.now();
        if dry_run {
            policy::edition_check(tx, actor, app.in_force(), part, &body.text, now)?;
            let (reason, loaded_by) = (body.reason.clone(), actor.name().to_owned());
            return Ok(Edition { part, number: seen + 1, text: String::new(), reason, loaded_by, loaded_at: now }.into());
        }
        policy::edition_load(tx, actor, app.in_force(), part, seen, &body.text, &body.reason).map(|edition| EditionView { text: None, ..edition.into() })
    };
    let answer = call.write::<EditionView>(StatusCode::OK, work).await?;
    loaded_in.catch_up().await?;
    Ok(answer)
}
