//! Holds: set on a traveller, lifted by their own id.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Faults, named};
use crate::arrivals::{self, Hold, HoldKind, TravellerId};
use crate::base::Id;
use crate::base::time::in_shanghai;
use crate::web::answer::Answer;
use crate::web::call::Write;
use crate::web::problem::Problem;

/// A hold to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldBody {
    /// What for: `medical`, `positive`, `exposure` or `administrative`.
    pub kind: String,
    /// Why, in words; no name and no number of a document.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// Why something is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Why, in words; no name and no number of a document.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldView {
    /// Its id.
    pub id: Uuid,
    /// What for.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub set_at: String,
    /// Who set it.
    pub set_by: String,
    /// When it was lifted.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<String>,
    /// Who lifted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<String>,
}

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeView {
    /// The id.
    pub id: Uuid,
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        Self {
            id: hold.id.uuid(),
            kind: hold.kind.name(),
            reason: hold.reason,
            set_at: in_shanghai(hold.set_at),
            set_by: hold.set_by,
            lifted_at: hold.lifted_at.map(in_shanghai),
            lifted_by: hold.lifted_by,
        }
    }
}

/// Holds a traveller back, and the party with them.
#[utoipa::path(post, path = "/api/v1/travellers/{id}/holds", params(("id" = Uuid, Path)), request_body = HoldBody,
    responses((status = 201, description = "Held", body = MadeView)))]
pub async fn set_hold(Write { call, body }: Write<HoldBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    let mut faults = Faults::default();
    let kind = faults.field("kind", named(HoldKind::from_name(&body.kind), &HoldKind::ALL.map(HoldKind::name)));
    let Some(kind) = kind else { return Err(faults.into_error().into()) };
    call.write(StatusCode::CREATED, move |tx, actor| arrivals::hold(tx, actor, *id, kind, &body.reason).map(|id| MadeView { id: id.uuid() })).await
}

/// Lifts a hold.
#[utoipa::path(post, path = "/api/v1/holds/{id}/lift", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 204, description = "Lifted")))]
pub async fn lift_hold(Write { call, body }: Write<ReasonBody>, id: Path<Id<Hold>>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| arrivals::lift(tx, actor, *id, &body.reason)).await
}
