//! The planner's proposal for a day: on a timeline, by city, trip by trip with crews and their hours, and who is left out, why. Parties are moved
//! by hand, each move judged at once; announcing makes all the trips or none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Query};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::timeline::{Timeline, clock};
use crate::arrivals::{self, Identity, Traveller, TravellerId};
use crate::base::time::{civil_date, parse_date};
use crate::base::{Error, Id, Language, Message, Result};
use crate::db::Conn;
use crate::dispatch::plan::{Change, Deed, Minute, PartyNo, Plan, PlannedTrip, Reason, Role, Target};
use crate::dispatch::{self, Day, Proposal, ProposalSheet, ProposalState, Ways};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::planning::{Planning, SECONDS};
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "trips/proposal.html", config = ".askama.toml")]
struct ProposalPage {
    frame: Frame,
    on: NaiveDate,
    title: String,
    seconds: i32,
    refusals: Vec<String>,
    shown: Option<Shown>,
    others: Vec<(String, String)>,
    /// Whether something of the day was announced of a proposal.
    has_announced: bool,
}

/// A proposal as it is shown.
struct Shown {
    id: String,
    version: i32,
    state: String,
    tag: &'static str,
    history: Vec<String>,
    is_searching: bool,
    is_open: bool,
    progress: i32,
    verdict: Vec<String>,
    kept: Option<String>,
    ways: String,
    has_failed: bool,
    announce: Option<String>,
    /// Whether what was announced is planned anew, and what changes of it.
    is_anew: bool,
    changes: Vec<String>,
    timeline: Option<Timeline>,
    cities: Vec<CityLine>,
    left_out: Vec<PartyLine>,
    trips: Vec<TripCard>,
    targets: Vec<(String, String)>,
    chosen: Option<Chosen>,
}

/// What the reader has chosen to move, and where.
#[derive(Default)]
struct Chosen {
    label: String,
    to: String,
}

/// A city's parties.
struct CityLine {
    name: String,
    parties: usize,
    persons: u32,
    moved: u32,
    left: u32,
}

/// A trip.
struct TripCard {
    name: String,
    announced: Option<(String, String)>,
    plate: String,
    span: String,
    persons: u32,
    cap: u32,
    crew: Vec<CrewLine>,
    parties: Vec<PartyLine>,
}

/// One of a crew, with the hours of this trip and of the whole day.
struct CrewLine {
    badge: String,
    role: String,
    duty: String,
    driving: Option<String>,
    whole_day: Option<String>,
}

/// A party, on a trip or left out.
struct PartyLine {
    id: String,
    leader: String,
    names: String,
    persons: u32,
    city: String,
    waits_at: String,
    boards: String,
    alights: String,
    reason: String,
    is_chosen: bool,
}

/// Which day, and of a proposal which party is being moved.
#[derive(Debug, Deserialize)]
pub struct ProposalQuery {
    on: Option<String>,
    party: Option<String>,
}

/// A search that is wanted.
#[derive(Debug, Deserialize)]
pub struct StartForm {
    on: String,
    seconds: i32,
    anew: Option<String>,
}

/// A party that is to be moved, and where to. The version is that of the proposal as the reader saw it.
#[derive(Debug, Deserialize)]
pub struct MoveForm {
    version: i32,
    party: Option<String>,
    to: String,
}

/// The proposal as the reader saw it, and why something that was announced changes.
#[derive(Debug, Deserialize)]
pub struct AnnounceForm {
    version: i32,
    because: Option<String>,
}

/// What is read for the page.
struct Seen {
    sheet: Option<ProposalSheet>,
    others: Vec<Proposal>,
    leaders: HashMap<TravellerId, Traveller>,
    identities: HashMap<TravellerId, Identity>,
}

/// Shows the latest proposal for a day, tomorrow if none is named, and the form that asks for one.
pub async fn show_day(call: Call, query: Query<ProposalQuery>) -> Result<HttpResponse, Problem> {
    let tomorrow = civil_date(call.app.db().clock().now()) + TimeDelta::days(1);
    let on = query.on.as_deref().map(|text| parse_date(text).ok_or_else(|| Error::invalid("on", Message::new("bad_date")))).transpose()?;
    proposal_page(call, Wanted::Day(on.unwrap_or(tomorrow)), None, None).await
}

/// Shows a proposal.
pub async fn show(call: Call, id: Path<Id<Proposal>>, query: Query<ProposalQuery>) -> Result<HttpResponse, Problem> {
    let moving = query.into_inner().party.map(|party| (party, String::new()));
    proposal_page(call, Wanted::One(*id), moving, None).await
}

/// Asks for a plan of a day and begins to search for it.
pub async fn start(call: Call, form: Form<StartForm>) -> Result<HttpResponse, Problem> {
    let on = parse_date(&form.on).ok_or_else(|| Error::invalid("on", Message::new("bad_date")))?;
    let planning = Planning::of(&call.app, &call.actor, on, form.seconds, form.anew.is_some()).await?;
    let (actor, asking) = (call.actor.clone(), planning.clone());
    match call.app.write(move |tx| asking.ask(tx, &actor)).await {
        Ok(proposal) => {
            planning.begin(&call.app)?;
            Ok(go(&format!("/trips/proposals/{}", proposal.id)))
        }
        Err(error) => proposal_page(call, Wanted::Day(on), None, Some(error)).await,
    }
}

/// Stops a search.
pub async fn stop(call: Call, id: Path<Id<Proposal>>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), *id);
    call.app.write(move |tx| dispatch::proposal_stop(tx, &actor, id)).await?;
    Ok(go(&format!("/trips/proposals/{id}")))
}

/// Moves a party, or tells which rules are against it.
pub async fn shift(call: Call, id: Path<Id<Proposal>>, form: Form<MoveForm>) -> Result<HttpResponse, Problem> {
    let (actor, id, MoveForm { version, party, to }) = (call.actor.clone(), *id, form.into_inner());
    let Some(party) = party else {
        return proposal_page(call, Wanted::One(id), None, Some(Error::invalid("party", Message::new("proposal_nobody_chosen")))).await;
    };
    let (name, target) = (party.clone(), Target::read(&to));
    match call.app.write(move |tx| dispatch::proposal_move(tx, &actor, id, Some(version), &name, &target)).await {
        Ok(_) => Ok(go(&format!("/trips/proposals/{id}?party={party}#party-{party}"))),
        Err(error) => proposal_page(call, Wanted::One(id), Some((party, to)), Some(error)).await,
    }
}

/// Makes and announces the trips, and goes to the day that they are on.
pub async fn announce(call: Call, id: Path<Id<Proposal>>, form: Form<AnnounceForm>) -> Result<HttpResponse, Problem> {
    let (actor, app, id, AnnounceForm { version, because }) = (call.actor.clone(), call.app.clone(), *id, form.into_inner());
    let announced =
        call.app.write(move |tx| dispatch::proposal_announce(tx, &actor, app.rulebook(), app.disinfection(), id, Some(version), because.as_deref()));
    match announced.await {
        Ok(_) => Ok(go(&format!("/trips/proposals/{id}"))),
        Err(error) => proposal_page(call, Wanted::One(id), None, Some(error)).await,
    }
}

/// Which proposal is shown.
#[derive(Clone, Copy)]
enum Wanted {
    Day(NaiveDate),
    One(Id<Proposal>),
}

async fn proposal_page(call: Call, wanted: Wanted, moving: Option<(String, String)>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusals = refusal.map(|error| told(error, call.language)).transpose()?.unwrap_or_default();
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let now = call.app.db().clock().now();
    let seen = call.app.read(move |conn| {
        let (on, sheet) = match wanted {
            Wanted::One(id) => {
                let sheet = dispatch::proposal_get(conn, &actor, now, id)?;
                (sheet.proposal.on, Some(sheet))
            }
            Wanted::Day(on) => {
                let all = dispatch::proposals_on(conn, &actor, now, on)?;
                let latest = all.iter().find(|one| one.state != ProposalState::Replaced).map(|one| one.id);
                (on, latest.map(|id| dispatch::proposal_get(conn, &actor, now, id)).transpose()?)
            }
        };
        let others = dispatch::proposals_on(conn, &actor, now, on)?;
        Ok((on, read(conn, &app, sheet, others)?))
    });
    let (on, seen) = seen.await?;
    let writer = Writer { seen: &seen, app: &call.app, language: call.language, moving };
    let shown_id = seen.sheet.as_ref().map(|sheet| sheet.proposal.id);
    let others = seen.others.iter().filter(|one| Some(one.id) != shown_id).map(|one| (one.id.to_string(), writer.other(one)));
    let page_shown = ProposalPage {
        on,
        title: words::day(on, call.language),
        seconds: SECONDS,
        refusals,
        shown: seen.sheet.as_ref().map(|sheet| writer.shown(sheet)),
        others: others.collect(),
        has_announced: seen.others.iter().any(|one| one.state == ProposalState::Announced),
        frame: Frame::of(&call),
    };
    page(code, &page_shown)
}

fn read(conn: &mut Conn, app: &App, sheet: Option<ProposalSheet>, others: Vec<Proposal>) -> Result<Seen> {
    let leaders: Vec<TravellerId> = sheet.iter().flat_map(|sheet| &sheet.day.parties).filter_map(|party| party.first().copied()).collect();
    Ok(Seen {
        identities: arrivals::identities(conn, app.keyring(), &leaders)?.into_iter().collect(),
        leaders: arrivals::get(conn, &leaders)?.into_iter().map(|person| (person.id, person)).collect(),
        sheet,
        others,
    })
}

/// Puts what was read into words.
struct Writer<'a> {
    seen: &'a Seen,
    app: &'a App,
    language: Language,
    /// The party that is being moved, and the last target.
    moving: Option<(String, String)>,
}

impl Writer<'_> {
    fn state(&self, proposal: &Proposal) -> String {
        self.language.text(&format!("proposal_state_{}", proposal.state.name()))
    }

    fn other(&self, proposal: &Proposal) -> String {
        let at = words::moment(proposal.started_at, civil_date(self.app.db().clock().now()), self.language);
        format!("{at} {} · {}", proposal.started_by, self.state(proposal))
    }

    fn shown(&self, sheet: &ProposalSheet) -> Shown {
        let proposal = &sheet.proposal;
        let nothing = Plan::default();
        let plan = sheet.plan.as_ref().unwrap_or(&nothing);
        let persons: u32 = plan.trips.iter().map(|trip| trip.persons(&sheet.day.problem)).sum();
        let is_open = proposal.state.is_open() && sheet.plan.is_some();
        let changes = sheet.changes();
        let standing = sheet.day.standing.as_ref();
        let announce = match standing {
            None => Message::new("proposal_announce").with("trips", plan.trips.len()).with("persons", persons),
            Some(standing) => {
                let changed: BTreeSet<&str> = changes.iter().map(|change| change.trip.as_str()).collect();
                let is_new = |trip: &&PlannedTrip| standing.trips().all(|(_, announced)| announced.id != trip.id);
                Message::new("proposal_announce_anew").with("changed", changed.len()).with("new", plan.trips.iter().filter(is_new).count())
            }
        };
        let is_something = !plan.trips.is_empty() || !changes.is_empty();
        let mut trips: Vec<&PlannedTrip> = plan.trips.iter().collect();
        trips.sort_by_key(|trip| (sheet.day.problem.vehicles[trip.vehicle as usize].province, trip.start()));
        let left_out = plan.left_out.iter().map(|left| {
            let reason = self.reason(left.reason);
            PartyLine { reason, ..self.party(&sheet.day, left.party) }
        });
        Shown {
            id: proposal.id.to_string(),
            version: proposal.version,
            state: self.state(proposal),
            tag: tag(proposal.state),
            history: self.history(proposal),
            is_searching: proposal.state == ProposalState::Searching,
            is_open,
            progress: proposal.progress,
            verdict: self.verdict(sheet),
            kept: (sheet.day.kept > 0).then(|| Message::new("plan_kept").with("people", sheet.day.kept).text(self.language)),
            ways: self.ways(&sheet.day),
            has_failed: matches!(sheet.day.ways, Ways::Failed { .. }),
            announce: (is_open && is_something).then(|| announce.text(self.language)),
            is_anew: standing.is_some(),
            changes: changes.iter().map(|change| self.change(&sheet.day, change)).collect(),
            timeline: (!plan.trips.is_empty()).then(|| Timeline::of(&sheet.day, plan, |trip| self.bar(&sheet.day, trip))),
            cities: self.cities(&sheet.day, plan),
            left_out: left_out.collect(),
            targets: trips.iter().map(|trip| (trip.id.clone(), self.target(&sheet.day, trip))).collect(),
            trips: trips.into_iter().map(|trip| self.trip(sheet, plan, trip)).collect(),
            chosen: self.moving.as_ref().and_then(|(party, to)| {
                let number = sheet.day.problem.parties.iter().position(|one| one.id == *party)?;
                Some(Chosen { label: self.party(&sheet.day, number as PartyNo).names, to: to.clone() })
            }),
        }
    }

    fn change(&self, day: &Day, change: &Change) -> String {
        let number = change.party().and_then(|party| day.problem.parties.iter().position(|one| one.id == party));
        // Of a party that is no longer to be moved nothing is read but that it was on the trip.
        let party = number.map_or_else(|| self.language.text("desk_party"), |number| self.party(day, number as PartyNo).names);
        change.text(&party, self.language)
    }

    fn history(&self, proposal: &Proposal) -> Vec<String> {
        let today = civil_date(self.app.db().clock().now());
        let told = |code, by: &str, at| Message::new(code).with("by", by).with("at", words::moment(at, today, self.language)).text(self.language);
        let mut history = vec![told("proposal_started_by", &proposal.started_by, proposal.started_at)];
        match proposal.state {
            ProposalState::Announced => history.push(told("proposal_announced_by", &proposal.changed_by, proposal.changed_at)),
            _ if proposal.version > 1 => history.push(told("proposal_changed_by", &proposal.changed_by, proposal.changed_at)),
            _ => {}
        }
        history
    }

    fn ways(&self, day: &Day) -> String {
        let message = match &day.ways {
            Ways::Estimated => Message::new("ways_estimated"),
            Ways::Measured => Message::new("ways_measured"),
            Ways::Failed { cause } => Message::new("ways_failed").with("cause", cause),
        };
        message.text(self.language)
    }

    /// What the plan comes to, beside what none could undercut.
    fn verdict(&self, sheet: &ProposalSheet) -> Vec<String> {
        let Some((objective, bounds)) = sheet.measure() else { return Vec::new() };
        let persons: u32 = sheet.day.problem.parties.iter().map(|party| party.size).sum();
        let hours = |minutes: i64| format!("{:.1}", minutes as f64 / 60.0);
        let moved = Message::new("plan_moved").with("moved", persons - objective.persons_left).with("persons", persons).with("left", objective.persons_left);
        let trips = Message::new("plan_trips").with("trips", objective.trips).with("bound", bounds.trips);
        let time = Message::new("plan_hours").with("hours", hours(objective.vehicle_minutes)).with("bound", hours(bounds.vehicle_minutes));
        let rest = Message::new("plan_waiting").with("hours", hours(objective.waiting)).with("km", objective.km10 / 10);
        [moved, trips, time, rest].map(|message| message.text(self.language)).into()
    }

    fn reason(&self, reason: Reason) -> String {
        Message::new("plan_reason_name").with("reason", reason.as_str()).text(self.language)
    }

    fn cities(&self, day: &Day, plan: &Plan) -> Vec<CityLine> {
        let left: Vec<PartyNo> = plan.left_out.iter().map(|left| left.party).collect();
        let mut cities: BTreeMap<String, CityLine> = BTreeMap::new();
        for (number, party) in (0..).zip(&day.problem.parties) {
            let name = self.city(day, number);
            let line = cities.entry(name.clone()).or_insert(CityLine { name, parties: 0, persons: 0, moved: 0, left: 0 });
            line.parties += 1;
            line.persons += party.size;
            if left.contains(&number) {
                line.left += party.size;
            } else if !plan.trips.is_empty() {
                line.moved += party.size;
            }
        }
        cities.into_values().collect()
    }

    fn leader(&self, day: &Day, number: PartyNo) -> Option<&Traveller> {
        self.seen.leaders.get(day.parties.get(number as usize)?.first()?)
    }

    fn city(&self, day: &Day, number: PartyNo) -> String {
        let bound = self.leader(day, number).and_then(|person| person.destination.as_ref());
        bound.map(|bound| words::place(&self.app.rulebook().places, &bound.city, self.language)).unwrap_or_default()
    }

    fn party(&self, day: &Day, number: PartyNo) -> PartyLine {
        let party = &day.problem.parties[number as usize];
        let leader = day.parties.get(number as usize).and_then(|people| people.first().copied());
        let name = words::masked(leader.and_then(|leader| self.seen.identities.get(&leader)));
        let names = if party.size < 2 { name } else { Message::new("proposal_party").with("name", name).with("n", party.size).text(self.language) };
        PartyLine {
            is_chosen: self.moving.as_ref().is_some_and(|(moving, _)| *moving == party.id),
            id: party.id.clone(),
            leader: leader.map(|leader| leader.to_string()).unwrap_or_default(),
            names,
            persons: party.size,
            city: self.city(day, number),
            waits_at: words::organisation_of(&self.app.rulebook().organisations, day.places[party.pickup as usize], self.language),
            boards: String::new(),
            alights: String::new(),
            reason: String::new(),
        }
    }

    fn bar(&self, day: &Day, trip: &PlannedTrip) -> (String, String) {
        let province = self.province(day, trip);
        let load = format!("{}/{}", trip.persons(&day.problem), trip.cap(&day.problem));
        (format!("{} {province} {load}", trip.id), format!("{} {province} {}–{} {load}", trip.id, clock(trip.start()), clock(trip.end())))
    }

    fn province(&self, day: &Day, trip: &PlannedTrip) -> String {
        let province = day.problem.vehicles[trip.vehicle as usize].province;
        words::province(&self.app.rulebook().places, &day.problem.provinces[province as usize], self.language)
    }

    fn target(&self, day: &Day, trip: &PlannedTrip) -> String {
        let plate = &day.problem.vehicles[trip.vehicle as usize].id;
        let choice = Message::new("proposal_target").with("trip", &trip.id).with("plate", plate).with("province", self.province(day, trip));
        let boards = trip.acts.iter().find(|act| matches!(act.deed, Deed::Board { .. })).map_or(trip.start(), |act| act.start);
        choice.with("at", clock(boards)).with("free", trip.cap(&day.problem).saturating_sub(trip.persons(&day.problem))).text(self.language)
    }

    fn trip(&self, sheet: &ProposalSheet, plan: &Plan, trip: &PlannedTrip) -> TripCard {
        let day = &sheet.day;
        let announced = sheet.announced_as.iter().find(|announced| announced.name == trip.id);
        let at = |wanted: &dyn Fn(Deed) -> bool| trip.acts.iter().find(|act| wanted(act.deed)).map(|act| clock(act.start)).unwrap_or_default();
        let party = |number: PartyNo| PartyLine {
            boards: at(&|deed| matches!(deed, Deed::Board { party, .. } if party == number)),
            alights: at(&|deed| matches!(deed, Deed::Alight { party, .. } if party == number)),
            ..self.party(day, number)
        };
        TripCard {
            name: trip.id.clone(),
            announced: announced.map(|announced| (announced.trip.to_string(), announced.number.clone())),
            plate: day.problem.vehicles[trip.vehicle as usize].id.clone(),
            span: format!("{}–{}", clock(trip.start()), clock(trip.end())),
            persons: trip.persons(&day.problem),
            cap: trip.cap(&day.problem),
            crew: trip.crew().map(|member| self.crew(day, plan, trip, member)).collect(),
            parties: trip.parties().map(party).collect(),
        }
    }

    fn crew(&self, day: &Day, plan: &Plan, trip: &PlannedTrip, number: u32) -> CrewLine {
        let (member, rest) = (&day.problem.staff[number as usize], day.problem.limits.rest);
        let role = match member.role {
            Role::Driver => "staff_driver",
            Role::Medic => "staff_medic",
            Role::Escort => "staff_escort",
        };
        let length = |minutes: Minute| words::length(TimeDelta::minutes(minutes.into()), self.language);
        let hours = trip.hours(number, rest);
        let trips: Vec<&PlannedTrip> = plan.trips.iter().filter(|other| other.crew().any(|one| one == number)).collect();
        let whole_day: Minute = trips.iter().map(|other| other.hours(number, rest).driving).sum();
        CrewLine {
            badge: member.id.clone(),
            role: self.language.text(role),
            duty: length(hours.duty),
            driving: (member.role == Role::Driver).then(|| length(hours.driving)),
            whole_day: (trips.len() > 1 && member.role == Role::Driver).then(|| length(whole_day)),
        }
    }
}

fn tag(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Searching => "moving",
        ProposalState::Interrupted => "late",
        ProposalState::Ready => "waiting",
        ProposalState::Announced => "arrived",
        ProposalState::Replaced => "off",
    }
}
