//! The program as its users run it: a process, with what it took.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// What a run of the program took.
pub struct Run {
    /// From its start to its end.
    pub seconds: f64,
    /// The processor time it had, of all its threads.
    pub cpu_seconds: f64,
    /// The most memory it held, in megabytes of 2^20.
    pub peak_mb: f64,
    /// What it answered.
    pub answer: Value,
}

/// The program, with a database and, beside it, keys.
pub fn jiezhuan(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--json", "--database", url]).args(arguments).stdin(Stdio::null());
    command.env("JIEZHUAN__KEYS__FILE", folder.join("keys.toml"));
    command
}

/// Runs it to its end.
pub fn run(folder: &Path, url: &str, arguments: &[&str]) -> Result<Run> {
    let (answer, said) = (folder.join("answer.json"), folder.join("said.txt"));
    let start = Instant::now();
    let mut child = jiezhuan(folder, url, arguments).stdout(fs::File::create(&answer)?).stderr(fs::File::create(&said)?).spawn()?;
    let (mut peak_mb, mut cpu_seconds) = (0.0_f64, 0.0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_mb = peak_mb.max(memory_mb(&child, "VmHWM").unwrap_or(0.0));
        cpu_seconds = self::cpu_seconds(&child).unwrap_or(cpu_seconds);
        std::thread::sleep(Duration::from_millis(2));
    };
    let seconds = start.elapsed().as_secs_f64();
    let answer = fs::read_to_string(&answer)?;
    ensure!(status.success(), "jiezhuan {arguments:?}: {status}: {answer}{}", fs::read_to_string(&said)?);
    Ok(Run { seconds, cpu_seconds, peak_mb, answer: serde_json::from_str(&answer)? })
}

/// A line of `/proc/PID/status` in megabytes; none when the process is gone.
pub fn memory_mb(child: &Child, line: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let kilobytes = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')?.trim().strip_suffix(" kB")?.parse::<f64>().ok())?;
    Some(kilobytes / 1024.0)
}

/// The seconds of processor time that a process has had so far.
pub fn cpu_seconds(child: &Child) -> Result<f64> {
    Ok(Times::of(child.id())?.own)
}

/// The seconds of processor time that the database server at `url` has had so far, with those of its processes that are gone.
pub fn cpu_seconds_of_server(url: &str) -> Result<f64> {
    let output = Command::new("psql").args(["-X", "-A", "-t", "-d", url, "-c", "SHOW data_directory"]).output().context("psql")?;
    let folder = String::from_utf8(output.stdout)?;
    let pid = fs::read_to_string(Path::new(folder.trim()).join("postmaster.pid"))?;
    let pid: u32 = pid.lines().next().context("a process")?.parse()?;
    let server = Times::of(pid)?;
    let all = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let alive: f64 = all.filter_map(|one| Times::of(one).ok()).filter(|times| times.parent == pid).map(|times| times.own).sum();
    Ok(server.own + server.of_gone_children + alive)
}

/// A process in `/proc`.
struct Times {
    parent: u32,
    own: f64,
    of_gone_children: f64,
}

impl Times {
    fn of(pid: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("a stat line")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let seconds = |user: usize| Ok::<_, anyhow::Error>((fields[user].parse::<f64>()? + fields[user + 1].parse::<f64>()?) / 100.0);
        Ok(Self { parent: fields[1].parse()?, own: seconds(11)?, of_gone_children: seconds(13)? })
    }
}

/// A server that is told to stop when it goes out of scope.
pub struct Served {
    /// The process.
    pub child: Child,
    /// Where it answers.
    pub base: String,
    /// From its start to its first answer.
    pub first_answer: Duration,
}

impl Served {
    /// Starts `serve` and waits for its first answer.
    pub fn start(folder: &Path, url: &str) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let (listen, base) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
        let start = Instant::now();
        let child = jiezhuan(folder, url, &["serve", "--listen", &listen]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut served = Self { child, base, first_answer: Duration::ZERO };
        while ureq::get(format!("{}/healthz", served.base)).call().is_err() {
            ensure!(start.elapsed() < Duration::from_secs(60), "serve does not answer");
            ensure!(served.child.try_wait()?.is_none(), "serve has ended");
            std::thread::sleep(Duration::from_millis(1));
        }
        served.first_answer = start.elapsed();
        Ok(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have gone already; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
