//! Rows of trips, legs, crews, seats and bookings. Reads `organisations` for where legs lead.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use uuid::Uuid;

use super::changes::{TripChange, What};
use super::drives::Drive;
use super::model::{Leg, Seat, Trip, TripState, Waiver};
use crate::arrivals::TravellerId;
use crate::base::{Error, Id, Result};
use crate::db::schema::{bookings, organisations, trip_changes, trip_crew, trip_drives, trip_legs, trip_numbers, trip_seats, trips, vehicles};
use crate::db::{At, Conn, Kept, Tx, insert_all};
use crate::fleet::{Period, Staff, Vehicle};
use crate::places::Organisation;

#[derive(Queryable, Insertable, AsChangeset, Selectable)]
#[diesel(table_name = trips, treat_none_as_default_value = false, treat_none_as_null = true)]
struct TripRow {
    id: Id<Trip>,
    number: String,
    on_date: NaiveDate,
    state: String,
    vehicle_id: Id<Vehicle>,
    province: String,
    departs_at: At,
    arrives_at: At,
    load_cap: i32,
    disinfection_min: i32,
    departed_at: Option<At>,
    arrived_at: Option<At>,
    cancelled_because: Option<String>,
    created_by: String,
    created_at: At,
    version: i32,
}

impl TryFrom<&Trip> for TripRow {
    type Error = Error;

    fn try_from(trip: &Trip) -> Result<Self> {
        Ok(Self {
            id: trip.id,
            number: trip.number.clone(),
            on_date: trip.on,
            state: trip.state.name().into(),
            vehicle_id: trip.vehicle,
            province: trip.province.clone(),
            departs_at: At(trip.departs_at),
            arrives_at: At(trip.arrives_at),
            load_cap: trip.load_cap,
            disinfection_min: i32::try_from(trip.disinfection.num_minutes()).map_err(anyhow::Error::from)?,
            departed_at: trip.state.departed_at().map(At),
            arrived_at: trip.state.arrived_at().map(At),
            cancelled_because: match &trip.state {
                TripState::Cancelled { because } => Some(because.clone()),
                _ => None,
            },
            created_by: trip.created_by.clone(),
            created_at: At(trip.created_at),
            version: trip.version,
        })
    }
}

impl TryFrom<TripRow> for Trip {
    type Error = Error;

    fn try_from(row: TripRow) -> Result<Self> {
        let state = match (row.state.as_str(), row.departed_at, row.arrived_at, row.cancelled_because) {
            ("planned", None, None, None) => TripState::Planned,
            ("announced", None, None, None) => TripState::Announced,
            ("boarding", None, None, None) => TripState::Boarding,
            ("departed", Some(At(at)), None, None) => TripState::Departed { at },
            ("arrived", Some(At(departed_at)), Some(At(at)), None) => TripState::Arrived { departed_at, at },
            ("closed", Some(At(departed_at)), Some(At(arrived_at)), None) => TripState::Closed { departed_at, arrived_at },
            ("cancelled", None, None, Some(because)) => TripState::Cancelled { because },
            _ => return Err(Error::Internal(anyhow::anyhow!("trips.state of {} does not fit its times", row.id))),
        };
        Ok(Self {
            id: row.id,
            number: row.number,
            on: row.on_date,
            state,
            vehicle: row.vehicle_id,
            province: row.province,
            departs_at: row.departs_at.0,
            arrives_at: row.arrives_at.0,
            load_cap: row.load_cap,
            disinfection: TimeDelta::minutes(row.disinfection_min.into()),
            created_by: row.created_by,
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}

/// The next number of a day. Whoever takes one holds the day's row until the transaction ends, so numbers have no gaps.
pub(super) fn number_next(tx: &mut Tx<'_>, on: NaiveDate) -> Result<i32> {
    let sql = "INSERT INTO trip_numbers (on_date, last) VALUES ($1, 1) ON CONFLICT (on_date) DO UPDATE SET last = trip_numbers.last + 1";
    diesel::sql_query(sql).bind::<diesel::sql_types::Date, _>(on).execute(&mut **tx)?;
    Ok(trip_numbers::table.filter(trip_numbers::on_date.eq(on)).select(trip_numbers::last).first(&mut **tx)?)
}

pub(super) fn trip_insert(tx: &mut Tx<'_>, trip: &Trip, legs: &[Leg]) -> Result<()> {
    diesel::insert_into(trips::table).values(TripRow::try_from(trip)?).execute(&mut **tx)?;
    let rows: Vec<_> = (1..).zip(legs).map(|(n, leg)| LegRow::new(trip.id, n, leg)).collect();
    insert_all!(tx, trip_legs::table, &rows)
}

/// Writes a locked trip.
pub(super) fn trip_update(tx: &mut Tx<'_>, trip: &Trip) -> Result<()> {
    Kept(diesel::update(trips::table.filter(trips::id.eq(trip.id))).set(TripRow::try_from(trip)?)).execute(&mut **tx)?;
    Ok(())
}

/// Locks a trip and returns it as it is then.
pub(super) fn trip_lock(tx: &mut Tx<'_>, id: Id<Trip>) -> Result<Trip> {
    if let Conn::Postgres(conn) = &mut **tx {
        trips::table.filter(trips::id.eq(id)).select(trips::id).for_no_key_update().load::<Id<Trip>>(conn)?;
    }
    trip(tx, id)
}

pub(super) fn trip(conn: &mut Conn, id: Id<Trip>) -> Result<Trip> {
    let row: Option<TripRow> = trips::table.filter(trips::id.eq(id)).select(TripRow::as_select()).first(conn).optional()?;
    row.ok_or(Error::NotFound("trip"))?.try_into()
}

/// How many seats the vehicle of each of these trips has.
pub(super) fn seats_on(conn: &mut Conn, ids: &[Id<Trip>]) -> Result<HashMap<Id<Trip>, i32>> {
    let seats = trips::table.inner_join(vehicles::table.on(vehicles::id.eq(trips::vehicle_id))).select((trips::id, vehicles::seats));
    let found: Vec<(Id<Trip>, i32)> = Kept(seats.filter(trips::id.eq_any(ids))).load(conn)?;
    Ok(found.into_iter().collect())
}

/// The trips of a day, in the order in which they leave.
pub(super) fn trips_on(conn: &mut Conn, on: NaiveDate) -> Result<Vec<Trip>> {
    let rows: Vec<TripRow> = trips::table.filter(trips::on_date.eq(on)).order((trips::departs_at, trips::number)).select(TripRow::as_select()).load(conn)?;
    rows.into_iter().map(Trip::try_from).collect()
}

/// The trip with this number.
pub(super) fn trip_numbered(conn: &mut Conn, number: &str) -> Result<Option<Trip>> {
    let row: Option<TripRow> = trips::table.filter(trips::number.eq(number)).select(TripRow::as_select()).first(conn).optional()?;
    row.map(Trip::try_from).transpose()
}

/// The last trips of a vehicle, the latest first.
pub(super) fn trips_of_vehicle(conn: &mut Conn, vehicle: Id<Vehicle>, limit: i64) -> Result<Vec<Trip>> {
    let of = trips::table.filter(trips::vehicle_id.eq(vehicle)).order(trips::departs_at.desc()).limit(limit);
    let rows: Vec<TripRow> = of.select(TripRow::as_select()).load(conn)?;
    rows.into_iter().map(Trip::try_from).collect()
}

/// The trips that somebody was given a seat on.
pub(super) fn trips_of_passenger(conn: &mut Conn, traveller: TravellerId) -> Result<Vec<(Trip, i32)>> {
    let seats: Vec<(Id<Trip>, i32)> =
        trip_seats::table.filter(trip_seats::traveller_id.eq(traveller)).select((trip_seats::trip_id, trip_seats::seat_no)).load(conn)?;
    seats.into_iter().map(|(id, seat_no)| Ok((trip(conn, id)?, seat_no))).collect()
}

/// On which open trip each of these people has a seat.
pub(super) fn seated(conn: &mut Conn, people: &[TravellerId]) -> Result<Vec<(TravellerId, Id<Trip>)>> {
    let taken = trip_seats::table.filter(trip_seats::traveller_id.eq_any(people).and(trip_seats::is_taken));
    Ok(taken.select((trip_seats::traveller_id, trip_seats::trip_id)).load(conn)?)
}

/// The trip that the vehicle of `trip` was to make before it.
pub(super) fn trip_before(conn: &mut Conn, trip: &Trip) -> Result<Option<Trip>> {
    let row: Option<TripRow> = trips::table
        .filter(trips::vehicle_id.eq(trip.vehicle).and(trips::departs_at.lt(At(trip.departs_at))).and(trips::state.ne("cancelled")))
        .order(trips::departs_at.desc())
        .select(TripRow::as_select())
        .first(conn)
        .optional()?;
    row.map(Trip::try_from).transpose()
}

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = trip_legs, treat_none_as_default_value = false)]
struct LegRow {
    trip_id: Id<Trip>,
    n: i32,
    from_organisation: Id<Organisation>,
    to_organisation: Id<Organisation>,
    departs_at: At,
    arrives_at: At,
}

impl LegRow {
    fn new(trip_id: Id<Trip>, n: i32, leg: &Leg) -> Self {
        Self { trip_id, n, from_organisation: leg.from, to_organisation: leg.to, departs_at: At(leg.departs_at), arrives_at: At(leg.arrives_at) }
    }
}

/// The legs of these trips, each trip's in order.
pub(super) fn legs_of(conn: &mut Conn, of: &[Id<Trip>]) -> Result<HashMap<Id<Trip>, Vec<Leg>>> {
    let rows: Vec<LegRow> =
        trip_legs::table.filter(trip_legs::trip_id.eq_any(of)).order((trip_legs::trip_id, trip_legs::n)).select(LegRow::as_select()).load(conn)?;
    let mut legs: HashMap<Id<Trip>, Vec<Leg>> = HashMap::new();
    for row in rows {
        let leg = Leg { from: row.from_organisation, to: row.to_organisation, departs_at: row.departs_at.0, arrives_at: row.arrives_at.0 };
        legs.entry(row.trip_id).or_default().push(leg);
    }
    Ok(legs)
}

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = trip_drives, treat_none_as_default_value = false)]
struct DriveRow {
    trip_id: Id<Trip>,
    n: i32,
    staff_id: Id<Staff>,
    from_organisation: Id<Organisation>,
    to_organisation: Id<Organisation>,
    starts_at: At,
    ends_at: At,
}

pub(super) fn drives_insert(tx: &mut Tx<'_>, trip_id: Id<Trip>, drives: &[Drive]) -> Result<()> {
    let row = |(n, drive): (i32, &Drive)| DriveRow {
        trip_id,
        n,
        staff_id: drive.driver,
        from_organisation: drive.from,
        to_organisation: drive.to,
        starts_at: At(drive.starts_at),
        ends_at: At(drive.ends_at),
    };
    let rows: Vec<DriveRow> = (1..).zip(drives).map(row).collect();
    insert_all!(tx, trip_drives::table, &rows)
}

/// The drives of a trip, in order.
pub(super) fn drives_of(conn: &mut Conn, trip: Id<Trip>) -> Result<Vec<Drive>> {
    let rows: Vec<DriveRow> = trip_drives::table.filter(trip_drives::trip_id.eq(trip)).order(trip_drives::n).select(DriveRow::as_select()).load(conn)?;
    let drive = |row: DriveRow| Drive {
        driver: row.staff_id,
        from: row.from_organisation,
        to: row.to_organisation,
        starts_at: row.starts_at.0,
        ends_at: row.ends_at.0,
    };
    Ok(rows.into_iter().map(drive).collect())
}

/// Forgets who was to drive when: the crew is another.
pub(super) fn drives_forget(tx: &mut Tx<'_>, trip: Id<Trip>) -> Result<()> {
    diesel::delete(trip_drives::table.filter(trip_drives::trip_id.eq(trip))).execute(&mut **tx)?;
    Ok(())
}

/// Writes the numbers of seats that were given before.
pub(super) fn seats_renumber(tx: &mut Tx<'_>, trip: Id<Trip>, seats: &[Seat]) -> Result<()> {
    for seat in seats {
        let own = trip_seats::table.filter(trip_seats::trip_id.eq(trip).and(trip_seats::traveller_id.eq(seat.traveller)));
        Kept(diesel::update(own).set(trip_seats::seat_no.eq(seat.seat_no))).execute(&mut **tx)?;
    }
    Ok(())
}

/// Writes down a change of a trip.
pub(super) fn change_insert(tx: &mut Tx<'_>, trip: Id<Trip>, change: &TripChange) -> Result<()> {
    let row = (
        trip_changes::id.eq(tx.new_id::<TripChange>()),
        trip_changes::trip_id.eq(trip),
        trip_changes::at.eq(At(change.at)),
        trip_changes::changed_by.eq(&change.by),
        trip_changes::what.eq(change.what.name()),
        trip_changes::before.eq(&change.before),
        trip_changes::after.eq(&change.after),
        trip_changes::because.eq(&change.because),
        trip_changes::causes.eq(&change.causes),
    );
    diesel::insert_into(trip_changes::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What changed of a trip, in order.
pub(super) fn changes_of(conn: &mut Conn, trip: Id<Trip>) -> Result<Vec<TripChange>> {
    type Row = (At, String, String, String, String, Option<String>, String);
    let columns = (
        trip_changes::at,
        trip_changes::changed_by,
        trip_changes::what,
        trip_changes::before,
        trip_changes::after,
        trip_changes::because,
        trip_changes::causes,
    );
    let rows: Vec<Row> = trip_changes::table.filter(trip_changes::trip_id.eq(trip)).order((trip_changes::at, trip_changes::id)).select(columns).load(conn)?;
    let change = |(at, by, what, before, after, because, causes): Row| {
        let what = What::from_name(&what).ok_or_else(|| Error::Internal(anyhow::anyhow!("trip_changes.what of {trip} holds what it cannot")))?;
        Ok(TripChange { at: at.0, by, what, before, after, because, causes })
    };
    rows.into_iter().map(change).collect()
}

/// Where these organisations stand: their places, by id.
pub(super) fn places_of(conn: &mut Conn, of: &[Id<Organisation>]) -> Result<HashMap<Id<Organisation>, String>> {
    let rows: Vec<(Id<Organisation>, String)> =
        organisations::table.filter(organisations::id.eq_any(of)).select((organisations::id, organisations::place)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The codes of these organisations, by id.
pub(super) fn codes_of(conn: &mut Conn, of: &[Id<Organisation>]) -> Result<HashMap<Id<Organisation>, String>> {
    let rows: Vec<(Id<Organisation>, String)> =
        organisations::table.filter(organisations::id.eq_any(of)).select((organisations::id, organisations::code)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Replaces the crew of a trip.
pub(super) fn crew_set(tx: &mut Tx<'_>, trip: Id<Trip>, crew: &[Staff]) -> Result<()> {
    diesel::delete(trip_crew::table.filter(trip_crew::trip_id.eq(trip))).execute(&mut **tx)?;
    let rows: Vec<_> = crew.iter().map(|member| (trip_crew::trip_id.eq(trip), trip_crew::staff_id.eq(member.id))).collect();
    for row in rows {
        diesel::insert_into(trip_crew::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

pub(super) fn crew_of(conn: &mut Conn, trip: Id<Trip>) -> Result<Vec<Id<Staff>>> {
    Ok(trip_crew::table.filter(trip_crew::trip_id.eq(trip)).order(trip_crew::staff_id).select(trip_crew::staff_id).load(conn)?)
}

/// Who works on each of these trips.
pub(super) fn crews_of(conn: &mut Conn, of: &[Id<Trip>]) -> Result<HashMap<Id<Trip>, Vec<Id<Staff>>>> {
    let rows = trip_crew::table.filter(trip_crew::trip_id.eq_any(of)).order((trip_crew::trip_id, trip_crew::staff_id));
    let mut crews: HashMap<Id<Trip>, Vec<Id<Staff>>> = HashMap::new();
    for (trip, member) in rows.select((trip_crew::trip_id, trip_crew::staff_id)).load(conn)? {
        crews.entry(trip).or_default().push(member);
    }
    Ok(crews)
}

/// Who has a seat on each of these trips, in the order of the seats, and whether by a waiver.
pub(super) fn aboard(conn: &mut Conn, of: &[Id<Trip>]) -> Result<HashMap<Id<Trip>, Vec<(TravellerId, bool)>>> {
    let rows = trip_seats::table.filter(trip_seats::trip_id.eq_any(of)).order((trip_seats::trip_id, trip_seats::seat_no));
    let mut aboard: HashMap<Id<Trip>, Vec<(TravellerId, bool)>> = HashMap::new();
    for (trip, person, waived_by) in rows.select((trip_seats::trip_id, trip_seats::traveller_id, trip_seats::waived_by)).load::<(_, _, Option<String>)>(conn)? {
        aboard.entry(trip).or_default().push((person, waived_by.is_some()));
    }
    Ok(aboard)
}

/// How many crew and how many seats that were given each of these trips has.
pub(super) fn heads_of(conn: &mut Conn, of: &[Id<Trip>]) -> Result<HashMap<Id<Trip>, (i64, i64)>> {
    let mut heads: HashMap<Id<Trip>, (i64, i64)> = HashMap::new();
    let crew = trip_crew::table.filter(trip_crew::trip_id.eq_any(of)).group_by(trip_crew::trip_id).select((trip_crew::trip_id, diesel::dsl::count_star()));
    for (trip, n) in crew.load::<(Id<Trip>, i64)>(conn)? {
        heads.entry(trip).or_default().0 = n;
    }
    let seats = trip_seats::table.filter(trip_seats::trip_id.eq_any(of)).group_by(trip_seats::trip_id).select((trip_seats::trip_id, diesel::dsl::count_star()));
    for (trip, n) in seats.load::<(Id<Trip>, i64)>(conn)? {
        heads.entry(trip).or_default().1 = n;
    }
    Ok(heads)
}

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = trip_seats, treat_none_as_default_value = false)]
struct SeatRow {
    trip_id: Id<Trip>,
    traveller_id: TravellerId,
    seat_no: i32,
    is_taken: bool,
    waived_by: Option<String>,
    waived_because: Option<String>,
    given_by: String,
    given_at: At,
}

/// The seats of a trip, by number.
pub(super) fn seats_of(conn: &mut Conn, trip: Id<Trip>) -> Result<Vec<Seat>> {
    let rows: Vec<SeatRow> = trip_seats::table.filter(trip_seats::trip_id.eq(trip)).order(trip_seats::seat_no).select(SeatRow::as_select()).load(conn)?;
    let seats = rows.into_iter().map(|row| Seat {
        traveller: row.traveller_id,
        seat_no: row.seat_no,
        is_taken: row.is_taken,
        waiver: row.waived_by.zip(row.waived_because).map(|(by, because)| Waiver { by, because }),
        given_by: row.given_by,
        given_at: row.given_at.0,
    });
    Ok(seats.collect())
}

pub(super) fn seats_insert(tx: &mut Tx<'_>, trip: Id<Trip>, seats: &[Seat]) -> Result<()> {
    let row = |seat: &Seat| SeatRow {
        trip_id: trip,
        traveller_id: seat.traveller,
        seat_no: seat.seat_no,
        is_taken: seat.is_taken,
        waived_by: seat.waiver.as_ref().map(|waiver| waiver.by.clone()),
        waived_because: seat.waiver.as_ref().map(|waiver| waiver.because.clone()),
        given_by: seat.given_by.clone(),
        given_at: At(seat.given_at),
    };
    let rows: Vec<SeatRow> = seats.iter().map(row).collect();
    insert_all!(tx, trip_seats::table, &rows)
}

pub(super) fn seats_delete(tx: &mut Tx<'_>, trip: Id<Trip>, of: &[TravellerId]) -> Result<usize> {
    let given = trip_seats::table.filter(trip_seats::trip_id.eq(trip).and(trip_seats::traveller_id.eq_any(of)));
    Ok(diesel::delete(given).execute(&mut **tx)?)
}

/// Lets everybody go; the rows tell who had a seat.
pub(super) fn seats_free(tx: &mut Tx<'_>, trip: Id<Trip>) -> Result<()> {
    Kept(diesel::update(trip_seats::table.filter(trip_seats::trip_id.eq(trip))).set(trip_seats::is_taken.eq(false))).execute(&mut **tx)?;
    Ok(())
}

/// Who of these people holds a seat, and on which trip, by its number.
pub(super) fn seated_elsewhere(conn: &mut Conn, of: &[TravellerId]) -> Result<Vec<(TravellerId, String)>> {
    let seats = trip_seats::table.inner_join(trips::table.on(trips::id.eq(trip_seats::trip_id)));
    let held = seats.filter(trip_seats::traveller_id.eq_any(of).and(trip_seats::is_taken)).order(trip_seats::traveller_id);
    Ok(held.select((trip_seats::traveller_id, trips::number)).load(conn)?)
}

/// For what a resource is booked.
pub(super) enum HeldBy {
    /// The trip with this number.
    Trip(String),
    /// It is away, for this reason.
    Absence(String),
}

/// Who holds a resource, and when.
pub(super) struct Holder {
    pub(super) by: HeldBy,
    pub(super) period: Period,
}

/// Writes the legs of a trip in the place of those it had.
pub(super) fn legs_replace(tx: &mut Tx<'_>, trip: Id<Trip>, legs: &[Leg]) -> Result<()> {
    diesel::delete(trip_legs::table.filter(trip_legs::trip_id.eq(trip))).execute(&mut **tx)?;
    let rows: Vec<_> = (1..).zip(legs).map(|(n, leg)| LegRow::new(trip, n, leg)).collect();
    insert_all!(tx, trip_legs::table, &rows)
}

/// Books resources for a trip, in the order of their ids, so that two trips that want the same do not deadlock.
pub(super) fn bookings_insert(tx: &mut Tx<'_>, trip: Id<Trip>, wanted: &[(Uuid, Period)]) -> Result<()> {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable_by_key(|(resource, _)| *resource);
    for (resource, period) in wanted {
        let row = (
            bookings::id.eq(tx.new_id::<()>()),
            bookings::trip_id.eq(Some(trip)),
            bookings::resource_id.eq(Id::<()>::from_uuid(resource)),
            bookings::starts_at.eq(At(period.from)),
            bookings::ends_at.eq(At(period.to)),
            bookings::is_cancelled.eq(false),
        );
        diesel::insert_into(bookings::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

/// The first booking of a resource that meets a period.
pub(super) fn holder(conn: &mut Conn, resource: Uuid, period: Period) -> Result<Option<Holder>> {
    let held = bookings::table
        .left_join(trips::table.on(bookings::trip_id.eq(trips::id.nullable())))
        .filter(bookings::resource_id.eq(Id::<()>::from_uuid(resource)).and(diesel::dsl::not(bookings::is_cancelled)))
        .filter(bookings::starts_at.lt(At(period.to)).and(bookings::ends_at.gt(At(period.from))))
        .order(bookings::starts_at)
        .select((trips::number.nullable(), bookings::because, bookings::starts_at, bookings::ends_at));
    let found: Option<(Option<String>, Option<String>, At, At)> = held.first(conn).optional()?;
    let holder = |(number, because, from, to): (Option<String>, Option<String>, At, At)| {
        let by = number.map_or_else(|| HeldBy::Absence(because.unwrap_or_default()), HeldBy::Trip);
        Holder { by, period: Period { from: from.0, to: to.0 } }
    };
    Ok(found.map(holder))
}

/// Lets go what a trip has booked: these resources, or all of them if none are named.
pub(super) fn bookings_cancel(tx: &mut Tx<'_>, trip: Id<Trip>, only: Option<&[Uuid]>) -> Result<()> {
    let resources: Option<Vec<Id<()>>> = only.map(|only| only.iter().copied().map(Id::from_uuid).collect());
    let of_trip = bookings::trip_id.eq(trip);
    let cancelled = bookings::is_cancelled.eq(true);
    match resources {
        None => Kept(diesel::update(bookings::table.filter(of_trip)).set(cancelled)).execute(&mut **tx)?,
        Some(resources) => diesel::update(bookings::table.filter(of_trip.and(bookings::resource_id.eq_any(resources)))).set(cancelled).execute(&mut **tx)?,
    };
    Ok(())
}
