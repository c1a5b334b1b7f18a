//! Matching: is the person of a row known, and does the row say anything new? Reads only; three queries for a whole part.

use std::collections::{HashMap, HashSet};

use super::prepare::Prepared;
use crate::access::Keyring;
use crate::arrivals::draft::{Problem, ProblemCode};
use crate::arrivals::identity::Identity;
use crate::arrivals::matching::{self, Namesake};
use crate::arrivals::model::Traveller;
use crate::arrivals::rosters::Roster;
use crate::arrivals::sealed::SealedIdentity;
use crate::base::{Error, Id, Message, Result};
use crate::db::Conn;
use crate::ledger::Stock;

/// Somebody whom the database knows by the same document.
pub(in crate::arrivals) struct Known {
    pub(in crate::arrivals) traveller: Traveller,
    pub(in crate::arrivals) document_hash: [u8; 16],
    pub(in crate::arrivals) nationality: String,
    pub(in crate::arrivals) journey: i32,
    pub(in crate::arrivals) roster: Option<(Id<Roster>, i32)>,
    pub(in crate::arrivals) sealed: Option<SealedIdentity>,
}

/// What becomes of a row.
pub(in crate::arrivals) enum Decision {
    New { journey: i32 },
    Same,
    Changed { known: Box<Known>, identity: Box<Identity>, fields: Vec<&'static str>, moves: bool },
    Duplicate(Problem),
}

pub(in crate::arrivals) struct Decided {
    pub(in crate::arrivals) decision: Decision,
    pub(in crate::arrivals) warnings: Vec<Problem>,
}

/// Decides for each row of a part, in order. `named` are the people known before whom the file has named in earlier parts.
pub(in crate::arrivals) fn decide(
    conn: &mut Conn,
    part: &[Prepared],
    keyring: &Keyring,
    roster: Option<Id<Roster>>,
    named: &HashSet<u64>,
) -> Result<Vec<Decided>> {
    let mut known = latest_journeys(matching::known_by_document(conn, &part.iter().map(|row| row.document_hash).collect::<Vec<_>>())?);
    let mut namesakes = matching::namesakes(conn, &part.iter().map(|row| row.name_hash).collect::<Vec<_>>())?;
    let mut here: HashSet<u64> = HashSet::new();
    let mut all = Vec::with_capacity(part.len());
    for row in part {
        let before = known.remove(&(row.document_hash, row.nationality.clone()));
        let named_before = !here.insert(row.key()) || named.contains(&row.key());
        let in_this_file = before.as_ref().and_then(|known| known.roster).is_some_and(|(of, _)| Some(of) == roster);
        if named_before || in_this_file {
            all.push(Decided { decision: Decision::Duplicate(duplicate(row)), warnings: Vec::new() });
            continue;
        }
        let mut warnings = Vec::new();
        let decision = match before {
            Some(known) if !known.has_ended() => compare(row, known, keyring, &mut warnings)?,
            ended => {
                warnings.extend(namesake_warning(row, namesakes.get(&row.name_hash)));
                let namesake = Namesake { document_hash: row.document_hash, has_ended: false };
                namesakes.entry(row.name_hash).or_default().push(namesake);
                Decision::New { journey: ended.map_or(1, |known| known.journey + 1) }
            }
        };
        if row.plan.is_none() && matches!(decision, Decision::New { .. }) {
            warnings.push(warning(row, ProblemCode::DestinationMissing, "destination_missing"));
        }
        all.push(Decided { decision, warnings });
    }
    Ok(all)
}

/// What the row says beyond, or against, what is known.
fn compare(row: &Prepared, known: Known, keyring: &Keyring, warnings: &mut Vec<Problem>) -> Result<Decision> {
    let id = known.traveller.id;
    let sealed = known.sealed.as_ref().ok_or_else(|| Error::Internal(anyhow::anyhow!("traveller {id} is in custody without an identity")))?;
    let mut identity = sealed.open(keyring, id)?;
    let mut fields = identity.follow(&row.identity);
    if row.seat.is_some() && row.seat != known.traveller.seat {
        fields.push("seat");
    }
    // Where somebody goes and since when they are counted is moved only while they wait at the port and nothing but the landing counts; else the
    // difference is told, and a person decides.
    let plan_differs = row.plan.as_ref().is_some_and(|plan| known.traveller.destination.as_ref() != Some(&plan.bound));
    let landing_differs = row.flight.landed_at != known.traveller.landed_at || row.flight.id != known.traveller.flight;
    let moves = known.traveller.custody.stock == Stock::AtPort && known.traveller.exposed_on.is_none();
    if plan_differs {
        fields.push("destination");
    }
    if landing_differs {
        fields.push("landed_at");
    }
    if (plan_differs || landing_differs) && !moves {
        warnings.push(warning(row, ProblemCode::BadValue, "already_moving"));
    }
    Ok(if fields.is_empty() { Decision::Same } else { Decision::Changed { known: Box::new(known), identity: Box::new(identity), fields, moves } })
}

/// Of several journeys of one person only the last can go on.
fn latest_journeys(known: Vec<Known>) -> HashMap<([u8; 16], String), Known> {
    let mut latest: HashMap<([u8; 16], String), Known> = HashMap::with_capacity(known.len());
    for known in known {
        let key = (known.document_hash, known.nationality.clone());
        if latest.get(&key).is_none_or(|other| other.journey < known.journey) {
            latest.insert(key, known);
        }
    }
    latest
}

/// A namesake who is still here is another person; one whose journey is over has probably come again with a new document.
fn namesake_warning(row: &Prepared, namesakes: Option<&Vec<Namesake>>) -> Option<Problem> {
    let others = || namesakes.into_iter().flatten().filter(|other| other.document_hash != row.document_hash);
    if others().any(|other| !other.has_ended) {
        return Some(warning(row, ProblemCode::SameNameOtherPerson, "same_name_other_person"));
    }
    others().next().map(|_| warning(row, ProblemCode::RenewedDocument, "renewed_document"))
}

fn duplicate(row: &Prepared) -> Problem {
    warning(row, ProblemCode::DuplicateRow, "duplicate_row")
}

fn warning(row: &Prepared, code: ProblemCode, sentence: &'static str) -> Problem {
    Problem { line: row.line, column: None, code, message: Message::new(sentence) }
}
