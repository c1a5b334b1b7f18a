//! Vehicles in the workshop and staff on leave: nothing is given to them meanwhile, whoever races, and they are told of by their reason.

use std::sync::Barrier;

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::base::{Error, Result};
use jiezhuan::dispatch::{self, Driving, NewTrip, Trip};
use jiezhuan::fleet::{self, Period, Resource, Staff, Vehicle};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::build::{actor, coach, driver, rulebook, staff, to_suzhou, vehicle};
use crate::support::{TestDb, at, on_both_engines};

fn trip(db: &TestDb, vehicle: &Vehicle, driver: &Staff) -> Result<Trip> {
    let new = NewTrip { vehicle: vehicle.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 14:00", "2020-09-15 17:00"), load_cap: None };
    db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new))
}

fn away(db: &TestDb, of: Resource, from: &str, to: &str) -> Result<fleet::Absence> {
    let period = Period { from: at(from), to: at(to) };
    db.db.write(move |tx| fleet::absence_add(tx, &Actor::operator(), of, period, "体检"))
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome {
        Err(Error::Conflict(message)) => message.to_string(),
        other => panic!("no conflict: {other:?}"),
    }
}

on_both_engines! {
    fn whoever_is_away_is_given_no_trip_and_whoever_has_one_cannot_be_away(db: TestDb) {
        rulebook(&db);
        let (coach, other, man) = (vehicle(&db, coach("苏A00001")), vehicle(&db, coach("苏A00002")), staff(&db, driver("D1")));
        let absence = away(&db, Resource::Vehicle(coach.id), "2020-09-15 16:00", "2020-09-17 08:00").unwrap();
        let refusal = conflict(trip(&db, &coach, &man));
        assert!(refusal.starts_with(r#"vehicle_away plate="苏A00001" because="体检""#) && refusal.ends_with(r#"free="苏A00002""#), "{refusal}");
        trip(&db, &other, &man).unwrap();
        let refusal = conflict(away(&db, Resource::Staff(man.id), "2020-09-15 16:59", "2020-09-16 08:00"));
        assert_eq!(refusal, r#"booked_meanwhile name="D1" from="2020-09-15T14:00:00+08:00" until="2020-09-15T17:00:00+08:00""#);
        away(&db, Resource::Staff(man.id), "2020-09-15 17:00", "2020-09-16 08:00").unwrap();
        // Taken back, it is there again, and only once.
        let id = absence.id;
        db.db.write(move |tx| fleet::absence_end(tx, &Actor::operator(), id)).unwrap();
        assert!(matches!(db.db.write(move |tx| fleet::absence_end(tx, &Actor::operator(), id)), Err(Error::NotFound("absence"))));
        trip(&db, &coach, &staff(&db, driver("D2"))).unwrap();
        let left = db.db.read(|conn| fleet::absences(conn, &Actor::operator(), db.clock.now())).unwrap();
        assert_eq!(left.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["D1"]);
        for (from, to) in [("2020-09-16 08:00", "2020-09-16 08:00"), ("2020-09-15 08:00", "2020-09-15 11:59")] {
            assert!(matches!(away(&db, Resource::Vehicle(coach.id), from, to), Err(Error::Invalid(_))), "{from} {to}");
        }
    }

    fn a_plan_leaves_out_who_is_away(db: TestDb) {
        let rulebook = rulebook(&db);
        let (there, gone) = (vehicle(&db, coach("苏A00001")), vehicle(&db, coach("苏A00002")));
        away(&db, Resource::Vehicle(gone.id), "2020-09-15 00:00", "2020-09-18 00:00").unwrap();
        let driving = Driving::embedded().unwrap();
        let on = "2020-09-15".parse().unwrap();
        let day = db.db.read(|conn| dispatch::day(conn, &Actor::operator(), &rulebook, &driving, TimeDelta::minutes(60), on)).unwrap();
        assert_eq!(day.problem.vehicles.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [there.plate.as_str()]);
    }

    fn of_a_trip_and_an_absence_at_once_one_is_refused(db: TestDb) {
        rulebook(&db);
        for n in 0..20 {
            let (coach, man) = (vehicle(&db, coach(&format!("苏A{n:05}"))), staff(&db, driver(&format!("D{n}"))));
            let start = Barrier::new(2);
            let outcomes = std::thread::scope(|scope| {
                let one = scope.spawn(|| {
                    start.wait();
                    trip(&db, &coach, &man).map(drop)
                });
                start.wait();
                let other = away(&db, Resource::Vehicle(coach.id), "2020-09-15 15:00", "2020-09-16 00:00").map(drop);
                [one.join().unwrap(), other]
            });
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
            assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(|error| matches!(error, Error::Conflict(_))), "{outcomes:?}");
        }
    }

    fn absences_are_of_the_scope_on_the_page_and_over_the_api(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let coach = vehicle(&app.db, coach("苏A00001"));
        let elsewhere = actor(&app.db, "zhejiang", Role::Dispatcher, "330000");
        let of = Resource::Vehicle(coach.id);
        let foreign = app.db.db.write(move |tx| fleet::absence_add(tx, &elsewhere, of, Period { from: at("2020-09-16 08:00"), to: at("2020-09-17 08:00") }, "x"));
        assert!(matches!(foreign, Err(Error::NotFound("vehicle"))));
        let dispatcher = app.caller(Role::Dispatcher, "320000");
        let path = format!("/api/v1/vehicles/{}/absences", coach.id);
        let body = json!({"from": "2020-09-16T08:00:00+08:00", "until": "2020-09-17T08:00:00+08:00", "reason": "gearbox"});
        let added = app.post(&dispatcher, &path, &body);
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
        assert_eq!(app.post(&dispatcher, &path, &body).problem(), (409, "booked_meanwhile".into()));
        assert_eq!(app.post(&dispatcher, &path, &json!({"from": "soon", "until": "2020-09-17", "reason": "x"})).problem().0, 422);
        let shown = crate::pages::work::page(&app, &dispatcher, "/admin/fleet/absences");
        assert!(shown.body.contains("苏A00001") && shown.body.contains("gearbox"), "{}", shown.body);
        let typed = [("name", "苏A·00001"), ("from", "2020-09-18T08:00"), ("until", "2020-09-18T07:00"), ("because", "轮胎")];
        let refused = crate::pages::work::post(&app, &dispatcher, "/admin/fleet/absences", &typed);
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("轮胎"), "what was typed is kept: {}", refused.body);
        let taken = crate::pages::work::post(&app, &dispatcher, "/admin/fleet/absences", &[typed[0], typed[1], ("until", "2020-09-18T18:00"), typed[3]]);
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        let list = app.get(&dispatcher, "/api/v1/absences").json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
        let id = added.json()["id"].as_str().unwrap().to_owned();
        let ended = app.send(dispatcher.asks(TestRequest::delete().uri(&format!("/api/v1/absences/{id}"))));
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        let other = app.caller(Role::Dispatcher, "330000");
        assert_eq!(app.get(&other, "/api/v1/absences").json()["items"], json!([]));
    }
}
