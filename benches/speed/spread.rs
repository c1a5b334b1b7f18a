//! How measured times are spread.

use std::time::Duration;

use serde_json::{Value, json};

/// The middle, the 95th and the 99th of a hundred, and the longest, in `unit`s.
pub fn of(took: &mut [Duration], unit: Duration) -> Value {
    took.sort_unstable();
    let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len().saturating_sub(1))).map(|time| time.as_secs_f64() / unit.as_secs_f64());
    json!({ "p50": at(50), "p95": at(95), "p99": at(99), "longest": at(100) })
}
