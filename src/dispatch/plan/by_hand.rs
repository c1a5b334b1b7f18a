//! A plan changed by hand: a party put on another trip, on one of its own, or on none. The trips it leaves and joins are timed and crewed anew,
//! nothing else moves, and what comes of it is judged by [`verify`], which knows the rules alone.

use std::ops::Range;
use std::sync::Arc;

use super::build::{Builder, Wanted};
use super::clock::{Obstacle, Route};
use super::draft::{Crew, Draft, Kept};
use super::outcome::{LeftOut, Plan, Reason};
use super::problem::{Minute, PartyNo, Problem, ProvinceNo, SiteNo, VehicleNo};
use super::proposal::{Proposal, SlotNo};
use super::replan::Previous;
use super::search::PRICES;
use super::solution::{Announced, Solution};
use super::solve::{name, trips};
use super::verify::{Breach, Rule, verify};

/// Where a party goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The trip of this name.
    Trip(String),
    /// A trip of its own.
    Own,
    /// No trip.
    Off,
}

impl Target {
    /// Reads it as forms and bodies have it: `own`, `off`, or the name of a trip.
    pub fn read(text: &str) -> Self {
        match text {
            "own" => Self::Own,
            "off" => Self::Off,
            name => Self::Trip(name.to_owned()),
        }
    }
}

/// The plan with a party at another place, or every rule that this would break.
///
/// A name that is none of the plan's trips, and the trip that the party is on already, come back as the plan unchanged.
pub fn move_by_hand(problem: &Problem, plan: &Plan, party: PartyNo, target: &Target) -> Result<Plan, Vec<Breach>> {
    let announced = Solution::of(problem, plan, "", 0.0).announced(problem);
    let mut hand = Hand::new(problem, &announced);
    let onto = match target {
        Target::Trip(name) => match hand.slot_named(name) {
            Some(slot) if hand.proposal.slot_of(party) != Some(slot) => Some(slot),
            _ => return Ok(plan.clone()),
        },
        Target::Own | Target::Off => None,
    };
    hand.take_off(party)?;
    match (onto, target) {
        (Some(slot), _) => hand.put_on(party, slot)?,
        (None, Target::Own) => hand.give_own(party)?,
        (None, _) => {}
    }
    let left_out = hand.left_out(plan, party);
    let mut moved = Plan { trips: trips(problem, &hand.proposal, &mut hand.builder.clock), left_out };
    name(&mut moved, Some(&Previous { announced: &announced, frozen_before: Minute::MIN }));
    let (_, breaches) = verify(problem, &moved);
    if breaches.is_empty() { Ok(moved) } else { Err(breaches) }
}

/// A plan taken up again, to be changed.
struct Hand<'a> {
    problem: &'a Problem,
    builder: Builder<'a>,
    proposal: Proposal,
}

impl<'a> Hand<'a> {
    fn new(problem: &'a Problem, announced: &Announced) -> Self {
        let mut builder = Builder::new(problem, PRICES);
        let everybody: Vec<PartyNo> = (0..problem.parties.len() as PartyNo).collect();
        let mut proposal = Proposal::empty(problem, &everybody);
        for province in 0..problem.provinces.len() as ProvinceNo {
            builder.keep_announced(&mut proposal, province, &Previous { announced, frozen_before: Minute::MIN });
        }
        Self { problem, builder, proposal }
    }

    fn slot_named(&self, name: &str) -> Option<SlotNo> {
        let is_named = |draft: &Draft| draft.announced.as_ref().is_some_and(|kept| kept.id == name);
        self.proposal.drafts().find(|(_, draft)| is_named(draft)).map(|(slot, _)| slot)
    }

    /// Takes a party off the trip it is on, if it is on one.
    fn take_off(&mut self, party: PartyNo) -> Result<(), Vec<Breach>> {
        let Some(slot) = self.proposal.slot_of(party) else { return Ok(()) };
        let Some(before) = self.proposal.draft(slot).cloned() else { return Ok(()) };
        if before.picks.len() < 2 {
            self.proposal.take(self.problem, slot);
            return Ok(());
        }
        // One stop less never makes a trip unlawful in itself, but it may have to start at another time, at which its crew is elsewhere.
        let rest = self.builder.without(&self.proposal, slot, &[party]).ok_or_else(|| vec![breach(Rule::Crew, &before)])?;
        self.proposal.put(self.problem, slot, named_as(&before, Arc::unwrap_or_clone(rest)));
        Ok(())
    }

    /// Puts a party on a trip, wherever on its way that costs least.
    fn put_on(&mut self, party: PartyNo, slot: SlotNo) -> Result<(), Vec<Breach>> {
        let Some(before) = self.proposal.draft(slot).cloned() else { return Ok(()) };
        // That the people do not belong together, or are too many, says more than that no way was found for them.
        let who = &self.problem.parties[party as usize];
        let is_alike = who.risk == before.risk && who.province == self.problem.vehicles[before.vehicle as usize].province;
        let has_room = before.load.with(self.problem, party).fits(self.problem, before.vehicle, before.risk);
        let against = [(is_alike, Rule::NotMixed), (has_room, Rule::Capacity)].into_iter().filter(|(holds, _)| !holds);
        let against: Vec<Breach> = against.map(|(_, rule)| breach(rule, &before)).collect();
        if !against.is_empty() {
            return Err(against);
        }
        let window = self.proposal.window(slot).clone();
        let mut ways = Vec::new();
        for &site in &self.problem.parties[party as usize].sites {
            for pick_at in 0..=before.picks.len() {
                for drop_at in 0..=before.drops.len() {
                    let (mut picks, mut drops) = (before.picks.clone(), before.drops.clone());
                    picks.insert(pick_at, party);
                    drops.insert(drop_at, (party, site));
                    ways.push((picks, drops));
                }
            }
        }
        let draft = self.cheapest(&before.crew, before.vehicle, slot, &window, ways).map_err(|rule| vec![breach(rule, &before)])?;
        self.proposal.put(self.problem, slot, named_as(&before, draft));
        Ok(())
    }

    /// Gives a party a trip with any vehicle that suits it and is free.
    fn give_own(&mut self, party: PartyNo) -> Result<(), Vec<Breach>> {
        let name = || self.problem.parties[party as usize].id.clone();
        let no_way = |reason| {
            let rule = match reason {
                Reason::NoSuitableVehicle => Rule::Capacity,
                Reason::SiteFull => Rule::SiteRoom,
                Reason::SiteHours => Rule::SiteHours,
                Reason::OtherRiskOnly => Rule::RightSite,
                Reason::PickupWindow => Rule::PickupWindow,
                Reason::RideTooLong => Rule::RideExcess,
                Reason::DrivingLaw => Rule::Duty,
                Reason::NoVehicleFree => Rule::VehicleAvailable,
                Reason::NoCrewFree | Reason::Outranked | Reason::ByHand => Rule::Crew,
            };
            vec![Breach { rule, of: name() }]
        };
        if let Some(reason) = self.builder.impossible(party) {
            return Err(no_way(reason));
        }
        let draft = self.builder.alone_if_possible(&self.proposal, party).map_err(no_way)?;
        self.proposal.put(self.problem, self.proposal.free_slot(), Arc::new(draft));
        Ok(())
    }

    /// The cheapest of these orders of stops that can be timed and crewed, or the rule that the last of them ran into.
    fn cheapest(
        &mut self,
        crew: &Crew,
        vehicle: VehicleNo,
        slot: SlotNo,
        window: &Range<Minute>,
        ways: Vec<(Vec<PartyNo>, Vec<(PartyNo, SiteNo)>)>,
    ) -> Result<Draft, Rule> {
        let problem = self.problem;
        let mut offers: Vec<(f64, Wanted)> = Vec::new();
        let mut rule = Rule::RightSite;
        for (picks, drops) in ways {
            let persons = picks.iter().map(|party| problem.parties[*party as usize].size).sum();
            let risk = problem.parties[picks[0] as usize].risk;
            for drivers in 1..=2 {
                let route = Route { vehicle: &problem.vehicles[vehicle as usize], picks: &picks, drops: &drops, drivers };
                match self.builder.clock.schedule(route, window) {
                    Ok(timing) => {
                        let cost = self.builder.prices.of(&timing, drivers, persons);
                        offers.push((cost, Wanted { vehicle, risk, picks: picks.clone(), drops: drops.clone(), drivers, window: window.clone() }));
                    }
                    Err(obstacle) => rule = rule_of(obstacle),
                }
            }
        }
        if offers.is_empty() {
            return Err(rule);
        }
        offers.sort_by(|one, other| one.0.total_cmp(&other.0));
        offers.into_iter().find_map(|(_, wanted)| self.builder.build(&self.proposal, slot, wanted, crew)).ok_or(Rule::Crew)
    }

    /// Why each party that is on no trip is on none, now that the plan is another.
    fn left_out(&mut self, before: &Plan, moved: PartyNo) -> Vec<LeftOut> {
        let mut left = self.proposal.left.clone();
        left.sort_unstable();
        let reason = |party: PartyNo| match before.left_out.iter().find(|one| one.party == party).map(|one| one.reason) {
            _ if party == moved => Reason::ByHand,
            // What depends on the other trips is asked again: a move may have freed a vehicle, a crew or rooms.
            Some(Reason::SiteFull | Reason::NoVehicleFree | Reason::NoCrewFree | Reason::Outranked | Reason::ByHand) | None => {
                self.builder.alone_if_possible(&self.proposal, party).err().unwrap_or(Reason::ByHand)
            }
            Some(reason) => reason,
        };
        left.iter().copied().map(reason).zip(&left).map(|(reason, &party)| LeftOut { party, reason }).collect()
    }
}

/// A trip that was changed goes by the name it had.
fn named_as(before: &Draft, mut draft: Draft) -> Arc<Draft> {
    draft.announced = before.announced.as_ref().map(|kept| Arc::new(Kept { id: kept.id.clone(), frozen: false, acts: None }));
    Arc::new(draft)
}

fn breach(rule: Rule, draft: &Draft) -> Breach {
    Breach { rule, of: draft.announced.as_ref().map(|kept| kept.id.clone()).unwrap_or_default() }
}

fn rule_of(obstacle: Obstacle) -> Rule {
    match obstacle {
        Obstacle::Late => Rule::PickupWindow,
        Obstacle::SiteHours => Rule::SiteHours,
        Obstacle::Ride(_) => Rule::RideExcess,
        Obstacle::Law => Rule::Duty,
        Obstacle::Window => Rule::VehicleAvailable,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::invent::day;
    use super::super::{Budget, Options, PlannedTrip, plan};
    use super::*;

    fn planned(problem: &Problem) -> Plan {
        plan(problem, None, &Options { budget: Budget::Steps(40), seed: 1, threads: 1 }, &|_, _| true).plan
    }

    fn trip_of(plan: &Plan, party: PartyNo) -> Option<&str> {
        plan.trips.iter().find(|trip| trip.parties().any(|one| one == party)).map(|trip| trip.id.as_str())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_move_is_a_valid_plan_with_the_party_where_it_was_wanted_or_tells_the_rules_against_it(
            seed in any::<u64>(), parties in 2_usize..40, moves in proptest::collection::vec((any::<u32>(), any::<u8>()), 1..8),
        ) {
            let problem = day(seed, parties, 8, 4);
            let mut plan = planned(&problem);
            for (party, to) in moves {
                let party = party % parties as u32;
                let target = match to {
                    0..32 => Target::Own,
                    32..64 => Target::Off,
                    _ => plan.trips.get(to as usize % plan.trips.len().max(1)).map_or(Target::Off, |trip| Target::Trip(trip.id.clone())),
                };
                let Ok(moved) = move_by_hand(&problem, &plan, party, &target).inspect_err(|breaches| assert!(!breaches.is_empty())) else { continue };
                prop_assert_eq!(verify(&problem, &moved).1, vec![]);
                match &target {
                    Target::Trip(name) => prop_assert_eq!(trip_of(&moved, party), Some(name.as_str())),
                    Target::Own => prop_assert_eq!(moved.trips.iter().filter(|trip| trip.parties().eq([party])).count(), 1),
                    Target::Off => prop_assert_eq!(trip_of(&moved, party), None),
                }
                let others = |plan: &Plan| (0..parties as PartyNo).filter(|one| *one != party).map(|one| trip_of(plan, one).map(str::to_owned)).collect::<Vec<_>>();
                prop_assert_eq!(others(&plan), others(&moved), "nobody else changes trips");
                plan = moved;
            }
        }
    }

    #[test]
    fn a_party_that_does_not_fit_in_or_is_bound_elsewhere_is_refused_by_that_rule() {
        let problem = day(3, 60, 12, 5);
        let plan = planned(&problem);
        let party = |number: PartyNo| &problem.parties[number as usize];
        let rule_against = |wanted: Rule, is_so: &dyn Fn(&PlannedTrip, PartyNo) -> bool| {
            let pairs = plan.trips.iter().flat_map(|trip| (0..60).map(move |number| (trip, number)));
            let (trip, number) = pairs.into_iter().find(|(trip, number)| is_so(trip, *number)).expect("such a trip and party");
            let breaches = move_by_hand(&problem, &plan, number, &Target::Trip(trip.id.clone())).expect_err("refused");
            assert!(breaches.iter().any(|breach| breach.rule == wanted && breach.of == trip.id), "{breaches:?}");
        };
        let province = |trip: &PlannedTrip| problem.vehicles[trip.vehicle as usize].province;
        rule_against(Rule::NotMixed, &|trip, number| party(number).province != province(trip));
        rule_against(Rule::Capacity, &|trip, number| {
            let alike = trip.parties().all(|one| party(one).risk == party(number).risk) && party(number).province == province(trip);
            let persons: u32 = trip.parties().map(|one| party(one).size).sum();
            let is_off = trip.parties().all(|one| one != number);
            alike && is_off && persons + party(number).size > problem.vehicles[trip.vehicle as usize].cap[party(number).risk as usize]
        });
    }
}
