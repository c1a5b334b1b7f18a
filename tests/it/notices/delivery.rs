//! That every notice is sent, once, whatever the mail server does and whichever node dies.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::test::TestRequest;
use chrono::{TimeDelta, Utc};
use jiezhuan::access::Role;
use serde_json::{Value, json};

use super::{Post, worker};
use crate::handoffs::{offer, refuse};
use crate::support::app::TestApp;
use crate::support::people::{DESK, land, number, register_organisations};
use crate::support::smtp::MailServer;
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";

/// How often each mail came, by its Message-ID.
fn times(mails: &[Value]) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    mails.iter().for_each(|mail| *times.entry(mail["id"].as_str().unwrap().to_owned()).or_default() += 1);
    times
}

/// A node of its own, by the machine's clock.
fn node(post: &Post, folder: &std::path::Path) -> Child {
    let settings = &post.app.app.settings().mail;
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command
        .args(["--database", &post.app.db.url, "worker"])
        .env("JIEZHUAN__KEYS__FILE", folder.join("keys.toml"))
        .env("JIEZHUAN__MAIL__HOST", "127.0.0.1")
        .env("JIEZHUAN__MAIL__PORT", settings.port.to_string())
        .env("JIEZHUAN__MAIL__TLS", "none")
        .env("JIEZHUAN__MAIL__LINK", "https://jiezhuan.example/")
        .env("JIEZHUAN__MAIL__FROM", "no-reply@jiezhuan.example");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn kill(mut node: Child) {
    node.kill().unwrap();
    node.wait().unwrap();
}

/// Answers one request after the other with these statuses, and keeps what was asked.
fn system(statuses: &'static [u16]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serve = move || {
        let answer = |status: &u16| {
            let mut stream = listener.accept().unwrap().0;
            let mut asked = Vec::new();
            let is_whole = |asked: &[u8]| {
                let text = String::from_utf8_lossy(asked);
                let head = text.split_once("\r\n\r\n");
                head.is_some_and(|(head, body)| head.to_lowercase().contains(&format!("content-length: {}", body.len())))
            };
            while !is_whole(&asked) {
                let mut part = [0; 4_096];
                let n = stream.read(&mut part).unwrap();
                asked.extend_from_slice(&part[..n]);
            }
            write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            String::from_utf8(asked).unwrap()
        };
        statuses.iter().map(answer).collect()
    };
    (url, std::thread::spawn(serve))
}

/// Who goes by the clock on the wall is sent no digest, whatever the hour is.
fn without_digest() -> Value {
    json!({"muted": ["digest"]})
}

/// Refuses `n` offers, so that the desk has as many notices coming.
fn refusals(db: &TestDb, n: usize) {
    for person in land(&db.db, &vec![1; n]) {
        let id = offer(&db.db, DESK, SITE, &[person]);
        refuse(&db.db, SITE, id).unwrap();
    }
}

on_both_engines! {
    fn many_nodes_send_each_notice_once(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        post.address(Some(DESK), "desk@x.example", json!({}));
        refusals(&post.app.db, 60);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| post.round());
            }
        });
        // A node that found nothing due may have gone before another was done telling.
        post.round();
        let times = times(&post.server.wait_for(60));
        assert_eq!((times.len(), times.values().max()), (60, Some(&1)));
        assert_eq!(number(&post.app.db.db, "SELECT count(*) AS n FROM notices WHERE state = 'sent' AND attempts = 1"), 60);
    }

    fn a_node_that_dies_between_sent_and_recorded_has_the_same_mail_sent_again_and_no_other(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let (db, folder) = (&post.app.db, tempfile::tempdir().unwrap());
        post.address(Some(DESK), "hold@x.example", without_digest());
        post.address(Some(SITE), "site@x.example", without_digest());
        db.clock.set(Utc::now());
        let id = offer(&db.db, DESK, SITE, &land(&db.db, &[1]));
        post.round();
        refuse(&db.db, SITE, id).unwrap();
        let doomed = node(&post, folder.path());
        post.server.wait_for(2);
        kill(doomed);
        assert_eq!(number(&db.db, "SELECT count(*) AS n FROM notices WHERE state = 'sending'"), 1, "taken by the server, and nobody knows");
        post.round();
        assert_eq!(post.server.taken().len(), 2, "it is the dead node's until its lease is over");
        db.clock.set(Utc::now() + TimeDelta::minutes(6));
        post.round();
        let mails = post.server.wait_for(3);
        let held: Vec<&Value> = mails.iter().filter(|mail| mail["to"] == "hold@x.example").collect();
        assert_eq!(held.len(), 2);
        for field in ["id", "date", "subject", "text"] {
            assert_eq!(held[0][field], held[1][field], "whoever remembers what was taken sees one mail");
        }
        assert_eq!(number(&db.db, "SELECT count(*) AS n FROM notices WHERE state = 'sent'"), 2);
        post.round();
        assert_eq!(post.server.taken().len(), 3);
    }

    fn however_often_nodes_are_killed_every_mail_comes_and_only_those_in_flight_come_again(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let (db, folder) = (&post.app.db, tempfile::tempdir().unwrap());
        post.address(Some(DESK), "brief@x.example", without_digest());
        db.clock.set(Utc::now());
        const NOTICES: usize = 80;
        refusals(db, NOTICES);
        for n in 1..=3 {
            let (doomed, before, started) = (node(&post, folder.path()), post.server.taken().len(), Instant::now());
            while post.server.taken().len() < before + 5 * n && started.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(2));
            }
            kill(doomed);
        }
        db.clock.set(Utc::now() + TimeDelta::minutes(6));
        post.round();
        let times = times(&post.server.wait_for(NOTICES));
        assert_eq!(times.len(), NOTICES, "none is lost");
        assert_eq!(number(&db.db, "SELECT count(*) AS n FROM notices WHERE state = 'sent'"), NOTICES as i64);
        let again = times.values().filter(|times| **times > 1).count();
        assert!(times.values().all(|times| *times <= 2) && again <= 3 * 16, "{again} came again");
    }

    fn a_server_that_says_later_is_tried_later_and_one_that_says_never_is_believed(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        for mailbox in ["later@x.example", "moved@x.example", "slow@x.example"] {
            post.address(Some(DESK), mailbox, json!({}));
        }
        let started = Instant::now();
        refusals(db, 1);
        post.round();
        assert!(started.elapsed() < Duration::from_secs(8), "a server that takes its time is not waited for");
        assert!(post.server.taken().is_empty());
        let dead = post.notices("dead");
        assert_eq!((dead.len(), &dead[0]["address"], &dead[0]["attempts"]), (1, &json!("moved@x.example"), &json!(1)));
        assert!(dead[0]["last_error"].as_str().unwrap().contains("no such mailbox"), "{dead:?}");
        let waiting = post.notices("waiting");
        let error_of = |mailbox: &str| waiting.iter().find(|notice| notice["address"] == mailbox).unwrap()["last_error"].as_str().unwrap().to_owned();
        assert!(error_of("later@x.example").contains("come again"));
        assert!(error_of("slow@x.example").contains("did not answer within 2 seconds"));
        post.round();
        assert!(post.server.taken().is_empty(), "not before its time");
        let shown = post.app.send(post.coordinator.asks(TestRequest::get().uri("/admin/outbox")).insert_header(("Accept", "text/html")));
        let button = format!("action=\"/admin/outbox/{}/resend\"", dead[0]["id"].as_str().unwrap());
        assert!(shown.body.contains("no such mailbox") && shown.body.contains(&button) && !shown.body.contains("Unknown localization"), "{}", shown.body);
        let resend = format!("/api/v1/notices/{}/resend", dead[0]["id"].as_str().unwrap());
        let stranger = post.app.caller_of(Role::Site, "310112", Some("site-310112-1"));
        assert_eq!(post.app.post(&stranger, &resend, &json!({})).problem(), (404, "not_found".into()));
        assert_eq!(post.app.post(&post.coordinator, &resend, &json!({})).json()["state"], "waiting");
        assert_eq!(post.app.post(&post.coordinator, &resend, &json!({})).problem(), (409, "notice_not_dead".into()));
        db.at("2020-09-15 12:01");
        post.round();
        let mut to: Vec<String> = post.server.wait_for(2).iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect();
        to.sort();
        assert_eq!(to, ["later@x.example", "moved@x.example"]);
    }

    fn addresses_are_their_organisations_own(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let app = &post.app;
        let site = app.caller_of(Role::Site, "310114", Some(SITE));
        let body = |organisation: Option<&str>, channel: &str| json!({"organisation": organisation, "channel": channel, "address": if channel == "mail" { "a@b.example" } else { "https://b.example/x" }});
        let added = app.post(&site, "/api/v1/notice-addresses", &body(Some(SITE), "mail"));
        assert_eq!(added.status, 201, "{added:?}");
        assert_eq!(app.post(&site, "/api/v1/notice-addresses", &body(Some("work-group-33"), "mail")).problem(), (422, "unknown_organisation".into()));
        assert_eq!(app.post(&site, "/api/v1/notice-addresses", &body(None, "mail")).problem(), (403, "not_allowed_in_part".into()));
        assert_eq!(app.post(&site, "/api/v1/notice-addresses", &body(Some(SITE), "webhook")).problem(), (403, "not_allowed_in_part".into()));
        let muted = json!({"organisation": SITE, "channel": "mail", "address": "a@b.example", "muted": ["refused"]});
        assert_eq!(app.post(&site, "/api/v1/notice-addresses", &muted).problem(), (422, "notice_cannot_be_muted".into()));
        let hook = app.post(&post.coordinator, "/api/v1/notice-addresses", &body(Some("work-group-33"), "webhook")).json();
        assert_eq!(hook["secret"].as_str().map(str::len), Some(32));
        let listed = |caller| app.get(caller, "/api/v1/notice-addresses").json()["items"].as_array().unwrap().len();
        assert_eq!((listed(&site), listed(&post.coordinator)), (1, 2));
        let theirs = format!("/api/v1/notice-addresses/{}", hook["id"].as_str().unwrap());
        let remove = |caller: &crate::support::app::Caller, path: &str| app.send(caller.asks(actix_web::test::TestRequest::delete().uri(path)).set_json(json!({}))).status.as_u16();
        assert_eq!(remove(&site, &theirs), 404);
        assert_eq!(remove(&site, added.header("location")), 204);
        assert_eq!(remove(&site, added.header("location")), 404);
    }

    fn a_system_is_sent_what_it_can_check_and_the_same_id_again_until_it_takes_it(db: TestDb) {
        let app = TestApp::new(db);
        register_organisations(&app.db.db);
        let coordinator = app.caller(Role::Coordinator, "");
        let (url, asked) = system(&[503, 200]);
        let body = json!({"organisation": DESK, "channel": "webhook", "address": url});
        let secret = app.post(&coordinator, "/api/v1/notice-addresses", &body).json()["secret"].as_str().unwrap().to_owned();
        refusals(&app.db, 1);
        worker(&app).round().unwrap();
        app.db.at("2020-09-15 12:01");
        worker(&app).round().unwrap();
        let asked = asked.join().unwrap();
        let heads: Vec<(BTreeMap<String, &str>, &str)> = asked
            .iter()
            .map(|asked| {
                let (head, body) = asked.split_once("\r\n\r\n").unwrap();
                (head.lines().filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value)).collect(), body)
            })
            .collect();
        assert_eq!(heads[0].0["idempotency-key"], heads[1].0["idempotency-key"]);
        assert_eq!(heads[0].1, heads[1].1);
        for (head, body) in &heads {
            let signature = head["jiezhuan-signature"];
            let at = signature.strip_prefix("t=").unwrap().split(',').next().unwrap().parse().unwrap();
            assert_eq!(signature, jiezhuan::bulletin::sign(&secret, at, body));
        }
        assert_ne!(heads[0].0["jiezhuan-signature"], heads[1].0["jiezhuan-signature"], "each is signed at its own instant");
        let said: Value = serde_json::from_str(heads[1].1).unwrap();
        assert_eq!((&said["news"]["kind"], &said["news"]["reason"]), (&json!("refused"), &json!("no room")));
        let sent = app.get(&coordinator, "/api/v1/notices?state=sent").json();
        assert_eq!((sent["items"].as_array().unwrap().len(), &sent["items"][0]["attempts"]), (1, &json!(2)));
    }

    fn mail_goes_only_where_the_certificate_is_trusted(db: TestDb) {
        let folder = tempfile::tempdir().unwrap();
        let [authority, certificate, key] = ["ca.pem", "cert.pem", "key.pem"].map(|file| folder.path().join(file));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return crate::support::skipped("smtp", "no openssl to make a certificate with");
        }
        std::fs::copy(&certificate, &authority).unwrap();
        let Some(server) = MailServer::start(Some((&certificate, &key))) else { return };
        let port = server.port.to_string();
        let variables = |roots: &'static str| [("JIEZHUAN__MAIL__HOST", "localhost"), ("JIEZHUAN__MAIL__PORT", ""), ("JIEZHUAN__MAIL__ROOT_CERTIFICATES", roots)];
        let mut variables = variables("").to_vec();
        variables[1].1 = &port;
        let mut app = TestApp::with(db, &variables);
        register_organisations(&app.db.db);
        let coordinator = app.caller(Role::Coordinator, "");
        let body = json!({"organisation": DESK, "channel": "mail", "address": "desk@x.example"});
        assert_eq!(app.post(&coordinator, "/api/v1/notice-addresses", &body).status, 201);
        refusals(&app.db, 1);
        worker(&app).round().unwrap();
        assert!(server.taken().is_empty());
        let waiting = app.get(&coordinator, "/api/v1/notices?state=waiting").json();
        assert!(waiting["items"][0]["last_error"].as_str().unwrap().contains("certificate"), "{waiting}");
        app.db.at("2020-09-15 12:02");
        let authority = authority.to_str().unwrap().to_owned();
        variables[2].1 = &authority;
        app = TestApp::with(app.db, &variables);
        worker(&app).round().unwrap();
        assert_eq!(server.wait_for(1)[0]["tls"], true);
    }
}
