//! How long a day's figures take beside a season of a million people. Run by hand:
//! `cargo test --test it figures::speed -- --ignored --nocapture`.

#![expect(clippy::print_stdout, reason = "a measurement tells its figures")]

use std::time::Instant;

use chrono::{Days, Duration};
use jiezhuan::base::time;
use jiezhuan::db::{Conn, Url};
use jiezhuan::figures;

use super::{close, day};
use crate::figures::season::Season;
use crate::support::{TestDb, on_both_engines};

const DAYS: u64 = 300;
const FLOWS_A_DAY: u64 = 3_500;

/// Flows of 300 cells, every twentieth learnt three days later.
fn fill(conn: &mut Conn, url: &Url) {
    let columns = "INSERT INTO custody_flows (happened_on, recorded_at, is_late, province, city, policy, kind, from_stock, to_stock, n)";
    let rest = "'32', 'c' || (i * 7 % 100), 'p' || (i % 3), 'landed', NULL, CASE i % 3 WHEN 0 THEN 'at_port' WHEN 1 THEN 'in_shanghai' ELSE 'on_road' END, 5";
    let late = "i % 20 = 0";
    let n = DAYS * FLOWS_A_DAY - 1;
    let sql = match url {
        Url::Sqlite(_) => format!(
            "{columns} WITH RECURSIVE rows (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM rows WHERE i < {n}) \
             SELECT date('2020-03-07', (i / {FLOWS_A_DAY}) || ' days'), 1583510400000000 + (i / {FLOWS_A_DAY} + 3 * ({late})) * 86400000000, {late}, {rest} FROM rows"
        ),
        Url::Postgres(_) => format!(
            "{columns} SELECT date '2020-03-07' + (i / {FLOWS_A_DAY})::int, \
             to_timestamp(1583510400) + (i / {FLOWS_A_DAY} + CASE WHEN {late} THEN 3 ELSE 0 END) * interval '1 day', {late}, {rest} \
             FROM generate_series(0, {n}) AS rows (i)"
        ),
    };
    conn.batch(&sql).unwrap();
}

on_both_engines! {
    #[ignore = "a measurement"]
    fn a_day_beside_a_million_people(db: TestDb) {
        let season = Season::new(db, 1);
        let url = season.db.db.url().clone();
        season.db.db.write(move |tx| { fill(tx, &url); Ok(()) }).unwrap();
        let (first, engine) = (day("2020-03-07"), season.db.db.url().engine());
        let start = Instant::now();
        close(&season, first + Days::new(DAYS - 2));
        println!("{engine}: closing the season {:?}", start.elapsed());
        let start = Instant::now();
        close(&season, first + Days::new(DAYS - 2));
        println!("{engine}: closing again {:?}", start.elapsed());
        for (what, after) in [("as known now", None), ("as known next morning", Some(Duration::hours(33)))] {
            let mut times: Vec<_> = (0..100).map(|n| {
                let on = first + Days::new(n * 3);
                let start = Instant::now();
                let figures = season.db.db.read(|conn| figures::totals(conn, on, after.map(|after| time::midnight(on) + after))).unwrap();
                assert!(figures.balanced);
                start.elapsed()
            }).collect();
            times.sort();
            println!("{engine}: a day {what}: p50 {:?}, p95 {:?}, worst {:?}", times[50], times[95], times[99]);
        }
    }
}
