//! Guests: a county that has no accounts answers one handoff by a link. Whoever they receive is outside the network from then on, counted as
//! left and answered for by nobody here; that is what such an acceptance says, and why only the giver and the province give links out. Who is
//! there without being on the list is named, and stays with whoever answers for them: see `extras`.
//!
//! Every act on a link locks its handoff first, so of two uses, or of a use and its being taken back, one comes first and the other is told.

mod extras;
mod model;
mod store;

pub use model::{CheckCode, GuestLink, LinkEnd, LinkSecret};

use chrono::{DateTime, TimeDelta, Utc};

use super::model::Handoff;
use super::reception::{self, Answered, Reception};
use super::side::Signer;
use super::view::{HandoffView, Reader};
use super::{HandoffId, Reason, Receipt, demand, end_unpassed, lock, record, show};
use crate::access::audit::{self, Deed, Subject};
use crate::access::{self, Act, Actor, Keyring, Role, mask};
use crate::arrivals::document::{Document, DocumentKind};
use crate::arrivals::{self, Named, TravellerId};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};

/// The longest that a link is worth anything.
const LONGEST: TimeDelta = TimeDelta::hours(72);

/// A link that was just made, with its secrets, which are shown this once.
#[derive(Debug)]
pub struct NewLink {
    /// The link.
    pub link: GuestLink,
    /// What stands in its address.
    pub secret: LinkSecret,
    /// What is told in another way.
    pub code: CheckCode,
}

/// Makes the link by which a receiver without accounts answers; it takes the place of one made before. Worth something until `expires_at`, or
/// until the answer is due.
///
/// # Errors
/// Forbidden `guest_link_not_yours` unless the actor is the giver, or of a province or the coordination and the receiver within their scope;
/// Refused `receiver_has_accounts`; Invalid `expires_at`; whatever the handoff's end is.
pub fn link_add(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId, expires_at: Option<DateTime<Utc>>) -> Result<NewLink> {
    let handoff = lock(tx, actor, id, None)?;
    expect_may_link(actor, &handoff)?;
    handoff.expect_offered()?;
    if access::has_users(tx, &handoff.receiver.code)? {
        return Err(Error::Refused(Message::new("receiver_has_accounts")));
    }
    let latest = tx.now() + LONGEST;
    let expires_at = expires_at.unwrap_or(handoff.answer_by.unwrap_or(latest).min(latest));
    if !(tx.now() < expires_at && expires_at <= latest) {
        return Err(Error::invalid("expires_at", Message::new("guest_link_expiry").with("hours", LONGEST.num_hours())));
    }
    revoke(tx, actor, id)?;
    let (secret, code) = (LinkSecret::of(tx.chance().bytes()), CheckCode::of(tx.chance().bytes()));
    let (made_by, made_at, code_digest) = (actor.name().to_owned(), tx.now(), code.digest(&secret));
    let link = GuestLink { id: tx.new_id(), handoff: id, made_by, made_at, expires_at, failures: 0, failed_at: None, code_digest, ended: None };
    store::insert(tx, &link, secret.digest())?;
    audit::record(tx, actor, Act::OfferHandoff, Subject::of("guest_link", link.id), Some("added"))?;
    Ok(NewLink { link, secret, code })
}

/// Takes the link of a handoff back; none that could be used is no error.
pub fn link_revoke(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId) -> Result<()> {
    let handoff = lock(tx, actor, id, None)?;
    expect_may_link(actor, &handoff)?;
    revoke(tx, actor, id)
}

/// The links of a handoff, the newest first, for those who may make them.
pub fn links(conn: &mut Conn, actor: &Actor, id: HandoffId) -> Result<Vec<GuestLink>> {
    let handoff = super::find(conn, actor, id)?;
    expect_may_link(actor, &handoff)?;
    store::links_of(conn, id)
}

/// Whether `actor` may make a link of this handoff now, as far as its receiver goes.
pub fn may_link(conn: &mut Conn, actor: &Actor, handoff: &HandoffView) -> Result<bool> {
    Ok(rules_over(actor, &handoff.giver, &handoff.receiver) && actor.role().may(Act::OfferHandoff) && !access::has_users(conn, &handoff.receiver.code)?)
}

/// The handoff of a link that can be used, without its list, for whoever has yet to show the code.
///
/// # Errors
/// NotFound; Refused `guest_link_used`, `guest_link_revoked`, `guest_link_expired`; whatever the handoff's end is.
pub fn knock(conn: &mut Conn, secret: &LinkSecret, now: DateTime<Utc>) -> Result<HandoffView> {
    let link = store::find(conn, secret.digest())?.ok_or(Error::NotFound("guest_link"))?;
    link.expect_open(now)?;
    let handoff = super::store::find_handoff(conn, link.handoff)?.ok_or(Error::NotFound("handoff"))?;
    handoff.expect_offered()?;
    Ok(handoff.seen_by(Reader::Stranger, None))
}

/// The handoff as the guest sees it: the list once the count is in, which is logged.
///
/// Of this and what follows the outer error undoes what was written; the inner one is told after a wrong code has been recorded.
pub fn look(tx: &mut Tx<'_>, secret: &LinkSecret, code: &CheckCode) -> Result<Result<HandoffView>> {
    as_guest(tx, secret, code, |tx, link, handoff| {
        if handoff.first_count.is_some() {
            audit::record_guest(tx, "guest", Deed::GuestCame, Subject::of("guest_link", link.id), None)?;
        }
        show(tx, Reader::Guest, handoff)
    })
}

/// The guest counts, blind.
pub fn count(tx: &mut Tx<'_>, secret: &LinkSecret, code: &CheckCode, counted: i32) -> Result<Result<HandoffView>> {
    as_guest(tx, secret, code, |tx, link, handoff| {
        let seen = handoff.version;
        reception::expect_fits(tx, &handoff, counted)?;
        let by = signer(&handoff, link, "guest");
        let handoff = handoff.count(counted, &by)?;
        if handoff.version > seen {
            demand(super::store::update_handoff(tx, &handoff, seen)?)?;
            record(tx, &handoff, "handoff_counted", serde_json::json!({"counted": counted, "guest": true}))?;
        }
        show(tx, Reader::Guest, handoff)
    })
}

/// What a guest signs.
#[derive(Debug, Clone)]
pub struct GuestReceipt {
    /// Who signs.
    pub name: String,
    /// What was found of the list, and the heads of those who are on it.
    pub receipt: Receipt,
    /// The documents of those who are there and not on the list, each another.
    pub extras: Vec<Document>,
    /// Why those are exceptions.
    pub because: Reason,
}

/// The guest receives everybody on the list but the exceptions, who leave the network with it. The link is used up. Of the extras the guest is told
/// nothing; the giver, and whoever answers for one, are.
pub fn accept(tx: &mut Tx<'_>, keyring: &Keyring, secret: &LinkSecret, code: &CheckCode, said: &GuestReceipt) -> Result<Result<Reception>> {
    let name = checked_name(&said.name)?;
    as_guest(tx, secret, code, |tx, link, handoff| {
        let (seen, id) = (handoff.version, handoff.id);
        let (receipt, named) = extras::name(tx, keyring, &handoff, said)?;
        reception::expect_fits(tx, &handoff, receipt.counted)?;
        let by = signer(&handoff, link, &name);
        let counted = handoff.answer(&receipt, &by, tx.now())?;
        let reception = reception::receive(tx, Answered { reader: Reader::Guest, counted, receipt, seen })?;
        if matches!(reception, Reception::Accepted(_)) {
            arrivals::named_keep(tx, keyring, id.uuid(), &named)?;
            use_up(tx, link, &name)?;
        }
        Ok(reception)
    })
}

/// The guest receives nobody, who stay with the giver. The link is used up.
pub fn refuse(tx: &mut Tx<'_>, secret: &LinkSecret, code: &CheckCode, name: &str, reason: &Reason) -> Result<Result<HandoffView>> {
    let name = checked_name(name)?;
    as_guest(tx, secret, code, |tx, link, handoff| {
        let seen = handoff.version;
        let by = signer(&handoff, link, &name);
        let handoff = handoff.refuse(reason.clone(), &by, tx.now())?;
        end_unpassed(tx, &handoff, seen)?;
        record(tx, &handoff, "handoff_refused", serde_json::json!({"people": handoff.n_people, "guest": true}))?;
        use_up(tx, link, &name)?;
        show(tx, Reader::Guest, handoff)
    })
}

/// A document that a guest named beside the list, as somebody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDocument {
    /// Its id.
    pub id: Id<Named>,
    /// Its kind and its number, in full or masked; none once it has been destroyed.
    pub document: Option<(DocumentKind, String)>,
    /// Who in the chain carried it then.
    pub traveller: Option<TravellerId>,
    /// When it was named.
    pub at: DateTime<Utc>,
}

/// What a guest named at a handoff, whose view is the actor's: the numbers as the view opens to them.
pub fn named(conn: &mut Conn, actor: &Actor, keyring: &Keyring, handoff: &HandoffView) -> Result<Vec<NamedDocument>> {
    let shown = |number: &str| if handoff.opens_to(actor) { number.to_owned() } else { mask::document_number(number) };
    let named = |named: Named| NamedDocument {
        id: named.id,
        document: named.document.map(|document| (document.kind(), shown(document.no().as_str()))),
        traveller: named.traveller,
        at: named.at,
    };
    Ok(arrivals::named_at(conn, keyring, handoff.id.uuid())?.into_iter().map(named).collect())
}

/// Does `act` for whoever has shown a link that can be used, and its code.
fn as_guest<T>(tx: &mut Tx<'_>, secret: &LinkSecret, code: &CheckCode, act: impl FnOnce(&mut Tx<'_>, &GuestLink, Handoff) -> Result<T>) -> Result<Result<T>> {
    let find = |conn: &mut Conn| store::find(conn, secret.digest())?.ok_or(Error::NotFound("guest_link"));
    let of = find(tx)?.handoff;
    let handoff = super::store::lock_handoffs(tx, &[of])?.pop().ok_or(Error::NotFound("handoff"))?;
    // Only now is it sure that nobody uses it, or takes it back, at the same moment.
    let link = find(tx)?;
    link.expect_open(tx.now())?;
    link.expect_patience(tx.now())?;
    if code.digest(secret) != link.code_digest {
        let (failures, now) = (link.failures_after(tx.now()), tx.now());
        store::set_failures(tx, link.id, failures, Some(now))?;
        audit::record_guest(tx, "guest", Deed::GuestFailed, Subject::of("guest_link", link.id), None)?;
        return Ok(Err(Error::Refused(Message::new("guest_code_wrong"))));
    }
    if link.failures > 0 {
        store::set_failures(tx, link.id, 0, None)?;
    }
    act(tx, &link, handoff).map(Ok)
}

/// A guest signs for the receiver, as whoever has the link.
fn signer(handoff: &Handoff, link: &GuestLink, name: &str) -> Signer {
    Signer { name: name.to_owned(), user: None, organisation: Some(handoff.receiver.code.clone()), link: Some(link.id) }
}

fn use_up(tx: &mut Tx<'_>, link: &GuestLink, name: &str) -> Result<()> {
    let end = LinkEnd { is_used: true, by: name.to_owned(), at: tx.now() };
    store::end(tx, link.handoff, &end)?;
    audit::record_guest(tx, name, Deed::GuestSigned, Subject::of("guest_link", link.id), None)
}

fn revoke(tx: &mut Tx<'_>, actor: &Actor, id: HandoffId) -> Result<()> {
    let end = LinkEnd { is_used: false, by: actor.name().to_owned(), at: tx.now() };
    if store::end(tx, id, &end)? {
        audit::record(tx, actor, Act::OfferHandoff, Subject::of("handoff", id), Some("guest link revoked"))?;
    }
    Ok(())
}

fn expect_may_link(actor: &Actor, handoff: &Handoff) -> Result<()> {
    actor.must(Act::OfferHandoff)?;
    if rules_over(actor, &handoff.giver, &handoff.receiver) { Ok(()) } else { Err(Error::Forbidden(Message::new("guest_link_not_yours"))) }
}

/// Whether `actor` is of the giver, or oversees the receiver for a province or for all.
fn rules_over(actor: &Actor, giver: &super::Side, receiver: &super::Side) -> bool {
    let oversees = matches!(actor.role(), Role::ProvincialGroup | Role::Coordinator | Role::Administrator);
    actor.organisation() == Some(&giver.code) || oversees && actor.scope().covers(&[&receiver.place.to_string()], &[&receiver.code])
}

/// A name as it will stand on the sheet: not empty, at most 60 characters.
fn checked_name(name: &str) -> Result<String> {
    match name.trim() {
        "" => Err(Error::invalid("name", Message::new("guest_name_missing"))),
        name if name.chars().count() > 60 || name.contains(char::is_control) => Err(Error::invalid("name", Message::new("guest_name_unreadable"))),
        name => Ok(name.to_owned()),
    }
}
