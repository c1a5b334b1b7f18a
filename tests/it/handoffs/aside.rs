//! What phones signed without a network: refusals by the rules of receipts, and whatever does not count set aside, kept word for word and told once.

use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::arrivals::{self, HoldKind, TravellerId};
use jiezhuan::base::Id;
use jiezhuan::custody::{self, HandoffId, HandoffState, Offer};
use jiezhuan::dispatch::{self, NewTrip};

use super::phones::{Phone, kept, key_of, page, paper, phone, takes_back};
use super::{Races, custodian, hand_over, offer, try_offer, withdraw};
use crate::support::app::{Reply, TestApp};
use crate::support::people::{DESK, by, expect_clean_ledger, land, organisation, rulebook};
use crate::support::{TestDb, at, build, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";
const NOON: &str = "2020-09-15 12:00";

fn state(app: &TestApp, id: HandoffId) -> &'static str {
    app.db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap().state.name()
}

/// What both sides are told: the kinds of events, with why.
fn told(app: &TestApp) -> Vec<String> {
    let facts = app.db.db.read(|conn| jiezhuan::db::events_after(conn, 0, 10_000)).unwrap();
    let told = facts.iter().filter(|event| ["handoff_conflict", "handoff_receipt_set_aside"].contains(&event.kind.as_str()));
    told.map(|event| format!("{} {}", event.kind, event.facts()["because"].as_str().unwrap())).collect()
}

fn is_kept(reply: &Reply) -> bool {
    reply.headers.contains_key("jiezhuan-kept")
}

/// A receiver's phone whose key is enrolled.
fn enrolled<'a>(app: &'a TestApp, seed: u8, organisation: &str) -> Phone<'a> {
    let phone = phone(app, seed, organisation);
    assert_eq!(phone.enrols().status, 204);
    phone
}

on_both_engines! {
    fn a_refusal_signed_on_the_phone_is_taken_and_kept_word_for_word_once(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1, 1]);
        let ids = [0, 1].map(|n| offer(&app.db.db, DESK, SITE, &people[n..=n]));
        let phone = enrolled(&app, 1, SITE);
        let said = ids.map(|id| phone.says_no(&paper(&app, id), "no%20beds", "2020-09-15 12:20"));
        app.db.at("2020-09-15 12:40");
        assert_eq!([phone.refuses(ids[0], &said[0]).status.as_u16(), phone.refuses(ids[0], &said[0]).status.as_u16()], [303; 2], "delivered twice, it is the same");
        assert_eq!(phone.signs(ids[1], &said[1]).status, 303, "what was signed says what it is, wherever it comes in");
        let mut words = kept(&app);
        words.sort();
        let mut wanted = said.map(|said| format!("merged {said}"));
        wanted.sort();
        assert_eq!(words, wanted);
        for (id, person) in ids.into_iter().zip(&people) {
            let view = app.db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap();
            assert!(matches!(view.state, HandoffState::Refused(rejection) if rejection.reason.as_str() == "no beds"));
            assert_eq!(custodian(&app.db.db, *person), Some(organisation(DESK)));
        }
        let giver = app.caller_of(Role::AirportDesk, "", Some(DESK));
        for reader in [&giver, &phone.caller] {
            let shown = page(&app, reader, &format!("/receive/{}", ids[0])).body;
            assert!(shown.contains("no beds") && shown.contains("Signed on the phone") && shown.contains("12:20"), "{shown}");
        }
        assert!(told(&app).is_empty());
        expect_clean_ledger(&app.db.db);
    }

    fn a_refusal_counts_in_time_and_is_set_aside_after_another_end_or_its_key(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1; 3]);
        let due = Some(at("2020-09-15 13:00"));
        let lapsing = try_offer(&app.db.db, &by(DESK), SITE, &people[..1], due).unwrap().id;
        let (withdrawn, waiting) = (offer(&app.db.db, DESK, SITE, &people[1..2]), offer(&app.db.db, DESK, SITE, &people[2..]));
        let phone = enrolled(&app, 1, SITE);
        let said = [lapsing, withdrawn, waiting].map(|id| phone.says_no(&paper(&app, id), "no%20beds", "2020-09-15 12:50"));
        withdraw(&app.db.db, DESK, withdrawn).unwrap();
        app.db.at("2020-09-15 13:00");
        app.db.db.write(|tx| custody::climb(tx, &rulebook().routes, 10)).unwrap();
        app.db.at("2020-09-15 14:00");
        assert_eq!((phone.refuses(lapsing, &said[0]).status.as_u16(), state(&app, lapsing)), (303, "refused"));
        for _ in 0..2 {
            let conflict = phone.refuses(withdrawn, &said[1]);
            assert!(conflict.status == 409 && is_kept(&conflict) && conflict.body.contains("withdrawn") && conflict.body.contains("Agree with the other side"), "{conflict:?}");
        }
        takes_back(&app, &phone.caller, &key_of(&app, &phone.caller));
        for _ in 0..2 {
            let late = phone.refuses(waiting, &said[2]);
            assert!(late.status == 410 && is_kept(&late) && late.body.contains("kept word for word"), "{late:?}");
        }
        assert_eq!((state(&app, withdrawn), state(&app, waiting)), ("withdrawn", "lapsed"));
        assert_eq!(told(&app), ["handoff_conflict handoff_ended", "handoff_receipt_set_aside phone_key_taken_back"], "each once");
        let words: Vec<String> = kept(&app).iter().map(|kept| kept.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(words.iter().filter(|word| *word == "kept").count(), 2);
        let giver = app.caller_of(Role::AirportDesk, "", Some(DESK));
        for (id, why) in [(withdrawn, "The handoff had ended otherwise"), (waiting, "The key of the phone had been taken back")] {
            for reader in [&giver, &phone.caller] {
                let shown = page(&app, reader, &format!("/receive/{id}")).body;
                assert!(shown.contains("A refusal of all: no beds") && shown.contains(why), "{shown}");
            }
        }
        expect_clean_ledger(&app.db.db);
    }

    fn whatever_is_wrong_with_what_was_signed_it_is_kept_and_both_are_told_once(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1; 16]);
        let (phone, giver) = (enrolled(&app, 1, SITE), enrolled(&app, 2, DESK));
        hand_over(&app.db.db, DESK, SITE, &people[15..]);
        let other = offer(&app.db.db, DESK, SITE, &people[14..15]);
        let stranger: TravellerId = Id::from_uuid(uuid::Uuid::from_u128(9));
        type Says<'s> = (&'static str, &'s dyn Fn(&str, TravellerId) -> String);
        let says: [Says<'_>; 12] = [
            ("happens_later", &|paper, one| phone.says(paper, &[one], "2020-09-15 13:30")),
            ("happens_later", &|paper, _| phone.says_no(paper, "full", "2020-09-15 13:30")),
            ("happened_before_offer", &|paper, one| phone.says(paper, &[one], "2020-09-15 11:30")),
            ("exception_not_on_list", &|paper, one| format!("listed={stranger}&{}", phone.says(paper, &[one], NOON))),
            ("count_differs", &|paper, one| format!("here={stranger}&{}", phone.says(paper, &[one], NOON))),
            ("extra_unknown", &|paper, one| format!("extras=E99999999&{}", phone.says(paper, &[one], NOON))),
            ("body_unreadable", &|paper, one| format!("here=somebody&{}", phone.says(paper, &[one], NOON))),
            ("body_unreadable", &|paper, one| format!("{}%FF&happened_at=at+noon", phone.says(paper, &[one], NOON).split("&happened_at").next().unwrap())),
            ("reason_missing", &|paper, _| phone.says_no(paper, "", NOON)),
            ("body_field_missing", &|paper, one| phone.says(paper, &[one], NOON).split("&happened_at").next().unwrap().to_owned()),
            ("paper_differs", &|_, one| phone.says(&paper(&app, other), &[one], NOON)),
            ("paper_unreadable", &|_, one| phone.says("", &[one], NOON)),
        ];
        let ids: Vec<HandoffId> = people[..says.len()].iter().map(|&person| offer(&app.db.db, DESK, SITE, &[person])).collect();
        app.db.at("2020-09-15 12:40");
        for (n, ((because, says), (&id, &person))) in says.iter().zip(ids.iter().zip(&people)).enumerate() {
            let said = says(&paper(&app, id), person);
            let refused = phone.signs(id, &said);
            assert!(refused.status.is_client_error() && is_kept(&refused) && refused.body.contains("kept word for word"), "{because}: {refused:?}");
            let again = phone.signs(id, &said);
            assert!(again.status.is_client_error() && is_kept(&again) && again.body.contains("came in before"), "{because}: {again:?}");
            assert_eq!(told(&app)[n..], [format!("handoff_receipt_set_aside {because}")]);
            assert_eq!(kept(&app).iter().filter(|kept| **kept == format!("kept {said}")).count(), 1, "{because}: word for word, once");
            assert_eq!((state(&app, id), custodian(&app.db.db, person)), ("offered", Some(organisation(DESK))));
            for reader in [&giver.caller, &phone.caller] {
                assert!(page(&app, reader, &format!("/receive/{id}")).body.contains("Also signed on a phone, not taken"), "{because}");
            }
            // Put right, it counts.
            assert_eq!(phone.signs(id, &phone.says(&paper(&app, id), &[person], "2020-09-15 12:10")).status, 303, "{because}");
        }
        // The other side's phone answers nothing.
        let id = offer(&app.db.db, DESK, SITE, &people[13..14]);
        let own = giver.signs(id, &giver.says(&paper(&app, id), &people[13..14], "2020-09-15 12:40"));
        assert!(own.status == 403 && is_kept(&own) && told(&app).last().unwrap().ends_with("only_receiver_answers"), "{own:?}");
        expect_clean_ledger(&app.db.db);
    }

    fn a_count_beyond_the_coach_and_a_person_who_may_not_board_are_kept_and_told(db: TestDb) {
        let app = TestApp::new(db);
        build::rulebook(&app.db);
        let db = &app.db;
        let people = land(&db.db, &[1, 1]);
        let (site, group) = (enrolled(&app, 1, SITE), enrolled(&app, 2, GROUP));
        let (vehicle, crew) = (build::vehicle(db, build::coach("苏A10001")).id, vec![build::staff(db, build::driver("D1")).id]);
        let new = NewTrip { vehicle, crew, legs: build::to_suzhou("2020-09-15 13:00", "2020-09-15 15:00"), load_cap: None };
        let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap().id;
        let offered = Offer { to_organisation: SITE.parse().unwrap(), trip: Some(trip), travellers: people[..1].to_vec(), answer_by: None };
        let aboard = db.db.write(move |tx| custody::offer(tx, &by(DESK), &rulebook().routes, offered.clone())).unwrap().id;
        let heads: String = (100..150).map(|n| format!("here={}&", Id::<()>::from_uuid(uuid::Uuid::from_u128(n)))).collect();
        let too_many = site.signs(aboard, &format!("{heads}{}", site.says(&paper(&app, aboard), &people[..1], NOON)));
        assert!(too_many.status == 422 && is_kept(&too_many) && too_many.body.contains("49 seats"), "{too_many:?}");
        hand_over(&db.db, DESK, SITE, &people[1..]);
        let boarding = offer(&db.db, SITE, GROUP, &people[1..]);
        let held = people[1];
        db.db.write(move |tx| arrivals::hold(tx, &by(SITE), held, HoldKind::Positive, "nucleic_acid")).unwrap();
        let boards = group.signs(boarding, &group.says(&paper(&app, boarding), &people[1..], NOON));
        assert!(boards.status == 409 && is_kept(&boards), "{boards:?}");
        assert_eq!(told(&app), ["count_above_seats", "held_may_not_board"].map(|because| format!("handoff_receipt_set_aside {because}")));
        assert_eq!((kept(&app).len(), custodian(&db.db, held)), (2, Some(organisation(SITE))));
        expect_clean_ledger(&db.db);
    }

    fn what_was_set_aside_for_its_time_does_not_count_when_the_time_has_come(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1, 1]);
        let ids = [0, 1].map(|n| offer(&app.db.db, DESK, SITE, &people[n..=n]));
        let phone = enrolled(&app, 1, SITE);
        let said = [phone.says(&paper(&app, ids[0]), &people[..1], "2020-09-15 13:00"), phone.says_no(&paper(&app, ids[1]), "full", "2020-09-15 13:00")];
        for (id, said) in ids.into_iter().zip(&said) {
            assert_eq!(phone.signs(id, said).status, 422);
        }
        app.db.at("2020-09-15 13:30");
        for (id, said) in ids.into_iter().zip(&said) {
            assert!(phone.signs(id, said).body.contains("ahead") && state(&app, id) == "offered", "it was told that it does not count");
        }
        assert_eq!(told(&app).len(), 2);
    }

    fn of_a_receipt_and_a_refusal_that_come_in_at_once_one_counts_and_the_other_is_kept_and_told(db: TestDb) {
        const TRIES: usize = 12;
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1; TRIES]);
        let one = enrolled(&app, 1, SITE);
        let other = one.another(2);
        assert_eq!(other.enrols().status, 204);
        let mut races = Races::default();
        for (n, &person) in people.iter().enumerate() {
            let id = offer(&app.db.db, DESK, SITE, &[person]);
            let (yes, no) = (one.says(&paper(&app, id), &[person], NOON), other.says_no(&paper(&app, id), "full", NOON));
            let (received, refused) = races.run(|| one.signs(id, &yes).status.as_u16(), || other.refuses(id, &no).status.as_u16());
            let is_received = match (received, refused) {
                (303, 409) => true,
                (409, 303) => false,
                other => panic!("{other:?}"),
            };
            races.won(is_received);
            assert_eq!((state(&app, id), custodian(&app.db.db, person)), if is_received { ("accepted", Some(organisation(SITE))) } else { ("refused", Some(organisation(DESK))) });
            assert_eq!((kept(&app).len(), told(&app).len()), (2 * (n + 1), n + 1), "both are kept, and one is told");
        }
        expect_clean_ledger(&app.db.db);
    }

    fn a_refusal_that_races_the_offers_being_withdrawn_and_itself_counts_once(db: TestDb) {
        const TRIES: usize = 12;
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1; TRIES]);
        let phone = enrolled(&app, 1, SITE);
        let mut races = Races::default();
        for (n, &person) in people.iter().enumerate() {
            let id = offer(&app.db.db, DESK, SITE, &[person]);
            let said = phone.says_no(&paper(&app, id), "full", NOON);
            if n % 2 == 0 {
                let both = races.run(|| phone.refuses(id, &said).status.as_u16(), || phone.refuses(id, &said).status.as_u16());
                assert_eq!((both, state(&app, id)), ((303, 303), "refused"));
            } else {
                let (refused, withdrawn) = races.run(|| phone.refuses(id, &said).status.as_u16(), || withdraw(&app.db.db, DESK, id).is_ok());
                assert_eq!((refused, state(&app, id)), if withdrawn { (409, "withdrawn") } else { (303, "refused") });
                races.won(!withdrawn);
            }
            assert_eq!(kept(&app).iter().filter(|kept| kept.ends_with(&said)).count(), 1);
        }
        expect_clean_ledger(&app.db.db);
    }
}
