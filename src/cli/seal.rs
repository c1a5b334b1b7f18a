//! `seal --on DATE`: closes a day. Its figures are kept under a digest and never change again.

use base16ct::lower::encode_string;
use chrono::NaiveDate;
use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::access::Actor;
use crate::base::{Error, Message, time};
use crate::figures::{self, Figures};
use crate::ledger;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day, in Shanghai; it must be over.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    on: NaiveDate,
}

#[derive(Serialize)]
struct Sealed {
    on: NaiveDate,
    number: i32,
    sealed_at: String,
    sealed_by: String,
    digest: String,
    previous: Option<String>,
    /// The last day of the ledger that was under its root, and its chain value.
    ledger: Option<(NaiveDate, String)>,
    total: Figures,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let (installation, on) = (context.installation()?, arguments.on);
    // The seal names the ledger's last root, so the ledger is brought under its roots first, beside the writers.
    let through = ledger::last_complete_day(context.clock.now());
    let days = installation.db.read(|conn| ledger::unsealed(conn, through))?;
    installation.db.write(move |tx| ledger::seal(tx, &days))?;
    installation.db.write(move |tx| figures::seal(tx, &Actor::operator(), on))?;
    let bulletin = installation.db.read(|conn| figures::bulletin(conn, on, context.clock.now()))?;
    let (day, digest) = bulletin.seal.ok_or_else(|| Error::Internal(anyhow::anyhow!("a day just sealed is open")))?;
    let sealed = Sealed {
        on,
        number: day.number,
        sealed_at: time::in_shanghai(day.sealed_at),
        sealed_by: day.sealed_by,
        digest: encode_string(&digest),
        previous: day.previous,
        ledger: day.ledger,
        total: day.figures.total,
    };
    let said = Message::new("day_sealed_now").with("on", on).with("number", sealed.number).with("digest", &sealed.digest);
    output.result(&sealed, |language| said.text(language))?;
    Ok(Verdict::Done)
}
