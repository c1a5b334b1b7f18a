//! Beds at the sites: a trip is promised them when it is announced, never more than the site has confirmed, whoever races; and a site that takes its
//! word back stops the trips that have not boarded.

use std::sync::{Arc, Barrier};

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use chrono::{NaiveDate, TimeDelta};
use diesel::RunQueryDsl;
use diesel::sql_types::Date;
use jiezhuan::access::{Actor, Role};
use jiezhuan::arrivals::TravellerId;
use jiezhuan::base::{Error, Id, Result};
use jiezhuan::db::{At, Instant, Key};
use jiezhuan::dispatch::plan::{self, Budget, Causes, Options, Reason};
use jiezhuan::dispatch::{self, Driving, NewTrip, SeatWanted, Trip};
use jiezhuan::places::Organisation;
use jiezhuan::policy::Rulebook;
use jiezhuan::sites::{self, Night};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::build::{actor, coach, driver, fleet, parties, rulebook, staff, to_suzhou, vehicle};
use crate::support::{TestDb, on_both_engines};

fn on() -> NaiveDate {
    "2020-09-15".parse().unwrap()
}

fn suzhou() -> Id<Organisation> {
    Organisation::id_of("site-320500-1")
}

fn confirm(db: &TestDb, beds: i32) -> Result<()> {
    db.db.write(move |tx| sites::confirm(tx, &Actor::operator(), suzhou(), on(), on(), beds).map(drop))
}

fn night(db: &TestDb) -> Night {
    let all = db.db.read(|conn| sites::nights(conn, &Actor::operator(), on(), 1)).unwrap();
    all.into_iter().find(|one| one.site == suzhou()).unwrap().nights.remove(0)
}

/// A trip of its own coach to Suzhou on 2020-09-15, with these people aboard, not yet announced.
fn trip(db: &TestDb, rulebook: &Arc<Rulebook>, n: usize, people: &[TravellerId]) -> Id<Trip> {
    let (vehicle, driver) = (vehicle(db, coach(&format!("苏A{n:05}"))), staff(db, driver(&format!("D{n}"))));
    let new = NewTrip { vehicle: vehicle.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 14:00", "2020-09-15 17:00"), load_cap: None };
    let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap().id;
    seat(db, rulebook, trip, people).unwrap();
    trip
}

fn seat(db: &TestDb, rulebook: &Arc<Rulebook>, trip: Id<Trip>, people: &[TravellerId]) -> Result<()> {
    let (rulebook, wanted) = (Arc::clone(rulebook), people.iter().copied().map(SeatWanted::any).collect::<Vec<_>>());
    db.db.write(move |tx| dispatch::seats_give(tx, &Actor::operator(), &rulebook, trip, &wanted).map(drop))
}

fn announce(db: &TestDb, trip: Id<Trip>) -> Result<()> {
    db.db.write(move |tx| dispatch::announce(tx, &Actor::operator(), trip, None).map(drop))
}

fn board(db: &TestDb, trip: Id<Trip>) -> Result<()> {
    db.db.write(move |tx| dispatch::start_boarding(tx, &Actor::operator(), trip, None).map(drop))
}

fn told(outcome: Result<()>) -> String {
    match outcome {
        Err(Error::Conflict(message) | Error::Refused(message)) => message.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

on_both_engines! {
    fn no_trip_is_announced_without_beds_and_a_cancelled_one_gives_them_back(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[3, 2, 1]);
        let full = trip(&db, &rulebook, 1, &people[..2].concat());
        let late = trip(&db, &rulebook, 2, &people[2]);
        confirm(&db, 5).unwrap();
        announce(&db, full).unwrap();
        assert_eq!((night(&db).promised, night(&db).free()), (5, Some(0)));
        assert_eq!(told(announce(&db, late)), r#"no_beds site="苏州市第一隔离点" site_en="Suzhou quarantine site 1" night="2020-09-15" free="0" wanted="1""#);
        db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), full, None, "fog")).unwrap();
        announce(&db, late).unwrap();
        assert_eq!(night(&db).promised, 1);
        // Whoever is given a seat on a trip that is announced needs a bed, and whoever loses it leaves one.
        assert_eq!(seat(&db, &rulebook, late, &people[..2].concat()).map_err(|error| error.message().code), Err("no_beds"));
        seat(&db, &rulebook, late, &people[0]).unwrap();
        assert_eq!(night(&db).promised, 4);
        let gone = people[2].clone();
        db.db.write(move |tx| dispatch::seats_take_back(tx, &Actor::operator(), late, &gone)).unwrap();
        assert_eq!(night(&db).promised, 3);
    }

    fn a_site_that_has_said_nothing_sets_no_limit(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[6, 6]);
        announce(&db, trip(&db, &rulebook, 1, &people.concat())).unwrap();
        assert_eq!(night(&db), Night { on: on(), confirmed: None, promised: 12 });
    }

    fn a_site_that_takes_its_word_back_stops_the_trips_at_the_door(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[3, 2]);
        let trip = trip(&db, &rulebook, 1, &people.concat());
        confirm(&db, 30).unwrap();
        announce(&db, trip).unwrap();
        confirm(&db, 2).unwrap();
        assert_eq!(night(&db).short(), 3);
        let refusal = told(board(&db, trip));
        assert!(refusal.starts_with("beds_short ") && refusal.ends_with(r#"night="2020-09-15" beds="2" promised="5""#), "{refusal}");
        // A promise may shrink although the site has too few beds even for what is left of it.
        let gone = people[1].clone();
        db.db.write(move |tx| dispatch::seats_take_back(tx, &Actor::operator(), trip, &gone)).unwrap();
        assert_eq!((night(&db).promised, night(&db).short()), (3, 1));
        confirm(&db, 3).unwrap();
        board(&db, trip).unwrap();
    }

    fn of_two_trips_announced_at_once_only_what_has_beds_is(db: TestDb) {
        let rulebook = rulebook(&db);
        for n in 0..20 {
            let people = parties(&db, &[5, 5]);
            let trips = [trip(&db, &rulebook, 2 * n + 1, &people[0]), trip(&db, &rulebook, 2 * n + 2, &people[1])];
            let before = night(&db).promised;
            confirm(&db, i32::try_from(before).unwrap() + 8).unwrap();
            let start = Barrier::new(2);
            let outcomes = std::thread::scope(|scope| {
                let run = |trip| {
                    start.wait();
                    announce(&db, trip)
                };
                let one = scope.spawn(move || run(trips[0]));
                [run(trips[1]), one.join().unwrap()]
            });
            let lost: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
            assert!(matches!(&lost[..], [Error::Conflict(message)] if message.code == "no_beds"), "{lost:?}");
            assert_eq!((night(&db).promised - before, night(&db).short()), (5, 0));
        }
    }

    fn the_database_itself_refuses_a_promise_that_no_bed_stands_behind(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[1]);
        let trip = trip(&db, &rulebook, 1, &people[0]);
        confirm(&db, 4).unwrap();
        let write = |sql: &'static str| {
            db.db.write(move |tx| {
                let statement = diesel::sql_query(sql).bind::<Key, _>(trip).bind::<Key, _>(suzhou()).bind::<Date, _>(on());
                Ok(statement.bind::<Instant, _>(At(tx.now())).execute(&mut **tx)?)
            })
        };
        let insert = "INSERT INTO bed_promises (trip_id, site_id, night, promised_at, n_people, promised_by) VALUES ($1, $2, $3, $4, 5, 'somebody')";
        assert_eq!(write(insert).unwrap_err().message().code, "beds_are_gone");
        assert_eq!(write("INSERT INTO bed_promises (trip_id, site_id, night, promised_at, n_people, promised_by) VALUES ($1, $2, $3, $4, 4, 'somebody')").unwrap(), 1);
        let grow = "UPDATE bed_promises SET n_people = 5 WHERE trip_id = $1 AND site_id = $2 AND night = $3 AND promised_at <= $4";
        assert_eq!(write(grow).unwrap_err().message().code, "beds_are_gone");
    }

    fn a_plan_takes_nobody_for_whom_there_is_no_bed_and_says_so(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[2, 3, 4]);
        confirm(&db, 7).unwrap();
        let driving = Driving::embedded().unwrap();
        let day = db.db.read(|conn| dispatch::day(conn, &Actor::operator(), &rulebook, &driving, TimeDelta::minutes(60), on())).unwrap();
        let options = Options { budget: Budget::Steps(30), seed: 1, threads: 1 };
        let plan = plan::plan(&day.problem, None, &options, &|_, _| true).plan;
        assert_eq!(plan::verify(&day.problem, &plan).1, []);
        let left: Vec<_> = plan.left_out.iter().map(|one| (day.problem.parties[one.party as usize].size, one.reason)).collect();
        assert_eq!(left, [(2, Reason::SiteFull)]);
        let rules = Arc::clone(&rulebook);
        db.db.write(move |tx| dispatch::plan_announce(tx, &Actor::operator(), &rules, TimeDelta::minutes(60), &day, &plan, &Causes::default(), 1, None).map(drop)).unwrap();
        assert_eq!(night(&db).free(), Some(0));
    }

    fn a_number_is_taken_from_whoever_answers_for_the_site_and_only_if_it_can_be_one(db: TestDb) {
        rulebook(&db);
        let squad = actor(&db, "nanjing", Role::CitySquad, "320100");
        let elsewhere = squad.clone();
        let refused = db.db.write(move |tx| sites::confirm(tx, &elsewhere, suzhou(), on(), on(), 5).map(drop));
        assert!(matches!(refused, Err(Error::NotFound("site"))));
        let own = move |beds: i32, first: &str, last: &str| {
            let (squad, first, last) = (squad.clone(), first.parse().unwrap(), last.parse().unwrap());
            db.db.write(move |tx| sites::confirm(tx, &squad, Organisation::id_of("site-320100-1"), first, last, beds))
        };
        let nights = own(40, "2020-09-15", "2020-09-17").unwrap().nights;
        assert_eq!(nights.iter().map(Night::free).collect::<Vec<_>>(), [Some(40); 3]);
        assert_eq!(own(41, "2020-09-16", "2020-09-16").unwrap().nights[0].free(), Some(41), "the last word counts");
        for (beds, first, last, field) in [(-1, "2020-09-15", "2020-09-15", "beds"), (5_001, "2020-09-15", "2020-09-15", "beds"),
            (1, "2020-09-13", "2020-09-15", "until"), (1, "2020-09-16", "2020-09-15", "until"), (1, "2020-09-15", "2020-10-16", "until")] {
            let Err(Error::Invalid(faults)) = own(beds, first, last) else { panic!("taken: {beds} {first} {last}") };
            assert_eq!(faults[0].field, field);
        }
    }

    fn numbers_are_said_and_seen_over_the_api_and_on_the_page(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let squad = app.caller_of(Role::CitySquad, "320500", Some("squad-320500"));
        let put = |path: &str, body: serde_json::Value| app.send(squad.asks(TestRequest::put().uri(path)).set_json(body));
        let said = put("/api/v1/sites/site-320500-1/nights/2020-09-15", json!({"beds": 60, "until": "2020-09-16"}));
        assert_eq!(said.status, StatusCode::OK, "{}", said.body);
        assert_eq!(said.json()["nights"][1]["free"], 60);
        assert_eq!(put("/api/v1/sites/site-320100-1/nights/2020-09-15", json!({"beds": 1})).problem(), (404, "not_found".into()));
        assert_eq!(put("/api/v1/sites/site-320500-1/nights/tonight", json!({"beds": 1})).problem().0, 422);
        let list = app.get(&squad, "/api/v1/sites?from=2020-09-15&nights=3").json();
        let codes: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["hub-huaqiao", "site-320500-1"], "Kunshan is Suzhou's");
        assert_eq!(list["items"][1]["nights"][2]["beds"], serde_json::Value::Null);
        assert_eq!(app.get(&squad, "/api/v1/sites?nights=32").problem().0, 422);
        let shown = crate::pages::work::page(&app, &squad, "/sites");
        assert!(shown.body.contains("苏州市第一隔离点") && shown.body.contains("前确认"), "{}", shown.body);
        let form = [("site", "site-320500-1"), ("on", "2020-09-15"), ("until", ""), ("beds", "五")];
        let refused = crate::pages::work::post(&app, &squad, "/sites", &form);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let taken = crate::pages::work::post(&app, &squad, "/sites", &[("site", "site-320500-1"), ("on", "2020-09-15"), ("beds", "48")]);
        assert_eq!(taken.status, StatusCode::SEE_OTHER);
        let auditor = app.caller(Role::Auditor, "");
        assert_eq!(crate::pages::work::post(&app, &auditor, "/sites", &form).status, StatusCode::FORBIDDEN);
        let seen = app.get(&auditor, "/api/v1/sites?from=2020-09-15&nights=1").json();
        let suzhou = seen["items"].as_array().unwrap().iter().find(|one| one["code"] == "site-320500-1").unwrap().clone();
        assert_eq!(suzhou["nights"][0]["beds"], 48);
    }
}
