//! What time does to an offer that nobody answers: it climbs the ladder of its route and lapses, and is never accepted.

use std::sync::Arc;

use jiezhuan::access::{Actor, Keyring};
use jiezhuan::base::IdSource;
use jiezhuan::config::Settings;
use jiezhuan::custody::{self, Decision, HandoffState, Receipt};
use jiezhuan::db::{Db, events_after};
use jiezhuan::jobs::Worker;

use super::{accept, code, custodian, offer, refuse, try_offer, withdraw};
use crate::support::people::{DESK, by, expect_clean_ledger, in_force, land, organisation, register_organisations};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";

fn worker(db: &Db) -> Worker {
    let keyring = Arc::new(Keyring::generate(&IdSource::seeded(7)));
    Worker::new(db.clone(), keyring, in_force(), Settings::load(None, []).unwrap()).unwrap()
}

/// The rungs that were climbed, in order.
fn rungs(db: &Db) -> Vec<String> {
    let events = db.read(|conn| events_after(conn, 0, 10_000)).unwrap();
    events.iter().filter_map(|event| event.facts()["rung"].as_str().map(str::to_owned)).collect()
}

on_both_engines! {
    fn an_offer_climbs_its_ladder_rung_by_rung_and_a_coordinator_decides(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        let id = offer(&db.db, DESK, SITE, &people);
        let view = db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap();
        assert_eq!(view.answer_by, Some(at("2020-09-15 12:45")), "as long as the route gives");
        let mut climbed = Vec::new();
        for (time, rung) in [("12:09:59", None), ("12:10", Some("remind")), ("12:20", Some("duty_officer")), ("12:30", Some("coordinator")), ("12:44:59", None)] {
            db.at(&format!("2020-09-15 {time}"));
            // A new worker each time: what was done is known to the database alone.
            worker(&db.db).round().unwrap();
            worker(&db.db).round().unwrap();
            climbed.extend(rung);
            assert_eq!(rungs(&db.db), climbed, "at {time}");
        }
        let as_coordinator = |decision: Decision| {
            let because = "站点电话确认".parse::<custody::Reason>().unwrap();
            db.db.write(move |tx| custody::decide(tx, &Actor::operator(), id, None, decision.clone(), because.clone()))
        };
        assert_eq!(code(as_coordinator(Decision::Refuse)), "deadline_not_passed");
        db.at("2020-09-15 12:45");
        worker(&db.db).round().unwrap();
        let view = db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap();
        assert_eq!(view.state, HandoffState::Lapsed { at: at("2020-09-15 12:45") });
        assert!(people.iter().all(|&person| custodian(&db.db, person) == Some(organisation(DESK))), "silence accepts nothing");
        for late in [accept(&db.db, SITE, id, 2, &[]), refuse(&db.db, SITE, id), withdraw(&db.db, DESK, id)] {
            assert_eq!(code(late), "handoff_lapsed");
        }
        expect_clean_ledger(&db.db);
        let decided = as_coordinator(Decision::Accept(Receipt { counted: 2, ..Receipt::default() })).unwrap();
        assert!(decided.state.ended_by().unwrap().decided.is_some());
        assert!(people.iter().all(|&person| custodian(&db.db, person) == Some(organisation(SITE))));
        worker(&db.db).round().unwrap();
        assert_eq!(rungs(&db.db).len(), 4, "what has ended climbs no more");
        expect_clean_ledger(&db.db);
    }

    fn a_deadline_of_the_givers_own_moves_the_rungs_with_it(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        let id = try_offer(&db.db, &by(DESK), GROUP, &people, Some(at("2020-09-15 14:00"))).unwrap().id;
        db.at("2020-09-15 12:19:59");
        worker(&db.db).round().unwrap();
        assert!(rungs(&db.db).is_empty());
        db.at("2020-09-15 12:20");
        worker(&db.db).round().unwrap();
        assert_eq!(rungs(&db.db), ["remind"], "two hours instead of one");
        accept(&db.db, GROUP, id, 1, &[]).unwrap();
        db.at("2020-09-15 18:00");
        worker(&db.db).round().unwrap();
        assert_eq!(rungs(&db.db), ["remind"]);
    }

    fn after_an_outage_only_the_highest_rung_is_climbed(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        offer(&db.db, DESK, SITE, &people[..1]);
        db.at("2020-09-15 12:35");
        offer(&db.db, DESK, SITE, &people[1..]);
        db.at("2020-09-16 09:00");
        worker(&db.db).round().unwrap();
        assert_eq!(rungs(&db.db), ["lapse", "lapse"]);
    }

    fn many_nodes_climb_each_rung_once(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 300]);
        for person in &people {
            offer(&db.db, DESK, SITE, std::slice::from_ref(person));
        }
        for time in ["12:10", "12:20", "12:30", "12:45"] {
            db.at(&format!("2020-09-15 {time}"));
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| worker(&db.db).round().unwrap());
                }
            });
        }
        let climbed = rungs(&db.db);
        for rung in ["remind", "duty_officer", "coordinator", "lapse"] {
            assert_eq!(climbed.iter().filter(|found| *found == rung).count(), 300, "{rung}");
        }
        expect_clean_ledger(&db.db);
    }
}
