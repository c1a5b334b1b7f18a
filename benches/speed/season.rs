//! What questions cost in the middle of a season: `due`, `totals` and the pages, asked over HTTP about days all over the season, with a hundred thousand and with a million people in the database.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::{Days, NaiveDate};
use jiezhuan::base::{Clock, IdSource, time};
use jiezhuan::db::{Db, Url};
use jiezhuan::figures;
use serde_json::{Value, json};

use super::engine::Engine;
use super::process::{self, Served};
use super::{people, roster, spread};

/// What is asked, with a day behind it where it ends with `=` or `/`.
const QUESTIONS: [&str; 12] = [
    "/api/v1/due?on=",
    "/api/v1/totals?on=",
    "/",
    "/days",
    "/days/",
    "/balance?on=",
    "/trips?on=",
    "/trips/proposals?on=",
    "/receive",
    "/sites",
    "/admin/policies/people",
    "/desk",
];
/// So many days' people are in the chain.
const IN_THE_CHAIN: u64 = 12;
const DESK: &str = "desk-pvg";

/// How often each question is asked.
const TIMES: u64 = 200;

/// Asks in databases of these many people.
pub fn measure(engine: Engine, folder: &Path, sizes: &[u64]) -> Result<Value> {
    let mut all = Vec::new();
    for &size in sizes {
        let url = engine.fresh(folder);
        let file = roster::write(folder, size, 2)?;
        process::run(folder, &url, &["import", &file.to_string_lossy()])?;
        std::fs::remove_file(file)?;
        live_through(&url, size / roster::A_DAY)?;
        let days = (size / roster::A_DAY).saturating_sub(IN_THE_CHAIN);
        let token = people::token(folder, &url, "coordinator", &[])?;
        let served = Served::start(folder, &url)?;
        let desk = people::token(folder, &url, "airport_desk", &["--scope", DESK, "--organisation", DESK])?;
        let [coordinator, desk] = [&token, &desk].map(|token| Client { agent: ureq::agent(), base: &served.base, token });
        let mut asked = serde_json::Map::new();
        for path in QUESTIONS {
            let who = if path.starts_with("/desk") { &desk } else { &coordinator };
            let about = |on: NaiveDate| if path.len() > 1 && path.ends_with(['=', '/']) { format!("{path}{on}") } else { path.to_owned() };
            asked.insert(path.into(), who.ask(days, |who, _, on| who.get(&about(on)))?);
        }
        let listed: Value = serde_json::from_str(&coordinator.get("/api/v1/travellers?limit=200")?)?;
        let somebody: Vec<&str> = listed["items"].as_array().context("people")?.iter().filter_map(|person| person["id"].as_str()).collect();
        asked.insert("/people/".into(), coordinator.ask(days, |who, n, _| who.get(&format!("/people/{}", somebody[n as usize % somebody.len()])))?);
        let number = |n: u64| n * 7_919 % size;
        asked.insert("/search by name".into(), coordinator.ask(days, |who, n, _| who.search(&format!("旅客{}", number(n))))?);
        asked.insert("/search by document".into(), coordinator.ask(days, |who, n, _| who.search(&format!("E{:08}", number(n))))?);
        all.push(json!({ "travellers": size, "days": days, "a_day": roster::A_DAY, "milliseconds": asked }));
    }
    Ok(Value::Array(all))
}

/// Everybody's tests are taken and negative, their term passes, their days are closed: written straight into the tables, since
/// how people get there costs nothing of what is measured here.
fn live_through(url: &str, days: u64) -> Result<()> {
    let db = Db::open(Url::parse(url)?, 2, Clock::System, IdSource::random())?;
    let is_sqlite = matches!(db.url(), Url::Sqlite(_));
    let id = if is_sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let later = |days: u64| if is_sqlite { format!("date(happened_on, '{days} days')") } else { format!("happened_on + {days}") };
    // Who landed in the last days is in the chain and moves in these days, everybody else has left it. They landed years ago: without the date of their
    // release the program would release the rest too, beside what is measured.
    let lately = roster::first_day() + Days::new(days.saturating_sub(IN_THE_CHAIN));
    let shift = (time::civil_date(Clock::System.now()) - lately).num_days() - 4;
    let shifted = if is_sqlite { format!("date(transfer_on, '{shift} days')") } else { format!("transfer_on + {shift}") };
    let site = "(SELECT id FROM organisations WHERE code = 'site-310114-1')";
    let mut sql = vec![
        format!("UPDATE travellers SET stock = 'released', custodian_id = NULL WHERE transfer_on IS NULL OR transfer_on < '{lately}'"),
        format!(
            "UPDATE travellers SET stock = 'in_shanghai', custodian_id = {site}, release_on = '2999-01-01', transfer_on = {shifted} \
             WHERE transfer_on >= '{lately}'"
        ),
    ];
    for kind in ["nucleic_acid", "antibody"] {
        sql.push(format!(
            "INSERT INTO test_results (id, traveller_id, document_hash, kind, result, sampled_at, recorded_at, recorded_by) \
             SELECT {id}, id, document_hash, '{kind}', 'negative', landed_at, landed_at, 'lab' FROM travellers"
        ));
    }
    for (after, kind, from, to) in [
        (0, "admitted", "at_port", "in_shanghai"),
        (3, "boarded", "in_shanghai", "on_road"),
        (3, "received", "on_road", "at_destination"),
        (14, "released", "at_destination", "released"),
    ] {
        sql.push(format!(
            "INSERT INTO custody_flows (happened_on, recorded_at, is_late, province, city, policy, kind, from_stock, to_stock, n) \
             SELECT {}, recorded_at, is_late, province, city, policy, '{kind}', '{from}', '{to}', n FROM custody_flows WHERE kind = 'landed'",
            later(after),
        ));
    }
    if !is_sqlite {
        sql.push("ANALYZE".into());
    }
    db.write(move |tx| {
        sql.iter().try_for_each(|sql| tx.batch(sql))?;
        figures::close_days(tx, roster::first_day() + Days::new(days + 14))
    })?;
    Ok(())
}

/// A client of the service.
struct Client<'s> {
    agent: ureq::Agent,
    base: &'s str,
    token: &'s str,
}

impl Client<'_> {
    fn get(&self, path: &str) -> Result<String> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("Authorization", format!("Bearer {}", self.token));
        Ok(request.header("Accept", if path.starts_with("/api/") { "application/json" } else { "text/html" }).call()?.body_mut().read_to_string()?)
    }

    fn search(&self, text: &str) -> Result<String> {
        let request = self
            .agent
            .post(format!("{}/search", self.base))
            .config()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .header("Authorization", format!("Bearer {}", self.token));
        Ok(request.header("Accept", "text/html").send_form([("said", text)])?.body_mut().read_to_string()?)
    }

    /// How long this takes, about days in an order that comes near each of them and jumps between them; with the kilobytes of the longest answer.
    fn ask(&self, days: u64, ask: impl Fn(&Self, u64, NaiveDate) -> Result<String>) -> Result<Value> {
        let (mut took, mut longest) = (Vec::new(), 0);
        for n in 0..TIMES {
            let on = roster::first_day() + Days::new(n * 7_919 % days.max(1));
            let start = Instant::now();
            longest = ask(self, n, on)?.len().max(longest);
            took.push(start.elapsed());
        }
        let mut spread = spread::of(&mut took, Duration::from_millis(1));
        spread["kb"] = json!(longest / 1_000);
        Ok(spread)
    }
}
