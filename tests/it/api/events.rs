//! The stream of events, over a real socket: what happened since, then what happens; and a stop that does not wait for readers.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use jiezhuan::access::Role;
use jiezhuan::db::Event;

use crate::support::app::{Caller, TestApp};
use crate::support::{TestDb, on_both_engines};

fn event(kind: &'static str, place: Option<&str>) -> Event {
    Event { kind, subject: uuid::Uuid::nil(), place: place.map(str::to_owned), facts: serde_json::json!({}) }
}

/// Follows the events from after number `last`.
fn follow(address: SocketAddr, caller: &Caller, last: i64) -> BufReader<TcpStream> {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("GET /api/v1/events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\nLast-Event-ID: {last}\r\n\r\n", caller.token);
    socket.write_all(head.as_bytes()).unwrap();
    BufReader::new(socket)
}

/// Reads on until `n` events have come, and returns their kinds.
fn kinds(stream: &mut BufReader<TcpStream>, n: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    while kinds.len() < n {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the stream ended after {kinds:?}");
        kinds.extend(line.strip_prefix("event: ").map(|kind| kind.trim().to_owned()));
    }
    kinds
}

on_both_engines! {
    fn a_reader_resumes_where_it_broke_off_and_sees_only_what_concerns_it(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__SERVER__LISTEN", "127.0.0.1:0"), ("JIEZHUAN__SERVER__WORKERS", "1")]);
        let jiangsu = app.caller(Role::ProvincialGroup, "32");
        app.db.db.write(|tx| {
            tx.record(event("seen_before", None))?;
            tx.record(event("for_everyone", None))?;
            tx.record(event("for_zhejiang", Some("330000")))?;
            tx.record(event("for_suzhou", Some("320500")))
        }).unwrap();
        let server = app.serve();
        let first = app.db.db.read(|conn| jiezhuan::db::events_after(conn, 0, 100)).unwrap().iter().find(|event| event.kind == "seen_before").unwrap().seq;
        let mut stream = follow(server.address, &jiangsu, first);
        assert_eq!(kinds(&mut stream, 2), ["for_everyone", "for_suzhou"]);
        app.db.db.write(|tx| tx.record(event("just_now", None))).unwrap();
        assert_eq!(kinds(&mut stream, 1), ["just_now"]);
        let asked = Instant::now();
        server.stop();
        assert!(asked.elapsed() < Duration::from_secs(8), "the server waited for a reader: {:?}", asked.elapsed());
    }
}
