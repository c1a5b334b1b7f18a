//! Typed identifiers: the id of a trip cannot be given where the id of a traveller is wanted.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The id of a `K`: a UUID, version 7 where we make it, so that ids sort by the time they were made.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Takes a UUID that is known to name a `K`.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The bare UUID, borrowed.
    pub const fn uuid_ref(&self) -> &Uuid {
        &self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self::from_uuid)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

/// Makes new ids. Chance is handed in like the clock, so that a simulation with a seed makes the same ids again.
#[derive(Debug)]
pub struct IdSource(Mutex<State>);

#[derive(Debug)]
struct State {
    rng: StdRng,
    /// The millisecond of the last id, and the bits of it that are not time.
    last: Option<(u64, u128)>,
}

/// How many bits of a UUID of version 7 are not time, version or variant: 12 before the variant, 62 behind it.
const BITS: u32 = 12 + 62;

impl IdSource {
    fn of(rng: StdRng) -> Self {
        Self(Mutex::new(State { rng, last: None }))
    }

    /// Unpredictable ids, for real use.
    pub fn random() -> Self {
        Self::of(rand::make_rng())
    }

    /// The same ids for the same seed and the same instants.
    pub fn seeded(seed: u64) -> Self {
        Self::of(StdRng::seed_from_u64(seed))
    }

    /// A fresh id, its first 48 bits the milliseconds of `now`. Those of one millisecond sort in the order they were made, each a random
    /// step behind the one before (RFC 9562, 6.2, method 2): what is written together lies together in every index of the database.
    pub fn next<K>(&self, now: DateTime<Utc>) -> Id<K> {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let mut state = self.state();
        let chance = match state.last {
            Some((at, before)) if at == millis => before + 1 + u128::from(state.rng.next_u32()),
            // The highest bit starts as zero, so that there is room to step.
            _ => {
                let start = [state.rng.next_u64(), state.rng.next_u64()].map(u128::from);
                (start[0] << 64 | start[1]) >> (u128::BITS - BITS + 1)
            }
        };
        state.last = Some((millis, chance));
        // The two bits of the variant stand before the last 62; those of the version before all.
        let spread = (chance >> 62) << 64 | chance & ((1 << 62) - 1);
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&spread.to_be_bytes()[6..]);
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// Another source, for another thread, that continues from this one's chance.
    pub fn fork(&self) -> Self {
        Self::of(StdRng::from_seed(self.bytes()))
    }

    /// `N` bytes of chance.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.state().rng.fill_bytes(&mut bytes);
        bytes
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_sort_as_they_were_made_and_those_of_a_later_one_come_behind() {
        let (source, now) = (IdSource::seeded(7), DateTime::<Utc>::from_timestamp_millis(1_600_000_000_123).unwrap());
        let mut all: Vec<Uuid> = (0..100_000).map(|_| source.next::<()>(now).uuid()).collect();
        all.push(source.next::<()>(now + chrono::TimeDelta::milliseconds(1)).uuid());
        assert!(all.is_sorted_by(|a, b| a < b));
        assert!(all.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        let (seconds, nanos) = all[99_999].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_600_000_000, 123_000_000));
    }

    #[test]
    fn two_sources_do_not_make_the_same_ids() {
        let (one, now) = (IdSource::seeded(7), DateTime::<Utc>::UNIX_EPOCH);
        let other = one.fork();
        let ids: std::collections::HashSet<Uuid> = (0..1_000).flat_map(|_| [one.next::<()>(now).uuid(), other.next::<()>(now).uuid()]).collect();
        assert_eq!(ids.len(), 2_000);
    }
}
