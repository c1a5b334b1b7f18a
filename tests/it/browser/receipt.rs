//! Receiving on a phone: blind count, ticks, signature by keyboard alone; and two who sign at the same moment.

use jiezhuan::access::{Actor, PublicKey, Purpose};
use jiezhuan::arrivals::{self, Wanted};
use jiezhuan::base::page::PageRequest;
use jiezhuan::custody::phone;
use jiezhuan::custody::{self, HandoffId, Offer};
use thirtyfour::prelude::*;

use super::{Browser, Program, driver, in_time};
use crate::support::people::{by, execute, organisation, rulebook};
use crate::support::{TestDb, on_both_engines};

const PHONE: (u32, u32) = (500, 900);

/// Everybody at the desk is offered to Jiangsu's work group.
fn offered(program: &Program) -> HandoffId {
    offered_but(program, "")
}

/// Everybody at the desk but those in one seat.
fn offered_but(program: &Program, seat: &str) -> HandoffId {
    let db = &program.db.db;
    let wanted = Wanted { custodian: Some(organisation("desk-pvg")), ..Wanted::default() };
    let people = db.read(|conn| arrivals::list(conn, &Actor::operator(), wanted, PageRequest::new(None, None))).unwrap();
    let travellers: Vec<_> = people.items.iter().filter(|person| person.seat.as_deref() != Some(seat)).map(|person| person.id).collect();
    let offer = Offer { to_organisation: "work-group-32".parse().unwrap(), trip: None, travellers, answer_by: None };
    db.write(move |tx| custody::offer(tx, &by("desk-pvg"), &rulebook().routes, offer.clone())).unwrap().id
}

/// The user `jiangsu` of that work group; the password.
fn jiangsu(program: &Program) -> String {
    program.account("jiangsu", "provincial_group", "320000", Some("work-group-32"))
}

/// A program in which three people who have landed are offered to that group: the offer, and the password of `jiangsu`.
pub fn serves_an_offer(db: TestDb) -> (Program, HandoffId, String) {
    let program = Program::serve(db);
    program.lands("MU588", 101, 3);
    let (id, password) = (offered(&program), jiangsu(&program));
    (program, id, password)
}

async fn receives_all_but_one(browser: &Browser) -> WebDriverResult<()> {
    browser.waits_for("浦东机场接转专班").await?;
    // A browser puts the cursor where the page wants it a moment after the page is there.
    browser
        .waits_until("the cursor in the first offer", || async {
            Ok(browser.driver.active_element().await?.class_name().await?.unwrap_or_default().contains("offer"))
        })
        .await?;
    browser.types(Key::Enter + "").await?;
    browser.waits_for("实到多少人").await?;
    let source = browser.driver.source().await?;
    let main = &source[source.find("<main").unwrap()..source.find("</main>").unwrap()];
    // The digit of the pad is the only five there is.
    let without_pad: String = main.split("<div class=\"pad").next().unwrap().to_owned() + main.split("class=\"primary full\"").nth(1).unwrap();
    assert!(!main.contains("李雷") && !without_pad.contains(">5<") && !without_pad.contains("5 人"), "nothing of the list and its number is on the page");
    browser.types("4" + Key::Enter).await?;
    browser.waits_for("相差 1 人").await?;
    assert!(browser.says().await?.contains("李雷"));
    browser.types(" ").await?;
    browser.waits_for("未到").await?;
    browser.types(Key::Enter + "").await?;
    browser.waits_for("部分接收").await?;
    assert!(browser.says().await?.contains("实收 4 人"));
    Ok(())
}

/// The phone of somebody who has signed in and counted three heads, at a list that it keeps when the network goes.
pub async fn at_a_list_that_is_kept(driver_url: &str, program: &Program, id: HandoffId, password: &str) -> WebDriverResult<Browser> {
    let browser = Browser::open(driver_url, program, PHONE).await?;
    browser.signs_in("jiangsu", password).await?;
    counts(&browser, id, "3").await?;
    // Once more, now that the worker is there to keep the page.
    browser.goes_to(&format!("/receive/{id}")).await?;
    browser.waits_for("与名单一致").await?;
    Ok(browser)
}

async fn counts(browser: &Browser, id: HandoffId, heads: &str) -> WebDriverResult<()> {
    browser.goes_to(&format!("/receive/{id}")).await?;
    browser.types(heads + Key::Enter).await?;
    browser.waits_for("与名单一致").await
}

async fn signs(browser: &Browser) -> WebDriverResult<String> {
    browser.driver.find(By::Css(".pressed button")).await?.click().await?;
    browser.waits_for("已接收").await?;
    Ok(format!("{}\n{}", browser.says().await?, browser.line().await?))
}

/// Presses the button to sign by keyboard: where the list begins far down, a mouse would have to scroll to it first.
pub async fn presses(browser: &Browser) -> WebDriverResult<()> {
    browser.driver.find(By::Css(".pressed button")).await?.send_keys(Key::Enter + "").await
}

/// Opens what refuses them all, says why and signs.
async fn refuses(browser: &Browser, reason: &str) -> WebDriverResult<()> {
    let summary = browser.driver.find(By::XPath("//details[.//form[contains(@action, '/refuse')]]/summary")).await?;
    summary.send_keys(Key::Enter + "").await?;
    browser.driver.find(By::Id("reason")).await?.send_keys(reason).await?;
    browser.driver.find(By::Id("reason")).await?.send_keys(Key::Enter + "").await
}

/// The keys of the phones of `jiangsu`.
pub fn keys(program: &Program) -> Vec<phone::PhoneKey> {
    let of = "jiangsu".parse().unwrap();
    program.db.db.read(|conn| phone::keys_of(conn, &Actor::operator(), Some(&of), PageRequest::new(None, None))).unwrap().items
}

/// On a phone whose session has ended with its key: signs in again from where it says so, and signs what does not count once more.
async fn signs_again(browser: &Browser, id: HandoffId, password: &str) -> WebDriverResult<()> {
    browser.waits_until("the word that signing in is needed", || async { Ok(browser.line().await?.contains("请重新登录")) }).await?;
    assert!(browser.says().await?.contains("李雷"), "what was on the page is still there");
    browser.driver.find(By::Css("#line-state a")).await?.click().await?;
    browser.waits_until("the page to sign in", || async { Ok(browser.path().await? == "/sign-in") }).await?;
    browser.types(format!("jiangsu{}", Key::Tab + password + Key::Enter)).await?;
    browser
        .waits_until("the word that the key was taken back", || async {
            Ok(browser.line().await?.contains("已于") && browser.line().await?.contains("收回。 所签内容已原样留存"))
        })
        .await?;
    browser.waits_for("另有手机签名未采用：jiangsu").await?;
    assert_eq!(browser.path().await?, format!("/receive/{id}"));
    assert!(!browser.line().await?.contains("待发送"), "nothing waits any more");
    presses(browser).await?;
    browser.waits_for("部分接收").await?;
    let said = browser.says().await?;
    assert!(said.contains("实收 2 人"), "the ticks are as they were: {said}");
    assert!(said.contains("手机签名：jiangsu") && said.contains("另有手机签名未采用：jiangsu"), "{said}");
    assert_eq!(browser.line().await?, "");
    Ok(())
}

/// The machine-readable zone of a passport with this number, the check digits left open.
pub fn zone(number: &str) -> String {
    format!("{:<<44}{number}0CHN9001011M3001012{:<<16}", "P<CHNLI<<LEI", "")
}

async fn reads_documents(browser: &Browser, id: HandoffId) -> WebDriverResult<()> {
    browser.goes_to(&format!("/receive/{id}")).await?;
    browser.waits_for("实到多少人").await?;
    // A document that is read too early leaves nothing in the count and sends nothing.
    for early in ["E20000101", "310101199001011234"] {
        browser.scans(early).await?;
        browser.waits_for("请先清点人数").await?;
        assert_eq!(browser.driver.find(By::Id("counted")).await?.prop("value").await?.unwrap_or_default(), "");
        // The keystrokes of a scan carry a time that is ahead of the one that goes by.
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    }
    browser.types("3" + Key::Enter).await?;
    browser.waits_for("与名单一致").await?;
    browser.scans(&zone("E20000101")).await?;
    browser.waits_for("✓ 李雷").await?;
    browser.scans("e20000103").await?;
    browser.waits_for("已读 2 / 3").await?;
    browser.scans("E20000101").await?;
    browser.waits_for("已经读过： 李雷").await?;
    browser.scans("E20000104").await?;
    browser.waits_for("名单上没有人持此证件： E20000104").await?;
    browser.driver.find(By::Css("[data-extra]")).await?.click().await?;
    browser.waits_for("已记入名单外人员").await?;
    browser.driver.find(By::Css("[data-untick]")).await?.click().await?;
    browser.driver.refresh().await?;
    browser.waits_for("已读 2 / 3").await?;
    let ticked = "return [...document.querySelectorAll('.ticks input:checked[name=here]')].length + ' ' + document.querySelector('#extras').value";
    let kept = browser.driver.execute(ticked, Vec::<serde_json::Value>::new()).await?.convert::<String>()?;
    assert_eq!(kept, "2 E20000104", "a reload loses nothing");
    browser.driver.find(By::Css(".pressed button")).await?.click().await?;
    browser.waits_for("部分接收").await?;
    assert!(browser.says().await?.contains("实收 3 人"), "{}", browser.says().await?);
    Ok(())
}

on_both_engines! {
    fn documents_are_read_at_the_bus_stop_and_who_is_not_on_the_list_is_named(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let program = Program::serve(db);
        program.lands("MU588", 101, 4);
        let id = offered_but(&program, "34A");
        let password = jiangsu(&program);
        in_time(async {
            let browser = Browser::open(&driver_url, &program, PHONE).await?;
            browser.signs_in("jiangsu", &password).await?;
            reads_documents(&browser, id).await?;
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT outcome AS body FROM handoff_people ORDER BY outcome"), ["extra", "missing", "received", "received"]);
    }

    fn a_work_group_receives_by_keyboard_and_counts_blind(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let program = Program::serve(db);
        // The couple of this flight would be split by taking one only.
        program.lands("MU588", 101, 5);
        offered(&program);
        let password = jiangsu(&program);
        in_time(async {
            let browser = Browser::open(&driver_url, &program, PHONE).await?;
            browser.signs_in("jiangsu", &password).await?;
            receives_all_but_one(&browser).await?;
            browser.closes().await
        });
        let with = program.db.column("SELECT o.code AS body FROM travellers t JOIN organisations o ON o.id = t.custodian_id ORDER BY o.code");
        assert_eq!(with, ["desk-pvg", "work-group-32", "work-group-32", "work-group-32", "work-group-32"]);
    }

    fn a_receipt_that_was_signed_without_a_network_is_delivered_once(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let (mut program, id, password) = serves_an_offer(db);
        in_time(async {
            let browser = at_a_list_that_is_kept(&driver_url, &program, id, &password).await?;
            program.server = None;
            browser.driver.find(By::Css(".pressed button")).await?.click().await?;
            browser.waits_until("the word that it waits", || async { Ok(browser.line().await?.contains("待发送 1")) }).await?;
            browser.driver.goto("about:blank").await?;
            browser.goes_to(&format!("/receive/{id}")).await?;
            browser.waits_until("the same word on the page that was kept", || async { Ok(browser.line().await?.contains("待发送 1")) }).await?;
            assert!(browser.says().await?.contains("李雷"), "the list is there without a network");
            program.restart();
            browser.waits_for("实收 3 人").await?;
            assert!(browser.says().await?.contains("手机签名：jiangsu"), "signed by the phone itself");
            assert_eq!(browser.line().await?, "", "nothing waits any more");
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT state AS body FROM handoffs"), ["accepted"]);
        let kept = program.db.db.read(|conn| custody::phone::receipts_of(conn, &Actor::operator(), id)).unwrap();
        let key = PublicKey::read(kept[0].public_key).unwrap();
        assert!(kept.len() == 1 && kept[0].is_merged && key.recognises(Purpose::Receipt, kept[0].said.as_bytes(), &kept[0].signature));
        assert!(kept[0].said.contains("paper=JZ1.") && kept[0].said.contains("happened_at="), "{}", kept[0].said);
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM custody_entries WHERE seq = 2"), ["3"]);
    }

    fn a_refusal_that_was_signed_without_a_network_waits_honestly_and_is_delivered_once(db: TestDb) {
        const UNSENT: &str = "拒收已签字并保存在这部手机上，尚未送达";
        let Some((_driver, driver_url)) = driver() else { return };
        let (mut program, id, password) = serves_an_offer(db);
        in_time(async {
            let browser = Browser::open(&driver_url, &program, PHONE).await?;
            browser.signs_in("jiangsu", &password).await?;
            // Nobody has counted yet: the page tells nothing of the list, and can be refused all the same.
            for _ in 0..2 {
                browser.goes_to(&format!("/receive/{id}")).await?;
                browser.waits_for("实到多少人").await?;
            }
            browser.waits_until("the enrolment", || async { Ok(keys(&program).len() == 1) }).await?;
            program.server = None;
            refuses(&browser, "没有床位").await?;
            browser.waits_for(UNSENT).await?;
            browser.waits_until("the word that it waits", || async { Ok(browser.line().await?.contains("待发送 1")) }).await?;
            assert!(!browser.driver.find(By::Css("form[data-queue] button")).await?.is_enabled().await?, "signed once");
            browser.driver.goto("about:blank").await?;
            browser.goes_to(&format!("/receive/{id}")).await?;
            browser.waits_for(UNSENT).await?;
            assert!(browser.line().await?.contains("待发送 1"));
            program.restart();
            browser.waits_for("拒收").await?;
            browser.waits_for("没有床位").await?;
            browser.waits_for("手机签名：jiangsu").await?;
            assert!(browser.line().await?.is_empty() && !browser.says().await?.contains("尚未送达"), "nothing waits any more");
            browser.driver.refresh().await?;
            browser.waits_for("没有床位").await?;
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT state || ' ' || reason AS body FROM handoffs"), ["refused 没有床位"]);
        let kept = program.db.db.read(|conn| phone::receipts_of(conn, &Actor::operator(), id)).unwrap();
        assert!(kept.len() == 1 && kept[0].is_merged && kept[0].said.starts_with("answer=refuse&paper=JZ1."), "{kept:?}");
        assert!(PublicKey::read(kept[0].public_key).unwrap().recognises(Purpose::Receipt, kept[0].said.as_bytes(), &kept[0].signature));
        assert_eq!(program.db.column("SELECT kind AS body FROM events WHERE kind LIKE 'handoff_refused%' OR kind LIKE '%aside' OR kind LIKE '%conflict'"), ["handoff_refused"]);
    }

    fn what_a_phone_signed_stays_on_it_until_the_server_has_kept_it(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let (mut program, id, password) = serves_an_offer(db);
        in_time(async {
            let browser = at_a_list_that_is_kept(&driver_url, &program, id, &password).await?;
            browser.waits_until("the enrolment", || async { Ok(keys(&program).len() == 1) }).await?;
            program.server = None;
            // Nobody in the chain has this document: what is signed so does not count.
            browser.driver.execute("document.querySelector('#extras').value = 'E99999999'", Vec::<serde_json::Value>::new()).await?;
            presses(&browser).await?;
            browser.waits_for("已签字并保存在这部手机上，尚未送达").await?;
            // The server has lost the key meanwhile, as one does that was restored from an older backup.
            execute(&program.db.db, "DELETE FROM phone_keys").unwrap();
            program.restart();
            browser.waits_until("the word that it does not count", || async { Ok(browser.line().await?.contains("没有证件号 E99999999")) }).await?;
            let line = browser.line().await?;
            assert!(line.contains("所签内容已原样留存，但不作数，并已告知双方") && !line.contains("待发送"), "why, and what to do: {line}");
            browser.waits_for("另有手机签名未采用：jiangsu").await?;
            assert!(browser.says().await?.contains("名单外人员的证件号查无此人"), "{}", browser.says().await?);
            browser.driver.execute("document.querySelector('#extras').value = ''", Vec::<serde_json::Value>::new()).await?;
            presses(&browser).await?;
            browser.waits_for("实收 3 人").await?;
            browser.closes().await
        });
        let kept = program.db.db.read(|conn| phone::receipts_of(conn, &Actor::operator(), id)).unwrap();
        assert_eq!(kept.iter().map(|receipt| receipt.because.as_deref()).collect::<Vec<_>>(), [Some("extra_unknown"), None]);
        assert_eq!(program.db.column("SELECT kind AS body FROM events WHERE kind = 'handoff_receipt_set_aside'").len(), 1);
    }

    fn a_receipt_that_waits_on_a_phone_whose_key_was_taken_back_is_kept_told_and_given_again(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let (mut program, id, password) = serves_an_offer(db);
        in_time(async {
            let browser = at_a_list_that_is_kept(&driver_url, &program, id, &password).await?;
            browser.waits_until("the enrolment", || async { Ok(keys(&program).len() == 1) }).await?;
            program.server = None;
            browser.driver.find_all(By::Css(".ticks input[name=here]")).await?.last().unwrap().send_keys(" ").await?;
            browser.waits_for("未到").await?;
            presses(&browser).await?;
            browser.waits_until("the word that it waits", || async { Ok(browser.line().await?.contains("待发送 1")) }).await?;
            let key = keys(&program)[0].id;
            program.db.db.write(move |tx| phone::take_back(tx, &Actor::operator(), key)).unwrap();
            program.restart();
            signs_again(&browser, id, &password).await?;
            browser.closes().await
        });
        assert_eq!(program.db.column("SELECT state AS body FROM handoffs"), ["accepted_with_exceptions"]);
        let kept = program.db.db.read(|conn| phone::receipts_of(conn, &Actor::operator(), id)).unwrap();
        let keys = keys(&program);
        assert_eq!(kept.iter().map(|receipt| receipt.is_merged).collect::<Vec<_>>(), [false, true]);
        assert_eq!(keys.iter().map(|key| (key.public_key, key.taken_back_at.is_some())).collect::<Vec<_>>(), [(kept[0].public_key, true), (kept[1].public_key, false)]);
        assert_ne!(keys[0].session, keys[1].session, "the other key is of the other session");
        for receipt in &kept {
            assert!(PublicKey::read(receipt.public_key).unwrap().recognises(Purpose::Receipt, receipt.said.as_bytes(), &receipt.signature));
            assert_eq!((receipt.said.matches("listed=").count(), receipt.said.matches("here=").count()), (3, 2), "word for word: {}", receipt.said);
        }
        assert_eq!(program.db.column("SELECT kind AS body FROM events WHERE kind = 'handoff_receipt_set_aside'").len(), 1);
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM custody_entries WHERE seq = 2"), ["2"]);
    }

    fn of_two_browsers_that_sign_one_offer_one_wins_and_the_other_is_told(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let program = Program::serve(db);
        program.lands("MU588", 101, 3);
        let id = offered(&program);
        let passwords = ["first", "second"].map(|name| (name, program.account(name, "provincial_group", "320000", Some("work-group-32"))));
        let said = in_time(async {
            let (one, other) = (Browser::open(&driver_url, &program, PHONE).await?, Browser::open(&driver_url, &program, PHONE).await?);
            one.signs_in(passwords[0].0, &passwords[0].1).await?;
            other.signs_in(passwords[1].0, &passwords[1].1).await?;
            counts(&one, id, "3").await?;
            other.goes_to(&format!("/receive/{id}")).await?;
            other.waits_for("与名单一致").await?;
            let (a, b) = tokio::join!(signs(&one), signs(&other));
            let said = [a?, b?];
            one.closes().await?;
            other.closes().await?;
            Ok(said)
        });
        let told = said.iter().filter(|said| said.contains("此次交接已了结")).count();
        assert!(told == 1 && said.iter().all(|said| said.contains("实收 3 人")), "{said:?}");
        assert_eq!(program.db.column("SELECT state AS body FROM handoffs"), ["accepted"]);
        assert_eq!(program.db.column("SELECT CAST(COUNT(*) AS TEXT) AS body FROM custody_entries WHERE seq = 2"), ["3"]);
    }
}
