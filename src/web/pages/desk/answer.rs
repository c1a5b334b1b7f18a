//! The answer of 16+3 for one person: who takes them, where to, what happens on which day, and what holds them.

use chrono::NaiveDate;

use crate::arrivals::{self, Hold, HoldKind, Traveller};
use crate::base::{Language, Message};
use crate::places::Organisation;
use crate::policy::{Calendar, Policy, Rulebook, TestDue};
use crate::web::pages::words;

/// What the desk reads out, and the slip says.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who takes the person over from the desk.
    pub to: String,
    /// Where the person is bound for; none until it has been entered.
    pub bound_for: Option<String>,
    /// The rule that decided.
    pub because: String,
    /// The policy, by name.
    pub policy: Option<String>,
    /// The parts of the term, in order.
    pub segments: Vec<Segment>,
    /// The tests that are due.
    pub tests: Vec<String>,
    /// When the term is over.
    pub released: Option<String>,
    /// What holds the person.
    pub holds: Vec<String>,
}

/// A part of the term.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Where it is spent.
    pub place: String,
    /// From when until when, both within.
    pub dates: String,
    /// How many days.
    pub days: String,
    /// Whether the person is in it today.
    pub is_now: bool,
}

/// Puts the answer together, as seen on `today`.
pub fn answer(rulebook: &Rulebook, desk: &Organisation, person: &Traveller, holds: &[Hold], today: NaiveDate, language: Language) -> Answer {
    let reception = arrivals::reception(rulebook, desk, person);
    let policy = arrivals::policy_of(rulebook, person);
    let facts = arrivals::facts(person, &[]);
    let calendar = policy.map(|policy| policy.calendar(&facts));
    let open = holds.iter().filter(|hold| hold.lifted_at.is_none());
    let is_ill = open.clone().any(|hold| hold.kind == HoldKind::Medical);
    let doctors = arrivals::hospital(rulebook, desk).filter(|_| is_ill);
    Answer {
        to: words::organisation(doctors.unwrap_or(reception.receiver), language),
        bound_for: person.destination.as_ref().map(|bound| words::place(&rulebook.places, &bound.destination, language)),
        because: if doctors.is_some() { language.text("desk_because_doctors") } else { reception.because.text(language) },
        policy: policy.map(|policy| named(policy, language)),
        segments: calendar.iter().flat_map(|calendar| segments(rulebook, calendar, person, today, language)).collect(),
        tests: calendar.iter().flat_map(|calendar| &calendar.tests_due).map(|test| test_due(test, language)).collect(),
        released: calendar.map(|calendar| words::moment(calendar.released_at, today, language)),
        holds: open.map(|hold| held(hold, language)).collect(),
    }
}

fn named(policy: &Policy, language: Language) -> String {
    Message::new("policy_named").with("policy", &policy.name).with("version", policy.version).text(language)
}

fn segments(rulebook: &Rulebook, calendar: &Calendar<'_>, person: &Traveller, today: NaiveDate, language: Language) -> Vec<Segment> {
    let segment = |segment: &crate::policy::SegmentDates| Segment {
        place: segment_place(rulebook, &segment.place.to_string(), person, language),
        dates: format!("{} – {}", words::day(segment.starts_on, language), words::day(segment.ends_on, language)),
        days: Message::new("n_days").with("n", segment.days).text(language),
        is_now: (segment.starts_on..=segment.ends_on).contains(&today),
    };
    calendar.segments.iter().map(segment).collect()
}

/// Where a segment is spent: a word for it, with the place that stands behind the word for this person.
fn segment_place(rulebook: &Rulebook, place: &str, person: &Traveller, language: Language) -> String {
    let bound = person.destination.as_ref();
    match place {
        "shanghai" => language.text("segment_shanghai"),
        "home" => language.text("segment_home"),
        "destination" => bound.map_or_else(String::new, |bound| words::place(&rulebook.places, &bound.transfer_to, language)),
        code => words::place(&rulebook.places, code, language),
    }
}

fn test_due(test: &TestDue, language: Language) -> String {
    let kind = language.text(&format!("test_{}", test.kind.word()));
    Message::new("test_due_on").with("kind", kind).with("on", words::day(test.on, language)).with("day", test.day).text(language)
}

/// A hold in words: what for, and the reason that was given, unless it only repeats it.
pub fn held(hold: &Hold, language: Language) -> String {
    let kind = language.text(&format!("block_hold_{}", hold.kind.name()));
    let health = ["symptomatic", "close_contact", "suspected", "confirmed"].iter().find(|word| **word == hold.reason);
    let reason = health.map_or_else(|| hold.reason.clone(), |word| language.text(&format!("health_{word}")));
    format!("{kind}：{reason}")
}
