//! Every page, in both languages, at the size of a desk and of a phone: nothing that axe-core finds serious, and no request that leaves
//! the host.

use chrono::TimeDelta;
use jiezhuan::access::Actor;
use jiezhuan::arrivals::flight::FlightNo;
use jiezhuan::arrivals::{self, Wanted};
use jiezhuan::base::Id;
use jiezhuan::base::page::PageRequest;
use jiezhuan::custody::{self, Offer};
use jiezhuan::dispatch::{self, Driving, Proposal};
use jiezhuan::fleet;
use serde_json::Value;
use thirtyfour::prelude::*;

use super::{Browser, Program, axe, driver, in_time};
use crate::support::people::{by, rulebook};
use crate::support::{Engine, TestDb};

/// What axe finds on the page: of each serious finding its rule, and where.
async fn findings(browser: &Browser, axe: &str) -> WebDriverResult<Vec<String>> {
    browser.driver.execute(axe, Vec::<Value>::new()).await?;
    let run = "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })\
               .then(found => done(found.violations.filter(one => ['serious', 'critical'].includes(one.impact))\
               .map(one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')).join(', '))));";
    browser.driver.execute_async(run, Vec::<Value>::new()).await?.convert()
}

/// The hosts that the page and its files came from.
async fn foreign(browser: &Browser) -> WebDriverResult<Vec<String>> {
    let loaded =
        "return performance.getEntriesByType('resource').map(one => one.name).filter(name => !name.startsWith(location.origin) && !name.startsWith('data:'));";
    browser.driver.execute(loaded, Vec::<Value>::new()).await?.convert()
}

/// The pages of somebody who may see all of them.
fn pages(program: &Program) -> Vec<String> {
    let db = &program.db.db;
    let flight = db.read(|conn| arrivals::landings_of(conn, &Actor::operator(), &FlightNo::parse("MU588").unwrap(), 1)).unwrap()[0].id;
    let wanted = Wanted { flight: Some(flight), ..Wanted::default() };
    let people = db.read(|conn| arrivals::list(conn, &Actor::operator(), wanted, PageRequest::new(None, None))).unwrap().items;
    let is_alone = |person: &&arrivals::Traveller| people.iter().filter(|other| other.party == person.party).count() == 1;
    let (alone, couple) = (people.iter().find(is_alone).unwrap(), people.iter().find(|person| !is_alone(person)).unwrap());
    let travellers = vec![alone.id];
    let offer = Offer { to_organisation: "work-group-32".parse().unwrap(), trip: None, travellers, answer_by: None };
    let handoff = db.write(move |tx| custody::offer(tx, &by("desk-pvg"), &rulebook().routes, offer.clone())).unwrap().id;
    let mut pages: Vec<String> =
        ["/", "/?wall=1", "/desk", "/receive", "/trips", "/trips/new", "/admin/users", "/admin/policies?landed_at=2020-09-15T12:00&to=320500"]
            .map(str::to_owned)
            .into();
    pages.extend(
        [
            "/admin/policies/people",
            "/admin/policies/people?rule=7%2B7@1",
            "/receive?state=ended",
            "/receive/owed?of=desk-pvg",
            "/admin/organisations",
            "/admin/fleet",
            "/admin/audit",
            "/admin/outbox",
            "/admin/health",
        ]
        .map(str::to_owned),
    );
    pages.extend(["/days", "/days/roots", "/days/2020-09-13", "/balance", "/account"].map(str::to_owned));
    pages.extend([format!("/desk/people/{}", couple.id), format!("/desk/people/{}/slip", couple.id), format!("/people/{}", couple.id)]);
    let day = "2020-09-15".parse().unwrap();
    let trip = db.read(|conn| dispatch::trips_on(conn, &Actor::operator(), day)).unwrap().first().expect("the season has trips on every day").trip.id;
    pages.extend([
        "/trips?on=2020-09-15".into(),
        "/trips?on=2020-09-16&city=320500".into(),
        format!("/trips/{trip}"),
        format!("/trips/{trip}/sheet"),
        format!("/trips/{trip}/papers"),
    ]);
    pages.extend([format!("/flights/{}", couple.flight), format!("/receive/{handoff}"), format!("/receive/{handoff}/sheet")]);
    let member = db.read(|conn| fleet::staff_list(conn, &Actor::operator(), &PageRequest::new(None, Some(1)))).unwrap().items[0].id;
    let vehicle = db.read(|conn| fleet::vehicles_in_service(conn, &Actor::operator())).unwrap()[0].id;
    pages.extend([format!("/admin/fleet/staff/{member}"), format!("/admin/fleet/vehicles/{vehicle}"), "/admin/fleet/vehicles/new".into()]);
    let link = db.write(move |tx| custody::guest::link_add(tx, &by("desk-pvg"), handoff, None)).unwrap();
    pages.extend(["/statements?one=desk-pvg&other=work-group-32".into(), format!("/guest/{}", link.secret.expose())]);
    pages
}

/// A proposal for the day after the season.
fn proposed(program: &Program) -> Id<Proposal> {
    let (db, disinfection) = (&program.db.db, TimeDelta::minutes(60));
    let on = "2020-09-16".parse().unwrap();
    let day = db.read(|conn| dispatch::day(conn, &Actor::operator(), rulebook(), &Driving::embedded()?, disinfection, on)).unwrap();
    assert!(!day.parties.is_empty(), "somebody is due after the season");
    let id = db.write(move |tx| dispatch::proposal_start(tx, &Actor::operator(), &day, 1)).unwrap().id;
    dispatch::proposal_search(db, id, 1, &|| false).unwrap();
    id
}

#[test]
fn no_page_has_a_serious_fault_of_accessibility_or_asks_another_host() {
    let (Some((_driver, driver_url)), Some(axe)) = (driver(), axe()) else { return };
    let Some(db) = TestDb::on(Engine::Sqlite) else { return };
    let mut program = Program::at_rest(db);
    let season = ["simulate", "--from", "2020-09-12", "--to", "2020-09-15", "--travellers", "160"];
    assert_eq!(program.run(&season)["verify"]["ok"], true, "a few days in the records");
    program.lands("MU588", 101, 5);
    let mut pages = pages(&program);
    pages.extend(["/trips/proposals?on=2020-09-20".into(), format!("/trips/proposals/{}", proposed(&program))]);
    // Once it serves, its jobs release everybody of the season, and nobody would be due.
    program.start("127.0.0.1:0");
    let password = program.account("root", "administrator", "all", Some("work-group-32"));
    let faults = in_time(async {
        let mut faults = Vec::new();
        for (size, language) in [((1280, 900), "zh"), ((500, 900), "zh"), ((1280, 900), "en")] {
            let browser = Browser::open(&driver_url, &program, size).await?;
            browser.goes_to("/sign-in").await?;
            browser.reads(language).await?;
            faults.extend(findings(&browser, &axe).await?);
            browser.signs_in("root", &password).await?;
            for page in &pages {
                browser.goes_to(page).await?;
                let here = format!("{page} in {language} at {}", size.0);
                assert!(!browser.says().await?.contains("Unknown localization"), "{here}");
                faults.extend(findings(&browser, &axe).await?.into_iter().map(|fault| format!("{here}: {fault}")));
                faults.extend(foreign(&browser).await?.into_iter().map(|url| format!("{here} asks for {url}")));
            }
            browser.closes().await?;
        }
        Ok(faults)
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
