//! What a day's questions cost in the middle of a season: `due`, `totals`, the board, asked over HTTP about days all over the
//! season, with a hundred thousand and with a million people in the database.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::Days;
use jiezhuan::base::{Clock, IdSource};
use jiezhuan::db::{Db, Url};
use jiezhuan::figures;
use serde_json::{Value, json};

use super::engine::Engine;
use super::process::{self, Served};
use super::{people, roster, spread};

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
        let days = size / roster::A_DAY;
        live_through(&url, days)?;
        let token = people::token(folder, &url, "coordinator", &[])?;
        let served = Served::start(folder, &url)?;
        let mut asked = serde_json::Map::new();
        for (what, path) in [("due", "/api/v1/due?on="), ("totals", "/api/v1/totals?on=")] {
            asked.insert(what.into(), ask(&served, &token, path, days)?);
        }
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
    let mut sql = vec!["UPDATE travellers SET stock = 'in_shanghai' WHERE transfer_on IS NOT NULL".to_owned()];
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

fn ask(served: &Served, token: &str, path: &str, days: u64) -> Result<Value> {
    let agent = ureq::agent();
    let mut took = Vec::new();
    for n in 0..TIMES {
        // Days in an order that comes near each of them and jumps between them.
        let on = roster::first_day() + Days::new(n * 7_919 % days.max(1));
        let start = Instant::now();
        agent.get(format!("{}{path}{on}", served.base)).header("Authorization", format!("Bearer {token}")).call()?.body_mut().read_to_string()?;
        took.push(start.elapsed());
    }
    Ok(spread::of(&mut took, Duration::from_millis(1)))
}
