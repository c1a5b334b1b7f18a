//! Days of the ledger under one hash: sealed once, found out if touched, and checked by others without the program.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use jiezhuan::access::{Keyring, Role};
use jiezhuan::base::IdSource;
use jiezhuan::config::Settings;
use jiezhuan::db::Url;
use jiezhuan::jobs::Worker;
use jiezhuan::{figures, ledger};
use serde_json::{Value, json};

use crate::handoffs::{code, hand_over};
use crate::support::app::{Caller, TestApp};
use crate::support::people::{DESK, execute, in_force, land, number, register_organisations};
use crate::support::{TestDb, on_both_engines, skipped};

const SITE: &str = "site-310114-1";

pub fn round(db: &TestDb) {
    let keyring = Arc::new(Keyring::generate(&IdSource::seeded(7)));
    Worker::new(db.db.clone(), keyring, in_force(), Settings::load(None, []).unwrap()).unwrap().round().unwrap();
}

/// Seven people landed on one day, three of whom moved on the next; both days over and sealed.
pub fn two_days(db: &TestDb) {
    register_organisations(&db.db);
    db.at("2020-09-12 23:59:59");
    let people = land(&db.db, &[1; 7]);
    db.at("2020-09-13 00:00");
    hand_over(&db.db, DESK, SITE, &people[..3]);
    db.at("2020-09-14 00:10");
    round(db);
}

fn faults(db: &TestDb) -> Vec<&'static str> {
    db.db.read(|conn| figures::verify(conn, &mut |_, _| {})).unwrap().faults.iter().map(|fault| fault.code).collect()
}

fn export(db: &TestDb, folder: &Path, on: &str) -> (Output, std::path::PathBuf) {
    let file = folder.join(format!("{on}.jsonl"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--json", "--database", &db.url, "ledger", "--on", on, "--out"]).arg(&file).env("JIEZHUAN__KEYS__FILE", folder.join("keys.toml"));
    (command.stdin(Stdio::null()).output().unwrap(), file)
}

/// What the checker says of one day, and whether it is content; none where there is no Python.
fn check(file: &Path, previous: &str) -> Option<(bool, String)> {
    checks(&[file], &["--previous", previous])
}

fn checks(files: &[&Path], arguments: &[&str]) -> Option<(bool, String)> {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check_ledger.py");
    match Command::new("python3").arg(checker).args(files).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            Some((output.status.success(), said))
        }
        Err(_) => {
            skipped("python", "no python3 to check an export with");
            None
        }
    }
}

on_both_engines! {
    fn a_day_is_sealed_once_it_is_over_by_one_of_many_nodes(db: TestDb) {
        register_organisations(&db.db);
        db.at("2020-09-12 12:00");
        land(&db.db, &[1; 4]);
        db.at("2020-09-13 00:09:59");
        round(&db);
        assert!(db.db.read(ledger::sealed_days).unwrap().is_empty(), "what was begun before midnight may still come");
        db.at("2020-09-13 00:10");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| round(&db));
            }
        });
        db.at("2020-09-20 09:00");
        land(&db.db, &[1]);
        db.at("2020-09-21 01:00");
        round(&db);
        let days = db.db.read(ledger::sealed_days).unwrap();
        let seen: Vec<(String, u64)> = days.iter().map(|day| (day.on.to_string(), day.n_entries)).collect();
        assert_eq!(seen, [("2020-09-12".into(), 4), ("2020-09-20".into(), 1)]);
        assert_eq!((days[0].previous, days[1].previous), ([0; 32], days[0].chain));
        assert!(faults(&db).is_empty());
    }

    fn a_sealed_day_that_was_touched_is_found_though_every_chain_is_whole(db: TestDb) {
        two_days(&db);
        assert!(faults(&db).is_empty());
        for sql in ["UPDATE ledger_roots SET n_entries = 9", "DELETE FROM ledger_roots"] {
            assert_eq!(code(execute(&db.db, sql)), "ledger_is_append_only", "{sql}");
        }
        // Somebody with all rights lands a person on a day that is sealed: no chain shows it, the day does.
        db.at("2020-09-12 12:00");
        land(&db.db, &[1]);
        db.at("2020-09-14 09:00");
        assert_eq!(faults(&db), ["sealed_day_differs"]);
    }

    fn a_day_that_was_forgotten_is_found(db: TestDb) {
        two_days(&db);
        let loosen = if matches!(db.db.url(), Url::Sqlite(_)) { "DROP TRIGGER ledger_roots_no_delete" } else { "DROP TRIGGER ledger_roots_no_change ON ledger_roots" };
        execute(&db.db, loosen).unwrap();
        execute(&db.db, "DELETE FROM ledger_roots WHERE on_date = '2020-09-12'").unwrap();
        assert_eq!(number(&db.db, "SELECT count(*) AS n FROM ledger_roots"), 1);
        assert_eq!(faults(&db), ["sealed_day_differs", "sealed_day_differs"], "the day itself, and the next, which follows nothing");
    }

    fn others_check_a_day_without_the_program(db: TestDb) {
        two_days(&db);
        let folder = tempfile::tempdir().unwrap();
        let (refused, _) = export(&db, folder.path(), "2020-09-14");
        assert_eq!(refused.status.code(), Some(1), "a day that is not sealed is not handed out");
        let [(first, first_file), (second, second_file)] = ["2020-09-12", "2020-09-13"].map(|on| export(&db, folder.path(), on));
        let chain = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap()["chain"].as_str().unwrap().to_owned();
        let (kept, next) = (chain(&first), chain(&second));
        let Some(checked) = check(&first_file, &"0".repeat(64)) else { return };
        assert_eq!(checked, (true, format!("ok {kept}")));
        assert_eq!(check(&second_file, &kept), Some((true, format!("ok {next}"))));
        assert_eq!(check(&second_file, &next).unwrap(), (false, "the day does not follow the one whose chain value was kept".into()));
        let text = std::fs::read_to_string(&second_file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let tampered = |text: String| {
            std::fs::write(&second_file, text).unwrap();
            let (is_good, said) = check(&second_file, &kept).unwrap();
            assert!(!is_good, "{said}");
            said
        };
        assert!(tampered(text.replacen("\"admitted\"", "\"relayed\"", 1)).starts_with("line 2: the entry does not say what it said"));
        assert!(tampered([lines[0], lines[1], lines[2]].join("\n")).contains("the day has 3 entries, the file 2"));
        assert!(tampered([lines[0], lines[2], lines[1], lines[3]].join("\n")).contains("not in their order"));
        let head: Value = serde_json::from_str(lines[0]).unwrap();
        let signature = head["signature"].as_str().unwrap();
        let forged = signature.chars().rev().collect::<String>();
        if Command::new("openssl").arg("version").output().is_ok() {
            assert_eq!(tampered(text.replacen(signature, &forged, 1)), "the signature is not good");
        }
    }

    fn each_side_keeps_the_newest_day_and_a_past_that_was_rewritten_whole_is_found(db: TestDb) {
        two_days(&db);
        let app = TestApp::new(db);
        let group = app.caller_of(Role::ProvincialGroup, "32", Some("work-group-32"));
        let newest = app.get(&group, "/api/v1/ledger/roots").json();
        assert_eq!((&newest["on"], &newest["entries"]), (&json!("2020-09-13"), &json!(3)));
        let keep = |who: &Caller, on: &str, chain: &Value| app.post(who, "/api/v1/ledger/receipts", &json!({"on": on, "chain": chain}));
        assert_eq!(keep(&group, "2020-09-12", &newest["chain"]).problem(), (409, "root_differs".into()));
        assert_eq!(keep(&group, "2020-09-14", &newest["chain"]).problem(), (409, "ledger_day_not_sealed".into()));
        assert_eq!(keep(&group, "2020-09-13", &json!("00")).problem(), (422, "body_field_wrong".into()));
        assert_eq!(keep(&app.caller(Role::Coordinator, ""), "2020-09-13", &newest["chain"]).problem(), (403, "keeps_for_nobody".into()));
        let receipt = keep(&group, "2020-09-13", &newest["chain"]);
        assert_eq!(receipt.status, 201, "{receipt:?}");
        app.db.at("2020-09-14 12:00");
        assert_eq!(keep(&group, "2020-09-13", &newest["chain"]).body, receipt.body, "kept once, it is the same receipt");
        let first = app.get(&group, "/api/v1/ledger/roots?on=2020-09-12").json();
        assert_eq!(keep(&app.caller_of(Role::Site, "310114", Some(SITE)), "2020-09-12", &first["chain"]).status, 201);
        let listed = |who: &Caller| app.get(who, "/api/v1/ledger/receipts").json()["items"].as_array().unwrap().len();
        assert_eq!((listed(&group), listed(&app.caller(Role::Auditor, ""))), (1, 2));
        for sql in ["UPDATE root_receipts SET kept_by = 'x'", "DELETE FROM root_receipts"] {
            assert_eq!(code(execute(&app.db.db, sql)), "ledger_is_append_only", "{sql}");
        }
        others_check_the_receipt(&app.db, &receipt.json());
        assert!(faults(&app.db).is_empty());
        // Somebody with all rights adds a person to a day that was sealed, and puts the ledger under new roots: the ledger itself is whole.
        let loosen = if matches!(app.db.db.url(), Url::Sqlite(_)) { "DROP TRIGGER ledger_roots_no_delete" } else { "DROP TRIGGER ledger_roots_no_change ON ledger_roots" };
        execute(&app.db.db, loosen).unwrap();
        execute(&app.db.db, "DELETE FROM ledger_roots").unwrap();
        app.db.at("2020-09-12 12:00");
        land(&app.db.db, &[1]);
        app.db.at("2020-09-14 13:00");
        round(&app.db);
        let found = faults(&app.db);
        assert_eq!(found.iter().filter(|code| **code == "kept_root_differs").count(), 2, "what the others keep tells it: {found:?}");
        assert!(!found.contains(&"sealed_day_differs"), "the ledger by itself does not: {found:?}");
    }
}

/// A receipt is checked with the days it is of, and is worth nothing with another value or another name.
fn others_check_the_receipt(db: &TestDb, receipt: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let days = ["2020-09-12", "2020-09-13"].map(|on| export(db, folder.path(), on).1);
    let file = folder.path().join("receipt.json");
    let checked = |receipt: &Value| {
        std::fs::write(&file, receipt.to_string()).unwrap();
        checks(&[&days[0], &days[1]], &["--previous", &"0".repeat(64), "--kept", &file.to_string_lossy()])
    };
    let Some((is_good, said)) = checked(receipt) else { return };
    assert!(is_good, "{said}");
    let altered = |field: &str, value: &str| {
        let mut altered = receipt.clone();
        altered[field] = json!(value);
        checked(&altered).unwrap()
    };
    assert!(altered("chain", &"0".repeat(64)).1.contains("keeps another chain value"));
    assert!(altered("on", "2020-09-14").1.contains("a day that was not given"));
    if Command::new("openssl").arg("version").output().is_ok() {
        assert_eq!(altered("organisation", "work-group-33"), (false, "the receipt of work-group-33 is not signed".into()));
    }
}
