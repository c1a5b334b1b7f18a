//! Crews: who may work on a trip beside the trips they have.

use super::draft::{Crew, Draft, Load, Work};
use super::problem::{MINUTES_OF_DAY, Member, Minute, Problem, Risk, Role, StaffNo, Vehicle};
use super::proposal::{MOST_TRIPS, Proposal, SlotNo};

/// The staff of each depot by role, the lowest licence first, then who comes on duty last: those who could be used least elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Staff {
    groups: Vec<(u32, u32, Role, Vec<StaffNo>)>,
}

/// What a trip asks of those who work on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Post<'a> {
    /// The trip they would be on.
    pub slot: SlotNo,
    /// When its crew works.
    pub work: &'a Work,
    /// How many drive.
    pub drivers: usize,
}

impl Staff {
    /// Groups the staff of a problem.
    pub(super) fn of(problem: &Problem) -> Self {
        let mut groups: Vec<(u32, u32, Role, Vec<StaffNo>)> = Vec::new();
        for (n, member) in problem.staff.iter().enumerate() {
            let key = (member.province, member.depot, member.role);
            match groups.iter_mut().find(|group| (group.0, group.1, group.2) == key) {
                Some(group) => group.3.push(n as StaffNo),
                None => groups.push((key.0, key.1, key.2, vec![n as StaffNo])),
            }
        }
        for group in &mut groups {
            let member = |n: &StaffNo| &problem.staff[*n as usize];
            group.3.sort_by_key(|n| (member(n).licence, -member(n).off_since, *n));
        }
        Self { groups }
    }

    fn group(&self, vehicle: &Vehicle, role: Role) -> &[StaffNo] {
        let key = (vehicle.province, vehicle.depot, role);
        self.groups.iter().find(|group| (group.0, group.1, group.2) == key).map_or(&[], |group| &group.3)
    }

    /// A crew for a trip, of those who had a part `before` as far as they still can; none if somebody is missing.
    pub(super) fn assign(
        &self,
        problem: &Problem,
        proposal: &Proposal,
        vehicle: &Vehicle,
        needs: Needs,
        post: Post<'_>,
        before: impl Fn(Role, usize) -> Option<StaffNo>,
    ) -> Option<Crew> {
        let mut crew = Crew::default();
        for seat in 0..post.drivers {
            let driver = self.find(problem, proposal, vehicle, Role::Driver, Some(seat), post, before(Role::Driver, seat), &crew.drivers)?;
            crew.drivers.push(driver);
        }
        if needs.medic {
            crew.medics.push(self.find(problem, proposal, vehicle, Role::Medic, None, post, before(Role::Medic, 0), &[])?);
        }
        if needs.escort {
            crew.escorts.push(self.find(problem, proposal, vehicle, Role::Escort, None, post, before(Role::Escort, 0), &[])?);
        }
        Some(crew)
    }

    #[expect(clippy::too_many_arguments, reason = "one question with all it depends on")]
    fn find(
        &self,
        problem: &Problem,
        proposal: &Proposal,
        vehicle: &Vehicle,
        role: Role,
        seat: Option<usize>,
        post: Post<'_>,
        before: Option<StaffNo>,
        taken: &[StaffNo],
    ) -> Option<StaffNo> {
        let can = |n: &StaffNo| {
            let licensed = role != Role::Driver || problem.staff[*n as usize].licence >= vehicle.licence;
            licensed && !taken.contains(n) && fits(problem, proposal, *n, seat, post)
        };
        let before = before.filter(|one| can(one));
        if before.is_some() {
            return before;
        }
        let group = self.group(vehicle, role);
        let works = |n: &&StaffNo| proposal.trips_of_staff(**n).next().is_some();
        group.iter().filter(works).find(|n| can(n)).or_else(|| group.iter().filter(|n| !works(n)).find(|n| can(n))).copied()
    }
}

/// Who a trip needs beside drivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    pub medic: bool,
    pub escort: bool,
}

impl Needs {
    /// What a load of a class in a vehicle asks.
    pub(super) fn of(problem: &Problem, vehicle: &Vehicle, risk: Risk, load: Load) -> Self {
        Self {
            medic: risk == Risk::Contact || load.persons >= problem.limits.medic_persons || load.wheelchairs > 0,
            escort: vehicle.seats >= problem.limits.escort_seats,
        }
    }
}

/// Whether a member of the staff can take a post beside the trips they have: rested before, never in two places, no duty and no
/// driving too long across trips. `seat` is their place among the drivers. Linear in their driving of the day.
fn fits(problem: &Problem, proposal: &Proposal, staff: StaffNo, seat: Option<usize>, post: Post<'_>) -> bool {
    let member = &problem.staff[staff as usize];
    let limits = &problem.limits;
    let Some(first) = post.work.blocks.first() else { return true };
    if first.0 < member.off_since + limits.rest {
        return false;
    }
    let others: Vec<&Draft> = proposal.trips_of_staff(staff).filter(|slot| *slot != post.slot).filter_map(|slot| proposal.draft(slot)).collect();
    if others.is_empty() {
        return true;
    }
    if others.len() >= MOST_TRIPS {
        return false;
    }
    let mut blocks: Vec<(Minute, Minute, usize)> = post.work.blocks.iter().map(|&(start, end)| (start, end, post.drivers)).collect();
    for other in &others {
        blocks.extend(other.work.blocks.iter().map(|&(start, end)| (start, end, other.crew.drivers.len())));
    }
    blocks.sort_unstable();
    if !duties_hold(problem, member, &blocks) {
        return false;
    }
    let Some(seat) = seat else { return true };
    let mut driving: Vec<(Minute, Minute)> = post.work.driving[seat].clone();
    for other in &others {
        if let Some(seat) = other.crew.drivers.iter().position(|one| *one == staff) {
            driving.extend_from_slice(&other.work.driving[seat]);
        }
    }
    driving.sort_unstable();
    driving_holds(problem, &driving)
}

/// Whether blocks of work, sorted, do not overlap and make no duty too long.
fn duties_hold(problem: &Problem, member: &Member, blocks: &[(Minute, Minute, usize)]) -> bool {
    let limits = &problem.limits;
    let Some(&(mut since, mut until, mut drivers)) = blocks.first() else { return true };
    let holds = |since: Minute, until: Minute, drivers: usize| {
        let most = if member.role == Role::Driver && drivers < 2 { limits.duty_single } else { limits.duty_double };
        until - since <= most
    };
    for &(start, end, crew) in &blocks[1..] {
        if start < until {
            return false;
        }
        if start - until >= limits.rest {
            if !holds(since, until, drivers) {
                return false;
            }
            (since, until, drivers) = (start, end, crew);
        } else {
            (until, drivers) = (end, drivers.max(crew));
        }
    }
    holds(since, until, drivers)
}

/// Whether one driver's driving, sorted, is lawful: breaks, and 24 hours ending with each piece.
fn driving_holds(problem: &Problem, driving: &[(Minute, Minute)]) -> bool {
    let limits = &problem.limits;
    let mut since_break = 0;
    let mut last: Option<Minute> = None;
    let mut oldest = 0;
    for (n, &(start, end)) in driving.iter().enumerate() {
        if last.is_some_and(|last| start < last) {
            return false;
        }
        if last.is_none_or(|last| start - last >= limits.shortest_break) {
            since_break = 0;
        }
        since_break += end - start;
        last = Some(end);
        while driving[oldest].1 <= end - MINUTES_OF_DAY {
            oldest += 1;
        }
        let in_24h: Minute = driving[oldest..=n].iter().map(|piece| piece.1 - piece.0.max(end - MINUTES_OF_DAY)).sum();
        if since_break > limits.continuous_driving || in_24h > limits.driving_in_24h {
            return false;
        }
    }
    true
}
