//! The forward balance: the coming two weeks by province and city, against seats, drivers and beds; shortages in red, with the number that is short.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::Days;

use super::{Frame, page, words};
use crate::base::time::civil_date;
use crate::base::{Language, Message, Result};
use crate::dispatch::{self, CityDay, DayBalance, ProvinceBalance};
use crate::places::Places;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// How many days ahead.
const DAYS: u64 = 14;

#[derive(Template)]
#[template(path = "balance.html", config = ".askama.toml")]
struct BalancePage {
    frame: Frame,
    days: Vec<String>,
    provinces: Vec<ProvinceLines>,
    /// What is short, day by day, in sentences.
    shortages: Vec<String>,
}

struct ProvinceLines {
    name: String,
    due: Vec<u64>,
    seats: Vec<Cell>,
    drivers: Vec<Cell>,
    cities: Vec<(String, Vec<Cell>)>,
}

/// A number, and whether it is too small.
struct Cell {
    text: String,
    is_short: bool,
}

/// Shows it.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let (actor, rulebook, language) = (call.actor.clone(), call.app.rulebook().clone(), call.language);
    let from = civil_date(call.app.db().clock().now()) + Days::new(1);
    let provinces = call.app.read(move |conn| dispatch::balance(conn, &actor, &rulebook, from, DAYS)).await?;
    let places = &call.app.rulebook().places;
    let days: Vec<_> = from.iter_days().take(14).collect();
    let mut shortages = Vec::new();
    for (n, on) in days.iter().enumerate() {
        for province in &provinces {
            let day = province.days[n];
            if day.is_short() {
                let said =
                    Message::new("balance_short").with("on", words::day(*on, language)).with("province", words::province(places, &province.province, language));
                shortages.push(said.with("seats", day.seats_short).with("drivers", day.drivers_short).text(language));
            }
            for (code, beds) in province.cities.iter().map(|(code, days)| (code, days[n].beds_short())).filter(|(_, beds)| *beds > 0) {
                let said = Message::new("balance_beds_short").with("on", words::day(*on, language)).with("place", words::place(places, code, language));
                shortages.push(said.with("beds", beds).text(language));
            }
        }
    }
    let shown = BalancePage {
        days: days.iter().map(|on| on.format("%-m-%-d").to_string()).collect(),
        provinces: provinces.into_iter().map(|province| ProvinceLines::of(province, places, language)).collect(),
        shortages,
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

impl ProvinceLines {
    fn of(province: ProvinceBalance, places: &Places, language: Language) -> Self {
        let cells = |cell: fn(&DayBalance) -> Cell| province.days.iter().map(cell).collect();
        Self {
            name: words::province(places, &province.province, language),
            due: province.days.iter().map(|day| day.due).collect(),
            seats: cells(|day| Cell { text: short_of(day.planned + day.free, day.seats_short), is_short: day.seats_short > 0 }),
            drivers: cells(|day| Cell { text: short_of(day.drivers, day.drivers_short), is_short: day.drivers_short > 0 }),
            cities: province.cities.iter().map(|(code, days)| (words::place(places, code, language), days.iter().map(city_cell).collect())).collect(),
        }
    }
}

/// How many become due, of so many beds as the city has said; nobody due is nothing to say.
fn city_cell(day: &CityDay) -> Cell {
    let text = match day.beds {
        Some(beds) if day.due > 0 => format!("{} / {beds}", day.due),
        _ => day.due.to_string(),
    };
    Cell { text, is_short: day.beds_short() > 0 }
}

/// A number, and by how much it is too small.
fn short_of(n: u64, short: u64) -> String {
    if short > 0 { format!("{n} −{short}") } else { n.to_string() }
}
