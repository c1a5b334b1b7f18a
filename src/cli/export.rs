//! `export vehicles|staff --out FILE`: what there is, as a file that may be changed and imported again; its kind is told by its name.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use super::context::Context;
use super::output::{Output, WrittenFile, write_file};
use super::{Result, Verdict};
use crate::access::Actor;
use crate::base::{Error, Message};
use crate::exchange::Format;
use crate::fleet::{staff_listing, vehicles_listing};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What.
    what: What,
    /// The file to write: .csv or .xlsx.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Vehicles,
    /// Their names are masked.
    Staff,
}

#[derive(Serialize)]
struct Written {
    kind: &'static str,
    rows: usize,
    #[serde(flatten)]
    file: WrittenFile,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let ending = arguments.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format: Format = ending.parse().map_err(|message| Error::invalid("--out", message))?;
    let installation = context.installation()?;
    let (organisations, language) = (&installation.rulebook.organisations, output.language());
    let (kind, listing) = installation.db.read(|conn| {
        Ok(match arguments.what {
            What::Vehicles => ("vehicles", vehicles_listing(conn, &Actor::operator(), organisations, language)?),
            What::Staff => ("staff", staff_listing(conn, &Actor::operator(), &installation.keyring, organisations, language)?),
        })
    })?;
    let bytes = format.write(&listing)?;
    let written = Written { kind, rows: listing.rows.len(), file: write_file(&arguments.out, &bytes)? };
    let said = Message::new("list_written").with("rows", written.rows).with("file", &written.file.file).with("bytes", written.file.bytes);
    output.result(&written, |language| said.text(language))?;
    Ok(Verdict::Done)
}
