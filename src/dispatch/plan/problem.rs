//! A day to be planned: parties to be moved, vehicles and staff to move them with, sites to receive them, and the limits of the law.
//!
//! Everything is named by its index. Times are minutes from 00:00 of the day in Shanghai, distances tenths of a kilometre.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Minutes from 00:00 of the day that is planned.
pub type Minute = i32;

/// Index of a [`Party`].
pub type PartyNo = u32;
/// Index of a [`Vehicle`].
pub type VehicleNo = u32;
/// Index of a [`Member`] of the staff.
pub type StaffNo = u32;
/// Index of a [`Site`].
pub type SiteNo = u32;
/// Index of a place in [`Travel`].
pub type PlaceNo = u32;
/// Index of a name in [`Problem::provinces`].
pub type ProvinceNo = u32;

/// All that a plan depends on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Problem {
    /// What the day is called.
    pub name: String,
    /// No act ends later.
    pub horizon: Minute,
    /// What law and practice ask.
    pub limits: Limits,
    /// Names of provinces.
    pub provinces: Vec<String>,
    /// From place to place.
    pub travel: Travel,
    /// Where people are received.
    pub sites: Vec<Site>,
    /// The fleet.
    pub vehicles: Vec<Vehicle>,
    /// Drivers, medics, escorts.
    pub staff: Vec<Member>,
    /// Who is to be moved.
    pub parties: Vec<Party>,
}

/// Limits of law and practice (道路旅客运输企业安全管理规范, art. 38, and the rules of the operation); data, never code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// A driver drives no longer than this without a break.
    pub continuous_driving: Minute,
    /// What counts as a break.
    pub shortest_break: Minute,
    /// A driver drives no longer than this in any 24 hours.
    pub driving_in_24h: Minute,
    /// Part of each day in which coaches do not drive.
    pub night_ban: Range<Minute>,
    /// A vehicle with as many seats counts as a coach for the night ban.
    pub night_ban_seats: u32,
    /// A loaded distance beyond this takes two drivers.
    pub two_drivers_beyond_km10: i32,
    /// Between two trips of a vehicle.
    pub disinfection: Minute,
    /// Between two duties of a person.
    pub rest: Minute,
    /// Longest duty of a lone driver.
    pub duty_single: Minute,
    /// Longest duty of anybody else.
    pub duty_double: Minute,
    /// Boarding a party.
    pub board_base: Minute,
    /// Boarding, for each person.
    pub board_person: Minute,
    /// Boarding, for each wheelchair.
    pub board_wheelchair: Minute,
    /// Alighting of a party.
    pub alight_base: Minute,
    /// Alighting, for each person.
    pub alight_person: Minute,
    /// How much longer than the direct way a ride may take; nights at a stop do not count.
    pub ride_excess: Option<Minute>,
    /// How many sites a trip may serve.
    pub most_sites: Option<usize>,
    /// A medic is asked from this many persons.
    pub medic_persons: u32,
    /// An escort is asked from this many seats.
    pub escort_seats: u32,
}

/// Minutes and tenths of a kilometre from place to place, in rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Travel {
    n: usize,
    minutes: Vec<Minute>,
    km10: Vec<i32>,
}

/// 风险类别: who may sit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Risk {
    /// 一般人员.
    Ordinary,
    /// 密接人员: ride apart, with a medic.
    Contact,
}

/// Where people are received.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Site {
    /// Its name in the instance.
    pub id: String,
    /// Where it is.
    pub place: PlaceNo,
    /// When it receives.
    pub open: Vec<Range<Minute>>,
    /// Persons it has room for.
    pub capacity: u32,
    /// Whom it receives, by [`Risk`].
    pub accepts: [bool; 2],
}

/// A vehicle.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vehicle {
    /// Its name in the instance.
    pub id: String,
    /// Whose it is.
    pub province: ProvinceNo,
    /// Where its trips begin and end.
    pub depot: PlaceNo,
    /// Seats, empty ones and all.
    pub seats: u32,
    /// Persons it may carry, by [`Risk`].
    pub cap: [u32; 2],
    /// Places for wheelchairs.
    pub wheelchairs: u32,
    /// Child seats.
    pub infants: u32,
    /// Units of luggage.
    pub luggage: u32,
    /// Rank of licence it takes.
    pub licence: i32,
    /// When it can be used.
    pub available: Range<Minute>,
}

/// What a member of the staff does on a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// 驾驶员.
    Driver,
    /// 医护人员.
    Medic,
    /// 陪护人员.
    Escort,
}

/// A member of the staff.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// Their name in the instance.
    pub id: String,
    /// Whose they are.
    pub province: ProvinceNo,
    /// Whose vehicles they go with.
    pub depot: PlaceNo,
    /// What they do.
    pub role: Role,
    /// Rank of their licence.
    pub licence: i32,
    /// When their last duty ended.
    pub off_since: Minute,
}

/// People who move together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Party {
    /// Its name in the instance.
    pub id: String,
    /// Persons.
    pub size: u32,
    /// Where it is bound for.
    pub province: ProvinceNo,
    /// Whom it may sit with.
    pub risk: Risk,
    /// Where it waits.
    pub pickup: PlaceNo,
    /// It cannot board before.
    pub earliest: Minute,
    /// It must not board after.
    pub latest: Minute,
    /// Wheelchairs among it.
    pub wheelchairs: u32,
    /// Infants among it.
    pub infants: u32,
    /// Units of luggage.
    pub luggage: u32,
    /// Where it may be received.
    pub sites: Vec<SiteNo>,
}

impl Risk {
    /// All of them, in order.
    pub const ALL: [Self; 2] = [Self::Ordinary, Self::Contact];
}

impl Travel {
    /// Takes the rows of two square tables. None if they are not both `n` by `n`.
    pub fn new(n: usize, minutes: Vec<Minute>, km10: Vec<i32>) -> Option<Self> {
        (minutes.len() == n * n && km10.len() == n * n).then_some(Self { n, minutes, km10 })
    }

    /// Of no places.
    pub fn empty() -> Self {
        Self { n: 0, minutes: Vec::new(), km10: Vec::new() }
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are no places.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Minutes from one place to another.
    #[inline]
    pub fn minutes(&self, from: PlaceNo, to: PlaceNo) -> Minute {
        self.minutes[from as usize * self.n + to as usize]
    }

    /// Tenths of a kilometre from one place to another.
    #[inline]
    pub fn km10(&self, from: PlaceNo, to: PlaceNo) -> i32 {
        self.km10[from as usize * self.n + to as usize]
    }
}

impl Limits {
    /// What boarding takes.
    pub fn boarding(&self, party: &Party) -> Minute {
        self.board_base + self.board_person * party.size as Minute + self.board_wheelchair * party.wheelchairs as Minute
    }

    /// What alighting takes.
    pub fn alighting(&self, party: &Party) -> Minute {
        self.alight_base + self.alight_person * party.size as Minute
    }

    /// Minutes of the nights' ban between two instants. Constant time.
    pub fn night_between(&self, from: Minute, to: Minute) -> Minute {
        let until = |t: Minute| {
            let (days, minute) = (t.div_euclid(MINUTES_OF_DAY), t.rem_euclid(MINUTES_OF_DAY));
            let ban = &self.night_ban;
            days * (ban.end - ban.start) + (minute.min(ban.end) - ban.start).max(0)
        };
        (until(to) - until(from)).max(0)
    }

    /// Longest duty of a whole crew with so many `drivers`.
    pub fn duty(&self, drivers: usize) -> Minute {
        if drivers < 2 { self.duty_single.min(self.duty_double) } else { self.duty_double }
    }
}

/// Minutes of a day.
pub const MINUTES_OF_DAY: Minute = 1440;

impl Vehicle {
    /// Whether the night ban counts for it.
    pub fn is_coach(&self, limits: &Limits) -> bool {
        self.seats >= limits.night_ban_seats
    }

    /// Whether a party fits in, were it alone.
    pub fn suits(&self, party: &Party) -> bool {
        self.province == party.province
            && self.cap[party.risk as usize] >= party.size
            && self.wheelchairs >= party.wheelchairs
            && self.infants >= party.infants
            && self.luggage >= party.luggage
    }
}

impl Site {
    /// Whether it receives people of this class.
    pub fn accepts(&self, risk: Risk) -> bool {
        self.accepts[risk as usize]
    }
}
