//! Rows of the nights of sites and of the beds promised there. Reads `organisations` for the sites and hubs.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NameError, StrDeserializer};
use uuid::Uuid;

use super::model::{Confirmed, Night, Room};
use crate::access::Scope;
use crate::base::{Error, Id, Result};
use crate::db::schema::{bed_promises, organisations, site_nights};
use crate::db::{At, Conn, Kept, Tx};
use crate::places::{Organisation, OrganisationKind};

/// Nights by site and date; those of which nothing is known are missing.
pub(super) type Nights = HashMap<(Id<Organisation>, NaiveDate), Night>;

type SiteRow = (Id<Organisation>, String, String, String, String, String);

/// The sites and hubs that work and exist for a scope, in the order of their codes.
pub(super) fn sites(conn: &mut Conn, scope: &Scope) -> Result<Vec<Room>> {
    let all = organisations::table.filter(organisations::kind.eq_any(kinds()).and(organisations::active)).order(organisations::code);
    let columns = (organisations::id, organisations::code, organisations::kind, organisations::place, organisations::name_zh, organisations::name_en);
    let rows: Vec<SiteRow> = all.select(columns).load(conn)?;
    rows.into_iter().filter(|(_, code, _, place, ..)| scope.covers_organisation(place, code)).map(room_of).collect()
}

/// The sites and hubs of a province (six digits) that work.
pub(super) fn sites_of_province(conn: &mut Conn, province: &str) -> Result<Vec<Room>> {
    let mut rooms = sites(conn, &Scope::All)?;
    rooms.retain(|room| room.place.get(..2) == province.get(..2));
    Ok(rooms)
}

/// The names of a site, the Chinese one first.
pub(super) fn names_of(conn: &mut Conn, site: Id<Organisation>) -> Result<(String, String)> {
    Ok(organisations::table.filter(organisations::id.eq(site)).select((organisations::name_zh, organisations::name_en)).first(conn)?)
}

fn kinds() -> [&'static str; 2] {
    [OrganisationKind::Site.word(), OrganisationKind::Hub.word()]
}

fn room_of((site, code, kind, place, name_zh, name_en): SiteRow) -> Result<Room> {
    let word: StrDeserializer<'_, NameError> = kind.as_str().into_deserializer();
    let kind = OrganisationKind::deserialize(word).map_err(|_| Error::Internal(anyhow::anyhow!("organisations.kind of {site} holds what it cannot")))?;
    Ok(Room { site, code, name_zh, name_en, kind, place, beds: None, free: None })
}

/// What is known of the nights from `first` to `last`, of these sites or of all.
pub(super) fn nights(conn: &mut Conn, of: Option<&[Id<Organisation>]>, first: NaiveDate, last: NaiveDate) -> Result<Nights> {
    let mut said = site_nights::table
        .filter(site_nights::night.between(first, last))
        .select((site_nights::site_id, site_nights::night, site_nights::beds, site_nights::confirmed_by, site_nights::confirmed_at))
        .into_boxed();
    let mut promised = bed_promises::table
        .filter(bed_promises::night.between(first, last))
        .group_by((bed_promises::site_id, bed_promises::night))
        .select((bed_promises::site_id, bed_promises::night, sum(bed_promises::n_people)))
        .into_boxed();
    if let Some(of) = of {
        said = said.filter(site_nights::site_id.eq_any(of));
        promised = promised.filter(bed_promises::site_id.eq_any(of));
    }
    let said: Vec<(Id<Organisation>, NaiveDate, i32, String, At)> = said.load(conn)?;
    let promised: Vec<(Id<Organisation>, NaiveDate, Option<i64>)> = promised.load(conn)?;
    let mut nights = Nights::new();
    for (site, on, beds, by, at) in said {
        nights.insert((site, on), Night { on, confirmed: Some(Confirmed { beds, by, at: at.0 }), promised: 0 });
    }
    for (site, on, n) in promised {
        nights.entry((site, on)).or_insert(Night { on, confirmed: None, promised: 0 }).promised = n.unwrap_or(0);
    }
    Ok(nights)
}

#[derive(Insertable)]
#[diesel(table_name = site_nights, treat_none_as_default_value = false)]
struct NightRow {
    site_id: Id<Organisation>,
    night: NaiveDate,
    beds: i32,
    confirmed_by: String,
    confirmed_at: At,
}

/// Writes what a site says of these nights.
pub(super) fn confirm(tx: &mut Tx<'_>, site: Id<Organisation>, nights: impl Iterator<Item = NaiveDate>, said: &Confirmed) -> Result<()> {
    let row = |night| NightRow { site_id: site, night, beds: said.beds, confirmed_by: said.by.clone(), confirmed_at: At(said.at) };
    let rows: Vec<NightRow> = nights.map(row).collect();
    let changed = (
        site_nights::beds.eq(excluded(site_nights::beds)),
        site_nights::confirmed_by.eq(excluded(site_nights::confirmed_by)),
        site_nights::confirmed_at.eq(excluded(site_nights::confirmed_at)),
    );
    let key = (site_nights::site_id, site_nights::night);
    match &mut **tx {
        Conn::Postgres(conn) => diesel::insert_into(site_nights::table).values(&rows).on_conflict(key).do_update().set(changed).execute(conn)?,
        Conn::Sqlite(conn) => diesel::insert_into(site_nights::table).values(&rows).on_conflict(key).do_update().set(changed).execute(conn)?,
    };
    Ok(())
}

/// Locks what was said of a night, in the order of the sites, so that two who promise there at once count one after the other.
pub(super) fn lock_nights(tx: &mut Tx<'_>, sites: &[Id<Organisation>], night: NaiveDate) -> Result<()> {
    if let Conn::Postgres(conn) = &mut **tx {
        let rows = site_nights::table.filter(site_nights::night.eq(night).and(site_nights::site_id.eq_any(sites)));
        rows.order(site_nights::site_id).select(site_nights::site_id).for_update().load::<Id<Organisation>>(conn)?;
    }
    Ok(())
}

/// What trips were promised: where, for which night, for how many.
pub(super) fn promised_to(conn: &mut Conn, trips: &[Uuid]) -> Result<Vec<(Id<Organisation>, NaiveDate, i64)>> {
    let trips: Vec<Id<()>> = trips.iter().copied().map(Id::from_uuid).collect();
    let rows = bed_promises::table.filter(bed_promises::trip_id.eq_any(trips)).order(bed_promises::site_id);
    let rows: Vec<(Id<Organisation>, NaiveDate, i32)> = rows.select((bed_promises::site_id, bed_promises::night, bed_promises::n_people)).load(conn)?;
    Ok(rows.into_iter().map(|(site, night, n)| (site, night, n.into())).collect())
}

/// Writes what a trip is promised in the place of what it was. A promise that shrinks is written over and not made anew: it stands, even where the site
/// has fewer beds by now than it has promised.
pub(super) fn promise(tx: &mut Tx<'_>, trip: Uuid, night: NaiveDate, allotted: &BTreeMap<Id<Organisation>, i64>, by: &str) -> Result<()> {
    let key = Id::<()>::from_uuid(trip);
    let gone = bed_promises::table.filter(bed_promises::trip_id.eq(key).and(bed_promises::site_id.ne_all(allotted.keys().copied().collect::<Vec<_>>())));
    diesel::delete(gone).execute(&mut **tx)?;
    for (site, n) in allotted {
        let n = i32::try_from(*n).map_err(|cause| Error::Internal(cause.into()))?;
        let content =
            (bed_promises::night.eq(night), bed_promises::n_people.eq(n), bed_promises::promised_by.eq(by), bed_promises::promised_at.eq(At(tx.now())));
        let own = bed_promises::table.filter(bed_promises::trip_id.eq(key).and(bed_promises::site_id.eq(*site)));
        if Kept(diesel::update(own).set(content)).execute(&mut **tx)? == 0 {
            let row = (bed_promises::trip_id.eq(key), bed_promises::site_id.eq(*site), content);
            diesel::insert_into(bed_promises::table).values(row).execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// Gives back whatever a trip was promised.
pub(super) fn release(tx: &mut Tx<'_>, trip: Uuid) -> Result<()> {
    diesel::delete(bed_promises::table.filter(bed_promises::trip_id.eq(Id::<()>::from_uuid(trip)))).execute(&mut **tx)?;
    Ok(())
}
