//! `plan`: the trips of a day, from an instance in a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Error, Language, Message};
use crate::dispatch::plan::instance::Instance;
use crate::dispatch::plan::solution::Solution;
use crate::dispatch::plan::{self, Bounds, Budget, Change, Disturbance, Minute, Objective, Options, Outcome, Previous, Problem, Reason, What};
use crate::web::json;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day to plan (dispatch-instance/1).
    #[arg(long, value_name = "FILE")]
    instance: PathBuf,
    /// Where the plan goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
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

#[derive(Serialize)]
struct Report {
    instance: String,
    out: String,
    parties: usize,
    persons: u32,
    trips: usize,
    objective: ObjectiveReport,
    bounds: BoundsReport,
    unassigned: Vec<UnassignedReport>,
    /// Only where a plan was announced before.
    #[serde(skip_serializing_if = "Option::is_none")]
    replanned: Option<ReplannedReport>,
    seed: u64,
    iterations: u64,
    first_plan_seconds: f64,
    seconds: f64,
}

/// In the order of importance.
#[derive(Serialize)]
struct ObjectiveReport {
    untransferred_persons: u32,
    trips: usize,
    vehicle_minutes: i64,
    waiting_person_minutes: i64,
    km: f64,
}

#[derive(Serialize)]
struct BoundsReport {
    trips: usize,
    vehicle_minutes: i64,
}

#[derive(Serialize)]
struct UnassignedReport {
    reason: &'static str,
    parties: usize,
    persons: u32,
}

/// Announced parties by what happens to them, and each change.
#[derive(Serialize)]
struct ReplannedReport {
    kept: usize,
    vehicle_changed: usize,
    time_shifted: usize,
    dropped: usize,
    changes: Vec<ChangeReport>,
}

#[derive(Serialize)]
struct ChangeReport {
    trip: String,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<String>,
    before: Option<String>,
    after: Option<String>,
    because: Vec<&'static str>,
}

pub(super) fn run(output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let problem = read::<Instance>(&arguments.instance)?.problem().map_err(Error::Invalid)?;
    let budget = match arguments.iterations {
        Some(steps) => Budget::Steps(steps),
        None => Budget::Time(Duration::from_secs_f64(arguments.seconds)),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bar = output.progress(Some(100));
    let announced = arguments.previous.as_deref().map(read::<Solution>).transpose()?.map(|solution| solution.announced(&problem));
    let frozen_before = arguments.frozen_before.unwrap_or_default();
    let previous = announced.as_ref().map(|announced| Previous { announced, frozen_before });
    let outcome = plan::plan(&problem, previous.as_ref(), &Options { budget, seed: arguments.seed, threads }, &|progress| {
        bar.set_position((progress.done * 100.0) as u64);
        true
    });
    bar.finish_and_clear();
    let (_, breaches) = plan::verify(&problem, &outcome.plan);
    if let Some(breach) = breaches.first() {
        return Err(Error::Internal(anyhow::anyhow!("the plan breaks {} rules, {:?} of {} among them", breaches.len(), breach.rule, breach.of)));
    }
    let solution = Solution::of(&problem, &outcome.plan, concat!("jiezhuan ", env!("CARGO_PKG_VERSION")), outcome.took.as_secs_f64());
    let text = serde_json::to_vec(&solution).map_err(|fault| Error::Internal(fault.into()))?;
    std::fs::write(&arguments.out, text)
        .map_err(|cause| Error::Unavailable(Message::new("plan_file_unwritable").with("file", arguments.out.display()).with("cause", cause)))?;
    let report = Report::of(&problem, arguments, previous.is_some(), &outcome);
    output.result(&report, |language| report.for_people(language))?;
    Ok(Verdict::Done)
}

fn read<D: serde::de::DeserializeOwned>(file: &Path) -> Result<D> {
    let bytes =
        std::fs::read(file).map_err(|cause| Error::Unavailable(Message::new("setting_file_unreadable").with("file", file.display()).with("cause", cause)))?;
    json::read(&bytes, &file.display().to_string())
}

fn seconds(text: &str) -> std::result::Result<f64, String> {
    text.parse().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds)).ok_or_else(|| super::both("plan_seconds_wrong"))
}

impl Report {
    fn of(problem: &Problem, arguments: &Arguments, replanned: bool, outcome: &Outcome) -> Self {
        let mut reasons: BTreeMap<Reason, (usize, u32)> = BTreeMap::new();
        for left in &outcome.plan.left_out {
            let count = reasons.entry(left.reason).or_default();
            count.0 += 1;
            count.1 += problem.parties[left.party as usize].size;
        }
        Self {
            instance: problem.name.clone(),
            out: arguments.out.display().to_string(),
            parties: problem.parties.len(),
            persons: problem.parties.iter().map(|party| party.size).sum(),
            trips: outcome.plan.trips.len(),
            objective: outcome.objective.into(),
            bounds: outcome.bounds.into(),
            unassigned: reasons.into_iter().map(|(reason, (parties, persons))| UnassignedReport { reason: reason.as_str(), parties, persons }).collect(),
            replanned: replanned.then(|| ReplannedReport::of(outcome)),
            seed: arguments.seed,
            iterations: outcome.steps,
            first_plan_seconds: outcome.first_after.as_secs_f64(),
            seconds: outcome.took.as_secs_f64(),
        }
    }

    fn for_people(&self, language: Language) -> String {
        let hours = |minutes: i64| format!("{:.1}", minutes as f64 / 60.0);
        let moved = Message::new("plan_moved")
            .with("moved", self.persons - self.objective.untransferred_persons)
            .with("persons", self.persons)
            .with("left", self.objective.untransferred_persons);
        let trips = Message::new("plan_trips").with("trips", self.trips).with("bound", self.bounds.trips);
        let time = Message::new("plan_hours").with("hours", hours(self.objective.vehicle_minutes)).with("bound", hours(self.bounds.vehicle_minutes));
        let rest = Message::new("plan_waiting").with("hours", hours(self.objective.waiting_person_minutes)).with("km", self.objective.km);
        let reasons = self.unassigned.iter().map(|row| {
            let sentence = Message::new("plan_reason").with("reason", row.reason).with("parties", row.parties).with("persons", row.persons);
            format!("  {}", sentence.text(language))
        });
        let end = Message::new("plan_written")
            .with("file", &self.out)
            .with("seconds", format!("{:.1}", self.seconds))
            .with("first", format!("{:.2}", self.first_plan_seconds))
            .with("steps", self.iterations);
        let said = [moved, trips, time, rest].map(|message| message.text(language)).into_iter();
        let replanned = self.replanned.iter().flat_map(|replanned| replanned.for_people(language));
        said.chain(reasons).chain(replanned).chain([end.text(language)]).collect::<Vec<_>>().join("\n")
    }
}

impl ReplannedReport {
    fn of(outcome: &Outcome) -> Self {
        let Disturbance { kept, vehicle_changed, time_shifted, dropped } = outcome.disturbance;
        Self { kept, vehicle_changed, time_shifted, dropped, changes: outcome.changes.iter().map(ChangeReport::of).collect() }
    }

    fn for_people(&self, language: Language) -> Vec<String> {
        let head = Message::new("plan_disturbed")
            .with("kept", self.kept)
            .with("vehicle", self.vehicle_changed)
            .with("time", self.time_shifted)
            .with("dropped", self.dropped);
        let line = |change: &ChangeReport| {
            let fact = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "-".to_owned());
            let what = Message::new("plan_change")
                .with("trip", &change.trip)
                .with("change", change.change)
                .with("party", fact(&change.party))
                .with("before", fact(&change.before))
                .with("after", fact(&change.after));
            let because: Vec<String> = change.because.iter().map(|cause| Message::new("plan_cause").with("cause", cause).text(language)).collect();
            let because = if because.is_empty() { String::new() } else { format!(" ({})", because.join(", ")) };
            format!("  {}{because}", what.text(language))
        };
        std::iter::once(head.text(language)).chain(self.changes.iter().map(line)).collect()
    }
}

impl ChangeReport {
    fn of(change: &Change) -> Self {
        let clock = |minute: Minute| Some(format!("{:02}:{:02}", minute.div_euclid(60), minute.rem_euclid(60)));
        let list = |names: &[String]| Some(names.join(" "));
        let (name, party, before, after) = match &change.what {
            What::Cancelled => ("cancelled", None, None, None),
            What::Vehicle { before, after } => ("vehicle", None, Some(before.clone()), Some(after.clone())),
            What::Crew { gone, come } => ("crew", None, list(gone), list(come)),
            What::Time { party, before, after } => ("time", Some(party.clone()), clock(*before), clock(*after)),
            What::Off { party, to } => ("off", Some(party.clone()), None, to.clone()),
            What::On { party } => ("on", Some(party.clone()), None, None),
        };
        Self { trip: change.trip.clone(), change: name, party, before, after, because: change.because.iter().map(|cause| cause.as_str()).collect() }
    }
}

impl From<Objective> for ObjectiveReport {
    fn from(objective: Objective) -> Self {
        Self {
            untransferred_persons: objective.persons_left,
            trips: objective.trips,
            vehicle_minutes: objective.vehicle_minutes,
            waiting_person_minutes: objective.waiting,
            km: objective.km10 as f64 / 10.0,
        }
    }
}

impl From<Bounds> for BoundsReport {
    fn from(bounds: Bounds) -> Self {
        Self { trips: bounds.trips, vehicle_minutes: bounds.vehicle_minutes }
    }
}
