//! Rosters of vehicles and of staff by page, without any script: brought in by a form, taken along by a link.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;

use super::work::page;
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

const STAFF: &str = "工号,姓名,岗位,准驾车型,单位\nD1,王小芳,驾驶员,A1,work-group-32\nD2,李雷,厨师,A1,work-group-32\n";

/// Sends a file as a form of a page does.
fn upload(app: &TestApp, caller: &Caller, path: &str, language: &str, file: &str) -> Reply {
    let body =
        format!("--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"名册<b>.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--limit--\r\n");
    let request = caller.asks(TestRequest::post().uri(path)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", language));
    app.send(request.insert_header(("Content-Type", "multipart/form-data; boundary=limit")).set_payload(body))
}

on_both_engines! {
    fn a_file_is_brought_in_by_a_form_and_what_came_of_it_is_told_row_by_row(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        let told = upload(&app, &dispatcher, "/admin/fleet/staff/import", "zh", STAFF);
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        for part in ["<th scope=\"row\" class=\"n\">3</th><td>岗位</td>", "岗位应为 驾驶员、陪护 或 医护。", "其余各行已导入", "名册&#60;b&#62;.csv"] {
            assert!(told.body.contains(part), "{part}: {}", told.body);
        }
        assert!(!told.body.contains("李雷") && !told.body.contains("厨师"), "{}", told.body);
        assert!(page(&app, &dispatcher, "/admin/fleet").body.contains("D1"));
        let again = upload(&app, &dispatcher, "/admin/fleet/staff/import", "en", &STAFF.replace("厨师", "medic"));
        for part in ["Imported.", "<span class=\"label\">Same</span><b class=\"big\">1</b>", "<span class=\"label\">New</span><b class=\"big\">1</b>"] {
            assert!(again.body.contains(part), "{part}: {}", again.body);
        }
        let vehicles = upload(&app, &dispatcher, "/admin/fleet/vehicles/import", "zh", "车牌号,车型,座位数,单位,颜色\n苏A00001,大客车,49,江苏省驻沪工作组,白\n");
        assert!(vehicles.status == StatusCode::OK && vehicles.body.contains("没有“颜色”这一列"), "{}", vehicles.body);
        let refused = upload(&app, &dispatcher, "/admin/fleet/vehicles/import", "zh", STAFF);
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("role=\"alert\"") && refused.body.contains("车牌号 (plate)"), "{}", refused.body);
        let nothing = upload(&app, &dispatcher, "/admin/fleet/vehicles/import", "zh", "");
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let misplaced = upload(&app, &app.caller(Role::AirportDesk, ""), "/desk/rosters", "zh", "车牌号,车型,座位数,单位\n");
        assert!(misplaced.status == StatusCode::UNPROCESSABLE_ENTITY && misplaced.body.contains("车辆和人员"), "{}", misplaced.body);
    }

    fn the_lists_are_taken_along_by_links_and_who_may_not_import_sees_no_form(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let dispatcher = app.caller(Role::Dispatcher, "");
        upload(&app, &dispatcher, "/admin/fleet/staff/import", "zh", STAFF);
        let desk = app.caller(Role::AirportDesk, "");
        let shown = page(&app, &desk, "/admin/fleet");
        assert!(shown.body.contains("href=\"/admin/fleet/staff.xlsx\"") && !shown.body.contains("type=\"file\""), "{}", shown.body);
        assert!(page(&app, &dispatcher, "/admin/fleet").body.contains("action=\"/admin/fleet/vehicles/import\" enctype=\"multipart/form-data\""));
        let csv = page(&app, &desk, "/admin/fleet/staff.csv");
        assert_eq!((csv.header("content-type"), csv.header("content-disposition")), ("text/csv; charset=utf-8", "attachment; filename=\"staff-2020-09-15.csv\""));
        assert!(csv.body.contains("D1,王*芳,驾驶员,A1,江苏省驻沪工作组,,是") && !csv.body.contains("王小芳"), "{}", csv.body);
        let xlsx = page(&app, &desk, "/admin/fleet/vehicles.xlsx");
        assert!(xlsx.header("content-type").ends_with("spreadsheetml.sheet") && xlsx.body.starts_with("PK"));
        assert_eq!(page(&app, &desk, "/admin/fleet/vehicles.pdf").status, StatusCode::NOT_FOUND);
        let trail = app.db.column("SELECT reason AS body FROM audit WHERE deed = 'exported' ORDER BY seq");
        assert_eq!(trail, ["/admin/fleet/staff.csv", "/admin/fleet/vehicles.xlsx"]);
        assert_eq!(upload(&app, &desk, "/admin/fleet/vehicles/import", "zh", STAFF).status, StatusCode::FORBIDDEN);
        let zhejiang = app.caller(Role::ProvincialGroup, "330000");
        assert!(!page(&app, &zhejiang, "/admin/fleet/staff.csv").body.contains("D1"), "nobody sees across");
    }
}
