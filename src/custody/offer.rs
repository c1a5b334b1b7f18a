//! Offering people to the next organisation.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{Handoff, HandoffState, digest_of_list};
use super::reception::expect_may_board;
use super::rung::{NextRung, Rung};
use super::side::{Side, Signature, Signer};
use super::view::HandoffView;
use super::{counter, lines, record, show, store};
use crate::access::{self, Actor, OrganisationCode};
use crate::arrivals::{self, Traveller, TravellerId};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};
use crate::dispatch::Trip;
use crate::places::Routes;

/// What is offered, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Who is asked to take over.
    pub to_organisation: OrganisationCode,
    /// The trip whose people these are; none for a walk.
    pub trip: Option<Id<Trip>>,
    /// Who is offered, whole parties.
    pub travellers: Vec<TravellerId>,
    /// Until when an answer is expected; as long as the route gives, if not given.
    pub answer_by: Option<DateTime<Utc>>,
}

/// Offers people of the actor's own organisation to another. The actor's organisation answers for them until the other accepts.
pub fn offer(tx: &mut Tx<'_>, actor: &Actor, routes: &Routes, offer: Offer) -> Result<HandoffView> {
    actor.must(access::Act::OfferHandoff)?;
    let giver = own_side(tx, actor)?;
    let Some(receiver) = store::find_side(tx, &offer.to_organisation)? else {
        return Err(Error::invalid("to_organisation", Message::new("no_such_receiver").with("organisation", &offer.to_organisation)));
    };
    let list = checked_list(&offer, &giver, &receiver, tx.now())?;
    let people = arrivals::lock(tx, &list)?;
    expect_custody(tx, &giver, &people)?;
    expect_unoffered(tx, &list)?;
    expect_whole_parties(tx, &giver, &list)?;
    let id = tx.new_id();
    let signer = Signer::of(actor);
    let ladder = routes.ladder(giver.kind, receiver.kind, tx.now());
    let answer_by = offer.answer_by.unwrap_or(ladder.answer_by(tx.now()));
    let handoff = Handoff {
        id,
        trip: offer.trip,
        giver,
        receiver,
        list_digest: digest_of_list(id, &list),
        n_people: i32::try_from(list.len()).map_err(|cause| Error::Internal(cause.into()))?,
        offered: Signature { name: signer.name, user: signer.user, at: tx.now(), decided: None, link: None },
        answer_by: Some(answer_by),
        next_rung: Some(NextRung { rung: Rung::Remind, at: Rung::Remind.at(&ladder, tx.now(), answer_by) }),
        first_count: None,
        state: HandoffState::Offered,
        version: 1,
    };
    expect_may_board(tx, &handoff, &list)?;
    store::insert_offer(tx, &handoff, &list)?;
    counter::answer(tx, &handoff, &list)?;
    record(tx, &handoff, "handoff_offered", json!({"answer_by": handoff.answer_by}))?;
    show(tx, actor, handoff)
}

/// The organisation the actor answers for.
pub(super) fn own_side(conn: &mut Conn, actor: &Actor) -> Result<Side> {
    let code = actor.organisation().ok_or_else(|| Error::Forbidden(Message::new("answers_for_nobody")))?;
    store::find_side(conn, code)?.ok_or_else(|| Error::Forbidden(Message::new("answers_for_nobody")))
}

/// Refuses, naming who answers instead, unless `side` answers for all of these people.
pub(super) fn expect_custody(conn: &mut Conn, side: &Side, people: &[Traveller]) -> Result<()> {
    let others: Vec<&Traveller> = people.iter().filter(|person| person.custody.custodian != Some(side.id)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let mut custodians: Vec<_> = others.iter().filter_map(|person| person.custody.custodian).collect();
    custodians.sort_unstable();
    custodians.dedup();
    let codes: Vec<String> = store::sides(conn, &custodians)?.into_iter().map(|side| side.code.to_string()).collect();
    let message = if codes.is_empty() { Message::new("custody_ended") } else { Message::new("others_answer").with("custodians", codes.join(", ")) };
    Err(Error::Conflict(message.with("count", others.len())))
}

/// Refuses, naming the handoff, if one of these people is being handed over.
pub(super) fn expect_unoffered(conn: &mut Conn, people: &[TravellerId]) -> Result<()> {
    match lines::handoffs_with(conn, people)?.as_slice() {
        [] => Ok(()),
        open => {
            let ids: Vec<String> = open.iter().map(ToString::to_string).collect();
            Err(Error::Conflict(Message::new("in_another_handoff").with("handoffs", ids.join(", "))))
        }
    }
}

fn checked_list(offer: &Offer, giver: &Side, receiver: &Side, now: DateTime<Utc>) -> Result<Vec<TravellerId>> {
    if giver.id == receiver.id {
        return Err(Error::invalid("to_organisation", Message::new("handoff_to_itself")));
    }
    if offer.answer_by.is_some_and(|answer_by| answer_by <= now) {
        return Err(Error::invalid("answer_by", Message::new("deadline_has_passed")));
    }
    let mut list = offer.travellers.clone();
    list.sort_unstable();
    list.dedup();
    if list.is_empty() {
        return Err(Error::invalid("travellers", Message::new("nobody_offered")));
    }
    Ok(list)
}

/// A party is never split: whoever of it the giver answers for goes along, unless a person has parted them (`arrivals::part`).
fn expect_whole_parties(conn: &mut Conn, giver: &Side, list: &[TravellerId]) -> Result<()> {
    let parties = arrivals::with_their_parties(conn, list)?;
    let n_left = parties.iter().filter(|mate| mate.custody.custodian == Some(giver.id) && list.binary_search(&mate.id).is_err()).count();
    if n_left == 0 { Ok(()) } else { Err(Error::Refused(Message::new("party_would_be_split").with("count", n_left))) }
}
