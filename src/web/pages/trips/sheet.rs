//! The first half of the handoff sheet 交接单, which goes along with a trip: the list as it was at the printing, by version and digest, and what is
//! written down at the door. The second half is the receiver's, on the sheet of the handoff.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use sha2::{Digest, Sha256};

use crate::access::{Act, audit};
use crate::arrivals::{self, TravellerId};
use crate::base::Id;
use crate::base::time::civil_date;
use crate::custody;
use crate::dispatch::{self, Trip, TripSheet};
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
    giver: String,
    receiver: String,
    version: i32,
    digest: String,
    printed: String,
    crew: String,
    departed: Option<String>,
    arrived: Option<String>,
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
    let (actor, keyring, id, reason) = (call.actor.clone(), call.app.keyring().clone(), *id, call.language.text("sheet_printed"));
    let read = move |tx: &mut crate::db::Tx<'_>| {
        actor.must(Act::RevealIdentity)?;
        let sheet = dispatch::trip_get(tx, &actor, id)?;
        custody::must_have_counted(tx, &actor, id)?;
        let ids: Vec<TravellerId> = sheet.seats.iter().map(|seat| seat.traveller).collect();
        let identities = arrivals::identities(tx, &keyring, &ids)?;
        let people = arrivals::get(tx, &ids)?;
        let crew: Vec<_> = sheet.crew.iter().map(|member| member.id).collect();
        let crew = fleet::staff_names(tx, &keyring, &crew)?;
        audit::record(tx, &actor, Act::RevealIdentity, audit::Subject::of("trip", id), Some(&reason))?;
        Ok((sheet, identities, people, crew))
    };
    let (sheet, identities, people, crew) = call.app.write(read).await?;
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let today = civil_date(now);
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
    let people_at: Vec<_> = people.iter().filter_map(|person| person.custody.custodian).collect();
    let giver = people_at.first().filter(|first| people_at.iter().all(|one| one == *first));
    let shown = SheetPage {
        giver: giver.copied().or(sheet.legs.first().map(|leg| leg.from)).map(name).unwrap_or_default(),
        receiver: sheet.legs.last().map(|leg| name(leg.to)).unwrap_or_default(),
        version: sheet.trip.version,
        digest: digest(&sheet),
        printed: words::moment(now, today - chrono::Days::new(1), language),
        departed: sheet.trip.state.departed_at().map(moment),
        arrived: sheet.trip.state.arrived_at().map(moment),
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

/// The digest of who has which seat, by which two printed lists are told apart.
fn digest(sheet: &TripSheet) -> String {
    let mut hash = Sha256::new();
    for seat in &sheet.seats {
        hash.update(seat.seat_no.to_be_bytes());
        hash.update(seat.traveller.uuid().as_bytes());
    }
    base16ct::lower::encode_string(&hash.finalize()[..8])
}
