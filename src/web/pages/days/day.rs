//! One day: while it is open, what would be published and what is still open in it; once closed, what was published, by what it can be
//! checked, and what has become known since.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::access::{Act, Actor, Scope};
use crate::base::time::{end_of, in_shanghai, parse_date};
use crate::base::{Error, Language, Message, Result};
use crate::bulletin::daily::{self, Format, Paper, Table};
use crate::custody;
use crate::db::Conn;
use crate::dispatch::{self, TripState};
use crate::figures::{self, Bulletin, Corrections, Figures};
use crate::ledger;
use crate::web::api::bulletins::{bulletin_for, corrections_for, file};
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "days/day.html", config = ".askama.toml")]
struct DayPage {
    frame: Frame,
    on: NaiveDate,
    name: String,
    paper: Paper,
    /// What is still open, while the day is.
    checks: Vec<Check>,
    /// What closing it will do, for whoever may.
    closing: Option<String>,
    /// What has become known since, once it is closed.
    since: Option<Since>,
    refusals: Vec<String>,
}

/// Something to look at before a day is closed.
struct Check {
    text: String,
    /// The class of its tag.
    tag: &'static str,
    state: String,
    link: Option<&'static str>,
}

struct Since {
    summary: String,
    /// Whether anything has: of the day itself, or of one before.
    has_any: bool,
    balance: Table,
    lines: Table,
}

/// What is read for it.
struct Seen {
    bulletin: Bulletin,
    corrections: Option<Corrections>,
    waiting: custody::Waiting,
    n_on_road: usize,
}

/// Says that the day was looked over.
#[derive(Debug, Deserialize)]
pub struct SealForm {
    #[serde(default)]
    looked_over: String,
}

/// Shows it.
pub async fn show(call: Call, on: Path<String>) -> Result<HttpResponse, Problem> {
    let on = day_of(&on)?;
    shown(call, on, None).await
}

/// Closes it.
pub async fn seal(call: Call, on: Path<String>, form: Form<SealForm>) -> Result<HttpResponse, Problem> {
    let on = day_of(&on)?;
    if form.looked_over.is_empty() {
        return shown(call, on, Some(Error::invalid("looked_over", Message::new("days_look_first")))).await;
    }
    let actor = call.actor.clone();
    match call.app.write(move |tx| figures::seal(tx, &actor, on)).await {
        Ok(_) => Ok(go(&format!("/days/{on}"))),
        Err(error) => shown(call, on, Some(error)).await,
    }
}

/// Hands out its bulletin as a file.
pub async fn bulletin(call: Call, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (on, format) = path.into_inner();
    let on = day_of(&on)?;
    let format: Format = format.parse().map_err(|_| Error::NotFound("bulletin"))?;
    let (actor, now) = (call.actor.clone(), call.app.db().clock().now());
    let bulletin = call.app.read(move |conn| bulletin_for(conn, &actor, on, now)).await?;
    Ok(file(&call, &bulletin, format).await?)
}

fn day_of(text: &str) -> Result<NaiveDate> {
    parse_date(text).ok_or(Error::NotFound("day"))
}

fn read(conn: &mut Conn, actor: &Actor, on: NaiveDate, now: DateTime<Utc>) -> Result<Seen> {
    let bulletin = bulletin_for(conn, actor, on, now)?;
    let corrections = corrections_for(conn, actor, on)?;
    let trips = if actor.role().may(Act::ViewTrips) { dispatch::trips_on(conn, actor, on)? } else { Vec::new() };
    let n_on_road = trips.iter().filter(|line| line.trip.state.is_open() || matches!(line.trip.state, TripState::Departed { .. })).count();
    Ok(Seen { bulletin, corrections, waiting: custody::waiting(conn, None, now)?, n_on_road })
}

async fn shown(call: Call, on: NaiveDate, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let (language, actor, now) = (call.language, call.actor.clone(), call.app.db().clock().now());
    let refusals = refusal.map(|error| told(error, language)).transpose()?.unwrap_or_default();
    let seen = call.app.read(move |conn| read(conn, &actor, on, now)).await?;
    let places = &call.app.rulebook().places;
    let paper = Paper::of(&seen.bulletin, *call.actor.scope() != Scope::All, places, language);
    let is_open = seen.bulletin.seal.is_none();
    let is_over = on <= ledger::last_complete_day(now);
    let may_seal = call.actor.must_everywhere(Act::SealDay).is_ok();
    let name = words::day(on, language);
    let since = seen.corrections.as_ref().map(|found| Since {
        summary: Message::new("days_since").with("n", found.lines.len()).with("net", daily::in_charge(&found.net.closing)).text(language),
        has_any: !found.lines.is_empty() || found.net != Figures::default(),
        balance: daily::since(found, language),
        lines: daily::corrections(&found.lines, places, language),
    });
    let total = &seen.bulletin.figures.total;
    let closing = Message::new("days_closing").with("on", &name).with("landed", total.flows.landed).with("received", total.flows.received);
    let closing = closing.with("charge", daily::in_charge(&total.closing)).text(language);
    let shown = DayPage {
        closing: (is_open && is_over && may_seal && seen.bulletin.figures.balanced).then_some(closing),
        checks: if is_open { checks(&seen, on, now, language) } else { Vec::new() },
        frame: Frame::of(&call),
        on,
        name,
        paper,
        since,
        refusals,
    };
    page(code, &shown)
}

/// What should be looked at before the day is closed. Only a day that is not over, or does not balance, cannot be: whatever else is open
/// stays open, and what it comes to is a correction.
fn checks(seen: &Seen, on: NaiveDate, now: DateTime<Utc>, language: Language) -> Vec<Check> {
    let check = |is_fine: bool, is_bar: bool, text: Message, link| {
        let (tag, state) = match (is_fine, is_bar) {
            (true, _) => ("arrived", "days_fine"),
            (false, true) => ("late", "days_bars"),
            (false, false) => ("waiting", "days_look"),
        };
        Check { text: text.text(language), tag, state: language.text(state), link: Some(link).filter(|_| !is_fine) }
    };
    let Seen { bulletin, waiting, n_on_road, .. } = seen;
    let from = in_shanghai(end_of(on) + ledger::GRACE);
    let unknown: i64 = bulletin.figures.rows.iter().filter(|row| row.province.is_none()).map(|row| daily::in_charge(&row.figures.closing)).sum();
    vec![
        check(
            on <= ledger::last_complete_day(now),
            true,
            Message::new("days_check_over").with("from", from.get(..16).unwrap_or(&from).replace('T', " ")),
            "/days",
        ),
        check(bulletin.figures.balanced, true, Message::new("days_check_balanced"), "/"),
        check(waiting.unanswered == 0, false, Message::new("days_check_open").with("n", waiting.unanswered), "/receive"),
        check(waiting.overdue == 0, false, Message::new("days_check_overdue").with("n", waiting.overdue), "/receive"),
        check(*n_on_road == 0, false, Message::new("days_check_trips").with("n", n_on_road), "/trips"),
        check(unknown == 0, false, Message::new("days_check_destination").with("n", unknown), "/desk"),
    ]
}
