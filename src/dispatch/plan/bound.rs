//! Lower bounds: what no valid plan can do better, however clever, if it moves the same parties.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::Plan;
use super::problem::{Minute, Party, PartyNo, Problem, ProvinceNo, Risk, Vehicle};

/// What no plan that moves the same parties can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Trips.
    pub trips: usize,
    /// Minutes that vehicles are out.
    pub vehicle_minutes: i64,
}

impl Bounds {
    /// Bounds for plans that move the parties that `plan` moves.
    ///
    /// Classes and provinces never share a trip, so each counts by itself. Trips: as many as the vehicle with the most room takes
    /// to carry all their persons, wheelchairs, infants or luggage, whichever asks for most. Vehicle time: a trip lasts at least as long
    /// as for that of its parties that takes longest alone, so the cheapest conceivable plan fills vehicles in the order of that time.
    /// Cost: parties times vehicles that differ.
    pub fn of(problem: &Problem, plan: &Plan) -> Self {
        let mut groups: BTreeMap<(ProvinceNo, Risk), Vec<&Party>> = BTreeMap::new();
        for party in plan.trips.iter().flat_map(super::PlannedTrip::parties).collect::<BTreeSet<PartyNo>>() {
            let party = &problem.parties[party as usize];
            groups.entry((party.province, party.risk)).or_default().push(party);
        }
        let nearest = shortest_ways(problem);
        groups.iter().fold(Self { trips: 0, vehicle_minutes: 0 }, |sum, (&(province, risk), parties)| {
            let vehicles: Vec<&Vehicle> = problem.vehicles.iter().filter(|vehicle| vehicle.province == province).collect();
            Self {
                trips: sum.trips + trips(&vehicles, risk, parties),
                vehicle_minutes: sum.vehicle_minutes + vehicle_minutes(problem, &nearest, &vehicles, risk, parties),
            }
        })
    }
}

fn trips(vehicles: &[&Vehicle], risk: Risk, parties: &[&Party]) -> usize {
    let asks = |of_party: fn(&Party) -> u32, most: Option<u32>| {
        let total: u32 = parties.iter().map(|party| of_party(party)).sum();
        most.filter(|most| *most > 0).map_or(0, |most| total.div_ceil(most))
    };
    let most = |of_vehicle: &dyn Fn(&Vehicle) -> u32| vehicles.iter().map(|vehicle| of_vehicle(vehicle)).max();
    let trips = [
        asks(|party| party.size, most(&|vehicle| vehicle.cap[risk as usize])),
        asks(|party| party.wheelchairs, most(&|vehicle| vehicle.wheelchairs)),
        asks(|party| party.infants, most(&|vehicle| vehicle.infants)),
        asks(|party| party.luggage, most(&|vehicle| vehicle.luggage)),
    ];
    trips.into_iter().max().unwrap_or(0) as usize
}

fn vehicle_minutes(problem: &Problem, nearest: &[Vec<Minute>], vehicles: &[&Vehicle], risk: Risk, parties: &[&Party]) -> i64 {
    let Some(cap) = vehicles.iter().map(|vehicle| vehicle.cap[risk as usize]).max().filter(|cap| *cap > 0) else { return 0 };
    let mut alone: Vec<(Minute, u32)> = parties.iter().map(|party| (alone(problem, nearest, vehicles, party), party.size)).collect();
    alone.sort_unstable_by_key(|(minutes, _)| std::cmp::Reverse(*minutes));
    let mut seats_left = 0;
    let mut total = 0;
    for (minutes, mut persons) in alone {
        // Persons one by one: seats of a conceivable plan take parts of parties, which only lowers the bound.
        while persons > 0 {
            if seats_left == 0 {
                seats_left = cap;
                total += i64::from(minutes);
            }
            let seated = persons.min(seats_left);
            seats_left -= seated;
            persons -= seated;
        }
    }
    total
}

/// The least time a trip takes that carries a party: there, boarding, across, alighting, home; with a night's rest where that is more than
/// the longest duty.
fn alone(problem: &Problem, nearest: &[Vec<Minute>], vehicles: &[&Vehicle], party: &Party) -> Minute {
    let limits = &problem.limits;
    let way = |from: u32, to: u32| nearest[from as usize][to as usize];
    let depots: BTreeSet<u32> = vehicles.iter().filter(|vehicle| vehicle.suits(party)).map(|vehicle| vehicle.depot).collect();
    let sites = party.sites.iter().map(|site| problem.sites[*site as usize].place);
    let ways = sites.flat_map(|site| depots.iter().map(move |depot| way(*depot, party.pickup) + way(party.pickup, site) + way(site, *depot)));
    let work = ways.min().unwrap_or(0) + limits.boarding(party) + limits.alighting(party);
    let longest = limits.duty_single.max(limits.duty_double).max(1);
    work + (work - 1).max(0) / longest * limits.rest
}

/// Shortest ways through any places, since a trip may lead through others (Floyd and Warshall; cubic in the places, some ms for 130).
fn shortest_ways(problem: &Problem) -> Vec<Vec<Minute>> {
    let n = problem.travel.len() as u32;
    let mut ways: Vec<Vec<Minute>> = (0..n).map(|from| (0..n).map(|to| if from == to { 0 } else { problem.travel.minutes(from, to) }).collect()).collect();
    for through in 0..n as usize {
        let onward = ways[through].clone();
        for row in &mut ways {
            let first = row[through];
            for (way, next) in row.iter_mut().zip(&onward) {
                *way = (*way).min(first + next);
            }
        }
    }
    ways
}
