//! Absences 停用时段: a vehicle in the workshop, somebody on leave. Booked like a trip books, so that the database lets neither meet the other.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Period, Staff, Vehicle, must_cover, organisations_within, store};
use crate::access::{Act, Actor};
use crate::base::{Error, Id, Message, Result, reason, time};
use crate::db::schema::{bookings, vehicles};
use crate::db::{At, Conn, Event, Kept, Tx};

/// A time in which something is given no trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its id.
    pub id: Id<Self>,
    /// The vehicle or the member of the staff.
    pub of: Resource,
    /// The time.
    pub period: Period,
    /// Why.
    pub because: String,
    /// Who said so.
    pub by: String,
}

/// What can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A vehicle.
    Vehicle(Id<Vehicle>),
    /// A member of the staff.
    Staff(Id<Staff>),
}

impl Resource {
    pub(super) fn uuid(self) -> Uuid {
        match self {
            Self::Vehicle(id) => id.uuid(),
            Self::Staff(id) => id.uuid(),
        }
    }
}

/// An absence with the plate or the badge of what is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceLine {
    /// The absence.
    pub absence: Absence,
    /// The plate or the badge.
    pub name: String,
}

/// Says that a vehicle or a member of the staff is away, for a reason in 1 to 200 characters.
///
/// # Errors
/// Not found: it is outside the actor's scope. Invalid: a time that ends before it begins or is over, no reason. Conflict `booked_meanwhile`: it is on a
/// trip, or away already, at some moment of that time.
pub fn absence_add(tx: &mut Tx<'_>, actor: &Actor, of: Resource, period: Period, because: &str) -> Result<Absence> {
    actor.must(Act::ManageFleet)?;
    let name = lock(tx, actor, of)?;
    let because = reason("reason", because)?;
    if period.to <= period.from || period.to <= tx.now() {
        return Err(Error::invalid("until", Message::new("bad_absence")));
    }
    let absence = Absence { id: tx.new_id(), of, period, because, by: actor.name().to_owned() };
    match tx.attempt(|tx| insert(tx, &absence)) {
        Ok(()) => {}
        Err(Error::Conflict(message)) if message.code == "no_double_booking" => {
            let held = store::booked(tx, period, &[])?.remove(&of.uuid()).and_then(|periods| periods.into_iter().next());
            // Whatever held it has let it go since.
            let Some(held) = held else { return Err(Error::Conflict(message)) };
            let message = Message::new("booked_meanwhile").with("name", name).with("from", time::in_shanghai(held.from));
            return Err(Error::Conflict(message.with("until", time::in_shanghai(held.to))));
        }
        Err(error) => return Err(error),
    }
    record(tx, actor, "absence_added", &absence)?;
    Ok(absence)
}

/// Takes an absence back: it is there again, from now on at the latest.
///
/// # Errors
/// Not found: it is outside the actor's scope, or was taken back before.
pub fn absence_end(tx: &mut Tx<'_>, actor: &Actor, id: Id<Absence>) -> Result<()> {
    actor.must(Act::ManageFleet)?;
    let absence = get(tx, id)?.ok_or(Error::NotFound("absence"))?;
    lock(tx, actor, absence.of).map_err(|_| Error::NotFound("absence"))?;
    if !cancel(tx, id)? {
        return Err(Error::NotFound("absence"));
    }
    record(tx, actor, "absence_ended", &absence)
}

/// The absences in the actor's scope that are not over at `from`, in the order in which they begin.
pub fn absences(conn: &mut Conn, actor: &Actor, from: DateTime<Utc>) -> Result<Vec<AbsenceLine>> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let absences = after(conn, from)?;
    let (mut vehicles, mut staff) = (Vec::new(), Vec::new());
    for absence in &absences {
        match absence.of {
            Resource::Vehicle(id) => vehicles.push(id),
            Resource::Staff(id) => staff.push(id),
        }
    }
    let vehicles = store::vehicles_by_id(conn, &vehicles)?;
    let staff = store::staff_by_id(conn, &staff)?;
    let known = |of: Resource| match of {
        Resource::Vehicle(id) => vehicles.iter().find(|vehicle| vehicle.id == id).map(|vehicle| (vehicle.plate.to_string(), vehicle.organisation)),
        Resource::Staff(id) => staff.iter().find(|member| member.id == id).map(|member| (member.badge.clone(), member.organisation)),
    };
    let line = |absence: Absence| {
        let (name, owner) = known(absence.of)?;
        within.as_ref().is_none_or(|within| within.contains(&owner)).then_some(AbsenceLine { absence, name })
    };
    Ok(absences.into_iter().filter_map(line).collect())
}

/// Locks what is away, or is to be, and tells its plate or badge.
fn lock(tx: &mut Tx<'_>, actor: &Actor, of: Resource) -> Result<String> {
    let (name, owner, missing) = match of {
        Resource::Vehicle(id) => {
            let vehicle = store::vehicle_lock(tx, id)?;
            (vehicle.plate.to_string(), vehicle.organisation, "vehicle")
        }
        Resource::Staff(id) => {
            let member = store::staff_lock(tx, &[id])?.pop().ok_or(Error::NotFound("staff"))?;
            (member.badge, member.organisation, "staff")
        }
    };
    must_cover(tx, actor, owner).map_err(|_| Error::NotFound(missing))?;
    Ok(name)
}

fn record(tx: &mut Tx<'_>, actor: &Actor, kind: &'static str, absence: &Absence) -> Result<()> {
    let facts = serde_json::json!({
        "from": time::in_shanghai(absence.period.from), "until": time::in_shanghai(absence.period.to), "because": absence.because, "by": actor.name(),
    });
    tx.record(Event { kind, subject: absence.of.uuid(), place: None, facts })
}

type Row = (Id<Absence>, Id<()>, Option<Id<Vehicle>>, At, At, Option<String>, Option<String>);

/// The bookings that stand for no trip; those of a vehicle with its id once more.
#[diesel::dsl::auto_type]
fn standing() -> _ {
    bookings::table
        .left_join(vehicles::table.on(vehicles::id.eq(bookings::resource_id)))
        .filter(bookings::trip_id.is_null().and(diesel::dsl::not(bookings::is_cancelled)))
        .select((bookings::id, bookings::resource_id, vehicles::id.nullable(), bookings::starts_at, bookings::ends_at, bookings::because, bookings::booked_by))
}

fn absence_of((id, resource, vehicle, from, to, because, by): Row) -> Absence {
    let of = vehicle.map_or_else(|| Resource::Staff(Id::from_uuid(resource.uuid())), Resource::Vehicle);
    let period = Period { from: from.0, to: to.0 };
    Absence { id, of, period, because: because.unwrap_or_default(), by: by.unwrap_or_default() }
}

fn insert(tx: &mut Tx<'_>, absence: &Absence) -> Result<()> {
    let row = (
        bookings::id.eq(absence.id),
        bookings::resource_id.eq(Id::<()>::from_uuid(absence.of.uuid())),
        bookings::starts_at.eq(At(absence.period.from)),
        bookings::ends_at.eq(At(absence.period.to)),
        bookings::is_cancelled.eq(false),
        bookings::because.eq(&absence.because),
        bookings::booked_by.eq(&absence.by),
    );
    diesel::insert_into(bookings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

fn get(conn: &mut Conn, id: Id<Absence>) -> Result<Option<Absence>> {
    let row: Option<Row> = standing().filter(bookings::id.eq(id)).first(conn).optional()?;
    Ok(row.map(absence_of))
}

/// Whether it stood until now.
fn cancel(tx: &mut Tx<'_>, id: Id<Absence>) -> Result<bool> {
    let own = bookings::table.filter(bookings::id.eq(id).and(bookings::trip_id.is_null()).and(diesel::dsl::not(bookings::is_cancelled)));
    Ok(Kept(diesel::update(own).set(bookings::is_cancelled.eq(true))).execute(&mut **tx)? == 1)
}

fn after(conn: &mut Conn, from: DateTime<Utc>) -> Result<Vec<Absence>> {
    let rows: Vec<Row> = standing().filter(bookings::ends_at.gt(At(from))).order((bookings::starts_at, bookings::id)).load(conn)?;
    Ok(rows.into_iter().map(absence_of).collect())
}
