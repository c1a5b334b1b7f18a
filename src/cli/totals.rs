//! `totals --on DATE [--as-of INSTANT]`: the day's figures.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Language, time};
use crate::figures::{self, DayFigures, Figures};
use crate::ledger::Stock;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day, in Shanghai.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    on: NaiveDate,
    /// As it was known at this instant: RFC 3339, or a local date and time in Shanghai.
    #[arg(long, value_parser = super::instant, value_name = "INSTANT")]
    as_of: Option<DateTime<Utc>>,
}

/// The figures with the instant of their knowledge named, as the contract has it.
#[derive(Serialize)]
struct Totals<'f> {
    on: NaiveDate,
    as_of: String,
    sealed: bool,
    rows: &'f [figures::Row],
    total: &'f Figures,
    balanced: bool,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let installation = context.installation()?;
    let figures = installation.db.read(|conn| figures::totals(conn, arguments.on, arguments.as_of))?;
    let totals = Totals {
        on: figures.on,
        as_of: time::in_shanghai(figures.as_of.unwrap_or_else(|| context.clock.now())),
        sealed: figures.sealed,
        rows: &figures.rows,
        total: &figures.total,
        balanced: figures.balanced,
    };
    output.result(&totals, |language| for_people(&figures, language))?;
    Ok(if figures.balanced { Verdict::Done } else { Verdict::Refused })
}

fn for_people(figures: &DayFigures, language: Language) -> String {
    let text = |key: &str| language.text(key);
    let total = &figures.total;
    let stock = |stock: Stock| {
        let (opening, closing) = (total.opening.of(stock), total.closing.of(stock));
        format!("{:<16} {opening:>8} → {closing:>8}  {:+}", text(&format!("stock_{}", stock.name())), closing - opening)
    };
    let flows = &total.flows;
    let flow = |name: &str, n: i64| format!("{} {n}", text(&format!("flow_{name}")));
    let flows = [
        flow("landed", flows.landed),
        flow("admitted", flows.admitted),
        flow("boarded", flows.boarded),
        flow("received", flows.received),
        flow("diverted", flows.diverted),
        flow("returned", flows.returned),
        flow("released", flows.released),
        flow("left_network", flows.left_network),
    ];
    let verdict = text(if figures.balanced { "figures_balanced" } else { "figures_unbalanced" });
    let sealed = if figures.sealed { text("figures_sealed") } else { String::new() };
    let mut lines = vec![format!("{}  {verdict}  {sealed}", figures.on).trim_end().to_owned()];
    lines.extend(Stock::ALL.into_iter().map(stock));
    lines.push(flows.join("  "));
    lines.join("\n")
}
