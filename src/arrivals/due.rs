//! Due 应转: who must move on a day, per city, how many of them may, and what keeps the others.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::clearance::{self, Block, Clearance};
use super::model::{HoldKind, Mover, Party, TravellerId};
use super::store::{self, Of};
use super::{list, wanted};
use crate::access::{Act, Actor};
use crate::base::{Id, Result};
use crate::db::Conn;
use crate::ledger::Stock;
use crate::places::Organisation;
use crate::policy::Rulebook;

/// The people of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The day.
    pub on: NaiveDate,
    /// Who goes to another province, per city of the destination, by its code.
    pub due: Vec<DueRow>,
    /// How many these are.
    pub count: u64,
    /// Who goes home within the port's city, per district.
    pub home: Vec<DueRow>,
    /// Whose day it is, but who is with, or held for, the doctors instead: nobody expects them on a coach.
    pub medical: Vec<MedicalRow>,
}

/// The people of one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueRow {
    /// The city (in Shanghai: the district), six digits.
    pub destination: String,
    /// How many must move.
    pub count: u64,
    /// How many of them may, or have already.
    pub cleared: u64,
    /// What keeps the others; who has several reasons is counted under the first.
    pub blocked: Vec<BlockedRow>,
}

/// How many are kept by one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockedRow {
    /// The reason.
    pub reason: &'static str,
    /// How many.
    pub count: u64,
}

/// How many of one destination are with the doctors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MedicalRow {
    /// The city.
    pub destination: String,
    /// How many.
    pub count: u64,
}

#[derive(Default)]
struct Sums {
    count: u64,
    cleared: u64,
    blocked: BTreeMap<Block, u64>,
}

/// Somebody whose next move is on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// Who.
    pub id: TravellerId,
    /// In which party.
    pub party: Id<Party>,
    /// Who answers for them.
    pub custodian: Option<Id<Organisation>>,
    /// The place that they are bound for, and its city.
    pub bound: Option<(String, String)>,
    /// Whether they have not moved yet.
    pub is_waiting: bool,
    /// What keeps them, judged as at the door; cleared if nothing does.
    pub blocks: Vec<Block>,
}

/// How many must move to another province on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The day.
    pub on: NaiveDate,
    /// How many move to each city, by its code; as many as [`due`] counts.
    pub cities: BTreeMap<String, u64>,
    /// How many of them a hold keeps.
    pub held: u64,
}

/// Everyone judged whose next move is on `on`. Costs what that day's people cost, whatever else is in the database.
fn judged(conn: &mut Conn, rulebook: &Rulebook, on: NaiveDate) -> Result<Vec<(Mover, Clearance)>> {
    let people = store::movers(conn, on)?;
    let mut candidates = store::candidates(conn, &people, Of::MovingOn(on), &|counted| wanted(rulebook, counted))?;
    // A party is judged as a whole: whoever of it moves on another day may keep the others here.
    let others = store::left_behind_on(conn, on, &people)?;
    candidates.extend(super::candidates(conn, rulebook, &others)?);
    let clearances = clearance::clear(&candidates, on);
    Ok(people.into_iter().zip(clearances).collect())
}

/// Who of the actor's scope must move on `on`, person by person, in the order of their ids. Costs what that day's people cost.
pub fn moving(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, on: NaiveDate) -> Result<Vec<Moving>> {
    actor.must(Act::ViewTravellers)?;
    let custodians: HashMap<Id<Organisation>, &Organisation> = rulebook.organisations.iter().map(|one| (one.id(), one)).collect();
    let is_seen = |person: &Mover| {
        let is_here = |place: &str, code: &str| code.parse().is_ok_and(|code| actor.scope().covers(&[place], &[&code]));
        let custodian = person.custodian.and_then(|id| custodians.get(&id));
        city_within(person, actor).is_some() || custodian.is_some_and(|one| is_here(&one.place.to_string(), &one.code))
    };
    let mut people = judged(conn, rulebook, on)?;
    people.retain(|(person, _)| is_seen(person));
    people.sort_unstable_by_key(|(person, _)| person.id);
    let moving = |(person, clearance): (Mover, Clearance)| Moving {
        id: person.id,
        party: person.party,
        custodian: person.custodian,
        bound: person.bound,
        is_waiting: person.stock.is_before_the_move(),
        blocks: clearance.blocks,
    };
    Ok(people.into_iter().map(moving).collect())
}

/// How many of the actor's scope must move to another province on each of so many days from `from` on, and how many of them something holds. Nobody
/// is judged: tests that are due only then have no results yet. Costs what an index of those days costs.
pub fn expected(conn: &mut Conn, actor: &Actor, from: NaiveDate, n_days: u64) -> Result<Vec<Expected>> {
    actor.must(Act::ViewTotals)?;
    let days = (0..n_days).map(|n| from + Days::new(n));
    let mut all: Vec<Expected> = days.map(|on| Expected { on, cities: BTreeMap::new(), held: 0 }).collect();
    let Some(last) = all.last().map(|day| day.on) else { return Ok(all) };
    let others = [HoldKind::Positive, HoldKind::Exposure, HoldKind::Administrative];
    let moving = list::n_moving(conn, actor.scope(), from, last)?;
    let medical = list::n_held(conn, actor.scope(), from, last, &[HoldKind::Medical])?;
    let held = list::n_held(conn, actor.scope(), from, last, &others)?;
    for ((on, city), n) in moving.into_iter().filter(|((_, city), _)| !city.starts_with("31")) {
        let key = (on, city);
        let with_doctors = medical.get(&key).copied().unwrap_or_default();
        let expected = u64::try_from(n - with_doctors).unwrap_or_default();
        if let Some(day) = all.iter_mut().find(|day| day.on == on).filter(|_| expected > 0) {
            day.held += u64::try_from(held.get(&key).copied().unwrap_or_default()).unwrap_or_default().min(expected);
            day.cities.insert(key.1, expected);
        }
    }
    Ok(all)
}

/// Who must move on `on`. Costs what that day's people cost, whatever else is in the database.
pub fn due(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, on: NaiveDate) -> Result<Due> {
    actor.must(Act::ViewTotals)?;
    let people = judged(conn, rulebook, on)?;
    let mut cities: BTreeMap<&str, Sums> = BTreeMap::new();
    let mut medical: BTreeMap<&str, u64> = BTreeMap::new();
    for (person, clearance) in &people {
        let Some(city) = city_within(person, actor) else { continue };
        let has_moved = !person.stock.is_before_the_move();
        if clearance.blocks.contains(&Block::Held(HoldKind::Medical)) && (!has_moved || person.stock == Stock::Medical) {
            *medical.entry(city).or_default() += 1;
            continue;
        }
        let sums = cities.entry(city).or_default();
        sums.count += 1;
        match clearance.blocks.first() {
            Some(block) if !has_moved => *sums.blocked.entry(*block).or_default() += 1,
            _ => sums.cleared += 1,
        }
    }
    let row = |(destination, sums): (&str, Sums)| DueRow {
        destination: destination.to_owned(),
        count: sums.count,
        cleared: sums.cleared,
        blocked: sums.blocked.into_iter().map(|(block, count)| BlockedRow { reason: block.name(), count }).collect(),
    };
    let (home, due): (Vec<DueRow>, Vec<DueRow>) = cities.into_iter().map(row).partition(|row| row.destination.starts_with("31"));
    let medical = medical.into_iter().map(|(destination, count)| MedicalRow { destination: destination.to_owned(), count }).collect();
    Ok(Due { on, count: due.iter().map(|row| row.count).sum(), due, home, medical })
}

/// The city somebody is bound for, if the actor may see them.
fn city_within<'p>(person: &'p Mover, actor: &Actor) -> Option<&'p str> {
    let (destination, city) = person.bound.as_ref()?;
    actor.scope().covers(&[destination, city], &[]).then_some(city.as_str())
}
