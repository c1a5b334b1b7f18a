//! The sheet that goes along with a trip: who sits where, the crew, the legs, room for both signatures.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use crate::access::{Act, audit};
use crate::arrivals::{self, TravellerId};
use crate::base::Id;
use crate::base::time::civil_date;
use crate::dispatch::{self, Trip};
use crate::fleet;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "trips/sheet.html", config = ".askama.toml")]
struct SheetPage {
    frame: Frame,
    id: String,
    number: String,
    plate: String,
    day: String,
    crew: String,
    legs: Vec<String>,
    rows: Vec<Row>,
    load_cap: i32,
}

/// A passenger.
struct Row {
    seat: i32,
    name: String,
    document: String,
    bound_for: String,
}

/// Shows it with the names in full; that they were printed is logged.
pub async fn sheet(call: Call, id: Path<Id<Trip>>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, id, reason) = (call.actor.clone(), call.app.keyring().clone(), *id, call.language.text("trip_sheet"));
    let read = move |tx: &mut crate::db::Tx<'_>| {
        actor.must(Act::RevealIdentity)?;
        let sheet = dispatch::trip_get(tx, &actor, id)?;
        let ids: Vec<TravellerId> = sheet.seats.iter().map(|seat| seat.traveller).collect();
        let identities = arrivals::identities(tx, &keyring, &ids)?;
        let people = arrivals::get(tx, &ids)?;
        let crew: Vec<_> = sheet.crew.iter().map(|member| member.id).collect();
        let crew = fleet::staff_names(tx, &keyring, &crew)?;
        audit::record(tx, &actor, Act::RevealIdentity, audit::Subject::of("trip", id), Some(&reason))?;
        Ok((sheet, identities, people, crew))
    };
    let (sheet, identities, people, crew) = call.app.write(read).await?;
    let (language, rulebook, today) = (call.language, call.app.rulebook(), civil_date(call.app.db().clock().now()));
    let row = |seat: &dispatch::Seat| {
        let identity = identities.iter().find(|(id, _)| *id == seat.traveller).map(|(_, identity)| identity);
        let person = people.iter().find(|person| person.id == seat.traveller);
        let bound = person.and_then(|person| person.destination.as_ref());
        Row {
            seat: seat.seat_no,
            name: identity.map(|identity| identity.shown_name().to_owned()).unwrap_or_default(),
            document: identity.map(|identity| identity.document_no.clone()).unwrap_or_default(),
            bound_for: bound.map(|bound| words::place(&rulebook.places, &bound.destination, language)).unwrap_or_default(),
        }
    };
    let name = |id| words::organisation_of(&rulebook.organisations, id, language);
    let moment = |at| words::moment(at, today, language);
    let legs = sheet.legs.iter().map(|leg| format!("{} {} → {} {}", moment(leg.departs_at), name(leg.from), moment(leg.arrives_at), name(leg.to)));
    let shown = SheetPage {
        id: sheet.trip.id.to_string(),
        number: sheet.trip.number.clone(),
        plate: sheet.vehicle.plate.to_string(),
        day: words::day(sheet.trip.on, language),
        crew: crew.iter().map(|(_, name)| name.expose()).collect::<Vec<_>>().join(" "),
        legs: legs.collect(),
        rows: sheet.seats.iter().map(row).collect(),
        load_cap: sheet.trip.load_cap,
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}
