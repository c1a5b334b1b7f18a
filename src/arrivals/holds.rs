//! Holds 暂缓: set with a reason, lifted with a reason, never deleted.

use diesel::prelude::*;

use super::matching::NewHold;
use super::model::{Hold, HoldKind, TravellerId};
use crate::access::{Act, Actor};
use crate::base::{Error, Id, Message, Result};
use crate::db::schema::holds;
use crate::db::{At, Conn, Event, Kept, Tx};

/// Sets a hold. It stops the next move of the person, and of the party, not the clock.
pub fn hold(tx: &mut Tx<'_>, actor: &Actor, traveller: TravellerId, kind: HoldKind, reason: &str) -> Result<Id<Hold>> {
    actor.must(Act::SetHold)?;
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", Message::new("reason_missing")));
    }
    let person = super::lock_seen(tx, actor, traveller)?;
    let row = NewHold::new(tx, traveller, person.party, kind, reason.trim(), actor.name());
    let id = row.id();
    super::matching::holds_insert(tx, &vec![row])?;
    tx.record(Event {
        kind: "hold_set",
        subject: traveller.uuid(),
        place: person.destination.map(|bound| bound.city),
        facts: serde_json::json!({"hold": kind.name()}),
    })?;
    Ok(id)
}

/// Lifts a hold that still stands.
pub fn lift(tx: &mut Tx<'_>, actor: &Actor, id: Id<Hold>, because: &str) -> Result<()> {
    actor.must(Act::ClearHold)?;
    if because.trim().is_empty() {
        return Err(Error::invalid("reason", Message::new("reason_missing")));
    }
    let traveller: TravellerId =
        holds::table.filter(holds::id.eq(id)).select(holds::traveller_id).first(&mut **tx).optional()?.ok_or(Error::NotFound("hold"))?;
    super::lock_seen(tx, actor, traveller).map_err(|error| if matches!(error, Error::NotFound(_)) { Error::NotFound("hold") } else { error })?;
    let change = (holds::lifted_at.eq(Some(At(tx.now()))), holds::lifted_by.eq(Some(actor.name())), holds::lifted_because.eq(Some(because.trim())));
    let n = Kept(diesel::update(holds::table.filter(holds::id.eq(id).and(holds::lifted_at.is_null()))).set(change)).execute(&mut **tx)?;
    if n == 0 {
        return Err(Error::Conflict(Message::new("hold_lifted_already")));
    }
    tx.record(Event { kind: "hold_lifted", subject: traveller.uuid(), place: None, facts: serde_json::json!({"hold": id.to_string()}) })
}

/// All holds of a person, the latest first.
pub fn holds_of(conn: &mut Conn, traveller: TravellerId) -> Result<Vec<Hold>> {
    type Row = (Id<Hold>, TravellerId, String, String, At, String, Option<At>, Option<String>);
    let columns = (holds::id, holds::traveller_id, holds::kind, holds::reason, holds::set_at, holds::set_by, holds::lifted_at, holds::lifted_by);
    let rows: Vec<Row> = holds::table.filter(holds::traveller_id.eq(traveller)).order(holds::set_at.desc()).select(columns).load(conn)?;
    let hold = |(id, traveller, kind, reason, set_at, set_by, lifted_at, lifted_by): Row| {
        let kind = HoldKind::from_name(&kind).ok_or_else(|| Error::Internal(anyhow::anyhow!("holds.kind of {id} holds what it cannot")))?;
        Ok(Hold { id, traveller, kind, reason, set_at: set_at.0, set_by, lifted_at: lifted_at.map(|at| at.0), lifted_by })
    };
    rows.into_iter().map(hold).collect()
}
