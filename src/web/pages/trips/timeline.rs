//! The trips of a proposal as a picture: a row for each vehicle, a bar for each trip, a darker line under it while it drives.

use std::collections::BTreeMap;

use crate::dispatch::Day;
use crate::dispatch::plan::{Deed, Minute, Plan, PlannedTrip};

/// The picture.
pub(super) struct Timeline {
    pub(super) hours: Vec<Hour>,
    pub(super) lanes: Vec<Lane>,
    pub(super) height: i64,
}

/// A line down the picture.
pub(super) struct Hour {
    pub(super) x: i64,
    pub(super) label: String,
}

/// A vehicle's day.
pub(super) struct Lane {
    pub(super) plate: String,
    pub(super) y: i64,
    pub(super) bars: Vec<Bar>,
}

/// A trip on it.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) x: i64,
    pub(super) width: i64,
    pub(super) text: String,
    pub(super) title: String,
    pub(super) drives: Vec<(i64, i64)>,
}

/// How high a lane is, where the hours begin, and how wide they all are, in the units of the picture.
const LANE: i64 = 38;
const LEFT: i64 = 110;
const WIDTH: i64 = 1086;
/// Hours between two lines, the fewest that leave room for their labels.
const STEPS: [Minute; 5] = [1, 2, 3, 6, 12];
const MOST_LINES: Minute = 16;

/// The time of day of a minute of the plan; of a later day with how many days later.
pub(super) fn clock(minute: Minute) -> String {
    let (days, minute) = (minute.div_euclid(1440), minute.rem_euclid(1440));
    let later = if days == 0 { String::new() } else { format!("{days:+}d ") };
    format!("{later}{:02}:{:02}", minute / 60, minute % 60)
}

impl Timeline {
    /// Draws a plan, from the hour in which its first trip begins to the one in which the last ends. `bar` says what stands on a trip's bar and what
    /// is told of it.
    pub(super) fn of(day: &Day, plan: &Plan, bar: impl Fn(&PlannedTrip) -> (String, String)) -> Self {
        let first = plan.trips.iter().map(PlannedTrip::start).min().unwrap_or(0).div_euclid(60);
        let last = plan.trips.iter().map(|trip| trip.end().div_euclid(60) + 1).max().unwrap_or(1).max(first + 1);
        let step = STEPS.into_iter().find(|step| (last - first) / step <= MOST_LINES).unwrap_or(24);
        let x = |minute: Minute| LEFT + i64::from(minute - first * 60) * WIDTH / i64::from((last - first) * 60);
        let mut by_vehicle: BTreeMap<(Minute, u32), Vec<&PlannedTrip>> = BTreeMap::new();
        for trip in &plan.trips {
            let begins = plan.trips.iter().filter(|other| other.vehicle == trip.vehicle).map(PlannedTrip::start).min().unwrap_or(0);
            by_vehicle.entry((begins, trip.vehicle)).or_default().push(trip);
        }
        let lane = |(n, ((_, vehicle), trips)): (i64, ((Minute, u32), Vec<&PlannedTrip>))| Lane {
            plate: day.problem.vehicles[vehicle as usize].id.clone(),
            y: n * LANE + 24,
            bars: trips.into_iter().map(|trip| Bar::of(trip, &x, bar(trip))).collect(),
        };
        let lanes: Vec<Lane> = (0..).zip(by_vehicle).map(lane).collect();
        let hours = (first..=last).filter(|hour| hour.rem_euclid(step) == 0).map(|hour| Hour { x: x(hour * 60), label: clock(hour * 60) });
        Self { hours: hours.collect(), height: lanes.len() as i64 * LANE + 30, lanes }
    }
}

impl Bar {
    fn of(trip: &PlannedTrip, x: &dyn Fn(Minute) -> i64, (text, title): (String, String)) -> Self {
        let drives = trip.acts.iter().filter(|act| matches!(act.deed, Deed::Drive { .. })).map(|act| (x(act.start), x(act.end) - x(act.start)));
        let at = x(trip.start());
        Self { name: trip.id.clone(), x: at, width: (x(trip.end()) - at).max(8), text, title, drives: drives.filter(|(_, width)| *width > 0).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_day_is_told_apart() {
        assert_eq!([clock(545), clock(1440 + 30), clock(-60)], ["09:05", "+1d 00:30", "-1d 23:00"]);
    }
}
