//! The rungs of the ladder that an offer climbs while nobody answers it. Where they stand is the route's to say.

use chrono::{DateTime, Utc};

use crate::places::Ladder;

/// One step on the way to the deadline, from the first on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// 催办: both sides are reminded.
    Remind,
    /// 上报值班负责人: the duty officers of both sides are told.
    DutyOfficer,
    /// 上报协调员: the coordinators are told.
    Coordinator,
    /// 超时: the deadline has passed.
    Lapse,
}

/// The rung that comes next, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextRung {
    /// Which.
    pub rung: Rung,
    /// When it is reached.
    pub at: DateTime<Utc>,
}

impl Rung {
    /// All of them, from the first on.
    pub const ALL: [Self; 4] = [Self::Remind, Self::DutyOfficer, Self::Coordinator, Self::Lapse];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Remind => "remind",
            Self::DutyOfficer => "duty_officer",
            Self::Coordinator => "coordinator",
            Self::Lapse => "lapse",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }

    /// When this rung is reached: at its share of the time between the offer and the deadline, which is the route's own unless the giver
    /// set another.
    pub fn at(self, ladder: &Ladder, offered_at: DateTime<Utc>, answer_by: DateTime<Utc>) -> DateTime<Utc> {
        let minutes = match self {
            Self::Remind => ladder.remind,
            Self::DutyOfficer => ladder.duty_officer,
            Self::Coordinator => ladder.coordinator,
            Self::Lapse => return answer_by,
        };
        let whole = answer_by - offered_at;
        offered_at + whole / i32::try_from(ladder.answer).unwrap_or(i32::MAX).max(1) * i32::try_from(minutes).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::parse_instant;

    #[test]
    fn the_rungs_stand_at_their_share_of_the_time_that_is_given() {
        let ladder = Ladder { remind: 20, duty_officer: 40, coordinator: 60, answer: 90 };
        let at = |time: &str| parse_instant(&format!("2020-09-15 {time}")).unwrap();
        let rungs = |answer_by| Rung::ALL.map(|rung| rung.at(&ladder, at("12:00"), answer_by));
        assert_eq!(rungs(ladder.answer_by(at("12:00"))), [at("12:20"), at("12:40"), at("13:00"), at("13:30")]);
        assert_eq!(rungs(at("12:45")), [at("12:10"), at("12:20"), at("12:30"), at("12:45")]);
    }
}
