//! The whole application in the process of the test, without a socket, and callers of any role.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service};
use chrono::Days;
use jiezhuan::access::{self, Actor, Keyring, NewUser, Password, Role, Scope, UserName};
use jiezhuan::base::IdSource;
use jiezhuan::config::Settings;
use jiezhuan::dispatch::Driving;
use jiezhuan::policy::{InForce, Texts};
use jiezhuan::web::{self, App};
use serde_json::Value;

use super::TestDb;

/// The application over a test's database.
pub struct TestApp {
    pub db: TestDb,
    pub app: App,
}

/// The password of everyone in these tests.
pub const PASSWORD: &str = "a long enough one";

/// Somebody with a token.
#[derive(Clone)]
pub struct Caller {
    pub name: UserName,
    pub token: String,
}

/// The application on a socket.
pub struct Server {
    app: App,
    pub address: SocketAddr,
    thread: std::thread::JoinHandle<()>,
}

impl Server {
    /// Asks it to stop and waits until it has.
    pub fn stop(self) {
        self.app.stop();
        self.thread.join().expect("the server stops");
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The same as it came, for what is no text.
    pub bytes: Vec<u8>,
}

impl TestApp {
    /// With the default settings.
    pub fn new(db: TestDb) -> Self {
        Self::with(db, &[])
    }

    /// With some settings changed.
    pub fn with(db: TestDb, variables: &[(&str, &str)]) -> Self {
        let settings = Settings::load(None, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).expect("settings");
        let keyring = Keyring::generate(&IdSource::seeded(7));
        let in_force = InForce::of_files(Texts::EMBEDDED).expect("the embedded data");
        let app = App::new(db.db.clone(), Arc::new(keyring), Arc::new(in_force), Driving::embedded().expect("the embedded rules"), settings);
        Self { db, app: app.expect("an application") }
    }

    /// Brings organisations and policies into the database, as every start of the program does.
    pub fn register(&self) {
        let rulebook = self.app.rulebook().clone();
        let registered = self.db.db.write(move |tx| {
            jiezhuan::places::register(tx, &rulebook.organisations)?;
            jiezhuan::policy::register(tx, &rulebook.policies)
        });
        registered.expect("organisations and policies");
    }

    /// A new user of this role and scope, with a token.
    pub fn caller(&self, role: Role, scope: &str) -> Caller {
        self.caller_of(role, scope, None)
    }

    /// A new user who also answers for an organisation.
    pub fn caller_of(&self, role: Role, scope: &str, organisation: Option<&str>) -> Caller {
        let at = if scope.is_empty() { "all".into() } else { scope.replace(',', "-") };
        let of = organisation.map(|code| format!("-{code}")).unwrap_or_default();
        let name: UserName = format!("{role}-{at}{of}").parse().expect("a name");
        let scope: Option<Scope> = (!scope.is_empty()).then(|| scope.parse().expect("a scope"));
        let new =
            NewUser { name: name.clone(), display_name: String::new(), role, scope, organisation: organisation.map(|code| code.parse().expect("a code")) };
        let password = Password::parse(PASSWORD, &name).expect("a password").hash(&IdSource::seeded(3)).expect("a hash");
        let owner = name.clone();
        let secret = self.db.db.write(move |tx| {
            access::user_add(tx, &Actor::operator(), new.clone(), Some(&password))?;
            access::token_add(tx, &Actor::operator(), &owner, "test", tx.now() + Days::new(30)).map(|(_, secret)| secret.expose().to_owned())
        });
        Caller { name, token: secret.expect("a token") }
    }

    /// Serves on a socket until it is told to stop.
    pub fn serve(&self) -> Server {
        let (app, (ready, address)) = (self.app.clone(), std::sync::mpsc::channel());
        let thread = std::thread::spawn(move || web::run(&app, |address| ready.send(address).expect("the test waits")).expect("the server runs"));
        Server { app: self.app.clone(), address: address.recv().expect("the server is ready"), thread }
    }

    /// Sends a request and waits for the whole answer.
    pub fn send(&self, request: TestRequest) -> Reply {
        actix_web::rt::System::new().block_on(async {
            let service = init_service(web::build(&self.app)).await;
            let response = call_service(&service, request.to_request()).await;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = to_bytes(response.into_body()).await.map_err(|_| "the body broke off").expect("a body");
            Reply { status, headers, body: String::from_utf8_lossy(&body).into_owned(), bytes: body.into() }
        })
    }

    /// Asks for `path` as `caller`.
    pub fn get(&self, caller: &Caller, path: &str) -> Reply {
        self.send(caller.asks(TestRequest::get().uri(path)))
    }

    /// Sends JSON to `path` as `caller`.
    pub fn post(&self, caller: &Caller, path: &str, body: &Value) -> Reply {
        self.send(caller.asks(TestRequest::post().uri(path)).set_json(body))
    }
}

impl Caller {
    /// Puts the token on a request.
    pub fn asks(&self, request: TestRequest) -> TestRequest {
        request.insert_header(("Authorization", format!("Bearer {}", self.token)))
    }
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }

    /// The status and the code of the problem.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        (self.status.as_u16(), self.json()["code"].as_str().expect("a code").to_owned())
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }
}
