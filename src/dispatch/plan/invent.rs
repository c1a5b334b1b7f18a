//! Small days made up for tests: a city with hotels and an airport, sites far and near, vehicles and staff of two provinces.

use std::ops::Range;

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

/// Places where people wait, in the city.
const HOTELS: u32 = 8;
/// Two depots near the city, two far away.
const DEPOTS: [u32; 4] = [HOTELS, HOTELS + 1, HOTELS + 2, HOTELS + 3];
const SITES: u32 = 6;

/// A day of `parties` parties, the same for the same seed. `staff` per vehicle says how plentiful crews are.
pub(super) fn day(seed: u64, parties: usize, vehicles: usize, staff: usize) -> Problem {
    let mut rng = SmallRng::seed_from_u64(seed);
    let points = points(&mut rng);
    let (minutes, km10) = tables(&points);
    Problem {
        name: format!("day-{seed}"),
        horizon: 4_320,
        limits: limits(),
        provinces: vec!["one".into(), "other".into()],
        travel: Travel::new(points.len(), minutes, km10).expect("square tables"),
        sites: (0..SITES).map(|n| site(&mut rng, n, parties as u32)).collect(),
        vehicles: (0..vehicles).map(|n| vehicle(&mut rng, n)).collect(),
        staff: (0..vehicles * staff).map(|n| member(&mut rng, n)).collect(),
        parties: (0..parties).map(|n| party(&mut rng, n)).collect(),
    }
}

/// Hotels, depots, then sites: those of the one province to the north of the city, of the other to the south.
fn points(rng: &mut SmallRng) -> Vec<(f64, f64)> {
    let mut city = |west: f64| (rng.random_range(-25.0..25.0_f64) - west, rng.random_range(-25.0..25.0_f64));
    let mut points: Vec<(f64, f64)> = (0..HOTELS).map(|_| city(0.0)).collect();
    points.extend([60.0, 60.0, 250.0, 250.0].map(city));
    points.extend((0..SITES).map(|n| {
        let north = if n % 2 == 0 { 80.0 } else { -80.0 };
        (-rng.random_range(60.0..520.0), north + rng.random_range(-60.0..60.0))
    }));
    points
}

fn site(rng: &mut SmallRng, n: u32, room: u32) -> Site {
    let all_day = std::iter::once(0..4_320).collect();
    let hours: [Vec<Range<Minute>>; 3] = [all_day, vec![360..1_440, 1_800..2_880, 3_240..4_320], vec![480..1_320, 1_920..2_760, 3_360..4_200]];
    Site {
        id: format!("S{n}"),
        place: HOTELS + DEPOTS.len() as u32 + n,
        open: hours[rng.random_range(0..hours.len())].clone(),
        capacity: rng.random_range(0..=room),
        accepts: [true, rng.random_bool(0.8)],
    }
}

fn vehicle(rng: &mut SmallRng, n: usize) -> Vehicle {
    let (seats, luggage, licence) = [(7, 8, 0), (19, 18, 1), (37, 55, 2), (49, 80, 2)][rng.random_range(0..4)];
    Vehicle {
        id: format!("V{n}"),
        province: (n % 2) as u32,
        depot: DEPOTS[n % 4],
        seats,
        cap: [seats * 6 / 10, seats / 2],
        wheelchairs: rng.random_range(0..=1),
        infants: rng.random_range(1..=3),
        luggage,
        licence,
        available: if rng.random_bool(0.8) { 0..4_320 } else { rng.random_range(0..700)..rng.random_range(2_000..4_320) },
    }
}

fn member(rng: &mut SmallRng, n: usize) -> Member {
    let roles = [Role::Driver, Role::Driver, Role::Driver, Role::Medic, Role::Escort];
    Member {
        id: format!("M{n}"),
        province: (n % 2) as u32,
        depot: DEPOTS[n % 4],
        role: roles[(n / 4) % roles.len()],
        licence: rng.random_range(0..=2),
        off_since: if rng.random_bool(0.7) { -600 } else { rng.random_range(-300..240) },
    }
}

fn party(rng: &mut SmallRng, n: usize) -> Party {
    let size = rng.random_range(1..=5);
    let province = rng.random_range(0..2);
    let n_sites = rng.random_range(1..=2);
    Party {
        id: format!("P{n}"),
        size,
        province,
        risk: if rng.random_bool(0.15) { Risk::Contact } else { Risk::Ordinary },
        pickup: rng.random_range(0..HOTELS),
        earliest: if rng.random_bool(0.4) { 0 } else { rng.random_range(300..1_400) },
        latest: 1_439,
        wheelchairs: u32::from(rng.random_bool(0.05)),
        infants: u32::from(size > 1 && rng.random_bool(0.15)),
        luggage: rng.random_range(1..=size * 2),
        sites: (0..n_sites).map(|_| rng.random_range(0..SITES / 2) * 2 + province).collect(),
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
