//! Clearance 放行: who may move on a day, and what keeps the others. Nobody boards without the days counted, the due tests
//! negative and no hold; and where one of a party may not, the party does not.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::draft::{TestKind, TestOutcome};
use super::model::{HoldKind, Party, TravellerId};
use crate::base::{Id, Message};

/// What keeps a person from moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Block {
    /// An open hold.
    Held(HoldKind),
    /// A due test without any result. No result is not negative.
    TestMissing(TestKind),
    /// A due test whose latest result is indeterminate.
    TestIndeterminate(TestKind),
    /// A due test whose latest result is positive.
    TestPositive(TestKind),
    /// The destination has not been entered.
    DestinationMissing,
    /// The day of the move has not come.
    DaysNotCounted,
    /// The rest of the term at home has not been approved.
    HomeNotApproved,
    /// Another of the party is blocked, and nobody has decided to part them.
    PartyHeld,
}

impl Block {
    /// The stable name, in JSON and counts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held(HoldKind::Medical) => "hold_medical",
            Self::Held(HoldKind::Positive) => "hold_positive",
            Self::Held(HoldKind::Exposure) => "hold_exposure",
            Self::Held(HoldKind::Administrative) => "hold_administrative",
            Self::TestMissing(TestKind::NucleicAcid) => "test_missing_nucleic_acid",
            Self::TestMissing(TestKind::Antibody) => "test_missing_antibody",
            Self::TestIndeterminate(TestKind::NucleicAcid) => "test_indeterminate_nucleic_acid",
            Self::TestIndeterminate(TestKind::Antibody) => "test_indeterminate_antibody",
            Self::TestPositive(TestKind::NucleicAcid) => "test_positive_nucleic_acid",
            Self::TestPositive(TestKind::Antibody) => "test_positive_antibody",
            Self::DestinationMissing => "destination_missing",
            Self::DaysNotCounted => "days_not_counted",
            Self::HomeNotApproved => "home_not_approved",
            Self::PartyHeld => "party_held",
        }
    }

    /// The reason in words.
    pub fn message(self) -> Message {
        Message::new(match self {
            Self::Held(HoldKind::Medical) => "block_hold_medical",
            Self::Held(HoldKind::Positive) => "block_hold_positive",
            Self::Held(HoldKind::Exposure) => "block_hold_exposure",
            Self::Held(HoldKind::Administrative) => "block_hold_administrative",
            Self::TestMissing(TestKind::NucleicAcid) => "block_test_missing_nucleic_acid",
            Self::TestMissing(TestKind::Antibody) => "block_test_missing_antibody",
            Self::TestIndeterminate(TestKind::NucleicAcid) => "block_test_indeterminate_nucleic_acid",
            Self::TestIndeterminate(TestKind::Antibody) => "block_test_indeterminate_antibody",
            Self::TestPositive(TestKind::NucleicAcid) => "block_test_positive_nucleic_acid",
            Self::TestPositive(TestKind::Antibody) => "block_test_positive_antibody",
            Self::DestinationMissing => "block_destination_missing",
            Self::DaysNotCounted => "block_days_not_counted",
            Self::HomeNotApproved => "block_home_not_approved",
            Self::PartyHeld => "block_party_held",
        })
    }
}

/// What clearance needs to know of one person.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Who.
    pub traveller: TravellerId,
    /// In which party.
    pub party: Id<Party>,
    /// The open holds.
    pub holds: Vec<HoldKind>,
    /// Of each kind of test that has a result, the date of the latest sample and what was found in it.
    pub latest: HashMap<TestKind, (NaiveDate, TestOutcome)>,
    /// The tests that the policy wants negative before the move, each with the first date on which its sample counts.
    pub required: Vec<(TestKind, NaiveDate)>,
    /// The day of the move under the policy.
    pub transfer_on: Option<NaiveDate>,
    /// Whether the destination is known.
    pub has_destination: bool,
    /// Whether the policy wants an approval for home that has not been given.
    pub lacks_home_approval: bool,
}

/// A person's clearance for a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    /// Who.
    pub traveller: TravellerId,
    /// In which party.
    pub party: Id<Party>,
    /// What keeps the person; cleared if nothing does.
    pub blocks: Vec<Block>,
}

impl Clearance {
    /// Whether the person may move.
    pub fn is_cleared(&self) -> bool {
        self.blocks.is_empty()
    }
}

/// Decides for all `candidates` whether they may move on `on`. To judge a party right, all of its members must be among them.
/// Linear in the number of candidates.
pub fn clear(candidates: &[Candidate], on: NaiveDate) -> Vec<Clearance> {
    let own: Vec<Vec<Block>> = candidates.iter().map(|candidate| own_blocks(candidate, on)).collect();
    let mut n_blocked: HashMap<Id<Party>, usize> = HashMap::new();
    for (candidate, blocks) in candidates.iter().zip(&own) {
        *n_blocked.entry(candidate.party).or_default() += usize::from(!blocks.is_empty());
    }
    candidates
        .iter()
        .zip(own)
        .map(|(candidate, mut blocks)| {
            let others = n_blocked[&candidate.party] - usize::from(!blocks.is_empty());
            if others > 0 {
                blocks.push(Block::PartyHeld);
            }
            Clearance { traveller: candidate.traveller, party: candidate.party, blocks }
        })
        .collect()
}

fn own_blocks(candidate: &Candidate, on: NaiveDate) -> Vec<Block> {
    let mut blocks: Vec<Block> = candidate.holds.iter().copied().map(Block::Held).collect();
    blocks.sort_unstable();
    blocks.dedup();
    for &(kind, due_on) in &candidate.required {
        match candidate.latest.get(&kind) {
            Some((_, TestOutcome::Positive)) => blocks.push(Block::TestPositive(kind)),
            Some((_, TestOutcome::Indeterminate)) => blocks.push(Block::TestIndeterminate(kind)),
            Some((sampled_on, TestOutcome::Negative)) if *sampled_on >= due_on => {}
            Some((_, TestOutcome::Negative)) | None => blocks.push(Block::TestMissing(kind)),
        }
    }
    if !candidate.has_destination {
        blocks.push(Block::DestinationMissing);
    }
    if candidate.transfer_on.is_none_or(|day| day > on) && candidate.has_destination {
        blocks.push(Block::DaysNotCounted);
    }
    if candidate.lacks_home_approval {
        blocks.push(Block::HomeNotApproved);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(n: u128, party: u128) -> Candidate {
        Candidate {
            traveller: Id::from_uuid(uuid::Uuid::from_u128(n)),
            party: Id::from_uuid(uuid::Uuid::from_u128(party)),
            holds: Vec::new(),
            latest: [(TestKind::NucleicAcid, (on(14), TestOutcome::Negative))].into(),
            required: vec![(TestKind::NucleicAcid, on(14))],
            transfer_on: NaiveDate::from_ymd_opt(2020, 9, 15),
            has_destination: true,
            lacks_home_approval: false,
        }
    }

    fn on(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 9, day).unwrap()
    }

    #[test]
    fn a_person_with_days_tests_and_no_hold_is_cleared() {
        assert!(clear(&[candidate(1, 1)], on(15))[0].is_cleared());
        assert_eq!(clear(&[candidate(1, 1)], on(14))[0].blocks, [Block::DaysNotCounted]);
    }

    #[test]
    fn no_result_is_not_negative() {
        let outcomes = [
            (None, Some(Block::TestMissing(TestKind::NucleicAcid))),
            (Some(TestOutcome::Indeterminate), Some(Block::TestIndeterminate(TestKind::NucleicAcid))),
            (Some(TestOutcome::Positive), Some(Block::TestPositive(TestKind::NucleicAcid))),
            (Some(TestOutcome::Negative), None),
        ];
        let mut early = candidate(1, 1);
        early.latest = [(TestKind::NucleicAcid, (on(13), TestOutcome::Negative))].into();
        assert_eq!(clear(&[early], on(15))[0].blocks, [Block::TestMissing(TestKind::NucleicAcid)], "a sample from before the day does not count");
        for (outcome, block) in outcomes {
            let mut person = candidate(1, 1);
            person.latest = outcome.map(|outcome| (TestKind::NucleicAcid, (on(14), outcome))).into_iter().collect();
            assert_eq!(clear(&[person], on(15))[0].blocks, Vec::from_iter(block));
        }
    }

    #[test]
    fn one_held_member_holds_the_party_and_no_other() {
        let mut held = candidate(1, 1);
        held.holds = vec![HoldKind::Medical, HoldKind::Medical];
        let clearances = clear(&[held, candidate(2, 1), candidate(3, 3)], on(15));
        assert_eq!(clearances[0].blocks, [Block::Held(HoldKind::Medical)]);
        assert_eq!(clearances[1].blocks, [Block::PartyHeld]);
        assert!(clearances[2].is_cleared());
    }
}
