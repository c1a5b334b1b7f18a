//! Rows of travellers, holds and results. The identity columns are read elsewhere, by those who may open them.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::clearance::Candidate;
use super::draft::{TestKind, TestOutcome};
use super::import::Plan;
use super::model::{Bound, Counted, Flight, HoldKind, Mover, Party, Traveller, TravellerId};
use super::sealed::SealedIdentity;
use crate::base::{Error, Id, Result, time};
use crate::db::schema::{flights, holds, test_results, travellers};
use crate::db::{At, Conn, Kept, Key, Statement, Tx};
use crate::ledger::{Custody, EntryHash, Stock};
use crate::places::Organisation;

/// How many values one query names at most; SQLite's limit is 32,766.
pub(super) const MANY: usize = 10_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = travellers)]
pub(super) struct TravellerRow {
    id: TravellerId,
    flight_id: Id<Flight>,
    party_id: Id<Party>,
    seat: Option<String>,
    destination: Option<String>,
    city: Option<String>,
    province: Option<String>,
    transfer_to: Option<String>,
    policy: Option<String>,
    policy_version: Option<i32>,
    landed_at: At,
    border_at: Option<At>,
    checked_in_at: Option<At>,
    exposed_on: Option<NaiveDate>,
    home_approved: bool,
    transfer_on: Option<NaiveDate>,
    release_on: Option<NaiveDate>,
    stock: String,
    custodian_id: Option<Id<Organisation>>,
    custody_seq: i32,
    custody_hash: Vec<u8>,
    version: i32,
}

impl TryFrom<TravellerRow> for Traveller {
    type Error = Error;

    fn try_from(row: TravellerRow) -> Result<Self> {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("travellers.{column} of {} holds what it cannot", row.id));
        let destination = match (row.destination, row.city, row.province, row.transfer_to) {
            (Some(destination), Some(city), Some(province), Some(transfer_to)) => Some(Bound { destination, city, province, transfer_to }),
            (None, None, None, None) => None,
            _ => return Err(bad("destination")),
        };
        Ok(Self {
            id: row.id,
            flight: row.flight_id,
            party: row.party_id,
            seat: row.seat,
            destination,
            policy: row.policy.zip(row.policy_version),
            landed_at: row.landed_at.0,
            border_at: row.border_at.map(|at| at.0),
            checked_in_at: row.checked_in_at.map(|at| at.0),
            exposed_on: row.exposed_on,
            home_approved: row.home_approved,
            transfer_on: row.transfer_on,
            release_on: row.release_on,
            custody: Custody {
                traveller: row.id,
                custodian: row.custodian_id,
                stock: Stock::from_name(&row.stock).ok_or_else(|| bad("stock"))?,
                seq: row.custody_seq,
                hash: EntryHash::try_from(row.custody_hash).map_err(|_| bad("custody_hash"))?,
            },
            version: row.version,
        })
    }
}

/// The travellers with these ids, in the order of their ids; those that do not exist are missing.
pub(super) fn travellers_by_id(conn: &mut Conn, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(MANY) {
        let rows: Vec<TravellerRow> = travellers::table.filter(travellers::id.eq_any(part)).select(TravellerRow::as_select()).load(conn)?;
        for row in rows {
            found.push(Traveller::try_from(row)?);
        }
    }
    found.sort_unstable_by_key(|traveller| traveller.id);
    Ok(found)
}

/// How many people somebody answers for.
pub(super) fn n_answered_for(conn: &mut Conn, custodian: Option<Id<Organisation>>) -> Result<i64> {
    let people = travellers::table.select(diesel::dsl::count_star());
    Ok(match custodian {
        Some(custodian) => people.filter(travellers::custodian_id.eq(custodian)).first(conn)?,
        None => people.filter(travellers::custodian_id.is_not_null()).first(conn)?,
    })
}

/// How many people each of these organisations answers for; who answers for nobody is missing.
pub(super) fn answered_for(conn: &mut Conn, custodians: &[Id<Organisation>]) -> Result<HashMap<Id<Organisation>, i64>> {
    let rows: Vec<(Option<Id<Organisation>>, i64)> = travellers::table
        .filter(travellers::custodian_id.eq_any(custodians))
        .group_by(travellers::custodian_id)
        .select((travellers::custodian_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(custodian, n)| Some((custodian?, n))).collect())
}

/// Whose document has one of these hashes.
pub(super) fn ids_by_document(conn: &mut Conn, hashes: &[[u8; 16]]) -> Result<Vec<TravellerId>> {
    let wanted = hashes.iter().map(<[u8; 16]>::as_slice);
    Ok(travellers::table.filter(travellers::document_hash.eq_any(wanted)).select(travellers::id).load(conn)?)
}

/// Whose name in either script has this key, the latest landings first; one index after the other.
pub(super) fn ids_by_name(conn: &mut Conn, key: [u8; 16], limit: i64) -> Result<Vec<TravellerId>> {
    let by_name = travellers::table.filter(travellers::name_key.eq(Some(key.to_vec())));
    let mut found: Vec<TravellerId> = by_name.order(travellers::landed_at.desc()).select(travellers::id).limit(limit).load(conn)?;
    let by_latin = travellers::table.filter(travellers::latin_key.eq(Some(key.to_vec())));
    found.extend(by_latin.order(travellers::landed_at.desc()).select(travellers::id).limit(limit).load::<TravellerId>(conn)?);
    Ok(found)
}

type FlightRow = (Id<Flight>, String, String, At);
const FLIGHT: (flights::id, flights::flight_no, flights::port, flights::landed_at) = (flights::id, flights::flight_no, flights::port, flights::landed_at);

fn flight((id, flight_no, port, landed_at): FlightRow) -> Flight {
    Flight { id, flight_no, port, landed_at: landed_at.0 }
}

/// The flights with these ids.
pub(super) fn flights_by_id(conn: &mut Conn, ids: &[Id<Flight>]) -> Result<Vec<Flight>> {
    let rows: Vec<FlightRow> = flights::table.filter(flights::id.eq_any(ids)).select(FLIGHT).load(conn)?;
    Ok(rows.into_iter().map(flight).collect())
}

/// The landings of one number, the latest first. Flights are some dozens a day, so their number needs no index.
pub(super) fn flights_by_number(conn: &mut Conn, flight_no: &str, limit: i64) -> Result<Vec<Flight>> {
    let of = flights::table.filter(flights::flight_no.eq(flight_no));
    let rows: Vec<FlightRow> = of.order(flights::landed_at.desc()).limit(limit).select(FLIGHT).load(conn)?;
    Ok(rows.into_iter().map(flight).collect())
}

/// Locks the rows until the transaction ends, in the order of their ids so that two who want the same people wait for each
/// other instead of deadlocking. SQLite's write transactions exclude each other anyway.
pub(super) fn travellers_lock(tx: &mut Tx<'_>, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    match &mut **tx {
        Conn::Postgres(conn) => {
            let locked = travellers::table.filter(travellers::id.eq_any(ids)).order(travellers::id).select(TravellerRow::as_select()).for_update();
            locked.load::<TravellerRow>(conn)?.into_iter().map(Traveller::try_from).collect()
        }
        Conn::Sqlite(_) => travellers_by_id(tx, ids),
    }
}

/// Everyone of these parties, of whatever flight or place.
pub(super) fn travellers_of_parties(conn: &mut Conn, of: &[TravellerId]) -> Result<Vec<Traveller>> {
    // A party is within one flight, and their index begins with the flight.
    let (mates, wanted) = diesel::alias!(travellers as mates, travellers as wanted);
    let mut found = Vec::new();
    for part in of.chunks(MANY) {
        let ids: Vec<TravellerId> = mates
            .inner_join(
                wanted.on(wanted
                    .field(travellers::flight_id)
                    .eq(mates.field(travellers::flight_id))
                    .and(wanted.field(travellers::party_id).eq(mates.field(travellers::party_id)))),
            )
            .filter(wanted.field(travellers::id).eq_any(part))
            .select(mates.field(travellers::id))
            .distinct()
            .load(conn)?;
        found.extend(ids);
    }
    found.sort_unstable();
    found.dedup();
    travellers_by_id(conn, &found)
}

/// Everyone whose next move is on a day.
#[diesel::dsl::auto_type(no_type_alias)]
fn moving(on: NaiveDate) -> _ {
    travellers::table.filter(travellers::transfer_on.eq(on)).select(travellers::id)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = travellers)]
struct MoverRow {
    id: TravellerId,
    flight_id: Id<Flight>,
    party_id: Id<Party>,
    destination: Option<String>,
    city: Option<String>,
    policy: Option<String>,
    policy_version: Option<i32>,
    landed_at: At,
    border_at: Option<At>,
    checked_in_at: Option<At>,
    exposed_on: Option<NaiveDate>,
    home_approved: bool,
    stock: String,
    custodian_id: Option<Id<Organisation>>,
}

/// Everyone whose next move is on `on`.
pub(super) fn movers(conn: &mut Conn, on: NaiveDate) -> Result<Vec<Mover>> {
    let rows: Vec<MoverRow> = travellers::table.filter(travellers::transfer_on.eq(on)).select(MoverRow::as_select()).load(conn)?;
    let mover = |row: MoverRow| {
        let stock = Stock::from_name(&row.stock).ok_or_else(|| Error::Internal(anyhow::anyhow!("travellers.stock of {} holds what it cannot", row.id)))?;
        Ok(Mover {
            id: row.id,
            flight: row.flight_id,
            party: row.party_id,
            bound: row.destination.zip(row.city),
            stock,
            custodian: row.custodian_id,
            counted: Counted {
                policy: row.policy.zip(row.policy_version),
                landed_at: row.landed_at.0,
                border_at: row.border_at.map(|at| at.0),
                checked_in_at: row.checked_in_at.map(|at| at.0),
                exposed_on: row.exposed_on,
                home_approved: row.home_approved,
                transfer_on: Some(on),
            },
        })
    };
    rows.into_iter().map(mover).collect()
}

/// Who is in a party with one of `people`, who all move on `on`, and moves on another day, or nobody knows when.
pub(super) fn left_behind_on(conn: &mut Conn, on: NaiveDate, people: &[Mover]) -> Result<Vec<Traveller>> {
    let parties: HashSet<Id<Party>> = people.iter().map(|person| person.party).collect();
    let flights: HashSet<Id<Flight>> = people.iter().map(|person| person.flight).collect();
    let on_another = travellers::transfer_on.is_null().or(travellers::transfer_on.ne(on));
    // All of it is in the index of flights.
    let others = travellers::table.filter(travellers::flight_id.eq_any(flights)).filter(on_another).select((travellers::id, travellers::party_id));
    let others: Vec<(TravellerId, Id<Party>)> = others.load(conn)?;
    let mates: Vec<TravellerId> = others.into_iter().filter(|(_, party)| parties.contains(party)).map(|(id, _)| id).collect();
    travellers_by_id(conn, &mates)
}

/// When the latest open hold of each of these people was set.
pub(super) fn held_since(conn: &mut Conn, of: &[TravellerId]) -> Result<BTreeMap<TravellerId, DateTime<Utc>>> {
    let mut since: BTreeMap<TravellerId, DateTime<Utc>> = BTreeMap::new();
    for part in of.chunks(MANY) {
        let rows: Vec<(TravellerId, At)> =
            holds::table.filter(holds::traveller_id.eq_any(part).and(holds::lifted_at.is_null())).select((holds::traveller_id, holds::set_at)).load(conn)?;
        for (traveller, at) in rows {
            let latest = since.entry(traveller).or_insert(at.0);
            *latest = at.0.max(*latest);
        }
    }
    Ok(since)
}

/// Whose holds and results are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    /// Of these people.
    These(&'a [TravellerId]),
    /// Of everyone whose next move is on this day: whoever they are, it is one short question.
    MovingOn(NaiveDate),
}

impl<'a> Of<'a> {
    /// The same in questions that are not too long.
    fn parts(self) -> Vec<Self> {
        match self {
            Self::These(people) => people.chunks(MANY).map(Self::These).collect(),
            Self::MovingOn(_) => vec![self],
        }
    }
}

/// The open holds of these people.
pub(super) fn open_holds(conn: &mut Conn, of: Of<'_>) -> Result<HashMap<TravellerId, Vec<HoldKind>>> {
    let mut found: HashMap<TravellerId, Vec<HoldKind>> = HashMap::new();
    for part in of.parts() {
        let open = holds::table.filter(holds::lifted_at.is_null()).select((holds::traveller_id, holds::kind)).into_boxed();
        let rows: Vec<(TravellerId, String)> = match part {
            Of::These(people) => open.filter(holds::traveller_id.eq_any(people)).load(conn)?,
            Of::MovingOn(day) => open.filter(holds::traveller_id.eq_any(moving(day))).load(conn)?,
        };
        for (traveller, kind) in rows {
            let kind = HoldKind::from_name(&kind).ok_or_else(|| Error::Internal(anyhow::anyhow!("holds.kind of {traveller} holds what it cannot")))?;
            found.entry(traveller).or_default().push(kind);
        }
    }
    Ok(found)
}

/// Of each kind of test that has a result, the date of the latest sample and what was found in it.
type LatestResults = HashMap<TestKind, (NaiveDate, TestOutcome)>;

/// The latest outcome of each kind of test of these people, by the time of the sample; of two results of one sample the worse.
pub(super) fn latest_results(conn: &mut Conn, of: Of<'_>) -> Result<HashMap<TravellerId, LatestResults>> {
    let mut found: HashMap<TravellerId, HashMap<TestKind, (At, TestOutcome)>> = HashMap::new();
    let columns = (test_results::traveller_id, test_results::kind, test_results::result, test_results::sampled_at);
    for part in of.parts() {
        let results = test_results::table.select(columns).into_boxed();
        let rows: Vec<(Option<TravellerId>, String, String, At)> = match part {
            Of::These(people) => results.filter(test_results::traveller_id.eq_any(people.iter().map(Some))).load(conn)?,
            Of::MovingOn(day) => results.filter(test_results::traveller_id.eq_any(moving(day).select(travellers::id.nullable()))).load(conn)?,
        };
        for (traveller, kind, outcome, sampled_at) in rows {
            let bad = || Error::Internal(anyhow::anyhow!("test_results holds what it cannot"));
            let (traveller, kind, outcome) =
                (traveller.ok_or_else(bad)?, TestKind::from_name(&kind).ok_or_else(bad)?, TestOutcome::from_name(&outcome).ok_or_else(bad)?);
            let latest = found.entry(traveller).or_default().entry(kind).or_insert((sampled_at, outcome));
            *latest = (*latest).max((sampled_at, outcome));
        }
    }
    let dated = |(kind, (sampled_at, outcome)): (TestKind, (At, TestOutcome))| (kind, (time::civil_date(sampled_at.0), outcome));
    Ok(found.into_iter().map(|(traveller, latest)| (traveller, latest.into_iter().map(dated).collect())).collect())
}

/// Brings the cached custody of those whom `act` passed up to their last entry; the number of rows that changed.
pub(super) fn custody_follow(tx: &mut Tx<'_>, acts: &[uuid::Uuid]) -> Result<usize> {
    let acts = acts.iter().map(|act| Id::<()>::from_uuid(*act));
    let update = Statement::new(
        "UPDATE travellers SET stock = e.to_stock, custodian_id = e.to_custodian, custody_seq = e.seq, custody_hash = e.hash, \
         version = travellers.version + 1, updated_at = e.recorded_at \
         FROM custody_entries e WHERE e.seq > 1 AND travellers.id = e.traveller_id AND travellers.custody_seq = e.seq - 1 AND e.act_id IN (",
    );
    Ok(update.bind_list::<Key, _>(acts).sql(")").execute(&mut **tx)?)
}

/// What clearance needs to know of people, who are all `of`; `required` tells what their policy wants.
pub(super) fn candidates(
    conn: &mut Conn,
    people: &[Mover],
    of: Of<'_>,
    required: &dyn Fn(&Counted) -> (Vec<(TestKind, NaiveDate)>, bool),
) -> Result<Vec<Candidate>> {
    let holds = open_holds(conn, of)?;
    let mut latest = latest_results(conn, of)?;
    let candidates = people.iter().map(|person| {
        let (required, wants_home_approval) = required(&person.counted);
        Candidate {
            traveller: person.id,
            party: person.party,
            holds: holds.get(&person.id).cloned().unwrap_or_default(),
            latest: latest.remove(&person.id).unwrap_or_default(),
            required,
            transfer_on: person.counted.transfer_on,
            has_destination: person.bound.is_some(),
            lacks_home_approval: wants_home_approval && !person.counted.home_approved,
        }
    });
    Ok(candidates.collect())
}

/// Puts somebody into a party, if nobody else has changed them meanwhile; open holds follow.
pub(super) fn party_change(tx: &mut Tx<'_>, before: &Traveller, party: Id<Party>) -> Result<()> {
    let change = (travellers::party_id.eq(party), travellers::version.eq(travellers::version + 1), travellers::updated_at.eq(At(tx.now())));
    Kept(diesel::update(travellers::table.filter(travellers::id.eq(before.id))).set(change)).execute(&mut **tx)?;
    Kept(diesel::update(holds::table.filter(holds::traveller_id.eq(before.id))).set(holds::party_id.eq(party))).execute(&mut **tx)?;
    Ok(())
}

pub(super) fn home_approve(tx: &mut Tx<'_>, before: &Traveller, approved: bool) -> Result<()> {
    let change = (travellers::home_approved.eq(approved), travellers::version.eq(travellers::version + 1), travellers::updated_at.eq(At(tx.now())));
    Kept(diesel::update(travellers::table.filter(travellers::id.eq(before.id))).set(change)).execute(&mut **tx)?;
    Ok(())
}

/// Everybody who came on a flight, in the order of their ids.
pub(super) fn travellers_on_flight(conn: &mut Conn, flight: Id<Flight>) -> Result<Vec<Traveller>> {
    let rows: Vec<TravellerRow> =
        travellers::table.filter(travellers::flight_id.eq(flight)).order(travellers::id).select(TravellerRow::as_select()).load(conn)?;
    rows.into_iter().map(Traveller::try_from).collect()
}

/// Writes when somebody was last exposed and, where their policy is known, what it comes to: the day of the first move and that of the release.
pub(super) fn exposed(tx: &mut Tx<'_>, person: &Traveller, dates: Option<(Option<NaiveDate>, NaiveDate)>) -> Result<()> {
    let target = travellers::table.filter(travellers::id.eq(person.id));
    let row = (travellers::exposed_on.eq(person.exposed_on), travellers::version.eq(travellers::version + 1), travellers::updated_at.eq(At(tx.now())));
    Kept(diesel::update(target).set(row)).execute(&mut **tx)?;
    if let Some((transfer_on, release_on)) = dates {
        Kept(diesel::update(target).set((travellers::transfer_on.eq(transfer_on), travellers::release_on.eq(Some(release_on))))).execute(&mut **tx)?;
    }
    Ok(())
}

/// Writes where somebody is bound for and what that comes to.
pub(super) fn plan_change(tx: &mut Tx<'_>, id: TravellerId, plan: Option<&Plan>, landed_at: DateTime<Utc>) -> Result<()> {
    let target = travellers::table.filter(travellers::id.eq(id));
    let row = (travellers::landed_at.eq(At(landed_at)), travellers::version.eq(travellers::version + 1), travellers::updated_at.eq(At(tx.now())));
    Kept(diesel::update(target).set(row)).execute(&mut **tx)?;
    if let Some(plan) = plan {
        let change = (
            travellers::destination.eq(Some(&plan.bound.destination)),
            travellers::city.eq(Some(&plan.bound.city)),
            travellers::province.eq(Some(&plan.bound.province)),
            travellers::transfer_to.eq(Some(&plan.bound.transfer_to)),
            travellers::policy.eq(Some(&plan.policy.0)),
            travellers::policy_version.eq(Some(plan.policy.1)),
            travellers::transfer_on.eq(plan.transfer_on),
            travellers::release_on.eq(Some(plan.release_on)),
        );
        Kept(diesel::update(target).set(change)).execute(&mut **tx)?;
    }
    Ok(())
}

/// The sealed identity of one: none if there is no such traveller, none within if it was destroyed.
pub(super) fn sealed_identity(conn: &mut Conn, id: TravellerId) -> Result<Option<Option<SealedIdentity>>> {
    let columns = (travellers::identity_key, travellers::identity);
    let row: Option<(Option<Vec<u8>>, Option<Vec<u8>>)> = travellers::table.filter(travellers::id.eq(id)).select(columns).first(conn).optional()?;
    Ok(row.map(|(key, text)| key.zip(text).map(|(key, text)| SealedIdentity { key, text })))
}

/// The sealed identities of many; those that were destroyed are missing.
pub(super) fn sealed_identities(conn: &mut Conn, ids: &[TravellerId]) -> Result<Vec<(TravellerId, SealedIdentity)>> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(MANY) {
        let columns = (travellers::id, travellers::identity_key, travellers::identity);
        let rows: Vec<(TravellerId, Option<Vec<u8>>, Option<Vec<u8>>)> = travellers::table.filter(travellers::id.eq_any(part)).select(columns).load(conn)?;
        found.extend(rows.into_iter().filter_map(|(id, key, text)| Some((id, SealedIdentity { key: key?, text: text? }))));
    }
    Ok(found)
}
