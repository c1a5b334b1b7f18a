//! `import FILE...`: rosters of travellers, of vehicles and of staff, and laboratory results.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::context::{Context, Installation};
use super::output::Output;
use super::{Result, Verdict};
use crate::access::Actor;
use crate::arrivals::draft::{Column, Problem, RosterRules};
use crate::arrivals::{Import, Outcome};
use crate::base::{Error, Language, Message};
use crate::exchange::{self, Kind, Opened, Roster};
use crate::fleet;
use crate::web::api::fleet_rosters::import_fleet;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say what would happen and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// What the files are, instead of finding it from their bytes.
    #[arg(long)]
    kind: Option<KindArgument>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArgument {
    Csv,
    Xlsx,
    Paxlst,
    Results,
    Vehicles,
    Staff,
}

#[derive(Serialize)]
struct Report {
    files: Vec<FileReport>,
}

#[derive(Serialize)]
struct FileReport {
    file: String,
    kind: Option<&'static str>,
    rows: u64,
    new: u64,
    same: u64,
    changed: u64,
    rejected: u64,
    problems: Vec<ProblemReport>,
    warnings: Vec<ProblemReport>,
}

#[derive(Serialize)]
struct ProblemReport {
    line: u64,
    column: Option<String>,
    code: &'static str,
    message: String,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    let installation = context.installation()?;
    let mut report = Report { files: Vec::new() };
    let mut verdict = Verdict::Done;
    for file in &arguments.files {
        let (kind, outcome) = match import(context, &installation, output, arguments, file) {
            Ok(done) => done,
            // A file that cannot be read at all imports nothing; the others still go in.
            Err(Refusal::File(problem)) => {
                verdict = Verdict::Refused;
                (None, Outcome { problems: vec![problem], ..Outcome::default() })
            }
            Err(Refusal::Error(error)) => return Err(error),
        };
        report.files.push(FileReport::new(file, kind, outcome, output.language()));
    }
    output.result(&report, |_| report.files.iter().map(FileReport::for_people).collect::<Vec<_>>().join("\n"))?;
    Ok(verdict)
}

enum Refusal {
    File(Problem),
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<exchange::Unreadable> for Refusal {
    fn from(unreadable: exchange::Unreadable) -> Self {
        match unreadable {
            exchange::Unreadable::Problem(problem) => Self::File(problem),
            exchange::Unreadable::Io(_) => Self::Error(unreadable.into()),
        }
    }
}

fn import(
    context: &Context,
    installation: &Installation,
    output: &Output,
    arguments: &Arguments,
    file: &Path,
) -> Result<(Option<&'static str>, Outcome), Refusal> {
    let mut source = open(file)?;
    let digest = digest(&mut source).map_err(|cause| unreadable(file, &cause))?;
    let rules = RosterRules { ports: context.settings.rosters.ports.clone(), ..RosterRules::default() };
    let bar = output.progress(None);
    let import = Import {
        db: &installation.db,
        keyring: &installation.keyring,
        rulebook: &installation.rulebook,
        actor: &Actor::operator(),
        dry_run: arguments.dry_run,
        progress: &|done| bar.set_position(done),
    };
    let opened = exchange::open(source, arguments.kind.map(Kind::from))?;
    let done = match opened {
        Opened::Results(mut table) => (Some("results"), import.results(table.results()?, digest)?),
        Opened::Roster(mut roster) => {
            let kind = roster.kind().as_str();
            let headers = headers(&roster);
            let header = |column: Column| headers[column as usize].clone();
            (Some(kind), import.travellers(roster.travellers(&rules)?, &header, kind, digest)?)
        }
        Opened::Fleet(fleet) => {
            let Import { db, keyring, rulebook, actor, dry_run, .. } = import;
            let import = fleet::Import { db, keyring, rulebook, rule: (&context.settings.fleet).into(), actor, dry_run };
            (Some(fleet.kind().as_str()), import_fleet(&import, fleet)?)
        }
    };
    bar.finish_and_clear();
    Ok(done)
}

/// The headers as the file has them, kept while its rows are read.
fn headers<R: Read + Seek>(roster: &Roster<R>) -> Vec<Option<String>> {
    Column::ALL.iter().map(|column| roster.column_name(*column).map(str::to_owned)).collect()
}

fn open(file: &Path) -> Result<BufReader<File>, Error> {
    File::open(file).map(|file| BufReader::with_capacity(1 << 16, file)).map_err(|cause| unreadable(file, &cause))
}

fn unreadable(file: &Path, cause: &std::io::Error) -> Error {
    Error::Unavailable(Message::new("setting_file_unreadable").with("file", file.display()).with("cause", cause))
}

/// SHA-256 of the whole file, by which the log tells the same file again.
fn digest(source: &mut (impl Read + Seek)) -> std::io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer)? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    source.seek(SeekFrom::Start(0))?;
    Ok(hash.finalize().into())
}

impl From<KindArgument> for Kind {
    fn from(kind: KindArgument) -> Self {
        match kind {
            KindArgument::Csv => Self::Csv,
            KindArgument::Xlsx => Self::Xlsx,
            KindArgument::Paxlst => Self::Paxlst,
            KindArgument::Results => Self::Results,
            KindArgument::Vehicles => Self::Vehicles,
            KindArgument::Staff => Self::Staff,
        }
    }
}

impl FileReport {
    fn new(file: &Path, kind: Option<&'static str>, outcome: Outcome, language: Language) -> Self {
        let said = |problems: Vec<Problem>| problems.into_iter().map(|problem| ProblemReport::new(problem, language)).collect();
        Self {
            file: file.display().to_string(),
            kind,
            rows: outcome.rows,
            new: outcome.new,
            same: outcome.same,
            changed: outcome.changed,
            rejected: outcome.rejected,
            problems: said(outcome.problems),
            warnings: said(outcome.warnings),
        }
    }

    fn for_people(&self) -> String {
        let head = format!("{}: {} = {} new + {} same + {} changed + {} rejected", self.file, self.rows, self.new, self.same, self.changed, self.rejected);
        let line = |mark: &str, said: &ProblemReport| {
            let column = said.column.as_deref().map(|column| format!(" [{column}]")).unwrap_or_default();
            format!("  {mark} {}{column} {}: {}", said.line, said.code, said.message)
        };
        let problems = self.problems.iter().map(|said| line("✗", said));
        let warnings = self.warnings.iter().map(|said| line("!", said));
        std::iter::once(head).chain(problems).chain(warnings).collect::<Vec<_>>().join("\n")
    }
}

impl ProblemReport {
    fn new(problem: Problem, language: Language) -> Self {
        Self { line: problem.line, column: problem.column, code: problem.code.as_str(), message: problem.message.text(language) }
    }
}
