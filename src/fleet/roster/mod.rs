//! Rosters of vehicles and of staff: files by which whole fleets come in and go out. Of an import every row ends as new, same, changed or
//! rejected, and the four add up to the rows; what a row does not say of something that is known stays as it is.
//!
//! A file is one transaction. What it names is looked up and locked at once, so nobody changes it between the look and the write; of two
//! imports that enter the same vehicle at the same moment one waits, and then finds it known.

mod listing;
mod staff;
mod vehicles;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use self::listing::{staff_listing, vehicles_listing};
use self::staff::Member;
use super::draft::{StaffDraft, VehicleDraft};
use super::{LoadRule, Vehicle, organisations_within};
use crate::access::audit::{self, Subject};
use crate::access::{Act, Actor, Keyring};
use crate::base::draft::{ColumnSet, Entry, Fault, Outcome, Problem, ProblemCode, Row};
use crate::base::{Error, Id, IdSource, Message, Result};
use crate::db::{Conn, Db, Tx};
use crate::places::Organisation;
use crate::policy::Rulebook;

/// The longest file, in rows: all of it is held while it is judged. The three provinces had some hundred vehicles and staff each.
const MOST: usize = 50_000;

/// What an import needs to know besides the rows.
pub struct Import<'a> {
    /// Where to.
    pub db: &'a Db,
    /// What names are sealed with.
    pub keyring: &'a Arc<Keyring>,
    /// Which organisations there are.
    pub rulebook: &'a Arc<Rulebook>,
    /// How full a vehicle may be, unless its row says so.
    pub rule: LoadRule,
    /// Who imports.
    pub actor: &'a Actor,
    /// Whether to say what would happen and write nothing.
    pub dry_run: bool,
}

impl Import<'_> {
    /// Takes in the vehicles of one file; `header` has each column as the file calls it.
    ///
    /// # Errors
    /// Invalid: the file has too many rows. What is wrong with a row is no error but among the problems.
    pub fn vehicles(&self, entries: impl Iterator<Item = Entry<VehicleDraft>>, header: &[Option<String>]) -> Result<Outcome> {
        self.take::<Vehicle>(entries, header)
    }

    /// Takes in the staff of one file; `header` has each column as the file calls it.
    ///
    /// # Errors
    /// Invalid: the file has too many rows. What is wrong with a row is no error but among the problems.
    pub fn staff(&self, entries: impl Iterator<Item = Entry<StaffDraft>>, header: &[Option<String>]) -> Result<Outcome> {
        self.take::<Member>(entries, header)
    }

    fn take<L: Listed>(&self, entries: impl Iterator<Item = Entry<L::Draft>>, header: &[Option<String>]) -> Result<Outcome> {
        self.actor.must(Act::ManageFleet)?;
        let (mut outcome, mut rows) = (Outcome::default(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Remark(problem) => outcome.problems.push(problem),
                Entry::Row(Row { line, outcome: read }) => {
                    outcome.rows += 1;
                    match read {
                        Ok(draft) => rows.push((line, draft)),
                        Err(problems) => reject(&mut outcome, problems),
                    }
                }
            }
            if outcome.rows > MOST as u64 {
                return Err(Error::invalid("body", Message::new("fleet_file_too_long").with("most", MOST)));
            }
        }
        let (db, now) = (self.db, self.db.clock().now());
        let sheet = Arc::new(Sheet {
            rows,
            actor: self.actor.clone(),
            keyring: self.keyring.clone(),
            rulebook: self.rulebook.clone(),
            rule: self.rule,
            chance: db.fork_ids(),
            now,
        });
        let judged = if self.dry_run { db.read(|conn| judge::<L>(conn, &sheet))?.1 } else { write::<L>(db, &sheet)? };
        count(&mut outcome, judged, header);
        Ok(outcome)
    }
}

/// The rows of a file, and what they are judged by; a transaction may go through them more than once.
struct Sheet<D> {
    rows: Vec<(u64, D)>,
    actor: Actor,
    keyring: Arc<Keyring>,
    rulebook: Arc<Rulebook>,
    rule: LoadRule,
    chance: IdSource,
    now: DateTime<Utc>,
}

/// What a file lists: vehicles, or members of the staff.
trait Listed: Sized + Send + 'static {
    type Draft: Send + Sync + 'static;
    type Column: ColumnSet;

    /// Where such a file is told of in the audit trail.
    const NAME: &'static str;

    /// What one is known by: the plate, the badge.
    fn key(draft: &Self::Draft) -> &str;

    /// Locks those that are known by these keys, for a transaction.
    fn lock(tx: &mut Tx<'_>, keys: &[&str]) -> Result<()>;

    /// Those that are known by these keys, whatever the scope.
    fn known(conn: &mut Conn, keys: &[&str], keyring: &Keyring) -> Result<HashMap<String, Self>>;

    /// What becomes of a row, given what is known of the thing it names.
    fn judge(draft: &Self::Draft, before: Option<&Self>, terms: &Terms<'_>) -> Result<Verdict<Self>, Vec<Fault<Self::Column>>>;

    /// Writes new ones, and changed ones that are locked.
    fn write(tx: &mut Tx<'_>, new: Vec<Self>, changed: Vec<Self>, keyring: &Keyring) -> Result<()>;
}

/// What becomes of a row.
enum Verdict<L> {
    New(L),
    Same,
    Changed(L),
}

/// What a row is judged by.
struct Terms<'a> {
    rulebook: &'a Rulebook,
    rule: LoadRule,
    /// The organisations that exist for whoever imports; none if all do.
    within: Option<Vec<Id<Organisation>>>,
    chance: &'a IdSource,
    now: DateTime<Utc>,
}

impl Terms<'_> {
    fn covers(&self, organisation: Id<Organisation>) -> bool {
        self.within.as_ref().is_none_or(|within| within.contains(&organisation))
    }

    /// The owner or employer that a row names. One that does not exist for whoever imports is not told from one that does not exist at all.
    fn owner<C: Copy>(&self, column: C, text: &str) -> Result<Id<Organisation>, Fault<C>> {
        self.depot(column, Some(text)).and_then(|found| match found {
            Some(organisation) if self.covers(organisation) => Ok(organisation),
            _ => Err(organisation_unknown(column)),
        })
    }

    /// Where a row says that something stands, if it says so; that may be anywhere.
    fn depot<C: Copy>(&self, column: C, text: Option<&str>) -> Result<Option<Id<Organisation>>, Fault<C>> {
        let Some(text) = text else { return Ok(None) };
        let found = self.rulebook.organisations.called(text).ok_or_else(|| organisation_unknown(column))?;
        Ok(Some(found.id()))
    }
}

fn organisation_unknown<C>(column: C) -> Fault<C> {
    Fault { column: Some(column), code: ProblemCode::UnknownOrganisation, message: Message::new("organisation_not_found") }
}

/// What a rule of the fleet says of fields, as faults of their columns.
fn faults<C: ColumnSet>(error: Error) -> Vec<Fault<C>> {
    let Error::Invalid(fields) = error else { return vec![Fault { column: None, code: ProblemCode::BadValue, message: error.message() }] };
    let column = |field: &str| C::ALL.iter().copied().find(|column| column.names().1 == field);
    fields.into_iter().map(|field| Fault { column: column(&field.field), code: ProblemCode::BadValue, message: field.message }).collect()
}

/// How the rows of a file ended, those that were refused with their lines.
struct Judged<C> {
    n: [u64; 3],
    refused: Vec<(u64, Vec<Fault<C>>)>,
}

/// What is to be written.
struct Found<L> {
    new: Vec<L>,
    changed: Vec<L>,
}

/// Judges the rows in the order of the file; of several that name the same thing only the first that does counts.
fn judge<L: Listed>(conn: &mut Conn, sheet: &Sheet<L::Draft>) -> Result<(Found<L>, Judged<L::Column>)> {
    let within = organisations_within(conn, sheet.actor.scope())?;
    let terms = Terms { rulebook: &sheet.rulebook, rule: sheet.rule, within, chance: &sheet.chance, now: sheet.now };
    let known = L::known(conn, &keys::<L>(sheet), &sheet.keyring)?;
    let (mut found, mut same, mut refused) = (Found { new: Vec::new(), changed: Vec::new() }, 0, Vec::new());
    let mut named = HashSet::new();
    for (line, draft) in &sheet.rows {
        let key = L::key(draft);
        if named.contains(key) {
            refused.push((*line, vec![Fault { column: None, code: ProblemCode::DuplicateRow, message: Message::new("listed_twice") }]));
            continue;
        }
        match L::judge(draft, known.get(key), &terms) {
            Err(faults) => {
                refused.push((*line, faults));
                continue;
            }
            Ok(Verdict::New(new)) => found.new.push(new),
            Ok(Verdict::Same) => same += 1,
            Ok(Verdict::Changed(changed)) => found.changed.push(changed),
        }
        named.insert(key);
    }
    let n = [found.new.len() as u64, same, found.changed.len() as u64];
    Ok((found, Judged { n, refused }))
}

fn keys<L: Listed>(sheet: &Sheet<L::Draft>) -> Vec<&str> {
    sheet.rows.iter().map(|(_, draft)| L::key(draft)).collect()
}

/// Judges and writes. Another import that enters the same things at the same moment wins; then this one looks again.
fn write<L: Listed>(db: &Db, sheet: &Arc<Sheet<L::Draft>>) -> Result<Judged<L::Column>> {
    const TRIES: u32 = 5;
    let attempt = || {
        let sheet = Arc::clone(sheet);
        db.write(move |tx| {
            L::lock(tx, &keys::<L>(&sheet))?;
            let (found, judged) = judge::<L>(tx, &sheet)?;
            if !found.new.is_empty() || !found.changed.is_empty() {
                L::write(tx, found.new, found.changed, &sheet.keyring)?;
                let subject = Subject::of("import", tx.new_id::<Sheet<L::Draft>>());
                audit::record(tx, &sheet.actor, Act::ManageFleet, subject, Some(L::NAME))?;
            }
            Ok(judged)
        })
    };
    for _ in 1..TRIES {
        match attempt() {
            Err(Error::Conflict(message)) if matches!(message.code, "plate_known" | "badge_known") => {}
            outcome => return outcome,
        }
    }
    attempt()
}

fn reject(outcome: &mut Outcome, problems: impl IntoIterator<Item = Problem>) {
    outcome.rejected += 1;
    outcome.problems.extend(problems);
}

/// Adds how the rows ended, each fault under the name that the file gives its column.
fn count<C: ColumnSet>(outcome: &mut Outcome, judged: Judged<C>, header: &[Option<String>]) {
    [outcome.new, outcome.same, outcome.changed] = judged.n;
    let name = |column: C| header.get(column.place()).cloned().flatten().unwrap_or_else(|| column.names().0.to_owned());
    for (line, faults) in judged.refused {
        reject(outcome, faults.into_iter().map(|Fault { column, code, message }| Problem { line, column: column.map(name), code, message }));
    }
    outcome.problems.sort_by_key(|problem| problem.line);
}
