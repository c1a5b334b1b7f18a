//! Obligations 交办事项: what is owed to a traveller until it is done. They belong to the person and so to whoever answers for them; nothing is
//! copied when custody passes.

use chrono::{DateTime, NaiveDate, Utc};

use crate::access::OrganisationCode;
use crate::arrivals::{TestKind, TravellerId};
use crate::base::{Id, Message};

/// What somebody wrote down that is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObligationKind {
    /// 照护: a need of care.
    Care,
    /// 用药: a medicine.
    Medicine,
    /// 备注: anything else to be known or done.
    Note,
}

impl ObligationKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Care, Self::Medicine, Self::Note];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Care => "care",
            Self::Medicine => "medicine",
            Self::Note => "note",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObligation {
    /// To whom it is owed.
    pub traveller: TravellerId,
    /// What kind.
    pub kind: ObligationKind,
    /// In words: not empty, at most [`NewObligation::MOST`] characters.
    pub words: String,
    /// By when, if there is a time for it.
    pub due_at: Option<DateTime<Utc>>,
}

impl NewObligation {
    /// The most characters.
    pub const MOST: usize = 500;

    /// The words without blanks around them, or what is wrong with them.
    pub(super) fn checked_words(&self) -> Result<&str, Message> {
        match self.words.trim() {
            "" => Err(Message::new("obligation_empty")),
            words if words.chars().count() > Self::MOST => Err(Message::new("obligation_too_long").with("most", Self::MOST)),
            words => Ok(words),
        }
    }
}

/// Something that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Its id.
    pub id: Id<Obligation>,
    /// To whom it is owed.
    pub traveller: TravellerId,
    /// What kind.
    pub kind: ObligationKind,
    /// In words; absent in lists, hidden from those who do not answer for the person, and from all once the identity is destroyed.
    pub words: Option<String>,
    /// By when.
    pub due_at: Option<DateTime<Utc>>,
    /// Who wrote it down.
    pub added: Deed,
    /// That it was done.
    pub done: Option<Deed>,
}

/// Who did something, for which organisation, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The name.
    pub by: String,
    /// The organisation that answered for the person then.
    pub organisation: OrganisationCode,
    /// When.
    pub at: DateTime<Utc>,
}

/// Tests that are due, of one kind and from one day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestsDue {
    /// From when.
    pub on: NaiveDate,
    /// Of what.
    pub kind: TestKind,
    /// Of whom.
    pub travellers: Vec<TravellerId>,
}

/// What an organisation owes the people it answers for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owed {
    /// Samples to be taken by tomorrow, the longest due first.
    pub tests: Vec<TestsDue>,
    /// What was written down and is not done: first what has a time, the earliest first, then the rest.
    pub written: Vec<Obligation>,
}

impl Owed {
    /// How much it is, one by one.
    pub fn n(&self) -> usize {
        self.tests.iter().map(|due| due.travellers.len()).sum::<usize>() + self.written.len()
    }
}
