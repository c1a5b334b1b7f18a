//! The handoffs of everybody, for those who oversee the chain: those that wait by their deadlines, so that what is overdue and what soon will be
//! stands first, each with who owes the answer; by organisation, by stage, and page by page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{deadline, tag};
use crate::access::{Act, OrganisationCode};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Language, Message, Result};
use crate::custody::{self, HandoffView, OverviewKey, Stage};
use crate::db::{Conn, last_event};
use crate::places::Organisations;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

/// How many are shown at once.
const A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "receive/overview.html", config = ".askama.toml")]
struct OverviewPage {
    frame: Frame,
    /// The number of the last event that the page knows of.
    last_event: i64,
    stages: Vec<StageLink>,
    stage: &'static str,
    /// The code of the organisation whose handoffs are shown; empty for everybody's.
    of: String,
    organisations: Vec<(String, String)>,
    lines: Vec<Line>,
    n_overdue: usize,
    may_sign: bool,
    is_filtered: bool,
    /// Where the list begins, if this is a later page of it.
    first: Option<String>,
    /// The page after this one.
    next: Option<String>,
}

/// A stage to look at, and how many are there.
struct StageLink {
    href: String,
    label: String,
    n: Option<usize>,
    is_here: bool,
}

struct Line {
    id: String,
    from: String,
    to: String,
    n: Option<i32>,
    since: String,
    /// Until when it waits, or when it ended.
    deadline: Option<String>,
    tag: &'static str,
    state: String,
    counted: Option<i32>,
}

/// Which handoffs are looked at.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OverviewQuery {
    /// The word of a stage; those that wait, if left out.
    pub state: Option<String>,
    /// The code of an organisation; everybody's, if left out or empty.
    #[serde(default)]
    of: String,
    /// Begin after this; the `next` of the page before.
    after: Option<String>,
}

/// Shows them.
pub async fn show(call: Call, query: OverviewQuery) -> Result<HttpResponse, Problem> {
    let (actor, now) = (call.actor.clone(), call.app.db().clock().now());
    let stage = query.state.as_deref().map_or(Some(Stage::default()), Stage::from_name);
    let stage = stage.ok_or_else(|| Error::invalid("state", Message::new("query_unreadable")))?;
    let of: Option<OrganisationCode> = if query.of.is_empty() { None } else { Some(query.of.parse().map_err(|message| Error::invalid("of", message))?) };
    let request = PageRequest::new(query.after.as_deref().map(key).transpose()?, Some(A_PAGE));
    let read = move |conn: &mut Conn| {
        let stages = custody::at_stages(conn, &actor, of.as_ref(), now)?;
        Ok((custody::overview(conn, &actor, stage, of.as_ref(), request, now)?, stages, last_event(conn)?))
    };
    let (found, stages, last_event) = call.app.read(read).await?;
    let organisations = &call.app.rulebook().organisations;
    let path = |stage: Stage, after: Option<&str>| {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        format!("/receive?state={}&of={}{after}", stage.name(), query.of)
    };
    let link = |(other, n): &(Stage, Option<usize>)| StageLink {
        href: path(*other, None),
        label: call.language.text(&format!("overview_{}", other.name())),
        n: *n,
        is_here: *other == stage,
    };
    let within = organisations.iter().filter(|one| call.actor.scope().covers_organisation(&one.place.to_string(), &one.code));
    let shown = OverviewPage {
        last_event,
        n_overdue: stages.iter().find(|(stage, _)| *stage == Stage::Overdue).and_then(|(_, n)| *n).unwrap_or_default(),
        stages: stages.iter().map(link).collect(),
        stage: stage.name(),
        organisations: within.map(|one| (one.code.clone(), words::organisation(one, call.language))).collect(),
        lines: found.items.iter().map(|handoff| line(handoff, organisations, now, call.language)).collect(),
        may_sign: call.actor.role().may(Act::SignStatement),
        is_filtered: stage != Stage::Waiting || !query.of.is_empty() || query.after.is_some(),
        first: query.after.is_some().then(|| path(stage, None)),
        next: found.next.map(|next| path(stage, Some(&text(next)))),
        of: query.of.clone(),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

/// A key as it stands in an address: the deadline in microseconds, if there is one, and the id.
fn text(key: OverviewKey) -> String {
    let at = key.answer_by.map(|at| at.timestamp_micros().to_string()).unwrap_or_default();
    format!("{at}~{}", key.id)
}

fn key(text: &str) -> Result<OverviewKey> {
    let read = || {
        let (at, id) = text.split_once('~')?;
        let answer_by = if at.is_empty() { None } else { Some(DateTime::from_timestamp_micros(at.parse().ok()?)?) };
        Some(OverviewKey { answer_by, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Error::invalid("after", Message::new("query_unreadable")))
}

fn line(handoff: &HandoffView, organisations: &Organisations, now: DateTime<Utc>, language: Language) -> Line {
    let (is_overdue, ended) = (handoff.answer_by.is_some_and(|answer_by| answer_by <= now), handoff.state.ended_by());
    let ended_at = ended.map(|by| words::moment(by.at, civil_date(now), language));
    Line {
        id: handoff.id.to_string(),
        from: words::organisation_named(organisations, handoff.giver.code.as_str(), language),
        to: words::organisation_named(organisations, handoff.receiver.code.as_str(), language),
        n: handoff.n_people,
        since: words::length(ended.map_or(now, |by| by.at) - handoff.offered.at, language),
        deadline: ended_at.or_else(|| handoff.answer_by.map(|answer_by| deadline(answer_by, now, language))),
        tag: tag(&handoff.state, is_overdue),
        state: language.text(&format!("handoff_state_{}", handoff.state.name())),
        counted: handoff.first_count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_a_list_is_read_as_it_was_written() {
        let id: custody::HandoffId = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        for answer_by in [None, DateTime::from_timestamp_micros(1_600_142_400_000_001)] {
            let at = OverviewKey { answer_by, id };
            assert_eq!(key(&text(at)).unwrap(), at);
        }
        for wrong in ["", "~", "1", "x~01890000-0000-7000-8000-000000000001", "1~y"] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }
}
