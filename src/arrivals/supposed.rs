//! What other rules would change for those who are in the chain: whom they would release on another day. Everybody is read at once and counted
//! in memory; nothing is written, for a policy is changed for somebody only by an act of its own.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::model::{Traveller, TravellerId};
use super::{facts, list};
use crate::access::Actor;
use crate::base::Result;
use crate::base::time::civil_date;
use crate::db::Conn;
use crate::policy::{Catalogue, Rulebook};

/// The most people who are named; the sums are of all.
const MOST_NAMED: usize = 50;

/// What other rules would come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supposed {
    /// How many of those in the chain, as far as they exist for the reader, the rules are for.
    pub n_for: usize,
    /// How many in the chain are bound for where the rules are for, but landed before they begin.
    pub n_before: usize,
    /// How many would be released on another day.
    pub n_changed: usize,
    /// The same by city, those with most changes first.
    pub cities: Vec<SupposedCity>,
    /// Whose day changes most, at most 50.
    pub people: Vec<SupposedPerson>,
}

/// The people of one city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupposedCity {
    /// The city (in Shanghai: the district), six digits.
    pub city: String,
    /// How many the rules are for.
    pub n_for: usize,
    /// How many would be released so many days later, or earlier; without those whose day stays.
    pub by_days: BTreeMap<i64, usize>,
}

impl SupposedCity {
    /// How many would be released on another day.
    pub fn n_changed(&self) -> usize {
        self.by_days.values().sum()
    }
}

/// Somebody who would be released on another day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupposedPerson {
    /// Who.
    pub traveller: TravellerId,
    /// The city that they are bound for.
    pub city: String,
    /// The policy that they are counted under, by name and version.
    pub policy: (String, i32),
    /// The one that they would be counted under.
    pub supposed: (String, u32),
    /// When they are released.
    pub release_on: NaiveDate,
    /// When they would be.
    pub supposed_on: NaiveDate,
}

impl SupposedPerson {
    /// How many days later; less than nothing is earlier.
    pub fn days(&self) -> i64 {
        self.supposed_on.signed_duration_since(self.release_on).num_days()
    }
}

/// What the policies of `other` would come to for those in the chain who exist for the actor, if they were added to the rules in force and
/// everybody were counted anew by them. Costs what those in the chain cost, whoever else is in the database.
pub fn suppose(conn: &mut Conn, actor: &Actor, rulebook: &Rulebook, other: &Catalogue) -> Result<Supposed> {
    let mut supposed = Supposed::default();
    let mut cities: BTreeMap<String, SupposedCity> = BTreeMap::new();
    for person in list::in_the_chain(conn, actor)? {
        let Traveller { destination: Some(bound), policy: Some(policy), release_on: Some(release_on), .. } = &person else { continue };
        let Ok(province) = bound.province.parse() else { continue };
        if !rulebook.policies.would_concern(other, province) {
            continue;
        }
        let Some(counts) = rulebook.policies.supposing(other, province, person.landed_at) else {
            supposed.n_before += 1;
            continue;
        };
        let supposed_on = civil_date(counts.calendar(&facts(&person, &[])).released_at);
        let new = || SupposedCity { city: bound.city.clone(), n_for: 0, by_days: BTreeMap::new() };
        let city = cities.entry(bound.city.clone()).or_insert_with(new);
        city.n_for += 1;
        supposed.n_for += 1;
        if supposed_on != *release_on {
            let (city_code, by) = (bound.city.clone(), (counts.name.clone(), counts.version));
            let person = SupposedPerson { traveller: person.id, city: city_code, policy: policy.clone(), supposed: by, release_on: *release_on, supposed_on };
            *city.by_days.entry(person.days()).or_default() += 1;
            supposed.people.push(person);
        }
    }
    supposed.n_changed = supposed.people.len();
    supposed.people.sort_by_key(|person| (std::cmp::Reverse(person.days().abs()), person.release_on, person.traveller));
    supposed.people.truncate(MOST_NAMED);
    supposed.cities = cities.into_values().collect();
    supposed.cities.sort_by_key(|city| std::cmp::Reverse(city.n_changed()));
    Ok(supposed)
}
