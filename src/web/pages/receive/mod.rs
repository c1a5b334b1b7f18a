//! Handoffs for those who give and receive people: what awaits me, who comes when, and one handoff from the blind count to the
//! signature. Made for a phone at a bus stop; nothing of the giver's number is on a page before the count is in.

pub mod handoff;
mod link;
mod overview;
mod owed;
pub mod receipt;
mod sheet;

pub use handoff::show as show_handoff;
pub use link::{add as add_link, revoke as revoke_link};
pub use owed::show as owed;
pub use receipt::{accept, count, decide, enrol, refuse, withdraw};
pub use sheet::sheet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Query;
use askama::Template;
use chrono::{DateTime, Utc};

use self::overview::OverviewQuery;
use super::owed::{OwedLine, by_organisation};
use super::trips::under_way;
use super::{Frame, page, words};
use crate::access::OrganisationCode;
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Language, Message};
use crate::custody::{self, HandoffState, HandoffView, obligation};
use crate::db::{Conn, last_event};
use crate::dispatch::{self, TripLine};
use crate::places::Organisations;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// The header in which a page names the handoffs that have ended, of those it shows.
const OVER: HeaderName = HeaderName::from_static("jiezhuan-over");

/// The most that is owed and shown here; the rest is on a page of its own.
const MOST_OWED: usize = 12;

#[derive(Template)]
#[template(path = "receive/offers.html", config = ".askama.toml")]
struct OffersPage {
    frame: Frame,
    /// The number of the last event that the page knows of.
    last_event: i64,
    /// Who reads, for the key of their phone.
    reader: String,
    /// The session in which they do, with which the key is enrolled.
    session: String,
    organisation: String,
    mine: Vec<Offer>,
    given: Vec<Offer>,
    coming: Vec<Coming>,
    ended: Vec<Offer>,
    owed: Vec<OwedLine>,
    /// How much there is, one by one.
    n_owed: usize,
}

/// A handoff as a card.
pub struct Offer {
    id: String,
    other: String,
    /// How many, where the reader may know.
    n: Option<i32>,
    since: String,
    deadline: Option<String>,
    tag: &'static str,
    state: String,
    plate: String,
}

/// A coach on its way.
struct Coming {
    plate: String,
    number: String,
    from: String,
    arrives: String,
    is_late: bool,
    tag: &'static str,
    state: String,
}

/// Shows what awaits the reader's organisation; whoever answers for none, or asks for a state, looks through those of everybody.
pub async fn show(call: Call, query: Query<OverviewQuery>) -> Result<HttpResponse, Problem> {
    let own = call.actor.organisation().cloned().filter(|_| query.state.is_none());
    let Some(own) = own else { return overview::show(call, query.into_inner()).await };
    let (actor, now) = (call.actor.clone(), call.app.db().clock().now());
    let (code, rulebook) = (own.clone(), call.app.rulebook().clone());
    let read = move |conn: &mut Conn| {
        let owed = obligation::owed_by(conn, &actor, &rulebook, &code, now)?;
        let handoffs = custody::list(conn, &actor, &code, PageRequest::new(None, Some(60)))?.items;
        Ok((handoffs, under_way(conn, &actor, civil_date(now))?, owed, last_event(conn)?))
    };
    let (handoffs, trips, owed, last_event) = call.app.read(read).await?;
    let (language, organisations) = (call.language, &call.app.rulebook().organisations);
    let card = |handoff: &HandoffView| offer(handoff, &own, &trips, organisations, now, language);
    let (waiting, ended): (Vec<&HandoffView>, Vec<&HandoffView>) = handoffs.iter().partition(|handoff| handoff.state.ended_by().is_none());
    let n_owed = owed.n();
    let mut owed = by_organisation(owed, now, language);
    owed.truncate(MOST_OWED);
    let shown = OffersPage {
        last_event,
        reader: call.actor.user().map(|user| user.to_string()).unwrap_or_default(),
        session: call.actor.session().map(|session| session.to_string()).unwrap_or_default(),
        owed,
        n_owed,
        organisation: words::organisation_named(organisations, own.as_str(), language),
        mine: waiting.iter().filter(|handoff| handoff.receiver.code == own).map(|handoff| card(handoff)).collect(),
        given: waiting.iter().filter(|handoff| handoff.giver.code == own).map(|handoff| card(handoff)).collect(),
        ended: ended.iter().take(12).map(|handoff| card(handoff)).collect(),
        coming: coming(&trips, &own, organisations, now, language),
        frame: Frame::of(&call),
    };
    let over: Vec<String> = ended.iter().map(|handoff| handoff.id.to_string()).collect();
    let mut response = page(StatusCode::OK, &shown)?;
    say_over(&mut response, &over.join(" "));
    Ok(response)
}

/// Tells a phone of handoffs that have ended, whose pages it keeps no longer.
fn say_over(response: &mut HttpResponse, ids: &str) {
    if let (false, Ok(ids)) = (ids.is_empty(), HeaderValue::from_str(ids)) {
        response.headers_mut().insert(OVER, ids);
    }
}

/// The colour and shape of a handoff's state.
pub fn tag(state: &HandoffState, is_overdue: bool) -> &'static str {
    match state {
        HandoffState::Lapsed { .. } => "late",
        HandoffState::Offered if is_overdue => "late",
        HandoffState::Offered => "waiting",
        HandoffState::Accepted(_) | HandoffState::AcceptedWithExceptions(_) => "arrived",
        HandoffState::Refused(_) => "late",
        HandoffState::Withdrawn(_) => "off",
    }
}

/// Time until an answer is expected, or since it was, in words.
pub fn deadline(answer_by: DateTime<Utc>, now: DateTime<Utc>, language: Language) -> String {
    let message = if answer_by > now { Message::new("receive_time_left") } else { Message::new("receive_overdue") };
    message.with("length", words::length((answer_by - now).abs(), language)).with("at", words::clock(answer_by)).text(language)
}

fn offer(handoff: &HandoffView, own: &OrganisationCode, trips: &[TripLine], organisations: &Organisations, now: DateTime<Utc>, language: Language) -> Offer {
    let other = if handoff.receiver.code == *own { &handoff.giver } else { &handoff.receiver };
    let is_overdue = handoff.answer_by.is_some_and(|answer_by| answer_by <= now);
    let is_waiting = handoff.state.ended_by().is_none();
    let trip = trips.iter().find(|line| handoff.trip.is_some_and(|trip| trip.uuid() == line.trip.id.uuid()));
    Offer {
        id: handoff.id.to_string(),
        other: words::organisation_named(organisations, other.code.as_str(), language),
        n: handoff.n_people,
        since: words::length(now - handoff.state.ended_by().unwrap_or(&handoff.offered).at, language),
        deadline: handoff.answer_by.filter(|_| is_waiting).map(|answer_by| deadline(answer_by, now, language)),
        tag: tag(&handoff.state, is_overdue),
        state: language.text(&format!("handoff_state_{}", handoff.state.name())),
        plate: trip.map(|line| line.vehicle.plate.to_string()).unwrap_or_default(),
    }
}

/// The trips that bring people to `own` and have not come in.
fn coming(trips: &[TripLine], own: &OrganisationCode, organisations: &Organisations, now: DateTime<Utc>, language: Language) -> Vec<Coming> {
    let Some(own) = organisations.get(own.as_str()).map(crate::places::Organisation::id) else { return Vec::new() };
    let to_us = trips.iter().filter(|line| line.legs.iter().any(|leg| leg.to == own) && line.trip.state.arrived_at().is_none());
    let mut coming: Vec<&TripLine> = to_us.filter(|line| !matches!(line.trip.state, dispatch::TripState::Cancelled { .. })).collect();
    coming.sort_by_key(|line| line.trip.arrives_at);
    let coming = coming.into_iter().map(|line| Coming {
        plate: line.vehicle.plate.to_string(),
        number: line.trip.number.clone(),
        from: line.legs.first().map(|leg| words::organisation_of(organisations, leg.from, language)).unwrap_or_default(),
        arrives: words::clock(line.trip.arrives_at),
        is_late: line.trip.arrives_at < now,
        tag: if line.trip.state.departed_at().is_some() { "moving" } else { "waiting" },
        state: language.text(&format!("trip_state_{}", line.trip.state.name())),
    });
    coming.collect()
}
