//! Problems: their form, their codes, and what they do not tell.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::{TestDb, on_both_engines};

on_both_engines! {
    fn every_wrong_field_is_told_by_its_path_in_the_readers_language(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.caller(Role::Administrator, "");
        let body = json!({"name": "x", "role": "boss", "scope": ["3"]});
        let reply = app.send(admin.asks(TestRequest::post().uri("/api/v1/users")).insert_header(("Accept-Language", "en-GB,en")).set_json(&body));
        assert_eq!(reply.problem(), (422, "invalid_fields".into()));
        let problem = reply.json();
        let fields: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["name", "role", "scope"]);
        assert_eq!(problem["detail"], "3 fields need correction.");
        assert_eq!(problem["type"], "urn:jiezhuan:invalid_fields");
        assert!(problem["request_id"].as_str().is_some_and(|id| id.len() == 36));
        let reply = app.post(&admin, "/api/v1/users", &body);
        assert_eq!(reply.json()["title"], "请更正");
    }

    fn what_is_wrong_with_a_body_is_told_without_quoting_it(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.caller(Role::Administrator, "");
        for (body, field, code) in [
            (json!({"role": "site"}), "name", "body_field_missing"),
            (json!({"name": 13_579_246, "role": "site"}), "name", "body_field_wrong"),
            (json!({"name": "li.na", "role": "site", "scope": "13579246"}), "scope", "body_field_wrong"),
            (json!({"name": "li.na", "role": "site", "admin": true}), "admin", "body_field_unknown"),
            (json!({"name": "li.na", "role": "site", "scope": ["32", 13_579_246]}), "scope[1]", "body_field_wrong"),
        ] {
            let reply = app.post(&admin, "/api/v1/users", &body);
            assert_eq!(reply.problem(), (422, code.into()), "{body}");
            assert_eq!(reply.json()["errors"][0]["field"], field, "{body}");
            assert!(!reply.body.contains("13579246"), "{reply:?}");
        }
    }

    fn a_body_must_be_json_and_of_a_sensible_size(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__SERVER__LARGEST_BODY", "2048")]);
        let admin = app.caller(Role::Administrator, "");
        let post = || admin.asks(TestRequest::post().uri("/api/v1/users"));
        assert_eq!(app.send(post().set_payload("name=x")).problem(), (415, "body_not_json".into()));
        assert_eq!(app.send(post().insert_header(("Content-Type", "application/json")).set_payload("{]")).problem(), (422, "body_unreadable".into()));
        assert_eq!(app.send(post().insert_header(("Content-Type", "application/json")).set_payload("{} {}")).problem(), (422, "body_field_missing".into()));
        assert_eq!(app.send(post().set_json("x".repeat(3_000))).problem(), (413, "body_too_large".into()));
    }

    fn what_does_not_exist_is_not_found_and_what_is_not_meant_so_is_told(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.caller(Role::Administrator, "");
        assert_eq!(app.get(&admin, "/api/v1/nothing").problem(), (404, "not_found".into()));
        assert_eq!(app.send(admin.asks(TestRequest::delete().uri("/api/v1/tokens/no-id"))).problem(), (404, "not_found".into()));
        assert_eq!(app.get(&admin, "/api/v1/users?limt=3").problem().0, 422);
        assert_eq!(app.get(&admin, "/api/v1/users?limt=3").json()["errors"][0]["field"], "limt");
        assert_eq!(app.get(&admin, "/api/v1/users?limit=0").json()["errors"][0]["field"], "limit");
        let reply = app.send(admin.asks(TestRequest::delete().uri("/api/v1/users")));
        assert_eq!(reply.problem(), (405, "method_not_allowed".into()));
        assert_eq!(reply.header("allow"), "GET, POST");
    }

    fn a_request_from_another_site_changes_nothing(db: TestDb) {
        let app = TestApp::new(db);
        let forged = TestRequest::post().uri("/api/v1/session").insert_header(("Sec-Fetch-Site", "cross-site")).set_json(json!({"name": "a", "password": "b"}));
        assert_eq!(app.send(forged).problem(), (403, "cross_site_request".into()));
    }

    fn every_answer_carries_the_headers_that_protect_a_browser(db: TestDb) {
        let app = TestApp::new(db);
        for path in ["/healthz", "/sign-in", "/api/v1/session", "/nothing", "/assets/style.css"] {
            let reply = app.send(TestRequest::get().uri(path));
            assert!(reply.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        }
    }

    fn the_server_says_whether_it_lives_and_whether_it_can_work(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__METRICS__TOKEN", "0123456789abcdef")]);
        assert_eq!(app.send(TestRequest::get().uri("/healthz")).json()["status"], "ok");
        assert_eq!(app.send(TestRequest::get().uri("/readyz")).json()["status"], "ok");
        assert_eq!(app.send(TestRequest::get().uri("/metrics")).status, 401);
        let reply = app.send(TestRequest::get().uri("/metrics").insert_header(("Authorization", "Bearer 0123456789abcdef")));
        assert!(reply.body.contains("http_requests_total{method=\"GET\",route=\"/readyz\",status=\"200\"} 1"), "{}", reply.body);
    }
}
