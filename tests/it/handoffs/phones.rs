//! Receipts that a phone signs under its own key: recognised, kept word for word, and worth nothing in other hands.

use actix_web::cookie::Cookie;
use actix_web::test::TestRequest;
use base16ct::lower::encode_string;
use ed25519_dalek::{Signer, SigningKey};
use jiezhuan::access::Role;
use jiezhuan::arrivals::TravellerId;
use jiezhuan::custody::{self, HandoffId};
use serde_json::Value;

use super::{custodian, offer, race, try_offer, withdraw};
use crate::pages::{session, sign_in};
use crate::support::app::{Caller, PASSWORD, Reply, TestApp};
use crate::support::people::{DESK, by, expect_clean_ledger, land, organisation, rulebook};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";

/// A phone on which somebody has signed in.
pub struct Phone<'a> {
    app: &'a TestApp,
    pub caller: Caller,
    key: SigningKey,
}

impl Phone<'_> {
    /// Another phone of the same user.
    pub fn another(&self, seed: u8) -> Self {
        Phone { app: self.app, caller: self.caller.clone(), key: SigningKey::from_bytes(&[seed; 32]) }
    }

    fn posts(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = TestRequest::post().uri(path).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"));
        self.app.send(self.caller.asks(request).set_form(form))
    }

    pub fn enrols(&self) -> Reply {
        self.posts("/receive/key", &[("key", &encode_string(self.key.verifying_key().as_bytes()))])
    }

    /// What the phone writes down: everybody is here, done at a local time.
    pub fn says(&self, paper: &str, people: &[TravellerId], done: &str) -> String {
        let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
        let ticks: String = ids.iter().map(|id| format!("listed={id}&here={id}&")).collect();
        format!("{ticks}paper={paper}&happened_at={}", written(done))
    }

    /// What it writes down when nobody is taken over.
    pub fn says_no(&self, paper: &str, reason: &str, done: &str) -> String {
        format!("answer=refuse&paper={paper}&reason={reason}&happened_at={}", written(done))
    }

    pub fn signs(&self, id: HandoffId, said: &str) -> Reply {
        let signature = self.key.sign(&[b"jiezhuan receipt\0", said.as_bytes()].concat());
        self.delivers(id, said, &signature.to_bytes())
    }

    /// Signs a refusal of everybody.
    pub fn refuses(&self, id: HandoffId, said: &str) -> Reply {
        let signature = self.key.sign(&[b"jiezhuan receipt\0", said.as_bytes()].concat());
        self.posts_signed(&format!("/receive/{id}/refuse"), said, &signature.to_bytes())
    }

    fn delivers(&self, id: HandoffId, said: &str, signature: &[u8; 64]) -> Reply {
        self.posts_signed(&format!("/receive/{id}/accept"), said, signature)
    }

    fn posts_signed(&self, path: &str, said: &str, signature: &[u8; 64]) -> Reply {
        let (key, signature) = (encode_string(self.key.verifying_key().as_bytes()), encode_string(signature));
        self.posts(path, &[("said", said), ("key", &key), ("signature", &signature)])
    }
}

pub fn phone<'a>(app: &'a TestApp, seed: u8, organisation: &str) -> Phone<'a> {
    Phone { app, caller: app.caller_of(Role::Site, "310114", Some(organisation)), key: SigningKey::from_bytes(&[seed; 32]) }
}

pub fn paper(app: &TestApp, id: HandoffId) -> String {
    let seal = app.app.keyring().signing();
    app.db.db.read(|conn| custody::paper(conn, &by(DESK), id)).unwrap().sign(&seal)
}

/// A local time as it is written into a form.
fn written(done: &str) -> String {
    jiezhuan::base::time::in_shanghai(at(done)).replace('+', "%2B").replace(':', "%3A")
}

pub fn kept(app: &TestApp) -> Vec<String> {
    app.db.column("SELECT CASE WHEN is_merged THEN 'merged ' ELSE 'kept ' END || said AS body FROM signed_receipts ORDER BY delivered_at")
}

/// The one key of whoever asks.
pub fn key_of(app: &TestApp, caller: &Caller) -> Value {
    let keys = app.get(caller, "/api/v1/phone-keys").json();
    assert_eq!(keys["items"].as_array().map(Vec::len), Some(1), "{keys}");
    keys["items"][0].clone()
}

pub fn takes_back(app: &TestApp, caller: &Caller, key: &Value) -> Reply {
    let path = format!("/api/v1/phone-keys/{}", key["id"].as_str().unwrap());
    app.send(caller.asks(TestRequest::delete().uri(&path)))
}

/// A browser in which somebody has signed in.
struct Browser<'a>(&'a TestApp, Cookie<'static>);

impl<'a> Browser<'a> {
    fn of(app: &'a TestApp, caller: &Caller) -> Self {
        Self(app, session(&sign_in(app, caller.name.as_str(), PASSWORD, "")))
    }

    fn sends(&self, request: TestRequest) -> Reply {
        let html = request.insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")).insert_header(("Sec-Fetch-Site", "same-origin"));
        self.0.send(html.cookie(self.1.clone()))
    }

    fn page(&self, path: &str) -> Reply {
        self.sends(TestRequest::get().uri(path))
    }

    fn enrols(&self, seed: u8) -> u16 {
        let key = encode_string(SigningKey::from_bytes(&[seed; 32]).verifying_key().as_bytes());
        self.sends(TestRequest::post().uri("/receive/key").set_form([("key", key)])).status.as_u16()
    }

    fn takes_back(&self, key: &Value) -> Reply {
        self.sends(TestRequest::post().uri(&format!("/account/phones/{}/take-back", key["id"].as_str().unwrap())))
    }

    fn is_open(&self) -> bool {
        let shown = self.page("/account");
        assert!(shown.status == 200 || shown.header("location") == "/sign-in?next=/account", "{shown:?}");
        shown.status == 200
    }
}

pub fn page(app: &TestApp, caller: &Caller, path: &str) -> Reply {
    app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")))
}

fn swapped<A, B>((one, other): (A, B)) -> (B, A) {
    (other, one)
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
        let another = offer(&app.db.db, DESK, SITE, &land(&app.db.db, &[1]));
        assert_eq!(own.signs(another, &said).status, 409, "a receipt for one handoff answers no other");
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
        for _ in 0..2 {
            let conflict = phone.signs(withdrawn, &phone.says(&papers[1], &people[1..], "2020-09-15 12:00"));
            assert!(conflict.status == 409 && conflict.body.contains("withdrawn"), "{conflict:?}");
        }
        assert_eq!(custodian(&app.db.db, people[1]), Some(organisation(DESK)));
        let mut words: Vec<String> = kept(&app).iter().map(|said| said.split(' ').next().unwrap().to_owned()).collect();
        words.sort();
        assert_eq!(words, ["kept", "merged"]);
        assert_eq!(app.db.column("SELECT kind AS body FROM events WHERE kind = 'handoff_conflict'").len(), 1, "both are told, once");
        expect_clean_ledger(&app.db.db);
    }

    fn what_comes_in_after_a_key_was_taken_back_is_kept_and_does_not_count_whenever_it_was_signed(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1, 1]);
        let (before, after) = (offer(&app.db.db, DESK, SITE, &people[..1]), offer(&app.db.db, DESK, SITE, &people[1..]));
        let phone = phone(&app, 1, SITE);
        phone.enrols();
        let said = [before, after].map(|id| paper(&app, id));
        let said = [phone.says(&said[0], &people[..1], "2020-09-15 12:10"), phone.says(&said[1], &people[1..], "2020-09-15 12:10")];
        app.db.at("2020-09-15 12:20");
        assert_eq!(phone.signs(before, &said[0]).status, 303);
        app.db.at("2020-09-15 12:30");
        let key = key_of(&app, &phone.caller);
        assert_eq!((&key["public_key"], &key["last_used_at"]), (&Value::from(encode_string(phone.key.verifying_key().as_bytes())), &Value::from("2020-09-15T12:20:00+08:00")));
        assert_eq!((takes_back(&app, &phone.caller, &key).status.as_u16(), takes_back(&app, &phone.caller, &key).status.as_u16()), (204, 204));
        assert_eq!(key_of(&app, &phone.caller)["taken_back_at"], "2020-09-15T12:30:00+08:00");
        app.db.at("2020-09-15 12:40");
        for _ in 0..2 {
            let late = phone.signs(after, &said[1]);
            assert!(late.status == 410 && late.body.contains("taken back on 2020-09-15 12:30"), "its clock proves nothing: {late:?}");
        }
        assert_eq!(phone.signs(before, &said[0]).status, 303, "what had come in before stands, and is answered as it was");
        assert_eq!(app.db.column("SELECT kind AS body FROM events WHERE kind = 'handoff_receipt_set_aside'").len(), 1, "both are told, once");
        assert_eq!(kept(&app), [format!("merged {}", said[0]), format!("kept {}", said[1])]);
        assert_eq!([0, 1].map(|n| custodian(&app.db.db, people[n])), [Some(organisation(SITE)), Some(organisation(DESK))]);
        assert_eq!(phone.enrols().status, 410, "a key that was taken back does not come in again");
        // The same people are signed for under another key.
        let again = phone.another(2);
        assert_eq!(again.enrols().status, 204);
        assert_eq!(again.signs(after, &said[1]).status, 303);
        assert_eq!(custodian(&app.db.db, people[1]), Some(organisation(SITE)));
        let deeds = app.db.column("SELECT deed || ' ' || reason AS body FROM audit WHERE subject = 'phone_key' ORDER BY seq");
        assert_eq!(deeds, ["manage_tokens revoked", "answer_handoff refused"], "each is in the trail once");
        expect_clean_ledger(&app.db.db);
    }

    fn a_key_is_taken_back_by_its_owner_or_an_administrator_and_by_nobody_else(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let (phone, admin) = (phone(&app, 1, SITE), app.caller(Role::Administrator, ""));
        let other = app.caller_of(Role::Site, "310115", Some("site-310115-1"));
        phone.enrols();
        let key = key_of(&app, &phone.caller);
        let id = key["id"].as_str().unwrap();
        assert_eq!(takes_back(&app, &other, &key).status, 404);
        assert_eq!(app.get(&other, &format!("/api/v1/phone-keys?user={}", phone.caller.name)).status, 403);
        let own = format!("/account/phones/{id}/take-back");
        assert_eq!(app.send(other.asks(TestRequest::post().uri(&own)).insert_header(("Accept", "text/html"))).status, 404);
        assert!(app.get(&other, "/api/v1/phone-keys").json()["items"].as_array().unwrap().is_empty());
        assert!(page(&app, &phone.caller, "/account").body.contains(&own));
        let seen = app.get(&admin, &format!("/api/v1/phone-keys?user={}", phone.caller.name)).json();
        assert_eq!(seen["items"][0]["id"], id);
        assert_eq!(app.get(&admin, "/api/v1/phone-keys?user=nobody-at-all").status, 404);
        let of = format!("/admin/users/{}/phones", phone.caller.name);
        let listed = page(&app, &admin, &of);
        assert!(listed.body.contains(&encode_string(&phone.key.verifying_key().as_bytes()[..4])), "{}", listed.body);
        assert!(page(&app, &admin, "/admin/users").body.contains(&of));
        assert_eq!(page(&app, &other, &of).status, 403);
        let done = app.send(admin.asks(TestRequest::post().uri(&format!("{of}/{id}/take-back"))).insert_header(("Accept", "text/html")));
        assert_eq!((done.status.as_u16(), done.header("location")), (303, of.as_str()));
        assert!(page(&app, &admin, &of).body.contains("Taken back") && page(&app, &phone.caller, "/account").body.contains("Taken back"));
        assert_eq!(phone.enrols().status, 410);
        // One's own, by the page.
        assert_eq!(phone.another(3).enrols().status, 204);
        let keys = app.get(&phone.caller, "/api/v1/phone-keys").json();
        let second = keys["items"][1]["id"].as_str().unwrap();
        assert_eq!(phone.posts(&format!("/account/phones/{second}/take-back"), &[]).header("location"), "/account");
        assert_eq!(app.db.column("SELECT deed AS body FROM audit WHERE subject = 'phone_key' AND reason = 'revoked'").len(), 2);
    }

    fn with_its_key_a_phone_loses_the_session_in_which_it_was_last_enrolled_and_nobody_else_theirs(db: TestDb) {
        const WARNING: &str = "you will be signed out with it";
        let app = TestApp::new(db);
        app.register();
        let caller = app.caller_of(Role::Site, "310114", Some(SITE));
        let [before, lost, desk] = [0, 1, 2].map(|_| Browser::of(&app, &caller));
        assert_eq!([before.enrols(1), lost.enrols(1), lost.enrols(1)], [204; 3]);
        let key = key_of(&app, &caller);
        let sessions = app.get(&caller, "/api/v1/tokens").json();
        let held = sessions["items"].as_array().unwrap().iter().filter(|token| token["kind"] == "session").nth(1).unwrap();
        assert_eq!(key["session"], held["id"], "the second sign-in on the phone");
        assert!(lost.page("/account").body.contains(WARNING) && lost.page("/receive").body.contains(held["id"].as_str().unwrap()));
        assert!(!desk.page("/account").body.contains(WARNING));
        // A program that enrols the key again neither owns the phone's session nor loses its token.
        assert_eq!(Phone { app: &app, caller: caller.clone(), key: SigningKey::from_bytes(&[1; 32]) }.enrols().status, 204);
        assert_eq!(key_of(&app, &caller)["session"], held["id"]);
        assert_eq!(desk.takes_back(&key).header("location"), "/account");
        assert_eq!([&before, &lost, &desk].map(Browser::is_open), [true, false, true]);
        assert_eq!(app.get(&caller, "/api/v1/session").status, 200);
        assert_eq!(lost.enrols(1), 303, "who is outside is asked to sign in");
        desk.takes_back(&key);
        let deeds = app.db.column("SELECT subject || ' ' || deed || ' ' || actor AS body FROM audit WHERE reason = 'revoked' ORDER BY seq");
        assert_eq!(deeds, [format!("phone_key manage_tokens {}", caller.name), format!("token manage_tokens {}", caller.name)]);
        // Whoever takes back the phone they hold is outside with it.
        assert_eq!(before.enrols(2), 204);
        let second = app.get(&caller, "/api/v1/phone-keys").json()["items"][1].clone();
        assert!(before.page("/account").body.contains(WARNING) && before.takes_back(&second).status == 303 && !before.is_open());
        // A session that is over is over already.
        assert_eq!(desk.enrols(3), 204);
        let third = app.get(&caller, "/api/v1/phone-keys").json()["items"][2].clone();
        app.db.at("2020-09-20 12:00");
        let admin = app.caller(Role::Administrator, "");
        let of = format!("/admin/users/{}/phones/{}/take-back", caller.name, third["id"].as_str().unwrap());
        assert_eq!(app.send(admin.asks(TestRequest::post().uri(&of)).insert_header(("Accept", "text/html"))).status, 303);
        let now = Browser::of(&app, &caller);
        assert_eq!(now.enrols(4), 204);
        let fourth = app.get(&caller, "/api/v1/phone-keys").json()["items"][3].clone();
        assert_eq!(takes_back(&app, &admin, &fourth).status, 204);
        assert!(!now.is_open(), "an administrator ends it too");
        let closed = app.db.column("SELECT actor AS body FROM audit WHERE subject = 'token' AND reason = 'revoked' ORDER BY seq");
        assert_eq!(closed, [caller.name.as_str(), caller.name.as_str(), admin.name.as_str()]);
    }

    fn a_phone_that_is_enrolled_again_while_its_key_is_taken_back_is_not_signed_in_afterwards(db: TestDb) {
        const TRIES: u8 = 6;
        let app = TestApp::new(db);
        app.register();
        let caller = app.caller_of(Role::Site, "310114", Some(SITE));
        for n in 0..TRIES {
            let [old, new] = [0, 1].map(|_| Browser::of(&app, &caller));
            assert_eq!(old.enrols(n + 1), 204);
            let key = app.get(&caller, "/api/v1/phone-keys").json()["items"].as_array().unwrap().last().unwrap().clone();
            let (enrols, takes) = (|| new.enrols(n + 1), || takes_back(&app, &caller, &key).status.as_u16());
            let (enrolled, taken) = if n % 2 == 0 { race(enrols, takes) } else { swapped(race(takes, enrols)) };
            assert_eq!(taken, 204);
            match enrolled {
                204 => assert!(!new.is_open() && old.is_open(), "it was the phone's"),
                410 => assert!(new.is_open() && !old.is_open(), "it was not yet the phone's"),
                other => panic!("{other}"),
            }
        }
    }

    fn a_receipt_that_races_its_key_being_taken_back_counts_wholly_or_not_at_all(db: TestDb) {
        const TRIES: u8 = 24;
        let app = TestApp::new(db);
        app.register();
        let people = land(&app.db.db, &[1; TRIES as usize]);
        let caller = app.caller_of(Role::Site, "310114", Some(SITE));
        let mut known = Vec::new();
        for (n, &person) in (0..TRIES).zip(&people) {
            let id = offer(&app.db.db, DESK, SITE, &[person]);
            let phone = Phone { app: &app, caller: caller.clone(), key: SigningKey::from_bytes(&[n + 1; 32]) };
            assert_eq!(phone.enrols().status, 204);
            let keys = app.get(&caller, "/api/v1/phone-keys").json()["items"].as_array().unwrap().clone();
            let key = keys.into_iter().find(|key| !known.contains(key)).unwrap();
            let said = phone.says(&paper(&app, id), &[person], "2020-09-15 12:00");
            let (signs, takes) = (|| phone.signs(id, &said).status.as_u16(), || takes_back(&app, &caller, &key).status.as_u16());
            let (signed, taken) = if n % 2 == 0 { race(signs, takes) } else { swapped(race(takes, signs)) };
            let counts = match (signed, taken) {
                (303, 204) => true,
                (410, 204) => false,
                other => panic!("{other:?}"),
            };
            assert_eq!(custodian(&app.db.db, person), Some(organisation(if counts { SITE } else { DESK })));
            let words = kept(&app).into_iter().filter(|kept| kept.ends_with(&said)).collect::<Vec<_>>();
            assert_eq!(words, [format!("{} {said}", if counts { "merged" } else { "kept" })], "nothing is lost, and nothing is kept twice");
            known = app.get(&caller, "/api/v1/phone-keys").json()["items"].as_array().unwrap().clone();
        }
        expect_clean_ledger(&app.db.db);
    }

    fn a_receipt_that_comes_in_twice_at_once_is_kept_once(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let phone = phone(&app, 1, SITE);
        phone.enrols();
        for person in land(&app.db.db, &[1; 12]) {
            let id = offer(&app.db.db, DESK, SITE, &[person]);
            let said = phone.says(&paper(&app, id), &[person], "2020-09-15 12:00");
            let both = race(|| phone.signs(id, &said).status.as_u16(), || phone.signs(id, &said).status.as_u16());
            assert_eq!(both, (303, 303));
            assert_eq!(kept(&app).into_iter().filter(|kept| kept.ends_with(&said)).count(), 1);
        }
    }
}
