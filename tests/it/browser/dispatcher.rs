//! The dispatcher's evening by keyboard alone: the day is planned, a party moved, a move that is not allowed told in words, the trips announced;
//! and a search goes on being somebody's when the server is killed in the middle of it.

use chrono::TimeDelta;
use jiezhuan::base::{Clock, time};
use jiezhuan::fleet::{StaffFacts, StaffRole};
use thirtyfour::prelude::*;

use super::{Browser, Program, driver, in_time};
use crate::support::build::{coach, driver as a_driver, parties, rulebook, staff, vehicle};
use crate::support::{TestDb, on_both_engines};

/// Two coaches with crews, and parties who are due tomorrow.
fn evening(program: &Program) -> chrono::NaiveDate {
    let db = &program.db;
    rulebook(db);
    let tomorrow = time::civil_date(Clock::System.now()) + TimeDelta::days(1);
    let permit = jiezhuan::fleet::Permit { number: "苏0001".into(), expires_on: tomorrow + TimeDelta::days(90) };
    for plate in ["苏A00001", "苏A00002"] {
        vehicle(db, jiezhuan::fleet::VehicleFacts { permit: Some(permit.clone()), ..coach(plate) });
    }
    for n in 1..=4 {
        staff(db, a_driver(&format!("D{n}")));
        staff(db, StaffFacts { role: StaffRole::Escort, licence: None, ..a_driver(&format!("E{n}")) });
        staff(db, StaffFacts { role: StaffRole::Medic, licence: None, ..a_driver(&format!("M{n}")) });
    }
    // Due in September 2020 and never moved: overdue, and planned with tomorrow's.
    parties(db, &[12, 12, 12]);
    tomorrow
}

/// Moves the cursor onward with the Tab key until it is in such an element.
async fn tabs_to(browser: &Browser, selector: &str) -> WebDriverResult<()> {
    for _ in 0..120 {
        browser.types(Key::Tab + "").await?;
        let script = "return document.activeElement.matches(arguments[0])";
        if browser.driver.execute(script, vec![selector.into()]).await?.convert::<bool>()? {
            return Ok(());
        }
    }
    panic!("no Tab leads to {selector}");
}

async fn plans_moves_and_announces(browser: &Browser) -> WebDriverResult<()> {
    browser.types("b").await?;
    browser.waits_until("the form", || async { Ok(browser.path().await? == "/trips/proposals") }).await?;
    tabs_to(browser, "#seconds").await?;
    browser.types(Key::Control + "a").await?;
    browser.types(Key::Null + "60" + Key::Enter).await?;
    browser.waits_for("编排中").await?;
    browser.waits_for("共 36 人，安排 36 人，未安排 0 人").await?;
    // The search would go on for a minute: the plan it has is good enough.
    browser
        .waits_until("the end of the search", || async {
            // The page looks again by itself, and a key that falls into that moment is lost.
            let _lost = browser.types("s").await;
            tokio::time::sleep(std::time::Duration::from_millis(800)).await;
            Ok(browser.says().await?.contains("待通知"))
        })
        .await?;
    // The first trip is full: the third party, which has the other, cannot join it.
    tabs_to(browser, "input[name=party]").await?;
    browser.types(Key::Space + Key::Down + Key::Down).await?;
    browser.types("m").await?;
    browser.waits_until("the choice of trips", || async { Ok(browser.cursor().await? == "to") }).await?;
    tabs_to(browser, ".move-bar button").await?;
    browser.types(Key::Enter + "").await?;
    browser.waits_for("坐不下").await?;
    // It is still chosen, and is left for another day instead.
    browser.types("m").await?;
    browser.types("不").await?;
    tabs_to(browser, ".move-bar button").await?;
    browser.types(Key::Enter + "").await?;
    browser.waits_for("人工调整").await?;
    // Dragged with the mouse it is judged in the same way: the trip is as full as before.
    let party = browser.driver.find(By::Css("[data-trip=off] tr[draggable=true]")).await?;
    party.js_drag_to(&browser.driver.find(By::Css("[data-trip]:not([data-trip=off])")).await?).await?;
    browser.waits_for("坐不下").await
}

on_both_engines! {
    fn the_dispatcher_plans_changes_and_announces_a_day_by_keyboard(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let program = Program::serve(db);
        let tomorrow = evening(&program);
        let password = program.account("chen", "dispatcher", "all", None);
        in_time(async {
            let browser = Browser::open(&driver_url, &program, (1280, 900)).await?;
            browser.signs_in("chen", &password).await?;
            browser.goes_to(&format!("/trips?on={tomorrow}")).await?;
            plans_moves_and_announces(&browser).await?;
            tabs_to(&browser, "#announce").await?;
            let announces = browser.driver.active_element().await?.text().await?;
            assert!(announces.starts_with("通知 1 个车次、24 人"), "{announces}");
            browser.types(Key::Enter + "").await?;
            browser.waits_for("已通知").await?;
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT state AS body FROM trips"), ["announced"]);
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM trip_seats"), ["24"]);
    }

    fn a_proposal_outlives_a_server_that_is_killed_while_it_searches(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let mut program = Program::serve(db);
        let tomorrow = evening(&program);
        let password = program.account("chen", "dispatcher", "all", None);
        in_time(async {
            let browser = Browser::open(&driver_url, &program, (390, 844)).await?;
            browser.signs_in("chen", &password).await?;
            browser.goes_to(&format!("/trips/proposals?on={tomorrow}")).await?;
            browser.driver.find(By::Css("main form button.primary")).await?.click().await?;
            browser.waits_for("安排 36 人").await?;
            program.restart();
            browser.goes_to(&format!("/trips/proposals?on={tomorrow}")).await?;
            browser.waits_for("安排 36 人").await?;
            browser.waits_until("word of the interruption", || async {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                browser.driver.refresh().await?;
                Ok(browser.says().await?.contains("已中断"))
            }).await?;
            browser.driver.find(By::Id("announce")).await?.click().await?;
            browser.waits_for("已通知").await?;
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM trip_seats"), ["36"]);
    }
}
