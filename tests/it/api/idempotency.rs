//! Requests done once, however often they arrive.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::{Value, json};

use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

fn token(app: &TestApp, caller: &Caller, key: &str, label: &str) -> Reply {
    let body = json!({"user": caller.name.as_str(), "label": label, "expires_at": "2020-10-01 00:00"});
    app.send(caller.asks(TestRequest::post().uri("/api/v1/tokens")).insert_header(("Idempotency-Key", key)).set_json(body))
}

fn tokens(app: &TestApp, caller: &Caller) -> Vec<Value> {
    app.get(caller, "/api/v1/tokens").json()["items"].as_array().unwrap().clone()
}

on_both_engines! {
    fn the_same_request_twice_is_done_once_and_answered_the_same(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Dispatcher, "");
        let (first, second) = (token(&app, &caller, "k1", "scripts"), token(&app, &caller, "k1", "scripts"));
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
        assert_eq!(first.body, second.body);
        assert_eq!((first.header("idempotent-replay"), second.header("idempotent-replay")), ("", "true"));
        assert_eq!(first.header("location"), second.header("location"));
        assert_eq!(first.header("location"), format!("/api/v1/tokens/{}", first.json()["id"].as_str().unwrap()));
        assert_eq!(tokens(&app, &caller).len(), 2, "the one of the test and this one");
    }

    fn another_request_under_the_same_name_is_refused(db: TestDb) {
        let app = TestApp::new(db);
        let (caller, other) = (app.caller(Role::Dispatcher, ""), app.caller(Role::Coordinator, ""));
        token(&app, &caller, "k1", "scripts");
        assert_eq!(token(&app, &caller, "k1", "other").problem(), (422, "idempotency_key_reused".into()));
        assert_eq!(token(&app, &other, "k1", "other").status.as_u16(), 201, "the names of others are their own");
        assert_eq!(token(&app, &caller, "", "other").problem(), (422, "bad_idempotency_key".into()));
    }

    fn a_refusal_is_answered_the_same_too(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.caller(Role::Administrator, "");
        let add = || app.send(
            admin.asks(TestRequest::post().uri("/api/v1/users")).insert_header(("Idempotency-Key", "u"))
                .set_json(json!({"name": admin.name.as_str(), "role": "dispatcher"})),
        );
        let first = add();
        assert_eq!(first.problem(), (409, "user_known".into()));
        let second = add();
        assert_eq!((second.header("idempotent-replay"), &second.body), ("true", &first.body));
    }

    fn of_many_at_the_same_moment_one_is_done(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Dispatcher, "");
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let sent: Vec<_> = (0..8).map(|_| scope.spawn(|| token(&app, &caller, "race", "scripts"))).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        assert!(replies.iter().all(|reply| reply.status.as_u16() == 201 && reply.body == replies[0].body), "{replies:?}");
        assert_eq!(replies.iter().filter(|reply| reply.header("idempotent-replay").is_empty()).count(), 1);
        assert_eq!(tokens(&app, &caller).len(), 2);
    }

    fn no_secret_stands_in_the_kept_answers(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Dispatcher, "");
        let secret = token(&app, &caller, "k1", "scripts").json()["secret"].as_str().unwrap().to_owned();
        let kept = app.db.column("SELECT body FROM idempotency_keys");
        assert_eq!(kept.len(), 1);
        assert!(!kept[0].is_empty() && !kept[0].contains(&secret));
    }
}
