//! Confirmations over HTTP: 32 connections accept handoffs of one person each, every answer after a commit that survives a power
//! cut. Beside it, in the same run, what `pgbench` gets with as many connections when it does the least that a confirmation is:
//! look at a state, change one row, add two, commit.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diesel::{QueryableByName, RunQueryDsl as _};
use jiezhuan::access::Actor;
use jiezhuan::arrivals::TravellerId;
use jiezhuan::base::{Clock, IdSource};
use jiezhuan::custody::{self, HandoffId, Offer};
use jiezhuan::db::{Db, Key, Url};
use jiezhuan::policy::Rulebook;
use serde_json::{Value, json};

use super::engine::Engine;
use super::process::{self, Served};
use super::{people, postgres, roster, spread};

const CONNECTIONS: usize = 32;
const RECEIVER: &str = "site-310114-1";

/// Accepts `n` handoffs as fast as they go, then as many at half that pace.
pub fn measure(engine: Engine, folder: &Path, n: u64) -> Result<Value> {
    let url = engine.fresh(folder);
    let file = roster::write(folder, 2 * n, 1)?;
    process::run(folder, &url, &["import", &file.to_string_lossy()])?;
    let handoffs = offer_everybody(&url)?;
    let token = people::token(folder, &url, "site", &["--scope", RECEIVER, "--organisation", RECEIVER])?;
    let served = Served::start(folder, &url)?;
    let (flat_out, paced) = handoffs.split_at(handoffs.len() / 2);
    let cpu = process::cpu_seconds(&served.child)?;
    let (rate, mut took) = accept(&served, &token, flat_out, None)?;
    let cpu = process::cpu_seconds(&served.child)? - cpu;
    let (_, mut took_paced) = accept(&served, &token, paced, Some(rate / 2.0))?;
    Ok(json!({
        "connections": CONNECTIONS,
        "confirmations": flat_out.len(),
        "per_second": rate,
        "milliseconds": spread::of(&mut took, Duration::from_millis(1)),
        "milliseconds_at_half_the_pace": spread::of(&mut took_paced, Duration::from_millis(1)),
        "server_cpu_ms_each": cpu * 1000.0 / flat_out.len() as f64,
    }))
}

#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = Key)]
    id: TravellerId,
}

/// The desk offers each person alone.
fn offer_everybody(url: &str) -> Result<Vec<HandoffId>> {
    let db = Db::open(Url::parse(url)?, 2, Clock::System, IdSource::random())?;
    // They landed years ago: without this the program would release whoever was just received, beside what is measured.
    db.write(|tx| tx.batch("UPDATE travellers SET release_on = '2999-01-01'"))?;
    let people: Vec<Person> = db.read(|conn| Ok(diesel::sql_query("SELECT id FROM travellers").load(conn)?))?;
    let desk = Actor::operator_for("desk-pvg".parse().ok().context("a code")?);
    let receiver: jiezhuan::access::OrganisationCode = RECEIVER.parse().ok().context("a code")?;
    let rulebook = Arc::new(Rulebook::embedded()?);
    let mut handoffs = Vec::new();
    for part in people.chunks(500) {
        let part: Vec<TravellerId> = part.iter().map(|person| person.id).collect();
        let (desk, receiver, rulebook) = (desk.clone(), receiver.clone(), Arc::clone(&rulebook));
        handoffs.extend(db.write(move |tx| {
            let offer = |id: &TravellerId| Offer { to_organisation: receiver.clone(), trip: None, travellers: vec![*id], answer_by: None };
            part.iter().map(|id| Ok(custody::offer(tx, &desk, &rulebook.routes, offer(id))?.id)).collect::<jiezhuan::base::Result<Vec<_>>>()
        })?);
    }
    Ok(handoffs)
}

/// Accepts each; the confirmations a second, and how long each took from its request, or from when it should have been sent.
fn accept(served: &Served, token: &str, handoffs: &[HandoffId], pace: Option<f64>) -> Result<(f64, Vec<Duration>)> {
    let took = Mutex::new(Vec::with_capacity(handoffs.len()));
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|worker| {
                let took = &took;
                scope.spawn(move || -> Result<()> {
                    let agent = ureq::agent();
                    let mut own = Vec::new();
                    for (n, id) in handoffs.iter().enumerate().skip(worker).step_by(CONNECTIONS) {
                        let due = pace.map_or_else(Instant::now, |pace| start + Duration::from_secs_f64(n as f64 / pace));
                        std::thread::sleep(due.saturating_duration_since(Instant::now()));
                        let path = format!("{}/api/v1/handoffs/{id}/accept", served.base);
                        let request = agent.post(path).header("Authorization", format!("Bearer {token}")).header("Idempotency-Key", format!("accept-{id}"));
                        request.send_json(json!({ "counted": 1 }))?.body_mut().read_to_string()?;
                        own.push(due.elapsed());
                    }
                    took.lock().map_err(|_| anyhow::anyhow!("another worker panicked"))?.extend(own);
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
    })?;
    let rate = handoffs.len() as f64 / start.elapsed().as_secs_f64();
    Ok((rate, took.into_inner()?))
}

/// The transactions a second of `pgbench`.
pub fn measure_pgbench(server: &postgres::Server, folder: &Path) -> Result<Value> {
    let url = server.fresh_database();
    let tables = "CREATE TABLE bare_handoffs (id int PRIMARY KEY, state text NOT NULL, version int NOT NULL); \
                  INSERT INTO bare_handoffs SELECT n, 'offered', 1 FROM generate_series(1, 1000000) n; \
                  CREATE TABLE bare_entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, handoff int NOT NULL, body text NOT NULL); \
                  CREATE TABLE bare_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, handoff int NOT NULL, body text NOT NULL)";
    ensure!(Command::new("psql").args(["-q", "-X", "-d", &url, "-c", tables]).status()?.success(), "psql failed");
    let script = folder.join("confirm.sql");
    std::fs::write(
        &script,
        "\\set n random(1, 1000000)\nBEGIN;\nSELECT state, version FROM bare_handoffs WHERE id = :n FOR UPDATE;\n\
         UPDATE bare_handoffs SET state = 'accepted', version = version + 1 WHERE id = :n;\n\
         INSERT INTO bare_entries (handoff, body) VALUES (:n, 'received');\nINSERT INTO bare_events (handoff, body) VALUES (:n, 'accepted');\nCOMMIT;\n",
    )?;
    let clients = CONNECTIONS.to_string();
    let arguments = ["-n", "-M", "prepared", "-T", "10", "-j", "2", "-c", &clients, "-f", &script.to_string_lossy(), &url].map(str::to_owned);
    let output = Command::new("pgbench").args(arguments).output().context("pgbench")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
    Ok(json!({ "connections": CONNECTIONS, "per_second": rate.with_context(|| text.clone())? }))
}
