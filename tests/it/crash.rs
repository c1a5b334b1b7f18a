//! The process is killed in the middle of its work, again and again. What was acknowledged is there, the rest can be done again,
//! and everything derived still agrees with the ledger.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiezhuan::base::{Clock, Result, time};
use jiezhuan::custody::{self, Offer};
use serde_json::{Value, json};

use crate::support::people::{DESK, by, land, register_organisations, rulebook};
use crate::support::{TestDb, on_both_engines};

const ROWS: u64 = 8_000;

/// People who landed just now by this machine's clock, which the program goes by: the terms of others would be over, and they be released.
fn roster(folder: &std::path::Path) -> std::path::PathBuf {
    let landed_on = time::civil_date(Clock::System.now());
    let file = folder.join("roster.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file).unwrap());
    writeln!(out, "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,出生日期,同行组,目的地,健康状况").unwrap();
    for n in 0..ROWS {
        let (city, day) = (["320500", "330100", "340100"][(n % 3) as usize], 1 + n % 28);
        writeln!(out, "MU588,PVG,{landed_on} 00:05,旅客{n},CHN,护照,E{:08},1980-02-{day:02},{},{city},正常", 20_000_000 + n, n / 2).unwrap();
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

const SITE: &str = "site-310114-1";

/// A server in a process of its own.
struct Served {
    child: Child,
    base: String,
    token: String,
}

impl Served {
    fn start(db: &TestDb, keys: &std::path::Path, token: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let child = jiezhuan(db, keys, &["serve", "--listen", &listen]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let served = Self { child, base: format!("http://{listen}"), token: token.to_owned() };
        let start = Instant::now();
        while ureq::get(format!("{}/healthz", served.base)).call().is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        served
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Accepts a handoff of one person; none if the connection broke before the answer, or there was no server.
    fn accept(&self, agent: &ureq::Agent, id: &str) -> Option<Value> {
        let request = agent.post(format!("{}/api/v1/handoffs/{id}/accept", self.base)).header("Authorization", self.authorization());
        request.header("Idempotency-Key", format!("accept-{id}")).send_json(json!({ "counted": 1 })).ok()?.body_mut().read_json().ok()
    }

    fn show(&self, id: &str) -> Value {
        let request = ureq::get(format!("{}/api/v1/handoffs/{id}", self.base)).header("Authorization", self.authorization());
        request.call().unwrap().body_mut().read_json().unwrap()
    }

    fn import(&self, file: &std::path::Path) -> Option<Value> {
        let request = ureq::post(format!("{}/api/v1/rosters", self.base)).header("Authorization", self.authorization());
        request.send(std::fs::File::open(file).unwrap()).ok()?.body_mut().read_json().ok()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Somebody who imports rosters and answers handoffs, as machines of a province do.
fn token(db: &TestDb, keys: &std::path::Path) -> String {
    answer(jiezhuan(db, keys, &["user", "add", "crash-test", "--role", "coordinator", "--organisation", SITE]));
    let added = answer(jiezhuan(db, keys, &["token", "add", "crash-test"]));
    assert_eq!(added["name"], "crash-test");
    added["token"].as_str().unwrap().to_owned()
}

/// The desk offers each of these people alone.
fn offers(db: &TestDb, n: usize) -> Vec<String> {
    land(&db.db, &vec![1; n])
        .chunks(100)
        .flat_map(|people| {
            let people = people.to_vec();
            db.db
                .write(move |tx| {
                    let offer = |id| Offer { to_organisation: SITE.parse().unwrap(), trip: None, travellers: vec![id], answer_by: None };
                    people.iter().map(|id| Ok(custody::offer(tx, &by(DESK), &rulebook().routes, offer(*id))?.id.to_string())).collect::<Result<Vec<_>>>()
                })
                .unwrap()
        })
        .collect()
}

on_both_engines! {
    fn a_server_that_is_killed_forgets_nothing_it_has_said(db: TestDb) {
        const CLIENTS: usize = 8;
        let folder = tempfile::tempdir().unwrap();
        let (file, keys) = (roster(folder.path()), folder.path().join("keys.toml"));
        register_organisations(&db.db);
        db.clock.set(Clock::System.now());
        let (token, handoffs) = (token(&db, &keys), offers(&db, 2_400));
        let mut n_known = 0;
        let mut rosters = 0;
        for (round, handoffs) in handoffs.chunks(800).enumerate() {
            let served = Served::start(&db, &keys, &token);
            let acknowledged = Mutex::new(Vec::new());
            std::thread::scope(|scope| {
                for client in 0..CLIENTS {
                    let (served, acknowledged) = (&served, &acknowledged);
                    scope.spawn(move || {
                        let agent = ureq::agent();
                        for id in handoffs.iter().skip(client).step_by(CLIENTS) {
                            let Some(answer) = served.accept(&agent, id) else { return };
                            assert_eq!(answer["state"], "accepted");
                            acknowledged.lock().unwrap().push(id.as_str());
                        }
                    });
                }
                let importing = scope.spawn(|| served.import(&file));
                // Once some have been told that their people are taken over, and later in each round.
                while acknowledged.lock().unwrap().len() < 20 + 100 * round {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Command::new("kill").args(["-KILL", &served.child.id().to_string()]).status().unwrap();
                if let Some(report) = importing.join().unwrap() {
                    assert_eq!(report["rows"], ROWS);
                    rosters += 1;
                }
            });
            served.kill();
            let acknowledged = acknowledged.into_inner().unwrap();
            assert!(acknowledged.len() < handoffs.len(), "nothing was left to be cut off");
            let verified = answer(jiezhuan(&db, &keys, &["verify"]));
            assert_eq!(verified["ok"], true, "{verified}");
            n_known = n_known.max(verified["checked"]["travellers"].as_u64().unwrap());

            let again = Served::start(&db, &keys, &token);
            for id in acknowledged {
                assert_eq!(again.show(id)["state"], "accepted", "{id} was acknowledged and is forgotten");
            }
            // Whoever had no answer asks again, with the same key.
            let agent = ureq::agent();
            for id in handoffs {
                assert_eq!(again.accept(&agent, id).unwrap()["state"], "accepted");
            }
            again.kill();
        }
        let report = answer(jiezhuan(&db, &keys, &["import", file.to_str().unwrap()]));
        let count = |field: &str| report["files"][0][field].as_u64().unwrap();
        assert_eq!((count("rows"), count("same"), count("rejected")), (ROWS, n_known - 2_400, 0), "{report}");
        assert!(rosters == 0 || count("same") == ROWS, "an import was acknowledged and is forgotten");
        let verified = answer(jiezhuan(&db, &keys, &["verify"]));
        assert_eq!((&verified["ok"], &verified["checked"]["travellers"]), (&json!(true), &json!(2_400 + ROWS)));
    }

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
