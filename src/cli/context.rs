//! What commands stand on: settings, and from them the rulebook, the database, the keys, each opened when it is first wanted.

use std::borrow::Cow;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::access::Keyring;
use crate::base::{Clock, Error, IdSource, Message, Result};
use crate::config::Settings;
use crate::db::{Db, Url};
use crate::dispatch::Driving;
use crate::policy::{InForce, Rulebook, Texts};

/// The setting that holds the keys themselves.
const KEYS_VALUE: &str = "keys.value";

/// Settings, and what they lead to.
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
}

/// A database in use: migrated, its tables of reference registered, its keys at hand.
pub(super) struct Installation {
    pub(super) db: Db,
    pub(super) keyring: Arc<Keyring>,
    /// What commands go by.
    pub(super) rulebook: Arc<Rulebook>,
    /// Where those who work on hear of what is loaded later.
    pub(super) in_force: Arc<InForce>,
}

impl Context {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, clock: Clock::System }
    }

    /// Writes what happens to standard error from now on, as the settings say.
    pub(super) fn start_log(&self) {
        let filter = tracing_subscriber::EnvFilter::try_new(&self.settings.log.filter).unwrap_or_default();
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        // A second call, as in a test that serves twice, keeps the first log.
        let _ = if self.settings.log.json { builder.json().try_init() } else { builder.try_init() };
    }

    /// The tables of reference: the built-in ones, or the files that the settings name instead.
    pub(super) fn texts(&self) -> Result<Texts> {
        let data = &self.settings.data;
        let built_in = Texts::EMBEDDED;
        let text = |file: &Option<PathBuf>, built_in| file.as_deref().map_or(Ok(built_in), |file| read(file).map(Cow::Owned));
        Ok(Texts {
            places: text(&data.places, built_in.places)?,
            provinces: text(&data.provinces, built_in.provinces)?,
            cities: text(&data.cities, built_in.cities)?,
            counties: text(&data.counties, built_in.counties)?,
            organisations: text(&data.organisations, built_in.organisations)?,
            routes: text(&data.routes, built_in.routes)?,
            policies: text(&data.policies, built_in.policies)?,
        })
    }

    /// The rules of the road: the built-in ones, or the file that the settings name instead.
    pub(super) fn driving(&self) -> Result<Driving> {
        match &self.settings.data.driving {
            Some(file) => Driving::read(&read(file)?),
            None => Driving::embedded(),
        }
    }

    /// Opens the database without touching its schema.
    pub(super) fn database(&self, ids: IdSource) -> Result<Db> {
        let url = Url::parse(self.settings.database.url.expose())?;
        Db::open(url, self.settings.database.connections, self.clock.clone(), ids)
    }

    /// Opens the database for work. An embedded one is made and migrated on first use; a served one must have been migrated.
    pub(super) fn installation(&self) -> Result<Installation> {
        self.installation_with(IdSource::random())
    }

    /// The same, with chance from elsewhere.
    pub(super) fn installation_with(&self, ids: IdSource) -> Result<Installation> {
        let db = self.database(ids)?;
        match db.url() {
            Url::Sqlite(_) => db.migrate()?,
            Url::Postgres(_) => {
                if let Some(first) = db.pending_migrations()?.first() {
                    return Err(Error::Refused(Message::new("migrate_first").with("migration", first)));
                }
            }
        }
        let in_force = Arc::new(InForce::of_files(self.texts()?)?);
        db.read(|conn| in_force.catch_up(conn))?;
        let registered = in_force.now();
        db.write(move |tx| {
            crate::places::register(tx, &registered.organisations)?;
            crate::policy::register(tx, &registered.policies)
        })?;
        let keyring = Arc::new(self.keyring(db.url())?);
        let fingerprint = keyring.fingerprint();
        db.write(move |tx| crate::access::keys_belong(tx, &fingerprint))?;
        Ok(Installation { db, keyring, rulebook: in_force.now(), in_force })
    }

    /// The keys: from a variable, from their file, or (at the first start) new ones in that file.
    fn keyring(&self, url: &Url) -> Result<Keyring> {
        match self.keyring_at_hand(url)? {
            Some(keyring) => Ok(keyring),
            None => make_keys(&self.keys_file(url)),
        }
    }

    /// The keys, if there are any; none are made.
    pub(super) fn keyring_at_hand(&self, url: &Url) -> Result<Option<Keyring>> {
        let parse = |text: &str, origin: &str| Keyring::parse(text).map(Some).map_err(|message| Error::invalid(origin, message));
        if let Some(value) = &self.settings.keys.value {
            return parse(value.expose(), KEYS_VALUE);
        }
        let file = self.keys_file(url);
        match std::fs::read_to_string(&file) {
            Ok(text) => parse(&text, &file.display().to_string()),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(unreadable(&file, &fault)),
        }
    }

    /// Where the keys of a database are: the file, or the setting that holds them.
    pub(super) fn keys_at(&self, url: &Url) -> String {
        if self.settings.keys.value.is_some() { KEYS_VALUE.to_owned() } else { self.keys_file(url).display().to_string() }
    }

    /// Keys of an embedded database lie beside it unless the settings say otherwise, so that the two are found together.
    fn keys_file(&self, url: &Url) -> PathBuf {
        match (self.settings.keys.file.as_os_str().is_empty(), url) {
            (true, Url::Sqlite(database)) => {
                let mut name = database.as_os_str().to_owned();
                name.push(".keys.toml");
                name.into()
            }
            (true, Url::Postgres(_)) => "data/keys.toml".into(),
            (false, _) => self.settings.keys.file.clone(),
        }
    }
}

/// Makes a keys file that only its owner may read. Two first starts at once make one: the second reads what the first made.
fn make_keys(file: &Path) -> Result<Keyring> {
    let failed = |fault: std::io::Error| Error::Unavailable(Message::new("keys_cannot_be_made").with("file", file.display()).with("cause", fault));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let keyring = Keyring::generate(&IdSource::random());
    // Written whole beside its place and then linked there, so that nobody ever reads half a file.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    new.write_all(keyring.to_text().as_bytes()).and_then(|()| new.as_file().sync_all()).map_err(failed)?;
    match new.persist_noclobber(file) {
        Ok(_) => {
            tracing::info!(file = %file.display(), "made the keys that seal identities; keep a copy apart from the database");
            Ok(keyring)
        }
        Err(fault) if fault.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Keyring::parse(&read(file)?).map_err(|message| Error::invalid(file.display().to_string(), message))
        }
        Err(fault) => Err(failed(fault.error)),
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|fault| unreadable(file, &fault))
}

fn unreadable(file: &Path, fault: &std::io::Error) -> Error {
    Error::Unavailable(Message::new("setting_file_unreadable").with("file", file.display()).with("cause", fault))
}
