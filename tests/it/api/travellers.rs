//! Rosters and travellers: a file goes in as a body, people are seen by whom they concern, masked until somebody says why.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::{Value, json};

use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

const ROSTER: &str = "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,同行组,目的地\n\
    MU588,PVG,2020-09-12 00:10,李雷雷,CHN,护照,E12345678,A,江苏苏州\n\
    MU588,PVG,2020-09-12 00:10,韩梅梅,CHN,护照,E23456789,A,江苏苏州\n\
    MU588,PVG,2020-09-12 00:10,王小明,CHN,护照,E34567890,,浙江杭州\n\
    MU588,PVG,2020-09-12 00:10,赵无地,CHN,护照,E45678901,,不存在的地方\n";

pub fn import(app: &TestApp, caller: &Caller, query: &str, key: &str) -> Reply {
    let request = TestRequest::post().uri(&format!("/api/v1/rosters{query}")).insert_header(("Idempotency-Key", key));
    app.send(caller.asks(request).insert_header(("Content-Type", "application/octet-stream")).set_payload(ROSTER))
}

/// The application with its organisations registered and the roster imported.
pub fn landed(db: TestDb) -> (TestApp, Caller) {
    let app = TestApp::new(db);
    app.register();
    let desk = app.caller(Role::AirportDesk, "");
    assert_eq!(import(&app, &desk, "", "first").status, 200);
    (app, desk)
}

pub fn travellers(app: &TestApp, caller: &Caller, query: &str) -> Vec<Value> {
    app.get(caller, &format!("/api/v1/travellers{query}")).json()["items"].as_array().expect("a list").clone()
}

fn id_of(app: &TestApp, caller: &Caller, name: &str) -> String {
    travellers(app, caller, "").iter().find(|one| one["name"] == name).expect("somebody of that name")["id"].as_str().unwrap().to_owned()
}

on_both_engines! {
    fn a_roster_goes_in_as_a_body_and_its_problems_come_back(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let desk = app.caller(Role::AirportDesk, "");
        let dry = import(&app, &desk, "?dry_run=true", "dry").json();
        assert_eq!((&dry["rows"], &dry["new"], &dry["rejected"]), (&json!(4), &json!(3), &json!(1)));
        assert!(travellers(&app, &desk, "").is_empty(), "a dry run writes nothing");
        let done = import(&app, &desk, "", "k").json();
        assert_eq!(done["problems"][0]["code"], "unknown_destination");
        assert_eq!((&done["problems"][0]["line"], &done["problems"][0]["column"]), (&json!(5), &json!("目的地")));
        let again = import(&app, &desk, "", "k");
        assert_eq!((again.json(), again.header("idempotent-replay")), (done, "true"));
        assert_eq!(import(&app, &desk, "", "k2").json()["same"], 3);
        let log = app.get(&desk, "/api/v1/rosters").json();
        let first = log["items"][0]["id"].as_str().unwrap();
        assert_eq!(app.get(&desk, &format!("/api/v1/rosters/{first}")).json()["problems"][0]["code"], "unknown_destination");
    }

    fn what_is_no_roster_imports_nothing_and_what_is_too_large_is_not_taken(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__ROSTERS__LARGEST_UPLOAD", "4096")]);
        let desk = app.caller(Role::AirportDesk, "");
        let send = |body: String| app.send(desk.asks(TestRequest::post().uri("/api/v1/rosters")).set_payload(body));
        assert_eq!(send("a,b\n1,2\n".into()).problem().0, 422);
        assert_eq!(send(String::new()).problem().0, 422);
        assert_eq!(send("x".repeat(5_000)).problem(), (413, "body_too_large".into()));
    }

    fn nobody_sees_across(db: TestDb) {
        let (app, desk) = landed(db);
        let (jiangsu, zhejiang) = (app.caller(Role::ProvincialGroup, "32"), app.caller(Role::ProvincialGroup, "33"));
        assert_eq!(travellers(&app, &desk, "").len(), 3);
        assert_eq!(travellers(&app, &jiangsu, "").len(), 2);
        assert_eq!(travellers(&app, &zhejiang, "").len(), 1);
        let theirs = id_of(&app, &desk, "王*明");
        assert_eq!(app.get(&zhejiang, &format!("/api/v1/travellers/{theirs}")).status, 200);
        assert_eq!(app.get(&jiangsu, &format!("/api/v1/travellers/{theirs}")).problem(), (404, "not_found".into()));
        for (path, body) in [("reveal", json!({"reason": "x"})), ("holds", json!({"kind": "medical", "reason": "x"}))] {
            let reply = app.post(&jiangsu, &format!("/api/v1/travellers/{theirs}/{path}"), &body);
            assert_eq!(reply.problem(), (404, "not_found".into()), "{path}");
        }
        for (path, body) in [("destination", json!({"destination": "320500"})), ("party", json!({})), ("home", json!({"approved": true}))] {
            let request = TestRequest::put().uri(&format!("/api/v1/travellers/{theirs}/{path}")).set_json(body);
            assert_eq!(app.send(jiangsu.asks(request)).problem(), (404, "not_found".into()), "{path}");
        }
    }

    fn lists_are_narrowed_by_what_is_asked(db: TestDb) {
        let (app, desk) = landed(db);
        let flights = app.get(&desk, "/api/v1/flights?landed_on=2020-09-12").json();
        let flight = flights["items"][0]["id"].as_str().unwrap();
        assert_eq!(travellers(&app, &desk, &format!("?flight={flight}")).len(), 3);
        let party = travellers(&app, &desk, "")[0]["party"].as_str().unwrap().to_owned();
        assert!((1..=2).contains(&travellers(&app, &desk, &format!("?party={party}")).len()));
        assert_eq!(travellers(&app, &desk, "?due_on=2020-09-15").len(), 3);
        assert_eq!(travellers(&app, &desk, "?due_on=2020-09-16").len(), 0);
        assert_eq!(app.get(&desk, "/api/v1/travellers?due_on=soon").problem(), (422, "bad_date".into()));
        let due = app.get(&desk, "/api/v1/due?on=2020-09-15").json();
        assert_eq!(due["count"], 3);
        assert_eq!(due["due"][0]["blocked"][0]["reason"], "test_missing_nucleic_acid");
    }

    fn an_identity_is_opened_for_a_reason_and_the_trail_keeps_it(db: TestDb) {
        let (app, desk) = landed(db);
        let auditor = app.caller(Role::Auditor, "");
        let id = id_of(&app, &desk, "王*明");
        let path = format!("/api/v1/travellers/{id}/reveal");
        assert_eq!(app.post(&desk, &path, &json!({"reason": " "})).problem(), (422, "reason_missing".into()));
        let reply = app.send(desk.asks(TestRequest::post().uri(&path)).insert_header(("Idempotency-Key", "r")).set_json(json!({"reason": "寻人"})));
        assert_eq!((&reply.json()["name"], &reply.json()["document_no"]), (&json!("王小明"), &json!("E34567890")));
        assert!(app.db.column("SELECT body FROM idempotency_keys WHERE key = 'r'").is_empty(), "an identity is kept nowhere else");
        let trail = app.get(&auditor, &format!("/api/v1/audit?subject={id}")).json();
        assert_eq!((&trail["items"][0]["deed"], &trail["items"][0]["reason"]), (&json!("reveal_identity"), &json!("寻人")));
    }

    fn a_hold_keeps_the_party_until_it_is_lifted(db: TestDb) {
        let (app, desk) = landed(db);
        let coordinator = app.caller(Role::Coordinator, "");
        let (held, mate) = (id_of(&app, &desk, "李*雷"), id_of(&app, &desk, "韩*梅"));
        let made = app.post(&desk, &format!("/api/v1/travellers/{held}/holds"), &json!({"kind": "medical", "reason": "发热"}));
        assert_eq!(made.status, 201);
        let blocks = |id: &str| app.get(&desk, &format!("/api/v1/travellers/{id}")).json()["blocks"].to_string();
        assert!(blocks(&held).contains("medical") && blocks(&mate).contains("party"), "{} {}", blocks(&held), blocks(&mate));
        let lift = format!("/api/v1/holds/{}/lift", made.json()["id"].as_str().unwrap());
        assert_eq!(app.post(&coordinator, &lift, &json!({"reason": "误报"})).status, 204);
        assert_eq!(app.post(&coordinator, &lift, &json!({"reason": "误报"})).problem(), (409, "hold_lifted_already".into()));
        assert!(!blocks(&held).contains("hold_medical"));
    }

    fn a_change_demands_the_version_that_was_seen(db: TestDb) {
        let (app, desk) = landed(db);
        let id = id_of(&app, &desk, "王*明");
        let tag = app.get(&desk, &format!("/api/v1/travellers/{id}")).header("etag").to_owned();
        let put = |tag: &str, to: &str| {
            let request = TestRequest::put().uri(&format!("/api/v1/travellers/{id}/destination")).insert_header(("If-Match", tag.to_owned()));
            app.send(desk.asks(request).set_json(json!({"destination": to})))
        };
        let done = put(&tag, "330200");
        assert_eq!((done.status.as_u16(), &done.json()["city"]), (200, &json!("330200")));
        assert_ne!(done.header("etag"), tag);
        assert_eq!(put(&tag, "330300").problem().0, 412);
        assert_eq!(put("\"x\"", "330300").problem(), (422, "bad_etag".into()));
        assert_eq!(put("*", "Suzhou").problem().0, 422);
    }

    fn days_are_counted_for_whoever_is_signed_in(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Site, "310115");
        let days = app.get(&caller, "/api/v1/policies/days?landed=2020-12-14T08:00:00%2B08:00&to=320500").json();
        assert_eq!((&days["policy"], &days["transfer_on"][0]), (&json!("3+11"), &json!("2020-12-17")));
        assert_eq!(days["released_at"], "2020-12-28T00:00:00+08:00");
        let wrong = app.get(&caller, "/api/v1/policies/days?landed=x&to=Suzhou");
        assert_eq!(wrong.json()["errors"].as_array().unwrap().len(), 2);
        assert_eq!(app.get(&caller, "/api/v1/policies/days?landed=2019-12-14&to=320500").problem().0, 422);
        assert!(app.get(&caller, "/api/v1/policies").json()["items"].as_array().unwrap().len() >= 6);
        assert!(app.get(&caller, "/api/v1/organisations").json()["items"].as_array().unwrap().len() > 20);
    }
}
