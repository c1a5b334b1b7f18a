//! One is found to be a case: whoever rode, sat and lived with them is found, held and counted anew.

use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use jiezhuan::access::{Actor, Role};
use jiezhuan::arrivals::{self, HoldKind, TravellerId};
use jiezhuan::base::{Error, Result};
use jiezhuan::db::Key;
use jiezhuan::dispatch::{self, Contacts, Meeting, NewTrip, SeatWanted};
use serde_json::json;

use crate::pages::work::{page, post};
use crate::support::app::TestApp;
use crate::support::build::{self, coach, driver, staff, to_suzhou, vehicle};
use crate::support::people::rulebook;
use crate::support::{TestDb, on_both_engines};

/// Four parties: the case with a mate, two who ride on the same coach, two who sit near on the flight, two far away.
fn people(db: &TestDb) -> [Vec<TravellerId>; 4] {
    let rulebook = build::rulebook(db);
    let parties: [Vec<TravellerId>; 4] = build::parties(db, &[2, 2, 2, 2]).try_into().unwrap();
    for (party, seats) in parties.iter().zip([["30A", "30B"], ["50A", "51A"], ["33K", "27C"], ["34A", "26A"]]) {
        for (&person, seat) in party.iter().zip(seats) {
            sits(db, person, seat);
        }
    }
    let (coach, driver) = (vehicle(db, coach("苏A00001")), staff(db, driver("D1")));
    let new = NewTrip { vehicle: coach.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 12:30", "2020-09-15 14:00"), load_cap: None };
    let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap().id;
    let seats: Vec<SeatWanted> = parties[..2].concat().into_iter().map(SeatWanted::any).collect();
    db.db.write(move |tx| dispatch::seats_give(tx, &Actor::operator(), &rulebook, trip, &seats)).unwrap();
    db.db.write(move |tx| dispatch::announce(tx, &Actor::operator(), trip, None)).unwrap();
    db.db.write(move |tx| dispatch::start_boarding(tx, &Actor::operator(), trip, None)).unwrap();
    db.db.write(move |tx| dispatch::depart(tx, &Actor::operator(), trip, None, None)).unwrap();
    parties
}

fn sits(db: &TestDb, person: TravellerId, seat: &'static str) {
    let sql = "UPDATE travellers SET seat = $1 WHERE id = $2";
    db.db.write(move |tx| Ok(diesel::sql_query(sql).bind::<Text, _>(seat).bind::<Key, _>(person).execute(&mut **tx)?)).unwrap();
}

fn found(db: &TestDb, case: TravellerId) -> Result<Contacts> {
    db.db.read(move |conn| dispatch::contacts(conn, &Actor::operator(), case))
}

fn becomes_a_case(db: &TestDb, case: TravellerId) {
    db.db.write(move |tx| arrivals::hold(tx, &Actor::operator(), case, HoldKind::Positive, "核酸阳性")).unwrap();
}

on_both_engines! {
    fn whoever_rode_sat_or_lives_with_a_case_is_found(db: TestDb) {
        let [own, coach, near, _] = people(&db);
        let refused = found(&db, own[0]).unwrap_err();
        assert_eq!(refused.message().code, "no_case");
        db.at("2020-09-16 09:00");
        becomes_a_case(&db, own[0]);
        let contacts = found(&db, own[0]).unwrap();
        let met = |person: TravellerId| contacts.people.iter().find(|one| one.traveller == person).map(|one| (one.met.iter().cloned().collect::<Vec<_>>(), one.last_on.to_string()));
        let trip = || Meeting::Trip("20200915-001".into());
        assert_eq!(met(own[1]), Some((vec![Meeting::Party, Meeting::Flight, trip()], "2020-09-16".into())), "who lives with a case does so until it is known");
        for person in coach {
            assert_eq!(met(person), Some((vec![trip()], "2020-09-15".into())));
        }
        for person in near {
            assert_eq!(met(person).unwrap().0, [Meeting::Flight]);
        }
        assert_eq!(contacts.people.len(), 5, "rows 34 and 26 are too far: {contacts:?}");
        assert_eq!((contacts.crews, contacts.n_without_seat, contacts.n_elsewhere), (vec![("20200915-001".into(), vec!["D1".into()])], 0, 0));
    }

    fn who_is_held_for_exposure_is_counted_anew_and_does_not_ride(db: TestDb) {
        let [own, coach, near, far] = people(&db);
        db.at("2020-09-16 09:00");
        becomes_a_case(&db, own[0]);
        let hold = |people: Vec<TravellerId>| {
            let case = own[0];
            db.db.write(move |tx| dispatch::contacts_hold(tx, &Actor::operator(), rulebook(), case, &people, "密切接触者"))
        };
        assert!(matches!(hold(vec![far[0]]), Err(Error::Invalid(faults)) if faults[0].field == "travellers[0]" && faults[0].message.code == "no_contact"));
        assert!(matches!(hold(vec![]), Err(Error::Invalid(faults)) if faults[0].message.code == "no_contact_chosen"));
        let dates = |person: TravellerId| {
            let person = db.db.read(move |conn| arrivals::get(conn, &[person])).unwrap().pop().unwrap();
            (person.exposed_on.map(|on| on.to_string()), person.transfer_on.map(|on| on.to_string()), person.release_on.map(|on| on.to_string()))
        };
        let before = dates(coach[0]);
        assert_eq!(hold([coach.clone(), near.clone()].concat()).unwrap(), 4);
        let after = dates(coach[0]);
        assert_eq!((after.0.as_deref(), before.0), (Some("2020-09-15"), None));
        assert!(after.2 > before.2, "the term is longer: {after:?}");
        assert_eq!(hold(coach.clone()).unwrap(), 0, "once");
        let contacts = found(&db, own[0]).unwrap();
        assert_eq!(contacts.people.iter().filter(|one| one.is_held).count(), 4);
        // Where they are bound for is corrected: the exposure still counts.
        let person = near[0];
        let kept = dates(person);
        db.db.write(move |tx| arrivals::destine(tx, &Actor::operator(), rulebook(), person, "320505").map(drop)).unwrap();
        assert_eq!(dates(person), kept);
    }

    fn the_same_by_the_api_and_on_the_page(db: TestDb) {
        let [own, coach, ..] = people(&db);
        db.at("2020-09-16 09:00");
        becomes_a_case(&db, own[0]);
        let app = TestApp::new(db);
        let coordinator = app.caller(Role::Coordinator, "all");
        let path = format!("/api/v1/travellers/{}/contacts", own[0]);
        let listed = app.get(&coordinator, &path).json();
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["crews"][0]["badges"]), (5, &json!(["D1"])), "{listed}");
        assert_eq!(app.get(&app.caller(Role::Auditor, ""), &path).status, 403);
        let held = app.post(&coordinator, &path, &json!({"travellers": [coach[0]], "reason": "同车"}));
        assert_eq!(held.json(), json!({"held": 1}), "{held:?}");
        assert_eq!(app.post(&coordinator, &format!("/api/v1/travellers/{}/contacts", coach[1]), &json!({"travellers": [own[0]], "reason": "同车"})).problem(), (409, "no_case".into()));
        assert!(page(&app, &coordinator, &format!("/people/{}", own[0])).body.contains("/contacts\""));
        let shown = page(&app, &coordinator, &format!("/people/{}/contacts", own[0])).body;
        assert_eq!((shown.matches("name=\"traveller\"").count(), shown.matches("\" checked><span class=\"seat\"").count()), (5, 4), "who is held already is not ticked: {shown}");
        assert!(shown.contains("同车 20200915-001") && shown.contains("已暂缓"), "{shown}");
        let silent = post(&app, &coordinator, &format!("/people/{}/contacts", own[0]), &[("traveller", &coach[1].to_string()), ("reason", "")]);
        assert!(silent.status == 422 && silent.body.contains("role=\"alert\""), "{silent:?}");
        let done = post(&app, &coordinator, &format!("/people/{}/contacts", own[0]), &[("traveller", &coach[1].to_string()), ("reason", "同车")]);
        assert_eq!(done.status, 303, "{done:?}");
        assert_eq!(app.db.column("SELECT CAST(count(*) AS TEXT) AS body FROM holds WHERE kind = 'exposure'"), ["2"]);
    }
}
