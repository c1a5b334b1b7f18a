//! Fleet: vehicles and staff, whose they are, and who of them is free at a time; one by one, or a whole roster at once.
//!
//! Whoever gives one of them work first locks it ([`vehicle_lock`], [`staff_lock`]), so that nobody takes it out of service at the
//! same moment. That nothing is given to two at once is the database's rule on bookings; which trips
//! they are booked for is not known here, only when they are away for a reason of their own.

mod absence;
pub mod draft;
mod plate;
mod roster;
mod staff;
mod store;
mod vehicle;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

pub use absence::{Absence, AbsenceLine, Resource, absence_add, absence_end, absences};
pub use plate::Plate;
pub use roster::{Import, staff_listing, vehicles_listing};
pub use staff::{Licence, Staff, StaffFacts, StaffName, StaffRole};
pub use vehicle::{LoadRule, Permit, Vehicle, VehicleFacts, VehicleKind};

use crate::access::{Act, Actor, Keyring};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Message, Result};
use crate::config;
use crate::db::{Conn, Tx};
use crate::places::Organisation;

pub(crate) use store::organisations_within;

impl From<&config::Fleet> for LoadRule {
    fn from(settings: &config::Fleet) -> Self {
        Self { percent: settings.load_cap_percent, observation_rows: settings.free_last_rows }
    }
}

/// A stretch of time, its end not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The instant after its last.
    pub to: DateTime<Utc>,
}

/// Adds a vehicle.
///
/// # Errors
/// Not found: the organisation is outside the actor's scope. Conflict `plate_known`.
pub fn vehicle_add(tx: &mut Tx<'_>, actor: &Actor, rule: LoadRule, facts: VehicleFacts) -> Result<Vehicle> {
    actor.must(Act::ManageFleet)?;
    must_cover(tx, actor, facts.organisation)?;
    let vehicle = Vehicle::of(tx.new_id(), facts, rule, 1)?;
    store::vehicles_insert(tx, std::slice::from_ref(&vehicle))?;
    Ok(vehicle)
}

/// Changes a vehicle that was seen at `version`.
///
/// # Errors
/// Conflict `changed_meanwhile` if it has another version by now.
pub fn vehicle_change(tx: &mut Tx<'_>, actor: &Actor, rule: LoadRule, id: Id<Vehicle>, version: i32, facts: VehicleFacts) -> Result<Vehicle> {
    actor.must(Act::ManageFleet)?;
    let before = store::vehicle_lock(tx, id)?;
    must_cover(tx, actor, before.organisation).map_err(|_| Error::NotFound("vehicle"))?;
    must_cover(tx, actor, facts.organisation)?;
    must_be_unchanged(before.version, version)?;
    let vehicle = Vehicle::of(id, facts, rule, version + 1)?;
    store::vehicle_update(tx, &vehicle)?;
    Ok(vehicle)
}

/// The vehicles in the actor's scope, in the order of their plates.
pub fn vehicles_list(conn: &mut Conn, actor: &Actor, page: &PageRequest<String>) -> Result<Page<Vehicle, String>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let rows = store::vehicles_after(conn, within.as_deref(), page.after.as_deref(), i64::from(page.limit) + 1)?;
    Ok(Page::cut(rows, page.limit, |vehicle| vehicle.plate.to_string()))
}

/// A vehicle in the actor's scope.
pub fn vehicle_get(conn: &mut Conn, actor: &Actor, id: Id<Vehicle>) -> Result<Vehicle> {
    actor.must(Act::ViewTrips)?;
    let vehicle = store::vehicles_by_id(conn, &[id])?.pop().ok_or(Error::NotFound("vehicle"))?;
    must_cover(conn, actor, vehicle.organisation).map_err(|_| Error::NotFound("vehicle"))?;
    Ok(vehicle)
}

/// The vehicle with this plate, if it is in the actor's scope.
pub fn vehicle_with_plate(conn: &mut Conn, actor: &Actor, plate: &Plate) -> Result<Option<Vehicle>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let found = store::vehicles_with_plates(conn, &[plate.as_str()])?.pop();
    Ok(found.filter(|vehicle| within.is_none_or(|within| within.contains(&vehicle.organisation))))
}

/// The vehicles in service, in the actor's scope, that are not booked at any instant of `between`; in the order of their plates.
pub fn vehicles_free(conn: &mut Conn, actor: &Actor, between: Period) -> Result<Vec<Vehicle>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    store::vehicles_in_service(conn, within.as_deref(), Some(between))
}

/// The vehicles in service, in the actor's scope, whatever they are booked for; in the order of their plates.
pub fn vehicles_in_service(conn: &mut Conn, actor: &Actor) -> Result<Vec<Vehicle>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    store::vehicles_in_service(conn, within.as_deref(), None)
}

/// A vehicle in the actor's scope, locked until the transaction ends.
pub fn vehicle_lock(tx: &mut Tx<'_>, actor: &Actor, id: Id<Vehicle>) -> Result<Vehicle> {
    let vehicle = store::vehicle_lock(tx, id)?;
    must_cover(tx, actor, vehicle.organisation).map_err(|_| Error::NotFound("vehicle"))?;
    Ok(vehicle)
}

/// The vehicles with these ids, whatever the scope: for those who may see the trip that they are on.
pub fn vehicles_by_id(conn: &mut Conn, ids: &[Id<Vehicle>]) -> Result<Vec<Vehicle>> {
    store::vehicles_by_id(conn, ids)
}

/// Adds a staff member; the name is sealed under a key of their own.
///
/// # Errors
/// Not found: the organisation is outside the actor's scope. Conflict `badge_known`.
pub fn staff_add(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, facts: StaffFacts, name: &StaffName) -> Result<Staff> {
    actor.must(Act::ManageFleet)?;
    must_cover(tx, actor, facts.organisation)?;
    let staff = Staff::of(tx.new_id(), facts, 1)?;
    let sealed = store::SealedName::seal(keyring, staff.id, name, tx.chance())?;
    store::staff_insert(tx, [(staff.clone(), sealed)])?;
    Ok(staff)
}

/// Changes a staff member who was seen at `version`; the name only if one is given.
///
/// # Errors
/// Conflict `changed_meanwhile` if they have another version by now.
pub fn staff_change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    keyring: &Keyring,
    id: Id<Staff>,
    version: i32,
    facts: StaffFacts,
    name: Option<&StaffName>,
) -> Result<Staff> {
    actor.must(Act::ManageFleet)?;
    let before = store::staff_lock(tx, &[id])?.pop().ok_or(Error::NotFound("staff"))?;
    must_cover(tx, actor, before.organisation).map_err(|_| Error::NotFound("staff"))?;
    must_cover(tx, actor, facts.organisation)?;
    must_be_unchanged(before.version, version)?;
    let staff = Staff::of(id, facts, version + 1)?;
    store::staff_update(tx, &staff)?;
    if let Some(name) = name {
        let sealed = store::SealedName::seal(keyring, id, name, tx.chance())?;
        store::staff_rename(tx, id, sealed)?;
    }
    Ok(staff)
}

/// The staff in the actor's scope, in the order of their badges.
pub fn staff_list(conn: &mut Conn, actor: &Actor, page: &PageRequest<String>) -> Result<Page<Staff, String>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let rows = store::staff_after(conn, within.as_deref(), page.after.as_deref(), i64::from(page.limit) + 1)?;
    Ok(Page::cut(rows, page.limit, |staff| staff.badge.clone()))
}

/// The staff in service, in the actor's scope, who are not booked at any instant of `between`; in the order of their badges.
pub fn staff_free(conn: &mut Conn, actor: &Actor, between: Period) -> Result<Vec<Staff>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    store::staff_in_service(conn, within.as_deref(), Some(between))
}

/// The staff in service, in the actor's scope, whatever they are booked for; in the order of their badges.
pub fn staff_in_service(conn: &mut Conn, actor: &Actor) -> Result<Vec<Staff>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    store::staff_in_service(conn, within.as_deref(), None)
}

/// A member of the staff in the actor's scope.
pub fn staff_get(conn: &mut Conn, actor: &Actor, id: Id<Staff>) -> Result<Staff> {
    actor.must(Act::ViewTrips)?;
    let member = store::staff_by_id(conn, &[id])?.pop().ok_or(Error::NotFound("staff"))?;
    must_cover(conn, actor, member.organisation).map_err(|_| Error::NotFound("staff"))?;
    Ok(member)
}

/// The member of the staff with this badge, if in the actor's scope.
pub fn staff_with_badge(conn: &mut Conn, actor: &Actor, badge: &str) -> Result<Option<Staff>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let found = store::staff_with_badges(conn, &[badge])?.pop();
    Ok(found.filter(|member| within.is_none_or(|within| within.contains(&member.organisation))))
}

/// Staff in the actor's scope, locked until the transaction ends, in the order of their ids.
pub fn staff_lock(tx: &mut Tx<'_>, actor: &Actor, ids: &[Id<Staff>]) -> Result<Vec<Staff>> {
    let staff = store::staff_lock(tx, ids)?;
    for member in &staff {
        must_cover(tx, actor, member.organisation).map_err(|_| Error::NotFound("staff"))?;
    }
    Ok(staff)
}

/// The staff with these ids, whatever the scope: for those who may see the trip that they are on.
pub fn staff_by_id(conn: &mut Conn, ids: &[Id<Staff>]) -> Result<Vec<Staff>> {
    store::staff_by_id(conn, ids)
}

/// The names of these staff, for lists that show them masked and for the papers of a trip; those that were destroyed are missing.
pub fn staff_names(conn: &mut Conn, keyring: &Keyring, ids: &[Id<Staff>]) -> Result<Vec<(Id<Staff>, StaffName)>> {
    store::sealed_names(conn, ids)?.into_iter().map(|(id, sealed)| Ok((id, sealed.open(keyring, id)?))).collect()
}

/// When each vehicle and each member of the staff is booked within `between` for anything but these trips, by their ids, in order of time; who is
/// not is missing.
pub fn booked(conn: &mut Conn, between: Period, but: &[uuid::Uuid]) -> Result<HashMap<uuid::Uuid, Vec<Period>>> {
    store::booked(conn, between, but)
}

fn must_cover(conn: &mut Conn, actor: &Actor, organisation: Id<Organisation>) -> Result<()> {
    let within = organisations_within(conn, actor.scope())?;
    if within.is_none_or(|within| within.contains(&organisation)) { Ok(()) } else { Err(Error::NotFound("organisation")) }
}

fn must_be_unchanged(version: i32, seen: i32) -> Result<()> {
    if version == seen { Ok(()) } else { Err(Error::Conflict(Message::new("changed_meanwhile").with("version", version).with("seen", seen))) }
}
