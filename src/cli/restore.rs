//! `restore FILE`: a backup into the configured database, which must be empty, and then the check that `verify` does. Exit 1 if that finds anything.

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use super::backup::run_copy;
use super::context::Context;
use super::output::Output;
use super::verify::{self, Verified};
use super::{Result, Verdict};
use crate::access;
use crate::base::{IdSource, Message};
use crate::db::copy::{Source, Target};
use crate::db::{Db, Url};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The backup; it is only read.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Restored {
    tables: usize,
    rows: u64,
    seconds: f64,
    file: String,
    /// Where the keys are looked for that the identities were sealed with.
    keys: String,
    verify: Verified,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let started = Instant::now();
    let url = Url::parse(context.settings.database.url.expose())?;
    let source = Source::file(&arguments.file)?;
    let copied = run_copy(output, source, Target::database(&url)?)?;
    let db = context.database(IdSource::random())?;
    let report = verify::check(&db, output)?;
    let restored = Restored {
        tables: copied.tables,
        rows: copied.rows,
        seconds: started.elapsed().as_secs_f64(),
        file: arguments.file.display().to_string(),
        keys: context.keys_at(&url),
        verify: Verified::of(&report, output.language()),
    };
    let said = Message::new("restored").with("tables", restored.tables).with("rows", restored.rows).with("file", &restored.file);
    output.result(&restored, |language| format!("{}\n{}", said.text(language), restored.verify.text(language)))?;
    if let Some(missing) = keys_missing(context, &db)? {
        output.message(&missing);
    }
    Ok(if report.is_ok() { Verdict::Done } else { Verdict::Refused })
}

/// What to say if the keys at hand are not those that the identities were sealed with. Keys are not made here: they would be others.
fn keys_missing(context: &Context, db: &Db) -> Result<Option<Message>> {
    let Some(keyring) = context.keyring_at_hand(db.url())? else {
        return Ok(Some(Message::new("keys_to_put").with("keys", context.keys_at(db.url()))));
    };
    let fingerprint = keyring.fingerprint();
    match db.write(move |tx| access::keys_belong(tx, &fingerprint)) {
        Ok(()) => Ok(None),
        Err(crate::base::Error::Refused(others)) => Ok(Some(others)),
        Err(error) => Err(error),
    }
}
