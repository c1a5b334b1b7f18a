//! The shape of the code, held by reading it: who may import whom, where each outside library may be named, how long a file may be.

use std::collections::BTreeSet;

use crate::support::source::{Source, sources};

/// Modules from the ground up. A module imports only from lower rows: its neighbours in a row do not exist for it.
const ROWS: &[&[&str]] = &[
    &["base"],
    &["config", "db"],
    &["access", "places"],
    // What a policy applies to is told by the destination's class, which places knows.
    &["policy"],
    // Below arrivals, because landing writes the first entry of the chain.
    &["ledger"],
    &["arrivals", "sites", "fleet"],
    &["dispatch"],
    &["custody"],
    &["figures"],
    &["bulletin"],
    &["exchange"],
    &["jobs"],
    &["web"],
    &["cli"],
];

/// Modules that turn a request into a use case and its outcome into an answer.
const DOORS: &[&str] = &["jobs", "web", "cli"];

/// Files that speak diesel although they are neither `db` nor a `store.rs`, and why.
const SPEAK_DIESEL: &[(&str, &str)] = &[
    ("access/keys.rs", "one row of one table: which keys belong to this database"),
    ("custody/counter.rs", "the table of counter-handoffs, kept apart from the handoffs'"),
    ("custody/lines.rs", "the lists of handoffs, kept apart from the handoffs'"),
    ("arrivals/holds.rs", "the table of holds, kept apart from the travellers'"),
    ("arrivals/list.rs", "lists for reading, kept apart from what writes"),
    ("arrivals/matching.rs", "what an import looks up and writes by the thousand"),
    ("arrivals/named.rs", "the table of documents that guests named, kept apart from the travellers'"),
    ("arrivals/needs.rs", "the table of what people need on a ride, kept apart from the travellers'"),
    ("arrivals/pending.rs", "the table of files on their way in, kept apart from the travellers'"),
    ("arrivals/purge.rs", "the table of destructions, and what is taken out of the others'"),
    ("arrivals/results.rs", "the table of test results, kept apart from the travellers'"),
    ("arrivals/rosters.rs", "the tables of rosters and their notes, kept apart from the travellers'"),
    ("fleet/absence.rs", "the bookings that stand for no trip, kept apart from vehicles and staff"),
    ("figures/checks.rs", "what the schema promises, looked up again"),
];

/// Files that speak JSON although they neither write events nor face the outside, and why.
const SPEAK_JSON: &[(&str, &str)] =
    &[("arrivals/sealed.rs", "an identity is sealed as one JSON text"), ("bulletin/webhook.rs", "what a system is sent is a JSON document")];

/// Files that may be longer than the limit, and why.
const LONG: &[(&str, &str)] = &[("db/schema.rs", "a list of tables, nothing to split")];

const LONGEST_FILE: usize = 500;

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

/// The module below the crate that a file belongs to; `lib.rs` and `main.rs` stand above all.
fn home(source: &Source) -> &str {
    source.module.first().map_or("", String::as_str)
}

fn is_above_all(source: &Source) -> bool {
    ["lib.rs", "main.rs"].contains(&source.file.as_str())
}

fn speaks_to_database(source: &Source) -> bool {
    source.paths().iter().any(|path| path[0] == "db")
}

fn names_tables(source: &Source) -> bool {
    source.paths().iter().any(|path| path[0] == "db" && path.get(1).is_some_and(|module| module == "schema"))
}

fn is_listed(list: &[(&str, &str)], source: &Source) -> bool {
    list.iter().any(|(file, _)| *file == source.file)
}

#[track_caller]
fn none(faults: impl IntoIterator<Item = String>) {
    let faults: BTreeSet<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}\n", faults.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_module_imports_only_from_below() {
    none(sources().iter().filter(|source| !is_above_all(source)).flat_map(|source| {
        let own = home(source);
        let Some(own_row) = row(own) else { return vec![format!("{}: say in ROWS where `{own}` stands", source.file)] };
        let paths = source.paths();
        let outward = paths.iter().filter(|path| path[0] != own);
        let wrong = outward.filter(|path| row(&path[0]).is_none_or(|other| other >= own_row));
        wrong.map(|path| format!("{} may not import {}", source.file, path.join("::"))).collect()
    }));
}

#[test]
fn the_readers_of_files_know_drafts_and_no_database() {
    let all = sources();
    let pure = |slice: &str, module: &str| {
        let path = [slice.to_owned(), module.to_owned()];
        let mut files = all.iter().filter(|source| source.module.starts_with(&path)).peekable();
        files.peek().is_some() && files.all(|source| !speaks_to_database(source))
    };
    none(all.iter().filter(|source| home(source) == "exchange").flat_map(|source| {
        let paths = source.paths().into_iter().filter(|path| !["exchange", "base"].contains(&path[0].as_str()));
        let wrong: Vec<_> = paths.filter(|path| path.len() < 2 || !pure(&path[0], &path[1])).collect();
        wrong.into_iter().map(|path| format!("{} may not import {}: not a pure model", source.file, path.join("::"))).collect::<Vec<_>>()
    }));
}

#[test]
fn a_store_is_known_to_its_own_slice_only() {
    none(sources().iter().flat_map(|source| {
        let paths = source.paths();
        let foreign = paths.iter().filter(|path| path[0] != home(source) && path.get(1).is_some_and(|module| module == "store"));
        foreign.map(|path| format!("{} may not import {}", source.file, path.join("::"))).collect::<Vec<_>>()
    }));
}

#[test]
fn doors_call_use_cases_and_never_the_tables() {
    none(sources().iter().filter(|source| DOORS.contains(&home(source))).flat_map(|source| {
        let mut faults = Vec::new();
        if source.names("diesel") {
            faults.push(format!("{} names diesel", source.file));
        }
        if names_tables(source) {
            faults.push(format!("{} names the tables", source.file));
        }
        faults
    }));
}

#[test]
fn a_model_is_pure() {
    none(sources().iter().filter(|source| source.file.ends_with("/model.rs")).flat_map(|source| {
        let words = ["diesel", "actix_web", "lettre", "serde_json", "Clock", "IdSource"];
        let mut faults: Vec<String> = words.iter().filter(|word| source.names(word)).map(|word| format!("{} names {word}", source.file)).collect();
        if speaks_to_database(source) {
            faults.push(format!("{} imports db", source.file));
        }
        faults
    }));
}

#[test]
fn queries_are_written_in_stores() {
    none(sources().iter().filter(|source| source.names("diesel") || names_tables(source)).filter_map(|source| {
        let may = home(source) == "db" || source.file.ends_with("/store.rs") || is_listed(SPEAK_DIESEL, source);
        (!may).then(|| format!("{} speaks diesel; move it to the slice's store.rs, or list it with a reason", source.file))
    }));
}

#[test]
fn only_what_writes_events_or_faces_the_outside_knows_json() {
    none(sources().iter().filter(|source| source.names("serde_json")).filter_map(|source| {
        let may = home(source) == "db" || DOORS.contains(&home(source)) || speaks_to_database(source) || is_listed(SPEAK_JSON, source);
        (!may).then(|| format!("{} names serde_json", source.file))
    }));
}

#[test]
fn the_web_framework_stays_in_web_and_the_mailer_in_jobs() {
    let homes = [("actix_web", "web"), ("actix_http", "web"), ("utoipa", "web"), ("lettre", "jobs"), ("ureq", "jobs"), ("clap", "cli")];
    // Letters are composed where what they say is known; the rest of the pages is the web's.
    let pages = sources().into_iter().filter(|source| source.names("askama") && !["web", "bulletin"].contains(&home(source)));
    none(pages.map(|source| format!("{} names askama", source.file)));
    none(sources().iter().flat_map(|source| {
        let astray = homes.iter().filter(|(library, door)| source.names(library) && home(source) != *door);
        astray.map(|(library, door)| format!("{} names {library}, which belongs to {door}", source.file)).collect::<Vec<_>>()
    }));
}

#[test]
fn only_the_clock_asks_the_machine_for_the_time() {
    none(sources().iter().filter(|source| source.file != "base/clock.rs").flat_map(|source| {
        let asked = ["Utc::now", "Local::now", "SystemTime::now"].into_iter().filter(|question| source.code.contains(question));
        asked.map(|question| format!("{} asks {question}", source.file)).collect::<Vec<_>>()
    }));
}

#[test]
fn every_module_says_what_it_is() {
    none(sources().iter().filter(|source| !source.text.starts_with("//!")).map(|source| format!("{} does not open with //!", source.file)));
}

#[test]
fn no_file_is_longer_than_can_be_read() {
    none(sources().iter().filter(|source| !is_listed(LONG, source)).filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > LONGEST_FILE).then(|| format!("{} has {lines} lines; at most {LONGEST_FILE}", source.file))
    }));
}

#[test]
fn no_exception_outlives_its_reason() {
    let all = sources();
    let find = |file: &str| all.iter().find(|source| source.file == file);
    let stale = |list: &'static [(&str, &str)], needed: fn(&Source) -> bool| {
        list.iter().filter(move |(file, _)| !find(file).is_some_and(needed)).map(|(file, _)| format!("{file} needs its exception no more"))
    };
    none(
        stale(SPEAK_DIESEL, |source| source.names("diesel"))
            .chain(stale(SPEAK_JSON, |source| source.names("serde_json")))
            .chain(stale(LONG, |source| source.text.lines().count() > LONGEST_FILE)),
    );
}

/// A partial index (`WHERE is_open`) serves only a query that says the same. A comparison with a bound value (`is_open = ?`) does not, and what was a
/// look into the index is a walk through the whole table.
#[test]
fn a_flag_is_asked_for_as_it_is_and_never_compared_with_a_value() {
    none(sources().iter().flat_map(|source| {
        let compares = |line: &str| {
            let asks = [".filter(", ".and(", ".or(", "not("].into_iter().any(|word| line.contains(word));
            asks && (line.contains(".eq(true)") || line.contains(".eq(false)")) && !line.contains("set(")
        };
        let wrong = source.text.lines().enumerate().filter(|(_, line)| compares(line));
        wrong.map(|(n, line)| format!("{}:{}: {}", source.file, n + 1, line.trim())).collect::<Vec<_>>()
    }));
}
