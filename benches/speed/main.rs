//! How fast the program is and how much memory it takes, on both engines in one run.
//!
//! ```text
//! cargo bench --bench speed                       all measures, about ten minutes
//! cargo bench --bench speed -- import confirm     only these: days start import season transfer confirm
//! cargo bench --bench speed -- sqlite season      only on this engine: sqlite postgres
//! ```
//!
//! Prints one JSON document on standard output, what it is doing on standard error. Nothing here fails because it is slow:
//! figures are for people to compare, within one run, on one machine.

#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "the server that is shared with the tests stops where it cannot go on")]

mod confirm;
mod days;
mod engine;
mod import;
mod people;
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
mod process;
mod roster;
mod season;
mod spread;
mod start;
mod transfer;

use anyhow::{Result, ensure};
use serde_json::{Map, Value, json};

use self::engine::Engine;

const ENGINES: [&str; 2] = ["sqlite", "postgres"];
const MEASURES: [&str; 6] = ["days", "start", "import", "season", "transfer", "confirm"];

#[expect(clippy::print_stdout, reason = "the figures are the answer")]
fn main() -> Result<()> {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    for name in &named {
        let is_known = MEASURES.iter().chain(&ENGINES).any(|known| known == name);
        ensure!(is_known, "nothing is called {name}; there are {}, and {}", MEASURES.join(", "), ENGINES.join(", "));
    }
    // Of a kind that nothing was named of, all are wanted.
    let among = |kind: &[&str], name: &str| {
        let mut wanted = named.iter().filter(|wanted| kind.contains(&wanted.as_str())).peekable();
        wanted.peek().is_none() || wanted.any(|wanted| wanted == name)
    };
    let is_wanted = |name: &str| among(&MEASURES, name);
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let mut answer = Map::new();
    answer.insert("machine".into(), machine());
    if is_wanted("days") {
        answer.insert("days".into(), days::measure()?);
    }
    for engine in Engine::all().into_iter().filter(|engine| among(&ENGINES, engine.name())) {
        let mut figures = Map::new();
        for name in MEASURES.into_iter().skip(1).filter(|name| is_wanted(name)) {
            say(&format!("{}: {name}", engine.name()));
            let measured = match name {
                "start" => start::measure(engine, folder)?,
                "import" => import::measure(engine, folder, &[1_200, 12_000, 120_000, 1_000_000])?,
                "season" => season::measure(engine, folder, &[100_000, 1_000_000])?,
                "transfer" => transfer::measure(engine, folder, 100)?,
                _ => confirm::measure(engine, folder, 10_000)?,
            };
            figures.insert(name.into(), measured);
        }
        if let (Engine::Postgres(server), true) = (engine, is_wanted("confirm")) {
            answer.insert("pgbench".into(), confirm::measure_pgbench(server, folder, 10_000)?);
        }
        answer.insert(engine.name().into(), Value::Object(figures));
    }
    answer.insert("load_after".into(), json!(load()));
    println!("{}", serde_json::to_string_pretty(&Value::Object(answer))?);
    Ok(())
}

/// What this ran on, and what else ran there.
fn machine() -> Value {
    let cores = std::thread::available_parallelism().map(std::num::NonZero::get).ok();
    json!({ "cores": cores, "load_before": load(), "optimised": !cfg!(debug_assertions) })
}

/// The load average of the last minute; none where there is no `/proc`.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

#[expect(clippy::print_stderr, reason = "a run takes minutes, and somebody waits")]
fn say(what: &str) {
    eprintln!("{what}");
}

/// Where an engine is missing, its figures are missing, and the reason is said.
fn skipped(what: &str, why: &str) {
    say(&format!("skipped ({what}): {why}"));
}
