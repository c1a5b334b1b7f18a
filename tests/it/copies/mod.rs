//! Whole databases from one to the other: the same rows with the same rules, on either engine and across; nothing at all if it fails.

mod backups;
mod look;

use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use jiezhuan::access::Keyring;
use jiezhuan::arrivals::document::{Document, DocumentKind};
use jiezhuan::base::{Clock, Error, IdSource, Result};
use jiezhuan::custody::guest::{self, CheckCode, GuestReceipt, LinkSecret};
use jiezhuan::custody::{Receipt, Reception};
use jiezhuan::db::copy::{self, Copied, Source, Target};
use jiezhuan::db::{Event, Url, last_event};
use jiezhuan::figures;
use serde_json::{Value, json};

use self::look::{rows, rules};
use crate::handoffs::{accept, hand_over, offer};
use crate::support::people::{DESK, by, expect_clean_ledger, land, register_organisations};
use crate::support::{Engine, TestDb, on_both_engines};

const ROSTER: &str = "tests/data/rosters/evening-3+11/roster.csv";
const LATER_ROSTER: &str = "tests/data/rosters/afternoon-7+7/roster.csv";
const GROUP: &str = "work-group-32";
/// A site that nobody has an account for.
const COUNTY: &str = "site-320500-1";

/// What a command answered.
struct Answer {
    code: i32,
    json: Value,
    said: String,
}

/// Runs the program with keys of its own.
fn jiezhuan(url: &str, keys: &Path, arguments: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--json", "--lang", "en", "--database", url]).args(arguments).env("JIEZHUAN__KEYS__FILE", keys);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    Answer { code: output.status.code().unwrap(), json: serde_json::from_slice(&output.stdout).unwrap_or_default(), said }
}

fn done(url: &str, keys: &Path, arguments: &[&str]) -> Value {
    let answer = jiezhuan(url, keys, arguments);
    assert_eq!(answer.code, 0, "{arguments:?}: {} {}", answer.json, answer.said);
    answer.json
}

fn copy(from: &TestDb, to: &TestDb) -> Result<Copied> {
    copy::run(Source::database(from.db.url())?, Target::database(to.db.url())?, &mut |_| ())
}

/// The other engine than that of `db`.
fn other(db: &TestDb) -> Engine {
    if engine(db) == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite }
}

fn engine(db: &TestDb) -> Engine {
    match db.db.url() {
        Url::Sqlite(_) => Engine::Sqlite,
        Url::Postgres(_) => Engine::Postgres,
    }
}

fn batch(db: &TestDb, sql: &'static str) {
    db.db.write(move |tx| tx.batch(sql)).unwrap();
}

/// A season, and after it everything that is hard to copy.
fn fill(db: &TestDb, keys: &Path) {
    done(&db.url, keys, &["simulate", "--from", "2020-09-12", "--to", "2020-09-16", "--travellers", "120", "--seed", "3"]);
    done(&db.url, keys, &["user", "add", "root", "--role", "administrator"]);
    done(&db.url, keys, &["token", "add", "root"]);
    done(&db.url, keys, &["import", ROSTER]);
    db.clock.set(Clock::System.now());
    answer_as_guest(db);
    // A site that has fewer beds than it has promised; a second promise would be refused.
    batch(
        db,
        "INSERT INTO bed_promises (trip_id, site_id, night, n_people, promised_by, promised_at) SELECT t.id, o.id, t.on_date, 9, 'site', t.created_at \
        FROM trips t, organisations o WHERE o.code = 'site-320500-1' ON CONFLICT DO NOTHING",
    );
    batch(db, "DELETE FROM site_nights");
    batch(
        db,
        "INSERT INTO site_nights (site_id, night, beds, confirmed_by, confirmed_at) SELECT site_id, night, 1, 'site', min(promised_at) \
        FROM bed_promises WHERE true GROUP BY site_id, night",
    );
    batch(db, "UPDATE users SET display_name = 'Zhang \"San\" \\ ''三''\n\t𠮷 \u{1}'");
    batch(db, "INSERT INTO workers (id, seen_at) SELECT id, created_at FROM users");
    let facts = json!({"large": 9_007_199_254_740_993_i64, "small": 0.1, "text": "\"\\\n𠮷", "none": null, "b": [1, {"a": true}], "a": {}});
    db.db.write(move |tx| tx.record(Event { kind: "odd", subject: uuid::Uuid::max(), place: None, facts: facts.clone() })).unwrap();
    let empty: Vec<u8> = Vec::new();
    db.db
        .write(move |tx| {
            let sql = "UPDATE travellers SET name_key = $1 WHERE id IN (SELECT id FROM travellers WHERE name_key IS NULL ORDER BY id LIMIT 1)";
            let bound = diesel::sql_query(sql).bind::<diesel::sql_types::Binary, _>(empty.clone());
            Ok(diesel::RunQueryDsl::execute(bound, &mut **tx)?)
        })
        .unwrap();
    // The last number is of a row that is gone.
    batch(db, "INSERT INTO events (at, kind, subject, facts) SELECT at, 'gone', subject, facts FROM events WHERE kind = 'odd'");
    batch(db, "DELETE FROM events WHERE kind = 'gone'");
}

/// A handoff that refers to the link it was answered by, which refers to the handoff.
fn answer_as_guest(db: &TestDb) {
    let people = land(&db.db, &[1, 2]);
    hand_over(&db.db, DESK, GROUP, &people);
    let id = offer(&db.db, GROUP, COUNTY, &people);
    let link = db.db.write(move |tx| guest::link_add(tx, &by(GROUP), id, None)).unwrap();
    let (secret, code) = (link.secret.expose().to_owned(), link.code.expose().to_owned());
    db.db
        .write(move |tx| {
            let (secret, code) = (LinkSecret::presented(&secret), CheckCode::typed(&code));
            guest::count(tx, &secret, &code, 3)??;
            let receipt = Receipt { counted: 3, ..Receipt::default() };
            let extras = vec![Document::parse(DocumentKind::Passport, "E99999999").unwrap()];
            let said = GuestReceipt { name: "周敏".into(), receipt, extras, because: "not on the list".parse().unwrap() };
            let keyring = Keyring::generate(&IdSource::seeded(7));
            guest::accept(tx, &keyring, &secret, &code, &said)?.and_then(Reception::accepted)
        })
        .unwrap();
}

fn expect_sound(db: &TestDb) {
    let report = db.db.read(|conn| figures::verify(conn, &mut |_, _| ())).unwrap();
    assert!(report.is_ok(), "{:?}", report.faults);
    expect_clean_ledger(&db.db);
}

on_both_engines! {
    fn a_copy_on_the_other_engine_has_the_same_rows_and_so_has_the_copy_of_that(db: TestDb) {
        let (folder, Some(there), Some(back)) = (tempfile::tempdir().unwrap(), TestDb::on(other(&db)), TestDb::on(engine(&db))) else { return };
        let keys = folder.path().join("keys.toml");
        let fresh = [rules(&there.url), rules(&back.url)];
        fill(&db, &keys);
        // Something is in it already: what an installation registers when it starts, under keys of its own.
        done(&there.url, &folder.path().join("others.toml"), &["doctor"]);
        let copied = done(&db.url, &keys, &["db", "copy", "--from", &db.url, "--to", &there.url]);
        let before = rows(&db.url);
        let n_rows: usize = before.values().map(Vec::len).sum();
        assert_eq!((&copied["tables"], &copied["rows"]), (&json!(before.len()), &json!(n_rows)), "{copied}");
        let filled: Vec<&str> = before.iter().filter(|(_, rows)| !rows.is_empty()).map(|(name, _)| name.as_str()).collect();
        let hard = ["bed_promises", "custody_entries", "day_seals", "guest_links", "named_documents", "site_nights", "tokens"];
        assert!(hard.iter().all(|table| filled.contains(table)), "{filled:?}");
        copy(&there, &back).unwrap();
        let after = rows(&back.url);
        for (table, rows) in &before {
            assert_eq!(&after[table], rows, "{table}");
        }
        assert_eq!([rules(&there.url), rules(&back.url)], fresh, "every trigger and foreign key is back");
        expect_sound(&there);
        expect_sound(&back);
    }

    fn a_copy_goes_on_working(db: TestDb) {
        let (folder, Some(there)) = (tempfile::tempdir().unwrap(), TestDb::on(other(&db))) else { return };
        let keys = folder.path().join("keys.toml");
        fill(&db, &keys);
        copy(&db, &there).unwrap();
        let again = done(&there.url, &keys, &["import", ROSTER]);
        assert_eq!((&again["files"][0]["same"], &again["files"][0]["new"]), (&json!(65), &json!(0)), "identities open: {again}");
        let later = done(&there.url, &keys, &["import", LATER_ROSTER]);
        assert!(later["files"][0]["new"].as_u64().unwrap() > 0, "{later}");
        let last = there.db.read(last_event).unwrap();
        let gone = 1;
        assert!(last > db.db.read(last_event).unwrap() + gone, "no number is given twice");
        there.clock.set(Clock::System.now());
        let people = land(&there.db, &[2]);
        let id = offer(&there.db, DESK, GROUP, &people);
        accept(&there.db, GROUP, id, 2, &[]).unwrap();
        assert_eq!(done(&there.url, &keys, &["verify"])["ok"], true);
    }

    fn a_database_in_use_is_not_copied_into(db: TestDb) {
        let Some(from) = TestDb::on(Engine::Sqlite) else { return };
        register_organisations(&from.db);
        land(&from.db, &[1]);
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys.toml");
        done(&db.url, &keys, &["user", "add", "root", "--role", "administrator"]);
        let before = (rows(&db.url), rules(&db.url));
        let refused = copy(&from, &db).unwrap_err();
        assert!(matches!(&refused, Error::Refused(message) if message.to_string() == r#"copy_target_in_use table="audit""#), "{refused:?}");
        let refused = jiezhuan(&db.url, &keys, &["db", "copy", "--from", &from.url, "--to", &db.url]);
        assert_eq!((refused.code, refused.json), (1, Value::Null));
        assert!(refused.said.contains("audit"), "{}", refused.said);
        assert_eq!((rows(&db.url), rules(&db.url)), before);
    }

    fn a_copy_that_fails_leaves_nothing(db: TestDb) {
        let fresh = (rows(&db.url), rules(&db.url));
        let token = "INSERT INTO tokens (id, user_id, kind, digest, label, created_at, expires_at) VALUES (randomblob(16), randomblob(16), 'session', x'00', '', 0, 0)";
        let bad_role = "PRAGMA ignore_check_constraints = ON; INSERT INTO users (id, name, display_name, role, scope, created_at) VALUES (randomblob(16), 'x', '', 'tsar', '', 0)";
        for (damage, code) in [(token, Some("copy_refers_to_nothing")), (bad_role, None)] {
            let Some(from) = TestDb::on(Engine::Sqlite) else { return };
            register_organisations(&from.db);
            land(&from.db, &vec![1; 3_000]);
            let Url::Sqlite(file) = from.db.url() else { unreachable!("it was asked for") };
            SqliteConnection::establish(&file.to_string_lossy()).unwrap().batch_execute(&format!("PRAGMA foreign_keys = OFF; {damage}")).unwrap();
            let failed = copy(&from, &db).unwrap_err();
            assert!(code.is_none_or(|code| failed.message().code == code), "{failed:?}");
            assert_eq!((rows(&db.url), rules(&db.url)), fresh);
        }
    }

    fn what_is_no_database_of_this_version_is_not_copied(db: TestDb) {
        let Some(to) = TestDb::on(Engine::Sqlite) else { return };
        batch(&db, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')");
        assert_eq!(copy(&db, &to).unwrap_err().message().code, "schema_is_newer");
        batch(&db, "DELETE FROM __diesel_schema_migrations WHERE version > (SELECT min(version) FROM __diesel_schema_migrations)");
        assert_eq!(copy(&db, &to).unwrap_err().message().code, "migrate_first");
        batch(&db, "DROP TABLE __diesel_schema_migrations");
        assert_eq!(copy(&db, &to).unwrap_err().message().code, "not_our_database");
    }
}

#[test]
fn a_missing_database_is_not_made_by_copying_it_and_no_password_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("none.db"), folder.path().join("to.db"));
    let urls = [&from, &to].map(|file| format!("sqlite://{}", file.display()));
    let refused = jiezhuan(&urls[1], &folder.path().join("keys.toml"), &["db", "copy", "--from", &urls[0], "--to", &urls[1]]);
    assert_eq!(refused.code, 1);
    assert!(refused.said.contains("none.db") && !from.exists() && !to.exists(), "{}", refused.said);
    for (url, shown) in [
        ("postgres://u:s3cret@h1,h2:5433/db?password=s3cret", "postgres://u@h1,h2:5433/db"),
        ("postgresql://u:s3@cret@h/db", "postgresql://u@h/db"),
        ("postgres:///db?host=/tmp&password=s3cret", "postgres:///db"),
    ] {
        assert_eq!(Url::parse(url).unwrap().shown(), shown);
    }
}
