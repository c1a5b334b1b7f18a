//! Where a party could ride along: positions ranked by their detour, the best of them timed.

use std::sync::Arc;

use super::build::{Builder, Wanted};
use super::clock::{Route, Timing};
use super::draft::{Crew, Draft, Kept};
use super::problem::{Minute, PartyNo, Problem, SiteNo, VehicleNo};
use super::proposal::{Proposal, SlotNo};

/// A place for a party on a trip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// What it adds to the cost.
    pub cost: f64,
    pick_at: u16,
    drop_at: u16,
    site: SiteNo,
    drivers: u8,
}

/// A party's ride alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alone {
    site: SiteNo,
    drivers: u8,
    timing: Timing,
}

/// Positions that are timed for one party on one trip, the shortest detours first.
const POSITIONS: usize = 3;

/// A detour by its position.
#[derive(Debug, Clone, Copy)]
struct Detour {
    minutes: Minute,
    pick_at: u16,
    drop_at: u16,
    site: SiteNo,
}

/// The best few detours for a party on a trip, not timed yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shortlist {
    n: usize,
    detours: [Detour; POSITIONS],
}

/// What a trip may win by a stop more: breaks that the stop takes the place of.
const ABSORBED: Minute = 40;

impl Shortlist {
    const EMPTY: Self = Self { n: 0, detours: [Detour { minutes: 0, pick_at: 0, drop_at: 0, site: 0 }; POSITIONS] };

    fn offer(&mut self, detour: Detour) {
        let mut n = self.n;
        if n == POSITIONS {
            if detour.minutes >= self.detours[n - 1].minutes {
                return;
            }
            n -= 1;
        } else {
            self.n += 1;
        }
        while n > 0 && self.detours[n - 1].minutes > detour.minutes {
            self.detours[n] = self.detours[n - 1];
            n -= 1;
        }
        self.detours[n] = detour;
    }
}

impl Builder<'_> {
    /// Where a party could get on and off the trip in a slot, and what it adds to the cost at least, as far as that can be told without timing it.
    pub(super) fn rank(&self, proposal: &Proposal, slot: SlotNo, party: PartyNo) -> Option<(f64, Shortlist)> {
        let draft = proposal.draft(slot)?;
        if draft.announced.as_ref().is_some_and(|kept| kept.frozen || !self.may_extend) {
            return None;
        }
        let problem = self.problem;
        let load = draft.load.with(problem, party);
        if draft.risk != problem.parties[party as usize].risk || !load.fits(problem, draft.vehicle, draft.risk) {
            return None;
        }
        let shortlist = shortlist(problem, proposal, draft, party);
        let shortest = shortlist.detours[..shortlist.n].first()?.minutes;
        Some((f64::from((shortest - ABSORBED).max(0)) + self.prices.fuller(draft.load.persons, load.persons), shortlist))
    }

    /// The cheapest of the listed places on the trip in a slot, timed.
    pub(super) fn fit(&mut self, proposal: &Proposal, slot: SlotNo, party: PartyNo, shortlist: &Shortlist) -> Option<Fit> {
        let draft = proposal.draft(slot)?;
        let problem = self.problem;
        let persons = draft.load.persons + problem.parties[party as usize].size;
        let vehicle = &problem.vehicles[draft.vehicle as usize];
        let (mut picks, mut drops) = (std::mem::take(&mut self.picks), std::mem::take(&mut self.drops));
        let mut best: Option<Fit> = None;
        for detour in &shortlist.detours[..shortlist.n] {
            with(draft, party, detour, &mut picks, &mut drops);
            let mut drivers = draft.crew.drivers.len();
            loop {
                let route = Route { vehicle, picks: &picks, drops: &drops, drivers };
                let timing = self.clock.schedule(route, proposal.window(slot)).ok();
                let cost = timing.map(|timing| self.prices.of(&timing, drivers, persons) - draft.cost);
                if let Some(cost) = cost.filter(|cost| best.is_none_or(|best| *cost < best.cost)) {
                    best = Some(Fit { cost, pick_at: detour.pick_at, drop_at: detour.drop_at, site: detour.site, drivers: drivers as u8 });
                }
                if drivers > 1 || cost.is_some_and(|cost| cost < SUSPICIOUS) {
                    break;
                }
                drivers += 1;
            }
        }
        (self.picks, self.drops) = (picks, drops);
        best
    }

    /// The trip with the party at a place on it, for the same slot.
    pub(super) fn ride_along(&mut self, proposal: &Proposal, slot: SlotNo, party: PartyNo, fit: &Fit) -> Option<Arc<Draft>> {
        let draft = proposal.draft(slot)?;
        if proposal.room(self.problem, fit.site) < self.problem.parties[party as usize].size {
            return None;
        }
        let (mut picks, mut drops) = (Vec::new(), Vec::new());
        let detour = Detour { minutes: 0, pick_at: fit.pick_at, drop_at: fit.drop_at, site: fit.site };
        with(draft, party, &detour, &mut picks, &mut drops);
        let window = proposal.window(slot).clone();
        let wanted = Wanted { vehicle: draft.vehicle, risk: draft.risk, picks, drops, drivers: fit.drivers.into(), window };
        let mut extended = self.build(proposal, slot, wanted, &draft.crew)?;
        extended.announced = draft.announced.as_ref().map(|kept| Arc::new(Kept { id: kept.id.clone(), frozen: kept.frozen, acts: None }));
        Some(Arc::new(extended))
    }

    /// The cheapest trip found for a party alone with a vehicle of `kinds`: of each kind one that is unused, or else those that are free for a while.
    /// Room for others counts in its favour.
    pub(super) fn open(&mut self, proposal: &Proposal, party: PartyNo, kinds: &[Vec<VehicleNo>], bonus: f64) -> Option<(SlotNo, Arc<Draft>)> {
        let problem = self.problem;
        let who = &problem.parties[party as usize];
        let slot = proposal.free_slot();
        let mut offers: Vec<(f64, Wanted)> = Vec::new();
        for (k, kind) in kinds.iter().enumerate() {
            let Some(&first) = kind.first() else { continue };
            let vehicle = &problem.vehicles[first as usize];
            if !vehicle.suits(who) {
                continue;
            }
            let alone = self.alone(k, kinds.len(), first, party);
            if alone.is_empty() {
                continue;
            }
            let unused = kind.iter().find(|vehicle| proposal.trips_of_vehicle(**vehicle).next().is_none());
            let candidates: &[VehicleNo] = unused.map_or(kind, std::slice::from_ref);
            for &candidate in candidates {
                for window in proposal.gaps(problem, candidate) {
                    if window.start + problem.travel.minutes(vehicle.depot, who.pickup) > who.latest {
                        continue;
                    }
                    for ride in alone.iter().filter(|ride| proposal.room(problem, ride.site) >= who.size) {
                        let wanted = Wanted {
                            vehicle: candidate,
                            risk: who.risk,
                            picks: vec![party],
                            drops: vec![(party, ride.site)],
                            drivers: ride.drivers.into(),
                            window: window.clone(),
                        };
                        let timing = if window.start <= ride.timing.start && ride.timing.end <= window.end {
                            ride.timing
                        } else {
                            let route = Route { vehicle, picks: &wanted.picks, drops: &wanted.drops, drivers: wanted.drivers };
                            let Ok(timing) = self.clock.schedule(route, &window) else { continue };
                            timing
                        };
                        let cost = self.prices.of(&timing, wanted.drivers, who.size) - bonus * f64::from(vehicle.cap[who.risk as usize]);
                        offers.push((cost, wanted));
                    }
                }
            }
        }
        offers.sort_by(|one, other| one.0.total_cmp(&other.0));
        offers.into_iter().take(OFFERS).find_map(|(_, wanted)| self.build(proposal, slot, wanted, &Crew::default())).map(|draft| (slot, Arc::new(draft)))
    }

    /// The rides of a party alone in an unused vehicle of a kind, to each of its sites and by one driver or two; timed once for all.
    fn alone(&mut self, kind: usize, kinds: usize, vehicle: VehicleNo, party: PartyNo) -> Arc<[Alone]> {
        if self.alone.is_empty() {
            self.alone = vec![None; kinds * self.problem.parties.len()];
        }
        let at = kind * self.problem.parties.len() + party as usize;
        if let Some(known) = &self.alone[at] {
            return Arc::clone(known);
        }
        let (vehicle, who) = (&self.problem.vehicles[vehicle as usize], &self.problem.parties[party as usize]);
        let mut rides = Vec::new();
        for &site in who.sites.iter().filter(|site| self.problem.sites[**site as usize].accepts(who.risk)) {
            for drivers in 1..=2 {
                let route = Route { vehicle, picks: &[party], drops: &[(party, site)], drivers: drivers.into() };
                if let Ok(timing) = self.clock.schedule(route, &vehicle.available) {
                    rides.push(Alone { site, drivers, timing });
                }
            }
        }
        let rides: Arc<[Alone]> = rides.into();
        self.alone[at] = Some(Arc::clone(&rides));
        rides
    }

    /// The trip in a slot without some parties: none if nobody stays, or if it cannot be timed or crewed any more.
    pub(super) fn without(&mut self, proposal: &Proposal, slot: SlotNo, gone: &[PartyNo]) -> Option<Arc<Draft>> {
        let draft = proposal.draft(slot)?;
        let picks: Vec<PartyNo> = draft.picks.iter().copied().filter(|party| !gone.contains(party)).collect();
        if picks.is_empty() {
            return None;
        }
        let drops = draft.drops.iter().copied().filter(|(party, _)| !gone.contains(party)).collect();
        let window = proposal.window(slot).clone();
        let wanted = Wanted { vehicle: draft.vehicle, risk: draft.risk, picks, drops, drivers: draft.crew.drivers.len(), window };
        self.build(proposal, slot, wanted, &draft.crew).map(Arc::new)
    }
}

/// New trips that are tried to be crewed for one party, the cheapest first.
const OFFERS: usize = 6;

/// A party that adds more than this to a trip with one driver may have cost it a night's rest that a second driver saves.
const SUSPICIOUS: f64 = 240.0;

/// The order of stops with a party more.
fn with(draft: &Draft, party: PartyNo, detour: &Detour, picks: &mut Vec<PartyNo>, drops: &mut Vec<(PartyNo, SiteNo)>) {
    picks.clear();
    picks.extend_from_slice(&draft.picks);
    picks.insert(detour.pick_at as usize, party);
    drops.clear();
    drops.extend_from_slice(&draft.drops);
    drops.insert(detour.drop_at as usize, (party, detour.site));
}

/// The shortest detours for a party on a trip among those that make nobody's ride too long even without breaks, nights and waits.
/// Where the vehicle stops anyway, only that stop is tried. Quadratic in the stops, which are few.
fn shortlist(problem: &Problem, proposal: &Proposal, draft: &Draft, party: PartyNo) -> Shortlist {
    let Problem { limits, travel, parties, sites, .. } = problem;
    let who = &parties[party as usize];
    let depot = problem.vehicles[draft.vehicle as usize].depot;
    let most = limits.ride_excess.unwrap_or(Minute::MAX / 4);
    let detours = &draft.detours;
    let (picks, drops) = (&draft.picks, &draft.drops);
    let pick_place = |n: usize| parties[picks[n] as usize].pickup;
    let drop_place = |n: usize| sites[drops[n].1 as usize].place;
    let n_sites = { (0..drops.len()).filter(|n| drops[..*n].iter().all(|drop| drop.1 != drops[*n].1)).count() };
    let mut shortlist = Shortlist::EMPTY;
    let boarding = limits.boarding(who);
    let stops_there = (0..picks.len()).rev().find(|n| pick_place(*n) == who.pickup).map(|n| n + 1);
    for pick_at in 0..=picks.len() {
        let is_boundary = pick_at == 0 || pick_at == picks.len() || pick_place(pick_at - 1) != pick_place(pick_at);
        if stops_there.is_some_and(|only| only != pick_at) || (stops_there.is_none() && !is_boundary) {
            continue;
        }
        let before = if pick_at == 0 { depot } else { pick_place(pick_at - 1) };
        let (after, starts) = if pick_at < picks.len() { (pick_place(pick_at), detours.boards[pick_at].0) } else { (drop_place(0), detours.alights[0].0) };
        let way_on = travel.minutes(who.pickup, after);
        let pick_detour = travel.minutes(before, who.pickup) + way_on - travel.minutes(before, after) + boarding;
        if pick_detour > detours.boarded_before[pick_at] {
            continue;
        }
        for &site in &who.sites {
            let to = sites[site as usize].place;
            if !sites[site as usize].accepts(who.risk) || proposal.room(problem, site) < who.size {
                continue;
            }
            let direct = travel.minutes(who.pickup, to);
            let alights_there = (0..drops.len()).rev().find(|n| drops[*n].1 == site).map(|n| n + 1);
            if alights_there.is_none() && limits.most_sites.is_some_and(|most| n_sites >= most) {
                continue;
            }
            for drop_at in 0..=drops.len() {
                let is_boundary = drop_at == 0 || drop_at == drops.len() || drop_place(drop_at - 1) != drop_place(drop_at);
                if alights_there.is_some_and(|only| only != drop_at) || (alights_there.is_none() && !is_boundary) {
                    continue;
                }
                let last = if pick_at == picks.len() { who.pickup } else { pick_place(picks.len() - 1) };
                let from = if drop_at == 0 { last } else { drop_place(drop_at - 1) };
                let next = if drop_at < drops.len() { drop_place(drop_at) } else { depot };
                let drop_detour = travel.minutes(from, to) + travel.minutes(to, next) - travel.minutes(from, next) + limits.alighting(who);
                let until = if drop_at > 0 { detours.alights[drop_at - 1].1 } else { detours.boards[picks.len() - 1].1 };
                let ride = if drop_at == 0 && pick_at == picks.len() { direct } else { way_on + until - starts + travel.minutes(from, to) };
                if drop_detour > detours.alight_from[drop_at] || ride - direct > most {
                    continue;
                }
                shortlist.offer(Detour { minutes: pick_detour + drop_detour, pick_at: pick_at as u16, drop_at: drop_at as u16, site });
            }
        }
    }
    shortlist
}
