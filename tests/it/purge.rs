//! Identities are destroyed when their journeys have been over for long enough: nobody knows whose they were, and nothing is counted otherwise.

use actix_web::test::TestRequest;
use chrono::NaiveDate;
use jiezhuan::access::{Actor, Purpose};
use jiezhuan::arrivals::{self, Destruction, TravellerId};
use jiezhuan::base::{Error, Result};
use jiezhuan::custody::{self, LeaveReason};
use jiezhuan::figures;
use serde_json::{Value, json};

use crate::api::travellers::{landed, travellers};
use crate::support::app::TestApp;
use crate::support::people::{DESK, by, execute, number};
use crate::support::{TestDb, on_both_engines};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn purge(app: &TestApp, before: &str) -> Result<Option<Destruction>> {
    let (keyring, before) = (app.app.keyring().clone(), day(before));
    app.db.db.write(move |tx| arrivals::purge(tx, &Actor::operator(), &keyring, before))
}

fn leaves(app: &TestApp, person: TravellerId) {
    app.db.db.write(move |tx| custody::leave(tx, &by(DESK), person, LeaveReason::LeftCountry)).unwrap();
}

on_both_engines! {
    fn who_was_destroyed_is_known_to_nobody_and_is_counted_as_before(db: TestDb) {
        let (app, desk) = landed(db);
        let people: Vec<TravellerId> = travellers(&app, &desk, "").iter().map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
        let lab = "证件类型,证件号码,采样时间,检测类型,结果,检测机构\n护照,E12345678,2020-09-14 08:00,核酸,阴性,一\n";
        let request = TestRequest::post().uri("/api/v1/results").insert_header(("Content-Type", "application/octet-stream"));
        assert_eq!(app.send(desk.asks(request).set_payload(lab)).status, 200);
        leaves(&app, people[0]);
        leaves(&app, people[1]);
        app.db.at("2020-09-30 12:00");
        assert!(matches!(purge(&app, "2020-10-01"), Err(Error::Invalid(faults)) if faults[0].field == "before"), "a day that is to come");
        assert_eq!(purge(&app, "2020-09-15").unwrap(), None, "they left on that day");
        let totals = |on: &str| { let on = day(on); app.db.db.read(move |conn| figures::totals(conn, on, None)).unwrap() };
        let before = totals("2020-09-15");
        let done = purge(&app, "2020-09-16").unwrap().unwrap();
        assert_eq!(done.n, 2);
        let key = app.app.keyring().signing().public_key();
        assert!(key.recognises(Purpose::Destruction, done.said().as_bytes(), &done.signature));
        assert_eq!(app.db.db.read(arrivals::destructions).unwrap(), std::slice::from_ref(&done));
        assert_eq!(purge(&app, "2020-09-16").unwrap(), None, "once");
        // Whoever has the keys and the number of the document finds nobody by it.
        let keyring = app.app.keyring().clone();
        for &person in &people[..2] {
            let refused = app.db.db.read(|conn| arrivals::identity(conn, &Actor::operator(), &keyring, person)).unwrap_err();
            assert_eq!(refused.message().code, "identity_destroyed");
        }
        let kept = "SELECT count(*) AS n FROM travellers WHERE identity IS NOT NULL OR identity_key IS NOT NULL OR name_key IS NOT NULL OR latin_key IS NOT NULL";
        assert_eq!(number(&app.db.db, kept), people.len() as i64 - 2);
        // What is counted is counted, and the ledger is whole.
        assert_eq!(totals("2020-09-15"), before);
        let report = app.db.db.read(|conn| figures::verify(conn, &mut |_, _| {})).unwrap();
        assert!(report.is_ok(), "{:?}", report.faults);
        // Lists still show that there was somebody.
        assert_eq!(travellers(&app, &desk, "").len(), people.len());
        let gone = app.get(&desk, &format!("/api/v1/travellers/{}", people[0]));
        assert_eq!((gone.status.as_u16(), &gone.json()["name"]), (200, &Value::Null), "{gone:?}");
        // The same documents, come again, are new people.
        app.db.at("2020-09-30 13:00");
        let again = crate::api::travellers::import(&app, &desk, "", "again").json();
        assert_eq!((&again["new"], &again["same"]), (&json!(2), &json!(1)), "{again}");
        for sql in ["UPDATE destructions SET n = 1", "DELETE FROM destructions"] {
            assert_eq!(execute(&app.db.db, sql).unwrap_err().message().code, "ledger_is_append_only", "{sql}");
        }
    }

    fn of_two_who_purge_at_once_each_tells_of_others(db: TestDb) {
        let (app, desk) = landed(db);
        let people: Vec<TravellerId> = travellers(&app, &desk, "").iter().map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
        people.iter().for_each(|person| leaves(&app, *person));
        app.db.at("2020-09-30 12:00");
        let start = std::sync::Barrier::new(2);
        let (keyring, db) = (app.app.keyring().clone(), app.db.db.clone());
        let run = || {
            start.wait();
            let keyring = keyring.clone();
            db.write(move |tx| arrivals::purge(tx, &Actor::operator(), &keyring, day("2020-09-16"))).unwrap().map_or(0, |done| done.n)
        };
        let n = std::thread::scope(|scope| {
            let one = scope.spawn(run);
            run() + one.join().unwrap()
        });
        assert_eq!(n as usize, people.len(), "each is in one record");
    }
}
