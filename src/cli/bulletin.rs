//! `bulletin --on DATE --out FILE`: the day's bulletin as a file, its kind told by its name.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base16ct::lower::encode_string;
use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Error, Message};
use crate::bulletin::daily::{Format, Paper};
use crate::figures;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day, in Shanghai.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    on: NaiveDate,
    /// The file to write: .xlsx or .html.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Written {
    on: NaiveDate,
    sealed: bool,
    file: String,
    bytes: usize,
    /// SHA-256 of the file.
    sha256: String,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let ending = arguments.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format: Format = ending.parse().map_err(|message| Error::invalid("--out", message))?;
    let installation = context.installation()?;
    let bulletin = installation.db.read(|conn| figures::bulletin(conn, arguments.on, context.clock.now()))?;
    let bytes = format.write(&Paper::of(&bulletin, false, &installation.rulebook.places, output.language()))?;
    write(&arguments.out, &bytes)?;
    let written = Written {
        on: arguments.on,
        sealed: bulletin.seal.is_some(),
        file: arguments.out.display().to_string(),
        bytes: bytes.len(),
        sha256: encode_string(&Sha256::digest(&bytes)),
    };
    let said = Message::new("bulletin_written").with("on", written.on).with("file", &written.file).with("bytes", written.bytes);
    output.result(&written, |language| said.text(language))?;
    Ok(Verdict::Done)
}

/// Writes beside the file's place and moves it there whole, so that nobody ever reads half a bulletin.
fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |cause: std::io::Error| Error::Unavailable(Message::new("file_not_written").with("file", file.display()).with("cause", cause));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    new.write_all(bytes).and_then(|()| new.as_file().sync_all()).map_err(failed)?;
    new.persist(file).map(drop).map_err(|cause| failed(cause.error))
}
