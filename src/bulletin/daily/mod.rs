//! The day's bulletin 日报 as a paper: a title, a finding, tables and what it can be checked by, put into words once and then written as a web
//! page, a workbook or a PDF. Pure but for the fonts of the last: the same bulletin in the same language is the same bytes, whenever it is asked
//! for. It names nobody.

mod html;
mod pdf;
mod workbook;

use std::path::Path;
use std::str::FromStr;

use base16ct::lower::encode_string;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use self::html::html;
use self::pdf::pdf;
use self::workbook::workbook;
use crate::base::time::{civil_date, clock};
use crate::base::{Language, Message, Result};
use crate::figures::{Bulletin, Correction, Corrections, DayFigures, Figures, Flows, Stocks};
use crate::ledger::Stock;
use crate::places::Places;

/// The stocks of people who are somebody's; the others are exits.
const STOCKS: [Stock; 5] = [Stock::AtPort, Stock::InShanghai, Stock::OnRoad, Stock::AtDestination, Stock::Medical];

/// How a bulletin can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A workbook.
    Xlsx,
    /// Sheets of A4, as they are printed.
    Pdf,
    /// A web page in one file, which prints on A4.
    Html,
}

impl Format {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Html => "html",
        }
    }

    /// Writes a paper; `fonts` is the folder of the setting.
    pub fn write(self, paper: &Paper, fonts: Option<&Path>) -> Result<Vec<u8>> {
        match self {
            Self::Xlsx => workbook(paper),
            Self::Pdf => pdf(paper, fonts),
            Self::Html => Ok(html(paper)?.into_bytes()),
        }
    }
}

impl FromStr for Format {
    type Err = Message;

    /// Reads the ending of a file.
    fn from_str(ending: &str) -> Result<Self, Message> {
        match ending.to_ascii_lowercase().as_str() {
            "xlsx" => Ok(Self::Xlsx),
            "html" | "htm" => Ok(Self::Html),
            "pdf" => Ok(Self::Pdf),
            _ => Err(Message::new("bulletin_format").with("ending", ending)),
        }
    }
}

/// A bulletin in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Its language.
    pub language: Language,
    /// 入境人员接转日报, with the day.
    pub title: String,
    /// Whether it is sealed, by whom and when, or provisional and as known when.
    pub status: String,
    /// Whether it is sealed.
    pub is_sealed: bool,
    /// What the day comes to, in a sentence.
    pub finding: String,
    /// The tables.
    pub tables: Vec<Table>,
    /// By what it can be checked: digest, number, root of the ledger.
    pub checks: Vec<(String, String)>,
    /// When its figures were known; the time that files carry.
    pub known_at: DateTime<Utc>,
}

/// A table: words in the first columns, numbers in the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Line>,
    /// What stands there if it has no rows.
    pub empty: String,
}

impl Table {
    /// How many columns hold words.
    fn n_words(&self) -> usize {
        self.rows.first().map_or(self.columns.len(), |row| row.words.len())
    }

    /// Whether a column holds numbers.
    pub fn is_number(&self, column: &usize) -> bool {
        *column >= self.n_words()
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The words.
    pub words: Vec<String>,
    /// The numbers.
    pub counts: Vec<Count>,
    /// Whether it is the sum of the others.
    pub is_sum: bool,
}

/// A number, and whether its sign is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The number.
    pub n: i64,
    /// Whether it is a change, which is written +3, −2 or ±0.
    pub is_change: bool,
}

impl Count {
    const fn of(n: i64) -> Self {
        Self { n, is_change: false }
    }

    const fn change(n: i64) -> Self {
        Self { n, is_change: true }
    }

    /// As people read it.
    pub fn text(self) -> String {
        match (self.is_change, self.n) {
            (false, n) => n.to_string(),
            (true, 0) => "±0".into(),
            (true, n) if n > 0 => format!("+{n}"),
            (true, n) => format!("−{}", n.unsigned_abs()),
        }
    }
}

impl Paper {
    /// Puts a bulletin into words. `is_part` says that only a part of the cells is in it, for whoever may not see more.
    pub fn of(bulletin: &Bulletin, is_part: bool, places: &Places, language: Language) -> Self {
        let figures = &bulletin.figures;
        let known_at = figures.as_of.unwrap_or_default();
        let words = Words { places, language };
        let flows = &figures.total.flows;
        let finding = Message::new("daily_finding").with("landed", flows.landed).with("received", flows.received).with("released", flows.released);
        let charge = in_charge(&figures.total.closing);
        let mut tables = vec![words.balance(&figures.total), words.provinces(figures), words.cities(figures)];
        if bulletin.seal.is_some() {
            tables.push(words.corrections(&bulletin.corrections));
        }
        let mut paper = Self {
            language,
            title: Message::new("daily_title").with("on", words.day(figures.on)).with("year", figures.on.year()).text(language),
            status: Message::new("daily_open").with("at", words.moment(known_at)).text(language),
            is_sealed: bulletin.seal.is_some(),
            finding: finding.with("charge", charge).text(language),
            tables,
            checks: Vec::new(),
            known_at,
        };
        if let Some((day, digest)) = &bulletin.seal {
            paper.status = Message::new("daily_sealed").with("at", words.moment(day.sealed_at)).with("by", &day.sealed_by).text(language);
            paper.checks.push((language.text("daily_number"), day.number.to_string()));
            paper.checks.push((language.text("daily_digest"), encode_string(digest)));
            if let Some((on, chain)) = &day.ledger {
                paper.checks.push((Message::new("daily_ledger").with("on", on).text(language), chain.clone()));
            }
        }
        if is_part {
            paper.status = format!("{} {}", paper.status, language.text("daily_part"));
        }
        paper
    }
}

/// How many people are somebody's, of these stocks.
pub fn in_charge(stocks: &Stocks) -> i64 {
    STOCKS.iter().map(|stock| stocks.of(*stock)).sum()
}

/// Corrections as lines of a table.
pub fn corrections(corrections: &[Correction], places: &Places, language: Language) -> Table {
    Words { places, language }.corrections(corrections)
}

/// A sealed day against what is known now, stock by stock: brought from days before, gross, net, now.
pub fn since(found: &Corrections, language: Language) -> Table {
    let text = |key: &str| language.text(key);
    let row = |stock: Stock| Line {
        words: vec![text(&format!("stock_{}", stock.name()))],
        counts: vec![
            Count::of(found.sealed.figures.total.closing.of(stock)),
            Count::change(found.net.opening.of(stock)),
            Count::of(found.gross.of(stock)),
            Count::change(found.net.closing.of(stock)),
            Count::of(found.now.total.closing.of(stock)),
        ],
        is_sum: false,
    };
    Table {
        caption: text("daily_since"),
        columns: ["daily_stock", "daily_as_sealed", "daily_brought", "daily_gross", "daily_net", "daily_now"].map(text).into(),
        rows: Stock::ALL.map(row).into(),
        empty: String::new(),
    }
}

struct Words<'p> {
    places: &'p Places,
    language: Language,
}

impl Words<'_> {
    fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    fn day(&self, on: NaiveDate) -> String {
        let weekday = self.text(&format!("weekday_short_{}", on.format("%u")));
        let named = Message::new("day_named").with("month", on.format("%-m")).with("month_en", on.format("%b"));
        named.with("day", on.format("%-d")).with("weekday", weekday).text(self.language)
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        format!("{} {}", civil_date(at), clock(at))
    }

    fn stock(&self, stock: Stock) -> String {
        self.text(&format!("stock_{}", stock.name()))
    }

    fn province(&self, code: Option<&str>) -> String {
        code.map_or_else(|| self.text("board_no_destination"), |code| self.places.province_called(code, self.language))
    }

    fn city(&self, code: Option<&str>) -> String {
        code.map_or_else(|| self.text("board_no_destination"), |code| self.places.called(code, self.language))
    }

    /// Opening, change and closing of every stock, exits among them.
    fn balance(&self, total: &Figures) -> Table {
        let row = |stock: Stock| {
            let (opening, closing) = (total.opening.of(stock), total.closing.of(stock));
            Line { words: vec![self.stock(stock)], counts: vec![Count::of(opening), Count::change(closing - opening), Count::of(closing)], is_sum: false }
        };
        Table {
            caption: self.text("daily_balance"),
            columns: ["daily_stock", "daily_opening", "daily_change", "daily_closing"].map(|key| self.text(key)).into(),
            rows: Stock::ALL.map(row).into(),
            empty: String::new(),
        }
    }

    fn columns(&self, first: &[&str]) -> Vec<String> {
        let flows = ["flow_landed", "flow_admitted", "flow_boarded", "flow_received", "flow_diverted", "flow_returned", "flow_released", "flow_left_network"];
        let first = first.iter().map(|key| self.text(key));
        first.chain(STOCKS.iter().map(|stock| self.stock(*stock))).chain(flows.iter().map(|key| self.text(key))).collect()
    }

    fn line(words: Vec<String>, parts: &[&Figures], is_sum: bool) -> Line {
        let stocks = STOCKS.iter().map(|stock| parts.iter().map(|part| part.closing.of(*stock)).sum());
        let flow = |of: fn(&Flows) -> i64| parts.iter().map(|part| of(&part.flows)).sum();
        let flows = [
            flow(|flows| flows.landed),
            flow(|flows| flows.admitted),
            flow(|flows| flows.boarded),
            flow(|flows| flows.received),
            flow(|flows| flows.diverted),
            flow(|flows| flows.returned),
            flow(|flows| flows.released),
            flow(|flows| flows.left_network),
        ];
        Line { words, counts: stocks.chain(flows).map(Count::of).collect(), is_sum }
    }

    /// The rows that `key` puts together, in its order, those without a destination last, and the sum.
    fn grouped(&self, figures: &DayFigures, n_words: usize, key: impl Fn(&crate::figures::Row) -> Vec<Option<&str>>) -> Vec<Line> {
        let mut keys: Vec<Vec<Option<&str>>> = figures.rows.iter().map(&key).collect();
        keys.sort_by_key(|key| (key.first().is_some_and(Option::is_none), key.clone()));
        keys.dedup();
        let lines = keys.iter().map(|wanted| {
            let parts: Vec<&Figures> = figures.rows.iter().filter(|row| key(row) == *wanted).map(|row| &row.figures).collect();
            let mut words = vec![self.province(wanted[0])];
            words.extend(wanted.get(1).map(|city| self.city(*city)));
            words.extend(wanted.get(2).map(|policy| policy.map_or_else(|| "—".to_owned(), str::to_owned)));
            Self::line(words, &parts, false)
        });
        let mut total = vec![self.text("board_total")];
        total.resize(n_words, String::new());
        lines.chain([Self::line(total, &[&figures.total], true)]).collect()
    }

    fn provinces(&self, figures: &DayFigures) -> Table {
        Table {
            caption: self.text("daily_provinces"),
            columns: self.columns(&["board_province"]),
            rows: self.grouped(figures, 1, |row| vec![row.province.as_deref()]),
            empty: self.text("board_empty"),
        }
    }

    fn cities(&self, figures: &DayFigures) -> Table {
        Table {
            caption: self.text("daily_cities"),
            columns: self.columns(&["board_province", "daily_city", "policy"]),
            rows: self.grouped(figures, 3, |row| vec![row.province.as_deref(), row.city.as_deref(), row.policy.as_deref()]),
            empty: self.text("board_empty"),
        }
    }

    /// A line for each correction: the day, what became known when, of which cell, and what it adds and takes.
    fn corrections(&self, corrections: &[Correction]) -> Table {
        let line = |correction: &Correction| {
            let (cell, changes) = (&correction.flow.cell, correction.changes());
            let cause = Message::new("daily_cause").with("n", correction.flow.n).with("kind", self.text(&format!("kind_{}", correction.flow.kind.name())));
            Line {
                words: vec![
                    correction.on.to_string(),
                    self.moment(correction.recorded_at),
                    cause.text(self.language),
                    self.city(cell.city.as_deref().or(cell.province.as_deref())),
                    cell.policy.clone().unwrap_or_else(|| "—".into()),
                ],
                counts: Stock::ALL.map(|stock| Count::change(changes.of(stock))).into(),
                is_sum: false,
            }
        };
        let words = ["daily_corrected", "daily_known", "daily_what", "board_due_to", "policy"].map(|key| self.text(key));
        Table {
            caption: self.text("daily_corrections"),
            columns: words.into_iter().chain(Stock::ALL.map(|stock| self.stock(stock))).collect(),
            rows: corrections.iter().map(line).collect(),
            empty: self.text("daily_no_corrections"),
        }
    }
}
