//! Sealed days: what is published stays, what becomes known later is a correction, and the two together are what the ledger says.

use jiezhuan::access::{Act, Actor, Role};
use jiezhuan::base::page::PageRequest;
use jiezhuan::base::{Error, Result};
use jiezhuan::db::Db;
use jiezhuan::figures::{self, Corrections, Figures, SealedDay};
use jiezhuan::ledger::{Cell, Passing, Stock};

use super::season::{Season, cell, custodian};
use super::tampering::found;
use super::{close, day};
use crate::support::{TestDb, at, build, on_both_engines};

fn seal(db: &Db, on: &str) -> Result<SealedDay> {
    let on = day(on);
    db.write(move |tx| figures::seal(tx, &Actor::operator(), on))
}

fn code(outcome: Result<impl std::fmt::Debug>) -> &'static str {
    match outcome.unwrap_err() {
        Error::Refused(message) | Error::Conflict(message) | Error::Forbidden(message) => message.code,
        other => panic!("{other}"),
    }
}

fn corrections(season: &Season, on: &str) -> Corrections {
    season.db.db.read(|conn| figures::corrections(conn, day(on))).unwrap().unwrap()
}

/// Stock by stock and flow by flow.
fn sum(one: &Figures, other: &Figures) -> serde_json::Value {
    let [mut one, other] = [one, other].map(|figures| serde_json::to_value(figures).unwrap());
    for part in ["opening", "flows", "closing"] {
        for (name, n) in one[part].as_object_mut().unwrap() {
            *n = (n.as_i64().unwrap() + other[part][name].as_i64().unwrap()).into();
        }
    }
    one
}

/// What was sealed and what became known since is what is recorded, in every cell.
fn assert_corrections_explain(corrections: &Corrections) {
    assert_eq!(sum(&corrections.sealed.figures.total, &corrections.net), serde_json::to_value(corrections.now.total).unwrap());
    let rows = corrections.sealed.figures.rows.iter().chain(&corrections.now.rows);
    for row in rows {
        let wanted = Cell { province: row.province.clone(), city: row.city.clone(), policy: row.policy.clone() };
        let part = corrections.clone().narrowed(|cell| *cell == wanted);
        assert_eq!(sum(&part.sealed.figures.total, &part.net), serde_json::to_value(part.now.total).unwrap(), "{wanted:?}");
    }
}

on_both_engines! {
    fn a_sealed_day_stays_and_what_becomes_known_later_is_told_beside_it(db: TestDb) {
        let mut season = Season::new(db, 1);
        season.db.at("2020-09-12 10:00");
        let (suzhou, hangzhou) = (cell("320000", "320500", "3+11"), cell("330000", "330100", "3+11"));
        season.land(3, suzhou, at("2020-09-12 09:00"));
        season.db.at("2020-09-13 00:10");
        let sealed = seal(&season.db.db, "2020-09-12").unwrap();
        assert_eq!((sealed.number, sealed.figures.total.closing.at_port, sealed.previous.as_deref(), sealed.sealed_by.as_str()), (1, 3, None, "operator"));
        season.db.at("2020-09-14 08:00");
        season.pass(&[0, 1], Passing::To(custodian(11), Stock::InShanghai), at("2020-09-12 23:00"));
        season.pass(&[2], Passing::To(custodian(3), Stock::AtPort), at("2020-09-12 23:30"));
        season.reassign(&[2], hangzhou, at("2020-09-12 23:40"));
        season.db.at("2020-09-15 08:00");
        for _ in 0..2 {
            let published = season.totals(day("2020-09-12"), None);
            assert_eq!(published, sealed.figures, "what is published is published");
            assert!(published.sealed && published.as_of == Some(at("2020-09-13 00:10")));
            let (then, now) = (season.totals(day("2020-09-12"), Some(at("2020-09-13 00:09"))), season.totals(day("2020-09-12"), Some(at("2020-09-15 08:00"))));
            assert_eq!((then.sealed, then.total), (false, sealed.figures.total), "not yet sealed then");
            assert_eq!((now.sealed, now.total.closing.in_shanghai), (true, 2));
            assert_eq!(code(seal(&season.db.db, "2020-09-12")), "day_sealed");
            close(&season, day("2020-09-14"));
        }
        let found = corrections(&season, "2020-09-12");
        let lines: Vec<_> = found.lines.iter().map(|line| (line.flow.kind.name(), line.flow.n, line.changes().at_port, line.changes().in_shanghai)).collect();
        let expected = [("admitted", 2, -2, 2), ("relayed", 1, 0, 0), ("reassigned", 1, -1, 0), ("reassigned", 1, 1, 0)];
        assert_eq!(lines, expected);
        assert_eq!((found.gross.at_port, found.gross.in_shanghai, found.net.closing.at_port, found.net.closing.in_shanghai), (4, 2, -2, 2));
        assert_corrections_explain(&found);
        assert_eq!(season.verify().faults, []);
    }

    fn every_sealed_day_of_a_random_season_is_explained_by_its_corrections(db: TestDb) {
        let mut season = Season::new(db, 11);
        let mut kept: Vec<SealedDay> = Vec::new();
        for _ in 0..400 {
            season.random_act();
            if season.chance(0.2) {
                // Any day that is over, not only the next: a coordinator may have been ill.
                let on = season.some_day_lately();
                match season.db.db.write(move |tx| figures::seal(tx, &Actor::operator(), on)) {
                    Ok(sealed) => kept.push(sealed),
                    Err(Error::Refused(message) | Error::Conflict(message)) => assert!(["day_not_over", "day_sealed"].contains(&message.code)),
                    Err(other) => panic!("{other}"),
                }
            }
        }
        assert!(kept.len() > 5, "{} days sealed", kept.len());
        let mut n_lines = 0;
        for sealed in &kept {
            assert_eq!(season.totals(sealed.on, None), sealed.figures);
            let found = corrections(&season, &sealed.on.to_string());
            assert_eq!(found.now.total, season.db.db.read(|conn| figures::as_recorded(conn, sealed.on, None)).unwrap().total);
            assert_corrections_explain(&found);
            n_lines += found.lines.len();
        }
        assert!(n_lines > 5, "only {n_lines} corrections, which proves little");
        let mut told = Vec::new();
        for sealed in &kept {
            told.extend(season.db.db.read(|conn| figures::bulletin(conn, sealed.on, season.db.clock.now())).unwrap().corrections);
        }
        let last = kept.last().unwrap().flow_id;
        let all = season.db.db.read(|conn| figures::corrections_list(conn, None, PageRequest::new(None, Some(500)))).unwrap().items;
        let all: Vec<_> = all.into_iter().filter(|line| line.id <= last).collect();
        assert_eq!(told, all, "each correction is in exactly one bulletin, the next");
        assert_eq!(season.verify().faults, []);
    }

    fn a_fact_recorded_while_a_day_is_sealed_is_counted_or_corrected_and_never_lost(db: TestDb) {
        let season = Season::new(db, 1);
        season.db.at("2020-09-13 00:10");
        let jiangsu = || cell("320000", "320500", "3+11");
        season.land_one(1_000, jiangsu(), at("2020-09-12 09:00"));
        std::thread::scope(|scope| {
            for n in 0..24 {
                let season = &season;
                // The clock stands still: only the order of commits tells who knew of whom.
                scope.spawn(move || season.land_slowly(n, jiangsu(), at("2020-09-12 23:59"), || std::thread::sleep(std::time::Duration::from_millis(3))));
                if n == 12 {
                    scope.spawn(move || seal(&season.db.db, "2020-09-12").unwrap());
                }
            }
        });
        let found = corrections(&season, "2020-09-12");
        let late: i64 = found.lines.iter().map(|line| line.flow.n).sum();
        assert_eq!(found.sealed.figures.total.flows.landed + late, 25);
        assert_corrections_explain(&found);
        assert_eq!(season.verify().faults, []);
    }

    fn of_many_who_seal_a_day_at_once_one_does(db: TestDb) {
        let season = Season::new(db, 1);
        season.db.at("2020-09-12 10:00");
        season.land(2, Cell::default(), at("2020-09-12 09:00"));
        season.db.at("2020-09-13 00:10");
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| seal(&season.db.db, "2020-09-12"))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.into_iter().filter(Result::is_err).all(|outcome| code(outcome) == "day_sealed"));
        assert_eq!(season.db.column("SELECT CAST(count(*) AS TEXT) AS body FROM day_seals"), ["1"]);
    }

    fn a_day_is_sealed_when_it_is_over_and_by_whom_it_is_for(db: TestDb) {
        let season = Season::new(db, 1);
        season.db.at("2020-09-13 00:09:59");
        assert_eq!(code(seal(&season.db.db, "2020-09-12")), "day_not_over");
        season.db.at("2020-09-13 00:10");
        for (name, role, scope, expected) in [
            ("auditor", Role::Auditor, "all", "not_allowed"),
            ("half", Role::Coordinator, "32", "not_allowed_in_part"),
        ] {
            let who = build::actor(&season.db, name, role, scope);
            assert_eq!(code(season.db.db.write(move |tx| figures::seal(tx, &who, day("2020-09-12")))), expected);
        }
        let who = build::actor(&season.db, "chen", Role::Coordinator, "all");
        let sealed = season.db.db.write(move |tx| figures::seal(tx, &who, day("2020-09-12"))).unwrap();
        assert_eq!((sealed.sealed_by.as_str(), sealed.figures.total), ("chen", Figures::default()), "a day without anybody is a day");
        let deed = format!("SELECT reason AS body FROM audit WHERE deed = '{}'", Act::SealDay.code()).leak();
        assert_eq!(season.db.column(deed), ["2020-09-12"]);
        assert_eq!(season.db.column("SELECT kind AS body FROM events"), ["day_sealed"]);
    }

    fn the_job_seals_yesterday_and_the_days_that_it_missed_within_a_week(db: TestDb) {
        let season = Season::new(db, 1);
        let job = || {
            let through = jiezhuan::ledger::last_complete_day(season.db.clock.now());
            while season.db.db.write(move |tx| figures::seal_next(tx, through)).unwrap().is_some() {}
            season.db.column("SELECT CAST(on_date AS TEXT) AS body FROM day_seals ORDER BY number")
        };
        season.db.at("2020-09-12 10:00");
        assert_eq!(job(), [""; 0], "nothing has ever happened");
        season.land(2, Cell::default(), at("2020-09-02 09:00"));
        season.db.at("2020-09-13 00:09");
        assert_eq!(job(), ["2020-09-11"], "the days before the first are not dug up");
        season.db.at("2020-09-15 08:00");
        assert_eq!(job().len(), 4);
        season.db.at("2020-10-15 08:00");
        assert_eq!(job()[4..], ["2020-10-08", "2020-10-09", "2020-10-10", "2020-10-11", "2020-10-12", "2020-10-13", "2020-10-14"]);
        assert_eq!(season.verify().faults, []);
    }

    fn a_sealed_day_cannot_be_touched_and_if_it_was_it_is_found(db: TestDb) {
        let mut season = Season::new(db, 1);
        season.db.at("2020-09-12 10:00");
        season.land(2, Cell::default(), at("2020-09-12 09:00"));
        season.db.at("2020-09-14 10:00");
        season.pass(&[0], Passing::To(custodian(2), Stock::InShanghai), at("2020-09-13 10:00"));
        seal(&season.db.db, "2020-09-12").unwrap();
        seal(&season.db.db, "2020-09-13").unwrap();
        for touch in ["UPDATE day_seals SET number = 7", "DELETE FROM day_seals"] {
            let refused = season.db.db.write(move |tx| tx.batch(touch));
            assert!(matches!(&refused, Err(Error::Conflict(message)) if message.code == "sealed_is_sealed"), "{touch}: {refused:?}");
        }
        let of = |sql: &str| found(&season, &["day_seals"], sql);
        assert_eq!(of("SELECT 1"), [""; 0]);
        assert_eq!(of("UPDATE day_seals SET document = replace(document, '\"at_port\":1', '\"at_port\":2')"), ["seal_differs"]);
        assert_eq!(of("UPDATE day_seals SET document = '{}'"), ["table_unreadable"]);
        assert_eq!(of("UPDATE day_seals SET flow_id = 1"), ["seal_differs"]);
        assert_eq!(of("DELETE FROM day_seals WHERE number = 1"), ["seals_have_a_gap"]);
        let other = found(&season, &["day_seals", "custody_flows"], "UPDATE custody_flows SET n = n + 1 WHERE kind = 'landed'");
        assert!(other.contains(&"seal_differs"), "{other:?}");
    }
}
