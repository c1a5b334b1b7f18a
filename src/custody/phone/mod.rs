//! Receipts that a phone signs itself: its key is made on the phone, never leaves it, and is enrolled for the user who has signed in there. What
//! is signed is the receipt word for word with the document it answers, so that it stays a proof when the session that delivers it is forgotten.
//!
//! A key that was taken back signs nothing any more. What counts is when a receipt comes in, not when it says that it was signed: whoever holds a
//! lost phone sets its clock. So what was signed before and comes in after is refused too. It is kept word for word, both sides are told, the
//! handoff waits on, and whoever was there signs again; what came in before stands.
//!
//! With its key a phone loses the session in which it was enrolled, because whoever holds the phone holds both. A program that enrols a key comes by
//! an API token, which is no phone's session: it was given out by hand, may speak for many phones, and is taken back by itself in the list of
//! tokens. So such an enrolment records nothing, and taking the key back ends no token.

mod store;

use chrono::{DateTime, Utc};

use self::store::SigningKey;
use super::deliver::{Delivery, SetAside, set_aside, take_in};
use super::reception::Reception;
use super::{HandoffId, Paper, Receipt};
use crate::access::audit::{self, Subject};
use crate::access::{self, Act, Actor, PublicKey, Purpose, Token, User, UserName};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Message, Result, time};
use crate::db::{Conn, Tx};

/// The key of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneKey {
    /// Its id.
    pub id: Id<PhoneKey>,
    /// Who had signed in on the phone.
    pub user: Id<User>,
    /// Its public half; the other never leaves the phone.
    pub public_key: [u8; 32],
    /// When it was enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// When the last receipt that it signed came in.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub taken_back_at: Option<DateTime<Utc>>,
    /// The session in which it was last enrolled, which ends with it.
    pub session: Option<Id<Token>>,
}

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

/// Enrols the key of the phone on which the actor has signed in, with the session in which they have; enrolled again, it is the same key, in the
/// session that it is now.
///
/// # Errors
/// Invalid `key` if it is none; Conflict `phone_key_of_another` if somebody else enrolled it; Refused `phone_key_taken_back`.
pub fn enrol(tx: &mut Tx<'_>, actor: &Actor, public_key: [u8; 32]) -> Result<()> {
    actor.must(Act::AnswerHandoff)?;
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    PublicKey::read(public_key).ok_or_else(|| Error::invalid("key", Message::new("phone_key_unreadable")))?;
    match store::lock_key(tx, public_key)? {
        Some(key) if key.user == user => match (key.taken_back(), actor.session()) {
            (Some(why), _) => Err(Error::Refused(why)),
            (None, Some(session)) if key.session != Some(session) => store::in_session(tx, key.id, session),
            (None, _) => Ok(()),
        },
        Some(_) => Err(Error::Conflict(Message::new("phone_key_of_another"))),
        None => store::enrol(tx, user, public_key, actor.session()),
    }
}

/// The keys of phones: one's own, or those of the user called `of` for those who manage users.
pub fn keys_of(conn: &mut Conn, actor: &Actor, of: Option<&UserName>, page: PageRequest<Id<PhoneKey>>) -> Result<Page<PhoneKey, Id<PhoneKey>>> {
    let user = match of {
        Some(name) => access::user_get(conn, actor, name)?.id,
        None => actor.user().ok_or(Error::Unauthenticated)?,
    };
    Ok(Page::cut(store::keys_after(conn, user, page)?, page.limit, |key| key.id))
}

/// Takes the key of a phone back, one's own or anybody's with the permission: what comes in from now on does not count, and whoever is signed in
/// on the phone is signed out, which may be the actor.
pub fn take_back(tx: &mut Tx<'_>, actor: &Actor, id: Id<PhoneKey>) -> Result<()> {
    let manages = actor.must_everywhere(Act::ManageTokens).is_ok();
    let owner = store::owner_of(tx, id)?.filter(|owner| manages || actor.user() == Some(*owner));
    owner.ok_or(Error::NotFound("phone_key"))?;
    if !store::take_back(tx, id)? {
        return Ok(());
    }
    audit::record(tx, actor, Act::ManageTokens, Subject::of("phone_key", id), Some("revoked"))?;
    // Only now is it sure that the phone is not enrolled in another session meanwhile.
    match store::session_of(tx, id)? {
        Some(session) => access::session_close(tx, actor, session),
        None => Ok(()),
    }
}

/// Takes in a receipt that the actor's phone signed on the document `paper`; what was signed is kept, whatever comes of it. `key` is the installation's,
/// under which the document was signed.
///
/// # Errors
/// As [`deliver`](fn@super::deliver); Forbidden `phone_key_unknown` if the key is not the actor's; Invalid `receipt_forged` if the signature is not good.
pub fn deliver_signed(tx: &mut Tx<'_>, actor: &Actor, key: PublicKey, paper: &str, receipt: Receipt, signed: &Signed) -> Result<Delivery> {
    // Held until the end, so that a key is taken back either before its receipt counts or after.
    let phone = expect_own(tx, actor, signed)?;
    // What is delivered twice is kept once.
    let answered = Paper::read(paper, key)?.handoff;
    let kept = store::receipts_of(tx, answered)?.into_iter().find(|kept| kept.signature == signed.signature);
    let (is_merged, known_since) = (kept.as_ref().is_some_and(|kept| kept.is_merged), kept.map(|kept| kept.delivered_at));
    let delivery = match phone.taken_back_at.zip(phone.taken_back()).filter(|_| !is_merged) {
        None => take_in(tx, actor, key, paper, receipt, known_since)?,
        Some((taken_back_at, because)) => {
            let aside = SetAside { because, taken_back_at, done_at: receipt.happened_at, known_since };
            set_aside(tx, actor, key, paper, aside)?
        }
    };
    if known_since.is_none() {
        let is_merged = matches!(delivery, Delivery::Merged(Reception::Accepted(_)));
        store::keep(tx, delivery.handoff(), phone.id, &signed.said, &signed.signature, is_merged)?;
        if phone.taken_back_at.is_some() {
            audit::record(tx, actor, Act::AnswerHandoff, Subject::of("phone_key", phone.id), Some("refused"))?;
        }
    }
    Ok(delivery)
}

/// What was signed about a handoff that exists for the actor, in the order in which it came in.
pub fn receipts_of(conn: &mut Conn, actor: &Actor, id: HandoffId) -> Result<Vec<SignedReceipt>> {
    super::find(conn, actor, id)?;
    store::receipts_of(conn, id)
}

/// The key, which must be the actor's and have made the signature.
fn expect_own(tx: &mut Tx<'_>, actor: &Actor, signed: &Signed) -> Result<SigningKey> {
    let known = store::lock_key(tx, signed.public_key)?.filter(|key| actor.user() == Some(key.user));
    let phone = known.ok_or_else(|| Error::Forbidden(Message::new("phone_key_unknown")))?;
    let is_good = PublicKey::read(signed.public_key).is_some_and(|key| key.recognises(Purpose::Receipt, signed.said.as_bytes(), &signed.signature));
    if is_good { Ok(phone) } else { Err(Error::invalid("signature", Message::new("receipt_forged"))) }
}

impl SigningKey {
    /// Why nothing that it signed counts, if it was taken back.
    fn taken_back(&self) -> Option<Message> {
        self.taken_back_at.map(|at| Message::new("phone_key_taken_back").with("at", format!("{} {}", time::civil_date(at), time::clock(at))))
    }
}
