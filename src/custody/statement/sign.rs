//! Signing a statement, or refusing to: what is first said of it freezes it, and each side says so of the same digest.

use serde_json::json;

use super::frozen::{self, Frozen, SideSignature, StatementDigest};
use super::{Asked, store};
use crate::access::{self, Actor, Purpose, Seal};
use crate::base::{Error, Message, Result, time};
use crate::custody::side::{Side, Signer};
use crate::custody::{HandoffError, Reason};
use crate::db::{Conn, Event, Tx};

/// The statements of a period that somebody has signed or refused, the oldest first. For whom [`statement`](super::statement) is.
pub fn signed(conn: &mut Conn, actor: &Actor, asked: &Asked) -> Result<Vec<Frozen>> {
    let sides = asked.sides(conn, actor)?;
    store::of_period(conn, asked.period(&sides))
}

/// Signs for the actor's side the statement of a period that has `digest`, or with `refused` says why it is not right. The first to say anything
/// freezes what the statement says at present; one that was frozen before may be signed as it is.
///
/// # Errors
/// Forbidden `not_a_side`, `same_signer`; Refused `period_not_over`; Conflict `statement_changed` if neither a frozen statement nor the one of now
/// has this digest, `statement_signed` if the side has signed it.
pub fn sign(tx: &mut Tx<'_>, actor: &Actor, seal: &Seal, asked: &Asked, digest: StatementDigest, refused: Option<Reason>) -> Result<Frozen> {
    actor.must(access::Act::SignStatement)?;
    let sides = asked.sides(tx, actor)?;
    let signer = Signer::of(actor);
    let Some(own) = sides.iter().find(|side| signer.signs_for(side)) else { return Err(Error::Forbidden(Message::new("not_a_side"))) };
    if asked.to >= time::civil_date(tx.now()) {
        return Err(Error::Refused(Message::new("period_not_over")));
    }
    store::lock(tx)?;
    let mut frozen = frozen_with(tx, actor, asked, &sides, digest)?;
    if frozen.last_of(&own.code).is_some_and(|last| last.refused.is_none()) {
        return Err(Error::Conflict(Message::new("statement_signed")));
    }
    let is_others = |said: &&SideSignature| said.organisation != own.code;
    if signer.user.is_some() && frozen.signatures.iter().filter(is_others).any(|said| said.user == signer.user) {
        return Err(HandoffError::SameSigner.into());
    }
    let at = tx.now();
    let bytes = frozen::signed_bytes(&digest, refused.is_some(), at, &own.code);
    let signature =
        SideSignature { organisation: own.code.clone(), by: signer.name, user: signer.user, at, refused, signature: seal.sign(Purpose::Statement, &bytes) };
    store::insert_signature(tx, &frozen, own.id, &signature)?;
    let kind = if signature.refused.is_some() { "statement_refused" } else { "statement_signed" };
    let facts = json!({"one": sides[0].id, "other": sides[1].id, "from": asked.from, "to": asked.to, "by": own.id});
    tx.record(Event { kind, subject: frozen.id.uuid(), place: Some(own.place.province().to_string()), facts })?;
    frozen.signatures.push(signature);
    Ok(frozen)
}

/// The frozen statement with this digest; freezes the one of now if it has it.
fn frozen_with(tx: &mut Tx<'_>, actor: &Actor, asked: &Asked, sides: &[Side; 2], digest: StatementDigest) -> Result<Frozen> {
    let period = asked.period(sides);
    if let Some(known) = store::of_period(tx, period)?.into_iter().find(|frozen| frozen.digest == digest) {
        return Ok(known);
    }
    let text = frozen::text(&super::statement(tx, actor, asked)?);
    if frozen::digest(&text) != digest {
        return Err(Error::Conflict(Message::new("statement_changed")));
    }
    let frozen = Frozen { id: tx.new_id(), text, digest, frozen_at: tx.now(), signatures: Vec::new() };
    store::insert(tx, period, &frozen)?;
    Ok(frozen)
}
