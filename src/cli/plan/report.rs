//! What planning came to, as one document and as lines for people.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::base::{Language, Message};
use crate::dispatch::Ways;
use crate::dispatch::plan::{Bounds, Change, Disturbance, Objective, Outcome, Problem, Reason};

#[derive(Serialize)]
pub(super) struct Report {
    instance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<String>,
    parties: usize,
    persons: u32,
    trips: usize,
    objective: ObjectiveReport,
    bounds: BoundsReport,
    unassigned: Vec<UnassignedReport>,
    /// Only where a plan was announced before.
    #[serde(skip_serializing_if = "Option::is_none")]
    replanned: Option<ReplannedReport>,
    /// People who are due that day and may not move; only of a day from the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kept: Option<usize>,
    /// Where the ways come from; only of a day from the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ways: Option<Ways>,
    /// Numbers of the trips that were announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) announced: Option<Vec<String>>,
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
    #[serde(skip)]
    all: Vec<Change>,
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

impl Report {
    pub(super) fn of(problem: &Problem, seed: u64, out: Option<&Path>, replanned: bool, outcome: &Outcome) -> Self {
        let mut reasons: BTreeMap<Reason, (usize, u32)> = BTreeMap::new();
        for left in &outcome.plan.left_out {
            let count = reasons.entry(left.reason).or_default();
            count.0 += 1;
            count.1 += problem.parties[left.party as usize].size;
        }
        Self {
            instance: problem.name.clone(),
            out: out.map(|out| out.display().to_string()),
            parties: problem.parties.len(),
            persons: problem.parties.iter().map(|party| party.size).sum(),
            trips: outcome.plan.trips.len(),
            objective: outcome.objective.into(),
            bounds: outcome.bounds.into(),
            unassigned: reasons.into_iter().map(|(reason, (parties, persons))| UnassignedReport { reason: reason.as_str(), parties, persons }).collect(),
            replanned: replanned.then(|| ReplannedReport::of(outcome)),
            kept: None,
            ways: None,
            announced: None,
            seed,
            iterations: outcome.steps,
            first_plan_seconds: outcome.first_after.as_secs_f64(),
            seconds: outcome.took.as_secs_f64(),
        }
    }

    pub(super) fn for_people(&self, language: Language) -> String {
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
        let kept = self.kept.map(|kept| Message::new("plan_kept").with("people", kept));
        let ways = self.ways.as_ref().and_then(|ways| match ways {
            Ways::Estimated => None,
            Ways::Measured => Some(Message::new("ways_measured")),
            Ways::Failed { cause } => Some(Message::new("ways_failed").with("cause", cause)),
        });
        let announced = self.announced.as_ref().filter(|numbers| !numbers.is_empty()).map(|numbers| {
            let fact = |number: Option<&String>| number.cloned().unwrap_or_default();
            Message::new("plan_announced").with("trips", numbers.len()).with("first", fact(numbers.first())).with("last", fact(numbers.last()))
        });
        let written = self.out.as_ref().map(|out| Message::new("plan_written").with("file", out));
        let end = Message::new("plan_searched")
            .with("seconds", format!("{:.1}", self.seconds))
            .with("first", format!("{:.2}", self.first_plan_seconds))
            .with("steps", self.iterations);
        let said = [moved, trips, time, rest].map(|message| message.text(language)).into_iter();
        let replanned = self.replanned.iter().flat_map(|replanned| replanned.for_people(language));
        let rest = kept.into_iter().chain(ways).chain(announced).chain(written).chain([end]).map(|message| message.text(language));
        said.chain(reasons).chain(replanned).chain(rest).collect::<Vec<_>>().join("\n")
    }
}

impl ReplannedReport {
    fn of(outcome: &Outcome) -> Self {
        let Disturbance { kept, vehicle_changed, time_shifted, dropped } = outcome.disturbance;
        Self { kept, vehicle_changed, time_shifted, dropped, changes: outcome.changes.iter().map(ChangeReport::of).collect(), all: outcome.changes.clone() }
    }

    fn for_people(&self, language: Language) -> Vec<String> {
        let head = Message::new("plan_disturbed")
            .with("kept", self.kept)
            .with("vehicle", self.vehicle_changed)
            .with("time", self.time_shifted)
            .with("dropped", self.dropped);
        let line = |change: &Change| format!("  {}", change.text(change.party().unwrap_or_default(), language));
        std::iter::once(head.text(language)).chain(self.all.iter().map(line)).collect()
    }
}

impl ChangeReport {
    fn of(change: &Change) -> Self {
        let (before, after) = change.before_and_after();
        let because = change.because.iter().map(|cause| cause.as_str()).collect();
        Self { trip: change.trip.clone(), change: change.word(), party: change.party().map(str::to_owned), before, after, because }
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
