//! `backup FILE`: everything in the database, whichever its engine, as one file of the embedded engine. Others may go on writing meanwhile.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Error, Message};
use crate::db::Url;
use crate::db::copy::{self, Copied, Source, Target};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The file to write; there must be none yet.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Written {
    tables: usize,
    rows: u64,
    seconds: f64,
    file: String,
    bytes: u64,
    /// Where the keys are, which are not in the backup.
    keys: String,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let started = Instant::now();
    let (file, url) = (&arguments.file, Url::parse(context.settings.database.url.expose())?);
    let (copied, bytes) = write(output, &url, file)?;
    let written = Written {
        tables: copied.tables,
        rows: copied.rows,
        seconds: started.elapsed().as_secs_f64(),
        file: file.display().to_string(),
        bytes,
        keys: context.keys_at(&url),
    };
    let said = Message::new("backup_written").with("tables", written.tables).with("rows", written.rows).with("file", &written.file).with("bytes", bytes);
    output.result(&written, |language| said.text(language))?;
    output.message(&Message::new("keys_not_in_backup").with("keys", &written.keys));
    Ok(Verdict::Done)
}

/// Copies beside the file's place and moves it there whole, so that nobody ever takes half a backup for one; what was copied, and the file's length.
fn write(output: &Output, url: &Url, file: &Path) -> Result<(Copied, u64)> {
    let exists = || Error::Refused(Message::new("backup_exists").with("file", file.display()));
    let failed = |cause: std::io::Error| Error::Unavailable(Message::new("file_not_written").with("file", file.display()).with("cause", cause));
    if file.try_exists().map_err(failed)? {
        return Err(exists());
    }
    let source = Source::database(url)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let copied = run_copy(output, source, Target::file(new.path())?)?;
    new.as_file().sync_all().map_err(failed)?;
    let written = new.persist_noclobber(file).map_err(|fault| {
        let is_there = fault.error.kind() == std::io::ErrorKind::AlreadyExists;
        if is_there { exists() } else { failed(fault.error) }
    })?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok((copied, written.metadata().map_err(failed)?.len()))
}

/// Copies, and shows on a terminal how far it is.
pub(super) fn run_copy(output: &Output, source: Source, target: Target) -> Result<Copied> {
    let bar = output.progress(None);
    let copied = copy::run(source, target, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    copied
}
