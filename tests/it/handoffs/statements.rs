//! Statements between two sides: every person of every offer is accounted for, in the period in which it happened.

use actix_web::test::TestRequest;
use jiezhuan::access::{Actor, Keyring, Purpose, Role, Seal};
use jiezhuan::base::{Error, IdSource, Result};
use jiezhuan::custody::ExceptionKind;
use jiezhuan::custody::statement::{self, Agreement, Asked, Frozen, Statement, StatementDigest};
use serde_json::json;

use super::{accept, code, exception, offer, race, refuse, withdraw};
use crate::support::app::TestApp;
use crate::support::people::{DESK, by, execute, land, register_organisations};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";

fn statement(db: &TestDb, who: &Actor, from: &str, to: &str) -> Result<Statement> {
    let asked = asked(DESK, SITE, from, to);
    db.db.read(|conn| statement::statement(conn, who, &asked))
}

fn asked(one: &str, other: &str, from: &str, to: &str) -> Asked {
    Asked { one: one.parse().unwrap(), other: other.parse().unwrap(), from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn seal() -> Seal {
    Keyring::generate(&IdSource::seeded(1)).signing()
}

/// What the statement of a day says now, as it would be signed.
fn digest_of(db: &TestDb, day: &str) -> StatementDigest {
    statement::digest(&statement::text(&statement(db, &by(DESK), day, day).unwrap()))
}

fn sign(db: &TestDb, who: &Actor, day: &str, digest: StatementDigest, refused: Option<&str>) -> Result<Frozen> {
    let (who, asked, refused) = (who.clone(), asked(DESK, SITE, day, day), refused.map(|why| why.parse().unwrap()));
    db.db.write(move |tx| statement::sign(tx, &who, &seal(), &asked, digest, refused.clone()))
}

fn signed(db: &TestDb, one: &str, other: &str, day: &str) -> Vec<Frozen> {
    let asked = asked(one, other, day, day);
    db.db.read(|conn| statement::signed(conn, &by(DESK), &asked)).unwrap()
}

/// Brought forward, offered, received, excepted, refused, withdrawn, carried forward, overdue, extras.
fn figures(statement: &Statement, flow: usize) -> [i64; 9] {
    let flow = &statement.flows[flow];
    assert!(flow.is_balanced(), "{flow:?}");
    [flow.brought_forward, flow.offered, flow.received, flow.excepted, flow.refused, flow.withdrawn, flow.carried_forward, flow.overdue, flow.extras]
}

on_both_engines! {
    fn what_was_offered_is_accounted_for_in_the_period_in_which_it_was_answered(db: TestDb) {
        register_organisations(&db.db);
        db.at("2020-09-12 09:00");
        let people = land(&db.db, &[1; 12]);
        db.at("2020-09-12 23:50");
        let over_midnight = offer(&db.db, DESK, SITE, &people[..3]);
        db.at("2020-09-13 00:05");
        accept(&db.db, SITE, over_midnight, 3, &[exception(people[0], ExceptionKind::Missing), exception(people[11], ExceptionKind::Extra)]).unwrap();
        let refused = offer(&db.db, DESK, SITE, &people[3..5]);
        refuse(&db.db, SITE, refused).unwrap();
        let withdrawn = offer(&db.db, DESK, SITE, &people[3..4]);
        withdraw(&db.db, DESK, withdrawn).unwrap();
        let back = offer(&db.db, SITE, DESK, &people[1..2]);
        accept(&db.db, DESK, back, 1, &[]).unwrap();
        offer(&db.db, DESK, SITE, &people[5..9]);
        let first = statement(&db, &by(DESK), "2020-09-12", "2020-09-12").unwrap();
        assert_eq!(figures(&first, 0), [0, 3, 0, 0, 0, 0, 3, 0, 0]);
        let second = statement(&db, &by(SITE), "2020-09-13", "2020-09-13").unwrap();
        assert_eq!(figures(&second, 0), [3, 7, 2, 1, 2, 1, 4, 4, 1]);
        assert_eq!(figures(&second, 1), [0, 1, 1, 0, 0, 0, 0, 0, 0]);
        let differences: Vec<_> = second.flows[0].differences.iter().map(|one| (one.traveller, one.kind)).collect();
        let mut expected = [(people[0], ExceptionKind::Missing), (people[11], ExceptionKind::Extra)];
        expected.sort_by_key(|(who, _)| *who);
        assert_eq!(differences, expected);
        let both = statement(&db, &by(DESK), "2020-09-12", "2020-09-13").unwrap();
        assert_eq!(figures(&both, 0), [0, 10, 2, 1, 2, 1, 4, 4, 1]);
        let third = statement(&db, &by(DESK), "2020-09-14", "2020-09-14").unwrap();
        assert_eq!(figures(&third, 0), [4, 0, 0, 0, 0, 0, 4, 4, 0], "what is carried forward is brought forward");
    }

    fn a_period_that_cannot_be_is_refused(db: TestDb) {
        register_organisations(&db.db);
        assert_eq!(code(statement(&db, &by(DESK), "2020-09-13", "2020-09-12")), "period_backwards");
        assert_eq!(code(statement(&db, &by(DESK), "2020-01-01", "2020-12-31")), "period_too_long");
        let nobodys = asked(DESK, "site-999999-1", "2020-09-12", "2020-09-12");
        let unknown = db.db.read(|conn| statement::statement(conn, &by(DESK), &nobodys));
        assert!(matches!(unknown, Err(Error::NotFound("organisation"))));
    }

    fn both_sides_sign_the_same_digest_and_a_later_difference_is_another_statement(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 4]);
        let id = offer(&db.db, DESK, SITE, &people[..2]);
        accept(&db.db, SITE, id, 1, &[exception(people[0], ExceptionKind::Missing)]).unwrap();
        let waiting = offer(&db.db, DESK, SITE, &people[2..3]);
        let day = "2020-09-15";
        let first = digest_of(&db, day);
        assert_eq!(code(sign(&db, &by(DESK), day, first, None)), "period_not_over");
        db.at("2020-09-16 08:00");
        assert_eq!(code(sign(&db, &by("work-group-32"), day, first, None)), "not_a_side");
        assert_eq!(code(sign(&db, &by(DESK), day, [7; 32], None)), "statement_changed");
        let frozen = sign(&db, &by(DESK), day, first, None).unwrap();
        assert_eq!((frozen.agreement(), frozen.digest, statement::digest(&frozen.text)), (Agreement::Open, first, first));
        assert!(frozen.text.contains("received 1 ") && frozen.text.contains(&format!("difference {id} {} missing", people[0])), "{}", frozen.text);
        assert_eq!(code(sign(&db, &by(DESK), day, first, None)), "statement_signed");
        let agreed = sign(&db, &by(SITE), day, first, None).unwrap();
        assert_eq!((agreed.id, agreed.agreement()), (frozen.id, Agreement::Agreed));
        for said in &agreed.signatures {
            let bytes = statement::signed_bytes(&first, false, said.at, &said.organisation);
            assert!(seal().public_key().recognises(Purpose::Statement, &bytes, &said.signature));
            assert!(!seal().public_key().recognises(Purpose::Day, &bytes, &said.signature));
            let refusal = statement::signed_bytes(&first, true, said.at, &said.organisation);
            assert!(!seal().public_key().recognises(Purpose::Statement, &refusal, &said.signature), "a refusal is not a signature");
        }
        assert_eq!(signed(&db, SITE, DESK, day), [agreed.clone()], "whichever side asks, it is the same statement");
        // What is answered after midnight belongs to the next day; what is recorded of the day itself afterwards changes it.
        accept(&db.db, SITE, waiting, 1, &[]).unwrap();
        assert_eq!(digest_of(&db, day), first);
        db.at("2020-09-15 23:00");
        let late = offer(&db.db, DESK, SITE, &people[3..]);
        db.at("2020-09-16 09:00");
        let second = digest_of(&db, day);
        assert_ne!(second, first);
        assert_eq!(code(sign(&db, &by(SITE), day, [0; 32], None)), "statement_changed");
        let other = sign(&db, &by(SITE), day, second, None).unwrap();
        assert_eq!(signed(&db, DESK, SITE, day), [agreed, other]);
        withdraw(&db.db, DESK, late).unwrap();
        for sql in ["UPDATE statements SET body = ''", "DELETE FROM statement_signatures", "DELETE FROM statements", "UPDATE statement_signatures SET refused_because = 'x'"] {
            assert_eq!(code(execute(&db.db, sql)), "statement_is_kept", "{sql}");
        }
    }

    fn a_refused_signature_says_why_and_puts_the_statement_in_dispute_until_it_is_signed(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1]);
        offer(&db.db, DESK, SITE, &people);
        let (day, digest) = ("2020-09-15", digest_of(&db, "2020-09-15"));
        db.at("2020-09-16 08:00");
        sign(&db, &by(DESK), day, digest, None).unwrap();
        let disputed = sign(&db, &by(SITE), day, digest, Some("one came by another coach")).unwrap();
        assert_eq!(disputed.agreement(), Agreement::Disputed);
        let last = disputed.last_of(&SITE.parse().unwrap()).unwrap();
        assert_eq!(last.refused.as_ref().map(ToString::to_string).as_deref(), Some("one came by another coach"));
        assert_eq!(sign(&db, &by(SITE), day, digest, None).unwrap().agreement(), Agreement::Agreed);
        assert_eq!(code(sign(&db, &by(SITE), day, digest, Some("on second thoughts"))), "statement_signed", "what is signed stays signed");
    }

    fn of_two_who_sign_for_one_side_at_once_one_does_and_nobody_signs_for_both(db: TestDb) {
        register_organisations(&db.db);
        let day = "2020-09-14";
        let digest = digest_of(&db, day);
        match race(|| sign(&db, &by(DESK), day, digest, None), || sign(&db, &by(DESK), day, digest, None)) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => assert_eq!(error.message().code, "statement_signed"),
            other => panic!("not one: {other:?}"),
        }
        assert_eq!(signed(&db, DESK, SITE, day).iter().map(|frozen| frozen.signatures.len()).collect::<Vec<_>>(), [1]);
        let app = TestApp::new(db);
        app.register();
        let (day, digest) = ("2020-09-13", digest_of(&app.db, "2020-09-13"));
        let desk = app.caller_of(Role::AirportDesk, "", Some(DESK));
        let body = json!({"one": SITE, "other": DESK, "from": day, "to": day, "digest": base16ct::lower::encode_string(&digest)});
        let first = app.post(&desk, "/api/v1/statements", &body);
        assert_eq!((first.status.as_u16(), &first.json()["state"], &first.json()["is_current"]), (201, &json!("open"), &json!(true)), "{first:?}");
        execute(&app.db.db, &format!("UPDATE users SET organisation = '{SITE}' WHERE organisation = '{DESK}'")).unwrap();
        assert_eq!(app.post(&desk, "/api/v1/statements", &body).problem(), (403, "same_signer".into()));
        let shown = app.get(&desk, &format!("/api/v1/statements?one={SITE}&other={DESK}&from={day}&to={day}")).json();
        assert_eq!((&shown["digest"], &shown["signed"][0]["signatures"][0]["organisation"]), (&body["digest"], &json!(DESK)));
        let page = app.send(desk.asks(TestRequest::get().uri(&format!("/statements?one={SITE}&other={DESK}&from={day}&to={day}"))).insert_header(("Accept", "text/html")));
        assert!(page.status == 200 && page.body.contains(body["digest"].as_str().unwrap()), "{page:?}");
        let form = [("one", SITE), ("other", DESK), ("from", day), ("to", day), ("digest", body["digest"].as_str().unwrap())];
        let refused = app.send(desk.asks(TestRequest::post().uri("/statements")).insert_header(("Accept", "text/html")).set_form(form));
        assert_eq!(refused.status, 403, "the page refuses the same");
    }
}
