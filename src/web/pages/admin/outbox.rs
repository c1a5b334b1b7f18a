//! The outbox: what was told to whom, what waits, what was given up and why; and sending that again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{Tab, around};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Id, Result};
use crate::bulletin::{self, Notice, NoticeState};
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "admin/outbox.html", config = ".askama.toml")]
struct OutboxPage {
    frame: Frame,
    tabs: Vec<Tab>,
    refusals: Vec<String>,
    states: Vec<StateLink>,
    lines: Vec<Line>,
    next: Option<String>,
}

/// A state to look at, and how many are in it.
struct StateLink {
    path: String,
    label: String,
    n: i64,
    is_here: bool,
}

struct Line {
    id: String,
    subject: String,
    to: String,
    channel: String,
    /// The class of its tag.
    tag: &'static str,
    state: String,
    attempts: i32,
    written: String,
    /// When it was taken, or is tried next.
    then: String,
    error: String,
    is_dead: bool,
}

/// Which notices.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OutboxQuery {
    state: Option<String>,
    after: Option<Uuid>,
}

/// Shows it, what was given up first if anything was.
pub async fn show(call: Call, query: Query<OutboxQuery>) -> Result<HttpResponse, Problem> {
    outbox(call, query.into_inner(), None).await
}

/// Has one sent again that was given up.
pub async fn resend(call: Call, id: Path<Id<Notice>>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), *id);
    match call.app.write(move |tx| bulletin::notice_resend(tx, &actor, id).map(drop)).await {
        Ok(()) => Ok(go("/admin/outbox?state=waiting")),
        Err(error @ Error::Refused(_)) => outbox(call, OutboxQuery::default(), Some(error)).await,
        Err(error) => Err(error.into()),
    }
}

async fn outbox(call: Call, query: OutboxQuery, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let (actor, wanted, after) = (call.actor.clone(), query.state.clone(), query.after.map(Id::from_uuid));
    let read = call.app.read(move |conn| {
        let backlog = bulletin::backlog(conn, &actor)?;
        let has_dead = backlog.iter().any(|(state, n)| *state == NoticeState::Dead && *n > 0);
        let state = wanted.as_deref().and_then(NoticeState::from_name).or_else(|| (wanted.is_none() && has_dead).then_some(NoticeState::Dead));
        Ok((bulletin::notice_list(conn, &actor, state, PageRequest::new(after, Some(100)))?, state, backlog))
    });
    let (found, state, backlog) = read.await?;
    let language = call.language;
    let link = |(one, n): (NoticeState, i64)| StateLink {
        path: format!("/admin/outbox?state={}", one.name()),
        label: language.text(&format!("notice_state_{}", one.name())),
        n,
        is_here: state == Some(one),
    };
    let mut states: Vec<StateLink> = backlog.into_iter().map(link).collect();
    let all = states.iter().map(|state| state.n).sum();
    states.push(StateLink { path: "/admin/outbox?state=all".into(), label: language.text("scope_all"), n: all, is_here: state.is_none() });
    let lines = found.items.into_iter().map(|notice| Line::of(notice, &call)).collect::<Result<_>>()?;
    let (frame, tabs) = around(&call);
    let next = found.next.map(|next| format!("/admin/outbox?state={}&after={next}", state.map_or("all", NoticeState::name)));
    page(code, &OutboxPage { frame, tabs, refusals, states, lines, next })
}

impl Line {
    fn of(notice: Notice, call: &Call) -> Result<Self> {
        let (language, organisations, today) = (call.language, &call.app.rulebook().organisations, civil_date(call.app.db().clock().now()));
        let to = notice.address.organisation.map_or_else(|| language.text("outbox_coordinators"), |id| words::organisation_of(organisations, id, language));
        let tag = match notice.state {
            NoticeState::Sent => "arrived",
            NoticeState::Dead => "late",
            _ => "waiting",
        };
        Ok(Self {
            id: notice.id.to_string(),
            subject: bulletin::compose(&notice.news, language, organisations, None)?.subject,
            to: format!("{to} · {}", notice.address.target),
            channel: language.text(&format!("channel_{}", notice.address.channel.name())),
            tag,
            state: language.text(&format!("notice_state_{}", notice.state.name())),
            attempts: notice.attempts,
            written: words::moment(notice.created_at, today, language),
            then: notice.sent_at.or(notice.due_at).map(|at| words::moment(at, today, language)).unwrap_or_default(),
            error: notice.last_error.unwrap_or_default(),
            is_dead: notice.state == NoticeState::Dead,
        })
    }
}
