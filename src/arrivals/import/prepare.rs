//! From a draft to what a transaction writes: the destination resolved, the policy chosen, the days counted, the identity hashed
//! and sealed. All of it is done outside the transaction, on the thread that reads the file.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::access::{BlindIndex, Keyring};
use crate::arrivals::draft::{Column, Problem, ProblemCode, TravellerDraft};
use crate::arrivals::identity::Identity;
use crate::arrivals::model::{Bound, Flight, Party, TravellerId};
use crate::arrivals::person::Health;
use crate::arrivals::sealed::SealedIdentity;
use crate::base::{Error, Id, IdSource, Message, Result, time};
use crate::places::{Destination, Organisation};
use crate::policy::{Facts, Rulebook};

/// Prepares rows; holds the keyed hashes ready.
pub(in crate::arrivals) struct Preparer<'a> {
    pub(in crate::arrivals) keyring: &'a Keyring,
    pub(in crate::arrivals) rulebook: &'a Rulebook,
    documents: BlindIndex,
    names: BlindIndex,
    name_keys: BlindIndex,
    parties: BlindIndex,
    chance: IdSource,
}

/// A row, ready to be matched and written.
pub(in crate::arrivals) struct Prepared {
    pub(in crate::arrivals) line: u64,
    pub(in crate::arrivals) id: TravellerId,
    pub(in crate::arrivals) document_hash: [u8; 16],
    pub(in crate::arrivals) nationality: String,
    pub(in crate::arrivals) name_hash: [u8; 16],
    /// The hashes by which each of the two names is found again.
    pub(in crate::arrivals) name_keys: [Option<[u8; 16]>; 2],
    pub(in crate::arrivals) identity: Identity,
    pub(in crate::arrivals) sealed: SealedIdentity,
    pub(in crate::arrivals) flight: Flight,
    pub(in crate::arrivals) landed_on: NaiveDate,
    pub(in crate::arrivals) desk: Id<Organisation>,
    pub(in crate::arrivals) party: Id<Party>,
    pub(in crate::arrivals) seat: Option<String>,
    pub(in crate::arrivals) plan: Option<Plan>,
    pub(in crate::arrivals) health: Option<Health>,
}

/// Where a traveller is bound for and what that comes to in days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::arrivals) struct Plan {
    pub(in crate::arrivals) bound: Bound,
    pub(in crate::arrivals) policy: (String, i32),
    pub(in crate::arrivals) transfer_on: Option<NaiveDate>,
    pub(in crate::arrivals) release_on: NaiveDate,
}

impl Plan {
    /// What a destination comes to for a landing: the policy and its dates. Refused before the first policy.
    pub(in crate::arrivals) fn of(rulebook: &Rulebook, destination: &Destination, landed_at: DateTime<Utc>) -> Result<Self, Message> {
        let policy = rulebook.policies.choose(destination.province, landed_at).map_err(|error| error.message())?;
        let calendar = policy.calendar(&Facts::landed(landed_at));
        Ok(Self {
            bound: Bound {
                destination: destination.adcode.to_string(),
                city: destination.city.to_string(),
                province: destination.province.to_string(),
                transfer_to: rulebook.routes.transfer_destination(destination, landed_at).to_string(),
            },
            policy: (policy.name.clone(), i32::try_from(policy.version).unwrap_or(i32::MAX)),
            transfer_on: calendar.transfer_on.first().copied(),
            release_on: time::civil_date(calendar.released_at),
        })
    }
}

impl<'a> Preparer<'a> {
    pub(in crate::arrivals) fn new(keyring: &'a Keyring, rulebook: &'a Rulebook, chance: IdSource) -> Self {
        let index = |column| keyring.blind_index(column);
        Self {
            keyring,
            rulebook,
            documents: index(DOCUMENTS),
            names: index("travellers.name"),
            name_keys: index(NAME_KEYS),
            parties: index("travellers.party"),
            chance,
        }
    }

    /// Prepares one row, or says what is wrong with it. `header` names a column as the file has it.
    pub(in crate::arrivals) fn prepare(
        &self,
        line: u64,
        mut draft: TravellerDraft,
        now: DateTime<Utc>,
        header: &dyn Fn(Column) -> Option<String>,
    ) -> Result<Prepared, PrepareError> {
        let problem = |column, code, message| PrepareError::Problem(Problem { line, column: header(column), code, message });
        let plan = match draft.destination.take() {
            None => None,
            Some(text) => {
                let destination = self.rulebook.places.resolve(&text).map_err(|unresolved| {
                    let message = unresolved.message();
                    let code = if message.code == "ambiguous_destination" { ProblemCode::AmbiguousDestination } else { ProblemCode::UnknownDestination };
                    problem(Column::Destination, code, message)
                })?;
                Some(Plan::of(self.rulebook, &destination, draft.landed_at).map_err(|message| problem(Column::LandedAt, ProblemCode::BadDate, message))?)
            }
        };
        let desk = self.rulebook.routes.desk(&draft.port, &self.rulebook.organisations);
        let desk = desk.ok_or_else(|| problem(Column::Port, ProblemCode::UnknownPort, Message::new("port_without_desk").with("port", &draft.port)))?.id();
        let flight = flight_of(&draft);
        let identity = Identity::of(&mut draft);
        let id: TravellerId = self.chance.next(now);
        let party = identity.party.as_deref().map_or_else(|| Id::from_uuid(id.uuid()), |label| self.party(flight.id, label));
        Ok(Prepared {
            line,
            id,
            document_hash: document_hash(&self.documents, &identity.document_kind, &identity.document_no),
            nationality: draft.nationality.as_str().to_owned(),
            name_hash: self.name_hash(&identity),
            name_keys: [&identity.name, &identity.name_latin].map(|name| name.as_deref().map(|name| name_key(&self.name_keys, name))),
            sealed: SealedIdentity::new(self.keyring, id, &identity, &self.chance)?,
            landed_on: time::civil_date(draft.landed_at),
            identity,
            flight,
            desk,
            party,
            seat: draft.seat,
            plan,
            health: draft.health,
        })
    }

    /// The same label on the same flight is the same party, whichever file says so.
    pub(in crate::arrivals) fn party(&self, flight: Id<Flight>, label: &str) -> Id<Party> {
        let hash = self.parties.of([flight.uuid().as_bytes(), label.as_bytes()].concat());
        Id::from_uuid(uuid::Builder::from_custom_bytes(hash).into_uuid())
    }

    /// People are taken for namesakes if the name and the date of birth agree.
    fn name_hash(&self, identity: &Identity) -> [u8; 16] {
        let born_on = identity.born_on.map(|date| date.to_string()).unwrap_or_default();
        self.names.of([identity.shown_name().as_bytes(), b"\0", born_on.as_bytes()].concat())
    }
}

/// Why a row cannot be prepared: its own fault, or ours.
pub(in crate::arrivals) enum PrepareError {
    Problem(Problem),
    Fault(Error),
}

impl From<Error> for PrepareError {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// The hash by which a document is found again; nationality is compared beside it, because laboratories do not give it.
pub(in crate::arrivals) fn document_hash(index: &BlindIndex, kind: &str, no: &str) -> [u8; 16] {
    index.of([kind.as_bytes(), b"\0", no.as_bytes()].concat())
}

/// The blind index that documents are found by.
pub(in crate::arrivals) const DOCUMENTS: &str = "travellers.document";
/// The blind index that names are found by.
pub(in crate::arrivals) const NAME_KEYS: &str = "travellers.name_key";

/// The hash by which somebody is found by name alone: without blanks and marks, in capitals, the parts of a Latin name in any order.
pub(in crate::arrivals) fn name_key(index: &BlindIndex, name: &str) -> [u8; 16] {
    let mut parts: Vec<String> = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(str::to_uppercase).collect();
    if parts.iter().all(|part| part.is_ascii()) {
        parts.sort_unstable();
        index.of(parts.join(" "))
    } else {
        index.of(parts.concat())
    }
}

/// A flight is known by its number, port and date, so every node and every file gives it the same id.
fn flight_of(draft: &TravellerDraft) -> Flight {
    let landed_on = time::civil_date(draft.landed_at);
    let mut hash = Sha256::new();
    for part in ["flight", draft.flight_no.as_str(), &draft.port, &landed_on.to_string()] {
        hash.update(part);
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let bytes: [u8; 16] = std::array::from_fn(|n| digest[n]);
    let id: Uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    Flight { id: Id::from_uuid(id), flight_no: draft.flight_no.as_str().to_owned(), port: draft.port.clone(), landed_at: draft.landed_at }
}
