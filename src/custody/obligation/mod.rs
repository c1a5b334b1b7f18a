//! What is owed to travellers, by whoever answers for them at the moment: tests that are due follow from policy and results, care, medicines and
//! notes are written down. The list of an organisation is that of its people, so it passes with them at the instant that custody does.
//!
//! Nothing written is changed: that it was done is a deed of its own, with actor and time, and only whoever answers for the person does it.

mod list;
mod model;
mod store;

pub use list::{OwedCount, OwedItem, OwedKey, OwedKind, counts, page};
pub use model::{Deed, NewObligation, Obligation, ObligationKind, Owed, TestsDue};

use chrono::{DateTime, Days, Utc};

use super::offer::{expect_custody, own_side};
use super::side::Side;
use crate::access::audit::{self, Subject};
use crate::access::{self, Act, Actor, Keyring, OrganisationCode};
use crate::arrivals::{self, TravellerId, Wanted};
use crate::base::page::PageRequest;
use crate::base::{Error, Id, Result, time};
use crate::db::{Conn, Event, Tx};
use crate::policy::Rulebook;

/// Where the words are sealed.
const COLUMN: &str = "obligations.words";

/// Writes down what is owed to somebody whom the actor's organisation answers for.
///
/// # Errors
/// Conflict `others_answer` or `custody_ended`; Invalid `words`; Refused `identity_destroyed`.
pub fn add(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, new: &NewObligation) -> Result<Obligation> {
    let side = answer_for(tx, actor, new.traveller)?;
    let words = new.checked_words().map_err(|message| Error::invalid("words", message))?.to_owned();
    let id = tx.new_id();
    let sealed = arrivals::seal_about(tx, keyring, new.traveller, cell(id), &words)?;
    let row = store::ObligationRow {
        id,
        traveller_id: new.traveller,
        kind: new.kind.name().into(),
        words: sealed,
        due_at: new.due_at.map(crate::db::At),
        added_by: actor.name().to_owned(),
        added_for: side.id,
        added_at: crate::db::At(tx.now()),
    };
    store::insert(tx, row)?;
    record(tx, "obligation_added", new.traveller, &side)?;
    let added = Deed { by: actor.name().to_owned(), organisation: side.code, at: tx.now() };
    Ok(Obligation { id, traveller: new.traveller, kind: new.kind, words: Some(words), due_at: new.due_at, added, done: None })
}

/// Records that it was done, now, by whoever answers for the person.
///
/// # Errors
/// As [`add`]; Conflict `obligation_done` if it was done before.
pub fn done(tx: &mut Tx<'_>, actor: &Actor, id: Id<Obligation>) -> Result<()> {
    let traveller = store::owed_to(tx, id)?.ok_or(Error::NotFound("obligation"))?;
    arrivals::find(tx, actor, traveller).map_err(|_| Error::NotFound("obligation"))?;
    let side = answer_for(tx, actor, traveller)?;
    let now = tx.now();
    store::done(tx, id, actor.name(), side.id, now)?;
    record(tx, "obligation_done", traveller, &side)
}

/// All that was written down of somebody, done or not, in the order in which it was. Its words are for those who answer for the person, and that
/// they were read is logged.
pub fn of_traveller(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, traveller: TravellerId) -> Result<Vec<Obligation>> {
    let person = arrivals::find(tx, actor, traveller)?;
    let own = actor.organisation().map(|code| super::store::find_side(tx, code)).transpose()?.flatten();
    let may_read = own.is_some_and(|side| person.custody.custodian == Some(side.id));
    let sealed = store::list(tx, store::Of::Traveller(traveller))?;
    if !may_read || sealed.is_empty() || !actor.role().may(Act::RevealIdentity) {
        return Ok(sealed.into_iter().map(|(obligation, _)| obligation).collect());
    }
    audit::record(tx, actor, Act::RevealIdentity, Subject::of("traveller", traveller), Some("obligations"))?;
    let texts: Vec<_> = sealed.iter().map(|(obligation, words)| (traveller, cell(obligation.id), words.as_slice())).collect();
    let words = arrivals::open_about(tx, keyring, &texts)?;
    Ok(sealed.into_iter().zip(words).map(|((obligation, _), words)| Obligation { words, ..obligation }).collect())
}

/// The same without the words, for those who only want to know that there is something.
pub fn outline_of(conn: &mut Conn, actor: &Actor, traveller: TravellerId) -> Result<Vec<Obligation>> {
    arrivals::find(conn, actor, traveller)?;
    Ok(store::list(conn, store::Of::Traveller(traveller))?.into_iter().map(|(obligation, _)| obligation).collect())
}

/// What an organisation owes its people at present, without the words, which stand with each person.
pub fn owed_by(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, of: &OrganisationCode, now: DateTime<Utc>) -> Result<Owed> {
    let side = super::side_for(conn, actor, of)?;
    let mut written: Vec<Obligation> = store::list(conn, store::Of::Custodian(side.id))?.into_iter().map(|(obligation, _)| obligation).collect();
    written.sort_by_key(|obligation| (obligation.due_at.is_none(), obligation.due_at));
    let tomorrow = time::civil_date(now) + Days::new(1);
    let mut people = Vec::new();
    let mut after = None;
    loop {
        let wanted = Wanted { custodian: Some(side.id), ..Wanted::default() };
        let page = arrivals::list(conn, actor, wanted, PageRequest::new(after, Some(PageRequest::<TravellerId>::MOST)))?;
        people.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let due = arrivals::samplings_due(conn, rulebook, &people, tomorrow)?;
    let tests = due.chunk_by(|one, next| (one.on, one.kind) == (next.on, next.kind)).map(|part| TestsDue {
        on: part[0].on,
        kind: part[0].kind,
        travellers: part.iter().map(|sampling| sampling.traveller).collect(),
    });
    Ok(Owed { tests: tests.collect(), written })
}

/// What is owed to one person by tests that are due: for their page.
pub fn tests_of(conn: &mut Conn, rulebook: &Rulebook, person: &arrivals::Traveller, now: DateTime<Utc>) -> Result<Vec<arrivals::Sampling>> {
    arrivals::samplings_due(conn, rulebook, std::slice::from_ref(person), time::civil_date(now) + Days::new(1))
}

/// The actor's own side, which must answer for this person; the person is locked, so that nobody passes meanwhile.
fn answer_for(tx: &mut Tx<'_>, actor: &Actor, traveller: TravellerId) -> Result<Side> {
    actor.must(Act::AnswerHandoff)?;
    let side = own_side(tx, actor)?;
    arrivals::find(tx, actor, traveller)?;
    let people = arrivals::lock(tx, &[traveller])?;
    expect_custody(tx, &side, &people)?;
    Ok(side)
}

fn cell(id: Id<Obligation>) -> access::Cell {
    access::Cell { column: COLUMN, row: id.uuid() }
}

fn record(tx: &mut Tx<'_>, kind: &'static str, traveller: TravellerId, side: &Side) -> Result<()> {
    let facts = serde_json::json!({"custodian": side.id});
    tx.record(Event { kind, subject: traveller.uuid(), place: Some(side.place.province().to_string()), facts })
}
