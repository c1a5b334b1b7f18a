//! Trips: made, staffed, seated, and led from one state to the next.

use std::collections::HashSet;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::due::DayQuery;
use super::holds::ReasonBody;
use super::staff::{self, StaffView};
use super::vehicles::VehicleView;
use super::{Faults, NoBody, date, instant_or_none};
use crate::access::Actor;
use crate::base::time::in_shanghai;
use crate::base::{Id, Result};
use crate::custody;
use crate::db::{Conn, Tx};
use crate::dispatch::{self, Leg, NewTrip, Seat, SeatWanted, Trip, TripChange, TripLine, What};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// A trip to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TripBody {
    /// The id of the vehicle.
    pub vehicle: Uuid,
    /// The ids of the crew, one driver among them at the least.
    pub crew: Vec<Uuid>,
    /// The legs, in order.
    pub legs: Vec<LegBody>,
    /// How many may ride, if fewer than the vehicle's load cap.
    pub load_cap: Option<i32>,
}

/// A leg, from one organisation to the next.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegBody {
    /// The code of the organisation where it begins.
    pub from_organisation: String,
    /// The code of the organisation where it ends.
    pub to_organisation: String,
    /// When it is to begin.
    #[schema(format = DateTime)]
    pub departs_at: String,
    /// When it is to end.
    #[schema(format = DateTime)]
    pub arrives_at: String,
}

/// A crew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewBody {
    /// The ids, one driver among them at the least.
    pub crew: Vec<Uuid>,
}

/// Another vehicle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherVehicleBody {
    /// Its id.
    pub vehicle: Uuid,
    /// Why the first one does not go.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// Seats that are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatsBody {
    /// For whom; whole parties.
    pub seats: Vec<SeatBody>,
}

/// A seat that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatBody {
    /// The id of the traveller.
    pub traveller: Uuid,
    /// The number of the seat; any, if left out.
    pub seat_no: Option<i32>,
    /// Why they may board in spite of what keeps them; whoever sends this answers for it by name.
    pub waiver: Option<String>,
}

/// Travellers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TravellersBody {
    /// Their ids; whole parties.
    pub travellers: Vec<Uuid>,
}

/// When something happened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhenBody {
    /// When; now, if left out.
    #[schema(format = DateTime)]
    pub at: Option<String>,
}

/// A trip.
#[derive(Debug, Serialize, ToSchema)]
pub struct TripView {
    /// Its id.
    pub id: Uuid,
    /// What people call it by.
    pub number: String,
    /// The day it leaves on.
    #[schema(format = Date)]
    pub on: String,
    /// `planned`, `announced`, `boarding`, `departed`, `arrived`, `closed` or `cancelled`.
    pub state: &'static str,
    /// The code of the province that receives.
    pub province: String,
    /// When it is to leave.
    #[schema(format = DateTime)]
    pub departs_at: String,
    /// When it is to arrive.
    #[schema(format = DateTime)]
    pub arrives_at: String,
    /// When it left.
    #[schema(format = DateTime)]
    pub departed_at: Option<String>,
    /// When it came in.
    #[schema(format = DateTime)]
    pub arrived_at: Option<String>,
    /// How many may ride.
    pub load_cap: i32,
    /// The id of the vehicle.
    pub vehicle: Uuid,
    /// Counts the changes.
    pub version: i32,
}

/// A leg.
#[derive(Debug, Serialize, ToSchema)]
pub struct LegView {
    /// The code of the organisation where it begins.
    pub from_organisation: Option<String>,
    /// The code of the organisation where it ends.
    pub to_organisation: Option<String>,
    /// When it is to begin.
    #[schema(format = DateTime)]
    pub departs_at: String,
    /// When it is to end.
    #[schema(format = DateTime)]
    pub arrives_at: String,
}

/// A trip in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct TripLineView {
    /// The trip.
    #[serde(flatten)]
    pub trip: TripView,
    /// The number plate.
    pub plate: String,
    /// The legs, in order.
    pub legs: Vec<LegView>,
    /// How many are in the crew.
    pub n_crew: i64,
    /// How many seats were given; not said while people of it are offered to the reader's organisation and not yet counted.
    pub n_seats: Option<i64>,
}

/// The trips of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TripsView {
    /// The trips, as they leave.
    pub items: Vec<TripLineView>,
}

/// A trip with all that goes onto its papers.
#[derive(Debug, Serialize, ToSchema)]
pub struct TripSheetView {
    /// The trip.
    #[serde(flatten)]
    pub trip: TripView,
    /// The vehicle.
    pub coach: VehicleView,
    /// The legs, in order.
    pub legs: Vec<LegView>,
    /// The crew.
    pub crew: Vec<StaffView>,
    /// The seats; not said while people of it are offered to the reader's organisation and not yet counted.
    pub seats: Option<Vec<SeatView>>,
    /// What changed after people had been told of the trip, in order.
    pub changes: Vec<TripChangeView>,
}

/// A change of a trip.
#[derive(Debug, Serialize, ToSchema)]
pub struct TripChangeView {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who changed it.
    pub by: String,
    /// What: `vehicle`, `crew`, `stops`, `times`, `seats` or `cancelled`.
    pub what: &'static str,
    /// What it was: a plate, badges, codes of organisations between spaces, a number of people.
    pub before: String,
    /// What it is.
    pub after: String,
    /// Why.
    pub because: Option<String>,
    /// Why, as the planner knows it: `vehicle`, `staff`, `party_gone`, `party_later`, `party_other`, `site`, `law` or `making_room`.
    pub causes: Vec<String>,
}

impl From<TripChange> for TripChangeView {
    fn from(change: TripChange) -> Self {
        let TripChange { at, by, what, before, after, because, causes } = change;
        let causes = causes.split_whitespace().map(str::to_owned).collect();
        Self { at: in_shanghai(at), by, what: what.name(), before, after, because, causes }
    }
}

/// A seat that was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatView {
    /// Whose it is.
    pub traveller: Uuid,
    /// Its number, from 1 at the front.
    pub seat_no: i32,
    /// Whether it holds the person now.
    pub is_taken: bool,
    /// Who let the person board in spite of what kept them.
    pub waived_by: Option<String>,
    /// Why.
    pub waived_because: Option<String>,
}

/// Seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatsView {
    /// The seats.
    pub items: Vec<SeatView>,
}

impl From<&Trip> for TripView {
    fn from(trip: &Trip) -> Self {
        Self {
            id: trip.id.uuid(),
            number: trip.number.clone(),
            on: trip.on.to_string(),
            state: trip.state.name(),
            province: trip.province.clone(),
            departs_at: in_shanghai(trip.departs_at),
            arrives_at: in_shanghai(trip.arrives_at),
            departed_at: trip.state.departed_at().map(in_shanghai),
            arrived_at: trip.state.arrived_at().map(in_shanghai),
            load_cap: trip.load_cap,
            vehicle: trip.vehicle.uuid(),
            version: trip.version,
        }
    }
}

impl From<Seat> for SeatView {
    fn from(seat: Seat) -> Self {
        let (waived_by, waived_because) = seat.waiver.map(|waiver| (waiver.by, waiver.because)).unzip();
        Self { traveller: seat.traveller.uuid(), seat_no: seat.seat_no, is_taken: seat.is_taken, waived_by, waived_because }
    }
}

impl TripBody {
    fn parse(self, app: &App) -> Result<NewTrip> {
        let mut faults = Faults::default();
        let mut legs = Vec::new();
        for (n, leg) in self.legs.iter().enumerate() {
            let from = faults.organisation(&format!("legs[{n}].from_organisation"), app, &leg.from_organisation);
            let to = faults.organisation(&format!("legs[{n}].to_organisation"), app, &leg.to_organisation);
            let departs_at = faults.instant(&format!("legs[{n}].departs_at"), &leg.departs_at);
            let arrives_at = faults.instant(&format!("legs[{n}].arrives_at"), &leg.arrives_at);
            if let (Some(from), Some(to), Some(departs_at), Some(arrives_at)) = (from, to, departs_at, arrives_at) {
                legs.push(Leg { from, to, departs_at, arrives_at });
            }
        }
        if legs.len() < self.legs.len() {
            return Err(faults.into_error());
        }
        let crew = self.crew.into_iter().map(Id::from_uuid).collect();
        Ok(NewTrip { vehicle: Id::from_uuid(self.vehicle), crew, legs, load_cap: self.load_cap })
    }
}

/// Lists the trips that leave on a day.
#[utoipa::path(get, path = "/api/v1/trips", params(DayQuery), responses((status = 200, description = "Trips", body = TripsView)))]
pub async fn list_trips(call: Call, query: Query<DayQuery>) -> Result<Answer, Problem> {
    let (app, on) = (call.app.clone(), date("on", &query.on)?);
    let view = move |line: TripLine, to_count: &HashSet<Id<Trip>>| TripLineView {
        trip: TripView::from(&line.trip),
        plate: line.vehicle.plate.to_string(),
        legs: legs(&app, line.legs),
        n_crew: line.n_crew,
        n_seats: (!to_count.contains(&line.trip.id)).then_some(line.n_seats),
    };
    let work = move |conn: &mut Conn, actor: &Actor| {
        let to_count = custody::trips_to_count(conn, actor)?;
        Ok(TripsView { items: dispatch::trips_on(conn, actor, on)?.into_iter().map(|line| view(line, &to_count)).collect() })
    };
    call.read(work).await
}

/// Shows a trip.
#[utoipa::path(get, path = "/api/v1/trips/{id}", params(("id" = Uuid, Path)), responses((status = 200, description = "The trip", body = TripSheetView)))]
pub async fn show_trip(call: Call, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let work = move |conn: &mut Conn, actor: &Actor| {
        let sheet = dispatch::trip_get(conn, actor, *id)?;
        let is_blind = custody::trips_to_count(conn, actor)?.contains(&id);
        Ok(TripSheetView {
            trip: TripView::from(&sheet.trip),
            coach: VehicleView::of(&app, sheet.vehicle),
            legs: legs(&app, sheet.legs),
            crew: staff::views(conn, &app, sheet.crew)?,
            seats: (!is_blind).then(|| sheet.seats.into_iter().map(SeatView::from).collect()),
            changes: sheet.changes.into_iter().filter(|change| !is_blind || change.what != What::Seats).map(TripChangeView::from).collect(),
        })
    };
    call.read(work).await
}

/// Makes a trip and books its vehicle and crew.
#[utoipa::path(post, path = "/api/v1/trips", request_body = TripBody, responses((status = 201, description = "Made", body = TripView)))]
pub async fn add_trip(Write { call, body }: Write<TripBody>) -> Result<Answer, Problem> {
    let disinfection = call.app.disinfection();
    let new = body.parse(&call.app)?;
    call.write(StatusCode::CREATED, move |tx, actor| dispatch::trip_create(tx, actor, disinfection, &new).map(|trip| TripView::from(&trip))).await
}

/// Gives a trip another crew.
#[utoipa::path(put, path = "/api/v1/trips/{id}/crew", params(("id" = Uuid, Path)), request_body = CrewBody,
    responses((status = 200, description = "The trip", body = TripView)))]
pub async fn set_crew(Write { call, body }: Write<CrewBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let crew: Vec<_> = body.crew.into_iter().map(Id::from_uuid).collect();
    lead(call, move |tx, actor, seen| dispatch::trip_change_crew(tx, actor, *id, seen, &crew)).await
}

/// Gives a trip another vehicle; everybody keeps a seat.
#[utoipa::path(put, path = "/api/v1/trips/{id}/vehicle", params(("id" = Uuid, Path)), request_body = OtherVehicleBody,
    responses((status = 200, description = "The trip", body = TripView)))]
pub async fn set_vehicle(Write { call, body }: Write<OtherVehicleBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let vehicle = Id::from_uuid(body.vehicle);
    lead(call, move |tx, actor, seen| dispatch::trip_change_vehicle(tx, actor, *id, seen, vehicle, &body.reason)).await
}

/// Gives people seats: all of them, or nobody.
#[utoipa::path(post, path = "/api/v1/trips/{id}/seats", params(("id" = Uuid, Path)), request_body = SeatsBody,
    responses((status = 200, description = "The seats", body = SeatsView)))]
pub async fn give_seats(Write { call, body }: Write<SeatsBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let rulebook = call.app.rulebook().clone();
    let seat = |seat: SeatBody| SeatWanted { traveller: Id::from_uuid(seat.traveller), seat_no: seat.seat_no, waiver: seat.waiver };
    let wanted: Vec<SeatWanted> = body.seats.into_iter().map(seat).collect();
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let seats = dispatch::seats_give(tx, actor, &rulebook, *id, &wanted)?;
        Ok(SeatsView { items: seats.into_iter().map(SeatView::from).collect() })
    };
    call.write(StatusCode::OK, work).await
}

/// Takes seats back on a trip that has not left.
#[utoipa::path(post, path = "/api/v1/trips/{id}/seats/take-back", params(("id" = Uuid, Path)), request_body = TravellersBody,
    responses((status = 204, description = "Taken back")))]
pub async fn take_back_seats(Write { call, body }: Write<TravellersBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let people: Vec<_> = body.travellers.into_iter().map(Id::from_uuid).collect();
    call.write(StatusCode::NO_CONTENT, move |tx, actor| dispatch::seats_take_back(tx, actor, *id, &people)).await
}

/// Tells crew, sites and receiver of a trip.
#[utoipa::path(post, path = "/api/v1/trips/{id}/announce", params(("id" = Uuid, Path)), responses((status = 200, description = "The trip", body = TripView)))]
pub async fn announce_trip(Write { call, .. }: Write<NoBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    lead(call, move |tx, actor, seen| dispatch::announce(tx, actor, *id, seen)).await
}

/// Opens the doors of a trip.
#[utoipa::path(post, path = "/api/v1/trips/{id}/board", params(("id" = Uuid, Path)), responses((status = 200, description = "The trip", body = TripView)))]
pub async fn board_trip(Write { call, .. }: Write<NoBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    lead(call, move |tx, actor, seen| dispatch::start_boarding(tx, actor, *id, seen)).await
}

/// Records that a trip left.
#[utoipa::path(post, path = "/api/v1/trips/{id}/depart", params(("id" = Uuid, Path)), request_body = WhenBody,
    responses((status = 200, description = "The trip", body = TripView)))]
pub async fn depart_trip(Write { call, body }: Write<WhenBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let at = instant_or_none("at", body.at.as_deref())?;
    lead(call, move |tx, actor, seen| dispatch::depart(tx, actor, *id, seen, at)).await
}

/// Records that a trip came in.
#[utoipa::path(post, path = "/api/v1/trips/{id}/arrive", params(("id" = Uuid, Path)), request_body = WhenBody,
    responses((status = 200, description = "The trip", body = TripView)))]
pub async fn arrive_trip(Write { call, body }: Write<WhenBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    let at = instant_or_none("at", body.at.as_deref())?;
    lead(call, move |tx, actor, seen| dispatch::arrive(tx, actor, *id, seen, at)).await
}

/// Closes a trip that has come in.
#[utoipa::path(post, path = "/api/v1/trips/{id}/close", params(("id" = Uuid, Path)), responses((status = 200, description = "The trip", body = TripView)))]
pub async fn close_trip(Write { call, .. }: Write<NoBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    lead(call, move |tx, actor, seen| dispatch::close(tx, actor, *id, seen)).await
}

/// Cancels a trip that has not left.
#[utoipa::path(post, path = "/api/v1/trips/{id}/cancel", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, description = "The trip", body = TripView)))]
pub async fn cancel_trip(Write { call, body }: Write<ReasonBody>, id: Path<Id<Trip>>) -> Result<Answer, Problem> {
    lead(call, move |tx, actor, seen| dispatch::trip_cancel(tx, actor, *id, seen, &body.reason)).await
}

/// Leads a trip on, if whoever asks has seen the version that is to be changed.
async fn lead(call: Call, step: impl Fn(&mut Tx<'_>, &Actor, Option<i32>) -> Result<Trip> + Send + 'static) -> Result<Answer, Problem> {
    let seen = call.seen();
    call.write(StatusCode::OK, move |tx, actor| step(tx, actor, seen).map(|trip| TripView::from(&trip))).await
}

fn legs(app: &App, legs: Vec<Leg>) -> Vec<LegView> {
    let view = |leg: Leg| LegView {
        from_organisation: app.code_of(leg.from),
        to_organisation: app.code_of(leg.to),
        departs_at: in_shanghai(leg.departs_at),
        arrives_at: in_shanghai(leg.arrives_at),
    };
    legs.into_iter().map(view).collect()
}
