//! Acts that were done without a network and are delivered later. The phone says when it was done and shows the document it was done on.
//!
//! The rule of merging: what still waits is accepted as of when it was done; what lapsed after that is accepted too, because the receiver had
//! answered in time; what ended otherwise stays as it ended, and both sides are told that another answer had been given. They are told too of a
//! receipt that does not count because its phone signs nothing any more, and of either once, however often it comes in.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{Handoff, HandoffId, HandoffState};
use super::paper::Paper;
use super::receipt::Receipt;
use super::reception::{self, Answered, Reception};
use super::side::Signer;
use super::view::HandoffView;
use super::{find, lock, record, show};
use crate::access::{self, Actor, PublicKey};
use crate::base::{Error, Message, Result, time};
use crate::db::{Conn, Tx};

/// What came of an act that was delivered late.
#[derive(Debug)]
pub enum Delivery {
    /// The handoff still waited for it; also if it had been delivered before.
    Merged(Reception),
    /// Something else had ended the handoff first, of which both sides are told, or it does not count; this says which. Nothing was changed.
    Conflict {
        /// The handoff as it is.
        handoff: HandoffView,
        /// What had ended it, or why it does not count.
        because: Message,
    },
}

impl Delivery {
    /// The handoff that it was for.
    pub fn handoff(&self) -> HandoffId {
        match self {
            Self::Merged(Reception::Accepted(handoff) | Reception::Counted { handoff, .. }) | Self::Conflict { handoff, .. } => handoff.id,
        }
    }

    /// Why it does not hold, if it does not.
    pub fn refusal(self) -> Option<Error> {
        match self {
            Self::Merged(reception) => reception.accepted().err(),
            Self::Conflict { because, .. } => Some(Error::Conflict(because)),
        }
    }
}

/// The document of an offer that waits, for the coach's sheet and for the phones of both sides.
pub fn paper(conn: &mut Conn, actor: &Actor, id: HandoffId) -> Result<Paper> {
    actor.must(access::Act::ViewTravellers)?;
    let handoff = find(conn, actor, id)?;
    handoff.expect_open()?;
    Ok(Paper::of(&handoff))
}

/// Takes in a receipt that was written down on the document `text` without a network.
///
/// # Errors
/// As [`accept`](super::accept), save that a handoff that has ended is no error but a [`Delivery::Conflict`]; as [`Paper::read`]; Invalid
/// `happened_at` without the time at which it was done; Refused `paper_differs` if the handoff is not what the document says.
pub fn deliver(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, text: &str, receipt: Receipt) -> Result<Delivery> {
    take_in(tx, actor, key, text, receipt, None)
}

/// The same of a receipt that came in before at `known_since`, if it did: what both sides were told then they are not told again.
pub(super) fn take_in(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, text: &str, receipt: Receipt, known_since: Option<DateTime<Utc>>) -> Result<Delivery> {
    let Some(done_at) = receipt.happened_at else { return Err(Error::invalid("happened_at", Message::new("body_field_missing"))) };
    let handoff = find_answered(tx, actor, key, text)?;
    let signer = Signer::of(actor);
    if handoff.is_answer_of(&signer, &receipt) {
        return show(tx, actor, handoff).map(Reception::Accepted).map(Delivery::Merged);
    }
    if let Err(ended) = handoff.expect_open() {
        handoff.expect_receiver(&signer)?;
        let because = Error::from(ended).message();
        let ended_at = handoff.state.ended_by().map(|by| by.at);
        if known_since.is_none_or(|since| Some(since) < ended_at) {
            record(tx, &handoff, "handoff_conflict", json!({"done_at": time::in_shanghai(done_at), "by": signer.name}))?;
        }
        return Ok(Delivery::Conflict { handoff: show(tx, actor, handoff)?, because });
    }
    let seen = handoff.version;
    reception::expect_fits(tx, &handoff, receipt.counted)?;
    let counted = handoff.deliver(&receipt, &signer, tx.now())?;
    reception::receive(tx, Answered { reader: actor.into(), counted, receipt, seen }).map(Delivery::Merged)
}

/// That a receipt does not count, because the key of its phone was taken back.
pub(super) struct SetAside {
    /// Why, in words.
    pub because: Message,
    /// When the key was taken back.
    pub taken_back_at: DateTime<Utc>,
    /// When it was done, by the phone's clock.
    pub done_at: Option<DateTime<Utc>>,
    /// When it came in before, if it did.
    pub known_since: Option<DateTime<Utc>>,
}

/// Takes in a receipt that does not count, from whoever may answer: the handoff stays as it is, and both sides are told.
pub(super) fn set_aside(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, text: &str, aside: SetAside) -> Result<Delivery> {
    let handoff = find_answered(tx, actor, key, text)?;
    let signer = Signer::of(actor);
    handoff.expect_receiver(&signer)?;
    if aside.known_since.is_none_or(|since| since < aside.taken_back_at) {
        let facts = json!({"done_at": aside.done_at.map(time::in_shanghai), "by": signer.name, "taken_back_at": time::in_shanghai(aside.taken_back_at)});
        record(tx, &handoff, "handoff_receipt_set_aside", facts)?;
    }
    Ok(Delivery::Conflict { handoff: show(tx, actor, handoff)?, because: aside.because })
}

/// The handoff that the document `text` is of, locked, and as the document says.
fn find_answered(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, text: &str) -> Result<Handoff> {
    actor.must(access::Act::AnswerHandoff)?;
    let paper = Paper::read(text, key)?;
    let handoff = lock(tx, actor, paper.handoff, None)?;
    if handoff.list_digest != paper.list_digest || handoff.giver.id != paper.giver || handoff.receiver.id != paper.receiver {
        return Err(Error::Refused(Message::new("paper_differs")));
    }
    Ok(handoff)
}

impl Handoff {
    /// Whether this very answer is the one that ended the handoff.
    fn is_answer_of(&self, signer: &Signer, receipt: &Receipt) -> bool {
        let (HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance)) = &self.state else { return false };
        let at = receipt.happened_at.map(|at| at.min(acceptance.by.at).max(self.offered.at));
        acceptance.by.user == signer.user && acceptance.counted == receipt.counted && Some(acceptance.happened_at) == at
    }
}
