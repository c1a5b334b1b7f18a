//! Trips by page, and the pages on which the installation is run.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::dispatch::{self, NewTrip};
use jiezhuan::fleet;

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
}
