//! `simulate`: plays a season through the same use cases that people use: rosters, results, clearance, trips, handoffs with
//! their exceptions, release. Deterministic by seed; the people are invented.

mod invent;
mod pace;
mod pool;
mod season;

use std::time::Instant;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

pub(super) use self::pace::Pace;
use self::season::{Season, Tally};
use super::context::{Context, Installation};
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Clock, Error, IdSource, Message, time};
use crate::figures::{self, Flows};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The first day, in Shanghai.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    from: NaiveDate,
    /// The last day.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    to: NaiveDate,
    /// How many people land.
    #[arg(long, value_name = "N")]
    travellers: u32,
    /// The same seed plays the same season.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[derive(Serialize)]
struct Report {
    from: NaiveDate,
    to: NaiveDate,
    travellers: u32,
    seed: u64,
    months: Vec<Month>,
    trips: u64,
    handoffs: u64,
    exceptions: u64,
    refusals: u64,
    seconds: f64,
    verify: super::verify::Verified,
}

#[derive(Serialize)]
struct Month {
    month: String,
    #[serde(flatten)]
    flows: Flows,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    if arguments.to < arguments.from {
        return Err(Error::invalid("--to", Message::new("period_backwards")));
    }
    let started = Instant::now();
    let context = Context { settings: context.settings.clone(), clock: Clock::at(time::midnight(arguments.from)) };
    let installation = context.installation_with(IdSource::seeded(arguments.seed))?;
    let days = (arguments.from, arguments.to);
    let tally = play(&context, &installation, output, days, Pace::whole(arguments.to), arguments.travellers, arguments.seed)?;
    let verified = super::verify::check(&installation.db, output)?;
    let report = Report {
        from: arguments.from,
        to: arguments.to,
        travellers: arguments.travellers,
        seed: arguments.seed,
        months: months(&installation, arguments.from, arguments.to)?,
        trips: tally.trips,
        handoffs: tally.handoffs,
        exceptions: tally.exceptions,
        refusals: tally.refusals,
        seconds: started.elapsed().as_secs_f64(),
        verify: super::verify::Verified::of(&verified, output.language()),
    };
    output.result(&report, |language| {
        let month = |month: &Month| {
            format!("{}  {:>7} {:>7} {:>7} {:>7}", month.month, month.flows.landed, month.flows.boarded, month.flows.received, month.flows.released)
        };
        let end = Message::new("simulated").with("trips", report.trips).with("handoffs", report.handoffs).with("seconds", format!("{:.1}", report.seconds));
        let verdict = language.text(if report.verify.ok { "figures_balanced" } else { "figures_unbalanced" });
        report.months.iter().map(month).chain([end.text(language), verdict]).collect::<Vec<_>>().join("\n")
    })?;
    Ok(if verified.is_ok() { Verdict::Done } else { Verdict::Refused })
}

/// Plays the days from the first to the last, or until the pace says that it ends.
pub(super) fn play(
    context: &Context,
    installation: &Installation,
    output: &Output,
    days: (NaiveDate, NaiveDate),
    pace: Pace,
    travellers: u32,
    seed: u64,
) -> Result<Tally> {
    let bar = output.progress(Some(u64::from(travellers)));
    let mut season = Season::new(context, installation, days, pace, travellers, seed)?;
    season.play(&|landed| bar.set_position(landed))?;
    bar.finish_and_clear();
    Ok(season.tally())
}

fn months(installation: &Installation, from: NaiveDate, to: NaiveDate) -> Result<Vec<Month>> {
    let mut months: Vec<Month> = Vec::new();
    for day in from.iter_days().take_while(|day| *day <= to) {
        let flows = installation.db.read(|conn| figures::as_recorded(conn, day, None))?.total.flows;
        let name = format!("{}-{:02}", day.year(), day.month());
        match months.last_mut().filter(|month| month.month == name) {
            Some(month) => month.flows.add(&flows),
            None => months.push(Month { month: name, flows }),
        }
    }
    Ok(months)
}
