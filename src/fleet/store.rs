//! Rows of vehicles and staff. Reads `organisations` for the actor's scope and `bookings` for who is free.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use uuid::Uuid;

use super::Period;
use super::plate::Plate;
use super::staff::{Licence, Staff, StaffName, StaffRole};
use super::vehicle::{Permit, Vehicle, VehicleKind};
use crate::access::{Cell, Keyring, Scope};
use crate::base::{Error, Id, IdSource, Result};
use crate::db::schema::{bookings, organisations, staff, vehicles};
use crate::db::{At, Conn, Kept, Tx, insert_all};
use crate::places::Organisation;

/// How many are looked up at once; SQLite takes some 30,000 values in a statement.
const MANY: usize = 10_000;

/// The organisations that exist for a scope; none if all do.
pub(crate) fn organisations_within(conn: &mut Conn, scope: &Scope) -> Result<Option<Vec<Id<Organisation>>>> {
    if *scope == Scope::All {
        return Ok(None);
    }
    let all: Vec<(Id<Organisation>, String, String)> =
        organisations::table.select((organisations::id, organisations::code, organisations::place)).load(conn)?;
    let within = all.into_iter().filter(|(_, code, place)| scope.covers_organisation(place, code));
    Ok(Some(within.map(|(id, ..)| id).collect()))
}

#[derive(Queryable, Insertable, AsChangeset, Selectable)]
#[diesel(table_name = vehicles, treat_none_as_default_value = false, treat_none_as_null = true)]
struct VehicleRow {
    id: Id<Vehicle>,
    plate: String,
    kind: String,
    seats: i32,
    front_seats: i32,
    load_cap: i32,
    wheelchairs: i32,
    organisation_id: Id<Organisation>,
    permit_no: Option<String>,
    permit_expires_on: Option<chrono::NaiveDate>,
    in_service: bool,
    version: i32,
    contact_cap: i32,
    infants: i32,
    luggage: i32,
    depot_id: Option<Id<Organisation>>,
}

impl From<&Vehicle> for VehicleRow {
    fn from(vehicle: &Vehicle) -> Self {
        Self {
            id: vehicle.id,
            plate: vehicle.plate.to_string(),
            kind: vehicle.kind.name().into(),
            seats: vehicle.seats,
            front_seats: vehicle.front_seats,
            load_cap: vehicle.load_cap,
            wheelchairs: vehicle.wheelchairs,
            organisation_id: vehicle.organisation,
            permit_no: vehicle.permit.as_ref().map(|permit| permit.number.clone()),
            permit_expires_on: vehicle.permit.as_ref().map(|permit| permit.expires_on),
            in_service: vehicle.in_service,
            version: vehicle.version,
            contact_cap: vehicle.contact_cap,
            infants: vehicle.infants,
            luggage: vehicle.luggage,
            depot_id: vehicle.depot,
        }
    }
}

impl TryFrom<VehicleRow> for Vehicle {
    type Error = Error;

    fn try_from(row: VehicleRow) -> Result<Self> {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("vehicles.{column} of {} holds what it cannot", row.id));
        Ok(Self {
            id: row.id,
            plate: row.plate.parse::<Plate>().map_err(|_| bad("plate"))?,
            kind: VehicleKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
            seats: row.seats,
            front_seats: row.front_seats,
            load_cap: row.load_cap,
            wheelchairs: row.wheelchairs,
            organisation: row.organisation_id,
            permit: row.permit_no.zip(row.permit_expires_on).map(|(number, expires_on)| Permit { number, expires_on }),
            in_service: row.in_service,
            version: row.version,
            contact_cap: row.contact_cap,
            infants: row.infants,
            luggage: row.luggage,
            depot: row.depot_id,
        })
    }
}

/// Writes a locked vehicle.
pub(super) fn vehicle_update(tx: &mut Tx<'_>, vehicle: &Vehicle) -> Result<()> {
    Kept(diesel::update(vehicles::table.filter(vehicles::id.eq(vehicle.id))).set(VehicleRow::from(vehicle))).execute(&mut **tx)?;
    Ok(())
}

/// Locks a vehicle; its id stays, so rows that refer to it need not wait.
pub(super) fn vehicle_lock(tx: &mut Tx<'_>, id: Id<Vehicle>) -> Result<Vehicle> {
    if let Conn::Postgres(conn) = &mut **tx {
        vehicles::table.filter(vehicles::id.eq(id)).select(vehicles::id).for_no_key_update().load::<Id<Vehicle>>(conn)?;
    }
    vehicles_by_id(tx, &[id])?.pop().ok_or(Error::NotFound("vehicle"))
}

pub(super) fn vehicles_by_id(conn: &mut Conn, ids: &[Id<Vehicle>]) -> Result<Vec<Vehicle>> {
    let rows: Vec<VehicleRow> = vehicles::table.filter(vehicles::id.eq_any(ids)).select(VehicleRow::as_select()).load(conn)?;
    rows.into_iter().map(Vehicle::try_from).collect()
}

/// Locks whichever vehicles have these plates, in the order of their ids, so that two imports wait for each other instead of deadlocking.
pub(super) fn vehicles_lock_by_plate(tx: &mut Tx<'_>, plates: &[&str]) -> Result<()> {
    if let Conn::Postgres(conn) = &mut **tx {
        let wanted = vehicles::table.filter(vehicles::plate.eq_any(plates.iter().copied()));
        wanted.order(vehicles::id).select(vehicles::id).for_no_key_update().load::<Id<Vehicle>>(conn)?;
    }
    Ok(())
}

/// Whichever vehicles have these plates, whatever the scope.
pub(super) fn vehicles_with_plates(conn: &mut Conn, plates: &[&str]) -> Result<Vec<Vehicle>> {
    let mut found = Vec::new();
    for part in plates.chunks(MANY) {
        let rows: Vec<VehicleRow> = vehicles::table.filter(vehicles::plate.eq_any(part.iter().copied())).select(VehicleRow::as_select()).load(conn)?;
        found.extend(rows);
    }
    found.into_iter().map(Vehicle::try_from).collect()
}

pub(super) fn vehicles_insert(tx: &mut Tx<'_>, vehicles: &[Vehicle]) -> Result<()> {
    let rows: Vec<VehicleRow> = vehicles.iter().map(VehicleRow::from).collect();
    insert_all!(tx, vehicles::table, &rows)
}

/// At most `limit` vehicles after a plate.
pub(super) fn vehicles_after(conn: &mut Conn, within: Option<&[Id<Organisation>]>, after: Option<&str>, limit: i64) -> Result<Vec<Vehicle>> {
    let mut query = vehicles::table.order(vehicles::plate).limit(limit).select(VehicleRow::as_select()).into_boxed();
    if let Some(within) = within {
        query = query.filter(vehicles::organisation_id.eq_any(within));
    }
    if let Some(after) = after {
        query = query.filter(vehicles::plate.gt(after));
    }
    let rows: Vec<VehicleRow> = query.load(conn)?;
    rows.into_iter().map(Vehicle::try_from).collect()
}

/// The vehicles in service; with `free`, those without a booking that meets it.
pub(super) fn vehicles_in_service(conn: &mut Conn, within: Option<&[Id<Organisation>]>, free: Option<Period>) -> Result<Vec<Vehicle>> {
    let mut query = vehicles::table.filter(vehicles::in_service).order(vehicles::plate).select(VehicleRow::as_select()).into_boxed();
    if let Some(between) = free {
        let taken = bookings::table.filter(bookings::resource_id.eq(vehicles::id).and(meets(At(between.from), At(between.to))));
        query = query.filter(not(exists(taken)));
    }
    if let Some(within) = within {
        query = query.filter(vehicles::organisation_id.eq_any(within));
    }
    let rows: Vec<VehicleRow> = query.load(conn)?;
    rows.into_iter().map(Vehicle::try_from).collect()
}

#[derive(Queryable, Insertable, AsChangeset, Selectable)]
#[diesel(table_name = staff, treat_none_as_default_value = false, treat_none_as_null = true)]
struct StaffRow {
    id: Id<Staff>,
    badge: String,
    role: String,
    licence: Option<String>,
    organisation_id: Id<Organisation>,
    in_service: bool,
    version: i32,
    depot_id: Option<Id<Organisation>>,
}

impl From<&Staff> for StaffRow {
    fn from(member: &Staff) -> Self {
        Self {
            id: member.id,
            badge: member.badge.clone(),
            role: member.role.name().into(),
            licence: member.licence.map(|licence| licence.name().into()),
            organisation_id: member.organisation,
            in_service: member.in_service,
            version: member.version,
            depot_id: member.depot,
        }
    }
}

impl TryFrom<StaffRow> for Staff {
    type Error = Error;

    fn try_from(row: StaffRow) -> Result<Self> {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("staff.{column} of {} holds what it cannot", row.id));
        Ok(Self {
            id: row.id,
            badge: row.badge,
            role: StaffRole::from_name(&row.role).ok_or_else(|| bad("role"))?,
            licence: row.licence.as_deref().map(|licence| Licence::from_name(licence).ok_or_else(|| bad("licence"))).transpose()?,
            organisation: row.organisation_id,
            in_service: row.in_service,
            version: row.version,
            depot: row.depot_id,
        })
    }
}

/// A name under the key of its person.
#[derive(Queryable)]
pub(super) struct SealedName {
    key: Vec<u8>,
    name: Vec<u8>,
}

impl SealedName {
    pub(super) fn seal(keyring: &Keyring, id: Id<Staff>, name: &StaffName, chance: &IdSource) -> Result<Self> {
        let (key, wrapped) = keyring.new_key(id.uuid(), chance)?;
        Ok(Self { key: wrapped, name: key.seal(cell(id), name.expose().as_bytes(), chance)? })
    }

    pub(super) fn open(&self, keyring: &Keyring, id: Id<Staff>) -> Result<StaffName> {
        let name = keyring.unwrap(id.uuid(), &self.key)?.open(cell(id), &self.name)?;
        let name = std::str::from_utf8(&name).ok().and_then(|name| name.parse().ok());
        name.ok_or_else(|| Error::Internal(anyhow::anyhow!("staff.identity of {id} holds what it cannot")))
    }
}

fn cell(id: Id<Staff>) -> Cell {
    Cell { column: "staff.identity", row: id.uuid() }
}

#[derive(Insertable)]
#[diesel(table_name = staff, treat_none_as_default_value = false)]
struct NewStaffRow {
    id: Id<Staff>,
    badge: String,
    identity_key: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
    role: String,
    licence: Option<String>,
    organisation_id: Id<Organisation>,
    in_service: bool,
    version: i32,
    depot_id: Option<Id<Organisation>>,
}

pub(super) fn staff_insert(tx: &mut Tx<'_>, new: impl IntoIterator<Item = (Staff, SealedName)>) -> Result<()> {
    let row = |(member, sealed): (Staff, SealedName)| {
        let StaffRow { id, badge, role, licence, organisation_id, in_service, version, depot_id } = StaffRow::from(&member);
        let (identity_key, identity) = (Some(sealed.key), Some(sealed.name));
        NewStaffRow { id, badge, identity_key, identity, role, licence, organisation_id, in_service, version, depot_id }
    };
    let rows: Vec<NewStaffRow> = new.into_iter().map(row).collect();
    insert_all!(tx, staff::table, &rows)
}

/// Writes a locked staff member.
pub(super) fn staff_update(tx: &mut Tx<'_>, member: &Staff) -> Result<()> {
    Kept(diesel::update(staff::table.filter(staff::id.eq(member.id))).set(StaffRow::from(member))).execute(&mut **tx)?;
    Ok(())
}

pub(super) fn staff_rename(tx: &mut Tx<'_>, id: Id<Staff>, sealed: SealedName) -> Result<()> {
    let content = (staff::identity_key.eq(sealed.key), staff::identity.eq(sealed.name));
    Kept(diesel::update(staff::table.filter(staff::id.eq(id))).set(content)).execute(&mut **tx)?;
    Ok(())
}

/// Locks staff in the order of their ids, so that two who want the same crew wait for each other instead of deadlocking.
pub(super) fn staff_lock(tx: &mut Tx<'_>, ids: &[Id<Staff>]) -> Result<Vec<Staff>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if let Conn::Postgres(conn) = &mut **tx {
        let locked = staff::table.filter(staff::id.eq_any(&ids)).order(staff::id).select(staff::id).for_no_key_update();
        locked.load::<Id<Staff>>(conn)?;
    }
    let found = staff_by_id(tx, &ids)?;
    if found.len() == ids.len() { Ok(found) } else { Err(Error::NotFound("staff")) }
}

pub(super) fn staff_by_id(conn: &mut Conn, ids: &[Id<Staff>]) -> Result<Vec<Staff>> {
    let rows: Vec<StaffRow> = staff::table.filter(staff::id.eq_any(ids)).order(staff::id).select(StaffRow::as_select()).load(conn)?;
    rows.into_iter().map(Staff::try_from).collect()
}

/// Locks whichever staff have these badges, in the order of their ids, so that two imports wait for each other instead of deadlocking.
pub(super) fn staff_lock_by_badge(tx: &mut Tx<'_>, badges: &[&str]) -> Result<()> {
    if let Conn::Postgres(conn) = &mut **tx {
        let wanted = staff::table.filter(staff::badge.eq_any(badges.iter().copied()));
        wanted.order(staff::id).select(staff::id).for_no_key_update().load::<Id<Staff>>(conn)?;
    }
    Ok(())
}

/// Whichever staff have these badges, whatever the scope.
pub(super) fn staff_with_badges(conn: &mut Conn, badges: &[&str]) -> Result<Vec<Staff>> {
    let mut found = Vec::new();
    for part in badges.chunks(MANY) {
        let rows: Vec<StaffRow> = staff::table.filter(staff::badge.eq_any(part.iter().copied())).select(StaffRow::as_select()).load(conn)?;
        found.extend(rows);
    }
    found.into_iter().map(Staff::try_from).collect()
}

/// At most `limit` staff after a badge.
pub(super) fn staff_after(conn: &mut Conn, within: Option<&[Id<Organisation>]>, after: Option<&str>, limit: i64) -> Result<Vec<Staff>> {
    let mut query = staff::table.order(staff::badge).limit(limit).select(StaffRow::as_select()).into_boxed();
    if let Some(within) = within {
        query = query.filter(staff::organisation_id.eq_any(within));
    }
    if let Some(after) = after {
        query = query.filter(staff::badge.gt(after));
    }
    let rows: Vec<StaffRow> = query.load(conn)?;
    rows.into_iter().map(Staff::try_from).collect()
}

/// The staff in service; with `free`, those without a booking that meets it.
pub(super) fn staff_in_service(conn: &mut Conn, within: Option<&[Id<Organisation>]>, free: Option<Period>) -> Result<Vec<Staff>> {
    let mut query = staff::table.filter(staff::in_service).order(staff::badge).select(StaffRow::as_select()).into_boxed();
    if let Some(between) = free {
        let taken = bookings::table.filter(bookings::resource_id.eq(staff::id).and(meets(At(between.from), At(between.to))));
        query = query.filter(not(exists(taken)));
    }
    if let Some(within) = within {
        query = query.filter(staff::organisation_id.eq_any(within));
    }
    let rows: Vec<StaffRow> = query.load(conn)?;
    rows.into_iter().map(Staff::try_from).collect()
}

/// Whether a booking stands and has a moment of the time from `from` to `until`.
#[diesel::dsl::auto_type]
fn meets(from: At, until: At) -> _ {
    not(bookings::is_cancelled).and(bookings::starts_at.lt(until)).and(bookings::ends_at.gt(from))
}

/// What is booked for anything but these trips and meets `between`, by what is booked, in order of time.
pub(super) fn booked(conn: &mut Conn, between: Period, but: &[Uuid]) -> Result<HashMap<Uuid, Vec<Period>>> {
    let rows: Vec<(Id<()>, At, At, Option<Id<()>>)> = bookings::table
        .filter(meets(At(between.from), At(between.to)))
        .order((bookings::resource_id, bookings::starts_at))
        .select((bookings::resource_id, bookings::starts_at, bookings::ends_at, bookings::trip_id))
        .load(conn)?;
    let mut booked: HashMap<Uuid, Vec<Period>> = HashMap::new();
    let counts = |trip: &Option<Id<()>>| trip.is_none_or(|trip| !but.contains(&trip.uuid()));
    for (resource, from, to, _) in rows.into_iter().filter(|row| counts(&row.3)) {
        booked.entry(resource.uuid()).or_default().push(Period { from: from.0, to: to.0 });
    }
    Ok(booked)
}

/// The sealed names of these staff; those that were destroyed are missing.
pub(super) fn sealed_names(conn: &mut Conn, ids: &[Id<Staff>]) -> Result<Vec<(Id<Staff>, SealedName)>> {
    type Row = (Id<Staff>, Option<Vec<u8>>, Option<Vec<u8>>);
    let mut rows: Vec<Row> = Vec::new();
    for part in ids.chunks(MANY) {
        let wanted = staff::table.filter(staff::id.eq_any(part)).order(staff::id);
        rows.extend(wanted.select((staff::id, staff::identity_key, staff::identity)).load::<Row>(conn)?);
    }
    Ok(rows.into_iter().filter_map(|(id, key, name)| key.zip(name).map(|(key, name)| (id, SealedName { key, name }))).collect())
}
