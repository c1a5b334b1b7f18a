//! The audit trail.

use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{PageView, page_of};
use crate::access::audit::{self, Entry, Filter};
use crate::base::time::in_shanghai;
use crate::base::{Id, Result};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// Which lines are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Those about the thing with this id.
    pub subject: Option<Uuid>,
    /// Those of this user.
    pub user: Option<Uuid>,
    /// Begin after this; the `next` of the page before.
    pub after: Option<i64>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// One line of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    /// Its number.
    pub seq: i64,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The id of the user; absent for the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// How they were called then.
    pub actor: String,
    /// What they did.
    pub deed: &'static str,
    /// To what kind of thing.
    pub subject: String,
    /// Its id.
    pub subject_id: Uuid,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<Entry> for AuditView {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: in_shanghai(entry.at),
            user: entry.user.map(Id::uuid),
            actor: entry.actor,
            deed: entry.deed.code(),
            subject: entry.subject,
            subject_id: entry.subject_id,
            reason: entry.reason,
        }
    }
}

/// Lists the trail, newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(AuditQuery), responses((status = 200, description = "Lines", body = PageView<AuditView>)))]
pub async fn list_audit(call: Call, query: Query<AuditQuery>) -> Result<Answer, Problem> {
    let filter = Filter { subject: query.subject, user: query.user.map(Id::from_uuid) };
    let page = page_of(query.after, query.limit)?;
    call.read(move |conn, actor| audit::page(conn, actor, filter, page).map(PageView::<AuditView>::of)).await
}
