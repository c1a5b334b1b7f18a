//! The board of today: first what is wrong, then how many people are where, who must move, and which trips go.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{Frame, page};
use crate::arrivals::{self, Due, DueRow};
use crate::base::time::{SHANGHAI, civil_date};
use crate::base::{Language, Message};
use crate::dispatch::{self, TripLine, TripState};
use crate::figures::{DayFigures, Figures, Flows, Stocks};
use crate::ledger::Stock;
use crate::places::Places;
use crate::web::api::totals::figures_for;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// The stocks of people who are somebody's today; the others have gone.
const STOCKS: [Stock; 5] = [Stock::AtPort, Stock::InShanghai, Stock::OnRoad, Stock::AtDestination, Stock::Medical];

#[derive(Template)]
#[template(path = "board.html", config = ".askama.toml")]
struct BoardPage {
    frame: Frame,
    on: String,
    as_of: String,
    alarms: Vec<String>,
    is_balanced: bool,
    stocks: Vec<Tile>,
    flows: Vec<(String, i64)>,
    provinces: Vec<Province>,
    total: Province,
    due: Vec<DueLine>,
    trips: Vec<TripRow>,
}

/// How many are in one stock, and how many more than at midnight.
struct Tile {
    label: String,
    n: i64,
    change: i64,
}

struct Province {
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
    number: String,
    plate: String,
    to: String,
    departs: String,
    arrives: String,
    n_seats: i64,
    load_cap: i32,
    /// The class of its tag: planned, waiting, moving, done, off, late.
    tag: &'static str,
    state: String,
}

/// Shows it.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let (actor, rulebook) = (call.actor.clone(), call.app.rulebook().clone());
    let now = call.app.db().clock().now();
    let today = civil_date(now);
    let read = move |conn: &mut crate::db::Conn| {
        let figures = figures_for(conn, &actor, today, None)?;
        Ok((figures, arrivals::due(conn, &actor, &rulebook, today)?, dispatch::trips_on(conn, &actor, today)?))
    };
    let (figures, due, trips) = call.app.read(read).await?;
    let (language, places) = (call.language, &call.app.rulebook().places);
    let weekday = language.text(&format!("weekday_{}", today.format("%u")));
    let shown = BoardPage {
        on: format!("{today} {weekday}"),
        as_of: Message::new("board_as_of").with("at", clock(now)).text(language),
        alarms: alarms(&figures, &due, &trips, now).iter().map(|alarm| alarm.text(language)).collect(),
        is_balanced: figures.balanced,
        stocks: tiles(&figures.total, language),
        flows: flows(&figures.total.flows, language),
        provinces: provinces(&figures, places, language),
        total: Province::of(language.text("board_total"), &figures.total),
        due: due_lines(&due, places, language),
        trips: trips.iter().map(|trip| TripRow::of(trip, places, language, now)).collect(),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

/// What somebody must look at now, the worst first.
fn alarms(figures: &DayFigures, due: &Due, trips: &[TripLine], now: DateTime<Utc>) -> Vec<Message> {
    let mut alarms = Vec::new();
    if !figures.balanced {
        alarms.push(Message::new("alarm_unbalanced"));
    }
    let late: Vec<&str> = trips.iter().filter(|line| is_late(line, now)).map(|line| line.trip.number.as_str()).collect();
    if !late.is_empty() {
        alarms.push(Message::new("alarm_late_trips").with("trips", late.join(", ")));
    }
    let blocked: u64 = due.due.iter().chain(&due.home).flat_map(|row| &row.blocked).map(|blocked| blocked.count).sum();
    if blocked > 0 {
        alarms.push(Message::new("alarm_blocked").with("count", blocked));
    }
    let unknown: i64 = figures.rows.iter().filter(|row| row.province.is_none()).map(|row| row.figures.closing.at_port).sum();
    if unknown > 0 {
        alarms.push(Message::new("alarm_no_destination").with("count", unknown));
    }
    alarms
}

/// Whether a trip should have left, or come in, by now.
fn is_late(line: &TripLine, now: DateTime<Utc>) -> bool {
    match line.trip.state {
        TripState::Planned | TripState::Announced | TripState::Boarding => line.trip.departs_at < now,
        TripState::Departed { .. } => line.trip.arrives_at < now,
        _ => false,
    }
}

fn tiles(total: &Figures, language: Language) -> Vec<Tile> {
    let tile = |stock: Stock| {
        let n = total.closing.of(stock);
        Tile { label: language.text(&format!("stock_{}", stock.name())), n, change: n - total.opening.of(stock) }
    };
    STOCKS.map(tile).into()
}

fn flows(flows: &Flows, language: Language) -> Vec<(String, i64)> {
    let named = [
        ("flow_landed", flows.landed),
        ("flow_admitted", flows.admitted),
        ("flow_boarded", flows.boarded),
        ("flow_received", flows.received),
        ("flow_diverted", flows.diverted),
        ("flow_returned", flows.returned),
        ("flow_released", flows.released),
        ("flow_left_network", flows.left_network),
    ];
    named.map(|(key, n)| (language.text(key), n)).into()
}

/// The rows of each province together; those whose destination nobody has entered come last.
fn provinces(figures: &DayFigures, places: &Places, language: Language) -> Vec<Province> {
    let mut sums: BTreeMap<(bool, Option<&str>), Vec<&Figures>> = BTreeMap::new();
    for row in &figures.rows {
        sums.entry((row.province.is_none(), row.province.as_deref())).or_default().push(&row.figures);
    }
    let name = |code: Option<&str>| code.map_or_else(|| language.text("board_no_destination"), |code| place(places, code, language));
    sums.into_iter().map(|((_, code), parts)| Province::sum(name(code), &parts)).collect()
}

/// The destinations of those who must move, those with most people who may not first.
fn due_lines(due: &Due, places: &Places, language: Language) -> Vec<DueLine> {
    let mut rows: Vec<&DueRow> = due.due.iter().chain(&due.home).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count - row.cleared));
    rows.into_iter().map(|row| DueLine::of(row, places, language)).collect()
}

impl Province {
    fn of(name: String, figures: &Figures) -> Self {
        Self::sum(name, &[figures])
    }

    fn sum(name: String, parts: &[&Figures]) -> Self {
        let stock = |stock: Stock| parts.iter().map(|part| Stocks::of(&part.closing, stock)).sum();
        let flow = |flow: fn(&Flows) -> i64| parts.iter().map(|part| flow(&part.flows)).sum();
        let flows = [flow(|flows| flows.landed), flow(|flows| flows.boarded), flow(|flows| flows.received), flow(|flows| flows.released)];
        Self { name, stocks: STOCKS.map(stock).into(), flows }
    }
}

impl DueLine {
    fn of(row: &DueRow, places: &Places, language: Language) -> Self {
        let blocked = row.blocked.iter().map(|blocked| (language.text(&format!("block_{}", blocked.reason)), blocked.count)).collect();
        Self { name: place(places, &row.destination, language), count: row.count, cleared: row.cleared, blocked }
    }
}

impl TripRow {
    fn of(line: &TripLine, places: &Places, language: Language, now: DateTime<Utc>) -> Self {
        let trip = &line.trip;
        let tag = match trip.state {
            _ if is_late(line, now) => "late",
            TripState::Planned => "planned",
            TripState::Announced | TripState::Boarding => "waiting",
            TripState::Departed { .. } => "moving",
            TripState::Arrived { .. } | TripState::Closed { .. } => "done",
            TripState::Cancelled { .. } => "off",
        };
        Self {
            number: trip.number.clone(),
            plate: line.vehicle.plate.to_string(),
            to: place(places, &trip.province, language),
            departs: clock(trip.state.departed_at().unwrap_or(trip.departs_at)),
            arrives: clock(trip.state.arrived_at().unwrap_or(trip.arrives_at)),
            n_seats: line.n_seats,
            load_cap: trip.load_cap,
            tag,
            state: language.text(&format!("trip_state_{}", trip.state.name())),
        }
    }
}

/// What people call a place: in Chinese with its province, 江苏苏州.
fn place(places: &Places, code: &str, language: Language) -> String {
    let Ok(code) = code.parse() else { return code.to_owned() };
    let english = || places.get(code)?.name_en.clone();
    if language == Language::En { english().unwrap_or_else(|| places.spoken(code)) } else { places.spoken(code) }
}

/// The time of day in Shanghai.
fn clock(at: DateTime<Utc>) -> String {
    at.with_timezone(&SHANGHAI).format("%H:%M").to_string()
}
