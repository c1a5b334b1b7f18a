//! `due --on DATE`: who must move that day.

use chrono::NaiveDate;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::access::Actor;
use crate::arrivals::{self, DueRow};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The day, in Shanghai.
    #[arg(long, value_parser = super::date, value_name = "DATE")]
    on: NaiveDate,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let installation = context.installation()?;
    let due = installation.db.read(|conn| arrivals::due(conn, &Actor::operator(), &installation.rulebook, arguments.on))?;
    output.result(&due, |_| {
        let row = |row: &DueRow| {
            let blocked: Vec<String> = row.blocked.iter().map(|blocked| format!("{} {}", blocked.reason, blocked.count)).collect();
            format!("{}  {:>5}  ✓ {:>5}  {}", row.destination, row.count, row.cleared, blocked.join(", "))
        };
        due.due.iter().chain(&due.home).map(row).chain([format!("{}: {}", due.on, due.count)]).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Verdict::Done)
}
