//! The counting of days: a pure function of a policy and what happened to a person. Civil dates of Shanghai throughout; an instant only where
//! a day begins or ends. The segments of a [`Calendar`] tile the days from the first to the last without gap or overlap, however late,
//! early or often a person was moved, and the total is the policy's.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{Anchor, PlaceKind, Policy, ReleaseRule, Side, TestKind};
use crate::base::time::{civil_date, midnight};

/// What happened to a person, as far as counting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The landing, which also chose the policy.
    pub landed_at: DateTime<Utc>,
    /// The border stamp, once known.
    pub border_at: Option<DateTime<Utc>>,
    /// The arrival at the first site, once known.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// The last date of contact with a case, if the person is a close contact.
    pub last_exposed_on: Option<NaiveDate>,
    /// The dates on which moves really happened, in order; what is still to come goes by the plan.
    pub moved_on: &'a [NaiveDate],
    /// Moves no further and completes the days where they are: a home that was not approved, a close contact, an opt-out.
    pub stays: bool,
}

impl Facts<'_> {
    /// A landing of which nothing more is known.
    pub const fn landed(landed_at: DateTime<Utc>) -> Self {
        Self { landed_at, border_at: None, checked_in_at: None, last_exposed_on: None, moved_on: &[], stays: false }
    }
}

/// A segment with its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentDates {
    /// Its number in the policy, from 1.
    pub n: u8,
    /// Where it is spent.
    pub place: PlaceKind,
    /// Who answers for it.
    pub responsible: Side,
    /// How many days it comes to; at least one, for a segment of which nothing is left is not in the calendar.
    pub days: u16,
    /// Its first date.
    pub starts_on: NaiveDate,
    /// Its last date.
    pub ends_on: NaiveDate,
}

/// A test with its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestDue {
    /// The day of the quarantine.
    pub day: u8,
    /// The date.
    pub on: NaiveDate,
    /// What is tested.
    pub kind: TestKind,
    /// The segment in which that date falls.
    pub segment: u8,
}

/// The quarantine calendar of one landing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar<'p> {
    /// The policy that counts.
    pub policy: &'p Policy,
    /// The date that day 1 was found from: of the anchor, or of the last exposure.
    pub counted_from: NaiveDate,
    /// Whether an exposure restarted the count.
    pub restarted: bool,
    /// Whether the policy's anchor is not known yet and the landing stands in for it.
    pub provisional: bool,
    /// Day 1.
    pub day_one: NaiveDate,
    /// How many days in all.
    pub total_days: u16,
    /// The segments in which days are served.
    pub segments: Vec<SegmentDates>,
    /// The dates of the moves, done and planned.
    pub transfer_on: Vec<NaiveDate>,
    /// The tests due.
    pub tests_due: Vec<TestDue>,
    /// When the person is released.
    pub released_at: DateTime<Utc>,
}

impl Calendar<'_> {
    /// The day of the quarantine on `date`, from 1; none before it and after it.
    pub fn day_on(&self, date: NaiveDate) -> Option<u16> {
        let day = date.signed_duration_since(self.day_one).num_days() + 1;
        u16::try_from(day).ok().filter(|day| (1..=self.total_days).contains(day))
    }

    /// The last day's date.
    pub fn last_day(&self) -> NaiveDate {
        self.day_one + Days::new(u64::from(self.total_days) - 1)
    }

    /// The segment in which `date` falls.
    pub fn segment_on(&self, date: NaiveDate) -> Option<&SegmentDates> {
        self.segments.iter().find(|segment| (segment.starts_on..=segment.ends_on).contains(&date))
    }
}

impl Policy {
    /// Counts the days of one landing.
    pub fn calendar(&self, facts: &Facts<'_>) -> Calendar<'_> {
        let known = match self.anchor {
            Anchor::Landed => Some(facts.landed_at),
            Anchor::Border => facts.border_at,
            Anchor::CheckedIn => facts.checked_in_at,
        };
        let anchor = known.unwrap_or(facts.landed_at);
        let anchored_on = civil_date(anchor);
        let first = anchored_on + Days::new(u64::from(self.day_one_offset));
        let restart = facts.last_exposed_on.map(|on| (on, on + Days::new(u64::from(self.exposure_offset)))).filter(|(_, restart)| *restart > first);
        let (counted_from, day_one) = restart.unwrap_or((anchored_on, first));
        let total_days = self.total_days();
        let after = day_one + Days::new(u64::from(total_days));
        let mut calendar = Calendar {
            policy: self,
            counted_from,
            restarted: restart.is_some(),
            provisional: known.is_none(),
            day_one,
            total_days,
            segments: Vec::with_capacity(self.segments.len()),
            transfer_on: Vec::with_capacity(self.segments.len()),
            tests_due: Vec::with_capacity(self.tests.len()),
            released_at: match self.release {
                ReleaseRule::EndOfLastDay => midnight(after),
                ReleaseRule::HourAfterLastDay(hour) => midnight(after) + TimeDelta::hours(i64::from(hour)),
                // Of an exposure only the date is known.
                ReleaseRule::FullDays if restart.is_some() => midnight(after),
                ReleaseRule::FullDays => anchor + TimeDelta::days(i64::from(total_days) + i64::from(self.day_one_offset)),
            },
        };
        calendar.lay_segments(facts, after);
        calendar.lay_tests(facts);
        calendar
    }
}

impl Calendar<'_> {
    /// Lays the segments end to end. A move that happened begins its segment on its own date; one still to come keeps its planned date if it
    /// can. Lateness is so taken from the segment that is entered late, never added to the whole.
    fn lay_segments(&mut self, facts: &Facts<'_>, after: NaiveDate) {
        let mut moved = facts.moved_on.iter().copied();
        let mut planned = self.day_one;
        let mut start = self.day_one;
        let mut place = PlaceKind::Shanghai;
        for (n, segment) in (1..).zip(&self.policy.segments) {
            let moves = segment.place != place;
            let happened = if moves { moved.next() } else { None };
            let next = match happened {
                // The first segment holds the days from the first on, wherever the person waited for the move into it.
                _ if n == 1 => self.day_one,
                Some(on) => on.clamp(start, after),
                None if moves && facts.stays => after,
                None => planned.max(start + Days::new(1)).min(after),
            };
            self.close(next);
            if next < after {
                self.segments.push(SegmentDates { n, place: segment.place, responsible: segment.responsible, days: 0, starts_on: next, ends_on: next });
            }
            let to_come = if n == 1 && !self.restarted { civil_date(facts.landed_at) } else { next };
            let due = moves && !facts.stays && next < after;
            self.transfer_on.extend(happened.or(due.then_some(to_come)));
            (start, place) = (next, segment.place);
            planned = planned + Days::new(u64::from(segment.days));
        }
        self.close(after);
    }

    /// Ends the last segment on the day before `next`; one of which nothing is left goes.
    fn close(&mut self, next: NaiveDate) {
        let Some(last) = self.segments.last_mut() else { return };
        match u16::try_from(next.signed_duration_since(last.starts_on).num_days()) {
            Ok(days @ 1..) => (last.days, last.ends_on) = (days, next - Days::new(1)),
            _ => drop(self.segments.pop()),
        }
    }

    /// Dates the tests. The sample at the port is taken on landing, once, whatever is counted afterwards.
    fn lay_tests(&mut self, facts: &Facts<'_>) {
        for test in &self.policy.tests {
            let on = match test.kind {
                TestKind::Port if self.restarted => continue,
                TestKind::Port => civil_date(facts.landed_at),
                TestKind::NucleicAcid | TestKind::Antibody => self.day_one + Days::new(u64::from(test.day) - 1),
            };
            let segment = self.segment_on(on).map_or(test.segment, |segment| segment.n);
            self.tests_due.push(TestDue { day: test.day, on, kind: test.kind, segment });
        }
    }
}
