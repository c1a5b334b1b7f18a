//! Documents in TOML that an administrator edits: read whole or refused with the file, the line and the fault.

use serde::de::DeserializeOwned;

use super::{Error, Message, Result};

/// Reads the TOML `text` of `file`.
///
/// # Errors
/// [`Error::Invalid`]: the field is `file:line`; the message carries the parser's own words, which name an unknown key.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|cause| {
        let line = cause.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        Error::invalid(format!("{file}:{line}"), Message::new("unreadable_document").with("fault", cause.message()))
    })
}
