//! The receiver counts blind, and cannot find the giver's number by trying: whatever they answer is their count, and they have one.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::arrivals::{self, HoldKind};
use jiezhuan::base::Id;
use jiezhuan::custody::{self, ExceptionKind, HandoffState, Offer, Receipt, Reception};
use jiezhuan::dispatch::{self, NewTrip};
use serde_json::json;

use super::{accept, code, count, custodian, exception, hand_over, offer};
use crate::support::app::{Caller, TestApp};
use crate::support::people::{DESK, by, expect_clean_ledger, land, organisation, register_organisations, rulebook};
use crate::support::{TestDb, at, build, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";

on_both_engines! {
    fn an_acceptance_that_does_not_hold_leaves_its_count_behind_and_shows_the_list(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1, 1]);
        let id = offer(&db.db, DESK, SITE, &people);
        let guess = Receipt { counted: 2, ..Receipt::default() };
        let reception = db.db.write(move |tx| custody::accept(tx, &by(SITE), id, None, guess.clone())).unwrap();
        let Reception::Counted { handoff, refusal } = reception else { panic!("accepted by a wrong count") };
        let told = refusal.message();
        assert_eq!((told.code, told.fact("counted"), told.fact("expected")), ("count_differs", Some("2"), Some("3")));
        assert_eq!((handoff.first_count, handoff.n_people, handoff.lines.map(|lines| lines.len())), (Some(2), Some(3), Some(3)));
        assert_eq!(custodian(&db.db, people[0]), Some(organisation(DESK)));
        // The other side sees the same count, and no other takes its place.
        let giver = db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap();
        assert_eq!((giver.first_count, &giver.state), (Some(2), &HandoffState::Offered));
        assert_eq!(code(count(&db.db, SITE, id, 3)), "already_counted");
        assert_eq!(code(accept(&db.db, SITE, id, 1, &[])), "count_differs");
        let view = accept(&db.db, SITE, id, 2, &[exception(people[1], ExceptionKind::Missing)]).unwrap();
        assert_eq!((view.first_count, view.state.name()), (Some(2), "accepted_with_exceptions"));
        expect_clean_ledger(&db.db);
    }

    /// Each of these tells something of the list: how many, who, or that the heads were right.
    fn whatever_is_told_of_the_list_is_told_after_the_count(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 4]);
        let stranger = [exception(Id::from_uuid(uuid::Uuid::from_u128(9)), ExceptionKind::Missing)];
        let here = [exception(people[3], ExceptionKind::Extra)];
        hand_over(&db.db, DESK, SITE, &people[3..]);
        for (person, exceptions, counted, refusal) in [(0, &stranger[..], 0, "exception_not_on_list"), (1, &here[..], 2, "extra_is_already_here"), (2, &[], 2, "count_differs")] {
            let id = offer(&db.db, DESK, SITE, &people[person..=person]);
            assert_eq!(code(accept(&db.db, SITE, id, counted, exceptions)), refusal);
            let view = db.db.read(|conn| custody::get(conn, &by(SITE), id)).unwrap();
            assert_eq!(view.first_count, Some(i32::try_from(counted).unwrap()), "{refusal}");
        }
        let boarding = offer(&db.db, SITE, GROUP, &people[3..]);
        let held = people[3];
        db.db.write(move |tx| arrivals::hold(tx, &by(SITE), held, HoldKind::Positive, "nucleic_acid")).unwrap();
        assert_eq!(code(accept(&db.db, GROUP, boarding, 1, &[])), "held_may_not_board");
        assert_eq!(db.db.read(|conn| custody::get(conn, &by(GROUP), boarding)).unwrap().first_count, Some(1));
        expect_clean_ledger(&db.db);
    }

    fn of_many_guesses_at_once_one_is_the_count_and_none_is_accepted(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 9]);
        let id = offer(&db.db, DESK, SITE, &people);
        let n_first = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for counted in 0..8 {
                let (db, n_first) = (&db.db, &n_first);
                scope.spawn(move || {
                    let guess = Receipt { counted, ..Receipt::default() };
                    match db.write(move |tx| custody::accept(tx, &by(SITE), id, None, guess.clone())) {
                        Ok(Reception::Counted { handoff, .. }) => {
                            assert_eq!(handoff.first_count, Some(counted));
                            n_first.fetch_add(1, Ordering::Relaxed);
                        }
                        Ok(Reception::Accepted(_)) => panic!("{counted} heads were accepted"),
                        Err(error) => assert_eq!(error.message().code, "count_differs"),
                    }
                });
            }
        });
        assert_eq!(n_first.into_inner(), 1, "one answer is the count");
        expect_clean_ledger(&db.db);
    }

    fn a_count_that_cannot_be_is_told_so_and_is_not_the_count(db: TestDb) {
        build::rulebook(&db);
        let coach = build::vehicle(&db, build::coach("苏A10001"));
        let crew = vec![build::staff(&db, build::driver("D1")).id];
        let legs = build::to_suzhou("2020-09-15 13:00", "2020-09-15 15:00");
        let new = NewTrip { vehicle: coach.id, crew, legs, load_cap: None };
        let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap();
        let travellers = land(&db.db, &[1]);
        let offered = Offer { to_organisation: SITE.parse().unwrap(), trip: Some(trip.id), travellers, answer_by: None };
        let id = db.db.write(move |tx| custody::offer(tx, &by(DESK), &rulebook().routes, offered.clone())).unwrap().id;
        let answer = |counted: i32, happened_at: Option<&str>| {
            let receipt = Receipt { counted, happened_at: happened_at.map(at), ..Receipt::default() };
            db.db.write(move |tx| custody::accept(tx, &by(SITE), id, None, receipt.clone())).and_then(Reception::accepted)
        };
        assert_eq!(code(count(&db.db, SITE, id, -1)), "count_below_zero");
        assert_eq!(code(answer(-1, None)), "count_below_zero");
        assert_eq!(code(count(&db.db, SITE, id, 50)), "count_above_seats");
        assert_eq!(code(answer(50, None)), "count_above_seats", "the coach has 49 seats");
        assert_eq!(code(answer(1, Some("2020-09-15 12:06"))), "happens_later");
        assert_eq!(code(answer(1, Some("2020-09-15 11:54"))), "happened_before_offer");
        let view = db.db.read(|conn| custody::get(conn, &by(SITE), id)).unwrap();
        assert_eq!((view.first_count, view.version, view.lines), (None, 1, None));
        assert_eq!(answer(1, None).unwrap().state.name(), "accepted");
        expect_clean_ledger(&db.db);
    }

    fn until_the_heads_are_counted_no_page_and_no_answer_tells_the_receiver_who_is_aboard(db: TestDb) {
        let app = TestApp::new(db);
        let (db, rules) = (&app.db, build::rulebook(&app.db));
        let receiver = app.caller_of(Role::Site, "310114,32", Some(SITE));
        let dispatcher = app.caller_of(Role::Dispatcher, "32", None);
        let aboard = build::parties(db, &[2, 5]).concat();
        let driver = json!({"badge": "D-1", "name": "周师傅", "role": "driver", "licence": "A1", "organisation": "work-group-32"});
        let driver = app.post(&dispatcher, "/api/v1/staff", &driver).json()["id"].as_str().unwrap().parse().unwrap();
        let legs = build::to_suzhou("2020-09-15 13:00", "2020-09-15 15:00");
        let new = NewTrip { vehicle: build::vehicle(db, build::coach("苏A10001")).id, crew: vec![driver], legs, load_cap: None };
        let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap().id;
        let seats: Vec<_> = aboard.iter().copied().map(dispatch::SeatWanted::any).collect();
        db.db.write(move |tx| dispatch::seats_give(tx, &Actor::operator(), &rules, trip, &seats)).unwrap();
        let offered = Offer { to_organisation: SITE.parse().unwrap(), trip: Some(trip), travellers: land(&db.db, &[1]), answer_by: None };
        let id = db.db.write(move |tx| custody::offer(tx, &by(DESK), &rulebook().routes, offered.clone())).unwrap().id;
        let page = |caller: &Caller, path: &str| app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/html")));
        let (list, path) = ("/api/v1/trips?on=2020-09-15", format!("/trips/{trip}"));
        let told = |caller| {
            let listed = app.get(caller, list).json()["items"][0]["n_seats"].as_i64();
            let shown = app.get(caller, &format!("/api/v1{path}"));
            assert_eq!(shown.status, 200, "{shown:?}");
            (listed, shown.json()["seats"].as_array().map(Vec::len))
        };
        assert_eq!(told(&receiver), (None, None));
        assert_eq!(told(&dispatcher), (Some(7), Some(7)), "who sends the coach knows whom it takes");
        for papers in ["papers", "sheet"] {
            assert_eq!(app.get(&receiver, &format!("{path}/{papers}")).problem(), (409, "count_first".into()), "{papers}");
        }
        let shown = page(&receiver, &path);
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("请先清点人数") && !shown.body.contains(&aboard[0].to_string()), "{}", shown.body);
        for path in ["/", "/trips?on=2020-09-15"] {
            assert!(!page(&receiver, path).body.contains("7/24"), "{path} tells the number");
            assert!(page(&dispatcher, path).body.contains("7/24"), "{path} shows it to others");
        }
        count(&app.db.db, SITE, id, 1).unwrap();
        assert_eq!(told(&receiver), (Some(7), Some(7)));
        assert_eq!(page(&receiver, &format!("{path}/papers")).status, 200);
        assert!(page(&receiver, &path).body.contains(&aboard[0].to_string()));
    }

    fn over_http_the_refusal_carries_the_list_and_is_repeated_word_for_word(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1, 1]);
        let id = offer(&app.db.db, DESK, SITE, &people);
        let receiver = app.caller_of(Role::Site, "310114", Some(SITE));
        let path = format!("/api/v1/handoffs/{id}/accept");
        let guess = |counted: i32| {
            let request = receiver.asks(TestRequest::post().uri(&path)).insert_header(("Idempotency-Key", "guess"));
            app.send(request.set_json(json!({"counted": counted})))
        };
        let refused = guess(1);
        assert_eq!(refused.problem(), (409, "count_differs".into()));
        let told = refused.json();
        assert_eq!((&told["handoff"]["first_count"], &told["handoff"]["n_people"]), (&json!(1), &json!(2)));
        assert_eq!(told["handoff"]["people"].as_array().map(Vec::len), Some(2), "whoever differs can be named");
        let again = guess(1);
        assert_eq!((again.header("idempotent-replay"), &again.body), ("true", &refused.body));
        assert_eq!(guess(2).problem(), (422, "idempotency_key_reused".into()));
        assert_eq!(app.get(&receiver, &format!("/api/v1/handoffs/{id}")).json()["first_count"], 1);
        let missing = json!({"counted": 1, "exceptions": [{"traveller": people[0], "kind": "missing", "reason": "未到"}]});
        assert_eq!(app.post(&receiver, &path, &missing).json()["state"], "accepted_with_exceptions");
    }
}
