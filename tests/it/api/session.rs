//! Signing in and out.

use actix_web::cookie::Cookie;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::json;

use crate::support::app::{PASSWORD, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

fn sign_in(app: &TestApp, name: &str, password: &str) -> Reply {
    app.send(TestRequest::post().uri("/api/v1/session").set_json(json!({"name": name, "password": password})))
}

fn cookie(reply: &Reply) -> Cookie<'static> {
    Cookie::parse(reply.header("set-cookie").to_owned()).unwrap()
}

on_both_engines! {
    fn a_session_lasts_from_signing_in_to_signing_out(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::ProvincialGroup, "32");
        let reply = sign_in(&app, caller.name.as_str(), PASSWORD);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json()["role"], "provincial_group");
        assert_eq!(reply.json()["scope"], "32");
        let session = cookie(&reply);
        assert!(session.http_only().unwrap() && session.same_site().unwrap().is_lax() && session.secure().is_none());
        let who = || app.send(TestRequest::get().uri("/api/v1/session").cookie(session.clone()));
        assert_eq!(who().status, 200);
        assert_eq!(app.send(TestRequest::delete().uri("/api/v1/session").cookie(session.clone())).status, 204);
        assert_eq!(who().problem(), (401, "sign_in_first".into()));
    }

    fn a_session_ends_when_the_setting_says(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__SESSIONS__HOURS", "1")]);
        let caller = app.caller(Role::Coordinator, "");
        let session = cookie(&sign_in(&app, caller.name.as_str(), PASSWORD));
        let who = || app.send(TestRequest::get().uri("/api/v1/session").cookie(session.clone())).status.as_u16();
        app.db.at("2020-09-15 12:59");
        assert_eq!((who(), session.max_age().map(|age| age.whole_minutes())), (200, Some(60)));
        app.db.at("2020-09-15 13:00");
        assert_eq!(who(), 401);
    }

    fn behind_https_the_cookie_is_secure(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__SERVER__BEHIND_HTTPS", "true")]);
        let caller = app.caller(Role::Coordinator, "");
        let reply = sign_in(&app, caller.name.as_str(), PASSWORD);
        assert!(cookie(&reply).secure().unwrap());
        assert_eq!(reply.header("strict-transport-security"), "max-age=31536000");
    }

    fn after_five_wrong_passwords_the_door_stays_shut_for_a_while(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Coordinator, "");
        for _ in 0..5 {
            assert_eq!(sign_in(&app, caller.name.as_str(), "not this one").problem(), (401, "wrong_name_or_password".into()));
        }
        let shut = sign_in(&app, caller.name.as_str(), PASSWORD);
        assert_eq!(shut.problem(), (429, "too_many_attempts".into()));
        assert_eq!(shut.header("retry-after"), "900");
        app.db.at("2020-09-15 12:16");
        assert_eq!(sign_in(&app, caller.name.as_str(), PASSWORD).status, 200);
    }

    fn whoever_is_shut_out_is_out_at_once(db: TestDb) {
        let app = TestApp::new(db);
        let (admin, caller) = (app.caller(Role::Administrator, ""), app.caller(Role::Coordinator, ""));
        assert_eq!(app.get(&caller, "/api/v1/session").status, 200);
        assert_eq!(app.post(&admin, &format!("/api/v1/users/{}/disable", caller.name), &json!({})).status, 204);
        assert_eq!(app.get(&caller, "/api/v1/session").status, 401);
        let trail = app.get(&admin, "/api/v1/audit").json();
        assert_eq!(trail["items"][0]["deed"], "manage_users");
    }

    fn lists_come_in_pages_that_follow_each_other(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.caller(Role::Administrator, "");
        for scope in ["32", "33", "34", "3205"] {
            app.caller(Role::ProvincialGroup, scope);
        }
        let mut seen = Vec::new();
        let mut path = "/api/v1/users?limit=2".to_owned();
        loop {
            let page = app.get(&admin, &path).json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/users?limit=2&after={next}");
        }
        assert_eq!(seen.len(), 5);
        assert_eq!(seen[0], "administrator-all");
    }
}
