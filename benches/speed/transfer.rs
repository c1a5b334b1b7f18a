//! What a whole transfer costs in processor time: everything that is done for people from their landing at the desk to their receipt in the
//! province, over HTTP, each act durable when it is answered. For one who travels alone, and for a coach-load, as they really go.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use chrono::{Days, TimeDelta, Utc};
use jiezhuan::base::time;
use serde_json::{Value, json};

use super::engine::Engine;
use super::people;
use super::process::{self, Served};

const DESK: &str = "desk-pvg";
const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";

/// Whoever acts, with what their requests are signed with.
struct Callers {
    base: String,
    desk: String,
    site: String,
    group: String,
    dispatcher: String,
    laboratory: String,
}

/// Takes `n` loads of one and `n` loads of a coach through the chain.
pub fn measure(engine: Engine, folder: &Path, n: usize) -> Result<Value> {
    let url = engine.fresh(folder);
    let token = |role: &str, organisation: &str| people::token(folder, &url, role, &["--scope", organisation, "--organisation", organisation]);
    process::run(folder, &url, &["migrate"])?;
    let (desk, site, group) = (token("airport_desk", DESK)?, token("site", SITE)?, token("provincial_group", GROUP)?);
    let (dispatcher, laboratory) = (people::token(folder, &url, "dispatcher", &[])?, people::token(folder, &url, "coordinator", &[])?);
    let served = Served::start(folder, &url)?;
    let callers = Callers { base: served.base.clone(), desk, site, group, dispatcher, laboratory };
    let mut measured = serde_json::Map::new();
    for (name, load) in [("alone", 1), ("coach", 24)] {
        let coaches = (0..n).map(|at| callers.coach(name, at)).collect::<Result<Vec<_>>>()?;
        let before = cpu_seconds(engine, &url, &served)?;
        for (at, coach) in coaches.iter().enumerate() {
            callers.transfer(name, at, load, coach)?;
        }
        let spent = cpu_seconds(engine, &url, &served)? - before;
        measured.insert(name.into(), json!({ "people": n * load, "cpu_ms_each": spent * 1000.0 / (n * load) as f64 }));
    }
    Ok(Value::Object(measured))
}

/// The processor time of the service, and of its database if that is a server.
fn cpu_seconds(engine: Engine, url: &str, served: &Served) -> Result<f64> {
    let database = match engine {
        Engine::Sqlite => 0.0,
        Engine::Postgres(_) => process::cpu_seconds_of_server(url)?,
    };
    Ok(process::cpu_seconds(&served.child)? + database)
}

impl Callers {
    fn send(&self, token: &str, path: &str, body: &Value) -> Result<Value> {
        let request = ureq::post(format!("{}/api/v1/{path}", self.base)).config().http_status_as_error(false).build();
        let mut answer = request.header("Authorization", format!("Bearer {token}")).send_json(body)?;
        let text = answer.body_mut().read_to_string()?;
        ensure!(answer.status().is_success(), "{path}: {text}");
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }

    fn upload(&self, token: &str, path: &str, file: String) -> Result<()> {
        let request = ureq::post(format!("{}/api/v1/{path}", self.base)).config().http_status_as_error(false).build();
        let request = request.header("Authorization", format!("Bearer {token}")).header("Content-Type", "application/octet-stream");
        let mut answer = request.send(file.into_bytes())?;
        let text = answer.body_mut().read_to_string()?;
        ensure!(answer.status().is_success(), "{path}: {text}");
        let imported: Value = serde_json::from_str(&text)?;
        ensure!(imported["rejected"] == 0, "{path}: {text}");
        Ok(())
    }

    /// A coach and its driver, of whom nobody has heard.
    fn coach(&self, name: &str, at: usize) -> Result<(Value, Value)> {
        let plate = format!("苏{}{at:05}", if name == "alone" { 'A' } else { 'B' });
        let permit = json!({ "number": "P1", "expires_on": "2099-12-31" });
        let coach = json!({ "plate": plate, "kind": "coach", "seats": 49, "organisation": GROUP, "permit": permit });
        let driver = json!({ "badge": format!("{name}-{at}"), "name": "驾驶员", "role": "driver", "licence": "A1", "organisation": GROUP });
        let (coach, driver) = (self.send(&self.dispatcher, "vehicles", &coach)?, self.send(&self.dispatcher, "staff", &driver)?);
        Ok((coach["id"].clone(), driver["id"].clone()))
    }

    /// Everything that is done for `load` people.
    fn transfer(&self, name: &str, at: usize, load: usize, (coach, driver): &(Value, Value)) -> Result<()> {
        let now = Utc::now();
        let (today, landed) = (time::civil_date(now), time::civil_date(now) - Days::new(3));
        let document = |n: usize| format!("{}{:02}{:05}", if name == "alone" { "E1" } else { "E2" }, n, at);
        let mut roster = String::from("航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,目的地\n");
        let mut results = String::from("证件类型,证件号码,采样时间,检测类型,结果,检测机构\n");
        for n in 0..load {
            roster += &format!("MU{},PVG,{landed} 08:00,旅客,CHN,护照,{},320500\n", 100 + at % 800, document(n));
            for kind in ["核酸", "抗体"] {
                results += &format!("护照,{},{today} 00:00,{kind},阴性,一\n", document(n));
            }
        }
        self.upload(&self.desk, "rosters", roster)?;
        let flight = format!("travellers?custodian={DESK}&limit=200");
        let mut listed = ureq::get(format!("{}/api/v1/{flight}", self.base)).header("Authorization", format!("Bearer {}", self.desk)).call()?;
        let listed: Value = serde_json::from_str(&listed.body_mut().read_to_string()?)?;
        let people: Vec<Value> = listed["items"].as_array().context("people")?.iter().map(|person| person["id"].clone()).collect();
        ensure!(people.len() == load, "{} at the desk", people.len());
        self.hand_over(&self.desk, &self.site, &json!({ "to_organisation": SITE, "travellers": people }), load)?;
        self.upload(&self.laboratory, "results", results)?;
        let time = |minutes: i64| (now + TimeDelta::minutes(minutes)).with_timezone(&time::SHANGHAI).format("%Y-%m-%d %H:%M").to_string();
        let leg = json!({ "from_organisation": SITE, "to_organisation": GROUP, "departs_at": time(0), "arrives_at": time(60) });
        let trip = self.send(&self.dispatcher, "trips", &json!({ "vehicle": coach, "crew": [driver], "legs": [leg] }))?["id"].clone();
        let path = |step: &str| format!("trips/{}/{step}", trip.as_str().unwrap_or_default());
        let seats: Vec<Value> = people.iter().map(|person| json!({ "traveller": person })).collect();
        self.send(&self.dispatcher, &path("seats"), &json!({ "seats": seats }))?;
        for step in ["announce", "board"] {
            self.send(&self.dispatcher, &path(step), &json!({}))?;
        }
        let offer = json!({ "to_organisation": GROUP, "trip": trip, "travellers": people });
        let handoff = self.send(&self.site, "handoffs", &offer)?;
        self.send(&self.dispatcher, &path("depart"), &json!({}))?;
        self.send(&self.dispatcher, &path("arrive"), &json!({}))?;
        self.accept(&self.group, &handoff, load)
    }

    fn hand_over(&self, giver: &str, receiver: &str, offer: &Value, load: usize) -> Result<()> {
        let handoff = self.send(giver, "handoffs", offer)?;
        self.accept(receiver, &handoff, load)
    }

    fn accept(&self, receiver: &str, handoff: &Value, load: usize) -> Result<()> {
        let id = handoff["id"].as_str().context("an id")?;
        self.send(receiver, &format!("handoffs/{id}/accept"), &json!({ "counted": load })).map(drop)
    }
}
