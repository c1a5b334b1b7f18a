//! What there is, as a list to take along: it may be changed and imported again, and says nothing of names but what lists show.

use std::collections::HashMap;

use crate::access::{Act, Actor, Keyring, mask};
use crate::base::draft::{Field, Listing};
use crate::base::{Id, Language, Result};
use crate::db::Conn;
use crate::fleet::draft::{StaffColumn, StaffDraft, VehicleColumn, VehicleDraft};
use crate::fleet::{Staff, StaffName, Vehicle, organisations_within, staff_names, store};
use crate::places::{Organisation, Organisations};

/// The vehicles in the actor's scope, in the order of their plates.
pub fn vehicles_listing(conn: &mut Conn, actor: &Actor, organisations: &Organisations, language: Language) -> Result<Listing> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let names = names(organisations, language);
    let row = |vehicle: Vehicle| VehicleDraft::row(&vehicle, called(&names, Some(vehicle.organisation)), called(&names, vehicle.depot), language);
    let rows: Vec<Vec<Field>> = store::vehicles_after(conn, within.as_deref(), None, i64::MAX)?.into_iter().map(row).collect();
    Ok(Listing::of::<VehicleColumn>(language.text("fleet_vehicles"), rows, language))
}

/// The staff in the actor's scope, in the order of their badges, their names masked.
pub fn staff_listing(conn: &mut Conn, actor: &Actor, keyring: &Keyring, organisations: &Organisations, language: Language) -> Result<Listing> {
    actor.must(Act::ViewTrips)?;
    let within = organisations_within(conn, actor.scope())?;
    let staff = store::staff_after(conn, within.as_deref(), None, i64::MAX)?;
    let ids: Vec<Id<Staff>> = staff.iter().map(|member| member.id).collect();
    let people: HashMap<Id<Staff>, StaffName> = staff_names(conn, keyring, &ids)?.into_iter().collect();
    let names = names(organisations, language);
    let row = |member: &Staff| {
        let name = people.get(&member.id).map(|name| mask::name(name.expose())).unwrap_or_default();
        StaffDraft::row(member, name, called(&names, Some(member.organisation)), called(&names, member.depot), language)
    };
    let rows: Vec<Vec<Field>> = staff.iter().map(row).collect();
    Ok(Listing::of::<StaffColumn>(language.text("fleet_staff"), rows, language))
}

/// What each organisation is called, so that an import finds it again: by its name, or by its code if another has the same name.
fn names(organisations: &Organisations, language: Language) -> HashMap<Id<Organisation>, String> {
    let name = |organisation: &Organisation| {
        let name = organisation.name_in(language);
        let is_found = organisations.called(name).is_some_and(|found| found.code == organisation.code);
        if is_found { name.to_owned() } else { organisation.code.clone() }
    };
    organisations.iter().map(|organisation| (organisation.id(), name(organisation))).collect()
}

/// One of them; nothing if none is meant, and the id of one that is no longer in force.
fn called(names: &HashMap<Id<Organisation>, String>, organisation: Option<Id<Organisation>>) -> String {
    organisation.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string())).unwrap_or_default()
}
