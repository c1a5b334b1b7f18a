//! Guests: a county without accounts answers by a link and its code, once, and whoever it receives has left the network.

use std::sync::LazyLock;

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Keyring, Role};
use jiezhuan::arrivals::document::{Document, DocumentKind};
use jiezhuan::arrivals::{self, HoldKind};
use jiezhuan::base::{Error, IdSource, Result};
use jiezhuan::custody::guest::{self, CheckCode, GuestReceipt, LinkSecret, NewLink};
use jiezhuan::custody::statement;
use jiezhuan::custody::{self, ExceptionKind, HandoffId, HandoffView, Receipt, Reception};
use jiezhuan::db::Db;
use jiezhuan::ledger::{self, Kind};
use serde_json::json;

use super::{Races, accept, code, custodian, exception, hand_over, offer, race, withdraw};
use crate::api::{landed, travellers};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::people::{DESK, by, execute, expect_clean_ledger, land, number, organisation, register_organisations};
use crate::support::{TestDb, at, build, on_both_engines};

pub const GROUP: &str = "work-group-32";
/// A site that nobody has an account for.
pub const COUNTY: &str = "site-320500-1";
const TRIES: usize = 100;

pub fn link(db: &Db, who: &Actor, id: HandoffId) -> Result<NewLink> {
    let who = who.clone();
    db.write(move |tx| guest::link_add(tx, &who, id, None))
}

/// A link and its code as the guest has them.
pub struct Key(String, String);

impl Key {
    pub fn of(new: &NewLink) -> Self {
        Self(new.secret.expose().to_owned(), new.code.expose().to_owned())
    }

    fn both(&self) -> (LinkSecret, CheckCode) {
        (LinkSecret::presented(&self.0), CheckCode::typed(&self.1))
    }
}

fn look(db: &Db, key: &Key) -> Result<HandoffView> {
    let (secret, code) = key.both();
    db.write(move |tx| guest::look(tx, &secret, &code))?
}

fn sign(db: &Db, key: &Key, counted: i32, exceptions: &[custody::Exception]) -> Result<HandoffView> {
    sign_and_name(db, key, Receipt { counted, exceptions: exceptions.to_vec(), ..Receipt::default() }, &[])
}

/// The guest signs for the list, and names passports of people who are not on it.
pub fn sign_and_name(db: &Db, key: &Key, receipt: Receipt, passports: &[&str]) -> Result<HandoffView> {
    static KEYRING: LazyLock<Keyring> = LazyLock::new(|| Keyring::generate(&IdSource::seeded(7)));
    let extras = passports.iter().map(|number| Document::parse(DocumentKind::Passport, number).unwrap()).collect();
    let (secret, code) = key.both();
    let said = GuestReceipt { name: "周敏".into(), receipt, extras, because: "there, and not on the list".parse().unwrap() };
    db.write(move |tx| guest::accept(tx, &KEYRING, &secret, &code, &said))?.and_then(Reception::accepted)
}

/// People whom the group brings to the county: on the road, the term running.
pub fn on_the_road(db: &Db, n: usize) -> Vec<arrivals::TravellerId> {
    let people = land(db, &vec![1; n]);
    hand_over(db, DESK, GROUP, &people);
    people
}

/// A guest at the page of a handoff to the county.
struct Guest<'a> {
    app: &'a TestApp,
    id: HandoffId,
    path: String,
    cookie: String,
    listed: Vec<String>,
}

impl<'a> Guest<'a> {
    /// Has shown the code and counted.
    fn of(app: &'a TestApp, giver: &Caller, people: &[arrivals::TravellerId], counted: usize) -> Self {
        let id = offer(&app.db.db, GROUP, COUNTY, people);
        let made = app.post(giver, &format!("/api/v1/handoffs/{id}/guest-links"), &json!({})).json();
        let path = made["path"].as_str().unwrap().to_owned();
        let mut guest = Self { app, id, path, cookie: String::new(), listed: people.iter().map(ToString::to_string).collect() };
        let form = [("code", made["code"].as_str().unwrap().to_owned()), ("counted", counted.to_string())];
        let counted = guest.sends(TestRequest::post().uri(&format!("{}/count", guest.path)).set_form(form));
        guest.cookie = counted.header("set-cookie").split(';').next().unwrap().to_owned();
        guest
    }

    fn sends(&self, request: TestRequest) -> Reply {
        let html = request.insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"));
        self.app.send(html.insert_header(("Cookie", self.cookie.clone())))
    }

    /// Signs for everybody on the list, with documents of whoever is not.
    fn signs(&self, extras: &[(&str, &str)]) -> Reply {
        let list = self.listed.iter().flat_map(|id| [("listed", id.as_str()), ("here", id)]);
        let named = extras.iter().flat_map(|(kind, number)| [("extra-kind", *kind), ("extra-number", number)]);
        let form: Vec<(&str, &str)> = list.chain(named).chain([("name", "周敏")]).collect();
        self.sends(TestRequest::post().uri(&format!("{}/accept", self.path)).set_form(form))
    }
}

/// The people of the imported roster who are bound for a city.
fn bound_for(app: &TestApp, desk: &Caller, city: &str) -> Vec<arrivals::TravellerId> {
    let all = travellers(app, desk, "").into_iter().filter(|one| one["destination"] == city);
    all.map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect()
}

on_both_engines! {
    fn a_guest_is_told_the_same_of_anybody_who_is_not_on_the_list_and_the_others_are_told_who_it_is(db: TestDb) {
        const SITE: &str = "site-310114-1";
        let (app, desk) = landed(db);
        let db = &app.db.db;
        let giver = app.caller_of(Role::ProvincialGroup, "32", Some(GROUP));
        let (extra, couple) = (bound_for(&app, &desk, "330100")[0], bound_for(&app, &desk, "320500"));
        hand_over(db, DESK, SITE, &[extra]);
        hand_over(db, DESK, COUNTY, &couple);
        let people = on_the_road(db, 3);
        // Somebody whom another answers for, nobody at all, and somebody whom the county answers for.
        let numbers = [" e34567890 ", "E99999999", "E12345678"];
        let mut told = Vec::new();
        let mut ids = Vec::new();
        for (number, &person) in numbers.iter().zip(&people) {
            let guest = Guest::of(&app, &giver, &[person], 2);
            let list = guest.sends(TestRequest::get().uri(&guest.path)).body;
            assert!(list.contains("name=\"extra-number\"") && !list.contains("E34567890"), "{list}");
            let done = guest.signs(&[("passport", number), ("resident_id", " ")]);
            assert!(done.status == 200 && done.body.contains("People not on the list who are noted, and of whom the giver is told: 1."), "{done:?}");
            assert!(!done.body.contains(number.trim()) && !done.body.contains("E34567890") && !done.body.contains("王小明"), "{done:?}");
            told.push(done.body.replace(&guest.path, "/guest/…"));
            ids.push(guest.id);
        }
        assert!(told[0] == told[1] && told[0] == told[2], "{told:#?}");
        for (n, id) in ids.iter().enumerate() {
            let ended = app.get(&giver, &format!("/api/v1/handoffs/{id}")).json();
            assert_eq!((&ended["state"], &ended["counted"]), (&json!("accepted_with_exceptions"), &json!(2)));
            let page = app.send(giver.asks(TestRequest::get().uri(&format!("/receive/{id}"))).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
            let said = [" E34567890, known", " E99999999, which nobody in the chain carries", " E12345678, known"][n];
            assert!(page.body.contains(&format!("Passport{said}")), "{said}: {}", page.body);
            assert_eq!(custodian(db, people[n]), None, "who was on the list has left the network");
        }
        // The same by the API, and on the sheet that is printed: whoever is known stands among the people.
        let (other, auditor) = (app.caller_of(Role::Site, "310115", Some("site-310115-1")), app.caller(Role::Auditor, ""));
        for (n, (number, is_known)) in [("E34567890", true), ("E99999999", false), ("E12345678", true)].into_iter().enumerate() {
            let path = format!("/api/v1/handoffs/{}/named", ids[n]);
            let named = app.get(&giver, &path).json()["items"].clone();
            assert_eq!((&named[0]["kind"], &named[0]["number"], &named[0]["is_known"], &named[1]), (&json!("passport"), &json!(number), &json!(is_known), &json!(null)));
            let overseen = app.get(&auditor, &path).json()["items"][0].clone();
            assert!(overseen["kind"] == "passport" && overseen["number"].as_str().unwrap().contains('*') && overseen["is_known"] == is_known, "{overseen}");
            assert_eq!(app.get(&other, &path).status, 404);
            let sheet = app.send(giver.asks(TestRequest::get().uri(&format!("/receive/{}/sheet", ids[n]))).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en"))).body;
            assert!(sheet.matches(number).count() == 1 && sheet.contains("Extra：") && sheet.contains("nobody in the chain carries this document") != is_known, "{sheet}");
        }
        assert_eq!(app.db.column("SELECT deed AS body FROM audit WHERE deed = 'reveal_identity' AND subject = 'handoff'").len(), 3 + 3 + 3, "pages, lists and sheets in full are each in the trail");
        let overseer = app.caller(Role::Coordinator, "");
        let seen = app.send(overseer.asks(TestRequest::get().uri(&format!("/receive/{}", ids[1]))).insert_header(("Accept", "text/html")));
        assert!(seen.body.contains("在管人员中没有此证件") && !seen.body.contains("E99999999"), "{}", seen.body);
        // Nobody leaves by being named. Whoever answers for the person offers them, and the county signs for that.
        assert_eq!([extra, couple[0]].map(|one| custodian(db, one)), [Some(organisation(SITE)), Some(organisation(COUNTY))]);
        let asked = || db.read(|conn| custody::asked(conn, &by(SITE))).unwrap().into_iter().map(|asked| (asked.traveller, asked.receiver.id)).collect::<Vec<_>>();
        assert_eq!(asked(), [(extra, organisation(COUNTY))]);
        assert_eq!(number(db, "SELECT count(*) AS n FROM counter_handoffs"), 1);
        let own = offer(db, SITE, COUNTY, &[extra]);
        assert!(asked().is_empty());
        sign(db, &Key::of(&link(db, &by(SITE), own).unwrap()), 1, &[]).unwrap();
        assert_eq!(custodian(db, extra), None);
        let last = db.read(|conn| ledger::history(conn, extra)).unwrap().pop().unwrap();
        assert_eq!((last.kind, last.act), (Kind::LeftNetwork, own.uuid()));
        expect_clean_ledger(db);
    }

    fn what_a_guest_names_is_refused_only_for_what_they_see_themselves_and_is_forgotten_in_time(db: TestDb) {
        let (app, desk) = landed(db);
        let db = &app.db.db;
        let giver = app.caller_of(Role::ProvincialGroup, "32", Some(GROUP));
        let couple = bound_for(&app, &desk, "320500");
        hand_over(db, DESK, GROUP, &couple);
        let guest = Guest::of(&app, &giver, &couple, 3);
        let wrong = guest.signs(&[("resident_id", "110101199003070012"), ("passport", "E1")]);
        assert!(wrong.status == 422 && ["Document 110101199003070012: ", "Document E1: ", "value=\"110101199003070012\"", "<details class=\"card\" id=\"extras\" open>"].iter().all(|said| wrong.body.contains(said)), "{wrong:?}");
        let listed = guest.signs(&[("passport", "E12345678")]);
        assert!(listed.status == 422 && listed.body.contains("This person is on the list, so not an extra."), "{listed:?}");
        let many: Vec<String> = (0..11).map(|n| format!("E9000000{n:02}")).collect();
        let many = guest.signs(&many.iter().map(|number| ("passport", number.as_str())).collect::<Vec<_>>());
        assert!(many.status == 422 && many.body.contains("At most 10 people"), "{many:?}");
        assert_eq!(guest.signs(&[("passport", "E99999999"), ("passport", "e9999 9999"), ("taiwan_permit", "12345678")]).status, 200);
        let view = db.read(|conn| custody::get(conn, &by(GROUP), guest.id)).unwrap();
        assert!(matches!(&view.state, custody::HandoffState::AcceptedWithExceptions(acceptance) if acceptance.counted == 4), "a document that is typed twice is one: {view:?}");
        // Other columns than those of the document never change, and it only goes.
        for sql in ["DELETE FROM named_documents", "UPDATE named_documents SET document = document_key", "UPDATE named_documents SET document = NULL, document_key = NULL, traveller_id = handoff_id"] {
            assert_eq!(execute(db, sql).unwrap_err().message().code, "handoff_is_closed", "{sql}");
        }
        let named = |who: Actor| {
            let keyring = app.app.keyring().clone();
            let id = guest.id;
            db.read(move |conn| {
                let handoff = custody::get(conn, &who, id)?;
                guest::named(conn, &who, &keyring, &handoff)
            })
        };
        let known = |named: Vec<guest::NamedDocument>| named.into_iter().filter(|named| named.document.is_some()).count();
        assert_eq!(known(named(by(GROUP)).unwrap()), 2);
        assert_eq!(known(named(Actor::operator_for(COUNTY.parse().unwrap())).unwrap()), 2);
        app.db.at("2020-09-30 12:00");
        let purge = |before: &str| {
            let (keyring, before) = (app.app.keyring().clone(), before.parse().unwrap());
            let would = db.read(|conn| arrivals::purgeable(conn, &Actor::operator(), before, app.db.clock.now())).unwrap();
            let done = db.write(move |tx| arrivals::purge(tx, &Actor::operator(), &keyring, before)).unwrap();
            (would, done.map(|done| done.n))
        };
        assert_eq!([purge("2020-09-15"), purge("2020-09-16"), purge("2020-09-16")], [(0, None), (4, Some(4)), (0, None)], "the couple, who have left, and two documents");
        assert_eq!(known(named(by(GROUP)).unwrap()), 0);
        let page = app.send(giver.asks(TestRequest::get().uri(&format!("/receive/{}", guest.id))).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
        assert_eq!(page.body.matches("number was destroyed in its time").count(), 2, "{}", page.body);
    }

    fn a_county_without_accounts_counts_checks_and_signs_and_its_people_have_left_the_network(db: TestDb) {
        register_organisations(&db.db);
        let people = on_the_road(&db.db, 3);
        let id = offer(&db.db, GROUP, COUNTY, &people);
        let key = Key::of(&link(&db.db, &by(GROUP), id).unwrap());
        assert_eq!((look(&db.db, &key).unwrap().n_people, look(&db.db, &key).unwrap().lines), (None, None), "a guest counts blind too");
        let (secret, check) = key.both();
        db.db.write(move |tx| guest::count(tx, &secret, &check, 2)).unwrap().unwrap();
        let seen = look(&db.db, &key).unwrap();
        assert_eq!((seen.first_count, seen.n_people, seen.lines.map(|lines| lines.len())), (Some(2), Some(3), Some(3)));
        assert_eq!(code(sign(&db.db, &key, 2, &[])), "count_differs", "and names who differs");
        let view = sign(&db.db, &key, 2, &[exception(people[0], ExceptionKind::Missing)]).unwrap();
        let by_whom = view.state.ended_by().unwrap();
        assert_eq!((view.state.name(), by_whom.name.as_str(), by_whom.user, by_whom.link.is_some()), ("accepted_with_exceptions", "周敏", None, true));
        assert_eq!(custodian(&db.db, people[0]), Some(organisation(GROUP)), "who is missing stays with the giver");
        for &person in &people[1..] {
            assert_eq!(custodian(&db.db, person), None);
            let last = db.db.read(|conn| ledger::history(conn, person)).unwrap().pop().unwrap();
            assert_eq!((last.kind, last.actor.as_str(), last.act), (Kind::LeftNetwork, "周敏", id.uuid()));
        }
        let day = "2020-09-15".parse().unwrap();
        let asked = statement::Asked { one: GROUP.parse().unwrap(), other: COUNTY.parse().unwrap(), from: day, to: day };
        let statement = db.db.read(|conn| statement::statement(conn, &by(GROUP), &asked)).unwrap();
        assert_eq!((statement.flows[0].received, statement.flows[0].outside, statement.flows[0].excepted), (2, 2, 1));
        let deeds = db.column("SELECT deed AS body FROM audit WHERE deed LIKE 'guest%' ORDER BY seq");
        assert_eq!(deeds, ["guest_came", "guest_signed"], "the look at the list and the signature are in the trail");
        expect_clean_ledger(&db.db);
    }

    fn a_used_an_expired_and_a_revoked_link_each_say_so(db: TestDb) {
        register_organisations(&db.db);
        let people = on_the_road(&db.db, 4);
        let ids: Vec<HandoffId> = people.iter().map(|&one| offer(&db.db, GROUP, COUNTY, &[one])).collect();
        let keys: Vec<Key> = ids.iter().map(|&id| Key::of(&link(&db.db, &by(GROUP), id).unwrap())).collect();
        sign(&db.db, &keys[0], 1, &[]).unwrap();
        let revoked = ids[1];
        db.db.write(move |tx| guest::link_revoke(tx, &by(GROUP), revoked)).unwrap();
        let newer = Key::of(&link(&db.db, &by(GROUP), ids[2]).unwrap());
        let told = |key: &Key| {
            let refusals = [look(&db.db, key), sign(&db.db, key, 1, &[])].map(code);
            let (secret, now) = (key.both().0, db.clock.now());
            let knocked = code(db.db.read(move |conn| guest::knock(conn, &secret, now)));
            assert_eq!(refusals, [knocked; 2]);
            knocked
        };
        assert_eq!(told(&keys[0]), "guest_link_used");
        assert_eq!(told(&keys[1]), "guest_link_revoked");
        assert_eq!(told(&keys[2]), "guest_link_revoked", "a newer link takes its place");
        let nobodys = Key("A".repeat(43), "000000".into());
        assert!(matches!(look(&db.db, &nobodys), Err(Error::NotFound("guest_link"))));
        withdraw(&db.db, GROUP, ids[3]).unwrap();
        assert_eq!(code(look(&db.db, &keys[3]).and_then(|_| sign(&db.db, &keys[3], 1, &[]))), "handoff_ended");
        sign(&db.db, &newer, 1, &[]).unwrap();
        let late = offer(&db.db, GROUP, COUNTY, &people[3..]);
        let who = by(GROUP);
        let soon = db.clock.now() + TimeDelta::minutes(10);
        let new = db.db.write(move |tx| guest::link_add(tx, &who, late, Some(soon))).unwrap();
        db.clock.set(soon);
        assert_eq!(told(&Key::of(&new)), "guest_link_expired");
        let far = db.clock.now() + TimeDelta::hours(73);
        assert_eq!(code(db.db.write(move |tx| guest::link_add(tx, &by(GROUP), late, Some(far)))), "guest_link_expiry");
        assert_eq!(custodian(&db.db, people[3]), Some(organisation(GROUP)));
        expect_clean_ledger(&db.db);
    }

    fn a_wrong_code_opens_nothing_is_recorded_and_five_close_the_link_for_a_while(db: TestDb) {
        register_organisations(&db.db);
        let people = on_the_road(&db.db, 1);
        let id = offer(&db.db, GROUP, COUNTY, &people);
        let key = Key::of(&link(&db.db, &by(GROUP), id).unwrap());
        let wrong = Key(key.0.clone(), if key.1 == "123456" { "654321".into() } else { "123456".into() });
        for _ in 0..5 {
            assert_eq!(code(sign(&db.db, &wrong, 1, &[])), "guest_code_wrong");
        }
        assert_eq!(code(look(&db.db, &key)), "too_many_attempts", "not even the right one");
        assert_eq!(db.column("SELECT deed AS body FROM audit WHERE deed = 'guest_failed'").len(), 5);
        db.clock.set(db.clock.now() + TimeDelta::minutes(15));
        sign(&db.db, &key, 1, &[]).unwrap();
        assert_eq!(number(&db.db, "SELECT count(*) AS n FROM guest_links WHERE failures = 0"), 1);
    }

    fn only_the_giver_and_the_province_of_a_receiver_without_accounts_make_links(db: TestDb) {
        register_organisations(&db.db);
        let people = on_the_road(&db.db, 2);
        let id = offer(&db.db, GROUP, COUNTY, &people[..1]);
        let made = |who: &Actor| link(&db.db, who, id).map(drop);
        made(&by(GROUP)).unwrap();
        made(&build::actor(&db, "jiangsu", Role::ProvincialGroup, "32")).unwrap();
        made(&build::actor(&db, "chen", Role::Coordinator, "all")).unwrap();
        assert_eq!(code(made(&build::actor(&db, "suzhou", Role::CitySquad, "320500"))), "guest_link_not_yours");
        assert!(matches!(made(&build::actor(&db, "zhejiang", Role::ProvincialGroup, "33")), Err(Error::NotFound("handoff"))));
        assert_eq!(code(made(&build::actor(&db, "audit", Role::Auditor, "all"))), "not_allowed");
        let app = TestApp::new(db);
        app.caller_of(Role::Site, "320500", Some(COUNTY));
        assert_eq!(code(link(&app.db.db, &by(GROUP), id)), "receiver_has_accounts");
    }

    fn nobody_whom_something_holds_leaves_the_network_by_a_link(db: TestDb) {
        register_organisations(&db.db);
        let people = on_the_road(&db.db, 1);
        let id = offer(&db.db, GROUP, COUNTY, &people);
        let key = Key::of(&link(&db.db, &by(GROUP), id).unwrap());
        let held = people[0];
        db.db.write(move |tx| arrivals::hold(tx, &by(GROUP), held, HoldKind::Exposure, "sat near a case")).unwrap();
        assert_eq!(code(sign(&db.db, &key, 1, &[])), "held_may_not_board");
        sign(&db.db, &key, 0, &[exception(held, ExceptionKind::Refused)]).unwrap();
        assert_eq!(custodian(&db.db, held), Some(organisation(GROUP)));
        expect_clean_ledger(&db.db);
    }

    fn of_two_uses_of_one_link_one_signs(db: TestDb) {
        register_organisations(&db.db);
        let people = on_the_road(&db.db, TRIES);
        for &person in &people {
            let id = offer(&db.db, GROUP, COUNTY, &[person]);
            let key = Key::of(&link(&db.db, &by(GROUP), id).unwrap());
            let (one, other) = race(|| sign(&db.db, &key, 1, &[]), || sign(&db.db, &key, 1, &[]));
            match (one, other) {
                (Ok(_), Err(error)) | (Err(error), Ok(_)) => assert_eq!(error.message().code, "guest_link_used"),
                other => panic!("not one winner: {other:?}"),
            }
            assert_eq!(custodian(&db.db, person), None);
        }
        expect_clean_ledger(&db.db);
    }

    fn use_against_revoke_has_one_winner(db: TestDb) {
        register_organisations(&db.db);
        let (mut signed, mut races, people) = (0, Races::default(), on_the_road(&db.db, TRIES));
        for &person in &people {
            let id = offer(&db.db, GROUP, COUNTY, &[person]);
            let key = Key::of(&link(&db.db, &by(GROUP), id).unwrap());
            let (user, revoker) = (|| sign(&db.db, &key, 1, &[]), || db.db.write(move |tx| guest::link_revoke(tx, &by(GROUP), id)));
            let (outcome, _) = races.run(user, revoker);
            races.won(outcome.is_ok());
            match outcome {
                Ok(_) => {
                    signed += 1;
                    assert_eq!(custodian(&db.db, person), None);
                    assert_eq!(code(look(&db.db, &key)), "guest_link_used", "what was used is not taken back");
                }
                Err(error) => {
                    assert_eq!(error.message().code, "guest_link_revoked");
                    assert_eq!(custodian(&db.db, person), Some(organisation(GROUP)));
                    withdraw(&db.db, GROUP, id).unwrap();
                }
            }
        }
        assert!((1..TRIES).contains(&signed), "the race was none: {signed} of {TRIES} signed");
        expect_clean_ledger(&db.db);
    }

    fn the_page_works_without_script_from_the_code_to_the_signature(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let people = on_the_road(&app.db.db, 2);
        let giver = app.caller_of(Role::ProvincialGroup, "32", Some(GROUP));
        let id = offer(&app.db.db, GROUP, COUNTY, &people);
        let made = app.post(&giver, &format!("/api/v1/handoffs/{id}/guest-links"), &json!({}));
        assert_eq!(made.status, 201, "{made:?}");
        let (path, check) = (made.json()["path"].as_str().unwrap().to_owned(), made.json()["code"].as_str().unwrap().to_owned());
        let html = |request: TestRequest| app.send(request.insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
        let door = html(TestRequest::get().uri(&path));
        assert!(door.status == 200 && door.body.contains("name=\"code\"") && !door.body.contains("name=\"listed\""), "{door:?}");
        let wrong = html(TestRequest::post().uri(&format!("{path}/count")).set_form([("code", "0"), ("counted", "2")]));
        assert!(wrong.status == 403 && wrong.body.contains("The check code is wrong") && wrong.body.contains("value=\"2\""), "{wrong:?}");
        let counted = html(TestRequest::post().uri(&format!("{path}/count")).set_form([("code", check.as_str()), ("counted", "2")]));
        assert_eq!((counted.status.as_u16(), counted.header("location")), (303, path.as_str()));
        let cookie = counted.header("set-cookie").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains(&format!("Path={path}")), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let list = html(TestRequest::get().uri(&path).insert_header(("Cookie", cookie.clone())));
        assert_eq!(list.body.matches("name=\"listed\"").count(), 2, "{list:?}");
        let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
        let form = [("listed", ids[0].as_str()), ("listed", &ids[1]), ("here", &ids[0]), ("here", &ids[1])];
        let signs = |name: &str| {
            let fields: Vec<(&str, &str)> = form.into_iter().chain([("name", name)]).collect();
            html(TestRequest::post().uri(&format!("{path}/accept")).insert_header(("Cookie", cookie.clone())).set_form(fields))
        };
        let nameless = signs(" ");
        assert!(nameless.status == 422 && nameless.body.contains("Give the name"), "{nameless:?}");
        let done = signs("周敏");
        assert!(done.status == 200 && done.body.contains("周敏"), "{done:?}");
        let told = |reply: Reply| (reply.status.as_u16(), reply.body.contains("was used by 周敏"));
        assert_eq!(told(signs("周敏")), (410, true));
        assert_eq!(told(html(TestRequest::get().uri(&path))), (410, true));
        let listed = app.get(&giver, &format!("/api/v1/handoffs/{id}/guest-links")).json();
        assert_eq!((&listed["items"][0]["state"], &listed["items"][0]["ended_by"]), (&json!("used"), &json!("周敏")));
        assert_eq!(app.get(&giver, &format!("/api/v1/handoffs/{id}")).json()["ended"]["guest"], true);
        let nowhere = html(TestRequest::get().uri(&format!("/guest/{}", "A".repeat(43))));
        assert_eq!(nowhere.status, 404);
        let kept = app.db.column("SELECT made_by || ' ' || coalesce(ended_by, '') AS body FROM guest_links");
        assert!(!kept.join(" ").contains(&check));
        assert_eq!(app.db.clock.now(), at("2020-09-15 12:00"));
        assert_eq!(code(accept(&app.db.db, COUNTY, id, 2, &[])), "handoff_ended");
    }
}
