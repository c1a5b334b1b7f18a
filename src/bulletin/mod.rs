//! Bulletin 通知: what organisations are told without asking, and the outbox it leaves by.
//!
//! Events of the log become notices, one for each address that wants them, in the transaction that marks the event told of: none is lost and
//! none is written twice. A notice is then claimed, sent by whoever can, and marked. Who sends it, and how mail travels, is not known here.
//!
//! What is guaranteed: every notice is sent at least once, and exactly once unless a node dies, or the network breaks, between the other
//! side's taking it and our marking it sent. It is then sent again under the same id, by which a mail server or a system that remembers what
//! it has taken shows it once. No program can promise more to a mail server that does not.

pub mod daily;
mod letter;
mod model;
mod store;
mod tell;
mod webhook;

use chrono::TimeDelta;
use serde_json::json;

pub use letter::{Letter, compose};
pub use model::{Address, Arriving, Between, Channel, Digest, Failure, Muted, News, Notice, NoticeState, Post, Signed, Target};
pub use tell::{digest, digest_due, tell};
pub use webhook::{document, secret_of, sign};

use crate::access::{Act, Actor, OrganisationCode};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Language, Message, Result};
use crate::db::{Conn, Event, Tx};
use crate::fleet;
use crate::places::{Organisation, Organisations};

/// How long a claimed notice is left to whoever claimed it. Sending one takes a fraction of it, at the most.
pub const LEASE: TimeDelta = TimeDelta::minutes(5);

/// An address to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAddress {
    /// Whose it is; none for the coordinators'.
    pub organisation: Option<OrganisationCode>,
    /// How notices travel.
    pub channel: Channel,
    /// Where to.
    pub target: Target,
    /// At whose desk they arrive.
    pub post: Post,
    /// The language they are written in.
    pub language: Language,
    /// What is not wanted.
    pub muted: Muted,
}

/// Adds an address: of the actor's own organisation, of one in their scope, or of the coordinators. Only who oversees everything has notices
/// sent to a system, because our requests then go where they say.
pub fn address_add(tx: &mut Tx<'_>, actor: &Actor, organisations: &Organisations, new: NewAddress) -> Result<Address> {
    actor.must(Act::ManageNotices)?;
    if new.channel == Channel::Webhook || new.organisation.is_none() {
        actor.must_everywhere(Act::ManageNotices)?;
    }
    let organisation = match &new.organisation {
        None => None,
        Some(code) => {
            let known =
                organisations.get(code.as_str()).map(Organisation::id).filter(|id| within(tx, actor).is_ok_and(|within| covers(within.as_deref(), Some(*id))));
            Some(known.ok_or_else(|| Error::invalid("organisation", Message::new("unknown_organisation").with("organisation", code)))?)
        }
    };
    let NewAddress { channel, target, post, language, muted, .. } = new;
    let id = tx.new_id();
    let address = Address { id, organisation, channel, target, post, language, muted, added_by: actor.name().to_owned(), added_at: tx.now() };
    store::address_insert(tx, &address)?;
    Ok(address)
}

/// The addresses in use that exist for the actor.
pub fn address_list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Address>> {
    actor.must(Act::ManageNotices)?;
    let within = within(conn, actor)?;
    let mut addresses = store::addresses(conn)?;
    addresses.retain(|address| covers(within.as_deref(), address.organisation));
    Ok(addresses)
}

/// Takes an address out of use. What was written to it before is still sent.
pub fn address_remove(tx: &mut Tx<'_>, actor: &Actor, id: Id<Address>) -> Result<()> {
    actor.must(Act::ManageNotices)?;
    let within = within(tx, actor)?;
    let address = store::find_address(tx, id)?.filter(|address| covers(within.as_deref(), address.organisation));
    let address = address.ok_or(Error::NotFound("notice_address"))?;
    if store::address_remove(tx, address.id)? { Ok(()) } else { Err(Error::NotFound("notice_address")) }
}

/// The outbox, the newest notice first: to the addresses that exist for the actor, in one state if one is wanted.
pub fn notice_list(conn: &mut Conn, actor: &Actor, state: Option<NoticeState>, page: PageRequest<Id<Notice>>) -> Result<Page<Notice, Id<Notice>>> {
    actor.must(Act::ManageNotices)?;
    let within = within(conn, actor)?;
    let found = store::notices_of(conn, within.as_deref(), state, page.after, i64::from(page.limit) + 1)?;
    Ok(Page::cut(found, page.limit, |notice| notice.id))
}

/// How many notices are in each state, to the addresses that exist for the actor.
pub fn backlog(conn: &mut Conn, actor: &Actor) -> Result<Vec<(NoticeState, i64)>> {
    actor.must(Act::ManageNotices)?;
    let within = within(conn, actor)?;
    backlog_within(conn, within.as_deref())
}

/// How many notices are in each state, to whomever: for the health of the system, which tells nothing of any of them.
pub fn backlog_of_all(conn: &mut Conn) -> Result<Vec<(NoticeState, i64)>> {
    backlog_within(conn, None)
}

fn backlog_within(conn: &mut Conn, within: Option<&[Id<Organisation>]>) -> Result<Vec<(NoticeState, i64)>> {
    NoticeState::ALL.iter().map(|state| Ok((*state, store::n_notices(conn, within, *state)?))).collect()
}

/// Has a notice sent again that was given up. It keeps its id.
pub fn notice_resend(tx: &mut Tx<'_>, actor: &Actor, id: Id<Notice>) -> Result<Notice> {
    actor.must(Act::ManageNotices)?;
    let within = within(tx, actor)?;
    let notice = store::find_notice(tx, id)?.filter(|notice| covers(within.as_deref(), notice.address.organisation));
    let notice = notice.ok_or(Error::NotFound("notice"))?;
    if !store::revive(tx, notice.id)? {
        return Err(Error::Refused(Message::new("notice_not_dead").with("state", notice.state.name())));
    }
    store::find_notice(tx, id)?.ok_or(Error::NotFound("notice"))
}

/// Takes at most `limit` notices that are due and travel by one of these channels, to be sent within [`LEASE`] and then marked. They are nobody else's until then; if whoever took
/// them dies, they are due again.
pub fn claim(tx: &mut Tx<'_>, channels: &[Channel], limit: u32) -> Result<Vec<Notice>> {
    let until = tx.now() + LEASE;
    store::claim(tx, channels, until, i64::from(limit))
}

/// The other side has taken the notice.
pub fn sent(tx: &mut Tx<'_>, notice: Id<Notice>) -> Result<()> {
    store::mark_sent(tx, notice)
}

/// The other side has not taken the notice: it is tried again later, or given up, which is an event of its own.
pub fn failed(tx: &mut Tx<'_>, notice: &Notice, failure: &Failure) -> Result<()> {
    const MOST: usize = 300;
    let cause: String = failure.cause.chars().take(MOST).collect();
    let retry_at = Notice::retry_at(notice.attempts, failure, tx.now());
    if store::mark_failed(tx, notice, retry_at, &cause)? && retry_at.is_none() {
        let facts = json!({"kind": notice.news.kind(), "attempts": notice.attempts});
        // Who oversees nothing need not know that somebody else's mail did not arrive.
        tx.record(Event { kind: "notice_given_up", subject: notice.id.uuid(), place: Some("000000".into()), facts })?;
    }
    Ok(())
}

/// The organisations whose addresses exist for the actor: everybody's, and the coordinators', if none are named.
fn within(conn: &mut Conn, actor: &Actor) -> Result<Option<Vec<Id<Organisation>>>> {
    let within = fleet::organisations_within(conn, actor.scope())?;
    let own = actor.organisation().map(|code| Organisation::id_of(code.as_str()));
    Ok(within.map(|within| within.into_iter().chain(own).collect()))
}

fn covers(within: Option<&[Id<Organisation>]>, organisation: Option<Id<Organisation>>) -> bool {
    within.is_none_or(|within| organisation.is_some_and(|organisation| within.contains(&organisation)))
}
