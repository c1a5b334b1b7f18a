//! Receipts written down without a network: recognised, merged by rule, and a conflict shown to both.

use chrono::TimeDelta;
use jiezhuan::access::{Keyring, Seal};
use jiezhuan::base::{Error, IdSource, Result};
use jiezhuan::custody::{self, Delivery, HandoffId, Receipt, Reply};
use jiezhuan::db::events_after;

use super::{code, custodian, offer, refuse, try_offer, withdraw};
use crate::support::people::{DESK, by, expect_clean_ledger, land, organisation, register_organisations, rulebook};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";
const TRIES: usize = 200;

fn seal(seed: u64) -> Seal {
    Keyring::generate(&IdSource::seeded(seed)).signing()
}

fn paper(db: &TestDb, id: HandoffId) -> String {
    db.db.read(|conn| custody::paper(conn, &by(DESK), id)).unwrap().sign(&seal(1))
}

fn deliver(db: &TestDb, who: &str, paper: &str, counted: i32, done: &str) -> Result<Delivery> {
    replies(db, who, paper, Reply::Receive(Receipt { counted, happened_at: Some(at(done)), ..Receipt::default() }))
}

fn deliver_refusal(db: &TestDb, who: &str, paper: &str, reason: &str, done: &str) -> Result<Delivery> {
    replies(db, who, paper, Reply::Refuse { reason: reason.parse().unwrap(), happened_at: Some(at(done)) })
}

fn replies(db: &TestDb, who: &str, paper: &str, reply: Reply) -> Result<Delivery> {
    let (who, paper) = (by(who), paper.to_owned());
    db.db.write(move |tx| custody::deliver(tx, &who, seal(1).public_key(), None, &paper, reply.clone()))
}

fn merged(delivery: Result<Delivery>) -> Result<custody::HandoffView> {
    match delivery? {
        Delivery::Received(reception) => reception.accepted(),
        Delivery::Refused(handoff) => Ok(handoff),
        Delivery::Conflict { because, .. } => panic!("a conflict with nothing: {because}"),
    }
}

fn n_conflicts(db: &TestDb) -> usize {
    db.db.read(|conn| events_after(conn, 0, 10_000)).unwrap().iter().filter(|event| event.kind == "handoff_conflict").count()
}

on_both_engines! {
    fn a_receipt_without_a_network_counts_as_of_when_it_was_done_and_once(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        let id = offer(&db.db, DESK, SITE, &people);
        let paper = paper(&db, id);
        db.at("2020-09-15 12:40");
        assert_eq!(code(deliver(&db, DESK, &paper, 2, "2020-09-15 12:20")), "only_receiver_answers");
        assert_eq!(code(deliver(&db, SITE, &paper, 2, "2020-09-15 13:20")), "happens_later");
        assert_eq!(code(merged(deliver(&db, SITE, &paper, 1, "2020-09-15 12:20"))), "count_differs");
        let view = merged(deliver(&db, SITE, &paper, 2, "2020-09-15 12:20")).unwrap();
        assert_eq!(view.first_count, Some(1), "the first count stands, also one that was delivered");
        assert!(matches!(&view.state, custody::HandoffState::Accepted(acceptance) if acceptance.happened_at == at("2020-09-15 12:20")));
        let again = merged(deliver(&db, SITE, &paper, 2, "2020-09-15 12:20")).unwrap();
        assert_eq!(again, view, "delivered twice, it is the same");
        assert_eq!(n_conflicts(&db), 0);
        expect_clean_ledger(&db.db);
    }

    fn an_answer_given_before_the_deadline_counts_after_it_and_one_given_later_does_not(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1]);
        let ids: Vec<HandoffId> = people.iter().map(|&one| try_offer(&db.db, &by(DESK), SITE, &[one], Some(at("2020-09-15 13:00"))).unwrap().id).collect();
        let papers: Vec<String> = ids.iter().map(|&id| paper(&db, id)).collect();
        db.at("2020-09-15 13:00");
        db.db.write(|tx| custody::climb(tx, &rulebook().routes, 10)).unwrap();
        db.at("2020-09-15 14:00");
        merged(deliver(&db, SITE, &papers[0], 1, "2020-09-15 12:59")).unwrap();
        assert_eq!(custodian(&db.db, people[0]), Some(organisation(SITE)));
        assert_eq!(code(deliver(&db, SITE, &papers[1], 1, "2020-09-15 13:01")), "handoff_lapsed");
        assert_eq!(custodian(&db.db, people[1]), Some(organisation(DESK)));
        expect_clean_ledger(&db.db);
    }

    fn a_refusal_without_a_network_counts_by_the_rules_of_a_receipt(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1, 1, 1]);
        let ids: Vec<HandoffId> = people.iter().map(|&one| try_offer(&db.db, &by(DESK), SITE, &[one], Some(at("2020-09-15 13:00"))).unwrap().id).collect();
        let papers: Vec<String> = ids.iter().map(|&id| paper(&db, id)).collect();
        db.at("2020-09-15 12:40");
        assert_eq!(code(deliver_refusal(&db, DESK, &papers[0], "no beds", "2020-09-15 12:20")), "only_receiver_answers");
        assert_eq!(code(deliver_refusal(&db, SITE, &papers[0], "no beds", "2020-09-15 13:20")), "happens_later");
        assert_eq!(code(deliver_refusal(&db, SITE, &papers[0], "no beds", "2020-09-15 11:20")), "happened_before_offer");
        let refused = merged(deliver_refusal(&db, SITE, &papers[0], "no beds", "2020-09-15 12:20")).unwrap();
        assert!(matches!(&refused.state, custody::HandoffState::Refused(rejection) if rejection.reason.as_str() == "no beds"));
        assert_eq!(refused.first_count, None, "whoever refuses them all need not count them");
        let again = merged(deliver_refusal(&db, SITE, &papers[0], "no beds", "2020-09-15 12:20")).unwrap();
        assert_eq!((again, n_conflicts(&db)), (refused, 0), "delivered twice, it is the same");
        withdraw(&db.db, DESK, ids[1]).unwrap();
        db.at("2020-09-15 13:00");
        db.db.write(|tx| custody::climb(tx, &rulebook().routes, 10)).unwrap();
        db.at("2020-09-15 14:00");
        let Delivery::Conflict { because, .. } = deliver_refusal(&db, SITE, &papers[1], "no beds", "2020-09-15 12:30").unwrap() else { panic!("overwritten") };
        assert_eq!((because.code(), n_conflicts(&db)), ("handoff_ended", 1));
        merged(deliver_refusal(&db, SITE, &papers[2], "no beds", "2020-09-15 12:59")).unwrap();
        assert_eq!(code(deliver_refusal(&db, SITE, &papers[3], "no beds", "2020-09-15 13:01")), "handoff_lapsed");
        assert_eq!(people.iter().map(|&one| custodian(&db.db, one)).collect::<Vec<_>>(), [Some(organisation(DESK)); 4]);
        // Whoever was refused can be offered again.
        offer(&db.db, DESK, SITE, &[people[0], people[2]]);
        expect_clean_ledger(&db.db);
    }

    fn a_conflict_changes_nothing_and_both_are_told(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; TRIES]);
        for (n, &person) in people.iter().enumerate() {
            let id = offer(&db.db, DESK, SITE, &[person]);
            let (paper, start) = (paper(&db, id), db.clock.now());
            db.clock.set(start + TimeDelta::seconds(20));
            let ended = if n % 2 == 0 { withdraw(&db.db, DESK, id) } else { refuse(&db.db, SITE, id) }.unwrap();
            let done = jiezhuan::base::time::in_shanghai(start + TimeDelta::seconds(10));
            let Delivery::Conflict { handoff, because } = deliver(&db, SITE, &paper, 1, &done).unwrap() else { panic!("overwritten") };
            assert_eq!((because.code(), because.message().fact("state")), ("handoff_ended", Some(ended.state.name())));
            assert_eq!((handoff.state, handoff.version), (ended.state, ended.version));
            assert_eq!(custodian(&db.db, person), Some(organisation(DESK)));
        }
        assert_eq!(n_conflicts(&db), TRIES);
        expect_clean_ledger(&db.db);
    }

    fn a_document_that_is_not_ours_or_was_changed_is_refused(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        let id = offer(&db.db, DESK, SITE, &people);
        let real = db.db.read(|conn| custody::paper(conn, &by(DESK), id)).unwrap();
        let done = "2020-09-15 12:00";
        assert_eq!(code(deliver(&db, SITE, &real.sign(&seal(2)), 1, done)), "paper_of_others");
        assert_eq!(code(deliver(&db, SITE, "https://example.cn", 1, done)), "paper_unreadable");
        let changed = custody::Paper { list_digest: [0; 32], ..real.clone() };
        assert_eq!(code(deliver(&db, SITE, &changed.sign(&seal(1)), 1, done)), "paper_differs");
        let elsewhere = db.db.read(|conn| custody::paper(conn, &by(DESK), jiezhuan::base::Id::from_uuid(uuid::Uuid::from_u128(9))));
        assert!(matches!(elsewhere, Err(Error::NotFound("handoff"))));
        withdraw(&db.db, DESK, id).unwrap();
        assert_eq!(code(db.db.read(|conn| custody::paper(conn, &by(DESK), id))), "handoff_ended");
        assert_eq!(custodian(&db.db, people[0]), Some(organisation(DESK)));
    }
}
