//! A plan while it is searched for: drafts, and what they hold of vehicles, people and rooms. Cheap to copy: the drafts are shared.

use std::ops::Range;
use std::sync::Arc;

use super::draft::Draft;
use super::problem::{Minute, PartyNo, Problem, SiteNo, StaffNo, VehicleNo};

/// Where a draft stands in a proposal.
pub(super) type SlotNo = u16;

/// Trips that one vehicle or one person can have on one day.
pub(super) const MOST_TRIPS: usize = 4;
const NONE: SlotNo = SlotNo::MAX;

/// Slots of one vehicle or person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slots([SlotNo; MOST_TRIPS]);

/// A valid plan of one province, under construction.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    drafts: Vec<Option<Arc<Draft>>>,
    windows: Vec<Range<Minute>>,
    by_vehicle: Vec<Slots>,
    by_staff: Vec<Slots>,
    by_party: Vec<SlotNo>,
    taken: Vec<u32>,
    /// Parties on no trip.
    pub left: Vec<PartyNo>,
    /// Persons on no trip.
    pub persons_left: u32,
    /// Trips.
    pub trips: usize,
    /// Sum of the drafts' costs.
    pub cost: f64,
}

impl Slots {
    const EMPTY: Self = Self([NONE; MOST_TRIPS]);

    fn iter(self) -> impl Iterator<Item = SlotNo> {
        self.0.into_iter().take_while(|slot| *slot != NONE)
    }

    fn is_full(self) -> bool {
        self.0[MOST_TRIPS - 1] != NONE
    }

    fn add(&mut self, slot: SlotNo) {
        if let Some(free) = self.0.iter_mut().find(|one| **one == NONE) {
            *free = slot;
        }
    }

    fn remove(&mut self, slot: SlotNo) {
        if let Some(n) = self.0.iter().position(|one| *one == slot) {
            self.0.copy_within(n + 1.., n);
            self.0[MOST_TRIPS - 1] = NONE;
        }
    }
}

impl Proposal {
    /// Nobody moved yet, of `parties`.
    pub(super) fn empty(problem: &Problem, parties: &[PartyNo]) -> Self {
        Self {
            drafts: Vec::new(),
            windows: Vec::new(),
            by_vehicle: vec![Slots::EMPTY; problem.vehicles.len()],
            by_staff: vec![Slots::EMPTY; problem.staff.len()],
            by_party: vec![NONE; problem.parties.len()],
            taken: vec![0; problem.sites.len()],
            left: parties.to_vec(),
            persons_left: parties.iter().map(|&party| problem.parties[party as usize].size).sum(),
            trips: 0,
            cost: 0.0,
        }
    }

    /// The drafts with their slots.
    pub(super) fn drafts(&self) -> impl Iterator<Item = (SlotNo, &Arc<Draft>)> {
        self.drafts.iter().enumerate().filter_map(|(slot, draft)| Some((slot as SlotNo, draft.as_ref()?)))
    }

    /// The draft in a slot.
    pub(super) fn draft(&self, slot: SlotNo) -> Option<&Draft> {
        self.drafts.get(slot as usize)?.as_deref()
    }

    /// When the vehicle of the draft in a slot may be on the way, for its other trips.
    pub(super) fn window(&self, slot: SlotNo) -> &Range<Minute> {
        &self.windows[slot as usize]
    }

    /// The slot of a party that is on a trip.
    pub(super) fn slot_of(&self, party: PartyNo) -> Option<SlotNo> {
        Some(self.by_party[party as usize]).filter(|slot| *slot != NONE)
    }

    /// Slots of the trips that a member of the staff is on.
    pub(super) fn trips_of_staff(&self, staff: StaffNo) -> impl Iterator<Item = SlotNo> {
        self.by_staff[staff as usize].iter()
    }

    /// Slots of the trips of a vehicle.
    pub(super) fn trips_of_vehicle(&self, vehicle: VehicleNo) -> impl Iterator<Item = SlotNo> {
        self.by_vehicle[vehicle as usize].iter()
    }

    /// Persons there is still room for at a site.
    pub(super) fn room(&self, problem: &Problem, site: SiteNo) -> u32 {
        problem.sites[site as usize].capacity.saturating_sub(self.taken[site as usize])
    }

    /// Stretches in which a vehicle is free, disinfected and before its next disinfection, in order of time.
    pub(super) fn gaps(&self, problem: &Problem, vehicle: VehicleNo) -> Vec<Range<Minute>> {
        let available = &problem.vehicles[vehicle as usize].available;
        let slots = self.by_vehicle[vehicle as usize];
        if slots.is_full() {
            return Vec::new();
        }
        let mut spans: Vec<Range<Minute>> = slots.iter().filter_map(|slot| self.draft(slot)).map(Draft::span).collect();
        spans.sort_unstable_by_key(|span| span.start);
        let mut gaps = Vec::with_capacity(spans.len() + 1);
        let mut from = available.start;
        for span in &spans {
            gaps.push(from..span.start - problem.limits.disinfection);
            from = span.end + problem.limits.disinfection;
        }
        gaps.push(from..available.end);
        gaps.retain(|gap| gap.start < gap.end);
        gaps
    }

    /// Whether sites, vehicle and crew can take one more draft, as far as numbers go.
    pub(super) fn takes(&self, problem: &Problem, draft: &Draft) -> bool {
        let mut asked: Vec<(SiteNo, u32)> = Vec::new();
        for &(party, site) in &draft.drops {
            let size = problem.parties[party as usize].size;
            match asked.iter_mut().find(|(one, _)| *one == site) {
                Some((_, persons)) => *persons += size,
                None => asked.push((site, size)),
            }
        }
        let is_free = self.gaps(problem, draft.vehicle).iter().any(|gap| gap.start <= draft.timing.start && draft.timing.end <= gap.end);
        is_free
            && asked.iter().all(|&(site, persons)| self.room(problem, site) >= persons)
            && draft.crew.all().all(|staff| !self.by_staff[staff as usize].is_full())
            && draft.picks.iter().all(|party| self.left.contains(party))
    }

    /// A slot for one more draft.
    pub(super) fn free_slot(&self) -> SlotNo {
        self.drafts.iter().position(Option::is_none).unwrap_or(self.drafts.len()) as SlotNo
    }

    /// Puts a draft into a slot, in place of the one that is there. Its parties are no longer left.
    pub(super) fn put(&mut self, problem: &Problem, slot: SlotNo, draft: Arc<Draft>) {
        self.take(problem, slot);
        if slot as usize >= self.drafts.len() {
            self.drafts.resize(slot as usize + 1, None);
            self.windows.resize(slot as usize + 1, 0..0);
        }
        self.by_vehicle[draft.vehicle as usize].add(slot);
        for staff in draft.crew.all() {
            self.by_staff[staff as usize].add(slot);
        }
        for &(party, site) in &draft.drops {
            self.by_party[party as usize] = slot;
            self.taken[site as usize] += problem.parties[party as usize].size;
            if let Some(n) = self.left.iter().position(|one| *one == party) {
                self.left.swap_remove(n);
                self.persons_left -= problem.parties[party as usize].size;
            }
        }
        self.trips += 1;
        self.cost += draft.cost;
        let vehicle = draft.vehicle;
        self.drafts[slot as usize] = Some(draft);
        self.renew_windows(problem, vehicle);
    }

    /// Takes a draft out of its slot. Its parties are left.
    pub(super) fn take(&mut self, problem: &Problem, slot: SlotNo) -> Option<Arc<Draft>> {
        let draft = self.drafts.get_mut(slot as usize)?.take()?;
        self.by_vehicle[draft.vehicle as usize].remove(slot);
        for staff in draft.crew.all() {
            self.by_staff[staff as usize].remove(slot);
        }
        for &(party, site) in &draft.drops {
            self.by_party[party as usize] = NONE;
            self.taken[site as usize] -= problem.parties[party as usize].size;
            self.left.push(party);
            self.persons_left += problem.parties[party as usize].size;
        }
        self.trips -= 1;
        self.cost -= draft.cost;
        self.renew_windows(problem, draft.vehicle);
        Some(draft)
    }

    fn renew_windows(&mut self, problem: &Problem, vehicle: VehicleNo) {
        let slots = self.by_vehicle[vehicle as usize];
        for slot in slots.iter() {
            let Some(own) = self.draft(slot).map(Draft::span) else { continue };
            let mut window = problem.vehicles[vehicle as usize].available.clone();
            for other in slots.iter().filter(|other| *other != slot).filter_map(|other| self.draft(other)) {
                if other.timing.end <= own.start {
                    window.start = window.start.max(other.timing.end + problem.limits.disinfection);
                } else {
                    window.end = window.end.min(other.timing.start - problem.limits.disinfection);
                }
            }
            self.windows[slot as usize] = window;
        }
    }
}
