//! One member of the staff as a form, to be added or corrected.

use actix_web::HttpResponse;
use actix_web::web::{Form, Path};
use serde::Deserialize;

use super::record::{About, Ask, Correction, FLEET, Known, Record, Said, depots, owners};
use crate::access::Actor;
use crate::base::{Id, Result};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Licence, Staff, StaffFacts, StaffName, StaffRole};
use crate::web::api::{Faults, named};
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::go;
use crate::web::problem::Problem;

/// What the form is about.
pub(super) const STAFF: About = About {
    path: "/admin/fleet/staff",
    name: "fleet_staff",
    add: "fleet_staff_new",
    correct: "fleet_staff_correct",
    taken: ("badge", "badge_known"),
    draft: "staff",
};

/// What is said of somebody, as typed.
#[derive(Clone, Default, Deserialize)]
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

/// Shows the form, empty.
pub async fn new(call: Call) -> Result<HttpResponse, Problem> {
    record(&call, None, &Said { form: MemberForm::default(), in_service: true }).page(&call)
}

/// Shows the form with what is known.
pub async fn show(call: Call, id: Path<Id<Staff>>) -> Result<HttpResponse, Problem> {
    let known = known(&call, *id).await?;
    record(&call, Some(&known), &known.said).page(&call)
}

/// Adds somebody.
pub async fn add(call: Call, form: Form<MemberForm>) -> Result<HttpResponse, Problem> {
    let said = Said { form: form.into_inner(), in_service: true };
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    let added = match read(&call.app, &said) {
        Ok((facts, name)) => call.app.write(move |tx| fleet::staff_add(tx, &actor, &keyring, facts.clone(), &name).map(drop)).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => Ok(go(&format!("{FLEET}?added={}", STAFF.draft))),
        Err(error) => record(&call, None, &said).refused(&call, None, error),
    }
}

/// Corrects somebody.
pub async fn correct(call: Call, id: Path<Id<Staff>>, form: Form<Correction<MemberForm>>) -> Result<HttpResponse, Problem> {
    let (id, (version, said)) = (*id, form.into_inner().split());
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let corrected = match read(&call.app, &said) {
        Ok((facts, name)) => call.app.write(move |tx| change(tx, &actor, &app, id, version, facts.clone(), &name)).await,
        Err(error) => Err(error),
    };
    let Err(error) = corrected else { return Ok(go(FLEET)) };
    let known = known(&call, id).await?;
    record(&call, Some(&known), &said).refused(&call, Some(version), error)
}

/// Changes somebody; their name is sealed anew only if it is another.
fn change(tx: &mut Tx<'_>, actor: &Actor, app: &App, id: Id<Staff>, version: i32, facts: StaffFacts, name: &StaffName) -> Result<()> {
    let before = fleet::staff_names(tx, app.keyring(), &[id])?.pop();
    let new = Some(name).filter(|name| before.as_ref().is_none_or(|(_, before)| before != *name));
    fleet::staff_change(tx, actor, app.keyring(), id, version, facts, new).map(drop)
}

/// What is known of somebody, as the form says it.
async fn known(call: &Call, id: Id<Staff>) -> Result<Known<MemberForm>> {
    let (actor, app) = (call.actor.clone(), call.app.clone());
    let read = move |conn: &mut Conn| {
        let member = fleet::staff_get(conn, &actor, id)?;
        let name = fleet::staff_names(conn, app.keyring(), &[id])?.pop().map(|(_, name)| name.expose().to_owned());
        let form = MemberForm {
            badge: member.badge.clone(),
            name: name.unwrap_or_default(),
            role: member.role.name().to_owned(),
            licence: member.licence.map(Licence::name).unwrap_or_default().to_owned(),
            organisation: app.code_of(member.organisation).unwrap_or_default(),
            depot: member.depot.and_then(|depot| app.code_of(depot)).unwrap_or_default(),
        };
        Ok(Known { id: id.to_string(), name: member.badge, version: member.version, said: Said { form, in_service: member.in_service } })
    };
    call.app.read(read).await
}

/// What the form says, or everything that is wrong with it.
fn read(app: &App, said: &Said<MemberForm>) -> Result<(StaffFacts, StaffName)> {
    let MemberForm { badge, name, role, licence, organisation, depot } = &said.form;
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
            Ok((StaffFacts { badge, role, licence, organisation, depot: depot.flatten(), in_service: said.in_service }, name))
        }
        _ => Err(faults.into_error()),
    }
}

fn record<'r>(call: &Call, known: Option<&'r Known<MemberForm>>, said: &'r Said<MemberForm>) -> Record<'r, MemberForm> {
    let language = call.language;
    let roles = StaffRole::ALL.map(|role| (role.name().to_owned(), language.text(&format!("staff_{}", role.name())))).into();
    let licences = Licence::ALL.map(|licence| (licence.name().to_owned(), licence.name().to_owned()));
    let licences = std::iter::once((String::new(), "—".to_owned())).chain(licences).collect();
    let asks = vec![
        Ask::text("badge", language.text("fleet_badge"), |form: &MemberForm| &form.badge),
        Ask::text("name", language.text("sheet_name"), |form| &form.name),
        Ask::choice("role", language.text("admin_role"), roles, |form| &form.role),
        Ask::choice("licence", language.text("fleet_licence"), licences, |form| &form.licence),
        Ask::choice("organisation", language.text("admin_organisation"), owners(call, &said.form.organisation), |form| &form.organisation),
        Ask::choice("depot", language.text("fleet_depot"), depots(call), |form| &form.depot),
    ];
    Record { about: &STAFF, asks, known, said }
}
