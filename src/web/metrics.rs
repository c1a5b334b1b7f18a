//! Figures about the program itself, in the text format that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::{Method, StatusCode};

/// What was asked and answered since the start.
pub struct Metrics {
    since: Instant,
    answers: Mutex<BTreeMap<(String, String, u16), Answers>>,
}

#[derive(Clone, Copy, Default)]
struct Answers {
    n: u64,
    time: Duration,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { since: Instant::now(), answers: Mutex::default() }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode, time: Duration) {
        let mut all = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = all.entry((method.to_string(), route.to_owned(), status.as_u16())).or_default();
        answers.n += 1;
        answers.time += time;
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from("# TYPE http_requests_total counter\n# TYPE http_request_seconds_total counter\n");
        for ((method, route, status), Answers { n, time }) in answers {
            let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
            // Writing to a string does not fail.
            let _ = writeln!(text, "http_requests_total{labels} {n}\nhttp_request_seconds_total{labels} {:.6}", time.as_secs_f64());
        }
        let _ = writeln!(text, "# TYPE process_uptime_seconds gauge\nprocess_uptime_seconds {:.3}", self.since.elapsed().as_secs_f64());
        if let Some(bytes) = resident_bytes() {
            let _ = writeln!(text, "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {bytes}");
        }
        text
    }
}

/// The memory in use, where the system tells it as Linux does.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
