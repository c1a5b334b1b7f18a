//! Why a calendar says what it says, sentence by sentence; made only when somebody reads it.

use chrono::{Days, NaiveDate};

use super::{Calendar, ReleaseRule, SegmentDates};
use crate::base::Message;
use crate::base::time::in_shanghai;

impl Calendar<'_> {
    /// The reasons, as seen on `on`: the policy and why it applies, day one, the day it is, days served where, the next date, the rule that decided.
    pub fn because(&self, on: NaiveDate) -> Vec<Message> {
        let mut because = vec![self.policy_applies(), self.first_day()];
        if self.provisional {
            because.push(Message::new("because_provisional").with("anchor", self.policy.anchor.word()));
        }
        because.push(self.today(on));
        because.extend(self.segments.iter().map(|segment| served(segment, on)));
        if let Some(next) = self.transfer_on.iter().find(|date| **date >= on) {
            because.push(Message::new("because_next_transfer").with("on", next));
        }
        if self
            .segments
            .iter()
            .any(|segment| self.policy.segments.get(usize::from(segment.n) - 1).is_some_and(|planned| u16::from(planned.days) != segment.days))
        {
            because.push(Message::new("because_total_stands").with("days", self.total_days));
        }
        because.push(self.release());
        because
    }

    fn policy_applies(&self) -> Message {
        let regions: Vec<String> = self.policy.applies_to.iter().map(ToString::to_string).collect();
        Message::new("because_policy")
            .with("policy", &self.policy.name)
            .with("version", self.policy.version)
            .with("regions", regions.join(" "))
            .with("from", in_shanghai(self.policy.from))
    }

    fn first_day(&self) -> Message {
        let code = if self.restarted { "because_restarted" } else { "because_day_one" };
        Message::new(code).with("anchor", self.policy.anchor.word()).with("counted_from", self.counted_from).with("day_one", self.day_one)
    }

    fn today(&self, on: NaiveDate) -> Message {
        match self.day_on(on) {
            Some(day) => Message::new("because_day").with("on", on).with("day", day).with("total", self.total_days),
            None if on < self.day_one => Message::new("because_not_begun").with("on", on).with("day_one", self.day_one),
            None => Message::new("because_over").with("on", on).with("last", self.last_day()),
        }
    }

    fn release(&self) -> Message {
        let code = match self.policy.release {
            ReleaseRule::FullDays if !self.restarted => "because_release_full_days",
            ReleaseRule::HourAfterLastDay(_) => "because_release_hour",
            ReleaseRule::EndOfLastDay | ReleaseRule::FullDays => "because_release_midnight",
        };
        Message::new(code).with("last", self.last_day()).with("days", self.total_days).with("released_at", in_shanghai(self.released_at))
    }
}

fn served(segment: &SegmentDates, on: NaiveDate) -> Message {
    let until = (on + Days::new(1)).min(segment.ends_on + Days::new(1));
    Message::new("because_segment")
        .with("n", segment.n)
        .with("place", segment.place)
        .with("responsible", segment.responsible.word())
        .with("days", segment.days)
        .with("starts_on", segment.starts_on)
        .with("ends_on", segment.ends_on)
        .with("served", until.signed_duration_since(segment.starts_on).num_days().max(0))
}
