//! Daily figures against a recount of the ledger by hand, and the check against every kind of tampering.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod recount;
mod sealing;
mod season;
mod speed;
mod tampering;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use jiezhuan::base::time;
use jiezhuan::figures;
use jiezhuan::ledger::{Cell, Passing, Stock};

use self::recount::recount;
use self::season::{Season, cell, custodian};
use crate::support::{TestDb, at, on_both_engines};

fn day(text: &str) -> NaiveDate {
    time::parse_date(text).unwrap()
}

/// Every day around the season, as all is known now and as it was known at some instants.
fn assert_every_day_is_as_recounted(season: &Season, known_at: &[DateTime<Utc>]) {
    let (first, last) = season.days();
    for on in first.pred_opt().unwrap().iter_days().take_while(|on| *on <= last + Days::new(1)) {
        for as_of in std::iter::once(None).chain(known_at.iter().copied().map(Some)) {
            let figures = season.totals(on, as_of);
            assert!(figures.balanced, "{on} as of {as_of:?} is out of balance");
            assert_eq!(figures, recount(&season.entries(), on, as_of), "{on} as of {as_of:?}");
        }
    }
}

fn close(season: &Season, through: NaiveDate) {
    season.db.db.write(move |tx| figures::close_days(tx, through)).unwrap();
}

on_both_engines! {
    fn a_random_season_is_what_a_recount_of_the_ledger_finds_whenever_days_are_closed(db: TestDb) {
        let mut season = Season::new(db, 7);
        let mut known_at = Vec::new();
        for step in 0..160 {
            season.random_act();
            if step % 40 == 17 {
                known_at.push(season.db.clock.now());
            }
            if season.chance(0.08) {
                let (on, as_of) = (season.today() - Days::new(1), known_at.last().copied());
                let before = (season.totals(on, None), season.totals(on, as_of));
                let through = season.some_day_lately();
                close(&season, through);
                assert_eq!(before, (season.totals(on, None), season.totals(on, as_of)), "closing through {through} changed {on}");
            }
        }
        // An instant between two acts, and one before everything.
        known_at.push(known_at[0] + Duration::microseconds(1));
        known_at.push(at("2020-01-01 00:00"));
        assert_every_day_is_as_recounted(&season, &known_at);
        close(&season, season.today());
        assert_every_day_is_as_recounted(&season, &known_at);
        assert_eq!(season.verify().faults, []);
    }

    fn a_fact_learnt_late_changes_the_day_it_belongs_to_and_not_what_was_known_then(db: TestDb) {
        let mut season = Season::new(db, 1);
        season.db.at("2020-09-12 10:00");
        let jiangsu = cell("320000", "320500", "3+11");
        season.land(3, jiangsu.clone(), at("2020-09-12 09:00"));
        close(&season, day("2020-09-13"));
        season.db.at("2020-09-14 08:00");
        season.pass(&[0, 1], Passing::To(custodian(11), Stock::InShanghai), at("2020-09-12 23:59"));
        for _ in 0..2 {
            let (now, then) = (season.totals(day("2020-09-12"), None), season.totals(day("2020-09-12"), Some(at("2020-09-14 07:59"))));
            assert_eq!((now.total.closing.at_port, now.total.closing.in_shanghai, now.total.flows.admitted), (1, 2, 2));
            assert_eq!((then.total.closing.at_port, then.total.closing.in_shanghai, then.total.flows.admitted), (3, 0, 0));
            assert_eq!(season.totals(day("2020-09-13"), None).total.opening.in_shanghai, 2);
            close(&season, day("2020-09-14"));
        }
    }

    fn a_reassignment_leaves_one_cell_and_enters_another_and_both_balance(db: TestDb) {
        let mut season = Season::new(db, 1);
        season.db.at("2020-09-12 10:00");
        season.land(2, Cell::default(), at("2020-09-12 09:00"));
        season.reassign(&[0], cell("330000", "330100", "3+11"), at("2020-09-12 09:30"));
        let figures = season.totals(day("2020-09-12"), None);
        assert!(figures.balanced);
        assert_eq!(figures.rows.len(), 2);
        let (unknown, zhejiang) = (&figures.rows[0], &figures.rows[1]);
        assert_eq!((unknown.province.as_deref(), zhejiang.province.as_deref()), (None, Some("330000")));
        assert_eq!((unknown.figures.flows.landed, unknown.figures.flows.reassigned_out, unknown.figures.closing.at_port), (2, 1, 1));
        assert_eq!((zhejiang.figures.flows.reassigned_in, zhejiang.figures.closing.at_port), (1, 1));
        let of_zhejiang = figures.narrowed(|row| row.province.as_deref() == Some("330000"));
        assert_eq!((of_zhejiang.rows.len(), of_zhejiang.total.closing.at_port), (1, 1));
    }

    fn the_document_has_the_names_that_others_rely_on(db: TestDb) {
        let season = Season::new(db, 1);
        season.db.at("2020-09-12 10:00");
        season.land(1, cell("320000", "320500", "3+11"), at("2020-09-12 09:00"));
        let document = serde_json::to_value(season.totals(day("2020-09-12"), None)).unwrap();
        let stocks = |at_port: i64| serde_json::json!({"at_port": at_port, "in_shanghai": 0, "on_road": 0, "at_destination": 0, "medical": 0, "released": 0, "left_network": 0});
        let flows = serde_json::json!({
            "landed": 1, "admitted": 0, "boarded": 0, "received": 0, "diverted": 0, "returned": 0, "released": 0, "left_network": 0,
            "reassigned_in": 0, "reassigned_out": 0,
        });
        assert_eq!(document, serde_json::json!({
            "on": "2020-09-12", "as_of": null, "sealed": false, "balanced": true,
            "rows": [{"province": "320000", "city": "320500", "policy": "3+11", "opening": stocks(0), "flows": flows, "closing": stocks(1)}],
            "total": {"opening": stocks(0), "flows": flows, "closing": stocks(1)},
        }));
    }

    fn closing_days_while_others_write_loses_nothing(db: TestDb) {
        let season = Season::new(db, 1);
        season.db.at("2020-09-20 12:00");
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let season = &season;
                scope.spawn(move || for n in 0..20 {
                    let happened_at = at("2020-09-18 12:00") + Duration::hours((n % 3) * 20);
                    season.land_one(thread * 100 + n as u128, cell("320000", "320500", "3+11"), happened_at);
                });
            }
            for _ in 0..2 {
                scope.spawn(|| for through in ["2020-09-18", "2020-09-20", "2020-09-19"].repeat(6) { close(&season, day(through)) });
            }
        });
        assert_eq!(season.totals(day("2020-09-21"), None).total.opening.at_port, 120);
        close(&season, day("2020-09-20"));
        let figures = season.totals(day("2020-09-20"), None);
        assert!(figures.balanced);
        assert_eq!(figures.total.closing.at_port, 120);
        assert_eq!(season.verify().faults, []);
    }

    fn a_flow_with_a_smaller_number_that_commits_after_a_larger_one_is_not_closed_over(db: TestDb) {
        let season = Season::new(db, 1);
        season.db.at("2020-09-20 12:00");
        let (written, wait) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let season = &season;
            let slow = move || season.land_slowly(1, cell("320000", "320500", "3+11"), at("2020-09-18 12:00"), move || {
                written.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(600));
            });
            scope.spawn(slow);
            wait.recv().unwrap();
            season.land_one(2, cell("320000", "320500", "3+11"), at("2020-09-18 12:00"));
            close(season, day("2020-09-20"));
        });
        assert_eq!(season.totals(day("2020-09-20"), None).total.closing.at_port, 2);
        assert_eq!(season.verify().faults, []);
    }
}
