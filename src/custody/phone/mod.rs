//! Receipts and refusals that a phone signs itself: its key is made on the phone, never leaves it, and is enrolled for the user who has signed in
//! there. What is signed is the answer word for word with the document it answers, so that it stays a proof when the session that delivers it is
//! forgotten.
//!
//! What does not count is set aside, whatever the reason: it is kept word for word with that reason, both sides are told once, the handoff stays as
//! it is, and whoever was there signs again. That is final: what was set aside does not count later because a clock has moved on.
//!
//! A key that was taken back signs nothing any more. What counts is when an answer comes in, not when it says that it was signed: whoever holds a
//! lost phone sets its clock. So what was signed before and comes in after is set aside too; what came in before stands.
//!
//! With its key a phone loses the session in which it was enrolled, because whoever holds the phone holds both. A program that enrols a key comes by
//! an API token, which is no phone's session: it was given out by hand, may speak for many phones, and is taken back by itself in the list of
//! tokens. So such an enrolment records nothing, and taking the key back ends no token.

mod store;

use chrono::{DateTime, Utc};

use self::store::SigningKey;
use super::deliver::{self, Late, take_in};
use super::model::Handoff;
use super::{HandoffId, Reply};
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
    /// What was signed, as it was signed: the fields of the answer as a form writes them.
    pub said: String,
    /// Ed25519 over `jiezhuan receipt`, a zero byte and what was said.
    pub signature: [u8; 64],
}

/// A receipt or a refusal that was signed on a phone, as it is kept.
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
    /// Whether it was the answer; else it was set aside.
    pub is_merged: bool,
    /// The code of why it was set aside, where that was written down.
    pub because: Option<String>,
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
            (Some(why), _) => Err(why),
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

/// Takes in what the actor's phone signed to the handoff `id` on the document `paper`. `reply` is what was said, as far as it can be read; `key` is the
/// installation's, under which the document was signed. Why it does not count, if it does not; then it has been set aside.
///
/// # Errors
/// Forbidden `phone_key_unknown` if the key is not the actor's; Invalid `receipt_forged` if the signature is not good; NotFound if the handoff does
/// not exist for the actor. Of those nothing is kept.
pub fn deliver_signed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    key: PublicKey,
    id: HandoffId,
    paper: &str,
    reply: Result<Reply>,
    signed: &Signed,
) -> Result<Option<Error>> {
    // Held until the end, so that a key is taken back either before its answer counts or after.
    let phone = expect_own(tx, actor, signed)?;
    let handoff = super::lock(tx, actor, id, None)?;
    // What is delivered twice is kept once, and told once.
    if let Some(kept) = store::receipts_of(tx, id)?.into_iter().find(|kept| kept.signature == signed.signature) {
        return Ok(if kept.is_merged { None } else { Some(still_aside(&phone, &handoff, kept)) });
    }
    let late = Late::of(actor, reply.as_ref().ok());
    let because = match phone.taken_back() {
        Some(taken_back) => Some(taken_back),
        None => {
            let handoff = handoff.clone();
            // What does not count leaves nothing behind but the count that came with it.
            match reply.and_then(|reply| tx.attempt(|tx| take_in(tx, actor, key, handoff, paper, reply))) {
                Ok(delivery) => delivery.refusal(),
                Err(fault @ (Error::Internal(_) | Error::Unavailable(_))) => return Err(fault),
                Err(because) => Some(because),
            }
        }
    };
    store::keep(tx, id, phone.id, signed, because.as_ref().map(Error::code))?;
    if let Some(because) = &because {
        deliver::tell(tx, &handoff, &late, because, phone.taken_back_at)?;
    }
    if phone.taken_back_at.is_some() {
        audit::record(tx, actor, Act::AnswerHandoff, Subject::of("phone_key", phone.id), Some("refused"))?;
    }
    Ok(because)
}

/// Why what was set aside before does not count: as things are, if that says it, else as it was found then.
fn still_aside(phone: &SigningKey, handoff: &Handoff, kept: SignedReceipt) -> Error {
    let ended = || handoff.expect_open().err().map(Error::from);
    let then = || Error::Refused(Message::new("receipt_set_aside_before").with("because", kept.because.unwrap_or_default()));
    phone.taken_back().or_else(ended).unwrap_or_else(then)
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
    fn taken_back(&self) -> Option<Error> {
        let because = |at| Message::new("phone_key_taken_back").with("at", format!("{} {}", time::civil_date(at), time::clock(at)));
        self.taken_back_at.map(because).map(Error::Refused)
    }
}
