//! A vehicle or a member of the staff as a form, to be added or corrected. What was typed stays, each fault beside its field; who saves over a change
//! that they have not seen is shown what it is now, field by field, before they may.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::{Tab, around};
use crate::base::{Error, FieldError, Language};
use crate::web::call::Call;
use crate::web::pages::{Frame, page, told, words};
use crate::web::problem::{Problem, status};

/// The list that every record is on.
pub const FLEET: &str = "/admin/fleet";

/// What a form is about: its path, and the keys of its words.
pub struct About {
    /// Where one that is new is sent to; a correction goes to `{path}/{id}/facts`.
    pub path: &'static str,
    /// One of them.
    pub name: &'static str,
    /// To add one.
    pub add: &'static str,
    /// To correct one.
    pub correct: &'static str,
    /// The field of its name, and the code by which another is known to have that name.
    pub taken: (&'static str, &'static str),
    /// Under which word the browser keeps what was typed of a new one.
    pub draft: &'static str,
}

/// What is said of a record, as typed or as known.
#[derive(Clone)]
pub struct Said<F> {
    /// The fields.
    pub form: F,
    /// Whether it may be given trips.
    pub in_service: bool,
}

/// A correction of what was seen at a version.
#[derive(Deserialize)]
pub struct Correction<F> {
    version: i32,
    #[serde(flatten)]
    form: F,
    /// Sent if it is ticked.
    in_service: Option<String>,
}

/// A record as it is.
pub struct Known<F> {
    /// Its id.
    pub id: String,
    /// The name that it goes by.
    pub name: String,
    /// Its version.
    pub version: i32,
    /// What is said of it.
    pub said: Said<F>,
}

/// A question of the form.
pub struct Ask<F> {
    name: &'static str,
    label: String,
    of: fn(&F) -> &String,
    kind: &'static str,
    choices: Vec<(String, String)>,
    is_required: bool,
    hint: String,
}

/// A form to be shown.
pub struct Record<'r, F> {
    /// What it is about.
    pub about: &'static About,
    /// What is asked.
    pub asks: Vec<Ask<F>>,
    /// What it corrects; nothing, if one is to be added.
    pub known: Option<&'r Known<F>>,
    /// What is said.
    pub said: &'r Said<F>,
}

#[derive(Template)]
#[template(path = "admin/record.html", config = ".askama.toml")]
struct RecordPage {
    frame: Frame,
    tabs: Vec<Tab>,
    refusals: Vec<String>,
    about: &'static About,
    /// The id, the version and the name of what the form corrects.
    known: Option<(String, i32, String)>,
    fields: Vec<Field>,
    n_faults: usize,
    in_service: bool,
    /// What somebody else has made of that meanwhile.
    in_service_now: Option<bool>,
}

/// One field of the form.
struct Field {
    name: &'static str,
    label: String,
    value: String,
    /// What is typed: a text, a number, a date.
    kind: &'static str,
    /// The words to choose from, each with what is shown for it; none if it is typed.
    choices: Vec<(String, String)>,
    is_required: bool,
    /// Whether the cursor stands here: at the first fault, or at the beginning.
    is_focused: bool,
    hint: String,
    fault: Option<String>,
    /// What somebody else has made of it meanwhile.
    now: Option<String>,
}

impl<F> Correction<F> {
    /// The version that was seen, and what is said.
    pub fn split(self) -> (i32, Said<F>) {
        (self.version, Said { form: self.form, in_service: self.in_service.is_some() })
    }
}

impl<F> Ask<F> {
    /// A text that must be there.
    pub fn text(name: &'static str, label: String, of: fn(&F) -> &String) -> Self {
        Self { name, label, of, kind: "text", choices: Vec::new(), is_required: true, hint: String::new() }
    }

    /// A whole number that must be there.
    pub fn number(name: &'static str, label: String, of: fn(&F) -> &String) -> Self {
        Self { kind: "number", ..Self::text(name, label, of) }
    }

    /// A date that must be there.
    pub fn date(name: &'static str, label: String, of: fn(&F) -> &String) -> Self {
        Self { kind: "date", ..Self::text(name, label, of) }
    }

    /// One of some words, each with what is shown for it.
    pub fn choice(name: &'static str, label: String, choices: Vec<(String, String)>, of: fn(&F) -> &String) -> Self {
        Self { choices, ..Self::text(name, label, of) }
    }

    /// The same, that may be left out.
    pub fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    /// The same, with a word of help.
    pub fn hint(self, hint: String) -> Self {
        Self { hint, ..self }
    }

    fn field(self, said: &Said<F>, now: Option<&Said<F>>, faults: &[FieldError], language: Language) -> Field {
        let Self { name, label, of, kind, choices, is_required, hint } = self;
        let value = of(&said.form).clone();
        let now = now.map(|now| of(&now.form)).filter(|now| **now != value).map(|now| shown(now, &choices));
        let fault = faults.iter().find(|fault| fault.field == name).map(|fault| fault.message.text(language));
        Field { name, label, value, kind, choices, is_required, is_focused: false, hint, fault, now }
    }
}

impl<F> Record<'_, F> {
    /// Shows it.
    pub fn page(self, call: &Call) -> Result<HttpResponse, Problem> {
        self.with(call, None, None)
    }

    /// Shows it with why nothing came of what was said of what was seen at a version.
    pub fn refused(self, call: &Call, seen: Option<i32>, error: Error) -> Result<HttpResponse, Problem> {
        self.with(call, seen, Some(error))
    }

    fn with(self, call: &Call, seen: Option<i32>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
        let Self { about, asks, known, said } = self;
        let (taken, code) = (about.taken, refusal.as_ref().map_or(StatusCode::OK, status));
        let (faults, refusals) = match refusal {
            None => (Vec::new(), Vec::new()),
            Some(Error::Invalid(faults)) => (faults, Vec::new()),
            Some(Error::Conflict(message)) if message.code == taken.1 => (vec![FieldError::new(taken.0, message)], Vec::new()),
            Some(error) => (Vec::new(), told(error, call.language)?),
        };
        // Saving once more means having seen what it is now, so that it goes on from there.
        let now = known.filter(|known| seen.is_some_and(|seen| seen != known.version)).map(|known| &known.said);
        let mut fields: Vec<Field> = asks.into_iter().map(|ask| ask.field(said, now, &faults, call.language)).collect();
        let first = fields.iter().position(|field| field.fault.is_some()).unwrap_or_default();
        if let Some(field) = fields.get_mut(first) {
            field.is_focused = true;
        }
        let (frame, tabs) = around(call);
        let shown = RecordPage {
            frame,
            tabs,
            refusals,
            about,
            known: known.map(|known| (known.id.clone(), known.version, known.name.clone())),
            n_faults: fields.iter().filter(|field| field.fault.is_some()).count(),
            fields,
            in_service: said.in_service,
            in_service_now: now.map(|now| now.in_service).filter(|now| *now != said.in_service),
        };
        page(code, &shown)
    }
}

/// The organisations within the reader's scope, and the one that is said.
pub fn owners(call: &Call, said: &str) -> Vec<(String, String)> {
    let within = |code: &str| {
        let known = call.app.rulebook().organisations.get(code);
        code == said || known.is_some_and(|one| call.actor.scope().covers_organisation(&one.place.to_string(), code))
    };
    organisations(call).filter(|(code, _)| within(code)).collect()
}

/// Where they may stand: with any organisation, or at the hub of their province.
pub fn depots(call: &Call) -> Vec<(String, String)> {
    std::iter::once((String::new(), call.language.text("fleet_depot_hub"))).chain(organisations(call)).collect()
}

fn organisations(call: &Call) -> impl Iterator<Item = (String, String)> + '_ {
    call.app.rulebook().organisations.iter().map(|one| (one.code.clone(), words::organisation(one, call.language)))
}

/// A value as the form shows it.
fn shown(value: &str, choices: &[(String, String)]) -> String {
    choices.iter().find(|(code, _)| code == value).map_or_else(|| value.to_owned(), |(_, label)| label.clone())
}
