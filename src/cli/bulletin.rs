//! `bulletin --on DATE --out FILE`: the day's bulletin as a file, its kind told by its name.

use std::path::PathBuf;

use chrono::NaiveDate;
use serde::Serialize;

use super::context::Context;
use super::output::{Output, WrittenFile, write_file};
use super::{Result, Verdict};
use crate::base::{Error, Message};
use crate::bulletin::daily::{Format, Paper};
use crate::figures;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day, in Shanghai.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    on: NaiveDate,
    /// The file to write: .xlsx, .pdf or .html.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Written {
    on: NaiveDate,
    sealed: bool,
    #[serde(flatten)]
    file: WrittenFile,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let ending = arguments.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format: Format = ending.parse().map_err(|message| Error::invalid("--out", message))?;
    let installation = context.installation()?;
    let bulletin = installation.db.read(|conn| figures::bulletin(conn, arguments.on, context.clock.now()))?;
    let paper = Paper::of(&bulletin, false, &installation.rulebook.places, output.language());
    let bytes = format.write(&paper, context.settings.bulletin.fonts.as_deref())?;
    let written = Written { on: arguments.on, sealed: bulletin.seal.is_some(), file: write_file(&arguments.out, &bytes)? };
    let said = Message::new("bulletin_written").with("on", written.on).with("file", &written.file.file).with("bytes", written.file.bytes);
    output.result(&written, |language| said.text(language))?;
    Ok(Verdict::Done)
}
