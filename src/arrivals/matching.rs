//! Rows that an import matches against and writes: known people by document, namesakes, new travellers, what changed.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::import::{KnownTraveller, Prepared};
use super::model::{Flight, HoldKind, Party, Traveller, TravellerId};
use super::rosters::Roster;
use super::sealed::SealedIdentity;
use super::store::{MANY, TravellerRow};
use crate::base::{Error, Id, Result};
use crate::db::schema::{flights, holds, test_results, traveller_changes, travellers};
use crate::db::{At, Conn, Kept, Tx, insert_all};
use crate::ledger::Custody;
use crate::places::Organisation;

/// Somebody with the same name and date of birth.
pub(super) struct Namesake {
    pub(super) document_hash: [u8; 16],
    pub(super) has_ended: bool,
}

#[derive(Insertable)]
#[diesel(table_name = travellers, treat_none_as_default_value = false)]
pub(super) struct NewTraveller {
    pub(super) id: TravellerId,
    flight_id: Id<Flight>,
    party_id: Id<Party>,
    pub(super) document_hash: Vec<u8>,
    nationality: String,
    journey: i32,
    name_hash: Vec<u8>,
    name_key: Option<Vec<u8>>,
    latin_key: Option<Vec<u8>>,
    identity_key: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
    seat: Option<String>,
    destination: Option<String>,
    city: Option<String>,
    province: Option<String>,
    transfer_to: Option<String>,
    policy: Option<String>,
    policy_version: Option<i32>,
    landed_at: At,
    home_approved: bool,
    transfer_on: Option<NaiveDate>,
    release_on: Option<NaiveDate>,
    roster_id: Option<Id<Roster>>,
    roster_line: Option<i32>,
    stock: &'static str,
    custodian_id: Option<Id<Organisation>>,
    custody_seq: i32,
    custody_hash: Vec<u8>,
    version: i32,
    updated_at: At,
}

impl NewTraveller {
    pub(super) fn of(row: &Prepared, journey: i32, custody: &Custody, roster: Option<Id<Roster>>, now: DateTime<Utc>) -> Self {
        let plan = row.plan.as_ref();
        let bound = plan.map(|plan| plan.bound.clone());
        Self {
            id: row.id,
            flight_id: row.flight.id,
            party_id: row.party,
            document_hash: row.document_hash.to_vec(),
            nationality: row.nationality.clone(),
            journey,
            name_hash: row.name_hash.to_vec(),
            name_key: row.name_keys[0].map(Vec::from),
            latin_key: row.name_keys[1].map(Vec::from),
            identity_key: Some(row.sealed.key.clone()),
            identity: Some(row.sealed.text.clone()),
            seat: row.seat.clone(),
            destination: bound.as_ref().map(|bound| bound.destination.clone()),
            city: bound.as_ref().map(|bound| bound.city.clone()),
            province: bound.as_ref().map(|bound| bound.province.clone()),
            transfer_to: bound.map(|bound| bound.transfer_to),
            policy: plan.map(|plan| plan.policy.0.clone()),
            policy_version: plan.map(|plan| plan.policy.1),
            landed_at: At(row.flight.landed_at),
            home_approved: false,
            transfer_on: plan.and_then(|plan| plan.transfer_on),
            release_on: plan.map(|plan| plan.release_on),
            roster_id: roster,
            roster_line: roster.and_then(|_| i32::try_from(row.line).ok()),
            stock: custody.stock.name(),
            custodian_id: custody.custodian,
            custody_seq: custody.seq,
            custody_hash: custody.hash.to_vec(),
            version: 1,
            updated_at: At(now),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = holds, treat_none_as_default_value = false)]
pub(super) struct NewHold {
    id: Id<super::Hold>,
    traveller_id: TravellerId,
    party_id: Id<Party>,
    kind: &'static str,
    reason: String,
    set_at: At,
    set_by: String,
}

impl NewHold {
    pub(super) fn id(&self) -> Id<super::Hold> {
        self.id
    }

    pub(super) fn new(tx: &Tx<'_>, traveller: TravellerId, party: Id<Party>, kind: HoldKind, reason: &str, actor: &str) -> Self {
        Self { id: tx.new_id(), traveller_id: traveller, party_id: party, kind: kind.name(), reason: reason.into(), set_at: At(tx.now()), set_by: actor.into() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = travellers)]
struct KnownRow {
    document_hash: Vec<u8>,
    nationality: String,
    journey: i32,
    roster_id: Option<Id<Roster>>,
    roster_line: Option<i32>,
    identity_key: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
    #[diesel(embed)]
    traveller: TravellerRow,
}

/// Everyone known by one of these documents, of every journey.
pub(super) fn known_by_document(conn: &mut Conn, hashes: &[[u8; 16]]) -> Result<Vec<KnownTraveller>> {
    let mut found = Vec::new();
    for part in hashes.chunks(MANY) {
        let wanted = part.iter().map(<[u8; 16]>::as_slice);
        let rows: Vec<KnownRow> = travellers::table.filter(travellers::document_hash.eq_any(wanted)).select(KnownRow::as_select()).load(conn)?;
        for row in rows {
            found.push(KnownTraveller {
                traveller: Traveller::try_from(row.traveller)?,
                document_hash: hash(&row.document_hash)?,
                nationality: row.nationality,
                journey: row.journey,
                roster: row.roster_id.zip(row.roster_line),
                sealed: row.identity_key.zip(row.identity).map(|(key, text)| SealedIdentity { key, text }),
            });
        }
    }
    Ok(found)
}

/// Everyone with one of these names.
pub(super) fn namesakes(conn: &mut Conn, hashes: &[[u8; 16]]) -> Result<HashMap<[u8; 16], Vec<Namesake>>> {
    let mut found: HashMap<[u8; 16], Vec<Namesake>> = HashMap::new();
    for part in hashes.chunks(MANY) {
        let wanted = part.iter().map(<[u8; 16]>::as_slice);
        let columns = (travellers::name_hash, travellers::document_hash, travellers::custodian_id);
        let rows: Vec<(Vec<u8>, Vec<u8>, Option<Id<Organisation>>)> =
            travellers::table.filter(travellers::name_hash.eq_any(wanted)).select(columns).load(conn)?;
        for (name, document, custodian) in rows {
            found.entry(hash(&name)?).or_default().push(Namesake { document_hash: hash(&document)?, has_ended: custodian.is_none() });
        }
    }
    Ok(found)
}

/// Enters flights that are not known yet.
pub(super) fn flights_insert_missing<'a>(tx: &mut Tx<'_>, of: impl Iterator<Item = (&'a Flight, NaiveDate)>) -> Result<()> {
    let of: Vec<_> = of.collect();
    let ids: Vec<Id<Flight>> = of.iter().map(|(flight, _)| flight.id).collect();
    let known: Vec<Id<Flight>> = flights::table.filter(flights::id.eq_any(&ids)).select(flights::id).load(&mut **tx)?;
    for (flight, landed_on) in of.into_iter().filter(|(flight, _)| !known.contains(&flight.id)) {
        let row = (
            flights::id.eq(flight.id),
            flights::flight_no.eq(&flight.flight_no),
            flights::port.eq(&flight.port),
            flights::landed_on.eq(landed_on),
            flights::landed_at.eq(At(flight.landed_at)),
        );
        diesel::insert_into(flights::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

pub(super) fn travellers_insert(tx: &mut Tx<'_>, rows: &Vec<NewTraveller>) -> Result<()> {
    insert_all!(tx, travellers::table, rows)
}

pub(super) fn holds_insert(tx: &mut Tx<'_>, rows: &Vec<NewHold>) -> Result<()> {
    insert_all!(tx, holds::table, rows)
}

/// Gives results that waited for somebody known to their person.
pub(super) fn results_claim(tx: &mut Tx<'_>, new: &[(Vec<u8>, TravellerId)]) -> Result<()> {
    for part in new.chunks(MANY) {
        let waiting: Vec<Vec<u8>> = test_results::table
            .filter(test_results::traveller_id.is_null().and(test_results::document_hash.eq_any(part.iter().map(|(document, _)| document))))
            .select(test_results::document_hash)
            .distinct()
            .load(&mut **tx)?;
        for (document, traveller) in part.iter().filter(|(document, _)| waiting.contains(document)) {
            let theirs = test_results::table.filter(test_results::traveller_id.is_null().and(test_results::document_hash.eq(document)));
            Kept(diesel::update(theirs).set(test_results::traveller_id.eq(Some(*traveller)))).execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// Writes a changed identity, seat and party, if nobody else has changed the person meanwhile.
pub(super) fn traveller_change(
    tx: &mut Tx<'_>,
    before: &Traveller,
    sealed: &SealedIdentity,
    row: &Prepared,
    party: Option<Id<Party>>,
    roster: Option<Id<Roster>>,
) -> Result<()> {
    let change = (
        travellers::identity.eq(Some(&sealed.text)),
        travellers::name_hash.eq(row.name_hash.to_vec()),
        travellers::name_key.eq(row.name_keys[0].map(Vec::from)),
        travellers::latin_key.eq(row.name_keys[1].map(Vec::from)),
        travellers::seat.eq(row.seat.as_ref().or(before.seat.as_ref())),
        travellers::party_id.eq(party.unwrap_or(before.party)),
        travellers::roster_id.eq(roster),
        travellers::roster_line.eq(roster.and_then(|_| i32::try_from(row.line).ok())),
        travellers::version.eq(travellers::version + 1),
        travellers::updated_at.eq(At(tx.now())),
    );
    let target = travellers::table.filter(travellers::id.eq(before.id).and(travellers::version.eq(before.version)));
    let n = Kept(diesel::update(target).set(change)).execute(&mut **tx)?;
    if n == 1 { Ok(()) } else { Err(Error::Conflict(crate::base::Message::new("traveller_known"))) }
}

/// Logs which fields a roster changed; the identity before the change stays readable under the person's own key.
pub(super) fn change_log(tx: &mut Tx<'_>, before: &KnownTraveller, fields: &[&'static str], roster: Option<Id<Roster>>, line: u64, actor: &str) -> Result<()> {
    let row = (
        traveller_changes::traveller_id.eq(before.traveller.id),
        traveller_changes::version.eq(before.traveller.version + 1),
        traveller_changes::at.eq(At(tx.now())),
        traveller_changes::changed_by.eq(actor),
        traveller_changes::roster_id.eq(roster),
        traveller_changes::roster_line.eq(roster.and_then(|_| i32::try_from(line).ok())),
        traveller_changes::fields.eq(fields.join(",")),
        traveller_changes::sealed.eq(before.sealed.as_ref().map(|sealed| sealed.text.clone())),
    );
    diesel::insert_into(traveller_changes::table).values(row).execute(&mut **tx)?;
    Ok(())
}

fn hash(bytes: &[u8]) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| Error::Internal(anyhow::anyhow!("a hash of travellers is {} bytes long", bytes.len())))
}

/// A change of what is known about a person: when, by whom, of which fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// The names of the fields.
    pub fields: Vec<String>,
}

/// What was changed of a person, the oldest first.
pub fn changes_of(conn: &mut Conn, traveller: TravellerId) -> Result<Vec<Change>> {
    let of = traveller_changes::table.filter(traveller_changes::traveller_id.eq(traveller));
    let columns = (traveller_changes::at, traveller_changes::changed_by, traveller_changes::fields);
    let rows: Vec<(At, String, String)> = of.order(traveller_changes::version).select(columns).load(conn)?;
    Ok(rows.into_iter().map(|(at, by, fields)| Change { at: at.0, by, fields: fields.split(',').map(str::to_owned).collect() }).collect())
}
