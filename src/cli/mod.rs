//! The command line: one file a command. Commands call use cases and print; they decide nothing.
//!
//! With `--json` exactly one document goes to standard output; messages and progress go to standard error.

mod backup;
mod bulletin;
mod context;
mod days;
mod db;
mod demo;
mod doctor;
mod due;
mod export;
mod import;
mod ledger;
mod migrate;
mod openapi;
mod output;
mod plan;
mod purge;
mod restore;
mod seal;
mod serve;
mod simulate;
mod totals;
mod user;
mod verify;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::context::Context;
use self::output::Output;
use crate::base::{Error, Language, Result};
use crate::config::{self, Settings};

/// 接转 Jiezhuan: the transfer of inbound travellers from a port of entry to the province each is bound for.
#[derive(Debug, Parser)]
#[command(name = "jiezhuan", version)]
pub struct Arguments {
    /// A file of settings; `config/default.toml` lists them all.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: sqlite://FILE or postgres://USER@HOST/NAME.
    #[arg(long, global = true, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
    /// One JSON document on standard output, nothing else.
    #[arg(long, global = true)]
    json: bool,
    /// The language of messages: zh or en.
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Pages and API; migrates an embedded database and stops gracefully on SIGTERM.
    Serve(serve::Arguments),
    /// A throw-away database with a few days in motion and an account of each role, then `serve`.
    Demo(serve::Arguments),
    /// Takes in rosters of travellers, vehicles and staff, and laboratory results: CSV, XLSX, PAXLST; kind and encoding are found from the bytes.
    Import(import::Arguments),
    /// The vehicles or the staff as a file, csv or xlsx, that may be changed and imported again.
    Export(export::Arguments),
    /// The quarantine calendar of one landing; needs no database.
    Days(days::Arguments),
    /// Who must move on a day, per destination city, and what keeps whom.
    Due(due::Arguments),
    /// Plans the trips of a day.
    Plan(plan::Arguments),
    /// The figures of a day.
    Totals(totals::Arguments),
    /// Seals the figures of a day that is over; they never change again.
    Seal(seal::Arguments),
    /// Destroys the identities of people whose journeys have been over for long enough; the ledger and the figures stay.
    Purge(purge::Arguments),
    /// The bulletin of a day as a file: xlsx, pdf or html.
    Bulletin(bulletin::Arguments),
    /// Checks everything derived against the ledger.
    Verify,
    /// A sealed day of the ledger, as a file that anybody can check without the program.
    Ledger(ledger::Arguments),
    /// Plays a season through the same code that people use, and checks it.
    Simulate(simulate::Arguments),
    /// The background jobs alone, for several nodes, until SIGTERM.
    Worker,
    /// Brings the schema of the database up to date.
    Migrate,
    /// Everything in the database as one file; the keys are not in it.
    Backup(backup::Arguments),
    /// A backup into an empty database, then the check that `verify` does.
    Restore(restore::Arguments),
    /// Whole databases.
    #[command(subcommand)]
    Db(db::Db),
    /// Whether settings, database and keys are in order.
    Doctor,
    /// The description of the API (OpenAPI 3.1).
    Openapi,
    /// Users.
    #[command(subcommand)]
    User(user::User),
    /// API tokens.
    #[command(subcommand)]
    Token(user::Token),
}

/// What a command came to, where it did not fail: done, or a check that found something.
enum Verdict {
    Done,
    Refused,
}

/// Runs the program; the exit code is 0 done, 1 refused or a check failed, 2 wrong usage.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(fault) => {
            let code = if fault.use_stderr() { 2 } else { 0 };
            // Nothing can be done about a closed terminal.
            let _ = fault.print();
            return ExitCode::from(code);
        }
    };
    let mut output = Output::new(arguments.json);
    match obey(arguments, &mut output) {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Refused) => ExitCode::from(1),
        Err(error) => {
            output.error(&error);
            ExitCode::from(1)
        }
    }
}

fn obey(arguments: Arguments, output: &mut Output) -> Result<Verdict> {
    let mut settings = Settings::load(arguments.config.as_deref(), config::environment())?;
    if let Some(url) = arguments.database {
        settings.database.url = url.into();
    }
    if let Some(language) = arguments.lang {
        settings.language = language.parse().map_err(|message| Error::invalid("--lang", message))?;
    }
    output.speak(settings.language);
    let context = Context::new(settings);
    match arguments.command {
        Command::Serve(arguments) => serve::run(&context, output, &arguments),
        Command::Demo(arguments) => demo::run(&context, output, &arguments),
        Command::Doctor => doctor::run(&context, output),
        Command::Openapi => openapi::run(output),
        Command::Import(arguments) => import::run(&context, output, &arguments),
        Command::Export(arguments) => export::run(&context, output, &arguments),
        Command::Days(arguments) => days::run(&context, output, &arguments),
        Command::Due(arguments) => due::run(&context, output, &arguments),
        Command::Plan(arguments) => plan::run(&context, output, &arguments),
        Command::Totals(arguments) => totals::run(&context, output, &arguments),
        Command::Purge(arguments) => purge::run(&context, output, &arguments),
        Command::Seal(arguments) => seal::run(&context, output, &arguments),
        Command::Bulletin(arguments) => bulletin::run(&context, output, &arguments),
        Command::Verify => verify::run(&context, output),
        Command::Ledger(arguments) => ledger::run(&context, output, &arguments),
        Command::Simulate(arguments) => simulate::run(&context, output, &arguments),
        Command::Worker => worker::run(&context, output),
        Command::Migrate => migrate::run(&context, output),
        Command::Backup(arguments) => backup::run(&context, output, &arguments),
        Command::Restore(arguments) => restore::run(&context, output, &arguments),
        Command::Db(command) => db::run(&context, output, &command),
        Command::User(command) => user::user(&context, output, command),
        Command::Token(command) => user::token(&context, output, command),
    }
}

/// Reads an instant given on the command line.
fn instant(text: &str) -> std::result::Result<chrono::DateTime<chrono::Utc>, String> {
    crate::base::time::parse_instant(text).ok_or_else(|| both("instant_unreadable"))
}

/// Reads a date given on the command line.
fn date(text: &str) -> std::result::Result<chrono::NaiveDate, String> {
    crate::base::time::parse_date(text).ok_or_else(|| both("date_unreadable"))
}

/// Wrong usage is told before the settings, and with them the language, are known.
fn both(code: &str) -> String {
    format!("{} / {}", Language::Zh.text(code), Language::En.text(code))
}
