//! The pages in a real browser: Chromium, driven through ChromeDriver, against the program itself.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use thirtyfour::prelude::*;

use crate::support::{TestDb, on_both_engines, skipped};

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
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

/// The program, serving on a free port.
fn serve(db: &TestDb, keys: &std::path::Path) -> (Running, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--lang", "en", "--database", &db.url, "serve", "--listen", "127.0.0.1:0"]).env("JIEZHUAN__KEYS__FILE", keys);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.split("Serving at ").nth(1).map(str::to_owned)).expect("the server says where it serves");
    // What it logs afterwards must go somewhere, or it would wait for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (Running(child), address)
}

fn account(db: &TestDb, keys: &std::path::Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiezhuan"));
    command.args(["--json", "--database", &db.url, "user", "add", "watch", "--role", "coordinator"]).env("JIEZHUAN__KEYS__FILE", keys);
    let added: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    added["password"].as_str().unwrap().to_owned()
}

async fn signs_in(driver: &WebDriver, address: &str, password: &str) -> WebDriverResult<()> {
    driver.goto(address).await?;
    driver.find(By::Css("input[name=name]")).await?.send_keys("watch").await?;
    driver.find(By::Css("input[type=password]")).await?.send_keys("not the password").await?;
    driver.find(By::Css("input[type=password]")).await?.send_keys(Key::Enter).await?;
    assert!(driver.find(By::Css("[role=alert]")).await?.is_displayed().await?, "a wrong password is told");
    driver.find(By::Css("input[type=password]")).await?.send_keys(password).await?;
    driver.find(By::Css("input[type=password]")).await?.send_keys(Key::Enter).await?;
    let heading = driver.find(By::Css("h1")).await?.text().await?;
    assert!(["Today", "今日"].iter().any(|today| heading.contains(today)), "{heading}");
    driver.find(By::Css(".headline .date")).await?;
    Ok(())
}

on_both_engines! {
    fn a_coordinator_signs_in_by_keyboard_and_sees_the_board_of_today(db: TestDb) {
        let Some((_driver, driver_url)) = driver() else { return };
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys.toml");
        let password = account(&db, &keys);
        let (_server, address) = serve(&db, &keys);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut wanted = DesiredCapabilities::chrome();
            for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] {
                wanted.add_arg(argument).unwrap();
            }
            let driver = WebDriver::new(&driver_url, wanted).await.unwrap();
            let outcome = signs_in(&driver, &address, &password).await;
            driver.quit().await.unwrap();
            outcome.unwrap();
        });
    }
}
