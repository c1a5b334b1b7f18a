//! Where the ways of a day come from: estimated from the air line, or measured by a routing server that knows the roads. Knows no network.

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::driving::Driving;
use super::plan::{Minute, Travel};

/// Where the ways and times of a day come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ways {
    /// Estimated from the air line: no routing server is set.
    #[default]
    Estimated,
    /// Measured by the routing server.
    Measured,
    /// Estimated, because the routing server that is set was of no use.
    Failed {
        /// Why, in words of the network or the server.
        cause: String,
    },
}

/// What a routing server tells of the ways between places, in rows: seconds and metres; none where no road leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Roads {
    /// Seconds.
    pub seconds: Vec<Vec<Option<f64>>>,
    /// Metres.
    pub metres: Vec<Vec<Option<f64>>>,
}

impl Ways {
    /// Its name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Measured => "measured",
            Self::Failed { .. } => "failed",
        }
    }
}

impl Day {
    /// The day with its ways as the routing server tells them, the margin of the settings added to each; if it has failed, or a way is missing, with
    /// the estimate, and why.
    #[must_use]
    pub fn by_roads(mut self, driving: &Driving, roads: Result<Roads, String>) -> Self {
        let measured = roads.and_then(|roads| table(self.places.len(), driving, &roads).ok_or_else(|| "a table with gaps".to_owned()));
        self.ways = match measured {
            Ok(travel) => {
                self.problem.travel = travel;
                Ways::Measured
            }
            Err(cause) => Ways::Failed { cause },
        };
        self
    }
}

fn table(n: usize, driving: &Driving, roads: &Roads) -> Option<Travel> {
    let is_square = |rows: &[Vec<Option<f64>>]| rows.len() == n && rows.iter().all(|row| row.len() == n);
    if !is_square(&roads.seconds) || !is_square(&roads.metres) {
        return None;
    }
    // No way takes a week, and what is not a number is none.
    let sane = |value: &f64| (0.0..=604_800.0 * 40.0).contains(value);
    let mut minutes: Vec<Minute> = Vec::with_capacity(n * n);
    let mut km10: Vec<i32> = Vec::with_capacity(n * n);
    for (from, (seconds, metres)) in roads.seconds.iter().zip(&roads.metres).enumerate() {
        for (to, (seconds, metres)) in seconds.iter().zip(metres).enumerate() {
            let (seconds, metres) = (seconds.filter(sane)?, metres.filter(sane)?);
            let way = if from == to { (0, 0) } else { ((driving.with_margin(seconds / 60.0)).max(1), (metres / 100.0).ceil() as i32) };
            minutes.push(way.0);
            km10.push(way.1);
        }
    }
    Travel::new(n, minutes, km10)
}
