//! Settings: `config/default.toml`, which is built in and lists them all, then a file, then variables of the environment.
//! A [`Settings`] is complete and valid, or there is none. It is handed to whoever needs it and never global; nothing else
//! reads the environment. What a setting is for is known only to the slice that it is handed to.

mod load;
mod secret;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

pub use self::load::environment;
pub use self::secret::Secret;
use crate::base::Language;

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// The language of those who have not chosen one.
    pub language: Language,
    /// How pages and API are served.
    pub server: Server,
    /// Where the database is.
    pub database: Database,
    /// Where the keys that seal identities are.
    pub keys: Keys,
    /// Files that replace built-in tables.
    pub data: Data,
    /// How bulletins are written.
    pub bulletin: Bulletin,
    /// What rosters are taken.
    pub rosters: Rosters,
    /// The rules for vehicles.
    pub fleet: Fleet,
    /// Ways between places.
    pub ways: Ways,
    /// How long somebody stays signed in.
    pub sessions: Sessions,
    /// How long answers are kept for repetition.
    pub requests: Requests,
    /// Who does what nobody asks for.
    pub jobs: Jobs,
    /// The mail server.
    pub mail: Mail,
    /// Where figures about the program itself are served.
    pub metrics: Metrics,
    /// What is logged, and how.
    pub log: Log,
}

/// How pages and API are served.
#[derive(Debug, Clone, Deserialize)]
pub struct Server {
    /// The address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Threads that serve requests; 0 takes one per processor.
    pub workers: usize,
    /// Whether people come by https, so that cookies may be marked Secure.
    pub behind_https: bool,
    /// Seconds that requests in progress get to finish after SIGTERM.
    pub stop_seconds: u64,
    /// The largest JSON body, in bytes.
    pub largest_body: usize,
}

/// Where the database is.
#[derive(Debug, Clone, Deserialize)]
pub struct Database {
    /// `sqlite://FILE` or `postgres://...`; it may hold a password.
    pub url: Secret,
    /// Connections kept at most.
    pub connections: u32,
}

/// Where the keys that seal identities are.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    /// The keys file, made at the first start.
    pub file: PathBuf,
    /// The content of a keys file; it wins over [`Keys::file`].
    #[serde(deserialize_with = "load::none_if_empty")]
    pub value: Option<Secret>,
}

/// Files that replace built-in tables; none keeps the table.
#[derive(Debug, Clone, Deserialize)]
pub struct Data {
    /// The dated policies.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub policies: Option<PathBuf>,
    /// Receivers, hubs and deadlines per route.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub routes: Option<PathBuf>,
    /// Those who can answer for people.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub organisations: Option<PathBuf>,
    /// Shanghai, the three provinces, their districts and cities.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub places: Option<PathBuf>,
    /// All provinces.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub provinces: Option<PathBuf>,
    /// Prefectures of the other provinces.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub cities: Option<PathBuf>,
    /// Counties of the three provinces, and withdrawn codes.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub counties: Option<PathBuf>,
    /// What law and practice ask of trips.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub driving: Option<PathBuf>,
}

/// How bulletins are written.
#[derive(Debug, Clone, Deserialize)]
pub struct Bulletin {
    /// The folder of the fonts for PDF; none: the few where systems keep them.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub fonts: Option<PathBuf>,
}

/// What rosters are taken.
#[derive(Debug, Clone, Deserialize)]
pub struct Rosters {
    /// The ports of entry, by IATA code.
    pub ports: Vec<String>,
    /// The largest file, in bytes.
    pub largest_upload: usize,
}

/// The rules for vehicles.
#[derive(Debug, Clone, Deserialize)]
pub struct Fleet {
    /// How much of a coach may be filled, in percent of its seats.
    pub load_cap_percent: u8,
    /// The rows at the back that stay free as observation area.
    pub free_last_rows: u8,
    /// Minutes between two trips of a vehicle.
    pub disinfection_minutes: u32,
}

/// Where the ways between places are asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Ways {
    /// The address of a routing server; none: ways are estimated.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub osrm: Option<String>,
    /// Seconds that it gets for one table.
    pub timeout_seconds: u64,
}

/// How long somebody stays signed in.
#[derive(Debug, Clone, Deserialize)]
pub struct Sessions {
    /// Hours after which somebody has to sign in again.
    pub hours: u32,
}

/// How long answers are kept for repetition.
#[derive(Debug, Clone, Deserialize)]
pub struct Requests {
    /// Hours.
    pub remember_hours: u32,
}

/// Who does what nobody asks for.
#[derive(Debug, Clone, Deserialize)]
pub struct Jobs {
    /// Whether `serve` does it too, beside pages and API.
    pub in_server: bool,
    /// Whether days that nobody has sealed are sealed.
    pub seal_days: bool,
    /// How many hours after midnight.
    pub seal_after_hours: u32,
}

/// The mail server.
#[derive(Debug, Clone, Deserialize)]
pub struct Mail {
    /// Its name; none: no mail is sent, and notices wait.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from listeners.
    pub tls: Tls,
    /// A file of certificates to trust besides those that everybody does.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub root_certificates: Option<PathBuf>,
    /// Who signs in.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub user: Option<String>,
    /// With which password.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub password: Option<Secret>,
    /// The sender of every mail.
    pub from: String,
    /// Where people reach the pages, for the links in mails.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub link: Option<String>,
    /// Seconds that the server gets for one mail.
    pub timeout_seconds: u64,
}

/// How a connection is kept from listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// It is not; for a server on the same machine.
    None,
    /// It begins in the open and must be upgraded.
    Starttls,
    /// From the first byte.
    Implicit,
}

/// Where figures about the program itself are served.
#[derive(Debug, Clone, Deserialize)]
pub struct Metrics {
    /// A listener of its own, without a token.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub listen: Option<SocketAddr>,
    /// The token by which they are had on the main listener.
    #[serde(deserialize_with = "load::none_if_empty")]
    pub token: Option<Secret>,
}

/// What is logged, and how.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// A filter as `tracing-subscriber` reads it.
    pub filter: String,
    /// One JSON object a line.
    pub json: bool,
}
