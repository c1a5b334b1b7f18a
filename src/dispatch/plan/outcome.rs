//! A plan: trips with their crews and every act of theirs, and whom it leaves out, with the true reason.

use serde::{Deserialize, Serialize};

use super::problem::{Minute, PartyNo, PlaceNo, Problem, SiteNo, StaffNo, VehicleNo};

/// What the planner proposes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The trips.
    pub trips: Vec<PlannedTrip>,
    /// Everybody else.
    pub left_out: Vec<LeftOut>,
}

/// A trip from the depot back to the depot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTrip {
    /// Its name; an announced trip keeps it.
    pub id: String,
    /// The vehicle.
    pub vehicle: VehicleNo,
    /// Who drives, in turns.
    pub drivers: Vec<StaffNo>,
    /// Medics.
    pub medics: Vec<StaffNo>,
    /// Escorts.
    pub escorts: Vec<StaffNo>,
    /// What happens, in order of time.
    pub acts: Vec<Act>,
}

/// Something that takes a stretch of a trip's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When it begins.
    pub start: Minute,
    /// When it is over.
    pub end: Minute,
    /// What it is.
    pub deed: Deed,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Driving a leg, or a piece of one.
    Drive {
        /// From where the leg leads.
        from: PlaceNo,
        /// To where.
        to: PlaceNo,
        /// Who is at the wheel.
        driver: StaffNo,
    },
    /// A party gets in.
    Board {
        /// Which.
        party: PartyNo,
        /// Where.
        at: PlaceNo,
    },
    /// A party gets out.
    Alight {
        /// Which.
        party: PartyNo,
        /// Where.
        at: SiteNo,
    },
}

/// A party that the plan does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which.
    pub party: PartyNo,
    /// Why.
    pub reason: Reason,
}

/// Why a party is left out. Each is true of the instance and the plan, and can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No vehicle of the province takes so many persons, wheelchairs, infants or so much luggage.
    NoSuitableVehicle,
    /// No site it may go to receives when it could get there.
    SiteHours,
    /// No site it may go to has room left.
    SiteFull,
    /// It can board at no time.
    PickupWindow,
    /// Any ride would take longer than rides may.
    RideTooLong,
    /// Vehicles that suit it are all out when it could board.
    NoVehicleFree,
    /// A vehicle is free, and no crew for it.
    NoCrewFree,
    /// No crew may lawfully drive it there and back.
    DrivingLaw,
    /// Every site it may go to receives only people of other classes.
    OtherRiskOnly,
    /// Others were taken before it, and what is left does not reach.
    Outranked,
    /// Somebody took it off by hand, or made room for it by hand that nobody has used yet. Never the search's.
    ByHand,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NoSuitableVehicle,
        Self::SiteHours,
        Self::SiteFull,
        Self::PickupWindow,
        Self::RideTooLong,
        Self::NoVehicleFree,
        Self::NoCrewFree,
        Self::DrivingLaw,
        Self::OtherRiskOnly,
        Self::Outranked,
        Self::ByHand,
    ];

    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSuitableVehicle => "no_suitable_vehicle",
            Self::SiteHours => "site_hours",
            Self::SiteFull => "site_full",
            Self::PickupWindow => "pickup_window",
            Self::RideTooLong => "ride_too_long",
            Self::NoVehicleFree => "no_vehicle_free",
            Self::NoCrewFree => "no_crew_free",
            Self::DrivingLaw => "driving_law",
            Self::OtherRiskOnly => "other_risk_only",
            Self::Outranked => "outranked",
            Self::ByHand => "by_hand",
        }
    }
}

/// What somebody works on a trip, in minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hours {
    /// On duty; a night's rest on the way is none.
    pub duty: Minute,
    /// At the wheel.
    pub driving: Minute,
}

impl PlannedTrip {
    /// Persons aboard.
    pub fn persons(&self, problem: &Problem) -> u32 {
        self.parties().map(|party| problem.parties[party as usize].size).sum()
    }

    /// How many may ride with those aboard: the least that the vehicle takes of their classes.
    pub fn cap(&self, problem: &Problem) -> u32 {
        let cap = problem.vehicles[self.vehicle as usize].cap;
        self.parties().map(|party| cap[problem.parties[party as usize].risk as usize]).min().unwrap_or(cap[0])
    }

    /// What a member of its crew works, where `rest` minutes or more are a rest.
    pub fn hours(&self, member: StaffNo, rest: Minute) -> Hours {
        let at_wheel = self.acts.iter().filter(|act| matches!(act.deed, Deed::Drive { driver, .. } if driver == member));
        Hours { duty: self.blocks(rest).iter().map(|block| block.1 - block.0).sum(), driving: at_wheel.map(|act| act.end - act.start).sum() }
    }

    /// When it leaves the depot.
    pub fn start(&self) -> Minute {
        self.acts.first().map_or(0, |act| act.start)
    }

    /// When it is back.
    pub fn end(&self) -> Minute {
        self.acts.iter().map(|act| act.end).max().unwrap_or(0)
    }

    /// Everybody who works on it.
    pub fn crew(&self) -> impl Iterator<Item = StaffNo> {
        self.drivers.iter().chain(&self.medics).chain(&self.escorts).copied()
    }

    /// The parties it carries, in the order of boarding.
    pub fn parties(&self) -> impl Iterator<Item = PartyNo> {
        self.acts.iter().filter_map(|act| match act.deed {
            Deed::Board { party, .. } => Some(party),
            _ => None,
        })
    }

    /// The stretches of work: what lies between two rests of `rest` minutes or more.
    pub fn blocks(&self, rest: Minute) -> Vec<(Minute, Minute)> {
        let mut blocks: Vec<(Minute, Minute)> = Vec::new();
        for act in &self.acts {
            match blocks.last_mut() {
                Some(block) if act.start - block.1 < rest => block.1 = block.1.max(act.end),
                _ => blocks.push((act.start, act.end)),
            }
        }
        blocks
    }
}
