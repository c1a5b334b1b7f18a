//! What somebody takes up on a ride besides a seat 乘车需要: the place of a wheelchair, a child seat, pieces of luggage. Asked at the desk or at the
//! site; whoever was not asked needs nothing.

use std::collections::HashMap;
use std::iter::Sum;
use std::ops::Add;

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::model::TravellerId;
use crate::access::{Act, Actor};
use crate::base::{Error, Message, Result};
use crate::db::schema::ride_needs;
use crate::db::{At, Conn, Event, Tx};

/// What one person, or all of a party or a trip together, take up besides seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RideNeeds {
    /// Places for wheelchairs.
    pub wheelchairs: i32,
    /// Child seats.
    pub child_seats: i32,
    /// Pieces of luggage.
    pub luggage: i32,
}

impl Add for RideNeeds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wheelchairs: self.wheelchairs + other.wheelchairs, child_seats: self.child_seats + other.child_seats, luggage: self.luggage + other.luggage }
    }
}

impl Sum for RideNeeds {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// Nobody brings more pieces of luggage.
const MOST_LUGGAGE: i32 = 50;

/// Says what somebody needs who has not left the network; what was said before is replaced.
///
/// # Errors
/// Invalid: more than one wheelchair or child seat, more than 50 pieces of luggage, less than none.
pub fn need(tx: &mut Tx<'_>, actor: &Actor, id: TravellerId, needs: RideNeeds) -> Result<()> {
    actor.must(Act::EditTraveller)?;
    let RideNeeds { wheelchairs, child_seats, luggage } = needs;
    for (field, n, most) in [("wheelchair", wheelchairs, 1), ("child_seat", child_seats, 1), ("luggage", luggage, MOST_LUGGAGE)] {
        if !(0..=most).contains(&n) {
            return Err(Error::invalid(field, Message::new("plan_not_a_count").with("least", 0).with("most", most)));
        }
    }
    let person = super::lock_seen(tx, actor, id)?;
    if person.custody.stock.is_exit() {
        return Err(Error::Refused(Message::new("custody_ended")));
    }
    let row = (
        ride_needs::traveller_id.eq(id),
        ride_needs::wheelchair.eq(wheelchairs > 0),
        ride_needs::child_seat.eq(child_seats > 0),
        ride_needs::luggage.eq(luggage),
        ride_needs::said_by.eq(actor.name()),
        ride_needs::said_at.eq(At(tx.now())),
    );
    let said = (
        ride_needs::wheelchair.eq(excluded(ride_needs::wheelchair)),
        ride_needs::child_seat.eq(excluded(ride_needs::child_seat)),
        ride_needs::luggage.eq(excluded(ride_needs::luggage)),
        ride_needs::said_by.eq(excluded(ride_needs::said_by)),
        ride_needs::said_at.eq(excluded(ride_needs::said_at)),
    );
    let key = ride_needs::traveller_id;
    match &mut **tx {
        Conn::Postgres(conn) => diesel::insert_into(ride_needs::table).values(row).on_conflict(key).do_update().set(said).execute(conn)?,
        Conn::Sqlite(conn) => diesel::insert_into(ride_needs::table).values(row).on_conflict(key).do_update().set(said).execute(conn)?,
    };
    let facts = serde_json::json!({"wheelchairs": wheelchairs, "child_seats": child_seats, "luggage": luggage, "by": actor.name()});
    tx.record(Event { kind: "ride_needs_said", subject: id.uuid(), place: person.destination.map(|bound| bound.city), facts })
}

/// What each of these people needs; whoever needs nothing is missing.
pub fn ride_needs(conn: &mut Conn, ids: &[TravellerId]) -> Result<HashMap<TravellerId, RideNeeds>> {
    let columns = (ride_needs::traveller_id, ride_needs::wheelchair, ride_needs::child_seat, ride_needs::luggage);
    let mut needs = HashMap::new();
    // SQLite takes so many values in one statement.
    for part in ids.chunks(20_000) {
        let rows: Vec<(TravellerId, bool, bool, i32)> = ride_needs::table.filter(ride_needs::traveller_id.eq_any(part)).select(columns).load(conn)?;
        let need = |(id, wheelchair, child_seat, luggage)| (id, RideNeeds { wheelchairs: i32::from(wheelchair), child_seats: i32::from(child_seat), luggage });
        needs.extend(rows.into_iter().map(need));
    }
    Ok(needs)
}
