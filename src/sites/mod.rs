//! Sites 隔离点, and the hubs: how many people each takes in on a night, as it confirms itself, and the beds there that trips were promised.
//!
//! A trip is promised beds for everybody aboard when it is announced, and a party is promised them at one site. What is promised above the confirmed
//! number is refused by the database, whoever races. A site that has confirmed nothing sets no limit. One that confirms less than it has promised is
//! believed: the trips that have not boarded are stopped at the door until somebody has found beds ([`shortages`]).

mod model;
mod store;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde_json::json;
use uuid::Uuid;

pub use self::model::{Confirmed, Night, Room, rooms_for};
use crate::access::{Act, Actor};
use crate::base::time::civil_date;
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Event, Tx};
use crate::places::Organisation;

/// A site with some of its nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteNights {
    /// Which.
    pub site: Id<Organisation>,
    /// The nights, in order.
    pub nights: Vec<Night>,
}

/// A site that has promised more beds for a night than it has by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// The night.
    pub night: Night,
}

/// So many nights ahead can be confirmed, and be asked for at once.
pub const NIGHTS: u64 = 31;
/// No site has more beds.
const MOST_BEDS: i32 = 5_000;

/// Confirms how many people a site takes in on each night from `first` to `last`; whoever confirms last is believed.
///
/// # Errors
/// Not found: no site or hub within the actor's scope. Invalid: fewer beds than none or more than 5,000; nights that are over, more than a month ahead
/// or in the wrong order.
pub fn confirm(tx: &mut Tx<'_>, actor: &Actor, site: Id<Organisation>, first: NaiveDate, last: NaiveDate, beds: i32) -> Result<SiteNights> {
    actor.must(Act::ManageSites)?;
    let own = store::sites(tx, actor.scope())?.into_iter().find(|known| known.site == site).ok_or(Error::NotFound("site"))?;
    if !(0..=MOST_BEDS).contains(&beds) {
        return Err(Error::invalid("beds", Message::new("bad_beds").with("most", MOST_BEDS)));
    }
    // Whoever comes in after midnight still belongs to the night before for the people at the door.
    let (least, most) = (civil_date(tx.now()) - Days::new(1), civil_date(tx.now()) + Days::new(NIGHTS - 1));
    if first < least || last < first || last > most {
        return Err(Error::invalid("until", Message::new("bad_nights").with("from", least).with("until", most)));
    }
    let said = Confirmed { beds, by: actor.name().to_owned(), at: tx.now() };
    store::confirm(tx, site, first.iter_days().take_while(|night| *night <= last), &said)?;
    let facts = json!({"from": first, "until": last, "beds": beds, "by": actor.name()});
    tx.record(Event { kind: "beds_confirmed", subject: site.uuid(), place: Some(own.place), facts })?;
    let mut found = store::nights(tx, Some(&[site]), first, last)?;
    Ok(SiteNights { site, nights: nights_of(&mut found, site, first, last) })
}

/// The `n` nights from `first` of every site and hub within the actor's scope, in the order of their codes.
///
/// # Errors
/// Invalid: more than 31 nights.
pub fn nights(conn: &mut Conn, actor: &Actor, first: NaiveDate, n: u64) -> Result<Vec<SiteNights>> {
    actor.must(Act::ViewTrips)?;
    if !(1..=NIGHTS).contains(&n) {
        return Err(Error::invalid("nights", Message::new("plan_not_a_count").with("least", 1).with("most", NIGHTS)));
    }
    let last = first + Days::new(n - 1);
    let sites: Vec<Id<Organisation>> = store::sites(conn, actor.scope())?.into_iter().map(|room| room.site).collect();
    let mut found = store::nights(conn, Some(&sites), first, last)?;
    Ok(sites.into_iter().map(|site| SiteNights { site, nights: nights_of(&mut found, site, first, last) }).collect())
}

/// Every site and hub on each of these nights, whatever the scope: for whoever plans who goes there.
pub fn rooms(conn: &mut Conn, first: NaiveDate, last: NaiveDate) -> Result<BTreeMap<NaiveDate, Vec<Room>>> {
    let sites = store::sites(conn, &crate::access::Scope::All)?;
    let found = store::nights(conn, None, first, last)?;
    let on = |night: NaiveDate| {
        let room = |room: &Room| {
            let known = found.get(&(room.site, night));
            let beds = known.and_then(|night| night.confirmed.as_ref()).map(|said| i64::from(said.beds));
            Room { beds, free: known.and_then(Night::free), ..room.clone() }
        };
        (night, sites.iter().map(room).collect())
    };
    Ok(first.iter_days().take_while(|night| *night <= last).map(on).collect())
}

/// Promises a trip that comes in on `night` beds for these parties, each of so many people bound for a place; what it was promised before is replaced.
/// `province` is where it goes, six digits.
///
/// # Errors
/// Conflict `no_beds`: names a site, the night and how many beds are left there.
pub fn promise(tx: &mut Tx<'_>, actor: &Actor, trip: Uuid, province: &str, night: NaiveDate, parties: &[(String, i64)]) -> Result<()> {
    let mut rooms = store::sites_of_province(tx, province)?;
    let sites: Vec<Id<Organisation>> = rooms.iter().map(|room| room.site).collect();
    store::lock_nights(tx, &sites, night)?;
    let nights = store::nights(tx, Some(&sites), night, night)?;
    let before = store::promised_to(tx, &[trip])?;
    for room in &mut rooms {
        let own = before.iter().filter(|row| row.0 == room.site && row.1 == night).map(|row| row.2).sum::<i64>();
        // What this trip has it keeps, even where the site has too few by now.
        room.free = nights.get(&(room.site, night)).and_then(Night::free).map(|free| free.max(0) + own);
    }
    let allotted = model::allot(&mut rooms, night, parties).map_err(Error::Conflict)?;
    store::promise(tx, trip, night, &allotted, actor.name())
}

/// What these trips were promised together: where, for which night, for how many. For whoever plans them anew.
pub fn promised_to(conn: &mut Conn, trips: &[Uuid]) -> Result<Vec<(Id<Organisation>, NaiveDate, i64)>> {
    store::promised_to(conn, trips)
}

/// Gives back whatever a trip was promised.
pub fn release(tx: &mut Tx<'_>, trip: Uuid) -> Result<()> {
    store::release(tx, trip)
}

/// Where a trip was promised beds and the site has fewer by now than it has promised.
pub fn shortages(conn: &mut Conn, trip: Uuid) -> Result<Vec<Shortage>> {
    let mut short = Vec::new();
    for (site, on, _) in store::promised_to(conn, &[trip])? {
        let night = store::nights(conn, Some(&[site]), on, on)?.remove(&(site, on)).filter(|night| night.short() > 0);
        if let Some(night) = night {
            let (name_zh, name_en) = store::names_of(conn, site)?;
            short.push(Shortage { name_zh, name_en, night });
        }
    }
    Ok(short)
}

/// Takes these nights of a site out of what was found; of a night of which nothing is known there is nothing confirmed and nothing promised.
fn nights_of(found: &mut store::Nights, site: Id<Organisation>, first: NaiveDate, last: NaiveDate) -> Vec<Night> {
    let night = |on| found.remove(&(site, on)).unwrap_or(Night { on, confirmed: None, promised: 0 });
    first.iter_days().take_while(|night| *night <= last).map(night).collect()
}
