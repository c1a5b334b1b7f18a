//! The database itself: durable transactions, and the rules that the schema holds on both engines.

use jiezhuan::base::Error;
use jiezhuan::db::{Event, events_after};

use crate::support::{TestDb, on_both_engines};

fn event(kind: &'static str) -> Event {
    Event { kind, subject: uuid::Uuid::nil(), place: None, facts: serde_json::json!({"n": 1}) }
}

on_both_engines! {
    fn what_a_failed_write_recorded_is_gone(db: TestDb) {
        let refused = db.db.write(|tx| -> jiezhuan::base::Result<()> {
            tx.record(event("kept_by_nobody"))?;
            Err(Error::NotFound("anything"))
        });
        assert!(matches!(refused, Err(Error::NotFound(_))));
        db.db.write(|tx| {
            tx.record(event("first"))?;
            let undone = tx.attempt(|tx| {
                tx.record(event("undone"))?;
                Err::<(), _>(Error::NotFound("anything"))
            });
            assert!(undone.is_err());
            tx.record(event("second"))
        }).unwrap();
        let kinds: Vec<String> = db.db.read(|conn| events_after(conn, 0, 10)).unwrap().into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["first", "second"]);
    }

    fn writers_side_by_side_all_commit(db: TestDb) {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| for _ in 0..25 { db.db.write(|tx| tx.record(event("one"))).unwrap() });
            }
        });
        assert_eq!(db.db.read(|conn| events_after(conn, 0, 1_000)).unwrap().len(), 200);
    }
}
