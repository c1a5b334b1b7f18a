//! Backups: one file, whole and consistent though others write; restored into an empty database, checked, and never changed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use serde_json::json;

use super::look::rows;
use super::{done, engine, expect_sound, fill, jiezhuan, other};
use crate::support::people::{land, number, register_organisations};
use crate::support::{Engine, TestDb, on_both_engines};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

on_both_engines! {
    fn a_backup_is_one_file_and_restores_what_was(db: TestDb) {
        let (folder, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (keys, file) = (folder.path().join("keys.toml"), place.path().join("a # strange? name 100%.db"));
        let name = file.to_str().unwrap();
        fill(&db, &keys);
        let backup = jiezhuan(&db.url, &keys, &["backup", name]);
        assert_eq!((backup.code, &backup.json["bytes"]), (0, &json!(std::fs::metadata(&file).unwrap().len())), "{}", backup.said);
        assert!(backup.said.contains(keys.to_str().unwrap()), "where the keys are: {}", backup.said);
        let bytes = std::fs::read(&file).unwrap();
        let refused = jiezhuan(&db.url, &keys, &["backup", name]);
        assert_eq!((refused.code, refused.json), (1, serde_json::Value::Null));
        for engine in [engine(&db), other(&db)] {
            let Some(to) = TestDb::on(engine) else { return };
            let restored = done(&to.url, &keys, &["restore", name]);
            assert_eq!((&restored["rows"], &restored["verify"]["ok"]), (&backup.json["rows"], &json!(true)), "{restored}");
            assert!(restored["verify"]["checked"]["travellers"].as_u64().unwrap() > 100, "{restored}");
            expect_sound(&to);
            if to.db.url().engine() == db.db.url().engine() {
                assert_eq!(rows(&to.url), rows(&db.url));
            }
            let twice = jiezhuan(&to.url, &keys, &["restore", name]);
            assert_eq!(twice.code, 1, "it is not empty any more");
        }
        assert_eq!(names(place.path()), ["a # strange? name 100%.db"], "no log lies beside it");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "a restore only reads");
    }

    fn a_backup_taken_while_others_write_is_of_one_moment(db: TestDb) {
        let folder = tempfile::tempdir().unwrap();
        let (keys, file) = (folder.path().join("keys.toml"), folder.path().join("backup.db"));
        register_organisations(&db.db);
        land(&db.db, &vec![2; 1_500]);
        let (is_over, n_landed) = (AtomicBool::new(false), AtomicUsize::new(3_000));
        let (before, after) = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        n_landed.fetch_add(land(&db.db, &[1, 2]).len(), Ordering::Relaxed);
                    }
                });
            }
            let before = n_landed.load(Ordering::Relaxed);
            let backup = jiezhuan(&db.url, &keys, &["backup", file.to_str().unwrap()]);
            let after = n_landed.load(Ordering::Relaxed);
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(backup.code, 0, "{}", backup.said);
            (before, after)
        });
        assert!(after > before, "nobody wrote meanwhile");
        let Some(to) = TestDb::on(Engine::Sqlite) else { return };
        let restored = done(&to.url, &keys, &["restore", file.to_str().unwrap()]);
        assert_eq!(restored["verify"]["ok"], true, "{restored}");
        expect_sound(&to);
        let n = usize::try_from(number(&to.db, "SELECT count(*) AS n FROM travellers")).unwrap();
        assert!((before..=after + 6).contains(&n), "{before} <= {n} <= {after}");
    }
}

/// A backup, made by the program, and a folder for whatever else.
fn backup() -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, db) = (tempfile::tempdir().unwrap(), TestDb::on(Engine::Sqlite).unwrap());
    let (keys, file) = (folder.path().join("keys.toml"), folder.path().join("backup.db"));
    done(&db.url, &keys, &["user", "add", "root", "--role", "administrator"]);
    done(&db.url, &keys, &["backup", file.to_str().unwrap()]);
    (folder, file)
}

#[test]
fn a_backup_of_an_earlier_version_is_brought_up_to_date_in_a_copy() {
    let ((folder, file), to) = (backup(), TestDb::on(Engine::Sqlite).unwrap());
    let migrations = FileBasedMigrations::from_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite")).unwrap();
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    conn.revert_last_migration(migrations).unwrap();
    drop(conn);
    let bytes = std::fs::read(&file).unwrap();
    let restored = done(&to.url, &folder.path().join("keys.toml"), &["restore", file.to_str().unwrap()]);
    assert_eq!(restored["verify"]["ok"], true, "{restored}");
    assert_eq!(number(&to.db, "SELECT count(*) AS n FROM users"), 1);
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[test]
fn what_is_no_backup_is_refused_by_name_and_makes_nothing() {
    let (folder, file) = backup();
    let keys = folder.path().join("keys.toml");
    let [missing, garbage, foreign, newer] = ["missing.db", "garbage.db", "foreign.db", "newer.db"].map(|name| folder.path().join(name));
    std::fs::write(&garbage, "no database".repeat(1_000)).unwrap();
    let sql = |file: &Path, sql: &str| SqliteConnection::establish(&file.to_string_lossy()).unwrap().batch_execute(sql).unwrap();
    sql(&foreign, "CREATE TABLE users (id INTEGER)");
    std::fs::copy(&file, &newer).unwrap();
    sql(&newer, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')");
    let database = folder.path().join("to.db");
    let url = format!("sqlite://{}", database.display());
    for (file, words) in [(missing, "no file"), (garbage, "is no backup"), (foreign, "no database of this program"), (newer, "later version")] {
        let refused = jiezhuan(&url, &keys, &["restore", file.to_str().unwrap()]);
        assert_eq!((refused.code, refused.json), (1, serde_json::Value::Null));
        assert!(refused.said.contains(words), "{}", refused.said);
    }
}

#[test]
fn a_restore_under_other_keys_or_none_says_so() {
    let (folder, file) = backup();
    let restore = |keys: &str| {
        let to = TestDb::on(Engine::Sqlite).unwrap();
        let answer = jiezhuan(&to.url, &folder.path().join(keys), &["restore", file.to_str().unwrap()]);
        assert_eq!(answer.code, 0, "the data are all there: {}", answer.said);
        answer.said
    };
    assert_eq!(restore("keys.toml"), "");
    assert!(restore("none.toml").contains("none.toml"));
    assert!(!folder.path().join("none.toml").exists(), "new keys would open nothing");
    let other = TestDb::on(Engine::Sqlite).unwrap();
    done(&other.url, &folder.path().join("others.toml"), &["doctor"]);
    assert!(restore("others.toml").contains("do not belong"));
}

#[test]
fn a_backup_that_does_not_agree_with_its_ledger_is_restored_and_told_of() {
    let (folder, db, to) = (tempfile::tempdir().unwrap(), TestDb::on(Engine::Sqlite).unwrap(), TestDb::on(Engine::Sqlite).unwrap());
    let (keys, file) = (folder.path().join("keys.toml"), folder.path().join("backup.db"));
    register_organisations(&db.db);
    land(&db.db, &[1, 2]);
    done(&db.url, &keys, &["backup", file.to_str().unwrap()]);
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    conn.batch_execute("UPDATE travellers SET custody_hash = zeroblob(32)").unwrap();
    drop(conn);
    let restored = jiezhuan(&to.url, &keys, &["restore", file.to_str().unwrap()]);
    assert_eq!((restored.code, &restored.json["verify"]["ok"]), (1, &json!(false)), "{}", restored.json);
    assert_eq!(restored.json["verify"]["faults"].as_array().unwrap().len(), 3, "{}", restored.json);
}
