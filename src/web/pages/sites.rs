//! Sites on a night: how many people each takes in, as it says itself and since when, how many beds trips were promised, who is there now.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use askama::Template;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::{Frame, go, page, told, words};
use crate::access::Act;
use crate::arrivals;
use crate::base::time::{civil_date, parse_date};
use crate::base::{Error, Id, Message, Result};
use crate::db::Conn;
use crate::places::Organisation;
use crate::sites::{self, Night, SiteNights};
use crate::web::call::Call;
use crate::web::problem::{Problem, status};

/// How many nights can be turned to at the top.
const STRIP: u64 = 7;

#[derive(Template)]
#[template(path = "sites.html", config = ".askama.toml")]
struct SitesPage {
    frame: Frame,
    on: String,
    day: String,
    strip: Vec<StripDay>,
    sites: Vec<SiteLine>,
    refusals: Vec<String>,
    may_confirm: bool,
}

/// A night at the top, with what is wrong on it.
struct StripDay {
    on: String,
    label: String,
    free: String,
    is_short: bool,
    is_here: bool,
}

struct SiteLine {
    code: String,
    name: String,
    place: String,
    present: i64,
    beds: String,
    promised: i64,
    free: String,
    is_short: bool,
    confirmed: Option<String>,
}

/// Which night; tonight if none is named.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct NightQuery {
    on: Option<String>,
}

/// What a site says of a night, and of those after it up to another.
#[derive(Debug, Deserialize)]
pub struct BedsForm {
    site: String,
    on: String,
    #[serde(default)]
    until: String,
    beds: String,
}

/// Shows the sites that exist for the reader.
pub async fn show(call: Call, query: Query<NightQuery>) -> Result<HttpResponse, Problem> {
    show_after(call, query.on.as_deref().and_then(parse_date), None).await
}

/// Confirms what a site says.
pub async fn confirm(call: Call, form: Form<BedsForm>) -> Result<HttpResponse, Problem> {
    let on = parse_date(&form.on);
    let (actor, read) = (call.actor.clone(), read(&call, &form));
    let confirmed = match read {
        Ok((site, first, last, beds)) => call.app.write(move |tx| sites::confirm(tx, &actor, site, first, last, beds).map(drop)).await,
        Err(error) => Err(error),
    };
    match confirmed {
        Ok(()) => Ok(go(&format!("/sites?on={}", form.on))),
        Err(error) => show_after(call, on, Some(error)).await,
    }
}

fn read(call: &Call, form: &BedsForm) -> Result<(Id<Organisation>, NaiveDate, NaiveDate, i32)> {
    let date = |field: &str, text: &str| parse_date(text.trim()).ok_or_else(|| Error::invalid(field, Message::new("bad_date")));
    let site = call.app.rulebook().organisations.get(&form.site).ok_or(Error::NotFound("site"))?;
    let first = date("on", &form.on)?;
    let last = if form.until.trim().is_empty() { first } else { date("until", &form.until)? };
    let beds = form.beds.trim().parse().map_err(|_| Error::invalid("beds", Message::new("beds_no_number")))?;
    Ok((site.id(), first, last, beds))
}

async fn show_after(call: Call, on: Option<NaiveDate>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let today = civil_date(call.app.db().clock().now());
    let on = on.unwrap_or(today);
    // The strip begins today, and at the night asked for if that lies elsewhere.
    let first = if (today..today + Days::new(STRIP)).contains(&on) { today } else { on };
    let actor = call.actor.clone();
    let read = move |conn: &mut Conn| {
        let nights = sites::nights(conn, &actor, first, STRIP)?;
        let ids: Vec<Id<Organisation>> = nights.iter().map(|one| one.site).collect();
        Ok((nights, arrivals::answered_for(conn, &ids)?))
    };
    let (nights, present) = call.app.read(read).await?;
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let shown = SitesPage {
        on: on.to_string(),
        day: words::day(on, call.language),
        strip: strip(&call, &nights, on),
        sites: nights.iter().filter_map(|one| site_line(&call, one, on, &present)).collect(),
        refusals,
        may_confirm: call.actor.role().may(Act::ManageSites),
        frame: Frame::of(&call),
    };
    page(code, &shown)
}

fn strip(call: &Call, sites: &[SiteNights], here: NaiveDate) -> Vec<StripDay> {
    let Some(some) = sites.first() else { return Vec::new() };
    let day = |(n, night): (usize, &Night)| {
        let of_night = || sites.iter().map(|site| &site.nights[n]);
        let frees: Vec<i64> = of_night().filter_map(Night::free).collect();
        StripDay {
            on: night.on.to_string(),
            label: words::day(night.on, call.language),
            free: if frees.is_empty() { "—".to_owned() } else { frees.iter().map(|free| free.max(&0)).sum::<i64>().to_string() },
            is_short: of_night().any(|night| night.short() > 0),
            is_here: night.on == here,
        }
    };
    some.nights.iter().enumerate().map(day).collect()
}

fn site_line(call: &Call, one: &SiteNights, on: NaiveDate, present: &HashMap<Id<Organisation>, i64>) -> Option<SiteLine> {
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let site = rulebook.organisations.with_id(one.site)?;
    let night = one.nights.iter().find(|night| night.on == on)?;
    let confirmed = night.confirmed.as_ref().map(|said| {
        let ago = words::length(now - said.at, language);
        Message::new("sites_confirmed_ago").with("ago", ago).with("by", &said.by).text(language)
    });
    Some(SiteLine {
        code: site.code.clone(),
        name: words::organisation(site, language),
        place: words::place(&rulebook.places, &site.place.to_string(), language),
        present: present.get(&one.site).copied().unwrap_or(0),
        beds: night.confirmed.as_ref().map(|said| said.beds.to_string()).unwrap_or_default(),
        promised: night.promised,
        free: night.free().map_or_else(|| "—".to_owned(), |free| free.to_string()),
        is_short: night.short() > 0,
        confirmed,
    })
}
