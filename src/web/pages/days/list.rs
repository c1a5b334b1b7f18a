//! The days of the last two weeks, closed or open, and what became known of closed ones lately.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{Days, NaiveDate};

use crate::access::Act;
use crate::base::Result;
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::bulletin::daily::{self, Table};
use crate::figures::{self, Figures, SealedDay};
use crate::ledger;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

/// How many days are listed.
const DAYS: u32 = 14;

/// How many corrections are listed, at the most.
const MOST: u32 = 200;

#[derive(Template)]
#[template(path = "days/list.html", config = ".askama.toml")]
struct DaysPage {
    frame: Frame,
    days: Vec<DayLine>,
    n_open: usize,
    may_see_roots: bool,
    corrections: Table,
}

struct DayLine {
    on: NaiveDate,
    name: String,
    /// The class of its tag.
    tag: &'static str,
    state: String,
    number: Option<i32>,
    sealed: String,
    /// Landed, received, in charge at the end; only what is sealed is shown.
    counts: [Option<i64>; 3],
}

/// Shows them.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let (actor, language) = (call.actor.clone(), call.language);
    let now = call.app.db().clock().now();
    let today = civil_date(now);
    let read = call.app.read(move |conn| {
        let sealed = figures::sealed_days(conn, &actor, PageRequest::new(None, Some(DAYS)))?.items;
        // What the oldest seal shown did not know, and all that came after.
        let since = sealed.iter().map(|(day, _)| day.flow_id).min().unwrap_or_default();
        let mut corrections = figures::corrections_list(conn, None, PageRequest::new(Some(since), Some(MOST)))?.items;
        corrections.retain(|line| figures::concerns(&actor, &line.flow.cell));
        let sealed = sealed.into_iter().map(|(mut day, _)| {
            day.figures = day.figures.narrowed(|row| figures::concerns(&actor, &row.cell()));
            (day.on, day)
        });
        Ok((figures::first_day(conn)?, sealed.collect::<BTreeMap<NaiveDate, SealedDay>>(), corrections))
    });
    let (first, sealed, mut corrections) = read.await?;
    corrections.reverse();
    let last_complete = ledger::last_complete_day(now);
    let days: Vec<DayLine> = (0..u64::from(DAYS))
        .map(|n| today - Days::new(n))
        .filter(|on| *on == today || sealed.contains_key(on) || first.is_some_and(|first| first <= *on))
        .map(|on| {
            let day = sealed.get(&on);
            let (tag, state) = match day {
                Some(_) => ("arrived", "days_sealed"),
                None if on > last_complete => ("moving", "days_running"),
                None => ("waiting", "days_open"),
            };
            DayLine {
                on,
                name: words::day(on, language),
                tag,
                state: language.text(state),
                number: day.map(|day| day.number),
                sealed: day.map(|day| format!("{} {}", words::moment(day.sealed_at, today, language), day.sealed_by)).unwrap_or_default(),
                counts: day.map_or([None; 3], |day| counts(&day.figures.total).map(Some)),
            }
        })
        .collect();
    let may_seal = call.actor.role().may(Act::SealDay);
    let shown = DaysPage {
        n_open: if may_seal { days.iter().filter(|day| day.tag == "waiting").count() } else { 0 },
        days,
        may_see_roots: call.actor.must_oversee().is_ok(),
        corrections: daily::corrections(&corrections, &call.app.rulebook().places, language),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

/// Landed, received, and in charge at the end.
fn counts(total: &Figures) -> [i64; 3] {
    [total.flows.landed, total.flows.received, daily::in_charge(&total.closing)]
}
