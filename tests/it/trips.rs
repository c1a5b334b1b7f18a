//! Trips made by hand: what they book, who is told when somebody was first, the way from planned to closed.

use std::sync::Barrier;

use chrono::TimeDelta;
use jiezhuan::access::{Actor, Keyring, Role};
use jiezhuan::base::page::PageRequest;
use jiezhuan::base::{Error, Id, IdSource, Language, Message, Result};
use jiezhuan::db::events_after;
use jiezhuan::dispatch::{self, Leg, NewTrip, Trip, TripState};
use jiezhuan::fleet::{self, LoadRule, Period, Staff, StaffRole, Vehicle};
use jiezhuan::places::Organisation;

use crate::support::build::{actor, coach, driver, rulebook, staff, to_suzhou, vehicle};
use crate::support::{TestDb, at, on_both_engines};

const DISINFECTION: TimeDelta = TimeDelta::minutes(60);

fn create(db: &TestDb, vehicle: &Vehicle, crew: &[&Staff], legs: Vec<Leg>) -> Result<Trip> {
    let new = NewTrip { vehicle: vehicle.id, crew: crew.iter().map(|member| member.id).collect(), legs, load_cap: None };
    db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), DISINFECTION, &new))
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T>) -> Message {
    match outcome {
        Err(Error::Conflict(message)) => message,
        other => panic!("no conflict: {other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    match outcome {
        Err(Error::Refused(message)) => message.code,
        Err(Error::Invalid(faults)) => faults[0].message.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// Runs both at the same moment.
fn race<T: Send>(one: impl FnOnce() -> T + Send, other: impl FnOnce() -> T + Send) -> [T; 2] {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let other = other();
        [one.join().unwrap(), other]
    })
}

on_both_engines! {
    fn of_two_who_want_the_same_at_once_one_gets_it_and_the_other_is_told_who(db: TestDb) {
        rulebook(&db);
        let vehicles = [vehicle(&db, coach("苏A00001")), vehicle(&db, coach("苏A00002"))];
        let drivers = [staff(&db, driver("D1")), staff(&db, driver("D2"))];
        for n in 0..200 {
            // By turns they want the same coach and the same driver.
            let wants_coach = n % 2 == 0;
            let day = at("2020-10-01 08:00") + TimeDelta::hours(n * 6);
            let legs = vec![Leg { departs_at: day, arrives_at: day + TimeDelta::hours(3), ..to_suzhou("2020-10-01 08:00", "2020-10-01 09:00").remove(0) }];
            let other = if wants_coach { (&vehicles[0], &drivers[1]) } else { (&vehicles[1], &drivers[0]) };
            let outcomes = race(|| create(&db, &vehicles[0], &[&drivers[0]], legs.clone()), || create(&db, other.0, &[other.1], legs.clone()));
            let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
            assert_eq!((won.len(), lost.len()), (1, 1), "try {n}: {lost:?}");
            let (winner, loser) = (won.into_iter().next().unwrap().unwrap(), conflict(lost.into_iter().next().unwrap()));
            assert_eq!(loser.code, if wants_coach { "vehicle_taken" } else { "staff_taken" });
            let said = loser.text(Language::En);
            assert!(said.contains(&winner.number), "try {n}: {said}");
            assert!(said.contains(if wants_coach { "Free instead: 苏A00002." } else { "Free instead: badge D2." }), "try {n}: {said}");
        }
        let n_trips: usize = (1..=60).map(|day| {
            let on = "2020-10-01".parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(day - 1);
            db.db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), on)).unwrap().len()
        }).sum();
        assert_eq!(n_trips, 200, "what lost left nothing behind");
    }

    fn a_vehicle_is_free_again_when_it_has_been_disinfected_and_not_a_minute_before(db: TestDb) {
        rulebook(&db);
        let (coach, one, other) = (vehicle(&db, coach("苏A00001")), staff(&db, driver("D1")), staff(&db, driver("D2")));
        let first = create(&db, &coach, &[&one], to_suzhou("2020-09-16 08:00", "2020-09-16 11:00")).unwrap();
        let early = conflict(create(&db, &coach, &[&other], to_suzhou("2020-09-16 11:59", "2020-09-16 14:00")));
        assert_eq!(
            early.text(Language::En),
            "Vehicle 苏A00001 is taken by trip 20200916-001 from 2020-09-16T08:00:00+08:00 until 2020-09-16T12:00:00+08:00, disinfection included. \
             The organisation has no other of this kind free at that time."
        );
        let second = create(&db, &coach, &[&other], to_suzhou("2020-09-16 12:00", "2020-09-16 14:00")).unwrap();
        assert_eq!((first.number.as_str(), second.number.as_str()), ("20200916-001", "20200916-002"));
        let back_to_back = create(&db, &vehicle(&db, self::coach("苏A00002")), &[&one], to_suzhou("2020-09-16 11:00", "2020-09-16 12:00"));
        assert!(back_to_back.is_ok(), "the crew needs no disinfection");
    }

    fn a_cancelled_trip_lets_its_vehicle_and_crew_go(db: TestDb) {
        rulebook(&db);
        let (coach, driver) = (vehicle(&db, coach("苏A00001")), staff(&db, driver("D1")));
        let legs = to_suzhou("2020-09-16 08:00", "2020-09-16 11:00");
        let trip = create(&db, &coach, &[&driver], legs.clone()).unwrap();
        let period = Period { from: at("2020-09-16 10:59"), to: at("2020-09-16 12:30") };
        let free = || db.db.read(|conn| Ok((fleet::vehicles_free(conn, &Actor::operator(), period)?.len(), fleet::staff_free(conn, &Actor::operator(), period)?.len()))).unwrap();
        assert_eq!(free(), (0, 0));
        let nothing = db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), trip.id, None, " "));
        assert_eq!(refused(nothing), "bad_reason");
        let cancelled = db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), trip.id, Some(1), " fog ")).unwrap();
        assert_eq!(cancelled.state, TripState::Cancelled { because: "fog".into() });
        assert_eq!(free(), (1, 1));
        assert!(create(&db, &coach, &[&driver], legs).is_ok());
        let again = db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), trip.id, None, "fog"));
        assert_eq!(refused(again), "trip_cannot");
    }

    fn a_trip_goes_from_planned_to_closed_and_each_step_is_in_the_log(db: TestDb) {
        rulebook(&db);
        db.at("2020-09-16 07:00");
        let coach = vehicle(&db, coach("苏A00001"));
        let trip = create(&db, &coach, &[&staff(&db, driver("D1"))], to_suzhou("2020-09-16 08:00", "2020-09-16 11:00")).unwrap();
        let id = trip.id;
        let actor = Actor::operator;
        assert_eq!(refused(db.db.write(move |tx| dispatch::depart(tx, &actor(), id, None, None))), "trip_cannot");
        db.db.write(move |tx| dispatch::announce(tx, &actor(), id, Some(1))).unwrap();
        assert_eq!(conflict(db.db.write(move |tx| dispatch::announce(tx, &actor(), id, Some(1)))).code, "changed_meanwhile");
        db.db.write(move |tx| dispatch::start_boarding(tx, &actor(), id, None)).unwrap();
        db.at("2020-09-16 08:10");
        assert_eq!(refused(db.db.write(move |tx| dispatch::depart(tx, &actor(), id, None, Some(at("2020-09-16 08:11"))))), "not_happened_yet");
        db.db.write(move |tx| dispatch::depart(tx, &actor(), id, None, Some(at("2020-09-16 08:05")))).unwrap();
        assert_eq!(refused(db.db.write(move |tx| dispatch::trip_cancel(tx, &actor(), id, None, "late"))), "trip_cannot");
        assert_eq!(refused(db.db.write(move |tx| dispatch::trip_change_crew(tx, &actor(), id, None, &[]))), "trip_not_open");
        db.at("2020-09-16 11:00");
        db.db.write(move |tx| dispatch::arrive(tx, &actor(), id, None, None)).unwrap();
        let closed = db.db.write(move |tx| dispatch::close(tx, &actor(), id, None)).unwrap();
        assert_eq!(closed.state, TripState::Closed { departed_at: at("2020-09-16 08:05"), arrived_at: at("2020-09-16 11:00") });
        let log = db.db.read(|conn| events_after(conn, 0, 100)).unwrap();
        let kinds: Vec<&str> = log.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["trip_created", "trip_announced", "trip_boarding", "trip_departed", "trip_arrived", "trip_closed"]);
        assert!(log.iter().all(|event| event.place.as_deref() == Some("320000") && event.subject() == id.uuid()));
        assert_eq!(log[3].facts()["at"], "2020-09-16T08:05:00+08:00");
    }

    fn nobody_boards_a_vehicle_that_is_still_out_or_not_disinfected(db: TestDb) {
        rulebook(&db);
        let coach = vehicle(&db, coach("苏A00001"));
        let first = create(&db, &coach, &[&staff(&db, driver("D1"))], to_suzhou("2020-09-16 08:00", "2020-09-16 11:00")).unwrap().id;
        let second = create(&db, &coach, &[&staff(&db, driver("D2"))], to_suzhou("2020-09-16 12:00", "2020-09-16 14:00")).unwrap().id;
        let actor = Actor::operator;
        for trip in [first, second] {
            db.db.write(move |tx| dispatch::announce(tx, &actor(), trip, None)).unwrap();
        }
        let board = |trip: Id<Trip>| db.db.write(move |tx| dispatch::start_boarding(tx, &actor(), trip, None));
        board(first).unwrap();
        db.at("2020-09-16 08:00");
        db.db.write(move |tx| dispatch::depart(tx, &actor(), first, None, None)).unwrap();
        db.at("2020-09-16 12:00");
        assert_eq!(refused(board(second)), "vehicle_still_out");
        db.db.write(move |tx| dispatch::arrive(tx, &actor(), first, None, Some(at("2020-09-16 11:30")))).unwrap();
        db.at("2020-09-16 12:29");
        assert_eq!(refused(board(second)), "vehicle_not_disinfected");
        db.at("2020-09-16 12:30");
        board(second).unwrap();
    }

    fn a_trip_wants_a_driver_a_permit_and_everything_in_service(db: TestDb) {
        rulebook(&db);
        let good = vehicle(&db, coach("苏A00001"));
        let idle = vehicle(&db, fleet::VehicleFacts { in_service: false, ..coach("苏A00002") });
        let bare = vehicle(&db, fleet::VehicleFacts { permit: None, ..coach("苏A00003") });
        let escort = staff(&db, fleet::StaffFacts { role: StaffRole::Escort, ..driver("E1") });
        let light = staff(&db, fleet::StaffFacts { licence: Some(fleet::Licence::C1), ..driver("D1") });
        let resting = staff(&db, fleet::StaffFacts { in_service: false, ..driver("D2") });
        let driver = staff(&db, driver("D3"));
        let legs = || to_suzhou("2020-09-16 08:00", "2020-09-16 11:00");
        assert_eq!(refused(create(&db, &good, &[], legs())), "driver_missing");
        assert_eq!(refused(create(&db, &good, &[&escort, &light], legs())), "driver_missing");
        assert_eq!(refused(create(&db, &good, &[&driver, &resting], legs())), "staff_out_of_service");
        assert_eq!(refused(create(&db, &idle, &[&driver], legs())), "vehicle_out_of_service");
        assert_eq!(refused(create(&db, &bare, &[&driver], legs())), "permit_missing");
        assert_eq!(refused(create(&db, &good, &[&driver], to_suzhou("2020-12-31 23:00", "2021-01-01 02:00"))), "permit_expired");
        let within = Leg { to: Organisation::id_of("group-310115"), ..legs().remove(0) };
        assert!(create(&db, &bare, &[&driver], vec![within]).is_ok(), "within one province no permit is wanted");
        assert!(create(&db, &good, &[&staff(&db, self::driver("D4"))], to_suzhou("2020-12-31 20:00", "2020-12-31 23:00")).is_ok());
    }

    fn a_crew_changes_and_who_goes_is_free(db: TestDb) {
        rulebook(&db);
        let (one, other) = (staff(&db, driver("D1")), staff(&db, driver("D2")));
        let legs = to_suzhou("2020-09-16 08:00", "2020-09-16 11:00");
        let trip = create(&db, &vehicle(&db, coach("苏A00001")), &[&one], legs.clone()).unwrap();
        let change = |crew: Vec<Id<Staff>>| db.db.write(move |tx| dispatch::trip_change_crew(tx, &Actor::operator(), trip.id, None, &crew));
        change(vec![one.id, other.id]).unwrap();
        change(vec![other.id]).unwrap();
        let second = create(&db, &vehicle(&db, coach("苏A00002")), &[&one], legs).unwrap();
        let taken = conflict(change(vec![one.id, other.id]));
        assert_eq!(taken.code, "staff_taken");
        assert!(taken.text(Language::En).contains(&second.number));
        let sheet = db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), trip.id)).unwrap();
        assert_eq!(sheet.crew, [other]);
        assert_eq!(sheet.trip.version, 3);
    }

    fn a_stale_change_and_a_known_plate_or_badge_are_refused(db: TestDb) {
        rulebook(&db);
        let seen = vehicle(&db, coach("苏A00001"));
        let change = |version| db.db.write(move |tx| fleet::vehicle_change(tx, &Actor::operator(), LoadRule::default(), seen.id, version, coach("苏A00009")));
        assert_eq!(change(1).unwrap().plate.as_str(), "苏A00009");
        assert_eq!(conflict(change(1)).code, "changed_meanwhile");
        let twice = db.db.write(|tx| fleet::vehicle_add(tx, &Actor::operator(), LoadRule::default(), coach("苏A00009")));
        assert_eq!(conflict(twice).code, "plate_known");
        staff(&db, driver("D1"));
        let keyring = Keyring::generate(&IdSource::seeded(1));
        let twice = db.db.write(move |tx| fleet::staff_add(tx, &Actor::operator(), &keyring, driver("D1"), &"乙某".parse().unwrap()));
        assert_eq!(conflict(twice).code, "badge_known");
    }

    fn a_name_opens_with_the_keyring_and_only_with_it(db: TestDb) {
        rulebook(&db);
        let member = staff(&db, driver("D1"));
        let keyring = Keyring::generate(&IdSource::seeded(1));
        let names = db.db.read(|conn| fleet::staff_names(conn, &keyring, &[member.id])).unwrap();
        assert_eq!(names[0].1.expose(), "甲某");
        let other = Keyring::generate(&IdSource::seeded(2));
        assert!(db.db.read(|conn| fleet::staff_names(conn, &other, &[member.id])).is_err());
        let ring = keyring.clone();
        let name = "丙某".parse().unwrap();
        let renamed = db.db.write(move |tx| fleet::staff_change(tx, &Actor::operator(), &ring, member.id, 1, driver("D7"), Some(&name))).unwrap();
        assert_eq!((renamed.badge.as_str(), renamed.version), ("D7", 2));
        let names = db.db.read(|conn| fleet::staff_names(conn, &keyring, &[member.id])).unwrap();
        assert_eq!(names[0].1.expose(), "丙某");
    }

    fn what_is_outside_of_the_scope_does_not_exist_and_what_the_role_may_not_do_is_forbidden(db: TestDb) {
        rulebook(&db);
        let (coach, driver) = (vehicle(&db, coach("苏A00001")), staff(&db, driver("D1")));
        let legs = to_suzhou("2020-09-16 08:00", "2020-09-16 11:00");
        let trip = create(&db, &coach, &[&driver], legs.clone()).unwrap();
        let sees = |actor: &Actor| {
            let seen = db.db.read(|conn| dispatch::trips_on(conn, actor, trip.on)).unwrap().len();
            let got = db.db.read(|conn| dispatch::trip_get(conn, actor, trip.id));
            assert!(matches!((&got, seen), (Ok(_), 1) | (Err(Error::NotFound("trip")), 0)));
            seen == 1
        };
        let group = |name, scope| actor(&db, name, Role::ProvincialGroup, scope);
        assert!(sees(&group("jiangsu", "32")));
        assert!(sees(&group("suzhou", "3205")), "it receives");
        assert!(sees(&group("pudong", "310115")), "it gives");
        assert!(!sees(&group("nanjing", "3201")));
        let zhejiang = group("zhejiang", "33");
        assert!(!sees(&zhejiang));
        let cancel = db.db.write({
            let zhejiang = zhejiang.clone();
            move |tx| dispatch::trip_cancel(tx, &zhejiang, trip.id, None, "fog")
        });
        assert!(matches!(cancel, Err(Error::NotFound("trip"))));
        assert!(db.db.read(|conn| fleet::vehicles_list(conn, &zhejiang, &PageRequest::new(None, None))).unwrap().items.is_empty());
        let new = NewTrip { vehicle: coach.id, crew: vec![driver.id], legs, load_cap: None };
        let theirs = db.db.write(move |tx| dispatch::trip_create(tx, &zhejiang, DISINFECTION, &new));
        assert!(matches!(theirs, Err(Error::NotFound("vehicle"))));
        let auditor = actor(&db, "auditor", Role::Auditor, "32");
        assert!(matches!(db.db.write(move |tx| dispatch::announce(tx, &auditor, trip.id, None)), Err(Error::Forbidden(_))));
    }

    fn long_lists_come_in_pages(db: TestDb) {
        rulebook(&db);
        for n in 0..5 {
            vehicle(&db, coach(&format!("苏A0000{n}")));
        }
        let page = |after: Option<String>| db.db.read(|conn| fleet::vehicles_list(conn, &Actor::operator(), &PageRequest::new(after.clone(), Some(3)))).unwrap();
        let first = page(None);
        assert_eq!(first.items.len(), 3);
        assert_eq!(first.next.as_deref(), Some("苏A00002"));
        let second = page(first.next);
        assert_eq!(second.items.iter().map(|vehicle| vehicle.plate.as_str()).collect::<Vec<_>>(), ["苏A00003", "苏A00004"]);
        assert_eq!(second.next, None);
    }

    fn legs_lead_through_known_organisations_to_the_province_that_receives(db: TestDb) {
        rulebook(&db);
        let (coach, driver) = (vehicle(&db, coach("苏A00001")), staff(&db, driver("D1")));
        let mut legs = to_suzhou("2020-09-16 08:00", "2020-09-16 10:00");
        legs.push(Leg { from: legs[0].to, to: Organisation::id_of("squad-320100"), departs_at: at("2020-09-16 10:30"), arrives_at: at("2020-09-16 13:00") });
        let trip = create(&db, &coach, &[&driver], legs.clone()).unwrap();
        assert_eq!((trip.province.as_str(), trip.load_cap), ("320000", 24));
        let line = db.db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), trip.on)).unwrap().remove(0);
        assert_eq!((line.n_crew, line.n_seats, line.legs), (1, 0, legs.clone()));
        legs[1].to = Id::from_uuid(uuid::Uuid::nil());
        assert!(matches!(create(&db, &coach, &[&driver], legs), Err(Error::NotFound("organisation"))));
    }
}
