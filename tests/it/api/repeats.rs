//! The same request at the same moment, and another under its name: the act is done once, and both are told the same.

use std::sync::Barrier;

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::{Value, json};

use crate::handoffs::offer;
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::people::{DESK, expect_clean_ledger, land, number, register_organisations};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";
const TRIES: usize = 200;

fn send(app: &TestApp, caller: &Caller, path: &str, key: &str, body: &Value) -> Reply {
    app.send(caller.asks(TestRequest::post().uri(path)).insert_header(("Idempotency-Key", key)).set_json(body))
}

/// Sends two bodies under one name at the same moment.
fn together(app: &TestApp, caller: &Caller, path: &str, key: &str, bodies: [&Value; 2]) -> [Reply; 2] {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            start.wait();
            send(app, caller, path, key, bodies[0])
        });
        start.wait();
        let second = send(app, caller, path, key, bodies[1]);
        [first.join().unwrap(), second]
    })
}

on_both_engines! {
    fn the_same_request_twice_at_once_is_done_once_and_answered_alike(db: TestDb) {
        let app = TestApp::new(db);
        register_organisations(&app.db.db);
        let receiver = app.caller_of(Role::Site, "310114", Some(SITE));
        for (n, &person) in land(&app.db.db, &[1; TRIES]).iter().enumerate() {
            let path = format!("/api/v1/handoffs/{}/accept", offer(&app.db.db, DESK, SITE, &[person]));
            let body = json!({"counted": 1});
            let replies = together(&app, &receiver, &path, &format!("key-{n}"), [&body, &body]);
            assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
            assert_eq!(replies[0].body, replies[1].body);
            let replays = replies.iter().filter(|reply| reply.header("idempotent-replay") == "true").count();
            assert_eq!(replays, 1, "one of them did it");
        }
        assert_eq!(number(&app.db.db, "SELECT count(*) AS n FROM custody_entries WHERE seq = 2"), TRIES as i64);
        assert_eq!(number(&app.db.db, "SELECT count(*) AS n FROM events WHERE kind = 'handoff_accepted'"), TRIES as i64);
        expect_clean_ledger(&app.db.db);
    }

    fn another_request_under_the_same_name_is_refused_and_not_done(db: TestDb) {
        let app = TestApp::new(db);
        register_organisations(&app.db.db);
        let receiver = app.caller_of(Role::Site, "310114", Some(SITE));
        let mut accepted = 0;
        for (n, &person) in land(&app.db.db, &[1; TRIES]).iter().enumerate() {
            let id = offer(&app.db.db, DESK, SITE, &[person]);
            let path = format!("/api/v1/handoffs/{id}/accept");
            let (whole, none) = (json!({"counted": 1}), json!({"counted": 0, "exceptions": [{"traveller": person, "kind": "missing", "reason": "未到"}]}));
            let replies = together(&app, &receiver, &path, &format!("key-{n}"), if n % 2 == 0 { [&whole, &none] } else { [&none, &whole] });
            let (done, refused) = if replies[0].status == 200 { (&replies[0], &replies[1]) } else { (&replies[1], &replies[0]) };
            assert_eq!(refused.problem(), (422, "idempotency_key_reused".into()), "{done:?}");
            let state = done.json()["state"].as_str().unwrap().to_owned();
            accepted += usize::from(state == "accepted");
            assert_eq!(app.get(&receiver, &format!("/api/v1/handoffs/{id}")).json()["state"], state.as_str());
        }
        assert!((1..TRIES).contains(&accepted), "the race was none: {accepted} of {TRIES}");
        assert_eq!(number(&app.db.db, "SELECT count(*) AS n FROM custody_entries WHERE seq = 2"), accepted as i64);
        expect_clean_ledger(&app.db.db);
    }
}
