//! How custody ends: by release at the end of the term, or by leaving the network in another way.
//!
//! Nobody is released while being handed over or while something holds them; both must end first.

use serde_json::json;

use super::offer::{expect_custody, expect_unoffered, own_side};
use super::store;
use crate::access::{self, Actor};
use crate::arrivals::{self, Pass, Traveller, TravellerId};
use crate::base::{Error, Message, Result, time};
use crate::db::{Event, Tx};
use crate::ledger::{self, Passing};

/// How somebody leaves the network before the end of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeaveReason {
    /// 死亡.
    Died,
    /// 出境: left the country.
    LeftCountry,
    /// 移交网外: handed to somebody outside the network.
    HandedOutside,
}

impl LeaveReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Died, Self::LeftCountry, Self::HandedOutside];

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Died => "died",
            Self::LeftCountry => "left_country",
            Self::HandedOutside => "handed_outside",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Releases people of the actor's own organisation whose term is over: all of them or, if one may not go, nobody.
pub fn release(tx: &mut Tx<'_>, actor: &Actor, travellers: &[TravellerId]) -> Result<()> {
    actor.must(access::Act::OfferHandoff)?;
    let people = of_own_side(tx, actor, travellers)?;
    let today = time::civil_date(tx.now());
    let n_early = people.iter().filter(|person| person.release_on.is_none_or(|day| day > today)).count();
    if n_early > 0 {
        return Err(Error::Refused(Message::new("term_not_over").with("count", n_early)));
    }
    let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
    let n_held = ids.len() - store::due_for_release(tx, today, Some(&ids), i64::MAX)?.len();
    if n_held > 0 {
        return Err(Error::Refused(Message::new("release_held").with("count", n_held)));
    }
    exit(tx, actor.name(), &people, Passing::Release, "travellers_released", json!({}))
}

/// Releases at most `limit` people whose term is over today, whoever answers for them; how many there were. The system does it:
/// the day it happens on is the policy's, not a person's, to say. To be called until it returns 0.
pub fn release_due(tx: &mut Tx<'_>, limit: u32) -> Result<usize> {
    let today = time::civil_date(tx.now());
    let due = store::due_for_release(tx, today, None, i64::from(limit))?;
    arrivals::lock(tx, &due)?;
    // Somebody may have been held, offered or released between the look and the lock.
    let due = store::due_for_release(tx, today, Some(&due), i64::from(limit))?;
    let people = arrivals::get(tx, &due)?;
    exit(tx, "system", &people, Passing::Release, "travellers_released", json!({}))?;
    Ok(people.len())
}

/// Records that a person of the actor's own organisation has left the network.
pub fn leave(tx: &mut Tx<'_>, actor: &Actor, traveller: TravellerId, reason: LeaveReason) -> Result<()> {
    actor.must(access::Act::OfferHandoff)?;
    let people = of_own_side(tx, actor, &[traveller])?;
    exit(tx, actor.name(), &people, Passing::Leave, "traveller_left", json!({"traveller": traveller, "reason": reason.name()}))
}

fn of_own_side(tx: &mut Tx<'_>, actor: &Actor, travellers: &[TravellerId]) -> Result<Vec<Traveller>> {
    let side = own_side(tx, actor)?;
    let people = arrivals::lock(tx, travellers)?;
    expect_custody(tx, &side, &people)?;
    expect_unoffered(tx, travellers)?;
    Ok(people)
}

fn exit(tx: &mut Tx<'_>, by: &str, people: &[Traveller], passing: Passing, kind: &'static str, mut facts: serde_json::Value) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let id = tx.new_id::<()>().uuid();
    let act = ledger::Act { id, actor: by.to_owned(), happened_at: tx.now(), recorded_at: tx.now() };
    arrivals::pass(tx, &[Pass { people, passing, act }])?;
    facts["people"] = json!(people.len());
    tx.record(Event { kind, subject: id, place: None, facts })
}
