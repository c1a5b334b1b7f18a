//! The rules in force, every version of them, and what they come to for a landing that is only supposed; and the organisations of the
//! chain. Rules are data: the files of the installation, and what administrators have loaded since.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Tab, around};
use crate::access::Act;
use crate::base::time::{SHANGHAI, civil_date, parse_instant};
use crate::base::{Error, Language, Message, Result};
use crate::places::{Destination, OrganisationKind};
use crate::policy::{Facts, Policy, Rulebook};
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "admin/policies.html", config = ".askama.toml")]
struct PoliciesPage {
    frame: Frame,
    tabs: Vec<Tab>,
    may_load: bool,
    policies: Vec<PolicyLine>,
    landed_at: String,
    to: String,
    fault: Option<String>,
    supposed: Option<Supposed>,
}

#[derive(Template)]
#[template(path = "admin/organisations.html", config = ".askama.toml")]
struct OrganisationsPage {
    frame: Frame,
    tabs: Vec<Tab>,
    may_load: bool,
    kinds: Vec<(String, Vec<OrganisationLine>)>,
    routes: Vec<RouteLine>,
}

/// Who receives for a province that lands today, where it takes its people, and through which hub.
struct RouteLine {
    province: String,
    receiver: String,
    others: String,
    transfer_to: String,
    hub: String,
}

struct PolicyLine {
    name: String,
    version: u32,
    from: String,
    regions: String,
    segments: Vec<String>,
    tests: Vec<String>,
    digest: String,
    sources: Vec<String>,
    is_latest: bool,
}

/// What each policy that could count would come to, the one that does first.
struct Supposed {
    bound_for: String,
    receiver: String,
    because: Vec<String>,
    rows: Vec<SupposedRow>,
}

struct SupposedRow {
    policy: String,
    counts: bool,
    segments: Vec<String>,
    moves: String,
    released: String,
}

struct OrganisationLine {
    code: String,
    name: String,
    place: String,
    parent: String,
}

/// A landing that is supposed.
#[derive(Debug, Deserialize)]
pub struct WhatIfQuery {
    #[serde(default)]
    landed_at: String,
    #[serde(default)]
    to: String,
}

/// Shows the policies, and what they come to if a landing is supposed.
pub async fn show(call: Call, query: Query<WhatIfQuery>) -> Result<HttpResponse, Problem> {
    let (language, rulebook, now) = (call.language, call.app.rulebook().clone(), call.app.db().clock().now());
    let WhatIfQuery { landed_at, to } = query.into_inner();
    let asked = if to.is_empty() { None } else { Some(suppose(&rulebook, &landed_at, &to, language)) };
    let (supposed, fault) = match asked {
        None => (None, None),
        Some(Ok(supposed)) => (Some(supposed), None),
        Some(Err(message)) => (None, Some(message.text(language))),
    };
    let all: Vec<&Policy> = rulebook.policies.iter().collect();
    let is_latest = |policy: &Policy| !all.iter().any(|other| other.name == policy.name && other.version > policy.version);
    let (frame, tabs) = around(&call);
    let shown = PoliciesPage {
        frame,
        tabs,
        may_load: may_load(&call),
        policies: all.iter().map(|policy| line(policy, is_latest(policy), language)).collect(),
        landed_at: if landed_at.is_empty() { now.with_timezone(&SHANGHAI).format("%Y-%m-%dT%H:%M").to_string() } else { landed_at },
        to,
        fault,
        supposed,
    };
    page(StatusCode::OK, &shown)
}

/// Shows the organisations by what they do.
pub async fn organisations(call: Call) -> Result<HttpResponse, Problem> {
    let (language, rulebook) = (call.language, call.app.rulebook().clone());
    let kinds = [
        OrganisationKind::AirportDesk,
        OrganisationKind::DistrictGroup,
        OrganisationKind::ProvincialGroup,
        OrganisationKind::CitySquad,
        OrganisationKind::Hub,
        OrganisationKind::Site,
        OrganisationKind::Hospital,
    ];
    let of_kind = |kind: OrganisationKind| {
        let lines = rulebook.organisations.iter().filter(|one| one.kind == kind).map(|one| OrganisationLine {
            code: one.code.clone(),
            name: words::organisation(one, language),
            place: words::place(&rulebook.places, &one.place.to_string(), language),
            parent: one.parent.as_deref().map(|code| words::organisation_named(&rulebook.organisations, code, language)).unwrap_or_default(),
        });
        (language.text(&format!("organisation_{}", kind.word())), lines.collect())
    };
    let (frame, tabs) = around(&call);
    let now = call.app.db().clock().now();
    page(
        StatusCode::OK,
        &OrganisationsPage { frame, tabs, may_load: may_load(&call), kinds: kinds.map(of_kind).into(), routes: routes(&rulebook, now, language) },
    )
}

fn may_load(call: &Call) -> bool {
    call.actor.must_everywhere(Act::ManagePolicies).is_ok()
}

/// The routes of the three provinces and of all others, for a landing now.
fn routes(rulebook: &Rulebook, now: DateTime<Utc>, language: Language) -> Vec<RouteLine> {
    let organisations = &rulebook.organisations;
    let Some(desk) = organisations.iter().find(|one| one.kind == OrganisationKind::AirportDesk) else { return Vec::new() };
    let line = |code: &str| {
        let to = rulebook.places.destination(code.parse().ok()?)?;
        let reception = rulebook.routes.reception(organisations, desk, Some(&to), now, true);
        let transfer_to = rulebook.routes.transfer_destination(&to, now);
        Some(RouteLine {
            province: if code == OTHER { language.text("route_other") } else { words::province(&rulebook.places, code, language) },
            receiver: words::organisation(reception.receiver, language),
            others: reception.others.iter().map(|one| words::organisation(one, language)).collect::<Vec<_>>().join("、"),
            transfer_to: match transfer_to == to.city {
                true => language.text("route_own_city"),
                false => words::place(&rulebook.places, &transfer_to.to_string(), language),
            },
            hub: rulebook.routes.hub(organisations, &to, now).map(|hub| words::organisation(hub, language)).unwrap_or_default(),
        })
    };
    ["320000", "330000", "340000", OTHER].into_iter().filter_map(line).collect()
}

/// A province that no route names stands for all of them.
const OTHER: &str = "110000";

fn line(policy: &Policy, is_latest: bool, language: Language) -> PolicyLine {
    let segment = |segment: &crate::policy::Segment| {
        let place = segment.place.to_string();
        let place = if place.starts_with(|c: char| c.is_ascii_digit()) { place } else { language.text(&format!("segment_{place}")) };
        format!("{place} {}", Message::new("n_days").with("n", segment.days).text(language))
    };
    let test = |test: &crate::policy::TestRule| {
        let kind = language.text(&format!("test_{}", test.kind.word()));
        Message::new("policy_test").with("kind", kind).with("day", test.day).text(language)
    };
    PolicyLine {
        name: policy.name.clone(),
        version: policy.version,
        from: format!("{} {}", civil_date(policy.from), words::clock(policy.from)),
        regions: policy.applies_to.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        segments: policy.segments.iter().map(segment).collect(),
        tests: policy.tests.iter().map(test).collect(),
        digest: policy.digest().chars().take(12).collect(),
        sources: policy.sources.clone(),
        is_latest,
    }
}

fn suppose(rulebook: &Rulebook, landed_at: &str, to: &str, language: Language) -> Result<Supposed, Message> {
    let landed_at = parse_instant(&landed_at.replace('T', " ")).ok_or_else(|| Message::new("bad_instant"))?;
    let destination = rulebook.places.resolve(to).map_err(|unresolved| unresolved.message())?;
    let chosen = rulebook.policies.choose(destination.province, landed_at).map_err(|error: Error| error.message())?;
    let today = civil_date(landed_at);
    let desk = rulebook.organisations.iter().find(|one| one.kind == OrganisationKind::AirportDesk);
    let reception = desk.map(|desk| rulebook.routes.reception(&rulebook.organisations, desk, Some(&destination), landed_at, chosen.begins_in_shanghai()));
    let region = |policy: &&Policy| policy.applies_to.iter().any(|region| chosen.applies_to.contains(region));
    let mut others: Vec<&Policy> = rulebook.policies.iter().filter(region).filter(|policy| !std::ptr::eq(*policy, chosen)).collect();
    others.insert(0, chosen);
    let facts = Facts::landed(landed_at);
    Ok(Supposed {
        bound_for: words::place(&rulebook.places, &destination.adcode.to_string(), language),
        receiver: reception.map(|reception| words::organisation(reception.receiver, language)).unwrap_or_default(),
        because: chosen.calendar(&facts).because(today).iter().map(|message| message.text(language)).collect(),
        rows: others.iter().enumerate().map(|(n, policy)| row(rulebook, policy, n == 0, &destination, landed_at, language)).collect(),
    })
}

fn row(rulebook: &Rulebook, policy: &Policy, counts: bool, to: &Destination, landed_at: DateTime<Utc>, language: Language) -> SupposedRow {
    let calendar = policy.calendar(&Facts::landed(landed_at));
    let segment = |segment: &crate::policy::SegmentDates| {
        let place = match segment.place.to_string().as_str() {
            "destination" => words::place(&rulebook.places, &rulebook.routes.transfer_destination(to, landed_at).to_string(), language),
            "shanghai" => language.text("segment_shanghai"),
            "home" => language.text("segment_home"),
            code => words::place(&rulebook.places, code, language),
        };
        format!("{place} {} – {}", words::day(segment.starts_on, language), words::day(segment.ends_on, language))
    };
    SupposedRow {
        policy: Message::new("policy_named").with("policy", &policy.name).with("version", policy.version).text(language),
        counts,
        segments: calendar.segments.iter().map(segment).collect(),
        moves: calendar.transfer_on.iter().map(|on| words::day(*on, language)).collect::<Vec<_>>().join(", "),
        released: words::day(civil_date(calendar.released_at), language),
    }
}
