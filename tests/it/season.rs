//! A season is played again by its seed, whatever engine it is played on and whatever keys seal its people.

use std::process::Command;

use serde_json::Value;

use crate::support::{TestDb, on_both_engines};

/// Plays a season under new keys; what it came to, without how long it took.
fn play(url: &str, seed: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--json", "--database", url, "simulate", "--from", "2020-09-10", "--to", "2020-09-22", "--travellers", "300", "--seed", seed]);
    let output = command.env("JIEZHUAN__KEYS__FILE", folder.path().join("keys.toml")).output().unwrap();
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report.as_object_mut().unwrap().remove("seconds");
    assert_eq!(report["verify"]["ok"], true, "{report}");
    report
}

on_both_engines! {
    fn the_same_seed_plays_the_same_season_on_either_engine(db: TestDb) {
        let folder = tempfile::tempdir().unwrap();
        let embedded = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
        let season = play(&db.url, "3");
        assert!(season["trips"].as_u64() > Some(5), "people move in it: {season}");
        assert_eq!(season, play(&embedded("again.db"), "3"));
        assert_ne!(season["months"], play(&embedded("other.db"), "4")["months"]);
    }
}
