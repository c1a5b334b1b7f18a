//! What becomes of a row that names a vehicle.

use std::collections::HashMap;

use super::{Listed, Terms, Verdict, faults};
use crate::access::Keyring;
use crate::base::draft::{Fault, ProblemCode};
use crate::base::{Message, Result};
use crate::db::{Conn, Tx};
use crate::fleet::draft::{VehicleColumn, VehicleDraft, as_read};
use crate::fleet::{Permit, Vehicle, VehicleFacts, store};

impl Listed for Vehicle {
    type Draft = VehicleDraft;
    type Column = VehicleColumn;

    const NAME: &'static str = "vehicles";

    fn key(draft: &VehicleDraft) -> &str {
        draft.plate.as_str()
    }

    fn lock(tx: &mut Tx<'_>, keys: &[&str]) -> Result<()> {
        store::vehicles_lock_by_plate(tx, keys)
    }

    fn known(conn: &mut Conn, keys: &[&str], _: &Keyring) -> Result<HashMap<String, Self>> {
        let found = store::vehicles_with_plates(conn, keys)?;
        Ok(found.into_iter().map(|vehicle| (vehicle.plate.to_string(), vehicle)).collect())
    }

    fn judge(draft: &VehicleDraft, before: Option<&Self>, terms: &Terms<'_>) -> Result<Verdict<Self>, Vec<Fault<VehicleColumn>>> {
        if before.is_some_and(|before| !terms.covers(before.organisation)) {
            let message = Message::new("vehicle_of_others");
            return Err(vec![Fault { column: Some(VehicleColumn::Plate), code: ProblemCode::KnownElsewhere, message }]);
        }
        let known = before.map(Self::facts);
        let facts = facts(draft, known.as_ref(), terms)?;
        match before {
            Some(_) if known.as_ref() == Some(&facts) => Ok(Verdict::Same),
            Some(before) => Self::of(before.id, facts, terms.rule, before.version + 1).map(Verdict::Changed).map_err(faults),
            None => Self::of(terms.chance.next(terms.now), facts, terms.rule, 1).map(Verdict::New).map_err(faults),
        }
    }

    fn write(tx: &mut Tx<'_>, new: Vec<Self>, changed: Vec<Self>, _: &Keyring) -> Result<()> {
        store::vehicles_insert(tx, &new)?;
        changed.iter().try_for_each(|vehicle| store::vehicle_update(tx, vehicle))
    }
}

/// What the row says, and for the rest what is known.
fn facts(draft: &VehicleDraft, known: Option<&VehicleFacts>, terms: &Terms<'_>) -> Result<VehicleFacts, Vec<Fault<VehicleColumn>>> {
    let organisation = terms.owner(VehicleColumn::Organisation, &draft.organisation);
    let depot = terms.depot(VehicleColumn::Depot, draft.depot.as_deref());
    let permit = permit(draft, known.and_then(|known| known.permit.as_ref()));
    match (organisation, depot, permit) {
        (Ok(organisation), Ok(depot), Ok(permit)) => Ok(VehicleFacts {
            plate: draft.plate.clone(),
            kind: draft.kind,
            seats: draft.seats,
            load_cap: draft.load_cap.or(known.and_then(|known| known.load_cap)),
            contact_cap: draft.contact_cap.or(known.and_then(|known| known.contact_cap)),
            wheelchairs: draft.wheelchairs.unwrap_or(known.map_or(0, |known| known.wheelchairs)),
            infants: draft.infants.unwrap_or(known.map_or(0, |known| known.infants)),
            luggage: draft.luggage.or(known.and_then(|known| known.luggage)),
            organisation,
            depot: depot.or(known.and_then(|known| known.depot)),
            permit,
            in_service: draft.in_service.unwrap_or(known.is_none_or(|known| known.in_service)),
        }),
        (organisation, depot, permit) => Err([organisation.err(), depot.err(), permit.err()].into_iter().flatten().collect()),
    }
}

/// The permit as the row leaves it: a number and a last day, of which the row may say one if the other is known.
fn permit(draft: &VehicleDraft, known: Option<&Permit>) -> Result<Option<Permit>, Fault<VehicleColumn>> {
    let said = draft.permit.as_ref().filter(|said| known.is_none_or(|known| as_read(&known.number) != **said));
    let number = said.cloned().or_else(|| known.map(|known| known.number.clone()));
    let expires_on = draft.permit_expires_on.or(known.map(|known| known.expires_on));
    let incomplete = |column| Err(Fault { column: Some(column), code: ProblemCode::MissingField, message: Message::new("permit_incomplete") });
    match (number, expires_on) {
        (Some(number), Some(expires_on)) => Ok(Some(Permit { number, expires_on })),
        (None, None) => Ok(None),
        (None, Some(_)) => incomplete(VehicleColumn::Permit),
        (Some(_), None) => incomplete(VehicleColumn::PermitExpiresOn),
    }
}
