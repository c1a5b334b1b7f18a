//! The coordinator's board: by keyboard, live, and live again after the server was restarted.

use thirtyfour::prelude::*;

use super::{Browser, Program, driver, in_time};
use crate::support::{TestDb, on_both_engines};

async fn signs_in_at_the_second_try(browser: &Browser, password: &str) -> WebDriverResult<()> {
    browser.goes_to("/").await?;
    browser.reads("zh").await?;
    browser.types("watch" + Key::Tab).await?;
    browser.types("not the password" + Key::Enter).await?;
    browser.driver.query(By::Css("[role=alert]")).first().await?;
    browser.types(password + Key::Enter).await?;
    browser.waits_for("今日总览").await
}

async fn waits_for_number(browser: &Browser, station: &str, n: &str) -> WebDriverResult<()> {
    let selector = format!("[data-n={station}]");
    browser.waits_until(&format!("{n} at {station}"), || async { Ok(browser.driver.find(By::Css(selector.as_str())).await?.text().await? == n) }).await
}

on_both_engines! {
    fn the_board_is_live_and_survives_a_restart_of_the_server(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let mut program = Program::serve(db);
        program.lands("MU588", 101, 3);
        let password = program.account("watch", "coordinator", "all", None);
        in_time(async {
            let browser = Browser::open(&driver_url, &program, (1280, 900)).await?;
            signs_in_at_the_second_try(&browser, &password).await?;
            browser.driver.find(By::Css(".headline .date")).await?;
            waits_for_number(&browser, "at_port", "3").await?;
            browser.waits_for("● 实时").await?;
            program.lands("MU100", 201, 4);
            waits_for_number(&browser, "at_port", "7").await?;
            program.server = None;
            browser.waits_for("实时更新已中断").await?;
            program.restart();
            browser.waits_for("● 实时").await?;
            program.lands("MU200", 301, 2);
            waits_for_number(&browser, "at_port", "9").await?;
            // By keyboard to one person and their history.
            browser.types("/").await?;
            browser.types("E20000101" + Key::Enter).await?;
            browser.waits_for("日期由来").await?;
            assert!(browser.says().await?.contains("李*") && !browser.says().await?.contains("李雷"), "masked until somebody says why");
            browser.closes().await
        });
    }
}
