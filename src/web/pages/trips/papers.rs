//! What driver and escort take along: who sits where, the names masked to what they need, and the driving plan with its breaks.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::TimeDelta;

use crate::arrivals::{self, TravellerId};
use crate::base::time::civil_date;
use crate::base::{Id, Language, Message};
use crate::custody;
use crate::dispatch::{self, Drive, Trip, TripSheet};
use crate::fleet::{self, Staff, StaffName};
use crate::policy::Rulebook;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "trips/papers.html", config = ".askama.toml")]
struct PapersPage {
    frame: Frame,
    id: String,
    number: String,
    plate: String,
    day: String,
    crew: Vec<String>,
    drives: Vec<Stretch>,
    rows: Vec<Row>,
    load_cap: i32,
}

/// A line of the driving plan.
struct Stretch {
    from: String,
    to: String,
    what: String,
    who: String,
    length: String,
    is_break: bool,
}

/// A passenger.
struct Row {
    seat: i32,
    name: String,
    boards: String,
    bound_for: String,
}

/// Shows them.
pub async fn papers(call: Call, id: Path<Id<Trip>>) -> Result<HttpResponse, Problem> {
    let (actor, keyring, id) = (call.actor.clone(), call.app.keyring().clone(), *id);
    let read = move |conn: &mut crate::db::Conn| {
        let sheet = dispatch::trip_get(conn, &actor, id)?;
        custody::must_have_counted(conn, &actor, id)?;
        let ids: Vec<TravellerId> = sheet.seats.iter().map(|seat| seat.traveller).collect();
        let crew: Vec<_> = sheet.crew.iter().map(|member| member.id).collect();
        let names = fleet::staff_names(conn, &keyring, &crew)?;
        Ok((arrivals::identities(conn, &keyring, &ids)?, arrivals::get(conn, &ids)?, names, sheet))
    };
    let (identities, people, names, sheet) = call.app.read(read).await?;
    let (language, rulebook) = (call.language, call.app.rulebook());
    let row = |seat: &dispatch::Seat| {
        let person = people.iter().find(|person| person.id == seat.traveller);
        let bound = person.and_then(|person| person.destination.as_ref());
        let custodian = person.and_then(|person| person.custody.custodian);
        Row {
            seat: seat.seat_no,
            name: words::masked(identities.iter().find(|(id, _)| *id == seat.traveller).map(|(_, identity)| identity)),
            boards: custodian.map(|id| words::organisation_of(&rulebook.organisations, id, language)).unwrap_or_default(),
            bound_for: bound.map(|bound| words::place(&rulebook.places, &bound.city, language)).unwrap_or_default(),
        }
    };
    let crew =
        sheet.crew.iter().map(|member| format!("{} {} {}", language.text(&format!("staff_{}", member.role.name())), name(&names, member.id), member.badge));
    let shown = PapersPage {
        id: sheet.trip.id.to_string(),
        number: sheet.trip.number.clone(),
        plate: sheet.vehicle.plate.to_string(),
        day: words::day(sheet.trip.on, language),
        crew: crew.collect(),
        drives: stretches(&dispatch::drives(&sheet, call.app.driving()), &sheet, &names, rulebook, language),
        rows: sheet.seats.iter().map(row).collect(),
        load_cap: sheet.trip.load_cap,
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

fn name(names: &[(Id<Staff>, StaffName)], id: Id<Staff>) -> &str {
    names.iter().find(|(one, _)| *one == id).map_or("", |(_, name)| name.expose())
}

/// The drives with what lies between them: a break on the way, or a stop.
fn stretches(drives: &[Drive], sheet: &TripSheet, names: &[(Id<Staff>, StaffName)], rulebook: &Rulebook, language: Language) -> Vec<Stretch> {
    let place = |id| words::organisation_of(&rulebook.organisations, id, language);
    let moment = |at| words::moment(at, civil_date(sheet.trip.departs_at), language);
    let length = |of: TimeDelta| words::length(of, language);
    let mut lines: Vec<Stretch> = Vec::new();
    let mut before: Option<&Drive> = None;
    for drive in drives {
        if let Some(before) = before.filter(|before| before.ends_at < drive.starts_at) {
            let is_break = (before.from, before.to) == (drive.from, drive.to);
            let what = if is_break { language.text("papers_break") } else { Message::new("papers_stop").with("at", place(drive.from)).text(language) };
            let (from, to) = (moment(before.ends_at), moment(drive.starts_at));
            lines.push(Stretch { from, to, what, who: String::new(), length: length(drive.starts_at - before.ends_at), is_break: true });
        }
        lines.push(Stretch {
            from: moment(drive.starts_at),
            to: moment(drive.ends_at),
            what: format!("{} → {}", place(drive.from), place(drive.to)),
            who: name(names, drive.driver).to_owned(),
            length: length(drive.ends_at - drive.starts_at),
            is_break: false,
        });
        before = Some(drive);
    }
    lines
}
