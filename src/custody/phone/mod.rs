//! Receipts that a phone signs itself: its key is made on the phone, never leaves it, and is enrolled for the user who has signed in there. What
//! is signed is the receipt word for word with the document it answers, so that it stays a proof when the session that delivers it is forgotten.

mod store;

use chrono::{DateTime, Utc};

use super::deliver::{Delivery, deliver};
use super::reception::Reception;
use super::{HandoffId, Receipt};
use crate::access::{Act, Actor, PublicKey, Purpose};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};

/// Marks the ids of phones' keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneKey {}

/// What a phone has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The public key of the phone.
    pub public_key: [u8; 32],
    /// What was signed, as it was signed: the fields of the receipt as a form writes them.
    pub said: String,
    /// Ed25519 over `jiezhuan receipt`, a zero byte and what was said.
    pub signature: [u8; 64],
}

/// A receipt that was signed on a phone, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    /// Who had signed in on the phone.
    pub by: String,
    /// The public key of the phone.
    pub public_key: [u8; 32],
    /// What was signed.
    pub said: String,
    /// The signature.
    pub signature: [u8; 64],
    /// Whether it was the answer; else the handoff had ended otherwise, or it did not fit the list.
    pub is_merged: bool,
    /// When it came in.
    pub delivered_at: DateTime<Utc>,
}

/// Enrols the key of the phone on which the actor has signed in; enrolled again, it is the same key.
///
/// # Errors
/// Invalid `key` if it is none; Conflict `phone_key_of_another` if somebody else enrolled it.
pub fn enrol(tx: &mut Tx<'_>, actor: &Actor, public_key: [u8; 32]) -> Result<()> {
    actor.must(Act::AnswerHandoff)?;
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    PublicKey::read(public_key).ok_or_else(|| Error::invalid("key", Message::new("phone_key_unreadable")))?;
    match store::find_key(tx, public_key)? {
        Some((_, owner)) if owner == user => Ok(()),
        Some(_) => Err(Error::Conflict(Message::new("phone_key_of_another"))),
        None => store::enrol(tx, user, public_key),
    }
}

/// Takes in a receipt that the actor's phone signed on the document `paper`; what was signed is kept, whatever comes of it. `key` is the installation's,
/// under which the document was signed.
///
/// # Errors
/// As [`deliver`]; Forbidden `phone_key_unknown` if the key is not the actor's; Invalid `receipt_forged` if the signature is not good.
pub fn deliver_signed(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, paper: &str, receipt: Receipt, signed: &Signed) -> Result<Delivery> {
    let id = expect_own(tx, actor, signed)?;
    let delivery = deliver(tx, actor, key, paper, receipt)?;
    let (handoff, is_merged) = match &delivery {
        Delivery::Merged(Reception::Accepted(handoff)) => (handoff.id, true),
        Delivery::Merged(Reception::Counted { handoff, .. }) | Delivery::Conflict { handoff, .. } => (handoff.id, false),
    };
    // What is delivered twice is kept once.
    if !store::receipts_of(tx, handoff)?.iter().any(|kept| kept.signature == signed.signature) {
        store::keep(tx, handoff, id, &signed.said, &signed.signature, is_merged)?;
    }
    Ok(delivery)
}

/// What was signed about a handoff that exists for the actor, in the order in which it came in.
pub fn receipts_of(conn: &mut Conn, actor: &Actor, id: HandoffId) -> Result<Vec<SignedReceipt>> {
    super::store::find_handoff(conn, id)?.filter(|handoff| handoff.exists_for(actor)).ok_or(Error::NotFound("handoff"))?;
    store::receipts_of(conn, id)
}

/// The key, which must be the actor's and have made the signature.
fn expect_own(conn: &mut Conn, actor: &Actor, signed: &Signed) -> Result<Id<PhoneKey>> {
    let known = store::find_key(conn, signed.public_key)?.filter(|(_, owner)| actor.user() == Some(*owner));
    let (id, _) = known.ok_or_else(|| Error::Forbidden(Message::new("phone_key_unknown")))?;
    let is_good = PublicKey::read(signed.public_key).is_some_and(|key| key.recognises(Purpose::Receipt, signed.said.as_bytes(), &signed.signature));
    if is_good { Ok(id) } else { Err(Error::invalid("signature", Message::new("receipt_forged"))) }
}
