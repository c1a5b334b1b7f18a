//! The chain over HTTP: people are handed over by two signers, and a trip is made, staffed and led on.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::{Value, json};

use super::travellers::{landed, travellers};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

fn party(app: &TestApp, desk: &Caller) -> Vec<Value> {
    travellers(app, desk, "").iter().filter(|one| one["province"] == "320000").map(|one| one["id"].clone()).collect()
}

fn offer(app: &TestApp, giver: &Caller, people: &[Value]) -> Reply {
    app.post(giver, "/api/v1/handoffs", &json!({"to_organisation": "site-310115-1", "travellers": people, "answer_by": "2020-09-15 13:00"}))
}

fn fleet(app: &TestApp, dispatcher: &Caller) -> (Value, Value) {
    let coach =
        json!({"plate": "沪A12345", "kind": "coach", "seats": 49, "organisation": "work-group-32", "permit": {"number": "P1", "expires_on": "2020-12-31"}});
    let driver = json!({"badge": "D-1", "name": "周师傅", "role": "driver", "licence": "A1", "organisation": "work-group-32"});
    let coach = app.post(dispatcher, "/api/v1/vehicles", &coach);
    let driver = app.post(dispatcher, "/api/v1/staff", &driver);
    assert_eq!((coach.status.as_u16(), driver.status.as_u16()), (201, 201), "{coach:?} {driver:?}");
    assert_eq!((&coach.json()["load_cap"], &driver.json()["name"]), (&json!(24), &json!("周*傅")));
    (coach.json()["id"].clone(), driver.json()["id"].clone())
}

fn trip(app: &TestApp, dispatcher: &Caller, vehicle: &Value, driver: &Value) -> Reply {
    let leg =
        json!({"from_organisation": "site-310115-1", "to_organisation": "work-group-32", "departs_at": "2020-09-15 14:00", "arrives_at": "2020-09-15 16:00"});
    app.post(dispatcher, "/api/v1/trips", &json!({"vehicle": vehicle, "crew": [driver], "legs": [leg]}))
}

/// The crew's papers mask the names and know no documents; the handoff sheet has both, for those alone who may open them.
fn papers_tell_what_each_needs(app: &TestApp, dispatcher: &Caller, coordinator: &Caller, path: &str) {
    let page = |caller: &Caller, page: &str| app.send(caller.asks(TestRequest::get().uri(&format!("{path}/{page}"))).insert_header(("Accept", "text/html")));
    let papers = page(dispatcher, "papers");
    assert_eq!(papers.status, 200, "{papers:?}");
    assert!(papers.body.contains("周师傅") && papers.body.contains("14:00–16:00"), "the crew and when they drive: {}", papers.body);
    assert!(papers.body.contains("韩*梅") && !papers.body.contains("韩梅梅") && !papers.body.contains("E20000"), "{}", papers.body);
    assert_eq!(page(dispatcher, "sheet").status, 403);
    let sheet = page(coordinator, "sheet");
    assert!(sheet.body.contains("韩梅梅") && sheet.body.contains("应上人数") && sheet.body.contains("护照归还"), "{}", sheet.body);
}

on_both_engines! {
    fn custody_passes_when_the_receiver_has_counted_and_said_so(db: TestDb) {
        let (app, desk) = landed(db);
        let people = party(&app, &desk);
        let giver = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let receiver = app.caller_of(Role::Site, "310115", Some("site-310115-1"));
        let stranger = app.caller_of(Role::Site, "310112", None);
        let offered = offer(&app, &giver, &people);
        assert_eq!(offered.status, 201, "{offered:?}");
        let path = format!("/api/v1/handoffs/{}", offered.json()["id"].as_str().unwrap());
        assert_eq!(offered.header("location"), path);
        assert_eq!(app.get(&stranger, &path).problem(), (404, "not_found".into()));
        assert_eq!(app.get(&receiver, &path).json()["n_people"], Value::Null, "the receiver counts blind");
        assert_eq!(app.post(&giver, &format!("{path}/accept"), &json!({"counted": 2})).problem(), (403, "only_receiver_answers".into()));
        assert_eq!(app.post(&receiver, &format!("{path}/count"), &json!({"counted": 2})).json()["n_people"], 2);
        let stale = TestRequest::post().uri(&format!("{path}/accept")).insert_header(("If-Match", "\"1\"")).set_json(json!({"counted": 2}));
        assert_eq!(app.send(receiver.asks(stale)).problem(), (412, "handoff_changed".into()));
        let accepted = app.post(&receiver, &format!("{path}/accept"), &json!({"counted": 2}));
        assert_eq!((&accepted.json()["state"], &accepted.json()["people"][0]["outcome"]), (&json!("accepted"), &json!("received")));
        let withdrawn = app.post(&giver, &format!("{path}/withdraw"), &json!({"reason": "太晚了"}));
        assert_eq!(withdrawn.problem(), (409, "handoff_ended".into()));
        assert_eq!(travellers(&app, &receiver, "?custodian=site-310115-1").len(), 2);
        let totals = app.get(&receiver, "/api/v1/totals?on=2020-09-15").json();
        assert_eq!(totals["rows"], json!([]), "figures of Suzhou are not the district's");
        let totals = app.get(&desk, "/api/v1/totals?on=2020-09-15").json();
        assert_eq!((&totals["total"]["closing"]["in_shanghai"], &totals["balanced"]), (&json!(2), &json!(true)));
        let waiting = app.get(&giver, "/api/v1/handoffs").json();
        assert_eq!(waiting["items"].as_array().unwrap().len(), 1);
    }

    fn an_exception_names_its_fault_by_its_path(db: TestDb) {
        let (app, desk) = landed(db);
        let people = party(&app, &desk);
        let giver = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let receiver = app.caller_of(Role::Site, "310115", Some("site-310115-1"));
        let id = offer(&app, &giver, &people).json()["id"].as_str().unwrap().to_owned();
        let body = json!({"counted": 1, "exceptions": [{"traveller": people[0], "kind": "lost", "reason": ""}]});
        let reply = app.post(&receiver, &format!("/api/v1/handoffs/{id}/accept"), &body);
        let fields: Vec<String> = reply.json()["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect();
        assert_eq!(fields, ["exceptions[0].kind", "exceptions[0].reason"]);
    }

    fn a_trip_is_made_once_and_led_from_state_to_state(db: TestDb) {
        let (app, desk) = landed(db);
        let (dispatcher, coordinator) = (app.caller(Role::Dispatcher, ""), app.caller(Role::Coordinator, ""));
        let (vehicle, driver) = fleet(&app, &dispatcher);
        let made = trip(&app, &dispatcher, &vehicle, &driver);
        assert_eq!((made.status.as_u16(), &made.json()["number"]), (201, &json!("20200915-001")));
        assert_eq!(trip(&app, &dispatcher, &vehicle, &driver).problem(), (409, "vehicle_taken".into()));
        let path = made.header("location").to_owned();
        let seats: Vec<Value> = party(&app, &desk).into_iter().map(|traveller| json!({"traveller": traveller})).collect();
        let refused = app.post(&dispatcher, &format!("{path}/seats"), &json!({"seats": seats}));
        assert_eq!(refused.problem().0, 422, "no result is not negative");
        let waived: Vec<Value> = seats.iter().map(|seat| json!({"traveller": seat["traveller"], "waiver": "结果口头确认"})).collect();
        let given = app.post(&coordinator, &format!("{path}/seats"), &json!({"seats": waived}));
        assert_eq!(given.json()["items"].as_array().map(Vec::len), Some(2), "{given:?}");
        let step = |step: &str, tag: &str| {
            let request = TestRequest::post().uri(&format!("{path}/{step}"));
            let request = if tag.is_empty() { request } else { request.insert_header(("If-Match", tag.to_owned())) };
            app.send(dispatcher.asks(request).set_json(json!({})))
        };
        assert_eq!(step("announce", "\"99\"").problem(), (412, "changed_meanwhile".into()));
        assert_eq!(step("announce", "").json()["state"], "announced");
        assert_eq!(step("close", "").problem(), (409, "trip_cannot".into()));
        assert_eq!(step("board", "").json()["state"], "boarding");
        assert_eq!(step("depart", "").json()["departed_at"], "2020-09-15T12:00:00+08:00");
        let sheet = app.get(&dispatcher, &path).json();
        assert_eq!((&sheet["coach"]["plate"], sheet["crew"].as_array().map(Vec::len)), (&json!("沪A12345"), Some(1)));
        assert_eq!(app.get(&dispatcher, "/api/v1/trips?on=2020-09-15").json()["items"][0]["n_seats"], 2);
        let zhejiang = app.caller(Role::ProvincialGroup, "33");
        assert_eq!(app.get(&zhejiang, &path).problem(), (404, "not_found".into()));
        papers_tell_what_each_needs(&app, &dispatcher, &coordinator, path.trim_start_matches("/api/v1"));
    }

    fn a_vehicle_is_changed_only_by_who_saw_its_version(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let (vehicle, _) = fleet(&app, &dispatcher);
        let put = |tag: Option<&'static str>| {
            let request = TestRequest::put().uri(&format!("/api/v1/vehicles/{}", vehicle.as_str().unwrap()));
            let request = tag.into_iter().fold(request, |request, tag| request.insert_header(("If-Match", tag)));
            app.send(dispatcher.asks(request).set_json(json!({"plate": "沪A12345", "kind": "coach", "seats": 45, "organisation": "work-group-32"})))
        };
        assert_eq!(put(None).problem(), (422, "bad_etag".into()));
        assert_eq!(put(Some("\"1\"")).header("etag"), "\"2\"");
        assert_eq!(put(Some("\"1\"")).problem(), (412, "changed_meanwhile".into()));
        let free = app.get(&dispatcher, "/api/v1/vehicles?free_from=2020-09-15T10:00:00%2B08:00&free_to=2020-09-15T12:00:00%2B08:00");
        assert_eq!(free.json()["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.get(&dispatcher, "/api/v1/staff?free_from=x").json()["errors"].as_array().map(Vec::len), Some(2));
    }

    fn the_figures_come_as_a_table_too(db: TestDb) {
        let (app, desk) = landed(db);
        let reply = app.send(desk.asks(TestRequest::get().uri("/api/v1/totals?on=2020-09-12")).insert_header(("Accept", "text/csv")));
        assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
        let lines: Vec<&str> = reply.body.trim_start_matches('\u{feff}').lines().collect();
        assert!(lines[0].starts_with("province,city,policy,opening_at_port,"), "{}", lines[0]);
        assert_eq!(lines.len(), 4, "a header, two cities, the sum");
        assert!(lines[3].starts_with(",,total,"));
    }
}
