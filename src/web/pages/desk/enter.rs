//! Entering somebody whom no roster named: the fields of a roster's row, filled from the passport and the last flight, each with its
//! fault beside it.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Form;
use askama::Template;
use chrono::Days;

use crate::arrivals::draft::{Cells, Column, RosterRules, TravellerDraft};
use crate::arrivals::{self, Flight};
use crate::base::draft::ColumnSet as _;
use crate::base::time::{SHANGHAI, civil_date};
use crate::base::{Error, FieldError, Language, Message};
use crate::places::{Places, Unresolved};
use crate::web::call::Call;
use crate::web::pages::sought::Sought;
use crate::web::pages::{Frame, go, page, words};
use crate::web::problem::Problem;

/// The fields of the form in the order in which they are filled, the one that a passport never tells first.
const FIELDS: [Column; 15] = [
    Column::Destination,
    Column::Name,
    Column::NameLatin,
    Column::DocType,
    Column::DocNo,
    Column::Nationality,
    Column::BornOn,
    Column::Sex,
    Column::FlightNo,
    Column::Port,
    Column::LandedAt,
    Column::Seat,
    Column::Party,
    Column::Phone,
    Column::Health,
];

#[derive(Template)]
#[template(path = "desk/enter.html", config = ".askama.toml")]
struct EnterPage {
    frame: Frame,
    fields: Vec<Field>,
    remarks: Vec<String>,
    n_faults: usize,
    refusal: Option<String>,
    candidates: Vec<Candidate>,
}

/// One field of the form.
struct Field {
    name: &'static str,
    label: String,
    hint: String,
    value: String,
    fault: Option<String>,
    /// The words to choose from, each with what is shown for it; none for a free text.
    choices: Vec<(&'static str, String)>,
    is_first: bool,
}

/// A place that may be meant.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its code.
    pub code: String,
    /// As people tell it from the others.
    pub name: String,
}

/// The form for somebody who was sought and not found.
pub async fn form_for(call: Call, sought: Sought) -> Result<HttpResponse, Problem> {
    let mut values = BTreeMap::new();
    let mut remarks = Vec::new();
    let mut set = |column: Column, value: Option<String>| value.map(|value| values.insert(column.names().1.to_owned(), value));
    match sought {
        Sought::Zone(zone) => {
            set(Column::NameLatin, zone.name_latin);
            set(Column::DocType, Some("passport".into()));
            set(Column::DocNo, zone.document.map(|document| document.no().as_str().to_owned()));
            set(Column::Nationality, zone.nationality.map(|nationality| nationality.to_string()));
            set(Column::BornOn, zone.born_on.map(|date| date.to_string()));
            set(Column::Sex, zone.sex.map(|sex| sex.as_str().to_owned()));
            remarks.extend(zone.failed.iter().map(|group| group.message().text(call.language)));
        }
        Sought::Document(number) => drop(set(Column::DocNo, Some(number))),
        Sought::Name(name) if name.is_ascii() => drop(set(Column::NameLatin, Some(name.replacen(' ', "/", 1).to_uppercase()))),
        Sought::Name(name) => drop(set(Column::Name, Some(name))),
        Sought::Slip(_) | Sought::Seat(..) => {}
    }
    let (actor, today) = (call.actor.clone(), civil_date(call.app.db().clock().now()));
    let last = call.app.read(move |conn| {
        // Soon after midnight the last flight is one of yesterday.
        let today_s = arrivals::flights_on(conn, &actor, today)?.pop();
        today_s.map_or_else(|| Ok(arrivals::flights_on(conn, &actor, today - Days::new(1))?.pop()), |flight| Ok(Some(flight)))
    });
    if let Some(flight) = last.await? {
        carry_over(&mut values, &flight);
    }
    form(call, StatusCode::OK, &values, &[], remarks, None)
}

/// The next person has most likely come with the flight that landed last.
fn carry_over(values: &mut BTreeMap<String, String>, flight: &Flight) {
    let landed_at = flight.landed_at.with_timezone(&SHANGHAI).format("%Y-%m-%d %H:%M").to_string();
    for (column, value) in [(Column::FlightNo, &flight.flight_no), (Column::Port, &flight.port), (Column::LandedAt, &landed_at)] {
        values.insert(column.names().1.to_owned(), value.clone());
    }
}

/// Enters the person, or shows the form again with what was typed and each fault beside its field.
pub async fn enter(call: Call, typed: Form<BTreeMap<String, String>>) -> Result<HttpResponse, Problem> {
    let values = typed.into_inner();
    let mut cells = Cells::default();
    for column in FIELDS {
        cells.set(column, values.get(column.names().1).cloned().unwrap_or_default().into());
    }
    let rules = RosterRules { ports: call.app.settings().rosters.ports.clone(), destination_required: false };
    let draft = match TravellerDraft::read(cells, &rules) {
        Ok(draft) => draft,
        Err(faults) => {
            let fault = |fault: crate::arrivals::draft::Fault| FieldError::new(fault.column.map_or("", |column| column.names().1), fault.message);
            let faults: Vec<FieldError> = faults.into_iter().map(fault).collect();
            return form(call, StatusCode::UNPROCESSABLE_ENTITY, &values, &faults, Vec::new(), None);
        }
    };
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let entered = call.app.write(move |tx| arrivals::enter(tx, &actor, app.keyring(), app.rulebook(), draft.clone())).await;
    match entered {
        Ok(entered) => Ok(go(&format!("/desk/people/{}?entered=1", entered.traveller))),
        Err(Error::Invalid(faults)) => form(call, StatusCode::UNPROCESSABLE_ENTITY, &values, &faults, Vec::new(), None),
        Err(Error::Conflict(message)) => form(call, StatusCode::CONFLICT, &values, &[], Vec::new(), Some(message)),
        Err(error) => Err(error.into()),
    }
}

fn form(
    call: Call,
    status: StatusCode,
    values: &BTreeMap<String, String>,
    faults: &[FieldError],
    remarks: Vec<String>,
    refusal: Option<Message>,
) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let field = |(n, column): (usize, Column)| {
        let name = column.names().1;
        let fault = faults.iter().find(|fault| fault.field == name).map(|fault| fault.message.text(language));
        Field {
            name,
            label: language.text(&format!("column_{name}")),
            hint: language.text(&format!("hint_{name}")).replace('-', "‑"),
            value: values.get(name).cloned().unwrap_or_default(),
            fault,
            choices: choices(column, language),
            is_first: n == 0,
        }
    };
    let fields: Vec<Field> = FIELDS.into_iter().enumerate().map(field).collect();
    let destination = values.get(Column::Destination.names().1).map(String::as_str).unwrap_or_default();
    let shown = EnterPage {
        n_faults: fields.iter().filter(|field| field.fault.is_some()).count(),
        fields,
        remarks,
        refusal: refusal.map(|message| message.text(language)),
        candidates: candidates(&call.app.rulebook().places, destination, language),
        frame: Frame::of(&call),
    };
    page(status, &shown)
}

/// The places that a destination may mean, if it may mean several.
pub fn candidates(places: &Places, typed: &str, language: Language) -> Vec<Candidate> {
    match places.resolve(typed) {
        Err(Unresolved::Ambiguous { candidates, .. }) => {
            let candidate = |code: crate::places::Adcode| Candidate { code: code.to_string(), name: words::place(places, &code.to_string(), language) };
            candidates.into_iter().map(candidate).collect()
        }
        _ => Vec::new(),
    }
}

fn choices(column: Column, language: Language) -> Vec<(&'static str, String)> {
    let of = |prefix: &str, words: &[&'static str]| words.iter().map(|word| (*word, language.text(&format!("{prefix}_{word}")))).collect();
    match column {
        Column::DocType => of("document", &["passport", "resident_id", "hk_macao_permit", "taiwan_permit"]),
        Column::Sex => vec![("", "—".into()), ("M", language.text("sex_m")), ("F", language.text("sex_f")), ("X", language.text("sex_x"))],
        Column::Health => of("health", &["ok", "symptomatic", "close_contact", "suspected", "confirmed"]),
        _ => Vec::new(),
    }
}
