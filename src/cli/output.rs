//! What commands print: one JSON document or lines for people on standard output, messages and progress on standard error; and what they
//! write into files.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line's mouth")]

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use base16ct::lower::encode_string;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::base::{Error, Language, Message, Result};

/// Where commands print.
pub(super) struct Output {
    json: bool,
    language: Language,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json, language: Language::default() }
    }

    pub(super) fn speak(&mut self, language: Language) {
        self.language = language;
    }

    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// Prints the result: the document, or what `people` makes of it.
    pub(super) fn result(&self, document: &impl Serialize, people: impl FnOnce(Language) -> String) -> Result<()> {
        if self.json {
            println!("{}", serde_json::to_string(document).map_err(|fault| Error::Internal(fault.into()))?);
        } else {
            println!("{}", people(self.language));
        }
        Ok(())
    }

    /// Says something beside the result.
    pub(super) fn message(&self, message: &Message) {
        eprintln!("{}", message.text(self.language));
    }

    /// Says why nothing came of it, field by field.
    pub(super) fn error(&self, error: &Error) {
        match error {
            Error::Invalid(fields) => fields.iter().for_each(|field| eprintln!("{}: {}", field.field, field.message.text(self.language))),
            Error::Internal(cause) => eprintln!("{}\n{cause:#}", error.message().text(self.language)),
            _ => eprintln!("{}", error.message().text(self.language)),
        }
    }

    /// A bar on a terminal, for what may take longer than a second; nothing elsewhere.
    pub(super) fn progress(&self, of: Option<u64>) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(of, ProgressDrawTarget::stderr_with_hz(5));
        let template = if of.is_some() { "{bar:40} {human_pos}/{human_len} {per_sec} {eta}" } else { "{spinner} {human_pos} {per_sec}" };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(500));
        bar
    }
}

/// A file that was written.
#[derive(Serialize)]
pub(super) struct WrittenFile {
    pub(super) file: String,
    pub(super) bytes: usize,
    /// SHA-256 of the file.
    sha256: String,
}

/// Writes beside the file's place and moves it there whole, so that nobody ever reads half of it.
pub(super) fn write_file(file: &Path, bytes: &[u8]) -> Result<WrittenFile> {
    let failed = |cause: std::io::Error| Error::Unavailable(Message::new("file_not_written").with("file", file.display()).with("cause", cause));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    new.write_all(bytes).and_then(|()| new.as_file().sync_all()).map_err(failed)?;
    new.persist(file).map_err(|cause| failed(cause.error))?;
    Ok(WrittenFile { file: file.display().to_string(), bytes: bytes.len(), sha256: encode_string(&Sha256::digest(bytes)) })
}
