//! What to take out of a proposal so that it can be put back better: related parties, stretches of related trips, whole trips.

use rand::{Rng, RngExt};

use super::problem::{PartyNo, Problem};
use super::proposal::{Proposal, SlotNo};

/// For each party those of its province and class that could share its trip best, the closest first.
#[derive(Debug, Clone)]
pub(super) struct Kinship {
    near: Vec<Vec<PartyNo>>,
}

/// Relatives kept for a party.
const RELATIVES: usize = 80;

impl Kinship {
    /// Relates `parties` by where they wait, where they are bound for, and when they are ready. Quadratic in the parties of a class.
    pub(super) fn of(problem: &Problem, parties: &[PartyNo]) -> Self {
        let mut near = vec![Vec::new(); problem.parties.len()];
        for &one in parties {
            let mut others: Vec<(i32, PartyNo)> =
                parties.iter().filter(|other| **other != one).filter_map(|&other| Some((distance(problem, one, other)?, other))).collect();
            if others.len() > RELATIVES {
                others.select_nth_unstable(RELATIVES);
                others.truncate(RELATIVES);
            }
            others.sort_unstable();
            near[one as usize] = others.into_iter().map(|(_, other)| other).collect();
        }
        Self { near }
    }

    /// A party and its relatives, the closest first.
    pub(super) fn around(&self, party: PartyNo) -> impl Iterator<Item = PartyNo> {
        std::iter::once(party).chain(self.near[party as usize].iter().copied())
    }
}

/// How far two parties are from sharing a trip; none if they never may.
fn distance(problem: &Problem, one: PartyNo, other: PartyNo) -> Option<i32> {
    let (one, other) = (&problem.parties[one as usize], &problem.parties[other as usize]);
    if one.province != other.province || one.risk != other.risk {
        return None;
    }
    let site = |party: &super::problem::Party| party.sites.first().map(|site| problem.sites[*site as usize].place);
    let bound = match (site(one), site(other)) {
        (Some(one), Some(other)) => problem.travel.minutes(one, other),
        _ => 0,
    };
    Some(problem.travel.minutes(one.pickup, other.pickup) + bound + (one.earliest - other.earliest).abs() / 4)
}

/// Chooses parties to take out, by slot. Cost: linear in what is taken out and in the trips.
pub(super) fn choose(problem: &Problem, proposal: &Proposal, kinship: &Kinship, parties: &[PartyNo], rng: &mut impl Rng) -> Vec<(SlotNo, Vec<PartyNo>)> {
    let mut gone: Vec<(SlotNo, Vec<PartyNo>)> = Vec::new();
    let seed = match proposal.left.len() {
        n if n > 0 && rng.random_bool(0.5) => proposal.left[rng.random_range(0..n)],
        _ => parties[rng.random_range(0..parties.len())],
    };
    match rng.random_range(0..10) {
        0..4 => relatives(proposal, kinship, seed, rng, &mut gone),
        4..8 => strings(proposal, kinship, seed, rng, &mut gone),
        _ => trips(problem, proposal, kinship, seed, rng, &mut gone),
    }
    gone
}

/// The slot of a party whose trip nobody was told of.
fn loose(proposal: &Proposal, party: PartyNo) -> Option<SlotNo> {
    proposal.slot_of(party).filter(|slot| proposal.draft(*slot).is_some_and(|draft| draft.announced.is_none()))
}

fn take(gone: &mut Vec<(SlotNo, Vec<PartyNo>)>, slot: SlotNo, party: PartyNo) -> bool {
    match gone.iter_mut().find(|(one, _)| *one == slot) {
        Some((_, parties)) if parties.contains(&party) => false,
        Some((_, parties)) => {
            parties.push(party);
            true
        }
        None => {
            gone.push((slot, vec![party]));
            true
        }
    }
}

fn relatives(proposal: &Proposal, kinship: &Kinship, seed: PartyNo, rng: &mut impl Rng, gone: &mut Vec<(SlotNo, Vec<PartyNo>)>) {
    let mut wanted = rng.random_range(3..=14);
    for party in kinship.around(seed) {
        if wanted == 0 {
            break;
        }
        if let Some(slot) = loose(proposal, party).filter(|_| rng.random_bool(0.7)) {
            take(gone, slot, party);
            wanted -= 1;
        }
    }
}

/// Stretches of boardings, each around a relative of the seed (after SISR: Christiaens and Vanden Berghe 2020).
fn strings(proposal: &Proposal, kinship: &Kinship, seed: PartyNo, rng: &mut impl Rng, gone: &mut Vec<(SlotNo, Vec<PartyNo>)>) {
    let mut wanted = rng.random_range(1..=4);
    for party in kinship.around(seed) {
        if wanted == 0 {
            break;
        }
        let Some(slot) = loose(proposal, party).filter(|slot| gone.iter().all(|(one, _)| one != slot)) else { continue };
        let Some(draft) = proposal.draft(slot) else { continue };
        let at = draft.picks.iter().position(|one| *one == party).unwrap_or(0);
        let length = rng.random_range(1..=draft.picks.len().min(8));
        let from = rng.random_range(at.saturating_sub(length - 1)..=at).min(draft.picks.len() - length);
        for &one in &draft.picks[from..from + length] {
            take(gone, slot, one);
        }
        wanted -= 1;
    }
}

/// The emptiest trip among those of the seed's relatives, one of the others, and a few parties near them.
fn trips(problem: &Problem, proposal: &Proposal, kinship: &Kinship, seed: PartyNo, rng: &mut impl Rng, gone: &mut Vec<(SlotNo, Vec<PartyNo>)>) {
    let mut slots: Vec<SlotNo> = Vec::new();
    for slot in kinship.around(seed).filter_map(|party| loose(proposal, party)) {
        if !slots.contains(&slot) {
            slots.push(slot);
        }
        if slots.len() >= 6 {
            break;
        }
    }
    let fill = |slot: &SlotNo| {
        proposal.draft(*slot).map_or(0, |draft| draft.load.persons * 100 / problem.vehicles[draft.vehicle as usize].cap[draft.risk as usize].max(1))
    };
    let Some(emptiest) = slots.iter().copied().min_by_key(fill) else { return };
    let mut wanted = vec![emptiest];
    if slots.len() > 1 && rng.random_bool(0.4) {
        wanted.push(slots[rng.random_range(0..slots.len())]);
    }
    for slot in wanted {
        for &party in proposal.draft(slot).map_or(&[][..], |draft| &draft.picks) {
            take(gone, slot, party);
        }
    }
    let mut more = rng.random_range(0..=8);
    for party in kinship.around(seed) {
        if more == 0 {
            break;
        }
        if let Some(slot) = loose(proposal, party).filter(|_| rng.random_bool(0.4)) {
            more -= i32::from(take(gone, slot, party));
        }
    }
}
