//! The seat gate: who may have a seat, that parties ride together, that nobody has two and no trip carries too many.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};

use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::arrivals::{self, RideNeeds, TravellerId};
use jiezhuan::base::{Error, Id, Result};
use jiezhuan::dispatch::{self, NewTrip, Seat, SeatWanted, Trip, What};
use jiezhuan::fleet::{Vehicle, VehicleFacts, VehicleKind};
use jiezhuan::places::Organisation;
use jiezhuan::policy::Rulebook;

use crate::support::build::{actor, alter, coach, driver, parties, rulebook, staff, to_suzhou, vehicle};
use crate::support::{TestDb, at, on_both_engines};

/// A trip of its own coach and driver on 2020-09-15, which `cap` may ride.
fn trip(db: &TestDb, n: usize, cap: Option<i32>) -> Trip {
    let (vehicle, driver) = (vehicle(db, coach(&format!("苏A{n:05}"))), staff(db, driver(&format!("D{n}"))));
    let new = NewTrip { vehicle: vehicle.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 14:00", "2020-09-15 17:00"), load_cap: cap };
    db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap()
}

fn give(db: &TestDb, rulebook: &Arc<Rulebook>, trip: Id<Trip>, wanted: Vec<SeatWanted>) -> Result<Vec<Seat>> {
    let rulebook = Arc::clone(rulebook);
    db.db.write(move |tx| dispatch::seats_give(tx, &Actor::operator(), &rulebook, trip, &wanted))
}

fn any(people: &[TravellerId]) -> Vec<SeatWanted> {
    people.iter().copied().map(SeatWanted::any).collect()
}

/// The codes of what is wrong, each once.
fn faults<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome {
        Err(Error::Invalid(faults)) => faults.iter().map(|fault| fault.message.code).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" "),
        Err(Error::Refused(message) | Error::Conflict(message)) => message.code.into(),
        other => panic!("not refused: {other:?}"),
    }
}

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
    fn parties_are_seated_together_in_front(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[1, 3, 2]);
        let trip = trip(&db, 1, None);
        let mut seats = give(&db, &rulebook, trip.id, any(&people.concat())).unwrap();
        seats.sort_by_key(|seat| seat.seat_no);
        assert_eq!(seats.iter().map(|seat| seat.seat_no).collect::<Vec<_>>(), [1, 2, 3, 5, 6, 7]);
        let of = |numbers: std::ops::Range<usize>| seats[numbers].iter().map(|seat| seat.traveller).collect::<BTreeSet<_>>();
        assert_eq!(of(0..3), people[1].iter().copied().collect());
        assert_eq!(of(3..5), people[2].iter().copied().collect());
        let sheet = db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), trip.id)).unwrap();
        assert_eq!(sheet.seats, seats);
        assert_eq!(db.db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), trip.on)).unwrap()[0].n_seats, 6);
    }

    fn each_rule_that_keeps_somebody_is_named(db: TestDb) {
        let rulebook = rulebook(&db);
        let trip = trip(&db, 1, None);
        let kept: [(&str, &str); 9] = [
            ("UPDATE travellers SET transfer_on = '2020-09-16' WHERE id = $1", "block_days_not_counted"),
            ("UPDATE travellers SET transfer_to = NULL, destination = NULL, city = NULL, province = NULL WHERE id = $1", "block_destination_missing"),
            ("UPDATE travellers SET transfer_to = '330400' WHERE id = $1", "bound_elsewhere"),
            ("DELETE FROM test_results WHERE kind = 'antibody' AND traveller_id = $1", "block_test_missing_antibody"),
            ("UPDATE test_results SET result = 'positive' WHERE kind = 'nucleic_acid' AND traveller_id = $1", "block_test_positive_nucleic_acid"),
            ("UPDATE test_results SET result = 'indeterminate' WHERE traveller_id = $1", "block_test_indeterminate_antibody block_test_indeterminate_nucleic_acid"),
            ("UPDATE travellers SET stock = 'released', custodian_id = NULL WHERE id = $1", "custody_ended"),
            ("INSERT INTO holds (id, traveller_id, party_id, kind, reason, set_at, set_by) SELECT id, id, party_id, 'medical', 'fever', updated_at, 'x' \
              FROM travellers WHERE id = $1", "block_hold_medical"),
            ("INSERT INTO holds (id, traveller_id, party_id, kind, reason, set_at, set_by) SELECT id, id, party_id, 'exposure', 'row 12', updated_at, 'x' \
              FROM travellers WHERE id = $1", "block_hold_exposure"),
        ];
        for (sql, codes) in kept {
            let person = parties(&db, &[1]).concat();
            alter(&db, person[0], sql);
            assert_eq!(faults(give(&db, &rulebook, trip.id, any(&person))), codes, "{sql}");
        }
        let both = parties(&db, &[1]).concat();
        alter(&db, both[0], kept[0].0);
        alter(&db, both[0], kept[7].0);
        let Err(Error::Invalid(faults)) = give(&db, &rulebook, trip.id, any(&both)) else { panic!("boarded") };
        assert_eq!(faults.iter().map(|fault| fault.message.code).collect::<Vec<_>>(), ["block_hold_medical", "block_days_not_counted"]);
        assert!(faults.iter().all(|fault| fault.field == format!("travellers.{}", both[0])));
    }

    fn a_party_rides_together_or_not_at_all(db: TestDb) {
        let rulebook = rulebook(&db);
        let trip = trip(&db, 1, None);
        let party = parties(&db, &[3]).concat();
        assert_eq!(faults(give(&db, &rulebook, trip.id, any(&party[..2]))), "party_split");
        alter(&db, party[2], "UPDATE test_results SET result = 'positive' WHERE kind = 'antibody' AND traveller_id = $1");
        let Err(Error::Invalid(found)) = give(&db, &rulebook, trip.id, any(&party)) else { panic!("boarded") };
        let held = found.iter().filter(|fault| fault.message.code == "block_party_held").map(|fault| fault.field.clone()).collect::<BTreeSet<_>>();
        assert_eq!(held, party[..2].iter().map(|person| format!("travellers.{person}")).collect());
        alter(&db, party[2], "UPDATE test_results SET result = 'negative' WHERE kind = 'antibody' AND traveller_id = $1");
        give(&db, &rulebook, trip.id, any(&party)).unwrap();
        let back = |people: Vec<TravellerId>| db.db.write(move |tx| dispatch::seats_take_back(tx, &Actor::operator(), trip.id, &people));
        assert_eq!(faults(back(party[..1].to_vec())), "party_split");
        back(party.clone()).unwrap();
        assert_eq!(faults(back(party)), "not_seated");
    }

    fn a_waiver_lets_somebody_board_in_the_name_of_who_decided(db: TestDb) {
        let rulebook = rulebook(&db);
        let trip = trip(&db, 1, None);
        let party = parties(&db, &[2]).concat();
        alter(&db, party[0], "DELETE FROM test_results WHERE kind = 'antibody' AND traveller_id = $1");
        let wanted = |why: &str| vec![SeatWanted { waiver: Some(why.into()), ..SeatWanted::any(party[0]) }, SeatWanted { waiver: Some("same".into()), ..SeatWanted::any(party[1]) }];
        assert_eq!(faults(give(&db, &rulebook, trip.id, wanted("  "))), "bad_reason");
        let (group, rules, asked) = (actor(&db, "jiangsu", Role::ProvincialGroup, "32"), Arc::clone(&rulebook), wanted("in a hurry"));
        let outcome = db.db.write(move |tx| dispatch::seats_give(tx, &group, &rules, trip.id, &asked));
        assert!(matches!(outcome, Err(Error::Forbidden(_))), "a group makes trips and waives nothing");
        let seats = give(&db, &rulebook, trip.id, wanted("result read by telephone")).unwrap();
        let waiver = |person| seats.iter().find(|seat| seat.traveller == person).unwrap().waiver.clone();
        assert_eq!(waiver(party[0]).map(|waiver| (waiver.by, waiver.because)), Some(("operator".into(), "result read by telephone".into())));
        assert_eq!(waiver(party[1]), None, "who is cleared needs no waiver");
    }

    fn seats_that_are_asked_for_are_in_front_and_free(db: TestDb) {
        let rulebook = rulebook(&db);
        let trip = trip(&db, 1, None);
        let people = parties(&db, &[1, 1]).concat();
        let seat = |person, seat_no| vec![SeatWanted { seat_no: Some(seat_no), ..SeatWanted::any(person) }];
        assert_eq!(faults(give(&db, &rulebook, trip.id, seat(people[0], 41))), "seat_not_usable");
        assert_eq!(give(&db, &rulebook, trip.id, seat(people[0], 40)).unwrap()[0].seat_no, 40);
        assert_eq!(faults(give(&db, &rulebook, trip.id, seat(people[1], 40))), "seat_taken");
        assert_eq!(faults(give(&db, &rulebook, trip.id, any(&[people[1], people[1]]))), "named_twice");
        assert_eq!(faults(give(&db, &rulebook, trip.id, Vec::new())), "nobody_named");
    }

    fn a_cancelled_or_arrived_trip_lets_its_passengers_go(db: TestDb) {
        let rulebook = rulebook(&db);
        let (first, second, third) = (trip(&db, 1, None).id, trip(&db, 2, None).id, trip(&db, 3, None).id);
        let person = parties(&db, &[1]).concat();
        give(&db, &rulebook, first, any(&person)).unwrap();
        db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), first, None, "fog")).unwrap();
        assert_eq!(faults(give(&db, &rulebook, first, any(&person))), "trip_not_open");
        give(&db, &rulebook, second, any(&person)).unwrap();
        assert_eq!(faults(give(&db, &rulebook, third, any(&person))), "already_seated");
        db.db.write(move |tx| {
            dispatch::announce(tx, &Actor::operator(), second, None)?;
            dispatch::start_boarding(tx, &Actor::operator(), second, None)?;
            dispatch::depart(tx, &Actor::operator(), second, None, Some(at("2020-09-15 11:00")))?;
            dispatch::arrive(tx, &Actor::operator(), second, None, None)
        }).unwrap();
        give(&db, &rulebook, third, any(&person)).unwrap();
        let carried = db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), second)).unwrap().seats;
        assert_eq!(carried.iter().map(|seat| (seat.traveller, seat.is_taken)).collect::<Vec<_>>(), [(person[0], false)]);
    }

    fn of_two_who_want_the_last_seats_one_gets_them(db: TestDb) {
        let rulebook = rulebook(&db);
        for n in 1..=40 {
            let trip = trip(&db, n, Some(3));
            let people = parties(&db, &[2, 2]);
            let outcomes = race(|| give(&db, &rulebook, trip.id, any(&people[0])), || give(&db, &rulebook, trip.id, any(&people[1])));
            let lost: Vec<String> = outcomes.into_iter().filter(Result::is_err).map(faults).collect();
            assert_eq!(lost, ["trip_full"], "try {n}");
        }
    }

    fn of_two_trips_that_want_the_same_person_one_gets_them(db: TestDb) {
        let rulebook = rulebook(&db);
        let trips = [trip(&db, 1, None), trip(&db, 2, None)];
        for n in 0..40 {
            let party = parties(&db, &[2]).concat();
            let backwards: Vec<TravellerId> = party.iter().rev().copied().collect();
            let outcomes = race(|| give(&db, &rulebook, trips[0].id, any(&party)), || give(&db, &rulebook, trips[1].id, any(&backwards)));
            let winner = outcomes.iter().position(Result::is_ok).expect("one wins");
            let Err(Error::Conflict(message)) = &outcomes[1 - winner] else { panic!("try {n}: both rode") };
            assert_eq!(message.code, "already_seated");
            assert!(message.to_string().contains(&trips[winner].number), "try {n}: {message}");
            db.db.write({
                let (trip, party) = (trips[winner].id, party.clone());
                move |tx| dispatch::seats_take_back(tx, &Actor::operator(), trip, &party)
            }).unwrap();
        }
    }

    fn a_traveller_of_an_unknown_id_is_not_found(db: TestDb) {
        let rulebook = rulebook(&db);
        let trip = trip(&db, 1, None);
        let nobody = Id::from_uuid(Organisation::id_of("nobody").uuid());
        assert!(matches!(give(&db, &rulebook, trip.id, any(&[nobody])), Err(Error::NotFound("traveller"))));
    }

    fn a_broken_coach_is_exchanged_everybody_keeps_a_seat_and_whoever_was_told_finds_why(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[3, 2]);
        let trip = trip(&db, 1, None);
        give(&db, &rulebook, trip.id, any(&people.concat())).unwrap();
        let change = |vehicle: Id<Vehicle>| db.db.write(move |tx| dispatch::trip_change_vehicle(tx, &Actor::operator(), trip.id, None, vehicle, " gearbox "));
        let small = vehicle(&db, VehicleFacts { kind: VehicleKind::Minibus, seats: 15, ..coach("苏A00002") });
        // Nobody has been told of the trip: nothing to note.
        assert_eq!(change(small.id).unwrap().load_cap, small.load_cap);
        let sheet = || db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), trip.id)).unwrap();
        assert!(sheet().seats.len() == 5 && sheet().seats.iter().all(|seat| seat.seat_no <= small.front_seats), "{:?}", sheet().seats);
        assert_eq!(sheet().changes, []);
        db.db.write(move |tx| dispatch::announce(tx, &Actor::operator(), trip.id, None)).unwrap();
        let before = sheet().seats;
        assert_eq!(change(trip.vehicle).unwrap().load_cap, 24, "the first was free again");
        assert_eq!(sheet().seats, before);
        let [noted] = &sheet().changes[..] else { panic!("{:?}", sheet().changes) };
        assert_eq!((noted.what, noted.before.as_str(), noted.after.as_str(), noted.because.as_deref()), (What::Vehicle, "苏A00002", "苏A00001", Some("gearbox")));
        // What does not do is refused, and nothing changes.
        let car = vehicle(&db, VehicleFacts { kind: VehicleKind::Car, seats: 4, ..coach("苏A00003") });
        let stopped = vehicle(&db, VehicleFacts { in_service: false, ..coach("苏A00004") });
        let busy = self::trip(&db, 5, None);
        for (vehicle, code) in [(car.id, "vehicle_too_small"), (stopped.id, "vehicle_out_of_service"), (busy.vehicle, "vehicle_taken"), (trip.vehicle, "vehicle_is_the_same")] {
            assert_eq!(faults(change(vehicle)), code);
        }
        let silent = db.db.write(move |tx| dispatch::trip_change_vehicle(tx, &Actor::operator(), trip.id, None, small.id, " "));
        assert_eq!(faults(silent), "bad_reason");
        assert_eq!((sheet().vehicle.id, sheet().changes.len()), (trip.vehicle, 1));
        let gone = people[1].clone();
        db.db.write(move |tx| dispatch::seats_take_back(tx, &Actor::operator(), trip.id, &gone)).unwrap();
        db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), trip.id, None, "fog")).unwrap();
        let noted: Vec<_> = sheet().changes.into_iter().map(|change| (change.what, change.before, change.after)).collect();
        assert_eq!(noted[1..], [(What::Seats, "5".into(), "3".into()), (What::Cancelled, String::new(), String::new())]);
        assert_eq!(faults(change(small.id)), "trip_not_open");
    }

    fn wheelchairs_small_children_and_luggage_ride_where_there_are_places_for_them(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[2, 1, 1]);
        let need = |person: TravellerId, wheelchairs: i32, child_seats: i32, luggage: i32| {
            db.db.write(move |tx| arrivals::need(tx, &Actor::operator(), person, RideNeeds { wheelchairs, child_seats, luggage }))
        };
        need(people[0][0], 1, 0, 3).unwrap();
        need(people[0][1], 0, 1, 4).unwrap();
        need(people[1][0], 1, 0, 0).unwrap();
        assert_eq!(faults(need(people[2][0], 2, 0, 0)), "plan_not_a_count");
        assert_eq!(faults(need(people[2][0], 0, 0, -1)), "plan_not_a_count");
        let of = |n: usize, facts: VehicleFacts| {
            let (vehicle, driver) = (vehicle(&db, facts), staff(&db, driver(&format!("N{n}"))));
            let new = NewTrip { vehicle: vehicle.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 14:00", "2020-09-15 17:00"), load_cap: None };
            db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap()
        };
        let plain = of(1, coach("苏A00001"));
        let refused = |trip: Id<Trip>, people: &[TravellerId]| match give(&db, &rulebook, trip, any(people)) {
            Err(Error::Refused(message)) => message.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(refused(plain.id, &people[0]).ends_with(r#"what="wheelchairs" has="0" needed="1""#));
        let fitted = of(2, VehicleFacts { wheelchairs: 1, infants: 1, luggage: Some(7), ..coach("苏A00002") });
        give(&db, &rulebook, fitted.id, any(&people[0])).unwrap();
        assert!(refused(fitted.id, &people[1]).ends_with(r#"what="wheelchairs" has="1" needed="2""#), "those aboard count");
        give(&db, &rulebook, fitted.id, any(&people[2])).unwrap();
        let other = db.db.write(move |tx| dispatch::trip_change_vehicle(tx, &Actor::operator(), fitted.id, None, plain.vehicle, "lift broken"));
        assert_eq!(faults(other), "vehicle_lacks_places");
        // What was said last counts.
        need(people[1][0], 0, 0, 0).unwrap();
        give(&db, &rulebook, fitted.id, any(&people[1])).unwrap();
    }
    fn who_is_due_is_judged_as_at_the_door_whoever_of_the_party_moves_on_another_day(db: TestDb) {
        let rulebook = rulebook(&db);
        let people = parties(&db, &[2, 1, 2]);
        let on = "2020-09-15".parse().unwrap();
        alter(&db, people[0][1], "UPDATE travellers SET transfer_on = '2020-09-18' WHERE id = $1");
        alter(&db, people[2][1], "UPDATE travellers SET transfer_on = NULL, destination = NULL, city = NULL, province = NULL, transfer_to = NULL WHERE id = $1");
        let due = db.db.read(|conn| arrivals::due(conn, &Actor::operator(), &rulebook, on)).unwrap();
        let blocked: Vec<_> = due.due[0].blocked.iter().map(|row| (row.reason, row.count)).collect();
        assert_eq!((due.count, due.due[0].cleared, blocked), (3, 1, vec![("party_held", 2)]));
        let door = db.db.read(|conn| arrivals::clearances(conn, &rulebook, &[people[0][0], people[1][0], people[2][0]], on)).unwrap();
        assert_eq!(door.iter().filter(|one| one.is_cleared()).map(|one| one.traveller).collect::<Vec<_>>(), [people[1][0]]);
    }
}
