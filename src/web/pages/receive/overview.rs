//! Every handoff that waits, for those who oversee the chain and answer for nobody themselves: whoever's answer is due first comes first, each
//! with who owes it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{deadline, tag};
use crate::base::Language;
use crate::custody::{self, HandoffView};
use crate::db::{Conn, last_event};
use crate::places::Organisations;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

/// The most that are shown.
const MOST: u32 = 500;

#[derive(Template)]
#[template(path = "receive/overview.html", config = ".askama.toml")]
struct OverviewPage {
    frame: Frame,
    /// The number of the last event that the page knows of.
    last_event: i64,
    lines: Vec<Line>,
    n_overdue: usize,
}

struct Line {
    id: String,
    from: String,
    to: String,
    n: Option<i32>,
    since: String,
    deadline: Option<String>,
    tag: &'static str,
    state: String,
    counted: Option<i32>,
}

/// Shows it.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let (actor, now) = (call.actor.clone(), call.app.db().clock().now());
    let read = move |conn: &mut Conn| Ok((custody::open(conn, &actor, MOST)?, last_event(conn)?));
    let (waiting, last_event) = call.app.read(read).await?;
    let is_overdue = |handoff: &HandoffView| handoff.answer_by.is_some_and(|answer_by| answer_by <= now);
    let organisations = &call.app.rulebook().organisations;
    let shown = OverviewPage {
        last_event,
        n_overdue: waiting.iter().filter(|handoff| is_overdue(handoff)).count(),
        lines: waiting.iter().map(|handoff| line(handoff, organisations, is_overdue(handoff), now, call.language)).collect(),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

fn line(handoff: &HandoffView, organisations: &Organisations, is_overdue: bool, now: DateTime<Utc>, language: Language) -> Line {
    Line {
        id: handoff.id.to_string(),
        from: words::organisation_named(organisations, handoff.giver.code.as_str(), language),
        to: words::organisation_named(organisations, handoff.receiver.code.as_str(), language),
        n: handoff.n_people,
        since: words::length(now - handoff.offered.at, language),
        deadline: handoff.answer_by.map(|answer_by| deadline(answer_by, now, language)),
        tag: tag(&handoff.state, is_overdue),
        state: language.text(&format!("handoff_state_{}", handoff.state.name())),
        counted: handoff.first_count,
    }
}
