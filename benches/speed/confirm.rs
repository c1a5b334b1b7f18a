//! Confirmations over HTTP: 32 connections accept handoffs of one person each, every answer after a commit that survives a power
//! cut. Beside it, in the same run, what `pgbench` gets with as many connections: when it does the least that a confirmation is (look at a state, change one
//! row, add two, commit), and when it runs the statements of ours on our tables one by one.

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
    until_all_is_told(&url)?;
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

/// Waits until the worker has told of the offers, which were all made at once before it started: that is not what is measured.
fn until_all_is_told(url: &str) -> Result<()> {
    #[derive(QueryableByName)]
    struct Left {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let db = Db::open(Url::parse(url)?, 1, Clock::System, IdSource::random())?;
    let left = || db.read(|conn| Ok(diesel::sql_query("SELECT COUNT(*) AS n FROM events WHERE NOT is_told").get_result::<Left>(conn)?.n));
    while left()? > 0 {
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
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

/// The transactions a second of `pgbench`: with the least that a confirmation is, and with the statements of ours, one by one.
pub fn measure_pgbench(server: &'static postgres::Server, folder: &Path, n: u64) -> Result<Value> {
    let url = server.fresh_database();
    psql(&url, BARE_TABLES)?;
    let least = pgbench(folder, &url, BARE, &["-T", "10"])?;

    let url = Engine::Postgres(server).fresh(folder);
    let file = roster::write(folder, n, 1)?;
    process::run(folder, &url, &["import", &file.to_string_lossy()])?;
    offer_everybody(&url)?;
    psql(&url, TO_CONFIRM)?;
    let each = n / CONNECTIONS as u64;
    let script = SAME.replace("EACH", &each.to_string());
    let same = pgbench(folder, &url, &script, &["-t", &each.to_string(), "-D", "i=0"])?;
    Ok(json!({ "connections": CONNECTIONS, "least_per_second": least, "same_statements_per_second": same }))
}

const BARE_TABLES: &str = "
CREATE TABLE bare_handoffs (id int PRIMARY KEY, state text NOT NULL, version int NOT NULL);
INSERT INTO bare_handoffs SELECT n, 'offered', 1 FROM generate_series(1, 1000000) n;
CREATE TABLE bare_entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, handoff int NOT NULL, body text NOT NULL);
CREATE TABLE bare_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, handoff int NOT NULL, body text NOT NULL)";

const BARE: &str = "\\set n random(1, 1000000)
BEGIN;
SELECT state, version FROM bare_handoffs WHERE id = :n FOR UPDATE;
UPDATE bare_handoffs SET state = 'accepted', version = version + 1 WHERE id = :n;
INSERT INTO bare_entries (handoff, body) VALUES (:n, 'received');
INSERT INTO bare_events (handoff, body) VALUES (:n, 'accepted');
COMMIT;
";

const TO_CONFIRM: &str = "
CREATE TABLE to_confirm AS SELECT row_number() OVER () AS n, h.id AS handoff, p.traveller_id AS traveller, h.from_organisation AS giver,
h.to_organisation AS receiver, t.custody_hash AS hash FROM handoffs h JOIN handoff_people p ON p.handoff_id = h.id JOIN travellers t ON t.id = p.traveller_id;
ALTER TABLE to_confirm ADD PRIMARY KEY (n);
ANALYZE";

/// The statements of one confirmation on the tables of the program. The first stands for the look at the token, which is another transaction there too.
const SAME: &str = "\\set i :i + 1
\\set n :client_id * EACH + :i
SELECT handoff, traveller, giver, receiver, hash FROM to_confirm WHERE n = :n \\gset
BEGIN;
INSERT INTO idempotency_keys (user_id, key, request_hash, status, body, created_at) VALUES (:receiver, :handoff, sha256('asked'), 0, '', now()) ON CONFLICT DO NOTHING;
SELECT * FROM handoffs WHERE id = :handoff FOR UPDATE;
SELECT id, code, kind, place FROM organisations WHERE id IN (:giver, :receiver);
SELECT * FROM handoff_people WHERE handoff_id = :handoff ORDER BY traveller_id;
SELECT * FROM travellers WHERE id = :traveller FOR UPDATE;
UPDATE handoffs SET state = 'accepted', first_count = 1, answered_by = 'site', answered_at = now(), counted = 1, happened_at = now(), version = version + 2, next_rung = NULL, next_rung_at = NULL WHERE id = :handoff AND answered_at IS NULL;
INSERT INTO custody_entries (traveller_id, seq, kind, from_custodian, to_custodian, from_stock, to_stock, happened_at, recorded_at, actor, act_id, prev_hash, hash) VALUES (:traveller, 2, 'admitted', :giver, :receiver, 'at_port', 'in_shanghai', now(), now(), 'site', :handoff, :hash, sha256('entry'));
INSERT INTO custody_flows (happened_on, recorded_at, is_late, kind, from_stock, to_stock, n) VALUES (current_date, now(), false, 'admitted', 'at_port', 'in_shanghai', 1);
UPDATE travellers SET stock = 'in_shanghai', custodian_id = :receiver, custody_seq = 2, custody_hash = sha256('entry'), version = version + 1, updated_at = now() WHERE id = :traveller AND custody_seq = 1;
UPDATE handoff_people SET is_open = false, outcome = 'received' WHERE handoff_id = :handoff AND is_open;
INSERT INTO events (at, kind, subject, place, facts) VALUES (now(), 'handoff_accepted', :handoff, '310000', '{\"counted\": 1, \"received\": 1, \"exceptions\": {}, \"state\": \"accepted\"}');
UPDATE idempotency_keys SET status = 200, body = repeat('sealed', 180) WHERE user_id = :receiver AND key = :handoff;
COMMIT;
";

fn psql(url: &str, sql: &str) -> Result<()> {
    ensure!(Command::new("psql").args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]).status()?.success(), "psql failed");
    Ok(())
}

fn pgbench(folder: &Path, url: &str, script: &str, how_long: &[&str]) -> Result<f64> {
    let file = folder.join("confirm.sql");
    std::fs::write(&file, script)?;
    let (clients, file) = (CONNECTIONS.to_string(), file.to_string_lossy());
    let output =
        Command::new("pgbench").args(["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-f", &file]).args(how_long).arg(url).output().context("pgbench")?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    ensure!(output.status.success(), "pgbench: {text}");
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
    rate.with_context(|| text.into_owned())
}
