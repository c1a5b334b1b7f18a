//! Acts that race: exactly one wins, the loser is told what happened, and one side answers for everybody.

use chrono::TimeDelta;
use jiezhuan::arrivals::{self, HoldKind};
use jiezhuan::base::{Error, Result};
use jiezhuan::custody::{self, ExceptionKind, HandoffId, HandoffView, Receipt};
use jiezhuan::db::Db;

use super::{Races, accept, code, count, custodian, exception, hand_over, offer, race, refuse, try_offer, withdraw};
use crate::support::people::{DESK, by, expect_clean_ledger, land, number, organisation, register_organisations, rulebook};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";
const TRIES: usize = 200;

/// The winner, after the loser was found to be told a conflict of this code that names the winner's end.
fn winner(outcomes: (Result<HandoffView>, Result<HandoffView>), code: &str) -> HandoffView {
    let (view, error) = match outcomes {
        (Ok(view), Err(error)) | (Err(error), Ok(view)) => (view, error),
        other => panic!("not one winner: {other:?}"),
    };
    let Error::Conflict(message) = error else { panic!("{error:?}") };
    assert_eq!(message.code, code);
    let names = if view.state.ended_by().is_some() { format!("state={:?}", view.state.name()) } else { view.id.to_string() };
    assert!(message.to_string().contains(&names), "{message} does not name {names}");
    view
}

/// Both sides are told the same of how it stands, and it is what `told` has.
fn expect_same_truth(db: &Db, told: &HandoffView) {
    for side in [&told.giver, &told.receiver] {
        let actor = by(side.code.as_str());
        let seen = db.read(|conn| custody::get(conn, &actor, told.id)).unwrap();
        assert_eq!((&seen.state, seen.version), (&told.state, told.version), "what {} is told", side.code);
    }
}

/// Everything the database holds, checked against the ledger as `verify` does.
fn expect_verified(db: &Db) {
    expect_clean_ledger(db);
    let report = db.read(|conn| jiezhuan::figures::verify(conn, &mut |_, _| {})).unwrap();
    assert!(report.is_ok(), "{:?}", report.faults);
}

fn climb(db: &Db) -> Result<usize> {
    db.write(|tx| custody::climb(tx, &rulebook().routes, 10))
}

fn state_of(db: &Db, id: HandoffId) -> HandoffView {
    db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap()
}

on_both_engines! {
    fn accept_against_withdraw_has_one_winner(db: TestDb) {
        register_organisations(&db.db);
        let (mut accepted, mut races, people) = (0, Races::default(), land(&db.db, &[1; TRIES]));
        for &person in &people {
            let id = offer(&db.db, DESK, SITE, &[person]);
            let won = winner(races.run(|| accept(&db.db, SITE, id, 1, &[]), || withdraw(&db.db, DESK, id)), "handoff_ended");
            let is_accepted = won.state.name() == "accepted";
            races.won(is_accepted);
            accepted += usize::from(is_accepted);
            expect_same_truth(&db.db, &won);
            assert_eq!(custodian(&db.db, person), Some(organisation(if is_accepted { SITE } else { DESK })));
        }
        assert!((1..TRIES).contains(&accepted), "the race was none: {accepted} of {TRIES} accepted");
        expect_clean_ledger(&db.db);
    }

    fn accept_against_accept_has_one_winner(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; TRIES]);
        for (n, &person) in people.iter().enumerate() {
            let id = offer(&db.db, DESK, SITE, &[person]);
            let missing = [exception(person, ExceptionKind::Missing)];
            let taker = || accept(&db.db, SITE, id, 1, &[]);
            let won = winner(if n % 2 == 0 { race(taker, taker) } else { race(taker, || accept(&db.db, SITE, id, 0, &missing)) }, "handoff_ended");
            expect_same_truth(&db.db, &won);
            let now = if won.state.name() == "accepted" { SITE } else { DESK };
            assert_eq!(custodian(&db.db, person), Some(organisation(now)));
        }
        expect_clean_ledger(&db.db);
    }

    fn accept_against_refuse_has_one_winner(db: TestDb) {
        register_organisations(&db.db);
        for &person in &land(&db.db, &[1; TRIES / 4]) {
            let id = offer(&db.db, DESK, SITE, &[person]);
            let won = winner(race(|| refuse(&db.db, SITE, id), || accept(&db.db, SITE, id, 1, &[])), "handoff_ended");
            let now = if won.state.name() == "accepted" { SITE } else { DESK };
            assert_eq!(custodian(&db.db, person), Some(organisation(now)));
        }
        expect_clean_ledger(&db.db);
    }

    fn two_offers_for_one_person_have_one_winner(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; TRIES]);
        for &person in &people {
            let to = |receiver: &'static str| { let db = &db.db; move || try_offer(db, &by(DESK), receiver, &[person], None) };
            let won = winner(race(to(SITE), to(GROUP)), "in_another_handoff");
            assert_eq!(custodian(&db.db, person), Some(organisation(DESK)));
            accept(&db.db, won.receiver.code.as_str(), won.id, 1, &[]).unwrap();
        }
        assert_eq!(number(&db.db, "SELECT count(*) AS n FROM handoffs"), TRIES as i64);
        expect_clean_ledger(&db.db);
    }

    fn an_end_against_the_next_offer_of_the_same_people_never_deadlocks(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 10]);
        for n in 0..TRIES / 4 {
            let id = offer(&db.db, DESK, SITE, &people);
            let again = || try_offer(&db.db, &by(DESK), GROUP, &people, None);
            let (ended, offered) = if n % 2 == 0 { race(|| withdraw(&db.db, DESK, id), again) } else { race(|| refuse(&db.db, SITE, id), again) };
            ended.unwrap();
            match offered {
                Ok(view) => drop(withdraw(&db.db, DESK, view.id).unwrap()),
                Err(Error::Conflict(message)) => assert_eq!(message.code, "in_another_handoff"),
                Err(other) => panic!("{other:?}"),
            }
        }
        expect_clean_ledger(&db.db);
    }

    fn accept_against_the_deadline_is_accepted_or_lapsed_and_never_both(db: TestDb) {
        register_organisations(&db.db);
        let (mut accepted, mut races, people) = (0, Races::default(), land(&db.db, &[1; TRIES]));
        let start = db.clock.now();
        for (n, &person) in people.iter().enumerate() {
            db.clock.set(start + TimeDelta::hours(n as i64));
            let id = offer(&db.db, DESK, SITE, &[person]);
            db.clock.set(start + TimeDelta::hours(n as i64) + TimeDelta::minutes(45));
            let (taken, lapsed) = races.run(|| accept(&db.db, SITE, id, 1, &[]), || climb(&db.db));
            races.won(taken.is_ok());
            // A node that finds the offer being answered leaves it alone.
            let lapsed = lapsed.unwrap() == 1;
            let now = state_of(&db.db, id);
            match taken {
                Ok(view) => {
                    accepted += 1;
                    assert!(!lapsed, "accepted and lapsed");
                    expect_same_truth(&db.db, &view);
                    assert_eq!(custodian(&db.db, person), Some(organisation(SITE)));
                }
                Err(Error::Conflict(message)) => {
                    assert_eq!((message.code, now.state.name()), ("handoff_lapsed", "lapsed"));
                    expect_same_truth(&db.db, &now);
                    assert_eq!(custodian(&db.db, person), Some(organisation(DESK)));
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!((1..TRIES).contains(&accepted), "the race was none: {accepted} of {TRIES} accepted");
        expect_verified(&db.db);
    }

    fn nobody_boards_whom_a_positive_result_holds_at_the_same_moment(db: TestDb) {
        register_organisations(&db.db);
        let (mut boarded, mut races, people) = (0, Races::default(), land(&db.db, &[1; TRIES]));
        hand_over(&db.db, DESK, SITE, &people);
        for &person in &people {
            let id = offer(&db.db, SITE, GROUP, &[person]);
            let hold = || db.db.write(move |tx| arrivals::hold(tx, &by(SITE), person, HoldKind::Positive, "nucleic_acid"));
            let taker = || accept(&db.db, GROUP, id, 1, &[]);
            let (taken, held) = races.run(taker, hold);
            races.won(taken.is_ok());
            held.expect("a result is never refused");
            match taken {
                Ok(view) => {
                    boarded += 1;
                    expect_same_truth(&db.db, &view);
                    assert_eq!(custodian(&db.db, person), Some(organisation(GROUP)));
                }
                Err(Error::Refused(message)) => {
                    assert_eq!((message.code, message.fact("travellers")), ("held_may_not_board", Some(person.to_string().as_str())));
                    assert_eq!(custodian(&db.db, person), Some(organisation(SITE)));
                    let excepted = accept(&db.db, GROUP, id, 0, &[exception(person, ExceptionKind::Refused)]).unwrap();
                    expect_same_truth(&db.db, &excepted);
                    assert_eq!(code(try_offer(&db.db, &by(SITE), GROUP, &[person], None)), "held_may_not_board");
                }
                Err(other) => panic!("{other:?}"),
            }
            // The entry that passes somebody on is never younger than the hold.
            let sql = "SELECT count(*) AS n FROM custody_entries e JOIN holds h ON h.traveller_id = e.traveller_id WHERE e.kind = 'boarded' AND h.set_at < e.recorded_at";
            assert_eq!(number(&db.db, sql), 0);
        }
        assert!((1..TRIES).contains(&boarded), "the race was none: {boarded} of {TRIES} boarded");
        expect_verified(&db.db);
    }

    fn whatever_has_ended_is_ended_for_every_act_and_nothing_moves(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; TRIES]);
        let start = db.clock.now();
        for (n, &person) in people.iter().enumerate() {
            db.clock.set(start + TimeDelta::hours(2 * n as i64));
            let id = offer(&db.db, DESK, SITE, &[person]);
            let decide = |decision: custody::Decision| {
                db.db.write(move |tx| custody::decide(tx, &jiezhuan::access::Actor::operator(), id, None, decision.clone(), "seen".parse().unwrap()))
            };
            let whole = || custody::Decision::Accept(Receipt { counted: 1, ..Receipt::default() });
            let missing = [exception(person, ExceptionKind::Missing)];
            let late = start + TimeDelta::hours(2 * n as i64 + 1);
            let ended = match n % 6 {
                0 => accept(&db.db, SITE, id, 1, &[]),
                1 => accept(&db.db, SITE, id, 0, &missing),
                2 => refuse(&db.db, SITE, id),
                3 => withdraw(&db.db, DESK, id),
                4 => { db.clock.set(late); decide(whole()) }
                _ => { db.clock.set(late); climb(&db.db).unwrap(); decide(custody::Decision::Refuse) }
            }
            .unwrap();
            let n_entries = number(&db.db, "SELECT count(*) AS n FROM custody_entries");
            db.clock.set(late);
            for again in [
                accept(&db.db, SITE, id, 1, &[]),
                accept(&db.db, SITE, id, 0, &missing),
                count(&db.db, SITE, id, 1),
                refuse(&db.db, SITE, id),
                withdraw(&db.db, DESK, id),
                decide(whole()),
                decide(custody::Decision::Refuse),
            ] {
                assert_eq!(code(again), "handoff_ended");
            }
            assert_eq!(climb(&db.db).unwrap(), 0);
            assert_eq!(number(&db.db, "SELECT count(*) AS n FROM custody_entries"), n_entries);
            expect_same_truth(&db.db, &ended);
        }
        expect_verified(&db.db);
    }

    fn an_act_of_a_phone_whose_clock_is_hours_off_is_refused_and_nothing_moves(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; TRIES]);
        let offered_at = db.clock.now();
        let ids: Vec<HandoffId> = people.iter().map(|&person| try_offer(&db.db, &by(DESK), SITE, &[person], Some(at("2020-09-15 20:00"))).unwrap().id).collect();
        db.at("2020-09-15 12:30");
        for (n, (&person, &id)) in people.iter().zip(&ids).enumerate() {
            // From twelve hours behind to twelve ahead.
            let off = TimeDelta::minutes(n as i64 * 1_440 / TRIES as i64 - 720);
            let said = db.clock.now() + off;
            let receipt = Receipt { counted: 1, happened_at: Some(said), ..Receipt::default() };
            let outcome = db.db.write(move |tx| custody::accept(tx, &by(SITE), id, None, receipt.clone()));
            let skew = custody::CLOCK_SKEW;
            let (expected, holder) = match () {
                () if said > db.clock.now() + skew => (Some("happens_later"), DESK),
                () if said < offered_at - skew => (Some("happened_before_offer"), DESK),
                () => (None, SITE),
            };
            assert_eq!(outcome.err().map(|error| error.message().code), expected, "{off} off");
            assert_eq!(custodian(&db.db, person), Some(organisation(holder)));
        }
        expect_verified(&db.db);
    }

    fn an_act_done_offline_before_a_withdrawal_and_delivered_after_it_is_told_and_changes_nothing(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; TRIES]);
        for &person in &people {
            let id = offer(&db.db, DESK, SITE, &[person]);
            let done_at = db.clock.now();
            db.clock.set(done_at + TimeDelta::seconds(10));
            let withdrawn = withdraw(&db.db, DESK, id).unwrap();
            db.clock.set(done_at + TimeDelta::seconds(20));
            let receipt = Receipt { counted: 1, happened_at: Some(done_at), ..Receipt::default() };
            let Err(Error::Conflict(message)) = db.db.write(move |tx| custody::accept(tx, &by(SITE), id, None, receipt.clone())) else { panic!("overwritten") };
            assert_eq!((message.code, message.fact("state"), message.fact("side")), ("handoff_ended", Some("withdrawn"), Some(DESK)));
            expect_same_truth(&db.db, &withdrawn);
            assert_eq!(custodian(&db.db, person), Some(organisation(DESK)));
        }
        expect_verified(&db.db);
    }
}
