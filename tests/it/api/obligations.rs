//! What is owed to travellers: it moves with custody at once, is done once by whoever answers, and is never changed.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use jiezhuan::base::Error;
use jiezhuan::custody::obligation;
use serde_json::{Value, json};

use super::travellers::{landed, travellers};
use crate::handoffs::race;
use crate::support::app::{Caller, TestApp};
use crate::support::people::{by, execute};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310115-1";

fn owed(app: &TestApp, who: &Caller) -> Value {
    app.get(who, "/api/v1/obligations").json()
}

/// How many tests and how many written things are owed.
fn n_owed(app: &TestApp, who: &Caller) -> (usize, usize) {
    let owed = owed(app, who);
    let n_tests = owed["tests"].as_array().unwrap().iter().map(|due| due["travellers"].as_array().unwrap().len()).sum();
    (n_tests, owed["written"].as_array().unwrap().len())
}

on_both_engines! {
    fn what_is_owed_is_on_the_new_custodians_list_at_once_and_off_the_givers(db: TestDb) {
        let (app, all) = landed(db);
        let desk = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let site = app.caller_of(Role::Site, SITE, Some(SITE));
        let people: Vec<Value> = travellers(&app, &all, "").iter().filter(|one| one["province"] == "320000").map(|one| one["id"].clone()).collect();
        let path = format!("/api/v1/travellers/{}/obligations", people[0].as_str().unwrap());
        let said = json!({"kind": "medicine", "words": "胰岛素，早晚各一次", "due_at": "2020-09-15 18:00"});
        let written = app.post(&desk, &path, &said);
        assert_eq!((written.status.as_u16(), &written.json()["words"]), (201, &said["words"]), "{written:?}");
        let done = format!("/api/v1/obligations/{}/done", written.json()["id"].as_str().unwrap());
        assert_eq!(app.post(&site, &path, &said).problem().0, 404, "whom the site does not see it owes nothing");
        assert_eq!(app.post(&desk, &path, &json!({"kind": "medicine", "words": " "})).problem(), (422, "obligation_empty".into()));
        assert_eq!(app.post(&desk, &path, &json!({"kind": "cure", "words": "x"})).problem(), (422, "body_field_wrong".into()));
        let before = n_owed(&app, &desk);
        assert_eq!((n_owed(&app, &site), before.1), ((0, 0), 1));
        assert_eq!(owed(&app, &desk)["written"][0].get("words"), None, "the words stand with the person");
        let offer = app.post(&desk, "/api/v1/handoffs", &json!({"to_organisation": SITE, "travellers": people})).json();
        assert_eq!((n_owed(&app, &desk), n_owed(&app, &site)), (before, (0, 0)), "the giver owes until it is accepted");
        let accepted = app.post(&site, &format!("/api/v1/handoffs/{}/accept", offer["id"].as_str().unwrap()), &json!({"counted": people.len()}));
        assert_eq!(accepted.json()["state"], "accepted", "{accepted:?}");
        // Nucleic acid and antibody of day 3 are due of both, and nobody has told of a result.
        assert_eq!((n_owed(&app, &site), n_owed(&app, &desk)), ((4, 1), (before.0 - 4, 0)));
        assert_eq!(owed(&app, &site)["tests"][0]["on"], "2020-09-14");
        assert_eq!(app.post(&desk, &done, &json!({})).problem(), (409, "others_answer".into()), "who has passed is no longer theirs to care for");
        assert_eq!(app.get(&desk, &path).json()["items"][0].get("words"), None);
        assert_eq!(app.get(&site, &path).json()["items"][0]["words"], said["words"]);
        assert_eq!(app.post(&site, &done, &json!({})).status, 204);
        assert_eq!(app.post(&site, &done, &json!({})).problem(), (409, "obligation_done".into()));
        assert_eq!(n_owed(&app, &site), (4, 0));
        let kept = app.get(&site, &path).json()["items"][0].clone();
        assert_eq!((&kept["added"]["organisation"], &kept["done"]["organisation"], &kept["done"]["at"]), (&json!("desk-pvg"), &json!(SITE), &json!("2020-09-15T12:00:00+08:00")));
        for sql in ["UPDATE obligations SET due_at = NULL", "DELETE FROM obligations", "UPDATE obligation_deeds SET done_by = 'x'", "DELETE FROM obligation_deeds"] {
            assert_eq!(execute(&app.db.db, sql).unwrap_err().message().code, "obligation_is_kept", "{sql}");
        }
        let read = app.db.column("SELECT subject || ' ' || reason AS body FROM audit WHERE reason = 'obligations'");
        assert_eq!(read, ["traveller obligations"; 2], "that the words were read is in the trail");
    }

    fn a_result_settles_a_test_that_was_due(db: TestDb) {
        let (app, _) = landed(db);
        let desk = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let (before, _) = n_owed(&app, &desk);
        let told = |sampled_at: &str| {
            let results = format!("证件类型,证件号码,采样时间,检测类型,结果,检测机构\n护照,E12345678,{sampled_at},核酸,阴性,市疾控\n");
            let request = TestRequest::post().uri("/api/v1/results").insert_header(("Content-Type", "application/octet-stream"));
            assert_eq!(app.send(desk.asks(request).set_payload(results)).json()["new"], 1);
            n_owed(&app, &desk).0
        };
        assert_eq!(told("2020-09-13 23:59"), before, "a sample of the day before does not count");
        assert_eq!(told("2020-09-14 00:00"), before - 1);
    }

    fn of_two_who_do_the_same_at_once_one_is_told_that_it_was_done(db: TestDb) {
        let (app, all) = landed(db);
        let desk = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let person = travellers(&app, &all, "")[0]["id"].as_str().unwrap().to_owned();
        for _ in 0..50 {
            let made = app.post(&desk, &format!("/api/v1/travellers/{person}/obligations"), &json!({"kind": "care", "words": "轮椅"})).json();
            let id = made["id"].as_str().unwrap().parse().unwrap();
            let done = || app.db.db.write(move |tx| obligation::done(tx, &by("desk-pvg"), id));
            match race(done, done) {
                (Ok(()), Err(Error::Conflict(told))) | (Err(Error::Conflict(told)), Ok(())) => assert_eq!(told.code, "obligation_done"),
                other => panic!("not one: {other:?}"),
            }
        }
    }

    fn the_pages_show_what_is_owed_and_take_what_was_done(db: TestDb) {
        let (app, all) = landed(db);
        let desk = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let person = travellers(&app, &all, "")[0]["id"].as_str().unwrap().to_owned();
        let page = |request: TestRequest| app.send(desk.asks(request).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
        let form = [("kind", "care"), ("words", "行走不便，需轮椅"), ("due_at", "2020-09-15T18:00")];
        let written = page(TestRequest::post().uri(&format!("/people/{person}/obligations")).set_form(form));
        assert_eq!(written.status, 303, "{written:?}");
        let shown = page(TestRequest::get().uri(&format!("/people/{person}")));
        assert!(shown.body.contains("行走不便，需轮椅") && shown.body.contains("18:00"), "{}", shown.body);
        let overview = page(TestRequest::get().uri("/receive"));
        assert!(overview.body.contains("id=\"owed\"") && overview.body.contains(&format!("/people/{person}")), "{}", overview.body);
        assert!(!overview.body.contains("轮椅"));
        let action = shown.body.split("action=\"").find(|part| part.contains("/done\"")).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(page(TestRequest::post().uri(&action).set_form([("", "")])).status, 303);
        let again = page(TestRequest::post().uri(&action).set_form([("", "")]));
        assert!(again.status == 409 && again.body.contains("This has been done already"), "{again:?}");
        let empty = page(TestRequest::post().uri(&format!("/people/{person}/obligations")).set_form([("kind", "care"), ("words", "")]));
        assert!(empty.status == 422 && empty.body.contains("Say what is to be done"), "{empty:?}");
    }
}
