//! Laboratory results: kept for the person they name, or until that person is known. A positive one holds the person at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::draft::{Entry, Problem, ProblemCode, TestKind, TestOutcome, TestResultDraft};
use super::import::{Counts, Import, document_hash};
use super::matching::{self, NewHold};
use super::model::{HoldKind, Traveller, TravellerId};
use super::rosters::{self, Note};
use crate::access::{Act, BlindIndex};
use crate::base::draft::Outcome;
use crate::base::{Error, Id, Message, Result};
use crate::db::schema::test_results;
use crate::db::{At, Conn, Event, Tx, insert_all};

/// How many results go into one transaction.
const PART: usize = 2_000;

#[derive(Insertable)]
#[diesel(table_name = test_results, treat_none_as_default_value = false)]
struct NewResult {
    id: Id<TestResultDraft>,
    traveller_id: Option<TravellerId>,
    document_hash: Vec<u8>,
    kind: &'static str,
    result: &'static str,
    sampled_at: At,
    lab: Option<String>,
    recorded_at: At,
    recorded_by: String,
}

/// One row of a part with the hash of its document.
struct Prepared {
    line: u64,
    document_hash: [u8; 16],
    draft: TestResultDraft,
}

impl Import<'_> {
    /// Takes in the results of one file. A result for nobody known is kept, with a warning.
    pub fn results(&self, entries: impl Iterator<Item = Entry<TestResultDraft>>, digest: [u8; 32]) -> Result<Outcome> {
        self.actor.must(Act::EnterResults)?;
        let roster = self.begin("results", digest)?;
        let index = self.keyring.blind_index("travellers.document");
        let mut outcome = Outcome::default();
        let mut n_notes = 0;
        let mut entries = entries.peekable();
        while entries.peek().is_some() {
            let (rows, problems, n_rejected) = prepare(entries.by_ref().take(PART), &index);
            let said = if self.dry_run {
                self.db.read(|conn| Ok(match_up(conn, &rows)?.said))?
            } else {
                let (actor, problems) = (self.actor.name().to_owned(), problems.clone());
                self.db.write(move |tx| {
                    let matched = match_up(tx, &rows)?;
                    write(tx, &rows, &matched, &actor)?;
                    let notes = problems.iter().map(Note::problem).chain(matched.said.warnings.iter().map(Note::warning));
                    rosters::notes_insert(tx, roster, n_notes, notes)?;
                    let said = matched.said;
                    rosters::count(
                        tx,
                        roster,
                        Counts { rows: said.new + said.same + n_rejected, new: said.new, same: said.same, changed: 0, rejected: n_rejected },
                    )?;
                    Ok(said)
                })?
            };
            n_notes += i32::try_from(problems.len() + said.warnings.len()).unwrap_or(i32::MAX);
            let counts = Counts { rows: said.new + said.same + n_rejected, new: said.new, same: said.same, changed: 0, rejected: n_rejected };
            outcome.add(counts, problems, said.warnings);
            (self.progress)(outcome.rows);
        }
        self.finish(roster, "results", &outcome)?;
        Ok(outcome)
    }
}

fn prepare(entries: impl Iterator<Item = Entry<TestResultDraft>>, index: &BlindIndex) -> (Vec<Prepared>, Vec<Problem>, u64) {
    let (mut rows, mut problems, mut n_rejected) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        match entry {
            Entry::Remark(problem) => problems.push(problem),
            Entry::Row(row) => match row.outcome {
                Ok(draft) => {
                    let document_hash = document_hash(index, draft.document.kind().as_str(), draft.document.no().as_str());
                    rows.push(Prepared { line: row.line, document_hash, draft });
                }
                Err(faults) => {
                    n_rejected += 1;
                    problems.extend(faults);
                }
            },
        }
    }
    (rows, problems, n_rejected)
}

#[derive(Clone, Default)]
struct Said {
    new: u64,
    same: u64,
    warnings: Vec<Problem>,
}

struct Matched {
    /// For each row, the person if known; none of it if the result itself is known already.
    owners: Vec<Option<Option<Traveller>>>,
    said: Said,
}

fn match_up(conn: &mut Conn, rows: &[Prepared]) -> Result<Matched> {
    let hashes: Vec<[u8; 16]> = rows.iter().map(|row| row.document_hash).collect();
    let people = matching::known_by_document(conn, &hashes)?;
    type Key = (Vec<u8>, String, At, String);
    let known: Vec<Key> = test_results::table
        .filter(test_results::document_hash.eq_any(hashes.iter().map(<[u8; 16]>::as_slice)))
        .select((test_results::document_hash, test_results::kind, test_results::sampled_at, test_results::result))
        .load(conn)?;
    let mut known: std::collections::HashSet<Key> = known.into_iter().collect();
    let mut matched = Matched { owners: Vec::with_capacity(rows.len()), said: Said::default() };
    for row in rows {
        let draft = &row.draft;
        if !known.insert((row.document_hash.to_vec(), draft.kind.as_str().into(), At(draft.sampled_at), draft.outcome.as_str().into())) {
            matched.said.same += 1;
            matched.owners.push(None);
            continue;
        }
        matched.said.new += 1;
        // A result belongs to the last landing before its sample; the port takes samples on landing, and clocks differ.
        let landed_before = |known: &&super::import::KnownTraveller| known.traveller.landed_at <= draft.sampled_at + chrono::TimeDelta::hours(12);
        let owner = people.iter().filter(|known| known.document_hash == row.document_hash).filter(landed_before).max_by_key(|known| known.journey);
        if owner.is_none() {
            let message = Message::new("unknown_person");
            matched.said.warnings.push(Problem { line: row.line, column: None, code: ProblemCode::UnknownPerson, message });
        }
        matched.owners.push(Some(owner.map(|known| known.traveller.clone())));
    }
    Ok(matched)
}

fn write(tx: &mut Tx<'_>, rows: &[Prepared], matched: &Matched, actor: &str) -> Result<()> {
    let owners: Vec<TravellerId> = matched.owners.iter().flatten().flatten().map(|owner| owner.id).collect();
    super::store::travellers_lock(tx, &owners)?;
    let (mut results, mut holds) = (Vec::new(), Vec::new());
    for (row, owner) in rows.iter().zip(&matched.owners) {
        let Some(owner) = owner else { continue };
        results.push(NewResult {
            id: tx.new_id(),
            traveller_id: owner.as_ref().map(|owner| owner.id),
            document_hash: row.document_hash.to_vec(),
            kind: row.draft.kind.as_str(),
            result: row.draft.outcome.as_str(),
            sampled_at: At(row.draft.sampled_at),
            lab: row.draft.lab.clone(),
            recorded_at: At(tx.now()),
            recorded_by: actor.to_owned(),
        });
        if let (Some(owner), TestOutcome::Positive) = (owner, row.draft.outcome) {
            holds.push(NewHold::new(tx, owner.id, owner.party, HoldKind::Positive, row.draft.kind.as_str(), actor));
            let place = owner.destination.as_ref().map(|bound| bound.city.clone());
            let facts = json!({"kind": row.draft.kind.as_str(), "stock": owner.custody.stock.name()});
            tx.record(Event { kind: "test_positive", subject: owner.id.uuid(), place, facts })?;
        }
    }
    insert_all!(tx, test_results::table, &results)?;
    matching::holds_insert(tx, &holds)
}

/// A result as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// What was tested.
    pub kind: TestKind,
    /// What was found.
    pub outcome: TestOutcome,
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// Where it was examined.
    pub lab: Option<String>,
    /// When it became known here.
    pub recorded_at: DateTime<Utc>,
    /// Who brought it in.
    pub recorded_by: String,
}

/// All results of a person, by the time of the sample.
pub fn results_of(conn: &mut Conn, traveller: TravellerId) -> Result<Vec<TestResult>> {
    type Row = (String, String, At, Option<String>, At, String);
    let columns = (test_results::kind, test_results::result, test_results::sampled_at, test_results::lab, test_results::recorded_at, test_results::recorded_by);
    let of = test_results::table.filter(test_results::traveller_id.eq(Some(traveller)));
    let rows: Vec<Row> = of.order(test_results::sampled_at).select(columns).load(conn)?;
    let result = |(kind, outcome, sampled_at, lab, recorded_at, recorded_by): Row| {
        let bad = || Error::Internal(anyhow::anyhow!("test_results of {traveller} holds what it cannot"));
        let (kind, outcome) = (TestKind::from_name(&kind).ok_or_else(bad)?, TestOutcome::from_name(&outcome).ok_or_else(bad)?);
        Ok(TestResult { kind, outcome, sampled_at: sampled_at.0, lab, recorded_at: recorded_at.0, recorded_by })
    };
    rows.into_iter().map(result).collect()
}
