//! Rosters of vehicles and of staff by the API: a file in, the list out, and in again.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::json;

use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

const VEHICLES: &str = "车牌号,车型,座位数,单位,颜色\n苏A00001,大客车,49,work-group-32,白\n苏A00002,飞船,49,work-group-32,白\n";
const STAFF: &str = "工号,姓名,岗位,准驾车型,单位\nD1,王小芳,驾驶员,A1,work-group-32\n";

fn upload(app: &TestApp, caller: &Caller, path: &str, key: &str, file: impl Into<Vec<u8>>) -> Reply {
    let request =
        caller.asks(TestRequest::post().uri(path)).insert_header(("Content-Type", "application/octet-stream")).insert_header(("Accept-Language", "en"));
    app.send(request.insert_header(("Idempotency-Key", key)).set_payload(file.into()))
}

on_both_engines! {
    fn a_file_in_the_body_is_imported_row_by_row_and_answered_once(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let dry = upload(&app, &dispatcher, "/api/v1/vehicles/import?dry_run=true", "dry", VEHICLES);
        assert_eq!((dry.status, app.get(&dispatcher, "/api/v1/vehicles").json()["items"].as_array().unwrap().len()), (StatusCode::OK, 0));
        let first = upload(&app, &dispatcher, "/api/v1/vehicles/import", "a", VEHICLES);
        assert_eq!(first.json(), json!({
            "kind": "vehicles", "rows": 2, "new": 1, "same": 0, "changed": 0, "rejected": 1,
            "problems": [{"line": 3, "column": "车型", "code": "bad_value", "message": "Write coach, minibus, car or ambulance."}],
            "warnings": [{"line": 1, "column": "颜色", "code": "unknown_column", "message": "The column \"颜色\" means nothing here and was passed over."}],
        }));
        assert_eq!(first.json(), dry.json());
        let again = upload(&app, &dispatcher, "/api/v1/vehicles/import", "a", VEHICLES);
        assert_eq!((again.header("idempotent-replay"), &again.body), ("true", &first.body));
        assert_eq!(upload(&app, &dispatcher, "/api/v1/vehicles/import", "a", STAFF).problem(), (422, "idempotency_key_reused".into()));
        assert_eq!(upload(&app, &dispatcher, "/api/v1/vehicles/import", "b", VEHICLES).json()["same"], 1);
        let staff = upload(&app, &dispatcher, "/api/v1/staff/import", "c", STAFF);
        assert_eq!((&staff.json()["kind"], &staff.json()["new"]), (&json!("staff"), &json!(1)));
    }

    fn what_is_no_such_list_is_refused_and_told_where_it_belongs(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__ROSTERS__LARGEST_UPLOAD", "2000")]);
        app.register();
        let (dispatcher, desk) = (app.caller(Role::Dispatcher, ""), app.caller(Role::AirportDesk, ""));
        let refused = [
            ("/api/v1/vehicles/import", STAFF, 422, "header_lacks_columns"),
            ("/api/v1/staff/import", "", 422, "file_empty"),
            ("/api/v1/staff/import", "PK\u{3}\u{4}", 422, "workbook_unreadable"),
            ("/api/v1/vehicles/import?dry_run=perhaps", VEHICLES, 422, "query_unreadable"),
            ("/api/v1/vehicles/import", &"x".repeat(2001), 413, "body_too_large"),
        ];
        for (n, (path, file, status, code)) in refused.into_iter().enumerate() {
            assert_eq!(upload(&app, &dispatcher, path, &n.to_string(), file).problem(), (status, code.into()), "{path}");
        }
        for path in ["/api/v1/vehicles/import", "/api/v1/staff/import"] {
            assert_eq!(upload(&app, &desk, path, "d", VEHICLES).problem().0, 403);
        }
        assert_eq!(upload(&app, &desk, "/api/v1/rosters", "e", VEHICLES).problem(), (422, "file_lists_a_fleet".into()));
    }

    fn of_two_who_import_the_same_file_at_once_both_are_answered(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let rows: String = (0..200).map(|n| format!("苏B{n:05},大客车,49,work-group-32\n")).collect();
        let file = format!("车牌号,车型,座位数,单位\n{rows}");
        let (app, dispatcher, file) = (&app, &dispatcher, &file);
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let send = |n: u32| scope.spawn(move || upload(app, dispatcher, "/api/v1/vehicles/import", &n.to_string(), file.as_str()));
            let sent: Vec<_> = (0..2).map(send).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        assert!(replies.iter().all(|reply| reply.status == StatusCode::OK), "{replies:?}");
        let sum = |field: &str| replies.iter().map(|reply| reply.json()[field].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum("new"), sum("same")), (200, 200));
    }

    fn the_table_of_a_list_is_imported_again_as_it_was(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        upload(&app, &dispatcher, "/api/v1/vehicles/import", "a", VEHICLES);
        upload(&app, &dispatcher, "/api/v1/staff/import", "b", STAFF);
        for kind in ["vehicles", "staff"] {
            let table = app.send(dispatcher.asks(TestRequest::get().uri(&format!("/api/v1/{kind}"))).insert_header(("Accept", "text/csv")));
            assert!(!table.body.contains("王小芳"), "{}", table.body);
            let again = upload(&app, &dispatcher, &format!("/api/v1/{kind}/import"), &format!("again-{kind}"), table.body).json();
            assert_eq!((&again["rows"], &again["same"]), (&json!(1), &json!(1)), "{again}");
            let passed_over: Vec<_> = again["warnings"].as_array().unwrap().iter().map(|warning| warning["column"].as_str().unwrap()).collect();
            assert_eq!(passed_over, ["id", "version"]);
        }
    }
}
