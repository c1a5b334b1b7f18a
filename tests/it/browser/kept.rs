//! The pages of receiving that a phone keeps: only as long as they are of use, and not when the phone is lost; what was signed and waits stays.

use chrono::TimeDelta;
use jiezhuan::access::Actor;
use jiezhuan::custody::{self, phone};
use serde_json::Value;
use thirtyfour::prelude::*;

use super::receipt::{at_a_list_that_is_kept, keys, presses, serves_an_offer};
use super::{Browser, driver, in_time};
use crate::support::people::by;
use crate::support::{TestDb, on_both_engines};

/// The paths of the pages that are kept.
async fn kept(browser: &Browser) -> WebDriverResult<Vec<String>> {
    let look = "const done = arguments[arguments.length - 1]; caches.open('receive').then((cache) => cache.keys())\
                .then((keys) => done(keys.map((request) => new URL(request.url).pathname).filter((path) => path.startsWith('/receive')).sort()));";
    browser.driver.execute_async(look, Vec::<Value>::new()).await?.convert()
}

async fn waits_until_kept(browser: &Browser, what: &str, is_so: impl Fn(&[String]) -> bool) -> WebDriverResult<()> {
    browser.waits_until(what, || async { Ok(is_so(&kept(browser).await?)) }).await
}

async fn waiting(browser: &Browser) -> WebDriverResult<i64> {
    browser.driver.execute("return JSON.parse(localStorage.getItem('outbox') || '[]').length", Vec::<Value>::new()).await?.convert()
}

on_both_engines! {
    fn a_lost_phone_keeps_no_page_once_it_reaches_the_server_and_what_it_signed_stays(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let (mut program, id, password) = serves_an_offer(db);
        let path = format!("/receive/{id}");
        in_time(async {
            let browser = at_a_list_that_is_kept(&driver_url, &program, id, &password).await?;
            browser.waits_until("the enrolment", || async { Ok(keys(&program).len() == 1) }).await?;
            waits_until_kept(&browser, "the list to be kept", |kept| kept.contains(&path)).await?;
            program.server = None;
            presses(&browser).await?;
            browser.waits_for("尚未送达").await?;
            let key = keys(&program)[0].id;
            program.db.db.write(move |tx| phone::take_back(tx, &Actor::operator(), key)).unwrap();
            assert!(kept(&browser).await?.contains(&path), "without a network nobody has told the phone");
            program.restart();
            waits_until_kept(&browser, "no page to be kept", <[String]>::is_empty).await?;
            program.server = None;
            assert_eq!(waiting(&browser).await?, 1, "what was signed stays on the phone");
            // A browser without the page and without a network has only words of its own.
            browser.goes_to(&path).await.ok();
            assert!(!browser.driver.source().await?.contains("李雷"));
            program.restart();
            browser.signs_in("jiangsu", &password).await?;
            browser.goes_to(&path).await?;
            browser.waits_for("另有手机签名未采用：jiangsu").await?;
            browser.waits_until("the delivery", || async { Ok(waiting(&browser).await? == 0) }).await?;
            // Whoever leaves, from whatever page, leaves no page behind.
            waits_until_kept(&browser, "the list to be kept again", |kept| kept.contains(&path)).await?;
            browser.goes_to("/account").await?;
            browser.driver.find(By::Css("form[action='/sign-out'] button")).await?.send_keys(Key::Enter + "").await?;
            browser.waits_until("the page to sign in", || async { Ok(browser.path().await? == "/sign-in") }).await?;
            waits_until_kept(&browser, "no page to be kept", <[String]>::is_empty).await?;
            browser.closes().await
        });
    }

    fn pages_of_offers_that_are_over_are_dropped_and_of_those_that_wait_are_kept(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let (program, id, password) = serves_an_offer(db);
        let path = format!("/receive/{id}");
        in_time(async {
            let browser = at_a_list_that_is_kept(&driver_url, &program, id, &password).await?;
            // A page of an offer that was seen more than a day ago, and one of this hour.
            for (page, ago) in [("/receive/old", TimeDelta::hours(25)), ("/receive/new", TimeDelta::hours(1))] {
                let date = (jiezhuan::base::Clock::System.now() - ago).format("%a, %d %b %Y %H:%M:%S GMT");
                let put = format!(
                    "const done = arguments[arguments.length - 1]; caches.open('receive').then((cache) => cache.put('{page}', new Response('kept', {{ headers: {{ Date: '{date}' }} }}))).then(() => done(1));"
                );
                browser.driver.execute_async(put, Vec::<Value>::new()).await?;
            }
            browser.goes_to("/receive").await?;
            browser.waits_for("浦东机场接转专班").await?;
            waits_until_kept(&browser, "what is old to be dropped", |kept| !kept.contains(&"/receive/old".to_owned())).await?;
            let still = kept(&browser).await?;
            assert!(still.contains(&path) && still.contains(&"/receive/new".to_owned()), "{still:?}");
            // The giver takes it back; the phone hears of it with the next list that it shows.
            program.db.db.write(move |tx| custody::withdraw(tx, &by("desk-pvg"), id, None, "no coach".parse().unwrap())).unwrap();
            browser.goes_to("/receive").await?;
            waits_until_kept(&browser, "what has ended to be dropped", |kept| !kept.contains(&path)).await?;
            // And it is not kept when it is looked at again.
            browser.goes_to(&path).await?;
            browser.waits_for("撤回").await?;
            browser.goes_to("/receive").await?;
            browser.waits_for("最近了结").await?;
            assert!(!kept(&browser).await?.contains(&path));
            browser.closes().await
        });
    }
}
