//! A throw-away PostgreSQL for one run: its own folder, a socket only, gone with the process; its folder is removed by the next run.
//! `TEST_DATABASE_URL` names a server to use instead (its role must be allowed to create databases).

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::{Connection, PgConnection, RunQueryDsl};
use jiezhuan::base::{Clock, IdSource};
use jiezhuan::db::{Db, Url};

/// A server with a migrated template database.
pub struct Server {
    /// The URL of a database, without the database's name.
    base: String,
    admin: String,
    template: String,
}

/// The one server of this run, started with these settings; none if this machine has no PostgreSQL.
pub fn server(settings: &'static [&'static str]) -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => {
            let (base, _) = url.rsplit_once('/').expect("TEST_DATABASE_URL names a database");
            Some(Server::with_template(base.to_owned(), String::new(), url.clone()))
        }
        Err(_) => start(settings),
    });
    if server.is_none() {
        super::skipped("postgres", "no initdb in PG_BIN, PATH or /usr/lib/postgresql/*/bin; install PostgreSQL or set TEST_DATABASE_URL");
    }
    server.as_ref()
}

impl Server {
    fn with_template(base: String, query: String, admin: String) -> Self {
        let template = format!("jiezhuan_template_{}", std::process::id());
        let mut server = Self { base, admin, template };
        if !query.is_empty() {
            server.base = format!("{}?{query}", server.base);
        }
        server.run(&format!("CREATE DATABASE {}", server.template));
        let db = Db::open(Url::parse(&server.url(&server.template)).expect("a URL"), 1, Clock::System, IdSource::seeded(0)).expect("the template opens");
        db.migrate().expect("the migrations run on PostgreSQL");
        server
    }

    /// The URL of a new, migrated database.
    pub fn fresh_database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("jiezhuan_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // The template may still have its last connection open for a moment.
        for _ in 0..50 {
            if self.try_run(&format!("CREATE DATABASE {name} TEMPLATE {}", self.template)).is_ok() {
                return self.url(&name);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("cannot create {name}");
    }

    fn url(&self, database: &str) -> String {
        match self.base.split_once('?') {
            Some((base, query)) => format!("{base}/{database}?{query}"),
            None => format!("{}/{database}", self.base),
        }
    }

    fn run(&self, sql: &str) {
        self.try_run(sql).expect("the server obeys");
    }

    fn try_run(&self, sql: &str) -> diesel::QueryResult<usize> {
        let mut conn = PgConnection::establish(&self.admin).expect("the server answers");
        diesel::sql_query(sql).execute(&mut conn)
    }
}

/// What the folders of these servers are called.
const PREFIX: &str = "jiezhuan-pg-";

fn start(settings: &'static [&'static str]) -> Option<Server> {
    let bin = binaries()?;
    sweep();
    let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().expect("a folder").keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let data = folder.join("data");
    std::fs::create_dir(&data).expect("a data folder");
    let owner = owner_for(&data);
    let mut init = Command::new(bin.join("initdb"));
    init.args(["--auth=trust", "--username=jiezhuan", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"]).arg(&data).current_dir("/").stdout(Stdio::null());
    if let Some((uid, gid)) = owner {
        init.uid(uid).gid(gid);
    }
    assert!(init.status().expect("initdb starts").success(), "initdb failed");
    let (ready, wait) = std::sync::mpsc::channel();
    let socket = data.clone();
    // The server is told to die with the thread that starts it, so that thread stays for as long as the process does.
    std::thread::spawn(move || {
        let mut server = Command::new("setpriv");
        server.args(["--pdeathsig", "KILL"]);
        if let Some((uid, gid)) = owner {
            server.args(["--reuid", &uid.to_string(), "--regid", &gid.to_string(), "--clear-groups"]);
        }
        server.arg(bin.join("postgres")).arg("-D").arg(&socket).arg("-k").arg(&socket);
        server.args(["-c", "listen_addresses=", "-c", "max_connections=200"]);
        server.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let child = server.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        ready.send(child.map(drop)).expect("somebody waits");
        std::thread::park();
    });
    wait.recv().expect("the starter answers").expect("setpriv starts the server");
    let host = data.display().to_string().replace('/', "%2F");
    let (base, admin) = (format!("postgres://jiezhuan@{host}"), format!("postgres://jiezhuan@{host}/postgres"));
    for _ in 0..200 {
        if PgConnection::establish(&admin).is_ok() {
            return Some(Server::with_template(base, String::new(), admin));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("PostgreSQL did not start in ten seconds");
}

/// Removes the folders of servers that went with their runs. A run cannot remove its own: its server is there until the process ends.
fn sweep() {
    let ours = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(PREFIX);
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten().filter(ours) {
        let pid = std::fs::read_to_string(entry.path().join("data/postmaster.pid")).unwrap_or_default();
        let is_gone = pid.lines().next().is_some_and(|pid| !Path::new("/proc").join(pid).exists());
        if is_gone {
            // Another run may be sweeping too; what is left is swept by the next.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PG_BIN").map(PathBuf::from).into_iter().collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").is_file())
}

/// PostgreSQL refuses to run as root; the data folder then goes to the first ordinary user there is.
fn owner_for(data: &Path) -> Option<(u32, u32)> {
    let number = |user: &str, flag: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let me = String::from_utf8(Command::new("id").arg("-u").output().expect("id runs").stdout).expect("a number");
    if me.trim() != "0" {
        return None;
    }
    let (uid, gid) = ["postgres", "nobody"].iter().find_map(|user| Some((number(user, "-u")?, number(user, "-g")?))).expect("an ordinary user");
    std::os::unix::fs::chown(data, Some(uid), Some(gid)).expect("the data folder changes hands");
    Some((uid, gid))
}
