//! `db copy --from URL --to URL`: everything from one database into another that is empty, of either engine.

use std::time::Instant;

use serde::Serialize;

use super::backup::run_copy;
use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::Message;
use crate::db::Url;
use crate::db::copy::{Source, Target};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Db {
    /// Copies everything into another database, which must be empty: from SQLite to PostgreSQL, or back.
    Copy(Copy),
}

#[derive(Debug, clap::Args)]
pub(super) struct Copy {
    /// The database to read; others may go on writing to it, but what they write later is not copied.
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database to write; made if it is an embedded one, and migrated.
    #[arg(long, value_name = "URL")]
    to: String,
}

#[derive(Serialize)]
struct Report {
    tables: usize,
    rows: u64,
    seconds: f64,
    /// Both without their passwords.
    from: String,
    to: String,
    /// Where the keys of each are looked for; they must be the same.
    keys_from: String,
    keys_to: String,
}

pub(super) fn run(context: &Context, output: &Output, command: &Db) -> Result<Verdict> {
    let Db::Copy(arguments) = command;
    let started = Instant::now();
    let (from, to) = (Url::parse(&arguments.from)?, Url::parse(&arguments.to)?);
    let source = Source::database(&from)?;
    let copied = run_copy(output, source, Target::database(&to)?)?;
    let report = Report {
        tables: copied.tables,
        rows: copied.rows,
        seconds: started.elapsed().as_secs_f64(),
        from: from.shown(),
        to: to.shown(),
        keys_from: context.keys_at(&from),
        keys_to: context.keys_at(&to),
    };
    let said = Message::new("database_copied").with("tables", report.tables).with("rows", report.rows).with("from", &report.from).with("to", &report.to);
    output.result(&report, |language| said.text(language))?;
    if report.keys_from != report.keys_to {
        output.message(&Message::new("keys_to_take_along").with("from", &report.keys_from).with("to", &report.keys_to));
    }
    Ok(Verdict::Done)
}
