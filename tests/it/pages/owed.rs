//! All that an organisation owes its people, page by page: what is overdue first, by kind, and for those whom the organisation exists for.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::{Value, json};

use super::work::{page, post};
use crate::api::{landed, travellers};
use crate::support::app::{Caller, TestApp};
use crate::support::people::land;
use crate::support::{TestDb, on_both_engines};

const DESK: &str = "desk-pvg";

/// Three people with their names, to one of whom medicine and care are owed, and thirty more of whom nothing is known but that tests are due.
fn owing(db: TestDb) -> (TestApp, Caller, Value) {
    let (app, all) = landed(db);
    app.db.at("2020-09-12 12:00");
    land(&app.db.db, &[1; 30]);
    app.db.at("2020-09-15 12:00");
    let desk = app.caller_of(Role::AirportDesk, "", Some(DESK));
    let person = travellers(&app, &all, "").into_iter().find(|one| one["name"].as_str().is_some_and(|name| name.contains('*'))).unwrap();
    let path = format!("/api/v1/travellers/{}/obligations", person["id"].as_str().unwrap());
    for said in [
        json!({"kind": "care", "words": "轮椅"}),
        json!({"kind": "medicine", "words": "胰岛素", "due_at": "2020-09-14 08:00"}),
        json!({"kind": "note", "words": "电话", "due_at": "2020-09-15 18:00"}),
    ] {
        assert_eq!(app.post(&desk, &path, &said).status, StatusCode::CREATED);
    }
    (app, desk, person)
}

/// How many tests and how many written things are owed, one by one.
fn n_owed(app: &TestApp, who: &Caller) -> (usize, usize) {
    let owed = app.get(who, "/api/v1/obligations").json();
    let n_tests = owed["tests"].as_array().unwrap().iter().map(|due| due["travellers"].as_array().unwrap().len()).sum();
    (n_tests, owed["written"].as_array().unwrap().len())
}

fn rows(body: &str) -> Vec<String> {
    let (_, table) = body.split_once("<tbody>").unwrap_or_else(|| panic!("no list: {body}"));
    table.split("<tr ").skip(1).map(|row| row.split("</tr>").next().unwrap().to_owned()).collect()
}

fn next(body: &str) -> Option<String> {
    body.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|link| link.contains("after=")).map(|link| link.replace("&#38;", "&"))
}

/// All rows from `path` on, and how many pages there are.
fn walk(app: &TestApp, who: &Caller, path: &str) -> (Vec<String>, usize) {
    let (mut seen, mut n_pages, mut path) = (Vec::new(), 0, path.to_owned());
    loop {
        let shown = page(app, who, &path);
        assert_eq!(shown.status, StatusCode::OK, "{path}: {}", shown.body);
        seen.extend(rows(&shown.body));
        n_pages += 1;
        let Some(next) = next(&shown.body) else { return (seen, n_pages) };
        path = next;
    }
}

on_both_engines! {
    fn the_whole_list_is_reached_page_by_page_and_what_is_overdue_leads_it(db: TestDb) {
        let (app, desk, person) = owing(db);
        let (n_tests, n_written) = n_owed(&app, &desk);
        let brief = page(&app, &desk, "/receive").body;
        assert!(brief.contains(&format!("href=\"/receive/owed\">全部交办事项 <b class=\"num\">{}</b>", n_tests + n_written)), "{brief}");
        assert!(brief.contains("href=\"/receive/owed?kind=nucleic_acid\">核酸</a>"), "what is due of many leads to them one by one: {brief}");
        let due = brief.split("id=\"owed\"").nth(1).unwrap();
        assert!(due.find("用药").unwrap() < due.find("核酸").unwrap() && due.find("核酸").unwrap() < due.find("备注").unwrap(), "by when it is due: {due}");
        let (seen, n_pages) = walk(&app, &desk, "/receive/owed");
        assert_eq!((seen.len(), n_pages), (n_tests + n_written, (n_tests + n_written).div_ceil(50)));
        assert!(n_pages > 1 && seen.iter().collect::<BTreeSet<_>>().len() == seen.len(), "each once");
        let link = format!("href=\"/people/{}\">{}</a>", person["id"].as_str().unwrap(), person["name"].as_str().unwrap());
        assert!(seen[0].contains("用药") && seen[0].contains(&link) && seen[0].contains("逾期") && !seen[0].contains("胰岛素"), "{}", seen[0]);
        let first_waiting = seen.iter().position(|row| row.starts_with("class=\"waiting\"")).unwrap();
        assert!(seen[first_waiting..].iter().all(|row| row.starts_with("class=\"waiting\"") && !row.contains("逾期")));
        assert!(seen[first_waiting].contains("备注") && seen.last().unwrap().contains("照护") && seen.last().unwrap().contains("不限时"), "{seen:?}");
        let first = page(&app, &desk, "/receive/owed").body;
        assert!(first.contains(&format!("须立即办理： <b class=\"num\">{first_waiting}</b>")), "{first}");
        let rest = page(&app, &desk, &next(&first).unwrap()).body;
        assert!(rest.contains("data-key=\"j\"") && !first.contains("data-key=\"j\""));
        let done = app.get(&desk, "/api/v1/obligations").json()["written"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(app.post(&desk, &format!("/api/v1/obligations/{done}/done"), &json!({})).status, StatusCode::NO_CONTENT);
        assert_eq!(rows(&page(&app, &desk, &next(&first).unwrap()).body), rows(&rest), "what is done meanwhile moves nobody to another page");
    }

    fn a_kind_is_looked_at_by_itself(db: TestDb) {
        let (app, desk, _) = owing(db);
        let (n_tests, n_written) = n_owed(&app, &desk);
        let n = |kind: &str| walk(&app, &desk, &format!("/receive/owed?kind={kind}")).0.len();
        assert_eq!(["care", "medicine", "note"].map(n).iter().sum::<usize>(), n_written);
        assert_eq!(["nucleic_acid", "antibody"].map(n).iter().sum::<usize>(), n_tests);
        let medicine = page(&app, &desk, "/receive/owed?kind=medicine").body;
        assert!(medicine.contains("href=\"/receive/owed?of=desk-pvg&#38;kind=medicine\" aria-current=\"page\">用药 <span class=\"num\">1</span> <span class=\"tag late\">逾期 1</span>"), "{medicine}");
        for wrong in ["kind=cure", "after=x", "of=a+b"] {
            assert_eq!(page(&app, &desk, &format!("/receive/owed?{wrong}")).status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
    }

    fn whoever_answers_for_none_chooses_one_within_their_scope_and_nobody_sees_across(db: TestDb) {
        let (app, desk, _) = owing(db);
        let chief = app.caller(Role::Coordinator, "");
        let choose = page(&app, &chief, "/receive/owed").body;
        assert!(choose.contains("请选择单位") && choose.contains("<option value=\"desk-pvg\"") && !choose.contains("<table"), "{choose}");
        assert_eq!(walk(&app, &chief, "/receive/owed?of=desk-pvg").0, walk(&app, &desk, "/receive/owed").0);
        let zhejiang = app.caller_of(Role::ProvincialGroup, "330000", Some("work-group-33"));
        let own = page(&app, &zhejiang, "/receive/owed").body;
        assert!(own.contains("目前没有交办事项") && !own.contains("<option value=\"desk-pvg\""), "{own}");
        assert_eq!(page(&app, &zhejiang, "/receive/owed?of=desk-pvg").status, StatusCode::NOT_FOUND);
        assert_eq!(page(&app, &app.caller(Role::Administrator, ""), "/receive/owed?of=nobody-1").status, StatusCode::NOT_FOUND);
        assert_eq!(post(&app, &desk, "/receive/owed", &[]).status, StatusCode::METHOD_NOT_ALLOWED);
        let english = app.send(chief.asks(TestRequest::get().uri("/receive/owed?of=desk-pvg")).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"))).body;
        assert!(english.contains("Overdue, to be done now:") && !english.contains("Unknown localization"), "{english}");
    }
}
