//! What a new plan changes of what was announced, for those who were told.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{Deed, Plan, PlannedTrip};
use super::problem::{Minute, Problem};
use super::replan::{Cause, Causes};
use super::solution::{Announced, AnnouncedTrip};
use crate::base::{Language, Message};

/// Something that was announced and is otherwise now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The announced trip.
    pub trip: String,
    /// What is otherwise.
    pub what: What,
    /// Why, as far as it is known.
    pub because: Vec<Cause>,
}

/// What is otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The trip does not take place.
    Cancelled,
    /// Another vehicle drives it.
    Vehicle {
        /// Which was announced.
        before: String,
        /// Which it is.
        after: String,
    },
    /// Others work on it.
    Crew {
        /// Who need not come.
        gone: Vec<String>,
        /// Who comes instead.
        come: Vec<String>,
    },
    /// A party boards earlier or later.
    Time {
        /// Which.
        party: String,
        /// When it was to board.
        before: Minute,
        /// When it boards.
        after: Minute,
    },
    /// A party is not on this trip any more.
    Off {
        /// Which.
        party: String,
        /// The trip it is on instead; none if it is on none.
        to: Option<String>,
    },
    /// A party that was not announced on this trip boards it.
    On {
        /// Which.
        party: String,
    },
}

impl Change {
    /// What is otherwise, in one word: `cancelled`, `vehicle`, `crew`, `time`, `off` or `on`.
    pub fn word(&self) -> &'static str {
        match self.what {
            What::Cancelled => "cancelled",
            What::Vehicle { .. } => "vehicle",
            What::Crew { .. } => "crew",
            What::Time { .. } => "time",
            What::Off { .. } => "off",
            What::On { .. } => "on",
        }
    }

    /// The party that it concerns, if it is one's.
    pub fn party(&self) -> Option<&str> {
        match &self.what {
            What::Time { party, .. } | What::Off { party, .. } | What::On { party } => Some(party),
            _ => None,
        }
    }

    /// What it was and what it is: plates, badges, times of the day, a trip.
    pub fn before_and_after(&self) -> (Option<String>, Option<String>) {
        let clock = |minute: &Minute| Some(format!("{:02}:{:02}", minute.div_euclid(60), minute.rem_euclid(60)));
        match &self.what {
            What::Vehicle { before, after } => (Some(before.clone()), Some(after.clone())),
            What::Crew { gone, come } => (Some(gone.join(" ")), Some(come.join(" "))),
            What::Time { before, after, .. } => (clock(before), clock(after)),
            What::Off { to, .. } => (None, to.clone()),
            What::Cancelled | What::On { .. } => (None, None),
        }
    }

    /// The whole of it in words; `party` names the party it concerns.
    pub fn text(&self, party: &str, language: Language) -> String {
        let (before, after) = self.before_and_after();
        let fact = |fact: Option<String>| fact.filter(|fact| !fact.is_empty()).unwrap_or_else(|| "-".to_owned());
        let what = Message::new("plan_change").with("trip", &self.trip).with("change", self.word()).with("party", party);
        let what = what.with("before", fact(before)).with("after", fact(after)).text(language);
        let because: Vec<String> = self.because.iter().map(|cause| Message::new("plan_cause").with("cause", cause.as_str()).text(language)).collect();
        if because.is_empty() { what } else { Message::new("plan_change_because").with("what", what).with("because", because.join(", ")).text(language) }
    }
}

/// How much of what was announced a new plan disturbs, in parties.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disturbance {
    /// Same vehicle, boarding within [`UNNOTICED`].
    pub kept: usize,
    /// Another vehicle.
    pub vehicle_changed: usize,
    /// Same vehicle, another time.
    pub time_shifted: usize,
    /// On no trip any more.
    pub dropped: usize,
}

/// Minutes that nobody needs to be told of.
pub const UNNOTICED: Minute = 15;

/// Every change between what was announced and a plan. Linear in both.
pub fn changes(problem: &Problem, announced: &Announced, plan: &Plan, causes: &Causes) -> (Vec<Change>, Disturbance) {
    let by_id: BTreeMap<&str, &PlannedTrip> = plan.trips.iter().map(|trip| (trip.id.as_str(), trip)).collect();
    let mut now: BTreeMap<&str, (&PlannedTrip, Minute)> = BTreeMap::new();
    for trip in &plan.trips {
        for act in &trip.acts {
            if let Deed::Board { party, .. } = act.deed {
                now.insert(&problem.parties[party as usize].id, (trip, act.start));
            }
        }
    }
    let mut changes = Vec::new();
    let mut disturbance = Disturbance::default();
    for before in &announced.trips {
        let mut found: Vec<(Option<&str>, What)> = Vec::new();
        match by_id.get(before.id.as_str()) {
            Some(after) => compare(problem, before, after, &mut found),
            None => found.push((None, What::Cancelled)),
        }
        for (party, _, at) in &before.boards {
            let after = now.get(party.as_str());
            let same_vehicle = after.is_some_and(|(trip, _)| problem.vehicles[trip.vehicle as usize].id == before.vehicle.0);
            match after {
                None => disturbance.dropped += 1,
                Some(_) if !same_vehicle => disturbance.vehicle_changed += 1,
                Some((_, start)) if (start - at).abs() > UNNOTICED => disturbance.time_shifted += 1,
                Some(_) => disturbance.kept += 1,
            }
            match after {
                Some((trip, start)) if trip.id == before.id => {
                    if start != at {
                        found.push((Some(party), What::Time { party: party.clone(), before: *at, after: *start }));
                    }
                }
                other => found.push((Some(party), What::Off { party: party.clone(), to: other.map(|(trip, _)| trip.id.clone()) })),
            }
        }
        for (party, what) in found {
            let concerns =
                |cause: &&(String, Option<String>, Cause)| cause.0 == before.id && (party.is_none() || cause.1.is_none() || cause.1.as_deref() == party);
            let because: BTreeSet<Cause> = causes.iter().filter(concerns).map(|cause| cause.2).collect();
            changes.push(Change { trip: before.id.clone(), what, because: because.into_iter().collect() });
        }
    }
    (changes, disturbance)
}

fn compare<'a>(problem: &'a Problem, before: &AnnouncedTrip, after: &PlannedTrip, found: &mut Vec<(Option<&'a str>, What)>) {
    let vehicle = &problem.vehicles[after.vehicle as usize].id;
    if *vehicle != before.vehicle.0 {
        found.push((None, What::Vehicle { before: before.vehicle.0.clone(), after: vehicle.clone() }));
    }
    let crew = |list: BTreeSet<String>, other: &BTreeSet<String>| list.difference(other).cloned().collect::<Vec<_>>();
    let told: BTreeSet<String> = before.crew().map(|member| member.0.clone()).collect();
    let works: BTreeSet<String> = after.crew().map(|member| problem.staff[member as usize].id.clone()).collect();
    if told != works {
        found.push((None, What::Crew { gone: crew(told.clone(), &works), come: crew(works, &told) }));
    }
    for party in after.parties().map(|party| problem.parties[party as usize].id.as_str()) {
        if before.boards.iter().all(|board| board.0 != party) {
            found.push((Some(party), What::On { party: party.to_owned() }));
        }
    }
}
