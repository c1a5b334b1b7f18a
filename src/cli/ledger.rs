//! `ledger`: a sealed day of the ledger as a file that anybody can check without the program. `docs/ledger.md` says how.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use base16ct::lower::encode_string;
use chrono::NaiveDate;
use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::access::{Keyring, Purpose};
use crate::base::{Error, Id, Message};
use crate::db::Conn;
use crate::ledger::{self, DayRoot, Entry};
use crate::places::Organisation;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day on which the entries were recorded.
    #[arg(long, value_name = "DATE", value_parser = super::date)]
    on: NaiveDate,
    /// The file to write: a line of JSON for the day, then one for each entry.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The first line of the file, and what the command answers.
#[derive(Serialize)]
struct Head {
    format: &'static str,
    on: NaiveDate,
    entries: u64,
    root: String,
    previous: String,
    chain: String,
    /// Ed25519 over `jiezhuan day`, a zero byte and the chain value.
    signature: String,
    public_key: String,
}

/// A line of an entry: everything that its hash is made of, texts as they are, numbers in microseconds since 1970.
#[derive(Serialize)]
struct Line<'e> {
    traveller: String,
    seq: i32,
    kind: &'static str,
    from_stock: &'static str,
    to_stock: &'static str,
    province: &'e str,
    city: &'e str,
    policy: &'e str,
    actor: &'e str,
    from: Option<Id<Organisation>>,
    to: Option<Id<Organisation>>,
    happened_at: i64,
    recorded_at: i64,
    act: String,
    prev: String,
    hash: String,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let installation = context.installation()?;
    let head = installation.db.read(|conn| write(conn, &installation.keyring, arguments))?;
    let message = Message::new("ledger_written").with("on", head.on).with("entries", head.entries).with("file", arguments.out.display());
    output.result(&head, |language| message.with("chain", &head.chain).text(language))?;
    Ok(Verdict::Done)
}

fn write(conn: &mut Conn, keyring: &Keyring, arguments: &Arguments) -> Result<Head> {
    let day = ledger::sealed_days(conn)?.into_iter().find(|day| day.on == arguments.on);
    let day = day.ok_or_else(|| Error::Refused(Message::new("ledger_day_not_sealed").with("on", arguments.on)))?;
    let head = Head::of(&day, keyring);
    let failed = |cause: std::io::Error| Error::Unavailable(Message::new("file_not_written").with("file", arguments.out.display()).with("cause", cause));
    let folder = arguments.out.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), PathBuf::from);
    // Written beside its place and moved there whole, so that nobody checks half a day.
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder).map_err(failed)?);
    line(&mut file, &head).map_err(failed)?;
    ledger::each_entry_of(conn, day.on, |entry| line(&mut file, &Line::of(entry)).map_err(failed))?;
    let file = file.into_inner().map_err(|cause| failed(cause.into_error()))?;
    file.persist(&arguments.out).map_err(|cause| failed(cause.error))?;
    Ok(head)
}

fn line(file: &mut impl Write, value: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")
}

impl Head {
    fn of(day: &DayRoot, keyring: &Keyring) -> Self {
        let seal = keyring.signing();
        Self {
            format: "jiezhuan-ledger-1",
            on: day.on,
            entries: day.n_entries,
            root: encode_string(&day.root),
            previous: encode_string(&day.previous),
            chain: encode_string(&day.chain),
            signature: encode_string(&seal.sign(Purpose::Day, &day.chain)),
            public_key: encode_string(&seal.public_key().to_bytes()),
        }
    }
}

impl<'e> Line<'e> {
    fn of(entry: &'e Entry) -> Self {
        Self {
            traveller: entry.traveller.to_string(),
            seq: entry.seq,
            kind: entry.kind.name(),
            from_stock: entry.from.map_or("", |(_, stock)| stock.name()),
            to_stock: entry.to_stock.name(),
            province: entry.cell.province.as_deref().unwrap_or_default(),
            city: entry.cell.city.as_deref().unwrap_or_default(),
            policy: entry.cell.policy.as_deref().unwrap_or_default(),
            actor: &entry.actor,
            from: entry.from.map(|(giver, _)| giver),
            to: entry.to,
            happened_at: entry.happened_at.timestamp_micros(),
            recorded_at: entry.recorded_at.timestamp_micros(),
            act: entry.act.to_string(),
            prev: encode_string(&entry.prev_hash),
            hash: encode_string(&entry.hash),
        }
    }
}
