//! Why a party is left out, found by asking what a trip for it alone would lack, from what nothing can help to what others have taken.

use std::sync::Arc;

use super::build::{Builder, Wanted};
use super::clock::{Obstacle, Route};
use super::draft::{Crew, Draft};
use super::outcome::{LeftOut, Reason};
use super::problem::{PartyNo, Problem, SiteNo, Vehicle, VehicleNo};
use super::proposal::Proposal;

impl Builder<'_> {
    /// Why no plan at all can move a party; none if one might.
    pub(super) fn impossible(&mut self, party: PartyNo) -> Option<Reason> {
        let problem = self.problem;
        let who = &problem.parties[party as usize];
        let vehicles: Vec<&Vehicle> = kinds(problem.vehicles.iter().filter(|vehicle| vehicle.suits(who)));
        if vehicles.is_empty() {
            return Some(Reason::NoSuitableVehicle);
        }
        let accepting: Vec<SiteNo> = who.sites.iter().copied().filter(|site| problem.sites[*site as usize].accepts(who.risk)).collect();
        if accepting.is_empty() && !who.sites.is_empty() {
            return Some(Reason::OtherRiskOnly);
        }
        let roomy: Vec<SiteNo> = accepting.into_iter().filter(|site| problem.sites[*site as usize].capacity >= who.size).collect();
        if roomy.is_empty() {
            return Some(Reason::SiteFull);
        }
        let mut reason: Option<Reason> = None;
        for vehicle in vehicles {
            for &site in &roomy {
                for drivers in 1..=2 {
                    let route = Route { vehicle, picks: &[party], drops: &[(party, site)], drivers };
                    let why = match self.clock.schedule(route, &(0..problem.horizon)) {
                        Ok(_) => return None,
                        Err(Obstacle::SiteHours) => Reason::SiteHours,
                        Err(Obstacle::Late) => Reason::PickupWindow,
                        Err(Obstacle::Ride(_)) => Reason::RideTooLong,
                        Err(Obstacle::Law | Obstacle::Window) => Reason::DrivingLaw,
                    };
                    // What two drivers still run into says more than what one does.
                    reason = Some(reason.filter(|_| drivers < 2).unwrap_or(why));
                }
            }
        }
        reason
    }

    /// Why each party that a proposal leaves is left; those that can have a trip alone after all are given it.
    pub(super) fn explain(&mut self, proposal: &mut Proposal) -> Vec<LeftOut> {
        let mut left_out = Vec::new();
        for party in proposal.left.clone() {
            match self.alone_if_possible(proposal, party) {
                Ok(draft) => proposal.put(self.problem, proposal.free_slot(), Arc::new(draft)),
                Err(reason) => left_out.push(LeftOut { party, reason }),
            }
        }
        left_out
    }

    /// A trip for a party alone beside a proposal, whatever it takes, or why there can be none.
    pub(super) fn alone_if_possible(&mut self, proposal: &Proposal, party: PartyNo) -> Result<Draft, Reason> {
        let problem = self.problem;
        let who = &problem.parties[party as usize];
        let free: Vec<SiteNo> =
            who.sites.iter().copied().filter(|site| problem.sites[*site as usize].accepts(who.risk) && proposal.room(problem, *site) >= who.size).collect();
        if free.is_empty() {
            return Err(Reason::SiteFull);
        }
        let slot = proposal.free_slot();
        let mut vehicle_free = false;
        for (n, vehicle) in problem.vehicles.iter().enumerate().filter(|(_, vehicle)| vehicle.suits(who)) {
            for window in proposal.gaps(problem, n as VehicleNo) {
                for &site in &free {
                    for drivers in 1..=2 {
                        let route = Route { vehicle, picks: &[party], drops: &[(party, site)], drivers };
                        if self.clock.schedule(route, &window).is_err() {
                            continue;
                        }
                        vehicle_free = true;
                        let wanted =
                            Wanted { vehicle: n as VehicleNo, risk: who.risk, picks: vec![party], drops: vec![(party, site)], drivers, window: window.clone() };
                        if let Some(draft) = self.build(proposal, slot, wanted, &Crew::default()) {
                            return Ok(draft);
                        }
                    }
                }
            }
        }
        Err(if vehicle_free { Reason::NoCrewFree } else { Reason::NoVehicleFree })
    }
}

/// One of those vehicles that drive alike from the same depot.
fn kinds<'p>(vehicles: impl Iterator<Item = &'p Vehicle>) -> Vec<&'p Vehicle> {
    let mut kinds: Vec<&Vehicle> = Vec::new();
    for vehicle in vehicles {
        if kinds.iter().all(|kind| (kind.depot, kind.seats) != (vehicle.depot, vehicle.seats)) {
            kinds.push(vehicle);
        }
    }
    kinds
}

/// The parties of a problem that no plan can move, with the reason.
pub(super) fn impossible(problem: &Problem, builder: &mut Builder<'_>) -> Vec<(PartyNo, Reason)> {
    (0..problem.parties.len() as PartyNo).filter_map(|party| Some((party, builder.impossible(party)?))).collect()
}
