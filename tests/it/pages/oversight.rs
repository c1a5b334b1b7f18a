//! The pages of those who oversee the chain: what the board leads to, the handoffs of everybody page by page, and the health of the system for
//! whoever reads what was done.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::json;

use super::work::page;
use crate::api::{landed, travellers};
use crate::support::app::{Caller, TestApp};
use crate::support::people::{DESK, by, land, register_organisations};
use crate::support::{TestDb, on_both_engines};

/// Where the links of a page lead.
fn links(body: &str) -> Vec<&str> {
    body.split("<a ").skip(1).filter_map(|link| link.split("href=\"").nth(1)?.split('"').next()).collect()
}

/// Offers each of `n` people to Jiangsu's work group by itself; the first are due first.
fn offers(app: &TestApp, n: usize) -> Vec<String> {
    register_organisations(&app.db.db);
    let people = land(&app.db.db, &vec![1; n]);
    let offer = |(k, &one): (usize, _)| {
        let due = crate::support::at("2020-09-15 12:01") + chrono::TimeDelta::minutes(i64::try_from(k).unwrap());
        crate::handoffs::try_offer(&app.db.db, &by(DESK), "work-group-32", &[one], Some(due)).unwrap().id.to_string()
    };
    people.iter().enumerate().map(offer).collect()
}

fn english(app: &TestApp, caller: &Caller, path: &str) -> String {
    app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"))).body
}

on_both_engines! {
    fn every_link_of_the_board_leads_to_a_page_that_its_reader_may_open(db: TestDb) {
        let (app, desk) = landed(db);
        let giver = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let couple: Vec<_> = travellers(&app, &desk, "").into_iter().filter(|one| one["destination"] == "320500").map(|one| one["id"].clone()).collect();
        let offer = json!({"to_organisation": "work-group-32", "travellers": couple, "answer_by": "2020-09-15 12:20"});
        assert_eq!(app.post(&giver, "/api/v1/handoffs", &offer).status, StatusCode::CREATED);
        for role in [Role::AirportDesk, Role::Dispatcher, Role::ProvincialGroup, Role::Coordinator, Role::Auditor, Role::Administrator] {
            let scope = if role == Role::ProvincialGroup { "320000" } else { "" };
            let reader = if role == Role::AirportDesk { desk.clone() } else { app.caller(role, scope) };
            let board = page(&app, &reader, "/").body;
            assert!(board.contains("/receive?state=lapsing"), "{role}: {board}");
            for link in links(&board).into_iter().filter(|link| link.starts_with('/')) {
                let shown = page(&app, &reader, &link.replace("&#38;", "&")).status;
                assert!(shown == StatusCode::OK || link == "/admin" && shown == StatusCode::SEE_OTHER, "{role} {link}: {shown}");
            }
            let leads_to = |path: &str| links(&board).contains(&path);
            assert!(leads_to("/balance"), "{role}");
            assert_eq!(leads_to("/statements"), !matches!(role, Role::Dispatcher | Role::Auditor), "{role}");
            assert_eq!(leads_to("/admin/health"), matches!(role, Role::Coordinator | Role::Auditor | Role::Administrator), "{role}");
        }
        app.db.at("2020-09-15 12:30");
        let late = page(&app, &app.caller(Role::Coordinator, "310000"), "/").body;
        assert!(late.contains("/receive?state=overdue") && late.contains("交接超时未答复 1 起"), "{late}");
    }

    fn an_auditor_looks_at_the_health_of_the_system_and_whoever_sees_a_part_of_it_does_not(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let auditor = app.caller(Role::Auditor, "");
        let shown = page(&app, &auditor, "/admin/health");
        assert!(shown.status == StatusCode::OK && shown.body.contains("待执行的迁移 0 个") && shown.body.contains("href=\"/admin/audit\""), "{}", shown.body);
        assert!(!shown.body.contains("method=\"post\" action=\"/admin"), "nothing can be done there");
        for (role, scope) in [(Role::Auditor, "320000"), (Role::Dispatcher, ""), (Role::AirportDesk, "")] {
            assert_eq!(page(&app, &app.caller(role, scope), "/admin/health").status, StatusCode::FORBIDDEN, "{role}");
        }
        assert_eq!(app.send(TestRequest::get().uri("/admin/health").insert_header(("Accept", "text/html"))).status, StatusCode::SEE_OTHER);
    }

    fn the_handoffs_of_everybody_are_looked_through_page_by_page_and_narrowed(db: TestDb) {
        let app = TestApp::new(db);
        let ids = offers(&app, 53);
        app.db.at("2020-09-15 12:10");
        let chief = app.caller(Role::Coordinator, "");
        let listed = |body: &str| -> Vec<String> { links(body).into_iter().filter_map(|link| link.strip_prefix("/receive/").filter(|id| *id != "owed").map(str::to_owned)).collect() };
        let first = page(&app, &chief, "/receive");
        assert_eq!(listed(&first.body), ids[..50], "by deadline, the overdue ones first");
        for part in ["已超时，须裁定： <b class=\"num\">10</b>", "待答复 <span class=\"num\">53</span>", "data-key=\"k\"", "work-group-33"] {
            assert!(first.body.contains(part), "{part}: {}", first.body);
        }
        let next = |body: &str| links(body).into_iter().find(|link| link.contains("after=")).map(|link| link.replace("&#38;", "&"));
        let second = page(&app, &chief, &next(&first.body).unwrap());
        assert_eq!(listed(&second.body), ids[50..]);
        assert!(second.body.contains("data-key=\"j\"") && next(&second.body).is_none(), "{}", second.body);
        assert_eq!(listed(&page(&app, &chief, "/receive?state=overdue").body), ids[..10]);
        assert_eq!(listed(&page(&app, &chief, "/receive?state=lapsing&of=work-group-32").body), ids[10..40]);
        assert!(page(&app, &chief, "/receive?of=work-group-33").body.contains("此条件下没有交接"));
        assert!(page(&app, &chief, "/receive?state=ended").body.contains("此条件下没有交接"));
        let told = english(&app, &chief, "/receive?state=overdue");
        assert!(told.contains("Due within half an hour") && !told.contains("Unknown localization"), "{told}");
        for wrong in ["/receive?state=all", "/receive?after=1", "/receive?of=%20"] {
            assert_eq!(page(&app, &chief, wrong).status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
        assert!(!page(&app, &app.caller(Role::Auditor, ""), "/receive").body.contains("/statements"), "who signs for nobody is led to no statement");
        let zhejiang = app.caller(Role::ProvincialGroup, "330000");
        assert_eq!(listed(&page(&app, &zhejiang, "/receive?state=waiting").body), Vec::<String>::new());
        assert_eq!(page(&app, &zhejiang, "/receive?state=waiting&of=work-group-32").status, StatusCode::NOT_FOUND);
        let group = app.caller_of(Role::ProvincialGroup, "320000", Some("work-group-32"));
        let own = page(&app, &group, "/receive?state=waiting").body;
        assert!(listed(&own).len() == 50 && own.matches("<span class=\"lead\">人 </span>—").count() == 50, "the giver's number stays hidden from who has yet to count: {own}");
    }
}
