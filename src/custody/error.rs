//! Why a transition of a handoff is not possible, each with the code that scripts rely on.

use chrono::{DateTime, Utc};

use super::receipt::ReceiptError;
use crate::base::{Error, Message, time};

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoffError {
    /// It has ended; this says how, by which side and when, the same to whoever comes late.
    Ended {
        /// The name of the state it ended in.
        state: &'static str,
        /// The code of the organisation that ended it, or `coordinator`.
        side: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// The deadline has passed; only a coordinator answers now.
    Lapsed {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// Only the receiver answers.
    NotTheReceiver,
    /// Only the giver withdraws.
    NotTheGiver,
    /// Nobody answers what they offered.
    SameSigner,
    /// The receiver answers, and does not decide in their own place.
    TheReceiver,
    /// The deadline has not passed, or there is none.
    NotOverdue {
        /// The deadline.
        answer_by: Option<DateTime<Utc>>,
    },
    /// It has changed since it was seen, and still waits for an answer.
    Changed,
    /// The first count is in, and was another.
    AlreadyCounted {
        /// The first count.
        first: i32,
    },
    /// Nobody counts fewer than none.
    CountBelowZero,
    /// It cannot have happened yet.
    HappensLater,
    /// It cannot have happened before it was offered.
    HappenedBeforeOffer,
    /// The receipt does not fit the list.
    Receipt(ReceiptError),
}

impl HandoffError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ended { .. } => "handoff_ended",
            Self::Lapsed { .. } => "handoff_lapsed",
            Self::NotTheReceiver => "only_receiver_answers",
            Self::NotTheGiver => "only_giver_withdraws",
            Self::SameSigner => "same_signer",
            Self::TheReceiver => "receiver_decides_not",
            Self::NotOverdue { answer_by: Some(_) } => "deadline_not_passed",
            Self::NotOverdue { answer_by: None } => "handoff_without_deadline",
            Self::Changed => "handoff_changed",
            Self::AlreadyCounted { .. } => "already_counted",
            Self::CountBelowZero => "count_below_zero",
            Self::HappensLater => "happens_later",
            Self::HappenedBeforeOffer => "happened_before_offer",
            Self::Receipt(ReceiptError::Exceptions(_)) => "exceptions_wrong",
            Self::Receipt(ReceiptError::CountDiffers { .. }) => "count_differs",
        }
    }
}

impl From<HandoffError> for Error {
    fn from(error: HandoffError) -> Self {
        let message = Message::new(error.code());
        match error {
            HandoffError::Ended { state, side, at } => Self::Conflict(message.with("state", state).with("side", side).with("at", time::in_shanghai(at))),
            HandoffError::Lapsed { at } => Self::Conflict(message.with("at", time::in_shanghai(at))),
            HandoffError::AlreadyCounted { first } => Self::Conflict(message.with("first", first)),
            HandoffError::Changed => Self::Conflict(message),
            HandoffError::NotTheReceiver | HandoffError::NotTheGiver | HandoffError::SameSigner | HandoffError::TheReceiver => Self::Forbidden(message),
            HandoffError::NotOverdue { answer_by: Some(answer_by) } => Self::Refused(message.with("answer_by", time::in_shanghai(answer_by))),
            HandoffError::NotOverdue { answer_by: None } => Self::Refused(message),
            HandoffError::CountBelowZero => Self::invalid("counted", message),
            HandoffError::HappensLater | HandoffError::HappenedBeforeOffer => Self::invalid("happened_at", message),
            HandoffError::Receipt(receipt) => receipt.into(),
        }
    }
}
