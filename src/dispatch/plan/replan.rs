//! Re-planning: what was announced is kept, trip by trip, unless it must change; a trip that has begun to board stays as it is.
//!
//! Each trip is first tried as it was, act for act, without those who are no longer to be moved by it; then with somebody else for whom is
//! missing from its crew; then with another vehicle of its depot; then in the same order at other times. What cannot be kept is planned anew.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::build::{Builder, Wanted};
use super::clock::Timing;
use super::crew::{Needs, Post};
use super::draft::{Crew, Detours, Draft, Kept, Load, Work};
use super::outcome::{Act, Deed, Plan, PlannedTrip};
use super::problem::{Minute, PartyNo, ProvinceNo, Role, StaffNo, VehicleNo};
use super::proposal::Proposal;
use super::solution::{Announced, AnnouncedTrip};
use super::verify::{Rule, verify};

/// What people were told before.
#[derive(Debug, Clone, Copy)]
pub struct Previous<'a> {
    /// The plan.
    pub announced: &'a Announced,
    /// Trips that begin to board before this are left as they are.
    pub frozen_before: Minute,
}

/// Why something that was announced changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The vehicle is not there any more, or not then.
    Vehicle,
    /// Somebody of the crew is not there any more, or not then.
    Staff,
    /// A party is no longer to be moved.
    PartyGone,
    /// A party is ready later than it was to board.
    PartyLater,
    /// A party may not ride with the others any more: its class or its size is another.
    PartyOther,
    /// A site does not receive them then any more.
    Site,
    /// The times, the ways or the limits are others.
    Law,
    /// Somebody else could not be moved otherwise.
    MakingRoom,
}

impl Cause {
    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vehicle => "vehicle",
            Self::Staff => "staff",
            Self::PartyGone => "party_gone",
            Self::PartyLater => "party_later",
            Self::PartyOther => "party_other",
            Self::Site => "site",
            Self::Law => "law",
            Self::MakingRoom => "making_room",
        }
    }

    fn of(rule: Rule) -> Self {
        match rule {
            Rule::PickupWindow => Self::PartyLater,
            Rule::NotMixed | Rule::Capacity | Rule::BoardOnce | Rule::ServiceTime => Self::PartyOther,
            Rule::RightSite | Rule::SiteHours | Rule::SiteRoom | Rule::MostSites => Self::Site,
            Rule::VehicleAvailable | Rule::Disinfection => Self::Vehicle,
            Rule::Crew | Rule::Rest | Rule::OnePlace => Self::Staff,
            _ => Self::Law,
        }
    }
}

/// Causes found, by the trip's name and, where it is one party's, the party's.
pub type Causes = Vec<(String, Option<String>, Cause)>;

impl Builder<'_> {
    /// Puts what can be kept of the announced trips of a province into its proposal.
    pub(super) fn keep_announced(&mut self, proposal: &mut Proposal, province: ProvinceNo, previous: &Previous<'_>) -> Causes {
        let problem = self.problem;
        let mut causes = Causes::new();
        let is_frozen = |trip: &AnnouncedTrip| trip.boards.iter().any(|board| board.2 < previous.frozen_before);
        let is_own = |trip: &&AnnouncedTrip| {
            let by_vehicle = trip.vehicle.1.map(|vehicle| problem.vehicles[vehicle as usize].province);
            let by_party = || trip.boards.iter().find_map(|board| board.1).map(|party| problem.parties[party as usize].province);
            by_vehicle.or_else(by_party) == Some(province)
        };
        let mut trips: Vec<&AnnouncedTrip> = previous.announced.trips.iter().filter(is_own).collect();
        // Whole trips first, or somebody of their crew would be taken for another.
        let is_whole = |trip: &AnnouncedTrip| trip.vehicle.1.is_some() && trip.crew().all(|member| member.1.is_some());
        trips.sort_by_key(|trip| (!is_whole(trip), !is_frozen(trip), trip.acts.as_ref().and_then(|acts| acts.first()).map(|act| act.start)));
        for trip in trips {
            for (party, _, _) in trip.boards.iter().filter(|board| board.1.is_none()) {
                causes.push((trip.id.clone(), Some(party.clone()), Cause::PartyGone));
            }
            if let Some(draft) = self.keep(proposal, trip, is_frozen(trip), &mut causes) {
                proposal.put(problem, proposal.free_slot(), Arc::new(draft));
            }
        }
        causes
    }

    fn keep(&mut self, proposal: &Proposal, trip: &AnnouncedTrip, frozen: bool, causes: &mut Causes) -> Option<Draft> {
        let problem = self.problem;
        let mut gone: Vec<PartyNo> = trip.boards.iter().filter_map(|board| board.1).filter(|party| !proposal.left.contains(party)).collect();
        for party in &gone {
            causes.push((trip.id.clone(), Some(problem.parties[*party as usize].id.clone()), Cause::PartyOther));
        }
        let vehicles = self.vehicles_for(proposal, trip);
        if trip.vehicle.1.is_none() {
            causes.push((trip.id.clone(), None, Cause::Vehicle));
        }
        if trip.crew().any(|member| member.1.is_none()) {
            causes.push((trip.id.clone(), None, Cause::Staff));
        }
        for &vehicle in &vehicles {
            loop {
                match self.repeat(proposal, trip, vehicle, &gone, frozen) {
                    Ok(draft) => return Some(draft),
                    Err(Some((rule, party))) if !gone.contains(&party) => {
                        causes.push((trip.id.clone(), Some(problem.parties[party as usize].id.clone()), Cause::of(rule)));
                        gone.push(party);
                    }
                    Err(_) => break,
                }
            }
        }
        causes.push((trip.id.clone(), None, Cause::Law));
        vehicles.into_iter().find_map(|vehicle| self.at_other_times(proposal, trip, vehicle, &gone, frozen))
    }

    /// The announced vehicle, then others of the depot, the smallest first.
    fn vehicles_for(&self, proposal: &Proposal, trip: &AnnouncedTrip) -> Vec<VehicleNo> {
        let problem = self.problem;
        let first = trip.acts.iter().flatten().find_map(|act| match act.deed {
            Deed::Drive { from, .. } => Some(from),
            _ => None,
        });
        let depot = trip.vehicle.1.map(|vehicle| problem.vehicles[vehicle as usize].depot).or(first);
        let mut others: Vec<VehicleNo> = (0..problem.vehicles.len() as VehicleNo)
            .filter(|vehicle| Some(*vehicle) != trip.vehicle.1 && Some(problem.vehicles[*vehicle as usize].depot) == depot)
            .filter(|vehicle| !proposal.gaps(problem, *vehicle).is_empty())
            .collect();
        others.sort_by_key(|vehicle| problem.vehicles[*vehicle as usize].seats);
        trip.vehicle.1.into_iter().chain(others).collect()
    }

    /// The trip as it was, by a vehicle, without some parties: or the rule against it, with the party that breaks it if one does.
    fn repeat(
        &mut self,
        proposal: &Proposal,
        trip: &AnnouncedTrip,
        vehicle: VehicleNo,
        gone: &[PartyNo],
        frozen: bool,
    ) -> Result<Draft, Option<(Rule, PartyNo)>> {
        let problem = self.problem;
        let stays = |act: &&Act| match act.deed {
            Deed::Board { party, .. } | Deed::Alight { party, .. } => !gone.contains(&party),
            Deed::Drive { .. } => true,
        };
        let acts: Vec<Act> = trip.acts.as_ref().ok_or(None)?.iter().filter(stays).copied().collect();
        if trip.drivers.len() > 2 {
            return Err(None);
        }
        let (picks, drops) = stops(trip, gone).ok_or(None)?;
        let risk = problem.parties[picks[0] as usize].risk;
        let work = Work::of(&acts, problem.limits.rest);
        let load = Load::of(problem, &picks);
        let slot = proposal.free_slot();
        let post = Post { slot, work: &work, drivers: trip.drivers.len() };
        let by = &problem.vehicles[vehicle as usize];
        let needs = Needs::of(problem, by, risk, load);
        let crew = self.staff.assign(problem, proposal, by, needs, post, |role, n| part(trip, role, n)).ok_or(None)?;
        let planned = PlannedTrip {
            id: trip.id.clone(),
            vehicle,
            drivers: crew.drivers.clone(),
            medics: crew.medics.clone(),
            escorts: crew.escorts.clone(),
            acts: named(&acts, &crew),
        };
        let (_, breaches) = verify(problem, &Plan { trips: vec![planned], left_out: Vec::new() });
        let party = |name: &str| picks.iter().copied().find(|party| problem.parties[*party as usize].id == name);
        if let Some(breach) = breaches.iter().find(|breach| breach.rule != Rule::Everybody) {
            return Err(party(&breach.of).map(|party| (breach.rule, party)));
        }
        let timing = Timing::of(problem, &acts);
        let draft = Draft {
            uid: self.uid(),
            vehicle,
            risk,
            cost: self.prices.of(&timing, crew.drivers.len(), load.persons),
            detours: Detours::of(problem, &picks, &drops),
            picks,
            drops,
            timing,
            crew,
            work,
            load,
            announced: Some(Arc::new(Kept { id: trip.id.clone(), frozen, acts: Some(acts) })),
        };
        if proposal.takes(problem, &draft) { Ok(draft) } else { Err(None) }
    }

    fn at_other_times(&mut self, proposal: &Proposal, trip: &AnnouncedTrip, vehicle: VehicleNo, gone: &[PartyNo], frozen: bool) -> Option<Draft> {
        let problem = self.problem;
        let (picks, drops) = stops(trip, gone)?;
        let risk = problem.parties[picks[0] as usize].risk;
        let fits = Load::of(problem, &picks).fits(problem, vehicle, risk);
        let alike = picks.iter().all(|party| {
            let party = &problem.parties[*party as usize];
            party.risk == risk && party.province == problem.vehicles[vehicle as usize].province
        });
        if !fits || !alike {
            return None;
        }
        let known = |list: &[(String, Option<StaffNo>)]| list.iter().filter_map(|member| member.1).collect();
        let before = Crew { drivers: known(&trip.drivers), medics: known(&trip.medics), escorts: known(&trip.escorts) };
        for window in proposal.gaps(problem, vehicle) {
            let wanted = Wanted { vehicle, risk, picks: picks.clone(), drops: drops.clone(), drivers: 2, window };
            if let Some(mut draft) = self.build(proposal, proposal.free_slot(), wanted, &before).filter(|draft| proposal.takes(problem, draft)) {
                draft.announced = Some(Arc::new(Kept { id: trip.id.clone(), frozen, acts: None }));
                return Some(draft);
            }
        }
        None
    }
}

/// Who still boards and alights, in order; none if nobody does.
fn stops(trip: &AnnouncedTrip, gone: &[PartyNo]) -> Option<(Vec<PartyNo>, Vec<(PartyNo, u32)>)> {
    let picks: Vec<PartyNo> = trip.boards.iter().filter_map(|board| board.1).filter(|party| !gone.contains(party)).collect();
    let drops: Vec<(PartyNo, u32)> = trip.drops.iter().copied().filter(|(party, _)| picks.contains(party)).collect();
    (!picks.is_empty() && picks.len() == drops.len()).then_some((picks, drops))
}

fn part(trip: &AnnouncedTrip, role: Role, n: usize) -> Option<StaffNo> {
    let list = match role {
        Role::Driver => &trip.drivers,
        Role::Medic => &trip.medics,
        Role::Escort => &trip.escorts,
    };
    list.get(n)?.1
}

/// Acts with the drivers themselves for their places in the crew.
pub(super) fn named(acts: &[Act], crew: &Crew) -> Vec<Act> {
    let name = |act: &Act| match act.deed {
        Deed::Drive { from, to, driver } => Act { deed: Deed::Drive { from, to, driver: crew.drivers[driver as usize] }, ..*act },
        _ => *act,
    };
    acts.iter().map(name).collect()
}

/// Whether nobody on a trip boards more than so many minutes earlier or later than before.
pub(super) fn boards_within(before: &[Act], after: &[Act], minutes: Minute) -> bool {
    let boards = |acts: &[Act]| -> Vec<(PartyNo, Minute)> {
        acts.iter().filter_map(|act| if let Deed::Board { party, .. } = act.deed { Some((party, act.start)) } else { None }).collect()
    };
    let after = boards(after);
    boards(before).iter().all(|(party, start)| after.iter().any(|(one, at)| one == party && (at - start).abs() <= minutes))
}
