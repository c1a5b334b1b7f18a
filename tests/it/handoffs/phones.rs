//! Receipts that a phone signs under its own key: recognised, kept word for word, and worth nothing in other hands.

use actix_web::test::TestRequest;
use base16ct::lower::encode_string;
use ed25519_dalek::{Signer, SigningKey};
use jiezhuan::access::Role;
use jiezhuan::arrivals::TravellerId;
use jiezhuan::custody::{self, HandoffId};

use super::{custodian, offer, try_offer, withdraw};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::people::{DESK, by, expect_clean_ledger, land, organisation, rulebook};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";

/// A phone on which somebody has signed in.
struct Phone<'a> {
    app: &'a TestApp,
    caller: Caller,
    key: SigningKey,
}

impl Phone<'_> {
    fn posts(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = TestRequest::post().uri(path).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"));
        self.app.send(self.caller.asks(request).set_form(form))
    }

    fn enrols(&self) -> Reply {
        self.posts("/receive/key", &[("key", &encode_string(self.key.verifying_key().as_bytes()))])
    }

    /// What the phone writes down: everybody is here, done at a local time.
    fn says(&self, paper: &str, people: &[TravellerId], done: &str) -> String {
        let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
        let ticks: String = ids.iter().map(|id| format!("listed={id}&here={id}&")).collect();
        let done = jiezhuan::base::time::in_shanghai(at(done)).replace('+', "%2B").replace(':', "%3A");
        format!("{ticks}paper={paper}&happened_at={done}")
    }

    fn signs(&self, id: HandoffId, said: &str) -> Reply {
        let signature = self.key.sign(&[b"jiezhuan receipt\0", said.as_bytes()].concat());
        self.delivers(id, said, &signature.to_bytes())
    }

    fn delivers(&self, id: HandoffId, said: &str, signature: &[u8; 64]) -> Reply {
        let (key, signature) = (encode_string(self.key.verifying_key().as_bytes()), encode_string(signature));
        self.posts(&format!("/receive/{id}/accept"), &[("said", said), ("key", &key), ("signature", &signature)])
    }
}

fn phone<'a>(app: &'a TestApp, seed: u8, organisation: &str) -> Phone<'a> {
    Phone { app, caller: app.caller_of(Role::Site, "310114", Some(organisation)), key: SigningKey::from_bytes(&[seed; 32]) }
}

fn paper(app: &TestApp, id: HandoffId) -> String {
    let seal = app.app.keyring().signing();
    app.db.db.read(|conn| custody::paper(conn, &by(DESK), id)).unwrap().sign(&seal)
}

fn kept(app: &TestApp) -> Vec<String> {
    app.db.column("SELECT CASE WHEN is_merged THEN 'merged ' ELSE 'kept ' END || said AS body FROM signed_receipts ORDER BY delivered_at")
}

on_both_engines! {
    fn a_receipt_signed_on_the_phone_is_taken_and_kept_word_for_word_once(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1, 1]);
        let id = offer(&app.db.db, DESK, SITE, &people);
        let phone = phone(&app, 1, SITE);
        let said = phone.says(&paper(&app, id), &people, "2020-09-15 12:20");
        app.db.at("2020-09-15 12:40");
        let unknown = phone.signs(id, &said);
        assert!(unknown.status == 403 && unknown.body.contains("Another account signed this"), "a key that nobody enrolled: {unknown:?}");
        assert_eq!((phone.enrols().status.as_u16(), phone.enrols().status.as_u16()), (204, 204));
        let forged = phone.delivers(id, &said.replace("12%3A20", "12%3A30"), &phone.key.sign(&[b"jiezhuan receipt\0", said.as_bytes()].concat()).to_bytes());
        assert!(forged.status == 422 && forged.body.contains("does not fit what was signed"), "{forged:?}");
        let elsewhere = phone.delivers(id, &said, &phone.key.sign(said.as_bytes()).to_bytes());
        assert_eq!(elsewhere.status, 422, "a signature for anything else is none");
        assert!(kept(&app).is_empty() && custodian(&app.db.db, people[0]) == Some(organisation(DESK)));
        assert_eq!(phone.signs(id, &said).status, 303);
        assert_eq!(phone.signs(id, &said).status, 303, "delivered twice, it is the same");
        assert_eq!(kept(&app), [format!("merged {said}")]);
        assert_eq!(custodian(&app.db.db, people[0]), Some(organisation(SITE)));
        let view = app.db.db.read(|conn| custody::get(conn, &by(DESK), id)).unwrap();
        assert!(matches!(view.state, custody::HandoffState::Accepted(acceptance) if acceptance.happened_at == at("2020-09-15 12:20")));
        let page = app.send(phone.caller.asks(TestRequest::get().uri(&format!("/receive/{id}"))).insert_header(("Accept", "text/html")));
        assert!(page.body.contains(&encode_string(&phone.key.verifying_key().as_bytes()[..4])), "both see by which key it was signed");
        expect_clean_ledger(&app.db.db);
    }

    fn a_key_is_one_users_and_nobody_delivers_what_another_signed(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1]);
        let id = offer(&app.db.db, DESK, SITE, &people);
        let (own, other) = (phone(&app, 1, SITE), phone(&app, 1, "group-310114"));
        assert_eq!((own.enrols().status.as_u16(), other.enrols().status.as_u16()), (204, 409));
        let said = own.says(&paper(&app, id), &people, "2020-09-15 12:00");
        assert_eq!(other.signs(id, &said).status, 403);
        assert_eq!(own.posts("/receive/key", &[("key", "00")]).status, 422);
        assert_eq!(own.posts("/receive/key", &[("key", &"00".repeat(32))]).status, 422, "a weak key is none");
        assert_eq!(custodian(&app.db.db, people[0]), Some(organisation(DESK)));
    }

    fn what_was_signed_in_time_counts_after_the_deadline_and_a_conflict_is_told_and_kept(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1, 1]);
        let due = Some(at("2020-09-15 13:00"));
        let lapsing = try_offer(&app.db.db, &by(DESK), SITE, &people[..1], due).unwrap().id;
        let withdrawn = offer(&app.db.db, DESK, SITE, &people[1..]);
        let phone = phone(&app, 1, SITE);
        phone.enrols();
        let papers = [paper(&app, lapsing), paper(&app, withdrawn)];
        withdraw(&app.db.db, DESK, withdrawn).unwrap();
        app.db.at("2020-09-15 13:00");
        app.db.db.write(|tx| custody::climb(tx, &rulebook().routes, 10)).unwrap();
        app.db.at("2020-09-15 14:00");
        assert_eq!(phone.signs(lapsing, &phone.says(&papers[0], &people[..1], "2020-09-15 12:50")).status, 303);
        assert_eq!(custodian(&app.db.db, people[0]), Some(organisation(SITE)));
        let conflict = phone.signs(withdrawn, &phone.says(&papers[1], &people[1..], "2020-09-15 12:00"));
        assert!(conflict.status == 409 && conflict.body.contains("withdrawn"), "{conflict:?}");
        assert_eq!(custodian(&app.db.db, people[1]), Some(organisation(DESK)));
        let mut words: Vec<String> = kept(&app).iter().map(|said| said.split(' ').next().unwrap().to_owned()).collect();
        words.sort();
        assert_eq!(words, ["kept", "merged"]);
        assert_eq!(app.db.column("SELECT kind AS body FROM events WHERE kind = 'handoff_conflict'").len(), 1, "both are told");
        expect_clean_ledger(&app.db.db);
    }
}
