//! Ways by road from a routing server: taken with the margin when it answers, estimated and said so when it does not.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::config::Settings;
use jiezhuan::dispatch::{self, Day, Driving, Ways};
use jiezhuan::jobs;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::build::{coach, driver, parties, rulebook, staff, vehicle};
use crate::support::{TestDb, on_both_engines};

/// A routing server that is asked once, and what it was asked. `answer` makes the body from the number of places.
fn server(answer: impl FnOnce(usize) -> String + Send + 'static) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let first = lines.next().unwrap();
        lines.take_while(|line| !line.is_empty()).for_each(drop);
        let n = first.split(';').count();
        let body = answer(n);
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
        first
    });
    (address, asked)
}

fn ways(address: &str) -> jiezhuan::config::Ways {
    let variables = [("JIEZHUAN__WAYS__OSRM", address), ("JIEZHUAN__WAYS__TIMEOUT_SECONDS", "2")];
    Settings::load(None, variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap().ways
}

/// Every way an hour and 50 kilometres.
fn hours(n: usize) -> String {
    json!({"code": "Ok", "durations": vec![vec![3_600.0; n]; n], "distances": vec![vec![50_000.0; n]; n]}).to_string()
}

fn day(db: &TestDb) -> Day {
    let rulebook = rulebook(db);
    vehicle(db, coach("苏A00001"));
    staff(db, driver("D1"));
    parties(db, &[2]);
    let on = "2020-09-15".parse().unwrap();
    db.db.read(|conn| dispatch::day(conn, &Actor::operator(), &rulebook, &Driving::embedded()?, TimeDelta::minutes(60), on)).unwrap()
}

/// Where no server is. A port that was free a moment ago will not do: another test may have it by now.
const NOBODY: &str = "http://127.0.0.1:1";

on_both_engines! {
    fn ways_are_those_of_the_server_with_the_margin(db: TestDb) {
        let (day, driving) = (day(&db), Driving::embedded().unwrap());
        let (address, asked) = server(hours);
        let measured = day.clone().by_roads(&driving, jobs::roads(&ways(&address), &day.positions).unwrap());
        assert_eq!(measured.ways, Ways::Measured);
        let asked = asked.join().unwrap();
        let first = day.positions[0];
        let path = format!("GET /table/v1/driving/{:.6},{:.6};", first.longitude, first.latitude);
        assert!(asked.starts_with(&path) && asked.contains("?annotations=duration,distance"), "{asked}");
        let margin: u32 = include_str!("../../config/driving.toml").lines().find_map(|line| line.strip_prefix("margin_percent = ")).unwrap().parse().unwrap();
        let travel = &measured.problem.travel;
        assert_eq!((travel.minutes(0, 1), travel.km10(0, 1), travel.minutes(1, 1)), (((60 * (100 + margin)).div_ceil(100)) as i32, 500, 0));
    }

    fn a_server_that_is_of_no_use_leaves_the_estimate_and_the_reason(db: TestDb) {
        let (day, driving) = (day(&db), Driving::embedded().unwrap());
        assert_eq!((jobs::roads(&ways(""), &day.positions), &day.ways), (None, &Ways::Estimated), "no server is set");
        let mut tried = vec![NOBODY.to_owned()];
        let answers: [fn(usize) -> String; 4] = [
            |_| "<html>".into(),
            |_| json!({"code": "TooBig", "message": "Too many table coordinates"}).to_string(),
            |n| json!({"code": "Ok", "durations": vec![vec![None::<f64>; n]; n], "distances": vec![vec![1.0; n]; n]}).to_string(),
            |_| json!({"code": "Ok", "durations": [[0.0]], "distances": [[0.0]]}).to_string(),
        ];
        let servers = answers.map(server);
        tried.extend(servers.iter().map(|(address, _)| address.clone()));
        let mut causes = Vec::new();
        for address in tried {
            let kept = day.clone().by_roads(&driving, jobs::roads(&ways(&address), &day.positions).unwrap());
            let Ways::Failed { cause } = kept.ways else { panic!("{address}: {:?}", kept.ways) };
            assert_eq!(kept.problem.travel.minutes(0, 1), day.problem.travel.minutes(0, 1));
            causes.push(cause);
        }
        assert_eq!(causes[1..], ["200 OK, and no table", "Too many table coordinates", "a table with gaps", "a table with gaps"]);
        servers.into_iter().for_each(|(_, asked)| drop(asked.join().unwrap()));
    }

    fn the_proposal_says_that_the_server_failed(db: TestDb) {
        drop(day(&db));
        let app = TestApp::with(db, &[("JIEZHUAN__WAYS__OSRM", NOBODY)]);
        let chen = app.caller(Role::Dispatcher, "all");
        let begun = app.post(&chen, "/api/v1/proposals", &json!({"on": "2020-09-15", "seconds": 1})).json();
        let id = begun["id"].as_str().unwrap();
        assert_eq!(app.get(&chen, &format!("/api/v1/proposals/{id}")).json()["ways"], "failed");
        let page = chen.asks(TestRequest::get().uri(&format!("/trips/proposals/{id}"))).insert_header(("Accept", "text/html"));
        assert!(app.send(page).body.contains("改按直线距离估算"));
    }
}
