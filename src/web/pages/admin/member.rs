//! One member of the staff, added or corrected by a form. What was typed stays, each fault beside its field; who saves over a change that they
//! have not seen is shown what it is now, field by field, before they may.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use askama::Template;
use serde::Deserialize;

use super::{Tab, around};
use crate::access::Actor;
use crate::base::{Error, FieldError, Id, Language, Result};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Licence, Staff, StaffFacts, StaffName, StaffRole};
use crate::web::api::{Faults, named};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, go, page, told, words};
use crate::web::problem::{Problem, status};

/// The page that this one belongs to.
const FLEET: &str = "/admin/fleet";

#[derive(Template)]
#[template(path = "admin/member.html", config = ".askama.toml")]
struct MemberPage {
    frame: Frame,
    tabs: Vec<Tab>,
    refusals: Vec<String>,
    /// Whom the form corrects: their id, at which version, and the badge that they have; nobody yet, if they are to be added.
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
    /// The words to choose from, each with what is shown for it; none for a free text.
    choices: Vec<(String, String)>,
    fault: Option<String>,
    /// What somebody else has made of it meanwhile.
    now: Option<String>,
}

/// What is said of somebody, as typed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
pub struct MemberForm {
    badge: String,
    name: String,
    role: String,
    #[serde(default)]
    licence: String,
    organisation: String,
    #[serde(default)]
    depot: String,
}

/// A correction of somebody who was seen at a version.
#[derive(Deserialize)]
pub struct CorrectionForm {
    version: i32,
    #[serde(flatten)]
    form: MemberForm,
    /// Sent if it is ticked.
    in_service: Option<String>,
}

/// Somebody as the form has them.
#[derive(Clone)]
struct Said {
    form: MemberForm,
    in_service: bool,
}

/// Shows the form with what is known.
pub async fn show(call: Call, id: Path<Id<Staff>>) -> Result<HttpResponse, Problem> {
    let (id, version, said) = known(&call, *id).await?;
    member_page(&call, Some((id, version, said.form.badge.clone())), &said, None, None)
}

/// Adds somebody.
pub async fn add(call: Call, form: Form<MemberForm>) -> Result<HttpResponse, Problem> {
    let said = Said { form: form.into_inner(), in_service: true };
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    let added = match said.read(&call.app) {
        Ok((facts, name)) => call.app.write(move |tx| fleet::staff_add(tx, &actor, &keyring, facts.clone(), &name).map(drop)).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => Ok(go(FLEET)),
        Err(error) => member_page(&call, None, &said, None, Some(error)),
    }
}

/// Corrects somebody.
pub async fn correct(call: Call, id: Path<Id<Staff>>, form: Form<CorrectionForm>) -> Result<HttpResponse, Problem> {
    let (id, CorrectionForm { version, form, in_service }) = (*id, form.into_inner());
    let said = Said { form, in_service: in_service.is_some() };
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let corrected = match said.read(&call.app) {
        Ok((facts, name)) => call.app.write(move |tx| change(tx, &actor, &app, id, version, facts.clone(), &name)).await,
        Err(error) => Err(error),
    };
    let Err(error) = corrected else { return Ok(go(FLEET)) };
    let (id, current, now) = known(&call, id).await?;
    let badge = now.form.badge.clone();
    // Saving once more means having seen what it is now, so that it goes on from there.
    let now = Some(now).filter(|_| current != version);
    member_page(&call, Some((id, current, badge)), &said, now.as_ref(), Some(error))
}

/// Changes somebody; their name is sealed anew only if it is another.
fn change(tx: &mut Tx<'_>, actor: &Actor, app: &App, id: Id<Staff>, version: i32, facts: StaffFacts, name: &StaffName) -> Result<()> {
    let before = fleet::staff_names(tx, app.keyring(), &[id])?.pop();
    let new = Some(name).filter(|name| before.as_ref().is_none_or(|(_, before)| before != *name));
    fleet::staff_change(tx, actor, app.keyring(), id, version, facts, new).map(drop)
}

/// What is known of somebody, as the form says it.
async fn known(call: &Call, id: Id<Staff>) -> Result<(String, i32, Said)> {
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let read = move |conn: &mut Conn| {
        let member = fleet::staff_get(conn, &actor, id)?;
        let name = fleet::staff_names(conn, app.keyring(), &[id])?.pop().map(|(_, name)| name.expose().to_owned());
        let form = MemberForm {
            badge: member.badge,
            name: name.unwrap_or_default(),
            role: member.role.name().to_owned(),
            licence: member.licence.map(Licence::name).unwrap_or_default().to_owned(),
            organisation: app.code_of(member.organisation).unwrap_or_default(),
            depot: member.depot.and_then(|depot| app.code_of(depot)).unwrap_or_default(),
        };
        Ok((id.to_string(), member.version, Said { form, in_service: member.in_service }))
    };
    call.app.read(read).await
}

impl Said {
    /// What the form says, or everything that is wrong with it.
    fn read(&self, app: &App) -> Result<(StaffFacts, StaffName)> {
        let MemberForm { badge, name, role, licence, organisation, depot } = &self.form;
        let mut faults = Faults::default();
        let role = faults.field("role", named(StaffRole::from_name(role), &StaffRole::ALL.map(StaffRole::name)));
        let class = |class: &String| named(Licence::from_name(class), &Licence::ALL.map(Licence::name));
        let licence = faults.field("licence", Some(licence).filter(|class| !class.is_empty()).map(class).transpose());
        let name = faults.field("name", name.parse());
        let organisation = faults.organisation("organisation", app, organisation);
        let depot = Some(depot).filter(|depot| !depot.is_empty()).map(|depot| faults.organisation("depot", app, depot));
        match (role, licence, organisation, name) {
            (Some(role), Some(licence), Some(organisation), Some(name)) if faults.is_empty() => {
                let badge = badge.trim().to_owned();
                Ok((StaffFacts { badge, role, licence, organisation, depot: depot.flatten(), in_service: self.in_service }, name))
            }
            _ => Err(faults.into_error()),
        }
    }
}

/// Shows the form with what was said and why nothing came of it; `now` is what it is, if somebody else has changed it.
fn member_page(call: &Call, known: Option<(String, i32, String)>, said: &Said, now: Option<&Said>, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let (faults, refusals) = match refusal {
        None => (Vec::new(), Vec::new()),
        Some(Error::Invalid(faults)) => (faults, Vec::new()),
        Some(Error::Conflict(message)) if message.code == "badge_known" => (vec![FieldError::new("badge", message)], Vec::new()),
        Some(error) => (Vec::new(), told(error, call.language)?),
    };
    let (frame, tabs) = around(call);
    let fields = fields(call, said, now, &faults);
    let n_faults = fields.iter().filter(|field| field.fault.is_some()).count();
    let in_service_now = now.map(|now| now.in_service).filter(|now| *now != said.in_service);
    page(code, &MemberPage { frame, tabs, refusals, known, fields, n_faults, in_service: said.in_service, in_service_now })
}

fn fields(call: &Call, said: &Said, now: Option<&Said>, faults: &[FieldError]) -> Vec<Field> {
    let language = call.language;
    let none = |label: String| (String::new(), label);
    let organisations = organisations(call, &said.form.organisation);
    let depots = std::iter::once(none(language.text("fleet_depot_hub"))).chain(all_organisations(call)).collect();
    let licences = std::iter::once(none("—".to_owned())).chain(Licence::ALL.map(|licence| (licence.name().to_owned(), licence.name().to_owned()))).collect();
    let with = |name: &'static str, label: String, choices: Vec<(String, String)>, of: fn(&MemberForm) -> &String| {
        let value = of(&said.form).clone();
        let now = now.map(|now| of(&now.form)).filter(|now| **now != value).map(|now| shown(now, &choices));
        let fault = faults.iter().find(|fault| fault.field == name).map(|fault| fault.message.text(language));
        Field { name, label, value, choices, fault, now }
    };
    vec![
        with("badge", language.text("fleet_badge"), Vec::new(), |form| &form.badge),
        with("name", language.text("sheet_name"), Vec::new(), |form| &form.name),
        with("role", language.text("admin_role"), roles(language), |form| &form.role),
        with("licence", language.text("fleet_licence"), licences, |form| &form.licence),
        with("organisation", language.text("admin_organisation"), organisations, |form| &form.organisation),
        with("depot", language.text("fleet_depot"), depots, |form| &form.depot),
    ]
}

fn roles(language: Language) -> Vec<(String, String)> {
    StaffRole::ALL.map(|role| (role.name().to_owned(), language.text(&format!("staff_{}", role.name())))).into()
}

/// Those within the reader's scope, and the one that is said.
fn organisations(call: &Call, said: &str) -> Vec<(String, String)> {
    let within = |code: &str| {
        let known = call.app.rulebook().organisations.get(code);
        code == said || known.is_some_and(|one| call.actor.scope().covers_organisation(&one.place.to_string(), code))
    };
    all_organisations(call).filter(|(code, _)| within(code)).collect()
}

fn all_organisations(call: &Call) -> impl Iterator<Item = (String, String)> + '_ {
    call.app.rulebook().organisations.iter().map(|one| (one.code.clone(), words::organisation(one, call.language)))
}

/// A value as the form shows it.
fn shown(value: &str, choices: &[(String, String)]) -> String {
    choices.iter().find(|(code, _)| code == value).map_or_else(|| value.to_owned(), |(_, label)| label.clone())
}
