//! How soon the program answers after its start, and what it holds while nobody asks.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::engine::Engine;
use super::process::{self, Served};
use super::spread;

/// Starts `serve` on a database that is there already several times; on SQLite also once on none, which is then made.
pub fn measure(engine: Engine, folder: &Path) -> Result<Value> {
    let url = engine.fresh(folder);
    let first = Served::start(folder, &url)?.first_answer;
    let (mut took, mut idle) = (Vec::new(), 0.0_f64);
    for _ in 0..10 {
        let served = Served::start(folder, &url)?;
        std::thread::sleep(Duration::from_secs(1));
        took.push(served.first_answer);
        idle = idle.max(process::memory_mb(&served.child, "VmRSS").context("the server runs")?);
    }
    Ok(json!({
        "first_start_ms": first.as_secs_f64() * 1000.0,
        "start_ms": spread::of(&mut took, Duration::from_millis(1)),
        "idle_memory_mb": idle,
    }))
}
