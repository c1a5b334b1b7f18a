//! What is owed to people, as pages show it: on a person's page with its words, to the receiver by kind and time, or one by one.

use chrono::{DateTime, Utc};

use super::words;
use crate::arrivals::{Sampling, TravellerId};
use crate::base::Language;
use crate::base::time::{civil_date, end_of};
use crate::custody::obligation::{Deed, Obligation, Owed, OwedItem};

/// Something owed, as a line.
pub struct OwedLine {
    /// Its id; empty for a test, which a result settles.
    pub id: String,
    /// What kind.
    pub kind: String,
    /// In words, where the reader may read them.
    pub words: String,
    /// By when.
    pub due: String,
    /// Whether that has passed.
    pub is_late: bool,
    /// Who wrote it down.
    pub added: String,
    /// Who did it; none while it is owed.
    pub done: Option<String>,
    /// The page that tells more.
    pub link: String,
}

/// What is owed to one person.
pub fn to_person(tests: &[Sampling], written: Vec<Obligation>, now: DateTime<Utc>, language: Language) -> Vec<OwedLine> {
    let tests = tests.iter().map(|test| test_line(test.kind.as_str(), test.on, String::new(), now, language));
    tests.chain(written.into_iter().map(|obligation| line(obligation, now, language))).collect()
}

/// What an organisation owes, by when it is due: tests by kind and day with how many people, and what was written down.
pub fn by_organisation(owed: Owed, now: DateTime<Utc>, language: Language) -> Vec<OwedLine> {
    let people = language.text("unit_people");
    let tests = owed.tests.into_iter().map(|due| {
        let line = test_line(due.kind.as_str(), due.on, format!("{} {people}", due.travellers.len()), now, language);
        let link = match due.travellers.as_slice() {
            [only] => page_of(*only),
            _ => format!("/receive/owed?kind={}", due.kind.as_str()),
        };
        (Some(end_of(due.on)), OwedLine { link, ..line })
    });
    let written = owed.written.into_iter().map(|obligation| (obligation.due_at, line(obligation, now, language)));
    let mut lines: Vec<_> = tests.chain(written).collect();
    lines.sort_by_key(|(due, _)| (due.is_none(), *due));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// One thing that is owed to one person.
pub fn item(item: OwedItem, now: DateTime<Utc>, language: Language) -> OwedLine {
    let link = page_of(item.traveller());
    match item {
        OwedItem::Test { kind, on, .. } => OwedLine { link, ..test_line(kind.as_str(), on, String::new(), now, language) },
        OwedItem::Written(obligation) => line(obligation, now, language),
    }
}

fn test_line(kind: &str, on: chrono::NaiveDate, words: String, now: DateTime<Utc>, language: Language) -> OwedLine {
    OwedLine {
        id: String::new(),
        kind: language.text(&format!("test_{kind}")),
        words,
        due: words::day(on, language),
        is_late: end_of(on) <= now,
        added: String::new(),
        done: None,
        link: String::new(),
    }
}

fn line(obligation: Obligation, now: DateTime<Utc>, language: Language) -> OwedLine {
    let today = civil_date(now);
    let told = |deed: &Deed| format!("{} {}", deed.by, words::moment(deed.at, today, language));
    OwedLine {
        id: obligation.id.to_string(),
        kind: language.text(&format!("owed_{}", obligation.kind.name())),
        words: obligation.words.unwrap_or_default(),
        due: obligation.due_at.map(|at| words::moment(at, today, language)).unwrap_or_default(),
        is_late: obligation.done.is_none() && obligation.due_at.is_some_and(|at| at <= now),
        added: told(&obligation.added),
        done: obligation.done.as_ref().map(told),
        link: page_of(obligation.traveller),
    }
}

fn page_of(traveller: TravellerId) -> String {
    format!("/people/{traveller}")
}
