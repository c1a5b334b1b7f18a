//! Changes made past the schema's rules, each of which the check must find by name.

use std::sync::mpsc;

use jiezhuan::base::{Error, Language, Result};
use jiezhuan::figures;
use jiezhuan::ledger::{Passing, Stock};
use uuid::Uuid;

use super::season::{Season, cell, custodian};
use super::{close, day};
use crate::support::{TestDb, at, on_both_engines};

/// Two people landed, one of them admitted, one released; all closed.
fn season(db: TestDb) -> Season {
    let mut season = Season::new(db, 1);
    season.db.at("2020-09-12 10:00");
    season.land(2, cell("320000", "320500", "3+11"), at("2020-09-12 09:00"));
    season.db.at("2020-09-13 10:00");
    season.pass(&[0, 1], Passing::To(custodian(1), Stock::InShanghai), at("2020-09-12 20:00"));
    season.pass(&[1], Passing::Release, at("2020-09-13 09:00"));
    close(&season, day("2020-09-14"));
    season
}

/// What the check says while `sql` is in force; it is undone afterwards.
pub(super) fn found(season: &Season, loosened: &[&str], sql: &str) -> Vec<&'static str> {
    let (told, report) = mpsc::channel();
    let sql: String = loosened.iter().map(|table| season.loosen(table)).chain([sql.to_owned()]).collect();
    let undone = season.db.db.write(move |tx| -> Result<()> {
        tx.batch(&sql)?;
        told.send(figures::verify(tx, &mut |_, _| ())?).unwrap();
        Err(Error::NotFound("anything"))
    });
    assert!(matches!(undone, Err(Error::NotFound(_))), "{undone:?}");
    let report = report.recv().unwrap();
    for fault in &report.faults {
        for language in [Language::Zh, Language::En] {
            let sentence = fault.text(language);
            assert!(!sentence.contains('{') && !sentence.contains("nknown localization"), "{sentence}");
        }
    }
    let mut codes: Vec<_> = report.faults.iter().map(|fault| fault.code).collect();
    codes.dedup();
    codes
}

on_both_engines! {
    fn an_untouched_season_is_clean_and_everything_is_counted(db: TestDb) {
        let season = season(db);
        let mut last = (0, 0);
        let report = season.db.db.read(|conn| figures::verify(conn, &mut |n, of| last = (n, of))).unwrap();
        assert_eq!((report.faults, report.n_more, last), (vec![], 0, (2, 2)));
        assert_eq!((report.checked.travellers, report.checked.entries, report.checked.flows, report.checked.days), (2, 5, 3, 3));
    }

    fn a_changed_ledger_is_found(db: TestDb) {
        let season = season(db);
        let id = season.id(Uuid::from_u128(2));
        let of = |change: &str| found(&season, &["custody_entries"], &format!("{change} WHERE traveller_id = {id} AND seq = 2"));
        assert_eq!(of("UPDATE custody_entries SET actor = 'nobody'"), ["entry_altered"]);
        assert_eq!(of("UPDATE custody_entries SET seq = 7"), ["entry_does_not_follow", "traveller_differs_from_chain"]);
        assert_eq!(of("UPDATE custody_entries SET city = '320100'"), ["entry_altered", "entry_changes_cell", "flows_differ"]);
        assert_eq!(of("DELETE FROM custody_entries"), ["entry_does_not_follow", "flows_differ"]);
        assert_eq!(of("UPDATE custody_entries SET to_stock = 'nowhere'"), ["table_unreadable"]);
        let last = format!("DELETE FROM custody_entries WHERE traveller_id = {id} AND seq = 3");
        assert_eq!(found(&season, &["custody_entries"], &last), ["flows_differ", "traveller_differs_from_chain"]);
        let all = format!("DELETE FROM custody_entries WHERE traveller_id = {id}");
        assert_eq!(found(&season, &["custody_entries"], &all), ["flows_differ", "traveller_without_chain"]);
    }

    fn a_changed_cache_is_found(db: TestDb) {
        let season = season(db);
        let id = season.id(Uuid::from_u128(1));
        let tables = ["traveller_changes", "test_results", "holds", "ride_needs", "trip_seats", "handoff_people", "counter_handoffs", "named_documents", "obligation_deeds", "obligations", "travellers"];
        let of = |change: &str| found(&season, &tables, &format!("{change} WHERE id = {id}"));
        assert_eq!(of("UPDATE travellers SET stock = 'on_road'"), ["traveller_differs_from_chain"]);
        assert_eq!(of(&format!("UPDATE travellers SET custodian_id = {id}")), ["traveller_differs_from_chain"]);
        assert_eq!(of("UPDATE travellers SET custody_seq = 1"), ["traveller_differs_from_chain"]);
        assert_eq!(of("UPDATE travellers SET custody_seq = 3"), ["traveller_differs_from_chain"]);
        assert_eq!(of("UPDATE travellers SET city = NULL"), ["traveller_differs_from_chain"]);
        assert_eq!(of("UPDATE travellers SET custodian_id = NULL"), ["traveller_differs_from_chain", "custodian_and_stock_disagree"]);
        assert_eq!(of("DELETE FROM travellers"), ["chain_without_traveller"]);
    }

    fn a_changed_flow_is_found(db: TestDb) {
        let season = season(db);
        let of = |change: &str| found(&season, &["custody_flows"], change);
        assert_eq!(of("UPDATE custody_flows SET n = n + 1 WHERE kind = 'admitted'"), ["flows_differ", "day_out_of_balance"]);
        assert_eq!(of("DELETE FROM custody_flows WHERE kind = 'landed'"), ["flows_differ", "day_out_of_balance"]);
        assert_eq!(of("UPDATE custody_flows SET is_late = NOT is_late WHERE kind = 'admitted'"), ["flows_differ"]);
        assert_eq!(of("UPDATE custody_flows SET to_stock = 'nowhere' WHERE kind = 'admitted'"), ["table_unreadable"]);
        let learnt_earlier = format!("UPDATE custody_flows SET recorded_at = {} WHERE kind = 'released'", season.local("2020-09-13 09:59"));
        assert_eq!(of(&learnt_earlier), ["flows_differ"]);
    }

    fn a_changed_day_is_found_and_told_once(db: TestDb) {
        let season = season(db);
        let of = |change: &str| found(&season, &["day_stocks", "day_stocks_mark"], change);
        assert_eq!(of("UPDATE day_stocks SET n = n + 1 WHERE on_date >= '2020-09-13' AND stock = 'released'"), ["day_out_of_balance"]);
        assert_eq!(of("DELETE FROM day_stocks WHERE on_date = '2020-09-13'"), ["day_out_of_balance"]);
        assert_eq!(of("UPDATE day_stocks_mark SET flow_id = 1"), ["day_out_of_balance"]);
        assert_eq!(of("UPDATE day_stocks_mark SET flow_id = 1000"), ["days_closed_beyond_flows"]);
    }

    fn two_bookings_at_once_are_found_and_touching_or_cancelled_ones_are_not(db: TestDb) {
        let season = season(db);
        let [first, second, coach] = [1, 2, 3].map(|n| season.id(Uuid::from_u128(n)));
        let two = |starts_at: &str, is_cancelled: bool| {
            let [a, b, c] = ["2020-09-14 08:00", "2020-09-14 12:00", "2020-09-14 18:00"].map(|local| season.local(local));
            let columns = "INSERT INTO bookings (id, trip_id, resource_id, starts_at, ends_at, is_cancelled) VALUES";
            let sql = format!(
                "{columns} ({first}, {first}, {coach}, {a}, {b}, false), ({second}, {first}, {coach}, {}, {c}, {is_cancelled})",
                season.local(starts_at)
            );
            found(&season, &["bookings"], &sql)
        };
        assert_eq!(two("2020-09-14 11:59", false), ["bookings_overlap"]);
        assert_eq!(two("2020-09-14 12:00", false), [""; 0]);
        assert_eq!(two("2020-09-14 11:59", true), [""; 0]);
    }

    fn seats_and_open_handoffs_that_cannot_be_are_found(db: TestDb) {
        let season = season(db);
        let [one, two, stranger, trip] = [1, 2, 77, 9].map(|n| season.id(Uuid::from_u128(n)));
        let seats = |rows: &[(&str, i32)]| {
            let rows: Vec<String> = rows.iter().map(|(who, seat)| format!("({trip}, {who}, {seat}, true)")).collect();
            let columns = "INSERT INTO trip_seats (trip_id, traveller_id, seat_no, is_taken) VALUES";
            let sql = format!("INSERT INTO trips (id, load_cap) VALUES ({trip}, 1); {columns} {}", rows.join(","));
            found(&season, &["trip_seats", "trips"], &sql)
        };
        assert_eq!(seats(&[(&one, 1)]), [""; 0]);
        assert_eq!(seats(&[(&stranger, 1)]), ["seat_for_nobody"]);
        assert_eq!(seats(&[(&one, 1), (&two, 2)]), ["seats_over_cap"]);
        assert_eq!(seats(&[(&one, 1), (&two, 1)]), ["seats_over_cap", "seat_taken_twice"]);
        assert_eq!(seats(&[(&one, 1), (&one, 2)]), ["seats_over_cap", "two_seats"]);
        let lines = |state: &str, times: usize| {
            let rows: Vec<String> = (0..times).map(|_| format!("({trip}, {one}, true)")).collect();
            let columns = "INSERT INTO handoff_people (handoff_id, traveller_id, is_open) VALUES";
            let sql = format!("INSERT INTO handoffs (id, state) VALUES ({trip}, '{state}'); {columns} {}", rows.join(","));
            found(&season, &["handoff_people", "handoffs"], &sql)
        };
        assert_eq!(lines("offered", 1), [""; 0]);
        assert_eq!(lines("accepted", 1), ["open_line_in_closed_handoff"]);
        assert_eq!(lines("offered", 2), ["two_open_handoffs"]);
    }
}
