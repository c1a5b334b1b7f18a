//! The planner judged by [`verify`], which knows only the rules; and `verify` judged by plans that break one rule each.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::invent::{day, limits};
use super::*;

fn options(steps: u64, seed: u64, threads: usize) -> Options {
    Options { budget: Budget::Steps(steps), seed, threads }
}

fn planned(problem: &Problem, steps: u64) -> Outcome {
    plan(problem, None, &options(steps, 1, 2), &|_, _| true)
}

prop_compose! {
    /// Limits that no law has, so that nothing rests on those it has.
    fn strange_limits()(
        driving in (30..400, 1..120, 60..1_000),
        night in (0..1_439_i32, 0..600_i32, 0_u32..60),
        duty in (100..1_200, 100..1_400, 60..900),
        service in (0..10, 0..5, 0..8, 0..60),
        ride_excess in proptest::option::of(0..300),
        most_sites in proptest::option::of(1_usize..3),
        two_drivers_beyond_km10 in 0..6_000,
    ) -> Limits {
        Limits {
            continuous_driving: driving.0,
            shortest_break: driving.1,
            driving_in_24h: driving.2,
            night_ban: night.0..Minute::min(night.0 + night.1, MINUTES_OF_DAY),
            night_ban_seats: night.2,
            duty_single: duty.0,
            duty_double: duty.1,
            rest: duty.2,
            board_base: service.0,
            alight_person: service.1,
            board_person: service.2,
            disinfection: service.3,
            ride_excess,
            most_sites,
            two_drivers_beyond_km10,
            ..limits()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_keeps_every_rule_and_leaves_nobody_unmentioned(seed in any::<u64>(), parties in 1_usize..60, vehicles in 0_usize..16, staff in 1_usize..6) {
        let problem = day(seed, parties, vehicles, staff);
        let outcome = planned(&problem, 40);
        let (objective, breaches) = verify(&problem, &outcome.plan);
        prop_assert!(breaches.is_empty(), "{breaches:?}");
        prop_assert_eq!(objective, outcome.objective);
    }

    #[test]
    fn whatever_the_limits_are_they_hold(seed in any::<u64>(), limits in strange_limits()) {
        let problem = Problem { limits, ..day(seed, 25, 10, 5) };
        let outcome = planned(&problem, 30);
        let (_, breaches) = verify(&problem, &outcome.plan);
        prop_assert!(breaches.is_empty(), "{breaches:?}");
        prop_assert!(outcome.bounds.vehicle_minutes <= outcome.objective.vehicle_minutes);
    }

    #[test]
    fn after_trouble_a_new_plan_is_valid_and_whole_trips_that_board_are_as_they_were(seed in any::<u64>(), frozen_before in 0..1_500, trouble in 0_usize..50) {
        let problem = day(seed, 30, 12, 5);
        let old = planned(&problem, 30).plan;
        let announced = solution::Solution::of(&problem, &old, "", 0.0);
        let mut problem = problem;
        problem.vehicles.remove(trouble % problem.vehicles.len());
        problem.staff.remove(trouble % problem.staff.len());
        problem.parties.remove(trouble % problem.parties.len());
        problem.parties[(trouble + 7) % 29].earliest += 90;
        let announced = announced.announced(&problem);
        let previous = Previous { announced: &announced, frozen_before };
        let new = plan(&problem, Some(&previous), &options(30, 1, 2), &|_, _| true);
        let (_, breaches) = verify(&problem, &new.plan);
        prop_assert!(breaches.is_empty(), "{breaches:?}");
        for trip in &announced.trips {
            let is_whole = trip.vehicle.1.is_some() && trip.crew().all(|member| member.1.is_some());
            let boards = |party: PartyNo, at: Minute| at >= problem.parties[party as usize].earliest;
            if is_whole && trip.boards.iter().all(|(_, party, at)| *at < frozen_before && party.is_some_and(|party| boards(party, *at))) {
                let kept = new.plan.trips.iter().find(|other| other.id == trip.id);
                let acts = |trip: &PlannedTrip| trip.acts.iter().map(|act| (act.start, act.end)).collect::<Vec<_>>();
                let before = trip.acts.iter().flatten().map(|act| (act.start, act.end)).collect::<Vec<_>>();
                prop_assert_eq!(kept.map(acts), Some(before));
                prop_assert!(new.changes.iter().all(|change| change.trip != trip.id), "{:?}", new.changes);
            }
        }
    }

    #[test]
    fn no_bound_is_above_what_a_valid_plan_does(seed in any::<u64>(), parties in 1_usize..40) {
        let problem = day(seed, parties, 14, 5);
        for steps in [1, 60] {
            let outcome = planned(&problem, steps);
            prop_assert!(outcome.bounds.trips <= outcome.objective.trips);
            prop_assert!(outcome.bounds.vehicle_minutes <= outcome.objective.vehicle_minutes);
        }
    }

    #[test]
    fn nobody_is_left_out_while_a_trip_for_them_alone_could_be_added(seed in any::<u64>()) {
        let problem = day(seed, 30, 12, 5);
        let outcome = planned(&problem, 20);
        prop_assert!(outcome.plan.left_out.iter().all(|left| left.reason != Reason::Outranked), "{:?}", outcome.plan.left_out);
    }
}

#[test]
fn the_same_seed_and_steps_give_the_same_plan_on_any_number_of_threads() {
    let problem = day(7, 50, 14, 5);
    let plans: Vec<Plan> = [1, 2, 5].map(|threads| plan(&problem, None, &options(120, 3, threads), &|_, _| true).plan).into();
    assert_eq!(plans[0], plans[1]);
    assert_eq!(plans[0], plans[2]);
    assert!(!plans[0].trips.is_empty());
}

#[test]
fn more_steps_never_leave_more_people_behind() {
    let problem = day(11, 60, 10, 4);
    let first = planned(&problem, 1).objective;
    let later = planned(&problem, 300).objective;
    assert!(later <= first, "{later:?} after {first:?}");
}

#[test]
fn a_search_that_is_stopped_still_gives_a_valid_plan() {
    let problem = day(5, 40, 12, 5);
    let outcome = plan(&problem, None, &options(1_000_000, 1, 2), &|_, _| false);
    assert_eq!(verify(&problem, &outcome.plan).1, []);
    assert!(outcome.steps < 10_000);
}

#[test]
fn a_day_without_people_or_without_vehicles_is_planned_too() {
    assert_eq!(planned(&day(1, 0, 5, 5), 10).plan, Plan::default());
    let problem = day(1, 10, 0, 5);
    let outcome = planned(&problem, 10);
    assert_eq!(outcome.plan.left_out.len(), 10);
    assert!(outcome.plan.left_out.iter().all(|left| left.reason == Reason::NoSuitableVehicle));
    assert_eq!(verify(&problem, &outcome.plan).1, []);
}

fn hours(from: Minute, to: Minute) -> Vec<std::ops::Range<Minute>> {
    std::iter::once(from..to).collect()
}

/// One party, one site, one vehicle that has room for more, a full crew.
fn smallest() -> Problem {
    let travel = Travel::new(3, vec![0, 30, 90, 30, 0, 60, 90, 60, 0], vec![0, 200, 900, 200, 0, 700, 900, 700, 0]).expect("square tables");
    let member = |id: &str, role, licence| Member { id: id.into(), province: 0, depot: 0, role, licence, off_since: -600 };
    Problem {
        name: "smallest".into(),
        horizon: 4_320,
        limits: limits(),
        provinces: vec!["one".into()],
        travel,
        sites: vec![Site { id: "S".into(), place: 2, open: hours(360, 1_200), capacity: 10, accepts: [true, true] }],
        vehicles: vec![Vehicle {
            id: "V".into(),
            province: 0,
            depot: 0,
            seats: 37,
            cap: [22, 18],
            wheelchairs: 0,
            infants: 1,
            luggage: 20,
            licence: 1,
            available: 0..4_320,
        }],
        staff: vec![member("D", Role::Driver, 1), member("M", Role::Medic, 0), member("E", Role::Escort, 0)],
        parties: vec![Party {
            id: "P".into(),
            size: 4,
            province: 0,
            risk: Risk::Contact,
            pickup: 1,
            earliest: 600,
            latest: 900,
            wheelchairs: 0,
            infants: 1,
            luggage: 4,
            sites: vec![0],
        }],
    }
}

#[test]
fn the_smallest_day_is_planned_to_the_minute() {
    let outcome = planned(&smallest(), 5);
    let acts = outcome.plan.trips[0].acts.iter().map(|act| (act.start, act.end)).collect::<Vec<_>>();
    // There, boarding 3 + 4, across, alighting 1 + 4, home.
    assert_eq!(acts, [(570, 600), (600, 607), (607, 667), (667, 672), (672, 762)]);
    assert_eq!(outcome.bounds, Bounds { trips: 1, vehicle_minutes: 192 });
    assert_eq!(outcome.objective, Objective { persons_left: 0, trips: 1, vehicle_minutes: 192, waiting: 0, km10: 1_800 });
}

#[test]
fn who_is_left_out_is_told_why() {
    let why = |change: fn(&mut Problem)| {
        let mut problem = smallest();
        change(&mut problem);
        let outcome = planned(&problem, 5);
        assert_eq!(verify(&problem, &outcome.plan).1, []);
        outcome.plan.left_out.first().map(|left| left.reason)
    };
    assert_eq!(why(|_| {}), None);
    assert_eq!(why(|problem| problem.parties[0].wheelchairs = 1), Some(Reason::NoSuitableVehicle));
    assert_eq!(why(|problem| problem.sites[0].open = hours(0, 620)), Some(Reason::SiteHours));
    assert_eq!(why(|problem| problem.sites[0].capacity = 3), Some(Reason::SiteFull));
    assert_eq!(why(|problem| problem.parties[0].latest = 599), Some(Reason::PickupWindow));
    assert_eq!(why(|problem| problem.sites[0].open = hours(1_300, 1_400)), Some(Reason::RideTooLong));
    assert_eq!(why(|problem| problem.vehicles[0].available = 0..700), Some(Reason::NoVehicleFree));
    assert_eq!(why(|problem| problem.staff[1].off_since = 300), Some(Reason::NoCrewFree));
    assert_eq!(why(|problem| (problem.limits.duty_single, problem.limits.duty_double) = (70, 70)), Some(Reason::DrivingLaw));
    assert_eq!(why(|problem| problem.sites[0].accepts = [true, false]), Some(Reason::OtherRiskOnly));
}

/// Changes a plan or the problem it was made for so that a rule is broken.
type Spoil = fn(&mut Problem, &mut Plan);

#[test]
fn verify_finds_each_rule_broken() {
    let spoils: &[(Rule, Spoil)] = &[
        (Rule::TripNamedOnce, |_, plan| plan.trips.push(plan.trips[0].clone())),
        (Rule::ActsInOrder, |_, plan| plan.trips[0].acts[1].start -= 1),
        (Rule::VehicleAvailable, |problem, _| problem.vehicles[0].available = 571..4_320),
        (Rule::LegsJoin, |_, plan| without(plan, 2)),
        (Rule::LegsJoin, |_, plan| plan.trips[0].acts[4].end += 1),
        (Rule::LegsJoin, |_, plan| without(plan, 4)),
        (Rule::NightBan, |problem, _| problem.limits.night_ban = 590..595),
        (Rule::DriverOnTrip, |_, plan| plan.trips[0].drivers = vec![1]),
        (Rule::BoardOnce, |problem, _| problem.parties[0].pickup = 0),
        (Rule::PickupWindow, |problem, _| problem.parties[0].earliest = 601),
        (Rule::PickupWindow, |problem, _| problem.parties[0].latest = 599),
        (Rule::ServiceTime, |problem, _| problem.limits.board_person = 2),
        (Rule::ServiceTime, |problem, _| problem.limits.alight_person = 2),
        (Rule::Capacity, |problem, _| problem.vehicles[0].cap = [22, 3]),
        (Rule::Capacity, |problem, _| problem.vehicles[0].luggage = 3),
        (Rule::Capacity, |problem, _| problem.vehicles[0].infants = 0),
        (Rule::RightSite, |problem, _| problem.parties[0].sites.clear()),
        (Rule::RightSite, |_, plan| without(plan, 3)),
        (Rule::SiteHours, |problem, _| problem.sites[0].open = vec![0..671, 672..900]),
        (Rule::SiteRoom, |problem, _| problem.sites[0].capacity = 3),
        (Rule::RideExcess, |problem, _| problem.limits.ride_excess = Some(-1)),
        (Rule::NotMixed, |problem, _| problem.parties[0].province = 1),
        (Rule::MostSites, |problem, _| problem.limits.most_sites = Some(0)),
        (Rule::Crew, |_, plan| plan.trips[0].medics.clear()),
        (Rule::Crew, |_, plan| plan.trips[0].escorts.clear()),
        (Rule::Crew, |problem, _| problem.limits.two_drivers_beyond_km10 = 699),
        (Rule::Crew, |problem, _| problem.staff[0].licence = 0),
        (Rule::Crew, |problem, _| problem.staff[2].depot = 1),
        (Rule::Crew, |_, plan| plan.trips[0].escorts = vec![1]),
        (Rule::Disinfection, |_, plan| again(plan, 59)),
        (Rule::Rest, |problem, _| problem.staff[0].off_since = -29),
        (Rule::OnePlace, |_, plan| again(plan, -1)),
        (Rule::ContinuousDriving, |problem, _| problem.limits.shortest_break = 60),
        (Rule::Driving24h, |problem, _| problem.limits.driving_in_24h = 179),
        (Rule::Duty, |problem, _| problem.limits.duty_single = 191),
        (Rule::Everybody, |_, plan| plan.trips.clear()),
        (Rule::Everybody, |_, plan| plan.left_out.push(LeftOut { party: 0, reason: Reason::Outranked })),
        (Rule::TrueReason, |_, plan| leave(plan, Reason::NoSuitableVehicle)),
        (Rule::TrueReason, |_, plan| leave(plan, Reason::SiteFull)),
    ];
    let problem = smallest();
    let plan = planned(&problem, 5).plan;
    assert_eq!(verify(&problem, &plan).1, []);
    let mut seen = BTreeSet::new();
    for (n, (rule, spoil)) in spoils.iter().enumerate() {
        let (mut problem, mut plan) = (problem.clone(), plan.clone());
        // Continuous driving: 30 + 60 + 90 minutes with pauses of 7 and 5 are 180 without a break.
        problem.limits.continuous_driving = if *rule == Rule::ContinuousDriving { 179 } else { 240 };
        spoil(&mut problem, &mut plan);
        let found: Vec<Rule> = verify(&problem, &plan).1.into_iter().map(|breach| breach.rule).collect();
        assert!(found.contains(rule), "spoil {n}: {rule:?} is not among {found:?}");
        seen.insert(*rule);
    }
    assert_eq!(seen.len(), 25, "every rule is broken once");
}

fn without(plan: &mut Plan, act: usize) {
    plan.trips[0].acts.remove(act);
}

/// The same trip again, so many minutes after the first.
fn again(plan: &mut Plan, later: Minute) {
    let mut trip = plan.trips[0].clone();
    let shift = trip.end() + later - trip.start();
    trip.id.push('b');
    for act in &mut trip.acts {
        act.start += shift;
        act.end += shift;
    }
    plan.trips.push(trip);
}

fn leave(plan: &mut Plan, reason: Reason) {
    plan.trips.clear();
    plan.left_out.push(LeftOut { party: 0, reason });
}
