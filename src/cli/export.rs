//! `export vehicles|staff --out FILE`: what there is, as a file that may be changed and imported again; its kind is told by its name.

use std::path::PathBuf;

use base16ct::lower::encode_string;
use clap::ValueEnum;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::output::{Output, write_file};
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
    file: String,
    bytes: usize,
    /// SHA-256 of the file.
    sha256: String,
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
    write_file(&arguments.out, &bytes)?;
    let file = arguments.out.display().to_string();
    let written = Written { kind, rows: listing.rows.len(), file, bytes: bytes.len(), sha256: encode_string(&Sha256::digest(&bytes)) };
    let said = Message::new("list_written").with("rows", written.rows).with("file", &written.file).with("bytes", written.bytes);
    output.result(&written, |language| said.text(language))?;
    Ok(Verdict::Done)
}
