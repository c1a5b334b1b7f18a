//! Rows of the CSV texts in `config/`: a header, `#` comments, and for every fault the file and the line.

use serde::de::DeserializeOwned;

use crate::base::{Error, Message, Result};

/// Reads all rows, each with where it stands (`places.csv:12`).
pub(super) fn rows<T: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<(String, T)>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let unreadable = |cause: csv::Error| {
        let line = cause.position().map_or(1, csv::Position::line);
        fault(&format!("{file}:{line}"), Message::new("bad_table_row").with("fault", cause))
    };
    let headers = reader.headers().map_err(unreadable)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(1, csv::Position::line);
        rows.push((format!("{file}:{line}"), record.deserialize(Some(&headers)).map_err(unreadable)?));
    }
    Ok(rows)
}

/// Says what is wrong with the row at `at`.
pub(super) fn fault(at: &str, message: Message) -> Error {
    Error::invalid(at, message)
}
