//! One handoff as its page shows it: the count, the list, the outcome, by who looks and how far it is.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{deadline, receipt, say_over, tag};
use crate::access::{Act, Actor, Keyring, audit, mask};
use crate::arrivals::{self, Identity, Traveller, TravellerId};
use crate::base::time::civil_date;
use crate::base::{Error, Language, Message, Result};
use crate::custody::guest::{self, NamedDocument};
use crate::custody::phone::{self, SignedReceipt};
use crate::custody::{self, ExceptionKind, HandoffId, HandoffState, HandoffView, Line, Outcome, Paper};
use crate::db::Tx;
use crate::dispatch::{self, TripSheet};
use crate::policy::Rulebook;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, told, words};
use crate::web::problem::{Problem, status};

/// Why somebody on the list is not taken over, as chips: each with the kind it is recorded as.
pub const REASONS: [(&str, ExceptionKind); 5] = [
    ("not_there", ExceptionKind::Missing),
    ("to_doctors", ExceptionKind::Missing),
    ("would_not_come", ExceptionKind::Missing),
    ("wrong_vehicle", ExceptionKind::WrongVehicle),
    ("not_fit", ExceptionKind::Refused),
];

#[derive(Template)]
#[template(path = "receive/handoff.html", config = ".askama.toml")]
struct HandoffPage {
    frame: Frame,
    id: String,
    from: String,
    to: String,
    plate: String,
    trip: Option<(String, String)>,
    tag: &'static str,
    state: String,
    deadline: Option<String>,
    step: Step,
    /// What was typed into the count.
    typed: String,
    /// The numbers of documents that were named beside the list.
    extras: String,
    /// What the count and the list come to, where they differ.
    difference: Option<String>,
    people: Vec<PersonLine>,
    reasons: Vec<(&'static str, String)>,
    refusal: Option<String>,
    outcome: Option<String>,
    may_withdraw: bool,
    may_decide: bool,
    /// Whether the receiver has no accounts, so that the reader may give them a link.
    may_link: bool,
    /// Until when the link that was given out works.
    link_until: Option<String>,
    /// The signed document of the offer, which a receipt on the phone answers.
    paper: String,
    /// What phones have signed of it.
    signed: Vec<String>,
    /// Whom a guest named beside the list.
    named: Vec<String>,
    /// Who reads, for the key of their phone.
    reader: String,
    /// The session in which they do, with which the key is enrolled.
    session: String,
}

/// How far the reader is.
#[derive(PartialEq, Eq)]
enum Step {
    /// To count, blind.
    Count,
    /// To tick and sign.
    List,
    /// To look on.
    Watch,
    /// It has ended.
    Ended,
}

/// Somebody on the list.
pub struct PersonLine {
    /// The id.
    pub id: String,
    /// The seat: on the coach if there is one, else on the flight.
    pub seat: String,
    /// The name.
    pub name: String,
    /// The document's number.
    pub document: String,
    /// Where they are bound for.
    pub bound_for: String,
    /// What became of them, in words.
    pub outcome: Option<String>,
    /// Whether that is an exception.
    pub is_excepted: bool,
}

/// What is read of a handoff.
pub struct Seen {
    /// It itself.
    pub handoff: HandoffView,
    /// Its list, where the reader may see it.
    pub people: Vec<(Line, Traveller, Option<Identity>)>,
    /// Its trip, where it exists for the reader.
    pub trip: Option<TripSheet>,
    /// Whether the reader may give the receiver a link.
    pub may_link: bool,
    /// Until when the link that was given out works.
    pub link_until: Option<DateTime<Utc>>,
    /// The document of the offer, while it waits.
    pub paper: Option<Paper>,
    /// What phones have signed of it.
    pub signed: Vec<SignedReceipt>,
    /// Whom a guest named beside the list.
    pub named: Vec<NamedDocument>,
}

/// Shows it.
pub async fn show(call: Call, id: Path<HandoffId>) -> Result<HttpResponse, Problem> {
    show_after(call, *id, None, Typed::default()).await
}

/// What was typed into a form that was refused.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The count.
    pub counted: String,
    /// Who was not on the list, by the numbers of their documents.
    pub extras: String,
}

/// Why an act does not hold.
pub struct Refusal {
    /// Why.
    pub error: Error,
    /// Whether what a phone had signed is kept all the same, and both sides told.
    pub is_kept: bool,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, is_kept: false }
    }
}

/// Shows it after an act that was refused, with what was typed.
pub async fn show_after(call: Call, id: HandoffId, refusal: Option<Refusal>, typed: Typed) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, |refusal| status(&refusal.error));
    let (actor, keyring, reason) = (call.actor.clone(), call.app.keyring().clone(), call.language.text("receive_list_opened"));
    let seen = call.app.write(move |tx| read(tx, &actor, &keyring, id, &reason)).await?;
    let refusal = refusal.map(|refusal| words_of(refusal, &seen.handoff.state, call.language)).transpose()?;
    let is_over = seen.handoff.state.ended_by().is_some();
    let mut response = page(code, &shown(&call, seen, refusal, typed))?;
    if is_over {
        say_over(&mut response, &id.to_string());
    }
    Ok(response)
}

/// What is wrong, and what becomes of what was signed.
fn words_of(refusal: Refusal, state: &HandoffState, language: Language) -> Result<String> {
    let mut said = told(refusal.error, language)?;
    if refusal.is_kept {
        said.push(language.text(match state {
            HandoffState::Offered => "receive_kept_sign_again",
            HandoffState::Lapsed { .. } => "receive_kept_decide",
            _ => "receive_kept_agree",
        }));
    }
    Ok(said.join(" "))
}

/// Reads a handoff. Whoever sees its list sees who the people are, and that they did is logged once for all.
pub fn read(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, id: HandoffId, reason: &str) -> Result<Seen> {
    let handoff = custody::get(tx, actor, id)?;
    let lines = handoff.lines.clone().unwrap_or_default();
    let ids: Vec<TravellerId> = lines.iter().map(|line| line.traveller).collect();
    let mut travellers: HashMap<TravellerId, Traveller> = arrivals::get(tx, &ids)?.into_iter().map(|person| (person.id, person)).collect();
    let mut identities: HashMap<TravellerId, Identity> = arrivals::identities(tx, keyring, &ids)?.into_iter().collect();
    let named = guest::named(tx, actor, keyring, &handoff)?;
    if handoff.opens_to(actor) {
        if !ids.is_empty() {
            audit::record(tx, actor, Act::RevealIdentity, audit::Subject::of("handoff", id), Some(reason))?;
        }
    } else {
        identities.values_mut().for_each(hide);
    }
    let people = lines.into_iter().filter_map(|line| Some((travellers.remove(&line.traveller)?, identities.remove(&line.traveller), line)));
    let people = people.map(|(person, identity, line)| (line, person, identity)).collect();
    let trip = match handoff.trip.map(|trip| dispatch::trip_get(tx, actor, trip)) {
        Some(Ok(sheet)) => Some(sheet),
        None | Some(Err(Error::NotFound(_) | Error::Forbidden(_))) => None,
        Some(Err(error)) => return Err(error),
    };
    let may_link = handoff.state.ended_by().is_none() && guest::may_link(tx, actor, &handoff)?;
    let links = if may_link { guest::links(tx, actor, id)? } else { Vec::new() };
    let link_until = links.iter().find(|link| link.state(tx.now()) == "open").map(|link| link.expires_at);
    let paper = handoff.state.ended_by().is_none().then(|| custody::paper(tx, actor, id)).transpose()?;
    let signed = phone::receipts_of(tx, actor, id)?;
    Ok(Seen { handoff, people, trip, may_link, link_until, paper, signed, named })
}

/// Leaves of an identity what lists show.
fn hide(identity: &mut Identity) {
    identity.name = Some(mask::name(identity.shown_name()));
    identity.document_no = mask::document_number(&identity.document_no);
}

fn shown(call: &Call, seen: Seen, refusal: Option<String>, typed: Typed) -> HandoffPage {
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let handoff = &seen.handoff;
    let name = |code: &str| words::organisation_named(&rulebook.organisations, code, language);
    let own = call.actor.organisation();
    let (is_giver, is_receiver) = (own == Some(&handoff.giver.code), own == Some(&handoff.receiver.code));
    let is_overdue = handoff.answer_by.is_some_and(|answer_by| answer_by <= now);
    let is_open = handoff.state.ended_by().is_none();
    let step = match &handoff.state {
        HandoffState::Offered if is_receiver && handoff.first_count.is_none() => Step::Count,
        HandoffState::Offered if is_receiver => Step::List,
        HandoffState::Offered | HandoffState::Lapsed { .. } => Step::Watch,
        _ => Step::Ended,
    };
    HandoffPage {
        id: handoff.id.to_string(),
        from: name(handoff.giver.code.as_str()),
        to: name(handoff.receiver.code.as_str()),
        plate: seen.trip.as_ref().map(|sheet| sheet.vehicle.plate.to_string()).unwrap_or_default(),
        trip: seen.trip.as_ref().map(|sheet| (sheet.trip.id.to_string(), sheet.trip.number.clone())),
        tag: tag(&handoff.state, is_overdue),
        state: language.text(&format!("handoff_state_{}", handoff.state.name())),
        deadline: handoff.answer_by.filter(|_| is_open).map(|answer_by| deadline(answer_by, now, language)),
        typed: typed.counted,
        extras: typed.extras,
        difference: difference(handoff, language).filter(|_| step == Step::List),
        people: people(&seen, rulebook, language),
        reasons: REASONS.iter().map(|(word, _)| (*word, language.text(&format!("excepted_{word}")))).collect(),
        refusal,
        outcome: outcome(handoff, now, language),
        paper: seen.paper.as_ref().map(|paper| paper.sign(&call.app.keyring().signing())).unwrap_or_default(),
        signed: seen.signed.iter().map(|receipt| signed_line(receipt, now, language)).collect(),
        named: seen.named.iter().map(|named| named_line(named, language)).collect(),
        reader: call.actor.user().map(|user| user.to_string()).unwrap_or_default(),
        session: call.actor.session().map(|session| session.to_string()).unwrap_or_default(),
        may_link: seen.may_link && matches!(handoff.state, HandoffState::Offered),
        link_until: seen.link_until.map(|at| words::moment(at, civil_date(now), language)),
        may_withdraw: is_open && is_giver,
        may_decide: is_open && is_overdue && !is_receiver && call.actor.role().may(Act::DecideHandoff),
        step,
        frame: Frame::of(call),
    }
}

/// The people on the list, by seat.
pub fn people(seen: &Seen, rulebook: &Rulebook, language: Language) -> Vec<PersonLine> {
    let seats: HashMap<TravellerId, i32> = seen.trip.iter().flat_map(|sheet| &sheet.seats).map(|seat| (seat.traveller, seat.seat_no)).collect();
    let line = |(line, person, identity): &(Line, Traveller, Option<Identity>)| {
        let (outcome, is_excepted) = match &line.outcome {
            None => (None, false),
            Some(Outcome::Received) => (Some(language.text("outcome_received")), false),
            Some(Outcome::Excepted(kind, reason)) => (Some(format!("{}：{reason}", language.text(&format!("outcome_{}", kind.name())))), true),
        };
        let seat = seats.get(&person.id);
        (
            seat.copied().unwrap_or(i32::MAX),
            PersonLine {
                id: person.id.to_string(),
                seat: seat.map_or_else(|| person.seat.clone().unwrap_or_default(), ToString::to_string),
                name: identity.as_ref().map_or_else(|| "—".into(), |identity| identity.shown_name().to_owned()),
                document: identity.as_ref().map_or_else(String::new, |identity| identity.document_no.clone()),
                bound_for: person.destination.as_ref().map(|bound| words::place(&rulebook.places, &bound.destination, language)).unwrap_or_default(),
                outcome,
                is_excepted,
            },
        )
    };
    let mut people: Vec<(i32, PersonLine)> = seen.people.iter().map(line).collect();
    people.sort_by_key(|(seat, person)| (*seat, person.seat.len(), person.seat.clone()));
    people.into_iter().map(|(_, person)| person).collect()
}

/// What the count and the list come to, where they differ.
pub fn difference(handoff: &HandoffView, language: Language) -> Option<String> {
    let (counted, listed) = (handoff.first_count?, handoff.n_people?);
    let message = if counted == listed { return None } else { Message::new("receive_count_differs") };
    Some(message.with("counted", counted).with("listed", listed).with("by", (counted - listed).abs()).text(language))
}

/// Who signed on their phone, when, when it came in, and the beginning of the key by which it is recognised; of what was set aside, what it was and why.
fn signed_line(receipt: &SignedReceipt, now: DateTime<Utc>, language: Language) -> String {
    let moment = |at: DateTime<Utc>| words::moment(at, civil_date(now), language);
    let said = receipt::fields(&receipt.said).unwrap_or_default();
    let done = receipt::happened_at(&said).ok().flatten().map_or_else(|| "—".into(), moment);
    let told = if receipt.is_merged {
        Message::new("receive_phone_signed")
    } else {
        let because = Message::new("set_aside_because").with("because", receipt.because.as_deref().unwrap_or_default()).text(language);
        let (what, reason) = if receipt::is_refusal(&said) { ("refusal", receipt::field(&said, "reason").unwrap_or_default()) } else { ("receipt", "") };
        Message::new("receive_phone_signed_otherwise").with("what", what).with("reason", reason).with("because", because)
    };
    let key = base16ct::lower::encode_string(&receipt.public_key[..4]);
    told.with("by", &receipt.by).with("done", done).with("at", moment(receipt.delivered_at)).with("key", key).text(language)
}

/// Whom a guest named beside the list, and whether anybody in the chain carries that document.
fn named_line(named: &NamedDocument, language: Language) -> String {
    let Some((kind, number)) = &named.document else { return language.text("guest_named_destroyed") };
    let told = Message::new(if named.traveller.is_some() { "guest_named_known" } else { "guest_named_unknown" });
    told.with("kind", language.text(&format!("document_{}", kind.as_str()))).with("number", number).text(language)
}

/// How it ended, by whom, when.
pub fn outcome(handoff: &HandoffView, now: DateTime<Utc>, language: Language) -> Option<String> {
    let by = handoff.state.ended_by()?;
    let counted = match &handoff.state {
        HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance) => acceptance.counted,
        _ => 0,
    };
    let reason = match &handoff.state {
        HandoffState::Refused(rejection) | HandoffState::Withdrawn(rejection) => rejection.reason.to_string(),
        _ => by.decided.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    let ended = Message::new("receive_ended").with("state", language.text(&format!("handoff_state_{}", handoff.state.name()))).with("counted", counted);
    Some(ended.with("at", words::moment(by.at, civil_date(now), language)).with("by", &by.name).with("reason", reason).text(language))
}
