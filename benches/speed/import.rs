//! How fast rosters come in, everything included (read, check, match, seal, ledger, commit), beside the same rows written bare;
//! and that memory does not grow with the file.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::engine::Engine;
use super::{process, roster};

/// Imports rosters of these numbers of rows, each into a new database.
pub fn measure(engine: Engine, folder: &Path, rows: &[u64]) -> Result<Value> {
    let mut all = Vec::new();
    for &rows in rows {
        let file = roster::write(folder, rows, 2)?;
        let bare = engine.write_bare(folder, &file, rows)?;
        let url = engine.fresh(folder);
        let run = process::run(folder, &url, &["import", &file.to_string_lossy()])?;
        ensure!(run.answer["files"][0]["new"] == rows, "not everybody came in: {}", run.answer);
        let rate = rows as f64 / run.seconds;
        all.push(json!({
            "rows": rows,
            "seconds": run.seconds,
            "cpu_seconds": run.cpu_seconds,
            "rows_per_second": rate,
            "bare_rows_per_second": bare,
            "ratio_to_bare": rate / bare,
            "peak_memory_mb": run.peak_mb,
        }));
    }
    Ok(Value::Array(all))
}
