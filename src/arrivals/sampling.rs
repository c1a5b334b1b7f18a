//! Tests that are due: what a person's policy wants sampled by a day, and what no laboratory has told of yet.

use chrono::NaiveDate;

use super::draft::TestKind;
use super::model::{Traveller, TravellerId};
use super::store::{self, Of};
use super::{facts, policy_of};
use crate::base::Result;
use crate::db::Conn;
use crate::policy::{self, Rulebook};

/// A sample that is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sampling {
    /// From when.
    pub on: NaiveDate,
    /// Of what.
    pub kind: TestKind,
    /// Of whom.
    pub traveller: TravellerId,
}

/// What is to be sampled of these people by the end of `by`, those for whom nobody answers left out; the longest due first. Whatever was
/// sampled on the day or later settles a test, whatever was found.
pub fn samplings_due(conn: &mut Conn, rulebook: &Rulebook, people: &[Traveller], by: NaiveDate) -> Result<Vec<Sampling>> {
    let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
    let latest = store::latest_results(conn, Of::These(&ids))?;
    let mut due = Vec::new();
    for person in people.iter().filter(|person| person.custody.custodian.is_some()) {
        let Some(policy) = policy_of(rulebook, person) else { continue };
        let tests = policy.calendar(&facts(person, &[])).tests_due.into_iter().filter(|test| test.on <= by);
        for test in tests {
            let Some(kind) = sampled(test.kind) else { continue };
            let is_sampled = latest.get(&person.id).and_then(|found| found.get(&kind)).is_some_and(|(on, _)| *on >= test.on);
            if !is_sampled {
                due.push(Sampling { on: test.on, kind, traveller: person.id });
            }
        }
    }
    due.sort_unstable();
    Ok(due)
}

/// What laboratories tell of a test. The sample of customs is taken from everyone on landing and its result follows the person.
pub(super) fn sampled(kind: policy::TestKind) -> Option<TestKind> {
    match kind {
        policy::TestKind::NucleicAcid => Some(TestKind::NucleicAcid),
        policy::TestKind::Antibody => Some(TestKind::Antibody),
        policy::TestKind::Port => None,
    }
}
