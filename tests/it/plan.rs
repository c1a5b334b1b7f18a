//! `plan --instance`: a day goes in as a file, a plan comes out as a file; what contradicts itself is refused by the path of the field.

use std::process::{Command, Output};

use serde_json::{Value, json};

/// A day of six parties for two cities, one vehicle of each size and crews for them.
fn day() -> Value {
    let minutes = json!([[0, 30, 40, 150, 200], [30, 0, 20, 160, 210], [40, 20, 0, 170, 220], [150, 160, 170, 0, 60], [200, 210, 220, 60, 0]]);
    let km10 = json!([[0, 200, 300, 1800, 2500], [200, 0, 150, 1900, 2600], [300, 150, 0, 2000, 2700], [1800, 1900, 2000, 0, 700], [2500, 2600, 2700, 700, 0]]);
    let vehicle = |id: &str, seats: u32, licence: &str| {
        json!({"id": id, "type": "V", "province": "JS", "depot": 0, "seats": seats, "cap": {"ordinary": seats / 2, "contact": seats / 3},
               "wheelchair": 1, "infants": 2, "luggage": 60, "licence": licence, "avail": [0, 4320]})
    };
    let member = |id: &str, role: &str| json!({"id": id, "province": "JS", "depot": 0, "role": role, "licence": "A1", "last_off": -600});
    let party = |id: &str, size: u32, pickup: u32, earliest: u32, site: &str| {
        json!({"id": id, "size": size, "province": "JS", "city": "X", "risk": "ordinary", "pickup": pickup, "earliest": earliest, "latest": 1439,
               "wheelchair": 0, "infants": 0, "luggage": size, "sites": [site]})
    };
    json!({
        "format": "dispatch-instance/1", "name": "six", "horizon": 4320,
        "params": {
            "max_cont_drive": 240, "min_break": 20, "max_drive_24h": 480, "night_ban": [120, 300], "night_ban_min_seats": 10, "two_driver_km10": 4000,
            "disinfect": 60, "rest": 600, "duty_single": 840, "duty_double": 1080, "board_base": 3, "board_per_person": 1, "board_wheelchair": 5,
            "alight_base": 1, "alight_per_person": 1, "max_ride_excess": 180, "max_drop_sites": null, "medic_from_persons": 20,
            "escort_from_seats": 30, "licence_rank": {"B1": 1, "A1": 2}
        },
        "locations": [{"id": "L0"}, {"id": "L1"}, {"id": "L2"}, {"id": "L3"}, {"id": "L4"}],
        "dur": minutes, "km10": km10,
        "sites": [
            {"id": "S1", "loc": 3, "province": "JS", "open": [[360, 1440], [1800, 2880]], "capacity": 20, "accepts": ["ordinary", "contact"]},
            {"id": "S2", "loc": 4, "province": "JS", "open": [[0, 4320]], "capacity": 4, "accepts": ["ordinary"]}
        ],
        "vehicles": [vehicle("V1", 37, "A1"), vehicle("V2", 19, "B1")],
        "staff": [member("D1", "driver"), member("D2", "driver"), member("D3", "driver"), member("M1", "medic"), member("E1", "escort")],
        "parties": [
            party("P1", 3, 1, 0, "S1"), party("P2", 2, 1, 500, "S1"), party("P3", 4, 2, 560, "S2"),
            party("P4", 1, 2, 600, "S1"), party("P5", 2, 1, 540, "S2"), party("P6", 5, 2, 580, "S1")
        ]
    })
}

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, file: &str, document: &Value) {
        std::fs::write(self.0.path().join(file), document.to_string()).unwrap();
    }

    fn read(&self, file: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.0.path().join(file)).unwrap()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_jiezhuan")).args(["--lang", "en", "--json", "plan"]).args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    /// Plans `day.json` with more arguments; answers the summary.
    fn plan(&self, out: &str, more: &[&str]) -> Value {
        let output = self.run(&[&["--instance", "day.json", "--out", out, "--iterations", "60"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn trips(plan: &Value) -> &Vec<Value> {
    plan["trips"].as_array().unwrap()
}

#[test]
fn a_day_goes_in_and_a_plan_and_its_summary_come_out() {
    let desk = Desk::new();
    desk.write("day.json", &day());
    let summary = desk.plan("plan.json", &[]);
    let plan = desk.read("plan.json");
    assert_eq!(summary["persons"], 17);
    assert_eq!(summary["objective"]["trips"], summary["trips"]);
    assert_eq!(trips(&plan).len() as u64, summary["trips"].as_u64().unwrap());
    assert!(summary["bounds"]["trips"].as_u64() <= summary["trips"].as_u64());
    // Of the two parties bound for S2 one fits in: the site has four places.
    assert_eq!(summary["unassigned"], json!([{"reason": "site_full", "parties": 1, "persons": 2}]));
    assert_eq!(plan["unassigned"], json!([{"party": "P5", "reason": "site_full"}]));
    assert!(!desk.0.path().join("data").exists(), "planning from a file needs no database");
}

#[test]
fn the_same_seed_and_iterations_give_the_same_plan() {
    let desk = Desk::new();
    desk.write("day.json", &day());
    desk.plan("one.json", &["--seed", "4"]);
    desk.plan("other.json", &["--seed", "4"]);
    assert_eq!(desk.read("one.json")["trips"], desk.read("other.json")["trips"]);
}

#[test]
fn what_contradicts_itself_is_refused_with_the_path_of_the_field() {
    type Spoil = fn(&mut Value);
    let spoils: &[(&str, Spoil)] = &[
        ("format", |day| day["format"] = json!("dispatch-instance/9")),
        ("horizon", |day| day["horizon"] = json!(-1)),
        ("dur", |day| drop(day["dur"].as_array_mut().unwrap().pop())),
        ("dur[2]", |day| drop(day["dur"][2].as_array_mut().unwrap().pop())),
        ("km10[1][3]", |day| day["km10"][1][3] = json!(-5)),
        ("params.night_ban", |day| day["params"]["night_ban"] = json!([300, 120])),
        ("params.rest", |day| day["params"]["rest"] = json!(0)),
        ("params.rest", |day| drop(day["params"].as_object_mut().unwrap().remove("rest"))),
        ("sites[0].open[1]", |day| day["sites"][0]["open"][1] = json!([2880, 1800])),
        ("sites[1].loc", |day| day["sites"][1]["loc"] = json!(5)),
        ("sites[1].id", |day| day["sites"][1]["id"] = json!("S1")),
        ("vehicles[1].depot", |day| day["vehicles"][1]["depot"] = json!(99)),
        ("vehicles[1].depot", |day| drop(day["vehicles"][1].as_object_mut().unwrap().remove("depot"))),
        ("vehicles[0].cap.contact", |day| day["vehicles"][0]["cap"] = json!({"ordinary": 18})),
        ("vehicles[0].licence", |day| day["vehicles"][0]["licence"] = json!("Z9")),
        ("staff[2].role", |day| day["staff"][2]["role"] = json!("cook")),
        ("parties[0].size", |day| day["parties"][0]["size"] = json!(-3)),
        ("parties[0].size", |day| day["parties"][0]["size"] = json!(0)),
        ("parties[3].sites[0]", |day| day["parties"][3]["sites"] = json!(["S7"])),
        ("parties[5].pickup", |day| day["parties"][5]["pickup"] = json!("L2")),
        ("parties[5].id", |day| day["parties"][5]["id"] = json!("P1")),
    ];
    let desk = Desk::new();
    for (path, spoil) in spoils {
        let mut day = day();
        spoil(&mut day);
        desk.write("day.json", &day);
        let output = desk.run(&["--instance", "day.json", "--out", "plan.json", "--iterations", "5"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{path}: {said}");
        assert!(said.lines().any(|line| line.starts_with(&format!("{path}: "))), "{path} is not named: {said}");
        assert!(output.stdout.is_empty() && !desk.0.path().join("plan.json").exists(), "{path}: a plan came of it");
    }
}

#[test]
fn garbage_and_wrong_usage_are_told_apart() {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("day.json"), b"\x00\xff{]").unwrap();
    assert_eq!(desk.run(&["--instance", "day.json", "--out", "plan.json"]).status.code(), Some(1));
    assert_eq!(desk.run(&["--instance", "nowhere.json", "--out", "plan.json"]).status.code(), Some(1));
    assert_eq!(desk.run(&["--instance", "day.json"]).status.code(), Some(2));
    assert_eq!(desk.run(&["--instance", "day.json", "--out", "plan.json", "--seconds", "-1"]).status.code(), Some(2));
    assert_eq!(desk.run(&["--instance", "day.json", "--out", "plan.json", "--previous", "old.json"]).status.code(), Some(2));
}

#[test]
fn a_plan_that_still_holds_is_kept_as_it_was_announced() {
    let desk = Desk::new();
    desk.write("day.json", &day());
    desk.plan("old.json", &[]);
    let summary = desk.plan("new.json", &["--previous", "old.json", "--frozen-before", "0"]);
    assert_eq!(summary["replanned"]["changes"], json!([]));
    let sorted = |file: &str| {
        let mut trips = trips(&desk.read(file)).clone();
        trips.sort_by_key(|trip| trip["id"].to_string());
        trips
    };
    assert_eq!(sorted("old.json"), sorted("new.json"));
}

#[test]
fn a_broken_vehicle_and_a_sick_driver_change_their_trips_and_no_others() {
    let desk = Desk::new();
    let mut day = day();
    // Two trips at the same time: the classes do not mix.
    for party in day["parties"].as_array_mut().unwrap() {
        party["latest"] = json!(720);
    }
    day["parties"][0]["risk"] = json!("contact");
    day["parties"][1]["risk"] = json!("contact");
    let mut third = day["vehicles"][1].clone();
    third["id"] = json!("V3");
    day["vehicles"].as_array_mut().unwrap().push(third);
    desk.write("day.json", &day);
    desk.plan("old.json", &[]);
    let old = desk.read("old.json");
    let (broken, kept) = (&trips(&old)[0], &trips(&old)[1]);
    day["vehicles"].as_array_mut().unwrap().retain(|vehicle| vehicle["id"] != broken["vehicle"]);
    day["staff"].as_array_mut().unwrap().retain(|member| member["id"] != broken["drivers"][0]);
    desk.write("day.json", &day);
    let summary = desk.plan("new.json", &["--previous", "old.json", "--frozen-before", "0"]);
    let changes = summary["replanned"]["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes {
        assert_eq!(change["trip"], broken["id"], "{change}");
        let because: Vec<&str> = change["because"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(because.contains(&"vehicle") && because.contains(&"staff"), "{change}");
    }
    assert!(trips(&desk.read("new.json")).contains(kept), "the other trip is as it was");
}
