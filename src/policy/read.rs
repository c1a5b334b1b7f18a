//! The reading of `policies.toml`. Everything wrong with it is told at once, each fault by its path; a policy that came through is sound.

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

use super::{Anchor, MoveCondition, Policy, ReleaseRule, Segment, TestKind, TestRule};
use crate::base::time::{SHANGHAI, parse_instant};
use crate::base::{Error, FieldError, Message, Result, document};
use crate::places::Region;

/// The longest segment, and more than any policy has asked for.
const MOST_DAYS: u8 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    policy: Vec<PolicyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyRow {
    name: String,
    version: u32,
    applies_to: Vec<Region>,
    from: toml::value::Datetime,
    segments: Vec<Segment>,
    #[serde(default)]
    tests: Vec<TestRule>,
    #[serde(default)]
    to_move: Vec<MoveCondition>,
    #[serde(default)]
    anchor: Anchor,
    #[serde(default)]
    day_one_offset: u8,
    #[serde(default)]
    exposure_offset: u8,
    #[serde(default)]
    release: ReleaseRule,
    sources: Vec<String>,
}

/// Reads and checks every policy of the document.
pub(super) fn policies(text: &str) -> Result<Vec<Policy>> {
    let document: Document = document::read("policies.toml", text)?;
    let mut faults = Vec::new();
    if document.policy.is_empty() {
        faults.push(FieldError::new("policy", Message::new("no_policies")));
    }
    let policies = document.policy.into_iter().enumerate().filter_map(|(n, row)| row.check(n, &mut faults)).collect();
    if faults.is_empty() { Ok(policies) } else { Err(Error::Invalid(faults)) }
}

impl PolicyRow {
    fn check(self, n: usize, faults: &mut Vec<FieldError>) -> Option<Policy> {
        let before = faults.len();
        let from = self.start();
        let mut must = |holds: bool, path: &str, message: Message| {
            if !holds {
                faults.push(FieldError::new(format!("policy[{n}].{path}"), message));
            }
        };
        must(!self.name.trim().is_empty(), "name", Message::new("policy_unnamed"));
        must(self.version >= 1, "version", Message::new("policy_version"));
        must(!self.applies_to.is_empty(), "applies_to", Message::new("policy_for_nobody"));
        for (k, region) in self.applies_to.iter().enumerate() {
            must(!self.applies_to[..k].contains(region), &format!("applies_to[{k}]"), Message::new("region_twice").with("region", region));
        }
        must(from.is_some(), "from", Message::new("policy_from").with("value", self.from));
        must(!self.segments.is_empty(), "segments", Message::new("policy_without_segments"));
        for (k, segment) in self.segments.iter().enumerate() {
            let message = Message::new("segment_days").with("days", segment.days).with("most", MOST_DAYS);
            must((1..=MOST_DAYS).contains(&segment.days), &format!("segments[{k}].days"), message);
        }
        for (k, test) in self.tests.iter().enumerate() {
            must(self.holds(test), &format!("tests[{k}].day"), Message::new("test_outside").with("day", test.day).with("segment", test.segment));
        }
        must(self.day_one_offset <= 1, "day_one_offset", Message::new("offset_range"));
        must(self.exposure_offset <= 1, "exposure_offset", Message::new("offset_range"));
        must(!matches!(self.release, ReleaseRule::HourAfterLastDay(0 | 24..)), "release", Message::new("release_hour"));
        if faults.len() > before {
            return None;
        }
        Some(Policy {
            name: self.name,
            version: self.version,
            applies_to: self.applies_to,
            from: from?,
            segments: self.segments,
            tests: self.tests,
            to_move: self.to_move,
            anchor: self.anchor,
            day_one_offset: self.day_one_offset,
            exposure_offset: self.exposure_offset,
            release: self.release,
            sources: self.sources,
        })
    }

    /// The start as an instant; a local one is Shanghai's. None outside this century, or without a time of day.
    fn start(&self) -> Option<DateTime<Utc>> {
        parse_instant(&self.from.to_string()).filter(|at| (2000..2100).contains(&at.with_timezone(&SHANGHAI).year()))
    }

    /// Whether a test lies inside the segment it names; one at the port is on day 1.
    fn holds(&self, test: &TestRule) -> bool {
        let Some(segment) = usize::from(test.segment).checked_sub(1).filter(|k| *k < self.segments.len()) else { return false };
        let served: u16 = self.segments[..segment].iter().map(|earlier| u16::from(earlier.days)).sum();
        let within = (served + 1..=served + u16::from(self.segments[segment].days)).contains(&u16::from(test.day));
        within && (test.kind != TestKind::Port || test.day == 1)
    }
}
