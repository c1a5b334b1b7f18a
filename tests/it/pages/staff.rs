//! A member of the staff, added and corrected by a form without any script: what was typed stays, and nobody saves over what they have not seen.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::{Actor, Role};
use jiezhuan::fleet::{self, Staff};
use serde_json::json;

use super::work::{page, post};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, build, on_both_engines};

fn driver(app: &TestApp, badge: &str) -> Staff {
    let (keyring, facts) = (app.app.keyring().clone(), build::driver(badge));
    app.db.db.write(move |tx| fleet::staff_add(tx, &Actor::operator(), &keyring, facts.clone(), &"王小芳".parse().unwrap())).unwrap()
}

/// What the form sends of a driver of Jiangsu's work group, some of it changed.
fn form<'f>(version: &'f str, changed: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let whole = [
        ("version", version),
        ("badge", "D7"),
        ("name", "王小芳"),
        ("role", "driver"),
        ("licence", "A1"),
        ("organisation", "work-group-32"),
        ("depot", ""),
        ("in_service", "true"),
    ];
    let value = |(name, value)| (name, changed.iter().find(|(other, _)| *other == name).map_or(value, |(_, value)| *value));
    whole.into_iter().map(value).filter(|(name, value)| *name != "in_service" || !value.is_empty()).collect()
}

fn correct(app: &TestApp, caller: &Caller, member: &Staff, form: &[(&str, &str)]) -> Reply {
    post(app, caller, &format!("/admin/fleet/staff/{}/facts", member.id), form)
}

on_both_engines! {
    fn whoever_is_corrected_keeps_the_rest_and_a_driver_without_a_licence_is_told_beside_the_field(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let member = driver(&app, "D7");
        let list = page(&app, &dispatcher, "/admin/fleet");
        assert!(list.body.contains(&format!("href=\"/admin/fleet/staff/{}\"", member.id)), "{}", list.body);
        let shown = page(&app, &dispatcher, &format!("/admin/fleet/staff/{}", member.id));
        for part in ["value=\"D7\"", "value=\"王小芳\"", "<option value=\"A1\" selected>", "<option value=\"work-group-32\" selected>", "name=\"in_service\" value=\"true\" checked"] {
            assert!(shown.body.contains(part), "{part}: {}", shown.body);
        }
        let wrong = correct(&app, &dispatcher, &member, &form("1", &[("badge", "王"), ("licence", ""), ("name", "李梅梅")]));
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for part in ["工号应为 1 至 20 个字母", "href=\"#licence\"", "value=\"李梅梅\"", "value=\"王\""] {
            assert!(wrong.body.contains(part), "{part}: {}", wrong.body);
        }
        assert_eq!(wrong.body.matches("aria-invalid=\"true\"").count(), 2);
        let saved = correct(&app, &dispatcher, &member, &form("1", &[("role", "escort"), ("licence", ""), ("name", "李梅梅"), ("depot", "hub-huaqiao"), ("in_service", "")]));
        assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/admin/fleet"), "{}", saved.body);
        let now = app.get(&dispatcher, &format!("/api/v1/staff/{}", member.id));
        assert_eq!(now.header("etag"), "\"2\"");
        assert_eq!(now.json(), json!({"id": member.id.to_string(), "badge": "D7", "name": "李*梅", "role": "escort", "licence": null,
            "organisation": "work-group-32", "depot": "hub-huaqiao", "in_service": false, "version": 2}));
    }

    fn nobody_saves_over_a_change_that_they_have_not_seen(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let member = driver(&app, "D7");
        assert_eq!(correct(&app, &dispatcher, &member, &form("1", &[("licence", "B1"), ("in_service", "")])).status, StatusCode::SEE_OTHER);
        let late = correct(&app, &dispatcher, &member, &form("1", &[("name", "李梅梅")]));
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        for part in ["内容已被他人修改", "name=\"version\" value=\"2\"", "value=\"李梅梅\"", "现为 <b>B1</b>", "现为 <b>王小芳</b>", "现为 <b>已停用</b>"] {
            assert!(late.body.contains(part), "{part}: {}", late.body);
        }
        assert_eq!(correct(&app, &dispatcher, &member, &form("2", &[("name", "李梅梅"), ("licence", "B1")])).status, StatusCode::SEE_OTHER, "having seen it, they may");
        let put = |version: &str| {
            let body = json!({"badge": "D7", "role": "driver", "licence": "A1", "organisation": "work-group-32"});
            app.send(dispatcher.asks(TestRequest::put().uri(&format!("/api/v1/staff/{}", member.id))).insert_header(("If-Match", version)).set_json(body))
        };
        assert_eq!((put("\"2\"").problem().0, put("\"3\"").status), (412, StatusCode::OK));
    }

    fn a_badge_that_is_known_and_people_of_others_are_told_and_whoever_is_added_is_kept_as_typed(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let member = driver(&app, "D7");
        driver(&app, "D8");
        let taken = correct(&app, &dispatcher, &member, &form("1", &[("badge", "D8")]));
        assert!(taken.status == StatusCode::CONFLICT && taken.body.contains("此工号已经登记") && taken.body.contains("value=\"D8\""), "{}", taken.body);
        let add = |changed: &[(&str, &str)]| {
            let form: Vec<_> = form("", changed).into_iter().filter(|(name, _)| !["version", "in_service"].contains(name)).collect();
            post(&app, &dispatcher, "/admin/fleet/staff", &form)
        };
        let refused = add(&[("badge", "D9"), ("name", " "), ("licence", "Z9")]);
        assert_eq!((refused.status, refused.body.matches("aria-invalid=\"true\"").count()), (StatusCode::UNPROCESSABLE_ENTITY, 2), "{}", refused.body);
        assert!(refused.body.contains("value=\"D9\"") && refused.body.contains("action=\"/admin/fleet/staff\""), "{}", refused.body);
        assert_eq!(add(&[("badge", "D9")]).status, StatusCode::SEE_OTHER);
        assert!(page(&app, &dispatcher, "/admin/fleet").body.contains(">D9</a>"));
        let zhejiang = app.caller(Role::ProvincialGroup, "330000");
        for path in [format!("/admin/fleet/staff/{}", member.id), format!("/api/v1/staff/{}", member.id)] {
            assert_eq!(page(&app, &zhejiang, &path).status, StatusCode::NOT_FOUND, "nobody sees across");
        }
        assert_eq!(correct(&app, &zhejiang, &member, &form("1", &[])).status, StatusCode::NOT_FOUND);
        let jiangsu = app.caller(Role::ProvincialGroup, "320000");
        let english = app.send(jiangsu.asks(TestRequest::get().uri(&format!("/admin/fleet/staff/{}", member.id))).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
        assert!(english.body.contains("Correct staff") && !english.body.contains("value=\"work-group-33\" ") && !english.body.contains("Unknown localization"), "{}", english.body);
        let vehicle = build::vehicle(&app.db, build::coach("苏A00001"));
        let one = app.get(&jiangsu, &format!("/api/v1/vehicles/{}", vehicle.id));
        assert_eq!((one.header("etag"), one.json()["plate"].as_str()), ("\"1\"", Some("苏A00001")));
        assert_eq!(app.get(&zhejiang, &format!("/api/v1/vehicles/{}", vehicle.id)).status, StatusCode::NOT_FOUND);
    }
}
