//! One person's history as a timeline that explains every date: what the ledger says happened, results, holds, seats, changes of what is
//! known, and what is still to come. Who it is is masked until somebody says why they must see it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::owed::{self, OwedLine};
use super::{Frame, go, page, told, typed_instant, words};
use crate::access::{Act, Actor, audit, mask};
use crate::arrivals::{self, Change, Hold, HoldKind, Identity, RideNeeds, Sampling, TestResult, Traveller, TravellerId};
use crate::base::time::{civil_date, midnight};
use crate::base::{Error, Id, Language, Message, Result};
use crate::custody::obligation::{self, NewObligation, Obligation, ObligationKind};
use crate::db::Conn;
use crate::dispatch::{self, Trip};
use crate::ledger::{self, Entry, Kind};
use crate::places::Organisation;
use crate::policy::Rulebook;
use crate::web::call::Call;
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "person.html", config = ".askama.toml")]
struct PersonPage {
    frame: Frame,
    id: String,
    name: String,
    document: String,
    phone: String,
    is_open: bool,
    state: String,
    custodian: String,
    bound_for: String,
    flight: String,
    flight_id: String,
    story: Vec<Event>,
    because: Vec<String>,
    blocks: Vec<String>,
    holds: Vec<OpenHold>,
    refusal: Option<String>,
    reveal_reasons: Vec<String>,
    hold_kinds: Vec<(&'static str, String)>,
    owed: Vec<OwedLine>,
    owed_kinds: Vec<(&'static str, String)>,
    needs: RideNeeds,
    may_need: bool,
    may_reveal: bool,
    may_hold: bool,
    may_lift: bool,
    /// Whether the person is a case whose contacts the reader may hold.
    may_trace: bool,
    /// Whether the reader answers for the person, and so owes what is owed.
    may_do: bool,
}

/// Something that happened, or is to come.
struct Event {
    at: DateTime<Utc>,
    when: String,
    text: String,
    detail: String,
    /// Of the chain of custody, beside it, bad, or still ahead: the shape of its mark.
    shape: &'static str,
    link: Option<String>,
}

/// A hold that stands.
struct OpenHold {
    id: String,
    text: String,
}

/// Why, as typed or chosen.
#[derive(Deserialize)]
pub struct ReasonForm {
    reason: String,
}

/// A hold to set.
#[derive(Deserialize)]
pub struct HoldForm {
    kind: String,
    reason: String,
}

/// What the person takes up on a ride; a box that is not ticked is not sent.
#[derive(Deserialize)]
pub struct NeedsForm {
    wheelchair: Option<String>,
    child_seat: Option<String>,
    #[serde(default)]
    luggage: String,
}

/// Something owed, as typed.
#[derive(Deserialize)]
pub struct OwedForm {
    kind: String,
    words: String,
    #[serde(default)]
    due_at: String,
}

/// All that is read about a person.
struct Seen {
    person: Traveller,
    identity: Option<Identity>,
    flight: Option<arrivals::Flight>,
    history: Vec<Entry>,
    results: Vec<TestResult>,
    holds: Vec<Hold>,
    changes: Vec<Change>,
    trips: Vec<(Trip, i32)>,
    blocks: Vec<arrivals::Block>,
    tests: Vec<Sampling>,
    written: Vec<Obligation>,
    needs: RideNeeds,
}

/// Shows it.
pub async fn show(call: Call, id: Path<TravellerId>) -> Result<HttpResponse, Problem> {
    person_page(call, *id, None, None).await
}

/// Opens who it is, for this once and with a reason, which is logged.
pub async fn reveal(call: Call, id: Path<TravellerId>, form: Form<ReasonForm>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, id) = (call.actor.clone(), call.app.keyring().clone(), *id);
    let opened = call.app.write(move |tx| {
        let reason = form.reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("reason", Message::new("reason_missing")));
        }
        let identity = arrivals::identity(tx, &actor, &keyring, id)?;
        audit::record(tx, &actor, Act::RevealIdentity, audit::Subject::of("traveller", id), Some(reason))?;
        Ok(identity)
    });
    match opened.await {
        Ok(identity) => person_page(call, id, Some(identity), None).await,
        Err(error) => person_page(call, id, None, Some(error)).await,
    }
}

/// Sets a hold.
pub async fn hold(call: Call, id: Path<TravellerId>, form: Form<HoldForm>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), *id);
    let set = call.app.write(move |tx| {
        let kind = HoldKind::from_name(&form.kind).ok_or_else(|| Error::invalid("kind", Message::new("body_unreadable")))?;
        arrivals::hold(tx, &actor, id, kind, &form.reason)
    });
    match set.await {
        Ok(_) => Ok(go(&format!("/people/{id}"))),
        Err(error) => person_page(call, id, None, Some(error)).await,
    }
}

/// Lifts a hold.
pub async fn lift(call: Call, ids: Path<(TravellerId, Id<Hold>)>, form: Form<ReasonForm>) -> Result<HttpResponse, Problem> {
    let (actor, (id, hold)) = (call.actor.clone(), ids.into_inner());
    match call.app.write(move |tx| arrivals::lift(tx, &actor, hold, &form.reason)).await {
        Ok(()) => Ok(go(&format!("/people/{id}"))),
        Err(error) => person_page(call, id, None, Some(error)).await,
    }
}

/// Says what the person takes up on a ride besides a seat.
pub async fn need(call: Call, id: Path<TravellerId>, form: Form<NeedsForm>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), *id);
    let (wheelchairs, child_seats) = (form.wheelchair.is_some().into(), form.child_seat.is_some().into());
    let said = call.app.write(move |tx| {
        let luggage = match form.luggage.trim() {
            "" => 0,
            text => text.parse().map_err(|_| Error::invalid("luggage", Message::new("plan_not_a_count").with("least", 0).with("most", 50)))?,
        };
        arrivals::need(tx, &actor, id, RideNeeds { wheelchairs, child_seats, luggage })
    });
    match said.await {
        Ok(()) => Ok(go(&format!("/people/{id}"))),
        Err(error) => person_page(call, id, None, Some(error)).await,
    }
}

/// Writes down what is owed to the person.
pub async fn owe(call: Call, id: Path<TravellerId>, form: Form<OwedForm>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, id) = (call.actor.clone(), call.app.keyring().clone(), *id);
    let added = call.app.write(move |tx| {
        let kind = ObligationKind::from_name(&form.kind).ok_or_else(|| Error::invalid("kind", Message::new("body_unreadable")))?;
        let due_at = Some(form.due_at.trim()).filter(|text| !text.is_empty());
        let due_at = due_at.map(|text| typed_instant("due_at", text)).transpose()?;
        obligation::add(tx, &actor, &keyring, &NewObligation { traveller: id, kind, words: form.words.clone(), due_at })
    });
    match added.await {
        Ok(_) => Ok(go(&format!("/people/{id}"))),
        Err(error) => person_page(call, id, None, Some(error)).await,
    }
}

/// Records that it was done.
pub async fn do_owed(call: Call, ids: Path<(TravellerId, Id<Obligation>)>) -> Result<HttpResponse, Problem> {
    let (actor, (id, obligation)) = (call.actor.clone(), ids.into_inner());
    match call.app.write(move |tx| obligation::done(tx, &actor, obligation)).await {
        Ok(()) => Ok(go(&format!("/people/{id}"))),
        Err(error) => person_page(call, id, None, Some(error)).await,
    }
}

async fn person_page(call: Call, id: TravellerId, opened: Option<Identity>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusal = refusal.map(|error| told(error, call.language)).transpose()?.map(|said| said.join(" "));
    let (actor, app, now) = (call.actor.clone(), call.app.clone(), call.app.db().clock().now());
    let mut seen = call.app.read(move |conn| read(conn, &actor, &app, id, now)).await?;
    let own = call.actor.organisation().map(|code| Organisation::id_of(code.as_str()));
    if own.is_some() && seen.person.custody.custodian == own && !seen.written.is_empty() {
        // Whoever answers for the person reads the words of what is owed, which is logged.
        let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
        seen.written = call.app.write(move |tx| obligation::of_traveller(tx, &actor, &keyring, id)).await?;
    }
    page(code, &shown(&call, seen, opened, refusal, now))
}

fn read(conn: &mut Conn, actor: &Actor, app: &crate::web::app::App, id: TravellerId, now: DateTime<Utc>) -> Result<Seen> {
    let person = arrivals::find(conn, actor, id)?;
    let clearance = arrivals::clearances(conn, app.rulebook(), &[id], civil_date(now))?.pop();
    Ok(Seen {
        identity: arrivals::identities(conn, app.keyring(), &[id])?.pop().map(|(_, identity)| identity),
        flight: arrivals::flights(conn, &[person.flight])?.pop(),
        history: ledger::history(conn, id)?,
        results: arrivals::results_of(conn, id)?,
        holds: arrivals::holds_of(conn, id)?,
        changes: arrivals::changes_of(conn, id)?,
        trips: if actor.role().may(Act::ViewTrips) { dispatch::trips_of_passenger(conn, id)? } else { Vec::new() },
        blocks: clearance.map(|clearance| clearance.blocks).filter(|_| person.is_waiting_to_move()).unwrap_or_default(),
        tests: obligation::tests_of(conn, app.rulebook(), &person, now)?,
        written: obligation::outline_of(conn, actor, id)?,
        needs: arrivals::ride_needs(conn, &[id])?.remove(&id).unwrap_or_default(),
        person,
    })
}

fn shown(call: &Call, mut seen: Seen, opened: Option<Identity>, refusal: Option<String>, now: DateTime<Utc>) -> PersonPage {
    let (language, rulebook, today) = (call.language, call.app.rulebook(), civil_date(now));
    let role = call.actor.role();
    let owed = owed::to_person(&seen.tests, std::mem::take(&mut seen.written), now, language);
    let Seen { person, flight, .. } = &seen;
    let own = call.actor.organisation().map(|code| Organisation::id_of(code.as_str()));
    let masked = seen.identity.as_ref().map(|identity| (mask::name(identity.shown_name()), mask::document_number(&identity.document_no)));
    let phone = opened.as_ref().and_then(|identity| identity.phone.clone()).unwrap_or_default();
    let open = opened.map(|identity| (format!("{} {}", identity.shown_name(), identity.name_latin.as_deref().unwrap_or_default()), identity.document_no));
    let is_open = open.is_some();
    let (name, document) = open.or(masked).unwrap_or_else(|| (language.text("person_destroyed"), String::new()));
    let custodian = person.custody.custodian.map(|id| words::organisation_of(&rulebook.organisations, id, language));
    let bound = person.destination.as_ref().map(|bound| words::place(&rulebook.places, &bound.destination, language));
    let is_case = seen.holds.iter().any(Hold::is_of_case);
    let standing = seen.holds.iter().filter(|hold| hold.lifted_at.is_none());
    PersonPage {
        id: person.id.to_string(),
        name,
        document,
        phone,
        is_open,
        state: language.text(&format!("stock_{}", person.custody.stock.name())),
        custodian: custodian.unwrap_or_default(),
        bound_for: bound.unwrap_or_else(|| language.text("board_no_destination")),
        flight: flight.as_ref().map(|flight| format!("{} {}", flight.flight_no, person.seat.as_deref().unwrap_or_default())).unwrap_or_default(),
        flight_id: person.flight.to_string(),
        because: because(rulebook, &seen, today, language),
        blocks: seen.blocks.iter().map(|block| block.message().text(language)).collect(),
        holds: standing.map(|hold| OpenHold { id: hold.id.to_string(), text: super::desk::held(hold, language) }).collect(),
        story: story(rulebook, &seen, now, language),
        refusal,
        reveal_reasons: ["reveal_check", "reveal_call", "reveal_trace"].map(|code| language.text(code)).into(),
        hold_kinds: HoldKind::ALL.map(|kind| (kind.name(), language.text(&format!("block_hold_{}", kind.name())))).into(),
        owed,
        owed_kinds: ObligationKind::ALL.map(|kind| (kind.name(), language.text(&format!("owed_{}", kind.name())))).into(),
        may_do: own.is_some() && person.custody.custodian == own && role.may(Act::AnswerHandoff),
        needs: seen.needs,
        may_need: role.may(Act::EditTraveller) && person.custody.custodian.is_some(),
        may_reveal: role.may(Act::RevealIdentity) && seen.identity.is_some(),
        may_hold: role.may(Act::SetHold) && person.custody.custodian.is_some(),
        may_lift: role.may(Act::ClearHold),
        may_trace: role.may(Act::SetHold) && is_case,
        frame: Frame::of(call),
    }
}

fn because(rulebook: &Rulebook, seen: &Seen, today: NaiveDate, language: Language) -> Vec<String> {
    let moved = ledger::moved_on(&seen.history);
    let facts = arrivals::facts(&seen.person, &moved);
    let policy = arrivals::policy_of(rulebook, &seen.person);
    policy.map(|policy| policy.calendar(&facts).because(today).iter().map(|message| message.text(language)).collect()).unwrap_or_default()
}

/// Everything in the order of time; what is still to come last.
fn story(rulebook: &Rulebook, seen: &Seen, now: DateTime<Utc>, language: Language) -> Vec<Event> {
    let teller = Teller { rulebook, language, now };
    let mut story: Vec<Event> = seen.history.iter().map(|entry| teller.entry(entry)).collect();
    story.extend(seen.results.iter().map(|result| teller.result(result)));
    story.extend(seen.holds.iter().flat_map(|hold| teller.hold(hold)));
    story.extend(seen.changes.iter().map(|change| teller.change(change)));
    story.extend(seen.trips.iter().map(|(trip, seat)| teller.seat(trip, *seat)));
    story.extend(teller.ahead(seen));
    story.sort_by_key(|event| event.at);
    story
}

/// Puts what happened into words.
struct Teller<'a> {
    rulebook: &'a Rulebook,
    language: Language,
    now: DateTime<Utc>,
}

impl Teller<'_> {
    fn event(&self, at: DateTime<Utc>, text: String, detail: String, shape: &'static str) -> Event {
        let when = format!("{} {}", words::day(civil_date(at), self.language), words::clock(at));
        Event { at, when, text, detail, shape, link: None }
    }

    fn name(&self, id: Option<Id<crate::places::Organisation>>) -> String {
        id.map(|id| words::organisation_of(&self.rulebook.organisations, id, self.language)).unwrap_or_default()
    }

    fn entry(&self, entry: &Entry) -> Event {
        let message = Message::new("story_entry").with("kind", self.language.text(&format!("entry_{}", entry.kind.name())));
        let text = message.with("to", self.name(entry.to)).text(self.language);
        let (from, is_late) = (self.name(entry.from.map(|(giver, _)| giver)), entry.recorded_at - entry.happened_at > chrono::TimeDelta::minutes(5));
        let mut detail = Message::new("story_from").with("from", if from.is_empty() { "—" } else { &from }).with("by", &entry.actor).text(self.language);
        if is_late {
            let recorded = words::moment(entry.recorded_at, civil_date(entry.happened_at), self.language);
            detail = format!("{detail} {}", Message::new("story_recorded").with("at", recorded).text(self.language));
        }
        let shape = if matches!(entry.kind, Kind::Diverted | Kind::Returned) { "bad" } else { "" };
        self.event(entry.happened_at, text, detail, shape)
    }

    fn result(&self, result: &TestResult) -> Event {
        let (kind, outcome) =
            (self.language.text(&format!("test_{}", result.kind.as_str())), self.language.text(&format!("result_{}", result.outcome.as_str())));
        let known = words::moment(result.recorded_at, civil_date(result.sampled_at), self.language);
        let detail = Message::new("story_result").with("lab", result.lab.as_deref().unwrap_or("—")).with("at", known).text(self.language);
        let is_bad = result.outcome != arrivals::TestOutcome::Negative;
        self.event(result.sampled_at, format!("{kind} {outcome}"), detail, if is_bad { "bad" } else { "minor" })
    }

    fn hold(&self, hold: &Hold) -> Vec<Event> {
        let set = self.event(hold.set_at, super::desk::held(hold, self.language), hold.set_by.clone(), "bad");
        let lifted = hold.lifted_at.map(|at| {
            let text = Message::new("story_lifted").with("kind", self.language.text(&format!("block_hold_{}", hold.kind.name()))).text(self.language);
            self.event(at, text, hold.lifted_by.clone().unwrap_or_default(), "minor")
        });
        std::iter::once(set).chain(lifted).collect()
    }

    fn change(&self, change: &Change) -> Event {
        let fields: Vec<String> = change.fields.iter().map(|field| self.language.text(&format!("column_{field}"))).collect();
        let text = Message::new("story_changed").with("fields", fields.join("、")).text(self.language);
        self.event(change.at, text, change.by.clone(), "minor")
    }

    fn seat(&self, trip: &Trip, seat: i32) -> Event {
        let text = Message::new("story_seat").with("trip", &trip.number).with("seat", seat).text(self.language);
        let detail = self.language.text(&format!("trip_state_{}", trip.state.name()));
        Event { link: Some(format!("/trips/{}", trip.id)), ..self.event(trip.departs_at, text, detail, "minor") }
    }

    /// The tests, moves and the release that the policy has still ahead.
    fn ahead(&self, seen: &Seen) -> Vec<Event> {
        let moved = ledger::moved_on(&seen.history);
        let facts = arrivals::facts(&seen.person, &moved);
        let Some(policy) = arrivals::policy_of(self.rulebook, &seen.person).filter(|_| seen.person.custody.custodian.is_some()) else { return Vec::new() };
        let calendar = policy.calendar(&facts);
        let day = |on: NaiveDate, text: String| Event { when: words::day(on, self.language), ..self.event(midnight(on), text, String::new(), "ahead") };
        let tests = calendar.tests_due.iter().map(|test| day(test.on, self.language.text(&format!("test_{}", test.kind.word()))));
        let moves = calendar.transfer_on.iter().map(|on| day(*on, self.language.text("story_transfer")));
        let release = self.event(calendar.released_at, self.language.text("desk_released"), String::new(), "ahead");
        tests.chain(moves).chain([release]).filter(|event| event.at > self.now).collect()
    }
}
