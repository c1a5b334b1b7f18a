//! Beds for those aboard 床位: promised when a trip is announced, and anew whenever its seats change from then on; asked for once more at the door.

use std::collections::BTreeMap;

use super::model::{Trip, TripState};
use super::store;
use crate::access::Actor;
use crate::arrivals::{self, Party, TravellerId};
use crate::base::time::civil_date;
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};
use crate::sites;

/// Promises a trip that people have been told of beds for everybody who has a seat, each party at one site of where it is bound for, on the night on
/// which the trip comes in.
///
/// # Errors
/// Conflict `no_beds`: names a site, the night and how many beds are left.
pub(super) fn promise(tx: &mut Tx<'_>, actor: &Actor, trip: &Trip) -> Result<()> {
    if !matches!(trip.state, TripState::Announced | TripState::Boarding) {
        return Ok(());
    }
    let aboard: Vec<TravellerId> = store::seats_of(tx, trip.id)?.into_iter().map(|seat| seat.traveller).collect();
    let mut parties: BTreeMap<(Id<Party>, String), i64> = BTreeMap::new();
    for person in arrivals::get(tx, &aboard)? {
        // Whoever rides by a waiver and is bound for nobody knows where is promised no bed.
        if let Some(bound) = person.destination {
            *parties.entry((person.party, bound.transfer_to)).or_default() += 1;
        }
    }
    let parties: Vec<(String, i64)> = parties.into_iter().map(|((_, place), n)| (place, n)).collect();
    sites::promise(tx, actor, trip.id.uuid(), &trip.province, civil_date(trip.arrives_at), &parties)
}

/// Refuses to open the doors while a site that the trip goes to has fewer beds than it has promised.
///
/// # Errors
/// Refused `beds_short`: names the site, the night, how many beds it has and how many it has promised.
pub(super) fn must_stand(conn: &mut Conn, trip: &Trip) -> Result<()> {
    let Some(short) = sites::shortages(conn, trip.id.uuid())?.into_iter().next() else { return Ok(()) };
    let beds = short.night.confirmed.as_ref().map_or(0, |confirmed| confirmed.beds);
    let message =
        Message::new("beds_short").with("trip", &trip.number).with("site", &short.name_zh).with("site_en", &short.name_en).with("night", short.night.on);
    Err(Error::Refused(message.with("beds", beds).with("promised", short.night.promised)))
}
