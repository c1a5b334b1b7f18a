//! The vehicles and crews that a season sends out, each with the time from which it is free.

use chrono::{DateTime, TimeDelta, Utc};

use crate::base::Id;
use crate::fleet::{Staff, Vehicle};

/// The vehicles and crews of one province.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) vehicles: Vec<(DateTime<Utc>, Id<Vehicle>)>,
    pub(super) drivers: Vec<(DateTime<Utc>, Id<Staff>)>,
    pub(super) escorts: Vec<(DateTime<Utc>, Id<Staff>)>,
}

impl Pool {
    /// The vehicle and the crew that have been free longest, taken until the trip is over and the vehicle clean.
    pub(super) fn take(&mut self, now: DateTime<Utc>, until: DateTime<Utc>) -> Option<(Id<Vehicle>, Vec<Id<Staff>>)> {
        fn longest_free<K>(among: &mut [(DateTime<Utc>, Id<K>)], now: DateTime<Utc>, until: DateTime<Utc>) -> Option<Id<K>> {
            let first = among.iter_mut().min_by_key(|(free, id)| (*free, *id)).filter(|(free, _)| *free <= now)?;
            first.0 = until;
            Some(first.1)
        }
        let clean = until + TimeDelta::minutes(60);
        let vehicle = longest_free(&mut self.vehicles, now, clean)?;
        let driver = longest_free(&mut self.drivers, now, until)?;
        let escort = longest_free(&mut self.escorts, now, until)?;
        Some((vehicle, vec![driver, escort]))
    }
}
