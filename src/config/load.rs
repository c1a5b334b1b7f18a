//! From sources to [`Settings`]: later ones override earlier ones, what `default.toml` does not list is refused by name, and
//! every value is checked. All faults of a kind are told at once, each with the path of its setting; none quotes a value.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Value, ValueKind};
use serde::de::{Deserialize, Deserializer, Error as _, IntoDeserializer};

use super::Settings;
use crate::base::{Error, FieldError, Message, Result};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const PREFIX: &str = "JIEZHUAN__";

/// The variables of the environment.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

impl Settings {
    /// The defaults, overridden by `file` and then by those of the `variables` that are named `JIEZHUAN__SECTION__KEY`.
    ///
    /// # Errors
    /// Invalid, with the path of each setting that is unknown, or else of those that are wrong.
    pub fn load(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let known = flat(&Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)).build().map_err(|cause| wrong(&cause))?.cache);
        let mut sources = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            let text = read(file, "config")?;
            let given = Config::builder().add_source(File::from_str(&text, FileFormat::Toml)).build().map_err(|_| not_toml(file, &text))?;
            refuse_unknown(&known, flat(&given.cache).keys())?;
            sources = sources.add_source(given);
        }
        let variables: Vec<(String, String)> =
            variables.into_iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_lowercase().replace("__", "."), value))).collect();
        refuse_unknown(&known, variables.iter().map(|(path, _)| path))?;
        for (path, text) in variables {
            sources = sources.set_override(&path, if known[&path] { list(&text) } else { text.into() }).map_err(|cause| wrong(&cause))?;
        }
        let merged = sources.build_cloned().map_err(|cause| wrong(&cause))?;
        for path in known.keys() {
            let Some(secret) = path.strip_suffix("_file").filter(|secret| known.contains_key(*secret)) else { continue };
            let file = merged.get_string(path).map_err(|cause| wrong(&cause))?;
            if !file.is_empty() {
                sources = sources.set_override(secret, read(Path::new(&file), path)?.trim_end()).map_err(|cause| wrong(&cause))?;
            }
        }
        let settings: Self = sources.build().and_then(Config::try_deserialize).map_err(|cause| wrong(&cause))?;
        settings.checked()
    }

    fn checked(self) -> Result<Self> {
        let mut faults = Vec::new();
        let mut within = |path: &str, value: u64, least: u64, most: u64| {
            if !(least..=most).contains(&value) {
                faults.push(FieldError::new(path, Message::new("setting_out_of_range").with("least", least).with("most", most)));
            }
        };
        within("server.workers", self.server.workers as u64, 0, 256);
        within("server.stop_seconds", self.server.stop_seconds, 0, 300);
        within("server.largest_body", self.server.largest_body as u64, 1_024, 1 << 24);
        within("database.connections", self.database.connections.into(), 1, 500);
        within("rosters.largest_upload", self.rosters.largest_upload as u64, 1_024, 1 << 34);
        within("fleet.load_cap_percent", self.fleet.load_cap_percent.into(), 1, 100);
        within("fleet.free_last_rows", self.fleet.free_last_rows.into(), 0, 20);
        within("fleet.disinfection_minutes", self.fleet.disinfection_minutes.into(), 0, 1_440);
        within("ways.timeout_seconds", self.ways.timeout_seconds, 1, 60);
        within("sessions.hours", self.sessions.hours.into(), 1, 168);
        within("mail.timeout_seconds", self.mail.timeout_seconds, 1, 120);
        within("jobs.seal_after_hours", self.jobs.seal_after_hours.into(), 0, 72);
        within("requests.remember_hours", self.requests.remember_hours.into(), 1, 720);
        let is_port = |port: &String| port.len() == 3 && port.bytes().all(|letter| letter.is_ascii_uppercase());
        if self.rosters.ports.is_empty() || !self.rosters.ports.iter().all(is_port) {
            faults.push(FieldError::new("rosters.ports", Message::new("setting_not_ports")));
        }
        if self.metrics.token.as_ref().is_some_and(|token| token.expose().len() < 16) {
            faults.push(FieldError::new("metrics.token", Message::new("setting_token_short").with("least", 16)));
        }
        if faults.is_empty() { Ok(self) } else { Err(Error::Invalid(faults)) }
    }
}

/// Reads `""` as none.
pub(super) fn none_if_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        Ok(None)
    } else {
        T::deserialize(text.into_deserializer()).map(Some).map_err(|cause: serde::de::value::Error| D::Error::custom(cause))
    }
}

/// The paths of all values, and whether each is a list.
fn flat(value: &Value) -> BTreeMap<String, bool> {
    let mut paths = BTreeMap::new();
    let mut open = vec![(String::new(), value)];
    while let Some((path, value)) = open.pop() {
        match &value.kind {
            ValueKind::Table(table) => {
                open.extend(table.iter().map(|(key, value)| (if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value)));
            }
            kind => {
                paths.insert(path, matches!(kind, ValueKind::Array(_)));
            }
        }
    }
    paths
}

fn list(text: &str) -> Value {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().into()
}

fn refuse_unknown<'a>(known: &BTreeMap<String, bool>, given: impl Iterator<Item = &'a String>) -> Result<()> {
    let faults: Vec<FieldError> =
        given.filter(|path| !known.contains_key(*path)).map(|path| FieldError::new(path, Message::new("setting_unknown").with("setting", path))).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

fn read(file: &Path, path: &str) -> Result<String> {
    std::fs::read_to_string(file)
        .map_err(|cause| Error::invalid(path, Message::new("setting_file_unreadable").with("file", file.display()).with("cause", cause.kind())))
}

/// Names the line; the library would quote it, and it may hold a secret.
fn not_toml(file: &Path, text: &str) -> Error {
    let span = toml::from_str::<toml::Table>(text).err().and_then(|cause| cause.span());
    let line = span.map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
    Error::invalid(file.display().to_string(), Message::new("settings_not_toml").with("line", line))
}

/// What the library found wrong, without the value, which may be a secret.
fn wrong(cause: &ConfigError) -> Error {
    let (path, expected) = match cause {
        ConfigError::Type { key, expected, .. } => (key.as_deref(), *expected),
        ConfigError::At { key, error, .. } => {
            let inner = if let ConfigError::Type { expected, .. } = error.as_ref() { expected } else { "" };
            (key.as_deref(), inner)
        }
        ConfigError::NotFound(key) => (Some(key.as_str()), ""),
        _ => (None, ""),
    };
    Error::invalid(path.unwrap_or("config"), Message::new("setting_wrong").with("expected", if expected.is_empty() { "?" } else { expected }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::base::Language;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Settings, Vec<(String, &'static str)>> {
        let mut on_disk = tempfile::NamedTempFile::new().unwrap();
        on_disk.write_all(file.as_bytes()).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::load(Some(on_disk.path()), variables).map_err(|error| match error {
            Error::Invalid(fields) => fields.into_iter().map(|field| (field.field, field.message.code)).collect(),
            other => panic!("{other}"),
        })
    }

    fn faults(file: &str, variables: &[(&str, &str)]) -> Vec<(String, &'static str)> {
        load(file, variables).unwrap_err()
    }

    #[test]
    fn the_defaults_alone_are_valid() {
        let settings = Settings::load(None, []).unwrap();
        assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.database.url.expose(), "sqlite://data/jiezhuan.db");
        assert_eq!(settings.rosters.ports, ["PVG", "SHA"]);
        assert_eq!(settings.language, Language::Zh);
        assert!(settings.keys.value.is_none() && settings.metrics.listen.is_none() && settings.data.policies.is_none());
    }

    #[test]
    fn variables_override_the_file_and_the_file_the_defaults() {
        let file = "[server]\nlisten = \"0.0.0.0:80\"\nworkers = 3\n";
        let settings = load(file, &[("JIEZHUAN__SERVER__WORKERS", "4"), ("JIEZHUAN__ROSTERS__PORTS", "PVG, CAN"), ("JIEZHUAN__LANGUAGE", "en"), ("HOME", "/")]);
        let settings = settings.unwrap();
        assert_eq!((settings.server.listen.port(), settings.server.workers), (80, 4));
        assert_eq!(settings.rosters.ports, ["PVG", "CAN"]);
        assert_eq!(settings.language, Language::En);
    }

    #[test]
    fn an_unknown_setting_is_refused_by_its_path() {
        assert_eq!(
            faults("[server]\nlisen = \"x\"\n[mial]\nport = 1\n", &[]),
            [("mial.port".into(), "setting_unknown"), ("server.lisen".into(), "setting_unknown")]
        );
        assert_eq!(faults("", &[("JIEZHUAN__SERVER_LISTEN", "x")]), [("server_listen".into(), "setting_unknown")]);
    }

    #[test]
    fn a_wrong_value_is_refused_by_its_path_and_not_quoted() {
        for (file, path) in [
            ("[server]\nlisten = \"here\"", "server.listen"),
            ("[database]\nconnections = \"s3cret\"", "database.connections"),
            ("language = \"fr\"", "language"),
            ("server = 3", "server"),
            ("[metrics]\nlisten = \"nowhere\"", "metrics.listen"),
            ("[fleet]\nload_cap_percent = 300", "fleet.load_cap_percent"),
        ] {
            assert_eq!(faults(file, &[])[0].0, path, "{file}");
        }
        let Err(Error::Invalid(fields)) = Settings::load(None, [("JIEZHUAN__DATABASE__CONNECTIONS".to_owned(), "s3cret".to_owned())]) else { panic!() };
        assert!(!format!("{fields:?}").contains("s3cret"));
    }

    #[test]
    fn every_value_out_of_bounds_is_told_at_once() {
        let file = "[fleet]\nload_cap_percent = 0\n[sessions]\nhours = 0\n[rosters]\nports = [\"Pudong\"]\n[metrics]\ntoken = \"short\"";
        let told: Vec<String> = faults(file, &[]).into_iter().map(|(path, _)| path).collect();
        assert_eq!(told, ["fleet.load_cap_percent", "sessions.hours", "rosters.ports", "metrics.token"]);
    }

    #[test]
    fn a_secret_may_stand_in_a_file_and_is_not_shown() {
        let mut secret = tempfile::NamedTempFile::new().unwrap();
        secret.write_all(b"postgres://u:0123@db/x\n").unwrap();
        let settings = load("", &[("JIEZHUAN__DATABASE__URL_FILE", secret.path().to_str().unwrap())]).unwrap();
        assert_eq!(settings.database.url.expose(), "postgres://u:0123@db/x");
        assert!(!format!("{settings:?}").contains("0123"));
        assert_eq!(faults("", &[("JIEZHUAN__DATABASE__URL_FILE", "/no/such/file")]), [("database.url_file".into(), "setting_file_unreadable")]);
    }

    #[test]
    fn a_secret_of_digits_stays_as_it_was_written() {
        let settings = load("", &[("JIEZHUAN__METRICS__TOKEN", "00001234000012345")]).unwrap();
        assert_eq!(settings.metrics.token.unwrap().expose(), "00001234000012345");
    }

    #[test]
    fn a_file_that_is_no_toml_is_named() {
        assert_eq!(faults("[server]\n\nlisten = \n", &[])[0].1, "settings_not_toml");
        assert!(matches!(Settings::load(Some(Path::new("/no/such.toml")), []), Err(Error::Invalid(_))));
    }
}
