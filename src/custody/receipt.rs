//! What the receiver found when people were handed over: how many heads, and, person by person, what differs from the list.
//!
//! Invariant: a [`Settlement`] accounts for every person on the list exactly once, and its heads are the heads counted; a
//! difference is a named exception or there is no settlement. It does not know how the receiver found out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::arrivals::TravellerId;
use crate::base::{Error, FieldError, Message};

/// Why, in somebody's own words: not empty, at most [`Reason::MOST`] characters. Lists show it, logs never do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The most characters.
    pub const MOST: usize = 500;

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reason {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        match text.trim() {
            "" => Err(Message::new("reason_missing")),
            text if text.chars().count() > Self::MOST => Err(Message::new("reason_too_long").with("most", Self::MOST)),
            text => Ok(Self(text.to_owned())),
        }
    }
}

/// How a person differs from the list. All but an extra stay with the giver; an extra stays with whoever answers for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// 未到: on the list, not there.
    Missing,
    /// 拒收: there, and not taken over.
    Refused,
    /// 多出: there, and not on the list.
    Extra,
    /// 上错车: on the list, and came on another vehicle.
    WrongVehicle,
}

impl ExceptionKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Refused, Self::Extra, Self::WrongVehicle];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Refused => "refused",
            Self::Extra => "extra",
            Self::WrongVehicle => "wrong_vehicle",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A person who differs from the list, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Who.
    pub traveller: TravellerId,
    /// How.
    pub kind: ExceptionKind,
    /// Why.
    pub reason: Reason,
}

/// What became of a person on a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answers for the person.
    Received,
    /// The receiver does not.
    Excepted(ExceptionKind, Reason),
}

/// A person on a handoff; without an outcome until it is answered, and for ever if it was refused or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub traveller: TravellerId,
    /// What became of them.
    pub outcome: Option<Outcome>,
}

/// What the receiver says: so many heads are here to stay, everybody on the list is among them but for these, and it was then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Heads taken over: those of the list who were received, and those who were not on it.
    pub counted: i32,
    /// Who differs from the list.
    pub exceptions: Vec<Exception>,
    /// How many of the heads are nobody's whom the exceptions name: people of whom a guest knows a document and we perhaps nothing.
    pub strangers: usize,
    /// When it happened, by the receiver's clock; now, if not given.
    pub happened_at: Option<DateTime<Utc>>,
}

/// What a receiver answers who has no network: it is written down, and counts as of when that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// They take people over.
    Receive(Receipt),
    /// They take over nobody.
    Refuse {
        /// Why.
        reason: Reason,
        /// When, by the receiver's clock.
        happened_at: Option<DateTime<Utc>>,
    },
}

impl Reply {
    /// When it was given, by the receiver's clock.
    pub const fn happened_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Receive(Receipt { happened_at, .. }) | Self::Refuse { happened_at, .. } => *happened_at,
        }
    }
}

/// A receipt that fits its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Who passes to the receiver, in the order of their ids.
    pub received: Vec<TravellerId>,
    /// Who does not, and why.
    pub exceptions: Vec<Exception>,
    /// How many were there whom neither the list nor the exceptions name.
    pub strangers: usize,
    /// The heads counted.
    pub counted: i32,
}

impl Settlement {
    /// Nobody passes, and nobody differs: what a refusal comes to.
    pub fn of_nobody() -> Self {
        Self { received: Vec::new(), exceptions: Vec::new(), strangers: 0, counted: 0 }
    }

    /// Whether everybody on the list was received, and nobody else was there.
    pub fn is_whole(&self) -> bool {
        self.exceptions.is_empty() && self.strangers == 0
    }

    /// The people who were not on the list, as far as they are known.
    pub fn extras(&self) -> impl Iterator<Item = TravellerId> {
        self.exceptions.iter().filter(|exception| exception.kind == ExceptionKind::Extra).map(|exception| exception.traveller)
    }

    /// What became of everybody, in the order of their ids.
    pub fn into_lines(self) -> Vec<Line> {
        let received = self.received.into_iter().map(|traveller| Line { traveller, outcome: Some(Outcome::Received) });
        let excepted = self.exceptions.into_iter().map(|one| Line { traveller: one.traveller, outcome: Some(Outcome::Excepted(one.kind, one.reason)) });
        let mut lines: Vec<Line> = received.chain(excepted).collect();
        lines.sort_unstable_by_key(|line| line.traveller);
        lines
    }

    /// How many exceptions of each kind there are, strangers among the extras.
    pub fn n_by_kind(&self) -> BTreeMap<&'static str, usize> {
        let mut sums = BTreeMap::new();
        let strangers = std::iter::repeat_n(ExceptionKind::Extra, self.strangers);
        for kind in self.exceptions.iter().map(|exception| exception.kind).chain(strangers) {
            *sums.entry(kind.name()).or_default() += 1;
        }
        sums
    }
}

/// What is wrong with a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptError {
    /// Exceptions that cannot be, each by its place in the receipt.
    Exceptions(Vec<(usize, &'static str)>),
    /// The heads are not those that the list and the exceptions make.
    CountDiffers {
        /// What the receiver counted.
        counted: i32,
        /// What was to be counted.
        expected: i32,
    },
}

impl From<ReceiptError> for Error {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::Exceptions(wrong) => {
                Self::Invalid(wrong.into_iter().map(|(n, code)| FieldError::new(format!("exceptions[{n}].traveller"), Message::new(code))).collect())
            }
            ReceiptError::CountDiffers { counted, expected } => {
                Self::Refused(Message::new("count_differs").with("counted", counted).with("expected", expected))
            }
        }
    }
}

/// Holds a receipt against the list it answers. What it finds wrong tells of the list, so the receiver's count must be in.
pub(super) fn settle(list: &[TravellerId], receipt: Receipt) -> Result<Settlement, ReceiptError> {
    let on_list: BTreeSet<TravellerId> = list.iter().copied().collect();
    let mut named = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut n_extra = 0;
    for (n, exception) in receipt.exceptions.iter().enumerate() {
        let is_extra = exception.kind == ExceptionKind::Extra;
        n_extra += usize::from(is_extra);
        match (named.insert(exception.traveller), on_list.contains(&exception.traveller)) {
            (false, _) => wrong.push((n, "exception_twice")),
            (true, true) if is_extra => wrong.push((n, "extra_is_on_list")),
            (true, false) if !is_extra => wrong.push((n, "exception_not_on_list")),
            _ => {}
        }
    }
    if !wrong.is_empty() {
        return Err(ReceiptError::Exceptions(wrong));
    }
    let received: Vec<TravellerId> = on_list.difference(&named).copied().collect();
    let expected = i32::try_from(received.len() + n_extra + receipt.strangers).unwrap_or(i32::MAX);
    if receipt.counted != expected {
        return Err(ReceiptError::CountDiffers { counted: receipt.counted, expected });
    }
    Ok(Settlement { received, exceptions: receipt.exceptions, strangers: receipt.strangers, counted: receipt.counted })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Id;

    fn id(n: u128) -> TravellerId {
        Id::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn exception(n: u128, kind: ExceptionKind) -> Exception {
        Exception { traveller: id(n), kind, reason: "seen by two".parse().unwrap() }
    }

    fn receipt(counted: i32, exceptions: Vec<Exception>) -> Receipt {
        Receipt { counted, exceptions, ..Receipt::default() }
    }

    #[test]
    fn whoever_is_not_excepted_is_received() {
        let settled = settle(&[id(3), id(1), id(2)], receipt(2, vec![exception(2, ExceptionKind::Missing)])).unwrap();
        assert_eq!(settled.received, [id(1), id(3)]);
        let with_extra = settle(&[id(1)], receipt(2, vec![exception(9, ExceptionKind::Extra)])).unwrap();
        assert_eq!((with_extra.received, with_extra.counted), (vec![id(1)], 2));
        let with_stranger = settle(&[id(1)], Receipt { strangers: 1, ..receipt(2, vec![]) }).unwrap();
        assert!(with_stranger.received == [id(1)] && !with_stranger.is_whole() && with_stranger.n_by_kind() == [("extra", 1)].into());
    }

    #[test]
    fn a_difference_in_heads_is_refused_until_it_is_named() {
        let list = [id(1), id(2)];
        assert_eq!(settle(&list, receipt(1, vec![])), Err(ReceiptError::CountDiffers { counted: 1, expected: 2 }));
        assert!(settle(&list, receipt(-1, vec![])).is_err());
        assert!(settle(&list, receipt(1, vec![exception(2, ExceptionKind::WrongVehicle)])).is_ok());
    }

    #[test]
    fn every_exception_that_cannot_be_is_told_with_its_place() {
        let exceptions = vec![
            exception(1, ExceptionKind::Missing),
            exception(1, ExceptionKind::Refused),
            exception(2, ExceptionKind::Extra),
            exception(3, ExceptionKind::Missing),
        ];
        let wrong = vec![(1, "exception_twice"), (2, "extra_is_on_list"), (3, "exception_not_on_list")];
        assert_eq!(settle(&[id(1), id(2)], receipt(1, exceptions)), Err(ReceiptError::Exceptions(wrong)));
    }

    #[test]
    fn a_reason_says_something() {
        assert_eq!(" 晕车 ".parse::<Reason>().unwrap().as_str(), "晕车");
        assert_eq!("  ".parse::<Reason>().unwrap_err().code, "reason_missing");
        assert!("长".repeat(500).parse::<Reason>().is_ok());
        assert_eq!("长".repeat(501).parse::<Reason>().unwrap_err().code, "reason_too_long");
    }

    proptest! {
        #[test]
        fn a_settlement_accounts_for_everybody_once(list in proptest::collection::btree_set(0_u128..40, 1..20), kinds in proptest::collection::btree_map(0_u128..40, 0_usize..4, 0..12)) {
            let list: Vec<TravellerId> = list.into_iter().map(id).collect();
            let exceptions: Vec<Exception> = kinds.into_iter().map(|(n, kind)| exception(n, ExceptionKind::ALL[kind])).collect();
            let heads = |exceptions: &[Exception]| {
                let extras = exceptions.iter().filter(|exception| exception.kind == ExceptionKind::Extra).count();
                list.len() + 2 * extras - exceptions.len()
            };
            let possible = exceptions.iter().all(|exception| list.contains(&exception.traveller) != (exception.kind == ExceptionKind::Extra));
            prop_assume!(!possible || heads(&exceptions) < 100);
            let counted = if possible { heads(&exceptions) as i32 } else { 0 };
            match settle(&list, receipt(counted, exceptions.clone())) {
                Ok(settled) => {
                    prop_assert!(possible);
                    let extras: Vec<TravellerId> = settled.extras().collect();
                    let kept = settled.exceptions.iter().map(|exception| exception.traveller).filter(|who| !extras.contains(who));
                    let mut all: Vec<TravellerId> = settled.received.iter().copied().chain(kept).collect();
                    all.sort_unstable();
                    prop_assert_eq!(all, list);
                    prop_assert_eq!(settled.received.len() + extras.len(), counted as usize);
                }
                Err(_) => prop_assert!(!possible),
            }
        }
    }
}
