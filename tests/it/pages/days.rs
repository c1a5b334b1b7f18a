//! Closing a day: by page and by API, what may be closed, and the bulletin, which is the same bytes for ever.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::work::{page, post};
use crate::api::landed;
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn file(app: &TestApp, caller: &Caller, path: &str) -> Reply {
    let reply = app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept-Language", "zh")));
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
    reply
}

fn digest(reply: &Reply) -> [u8; 32] {
    Sha256::digest(reply.body.as_bytes()).into()
}

on_both_engines! {
    fn a_coordinator_closes_a_day_once_and_what_is_published_stays(db: TestDb) {
        let (app, _) = landed(db);
        let chief = app.caller(Role::Coordinator, "all");
        let open = page(&app, &chief, "/days/2020-09-15");
        assert!(open.body.contains("未封账（暂定）") && !open.body.contains("/seal"), "a day that runs cannot be closed: {}", open.body);
        app.db.at("2020-09-16 08:00");
        let path = "/days/2020-09-15/seal";
        let unread = post(&app, &chief, path, &[]);
        assert!(unread.status == StatusCode::UNPROCESSABLE_ENTITY && unread.body.contains("我已核对"), "{}", unread.body);
        assert_eq!(post(&app, &chief, path, &[("looked_over", "1")]).status, StatusCode::SEE_OTHER);
        let again = post(&app, &chief, path, &[("looked_over", "1")]);
        assert!(again.status == StatusCode::CONFLICT && again.body.contains("封账"), "{}", again.body);
        let sealed = page(&app, &chief, "/days/2020-09-15");
        assert!(sealed.body.contains("已公布的日报") && !sealed.body.contains("name=\"looked_over\""), "{}", sealed.body);
        assert!(page(&app, &chief, "/days").body.contains("coordinator-all"));
        let totals = app.get(&chief, "/api/v1/totals?on=2020-09-15").json();
        assert_eq!((totals["sealed"].as_bool(), totals["as_of"].as_str()), (Some(true), Some("2020-09-16T08:00:00+08:00")), "{totals}");
    }

    fn a_bulletin_of_a_sealed_day_is_the_same_bytes_whenever_it_is_asked_for(db: TestDb) {
        let (app, desk) = landed(db);
        let chief = app.caller(Role::Coordinator, "all");
        app.db.at("2020-09-16 00:10");
        let made = app.post(&chief, "/api/v1/bulletins", &json!({"on": "2020-09-15"}));
        assert_eq!((made.status, made.header("location")), (StatusCode::CREATED, "/api/v1/bulletins/2020-09-15"), "{}", made.body);
        let paths = ["/days/2020-09-15/bulletin.xlsx", "/days/2020-09-15/bulletin.html"];
        let before = paths.map(|path| digest(&file(&app, &chief, path)));
        let html = file(&app, &chief, paths[1]).body;
        assert!(html.contains("入境人员接转日报 2020年9月15日") && html.contains("江苏苏州") && html.contains(made.json()["digest"].as_str().unwrap()), "{html}");
        // A flight of that day that nobody had told of.
        app.db.at("2020-09-20 09:00");
        let late = "航班号,口岸,落地时间,姓名,国籍,证件号码,目的地\nMU999,PVG,2020-09-15 21:00,王晚,CHN,E99990001,320500\n";
        let request = desk.asks(TestRequest::post().uri("/api/v1/rosters")).insert_header(("Idempotency-Key", "late"));
        let imported = app.send(request.insert_header(("Content-Type", "application/octet-stream")).set_payload(late));
        assert!(imported.status.is_success(), "{}", imported.body);
        assert_eq!(paths.map(|path| digest(&file(&app, &chief, path))), before);
        let shown = app.get(&chief, "/api/v1/bulletins/2020-09-15").json();
        let since = &shown["since"];
        assert_eq!((&since["gross"]["at_port"], &since["net"]["flows"]["landed"], since["lines"].as_array().unwrap().len()), (&json!(1), &json!(1), 1), "{since}");
        assert_eq!(since["lines"][0]["cause"], "landed");
        let listed = app.get(&chief, "/api/v1/corrections").json();
        assert_eq!(listed["items"], since["lines"]);
        let day = page(&app, &chief, "/days/2020-09-15");
        assert!(day.body.contains("入境 1 人") && day.body.contains("1 条更正"), "{}", day.body);
        // The next bulletin tells of it.
        app.db.at("2020-09-21 00:10");
        assert_eq!(app.post(&chief, "/api/v1/bulletins", &json!({"on": "2020-09-20"})).status, StatusCode::CREATED);
        assert!(file(&app, &chief, "/days/2020-09-20/bulletin.html").body.contains("2020-09-20 09:00"));
        let book = app.send(chief.asks(TestRequest::get().uri("/api/v1/bulletins/2020-09-15")).insert_header(("Accept", XLSX)));
        assert_eq!((book.header("content-type"), digest(&book)), (XLSX, digest(&app.send(chief.asks(TestRequest::get().uri("/api/v1/bulletins/2020-09-15")).insert_header(("Accept", XLSX))))));
        assert_eq!(app.get(&chief, "/days/2020-09-15/bulletin.docx").status, StatusCode::NOT_FOUND);
    }

    fn a_part_of_the_chain_sees_its_part_of_a_bulletin_and_closes_nothing(db: TestDb) {
        let (app, _) = landed(db);
        let chief = app.caller(Role::Coordinator, "all");
        app.db.at("2020-09-16 00:10");
        assert_eq!(app.post(&chief, "/api/v1/bulletins", &json!({"on": "2020-09-15"})).status, StatusCode::CREATED);
        let whole = app.get(&chief, "/api/v1/bulletins/2020-09-15").json()["total"]["closing"]["at_port"].as_i64().unwrap();
        let half = app.caller(Role::Coordinator, "320000");
        let part = app.get(&half, "/api/v1/bulletins/2020-09-15").json();
        assert!(part["total"]["closing"]["at_port"].as_i64().unwrap() < whole && part["rows"].as_array().unwrap().iter().all(|row| row["province"] == "320000"));
        assert!(file(&app, &half, "/days/2020-09-15/bulletin.html").body.contains("仅含管辖范围内的人员"));
        assert_eq!(app.post(&half, "/api/v1/bulletins", &json!({"on": "2020-09-14"})).problem().0, 403);
        let guest = app.caller(Role::Auditor, "all");
        assert_eq!(app.post(&guest, "/api/v1/bulletins", &json!({"on": "2020-09-14"})).problem().0, 403);
        assert_eq!(app.post(&chief, "/api/v1/bulletins", &json!({"on": "2020-09-16"})).problem(), (409, "day_not_over".into()));
        assert_eq!(app.post(&chief, "/api/v1/bulletins", &json!({"on": "2020-09-15"})).problem(), (409, "day_sealed".into()));
    }
}
