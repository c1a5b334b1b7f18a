//! Whom a case may have infected: the party, the rows around on the flight, everybody aboard a coach. All are ticked who are not held yet; a person
//! says whom to hold, and why.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;

use super::{Frame, go, page, told, words};
use crate::access::mask;
use crate::arrivals::{self, Identity, TravellerId};
use crate::base::time::civil_date;
use crate::base::{Error, Language, Message, Result};
use crate::dispatch::{self, Contact, Contacts, Meeting};
use crate::web::call::Call;
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "contacts.html", config = ".askama.toml")]
struct ContactsPage {
    frame: Frame,
    id: String,
    case: String,
    people: Vec<Line>,
    all_held: bool,
    n_elsewhere: usize,
    n_without_seat: usize,
    crews: Vec<(String, String)>,
    reason: String,
    refusal: Option<String>,
}

/// A contact.
struct Line {
    id: String,
    name: String,
    seat: String,
    met: String,
    last: String,
    is_held: bool,
    is_ticked: bool,
    seated_on: Option<String>,
}

/// What was ticked and typed.
#[derive(Default)]
struct Chosen {
    people: Vec<TravellerId>,
    reason: String,
}

/// Shows them.
pub async fn show(call: Call, id: Path<TravellerId>) -> Result<HttpResponse, Problem> {
    contacts_page(call, *id, None, None).await
}

/// Holds those who are ticked.
pub async fn hold(call: Call, id: Path<TravellerId>, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let mut chosen = Chosen::default();
    for (field, value) in form.into_inner() {
        match field.as_str() {
            "traveller" => chosen.people.extend(value.parse::<TravellerId>().ok()),
            "reason" => chosen.reason = value,
            _ => {}
        }
    }
    let (actor, rulebook, people, reason) = (call.actor.clone(), call.app.rulebook().clone(), chosen.people.clone(), chosen.reason.clone());
    match call.app.write(move |tx| dispatch::contacts_hold(tx, &actor, &rulebook, id, &people, &reason)).await {
        Ok(_) => Ok(go(&format!("/people/{id}/contacts"))),
        Err(error) => contacts_page(call, id, Some(chosen), Some(error)).await,
    }
}

async fn contacts_page(call: Call, id: TravellerId, chosen: Option<Chosen>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusal = refusal.map(|error| told(error, call.language)).transpose()?.map(|said| said.join(" "));
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let (contacts, identities) = call
        .app
        .read(move |conn| {
            let contacts = dispatch::contacts(conn, &actor, id)?;
            let ids: Vec<TravellerId> = contacts.people.iter().map(|contact| contact.traveller).chain([id]).collect();
            let identities: HashMap<TravellerId, Identity> = arrivals::identities(conn, app.keyring(), &ids)?.into_iter().collect();
            Ok((contacts, identities))
        })
        .await?;
    page(code, &shown(&call, id, contacts, &identities, chosen, refusal))
}

fn shown(
    call: &Call,
    id: TravellerId,
    contacts: Contacts,
    identities: &HashMap<TravellerId, Identity>,
    chosen: Option<Chosen>,
    refusal: Option<String>,
) -> ContactsPage {
    let (language, today) = (call.language, civil_date(call.app.db().clock().now()));
    let name = |id: TravellerId| identities.get(&id).map_or_else(|| language.text("person_destroyed"), |identity| mask::name(identity.shown_name()));
    let line = |contact: Contact| Line {
        id: contact.traveller.to_string(),
        name: name(contact.traveller),
        seat: contact.seat.unwrap_or_default(),
        met: contact.met.iter().map(|met| met_in_words(met, language)).collect::<Vec<_>>().join(&language.text("letter_and")),
        last: words::day(contact.last_on, language),
        is_held: contact.is_held,
        is_ticked: chosen.as_ref().map_or(!contact.is_held, |chosen| chosen.people.contains(&contact.traveller)),
        seated_on: contact.seated_on,
    };
    let people: Vec<Line> = contacts.people.into_iter().map(line).collect();
    let reason = chosen.as_ref().map(|chosen| chosen.reason.clone());
    ContactsPage {
        id: id.to_string(),
        case: name(id),
        all_held: people.iter().all(|line| line.is_held),
        people,
        n_elsewhere: contacts.n_elsewhere,
        n_without_seat: contacts.n_without_seat,
        crews: contacts.crews.into_iter().map(|(trip, badges)| (trip, badges.join(" "))).collect(),
        reason: reason.unwrap_or_else(|| Message::new("contacts_reason").with("on", words::day(today, language)).text(language)),
        refusal,
        frame: Frame::of(call),
    }
}

fn met_in_words(met: &Meeting, language: Language) -> String {
    let trip = if let Meeting::Trip(number) = met { number.as_str() } else { "" };
    Message::new("contact_met").with("met", met.name()).with("trip", trip).text(language)
}
