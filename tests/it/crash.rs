//! The process is killed in the middle of its work, again and again. What was acknowledged is there, the rest can be done again,
//! and everything derived still agrees with the ledger.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{TestDb, on_both_engines};

const ROWS: u64 = 8_000;

fn roster(folder: &std::path::Path) -> std::path::PathBuf {
    let file = folder.join("roster.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file).unwrap());
    writeln!(out, "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,出生日期,同行组,目的地,健康状况").unwrap();
    for n in 0..ROWS {
        let (city, day) = (["320500", "330100", "340100"][(n % 3) as usize], 1 + n % 28);
        writeln!(out, "MU588,PVG,2020-09-12 00:05,旅客{n},CHN,护照,E{:08},1980-02-{day:02},{},{city},正常", 20_000_000 + n, n / 2).unwrap();
    }
    out.flush().unwrap();
    file
}

fn jiezhuan(db: &TestDb, keys: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--json", "--database", &db.url]).args(arguments).env("JIEZHUAN__KEYS__FILE", keys).stdin(Stdio::null());
    command
}

fn answer(mut command: Command) -> Value {
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

on_both_engines! {
    fn an_import_that_is_killed_loses_nothing_and_can_be_done_again(db: TestDb) {
        let folder = tempfile::tempdir().unwrap();
        let (file, keys) = (roster(folder.path()), folder.path().join("keys.toml"));
        let file = file.to_str().unwrap();
        let mut known = 0;
        for n in 0_u64..6 {
            let mut child = jiezhuan(&db, &keys, &["import", file]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(150 + 250 * n));
            child.kill().unwrap();
            child.wait().unwrap();
            let verified = answer(jiezhuan(&db, &keys, &["verify"]));
            assert_eq!(verified["ok"], true, "{verified}");
            let now = verified["checked"]["travellers"].as_u64().unwrap();
            assert!(now >= known, "{known} were in, and now there are {now}");
            known = now;
        }
        let report = answer(jiezhuan(&db, &keys, &["import", file]));
        let done = &report["files"][0];
        let count = |field: &str| done[field].as_u64().unwrap();
        assert_eq!((count("rows"), count("same"), count("new"), count("rejected")), (ROWS, known, ROWS - known, 0));
        assert_eq!(answer(jiezhuan(&db, &keys, &["verify"]))["ok"], true);
    }
}
