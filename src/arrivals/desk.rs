//! The desk: finding somebody by what their document or they themselves say, entering whom no roster named, and who waits.

use std::collections::{BTreeMap, HashSet};

use super::document::{Document, DocumentKind};
use super::draft::{Column, TravellerDraft};
use super::import::{self, PrepareError, Preparer, Source};
use super::model::{Flight, HoldKind, Traveller, TravellerId};
use super::store::{self, Of};
use super::{list, matching};
use crate::access::{Act, Actor, Keyring};
use crate::base::draft::ColumnSet as _;
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};
use crate::ledger::Stock;
use crate::places::{Organisation, OrganisationKind, Reception};
use crate::policy::{Policy, Rulebook};

/// The most people that one name finds.
const MOST_NAMESAKES: i64 = 50;

/// What came of entering somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// Who it is.
    pub traveller: TravellerId,
    /// What should be looked at: a namesake, a difference that no longer moves them.
    pub warnings: Vec<Message>,
}

/// The people of one flight who still wait at a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFlight {
    /// The flight.
    pub flight: Flight,
    /// Who waits, in the order of their ids.
    pub people: Vec<Traveller>,
}

/// Those whose document has this number, whatever its kind, of every journey: the latest first.
pub fn with_document(conn: &mut Conn, actor: &Actor, keyring: &Keyring, number: &str) -> Result<Vec<Traveller>> {
    actor.must(Act::ViewTravellers)?;
    let found = ids_with_document(conn, keyring, number)?;
    list::seen(conn, actor, &found)
}

/// Who in the chain carries a document with this number, whatever the scope: for a receiver who has both before them. Nothing is told of the person
/// but their id; of several landings it is the latest.
pub fn carrying(conn: &mut Conn, actor: &Actor, keyring: &Keyring, number: &str) -> Result<Option<TravellerId>> {
    actor.must(Act::AnswerHandoff)?;
    let ids = ids_with_document(conn, keyring, number)?;
    Ok(in_chain(conn, &ids)?.map(|person| person.id))
}

/// The same of this very document. For a guest, who has no scope and is told nothing of what is found.
pub fn carrier(conn: &mut Conn, keyring: &Keyring, document: &Document) -> Result<Option<Traveller>> {
    let ids = ids_with(conn, keyring, std::slice::from_ref(document))?;
    in_chain(conn, &ids)
}

fn in_chain(conn: &mut Conn, ids: &[TravellerId]) -> Result<Option<Traveller>> {
    let in_chain = store::travellers_by_id(conn, ids)?.into_iter().filter(|person| person.custody.custodian.is_some());
    Ok(in_chain.max_by_key(|person| person.landed_at))
}

fn ids_with_document(conn: &mut Conn, keyring: &Keyring, number: &str) -> Result<Vec<TravellerId>> {
    let documents: Vec<Document> = DocumentKind::ALL.into_iter().filter_map(|kind| Document::parse(kind, number).ok()).collect();
    ids_with(conn, keyring, &documents)
}

fn ids_with(conn: &mut Conn, keyring: &Keyring, documents: &[Document]) -> Result<Vec<TravellerId>> {
    let index = keyring.blind_index(import::DOCUMENTS);
    let hash = |document: &Document| import::document_hash(&index, document.kind().as_str(), document.no().as_str());
    let hashes: Vec<[u8; 16]> = documents.iter().map(hash).collect();
    store::ids_by_document(conn, &hashes)
}

/// Those with this name in Chinese or in Latin letters, the parts of a Latin name in any order: the latest first, at most 50.
pub fn with_name(conn: &mut Conn, actor: &Actor, keyring: &Keyring, name: &str) -> Result<Vec<Traveller>> {
    actor.must(Act::ViewTravellers)?;
    let key = import::name_key(&keyring.blind_index(import::NAME_KEYS), name);
    let found = store::ids_by_name(conn, key, MOST_NAMESAKES)?;
    list::seen(conn, actor, &found)
}

/// Enters somebody whom no roster has named, or adds to what is known of them, as a roster of one row would.
///
/// # Errors
/// [`Error::Invalid`] by the columns of a roster: a destination that two places share, a landing before the first policy.
/// [`Error::Conflict`] if somebody else entered the same person at this moment: asking again finds them.
pub fn enter(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, rulebook: &Rulebook, draft: TravellerDraft) -> Result<Entered> {
    actor.must(Act::ImportRoster)?;
    let preparer = Preparer::new(keyring, rulebook, tx.chance().fork());
    let header = |column: Column| Some(column.names().1.to_owned());
    let row = preparer.prepare(1, draft, tx.now(), &header).map_err(|fault| match fault {
        PrepareError::Fault(fault) => fault,
        PrepareError::Problem(problem) => Error::invalid(problem.column.unwrap_or_default(), problem.message),
    })?;
    let rows = [row];
    let decided = import::decide(tx, &rows, keyring, None, &HashSet::new())?;
    let source = Source { roster: None, act: tx.new_id::<()>().uuid(), actor: actor.name() };
    import::write(tx, &rows, &decided, keyring, &source)?;
    let [row] = rows;
    let known = matching::known_by_document(tx, &[row.document_hash])?.into_iter().filter(|known| known.nationality == row.nationality);
    let traveller = known.max_by_key(|known| known.journey).ok_or(Error::NotFound("traveller"))?.traveller.id;
    list::must_see(tx, actor, traveller)?;
    Ok(Entered { traveller, warnings: decided.into_iter().flat_map(|decided| decided.warnings).map(|warning| warning.message).collect() })
}

/// Who waits at a port for `desk`, by flight: those who have waited longest first. Their number is what a port holds at one time,
/// some hundreds.
pub fn waiting(conn: &mut Conn, actor: &Actor, desk: Id<Organisation>) -> Result<Vec<WaitingFlight>> {
    actor.must(Act::ViewTravellers)?;
    let mut people: BTreeMap<Id<Flight>, Vec<Traveller>> = BTreeMap::new();
    for person in list::with_custodian(conn, actor, desk, Stock::AtPort)? {
        people.entry(person.flight).or_default().push(person);
    }
    let flights = store::flights_by_id(conn, &people.keys().copied().collect::<Vec<_>>())?;
    let mut waiting: Vec<WaitingFlight> = flights.into_iter().filter_map(|flight| Some(WaitingFlight { people: people.remove(&flight.id)?, flight })).collect();
    waiting.sort_by_key(|waiting| waiting.flight.landed_at);
    Ok(waiting)
}

/// The flights with these ids.
pub fn flights(conn: &mut Conn, ids: &[Id<Flight>]) -> Result<Vec<Flight>> {
    store::flights_by_id(conn, ids)
}

/// The landings of a flight number, the latest first, at most `limit`.
pub fn landings_of(conn: &mut Conn, actor: &Actor, flight_no: &super::flight::FlightNo, limit: u32) -> Result<Vec<Flight>> {
    actor.must(Act::ViewTravellers)?;
    store::flights_by_number(conn, flight_no.as_str(), i64::from(limit))
}

/// Which of these people something holds.
pub fn held(conn: &mut Conn, of: &[TravellerId]) -> Result<HashSet<TravellerId>> {
    Ok(store::open_holds(conn, Of::These(of))?.into_keys().collect())
}

/// Which of these people something of this kind holds.
pub fn held_by(conn: &mut Conn, of: &[TravellerId], kind: HoldKind) -> Result<HashSet<TravellerId>> {
    let holds = store::open_holds(conn, Of::These(of))?;
    Ok(holds.into_iter().filter(|(_, kinds)| kinds.contains(&kind)).map(|(person, _)| person).collect())
}

/// Who receives, by 16+3 routing, somebody whom `desk` answers for.
pub fn reception<'a>(rulebook: &'a Rulebook, desk: &'a Organisation, person: &Traveller) -> Reception<'a> {
    let destination = person.destination.as_ref().and_then(|bound| rulebook.places.destination(bound.destination.parse().ok()?));
    let first_in_shanghai = policy_of(rulebook, person).is_none_or(Policy::begins_in_shanghai);
    rulebook.routes.reception(&rulebook.organisations, desk, destination.as_ref(), person.landed_at, first_in_shanghai)
}

/// The hospital that takes from `desk` whoever must see the doctors (四类人员); none if none is named near it.
pub fn hospital<'a>(rulebook: &'a Rulebook, desk: &Organisation) -> Option<&'a Organisation> {
    let is_near = |one: &&Organisation| one.kind == OrganisationKind::Hospital && one.place.province() == desk.place.province();
    rulebook.organisations.iter().find(is_near)
}

/// The policy that somebody is counted under.
pub fn policy_of<'a>(rulebook: &'a Rulebook, person: &Traveller) -> Option<&'a Policy> {
    policy_named(rulebook, person.policy.as_ref())
}

/// The policy of this name and version.
pub(super) fn policy_named<'a>(rulebook: &'a Rulebook, policy: Option<&(String, i32)>) -> Option<&'a Policy> {
    let (name, version) = policy?;
    rulebook.policies.get(name, u32::try_from(*version).ok()?)
}

/// People who may go together from a desk to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathering<'a> {
    /// Who receives them.
    pub receiver: &'a Organisation,
    /// Who they are.
    pub people: Vec<TravellerId>,
}

/// Gathers, of the people who wait at `desk`, whole parties by receiver: a party goes if everyone of it has a destination that the
/// same organisation receives for, and nobody of it is in `kept` (held, or offered already).
pub fn gather<'a>(rulebook: &'a Rulebook, desk: &'a Organisation, people: &[Traveller], kept: &HashSet<TravellerId>) -> Vec<Gathering<'a>> {
    let mut parties: BTreeMap<_, Vec<&Traveller>> = BTreeMap::new();
    for person in people {
        parties.entry(person.party).or_default().push(person);
    }
    let mut gatherings: BTreeMap<&str, Gathering<'a>> = BTreeMap::new();
    for party in parties.values().filter(|party| !party.iter().any(|person| kept.contains(&person.id))) {
        let receivers: BTreeMap<&str, &'a Organisation> =
            party.iter().map(|person| reception(rulebook, desk, person).receiver).map(|receiver| (receiver.code.as_str(), receiver)).collect();
        if let [receiver] = *receivers.into_values().collect::<Vec<_>>()
            && receiver.code != desk.code
        {
            let gathering = gatherings.entry(&receiver.code).or_insert(Gathering { receiver, people: Vec::new() });
            gathering.people.extend(party.iter().map(|person| person.id));
        }
    }
    gatherings.into_values().collect()
}
