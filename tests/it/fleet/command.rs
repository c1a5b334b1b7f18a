//! Rosters of vehicles and of staff by the command line.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const VEHICLES: &str = "车牌号,车型,座位数,单位\n苏A00001,大客车,49,江苏省驻沪工作组\n苏A00002,飞船,49,江苏省驻沪工作组\n";
const STAFF: &str = "badge,name,role,licence,organisation\nD1,王小芳,driver,A1,work-group-32\n";

/// Runs a command on the database of `folder`; its exit code, its one JSON document, what it says beside.
fn run(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jiezhuan"))
        .args(["--json", "--lang", "en"])
        .args(arguments)
        .env("DATABASE_URL", format!("sqlite://{}", folder.join("fleet.db").display()))
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

#[test]
fn a_fleet_goes_in_and_out_by_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("vehicles.csv"), VEHICLES).unwrap();
    std::fs::write(folder.join("staff.csv"), STAFF).unwrap();
    let counts = |file: &Value| ["kind", "rows", "new", "same", "changed", "rejected"].map(|field| file[field].clone());
    let (code, dry, _) = run(folder, &["import", "vehicles.csv", "--dry-run"]);
    assert_eq!((code, counts(&dry["files"][0])), (0, [json!("vehicles"), json!(2), json!(1), json!(0), json!(0), json!(1)]));
    let (code, both, _) = run(folder, &["import", "vehicles.csv", "staff.csv"]);
    assert_eq!((code, &both["files"][0]), (0, &dry["files"][0]));
    assert_eq!(both["files"][0]["problems"], json!([{"line": 3, "column": "车型", "code": "bad_value", "message": "Write coach, minibus, car or ambulance."}]));
    assert_eq!(counts(&both["files"][1]), [json!("staff"), json!(1), json!(1), json!(0), json!(0), json!(0)]);
    for kind in ["vehicles", "staff"] {
        for ending in ["csv", "xlsx"] {
            let file = format!("out-{kind}.{ending}");
            let (code, written, _) = run(folder, &["export", kind, "--out", &file]);
            assert_eq!((code, &written["rows"], &written["file"]), (0, &json!(1), &json!(file)));
            let bytes = std::fs::read(folder.join(&file)).unwrap();
            assert_eq!(written["bytes"], bytes.len());
            let (_, again, _) = run(folder, &["import", &file, "--kind", kind]);
            assert_eq!(counts(&again["files"][0]), [json!(kind), json!(1), json!(0), json!(1), json!(0), json!(0)], "{again}");
        }
    }
    let (code, refused, _) = run(folder, &["import", "staff.csv", "--kind", "vehicles"]);
    assert_eq!((code, &refused["files"][0]["problems"][0]["code"]), (1, &json!("bad_header")));
    let (code, _, said) = run(folder, &["export", "staff", "--out", "staff.pdf"]);
    assert!(code == 1 && said.contains("use .csv or .xlsx"), "{said}");
}
