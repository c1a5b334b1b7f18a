//! Trips by page, and the pages on which the installation is run.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::dispatch::{self, NewTrip};
use jiezhuan::fleet;
use jiezhuan::jobs::Worker;

use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, build, on_both_engines};

fn page(app: &TestApp, caller: &Caller, path: &str) -> Reply {
    app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/html")))
}

fn post(app: &TestApp, caller: &Caller, path: &str, form: &[(&str, &str)]) -> Reply {
    app.send(caller.asks(TestRequest::post().uri(path)).insert_header(("Accept", "text/html")).set_form(form))
}

const AFTERNOON: (&str, &str) = ("2020-09-15 13:00", "2020-09-15 16:00");

/// Trips to Suzhou's squad, each with a coach and a driver of its own.
fn trips(app: &TestApp, n: usize, (departs, arrives): (&str, &str)) -> Vec<String> {
    let mut ids = Vec::new();
    for k in 0..n {
        let vehicle = build::vehicle(&app.db, build::coach(&format!("苏A1000{k}")));
        let (keyring, facts) = (app.app.keyring().clone(), build::driver(&format!("D{k}")));
        let driver = app.db.db.write(move |tx| fleet::staff_add(tx, &Actor::operator(), &keyring, facts.clone(), &"甲某".parse().unwrap())).unwrap();
        let legs = build::to_suzhou(departs, arrives);
        let new = NewTrip { vehicle: vehicle.id, crew: vec![driver.id], legs, load_cap: None };
        let trip = app.db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap();
        ids.push(trip.id.to_string());
    }
    ids
}

on_both_engines! {
    fn a_party_is_seated_moved_and_taken_off_as_a_whole_and_a_refusal_says_why(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let parties = build::parties(&app.db, &[2, 3]);
        let trips = trips(&app, 2, AFTERNOON);
        let day = page(&app, &dispatcher, "/trips?on=2020-09-15&city=320500");
        assert!(day.body.contains("江苏苏州") && day.body.matches("name=\"party\"").count() == 2 && day.body.contains("苏A10000"), "{}", day.body);
        let (couple, family) = (parties[0][0].to_string(), parties[1][0].to_string());
        let seat = |party: &str| post(&app, &dispatcher, "/trips/seats", &[("on", "2020-09-15"), ("city", "320500"), ("trip", &trips[0]), ("party", party)]);
        assert_eq!(seat(&couple).status, StatusCode::SEE_OTHER);
        assert_eq!(seat(&family).status, StatusCode::SEE_OTHER);
        let twice = seat(&couple);
        assert!(twice.status == StatusCode::CONFLICT && twice.body.contains("已在车次"), "{}", twice.body);
        let moved = post(&app, &dispatcher, &format!("/trips/{}/shift", trips[0]), &[("party", &couple), ("to", &trips[1])]);
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
        assert!(page(&app, &dispatcher, &format!("/trips/{}", trips[0])).body.contains("<b>3</b> / 24"));
        assert!(page(&app, &dispatcher, &format!("/trips/{}", trips[1])).body.contains("<b>2</b> / 24"));
        assert_eq!(post(&app, &dispatcher, &format!("/trips/{}/unseat", trips[1]), &[("party", &couple)]).status, StatusCode::SEE_OTHER);
        assert_eq!(seat("not an id").status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    fn a_trip_is_led_by_its_buttons_and_a_step_that_cannot_be_is_refused_in_words(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let trip = &trips(&app, 1, AFTERNOON)[0];
        let step = |step: &str| post(&app, &dispatcher, &format!("/trips/{trip}/step"), &[("step", step), ("because", "")]);
        assert_eq!(step("announce").status, StatusCode::SEE_OTHER);
        let refused = step("depart");
        assert!(refused.status == StatusCode::CONFLICT && refused.body.contains("不能发车"), "{}", refused.body);
        assert_eq!(step("cancel").status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is wanted");
        let free = page(&app, &dispatcher, "/trips/new?from=desk-pvg&to=hub-huaqiao&departs_at=2020-09-15T14:00&arrives_at=2020-09-15T16:00");
        assert!(free.status == StatusCode::OK && !free.body.contains("苏A10000"), "a vehicle that is out is not offered");
        let backwards = page(&app, &dispatcher, "/trips/new?from=desk-pvg&to=hub-huaqiao&departs_at=2020-09-15T16:00&arrives_at=2020-09-15T14:00");
        assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    fn a_coach_that_left_before_midnight_is_awaited_after_it_and_late_when_it_does_not_come(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let (dispatcher, squad) = (app.caller(Role::Dispatcher, ""), app.caller_of(Role::CitySquad, "320500", Some("squad-320500")));
        let trip = &trips(&app, 1, ("2020-09-15 23:00", "2020-09-16 02:00"))[0];
        app.db.at("2020-09-15 23:00");
        for step in ["announce", "board", "depart"] {
            assert_eq!(post(&app, &dispatcher, &format!("/trips/{trip}/step"), &[("step", step)]).status, StatusCode::SEE_OTHER, "{step}");
        }
        app.db.at("2020-09-16 00:30");
        let awaited = page(&app, &squad, "/receive").body;
        assert!(awaited.contains("苏A10000") && awaited.contains("02:00"), "{awaited}");
        assert!(!page(&app, &dispatcher, "/").body.contains("晚点车次"));
        app.db.at("2020-09-16 02:30");
        assert!(page(&app, &dispatcher, "/").body.contains("晚点车次"), "late, although it is yesterday's");
    }

    fn an_administrator_adds_a_user_whose_password_is_shown_once_and_shuts_them_out(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let admin = app.caller(Role::Administrator, "");
        let form = [("name", "suzhou"), ("role", "city_squad"), ("scope", "320500"), ("organisation", "squad-320500")];
        let added = post(&app, &admin, "/admin/users", &form);
        let password = added.body.split("<code class=\"num\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a password").to_owned();
        assert!(!page(&app, &admin, "/admin/users").body.contains(&password));
        let enter = || {
            let request = TestRequest::post().uri("/sign-in").insert_header(("Sec-Fetch-Site", "same-origin"));
            app.send(request.insert_header(("Accept", "text/html")).set_form([("name", "suzhou"), ("password", &password), ("next", "/")]))
        };
        assert_eq!(enter().header("location"), "/receive", "everybody begins where their work is");
        let refused = post(&app, &admin, "/admin/users", &[("name", "x"), ("role", "city_squad")]);
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("value=\"x\""));
        assert_eq!(post(&app, &admin, "/admin/users/suzhou/disable", &[]).status, StatusCode::SEE_OTHER);
        assert_eq!(enter().status, StatusCode::UNAUTHORIZED);
        assert!(page(&app, &admin, "/admin/audit").body.contains("管理用户"));
    }

    fn a_supposed_landing_shows_what_each_policy_would_come_to(db: TestDb) {
        let app = TestApp::new(db);
        let auditor = app.caller(Role::Auditor, "");
        let shown = page(&app, &auditor, "/admin/policies?landed_at=2020-12-14T10:00&to=320500");
        for part in ["3+11（第 1 版）", "12月17日 周四", "12月28日 周一", "7+7（第 1 版）", "嘉定区驻机场工作组"] {
            assert!(shown.body.contains(part), "{part}: {}", shown.body);
        }
        let ambiguous = page(&app, &auditor, "/admin/policies?landed_at=2020-12-14T10:00&to=suzhou");
        assert!(ambiguous.body.contains("安徽宿州") && ambiguous.body.contains("class=\"fault\""));
        assert_eq!(page(&app, &auditor, "/admin/users").status, StatusCode::FORBIDDEN);
    }
    fn the_board_and_the_balance_say_what_is_missing_and_stop_saying_it(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let chief = app.caller(Role::Coordinator, "");
        app.db.at("2020-09-14 12:00");
        build::parties(&app.db, &[20, 20]);
        let short = page(&app, &chief, "/balance");
        assert!(short.body.contains("江苏：缺座位 40 个，缺驾驶员 0 人") && short.body.contains("江苏苏州"), "{}", short.body);
        assert!(page(&app, &chief, "/").body.contains("明日运力不足：江苏"));
        for n in 0..2 {
            build::vehicle(&app.db, build::coach(&format!("苏A2000{n}")));
        }
        let no_driver = page(&app, &chief, "/balance");
        assert!(no_driver.body.contains("江苏：缺座位 0 个，缺驾驶员 2 人"), "{}", no_driver.body);
        for n in 0..2 {
            build::staff(&app.db, build::driver(&format!("E{n}")));
        }
        let enough = page(&app, &chief, "/balance");
        assert!(enough.body.contains("座位和驾驶员都够"), "{}", enough.body);
        assert!(!page(&app, &chief, "/").body.contains("明日运力不足"));
    }

    fn the_health_of_the_system_is_told_to_who_runs_it(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__MAIL__HOST", "127.0.0.1"), ("JIEZHUAN__MAIL__PORT", "1"), ("JIEZHUAN__MAIL__TLS", "none")]);
        app.register();
        let admin = app.caller(Role::Administrator, "");
        let alone = page(&app, &admin, "/admin/health");
        assert!(alone.body.contains("在岗节点 0 个") && alone.body.contains("127.0.0.1:1 连接不上") && alone.body.contains("待执行的迁移 0 个"), "{}", alone.body);
        let work = &app.app;
        let mut worker = Worker::new(work.db().clone(), work.keyring().clone(), work.in_force().clone(), work.settings().clone()).unwrap();
        worker.round().unwrap();
        assert!(page(&app, &admin, "/admin/health").body.contains("在岗节点 1 个"));
        app.db.at("2020-09-15 12:10");
        assert!(page(&app, &admin, "/admin/health").body.contains("在岗节点 0 个"), "it has been silent for too long");
        let half = app.caller(Role::Coordinator, "320000");
        assert_eq!(page(&app, &half, "/admin/health").status, StatusCode::FORBIDDEN);
    }

    fn a_staff_member_is_taken_out_of_service_and_back_and_a_stale_page_is_told_so(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let (keyring, facts) = (app.app.keyring().clone(), build::driver("D7"));
        let member = app.db.db.write(move |tx| fleet::staff_add(tx, &Actor::operator(), &keyring, facts.clone(), &"甲某".parse().unwrap())).unwrap();
        let path = format!("/admin/fleet/staff/{}", member.id);
        let change = |version: &str, in_service: &str| post(&app, &dispatcher, &path, &[("version", version), ("in_service", in_service)]);
        let version = member.version.to_string();
        assert_eq!(change(&version, "false").status, StatusCode::SEE_OTHER);
        assert!(page(&app, &dispatcher, "/admin/fleet").body.contains("name=\"in_service\" value=\"true\""));
        assert_eq!(change(&version, "true").status, StatusCode::PRECONDITION_FAILED, "somebody else changed it meanwhile");
        assert_eq!(change(&(member.version + 1).to_string(), "true").status, StatusCode::SEE_OTHER);
        let other = app.caller(Role::ProvincialGroup, "330000");
        assert_eq!(post(&app, &other, &path, &[("version", "3"), ("in_service", "false")]).status, StatusCode::NOT_FOUND);
    }
}
