//! The page of kept roots: which day is under which root, who keeps it and who does not, and that a changed past is told at once.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use chrono::{Days, TimeDelta};
use jiezhuan::access::Role;
use jiezhuan::db::Url;
use jiezhuan::ledger;
use serde_json::json;

use super::work::page;
use crate::ledger::{round, two_days};
use crate::support::app::{Caller, TestApp};
use crate::support::people::{execute, land};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";

/// Keeps a day's chain value, or the newest's, for somebody's organisation; tells its root and its chain value.
fn keep(app: &TestApp, who: &Caller, day: &str) -> (String, String) {
    let root = app.get(who, &format!("/api/v1/ledger/roots{day}")).json();
    assert_eq!(app.post(who, "/api/v1/ledger/receipts", &json!({"on": root["on"], "chain": root["chain"]})).status, StatusCode::CREATED);
    (root["root"].as_str().unwrap().to_owned(), root["chain"].as_str().unwrap().to_owned())
}

/// The row of a day.
fn row<'b>(body: &'b str, day: &str) -> &'b str {
    let (_, row) = body.split_once(&format!("href=\"/days/{day}\"")).unwrap_or_else(|| panic!("no {day}: {body}"));
    row.split("</tr>").next().unwrap()
}

on_both_engines! {
    fn each_sealed_day_is_listed_with_who_keeps_its_root_and_who_does_not(db: TestDb) {
        two_days(&db);
        let app = TestApp::new(db);
        let auditor = app.caller(Role::Auditor, "");
        let nobody = page(&app, &auditor, "/days/roots").body;
        for part in ["已有 0 家单位留存", "无人留存", "还没有单位留存过日根", "从未留存的单位", "jiezhuan ledger --on 2020-09-13 --out day.jsonl", "docs/ledger.md"] {
            assert!(nobody.contains(part), "{part}: {nobody}");
        }
        let (group, site) = (app.caller_of(Role::ProvincialGroup, "32", Some("work-group-32")), app.caller_of(Role::Site, "310114", Some(SITE)));
        app.db.at("2020-09-14 08:30");
        let ((newest, chain), (first, _)) = (keep(&app, &group, ""), keep(&app, &site, "?on=2020-09-12"));
        let body = page(&app, &auditor, "/days/roots").body;
        assert!(body.contains("已有 1 家单位留存，另有 1 家只留存了更早的日根") && !body.contains("role=\"alert\""), "{body}");
        let (late, early) = (row(&body, "2020-09-13"), row(&body, "2020-09-12"));
        assert!(body.find(late) < body.find(early), "the newest day first");
        let name = |code: &str| app.app.rulebook().organisations.get(code).unwrap().name_zh.clone();
        for part in [&newest, &chain, &name("work-group-32"), "08:30", group.name.as_str()] {
            assert!(late.contains(part), "{part}: {late}");
        }
        let cells = |row: &str| row.split("<td>").map(str::to_owned).collect::<Vec<_>>();
        let (late, early) = (cells(late), cells(early));
        assert!(late[2].contains(&name(SITE)) && !late[1].contains(&name(SITE)), "who keeps only the day before does not keep this one: {late:?}");
        assert!(early[3].contains(&first) && early[1].contains(&name(SITE)) && !early[2].contains(&name("work-group-32")), "{early:?}");
        assert!(early[1].contains(&format!("以更晚的日根一并证明 <span class=\"num\">1</span></summary>{}", name("work-group-32"))), "{early:?}");
        let never = body.split("id=\"never\"").nth(1).unwrap();
        assert!(never.contains(&name("work-group-33")) && !never.contains(&format!("<li>{}</li>", name(SITE))), "{never}");
        let english = app.send(auditor.asks(TestRequest::get().uri("/days/roots")).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"))).body;
        assert!(english.contains("organisations that keep it: 1; that keep only an older one: 1") && !english.contains("Unknown localization"), "{english}");
    }

    fn a_past_that_was_changed_is_told_with_who_can_show_it(db: TestDb) {
        two_days(&db);
        let app = TestApp::new(db);
        let group = app.caller_of(Role::ProvincialGroup, "32", Some("work-group-32"));
        keep(&app, &group, "");
        let loosen = if matches!(app.db.db.url(), Url::Sqlite(_)) { "DROP TRIGGER ledger_roots_no_delete" } else { "DROP TRIGGER ledger_roots_no_change ON ledger_roots" };
        execute(&app.db.db, loosen).unwrap();
        execute(&app.db.db, "DELETE FROM ledger_roots").unwrap();
        let chief = app.caller(Role::Coordinator, "");
        let gone = page(&app, &chief, "/days/roots").body;
        assert!(gone.contains("role=\"alert\"") && gone.contains("尚无封存的日根"), "a root that is gone is told as well: {gone}");
        app.db.at("2020-09-12 12:00");
        land(&app.db.db, &[1]);
        app.db.at("2020-09-14 13:00");
        round(&app.db);
        let told = page(&app, &chief, "/days/roots").body;
        assert!(told.contains("与现有责任账不符") && row(&told, "2020-09-13").contains(">不符</span>") && !row(&told, "2020-09-12").contains("不符"), "{told}");
    }

    fn the_days_go_on_page_by_page_and_only_for_those_who_oversee_everybody(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let admin = app.caller(Role::Administrator, "");
        assert!(page(&app, &admin, "/days/roots").body.contains("尚无封存的日根"));
        let mut days = ledger::Days::default();
        (0..30).for_each(|n: u8| days.add(at("2020-09-01 12:00") + TimeDelta::days(i64::from(n)), &[n; 32]));
        app.db.db.write(move |tx| ledger::seal(tx, &days.roots([0; 32]))).unwrap();
        let (mut seen, mut path) = (Vec::new(), "/days/roots".to_owned());
        loop {
            let body = page(&app, &admin, &path).body;
            assert_eq!(body.contains("data-key=\"j\""), path.contains("before"), "{path}");
            seen.extend(body.split("<th scope=\"row\"><a href=\"/days/").skip(1).map(|rest| rest[..10].to_owned()));
            let Some(next) = body.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|link| link.contains("before=")) else { break };
            path = next.to_owned();
        }
        let newest: chrono::NaiveDate = "2020-09-30".parse().unwrap();
        assert_eq!(seen, (0..30).map(|n| (newest - Days::new(n)).to_string()).collect::<Vec<_>>());
        assert_eq!(page(&app, &admin, "/days/roots?before=yesterday").status, StatusCode::UNPROCESSABLE_ENTITY);
        for (role, scope) in [(Role::Dispatcher, ""), (Role::Auditor, "320000"), (Role::Coordinator, "310000"), (Role::AirportDesk, "")] {
            let other = app.caller(role, scope);
            assert_eq!(page(&app, &other, "/days/roots").status, StatusCode::FORBIDDEN, "{role}");
            assert!(!page(&app, &other, "/days").body.contains("/days/roots"), "{role}");
        }
        for role in [Role::Auditor, Role::Coordinator] {
            let overseer = app.caller(role, "");
            assert!(page(&app, &overseer, "/days").body.contains("href=\"/days/roots\"") && page(&app, &overseer, "/").body.contains("href=\"/days/roots\""), "{role}");
        }
    }
}
