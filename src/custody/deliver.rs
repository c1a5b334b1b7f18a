//! Acts that were done without a network and are delivered later. The phone says when it was done and shows the document it was done on.
//!
//! The rule of merging, the same for a receipt and a refusal: what still waits is answered as of when it was done; what lapsed after that is too,
//! because the receiver had answered in time; what ended otherwise stays as it ended, and both sides are told that another answer had been given.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{Handoff, HandoffId, HandoffState};
use super::paper::Paper;
use super::receipt::Reply;
use super::reception::{self, Answered, Reception};
use super::side::Signer;
use super::view::HandoffView;
use super::{end_refused, find, lock, record, show};
use crate::access::{self, Actor, PublicKey};
use crate::base::{Error, Message, Result, time};
use crate::db::{Conn, Tx};

/// What came of an act that was delivered late.
#[derive(Debug)]
pub enum Delivery {
    /// A receipt for which the handoff still waited; also if it had been delivered before.
    Received(Reception),
    /// A refusal for which it did.
    Refused(HandoffView),
    /// Something else had ended the handoff first, of which both sides are told. Nothing was changed.
    Conflict {
        /// The handoff as it is.
        handoff: HandoffView,
        /// What had ended it.
        because: Error,
    },
}

impl Delivery {
    /// Why it does not count, if it does not.
    pub fn refusal(self) -> Option<Error> {
        match self {
            Self::Received(reception) => reception.accepted().err(),
            Self::Refused(_) => None,
            Self::Conflict { because, .. } => Some(because),
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

/// Takes in what was answered without a network, written down on the document `text`, to the handoff `id` if that is known beforehand.
///
/// # Errors
/// As [`accept`](super::accept) and [`refuse`](super::refuse), save that a handoff that has ended is no error but a [`Delivery::Conflict`]; as
/// [`Paper::read`]; Invalid `happened_at` without the time at which it was done; Refused `paper_differs` if the handoff is not what the document says.
pub fn deliver(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, id: Option<HandoffId>, text: &str, reply: Reply) -> Result<Delivery> {
    actor.must(access::Act::AnswerHandoff)?;
    let id = id.map_or_else(|| Paper::read(text, key).map(|paper| paper.handoff), Ok)?;
    let handoff = lock(tx, actor, id, None)?;
    let late = Late::of(actor, Some(&reply));
    match take_in(tx, actor, key, handoff.clone(), text, reply) {
        Err(because @ Error::Conflict(_)) if handoff.state.ended_by().is_some() => {
            tell(tx, &handoff, &late, &because, None)?;
            Ok(Delivery::Conflict { handoff: show(tx, actor, handoff)?, because })
        }
        outcome => outcome,
    }
}

/// The same for a handoff that is locked; that it has ended otherwise is an error, of which nobody has been told.
pub(super) fn take_in(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, handoff: Handoff, text: &str, reply: Reply) -> Result<Delivery> {
    actor.must(access::Act::AnswerHandoff)?;
    expect_of(&handoff, &Paper::read(text, key)?)?;
    let done_at = reply.happened_at().ok_or_else(|| Error::invalid("happened_at", Message::new("body_field_missing")))?;
    let (signer, seen) = (Signer::of(actor), handoff.version);
    let is_known = handoff.is_answer_of(&signer, &reply);
    if !is_known {
        handoff.expect_receiver(&signer)?;
        handoff.expect_open()?;
    }
    match reply {
        Reply::Receive(_) if is_known => show(tx, actor, handoff).map(Reception::Accepted).map(Delivery::Received),
        Reply::Refuse { .. } if is_known => show(tx, actor, handoff).map(Delivery::Refused),
        Reply::Receive(receipt) => {
            reception::expect_fits(tx, &handoff, receipt.counted)?;
            let counted = handoff.deliver(&receipt, &signer, tx.now())?;
            reception::receive(tx, Answered { reader: actor.into(), counted, receipt, seen }).map(Delivery::Received)
        }
        Reply::Refuse { reason, .. } => {
            let handoff = handoff.deliver_refusal(reason, done_at, &signer, tx.now())?;
            end_refused(tx, actor, handoff, seen).map(Delivery::Refused)
        }
    }
}

/// An answer that comes in late, as far as both sides are told of one that does not count.
pub(super) struct Late {
    by: String,
    done_at: Option<DateTime<Utc>>,
    is_refusal: bool,
}

impl Late {
    /// That of an actor, as far as it can be read.
    pub(super) fn of(actor: &Actor, reply: Option<&Reply>) -> Self {
        let is_refusal = matches!(reply, Some(Reply::Refuse { .. }));
        Self { by: actor.name().to_owned(), done_at: reply.and_then(Reply::happened_at), is_refusal }
    }
}

/// Tells both sides of an answer that does not count: that something else had ended the handoff first, or why else.
pub(super) fn tell(tx: &mut Tx<'_>, handoff: &Handoff, late: &Late, because: &Error, taken_back_at: Option<DateTime<Utc>>) -> Result<()> {
    let code = because.code();
    let kind = if code == "handoff_ended" { "handoff_conflict" } else { "handoff_receipt_set_aside" };
    let facts = json!({
        "done_at": late.done_at.map(time::in_shanghai),
        "by": late.by,
        "is_refusal": late.is_refusal,
        "because": code,
        "taken_back_at": taken_back_at.map(time::in_shanghai),
    });
    record(tx, handoff, kind, facts)
}

/// Refuses a document of another handoff, or of this one as it never was.
fn expect_of(handoff: &Handoff, paper: &Paper) -> Result<()> {
    let is_of =
        paper.handoff == handoff.id && paper.list_digest == handoff.list_digest && paper.giver == handoff.giver.id && paper.receiver == handoff.receiver.id;
    if is_of { Ok(()) } else { Err(Error::Refused(Message::new("paper_differs"))) }
}

impl Handoff {
    /// Whether this very answer is the one that ended the handoff.
    fn is_answer_of(&self, signer: &Signer, reply: &Reply) -> bool {
        match (&self.state, reply) {
            (HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance), Reply::Receive(receipt)) => {
                let at = receipt.happened_at.map(|at| at.min(acceptance.by.at).max(self.offered.at));
                acceptance.by.user == signer.user && acceptance.counted == receipt.counted && Some(acceptance.happened_at) == at
            }
            (HandoffState::Refused(rejection), Reply::Refuse { reason, .. }) => {
                rejection.by.user == signer.user && rejection.by.decided.is_none() && rejection.reason == *reason
            }
            _ => false,
        }
    }
}
