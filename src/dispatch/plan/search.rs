//! The search in one province: take some parties out, put them back greedily, keep what is better, or now and then a little worse
//! (large neighbourhood search with annealing).

use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::build::Builder;
use super::changes::UNNOTICED;
use super::draft::Prices;
use super::insert::{Fit, Shortlist};
use super::outcome::Reason;
use super::problem::{PartyNo, Problem, ProvinceNo, VehicleNo};
use super::proposal::{Proposal, SlotNo};
use super::replan::{Cause, Causes, Previous, boards_within};
use super::ruin::{self, Kinship};

/// What is aimed for, in this order.
type Aim = (u32, usize, i64, i64, i64);

/// What is known of a party on a trip.
#[derive(Debug, Clone, Copy)]
enum Estimate {
    Never,
    Ranked(f64, Shortlist),
    Timed(Fit),
}

/// The search in one province. The same seed and number of steps give the same proposal.
#[derive(Debug)]
pub(super) struct Search<'a> {
    builder: Builder<'a>,
    rng: SmallRng,
    parties: Vec<PartyNo>,
    kinds: Vec<Vec<VehicleNo>>,
    kinship: Kinship,
    /// By party and slot: which draft it was about, and what is known.
    known: Vec<Vec<(u32, Estimate)>>,
    offers: Vec<(f64, SlotNo, bool)>,
    current: Proposal,
    best: Proposal,
    best_aim: Aim,
    causes: Causes,
}

/// What the search weighs. Staff are plenty until somebody is left behind.
pub(super) const PRICES: Prices = Prices { person: 6000.0, trip: 2000.0, driver: 1.0, waiting: 0.0005, fullness: 0.5 };
/// What a driver is worth while somebody is left behind: trips then rather take a night's rest than a second driver.
const SCARCE_DRIVER: f64 = 1500.0;
/// What room for one more person is worth when a vehicle is chosen for a new trip.
const ROOM: f64 = 30.0;
/// Chance that a trip is overlooked when a place is sought, so that the greedy choice is not always the same.
const BLINK: f64 = 0.02;
/// Parties tried in a step beside those it took out.
const OTHERS: usize = 12;
/// Places on trips tried for a party, the cheapest first.
const FITS: usize = 6;
/// New trips sought in vain before a step seeks no more.
const PATIENCE: usize = 4;
/// Temperatures of the annealing, in minutes of a vehicle.
const WARM: f64 = 600.0;
const COLD: f64 = 10.0;

impl<'a> Search<'a> {
    /// A first proposal for the movable parties of a province, with what was announced before kept as far as it can be.
    pub(super) fn new(problem: &'a Problem, province: ProvinceNo, parties: Vec<PartyNo>, seed: u64, previous: Option<&Previous<'_>>) -> Self {
        let empty = Proposal::empty(problem, &parties);
        let mut search = Self {
            builder: Builder::new(problem, PRICES),
            rng: SmallRng::seed_from_u64(seed ^ (u64::from(province) << 32)),
            kinds: kinds(problem, province),
            kinship: Kinship::of(problem, &parties),
            known: vec![Vec::new(); problem.parties.len()],
            offers: Vec::new(),
            best: empty.clone(),
            best_aim: aim(&empty),
            current: empty,
            causes: Causes::new(),
            parties,
        };
        let mut first = search.current.clone();
        if let Some(previous) = previous {
            search.causes = search.builder.keep_announced(&mut first, province, previous);
        }
        let everybody = first.left.len();
        search.put_back(&mut first, everybody, 0.0);
        search.keep(first);
        if search.current.persons_left > 0 {
            search.value_drivers(SCARCE_DRIVER);
        }
        search
    }

    /// Prices drivers anew; the trips there are cost what they would then.
    fn value_drivers(&mut self, price: f64) {
        self.builder.prices.driver = price;
        for slot in self.current.drafts().map(|(slot, _)| slot).collect::<Vec<_>>() {
            let Some(mut draft) = self.current.draft(slot).cloned() else { continue };
            draft.cost = self.builder.prices.of(&draft.timing, draft.crew.drivers.len(), draft.load.persons);
            draft.uid = self.builder.uid();
            self.current.put(self.builder.problem, slot, Arc::new(draft));
        }
    }

    /// The best proposal so far.
    pub(super) fn best(&self) -> &Proposal {
        &self.best
    }

    /// Persons the best proposal leaves, and its trips.
    pub(super) fn standing(&self) -> (u32, usize) {
        (self.best.persons_left, self.best.trips)
    }

    /// Whether there is nothing to search: nobody is left, and every trip is an announced one.
    pub(super) fn is_settled(&self) -> bool {
        self.best.left.is_empty() && self.best.drafts().all(|(_, draft)| draft.announced.is_some())
    }

    /// Tries everybody once more who is still left in the best proposal, and says why they stay: what is missing for one is not
    /// there again after others were added.
    pub(super) fn finish(&mut self) -> Vec<(PartyNo, Reason)> {
        let mut best = self.best.clone();
        let mut reasons = Vec::new();
        for party in best.left.clone() {
            if self.ride_along(&mut best, party, 0.0) {
                continue;
            }
            match self.builder.alone_if_possible(&best, party) {
                Ok(draft) => best.put(self.builder.problem, best.free_slot(), Arc::new(draft)),
                Err(_) if self.join_announced(&mut best, party) => {}
                Err(reason) => reasons.push((party, reason)),
            }
        }
        self.keep(best);
        reasons
    }

    /// Why announced trips changed.
    pub(super) fn causes(&self) -> &Causes {
        &self.causes
    }

    /// Puts a party that could not be moved otherwise on an announced trip: rather on one where nobody notices.
    fn join_announced(&mut self, proposal: &mut Proposal, party: PartyNo) -> bool {
        let problem = self.builder.problem;
        self.builder.may_extend = true;
        let mut joined = None;
        let slots: Vec<SlotNo> = proposal.drafts().filter(|(_, draft)| draft.announced.is_some()).map(|(slot, _)| slot).collect();
        'tolerance: for tolerance in [UNNOTICED, problem.horizon] {
            for &slot in &slots {
                let Some((_, shortlist)) = self.builder.rank(proposal, slot, party) else { continue };
                let Some(fit) = self.builder.fit(proposal, slot, party, &shortlist) else { continue };
                let Some(draft) = self.builder.ride_along(proposal, slot, party, &fit) else { continue };
                let Some(before) = proposal.draft(slot).map(|before| before.acts(problem, &mut self.builder.clock)) else { continue };
                if boards_within(&before, &draft.acts(problem, &mut self.builder.clock), tolerance) {
                    joined = Some((slot, draft));
                    break 'tolerance;
                }
            }
        }
        self.builder.may_extend = false;
        let Some((slot, draft)) = joined else { return false };
        if let Some(kept) = &draft.announced {
            self.causes.push((kept.id.clone(), None, Cause::MakingRoom));
        }
        proposal.put(problem, slot, draft);
        true
    }

    /// One step; `progress` runs from 0 to 1 and cools.
    pub(super) fn step(&mut self, progress: f64) {
        if self.parties.is_empty() {
            return;
        }
        let temperature = WARM * (COLD / WARM).powf(progress);
        let mut next = self.current.clone();
        let gone = ruin::choose(self.builder.problem, &next, &self.kinship, &self.parties, &mut self.rng);
        let left = next.left.len();
        for (slot, parties) in gone {
            let rest = self.builder.without(&next, slot, &parties);
            match rest {
                Some(rest) => next.put(self.builder.problem, slot, rest),
                None => drop(next.take(self.builder.problem, slot)),
            }
        }
        let taken = next.left.len() - left;
        self.put_back(&mut next, taken, BLINK);
        let threshold = self.price(&self.current) - temperature * self.rng.random_range(f64::MIN_POSITIVE..1.0_f64).ln();
        if self.price(&next) < threshold {
            self.keep(next);
        }
        if self.builder.prices.driver == SCARCE_DRIVER && self.best.persons_left == 0 {
            self.value_drivers(PRICES.driver);
        }
    }

    fn price(&self, proposal: &Proposal) -> f64 {
        proposal.cost + self.builder.prices.person * f64::from(proposal.persons_left)
    }

    fn keep(&mut self, next: Proposal) {
        let aim = aim(&next);
        if aim < self.best_aim {
            self.best = next.clone();
            self.best_aim = aim;
        }
        self.current = next;
    }

    /// Finds a place for parties that are left, one after the other: on a trip there is, else on a new one. All of `first`, and some of the others.
    fn put_back(&mut self, proposal: &mut Proposal, first: usize, blink: f64) {
        let mut order = proposal.left.clone();
        if order.len() > first + OTHERS {
            let n_others = order.len() - first;
            for n in 0..OTHERS {
                let other = self.rng.random_range(n..n_others);
                order.swap(n, other);
            }
            order.drain(OTHERS..n_others);
        }
        self.sort(&mut order);
        let mut patience = if blink > 0.0 { PATIENCE } else { usize::MAX };
        for party in order {
            if !self.ride_along(proposal, party, blink) && patience > 0 && !self.open(proposal, party) {
                patience -= 1;
            }
        }
    }

    fn sort(&mut self, order: &mut [PartyNo]) {
        let problem = self.builder.problem;
        order.shuffle(&mut self.rng);
        let party = |n: &PartyNo| &problem.parties[*n as usize];
        let far = |n: &PartyNo| party(n).sites.first().map_or(0, |site| problem.travel.minutes(party(n).pickup, problem.sites[*site as usize].place));
        match self.rng.random_range(0..8) {
            0..2 => {}
            2..4 => order.sort_by_key(|n| std::cmp::Reverse(party(n).size)),
            4..6 => order.sort_by_key(|n| std::cmp::Reverse(far(n))),
            6 => order.sort_by_key(|n| std::cmp::Reverse(party(n).earliest)),
            _ => order.sort_by_key(far),
        }
    }

    /// Puts a party on the trip where it adds the least. Trips are timed only while they may still be the cheapest.
    fn ride_along(&mut self, proposal: &mut Proposal, party: PartyNo, blink: f64) -> bool {
        let mut offers = std::mem::take(&mut self.offers);
        offers.clear();
        for (slot, draft) in proposal.drafts() {
            if blink > 0.0 && self.rng.random_bool(blink) {
                continue;
            }
            if let Some((cost, is_timed)) = self.estimate(proposal, slot, draft.uid, party) {
                offers.push((cost, slot, is_timed));
            }
        }
        let mut failures = 0;
        while let Some(n) = (0..offers.len()).min_by(|one, other| offers[*one].0.total_cmp(&offers[*other].0)) {
            let (_, slot, is_timed) = offers.swap_remove(n);
            let known = &mut self.known[party as usize][slot as usize].1;
            match *known {
                Estimate::Ranked(_, shortlist) if !is_timed => {
                    let fit = self.builder.fit(proposal, slot, party, &shortlist);
                    *known = fit.map_or(Estimate::Never, Estimate::Timed);
                    offers.extend(fit.map(|fit| (fit.cost, slot, true)));
                }
                Estimate::Timed(fit) => {
                    if let Some(draft) = self.builder.ride_along(proposal, slot, party, &fit) {
                        proposal.put(self.builder.problem, slot, draft);
                        self.offers = offers;
                        return true;
                    }
                    failures += 1;
                    if failures == FITS {
                        break;
                    }
                }
                _ => {}
            }
        }
        self.offers = offers;
        false
    }

    /// What a party would add to a trip at least, and whether that has been timed; remembered until the trip changes.
    fn estimate(&mut self, proposal: &Proposal, slot: SlotNo, uid: u32, party: PartyNo) -> Option<(f64, bool)> {
        let known = &mut self.known[party as usize];
        if known.len() <= slot as usize {
            known.resize(slot as usize + 1, (0, Estimate::Never));
        }
        let known = &mut known[slot as usize];
        if known.0 != uid {
            let ranked = self.builder.rank(proposal, slot, party);
            *known = (uid, ranked.map_or(Estimate::Never, |(cost, shortlist)| Estimate::Ranked(cost, shortlist)));
        }
        match known.1 {
            Estimate::Never => None,
            Estimate::Ranked(cost, _) => Some((cost, false)),
            Estimate::Timed(fit) => Some((fit.cost, true)),
        }
    }

    fn open(&mut self, proposal: &mut Proposal, party: PartyNo) -> bool {
        match self.builder.open(proposal, party, &self.kinds, ROOM) {
            Some((slot, draft)) => {
                proposal.put(self.builder.problem, slot, draft);
                true
            }
            None => false,
        }
    }
}

fn aim(proposal: &Proposal) -> Aim {
    let mut aim: Aim = (proposal.persons_left, proposal.trips, 0, 0, 0);
    for (_, draft) in proposal.drafts() {
        aim.2 += i64::from(draft.timing.end - draft.timing.start);
        aim.3 += i64::from(draft.timing.waiting);
        aim.4 += i64::from(draft.timing.km10);
    }
    aim
}

/// The vehicles of a province, those alike together.
fn kinds(problem: &Problem, province: ProvinceNo) -> Vec<Vec<VehicleNo>> {
    let mut kinds: Vec<Vec<VehicleNo>> = Vec::new();
    for (n, vehicle) in problem.vehicles.iter().enumerate().filter(|(_, vehicle)| vehicle.province == province) {
        let alike = |other: &VehicleNo| {
            let other = &problem.vehicles[*other as usize];
            let traits =
                |one: &super::problem::Vehicle| (one.depot, one.seats, one.cap, one.wheelchairs, one.infants, one.luggage, one.licence, one.available.clone());
            traits(vehicle) == traits(other)
        };
        match kinds.iter_mut().find(|kind| kind.first().is_some_and(alike)) {
            Some(kind) => kind.push(n as VehicleNo),
            None => kinds.push(vec![n as VehicleNo]),
        }
    }
    kinds
}
