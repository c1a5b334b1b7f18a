//! `plan`: the trips of a day, from an instance in a file or from the database.

mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use self::report::Report;
use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::access::Actor;
use crate::base::{Error, Message};
use crate::dispatch::plan::instance::Instance;
use crate::dispatch::plan::solution::Solution;
use crate::dispatch::plan::{self, Budget, Minute, Options, Outcome, Previous, Problem};
use crate::dispatch::{self, AnnouncedAs, Standing};
use crate::jobs;
use crate::web::json;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day to plan from the database: who is due and cleared, vehicles and staff that are free.
    #[arg(long, value_parser = super::date, value_name = "DATE", conflicts_with_all = ["instance", "previous"])]
    on: Option<NaiveDate>,
    /// Make the trips of the plan, give the seats and tell everybody: all of it, or nothing if somebody was first.
    #[arg(long, requires = "on")]
    announce: bool,
    /// Plan anew what was announced of that day and has not set out, too, and keep of it what can be kept.
    #[arg(long, requires = "on")]
    anew: bool,
    /// Why something that was announced changes, told to everybody concerned.
    #[arg(long, requires = "anew", value_name = "TEXT")]
    because: Option<String>,
    /// The day to plan from a file (dispatch-instance/1).
    #[arg(long, value_name = "FILE", required_unless_present = "on", requires = "out")]
    instance: Option<PathBuf>,
    /// Where the plan goes.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How long to search.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = seconds)]
    seconds: f64,
    /// How many steps to search instead: the same plan for the same seed on any machine.
    #[arg(long, value_name = "N", conflicts_with = "seconds", value_parser = clap::value_parser!(u64).range(1..))]
    iterations: Option<u64>,
    /// A plan that was announced: kept, trip by trip, unless a trip must change.
    #[arg(long, value_name = "FILE", requires = "frozen_before")]
    previous: Option<PathBuf>,
    /// Trips of it that begin to board before this minute of the day stay as they are.
    #[arg(long, value_name = "MIN", requires = "previous", allow_negative_numbers = true)]
    frozen_before: Option<Minute>,
    /// Another seed may find another plan.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let report = match (&arguments.instance, arguments.on) {
        (Some(instance), _) => from_file(output, arguments, instance)?,
        (None, Some(on)) => from_database(context, output, arguments, on)?,
        (None, None) => return Err(Error::invalid("--instance", Message::new("plan_missing"))),
    };
    output.result(&report, |language| report.for_people(language))?;
    Ok(Verdict::Done)
}

fn from_file(output: &Output, arguments: &Arguments, instance: &Path) -> Result<Report> {
    let problem = read::<Instance>(instance)?.problem().map_err(Error::Invalid)?;
    let announced = arguments.previous.as_deref().map(read::<Solution>).transpose()?.map(|solution| solution.announced(&problem));
    let frozen_before = arguments.frozen_before.unwrap_or_default();
    let previous = announced.as_ref().map(|announced| Previous { announced, frozen_before });
    let outcome = search(output, arguments, &problem, previous.as_ref())?;
    Ok(Report::of(&problem, arguments.seed, arguments.out.as_deref(), previous.is_some(), &outcome))
}

fn from_database(context: &Context, output: &Output, arguments: &Arguments, on: NaiveDate) -> Result<Report> {
    let installation = context.installation()?;
    let driving = context.driving()?;
    let disinfection = TimeDelta::minutes(context.settings.fleet.disinfection_minutes.into());
    let rulebook = std::sync::Arc::clone(&installation.rulebook);
    let (operator, now) = (Actor::operator(), installation.db.clock().now());
    let day = installation.db.read(|conn| {
        if arguments.anew {
            dispatch::day_anew(conn, &operator, &rulebook, &driving, disinfection, on, now)
        } else {
            dispatch::day(conn, &operator, &rulebook, &driving, disinfection, on)
        }
    })?;
    let day = match jobs::roads(&context.settings.ways, &day.positions) {
        Some(roads) => day.by_roads(&driving, roads),
        None => day,
    };
    let previous = day.standing.as_ref().map(Standing::previous);
    let outcome = search(output, arguments, &day.problem, previous.as_ref())?;
    let mut report = Report::of(&day.problem, arguments.seed, arguments.out.as_deref(), previous.is_some(), &outcome);
    report.kept = Some(day.kept);
    report.ways = Some(day.ways.clone());
    if arguments.announce {
        let (plan, causes, because) = (outcome.plan, outcome.causes, arguments.because.clone());
        let seconds = (outcome.took.as_secs_f64().ceil() as i32).max(1);
        let trips: Vec<AnnouncedAs> = installation
            .db
            .write(move |tx| dispatch::plan_announce(tx, &Actor::operator(), &rulebook, disinfection, &day, &plan, &causes, seconds, because.as_deref()))?;
        report.announced = Some(trips.into_iter().map(|trip| trip.number).collect());
    }
    Ok(report)
}

/// Plans, checks the plan by the rules alone, and writes it where it is wanted.
fn search(output: &Output, arguments: &Arguments, problem: &Problem, previous: Option<&Previous<'_>>) -> Result<Outcome> {
    let budget = match arguments.iterations {
        Some(steps) => Budget::Steps(steps),
        None => Budget::Time(Duration::from_secs_f64(arguments.seconds)),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bar = output.progress(Some(100));
    let outcome = plan::plan(problem, previous, &Options { budget, seed: arguments.seed, threads }, &|progress, _| {
        bar.set_position((progress.done * 100.0) as u64);
        true
    });
    bar.finish_and_clear();
    let (_, breaches) = plan::verify(problem, &outcome.plan);
    if let Some(breach) = breaches.first() {
        return Err(Error::Internal(anyhow::anyhow!("the plan breaks {} rules, {:?} of {} among them", breaches.len(), breach.rule, breach.of)));
    }
    if let Some(out) = &arguments.out {
        let solution = Solution::of(problem, &outcome.plan, concat!("jiezhuan ", env!("CARGO_PKG_VERSION")), outcome.took.as_secs_f64());
        let text = serde_json::to_vec(&solution).map_err(|fault| Error::Internal(fault.into()))?;
        std::fs::write(out, text).map_err(|cause| Error::Unavailable(Message::new("plan_file_unwritable").with("file", out.display()).with("cause", cause)))?;
    }
    Ok(outcome)
}

fn read<D: serde::de::DeserializeOwned>(file: &Path) -> Result<D> {
    let bytes =
        std::fs::read(file).map_err(|cause| Error::Unavailable(Message::new("setting_file_unreadable").with("file", file.display()).with("cause", cause)))?;
    json::read(&bytes, &file.display().to_string())
}

fn seconds(text: &str) -> std::result::Result<f64, String> {
    text.parse().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds)).ok_or_else(|| super::both("plan_seconds_wrong"))
}
