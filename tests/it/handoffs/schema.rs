//! What the database itself refuses of the ledger and of handoffs, whoever asks it.

use jiezhuan::base::{Error, Result};
use jiezhuan::db::Url;

use super::{code, offer};
use crate::support::people::{DESK, execute, expect_clean_ledger, land, register_organisations};
use crate::support::{TestDb, on_both_engines};

/// An entry made of a traveller's first one, with this number and giver.
fn forged(verb: &str, seq: u32, giver: &str) -> String {
    format!(
        "{verb} INTO custody_entries (traveller_id, seq, kind, from_custodian, to_custodian, from_stock, to_stock, happened_at, recorded_at, actor, act_id, prev_hash, hash) \
         SELECT traveller_id, {seq}, 'relayed', {giver}, to_custodian, 'at_port', 'at_port', happened_at, recorded_at, actor, act_id, hash, hash \
         FROM custody_entries WHERE seq = 1"
    )
}

/// Runs a statement and takes it back.
fn tried(db: &TestDb, sql: &str) -> Result<()> {
    let sql = sql.to_owned();
    let outcome: Result<()> = db.db.write(move |tx| {
        diesel::RunQueryDsl::execute(diesel::sql_query(sql.clone()), &mut **tx)?;
        Err(Error::NotFound("nothing, and taken back"))
    });
    match outcome {
        Err(Error::NotFound(_)) => Ok(()),
        other => other,
    }
}

on_both_engines! {
    fn an_entry_that_does_not_follow_is_refused_by_the_database(db: TestDb) {
        register_organisations(&db.db);
        land(&db.db, &[1]);
        tried(&db, &forged("INSERT", 2, "to_custodian")).expect("the entry that follows is no forgery, or the refusals below prove nothing");
        for (what, seq, giver) in [
            ("a wrong giver", 2, "act_id"),
            ("no giver", 2, "NULL"),
            ("a gap", 3, "to_custodian"),
            ("a fork", 1, "NULL"),
            ("a second landing", 1, "to_custodian"),
        ] {
            let refused = tried(&db, &forged("INSERT", seq, giver));
            assert!(refused.is_err(), "{what} went in");
            if what != "no giver" && what != "a second landing" {
                assert_eq!(code(refused), "custody_chain", "{what}");
            }
        }
        execute(&db.db, &forged("INSERT", 2, "to_custodian")).unwrap();
        assert_eq!(code(execute(&db.db, &forged("INSERT", 2, "to_custodian"))), "custody_chain", "a fork further on");
    }

    fn the_ledger_is_never_changed_or_deleted(db: TestDb) {
        register_organisations(&db.db);
        land(&db.db, &[1, 1]);
        let changes = ["UPDATE custody_entries SET actor = 'x'", "DELETE FROM custody_entries", "UPDATE custody_flows SET n = 9", "DELETE FROM custody_flows"];
        for sql in changes {
            assert_eq!(code(execute(&db.db, sql)), "ledger_is_append_only", "{sql}");
        }
        if matches!(db.db.url(), Url::Sqlite(_)) {
            assert!(execute(&db.db, &forged("INSERT OR REPLACE", 1, "NULL")).is_err());
            assert!(execute(&db.db, "REPLACE INTO custody_entries SELECT * FROM custody_entries WHERE seq = 1").is_err());
        } else {
            assert_eq!(code(execute(&db.db, "TRUNCATE custody_entries CASCADE")), "ledger_is_append_only");
        }
        expect_clean_ledger(&db.db);
    }

    fn a_second_open_handoff_for_one_person_is_refused_by_the_database(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        offer(&db.db, DESK, "site-310114-1", &people[..1]);
        offer(&db.db, DESK, "site-310114-1", &people[1..]);
        let crossed = "INSERT INTO handoff_people (handoff_id, traveller_id, is_open) \
                       SELECT (SELECT max_h.handoff_id FROM handoff_people max_h WHERE max_h.traveller_id <> p.traveller_id), p.traveller_id, p.is_open FROM handoff_people p";
        assert_eq!(code(tried(&db, crossed)), "one_open_handoff");
        let closed = crossed.replace("p.is_open FROM", "NOT p.is_open FROM");
        tried(&db, &closed).expect("closed lines may be many");
    }
}
