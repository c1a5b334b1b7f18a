//! The handoff sheet 交接单, to be printed and signed by both.

use std::collections::HashSet;

use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::handoff::{PersonLine, Seen, people, read};
use super::say_over;
use crate::arrivals::TravellerId;
use crate::arrivals::document::DocumentKind;
use crate::base::time::civil_date;
use crate::base::{Language, Result};
use crate::custody::guest::NamedDocument;
use crate::custody::{HandoffId, HandoffState, Signature};
use crate::fleet;
use crate::web::call::Call;
use crate::web::pages::qr::{self, Picture};
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "receive/sheet.html", config = ".askama.toml")]
struct SheetPage {
    frame: Frame,
    id: String,
    from: String,
    to: String,
    plate: String,
    trip: String,
    crew: String,
    departs: String,
    arrives: String,
    version: i32,
    digest: String,
    n: Option<i32>,
    counted: Option<i32>,
    people: Vec<PersonLine>,
    /// Whom a guest named beside the list: kind and number of the document, and what became of them.
    strangers: Vec<(String, String)>,
    given_by: String,
    taken_by: Option<String>,
    qr: Picture,
    printed: String,
}

/// Shows the sheet. Before the receiver has counted it has no list and no number for them either.
pub async fn sheet(call: Call, request: HttpRequest, id: Path<HandoffId>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, id, reason) = (call.actor.clone(), call.app.keyring().clone(), *id, call.language.text("sheet_printed"));
    let read = move |tx: &mut crate::db::Tx<'_>| {
        let seen = read(tx, &actor, &keyring, id, &reason)?;
        let crew: Vec<_> = seen.trip.iter().flat_map(|sheet| &sheet.crew).map(|member| member.id).collect();
        let names = fleet::staff_names(tx, &keyring, &crew)?;
        Ok((seen, names))
    };
    let (seen, names) = call.app.write(read).await?;
    let crew: Vec<&str> = names.iter().map(|(_, name)| name.expose()).collect();
    let shown = shown(&call, &request, &seen, crew.join(" "))?;
    let mut response = page(StatusCode::OK, &shown)?;
    if seen.handoff.state.ended_by().is_some() {
        say_over(&mut response, &id.to_string());
    }
    Ok(response)
}

fn shown(call: &Call, request: &HttpRequest, seen: &Seen, crew: String) -> Result<SheetPage> {
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let (handoff, today) = (&seen.handoff, civil_date(now));
    let name = |code: &str| words::organisation_named(&rulebook.organisations, code, language);
    let signed = |by: &Signature| format!("{} {}", by.name, words::moment(by.at, today, language));
    let trip = seen.trip.as_ref().map(|sheet| &sheet.trip);
    let scheme = if call.app.settings().server.behind_https { "https" } else { "http" };
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    Ok(SheetPage {
        qr: qr::picture(&format!("{scheme}://{host}/receive/{}", handoff.id))?,
        id: handoff.id.to_string(),
        from: name(handoff.giver.code.as_str()),
        to: name(handoff.receiver.code.as_str()),
        plate: seen.trip.as_ref().map(|sheet| sheet.vehicle.plate.to_string()).unwrap_or_default(),
        trip: trip.map(|trip| trip.number.clone()).unwrap_or_default(),
        crew,
        departs: trip.map(|trip| words::moment(trip.state.departed_at().unwrap_or(trip.departs_at), today, language)).unwrap_or_default(),
        arrives: trip.map(|trip| words::moment(trip.state.arrived_at().unwrap_or(trip.arrives_at), today, language)).unwrap_or_default(),
        version: handoff.version,
        digest: base16ct::lower::encode_string(&handoff.list_digest[..8]),
        n: handoff.n_people,
        counted: match &handoff.state {
            HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance) => Some(acceptance.counted),
            _ => handoff.first_count,
        },
        people: people(seen, rulebook, language),
        strangers: strangers(seen, language),
        given_by: signed(&handoff.offered),
        taken_by: handoff.state.ended_by().map(signed),
        printed: words::moment(now, today - chrono::Days::new(1), language),
        frame: Frame::of(call),
    })
}

/// Rows for whoever was named and has none among the people: who is not known, or has another document there.
fn strangers(seen: &Seen, language: Language) -> Vec<(String, String)> {
    let mut people: HashSet<TravellerId> = seen.people.iter().map(|(line, ..)| line.traveller).collect();
    let others = seen.named.iter().filter(|named| !named.traveller.is_some_and(|traveller| people.remove(&traveller)));
    let row = |named: &NamedDocument| {
        let number = |(kind, number): &(DocumentKind, String)| format!("{} {number}", language.text(&format!("document_{}", kind.as_str())));
        let why = language.text(if named.traveller.is_some() { "sheet_known" } else { "sheet_stranger" });
        let outcome = format!("{}：{why}", language.text("outcome_extra"));
        (named.document.as_ref().map_or_else(|| language.text("sheet_destroyed"), number), outcome)
    };
    others.map(row).collect()
}
