//! Trips 车次 as a rule: the states and what leads from one to the next, the legs and how they join. Which vehicle and crew are
//! free, and who may board, is decided elsewhere.

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::arrivals::TravellerId;
use crate::base::{Error, FieldError, Id, Message, Result};
use crate::fleet::{Staff, Vehicle};
use crate::places::Organisation;

/// Where a trip is in its life, with the facts of the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TripState {
    /// 已安排: known to those who plan.
    Planned,
    /// 已通知: told to the crew, the sites and the receiver.
    Announced,
    /// 上车中: the vehicle is at the door.
    Boarding,
    /// 已发车.
    Departed {
        /// When it left.
        at: DateTime<Utc>,
    },
    /// 已到达.
    Arrived {
        /// When it had left.
        departed_at: DateTime<Utc>,
        /// When it came in.
        at: DateTime<Utc>,
    },
    /// 已完成: papers and vehicle are in order.
    Closed {
        /// When it had left.
        departed_at: DateTime<Utc>,
        /// When it had come in.
        arrived_at: DateTime<Utc>,
    },
    /// 已取消.
    Cancelled {
        /// Why.
        because: String,
    },
}

/// What can happen to a trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is announced.
    Announce,
    /// Boarding begins.
    Board,
    /// It leaves.
    Depart {
        /// When.
        at: DateTime<Utc>,
    },
    /// It comes in.
    Arrive {
        /// When.
        at: DateTime<Utc>,
    },
    /// It is closed.
    Close,
    /// It is cancelled, which only a trip that has not left can be.
    Cancel {
        /// Why.
        because: String,
    },
}

impl TripState {
    /// The state after `step`.
    ///
    /// # Errors
    /// `trip_cannot` names the state and the step; `arrives_before_departure`.
    pub fn step(self, step: Step) -> Result<Self, Message> {
        match (self, step) {
            (Self::Planned, Step::Announce) => Ok(Self::Announced),
            (Self::Announced, Step::Board) => Ok(Self::Boarding),
            (Self::Boarding, Step::Depart { at }) => Ok(Self::Departed { at }),
            (Self::Departed { at: departed_at }, Step::Arrive { at }) if at > departed_at => Ok(Self::Arrived { departed_at, at }),
            (Self::Departed { .. }, Step::Arrive { .. }) => Err(Message::new("arrives_before_departure")),
            (Self::Arrived { departed_at, at }, Step::Close) => Ok(Self::Closed { departed_at, arrived_at: at }),
            (Self::Planned | Self::Announced | Self::Boarding, Step::Cancel { because }) => Ok(Self::Cancelled { because }),
            (state, step) => Err(Message::new("trip_cannot").with("state", state.name()).with("step", step.name())),
        }
    }

    /// Whether people have been told of it.
    pub fn is_told(&self) -> bool {
        *self != Self::Planned
    }

    /// Whether seats and crew may still change: it has neither left nor been cancelled.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Planned | Self::Announced | Self::Boarding)
    }

    /// The name in the database and in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Announced => "announced",
            Self::Boarding => "boarding",
            Self::Departed { .. } => "departed",
            Self::Arrived { .. } => "arrived",
            Self::Closed { .. } => "closed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// When it left, if it has.
    pub const fn departed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Departed { at } => Some(*at),
            Self::Arrived { departed_at, .. } | Self::Closed { departed_at, .. } => Some(*departed_at),
            _ => None,
        }
    }

    /// When it came in, if it has.
    pub const fn arrived_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Arrived { at, .. } => Some(*at),
            Self::Closed { arrived_at, .. } => Some(*arrived_at),
            _ => None,
        }
    }
}

impl Step {
    /// The name in messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Announce => "announce",
            Self::Board => "board",
            Self::Depart { .. } => "depart",
            Self::Arrive { .. } => "arrive",
            Self::Close => "close",
            Self::Cancel { .. } => "cancel",
        }
    }
}

impl fmt::Display for TripState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// Its id.
    pub id: Id<Trip>,
    /// What people call it by: the date and a number of the day, `20200915-003`.
    pub number: String,
    /// The day it leaves on, in Shanghai; its passengers must be cleared for it.
    pub on: NaiveDate,
    /// Where it is in its life.
    pub state: TripState,
    /// The vehicle.
    pub vehicle: Id<Vehicle>,
    /// The province that receives, six digits; all passengers are bound for it.
    pub province: String,
    /// When it is to leave.
    pub departs_at: DateTime<Utc>,
    /// When it is to arrive.
    pub arrives_at: DateTime<Utc>,
    /// How many may ride.
    pub load_cap: i32,
    /// How long the vehicle is disinfected afterwards, in whole minutes.
    pub disinfection: TimeDelta,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Counts the changes; a change may demand the version it saw.
    pub version: i32,
}

/// A leg 行程段: from one organisation to the next without a stop between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Where it begins.
    pub from: Id<Organisation>,
    /// Where it ends.
    pub to: Id<Organisation>,
    /// When it is to begin.
    pub departs_at: DateTime<Utc>,
    /// When it is to end.
    pub arrives_at: DateTime<Utc>,
}

/// A trip to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrip {
    /// The vehicle.
    pub vehicle: Id<Vehicle>,
    /// The crew, one driver among them at the least.
    pub crew: Vec<Id<Staff>>,
    /// The legs, in order.
    pub legs: Vec<Leg>,
    /// How many may ride, if fewer than the vehicle's load cap.
    pub load_cap: Option<i32>,
}

/// A passenger's seat. When the trip has arrived or was cancelled the seat is free again, and the row tells who had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Whose it is.
    pub traveller: TravellerId,
    /// Its number, from 1 at the front.
    pub seat_no: i32,
    /// Whether it holds the person now.
    pub is_taken: bool,
    /// Who let the person board in spite of what kept them, and why.
    pub waiver: Option<Waiver>,
    /// Who gave the seat.
    pub given_by: String,
    /// When it was given.
    pub given_at: DateTime<Utc>,
}

/// A named decision to let somebody board who is not cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Who decided.
    pub by: String,
    /// Why.
    pub because: String,
}

/// When the first leg begins and the last one ends.
///
/// # Errors
/// [`Error::Invalid`] for legs that do not join: each begins where, and not before, the one before it ended, and ends after it began.
pub fn span(legs: &[Leg]) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let (Some(first), Some(last)) = (legs.first(), legs.last()) else {
        return Err(Error::invalid("legs", Message::new("legs_missing")));
    };
    let mut faults = Vec::new();
    for (n, leg) in legs.iter().enumerate() {
        if leg.arrives_at <= leg.departs_at {
            faults.push(FieldError::new(format!("legs[{n}].arrives_at"), Message::new("leg_ends_before_it_begins")));
        }
        if leg.from == leg.to {
            faults.push(FieldError::new(format!("legs[{n}].to_organisation"), Message::new("leg_leads_nowhere")));
        }
    }
    for (n, pair) in legs.windows(2).enumerate() {
        if pair[1].from != pair[0].to {
            faults.push(FieldError::new(format!("legs[{}].from_organisation", n + 1), Message::new("legs_not_joined")));
        }
        if pair[1].departs_at < pair[0].arrives_at {
            faults.push(FieldError::new(format!("legs[{}].departs_at", n + 1), Message::new("leg_begins_too_early")));
        }
    }
    if faults.is_empty() { Ok((first.departs_at, last.arrives_at)) } else { Err(Error::Invalid(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::parse_instant;

    fn at(time: &str) -> DateTime<Utc> {
        parse_instant(&format!("2020-09-15 {time}")).unwrap()
    }

    fn leg(from: u128, to: u128, departs: &str, arrives: &str) -> Leg {
        let organisation = |n| Id::from_uuid(uuid::Uuid::from_u128(n));
        Leg { from: organisation(from), to: organisation(to), departs_at: at(departs), arrives_at: at(arrives) }
    }

    #[test]
    fn the_table_of_states_and_steps_is_the_one_agreed() {
        let (departed_at, arrived_at) = (at("08:00"), at("10:00"));
        let states = [
            TripState::Planned,
            TripState::Announced,
            TripState::Boarding,
            TripState::Departed { at: departed_at },
            TripState::Arrived { departed_at, at: arrived_at },
            TripState::Closed { departed_at, arrived_at },
            TripState::Cancelled { because: "fog".into() },
        ];
        let steps = [
            Step::Announce,
            Step::Board,
            Step::Depart { at: departed_at },
            Step::Arrive { at: arrived_at },
            Step::Close,
            Step::Cancel { because: "fog".into() },
        ];
        let mut table = format!("{:10}{}\n", "", steps.each_ref().map(|step| format!("{:10}", step.name())).concat().trim_end());
        for state in &states {
            let row = steps.each_ref().map(|step| format!("{:10}", state.clone().step(step.clone()).map_or("-", |next| next.name())));
            table += format!("{:10}{}", state.name(), row.concat()).trim_end();
            table += "\n";
        }
        insta::assert_snapshot!(table, @r"
                  announce  board     depart    arrive    close     cancel
        planned   announced -         -         -         -         cancelled
        announced -         boarding  -         -         -         cancelled
        boarding  -         -         departed  -         -         cancelled
        departed  -         -         -         arrived   -         -
        arrived   -         -         -         -         closed    -
        closed    -         -         -         -         -         -
        cancelled -         -         -         -         -         -
        ");
    }

    #[test]
    fn a_wrong_step_names_the_state_and_the_step() {
        let refusal = TripState::Planned.step(Step::Depart { at: at("08:00") }).unwrap_err();
        assert_eq!(refusal.to_string(), r#"trip_cannot state="planned" step="depart""#);
        let departed = TripState::Departed { at: at("08:00") };
        assert_eq!(departed.step(Step::Arrive { at: at("08:00") }).unwrap_err().code, "arrives_before_departure");
    }

    #[test]
    fn legs_join_in_place_and_time() {
        let legs = [leg(1, 2, "08:00", "09:00"), leg(2, 3, "09:20", "12:00")];
        assert_eq!(span(&legs).unwrap(), (at("08:00"), at("12:00")));
        let faults = |legs: &[Leg]| match span(legs) {
            Err(Error::Invalid(faults)) => faults.iter().map(|fault| format!("{} {}", fault.field, fault.message.code)).collect::<Vec<_>>().join(", "),
            other => panic!("{other:?}"),
        };
        assert_eq!(faults(&[]), "legs legs_missing");
        assert_eq!(faults(&[leg(1, 1, "09:00", "08:00")]), "legs[0].arrives_at leg_ends_before_it_begins, legs[0].to_organisation leg_leads_nowhere");
        assert_eq!(
            faults(&[leg(1, 2, "08:00", "09:00"), leg(4, 3, "08:50", "12:00")]),
            "legs[1].from_organisation legs_not_joined, legs[1].departs_at leg_begins_too_early"
        );
    }
}
