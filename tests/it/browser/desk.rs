//! The desk by keyboard alone: from a scan to a printed slip, the party, the doctors, a roster that is corrected in place.

use std::time::Instant;

use thirtyfour::prelude::*;

use super::{Browser, Program, driver, in_time};
use crate::support::{TestDb, on_both_engines};

/// The specimen of ICAO 9303, as a reader types it.
const ZONE: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";

async fn scans_a_known_passport(browser: &Browser) -> WebDriverResult<()> {
    assert_eq!((browser.path().await?.as_str(), browser.cursor().await?.as_str()), ("/desk", "said"), "the cursor stands in the field");
    let began = Instant::now();
    browser.scans("E20000101").await?;
    browser.waits_for("李雷").await?;
    let says = browser.says().await?;
    assert!(says.contains("嘉定区驻机场工作组") && says.contains("江苏苏州") && says.contains("韩*梅"), "{says}");
    let first = began.elapsed();
    // The next passport is scanned while the answer of the last one is still shown: no letter of it is a key of the page.
    browser.scans("E20000103").await?;
    browser.waits_for("王芳").await?;
    browser.scans("E20000101").await?;
    browser.waits_for("李雷").await?;
    let began = Instant::now();
    browser.types("p").await?;
    browser.driver.query(By::Css("article.slip svg.qr path")).first().await?;
    let took = first + began.elapsed();
    eprintln!("from scan to printed slip: {took:?}");
    browser.types(Key::Enter).await?;
    browser.waits_until("the desk again", || async { Ok(browser.cursor().await? == "said") }).await?;
    assert_eq!(browser.driver.find(By::Id("said")).await?.prop("value").await?.unwrap_or_default(), "", "the field is ready for the next");
    Ok(())
}

async fn enters_an_unknown_passport(browser: &Browser) -> WebDriverResult<()> {
    browser.scans(ZONE).await?;
    browser.waits_until("the form", || async { Ok(browser.cursor().await? == "destination") }).await?;
    let value = |id: &'static str| async move { browser.driver.find(By::Id(id)).await?.prop("value").await };
    assert_eq!(value("name_latin").await?.as_deref(), Some("ERIKSSON/ANNA MARIA"));
    assert_eq!((value("born_on").await?.as_deref(), value("flight_no").await?.as_deref()), (Some("1974-08-12"), Some("MU588")));
    browser.types("suzhou").await?;
    browser.driver.refresh().await?;
    browser.waits_until("what was typed, after a reload", || async { Ok(value("destination").await?.as_deref() == Some("suzhou")) }).await?;
    browser.driver.find(By::Id("destination")).await?.send_keys(Key::Enter + "").await?;
    browser.waits_for("安徽宿州").await?;
    browser.types("1").await?;
    browser.waits_for("嘉定区驻机场工作组").await?;
    assert!(browser.says().await?.contains("江苏苏州"));
    // The first key makes ready and says so; another takes it back; the second may come at once or after a while.
    let is_ready = || async { Ok::<bool, WebDriverError>(browser.says().await?.contains("再按一次 M")) };
    browser.types("m").await?;
    browser.waits_until("the word that one more diverts", is_ready).await?;
    browser.types(Key::Escape + "").await?;
    browser.waits_until("nothing to be ready", || async { Ok(!is_ready().await?) }).await?;
    browser.strikes("mm", 0.02).await?;
    browser.waits_for("已设置医疗暂缓").await
}

async fn corrects_a_roster(browser: &Browser, program: &Program) -> WebDriverResult<()> {
    let file = program.folder.path().join("wrong.csv");
    let roster = "航班号,口岸,落地时间,姓名,国籍,证件号码,目的地\nMU9,PVG,2020-09-15 10:00,甲一,CHN,E30000001,suzhou\nMU9,PVG,2020-09-15 10:00,甲二,CHN,E30000002,南京\n";
    std::fs::write(&file, roster).unwrap();
    browser.goes_to("/desk").await?;
    browser.driver.find(By::Id("file")).await?.send_keys(file.to_string_lossy().into_owned()).await?;
    browser.driver.find(By::Css(".drop button")).await?.send_keys(Key::Enter + "").await?;
    browser.waits_for("尚未写入任何内容").await?;
    let wrong = browser.driver.find(By::Css("input.wrong")).await?;
    assert_eq!(wrong.prop("value").await?.as_deref(), Some("suzhou"));
    wrong.clear().await?;
    wrong.send_keys("江苏苏州" + Key::Enter).await?;
    browser.waits_for("核对无误").await?;
    browser.types(Key::Enter + "").await?;
    browser.waits_for("已导入").await
}

on_both_engines! {
    fn the_desk_brings_a_passport_to_a_printed_slip_by_keyboard(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let program = Program::serve(db);
        program.lands("MU588", 101, 4);
        let password = program.account("desk", "airport_desk", "all", Some("desk-pvg"));
        in_time(async {
            let browser = Browser::open(&driver_url, &program, (1280, 900)).await?;
            browser.signs_in("desk", &password).await?;
            scans_a_known_passport(&browser).await?;
            enters_an_unknown_passport(&browser).await?;
            corrects_a_roster(&browser, &program).await?;
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM travellers"), ["7"]);
        assert_eq!(program.db.column("SELECT kind AS body FROM holds"), ["medical"]);
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM roster_drafts"), ["0"], "what was imported is kept no longer");
    }
}
