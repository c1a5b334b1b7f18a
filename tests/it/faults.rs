//! What surrounds the program fails: the disk is full, the database is busy, the connection breaks. Each is told as what it is,
//! nothing is half written, and doing the same again is right.

use jiezhuan::base::{Error, Result};
use jiezhuan::db::{Event, Url, events_after};

use crate::support::{TestDb, on_both_engines};

/// Many bytes of facts, so that a page is soon full.
fn event(n: usize) -> Event {
    Event { kind: "large", subject: uuid::Uuid::nil(), place: None, facts: serde_json::json!({ "n": n, "text": "x".repeat(2_000) }) }
}

fn record(db: &TestDb, n: usize) -> Result<()> {
    db.db.write(move |tx| (0..n).try_for_each(|n| tx.record(event(n))))
}

fn recorded(db: &TestDb) -> usize {
    db.db.read(|conn| events_after(conn, 0, 10_000)).unwrap().len()
}

/// Lets the database grow by some pages more, or without bounds again. On SQLite by its own bound, which it meets as it meets a full disk;
/// PostgreSQL has none, so a trigger says in its stead what the server says.
fn room(db: &TestDb, is_enough: bool) {
    let sql = match (db.db.url(), is_enough) {
        (Url::Sqlite(_), false) => "PRAGMA max_page_count = 1",
        (Url::Sqlite(_), true) => "PRAGMA max_page_count = 1073741823",
        (Url::Postgres(_), false) => {
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF (SELECT count(*) FROM events) >= 300 THEN \
             RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file \"base/1/2\": No space left on device'; END IF; \
             RETURN NEW; END $$; CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION full_disk()"
        }
        (Url::Postgres(_), true) => "DROP FUNCTION full_disk CASCADE",
    };
    db.db.write(move |tx| tx.batch(sql)).unwrap();
}

#[track_caller]
fn code<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    match outcome.unwrap_err() {
        Error::Unavailable(message) => message.code,
        other => panic!("{other:?}"),
    }
}

on_both_engines! {
    fn a_full_disk_is_told_and_what_was_acknowledged_stays(db: TestDb) {
        record(&db, 1).unwrap();
        room(&db, false);
        assert_eq!(code(record(&db, 400)), "disk_full");
        assert_eq!(code(record(&db, 400)), "disk_full", "a second try is told the same");
        assert_eq!(recorded(&db), 1, "nothing of what failed was kept, and reading goes on");
        room(&db, true);
        record(&db, 400).unwrap();
        assert_eq!(recorded(&db), 401);
    }

    fn writers_beside_one_that_meets_a_full_disk_are_told_too_or_written(db: TestDb) {
        room(&db, false);
        let outcomes: Vec<Result<()>> = std::thread::scope(|scope| {
            let all: Vec<_> = [1, 400, 1, 400, 1, 1].map(|n| { let db = &db; scope.spawn(move || record(db, n)) }).into();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let written = outcomes.iter().zip([1, 400, 1, 400, 1, 1]).filter(|(outcome, _)| outcome.is_ok()).map(|(_, n)| n).sum::<usize>();
        assert!(outcomes.iter().filter(|outcome| outcome.is_err()).all(|outcome| matches!(outcome, Err(Error::Unavailable(message)) if message.code == "disk_full")), "{outcomes:?}");
        assert_eq!(recorded(&db), written, "what was acknowledged is there, and nothing else");
        room(&db, true);
        record(&db, 400).unwrap();
        assert_eq!(recorded(&db), written + 400);
    }

    fn a_database_that_somebody_else_keeps_locked_is_told(db: TestDb) {
        let other = jiezhuan::db::Db::open(Url::parse(&db.url).unwrap(), 1, db.clock.clone(), jiezhuan::base::IdSource::seeded(2)).unwrap();
        let (locked, free) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            let (locked, free) = (std::sync::Arc::new(locked), std::sync::Arc::new(free));
            let (at_lock, at_end) = (locked.clone(), free.clone());
            let holder = scope.spawn(move || other.write(move |tx| {
                if matches!(**tx, jiezhuan::db::Conn::Postgres(_)) {
                    tx.batch("LOCK TABLE events IN EXCLUSIVE MODE")?;
                }
                at_lock.wait();
                at_end.wait();
                tx.record(event(0))
            }));
            locked.wait();
            assert_eq!(code(record(&db, 1)), "database_locked");
            free.wait();
            holder.join().unwrap().unwrap();
        });
        record(&db, 1).unwrap();
        assert_eq!(recorded(&db), 2);
    }
}

#[test]
fn a_lost_connection_is_told_and_the_next_act_has_another() {
    let Some(db) = TestDb::on(crate::support::Engine::Postgres) else { return };
    let killer = jiezhuan::db::Db::open(Url::parse(&db.url).unwrap(), 1, db.clock.clone(), jiezhuan::base::IdSource::seeded(2)).unwrap();
    record(&db, 1).unwrap();
    let lost = db.db.write(move |tx| {
        tx.record(event(0))?;
        killer.write(|tx| tx.batch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))?;
        tx.record(event(1))
    });
    assert_eq!(code(lost), "database_connection_lost");
    assert_eq!(recorded(&db), 1, "the act that was cut off left nothing");
    record(&db, 1).unwrap();
    assert_eq!(recorded(&db), 2);
}
