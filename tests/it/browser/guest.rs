//! A county without accounts receives by a link: documents are read as at a bus stop, and nothing of the list is told before the count.

use jiezhuan::access::Actor;
use jiezhuan::arrivals::{self, TravellerId, Wanted};
use jiezhuan::base::page::PageRequest;
use jiezhuan::custody::guest;
use serde_json::Value;
use thirtyfour::prelude::*;

use super::receipt::zone;
use super::{Browser, Program, driver, in_time};
use crate::handoffs::guests::{COUNTY, GROUP};
use crate::handoffs::{hand_over, offer};
use crate::support::people::{DESK, by, organisation};
use crate::support::{TestDb, on_both_engines};

/// The people at the desk but whoever sits in one seat, brought by the group.
fn brought_but(program: &Program, seat: &str) -> Vec<TravellerId> {
    let db = &program.db.db;
    let wanted = Wanted { custodian: Some(organisation(DESK)), ..Wanted::default() };
    let all = db.read(|conn| arrivals::list(conn, &Actor::operator(), wanted, PageRequest::new(None, None))).unwrap().items;
    let people: Vec<_> = all.iter().filter(|person| person.seat.as_deref() != Some(seat)).map(|person| person.id).collect();
    hand_over(db, DESK, GROUP, &people);
    people
}

async fn value(browser: &Browser, id: &str) -> WebDriverResult<String> {
    Ok(browser.driver.find(By::Id(id)).await?.prop("value").await?.unwrap_or_default())
}

async fn shows_nothing_yet(browser: &Browser) -> WebDriverResult<()> {
    let source = browser.driver.source().await?;
    assert!(!["李雷", "E2000", "data-document", "data-finder"].iter().any(|word| source.contains(word)), "nothing of the list: {source}");
    Ok(())
}

/// Reads documents with the cursor wherever it is; each goes where documents go.
async fn reads(browser: &Browser) -> WebDriverResult<()> {
    browser.scans(&zone("E20000101")).await?;
    browser.waits_for("✓ 李雷").await?;
    // The keystrokes of a scan carry a time that is ahead of the one that goes by.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    browser.driver.find(By::Id("name")).await?.send_keys("周敏").await?;
    // Nobody reads a document within the time of one keystroke.
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    browser.scans("E20000103").await?;
    browser.waits_for("已读 2 / 3").await?;
    assert_eq!(value(browser, "name").await?, "周敏", "a document is no name, and signs nothing");
    for unknown in ["E20000104", "E99999999"] {
        browser.scans(unknown).await?;
        browser.waits_for(&format!("名单上没有人持此证件： {unknown}")).await?;
        browser.driver.find(By::Css("[data-extra]")).await?.click().await?;
        browser.waits_for("已记入名单外人员").await?;
    }
    browser.driver.find(By::Css("[data-untick]")).await?.click().await?;
    browser.driver.refresh().await?;
    browser.waits_for("已读 2 / 3").await?;
    let kept = "return [...document.querySelectorAll('.ticks input:checked[name=here]')].length + ' ' + [...document.querySelectorAll('[name=extra-number]')].map(row => row.value).join(' ').trim()";
    let kept = browser.driver.execute(kept, Vec::<Value>::new()).await?.convert::<String>()?;
    assert_eq!(kept, "2 E20000104 E99999999", "a reload loses nothing");
    assert_eq!(value(browser, "extra-kind-1").await?, "passport");
    Ok(())
}

on_both_engines! {
    fn a_guest_reads_documents_and_learns_nothing_of_the_list_before_the_count(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let program = Program::serve(db);
        program.lands("MU588", 101, 4);
        let people = brought_but(&program, "34A");
        let id = offer(&program.db.db, GROUP, COUNTY, &people);
        let link = program.db.db.write(move |tx| guest::link_add(tx, &by(GROUP), id, None)).unwrap();
        in_time(async {
            let browser = Browser::open(&driver_url, &program, (500, 900)).await?;
            browser.goes_to("/sign-in").await?;
            browser.reads("zh").await?;
            browser.goes_to(&format!("/guest/{}", link.secret.expose())).await?;
            browser.waits_for("校验码").await?;
            shows_nothing_yet(&browser).await?;
            // A document that is read too early leaves nothing in the code and sends nothing.
            browser.scans("E20000101").await?;
            browser.waits_for("请先清点人数").await?;
            assert_eq!(value(&browser, "code").await?, "");
            shows_nothing_yet(&browser).await?;
            // By hand, after the keystrokes of the scan, which carry a time that is ahead of the one that goes by.
            tokio::time::sleep(std::time::Duration::from_millis(600)).await;
            browser.driver.find(By::Id("code")).await?.click().await?;
            browser.strikes(link.code.expose(), 0.2).await?;
            assert_eq!(value(&browser, "code").await?, link.code.expose());
            browser.driver.find(By::Id("counted")).await?.send_keys("3" + Key::Enter).await?;
            browser.waits_for("与名单一致").await?;
            reads(&browser).await?;
            browser.driver.find(By::Css(".pressed button")).await?.send_keys(Key::Enter + "").await?;
            browser.waits_for("部分接收").await?;
            assert!(browser.says().await?.contains("名单外人员 2 人"), "{}", browser.says().await?);
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT outcome AS body FROM handoff_people WHERE outcome <> 'received' ORDER BY outcome"), ["extra", "missing"]);
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM named_documents"), ["2"]);
    }
}
