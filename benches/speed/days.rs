//! How many calendars are counted in a second, on one core.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta};
use jiezhuan::policy::{Facts, Rulebook};
use serde_json::{Value, json};

const CALENDARS: i64 = 1_000_000;

/// Resolves the destination, chooses the policy and counts, for landings in three policies and three provinces.
pub fn measure() -> Result<Value> {
    let rulebook = Rulebook::embedded()?;
    let bound = ["320500", "330100", "340100"].map(|code| rulebook.places.resolve(code));
    let bound = bound.into_iter().collect::<Result<Vec<_>, _>>().ok().context("the destinations are known")?;
    let first = DateTime::parse_from_rfc3339("2020-04-10T08:00:00+08:00")?.to_utc();
    let start = Instant::now();
    for n in 0..CALENDARS {
        let landed_at = first + TimeDelta::minutes(n % 400_000);
        let province = bound[(n % 3) as usize].province;
        let policy = rulebook.policies.choose(province, landed_at)?;
        black_box(policy.calendar(&Facts::landed(landed_at)));
    }
    Ok(json!({ "calendars_per_second": CALENDARS as f64 / start.elapsed().as_secs_f64() }))
}
