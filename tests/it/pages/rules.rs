//! The rulebook is loaded anew: checked first, in force at once and on every node, and nothing that people or the ledger refer to vanishes.

use std::sync::{Arc, Barrier};

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::{Actor, Role};
use jiezhuan::base::Error;
use jiezhuan::policy::{self, InForce, Part, Texts};
use serde_json::json;

use super::work::{page, post};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::people::execute;
use crate::support::{TestDb, on_both_engines};

const PAGE: &str = "/admin/rules/policies";

/// The policies of the program, and one more for Jiangsu from an instant on.
fn with_one_more(from: &str, days: u8) -> String {
    format!(
        "{}\n[[policy]]\nname = \"9+5\"\nversion = 1\napplies_to = [\"32\"]\nfrom = {from}\n\
         segments = [{{ place = \"shanghai\", responsible = \"shanghai_district\", days = {days} }}, {{ place = \"destination\", responsible = \"province\", days = 5 }}]\n\
         sources = []\n",
        Texts::EMBEDDED.policies
    )
}

fn policy_for(app: &TestApp, caller: &Caller, landed: &str) -> String {
    let days = app.get(caller, &format!("/api/v1/policies/days?landed={landed}T10:00:00%2B08:00&to=320500")).json();
    format!("{}@{}", days["policy"].as_str().unwrap(), days["version"])
}

fn put(app: &TestApp, caller: &Caller, path: &str, seen: &str, text: &str) -> Reply {
    let request = TestRequest::put().uri(path).insert_header(("If-Match", format!("\"{seen}\"")));
    app.send(caller.asks(request).set_json(json!({"text": text, "reason": "省防指第 12 号通知"})))
}

on_both_engines! {
    fn a_text_is_checked_shown_line_by_line_and_put_in_force_on_every_node(db: TestDb) {
        let (db, other) = db.twice();
        let (app, node) = (TestApp::new(db), TestApp::new(other));
        app.register();
        let chief = app.caller(Role::Administrator, "");
        assert_eq!(policy_for(&app, &chief, "2020-10-02"), "3+11@1");
        let shown = page(&app, &chief, PAGE);
        assert!(shown.body.contains("安装自带的 policies.toml") && shown.body.contains("name = &#34;3+11&#34;"), "{}", shown.body);
        assert!(shown.body.contains("href=\"/admin/policies\" aria-current=\"page\""), "a part of the policies: {}", shown.body);
        // As a browser sends it.
        let text = with_one_more("2020-10-01T00:00:00+08:00", 9).replace('\n', "\r\n");
        let checked = post(&app, &chief, PAGE, &[("seen", "0"), ("text", &text), ("reason", ""), ("act", "check")]);
        assert!(checked.status == StatusCode::OK && checked.body.contains("核对无误，尚未启用"), "{}", checked.body);
        assert!(checked.body.contains("增加 8 行，删去 0 行") && checked.body.contains("<ins>+ name = &#34;9+5&#34;</ins>"), "{}", checked.body);
        assert_eq!(policy_for(&app, &chief, "2020-10-02"), "3+11@1", "a check changes nothing");
        let unnamed = post(&app, &chief, PAGE, &[("seen", "0"), ("text", &text), ("reason", " "), ("act", "load")]);
        assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unnamed.body);
        let loaded = post(&app, &chief, PAGE, &[("seen", "0"), ("text", &text), ("reason", "省防指第 12 号通知"), ("act", "load")]);
        assert_eq!((loaded.status, loaded.header("location")), (StatusCode::SEE_OTHER, "/admin/rules/policies?loaded=1"), "{}", loaded.body);
        assert_eq!(policy_for(&app, &chief, "2020-10-02"), "9+5@1");
        assert_eq!(policy_for(&app, &chief, "2020-09-30"), "3+11@1", "whoever lands before it begins");
        let shown = page(&app, &chief, "/admin/rules/policies?loaded=1");
        for part in ["第 1 版已启用", "administrator-all", "省防指第 12 号通知", "?edition=1"] {
            assert!(shown.body.contains(part), "{part}: {}", shown.body);
        }
        assert_eq!(policy_for(&node, &chief, "2020-10-02"), "3+11@1", "the other node has not heard yet");
        node.app.db().read(|conn| node.app.in_force().catch_up(conn)).unwrap();
        assert_eq!(policy_for(&node, &chief, "2020-10-02"), "9+5@1");
        let trail = app.db.column("SELECT reason AS body FROM audit WHERE deed = 'manage_policies'");
        assert_eq!(trail, ["policies 1: 省防指第 12 号通知"]);
        // Back to what was: the old text, loaded again, as long as nothing of the new has begun.
        let back = put(&app, &chief, "/api/v1/rules/policies", "1", &Texts::EMBEDDED.policies);
        assert_eq!((back.status, &back.json()["version"]), (StatusCode::OK, &json!(2)), "{back:?}");
        assert_eq!(policy_for(&app, &chief, "2020-10-02"), "3+11@1");
        // A node that starts now begins with it.
        let fresh = InForce::of_files(Texts::EMBEDDED).unwrap();
        app.db.db.read(|conn| fresh.catch_up(conn)).unwrap();
        assert!(fresh.now().policies.get("9+5", 1).is_none());
    }

    fn what_people_and_the_ledger_refer_to_stays(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let chief = app.caller(Role::Administrator, "");
        let said = |path: &str, text: &str| {
            let refused = put(&app, &chief, path, "0", text);
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
            let errors = refused.json()["errors"].as_array().unwrap().clone();
            errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let policies = &Texts::EMBEDDED.policies;
        let without_last = &policies[..policies.rfind("[[policy]]").unwrap()];
        assert_eq!(said("/api/v1/rules/policies", without_last), ["policy_must_stay"]);
        assert_eq!(said("/api/v1/rules/policies", &policies.replacen("days = 14", "days = 13", 1)), ["policy_changed"]);
        assert_eq!(said("/api/v1/rules/policies", policies), ["edition_same"]);
        let organisations = &Texts::EMBEDDED.organisations;
        let gone: String = organisations.lines().filter(|line| !line.starts_with("site-310151-1,")).map(|line| format!("{line}\n")).collect();
        assert_eq!(said("/api/v1/rules/organisations", &gone), ["organisation_must_stay"]);
        assert_eq!(said("/api/v1/rules/organisations", &organisations.replace("site-310151-1,site", "site-310151-1,hospital")), ["organisation_must_stay"]);
        assert_eq!(said("/api/v1/rules/organisations", &format!("{organisations}site-new,site,新点,New site,310199,\n")), ["unknown_place"]);
        let places: String = Texts::EMBEDDED.places.lines().filter(|line| !line.starts_with("310118")).map(|line| format!("{line}\n")).collect();
        assert!(!said("/api/v1/rules/places", &places).is_empty());
        let unsound = post(&app, &chief, PAGE, &[("seen", "0"), ("text", "[[policy]]\nname = \"甲\n"), ("reason", "x"), ("act", "load")]);
        assert!(unsound.body.contains("第 2 行") && unsound.body.contains("name = &#34;甲"), "told by its line, and stays as typed: {}", unsound.body);
        assert_eq!(app.get(&chief, "/api/v1/rules/policies/editions").json()["items"], json!([]));
        assert_eq!(app.get(&chief, "/api/v1/rules/weather").status, StatusCode::NOT_FOUND);
    }

    fn organisations_and_deadlines_are_loaded_too(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let chief = app.caller(Role::Administrator, "");
        let dry = TestRequest::put().uri("/api/v1/rules/organisations?dry_run=true").insert_header(("If-Match", "\"0\""));
        let text = format!("{}site-310118-9,site,青浦徐泾隔离点,Xujing quarantine site,310118,group-310118\n", Texts::EMBEDDED.organisations);
        let checked = app.send(chief.asks(dry).set_json(json!({"text": text, "reason": "新开隔离点"})));
        assert_eq!(checked.status, StatusCode::OK, "{checked:?}");
        assert!(!app.get(&chief, "/api/v1/organisations").body.contains("site-310118-9"));
        assert_eq!(put(&app, &chief, "/api/v1/rules/organisations", "0", &text).status, StatusCode::OK);
        assert!(app.get(&chief, "/api/v1/organisations").body.contains("site-310118-9"));
        assert_eq!(app.db.column("SELECT name_zh AS body FROM organisations WHERE code = 'site-310118-9'"), ["青浦徐泾隔离点"]);
        let routes = Texts::EMBEDDED.routes.replacen("answer = 90", "answer = 75", 1);
        assert_eq!(put(&app, &chief, "/api/v1/rules/routes", "0", &routes).json()["version"], 1);
        let ladder = app.app.in_force().now().routes.ladder(jiezhuan::places::OrganisationKind::Site, jiezhuan::places::OrganisationKind::Site, app.db.clock.now());
        assert_eq!(ladder.answer, 75);
        let steep = put(&app, &chief, "/api/v1/rules/routes", "1", &routes.replacen("remind = 20", "remind = 76", 1));
        assert_eq!(steep.json()["errors"][0]["field"], "ladder");
        let shown = app.get(&chief, "/api/v1/rules/routes");
        assert_eq!((shown.header("etag"), shown.json()["text"].as_str()), ("\"1\"", Some(routes.as_str())));
        assert_eq!(app.get(&chief, "/api/v1/rules/routes/editions/1").json()["text"].as_str(), Some(routes.as_str()));
        assert_eq!(app.get(&chief, "/api/v1/rules/routes/editions/2").status, StatusCode::NOT_FOUND);
    }

    fn of_two_who_load_at_once_one_is_told_what_the_other_did(db: TestDb) {
        let (db, other) = db.twice();
        let (app, node) = (TestApp::new(db), TestApp::new(other));
        app.register();
        for round in 0..20 {
            let start = Arc::new(Barrier::new(2));
            let outcomes = std::thread::scope(|scope| {
                let tried = [&app, &node].into_iter().enumerate().map(|(n, app)| {
                    let start = Arc::clone(&start);
                    scope.spawn(move || {
                        let text = with_one_more("2020-10-01T00:00:00+08:00", 9).replace("sources = []\n", &format!("sources = [\"{round}-{n}\"]\n"));
                        let in_force = Arc::clone(app.app.in_force());
                        start.wait();
                        app.db.db.write(move |tx| policy::edition_load(tx, &Actor::operator(), &in_force, Part::Policies, round, &text, "试"))
                    })
                });
                tried.collect::<Vec<_>>().into_iter().map(|tried| tried.join().unwrap()).collect::<Vec<_>>()
            });
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
            let lost = outcomes.iter().find_map(|outcome| outcome.as_ref().err());
            assert!(matches!(lost, Some(Error::Conflict(message)) if message.code.starts_with("edition_known")), "{lost:?}");
        }
        // Whoever was too late keeps their text, and sees how it differs from the newest.
        let chief = app.caller(Role::Administrator, "");
        let late = post(&app, &chief, PAGE, &[("seen", "0"), ("text", &with_one_more("2020-10-01T00:00:00+08:00", 8)), ("reason", "迟"), ("act", "load")]);
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        for part in ["第 20 版", "name=\"seen\" value=\"20\"", "days = 8", "value=\"迟\"", "<del>"] {
            assert!(late.body.contains(part), "{part}: {}", late.body);
        }
    }

    fn only_an_administrator_of_all_loads_and_what_was_loaded_is_never_changed(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let chief = app.caller(Role::Administrator, "");
        assert_eq!(put(&app, &chief, "/api/v1/rules/policies", "0", &with_one_more("2020-10-01T00:00:00+08:00", 9)).status, StatusCode::OK);
        for (role, scope) in [(Role::Coordinator, ""), (Role::Auditor, ""), (Role::Administrator, "32"), (Role::ProvincialGroup, "32")] {
            let other = app.caller(role, scope);
            assert_eq!(put(&app, &other, "/api/v1/rules/policies", "1", "x").status, StatusCode::FORBIDDEN, "{role} {scope}");
            assert_eq!(page(&app, &other, PAGE).status, StatusCode::FORBIDDEN, "{role} {scope}");
            assert_eq!(app.get(&other, "/api/v1/rules/policies").status, StatusCode::FORBIDDEN, "{role} {scope}");
            assert!(!page(&app, &other, "/admin/policies").body.contains("/admin/rules/"), "{role} {scope}");
        }
        assert!(page(&app, &chief, "/admin/policies").body.contains("href=\"/admin/rules/policies\""));
        assert!(page(&app, &chief, "/admin/organisations").body.contains("href=\"/admin/rules/routes\""));
        for sql in ["UPDATE rule_editions SET text = ''", "DELETE FROM rule_editions"] {
            assert_eq!(execute(&app.db.db, sql).unwrap_err().message().code, "ledger_is_append_only", "{sql}");
        }
        let english = app.send(chief.asks(TestRequest::get().uri(PAGE)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
        assert!(english.body.contains("Texts of the rules") && !english.body.contains("Unknown localization"), "{}", english.body);
    }
}
