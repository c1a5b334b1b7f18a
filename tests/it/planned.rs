//! A day planned from the database and announced: everybody who may move has a seat, and of two who announce at once one wins whole.

use std::sync::{Arc, Barrier};

use chrono::{NaiveDate, TimeDelta};
use jiezhuan::access::Actor;
use jiezhuan::base::{Error, Result};
use jiezhuan::dispatch::plan::{self, Budget, Options, Plan};
use jiezhuan::dispatch::{self, Day, Driving, Trip, TripState};
use jiezhuan::fleet::{StaffFacts, StaffRole};
use jiezhuan::policy::Rulebook;

use crate::support::build::{alter, coach, driver, parties, rulebook, staff, vehicle};
use crate::support::{TestDb, on_both_engines};

const DISINFECTION: TimeDelta = TimeDelta::minutes(60);

fn on() -> NaiveDate {
    "2020-09-15".parse().unwrap()
}

/// Two coaches with crews at the hub of Jiangsu.
fn fleet(db: &TestDb) {
    vehicle(db, coach("苏A00001"));
    vehicle(db, coach("苏A00002"));
    for n in 1..=4 {
        staff(db, driver(&format!("D{n}")));
        staff(db, StaffFacts { role: StaffRole::Escort, licence: None, ..driver(&format!("E{n}")) });
        staff(db, StaffFacts { role: StaffRole::Medic, licence: None, ..driver(&format!("M{n}")) });
    }
}

fn propose(db: &TestDb, rulebook: &Rulebook) -> (Day, Plan) {
    let driving = Driving::embedded().unwrap();
    let day = db.db.read(|conn| dispatch::day(conn, &Actor::operator(), rulebook, &driving, DISINFECTION, on())).unwrap();
    let options = Options { budget: Budget::Steps(30), seed: 1, threads: 1 };
    let outcome = plan::plan(&day.problem, None, &options, &|_, _| true);
    assert_eq!(plan::verify(&day.problem, &outcome.plan).1, []);
    (day, outcome.plan)
}

fn announce(db: &TestDb, rulebook: &Arc<Rulebook>, day: &Day, plan: &Plan) -> Result<Vec<Trip>> {
    let (rulebook, day, plan) = (Arc::clone(rulebook), day.clone(), plan.clone());
    let trips = db.db.write(move |tx| dispatch::announce_plan(tx, &Actor::operator(), &rulebook, DISINFECTION, &day, &plan))?;
    Ok(trips.into_iter().map(|(_, trip)| trip).collect())
}

on_both_engines! {
    fn everybody_who_may_move_that_day_has_a_seat_on_an_announced_trip(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        let parties = parties(&db, &[2, 3, 1, 4]);
        // One of the last party has no result: none of it may move.
        alter(&db, parties[3][0], "DELETE FROM test_results WHERE traveller_id = $1");
        let (day, plan) = propose(&db, &rulebook);
        assert_eq!((day.problem.parties.len(), day.kept, plan.left_out.len()), (3, 4, 0));
        let trips = announce(&db, &rulebook, &day, &plan).unwrap();
        assert_eq!(trips.len(), 1, "six people ride in one coach");
        assert_eq!(trips[0].state, TripState::Announced);
        let sheet = db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), trips[0].id)).unwrap();
        let mut seated: Vec<_> = sheet.seats.iter().map(|seat| seat.traveller).collect();
        let mut wanted = parties[..3].concat();
        seated.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(seated, wanted);
        assert!(sheet.legs.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].arrives_at <= pair[1].departs_at));
        // What is announced is taken: vehicle, crew and people are not proposed again.
        let (day, plan) = propose(&db, &rulebook);
        assert_eq!((day.problem.vehicles.len(), day.problem.parties.len(), plan.trips.len()), (1, 0, 0));
    }

    fn of_two_announcements_at_once_one_is_made_whole_and_the_other_leaves_nothing(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        // Two coaches full: each plan is two trips.
        parties(&db, &[6; 8]);
        let (day, plan) = propose(&db, &rulebook);
        assert_eq!((plan.trips.len(), plan.left_out.len()), (2, 0));
        let start = Barrier::new(2);
        let outcomes = std::thread::scope(|scope| {
            let run = || {
                start.wait();
                announce(&db, &rulebook, &day, &plan)
            };
            let one = scope.spawn(run);
            [run(), one.join().unwrap()]
        });
        let lost: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(matches!(lost[..], [Error::Conflict(_)]), "{outcomes:?}");
        let trips = db.db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), on())).unwrap();
        assert_eq!(trips.len(), 2);
        assert_eq!(trips.iter().map(|line| line.n_seats).sum::<i64>(), 48);
    }
}
