//! A real mail server beside the tests: `aiosmtpd`, told by the name of a recipient what to do with a mail.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::skipped;

/// A mail server that ends with its test.
pub struct MailServer {
    process: Child,
    pub port: u16,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl MailServer {
    /// Starts one, with a certificate and its key if it is to demand TLS; none where Python has no `aiosmtpd`.
    pub fn start(certificate: Option<(&Path, &Path)>) -> Option<Self> {
        let has_it = |python: &&str| {
            let asked = Command::new(python).args(["-c", "import aiosmtpd.smtp"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(has_it) else {
            skipped("smtp", "no Python with aiosmtpd; install python3-aiosmtpd");
            return None;
        };
        let mut command = Command::new(python);
        command.args(["-c", include_str!("smtp.py")]);
        if let Some((certificate, key)) = certificate {
            command.args([certificate, key]);
        }
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the mail server starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let read = |line: String| serde_json::from_str::<Value>(&line).expect("a line of JSON");
        let port = read(lines.next().expect("the mail server tells its port"))["port"].as_u64().expect("a port");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        std::thread::spawn(move || lines.for_each(|line| kept.lock().expect("nobody panics").push(read(line))));
        Some(Self { process, port: u16::try_from(port).expect("a port"), taken })
    }

    /// The mails taken so far, in the order in which they came.
    pub fn taken(&self) -> Vec<Value> {
        self.taken.lock().expect("nobody panics").clone()
    }

    /// Waits until at least `n` mails were taken.
    pub fn wait_for(&self, n: usize) -> Vec<Value> {
        let started = Instant::now();
        while self.taken().len() < n {
            assert!(started.elapsed() < Duration::from_secs(20), "{} of {n} mails have come", self.taken().len());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.taken()
    }

    /// The subjects of the mails to one mailbox, in the order in which they came.
    pub fn subjects_to(&self, mailbox: &str) -> Vec<String> {
        // What was taken is told by another process, so a moment later.
        std::thread::sleep(Duration::from_millis(150));
        let of = |mail: &Value| mail["subject"].as_str().expect("a subject").to_owned();
        self.taken().iter().filter(|mail| mail["to"] == mailbox).map(of).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
