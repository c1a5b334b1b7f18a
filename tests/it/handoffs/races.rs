//! Acts that race: exactly one wins, the loser is told what happened, and one side answers for everybody.

use std::sync::Barrier;

use jiezhuan::base::{Error, Result};
use jiezhuan::custody::{ExceptionKind, HandoffView};

use super::{accept, custodian, exception, offer, refuse, try_offer, withdraw};
use crate::support::people::{DESK, by, expect_clean_ledger, land, number, organisation, register_organisations};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";
const TRIES: usize = 200;

/// Runs two acts at the same moment.
fn race(one: impl FnOnce() -> Result<HandoffView> + Send, other: impl FnOnce() -> Result<HandoffView> + Send) -> [Result<HandoffView>; 2] {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let second = other();
        [first.join().unwrap(), second]
    })
}

/// The winner, after the loser was found to be told a conflict of this code that names the winner's end.
fn winner(outcomes: [Result<HandoffView>; 2], code: &str) -> HandoffView {
    let (view, error) = match outcomes {
        [Ok(view), Err(error)] | [Err(error), Ok(view)] => (view, error),
        other => panic!("not one winner: {other:?}"),
    };
    let Error::Conflict(message) = error else { panic!("{error:?}") };
    assert_eq!(message.code, code);
    let names = if view.state.ended_by().is_some() { format!("state={:?}", view.state.name()) } else { view.id.to_string() };
    assert!(message.to_string().contains(&names), "{message} does not name {names}");
    view
}

on_both_engines! {
    fn accept_against_withdraw_has_one_winner(db: TestDb) {
        register_organisations(&db.db);
        let (mut accepted, people) = (0, land(&db.db, &[1; TRIES]));
        for (n, &person) in people.iter().enumerate() {
            let id = offer(&db.db, DESK, SITE, &[person]);
            let (taker, giver) = (|| accept(&db.db, SITE, id, 1, &[]), || withdraw(&db.db, DESK, id));
            let won = winner(if n % 2 == 0 { race(taker, giver) } else { race(giver, taker) }, "handoff_ended");
            let is_accepted = won.state.name() == "accepted";
            accepted += usize::from(is_accepted);
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
            let [ended, offered] = if n % 2 == 0 { race(|| withdraw(&db.db, DESK, id), again) } else { race(|| refuse(&db.db, SITE, id), again) };
            ended.unwrap();
            match offered {
                Ok(view) => drop(withdraw(&db.db, DESK, view.id).unwrap()),
                Err(Error::Conflict(message)) => assert_eq!(message.code, "in_another_handoff"),
                Err(other) => panic!("{other:?}"),
            }
        }
        expect_clean_ledger(&db.db);
    }
}
