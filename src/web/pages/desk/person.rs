//! One person at the desk: the answer in large type, the party, the destination, the doctors, the slip.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::web::{Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::answer::{Answer, answer};
use super::enter::{Candidate, candidates};
use super::queue;
use crate::access::{Act, Actor, audit, mask};
use crate::arrivals::{self, Flight, Hold, HoldKind, Identity, Traveller, TravellerId};
use crate::base::time::civil_date;
use crate::base::{Error, Language, Result};
use crate::custody::{self, Offer};
use crate::db::Tx;
use crate::policy::Rulebook;
use crate::web::call::Call;
use crate::web::pages::qr::{self, Picture};
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

/// What leads to the doctors (四类人员), the likeliest first.
const FINDINGS: [&str; 4] = ["symptomatic", "close_contact", "suspected", "confirmed"];

#[derive(Template)]
#[template(path = "desk/person.html", config = ".askama.toml")]
struct PersonPage {
    frame: Frame,
    person: Person,
    answer: Answer,
    party: Vec<Mate>,
    typed: String,
    candidates: Vec<Candidate>,
    refusal: Option<String>,
    done: Option<String>,
    is_here: bool,
    /// What health control may have found, as it is kept and in words.
    findings: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "desk/slip.html", config = ".askama.toml")]
struct SlipPage {
    frame: Frame,
    person: Person,
    answer: Answer,
    party: Vec<Mate>,
    qr: Picture,
    desk: String,
    printed: String,
}

/// Who it is, as the desk compares it with the document in hand.
struct Person {
    id: String,
    name: String,
    latin: String,
    document: String,
    born: String,
    sex: String,
    flight: String,
    landed: String,
    state: String,
    custodian: String,
}

/// One of the party.
struct Mate {
    id: String,
    name: String,
    seat: String,
    bound_for: String,
    is_other: bool,
    is_held: bool,
}

/// What was done on the page before.
#[derive(Debug, Deserialize)]
pub struct PersonQuery {
    #[serde(default)]
    entered: u8,
    #[serde(default)]
    diverted: u8,
}

/// Where somebody is bound for, as typed.
#[derive(Deserialize)]
pub struct DestinationForm {
    destination: String,
}

/// What health control found.
#[derive(Deserialize)]
pub struct MedicalForm {
    health: String,
}

/// What the page says besides the answer.
#[derive(Default)]
struct Said {
    typed: String,
    refusal: Option<String>,
    done: Option<&'static str>,
}

/// All that is read about a person.
struct Seen {
    person: Traveller,
    identity: Identity,
    holds: Vec<Hold>,
    flight: Option<Flight>,
    party: Vec<(Traveller, Option<Identity>, bool)>,
}

/// Shows the answer for one person, whose identity is opened: the desk has the document in hand. That it was is logged.
pub async fn show(call: Call, id: Path<TravellerId>, query: Query<PersonQuery>) -> Result<HttpResponse, Problem> {
    let done = match (query.entered, query.diverted) {
        (1, _) => Some("desk_entered"),
        (_, 1) => Some("desk_diverted"),
        _ => None,
    };
    person_page(call, *id, StatusCode::OK, Said { done, ..Said::default() }).await
}

/// Enters or corrects where the person is bound for; what is ambiguous is shown to choose from.
pub async fn destine(call: Call, id: Path<TravellerId>, form: Form<DestinationForm>) -> Result<HttpResponse, Problem> {
    let typed = form.into_inner().destination;
    let (actor, app, destination) = (call.actor.clone(), call.app.clone(), typed.clone());
    let id = *id;
    match call.app.write(move |tx| arrivals::destine(tx, &actor, app.rulebook(), id, &destination)).await {
        Ok(_) => Ok(go(&format!("/desk/people/{id}"))),
        Err(error) => refused(call, id, error, typed).await,
    }
}

/// Holds the person for the doctors, parts them from their party and offers them to the hospital: one act.
pub async fn divert(call: Call, id: Path<TravellerId>, form: Form<MedicalForm>) -> Result<HttpResponse, Problem> {
    let (actor, rulebook, health, id) = (call.actor.clone(), call.app.rulebook().clone(), form.into_inner().health, *id);
    match call.app.write(move |tx| to_the_doctors(tx, &actor, &rulebook, id, &health)).await {
        Ok(()) => Ok(go(&format!("/desk/people/{id}?diverted=1"))),
        Err(error) => refused(call, id, error, String::new()).await,
    }
}

fn to_the_doctors(tx: &mut Tx<'_>, actor: &Actor, rulebook: &Rulebook, id: TravellerId, health: &str) -> Result<()> {
    arrivals::hold(tx, actor, id, HoldKind::Medical, health)?;
    if arrivals::with_their_parties(tx, &[id])?.len() > 1 {
        arrivals::part(tx, actor, id, None)?;
    }
    let desk = queue::desk_of(rulebook, actor).ok_or(Error::NotFound("organisation"))?;
    let hospital = arrivals::hospital(rulebook, desk).ok_or(Error::NotFound("organisation"))?;
    let to_organisation = hospital.code.parse().map_err(Error::Refused)?;
    custody::offer(tx, actor, &rulebook.routes, Offer { to_organisation, trip: None, travellers: vec![id], answer_by: None }).map(drop)
}

/// The slip that the person takes along.
pub async fn slip(call: Call, request: HttpRequest, id: Path<TravellerId>) -> Result<HttpResponse, Problem> {
    let seen = look(&call, *id).await?;
    let (language, rulebook, now) = (call.language, call.app.rulebook().clone(), call.app.db().clock().now());
    let desk = queue::desk_of(&rulebook, &call.actor).ok_or(Error::NotFound("organisation"))?;
    let scheme = if call.app.settings().server.behind_https { "https" } else { "http" };
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let shown = SlipPage {
        answer: answer(&rulebook, desk, &seen.person, &seen.holds, civil_date(now), language),
        qr: qr::picture(&format!("{scheme}://{host}/people/{}", *id))?,
        desk: words::organisation(desk, language),
        printed: format!("{} {}", words::day(civil_date(now), language), words::clock(now)),
        party: mates(&seen, &rulebook, language),
        person: person(&seen, &rulebook, now, language),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

async fn refused(call: Call, id: TravellerId, error: Error, typed: String) -> Result<HttpResponse, Problem> {
    let code = status(&error);
    let refusal = Some(told(error, call.language)?.join(" "));
    person_page(call, id, code, Said { typed, refusal, done: None }).await
}

async fn person_page(call: Call, id: TravellerId, code: StatusCode, said: Said) -> Result<HttpResponse, Problem> {
    let seen = look(&call, id).await?;
    let (language, rulebook, now) = (call.language, call.app.rulebook().clone(), call.app.db().clock().now());
    let desk = queue::desk_of(&rulebook, &call.actor).ok_or(Error::NotFound("organisation"))?;
    let shown = PersonPage {
        answer: answer(&rulebook, desk, &seen.person, &seen.holds, civil_date(now), language),
        candidates: candidates(&rulebook.places, &said.typed, language),
        typed: said.typed,
        refusal: said.refusal,
        done: said.done.map(|code| language.text(code)),
        findings: FINDINGS.map(|word| (word, language.text(&format!("health_{word}")))).into(),
        is_here: seen.person.custody.custodian == Some(desk.id()),
        party: mates(&seen, &rulebook, language),
        person: person(&seen, &rulebook, now, language),
        frame: Frame::of(&call),
    };
    page(code, &shown)
}

async fn look(call: &Call, id: TravellerId) -> Result<Seen> {
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    let reason = call.language.text("desk_document_in_hand");
    call.app
        .write(move |tx| {
            let person = arrivals::find(tx, &actor, id)?;
            let identity = arrivals::identity(tx, &actor, &keyring, id)?;
            audit::record(tx, &actor, Act::RevealIdentity, audit::Subject::of("traveller", id), Some(&reason))?;
            let flight = arrivals::flights(tx, &[person.flight])?.pop();
            let others: Vec<Traveller> = arrivals::with_their_parties(tx, &[id])?.into_iter().filter(|mate| mate.id != id).collect();
            let ids: Vec<TravellerId> = others.iter().map(|mate| mate.id).collect();
            let mut identities: HashMap<TravellerId, Identity> = arrivals::identities(tx, &keyring, &ids)?.into_iter().collect();
            let held = arrivals::held(tx, &ids)?;
            let party = others.into_iter().map(|mate| (identities.remove(&mate.id), held.contains(&mate.id), mate)).map(|(who, held, mate)| (mate, who, held));
            Ok(Seen { holds: arrivals::holds_of(tx, id)?, party: party.collect(), person, identity, flight })
        })
        .await
}

fn person(seen: &Seen, rulebook: &Rulebook, now: DateTime<Utc>, language: Language) -> Person {
    let Seen { person, identity, flight, .. } = seen;
    let custodian = person.custody.custodian.map(|id| words::organisation_of(&rulebook.organisations, id, language));
    let flight = flight.as_ref().map(|flight| flight.flight_no.as_str()).unwrap_or_default();
    let sex = identity.sex.as_deref().map(|sex| language.text(&format!("sex_{}", sex.to_lowercase())));
    Person {
        id: person.id.to_string(),
        name: identity.shown_name().to_owned(),
        latin: identity.name_latin.clone().filter(|_| identity.name.is_some()).unwrap_or_default(),
        document: format!("{} {}", language.text(&format!("document_{}", identity.document_kind)), identity.document_no),
        born: identity.born_on.map(|date| date.to_string()).unwrap_or_default(),
        sex: sex.unwrap_or_default(),
        flight: format!("{flight} {}", person.seat.as_deref().unwrap_or_default()).trim().to_owned(),
        landed: words::moment(person.landed_at, civil_date(now), language),
        state: language.text(&format!("stock_{}", person.custody.stock.name())),
        custodian: custodian.unwrap_or_default(),
    }
}

fn mates(seen: &Seen, rulebook: &Rulebook, language: Language) -> Vec<Mate> {
    let bound_for = |person: &Traveller| person.destination.as_ref().map(|bound| words::place(&rulebook.places, &bound.destination, language));
    let mate = |(mate, identity, is_held): &(Traveller, Option<Identity>, bool)| Mate {
        id: mate.id.to_string(),
        name: identity.as_ref().map_or_else(|| "—".into(), |identity| mask::name(identity.shown_name())),
        seat: mate.seat.clone().unwrap_or_default(),
        bound_for: bound_for(mate).unwrap_or_else(|| language.text("board_no_destination")),
        is_other: mate.destination != seen.person.destination,
        is_held: *is_held,
    };
    seen.party.iter().map(mate).collect()
}
