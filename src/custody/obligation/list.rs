//! What an organisation owes, thing by thing and person by person: what is due first first, so that what is overdue leads, and what has no time last.
//! A page of it begins after a key, so that what is done or added meanwhile neither repeats nor hides the rest.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::model::{Obligation, ObligationKind, Owed};
use crate::arrivals::{TestKind, TravellerId};
use crate::base::page::{Page, PageRequest};
use crate::base::time;

/// What kind of thing is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwedKind {
    /// A test that is due.
    Test(TestKind),
    /// What was written down.
    Written(ObligationKind),
}

impl OwedKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Test(TestKind::NucleicAcid),
        Self::Test(TestKind::Antibody),
        Self::Written(ObligationKind::Care),
        Self::Written(ObligationKind::Medicine),
        Self::Written(ObligationKind::Note),
    ];

    /// The word in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test(kind) => kind.as_str(),
            Self::Written(kind) => kind.name(),
        }
    }

    /// Reads a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that is owed to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwedItem {
    /// A test.
    Test {
        /// Of what.
        kind: TestKind,
        /// From when.
        on: NaiveDate,
        /// Of whom.
        traveller: TravellerId,
    },
    /// What was written down.
    Written(Obligation),
}

/// Where something stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwedKey {
    /// By when it is due, if there is a time for it.
    pub due: Option<DateTime<Utc>>,
    /// What kind it is.
    pub kind: OwedKind,
    /// The id of what was written down; of a test, of the traveller.
    pub id: Uuid,
}

/// How much of a kind is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwedCount {
    /// The kind.
    pub kind: OwedKind,
    /// How many things.
    pub n: usize,
    /// How many of them are overdue.
    pub n_overdue: usize,
}

impl OwedKey {
    /// The order of the list.
    fn order(self) -> (bool, Option<DateTime<Utc>>, OwedKind, Uuid) {
        (self.due.is_none(), self.due, self.kind, self.id)
    }
}

impl OwedItem {
    /// To whom it is owed.
    pub fn traveller(&self) -> TravellerId {
        match self {
            Self::Test { traveller, .. } => *traveller,
            Self::Written(obligation) => obligation.traveller,
        }
    }

    /// Where it stands in the list. A test is due by the end of its day.
    pub fn key(&self) -> OwedKey {
        match self {
            Self::Test { kind, on, traveller } => OwedKey { due: Some(time::end_of(*on)), kind: OwedKind::Test(*kind), id: traveller.uuid() },
            Self::Written(obligation) => OwedKey { due: obligation.due_at, kind: OwedKind::Written(obligation.kind), id: obligation.id.uuid() },
        }
    }
}

impl Owed {
    /// All of it, one by one.
    pub fn items(self) -> Vec<OwedItem> {
        let of_kind = |kind, on, travellers: Vec<TravellerId>| travellers.into_iter().map(move |traveller| OwedItem::Test { kind, on, traveller });
        let tests = self.tests.into_iter().flat_map(|due| of_kind(due.kind, due.on, due.travellers));
        let mut items: Vec<OwedItem> = tests.chain(self.written.into_iter().map(OwedItem::Written)).collect();
        items.sort_by_key(|item| item.key().order());
        items
    }
}

/// A page of `items`, of one kind or of all.
pub fn page(mut items: Vec<OwedItem>, kind: Option<OwedKind>, request: PageRequest<OwedKey>) -> Page<OwedItem, OwedKey> {
    items.retain(|item| {
        let key = item.key();
        kind.is_none_or(|kind| key.kind == kind) && request.after.is_none_or(|after| after.order() < key.order())
    });
    Page::cut(items, request.limit, OwedItem::key)
}

/// How much of each kind there is, and how much of it is overdue at `now`.
pub fn counts(items: &[OwedItem], now: DateTime<Utc>) -> Vec<OwedCount> {
    let count = |kind| {
        let due = items.iter().map(OwedItem::key).filter(|key| key.kind == kind).map(|key| key.due);
        OwedCount { kind, n: due.clone().count(), n_overdue: due.flatten().filter(|due| *due <= now).count() }
    };
    OwedKind::ALL.map(count).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;
    use crate::custody::obligation::{Deed, TestsDue};

    fn written(n: u128, kind: ObligationKind, due_at: Option<DateTime<Utc>>) -> Obligation {
        let added = Deed { by: "a".into(), organisation: "desk-pvg".parse().unwrap(), at: DateTime::UNIX_EPOCH };
        Obligation { id: Id::from_uuid(Uuid::from_u128(n)), traveller: Id::from_uuid(Uuid::from_u128(9)), kind, words: None, due_at, added, done: None }
    }

    fn owed() -> Owed {
        let day = |day| NaiveDate::from_ymd_opt(2020, 9, day).unwrap();
        let people = |n: std::ops::Range<u128>| n.map(|n| Id::from_uuid(Uuid::from_u128(n))).collect();
        let test = |on, kind, travellers| TestsDue { on: day(on), kind, travellers };
        Owed {
            tests: vec![
                test(14, TestKind::NucleicAcid, people(1..4)),
                test(14, TestKind::Antibody, people(2..3)),
                test(16, TestKind::NucleicAcid, people(1..2)),
            ],
            written: vec![
                written(5, ObligationKind::Medicine, Some(time::end_of(day(13)))),
                written(6, ObligationKind::Care, None),
                written(7, ObligationKind::Medicine, Some(time::end_of(day(14)))),
            ],
        }
    }

    #[test]
    fn what_is_due_first_is_first_and_what_has_no_time_is_last() {
        let told: Vec<String> = owed().items().iter().map(|item| format!("{}{}", item.key().kind.name(), item.key().id.as_u128())).collect();
        let expected = ["medicine5", "nucleic_acid1", "nucleic_acid2", "nucleic_acid3", "antibody2", "medicine7", "nucleic_acid1", "care6"];
        assert_eq!(told, expected);
    }

    #[test]
    fn pages_of_any_size_make_up_the_whole_list_of_each_kind() {
        for kind in OwedKind::ALL.into_iter().map(Some).chain([None]) {
            let whole: Vec<OwedItem> = owed().items().into_iter().filter(|item| kind.is_none_or(|kind| item.key().kind == kind)).collect();
            for limit in 1..=9 {
                let (mut seen, mut after) = (Vec::new(), None);
                loop {
                    let part = page(owed().items(), kind, PageRequest::new(after, Some(limit)));
                    seen.extend(part.items);
                    after = part.next;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(seen, whole, "{kind:?} {limit}");
            }
        }
    }

    #[test]
    fn what_was_done_meanwhile_neither_repeats_nor_hides_the_rest() {
        let first = page(owed().items(), None, PageRequest::new(None, Some(3)));
        let mut left = owed();
        left.tests.remove(0);
        let rest = page(left.items(), None, PageRequest::new(first.next, Some(9)));
        assert_eq!(rest.items, owed().items()[4..]);
    }

    #[test]
    fn a_test_is_overdue_once_its_day_is_over_and_what_has_no_time_never() {
        let at = |at| counts(&owed().items(), at).iter().map(|count| (count.n, count.n_overdue)).collect::<Vec<_>>();
        let fourteenth = time::end_of(NaiveDate::from_ymd_opt(2020, 9, 14).unwrap());
        assert_eq!(at(fourteenth - chrono::TimeDelta::seconds(1)), [(4, 0), (1, 0), (1, 0), (2, 1), (0, 0)]);
        assert_eq!(at(fourteenth), [(4, 3), (1, 1), (1, 0), (2, 2), (0, 0)]);
    }
}
