//! A day planned from the database and announced: everybody who may move has a seat, and of two who announce at once one wins whole.

use std::sync::{Arc, Barrier};

use chrono::{NaiveDate, TimeDelta};
use jiezhuan::access::Actor;
use jiezhuan::arrivals::{self, RideNeeds};
use jiezhuan::base::{Error, Result, time};
use jiezhuan::dispatch::plan::{self, Budget, Causes, Options, Plan, Reason};
use jiezhuan::dispatch::{self, AnnouncedAs, Day, Driving, TripSheet, TripState};
use jiezhuan::fleet::{StaffFacts, StaffRole, VehicleFacts};
use jiezhuan::places::Organisation;
use jiezhuan::policy::Rulebook;

use crate::support::build::{alter, coach, driver, fleet, parties, rulebook, staff, vehicle};
use crate::support::{TestDb, on_both_engines};

const DISINFECTION: TimeDelta = TimeDelta::minutes(60);

fn on() -> NaiveDate {
    "2020-09-15".parse().unwrap()
}

fn propose(db: &TestDb, rulebook: &Rulebook) -> (Day, Plan) {
    let driving = Driving::embedded().unwrap();
    let day = db.db.read(|conn| dispatch::day(conn, &Actor::operator(), rulebook, &driving, DISINFECTION, on())).unwrap();
    let options = Options { budget: Budget::Steps(30), seed: 1, threads: 1 };
    let outcome = plan::plan(&day.problem, None, &options, &|_, _| true);
    assert_eq!(plan::verify(&day.problem, &outcome.plan).1, []);
    (day, outcome.plan)
}

fn announce(db: &TestDb, rulebook: &Arc<Rulebook>, day: &Day, plan: &Plan) -> Result<Vec<AnnouncedAs>> {
    let (rulebook, day, plan) = (Arc::clone(rulebook), day.clone(), plan.clone());
    db.db.write(move |tx| dispatch::plan_announce(tx, &Actor::operator(), &rulebook, DISINFECTION, &day, &plan, &Causes::default(), 1, None))
}

/// Who drives when is kept with the trip: from its first minute at the wheel to the last by its drivers; with another crew it is what the law asks.
fn drives_are_as_planned_until_the_crew_is_another(db: &TestDb, sheet: &TripSheet) {
    let driving = Driving::embedded().unwrap();
    let drives = dispatch::drives(sheet, &driving);
    assert_eq!(drives, sheet.planned_drives);
    let ends = (drives.first().unwrap().starts_at, drives.last().unwrap().ends_at);
    assert_eq!(ends, (sheet.legs.first().unwrap().departs_at, sheet.legs.last().unwrap().arrives_at));
    assert!(drives.iter().all(|drive| sheet.crew.iter().any(|member| member.id == drive.driver && member.role == StaffRole::Driver)), "{drives:?}");
    assert!(drives.windows(2).all(|pair| pair[0].ends_at <= pair[1].starts_at));
    let gone = drives[0].driver;
    let other = staff(db, driver("D9"));
    let crew: Vec<_> = sheet.crew.iter().map(|member| member.id).filter(|id| *id != gone).chain([other.id]).collect();
    let id = sheet.trip.id;
    db.db.write(move |tx| dispatch::trip_change_crew(tx, &Actor::operator(), id, None, &crew)).unwrap();
    let changed = db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), id)).unwrap();
    assert!(changed.planned_drives.is_empty());
    assert!(dispatch::drives(&changed, &driving).iter().all(|drive| drive.driver != gone));
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
        let sheet = db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), trips[0].trip)).unwrap();
        assert_eq!(sheet.trip.state, TripState::Announced);
        let mut seated: Vec<_> = sheet.seats.iter().map(|seat| seat.traveller).collect();
        let mut wanted = parties[..3].concat();
        seated.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(seated, wanted);
        assert!(sheet.legs.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].arrives_at <= pair[1].departs_at));
        drives_are_as_planned_until_the_crew_is_another(&db, &sheet);
        // What is announced is taken: nobody is proposed twice, and its coach is to be had again when it has been disinfected.
        let (day, plan) = propose(&db, &rulebook);
        assert_eq!((day.problem.parties.len(), plan.trips.len()), (0, 0));
        let back = (sheet.trip.arrives_at + DISINFECTION - time::midnight(on())).num_minutes() as i32;
        let taken = day.problem.vehicles.iter().find(|one| one.id == sheet.vehicle.plate.as_str()).unwrap();
        assert_eq!(taken.available, back..day.problem.horizon);
        let tired = day.problem.staff.iter().find(|one| sheet.crew.iter().any(|member| member.badge == one.id && member.role != StaffRole::Driver)).unwrap();
        assert_eq!(i64::from(tired.off_since), i64::from(back) - DISINFECTION.num_minutes());
    }

    fn vehicles_carry_what_they_are_said_to_and_stand_where_they_are_said_to(db: TestDb) {
        let rulebook = rulebook(&db);
        let site = Organisation::id_of("site-320500-1");
        vehicle(&db, VehicleFacts { contact_cap: Some(9), wheelchairs: 2, infants: 3, luggage: Some(30), depot: Some(site), ..coach("苏A00001") });
        vehicle(&db, VehicleFacts { permit: None, ..coach("苏A00002") });
        staff(&db, StaffFacts { depot: Some(site), ..driver("D1") });
        staff(&db, StaffFacts { role: StaffRole::Escort, licence: None, ..driver("E1") });
        parties(&db, &[2]);
        let (day, plan) = propose(&db, &rulebook);
        let [there] = &day.problem.vehicles[..] else { panic!("without a permit no coach crosses: {:?}", day.problem.vehicles) };
        assert_eq!((there.cap, there.wheelchairs, there.infants, there.luggage), ([24, 9], 2, 3, 30));
        assert_eq!(day.places[there.depot as usize], site);
        assert_eq!(plan.left_out[0].reason, Reason::NoCrewFree, "the escort stands at the hub");
        // What people need on the ride is asked of the vehicles.
        let person = parties(&db, &[1])[0][0];
        let needs = RideNeeds { wheelchairs: 1, child_seats: 1, luggage: 31 };
        db.db.write(move |tx| arrivals::need(tx, &Actor::operator(), person, needs)).unwrap();
        let (day, plan) = propose(&db, &rulebook);
        let needing = day.problem.parties.iter().position(|party| party.luggage == 31).unwrap();
        assert_eq!((day.problem.parties[needing].wheelchairs, day.problem.parties[needing].infants), (1, 1));
        let left = plan.left_out.iter().find(|left| left.party as usize == needing).unwrap();
        assert_eq!(left.reason, Reason::NoSuitableVehicle, "no coach holds 31 pieces");
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
