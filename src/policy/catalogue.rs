//! The catalogue: every policy, and which one is in force for a landing. A policy runs from its `from` until the next one of the same
//! province begins; of two versions of one policy the later counts for new landings, while the earlier stays for those who hold it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Policy, read};
use crate::base::time::in_shanghai;
use crate::base::{Error, FieldError, Message, Result};
use crate::places::{Adcode, Region};

/// All policies, checked against one another.
#[derive(Debug, Clone)]
pub struct Catalogue {
    policies: Vec<Policy>,
    /// Indices into `policies` by region, ascending by start, one for each start.
    in_force: BTreeMap<Region, Vec<usize>>,
}

impl Catalogue {
    /// The text of `policies.toml` that is part of the program.
    pub const EMBEDDED: &str = include_str!("../../config/policies.toml");

    /// The catalogue that is part of the program.
    ///
    /// # Errors
    /// As [`Catalogue::read`].
    pub fn embedded() -> Result<Self> {
        Self::read(Self::EMBEDDED)
    }

    /// Reads a catalogue from the text of `policies.toml`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: every fault at once, each by its path (`policy[2].segments[0].days`).
    pub fn read(text: &str) -> Result<Self> {
        Self::of(read::policies(text)?)
    }

    fn of(policies: Vec<Policy>) -> Result<Self> {
        let mut faults = Vec::new();
        let mut in_force: BTreeMap<Region, Vec<usize>> = BTreeMap::new();
        for (n, policy) in policies.iter().enumerate() {
            if policies[..n].iter().any(|other| (&other.name, other.version) == (&policy.name, policy.version)) {
                let message = Message::new("policy_twice").with("policy", &policy.name).with("version", policy.version);
                faults.push(FieldError::new(format!("policy[{n}].version"), message));
            }
            for (k, region) in policy.applies_to.iter().enumerate() {
                let rows = in_force.entry(*region).or_default();
                match rows.iter().position(|row| policies[*row].from == policy.from) {
                    None => rows.push(n),
                    Some(at) if policies[rows[at]].name == policy.name => {
                        if policies[rows[at]].version < policy.version {
                            rows[at] = n;
                        }
                    }
                    Some(at) => {
                        let message =
                            Message::new("policies_overlap").with("policy", &policy.name).with("other", &policies[rows[at]].name).with("region", region);
                        faults.push(FieldError::new(format!("policy[{n}].applies_to[{k}]"), message));
                    }
                }
            }
        }
        in_force.values_mut().for_each(|rows| rows.sort_by_key(|row| policies[*row].from));
        if faults.is_empty() { Ok(Self { policies, in_force }) } else { Err(Error::Invalid(faults)) }
    }

    /// The policy for a landing at `landed_at` bound for `province` (any code of it).
    ///
    /// # Errors
    /// [`Error::Refused`] `before_first_policy`, which names the first instant covered.
    pub fn choose(&self, province: Adcode, landed_at: DateTime<Utc>) -> Result<&Policy> {
        let named = self.in_force.get(&Region::Province(province.province_prefix()));
        let rows = named.or_else(|| self.in_force.get(&Region::Other)).map_or(&[][..], Vec::as_slice);
        let begun = rows.partition_point(|row| self.policies[*row].from <= landed_at);
        if let Some(last) = begun.checked_sub(1) {
            return Ok(&self.policies[rows[last]]);
        }
        Err(Error::Refused(match rows.first() {
            Some(first) => Message::new("before_first_policy").with("landed_at", in_shanghai(landed_at)).with("first", in_shanghai(self.policies[*first].from)),
            None => Message::new("no_policy").with("province", province.province()),
        }))
    }

    /// A catalogue of one policy, to suppose that it counts.
    pub fn alone(policy: Policy) -> Self {
        let in_force = policy.applies_to.iter().map(|region| (*region, vec![0])).collect();
        Self { policies: vec![policy], in_force }
    }

    /// Whether the policies of `other` would be for `province` (any code of it) if they were added to these.
    pub fn would_concern(&self, other: &Self, province: Adcode) -> bool {
        other.in_force.contains_key(&self.region_with(other, province))
    }

    /// The policy of `other` that a landing would fall under if those were added to these and none of these began later; none if it landed before
    /// they begin.
    pub fn supposing<'o>(&self, other: &'o Self, province: Adcode, landed_at: DateTime<Utc>) -> Option<&'o Policy> {
        let rows = other.in_force.get(&self.region_with(other, province))?;
        let begun = rows.partition_point(|row| other.policies[*row].from <= landed_at);
        begun.checked_sub(1).map(|last| &other.policies[rows[last]])
    }

    /// A province that either names is named; the rest are the others.
    fn region_with(&self, other: &Self, province: Adcode) -> Region {
        let named = Region::Province(province.province_prefix());
        if self.in_force.contains_key(&named) || other.in_force.contains_key(&named) { named } else { Region::Other }
    }

    /// The policy of this name and version, whether or not it is in force.
    pub fn get(&self, name: &str, version: u32) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.version == version && policy.name == name)
    }

    /// Every policy, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter()
    }
}
