//! How long a receiver may take to answer an offer, by who gives and who receives, and who is told on the way. The steps are data of
//! `config/routes.toml`; what happens when one is reached is not known here.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};

use super::OrganisationKind;
use crate::base::time::civil_date;
use crate::base::{FieldError, Message};

/// The steps between an offer and its deadline, in minutes after the offer, each later than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// 催办: both sides are reminded.
    pub remind: u32,
    /// 上报值班负责人: the duty officers of both sides are told.
    pub duty_officer: u32,
    /// 上报协调员: the coordinators are told.
    pub coordinator: u32,
    /// 时限: the answer is overdue. Nothing is accepted by it; a coordinator decides.
    pub answer: u32,
}

impl Ladder {
    /// Until when an offer made at `offered_at` is to be answered.
    pub fn answer_by(&self, offered_at: DateTime<Utc>) -> DateTime<Utc> {
        offered_at + TimeDelta::minutes(self.answer.into())
    }

    fn rises(&self) -> bool {
        0 < self.remind && self.remind < self.duty_officer && self.duty_officer < self.coordinator && self.coordinator < self.answer
    }
}

/// The ladder of one route from a date on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LadderOf {
    giver: Whom,
    receiver: Whom,
    #[serde(deserialize_with = "super::routing::date")]
    from: NaiveDate,
    remind: u32,
    duty_officer: u32,
    coordinator: u32,
    answer: u32,
}

impl LadderOf {
    fn ladder(&self) -> Ladder {
        Ladder { remind: self.remind, duty_officer: self.duty_officer, coordinator: self.coordinator, answer: self.answer }
    }
}

/// A kind of organisation, or whichever no other row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    Any,
    Kind(OrganisationKind),
}

impl Whom {
    fn is(self, kind: OrganisationKind) -> bool {
        self == Self::Any || self == Self::Kind(kind)
    }
}

impl<'de> Deserialize<'de> for Whom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "any" => Ok(Self::Any),
            kind => OrganisationKind::deserialize(serde::de::value::StrDeserializer::new(kind)).map(Self::Kind),
        }
    }
}

/// The row for these two kinds that is in force: the one that names most of them, and of those the latest.
pub(super) fn in_force(rows: &[LadderOf], giver: OrganisationKind, receiver: OrganisationKind, at: DateTime<Utc>) -> Option<Ladder> {
    let on = civil_date(at);
    let fits = rows.iter().filter(|row| row.giver.is(giver) && row.receiver.is(receiver) && row.from <= on);
    fits.max_by_key(|row| (row.receiver != Whom::Any, row.giver != Whom::Any, row.from)).map(LadderOf::ladder)
}

/// What is wrong with the ladders, each by its path.
pub(super) fn faults<'a>(general: &Ladder, rows: &'a [LadderOf]) -> impl Iterator<Item = FieldError> + 'a {
    let steep = |path: String| FieldError::new(path, Message::new("ladder_must_rise"));
    let general = (!general.rises()).then(|| steep("ladder".into()));
    let rows = rows.iter().enumerate().flat_map(move |(n, row)| {
        let is_twice = rows[..n].iter().any(|other| (other.giver, other.receiver, other.from) == (row.giver, row.receiver, row.from));
        let twice = is_twice.then(|| FieldError::new(format!("ladder_of[{n}].from"), Message::new("route_twice")));
        twice.into_iter().chain((!row.ladder().rises()).then(|| steep(format!("ladder_of[{n}]"))))
    });
    general.into_iter().chain(rows)
}

#[cfg(test)]
mod tests {
    use OrganisationKind::{AirportDesk, Hub, ProvincialGroup, Site};

    use super::*;
    use crate::base::document;
    use crate::base::time::parse_instant;

    #[derive(Deserialize)]
    struct File {
        ladder: Ladder,
        #[serde(default)]
        ladder_of: Vec<LadderOf>,
    }

    fn row(giver: &str, receiver: &str, from: &str, answer: u32) -> String {
        let (remind, duty_officer, coordinator) = (answer - 3, answer - 2, answer - 1);
        format!(
            "[[ladder_of]]\ngiver = \"{giver}\"\nreceiver = \"{receiver}\"\nfrom = {from}\n\
             remind = {remind}\nduty_officer = {duty_officer}\ncoordinator = {coordinator}\nanswer = {answer}\n"
        )
    }

    fn file(rows: &[String]) -> File {
        let general = "[ladder]\nremind = 1\nduty_officer = 2\ncoordinator = 3\nanswer = 4\n";
        document::read("routes.toml", &format!("{general}{}", rows.concat())).unwrap()
    }

    #[test]
    fn the_row_that_names_both_sides_wins_and_of_two_such_the_later() {
        let rows = [
            row("any", "site", "2020-03-07", 40),
            row("airport_desk", "any", "2020-03-07", 30),
            row("airport_desk", "site", "2020-03-07", 20),
            row("airport_desk", "site", "2020-09-12", 10),
        ];
        let file = file(&rows);
        let answer = |giver, receiver, at| in_force(&file.ladder_of, giver, receiver, parse_instant(at).unwrap()).map(|ladder| ladder.answer);
        assert_eq!(answer(AirportDesk, Site, "2020-09-12 00:00"), Some(10));
        assert_eq!(answer(AirportDesk, Site, "2020-09-11 23:59"), Some(20));
        assert_eq!(answer(AirportDesk, Hub, "2020-09-12 00:00"), Some(30));
        assert_eq!(answer(ProvincialGroup, Site, "2020-09-12 00:00"), Some(40));
        assert_eq!(answer(ProvincialGroup, Hub, "2020-09-12 00:00"), None);
        assert_eq!(answer(AirportDesk, Site, "2020-03-06 00:00"), None);
        assert_eq!(faults(&file.ladder, &file.ladder_of).count(), 0);
    }

    #[test]
    fn a_ladder_that_does_not_rise_and_a_route_named_twice_are_told_by_their_paths() {
        let level = row("hub", "site", "2020-03-07", 9).replace("remind = 6", "remind = 7");
        let file = file(&[row("any", "site", "2020-03-07", 9), row("any", "site", "2020-03-07", 8), level]);
        let found: Vec<String> = faults(&file.ladder, &file.ladder_of).map(|fault| fault.field).collect();
        assert_eq!(found, ["ladder_of[1].from", "ladder_of[2]"]);
        let flat = Ladder { answer: 3, ..file.ladder };
        assert_eq!(faults(&flat, &[]).map(|fault| fault.field).collect::<Vec<_>>(), ["ladder"]);
    }
}
