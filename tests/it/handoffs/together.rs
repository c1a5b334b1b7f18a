//! Confirmations that arrive at the same moment are written together, and each is answered as if it had been alone.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use jiezhuan::arrivals::TravellerId;
use jiezhuan::base::{Error, Id};
use jiezhuan::custody::{self, Answer, ExceptionKind, HandoffId, HandoffState, Receipt, Reception};
use serde_json::json;

use super::{code, count, custodian, exception, offer};
use crate::support::app::{Reply, TestApp};
use crate::support::people::{DESK, by, expect_clean_ledger, land, number, organisation, register_organisations};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";
const OTHER: &str = "site-310115-1";

on_both_engines! {
    fn of_a_group_each_is_judged_by_itself(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1, 1, 2, 1, 1, 1]);
        let lists: [&[TravellerId]; 6] = [&people[..1], &people[1..2], &people[2..4], &people[4..5], &people[5..6], &people[6..]];
        let ids: Vec<HandoffId> = lists.iter().map(|list| offer(&db.db, DESK, SITE, list)).collect();
        count(&db.db, SITE, ids[3], 1).unwrap();
        let missing = vec![exception(people[3], ExceptionKind::Missing)];
        let asked = ids.clone();
        let receptions = db.db.write(move |tx| {
            let (site, other) = (by(SITE), by(OTHER));
            let receipt = |counted: i32| Receipt { counted, ..Receipt::default() };
            custody::accept_all(tx, vec![
                Answer { actor: &site, handoff: asked[5], seen: None, receipt: receipt(1) },
                Answer { actor: &site, handoff: asked[0], seen: None, receipt: receipt(1) },
                // One head too many, as the first count.
                Answer { actor: &site, handoff: asked[1], seen: None, receipt: receipt(2) },
                Answer { actor: &site, handoff: asked[2], seen: None, receipt: Receipt { exceptions: missing.clone(), ..receipt(1) } },
                // Counted meanwhile, so this is not the version that was seen.
                Answer { actor: &site, handoff: asked[3], seen: Some(1), receipt: receipt(1) },
                Answer { actor: &other, handoff: asked[4], seen: None, receipt: receipt(1) },
                Answer { actor: &site, handoff: Id::from_uuid(uuid::Uuid::from_u128(7)), seen: None, receipt: receipt(1) },
            ])
        });
        let mut receptions = receptions.unwrap().into_iter();
        let mut next = || receptions.next().unwrap();
        for (id, state) in [(ids[5], "accepted"), (ids[0], "accepted")] {
            let Ok(Reception::Accepted(view)) = next() else { panic!("{id} was not accepted") };
            assert_eq!((view.id, view.state.name()), (id, state));
        }
        let Ok(Reception::Counted { handoff, refusal }) = next() else { panic!("a wrong count was accepted") };
        assert_eq!((handoff.id, handoff.first_count, refusal.message().code), (ids[1], Some(2), "count_differs"));
        let Ok(Reception::Accepted(view)) = next() else { panic!("exceptions were not accepted") };
        assert_eq!(view.state.name(), "accepted_with_exceptions");
        // What is shown is what is stored.
        assert_eq!(db.db.read(|conn| custody::get(conn, &by(SITE), ids[2])).unwrap(), view);
        assert_eq!(code(next()), "handoff_changed");
        assert_eq!(code(next()), "only_receiver_answers");
        assert!(matches!(next(), Err(Error::NotFound("handoff"))));
        let with = |people: &[TravellerId], code: &str| people.iter().all(|&person| custodian(&db.db, person) == Some(organisation(code)));
        assert!(with(&[people[6], people[0], people[2]], SITE));
        assert!(with(&[people[1], people[3], people[4], people[5]], DESK));
        expect_clean_ledger(&db.db);
    }

    fn many_at_once_over_http_are_each_written_once(db: TestDb) {
        const N: usize = 40;
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1; N]);
        let ids: Vec<HandoffId> = people.iter().map(|&person| offer(&app.db.db, DESK, SITE, &[person])).collect();
        let receiver = app.caller_of(Role::Site, "310114", Some(SITE));
        let accept = |id: HandoffId, key: &str, counted: i32| {
            let request = receiver.asks(TestRequest::post().uri(&format!("/api/v1/handoffs/{id}/accept"))).insert_header(("Idempotency-Key", key));
            app.send(request.set_json(json!({"counted": counted})))
        };
        // Each handoff: twice under its name, once under another, and once the name with another body.
        let all: Vec<[Reply; 4]> = std::thread::scope(|scope| {
            let ask = |id: HandoffId| {
                let (own, other) = (format!("own-{id}"), format!("other-{id}"));
                let asked = [(own.clone(), 1), (own.clone(), 1), (other, 1), (own, 5)];
                asked.map(|(key, counted)| scope.spawn(move || accept(id, &key, counted)))
            };
            let asked: Vec<_> = ids.iter().map(|&id| ask(id)).collect();
            asked.into_iter().map(|four| four.map(|one| one.join().unwrap())).collect()
        });
        for (id, [one, again, other, reused]) in ids.iter().zip(all) {
            let accepted = |reply: &Reply| reply.status == 200 && reply.json()["state"] == "accepted";
            let of_own_name = [&one, &again, &reused].map(|reply| (reply.status.as_u16(), reply.body.clone()));
            // Whichever came first under the name is the request of that name, and the other body is refused, or the two are.
            let n_refused = of_own_name.iter().filter(|(status, body)| *status == 422 && body.contains("idempotency_key_reused")).count();
            assert!(n_refused == 1 || n_refused == 2, "{id}: {of_own_name:?}");
            if n_refused == 1 {
                assert_eq!(one.body, again.body, "{id}: the same answer to the same request");
            }
            let n_accepted = usize::from(accepted(&one) || accepted(&again) || accepted(&reused)) + usize::from(accepted(&other));
            assert_eq!(n_accepted, 1, "{id}: {of_own_name:?} {}", other.body);
            let stored = app.db.db.read(|conn| custody::get(conn, &by(SITE), *id)).unwrap();
            assert!(matches!(stored.state, HandoffState::Accepted(_)));
        }
        assert_eq!(number(&app.db.db, "SELECT count(*) AS n FROM custody_entries WHERE seq > 1"), i64::try_from(N).unwrap());
        assert_eq!(number(&app.db.db, "SELECT count(*) AS n FROM events WHERE kind = 'handoff_accepted'"), i64::try_from(N).unwrap());
        expect_clean_ledger(&app.db.db);
    }
}
