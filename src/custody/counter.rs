//! Counter-handoffs 补办移交: people who came to somebody without being on the list. Whoever answers for them goes on doing so and is asked to
//! offer them to where they are; the asking stands until an offer does, and stands again if that offer comes to nothing. That somebody is with a
//! county outside the network changes nothing of it: they have left only when whoever answers for them has offered them and the county has signed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::{Handoff, HandoffId};
use super::offer::own_side;
use super::receipt::Settlement;
use super::side::Side;
use super::{record, store};
use crate::access::{self, Actor};
use crate::arrivals::{self, TravellerId};
use crate::base::{Error, Id, Message, Result};
use crate::db::schema::{counter_handoffs, travellers};
use crate::db::{At, Conn, Kept, Tx, insert_all};
use crate::places::Organisation;

/// Somebody of ours who is with another organisation, which asks for an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The handoff at which they were found.
    pub handoff: HandoffId,
    /// Who.
    pub traveller: TravellerId,
    /// With whom they are.
    pub receiver: Side,
    /// Since when.
    pub at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = counter_handoffs, treat_none_as_default_value = false)]
struct CounterRow {
    handoff_id: HandoffId,
    traveller_id: TravellerId,
    custodian_id: Id<Organisation>,
    receiver_id: Id<Organisation>,
    asked_at: At,
    offered_in: Option<HandoffId>,
}

/// The people whom the actor's organisation is asked to offer, the longest asked first.
pub fn asked(conn: &mut Conn, actor: &Actor) -> Result<Vec<Asked>> {
    actor.must(access::Act::OfferHandoff)?;
    let own = own_side(conn, actor)?;
    type Row = (HandoffId, TravellerId, Id<Organisation>, At);
    let rows: Vec<Row> = counter_handoffs::table
        .inner_join(travellers::table.on(travellers::id.eq(counter_handoffs::traveller_id)))
        // Who has passed on meanwhile is somebody else's to offer.
        .filter(counter_handoffs::custodian_id.eq(own.id).and(counter_handoffs::offered_in.is_null()).and(travellers::custodian_id.eq(own.id)))
        .order((counter_handoffs::asked_at, counter_handoffs::traveller_id))
        .select((counter_handoffs::handoff_id, counter_handoffs::traveller_id, counter_handoffs::receiver_id, counter_handoffs::asked_at))
        .load(conn)?;
    let mut ids: Vec<_> = rows.iter().map(|(.., receiver, _)| *receiver).collect();
    ids.sort_unstable();
    ids.dedup();
    let sides = store::sides(conn, &ids)?;
    let asked = |(handoff, traveller, receiver, at): Row| {
        let receiver = sides.iter().find(|side| side.id == receiver).cloned();
        let missing = || Error::Internal(anyhow::anyhow!("counter_handoffs.receiver_id of {handoff}/{traveller} names nobody"));
        Ok(Asked { handoff, traveller, receiver: receiver.ok_or_else(missing)?, at: at.0 })
    };
    rows.into_iter().map(asked).collect()
}

/// Refuses extras for whom the receiver answers already.
pub(super) fn expect_elsewhere(conn: &mut Conn, handoff: &Handoff, settlement: &Settlement) -> Result<()> {
    let extras: Vec<TravellerId> = settlement.extras().collect();
    let people = if extras.is_empty() { Vec::new() } else { arrivals::get(conn, &extras)? };
    let n_here = people.iter().filter(|person| person.custody.custodian == Some(handoff.receiver.id)).count();
    if n_here == 0 { Ok(()) } else { Err(Error::Refused(Message::new("extra_is_already_here").with("count", n_here))) }
}

/// Asks whoever answers for the extras of a settlement to offer them.
pub(super) fn ask(tx: &mut Tx<'_>, handoff: &Handoff, settlement: &Settlement) -> Result<()> {
    let extras: Vec<TravellerId> = settlement.extras().collect();
    if extras.is_empty() {
        return Ok(());
    }
    let people = arrivals::get(tx, &extras)?;
    let asked_at = At(tx.now());
    let row = |person: &arrivals::Traveller| {
        person.custody.custodian.map(|custodian_id| CounterRow {
            handoff_id: handoff.id,
            traveller_id: person.id,
            custodian_id,
            receiver_id: handoff.receiver.id,
            asked_at,
            offered_in: None,
        })
    };
    let rows: Vec<CounterRow> = people.iter().filter_map(row).collect();
    insert_all!(tx, counter_handoffs::table, &rows)?;
    let people: Vec<Value> = people.iter().map(|person| json!({"traveller": person.id, "custodian": person.custody.custodian})).collect();
    record(tx, handoff, "counter_handoff_asked", json!({"extras": people}))
}

/// An offer of people to those who asked for them answers the asking.
pub(super) fn answer(tx: &mut Tx<'_>, offer: &Handoff, list: &[TravellerId]) -> Result<()> {
    let open = counter_handoffs::table
        .filter(counter_handoffs::custodian_id.eq(offer.giver.id).and(counter_handoffs::offered_in.is_null()))
        .filter(counter_handoffs::receiver_id.eq(offer.receiver.id).and(counter_handoffs::traveller_id.eq_any(list)));
    Kept(diesel::update(open).set(counter_handoffs::offered_in.eq(Some(offer.id)))).execute(&mut **tx)?;
    Ok(())
}

/// An offer that passed none of these people leaves the asking as it was.
pub(super) fn reopen(tx: &mut Tx<'_>, offer: HandoffId, but: &[TravellerId]) -> Result<()> {
    let answered = counter_handoffs::table.filter(counter_handoffs::offered_in.eq(offer).and(diesel::dsl::not(counter_handoffs::traveller_id.eq_any(but))));
    Kept(diesel::update(answered).set(counter_handoffs::offered_in.eq(None::<HandoffId>))).execute(&mut **tx)?;
    Ok(())
}
