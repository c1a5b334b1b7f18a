//! A vehicle, added and corrected by a form without any script: what was typed stays, and nobody saves over what they have not seen.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use jiezhuan::fleet::Vehicle;
use serde_json::json;

use super::work::{page, post};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, build, on_both_engines};

/// What the form sends of a coach of Jiangsu's work group, some of it changed.
fn form<'f>(version: &'f str, changed: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let whole = [
        ("version", version),
        ("plate", "苏A00001"),
        ("kind", "coach"),
        ("seats", "49"),
        ("load_cap", "24"),
        ("contact_cap", "12"),
        ("wheelchairs", "0"),
        ("infants", "0"),
        ("luggage", "48"),
        ("organisation", "work-group-32"),
        ("depot", ""),
        ("permit_no", ""),
        ("permit_until", ""),
        ("in_service", "true"),
    ];
    let value = |(name, value)| (name, changed.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| *value));
    whole.into_iter().map(value).filter(|(name, value)| *name != "in_service" || !value.is_empty()).collect()
}

fn correct(app: &TestApp, caller: &Caller, vehicle: &Vehicle, form: &[(&str, &str)]) -> Reply {
    post(app, caller, &format!("/admin/fleet/vehicles/{}/facts", vehicle.id), form)
}

/// What the form to add one sends: no version, and whoever is new is in service.
fn add(app: &TestApp, caller: &Caller, changed: &[(&str, &str)]) -> Reply {
    let form: Vec<_> = form("", changed).into_iter().filter(|(name, _)| !["version", "in_service"].contains(name)).collect();
    post(app, caller, "/admin/fleet/vehicles", &form)
}

on_both_engines! {
    fn a_vehicle_is_corrected_as_a_whole_and_each_fault_stands_beside_its_field(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let vehicle = build::vehicle(&app.db, build::coach("苏A00001"));
        let path = format!("/admin/fleet/vehicles/{}", vehicle.id);
        assert!(page(&app, &dispatcher, "/admin/fleet").body.contains(&format!("href=\"{path}\"")), "the list leads to it");
        let shown = page(&app, &dispatcher, &path);
        for part in [
            "value=\"苏A00001\"", "<option value=\"coach\" selected>", "name=\"seats\" value=\"49\"", "name=\"load_cap\" value=\"24\"", "name=\"contact_cap\" value=\"12\"",
            "name=\"luggage\" value=\"48\"", "<option value=\"work-group-32\" selected>", "第 1 至 40 座", "name=\"in_service\" value=\"true\" checked",
        ] {
            assert!(shown.body.contains(part), "{part}: {}", shown.body);
        }
        let unread = [("plate", "苏A0"), ("seats", ""), ("load_cap", "many"), ("permit_no", "苏包 7"), ("depot", "nowhere")];
        let wrong = correct(&app, &dispatcher, &vehicle, &form("1", &unread));
        assert_eq!((wrong.status, wrong.body.matches("aria-invalid=\"true\"").count()), (StatusCode::UNPROCESSABLE_ENTITY, 5), "{}", wrong.body);
        for part in ["href=\"#permit_until\"", "标志牌的号码和有效期须同时填写", "value=\"苏包 7\"", "value=\"many\"", "请填整数", "value=\"苏A0\" required autocomplete=\"off\" autofocus"] {
            assert!(wrong.body.contains(part), "{part}: {}", wrong.body);
        }
        assert_eq!(wrong.body.matches(" autofocus").count(), 1, "the cursor stands at one field");
        let beyond = [("load_cap", "41"), ("wheelchairs", "50"), ("infants", "-1"), ("luggage", "501")];
        let beyond = correct(&app, &dispatcher, &vehicle, &form("1", &beyond));
        assert_eq!((beyond.status, beyond.body.matches("aria-invalid=\"true\"").count()), (StatusCode::UNPROCESSABLE_ENTITY, 4), "{}", beyond.body);
        assert!(beyond.body.contains("载客上限应为 1 至 40"), "{}", beyond.body);
        let changed = [
            ("plate", "苏 a·00002"), ("kind", "minibus"), ("seats", "19"), ("load_cap", "8"), ("contact_cap", "3"), ("wheelchairs", "1"), ("infants", "2"), ("luggage", ""),
            ("organisation", "work-group-33"), ("depot", "hub-huaqiao"), ("permit_no", "苏包 7"), ("permit_until", "2020-12-31"), ("in_service", ""),
        ];
        let saved = correct(&app, &dispatcher, &vehicle, &form("1", &changed));
        assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/admin/fleet"), "{}", saved.body);
        let now = app.get(&dispatcher, &format!("/api/v1/vehicles/{}", vehicle.id));
        assert_eq!(now.json(), json!({"id": vehicle.id.to_string(), "plate": "苏A00002", "kind": "minibus", "seats": 19, "load_cap": 8, "contact_cap": 3, "wheelchairs": 1,
            "infants": 2, "luggage": 16, "organisation": "work-group-33", "depot": "hub-huaqiao", "permit": "苏包 7", "permit_expires_on": "2020-12-31", "in_service": false,
            "version": 2}));
    }

    fn nobody_saves_a_vehicle_over_a_change_that_they_have_not_seen(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let vehicle = build::vehicle(&app.db, build::coach("苏A00001"));
        let first = [("seats", "45"), ("depot", "hub-huaqiao"), ("permit_no", "苏包 7"), ("permit_until", "2020-12-31"), ("in_service", "")];
        assert_eq!(correct(&app, &dispatcher, &vehicle, &form("1", &first)).status, StatusCode::SEE_OTHER);
        let late = correct(&app, &dispatcher, &vehicle, &form("1", &[("wheelchairs", "2")]));
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        for part in [
            "内容已被他人修改", "name=\"version\" value=\"2\"", "name=\"wheelchairs\" value=\"2\"", "现为 <b>0</b>", "现为 <b>45</b>", "现为 <b>2020-12-31</b>", "花桥", "现为 <b>已停用</b>",
        ] {
            assert!(late.body.contains(part), "{part}: {}", late.body);
        }
        assert_eq!(late.body.matches("现为 <b>").count(), 6, "only what is another now");
        assert_eq!(correct(&app, &dispatcher, &vehicle, &form("2", &[("wheelchairs", "2")])).status, StatusCode::SEE_OTHER, "having seen it, they may");
        let now = app.get(&dispatcher, &format!("/api/v1/vehicles/{}", vehicle.id)).json();
        assert_eq!((&now["version"], &now["seats"], &now["permit"]), (&json!(3), &json!(49), &json!(null)));
    }

    fn a_vehicle_is_added_with_what_the_rules_make_of_the_rest_and_a_plate_is_known_once(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        assert!(page(&app, &dispatcher, "/admin/fleet").body.contains("href=\"/admin/fleet/vehicles/new\""));
        let blank = page(&app, &dispatcher, "/admin/fleet/vehicles/new");
        assert!(blank.status == StatusCode::OK && blank.body.contains("data-draft=\"vehicle\"") && !blank.body.contains("name=\"version\""), "{}", blank.body);
        let left_out = [("load_cap", ""), ("contact_cap", ""), ("wheelchairs", ""), ("infants", ""), ("luggage", "")];
        let added = add(&app, &dispatcher, &left_out);
        assert_eq!((added.status, added.header("location")), (StatusCode::SEE_OTHER, "/admin/fleet?added=vehicle"), "{}", added.body);
        assert!(page(&app, &dispatcher, "/admin/fleet?added=vehicle").body.contains("data-draft-done=\"vehicle\">已添加"));
        let known = &app.get(&dispatcher, "/api/v1/vehicles").json()["items"][0].clone();
        assert_eq!(["load_cap", "contact_cap", "wheelchairs", "infants", "luggage"].map(|fact| known[fact].as_i64()), [24, 12, 0, 0, 48].map(Some));
        let twice = add(&app, &dispatcher, &[("seats", "39"), ("kind", "minibus")]);
        assert!(twice.status == StatusCode::CONFLICT && twice.body.contains("href=\"#plate\"") && twice.body.contains("此车牌已经登记"), "{}", twice.body);
        assert!(twice.body.contains("value=\"39\"") && twice.body.contains("<option value=\"minibus\" selected>") && twice.body.contains("action=\"/admin/fleet/vehicles\""));
        assert_eq!(page(&app, &dispatcher, "/admin/fleet").body.matches(">苏A00001</a>").count(), 1);
        let blank = page(&app, &dispatcher, "/admin/fleet/staff/new");
        assert!(blank.status == StatusCode::OK && blank.body.contains("action=\"/admin/fleet/staff\"") && blank.body.contains("data-draft=\"staff\""), "{}", blank.body);
    }

    fn vehicles_of_others_and_those_who_may_not_change_any_are_kept_apart(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let vehicle = build::vehicle(&app.db, build::coach("苏A00001"));
        let path = format!("/admin/fleet/vehicles/{}", vehicle.id);
        let (zhejiang, desk) = (app.caller(Role::ProvincialGroup, "330000"), app.caller(Role::AirportDesk, ""));
        assert_eq!(page(&app, &zhejiang, &path).status, StatusCode::NOT_FOUND, "nobody sees across");
        assert_eq!(correct(&app, &zhejiang, &vehicle, &form("1", &[])).status, StatusCode::NOT_FOUND);
        assert_eq!(add(&app, &zhejiang, &[("plate", "苏A00009")]).status, StatusCode::NOT_FOUND);
        for status in [page(&app, &desk, &path).status, page(&app, &desk, "/admin/fleet/vehicles/new").status, correct(&app, &desk, &vehicle, &form("1", &[])).status] {
            assert_eq!(status, StatusCode::FORBIDDEN);
        }
        let list = page(&app, &desk, "/admin/fleet").body;
        assert!(list.contains("苏A00001") && !list.contains("/admin/fleet/vehicles/new") && !list.contains(&path), "{list}");
        let jiangsu = app.caller(Role::ProvincialGroup, "320000");
        let english = app.send(jiangsu.asks(TestRequest::get().uri(&path)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"))).body;
        assert!(english.contains("Correct vehicle") && english.contains("Seats 1 to 40 are given") && !english.contains("Unknown localization"), "{english}");
    }
}
