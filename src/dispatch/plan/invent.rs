//! Small days made up for tests: a city with hotels and an airport, sites far and near, vehicles and staff of two provinces.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::problem::{Limits, Member, Minute, Party, Problem, Risk, Role, Site, Travel, Vehicle};

/// The limits that the law and the operation ask (see the instance format).
pub(super) fn limits() -> Limits {
    Limits {
        continuous_driving: 240,
        shortest_break: 20,
        driving_in_24h: 480,
        night_ban: 120..300,
        night_ban_seats: 10,
        two_drivers_beyond_km10: 4_000,
        disinfection: 60,
        rest: 600,
        duty_single: 840,
        duty_double: 1_080,
        board_base: 3,
        board_person: 1,
        board_wheelchair: 5,
        alight_base: 1,
        alight_person: 1,
        ride_excess: Some(180),
        most_sites: None,
        medic_persons: 20,
        escort_seats: 30,
    }
}

/// A day of `parties` parties, the same for the same seed. `staff` per vehicle says how plentiful crews are.
pub(super) fn day(seed: u64, parties: usize, vehicles: usize, staff: usize) -> Problem {
    let mut rng = SmallRng::seed_from_u64(seed);
    let city = |rng: &mut SmallRng| (rng.random_range(-25.0..25.0_f64), rng.random_range(-25.0..25.0_f64));
    let mut points: Vec<(f64, f64)> = (0..8).map(|_| city(&mut rng)).collect();
    let depots: Vec<u32> = (0..4).map(|n| (points.len() + n) as u32).collect();
    for n in 0..4 {
        let (x, y) = city(&mut rng);
        points.push(if n < 2 { (x - 60.0, y) } else { (x - 250.0, y) });
    }
    let n_sites = 6;
    let first_site = points.len() as u32;
    for n in 0..n_sites {
        points.push((-rng.random_range(60.0..520.0), if n % 2 == 0 { 80.0 } else { -80.0 } + rng.random_range(-60.0..60.0)));
    }
    let hours = [vec![0..4_320], vec![360..1_440, 1_800..2_880, 3_240..4_320], vec![480..1_320, 1_920..2_760, 3_360..4_200]];
    let sites = (0..n_sites)
        .map(|n| Site {
            id: format!("S{n}"),
            place: first_site + n,
            open: hours[rng.random_range(0..hours.len())].clone(),
            capacity: rng.random_range(0..=(parties as u32)),
            accepts: [true, rng.random_bool(0.8)],
        })
        .collect::<Vec<_>>();
    let fleet = (0..vehicles)
        .map(|n| {
            let (seats, luggage, licence) = [(7, 8, 0), (19, 18, 1), (37, 55, 2), (49, 80, 2)][rng.random_range(0..4)];
            Vehicle {
                id: format!("V{n}"),
                province: (n % 2) as u32,
                depot: depots[n % 4],
                seats,
                cap: [seats * 6 / 10, seats / 2],
                wheelchairs: rng.random_range(0..=1),
                infants: rng.random_range(1..=3),
                luggage,
                licence,
                available: if rng.random_bool(0.8) { 0..4_320 } else { rng.random_range(0..700)..rng.random_range(2_000..4_320) },
            }
        })
        .collect::<Vec<_>>();
    let roles = [Role::Driver, Role::Driver, Role::Driver, Role::Medic, Role::Escort];
    let members = (0..vehicles * staff)
        .map(|n| Member {
            id: format!("M{n}"),
            province: (n % 2) as u32,
            depot: depots[n % 4],
            role: roles[(n / 4) % roles.len()],
            licence: rng.random_range(0..=2),
            off_since: if rng.random_bool(0.7) { -600 } else { rng.random_range(-300..240) },
        })
        .collect();
    let people = (0..parties)
        .map(|n| {
            let size = rng.random_range(1..=5);
            let province = rng.random_range(0..2);
            let wanted = rng.random_range(1..=2);
            Party {
                id: format!("P{n}"),
                size,
                province,
                risk: if rng.random_bool(0.15) { Risk::Contact } else { Risk::Ordinary },
                pickup: rng.random_range(0..8),
                earliest: if rng.random_bool(0.4) { 0 } else { rng.random_range(300..1_400) },
                latest: 1_439,
                wheelchairs: u32::from(rng.random_bool(0.05)),
                infants: u32::from(size > 1 && rng.random_bool(0.15)),
                luggage: rng.random_range(1..=size * 2),
                sites: (0..wanted).map(|_| rng.random_range(0..n_sites / 2) * 2 + province).collect(),
            }
        })
        .collect();
    let (travel_minutes, travel_km10) = tables(&points);
    let travel = Travel::new(points.len(), travel_minutes, travel_km10).expect("square tables");
    Problem {
        name: format!("day-{seed}"),
        horizon: 4_320,
        limits: limits(),
        provinces: vec!["one".into(), "other".into()],
        travel,
        sites,
        vehicles: fleet,
        staff: members,
        parties: people,
    }
}

/// 35 km/h in town, 80 km/h beyond, on roads a little longer than the air line.
fn tables(points: &[(f64, f64)]) -> (Vec<Minute>, Vec<i32>) {
    let road = |one: &(f64, f64), other: &(f64, f64)| 1.2 * (one.0 - other.0).hypot(one.1 - other.1);
    let pairs = || points.iter().enumerate().flat_map(|one| points.iter().enumerate().map(move |other| (one, other)));
    let minutes = |km: f64| (km.min(30.0) / 35.0 * 60.0 + (km - 30.0).max(0.0) / 80.0 * 60.0).ceil() as Minute;
    let between = |value: &dyn Fn(f64) -> i32| pairs().map(|((i, one), (j, other))| if i == j { 0 } else { value(road(one, other)).max(1) }).collect();
    (between(&minutes), between(&|km| (km * 10.0).ceil() as i32))
}
