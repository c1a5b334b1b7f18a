//! A day planned anew: a coach breaks down, somebody may not move any more. What can stay stays, what changes is told with its reason, and a
//! trip that somebody touched meanwhile stops all of it.

use std::sync::{Arc, Barrier};

use chrono::{NaiveDate, TimeDelta};
use diesel::RunQueryDsl;
use jiezhuan::access::{Actor, Role};
use jiezhuan::base::{Error, Id, Language, Result};
use jiezhuan::dispatch::plan::{self, Budget, Options, verify};
use jiezhuan::dispatch::{self, AnnouncedAs, Day, Driving, Proposal, ProposalSheet, TripLine, TripSheet, TripState, What};
use jiezhuan::policy::Rulebook;
use serde_json::json;

use crate::pages::work::page;
use crate::support::app::TestApp;
use crate::support::build::{alter, coach, fleet, parties, rulebook, vehicle};
use crate::support::{TestDb, at, on_both_engines};

const DISINFECTION: TimeDelta = TimeDelta::minutes(60);

fn on() -> NaiveDate {
    "2020-09-15".parse().unwrap()
}

fn day(db: &TestDb, rulebook: &Rulebook, is_anew: bool) -> Day {
    let (driving, operator, now) = (Driving::embedded().unwrap(), Actor::operator(), db.clock.now());
    let day = db.db.read(|conn| {
        if is_anew {
            dispatch::day_anew(conn, &operator, rulebook, &driving, DISINFECTION, on(), now)
        } else {
            dispatch::day(conn, &operator, rulebook, &driving, DISINFECTION, on())
        }
    });
    day.unwrap()
}

/// Plans the day, anew or not, and has the proposal's search over.
fn planned(db: &TestDb, rulebook: &Rulebook, is_anew: bool) -> ProposalSheet {
    searched(db, rulebook, is_anew, false)
}

/// The same with the first plan that is found.
fn planned_at_once(db: &TestDb, rulebook: &Rulebook, is_anew: bool) -> ProposalSheet {
    searched(db, rulebook, is_anew, true)
}

fn searched(db: &TestDb, rulebook: &Rulebook, is_anew: bool, is_stopped: bool) -> ProposalSheet {
    let (operator, now) = (Actor::operator(), db.clock.now());
    let day = day(db, rulebook, is_anew);
    let proposal = db.db.write(move |tx| dispatch::proposal_start(tx, &Actor::operator(), &day, 1)).unwrap();
    dispatch::proposal_search(&db.db, proposal.id, 1, &|| is_stopped).unwrap();
    let sheet = db.db.read(|conn| dispatch::proposal_get(conn, &operator, now, proposal.id)).unwrap();
    assert_eq!(verify(&sheet.day.problem, sheet.plan.as_ref().unwrap()).1, []);
    sheet
}

fn announced(db: &TestDb, rulebook: &Arc<Rulebook>, id: Id<Proposal>, because: Option<&'static str>) -> Result<Vec<AnnouncedAs>> {
    let rulebook = Arc::clone(rulebook);
    db.db.write(move |tx| dispatch::proposal_announce(tx, &Actor::operator(), &rulebook, DISINFECTION, id, None, because))
}

fn trips(db: &TestDb) -> Vec<TripLine> {
    db.db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), on())).unwrap()
}

fn sheet(db: &TestDb, line: &TripLine) -> TripSheet {
    db.db.read(|conn| dispatch::trip_get(conn, &Actor::operator(), line.trip.id)).unwrap()
}

fn execute(db: &TestDb, sql: &'static str) {
    db.db.write(move |tx| Ok(diesel::sql_query(sql).execute(&mut **tx)?)).unwrap();
}

/// Two full coaches, announced the evening before.
fn two_trips(db: &TestDb) -> Arc<Rulebook> {
    db.clock.set(at("2020-09-14 20:00"));
    let rulebook = rulebook(db);
    fleet(db);
    parties(db, &[6; 8]);
    let first = planned(db, &rulebook, false);
    announced(db, &rulebook, first.proposal.id, None).unwrap();
    assert_eq!(trips(db).iter().map(|line| line.n_seats).collect::<Vec<_>>(), [24, 24]);
    rulebook
}

on_both_engines! {
    fn what_nothing_is_wrong_with_stays_as_it_was_announced(db: TestDb) {
        let rulebook = two_trips(&db);
        let before: Vec<TripSheet> = trips(&db).iter().map(|line| sheet(&db, line)).collect();
        let again = planned(&db, &rulebook, true);
        assert_eq!((again.day.standing.as_ref().unwrap().trips().count(), again.changes()), (2, vec![]));
        // Nothing that was announced changes, so there is nothing to explain.
        announced(&db, &rulebook, again.proposal.id, None).unwrap();
        assert_eq!(trips(&db).iter().map(|line| sheet(&db, line)).collect::<Vec<_>>(), before);
    }

    fn a_broken_coach_is_exchanged_and_those_concerned_are_told_why(db: TestDb) {
        let rulebook = two_trips(&db);
        vehicle(&db, coach("苏A00003"));
        execute(&db, "UPDATE vehicles SET in_service = FALSE WHERE plate = '苏A00001'");
        let again = planned(&db, &rulebook, true);
        let said: Vec<String> = again.changes().iter().map(|change| change.text("", Language::Zh)).collect();
        assert!(said.iter().any(|text| text.contains("换车 苏A00001 → 苏A00003（车辆不可用）")), "{said:?}");
        let silent = announced(&db, &rulebook, again.proposal.id, None).unwrap_err();
        assert!(matches!(&silent, Error::Invalid(faults) if faults[0].field == "because"), "{silent}");
        announced(&db, &rulebook, again.proposal.id, Some("苏A00001 抛锚")).unwrap();
        let lines = trips(&db);
        assert_eq!(lines.iter().map(|line| (line.trip.state.clone(), line.n_seats)).collect::<Vec<_>>(), [(TripState::Announced, 24), (TripState::Announced, 24)]);
        let mut plates: Vec<String> = lines.iter().map(|line| line.vehicle.plate.to_string()).collect();
        plates.sort();
        assert_eq!(plates, ["苏A00002", "苏A00003"]);
        for line in &lines {
            let noted = sheet(&db, line).changes;
            let is_other = line.vehicle.plate.to_string() == "苏A00003";
            assert_eq!(noted.iter().any(|change| change.what == What::Vehicle && change.because.as_deref() == Some("苏A00001 抛锚") && change.causes == "vehicle"), is_other, "{noted:?}");
        }
        // What was planned anew can be planned anew once more, and stays now.
        assert_eq!(planned(&db, &rulebook, true).changes(), []);
    }

    fn a_party_that_may_not_move_any_more_leaves_its_trip_and_nobody_else_is_disturbed(db: TestDb) {
        db.clock.set(at("2020-09-14 20:00"));
        let rulebook = rulebook(&db);
        fleet(&db);
        let people = parties(&db, &[2, 3, 4]);
        let first = planned(&db, &rulebook, false);
        announced(&db, &rulebook, first.proposal.id, None).unwrap();
        alter(&db, people[0][0], "DELETE FROM test_results WHERE traveller_id = $1");
        let again = planned(&db, &rulebook, true);
        announced(&db, &rulebook, again.proposal.id, Some("检测结果待定")).unwrap();
        let line = &trips(&db)[0];
        let after = sheet(&db, line);
        assert_eq!((line.n_seats, after.seats.iter().any(|seat| people[0].contains(&seat.traveller))), (7, false));
        let seats = after.changes.iter().find(|change| change.what == What::Seats).unwrap();
        assert_eq!((seats.before.as_str(), seats.after.as_str(), seats.causes.as_str()), ("9", "7", "party_gone"));
    }

    fn a_trip_that_somebody_touched_or_that_has_set_out_stops_all_of_it(db: TestDb) {
        let rulebook = two_trips(&db);
        vehicle(&db, coach("苏A00003"));
        execute(&db, "UPDATE vehicles SET in_service = FALSE WHERE plate = '苏A00001'");
        let again = planned(&db, &rulebook, true);
        let touched = trips(&db)[1].trip.id;
        db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), touched, None, "误发")).unwrap();
        let before: Vec<TripSheet> = trips(&db).iter().map(|line| sheet(&db, line)).collect();
        let refused = announced(&db, &rulebook, again.proposal.id, Some("抛锚")).unwrap_err();
        assert!(matches!(&refused, Error::Conflict(message) if message.code == "trip_changed_since_read"), "{refused}");
        assert_eq!(trips(&db).iter().map(|line| sheet(&db, line)).collect::<Vec<_>>(), before);
        // Once on their way, trips are left as they are.
        db.clock.set(at("2020-09-15 23:00"));
        assert_eq!(planned(&db, &rulebook, true).day.standing.unwrap().trips().count(), 0);
    }

    fn contacts_ride_apart_from_others(db: TestDb) {
        db.clock.set(at("2020-09-14 20:00"));
        let rulebook = rulebook(&db);
        fleet(&db);
        let people = parties(&db, &[2, 3]);
        alter(&db, people[0][0], "UPDATE travellers SET exposed_on = '2020-09-01' WHERE id = $1");
        let day = planned(&db, &rulebook, false);
        announced(&db, &rulebook, day.proposal.id, None).unwrap();
        let mut seats: Vec<i64> = trips(&db).iter().map(|line| line.n_seats).collect();
        seats.sort_unstable();
        assert_eq!(seats, [2, 3]);
        let other = trips(&db).into_iter().find(|line| line.n_seats == 3).unwrap().trip.id;
        let contacts = trips(&db).into_iter().find(|line| line.n_seats == 2).unwrap().trip.id;
        let (moved, book) = (people[0].clone(), Arc::clone(&rulebook));
        let refused = db.db.write(move |tx| {
            dispatch::seats_take_back(tx, &Actor::operator(), contacts, &moved)?;
            let wanted: Vec<_> = moved.iter().copied().map(dispatch::SeatWanted::any).collect();
            dispatch::seats_give(tx, &Actor::operator(), &book, other, &wanted)
        });
        assert!(matches!(&refused, Err(Error::Refused(message)) if message.code == "risk_mixed"), "{refused:?}");
    }

    fn of_two_who_announce_a_day_planned_anew_one_changes_it_and_the_other_is_told(db: TestDb) {
        let rulebook = two_trips(&db);
        vehicle(&db, coach("苏A00003"));
        // Again and again the coach that goes breaks down, and the one that was repaired goes instead.
        for round in 1..=20 {
            execute(&db, "UPDATE vehicles SET in_service = plate <> (SELECT plate FROM vehicles v JOIN trips t ON t.vehicle_id = v.id ORDER BY plate LIMIT 1)");
            let id = planned_at_once(&db, &rulebook, true).proposal.id;
            let start = Barrier::new(2);
            let outcomes: Vec<Result<Vec<AnnouncedAs>>> = std::thread::scope(|scope| {
                let threads: Vec<_> = [0, 1].map(|_| scope.spawn(|| {
                    start.wait();
                    announced(&db, &rulebook, id, Some("抛锚"))
                })).into();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let lost: Vec<&Error> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
            assert!(matches!(lost[..], [Error::Conflict(message)] if message.code == "proposal_announced"), "{outcomes:?}");
            let noted: usize = trips(&db).iter().map(|line| sheet(&db, line).changes.iter().filter(|change| change.what == What::Vehicle).count()).sum();
            assert_eq!(noted, round);
        }
    }

    fn what_was_announced_by_the_command_is_planned_anew_as_well(db: TestDb) {
        db.clock.set(at("2020-09-14 20:00"));
        let rulebook = rulebook(&db);
        fleet(&db);
        vehicle(&db, coach("苏A00003"));
        parties(&db, &[6; 8]);
        let announce = |is_anew: bool, because: Option<&'static str>| {
            let day = day(&db, &rulebook, is_anew);
            let options = Options { budget: Budget::Steps(30), seed: 1, threads: 1 };
            let outcome = plan::plan(&day.problem, day.standing.as_ref().map(dispatch::Standing::previous).as_ref(), &options, &|_, _| true);
            let book = Arc::clone(&rulebook);
            db.db.write(move |tx| {
                dispatch::plan_announce(tx, &Actor::operator(), &book, DISINFECTION, &day, &outcome.plan, &outcome.causes, 1, because)
            }).unwrap()
        };
        let first = announce(false, None);
        assert_eq!(first.len(), 2);
        let gone = sheet(&db, &trips(&db)[0]).vehicle.plate.to_string();
        db.db.write(move |tx| Ok(diesel::sql_query(format!("UPDATE vehicles SET in_service = FALSE WHERE plate = '{gone}'")).execute(&mut **tx)?)).unwrap();
        let mut again = announce(true, Some("抛锚"));
        again.sort_by_key(|trip| trip.number.clone());
        assert_eq!(again.iter().map(|trip| &trip.number).collect::<Vec<_>>(), first.iter().map(|trip| &trip.number).collect::<Vec<_>>());
        assert_eq!(planned(&db, &rulebook, true).changes(), []);
    }

    fn the_same_by_the_api_and_on_the_page(db: TestDb) {
        let rulebook = two_trips(&db);
        vehicle(&db, coach("苏A00003"));
        execute(&db, "UPDATE vehicles SET in_service = FALSE WHERE plate = '苏A00001'");
        let id = planned(&db, &rulebook, true).proposal.id;
        let app = TestApp::new(db);
        let chen = app.caller(Role::Dispatcher, "all");
        let path = format!("/api/v1/proposals/{id}");
        let shown = app.get(&chen, &path).json();
        let exchanged = json!({"what": "vehicle", "before": "苏A00001", "after": "苏A00003", "causes": ["vehicle"]});
        let found = shown["changes"].as_array().unwrap().iter().find(|change| change["what"] == "vehicle").unwrap();
        assert_eq!((&shown["anew"], &found["before"], &found["after"], &found["causes"]), (&json!(true), &exchanged["before"], &exchanged["after"], &exchanged["causes"]));
        let silent = app.post(&chen, &format!("{path}/announce"), &json!({}));
        assert_eq!(silent.json()["errors"][0]["field"], "because", "{silent:?}");
        let shown = page(&app, &chen, &format!("/trips/proposals/{id}")).body;
        assert!(shown.contains("换车 苏A00001 → 苏A00003（车辆不可用）") && shown.contains("name=\"because\" required"), "{shown}");
        let made = app.post(&chen, &format!("{path}/announce"), &json!({"because": "抛锚"}));
        assert_eq!(made.json()["items"].as_array().map(Vec::len), Some(2), "{made:?}");
        assert_eq!(app.db.column("SELECT because || ' ' || causes AS body FROM trip_changes WHERE what = 'vehicle'"), ["抛锚 vehicle"]);
    }
}
