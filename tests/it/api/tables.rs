//! Lists as tables, and that taking one out is in the audit trail.

use actix_web::test::TestRequest;
use jiezhuan::access::Role;

use super::landed;
use crate::support::{TestDb, on_both_engines};

on_both_engines! {
    fn a_list_can_be_had_as_a_table_page_by_page_and_the_trail_says_who_took_it(db: TestDb) {
        let (app, desk) = landed(db);
        let chief = app.caller(Role::Coordinator, "");
        let table = |path: &str| app.send(chief.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/csv")));
        let first = table("/api/v1/travellers?limit=2");
        assert_eq!((first.status.as_u16(), first.header("content-type")), (200, "text/csv; charset=utf-8"), "{}", first.body);
        let lines: Vec<&str> = first.body.trim_start_matches('\u{feff}').lines().collect();
        assert!(lines.len() == 3 && lines[0].starts_with("id,") && lines[0].contains("destination"), "{lines:?}");
        assert!(!first.body.contains("李雷雷") && first.body.contains("李"), "names are masked here as they are elsewhere");
        let rest = table(&format!("/api/v1/travellers?limit=2&after={}", first.header("x-next-after")));
        assert_eq!(rest.body.lines().count(), 2, "{}", rest.body);
        assert_eq!(rest.header("x-next-after"), "");
        for path in ["trips?on=2020-09-15", "bulletins", "corrections", "vehicles", "staff", "flights?landed_on=2020-09-12", "organisations", "policies"] {
            assert!(table(&format!("/api/v1/{path}")).header("content-type").starts_with("text/csv"), "{path}");
        }
        let trail = app.db.column("SELECT reason AS body FROM audit WHERE deed = 'exported' ORDER BY seq LIMIT 2");
        assert_eq!(trail, ["/api/v1/travellers", "/api/v1/travellers"]);
        assert_eq!(app.get(&desk, "/api/v1/travellers").header("content-type"), "application/json");
    }
}
