//! The audit trail: who did what to whom, and why, the newest first.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::{Tab, around};
use crate::access::audit::{self, Entry, Filter};
use crate::base::Message;
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "admin/audit.html", config = ".askama.toml")]
struct AuditPage {
    frame: Frame,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    next: Option<i64>,
}

struct Line {
    at: String,
    actor: String,
    deed: String,
    subject: String,
    reason: String,
    link: Option<String>,
}

/// Which part of the trail.
#[derive(Debug, Deserialize)]
pub struct AuditQuery {
    after: Option<i64>,
    subject: Option<uuid::Uuid>,
}

/// Shows it.
pub async fn show(call: Call, query: Query<AuditQuery>) -> Result<HttpResponse, Problem> {
    let (actor, filter, after) = (call.actor.clone(), Filter { subject: query.subject, user: None }, query.after);
    let trail = call.app.read(move |conn| audit::page(conn, &actor, filter, PageRequest::new(after, Some(100)))).await?;
    let (language, today) = (call.language, civil_date(call.app.db().clock().now()));
    let line = |entry: Entry| Line {
        at: words::moment(entry.at, today, language),
        actor: entry.actor,
        deed: match entry.deed {
            audit::Deed::Act(act) => Message::new("act_name").with("act", act).text(language),
            deed => language.text(&format!("deed_{}", deed.code())),
        },
        link: match entry.subject.as_str() {
            "traveller" => Some(format!("/people/{}", entry.subject_id)),
            "trip" => Some(format!("/trips/{}", entry.subject_id)),
            "handoff" => Some(format!("/receive/{}", entry.subject_id)),
            _ => None,
        },
        subject: entry.subject,
        reason: entry.reason.unwrap_or_default(),
    };
    let (frame, tabs) = around(&call);
    page(StatusCode::OK, &AuditPage { frame, tabs, next: trail.next, lines: trail.items.into_iter().map(line).collect() })
}
