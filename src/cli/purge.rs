//! `purge --before DATE`: destroys the identities of people whose journeys ended before a day. The ledger and the figures stay.

use base16ct::lower::encode_string;
use chrono::NaiveDate;
use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::access::Actor;
use crate::arrivals::{self, Destruction};
use crate::base::{Message, time};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Journeys that ended before this day, in Shanghai.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    before: NaiveDate,
    /// Say how many they are and destroy nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Purged {
    before: NaiveDate,
    people: usize,
    dry_run: bool,
    /// One for each transaction; whoever was destroyed is in one of them.
    records: Vec<Record>,
    /// The Ed25519 key by which the signatures are recognised.
    public_key: String,
}

#[derive(Serialize)]
struct Record {
    destroyed_at: String,
    people: i32,
    digest: String,
    /// What is signed.
    said: String,
    signature: String,
}

impl From<&Destruction> for Record {
    fn from(done: &Destruction) -> Self {
        Self {
            destroyed_at: time::in_shanghai(done.at),
            people: done.n,
            digest: encode_string(&done.digest),
            said: done.said(),
            signature: encode_string(&done.signature),
        }
    }
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let installation = context.installation()?;
    let (operator, before, now) = (Actor::operator(), arguments.before, context.clock.now());
    let people = installation.db.read(|conn| arrivals::purgeable(conn, &operator, before, now))?;
    let mut records = Vec::new();
    if !arguments.dry_run {
        let bar = output.progress(Some(people as u64));
        loop {
            let keyring = installation.keyring.clone();
            let done = installation.db.write(move |tx| arrivals::purge(tx, &Actor::operator(), &keyring, before))?;
            let Some(done) = done else { break };
            bar.inc(done.n.unsigned_abs().into());
            records.push(Record::from(&done));
        }
        bar.finish_and_clear();
    }
    let people = if arguments.dry_run { people } else { records.iter().map(|record| record.people.unsigned_abs() as usize).sum() };
    let public_key = encode_string(&installation.keyring.signing().public_key().to_bytes());
    let purged = Purged { before, people, dry_run: arguments.dry_run, records, public_key };
    let said = Message::new(if arguments.dry_run { "purge_would" } else { "purged" }).with("before", before).with("people", people);
    output.result(&purged, |language| said.text(language))?;
    Ok(Verdict::Done)
}
