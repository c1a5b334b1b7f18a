//! From an order of stops to a draft: timing, crew, cost, checked against everything else in the proposal.

use std::ops::Range;
use std::sync::Arc;

use super::clock::{Clock, Route, Timing};
use super::crew::{Needs, Post, Staff};
use super::draft::{Crew, Detours, Draft, Load, Prices, Work};
use super::insert::Alone;
use super::problem::{Minute, PartyNo, Problem, Risk, SiteNo, VehicleNo};
use super::proposal::{Proposal, SlotNo};

/// Makes drafts.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub problem: &'a Problem,
    pub staff: Staff,
    pub clock: Clock<'a>,
    pub prices: Prices,
    /// Orders of stops that are only tried, kept for their memory.
    pub picks: Vec<PartyNo>,
    pub drops: Vec<(PartyNo, SiteNo)>,
    /// By kind of vehicle and party.
    pub alone: Vec<Option<Arc<[Alone]>>>,
    /// Whether parties may be added to announced trips.
    pub may_extend: bool,
    next_uid: u32,
}

/// A trip that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub vehicle: VehicleNo,
    pub risk: Risk,
    pub picks: Vec<PartyNo>,
    pub drops: Vec<(PartyNo, SiteNo)>,
    pub drivers: usize,
    pub window: Range<Minute>,
}

impl<'a> Builder<'a> {
    /// A builder of drafts for `problem`.
    pub(super) fn new(problem: &'a Problem, prices: Prices) -> Self {
        Self {
            problem,
            staff: Staff::of(problem),
            clock: Clock::new(problem),
            prices,
            picks: Vec::new(),
            drops: Vec::new(),
            alone: Vec::new(),
            may_extend: false,
            next_uid: 0,
        }
    }

    /// The draft of a wanted trip for a slot, if it can be timed and crewed beside the other trips. A crew from before is kept as far as it can.
    pub(super) fn build(&mut self, proposal: &Proposal, slot: SlotNo, wanted: Wanted, before: &Crew) -> Option<Draft> {
        let timing = self.time(&wanted, wanted.drivers)?;
        // One driver does where that costs no more than keeping the other for another trip is worth.
        let alone = if wanted.drivers > 1 { self.time(&wanted, 1) } else { None };
        let alone = alone.filter(|alone| f64::from((alone.end - alone.start) - (timing.end - timing.start)) <= self.prices.driver);
        if let Some(draft) = alone.and_then(|alone| self.crew(proposal, slot, &wanted, 1, alone, before)) {
            return Some(draft);
        }
        self.crew(proposal, slot, &wanted, wanted.drivers, timing, before)
    }

    fn time(&mut self, wanted: &Wanted, drivers: usize) -> Option<Timing> {
        let vehicle = &self.problem.vehicles[wanted.vehicle as usize];
        self.clock.schedule(Route { vehicle, picks: &wanted.picks, drops: &wanted.drops, drivers }, &wanted.window).ok()
    }

    fn crew(&mut self, proposal: &Proposal, slot: SlotNo, wanted: &Wanted, drivers: usize, timing: Timing, before: &Crew) -> Option<Draft> {
        let vehicle = &self.problem.vehicles[wanted.vehicle as usize];
        let route = Route { vehicle, picks: &wanted.picks, drops: &wanted.drops, drivers };
        let work = Work::of(&self.clock.acts(route, &timing), self.problem.limits.rest);
        let load = Load::of(self.problem, &wanted.picks);
        let needs = Needs::of(self.problem, vehicle, wanted.risk, load);
        let crew = self.staff.assign(self.problem, proposal, vehicle, needs, Post { slot, work: &work, drivers }, |role, n| before.part(role, n))?;
        Some(Draft {
            uid: self.uid(),
            vehicle: wanted.vehicle,
            risk: wanted.risk,
            cost: self.prices.of(&timing, drivers, load.persons),
            detours: Detours::of(self.problem, &wanted.picks, &wanted.drops),
            picks: wanted.picks.clone(),
            drops: wanted.drops.clone(),
            timing,
            crew,
            work,
            load,
            announced: None,
        })
    }

    /// Another name for a draft.
    pub(super) fn uid(&mut self) -> u32 {
        self.next_uid += 1;
        self.next_uid
    }
}
