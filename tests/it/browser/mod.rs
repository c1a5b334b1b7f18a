//! The pages in a real browser: Chromium, driven through ChromeDriver, against the program itself.

mod accessibility;
mod coordinator;
mod desk;
mod dispatcher;
mod guest;
mod kept;
mod receipt;

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::support::{TestDb, skipped};

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program over a test's database, with keys of its own.
struct Program {
    db: TestDb,
    folder: tempfile::TempDir,
    server: Option<Running>,
    address: String,
}

/// A browser with one page open.
struct Browser {
    driver: WebDriver,
    address: String,
}

/// A browser's driver, and where it listens; none where there is no browser.
fn driver() -> Option<(Running, String)> {
    let mut child = match Command::new("chromedriver").arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(_) => {
            skipped("browser", "no chromedriver in PATH; install chromium and chromium-driver");
            return None;
        }
    };
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.map_while(Result::ok).find_map(|line| line.split("successfully on port ").nth(1).map(|port| port.trim_end_matches('.').to_owned()));
    Some((Running(child), format!("http://127.0.0.1:{}", port.expect("chromedriver tells its port"))))
}

/// Runs a test in browsers that `driver_url` starts.
fn in_time<T>(test: impl Future<Output = WebDriverResult<T>>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test).unwrap()
}

impl Program {
    /// Serves on a free port. What the test writes itself is written at the time by which the program goes: deadlines set at another
    /// would have passed.
    fn serve(db: TestDb) -> Self {
        let mut program = Self::at_rest(db);
        program.start("127.0.0.1:0");
        program
    }

    /// Serves nothing yet, so that no background job meddles with what is written first.
    fn at_rest(db: TestDb) -> Self {
        db.clock.set(jiezhuan::base::Clock::System.now());
        Self { db, folder: tempfile::tempdir().unwrap(), server: None, address: String::new() }
    }

    fn start(&mut self, listen: &str) {
        let mut command = self.command();
        command.args(["--lang", "en", "serve", "--listen", listen]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        self.address = lines.find_map(|line| line.split("Serving at ").nth(1).map(str::to_owned)).expect("the server says where it serves");
        // What it logs afterwards must go somewhere, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        self.server = Some(Running(child));
    }

    /// Kills the server and starts it again at the same address.
    fn restart(&mut self) {
        self.server = None;
        let listen = self.address.trim_start_matches("http://").to_owned();
        self.start(&listen);
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
        command.args(["--database", &self.db.url]).env("JIEZHUAN__KEYS__FILE", self.folder.path().join("keys.toml"));
        command
    }

    /// Runs another command of the program and returns its JSON.
    fn run(&self, arguments: &[&str]) -> Value {
        let output = self.command().arg("--json").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// A user; the password.
    fn account(&self, name: &str, role: &str, scope: &str, organisation: Option<&str>) -> String {
        let mut arguments = vec!["user", "add", name, "--role", role];
        if scope != "all" {
            arguments.extend(["--scope", scope]);
        }
        arguments.extend(organisation.into_iter().flat_map(|code| ["--organisation", code]));
        self.run(&arguments)["password"].as_str().unwrap().to_owned()
    }

    /// Imports a flight that landed half an hour ago: a couple bound for Suzhou, and people alone bound for Nanjing. `n` of them, from the
    /// passport number E2000`first` on.
    fn lands(&self, flight_no: &str, first: usize, n: usize) {
        let landed = (jiezhuan::base::Clock::System.now() - chrono::TimeDelta::minutes(30)).with_timezone(&jiezhuan::base::time::SHANGHAI);
        let mut roster = String::from("航班号,口岸,落地时间,姓名,英文姓名,国籍,证件号码,座位,同行组,目的地\n");
        for k in 0..n {
            let (party, to) = if k < 2 { ("1".to_owned(), "320500") } else { (format!("{}", k + 1), "320100") };
            let name = ["李雷", "韩梅梅", "王芳", "张伟", "刘洋", "陈静"][k % 6];
            roster += &format!("{flight_no},PVG,{},{name},,CHN,E2000{:04},{}A,{party},{to}\n", landed.format("%Y-%m-%d %H:%M"), first + k, 31 + k);
        }
        let file = self.folder.path().join(format!("{flight_no}.csv"));
        std::fs::write(&file, roster).unwrap();
        let imported = self.run(&["import", &file.to_string_lossy()]);
        assert_eq!(imported["files"][0]["new"], n, "{imported}");
    }
}

impl Browser {
    async fn open(driver_url: &str, program: &Program, size: (u32, u32)) -> WebDriverResult<Self> {
        let mut wanted = DesiredCapabilities::chrome();
        let size = format!("--window-size={},{}", size.0, size.1);
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &size,
        ] {
            wanted.add_arg(argument)?;
        }
        Ok(Self { driver: WebDriver::new(driver_url, wanted).await?, address: program.address.clone() })
    }

    async fn goes_to(&self, path: &str) -> WebDriverResult<()> {
        self.driver.goto(format!("{}{path}", self.address)).await
    }

    /// Types on the keyboard, wherever the cursor is.
    async fn types(&self, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        self.driver.action_chain().send_keys(keys).perform().await
    }

    /// Types as a passport reader does, wherever the cursor is: a character every ten milliseconds, and Enter.
    async fn scans(&self, text: &str) -> WebDriverResult<()> {
        self.strikes(&format!("{text}\r"), 0.01).await
    }

    /// Strikes keys that many seconds apart, by the time that the keystrokes carry: what drives a browser may need longer for each, as no
    /// reader and no finger does.
    async fn strikes(&self, text: &str, apart: f64) -> WebDriverResult<()> {
        let tools = self.driver.cdp();
        let began = jiezhuan::base::Clock::System.now().timestamp_millis() as f64 / 1_000.0;
        for (k, typed) in text.chars().map(String::from).enumerate() {
            let key = if typed == "\r" { "Enter" } else { &typed };
            let event = json!({ "type": "keyDown", "key": key, "text": typed, "timestamp": began + k as f64 * apart });
            tools.send_raw("Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// Signs in by keyboard and waits for the page that follows.
    async fn signs_in(&self, name: &str, password: &str) -> WebDriverResult<()> {
        self.goes_to("/sign-in").await?;
        self.reads("zh").await?;
        self.types(name).await?;
        self.types(Key::Tab + password + Key::Enter).await?;
        self.waits_until("the page after signing in", || async { Ok(!self.path().await?.starts_with("/sign-in")) }).await
    }

    /// Chooses the language of the next page, as somebody who comes back has chosen it.
    async fn reads(&self, language: &str) -> WebDriverResult<()> {
        let chosen = format!("if (!document.cookie.includes('jiezhuan_language')) document.cookie = 'jiezhuan_language={language};path=/'");
        self.driver.execute(chosen, Vec::<Value>::new()).await.map(drop)
    }

    async fn path(&self) -> WebDriverResult<String> {
        Ok(self.driver.current_url().await?.path().to_owned())
    }

    /// Everything that the main part of the page says.
    async fn says(&self) -> WebDriverResult<String> {
        self.driver.find(By::Css("main")).await?.text().await
    }

    /// Waits, at most 15 seconds, until the page says something and listens: its text stands before its script hears keys.
    async fn waits_for(&self, text: &str) -> WebDriverResult<()> {
        let listens = || async { self.driver.execute("return document.readyState === 'complete'", Vec::<Value>::new()).await?.convert::<bool>() };
        self.waits_until(text, || async { Ok(self.says().await?.contains(text) && listens().await?) }).await
    }

    /// What the line about the network says.
    async fn line(&self) -> WebDriverResult<String> {
        self.driver.find(By::Id("line-state")).await?.text().await
    }

    async fn waits_until<F: Future<Output = WebDriverResult<bool>>>(&self, what: &str, is_so: impl Fn() -> F) -> WebDriverResult<()> {
        let began = Instant::now();
        // A page that is being replaced has no main part for a moment.
        while !is_so().await.unwrap_or(false) {
            if began.elapsed() > Duration::from_secs(15) {
                panic!("waited in vain for {what}: {} says {}", self.driver.current_url().await?, self.says().await.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The id of the element that the cursor is in.
    async fn cursor(&self) -> WebDriverResult<String> {
        Ok(self.driver.active_element().await?.attr("id").await?.unwrap_or_default())
    }

    async fn closes(self) -> WebDriverResult<()> {
        self.driver.quit().await
    }
}

/// The file of axe-core, which the accessibility of pages is checked with; none where it has not been fetched.
fn axe() -> Option<String> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let cache = || std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    let fetched = || Some(cache()?.join("jiezhuan-ci/axe/node_modules/axe-core/axe.min.js"));
    let file = std::env::var_os("JIEZHUAN_AXE").map(PathBuf::from).or_else(fetched)?;
    match std::fs::read_to_string(&file) {
        Ok(script) => Some(script),
        Err(_) => {
            skipped("axe", "no axe-core; `.ci/run packages` fetches it, or JIEZHUAN_AXE names the file axe.min.js");
            None
        }
    }
}
