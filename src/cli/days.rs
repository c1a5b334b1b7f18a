//! `days`: the quarantine calendar of one landing. Needs no database, so it goes by the installation's files and not by what was loaded since.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Error, Language, time};
use crate::policy::{Calendar, Facts, Rulebook};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// When the person landed: RFC 3339, or a local date and time in Shanghai.
    #[arg(long, value_parser = super::instant, value_name = "INSTANT")]
    landed: DateTime<Utc>,
    /// Where the person is bound for: a code of GB/T 2260 or a name.
    #[arg(long, value_name = "ADCODE")]
    to: String,
    /// The day to say where the person is on; today if not given.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    on: Option<NaiveDate>,
}

#[derive(Serialize)]
struct Days<'c> {
    policy: &'c str,
    version: u32,
    day_one: NaiveDate,
    day: Option<u16>,
    segments: Vec<Segment>,
    transfer_on: &'c [NaiveDate],
    tests_due: Vec<TestDue>,
    released_at: String,
    because: Vec<String>,
}

#[derive(Serialize)]
struct Segment {
    n: u8,
    place: String,
    responsible: &'static str,
    days: u16,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
}

#[derive(Serialize)]
struct TestDue {
    day: u8,
    on: NaiveDate,
    kind: &'static str,
    segment: u8,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let rulebook = Rulebook::read(&context.texts()?)?;
    let destination = rulebook.places.resolve(&arguments.to).map_err(|unresolved| Error::invalid("--to", unresolved.message()))?;
    let policy = rulebook.policies.choose(destination.province, arguments.landed)?;
    let calendar = policy.calendar(&Facts::landed(arguments.landed));
    let on = arguments.on.unwrap_or_else(|| time::civil_date(context.clock.now()));
    let days = Days::of(&calendar, on, output.language());
    output.result(&days, |_| days.for_people())?;
    Ok(Verdict::Done)
}

impl<'c> Days<'c> {
    fn of(calendar: &'c Calendar<'_>, on: NaiveDate, language: Language) -> Self {
        let segment = |segment: &crate::policy::SegmentDates| Segment {
            n: segment.n,
            place: segment.place.to_string(),
            responsible: segment.responsible.word(),
            days: segment.days,
            starts_on: segment.starts_on,
            ends_on: segment.ends_on,
        };
        let test = |test: &crate::policy::TestDue| TestDue { day: test.day, on: test.on, kind: test.kind.word(), segment: test.segment };
        Self {
            policy: &calendar.policy.name,
            version: calendar.policy.version,
            day_one: calendar.day_one,
            day: calendar.day_on(on),
            segments: calendar.segments.iter().map(segment).collect(),
            transfer_on: &calendar.transfer_on,
            tests_due: calendar.tests_due.iter().map(test).collect(),
            released_at: time::in_shanghai(calendar.released_at),
            because: calendar.because(on).iter().map(|message| message.text(language)).collect(),
        }
    }

    fn for_people(&self) -> String {
        let mut lines = vec![format!("{} v{}", self.policy, self.version)];
        lines.extend(
            self.segments.iter().map(|segment| format!("  {}. {} {} → {} ({})", segment.n, segment.place, segment.starts_on, segment.ends_on, segment.days)),
        );
        lines.extend(self.transfer_on.iter().map(|day| format!("  → {day}")));
        lines.push(format!("  ✓ {}", self.released_at));
        lines.extend(self.because.iter().map(|reason| format!("  · {reason}")));
        lines.join("\n")
    }
}
