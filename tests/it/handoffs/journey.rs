//! What happens to people, from the desk to their release, and to handoffs that do not go as offered.

use jiezhuan::access::{self, Actor, NewUser, Password, Role};
use jiezhuan::base::page::PageRequest;
use jiezhuan::base::{Error, Id, IdSource, Language};
use jiezhuan::custody::{self, Decision, ExceptionKind, HandoffState, LeaveReason, Line, Outcome, Receipt};
use jiezhuan::db::{Db, events_after};
use jiezhuan::ledger::{self, Kind};

use super::{accept, code, count, custodian, exception, hand_over, offer, refuse, try_offer, withdraw};
use crate::support::people::{DESK, by, end_terms_on, execute, expect_clean_ledger, land, organisation, register_organisations};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";
const HOME: &str = "site-320500-1";

/// Somebody who has signed in.
fn user(db: &Db, name: &str, role: Role, scope: Option<&str>, organisation: Option<&str>) -> Actor {
    let new = NewUser {
        name: name.parse().unwrap(),
        display_name: String::new(),
        role,
        scope: scope.map(|scope| scope.parse().unwrap()),
        organisation: organisation.map(|code| code.parse().unwrap()),
    };
    let hash = Password::parse("correct horse", &new.name).unwrap().hash(&IdSource::seeded(7)).unwrap();
    db.write(move |tx| access::user_add(tx, &Actor::operator(), new.clone(), Some(&hash))).unwrap();
    access::sign_in(db, name, "correct horse", chrono::TimeDelta::hours(12)).unwrap().1
}

fn kinds_since(db: &Db, seq: i64) -> Vec<String> {
    db.read(|conn| events_after(conn, seq, 100)).unwrap().into_iter().map(|event| event.kind).collect()
}

on_both_engines! {
    fn the_chain_runs_from_the_desk_to_the_release(db: TestDb) {
        register_organisations(&db.db);
        db.at("2020-09-15 06:00");
        let people = land(&db.db, &[1, 3, 1]);
        db.at("2020-09-15 09:00");
        hand_over(&db.db, DESK, SITE, &people);
        db.at("2020-09-18 10:00");
        hand_over(&db.db, SITE, GROUP, &people);
        db.at("2020-09-18 13:00");
        hand_over(&db.db, GROUP, HOME, &people);
        db.at("2020-09-28 23:59");
        assert_eq!(db.db.write(|tx| custody::release_due(tx, 100)).unwrap(), 0);
        let early = people.clone();
        assert_eq!(code(db.db.write(move |tx| custody::release(tx, &by(HOME), &early))), "term_not_over");
        db.at("2020-09-29 00:00");
        let (first, home) = (people[..1].to_vec(), by(HOME));
        db.db.write(move |tx| custody::release(tx, &home, &first)).unwrap();
        assert_eq!(db.db.write(|tx| custody::release_due(tx, 3)).unwrap(), 3);
        assert_eq!(db.db.write(|tx| custody::release_due(tx, 3)).unwrap(), 1);
        assert_eq!(db.db.write(|tx| custody::release_due(tx, 3)).unwrap(), 0);
        for &person in &people {
            let chain = db.db.read(|conn| ledger::history(conn, person)).unwrap();
            assert_eq!(chain.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [Kind::Landed, Kind::Admitted, Kind::Boarded, Kind::Received, Kind::Released]);
            let receivers: Vec<_> = chain.iter().map(|entry| entry.to).collect();
            assert_eq!(receivers, [Some(DESK), Some(SITE), Some(GROUP), Some(HOME), None].map(|code| code.map(organisation)));
            assert_eq!(chain[2].happened_at, at("2020-09-18 10:00"));
        }
        expect_clean_ledger(&db.db);
        let again = people[..1].to_vec();
        assert_eq!(code(db.db.write(move |tx| custody::release(tx, &by(HOME), &again))), "custody_ended");
        assert_eq!(code(try_offer(&db.db, &by(HOME), GROUP, &people[..1], None)), "custody_ended");
    }

    fn whoever_is_excepted_stays_with_the_giver_and_an_extra_with_theirs(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 5]);
        let (list, extra) = people.split_at(4);
        let id = offer(&db.db, DESK, SITE, list);
        let before = db.db.read(|conn| events_after(conn, 0, 100)).unwrap().last().unwrap().seq;
        let exceptions = [
            exception(list[0], ExceptionKind::Missing),
            exception(list[1], ExceptionKind::Refused),
            exception(list[2], ExceptionKind::WrongVehicle),
            exception(extra[0], ExceptionKind::Extra),
        ];
        assert_eq!(code(accept(&db.db, SITE, id, 3, &[])), "count_differs");
        let view = accept(&db.db, SITE, id, 2, &exceptions).unwrap();
        assert_eq!(view.state.name(), "accepted_with_exceptions");
        let lines = view.lines.unwrap();
        let outcome = |who| lines.iter().find(|line| line.traveller == who).unwrap().outcome.clone();
        assert_eq!(outcome(list[3]), Some(Outcome::Received));
        for exception in &exceptions {
            assert_eq!(outcome(exception.traveller), Some(Outcome::Excepted(exception.kind, exception.reason.clone())));
            assert_eq!(custodian(&db.db, exception.traveller), Some(organisation(DESK)));
        }
        assert_eq!(custodian(&db.db, list[3]), Some(organisation(SITE)));
        assert_eq!(kinds_since(&db.db, before), ["handoff_counted", "counter_handoff_asked", "handoff_accepted_with_exceptions"]);
        expect_clean_ledger(&db.db);
        // The counter-handoff, and a second try for those who stayed.
        hand_over(&db.db, DESK, SITE, &[extra[0], list[0], list[1], list[2]]);
        expect_clean_ledger(&db.db);
    }

    fn the_giver_keeps_everybody_when_it_is_refused_or_withdrawn(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[2, 1]);
        let refused = offer(&db.db, DESK, SITE, &people);
        assert_eq!(code(withdraw(&db.db, SITE, refused)), "only_giver_withdraws");
        assert_eq!(code(refuse(&db.db, DESK, refused)), "only_receiver_answers");
        assert_eq!(code(accept(&db.db, GROUP, refused, 3, &[])), "only_receiver_answers");
        refuse(&db.db, SITE, refused).unwrap();
        let withdrawn = offer(&db.db, DESK, SITE, &people);
        withdraw(&db.db, DESK, withdrawn).unwrap();
        assert!(people.iter().all(|&person| custodian(&db.db, person) == Some(organisation(DESK))));
        let kinds: Vec<String> = kinds_since(&db.db, 0).into_iter().filter(|kind| kind.starts_with("handoff")).collect();
        assert_eq!(kinds, ["handoff_offered", "handoff_refused", "handoff_offered", "handoff_withdrawn"]);
        let view = db.db.read(|conn| custody::get(conn, &by(SITE), refused)).unwrap();
        assert!(view.lines.unwrap().iter().all(|line| line.outcome.is_none()));
        expect_clean_ledger(&db.db);
    }

    fn what_has_ended_is_told_the_same_to_every_act_that_comes_after(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 5]);
        let waiting: Vec<_> = people[..4].iter().map(|&person| offer(&db.db, DESK, SITE, &[person])).collect();
        accept(&db.db, SITE, waiting[0], 1, &[]).unwrap();
        accept(&db.db, SITE, waiting[1], 0, &[exception(people[1], ExceptionKind::Missing)]).unwrap();
        refuse(&db.db, SITE, waiting[2]).unwrap();
        withdraw(&db.db, DESK, waiting[3]).unwrap();
        db.at("2020-09-15 13:00");
        for (id, end) in waiting.into_iter().zip(["accepted by site", "accepted with exceptions by site", "refused by site", "withdrawn by desk"]) {
            let decided = db.db.write(move |tx| custody::decide(tx, &by(SITE), id, None, Decision::Refuse, "late".parse().unwrap()));
            for outcome in [
                count(&db.db, SITE, id, 1),
                accept(&db.db, SITE, id, 1, &[]),
                accept(&db.db, SITE, id, 0, &[exception(people[4], ExceptionKind::Missing)]),
                refuse(&db.db, SITE, id),
                withdraw(&db.db, DESK, id),
                decided,
            ] {
                let Err(Error::Conflict(message)) = outcome else { panic!("{end}: {outcome:?}") };
                assert_eq!(message.code, "handoff_ended");
                let text = message.text(Language::En);
                assert!(text.contains(end) && text.contains("2020-09-15T12:00:00+08:00"), "{text}");
            }
        }
        expect_clean_ledger(&db.db);
    }

    fn the_receiver_counts_before_the_list_and_its_number_are_shown(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[2]);
        let id = offer(&db.db, DESK, SITE, &people);
        let get = |who: Actor| db.db.read(move |conn| custody::get(conn, &who, id)).unwrap();
        let listed = |who: Actor| {
            let page = db.db.read(move |conn| custody::list(conn, &who, &SITE.parse().unwrap(), PageRequest::new(None, None))).unwrap();
            page.items[0].n_people
        };
        assert_eq!((get(by(SITE)).n_people, get(by(SITE)).lines, listed(by(SITE))), (None, None, None));
        let neighbour = user(&db.db, "li", Role::Site, Some("310114"), Some("group-310114"));
        assert_eq!((get(neighbour.clone()).n_people, listed(neighbour)), (None, None));
        assert_eq!((get(by(DESK)).n_people, listed(by(DESK))), (Some(2), Some(2)));
        let offered = db.db.read(|conn| events_after(conn, 0, 10)).unwrap().pop().unwrap();
        assert!(!offered.facts().to_string().contains("people"), "the log would tell: {}", offered.facts());
        let counted = count(&db.db, SITE, id, 1).unwrap();
        assert_eq!((counted.n_people, counted.lines.map(|lines| lines.len()), counted.first_count), (Some(2), Some(2), Some(1)));
        assert_eq!(code(count(&db.db, SITE, id, 2)), "already_counted");
        assert_eq!(code(accept(&db.db, SITE, id, 1, &[])), "count_differs");
        let view = accept(&db.db, SITE, id, 2, &[]).unwrap();
        assert_eq!((view.first_count, view.version), (Some(1), 3));
        assert!(matches!(view.state, HandoffState::Accepted(acceptance) if acceptance.counted == 2));
    }

    fn a_handoff_between_others_does_not_exist(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        let id = offer(&db.db, DESK, SITE, &people);
        let stranger = user(&db.db, "wu", Role::Site, Some("site-320500-1"), Some(HOME));
        let (who, counter) = (stranger.clone(), stranger.clone());
        assert!(matches!(db.db.read(|conn| custody::get(conn, &stranger, id)), Err(Error::NotFound("handoff"))));
        assert!(matches!(db.db.write(move |tx| custody::count(tx, &counter, id, 1)), Err(Error::NotFound("handoff"))));
        let list = db.db.read(move |conn| custody::list(conn, &who, &SITE.parse().unwrap(), PageRequest::new(None, None)));
        assert!(matches!(list, Err(Error::NotFound("organisation"))));
        let auditor = user(&db.db, "audit", Role::Auditor, None, None);
        assert!(db.db.read(|conn| custody::get(conn, &auditor, id)).is_ok());
        assert_eq!(code(db.db.write(move |tx| custody::refuse(tx, &auditor, id, None, "no".parse().unwrap()))), "not_allowed");
    }

    fn a_coordinator_decides_after_the_deadline_and_not_before(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        let coordinator = user(&db.db, "chen", Role::Coordinator, None, None);
        let decide = |id, decision: Decision| {
            let who = coordinator.clone();
            db.db.write(move |tx| custody::decide(tx, &who, id, None, decision.clone(), "seen on camera".parse().unwrap()))
        };
        let deadline = Some(at("2020-09-15 12:30"));
        let ids: Vec<_> = people.iter().map(|&person| try_offer(&db.db, &by(DESK), SITE, &[person], deadline).unwrap().id).collect();
        let receipt = Decision::Accept(Receipt { counted: 1, ..Receipt::default() });
        assert_eq!(code(decide(ids[0], receipt.clone())), "deadline_not_passed");
        db.at("2020-09-15 12:30");
        let view = decide(ids[0], receipt).unwrap();
        assert_eq!(view.state.ended_by().unwrap().decided.as_ref().map(ToString::to_string).as_deref(), Some("seen on camera"));
        assert_eq!(custodian(&db.db, people[0]), Some(organisation(SITE)));
        decide(ids[1], Decision::Refuse).unwrap();
        assert_eq!(custodian(&db.db, people[1]), Some(organisation(DESK)));
        let read = db.db.read(|conn| custody::get(conn, &by(SITE), ids[1])).unwrap();
        assert!(read.state.name() == "refused" && read.state.ended_by().unwrap().decided.is_some());
        let Err(Error::Conflict(message)) = accept(&db.db, SITE, ids[1], 1, &[]) else { panic!("accepted twice") };
        assert!(message.text(Language::En).contains("refused by coordinator"), "{message}");
        expect_clean_ledger(&db.db);
    }

    fn an_offer_names_what_stands_against_it(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[2, 1, 1]);
        let try_desk = |to: &str, who: &[_]| try_offer(&db.db, &by(DESK), to, who, None);
        assert_eq!(code(try_desk(SITE, &people[..1])), "party_would_be_split");
        assert_eq!(code(try_desk(SITE, &[])), "nobody_offered");
        assert_eq!(code(try_desk(DESK, &people[..2])), "handoff_to_itself");
        assert_eq!(code(try_desk("site-999999-1", &people[..2])), "no_such_receiver");
        assert_eq!(code(try_desk(SITE, &[people[0], people[1], Id::from_uuid(uuid::Uuid::from_u128(7))])), "not_found");
        assert_eq!(code(try_offer(&db.db, &by(DESK), SITE, &people[2..3], Some(at("2020-09-15 12:00")))), "deadline_has_passed");
        assert_eq!(code(try_offer(&db.db, &Actor::operator(), SITE, &people[2..3], None)), "answers_for_nobody");
        let Err(Error::Conflict(message)) = try_offer(&db.db, &by(SITE), GROUP, &people[2..3], None) else { panic!("offered somebody else's") };
        assert!(message.text(Language::En).contains(DESK), "{message}");
        let open = offer(&db.db, DESK, SITE, &people[2..3]);
        let Err(Error::Conflict(message)) = try_desk(GROUP, &people[2..]) else { panic!("offered twice") };
        assert!(message.text(Language::En).contains(&open.to_string()), "{message}");
        // Somebody parts the two, and one goes alone.
        let (desk, one) = (by(DESK), people[0]);
        db.db.write(move |tx| jiezhuan::arrivals::part(tx, &desk, one, None)).unwrap();
        hand_over(&db.db, DESK, SITE, &people[..1]);
        hand_over(&db.db, DESK, GROUP, &people[1..2]);
        expect_clean_ledger(&db.db);
    }

    fn nobody_is_released_while_held_or_handed_over(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        end_terms_on(&db.db, "2020-09-15");
        let id = offer(&db.db, DESK, SITE, &people[..1]);
        let (desk, held) = (by(DESK), people[1]);
        let hold = db.db.write(move |tx| jiezhuan::arrivals::hold(tx, &desk, held, jiezhuan::arrivals::HoldKind::Positive, "result")).unwrap();
        assert_eq!(db.db.write(|tx| custody::release_due(tx, 10)).unwrap(), 0);
        let release = |who| db.db.write(move |tx| custody::release(tx, &by(DESK), &[who]));
        assert_eq!(code(release(people[0])), "in_another_handoff");
        assert_eq!(code(release(people[1])), "release_held");
        let gone = people[0];
        assert_eq!(code(db.db.write(move |tx| custody::leave(tx, &by(DESK), gone, LeaveReason::Died))), "in_another_handoff");
        withdraw(&db.db, DESK, id).unwrap();
        db.db.write(move |tx| custody::leave(tx, &by(DESK), gone, LeaveReason::LeftCountry)).unwrap();
        let desk = by(DESK);
        db.db.write(move |tx| jiezhuan::arrivals::lift(tx, &desk, hold, "negative twice")).unwrap();
        assert_eq!(db.db.write(|tx| custody::release_due(tx, 10)).unwrap(), 1);
        expect_clean_ledger(&db.db);
    }

    fn a_list_shows_what_waits_first_and_goes_on_by_its_cursor(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 5]);
        let mut ids = Vec::new();
        for (minute, &person) in people.iter().enumerate() {
            db.at(&format!("2020-09-15 12:0{minute}"));
            ids.push(offer(&db.db, DESK, SITE, &[person]));
        }
        refuse(&db.db, SITE, ids[4]).unwrap();
        accept(&db.db, SITE, ids[1], 1, &[]).unwrap();
        for limit in 1..=6 {
            let (mut after, mut found) = (None, Vec::new());
            loop {
                let page = db.db.read(move |conn| custody::list(conn, &by(SITE), &SITE.parse().unwrap(), PageRequest::new(after, Some(limit)))).unwrap();
                found.extend(page.items.iter().map(|view| view.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, [ids[3], ids[2], ids[0], ids[4], ids[1]], "{limit} a page");
        }
    }

    fn an_answer_to_another_version_is_told_that_it_changed(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        let id = offer(&db.db, DESK, SITE, &people);
        count(&db.db, SITE, id, 1).unwrap();
        let refuse_seen = |seen| db.db.write(move |tx| custody::refuse(tx, &by(SITE), id, Some(seen), "no room".parse().unwrap()));
        assert_eq!(code(refuse_seen(1)), "handoff_changed");
        assert!(refuse_seen(2).is_ok());
        assert_eq!(code(refuse_seen(2)), "handoff_ended");
    }

    fn an_extra_must_be_somebody_whom_another_answers_for(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        hand_over(&db.db, DESK, SITE, &people[1..]);
        let id = offer(&db.db, DESK, SITE, &people[..1]);
        assert_eq!(code(accept(&db.db, SITE, id, 2, &[exception(people[1], ExceptionKind::Extra)])), "extra_is_already_here");
        let nobody = Id::from_uuid(uuid::Uuid::from_u128(9));
        assert_eq!(code(accept(&db.db, SITE, id, 2, &[exception(nobody, ExceptionKind::Extra)])), "not_found");
        assert_eq!(db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap().lines.unwrap(), [Line { traveller: people[0], outcome: None }]);
        expect_clean_ledger(&db.db);
    }

    fn what_was_answered_cannot_be_changed_behind_the_program(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        hand_over(&db.db, DESK, SITE, &people);
        for sql in [
            "UPDATE handoffs SET reason = 'x'",
            "UPDATE handoff_people SET outcome = 'missing', reason = 'x'",
            "DELETE FROM handoff_people",
            "DELETE FROM handoffs",
        ] {
            assert_eq!(code(execute(&db.db, sql)), "handoff_is_closed", "{sql}");
        }
    }

    fn whoever_answers_for_an_extra_is_asked_for_them_until_an_offer_passes_them(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 3]);
        hand_over(&db.db, DESK, GROUP, &people[1..]);
        let asked = |of: &str| { let of = by(of); db.db.read(move |conn| custody::asked(conn, &of)).unwrap() };
        let id = offer(&db.db, DESK, SITE, &people[..1]);
        let extras = [exception(people[1], ExceptionKind::Extra), exception(people[2], ExceptionKind::Extra)];
        accept(&db.db, SITE, id, 3, &extras).unwrap();
        assert!(people[1..].iter().all(|&person| custodian(&db.db, person) == Some(organisation(GROUP))), "an extra passes to nobody by being found");
        assert!(asked(DESK).is_empty());
        let found: Vec<_> = asked(GROUP).into_iter().map(|asked| (asked.handoff, asked.traveller, asked.receiver.code.to_string())).collect();
        assert_eq!(found, [(id, people[1], SITE.to_owned()), (id, people[2], SITE.to_owned())]);
        let counter = offer(&db.db, GROUP, SITE, &people[1..]);
        assert!(asked(GROUP).is_empty(), "an offer answers the asking");
        refuse(&db.db, SITE, counter).unwrap();
        assert_eq!(asked(GROUP).len(), 2, "and if it comes to nothing it stands again");
        let counter = offer(&db.db, GROUP, SITE, &people[1..]);
        accept(&db.db, SITE, counter, 1, &[exception(people[2], ExceptionKind::Missing)]).unwrap();
        assert_eq!(asked(GROUP).iter().map(|asked| asked.traveller).collect::<Vec<_>>(), [people[2]]);
        hand_over(&db.db, GROUP, HOME, &people[2..]);
        assert!(asked(GROUP).is_empty(), "who has gone elsewhere is no longer theirs to offer");
        expect_clean_ledger(&db.db);
    }

    fn a_return_needs_the_same_consent_as_the_way_there(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        for (from, to) in [(DESK, SITE), (SITE, GROUP), (GROUP, "hub-huaqiao"), ("hub-huaqiao", HOME)] {
            hand_over(&db.db, from, to, &people);
        }
        for (from, to) in [(HOME, GROUP), (GROUP, SITE), (SITE, DESK)] {
            let id = offer(&db.db, from, to, &people);
            assert_eq!(custodian(&db.db, people[0]), Some(organisation(from)), "whoever sends back answers until it is taken");
            refuse(&db.db, to, id).unwrap();
            assert_eq!(custodian(&db.db, people[0]), Some(organisation(from)));
            hand_over(&db.db, from, to, &people);
        }
        let kinds: Vec<Kind> = db.db.read(|conn| ledger::history(conn, people[0])).unwrap().iter().map(|entry| entry.kind).collect();
        let there = [Kind::Landed, Kind::Admitted, Kind::Boarded, Kind::Relayed, Kind::Received];
        assert_eq!(kinds, there.into_iter().chain([Kind::Returned; 3]).collect::<Vec<_>>());
        expect_clean_ledger(&db.db);
    }
}
