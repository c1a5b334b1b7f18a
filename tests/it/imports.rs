//! Import as its users see it: the sample rosters with their right answers, the same file again, a later file, laboratory results.

use std::io::Cursor;
use std::sync::Arc;

use jiezhuan::access::{Actor, Keyring};
use jiezhuan::arrivals::draft::{Column, RosterRules};
use jiezhuan::arrivals::{self, Import, Outcome};
use jiezhuan::base::{IdSource, time};
use jiezhuan::exchange::{self, Opened};
use jiezhuan::policy::Rulebook;
use serde_json::{Value, json};

use crate::support::{TestDb, on_both_engines};

/// A database with its tables of reference and its keys.
pub struct Desk {
    pub db: TestDb,
    pub keyring: Arc<Keyring>,
    pub rulebook: Arc<Rulebook>,
}

impl Desk {
    pub fn new(db: TestDb) -> Self {
        let rulebook = Arc::new(Rulebook::embedded().unwrap());
        let registered = Arc::clone(&rulebook);
        db.db
            .write(move |tx| {
                jiezhuan::places::register(tx, &registered.organisations)?;
                jiezhuan::policy::register(tx, &registered.policies)
            })
            .unwrap();
        Self { db, keyring: Arc::new(Keyring::generate(&IdSource::seeded(7))), rulebook }
    }

    pub fn import(&self, bytes: Vec<u8>, dry_run: bool) -> Outcome {
        let actor = Actor::operator();
        let import = Import { db: &self.db.db, keyring: &self.keyring, rulebook: &self.rulebook, actor: &actor, dry_run, progress: &|_| {} };
        match exchange::open(Cursor::new(bytes), None).unwrap() {
            Opened::Results(mut table) => import.results(table.results().unwrap(), [0; 32]).unwrap(),
            Opened::Roster(mut roster) => {
                let kind = roster.kind().as_str();
                let headers: Vec<Option<String>> = Column::ALL.iter().map(|column| roster.column_name(*column).map(str::to_owned)).collect();
                let rules = RosterRules::default();
                let rows = roster.travellers(&rules).unwrap();
                import.travellers(rows, &|column| headers[column as usize].clone(), kind, [0; 32]).unwrap()
            }
            Opened::Fleet(_) => panic!("taken for a list of vehicles or staff"),
        }
    }

    fn due(&self, on: &str) -> Value {
        let on = time::parse_date(on).unwrap();
        let due = self.db.db.read(|conn| arrivals::due(conn, &Actor::operator(), &self.rulebook, on)).unwrap();
        // The days ahead, where nobody is judged, count the same people.
        let ahead = self.db.db.read(|conn| arrivals::expected(conn, &Actor::operator(), on, 1)).unwrap();
        assert_eq!(ahead[0].cities, due.due.iter().map(|row| (row.destination.clone(), row.count)).collect());
        serde_json::to_value(due).unwrap()
    }
}

fn sample(name: &str, file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/rosters/{name}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn expected(name: &str) -> Value {
    serde_json::from_slice(&sample(name, "expected.json")).unwrap()
}

fn as_expected(outcome: &Outcome) -> Value {
    let problem = |p: &arrivals::draft::Problem| json!({"line": p.line, "column": p.column, "code": p.code.as_str()});
    json!({
        "rows": outcome.rows, "new": outcome.new, "same": outcome.same, "changed": outcome.changed, "rejected": outcome.rejected,
        "problems": outcome.problems.iter().map(problem).collect::<Vec<_>>(),
        "warnings": outcome.warnings.iter().map(|w| json!({"line": w.line, "code": w.code.as_str()})).collect::<Vec<_>>(),
    })
}

fn adds_up(outcome: &Outcome) -> bool {
    outcome.rows == outcome.new + outcome.same + outcome.changed + outcome.rejected
}

fn csv(rows: &[&str]) -> Vec<u8> {
    let head = "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,出生日期,手机,同行组,目的地,健康状况";
    [&[head], rows].concat().join("\n").into_bytes()
}

/// The first form of a sample is all new, the others name the same people; the day's due people are the expected ones.
fn gives_its_answers(desk: &Desk, name: &str) {
    let answers = expected(name);
    for (n, file) in ["roster.csv", "roster-gbk.csv", "roster.xlsx"].into_iter().enumerate() {
        let outcome = desk.import(sample(name, file), false);
        assert!(adds_up(&outcome));
        let mut got = as_expected(&outcome);
        if n > 0 {
            assert_eq!((outcome.new, outcome.same, outcome.changed), (0, answers["new"].as_u64().unwrap(), 0), "{file}");
            got["new"] = answers["new"].clone();
            got["same"] = json!(0);
            got["warnings"] = answers["warnings"].clone();
        }
        for field in ["rows", "new", "same", "changed", "rejected", "problems", "warnings"] {
            assert_eq!(got[field], answers[field], "{file} {field}");
        }
    }
    for (day, cities) in answers["transfer_due"].as_object().unwrap() {
        let due = desk.due(day);
        let count = |row: &Value| (row["destination"].as_str().unwrap().to_owned(), row["count"].clone());
        let counts: serde_json::Map<String, Value> = due["due"].as_array().unwrap().iter().map(count).collect();
        assert_eq!(&counts, cities.as_object().unwrap(), "{day}");
    }
}

on_both_engines! {
    fn the_night_sample_gives_its_answers_in_every_form(db: TestDb) {
        gives_its_answers(&Desk::new(db), "night-direct");
    }

    fn the_afternoon_sample_gives_its_answers_in_every_form(db: TestDb) {
        gives_its_answers(&Desk::new(db), "afternoon-7+7");
    }

    fn the_evening_sample_gives_its_answers_in_every_form(db: TestDb) {
        gives_its_answers(&Desk::new(db), "evening-3+11");
    }

    fn a_passenger_list_names_who_landed_and_a_roster_later_fills_the_rest(db: TestDb) {
        let desk = Desk::new(db);
        let listed = desk.import(sample("evening-3+11", "roster.edi"), false);
        assert_eq!((listed.rows, listed.new, listed.rejected), (64, 64, 0));
        assert!(listed.warnings.iter().all(|warning| warning.code.as_str() == "destination_missing") && listed.warnings.len() == 64);
        let roster = desk.import(sample("evening-3+11", "roster.csv"), false);
        assert!(adds_up(&roster));
        assert!(roster.changed > 0, "people with passports are the same people in both");
        assert_eq!(desk.due("2020-09-15")["count"], 53, "their destinations count from then on");
        assert_eq!(desk.import(sample("evening-3+11", "roster.csv"), false).same, 65);
    }

    fn a_dry_run_says_the_same_and_writes_nothing(db: TestDb) {
        let desk = Desk::new(db);
        let dry = desk.import(sample("night-direct", "roster.csv"), true);
        assert_eq!(desk.due("2020-03-23")["count"], 0);
        let real = desk.import(sample("night-direct", "roster.csv"), false);
        assert_eq!(as_expected(&dry), as_expected(&real));
    }

    fn a_later_roster_changes_what_it_says_and_nothing_else(db: TestDb) {
        let desk = Desk::new(db);
        let row = |phone: &str, to: &str| format!("MU588,PVG,2020-09-12 00:05,李雷,CHN,护照,E87221660,1980-01-02,{phone},1,{to},正常");
        assert_eq!(desk.import(csv(&[&row("", "苏州")]), false).new, 1);
        assert_eq!(desk.import(csv(&[&row("13800001874", "苏州")]), false).changed, 1);
        assert_eq!(desk.import(csv(&[&row("", "江苏省苏州市")]), false).same, 1, "what is not said is not taken away");
        assert_eq!(desk.import(csv(&[&row("", "杭州")]), false).changed, 1);
        let due = desk.due("2020-09-15");
        assert_eq!(due["due"], json!([{"destination": "330100", "count": 1, "cleared": 0, "blocked": [{"reason": "test_missing_nucleic_acid", "count": 1}]}]));
    }

    fn who_lands_again_after_the_end_begins_a_new_journey_and_who_is_here_does_not(db: TestDb) {
        let desk = Desk::new(db);
        let row = |landed: &str| format!("MU588,PVG,{landed},李雷,CHN,护照,E87221660,1980-01-02,,,苏州,正常");
        assert_eq!(desk.import(csv(&[&row("2020-09-12 00:05")]), false).new, 1);
        let moved = desk.import(csv(&[&row("2020-09-13 00:05")]), false);
        assert_eq!((moved.changed, moved.new), (1, 0), "a corrected landing");
        assert_eq!(desk.due("2020-09-16")["count"], 1);
    }

    fn landings_before_the_first_policy_are_refused_with_the_first_instant_covered(db: TestDb) {
        let desk = Desk::new(db);
        let outcome = desk.import(csv(&["MU588,PVG,2020-03-06 23:59:59,李雷,CHN,护照,E87221660,1980-01-02,,,苏州,正常"]), false);
        assert_eq!(outcome.problems[0].code.as_str(), "bad_date");
        assert!(outcome.problems[0].message.text(jiezhuan::base::Language::En).contains("2020-03-07"));
    }

    fn results_clear_or_hold_and_wait_for_people_not_yet_known(db: TestDb) {
        let desk = Desk::new(db);
        let lab = |rows: &[&str]| [&["证件类型,证件号码,采样时间,检测类型,结果,检测机构"], rows].concat().join("\n").into_bytes();
        let early = desk.import(lab(&["护照,E87221660,2020-09-14 09:00,核酸,阴性,一检"]), false);
        assert_eq!((early.new, early.warnings.len()), (1, 1), "nobody known: kept, with a warning");
        desk.import(csv(&[
            "MU588,PVG,2020-09-12 00:05,李雷,CHN,护照,E87221660,1980-01-02,,1,苏州,正常",
            "MU588,PVG,2020-09-12 00:05,韩梅梅,CHN,护照,E87221661,1981-01-02,,2,苏州,正常",
        ]), false);
        let both = desk.import(lab(&["护照,E87221660,2020-09-14 09:00,抗体,阴性,一检", "护照,E87221661,2020-09-14 09:00,核酸,阳性,一检"]), false);
        assert_eq!((both.new, both.warnings.len()), (2, 0));
        let due = desk.due("2020-09-15");
        assert_eq!(due["due"][0], json!({"destination": "320500", "count": 2, "cleared": 1, "blocked": [{"reason": "hold_positive", "count": 1}]}));
        assert_eq!(desk.import(lab(&["护照,E87221661,2020-09-14 09:00,核酸,阳性,一检"]), false).same, 1);
    }

    fn two_who_import_the_same_file_at_once_enter_nobody_twice(db: TestDb) {
        let desk = Desk::new(db);
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| desk.import(sample("evening-3+11", "roster.csv"), false))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert!(outcomes.iter().all(adds_up));
        assert_eq!(outcomes.iter().map(|outcome| outcome.new).sum::<u64>(), 65);
        assert_eq!(outcomes.iter().map(|outcome| outcome.same).sum::<u64>(), 65 * 3);
    }
}
