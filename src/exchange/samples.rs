//! The sample rosters against their right answers, as far as a file alone can give them: destinations are resolved and
//! persons recognised elsewhere.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::arrivals::draft::Row;
use crate::arrivals::person::Health;

const SAMPLES: [&str; 3] = ["night-direct", "afternoon-7+7", "evening-3+11"];

fn path(sample: &str, file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/data/rosters", sample, file].iter().collect()
}

fn expected(sample: &str) -> Value {
    serde_json::from_reader(File::open(path(sample, "expected.json")).unwrap()).unwrap()
}

fn read(sample: &str, file: &str) -> (Kind, Vec<Entry<TravellerDraft>>) {
    let Ok(Opened::Roster(mut roster)) = open(File::open(path(sample, file)).unwrap(), None) else { panic!("no roster: {sample}/{file}") };
    let entries = roster.travellers(&RosterRules::default()).unwrap().collect();
    (roster.kind(), entries)
}

/// Line, column and code of each problem that a file alone can show.
fn problems(expected: &Value) -> Vec<(u64, String, String)> {
    let alone = |problem: &&Value| !["ambiguous_destination", "unknown_destination", "duplicate_row"].contains(&problem["code"].as_str().unwrap());
    let place =
        |problem: &Value| (problem["line"].as_u64().unwrap(), problem["column"].as_str().unwrap().to_owned(), problem["code"].as_str().unwrap().to_owned());
    expected["problems"].as_array().unwrap().iter().filter(alone).map(place).collect()
}

#[test]
fn the_sample_tables_give_the_expected_problems_and_no_others() {
    for sample in SAMPLES {
        let expected = expected(sample);
        for (file, kind) in [("roster.csv", Kind::Csv), ("roster-gbk.csv", Kind::Csv), ("roster.xlsx", Kind::Xlsx)] {
            let (found, entries) = read(sample, file);
            assert_eq!(found, kind);
            assert_eq!(entries.len() as u64, expected["rows"].as_u64().unwrap(), "{sample}/{file}");
            let mut faults = Vec::new();
            for entry in &entries {
                let Entry::Row(row) = entry else { panic!("{entry:?}") };
                let named = row.outcome.as_ref().err().into_iter().flatten();
                faults.extend(named.map(|problem| (problem.line, problem.column.clone().unwrap_or_default(), problem.code.as_str().to_owned())));
            }
            assert_eq!(faults, problems(&expected), "{sample}/{file}");
        }
    }
}

#[test]
fn the_three_tables_of_a_sample_say_the_same() {
    for sample in SAMPLES {
        let (_, csv) = read(sample, "roster.csv");
        assert!(csv == read(sample, "roster-gbk.csv").1, "{sample}: GB 18030 differs");
        assert!(csv == read(sample, "roster.xlsx").1, "{sample}: XLSX differs");
    }
}

#[test]
fn the_passenger_list_names_the_same_people_without_destination() {
    for sample in SAMPLES {
        let drafts = |file| {
            let rows = read(sample, file).1.into_iter().filter_map(|entry| match entry {
                Entry::Row(row) => row.outcome.ok(),
                Entry::Remark(problem) => panic!("{problem:?}"),
            });
            rows.collect::<Vec<_>>()
        };
        let by_seat: HashMap<_, _> = drafts("roster.csv").into_iter().map(|draft| (draft.seat.clone(), draft)).collect();
        let listed = drafts("roster.edi");
        assert_eq!(listed.len(), 64, "{sample}");
        for person in listed {
            let same = &by_seat[&person.seat];
            assert_eq!((&person.flight_no, &person.port, person.landed_at), (&same.flight_no, &same.port, same.landed_at));
            assert_eq!((person.sex, person.born_on, person.nationality), (same.sex, same.born_on, same.nationality));
            assert_eq!((person.destination, person.name, person.health), (None, None, None));
        }
    }
}

#[test]
fn the_sample_tables_count_the_medical_holds() {
    for sample in SAMPLES {
        let rows = read(sample, "roster.csv").1;
        let of_the_good = rows.iter().filter_map(|entry| match entry {
            Entry::Row(Row { line, outcome: Ok(draft) }) if *line < 66 || *line > 73 => Some(draft),
            _ => None,
        });
        let held = of_the_good.filter(|draft| draft.health.is_some_and(|health| health != Health::Ok)).count();
        assert_eq!(held as u64, expected(sample)["medical_hold"].as_u64().unwrap());
    }
}
