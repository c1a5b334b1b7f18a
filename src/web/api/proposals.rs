//! Proposals: a day's trips planned, looked at, changed by hand, announced.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::due::DayQuery;
use super::{NoBody, date};
use crate::access::Actor;
use crate::base::time::in_shanghai;
use crate::base::{Id, Result};
use crate::db::{Conn, Tx};
use crate::dispatch::plan::{Change, Deed, Minute, PlannedTrip, Role, Target};
use crate::dispatch::{self, Proposal, ProposalSheet};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::planning::{Planning, SECONDS};
use crate::web::problem::Problem;

/// A day to plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalBody {
    /// The day, in Shanghai.
    #[schema(format = Date)]
    pub on: String,
    /// How long to search, 1 to 600; 20, if left out.
    pub seconds: Option<i32>,
    /// Whether what was announced and has not set out is planned anew, too, and kept where it can be; no, if left out.
    #[serde(default)]
    pub anew: bool,
}

/// Why something that was announced changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnounceBody {
    /// Told to everybody concerned, 1 to 200 characters; needed if something that was announced changes.
    pub because: Option<String>,
}

/// A party, and where it goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    /// The id of the party.
    pub party: Uuid,
    /// The name of a trip of the proposal, `own` for a trip of its own, or `off` for none.
    pub to: String,
}

/// A proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalView {
    /// Its id.
    pub id: Uuid,
    /// The day.
    #[schema(format = Date)]
    pub on: String,
    /// Whose people, vehicles and staff it is made of.
    pub scope: String,
    /// `searching`, `interrupted`, `ready`, `announced` or `replaced`.
    pub state: &'static str,
    /// Of the search, in percent.
    pub progress: i32,
    /// How long the search was to take.
    pub seconds: i32,
    /// Who asked for it.
    pub started_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub changed_at: String,
    /// Counts the changes.
    pub version: i32,
}

/// The proposals of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalsView {
    /// The latest first.
    pub items: Vec<ProposalView>,
}

/// A proposal with its trips.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalSheetView {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// How many people are due and may not move.
    pub kept: usize,
    /// Where the times of ways come from: `estimated`, `measured` by the routing server, or `failed`: estimated, because the server was of no use.
    pub ways: &'static str,
    /// How many parties were to be moved.
    pub parties: usize,
    /// How many persons these are.
    pub persons: u32,
    /// What the best plan so far comes to; none until the first stands.
    pub measure: Option<MeasureView>,
    /// Its trips.
    pub trips: Vec<PlannedTripView>,
    /// The parties on none of them.
    pub left_out: Vec<LeftOutView>,
    /// Whether what had been announced was planned anew.
    pub anew: bool,
    /// What the plan changes of it.
    pub changes: Vec<PlanChangeView>,
}

/// Something that had been announced and is otherwise in a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanChangeView {
    /// The number of the trip.
    pub trip: String,
    /// `cancelled`, `vehicle`, `crew`, `time`, `off` or `on`.
    pub what: &'static str,
    /// The id of the party that it concerns.
    pub party: Option<String>,
    /// What it was: a plate, badges, a time of the day.
    pub before: Option<String>,
    /// What it is; of a party that leaves the trip, the trip it is on then.
    pub after: Option<String>,
    /// Why, as far as it is known: `vehicle`, `staff`, `party_gone`, `party_later`, `party_other`, `site`, `law` or `making_room`.
    pub causes: Vec<&'static str>,
}

/// What a plan comes to, in the order of importance, and what no plan that moves the same parties can do without.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasureView {
    /// Persons left out.
    pub persons_left: u32,
    /// Trips.
    pub trips: usize,
    /// The fewest that there could be.
    pub fewest_trips: usize,
    /// Minutes that vehicles are out.
    pub vehicle_minutes: i64,
    /// The fewest that there could be.
    pub fewest_vehicle_minutes: i64,
    /// Person-minutes between being ready and boarding.
    pub waiting_person_minutes: i64,
    /// Distance.
    pub km: f64,
}

/// A trip of a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedTripView {
    /// Its name in the proposal.
    pub name: String,
    /// The number of the trip it was announced as.
    pub number: Option<String>,
    /// The number plate.
    pub plate: String,
    /// When it leaves the depot.
    #[schema(format = DateTime)]
    pub departs_at: String,
    /// When it is back.
    #[schema(format = DateTime)]
    pub returns_at: String,
    /// Persons aboard.
    pub persons: u32,
    /// How many may ride.
    pub load_cap: u32,
    /// Who works on it.
    pub crew: Vec<HoursView>,
    /// Who rides, in the order of boarding.
    pub parties: Vec<RideView>,
}

/// What somebody works on a trip.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoursView {
    /// The number on the badge.
    pub badge: String,
    /// `driver`, `medic` or `escort`.
    pub role: &'static str,
    /// Minutes on duty.
    pub duty_minutes: Minute,
    /// Minutes at the wheel.
    pub driving_minutes: Minute,
}

/// A party's ride.
#[derive(Debug, Serialize, ToSchema)]
pub struct RideView {
    /// The id of the party.
    pub party: String,
    /// Persons.
    pub persons: u32,
    /// The code of the organisation where it boards.
    pub from_organisation: Option<String>,
    /// When it boards.
    #[schema(format = DateTime)]
    pub boards_at: String,
}

/// A party that is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOutView {
    /// The id of the party.
    pub party: String,
    /// Persons.
    pub persons: u32,
    /// Why: `no_suitable_vehicle`, `site_hours`, `site_full`, `pickup_window`, `ride_too_long`, `no_vehicle_free`, `no_crew_free`, `driving_law`,
    /// `other_risk_only`, `outranked` or `by_hand`.
    pub reason: &'static str,
}

/// The trips that a proposal became.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnouncedView {
    /// As they leave.
    pub items: Vec<AnnouncedTripView>,
}

/// A trip that a planned trip became.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnouncedTripView {
    /// Its name in the proposal.
    pub name: String,
    /// The id of the trip.
    pub trip: Uuid,
    /// Its number.
    pub number: String,
}

impl From<Proposal> for ProposalView {
    fn from(proposal: Proposal) -> Self {
        Self {
            id: proposal.id.uuid(),
            on: proposal.on.to_string(),
            scope: proposal.scope,
            state: proposal.state.name(),
            progress: proposal.progress,
            seconds: proposal.seconds,
            started_by: proposal.started_by,
            started_at: in_shanghai(proposal.started_at),
            changed_by: proposal.changed_by,
            changed_at: in_shanghai(proposal.changed_at),
            version: proposal.version,
        }
    }
}

impl ProposalSheetView {
    fn of(app: &App, sheet: ProposalSheet) -> Self {
        let measure = sheet.measure().map(|(objective, bounds)| MeasureView {
            persons_left: objective.persons_left,
            trips: objective.trips,
            fewest_trips: bounds.trips,
            vehicle_minutes: objective.vehicle_minutes,
            fewest_vehicle_minutes: bounds.vehicle_minutes,
            waiting_person_minutes: objective.waiting,
            km: objective.km10 as f64 / 10.0,
        });
        let parties = &sheet.day.problem.parties;
        let left = sheet.plan.iter().flat_map(|plan| &plan.left_out).map(|left| {
            let party = &parties[left.party as usize];
            LeftOutView { party: party.id.clone(), persons: party.size, reason: left.reason.as_str() }
        });
        Self {
            kept: sheet.day.kept,
            ways: sheet.day.ways.name(),
            parties: parties.len(),
            persons: parties.iter().map(|party| party.size).sum(),
            measure,
            trips: sheet.plan.iter().flat_map(|plan| &plan.trips).map(|trip| PlannedTripView::of(app, &sheet, trip)).collect(),
            left_out: left.collect(),
            anew: sheet.day.standing.is_some(),
            changes: sheet.changes().iter().map(PlanChangeView::of).collect(),
            proposal: sheet.proposal.into(),
        }
    }
}

impl PlanChangeView {
    fn of(change: &Change) -> Self {
        let (before, after) = change.before_and_after();
        let causes = change.because.iter().map(|cause| cause.as_str()).collect();
        Self { trip: change.trip.clone(), what: change.word(), party: change.party().map(str::to_owned), before, after, causes }
    }
}

impl PlannedTripView {
    fn of(app: &App, sheet: &ProposalSheet, trip: &PlannedTrip) -> Self {
        let (day, problem) = (&sheet.day, &sheet.day.problem);
        let vehicle = &problem.vehicles[trip.vehicle as usize];
        let crew = trip.crew().map(|number| {
            let (member, hours) = (&problem.staff[number as usize], trip.hours(number, problem.limits.rest));
            let role = match member.role {
                Role::Driver => "driver",
                Role::Medic => "medic",
                Role::Escort => "escort",
            };
            HoursView { badge: member.id.clone(), role, duty_minutes: hours.duty, driving_minutes: hours.driving }
        });
        let rides = trip.acts.iter().filter_map(|act| {
            let Deed::Board { party, at } = act.deed else { return None };
            let party = &problem.parties[party as usize];
            let from_organisation = app.code_of(day.places[at as usize]);
            Some(RideView { party: party.id.clone(), persons: party.size, from_organisation, boards_at: in_shanghai(day.instant(act.start)) })
        });
        Self {
            name: trip.id.clone(),
            number: sheet.announced_as.iter().find(|announced| announced.name == trip.id).map(|announced| announced.number.clone()),
            plate: vehicle.id.clone(),
            departs_at: in_shanghai(day.instant(trip.start())),
            returns_at: in_shanghai(day.instant(trip.end())),
            persons: trip.persons(problem),
            load_cap: trip.cap(problem),
            crew: crew.collect(),
            parties: rides.collect(),
        }
    }
}

/// Lists the proposals of a day.
#[utoipa::path(get, path = "/api/v1/proposals", params(DayQuery), responses((status = 200, description = "Proposals", body = ProposalsView)))]
pub async fn list_proposals(call: Call, query: Query<DayQuery>) -> Result<Answer, Problem> {
    let (on, now) = (date("on", &query.on)?, call.app.db().clock().now());
    let work = move |conn: &mut Conn, actor: &Actor| {
        Ok(ProposalsView { items: dispatch::proposals_on(conn, actor, now, on)?.into_iter().map(ProposalView::from).collect() })
    };
    call.read(work).await
}

/// Shows a proposal with its trips.
#[utoipa::path(get, path = "/api/v1/proposals/{id}", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The proposal", body = ProposalSheetView)))]
pub async fn show_proposal(call: Call, id: Path<Id<Proposal>>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let now = app.db().clock().now();
    call.read(move |conn, actor| dispatch::proposal_get(conn, actor, now, *id).map(|sheet| ProposalSheetView::of(&app, sheet))).await
}

/// Plans a day: the search goes on beside the requests, and its best plan so far can be looked at any time.
#[utoipa::path(post, path = "/api/v1/proposals", request_body = ProposalBody, responses((status = 201, description = "Begun", body = ProposalView)))]
pub async fn start_proposal(Write { call, body }: Write<ProposalBody>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let planning = Planning::of(&app, &call.actor, date("on", &body.on)?, body.seconds.unwrap_or(SECONDS), body.anew).await?;
    let asking = planning.clone();
    let answer = call.write(StatusCode::CREATED, move |tx, actor| asking.ask(tx, actor).map(ProposalView::from)).await?;
    planning.begin(&app)?;
    Ok(answer)
}

/// Stops the search of a proposal; the best plan so far is there within a second or so.
#[utoipa::path(post, path = "/api/v1/proposals/{id}/stop", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The proposal", body = ProposalView)))]
pub async fn stop_proposal(Write { call, .. }: Write<NoBody>, id: Path<Id<Proposal>>) -> Result<Answer, Problem> {
    call.write(StatusCode::OK, move |tx, actor| dispatch::proposal_stop(tx, actor, *id).map(ProposalView::from)).await
}

/// Moves a party to another trip, to one of its own, or off; what the rules are against is told and not done.
#[utoipa::path(post, path = "/api/v1/proposals/{id}/move", params(("id" = Uuid, Path)), request_body = MoveBody,
    responses((status = 200, description = "The proposal", body = ProposalView)))]
pub async fn move_party(Write { call, body }: Write<MoveBody>, id: Path<Id<Proposal>>) -> Result<Answer, Problem> {
    let seen = call.seen();
    let (party, target) = (body.party.to_string(), Target::read(&body.to));
    call.write(StatusCode::OK, move |tx, actor| dispatch::proposal_move(tx, actor, *id, seen, &party, &target).map(ProposalView::from)).await
}

/// Makes and announces the trips of a proposal, with crews and seats, and changes those that had been announced: all of it, or nothing if somebody was
/// first.
#[utoipa::path(post, path = "/api/v1/proposals/{id}/announce", params(("id" = Uuid, Path)), request_body = AnnounceBody,
    responses((status = 200, description = "The trips", body = AnnouncedView)))]
pub async fn announce_proposal(Write { call, body }: Write<AnnounceBody>, id: Path<Id<Proposal>>) -> Result<Answer, Problem> {
    let (seen, app) = (call.seen(), call.app.clone());
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let trips = dispatch::proposal_announce(tx, actor, app.rulebook(), app.disinfection(), *id, seen, body.because.as_deref())?;
        let view = |trip: dispatch::AnnouncedAs| AnnouncedTripView { name: trip.name, trip: trip.trip.uuid(), number: trip.number };
        Ok(AnnouncedView { items: trips.into_iter().map(view).collect() })
    };
    call.write(StatusCode::OK, work).await
}
