//! Proposals: a day planned in the service, changed by hand, announced once; whatever races, stops or dies.

use std::sync::{Arc, Barrier};

use actix_web::test::TestRequest;
use chrono::{NaiveDate, TimeDelta};
use diesel::RunQueryDsl;
use jiezhuan::access::{Actor, Role};
use jiezhuan::base::{Error, Id, Language, Result};
use jiezhuan::dispatch::plan::{Plan, Reason, Target, verify};
use jiezhuan::dispatch::{self, AnnouncedAs, Driving, Proposal, ProposalSheet, ProposalState};
use jiezhuan::policy::Rulebook;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::build::{actor, alter, fleet, parties, rulebook};
use crate::support::{TestDb, on_both_engines};

const DISINFECTION: TimeDelta = TimeDelta::minutes(60);

fn on() -> NaiveDate {
    "2020-09-15".parse().unwrap()
}

fn asked(db: &TestDb, rulebook: &Rulebook, who: &Actor) -> Result<Proposal> {
    let driving = Driving::embedded()?;
    let day = db.db.read(|conn| dispatch::day(conn, who, rulebook, &driving, DISINFECTION, on()))?;
    let who = who.clone();
    db.db.write(move |tx| dispatch::proposal_start(tx, &who, &day, 1))
}

/// A proposal whose search is over.
fn proposed(db: &TestDb, rulebook: &Rulebook) -> Id<Proposal> {
    let proposal = asked(db, rulebook, &Actor::operator()).unwrap();
    dispatch::proposal_search(&db.db, proposal.id, 1, &|| false).unwrap();
    proposal.id
}

fn sheet(db: &TestDb, id: Id<Proposal>) -> ProposalSheet {
    db.db.read(|conn| dispatch::proposal_get(conn, &Actor::operator(), db.clock.now(), id)).unwrap()
}

fn plan(db: &TestDb, id: Id<Proposal>) -> Plan {
    let sheet = sheet(db, id);
    let plan = sheet.plan.unwrap();
    assert_eq!(verify(&sheet.day.problem, &plan).1, []);
    plan
}

fn moved(db: &TestDb, id: Id<Proposal>, version: i32, party: &str, to: &str) -> Result<Proposal> {
    let (party, target) = (party.to_owned(), Target::read(to));
    db.db.write(move |tx| dispatch::proposal_move(tx, &Actor::operator(), id, Some(version), &party, &target))
}

fn announced(db: &TestDb, rulebook: &Arc<Rulebook>, who: &Actor, id: Id<Proposal>, version: i32) -> Result<Vec<AnnouncedAs>> {
    let (rulebook, who) = (Arc::clone(rulebook), who.clone());
    db.db.write(move |tx| dispatch::proposal_announce(tx, &who, &rulebook, DISINFECTION, id, Some(version), None))
}

fn trips(db: &TestDb) -> Vec<dispatch::TripLine> {
    db.db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), on())).unwrap()
}

fn execute(db: &TestDb, sql: &'static str) {
    db.db.write(move |tx| Ok(diesel::sql_query(sql).execute(&mut **tx)?)).unwrap();
}

on_both_engines! {
    fn a_day_is_proposed_changed_by_hand_and_announced_as_it_then_is(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[2, 3, 1]);
        let id = proposed(&db, &rulebook);
        let before = sheet(&db, id);
        assert_eq!((before.proposal.state, before.proposal.progress, before.proposal.version), (ProposalState::Ready, 100, 1));
        assert_eq!((plan(&db, id).trips.len(), before.measure().unwrap().1.trips), (1, 1), "six people ride in one coach, and none could do with less");
        let of_size = |size| before.day.problem.parties.iter().position(|party| party.size == size).unwrap();
        let (two, one) = (before.day.problem.parties[of_size(2)].id.clone(), before.day.problem.parties[of_size(1)].id.clone());
        moved(&db, id, 1, &two, "own").unwrap();
        moved(&db, id, 2, &one, "off").unwrap();
        let after = plan(&db, id);
        assert_eq!((after.trips.len(), after.left_out.len(), after.left_out[0].reason), (2, 1, Reason::ByHand));
        let own = after.trips.iter().find(|trip| trip.parties().eq([of_size(2) as u32])).unwrap().id.clone();
        moved(&db, id, 3, &one, &own).unwrap();
        assert!(matches!(moved(&db, id, 4, &one, "T9"), Err(Error::NotFound("trip"))));
        let made = announced(&db, &rulebook, &Actor::operator(), id, 4).unwrap();
        let lines = trips(&db);
        assert_eq!(lines.iter().map(|line| (line.trip.number.clone(), line.n_seats)).collect::<Vec<_>>(), [("20200915-001".into(), 3), ("20200915-002".into(), 3)]);
        let after = sheet(&db, id);
        assert_eq!((after.proposal.state, after.announced_as), (ProposalState::Announced, made));
        let again = announced(&db, &rulebook, &Actor::operator(), id, 5).unwrap_err();
        assert!(matches!(&again, Error::Conflict(message) if message.code == "proposal_announced"), "{again}");
        assert!(again.message().text(Language::En).contains("operator announced this proposal at 2020-09-15T12:00:00+08:00"));
    }

    fn a_move_against_the_rules_is_refused_in_words_and_changes_nothing(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        // A coach takes 24: two of these parties fill one, the third has the other.
        parties(&db, &[12, 12, 12]);
        let id = proposed(&db, &rulebook);
        let before = sheet(&db, id);
        let plan = before.plan.unwrap();
        let full = plan.trips.iter().find(|trip| trip.parties().count() == 2).unwrap();
        let other = plan.trips.iter().find(|trip| trip.parties().count() == 1).unwrap();
        let third = &before.day.problem.parties[other.parties().next().unwrap() as usize].id;
        let Err(Error::Invalid(faults)) = moved(&db, id, 1, third, &full.id) else { panic!("refused") };
        let said: Vec<String> = faults.iter().map(|fault| fault.message.text(Language::Zh)).collect();
        assert_eq!(said, [format!("{}：坐不下，超过载客上限、轮椅位、儿童座椅或行李位。", full.id)]);
        assert_eq!((sheet(&db, id).plan.unwrap(), sheet(&db, id).proposal.version), (plan.clone(), 1));
    }

    fn of_two_who_change_one_proposal_the_second_is_told_who_was_first(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[2, 3]);
        let id = proposed(&db, &rulebook);
        let names: Vec<String> = sheet(&db, id).day.problem.parties.iter().map(|party| party.id.clone()).collect();
        let start = Barrier::new(2);
        let outcomes: Vec<Result<Proposal>> = std::thread::scope(|scope| {
            let threads: Vec<_> = names.iter().map(|name| scope.spawn(|| {
                start.wait();
                moved(&db, id, 1, name, "own")
            })).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let lost: Vec<&Error> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(matches!(lost[..], [Error::Conflict(message)] if message.code == "proposal_changed" && message.fact("by") == Some("operator")), "{outcomes:?}");
        assert_eq!(sheet(&db, id).proposal.version, 2);
    }

    fn of_two_who_announce_at_once_one_makes_all_the_trips_and_the_other_none(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[6; 8]);
        let id = proposed(&db, &rulebook);
        let (one, other) = (actor(&db, "chen", Role::Dispatcher, "all"), actor(&db, "wang", Role::Dispatcher, "all"));
        let start = Barrier::new(2);
        let outcomes: Vec<Result<Vec<AnnouncedAs>>> = std::thread::scope(|scope| {
            let threads: Vec<_> = [&one, &other].map(|who| scope.spawn(|| {
                start.wait();
                announced(&db, &rulebook, who, id, 1)
            })).into();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winner = if outcomes[0].is_ok() { "chen" } else { "wang" };
        let lost: Vec<&Error> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(matches!(lost[..], [Error::Conflict(message)] if message.code == "proposal_announced" && message.fact("by") == Some(winner)), "{outcomes:?}");
        let lines = trips(&db);
        assert_eq!((lines.len(), lines.iter().map(|line| line.n_seats).sum::<i64>()), (2, 48));
    }

    fn what_was_taken_since_the_proposal_stops_all_of_it_and_is_named(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[6; 8]);
        let part = actor(&db, "jiangsu", Role::Dispatcher, "32");
        let theirs = asked(&db, &rulebook, &part).unwrap().id;
        dispatch::proposal_search(&db.db, theirs, 1, &|| false).unwrap();
        // Whoever sees everything has planned the same people, and is first.
        let ours = proposed(&db, &rulebook);
        announced(&db, &rulebook, &Actor::operator(), ours, 1).unwrap();
        let late = announced(&db, &rulebook, &part, theirs, 1).unwrap_err();
        assert!(matches!(&late, Error::Conflict(message) if message.fact("trip").is_some_and(|trip| trip.starts_with("20200915-"))), "{late}");
        assert_eq!((trips(&db).len(), sheet(&db, theirs).proposal.state), (2, ProposalState::Ready));
    }

    fn a_search_that_died_leaves_what_it_had_found_for_use(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[2]);
        let id = proposed(&db, &rulebook);
        execute(&db, "UPDATE proposals SET state = 'searching', progress = 40");
        assert_eq!(sheet(&db, id).proposal.state, ProposalState::Searching);
        let early = announced(&db, &rulebook, &Actor::operator(), id, 1).unwrap_err();
        assert!(matches!(&early, Error::Refused(message) if message.code == "proposal_searching"), "{early}");
        db.at("2020-09-15 12:01");
        assert_eq!(sheet(&db, id).proposal.state, ProposalState::Interrupted);
        assert_eq!(announced(&db, &rulebook, &Actor::operator(), id, 1).unwrap().len(), 1);
    }

    fn a_search_is_made_by_one_stops_when_told_to_and_is_not_asked_for_twice(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[2, 3]);
        let who = actor(&db, "chen", Role::Dispatcher, "all");
        let first = asked(&db, &rulebook, &who).unwrap().id;
        let twice = asked(&db, &rulebook, &Actor::operator()).unwrap_err();
        assert!(matches!(&twice, Error::Conflict(message) if message.code == "proposal_being_searched" && message.fact("by") == Some("chen")), "{twice}");
        db.db.write(move |tx| dispatch::proposal_stop(tx, &Actor::operator(), first)).unwrap();
        dispatch::proposal_search(&db.db, first, 1, &|| false).unwrap();
        assert_eq!(plan(&db, first).trips.len(), 1, "the best plan so far");
        moved(&db, first, 1, &sheet(&db, first).day.problem.parties[0].id, "off").unwrap();
        dispatch::proposal_search(&db.db, first, 1, &|| false).unwrap();
        assert_eq!(plan(&db, first).left_out.len(), 1, "a second search does nothing");
        let second = asked(&db, &rulebook, &Actor::operator()).unwrap().id;
        assert_eq!(sheet(&db, first).proposal.state, ProposalState::Replaced);
        let void = moved(&db, first, 3, "nobody", "off").unwrap_err();
        assert!(matches!(&void, Error::Conflict(message) if message.code == "proposal_replaced"), "{void}");
        dispatch::proposal_search(&db.db, second, 1, &|| true).unwrap();
        assert_eq!(sheet(&db, second).proposal.state, ProposalState::Ready, "a server that stops writes down what it has");
    }

    fn who_should_have_gone_before_is_planned_too(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        let people = parties(&db, &[1, 2, 1, 1]);
        alter(&db, people[0][0], "UPDATE travellers SET transfer_on = '2020-09-13' WHERE id = $1");
        alter(&db, people[2][0], "UPDATE travellers SET transfer_on = '2020-09-16' WHERE id = $1");
        alter(&db, people[3][0], "UPDATE travellers SET transfer_on = '2020-09-13', stock = 'at_destination' WHERE id = $1");
        let sheet = sheet(&db, proposed(&db, &rulebook));
        let mut planned: Vec<_> = sheet.day.parties.concat();
        planned.sort_unstable();
        let mut due = people[..2].concat();
        due.sort_unstable();
        assert_eq!(planned, due);
    }

    fn a_proposal_exists_for_its_scope_and_for_whoever_sees_everything(db: TestDb) {
        let rulebook = rulebook(&db);
        fleet(&db);
        parties(&db, &[2]);
        let jiangsu = actor(&db, "jiangsu", Role::ProvincialGroup, "32");
        let id = asked(&db, &rulebook, &jiangsu).unwrap().id;
        let sees = |who: &Actor| db.db.read(|conn| dispatch::proposals_on(conn, who, db.clock.now(), on())).unwrap().len() == 1;
        assert!(sees(&jiangsu) && sees(&Actor::operator()));
        let zhejiang = actor(&db, "zhejiang", Role::ProvincialGroup, "33");
        assert!(!sees(&zhejiang));
        let stop = db.db.write(move |tx| dispatch::proposal_stop(tx, &zhejiang, id));
        assert!(matches!(stop, Err(Error::NotFound("proposal"))));
        let auditor = actor(&db, "auditor", Role::Auditor, "all");
        assert!(matches!(db.db.read(|conn| dispatch::proposal_get(conn, &auditor, db.clock.now(), id)), Err(Error::Forbidden(_))));
    }

    fn the_same_by_the_api_and_another_node_sees_it(db: TestDb) {
        rulebook(&db);
        fleet(&db);
        parties(&db, &[2, 3]);
        let (db, other) = db.twice();
        let (app, node) = (TestApp::new(db), TestApp::new(other));
        let chen = app.caller(Role::Dispatcher, "all");
        let wrong = app.post(&chen, "/api/v1/proposals", &json!({"on": "2020-09-15", "seconds": 601}));
        assert_eq!((wrong.problem(), wrong.json()["errors"][0]["field"].as_str()), ((422, "plan_not_a_count".into()), Some("seconds")));
        let key = || TestRequest::post().uri("/api/v1/proposals").insert_header(("Idempotency-Key", "one-search")).set_json(json!({"on": "2020-09-15", "seconds": 1}));
        let begun = app.send(chen.asks(key()));
        assert_eq!((begun.status.as_u16(), begun.json()["state"].as_str()), (201, Some("searching")), "{begun:?}");
        assert_eq!(app.send(chen.asks(key())).json()["id"], begun.json()["id"], "the same request begins nothing new");
        let path = format!("/api/v1/proposals/{}", begun.json()["id"].as_str().unwrap());
        assert!(begun.header("location").ends_with(&path));
        let done = (0..200).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Some(node.get(&chen, &path).json()).filter(|sheet| sheet["state"] == "ready")
        });
        let done: Value = done.expect("the search ends");
        let (trip, party) = (&done["trips"][0], done["trips"][0]["parties"][0]["party"].clone());
        assert_eq!((&trip["name"], &trip["persons"], &trip["load_cap"]), (&json!("T1"), &json!(5), &json!(24)));
        assert_eq!(trip["parties"][0]["from_organisation"], "group-310115");
        assert!(trip["crew"][0]["driving_minutes"].as_i64().unwrap() > 100, "{trip}");
        assert_eq!(node.get(&chen, "/api/v1/proposals?on=2020-09-15").json()["items"][0]["version"], 1);
        let shift = |app: &TestApp, seen: &str| app.send(chen.asks(TestRequest::post().uri(&format!("{path}/move")).insert_header(("If-Match", seen)).set_json(json!({"party": party, "to": "own"}))));
        assert_eq!(shift(&node, "\"1\"").json()["version"], 2);
        assert_eq!(shift(&app, "\"1\"").problem(), (412, "proposal_changed".into()));
        let announce = |app: &TestApp| app.post(&chen, &format!("{path}/announce"), &json!({}));
        let trips = announce(&app).json();
        assert_eq!(trips["items"].as_array().unwrap().len(), 2);
        let late = announce(&node);
        assert_eq!(late.problem(), (409, "proposal_announced".into()));
        assert!(late.json()["detail"].as_str().unwrap().contains("dispatcher-all"), "{late:?}");
        assert_eq!(app.post(&chen, &format!("{path}/stop"), &json!({})).status.as_u16(), 200);
    }
}
