//! A proposal 编排方案 as a rule: where it is in its life, and who may still change it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::base::{Error, Id, Message, Result, time};

/// Where a proposal is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    /// 编排中: the search goes on.
    Searching,
    /// 已中断: whoever searched is gone (the server was killed); what it had found can be used.
    Interrupted,
    /// 待通知: to be looked at, changed by hand, announced.
    Ready,
    /// 已通知: its trips are made.
    Announced,
    /// 已作废: the day was planned anew.
    Replaced,
}

/// A day's trips as proposed, without what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: Id<Proposal>,
    /// The day.
    pub on: NaiveDate,
    /// The scope of whoever asked for it, as text: whose people, vehicles and staff it is made of.
    pub scope: String,
    /// Where it is in its life.
    pub state: ProposalState,
    /// How long the search was to take.
    pub seconds: i32,
    /// Of the search, in percent.
    pub progress: i32,
    /// Who asked for it.
    pub started_by: String,
    /// When.
    pub started_at: DateTime<Utc>,
    /// Who changed it last; of an announced one, who announced it.
    pub changed_by: String,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Counts the changes by people; a change demands the version it saw.
    pub version: i32,
}

/// A search that has not been heard of for so long has died.
pub(super) const SILENCE: TimeDelta = TimeDelta::seconds(15);

impl ProposalState {
    /// The state that a row tells, at an instant.
    pub(super) fn of(name: &str, seen_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Self> {
        match name {
            "searching" if now - seen_at > SILENCE => Some(Self::Interrupted),
            "searching" => Some(Self::Searching),
            "ready" => Some(Self::Ready),
            "announced" => Some(Self::Announced),
            "replaced" => Some(Self::Replaced),
            _ => None,
        }
    }

    /// The name in the database, which knows nothing of interruptions, and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Searching => "searching",
            Self::Interrupted => "interrupted",
            Self::Ready => "ready",
            Self::Announced => "announced",
            Self::Replaced => "replaced",
        }
    }

    /// Whether people may change or announce it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Ready | Self::Interrupted)
    }
}

impl Proposal {
    /// Refuses a change of what is not open, or of what has changed since whoever asks saw it at `version`.
    ///
    /// # Errors
    /// Refused `proposal_searching`. Conflict: `proposal_announced`, `proposal_replaced`, `proposal_changed`, each with who was first, and when.
    pub(super) fn must_be_open(&self, version: Option<i32>) -> Result<()> {
        let lost = |code| Err(Error::Conflict(Message::new(code).with("by", &self.changed_by).with("at", time::in_shanghai(self.changed_at))));
        match self.state {
            ProposalState::Searching => Err(Error::Refused(Message::new("proposal_searching"))),
            ProposalState::Announced => lost("proposal_announced"),
            ProposalState::Replaced => lost("proposal_replaced"),
            _ if version.is_some_and(|seen| seen != self.version) => lost("proposal_changed"),
            ProposalState::Ready | ProposalState::Interrupted => Ok(()),
        }
    }
}
