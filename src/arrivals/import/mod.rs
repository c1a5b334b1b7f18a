//! Import of rosters: every row ends as new, same, changed or rejected, and the four add up to the rows.
//!
//! Rows are prepared on the reading thread and written in parts of a few thousand, each part one transaction, so that memory
//! does not grow with the file and nobody waits long for it. Whatever happens in the middle, importing the file again
//! is right: what is known already comes out as `same`.

mod decide;
mod prepare;
mod write;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use serde_json::json;

use super::draft::{Column, Entry, Problem, TravellerDraft};
use super::rosters::{self, Note, Roster};
use crate::access::{Act, Actor, Keyring};
use crate::base::draft::Outcome;
use crate::base::{Error, Id, Result};
use crate::db::{Db, Event};
use crate::policy::Rulebook;

pub(super) use self::decide::{Decision, Known as KnownTraveller, decide};
pub(super) use self::prepare::{DOCUMENTS, NAME_KEYS, Plan, PrepareError, Prepared, Preparer, document_hash, name_key};
pub(super) use self::write::{Source, write};

/// How many rows go into one transaction.
const PART: usize = 8_000;

/// How many parts may wait between the reader and the writer.
const WAITING: usize = 1;

/// What an import needs to know besides the rows.
pub struct Import<'a> {
    /// Where to.
    pub db: &'a Db,
    /// What identities are sealed with.
    pub keyring: &'a Arc<Keyring>,
    /// What rows are checked and counted by.
    pub rulebook: &'a Arc<Rulebook>,
    /// Who imports.
    pub actor: &'a Actor,
    /// Whether to say what would happen and write nothing.
    pub dry_run: bool,
    /// Called with the number of rows done.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Import<'_> {
    /// Takes in the travellers of one file. `header` names a column as the file has it; `kind` and `digest` are the file's.
    pub fn travellers(
        &self,
        entries: impl Iterator<Item = Entry<TravellerDraft>> + Send,
        header: &(dyn Fn(Column) -> Option<String> + Sync),
        kind: &'static str,
        digest: [u8; 32],
    ) -> Result<Outcome> {
        self.actor.must(Act::ImportRoster)?;
        let roster = self.begin(kind, digest)?;
        let chance = self.db.fork_ids();
        let now = self.db.clock().now();
        let (parts, queue) = sync_channel::<Result<Part>>(WAITING);
        let outcome = std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let preparer = Preparer::new(self.keyring, self.rulebook, chance);
                let mut part = Part::default();
                for entry in entries {
                    if let Err(fault) = part.take(entry, |line, draft| preparer.prepare(line, draft, now, header)) {
                        let _ = parts.send(Err(fault));
                        return;
                    }
                    // A writer that has given up has said why itself.
                    if part.n_rows() >= PART && parts.send(Ok(std::mem::take(&mut part))).is_err() {
                        return;
                    }
                }
                let _ = parts.send(Ok(part));
            });
            let outcome = self.write_parts(roster, queue);
            if reader.join().is_err() {
                return Err(Error::Internal(anyhow::anyhow!("the reader of a roster panicked")));
            }
            outcome
        })?;
        self.finish(roster, kind, &outcome)?;
        Ok(outcome)
    }

    fn write_parts(&self, roster: Id<Roster>, queue: std::sync::mpsc::Receiver<Result<Part>>) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        // Of people who were known before the file, those whom it has named. New people are found in the database itself,
        // so a first import, however long, keeps nothing here.
        let mut named: Arc<HashSet<u64>> = Arc::default();
        let mut n_notes = 0;
        for part in queue {
            let part = Arc::new(part?);
            let done = self.write_part(roster, &part, &named, n_notes)?;
            Arc::make_mut(&mut named).extend(done.named);
            n_notes += i32::try_from(done.problems.len() + done.warnings.len()).unwrap_or(i32::MAX);
            outcome.add(done.counts, done.problems, done.warnings);
            (self.progress)(outcome.rows);
        }
        Ok(outcome)
    }

    /// Matches and writes one part. Another import that enters the same people at the same moment wins; then this part looks again.
    fn write_part(&self, roster: Id<Roster>, part: &Arc<Part>, named: &Arc<HashSet<u64>>, n_notes: i32) -> Result<Done> {
        const TRIES: u32 = 5;
        for _ in 1..TRIES {
            match self.try_part(roster, part, named, n_notes) {
                Err(Error::Conflict(message)) if matches!(message.code, "traveller_known" | "flight_known") => {}
                outcome => return outcome,
            }
        }
        self.try_part(roster, part, named, n_notes)
    }

    fn try_part(&self, roster: Id<Roster>, part: &Arc<Part>, named: &Arc<HashSet<u64>>, n_notes: i32) -> Result<Done> {
        if self.dry_run {
            let decided = self.db.read(|conn| decide(conn, &part.prepared, self.keyring, Some(roster), named))?;
            let mut done = Done::of(part, decided);
            done.named.extend(part.prepared.iter().map(Prepared::key));
            return Ok(done);
        }
        let (part, named, keyring, actor) = (Arc::clone(part), Arc::clone(named), Arc::clone(self.keyring), self.actor.name().to_owned());
        self.db.write(move |tx| {
            let decided = decide(tx, &part.prepared, &keyring, Some(roster), &named)?;
            let source = Source { roster: Some(roster), act: roster.uuid(), actor: &actor };
            write(tx, &part.prepared, &decided, &keyring, &source)?;
            let done = Done::of(&part, decided);
            rosters::notes_insert(tx, roster, n_notes, done.problems.iter().map(Note::problem).chain(done.warnings.iter().map(Note::warning)))?;
            rosters::count(tx, roster, done.counts)?;
            Ok(done)
        })
    }

    pub(super) fn begin(&self, kind: &'static str, digest: [u8; 32]) -> Result<Id<Roster>> {
        let (actor, dry_run) = (self.actor.name().to_owned(), self.dry_run);
        if dry_run {
            return Ok(Id::from_uuid(uuid::Uuid::nil()));
        }
        self.db.write(move |tx| rosters::begin(tx, kind, digest, &actor))
    }

    pub(super) fn finish(&self, roster: Id<Roster>, kind: &'static str, outcome: &Outcome) -> Result<()> {
        if self.dry_run {
            return Ok(());
        }
        let facts = json!({"kind": kind, "rows": outcome.rows, "new": outcome.new, "changed": outcome.changed, "rejected": outcome.rejected});
        self.db.write(move |tx| {
            rosters::finish(tx, roster)?;
            tx.record(Event { kind: "roster_imported", subject: roster.uuid(), place: None, facts: facts.clone() })
        })
    }
}

/// Rows on their way to one transaction.
#[derive(Default)]
struct Part {
    prepared: Vec<Prepared>,
    problems: Vec<Problem>,
    n_rejected: u64,
}

impl Part {
    fn n_rows(&self) -> usize {
        self.prepared.len() + usize::try_from(self.n_rejected).unwrap_or(usize::MAX)
    }

    fn take(&mut self, entry: Entry<TravellerDraft>, prepare: impl FnOnce(u64, TravellerDraft) -> Result<Prepared, PrepareError>) -> Result<()> {
        match entry {
            Entry::Remark(problem) => self.problems.push(problem),
            Entry::Row(row) => match row.outcome.map(|draft| prepare(row.line, draft)) {
                Ok(Ok(prepared)) => self.prepared.push(prepared),
                Ok(Err(PrepareError::Fault(fault))) => return Err(fault),
                Ok(Err(PrepareError::Problem(problem))) => self.reject([problem]),
                Err(problems) => self.reject(problems),
            },
        }
        Ok(())
    }

    fn reject(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.n_rejected += 1;
        self.problems.extend(problems);
    }
}

/// How many rows ended how.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) new: u64,
    pub(super) same: u64,
    pub(super) changed: u64,
    pub(super) rejected: u64,
}

struct Done {
    counts: Counts,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    /// Whom this part named of those known before.
    named: Vec<u64>,
}

impl Done {
    fn of(part: &Part, decided: Vec<decide::Decided>) -> Self {
        let mut done = Self {
            counts: Counts { rows: part.n_rejected, rejected: part.n_rejected, ..Counts::default() },
            problems: part.problems.clone(),
            warnings: Vec::new(),
            named: Vec::new(),
        };
        for (row, decided) in part.prepared.iter().zip(decided) {
            done.counts.rows += 1;
            match decided.decision {
                Decision::New { .. } => done.counts.new += 1,
                Decision::Same => done.counts.same += 1,
                Decision::Changed { .. } => done.counts.changed += 1,
                Decision::Duplicate(problem) => {
                    done.counts.rejected += 1;
                    done.problems.push(problem);
                    continue;
                }
            }
            if !matches!(decided.decision, Decision::New { .. }) {
                done.named.push(row.key());
            }
            done.warnings.extend(decided.warnings);
        }
        done.problems.sort_by_key(|problem| problem.line);
        done
    }
}

impl Outcome {
    pub(super) fn add(&mut self, counts: Counts, problems: Vec<Problem>, warnings: Vec<Problem>) {
        self.rows += counts.rows;
        self.new += counts.new;
        self.same += counts.same;
        self.changed += counts.changed;
        self.rejected += counts.rejected;
        self.problems.extend(problems);
        self.warnings.extend(warnings);
    }
}

impl Prepared {
    /// Tells people apart within one file; 64 bits of a keyed hash are enough for that.
    fn key(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.document_hash;
        let nationality = self.nationality.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        u64::from_be_bytes([a, b, c, d, e, f, g, h]).wrapping_add(nationality)
    }
}

impl KnownTraveller {
    /// Whether the journey is over, so that another landing begins a new one.
    fn has_ended(&self) -> bool {
        self.traveller.custody.custodian.is_none()
    }
}
