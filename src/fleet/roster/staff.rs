//! What becomes of a row that names a staff member. A name goes from the file under its seal; no fault tells it.

use std::collections::HashMap;

use super::{Listed, Terms, Verdict, faults};
use crate::access::Keyring;
use crate::base::draft::{Fault, ProblemCode};
use crate::base::{Id, Message, Result};
use crate::db::{Conn, Tx};
use crate::fleet::draft::{StaffColumn, StaffDraft, as_read};
use crate::fleet::{Staff, StaffFacts, StaffName, store};

/// A staff member with the name: as it is known or, of one who is written, as it is to be; none leaves it as it is.
pub(super) struct Member {
    staff: Staff,
    name: Option<StaffName>,
}

impl Listed for Member {
    type Draft = StaffDraft;
    type Column = StaffColumn;

    const NAME: &'static str = "staff";

    fn key(draft: &StaffDraft) -> &str {
        &draft.badge
    }

    fn lock(tx: &mut Tx<'_>, keys: &[&str]) -> Result<()> {
        store::staff_lock_by_badge(tx, keys)
    }

    fn known(conn: &mut Conn, keys: &[&str], keyring: &Keyring) -> Result<HashMap<String, Self>> {
        let found = store::staff_with_badges(conn, keys)?;
        let ids: Vec<Id<Staff>> = found.iter().map(|staff| staff.id).collect();
        let mut names: HashMap<Id<Staff>, StaffName> = crate::fleet::staff_names(conn, keyring, &ids)?.into_iter().collect();
        Ok(found.into_iter().map(|staff| (staff.badge.clone(), Self { name: names.remove(&staff.id), staff })).collect())
    }

    fn judge(draft: &StaffDraft, before: Option<&Self>, terms: &Terms<'_>) -> Result<Verdict<Self>, Vec<Fault<StaffColumn>>> {
        if before.is_some_and(|before| !terms.covers(before.staff.organisation)) {
            let message = Message::new("staff_of_others");
            return Err(vec![Fault { column: Some(StaffColumn::Badge), code: ProblemCode::KnownElsewhere, message }]);
        }
        let known = before.map(|before| before.staff.facts());
        let facts = facts(draft, known.as_ref(), terms);
        match before {
            None => {
                let (facts, name) = both(facts, new_name(draft))?;
                let staff = Staff::of(terms.chance.next(terms.now), facts, 1).map_err(faults)?;
                Ok(Verdict::New(Self { staff, name: Some(name) }))
            }
            Some(before) => {
                let (facts, name) = (facts?, renamed(draft, before.name.as_ref()));
                if name.is_none() && known.as_ref() == Some(&facts) {
                    return Ok(Verdict::Same);
                }
                let staff = Staff::of(before.staff.id, facts, before.staff.version + 1).map_err(faults)?;
                Ok(Verdict::Changed(Self { staff, name }))
            }
        }
    }

    fn write(tx: &mut Tx<'_>, new: Vec<Self>, changed: Vec<Self>, keyring: &Keyring) -> Result<()> {
        let seal = |tx: &Tx<'_>, id, name: &StaffName| store::SealedName::seal(keyring, id, name, tx.chance());
        let mut sealed = Vec::with_capacity(new.len());
        for Self { staff, name } in new {
            if let Some(name) = name {
                let name = seal(tx, staff.id, &name)?;
                sealed.push((staff, name));
            }
        }
        store::staff_insert(tx, sealed)?;
        for Self { staff, name } in changed {
            store::staff_update(tx, &staff)?;
            if let Some(name) = name {
                let name = seal(tx, staff.id, &name)?;
                store::staff_rename(tx, staff.id, name)?;
            }
        }
        Ok(())
    }
}

/// What the row says, and for the rest what is known.
fn facts(draft: &StaffDraft, known: Option<&StaffFacts>, terms: &Terms<'_>) -> Result<StaffFacts, Vec<Fault<StaffColumn>>> {
    let organisation = terms.owner(StaffColumn::Organisation, &draft.organisation).map_err(|fault| vec![fault]);
    let depot = terms.depot(StaffColumn::Depot, draft.depot.as_deref()).map_err(|fault| vec![fault]);
    let (organisation, depot) = both(organisation, depot)?;
    Ok(StaffFacts {
        badge: draft.badge.clone(),
        role: draft.role,
        licence: draft.licence.or(known.and_then(|known| known.licence)),
        organisation,
        depot: depot.or(known.and_then(|known| known.depot)),
        in_service: draft.in_service.unwrap_or(known.is_none_or(|known| known.in_service)),
    })
}

/// The name of somebody who was not known.
fn new_name(draft: &StaffDraft) -> Result<StaffName, Vec<Fault<StaffColumn>>> {
    let fault = |code, message| vec![Fault { column: Some(StaffColumn::Name), code, message }];
    match &draft.name {
        None => Err(fault(ProblemCode::MissingField, Message::new("staff_name_missing"))),
        Some(name) if name.is_masked() => Err(fault(ProblemCode::BadValue, Message::new("staff_name_masked"))),
        Some(name) => Ok(name.clone()),
    }
}

/// The name, if the row says another than is known. A masked one says nothing.
fn renamed(draft: &StaffDraft, known: Option<&StaffName>) -> Option<StaffName> {
    let said = draft.name.as_ref().filter(|name| !name.is_masked())?;
    known.is_none_or(|known| as_read(known.expose()) != said.expose()).then(|| said.clone())
}

/// Both, or the faults of both.
fn both<A, B, F>(a: Result<A, Vec<F>>, b: Result<B, Vec<F>>) -> Result<(A, B), Vec<F>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err(a.err().into_iter().chain(b.err()).flatten().collect()),
    }
}
