//! How a season is paced: when a day's transfers are decided, where it all stops, and what is left for people to answer.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::base::time;

/// The pace of a season.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Pace {
    /// How long after midnight the day's transfers are decided.
    pub(in crate::cli) transfers_after: TimeDelta,
    /// Where it all stops.
    pub(in crate::cli) until: DateTime<Utc>,
    /// From when on offers are left for people to answer; none are, if not given. Half of each day's transfers then leave some six hours later, and
    /// two flights have just landed.
    pub(in crate::cli) open_from: Option<DateTime<Utc>>,
}

impl Pace {
    /// Whole days until the end of `to`, everything answered at once.
    pub(in crate::cli) fn whole(to: NaiveDate) -> Self {
        Self { transfers_after: TimeDelta::hours(10), until: time::end_of(to), open_from: None }
    }
}
