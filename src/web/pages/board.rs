//! The board of today: first what is wrong, then how many people are where and what moved them, who must move, and which trips go. One
//! province can be looked into by city; on a wall it is shown large and without controls.

use std::collections::{BTreeMap, HashSet};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

use super::chart::Chart;
use super::trips::{aboard, under_way};
use super::words::{self, clock, place};
use super::{Frame, page};
use crate::access::{Act, Actor};
use crate::arrivals::{self, Due, DueRow};
use crate::base::time::{SHANGHAI, civil_date};
use crate::base::{Id, Language, Message, Result};
use crate::custody::{self, Stage};
use crate::db::{Conn, last_event};
use crate::dispatch::{self, DayBalance, Trip, TripLine, TripState};
use crate::figures::{DayFigures, Figures, Flows, Stocks};
use crate::ledger::{self, Stock};
use crate::places::{Organisation, OrganisationKind, Places};
use crate::policy::Rulebook;
use crate::web::api::totals::figures_for;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// The stocks of people who are somebody's today; the others have gone.
const STOCKS: [Stock; 5] = [Stock::AtPort, Stock::InShanghai, Stock::OnRoad, Stock::AtDestination, Stock::Medical];

/// The stations of the chain, in order; the doctors stand beside it.
const CHAIN: [Stock; 4] = [Stock::AtPort, Stock::InShanghai, Stock::OnRoad, Stock::AtDestination];

/// How many destinations the board names; the page of the day's trips has them all.
const MOST_DUE: usize = 12;

/// After so long at the port somebody must act.
const LONG_WAIT: TimeDelta = TimeDelta::hours(2);

#[derive(Template)]
#[template(path = "board.html", config = ".askama.toml")]
struct BoardPage {
    frame: Frame,
    /// The number of the last event that the page knows of.
    last_event: i64,
    on: String,
    as_of: String,
    is_wall: bool,
    alarms: Vec<Alarm>,
    /// What else there is to look at, and where.
    further: Vec<(&'static str, String)>,
    is_balanced: bool,
    stations: Vec<Tile>,
    medical: Tile,
    links: Vec<(String, i64)>,
    flows: Vec<(String, i64)>,
    stocks: Vec<String>,
    within: Option<String>,
    provinces: Vec<Province>,
    total: Province,
    charts: [Chart; 2],
    due: Vec<DueLine>,
    trips: Vec<TripRow>,
}

/// What somebody must look at, and where.
struct Alarm {
    text: String,
    link: String,
}

/// Which part is wanted.
#[derive(Debug, Deserialize)]
pub struct BoardQuery {
    /// The code of a province, to see its cities.
    province: Option<String>,
    /// 1 on a wall.
    #[serde(default)]
    wall: u8,
}

/// How many are in one stock, and how many more than at midnight.
struct Tile {
    key: &'static str,
    label: String,
    n: i64,
    change: i64,
}

struct Province {
    code: Option<String>,
    name: String,
    stocks: Vec<i64>,
    flows: [i64; 4],
}

struct DueLine {
    name: String,
    count: u64,
    cleared: u64,
    blocked: Vec<(String, u64)>,
}

struct TripRow {
    id: String,
    number: String,
    plate: String,
    to: String,
    departs: String,
    arrives: String,
    /// How many sit on it, of how many.
    aboard: String,
    /// The class of its tag: planned, waiting, moving, done, off, late.
    tag: &'static str,
    state: String,
}

/// What is read for it.
struct Seen {
    last_event: i64,
    figures: DayFigures,
    due: Due,
    trips: Vec<TripLine>,
    /// Those whose people the reader counts blind.
    to_count: HashSet<Id<Trip>>,
    n_waiting_long: i64,
    /// How many handoffs of those that exist for the reader wait for an answer, by stage.
    waiting: Vec<(Stage, Option<usize>)>,
    /// The provinces that lack seats or drivers tomorrow.
    short: Vec<String>,
    /// Whether yesterday is over, has figures, and nobody has closed it.
    is_yesterday_open: bool,
    /// What landed and what was received on each day of the last week, the oldest first.
    past: Vec<(NaiveDate, [i64; 2])>,
    /// How many must move on each day of the next week, and how many of them something holds.
    ahead: Vec<(NaiveDate, [i64; 2])>,
}

/// Shows it.
pub async fn show(call: Call, query: Query<BoardQuery>) -> Result<HttpResponse, Problem> {
    let (actor, rulebook, now) = (call.actor.clone(), call.app.rulebook().clone(), call.app.db().clock().now());
    let seen = call.app.read(move |conn| read(conn, &actor, &rulebook, now)).await?;
    let (language, places, today) = (call.language, &call.app.rulebook().places, civil_date(now));
    let weekday = language.text(&format!("weekday_{}", today.format("%u")));
    let within = query.province.as_deref();
    let Seen { figures, due, trips, to_count, .. } = &seen;
    let shown = BoardPage {
        last_event: seen.last_event,
        on: format!("{today} {weekday}"),
        as_of: Message::new("board_as_of").with("at", now.with_timezone(&SHANGHAI).format("%H:%M:%S")).text(language),
        is_wall: query.wall == 1,
        alarms: alarms(&seen, &call.actor, places, now, language).into_iter().map(|(message, link)| Alarm { text: message.text(language), link }).collect(),
        further: further(&call.actor, language),
        is_balanced: figures.balanced,
        stations: CHAIN.map(|stock| tile(&figures.total, stock, language)).into(),
        medical: tile(&figures.total, Stock::Medical, language),
        links: links(&figures.total.flows, language),
        flows: flows(&figures.total.flows, language),
        stocks: STOCKS.map(|stock| language.text(&format!("stock_{}", stock.name()))).into(),
        within: within.map(|code| words::province(places, code, language)),
        provinces: provinces(figures, within, places, language),
        total: Province::sum(None, language.text("board_total"), &of_province(figures, within)),
        charts: [past(&seen.past, language), ahead(&seen.ahead, language)],
        due: due_lines(due, places, language),
        trips: trips.iter().map(|trip| TripRow::of(trip, to_count, places, language, now)).collect(),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

fn read(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, now: DateTime<Utc>) -> Result<Seen> {
    let today = civil_date(now);
    let (mut past, mut is_yesterday_open) = (Vec::new(), false);
    for day in (1..=6).rev().map(|days| today - Days::new(days)) {
        let figures = figures_for(conn, actor, day, None)?;
        past.push((day, [figures.total.flows.landed, figures.total.flows.received]));
        let has_figures = figures.total != Figures::default();
        is_yesterday_open = day == ledger::last_complete_day(now) && has_figures && !figures.sealed && actor.must_everywhere(Act::SealDay).is_ok();
    }
    let figures = figures_for(conn, actor, today, None)?;
    past.push((today, [figures.total.flows.landed, figures.total.flows.received]));
    let due = arrivals::due(conn, actor, rulebook, today)?;
    let n = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let ahead = arrivals::expected(conn, actor, today + Days::new(1), 7)?;
    let ahead = ahead.into_iter().map(|day| (day.on, [n(day.cities.values().sum()), n(day.held)])).collect();
    let mut n_waiting_long = 0;
    if actor.role().may(Act::ViewTravellers) {
        let desks = rulebook.organisations.iter().filter(|one| one.kind == OrganisationKind::AirportDesk).map(Organisation::id);
        n_waiting_long = arrivals::n_waiting_since(conn, actor, &desks.collect::<Vec<_>>(), now - LONG_WAIT)?;
    }
    let mut short = Vec::new();
    if actor.role().may(Act::ViewTrips) {
        let tomorrow = dispatch::balance(conn, actor, rulebook, today + Days::new(1), 1)?;
        short.extend(tomorrow.into_iter().filter(|province| province.days.iter().any(DayBalance::is_short)).map(|province| province.province));
    }
    let waiting = if actor.role().may(Act::ViewTravellers) { custody::at_stages(conn, actor, None, now)? } else { Vec::new() };
    let (last_event, trips) = (last_event(conn)?, under_way(conn, actor, today)?);
    let to_count = custody::trips_to_count(conn, actor)?;
    Ok(Seen { last_event, figures, due, trips, to_count, n_waiting_long, waiting, short, is_yesterday_open, past, ahead })
}

/// The pages behind the board that the reader may open.
fn further(actor: &Actor, language: Language) -> Vec<(&'static str, String)> {
    let role = actor.role();
    let all = [
        ("/receive?state=waiting", language.text("overview_title"), role.may(Act::ViewTravellers)),
        ("/statements", language.text("statement_title"), role.may(Act::SignStatement)),
        ("/balance", language.text("page_balance"), role.may(Act::ViewTotals)),
        ("/days", language.text("page_days"), role.may(Act::ViewTotals)),
        ("/days/roots", language.text("roots_title"), actor.must_oversee().is_ok()),
        ("/admin/health", language.text("admin_health"), actor.must_oversee().is_ok()),
    ];
    all.into_iter().filter(|(.., may)| *may).map(|(path, label, _)| (path, label)).collect()
}

/// What somebody must look at now, the worst first, and the page on which they see it; a part of this one where they may open no other.
fn alarms(seen: &Seen, actor: &Actor, places: &Places, now: DateTime<Utc>, language: Language) -> Vec<(Message, String)> {
    let mut alarms = Vec::new();
    let (role, today) = (actor.role(), civil_date(now));
    let or_here = |act: Act, path: String, here: &str| if role.may(act) { path } else { here.to_owned() };
    let Seen { figures, due, trips, n_waiting_long, waiting, .. } = seen;
    if !figures.balanced {
        alarms.push((Message::new("alarm_unbalanced"), format!("/days/{today}")));
    }
    let n_at = |wanted: Stage| waiting.iter().find(|(stage, _)| *stage == wanted).and_then(|(_, n)| *n).unwrap_or_default();
    for (stage, alarm) in [(Stage::Overdue, Message::new("alarm_overdue")), (Stage::Lapsing, Message::new("alarm_lapsing"))] {
        if n_at(stage) > 0 {
            alarms.push((alarm.with("count", n_at(stage)), format!("/receive?state={}", stage.name())));
        }
    }
    let late: Vec<&Trip> = trips.iter().filter(|line| is_late(line, now)).map(|line| &line.trip).collect();
    let numbers = || late.iter().map(|trip| trip.number.as_str()).collect::<Vec<_>>().join(", ");
    match late.as_slice() {
        [] => {}
        [trip] => alarms.push((Message::new("alarm_late_trips").with("trips", numbers()), format!("/trips/{}", trip.id))),
        _ => alarms.push((Message::new("alarm_late_trips").with("trips", numbers()), "#trips".into())),
    }
    if *n_waiting_long > 0 {
        alarms.push((Message::new("alarm_waiting_long").with("count", n_waiting_long), or_here(Act::ImportRoster, "/desk".into(), "#where")));
    }
    let blocked: u64 = due.due.iter().chain(&due.home).flat_map(|row| &row.blocked).map(|blocked| blocked.count).sum();
    if blocked > 0 {
        alarms.push((Message::new("alarm_blocked").with("count", blocked), or_here(Act::ViewTrips, format!("/trips?on={today}"), "#due")));
    }
    if seen.is_yesterday_open {
        alarms.push((Message::new("alarm_unsealed"), format!("/days/{}", ledger::last_complete_day(now))));
    }
    if !seen.short.is_empty() {
        let provinces = seen.short.iter().map(|code| words::province(places, code, language)).collect::<Vec<_>>().join("、");
        alarms.push((Message::new("alarm_short").with("provinces", provinces), "/balance".into()));
    }
    let unknown: i64 = figures.rows.iter().filter(|row| row.province.is_none()).map(|row| row.figures.closing.at_port).sum();
    if unknown > 0 {
        alarms.push((Message::new("alarm_no_destination").with("count", unknown), or_here(Act::ImportRoster, "/desk".into(), "#where")));
    }
    alarms
}

fn past(days: &[(NaiveDate, [i64; 2])], language: Language) -> Chart {
    let sum = |at: usize| days.iter().map(|(_, pair)| pair[at]).sum::<i64>();
    let title = Message::new("chart_past").with("landed", sum(0)).with("received", sum(1)).text(language);
    Chart::new(title, [language.text("flow_landed"), language.text("flow_received")], labelled(days))
}

fn ahead(days: &[(NaiveDate, [i64; 2])], language: Language) -> Chart {
    let busiest = days.iter().max_by_key(|(day, pair)| (pair[0], std::cmp::Reverse(*day)));
    let title = match busiest.filter(|(_, pair)| pair[0] > 0) {
        Some((day, pair)) => Message::new("chart_ahead").with("on", words::day(*day, language)).with("count", pair[0]),
        None => Message::new("chart_ahead_nobody"),
    };
    Chart::new(title.text(language), [language.text("board_due_count"), language.text("board_due_held")], labelled(days))
}

fn labelled(days: &[(NaiveDate, [i64; 2])]) -> Vec<(String, [i64; 2])> {
    days.iter().map(|(day, pair)| (day.format("%-m-%-d").to_string(), *pair)).collect()
}

/// Whether a trip should have left, or come in, by now.
fn is_late(line: &TripLine, now: DateTime<Utc>) -> bool {
    match line.trip.state {
        TripState::Planned | TripState::Announced | TripState::Boarding => line.trip.departs_at < now,
        TripState::Departed { .. } => line.trip.arrives_at < now,
        _ => false,
    }
}

fn tile(total: &Figures, stock: Stock, language: Language) -> Tile {
    let n = total.closing.of(stock);
    Tile { key: stock.name(), label: language.text(&format!("stock_{}", stock.name())), n, change: n - total.opening.of(stock) }
}

/// What passed today between one station of the chain and the next, and out at its end.
fn links(flows: &Flows, language: Language) -> Vec<(String, i64)> {
    let named = [("flow_admitted", flows.admitted), ("flow_boarded", flows.boarded), ("flow_received", flows.received), ("flow_released", flows.released)];
    named.map(|(key, n)| (language.text(key), n)).into()
}

/// What else moved today.
fn flows(flows: &Flows, language: Language) -> Vec<(String, i64)> {
    let named =
        [("flow_landed", flows.landed), ("flow_diverted", flows.diverted), ("flow_returned", flows.returned), ("flow_left_network", flows.left_network)];
    named.map(|(key, n)| (language.text(key), n)).into()
}

/// The rows of a province, or of all.
fn of_province<'a>(figures: &'a DayFigures, within: Option<&str>) -> Vec<&'a Figures> {
    figures.rows.iter().filter(|row| within.is_none_or(|within| row.province.as_deref() == Some(within))).map(|row| &row.figures).collect()
}

/// The rows of each province together, or of each city within one; those whose destination nobody has entered come last.
fn provinces(figures: &DayFigures, within: Option<&str>, places: &Places, language: Language) -> Vec<Province> {
    let mut sums: BTreeMap<(bool, Option<&str>), Vec<&Figures>> = BTreeMap::new();
    for row in figures.rows.iter().filter(|row| within.is_none_or(|within| row.province.as_deref() == Some(within))) {
        let code = if within.is_some() { row.city.as_deref() } else { row.province.as_deref() };
        sums.entry((code.is_none(), code)).or_default().push(&row.figures);
    }
    let name = |code: Option<&str>| match code {
        None => language.text("board_no_destination"),
        Some(code) if within.is_none() => words::province(places, code, language),
        Some(code) => place(places, code, language),
    };
    sums.into_iter().map(|((_, code), parts)| Province::sum(code.filter(|_| within.is_none()).map(str::to_owned), name(code), &parts)).collect()
}

/// The destinations of those who must move, those with most people who may not first.
fn due_lines(due: &Due, places: &Places, language: Language) -> Vec<DueLine> {
    let mut rows: Vec<&DueRow> = due.due.iter().chain(&due.home).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count - row.cleared));
    rows.into_iter().take(MOST_DUE).map(|row| DueLine::of(row, places, language)).collect()
}

impl Province {
    fn sum(code: Option<String>, name: String, parts: &[&Figures]) -> Self {
        let stock = |stock: Stock| parts.iter().map(|part| Stocks::of(&part.closing, stock)).sum();
        let flow = |flow: fn(&Flows) -> i64| parts.iter().map(|part| flow(&part.flows)).sum();
        let flows = [flow(|flows| flows.landed), flow(|flows| flows.boarded), flow(|flows| flows.received), flow(|flows| flows.released)];
        Self { code, name, stocks: STOCKS.map(stock).into(), flows }
    }
}

impl DueLine {
    fn of(row: &DueRow, places: &Places, language: Language) -> Self {
        let blocked = row.blocked.iter().map(|blocked| (language.text(&format!("block_{}", blocked.reason)), blocked.count)).collect();
        Self { name: place(places, &row.destination, language), count: row.count, cleared: row.cleared, blocked }
    }
}

impl TripRow {
    fn of(line: &TripLine, to_count: &HashSet<Id<Trip>>, places: &Places, language: Language, now: DateTime<Utc>) -> Self {
        let trip = &line.trip;
        let tag = match trip.state {
            _ if is_late(line, now) => "late",
            TripState::Planned => "planned",
            TripState::Announced | TripState::Boarding => "waiting",
            TripState::Departed { .. } => "moving",
            TripState::Arrived { .. } | TripState::Closed { .. } => "arrived",
            TripState::Cancelled { .. } => "off",
        };
        Self {
            id: trip.id.to_string(),
            number: trip.number.clone(),
            plate: line.vehicle.plate.to_string(),
            to: words::province(places, &trip.province, language),
            departs: clock(trip.state.departed_at().unwrap_or(trip.departs_at)),
            arrives: clock(trip.state.arrived_at().unwrap_or(trip.arrives_at)),
            aboard: aboard(line, to_count),
            tag,
            state: language.text(&format!("trip_state_{}", trip.state.name())),
        }
    }
}
