//! Editions 版本: what administrators load in place of the files that the rulebook is read from, without a restart and on every node. An edition is
//! never changed; the newest of its part is in force, and going back is loading an old text again.
//!
//! What people and the ledger refer to stays: a policy that has begun keeps its wording, and no code of a place or an organisation vanishes. So
//! an edition changes nobody's days: whoever has landed keeps the policy that they were given, and another is an act of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};

use super::rulebook::Texts;
use super::{Rulebook, store};
use crate::access::audit::{self, Subject};
use crate::access::{Act, Actor};

use crate::base::{Error, FieldError, Id, Message, Result, reason, time};
use crate::db::{Conn, Tx};
use crate::places;

/// A part of the rulebook that can be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// How days are counted.
    Policies,
    /// Who receives whom, and the deadlines of the answers.
    Routes,
    /// Who can answer for people.
    Organisations,
    /// Shanghai, the three provinces, their districts and cities, with distances.
    Places,
}

impl Part {
    /// Every part, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Policies, Self::Routes, Self::Organisations, Self::Places];

    /// The word in addresses, JSON and the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Routes => "routes",
            Self::Organisations => "organisations",
            Self::Places => "places",
        }
    }

    /// The file in `config/` that has its form.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Policies => "policies.toml",
            Self::Routes => "routes.toml",
            Self::Organisations => "organisations.csv",
            Self::Places => "places.csv",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word).ok_or(Error::NotFound("part"))
    }
}

impl Texts {
    /// The text of a part.
    pub fn of(&self, part: Part) -> &str {
        match part {
            Part::Policies => &self.policies,
            Part::Routes => &self.routes,
            Part::Organisations => &self.organisations,
            Part::Places => &self.places,
        }
    }

    /// The same with another text for a part.
    #[must_use]
    fn with(mut self, part: Part, text: String) -> Self {
        let place = match part {
            Part::Policies => &mut self.policies,
            Part::Routes => &mut self.routes,
            Part::Organisations => &mut self.organisations,
            Part::Places => &mut self.places,
        };
        *place = text.into();
        self
    }
}

/// A text that was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Of which part.
    pub part: Part,
    /// Its number among those of its part, from 1.
    pub number: i32,
    /// What it says.
    pub text: String,
    /// Why it was loaded.
    pub reason: String,
    /// Who loaded it.
    pub loaded_by: String,
    /// When (UTC).
    pub loaded_at: DateTime<Utc>,
}

/// The rulebook in force, as far as this node has heard. Whoever asks keeps the one that they got until they are done.
#[derive(Debug)]
pub struct InForce {
    files: Texts,
    held: RwLock<Held>,
}

#[derive(Debug)]
struct Held {
    /// The edition of each part that has any.
    numbers: BTreeMap<Part, i32>,
    rulebook: Arc<Rulebook>,
}

impl InForce {
    /// The rulebook of the installation's files, until [`catch_up`](Self::catch_up) hears of editions.
    ///
    /// # Errors
    /// As [`Rulebook::read`].
    pub fn of_files(files: Texts) -> Result<Self> {
        let rulebook = Arc::new(Rulebook::read(&files)?);
        Ok(Self { files, held: RwLock::new(Held { numbers: BTreeMap::new(), rulebook }) })
    }

    /// The rulebook.
    pub fn now(&self) -> Arc<Rulebook> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner).rulebook)
    }

    /// Reads what was loaded since, on this node or another. One question, if nothing was.
    ///
    /// # Errors
    /// As [`Rulebook::read`], if this program cannot read what another has loaded; the rulebook stays as it was.
    pub fn catch_up(&self, conn: &mut Conn) -> Result<()> {
        let numbers = store::newest_editions(conn)?;
        if self.held.read().unwrap_or_else(PoisonError::into_inner).numbers == numbers {
            return Ok(());
        }
        let rulebook = Arc::new(Rulebook::read(&self.texts(conn, &numbers)?)?);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // Numbers only rise: whoever has read more meanwhile stays.
        if held.numbers.values().sum::<i32>() < numbers.values().sum() {
            *held = Held { numbers, rulebook };
        }
        Ok(())
    }

    /// The texts in force: the newest editions, and the files of the parts that have none.
    fn texts(&self, conn: &mut Conn, numbers: &BTreeMap<Part, i32>) -> Result<Texts> {
        numbers.iter().try_fold(self.files.clone(), |texts, (part, number)| Ok(texts.with(*part, find(conn, *part, *number)?.text)))
    }
}

/// The edition of a part that is in force, with its text; of number 0 is the file of the installation, which nobody has loaded.
pub fn standing(conn: &mut Conn, actor: &Actor, in_force: &InForce, part: Part) -> Result<(i32, String)> {
    actor.must_everywhere(Act::ManagePolicies)?;
    match store::newest_editions(conn)?.get(&part) {
        Some(number) => Ok((*number, find(conn, part, *number)?.text)),
        None => Ok((0, in_force.files.of(part).to_owned())),
    }
}

/// One edition; number 0 is none.
pub fn edition(conn: &mut Conn, actor: &Actor, part: Part, number: i32) -> Result<Edition> {
    actor.must_everywhere(Act::ManagePolicies)?;
    find(conn, part, number)
}

/// The editions of a part without their texts, the newest first.
pub fn editions(conn: &mut Conn, actor: &Actor, part: Part) -> Result<Vec<Edition>> {
    actor.must_everywhere(Act::ManagePolicies)?;
    store::editions(conn, part)
}

fn find(conn: &mut Conn, part: Part, number: i32) -> Result<Edition> {
    store::edition(conn, part, number)?.ok_or(Error::NotFound("edition"))
}

/// What `text` would make of the rulebook; writes nothing.
///
/// # Errors
/// Invalid: what is wrong with the text, by line or path; `edition_same`; `policy_must_stay`, `policy_changed`, `organisation_must_stay`,
/// `place_must_stay`.
pub fn check(conn: &mut Conn, actor: &Actor, in_force: &InForce, part: Part, text: &str, now: DateTime<Utc>) -> Result<Rulebook> {
    actor.must_everywhere(Act::ManagePolicies)?;
    let numbers = store::newest_editions(conn)?;
    judge(conn, in_force, &numbers, part, text, now)
}

fn judge(conn: &mut Conn, in_force: &InForce, numbers: &BTreeMap<Part, i32>, part: Part, text: &str, now: DateTime<Utc>) -> Result<Rulebook> {
    let texts = in_force.texts(conn, numbers)?;
    if texts.of(part) == text {
        return Err(Error::invalid("text", Message::new("edition_same")));
    }
    let old = Rulebook::read(&texts)?;
    let new = Rulebook::read(&texts.with(part, text.to_owned()))?;
    let faults = match part {
        Part::Policies => policies_must_stay(&old, &new, now),
        Part::Organisations => organisations_must_stay(&old, &new),
        Part::Places => places_must_stay(&old, &new),
        // Of routes nobody keeps any: an offer keeps its deadline itself.
        Part::Routes => Vec::new(),
    };
    if faults.is_empty() { Ok(new) } else { Err(Error::Invalid(faults)) }
}

/// Puts a text in force, in place of the edition that its author began from (0: the file).
///
/// # Errors
/// As [`check`]; Conflict `edition_known_since` or `edition_known` if somebody else has loaded one meanwhile.
pub fn load(tx: &mut Tx<'_>, actor: &Actor, in_force: &InForce, part: Part, seen: i32, text: &str, because: &str) -> Result<Edition> {
    actor.must_everywhere(Act::ManagePolicies)?;
    let reason = reason("reason", because)?;
    let numbers = store::newest_editions(tx)?;
    let newest = numbers.get(&part).copied().unwrap_or(0);
    if newest != seen {
        let winner = find(tx, part, newest)?;
        let at = format!("{} {}", time::civil_date(winner.loaded_at), time::clock(winner.loaded_at));
        return Err(Error::Conflict(Message::new("edition_known_since").with("number", newest).with("by", winner.loaded_by).with("at", at)));
    }
    let now = tx.now();
    let rulebook = judge(tx, in_force, &numbers, part, text, now)?;
    let edition = Edition { part, number: newest + 1, text: text.to_owned(), reason, loaded_by: actor.name().to_owned(), loaded_at: now };
    let id: Id<Edition> = tx.new_id();
    // First of all: of two at once the number decides.
    store::insert_edition(tx, id, &edition)?;
    match part {
        Part::Organisations => places::register(tx, &rulebook.organisations)?,
        Part::Policies => store::register(tx, &rulebook.policies)?,
        Part::Routes | Part::Places => {}
    }
    let what = format!("{part} {}: {}", edition.number, edition.reason);
    audit::record(tx, actor, Act::ManagePolicies, Subject::of("rule_edition", id), Some(&what))?;
    Ok(edition)
}

/// People are counted under what has begun, so it stays word for word; what has not may still be taken out, though not say something else.
fn policies_must_stay(old: &Rulebook, new: &Rulebook, now: DateTime<Utc>) -> Vec<FieldError> {
    let fault = |policy: &super::Policy| {
        let code = match new.policies.get(&policy.name, policy.version) {
            Some(same) if same.digest() == policy.digest() => return None,
            Some(_) => "policy_changed",
            None if policy.from <= now => "policy_must_stay",
            None => return None,
        };
        Some(FieldError::new("text", Message::new(code).with("policy", &policy.name).with("version", policy.version)))
    };
    old.policies.iter().filter_map(fault).collect()
}

fn organisations_must_stay(old: &Rulebook, new: &Rulebook) -> Vec<FieldError> {
    let stays = |code: &str, kind| new.organisations.get(code).is_some_and(|organisation| organisation.kind == kind);
    let gone = old.organisations.iter().filter(|organisation| !stays(&organisation.code, organisation.kind));
    gone.map(|organisation| FieldError::new("text", Message::new("organisation_must_stay").with("organisation", &organisation.code))).collect()
}

fn places_must_stay(old: &Rulebook, new: &Rulebook) -> Vec<FieldError> {
    let gone = old.places.iter().filter(|place| new.places.get(place.adcode).is_none());
    gone.map(|place| FieldError::new("text", Message::new("place_must_stay").with("adcode", place.adcode))).collect()
}
