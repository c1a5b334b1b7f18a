//! Whom another rule would change: rules of the catalogue and drafts, held against who is in the chain; nothing is written.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;

use super::work::{page, post};
use crate::support::app::TestApp;
use crate::support::{TestDb, build, on_both_engines};

const PAGE: &str = "/admin/policies/people";

/// A rule of `days` days for Jiangsu from an instant on.
fn draft(days: u8, from: &str) -> String {
    format!(
        "[[policy]]\nname = \"trial\"\nversion = 1\napplies_to = [\"32\"]\nfrom = {from}\n\
         segments = [{{ place = \"shanghai\", responsible = \"shanghai_district\", days = {days} }}]\nsources = []\n"
    )
}

on_both_engines! {
    fn a_rule_is_held_against_everybody_in_the_chain_and_nothing_is_written(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let parties = build::parties(&app.db, &[2, 3]);
        build::alter(&app.db, parties[0][0], "UPDATE travellers SET destination = '340100', city = '340100', province = '340000' WHERE id = $1");
        // Of two whose day changes one is not in the chain any more.
        build::alter(&app.db, parties[1][0], "UPDATE travellers SET custodian_id = NULL, stock = 'released' WHERE id = $1");
        let chief = app.caller(Role::Coordinator, "");
        let before = app.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM audit UNION ALL SELECT CAST(SUM(version) AS TEXT) FROM travellers");
        let same = page(&app, &chief, &format!("{PAGE}?rule=3%2B11@1"));
        assert!(same.status == StatusCode::OK && same.body.contains("涉及在管人员 4 人，其中 0 人解除日期会变"), "{}", same.body);
        let longer = post(&app, &chief, PAGE, &[("draft", &draft(21, "2020-09-12T00:00:00+08:00"))]);
        for part in ["涉及在管人员 3 人，其中 3 人解除日期会变", "江苏苏州", "+7 天 3 人", "9月26日", "10月3日", "trial（第 1 版）", "applies_to = [&#34;32&#34;]"] {
            assert!(longer.body.contains(part), "{part}: {}", longer.body);
        }
        assert!(!longer.body.contains("安徽合肥"), "a rule for Jiangsu is for nobody else: {}", longer.body);
        let shorter = post(&app, &chief, PAGE, &[("draft", &draft(10, "2020-09-12T00:00:00+08:00").replace("\"32\"", "\"32\", \"34\""))]);
        assert!(shorter.body.contains("−4 天 3 人") && shorter.body.contains("安徽合肥") && shorter.body.contains("−4 天 1 人"), "{}", shorter.body);
        let later = post(&app, &chief, PAGE, &[("draft", &draft(21, "2020-09-12T08:00:01+08:00"))]);
        assert!(later.body.contains("涉及在管人员 0 人") && later.body.contains("另有 3 人在其起始时刻之前落地"), "{}", later.body);
        // A province that is named by the rules in force is not one of the others.
        let others = post(&app, &chief, PAGE, &[("draft", &draft(21, "2020-03-07T00:00:00+08:00").replace("\"32\"", "\"other\""))]);
        assert!(others.body.contains("涉及在管人员 0 人") && !others.body.contains("另有"), "{}", others.body);
        let after = app.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM audit UNION ALL SELECT CAST(SUM(version) AS TEXT) FROM travellers");
        assert_eq!(before, after, "nothing is written");
        let zhejiang = app.caller(Role::ProvincialGroup, "330000");
        let across = post(&app, &zhejiang, PAGE, &[("draft", &draft(21, "2020-09-12T00:00:00+08:00"))]);
        assert!(across.body.contains("涉及在管人员 0 人"), "nobody sees across: {}", across.body);
    }

    fn a_draft_that_is_not_sound_is_told_by_its_places_and_stays_as_typed(db: TestDb) {
        let app = TestApp::new(db);
        app.register();
        let auditor = app.caller(Role::Auditor, "");
        let unreadable = post(&app, &auditor, PAGE, &[("draft", "[[policy]]\nname = \"甲\n")]);
        assert_eq!(unreadable.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unreadable.body.contains("第 2 行") && unreadable.body.contains("name = &#34;甲"), "{}", unreadable.body);
        let unsound = post(&app, &auditor, PAGE, &[("draft", &draft(90, "2020-09-12"))]);
        for part in ["policy[0].segments[0].days", "policy[0].from", "aria-invalid=\"true\""] {
            assert!(unsound.body.contains(part), "{part}: {}", unsound.body);
        }
        let known = post(&app, &auditor, PAGE, &[("draft", &draft(21, "2020-09-12T00:00:00+08:00").replace("trial", "3+11"))]);
        assert!(known.status == StatusCode::OK && known.body.contains("class=\"remark\""), "a version says the same for ever: {}", known.body);
        assert_eq!(page(&app, &auditor, &format!("{PAGE}?rule=9%2B9@1")).status, StatusCode::NOT_FOUND);
        for path in [PAGE.to_owned(), format!("{PAGE}?rule=7%2B7@1")] {
            let english = app.send(auditor.asks(TestRequest::get().uri(&path)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", "en")));
            assert!(english.body.contains("Whom would another rule change?") && !english.body.contains("Unknown localization"), "{}", english.body);
        }
        assert!(page(&app, &auditor, "/admin/policies").body.contains(&format!("href=\"{PAGE}\"")));
    }
}
