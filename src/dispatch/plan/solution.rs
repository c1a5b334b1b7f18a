//! Plans as files: written for a problem, and read again as what was announced.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::outcome::{Act, Deed, LeftOut, Plan, PlannedTrip};
use super::problem::{Minute, PartyNo, Problem, SiteNo, StaffNo, VehicleNo};

/// The format.
const FORMAT: &str = "dispatch-plan/1";

/// A plan as a file has it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Solution {
    #[serde(default)]
    format: String,
    #[serde(default)]
    instance: String,
    #[serde(default)]
    solver: String,
    #[serde(default)]
    wall_s: f64,
    trips: Vec<TripRow>,
    unassigned: Vec<UnassignedRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TripRow {
    id: String,
    vehicle: String,
    drivers: Vec<String>,
    #[serde(default)]
    medics: Vec<String>,
    #[serde(default)]
    escorts: Vec<String>,
    acts: Vec<ActRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum ActRow {
    Drive { from: u32, to: u32, start: Minute, end: Minute, driver: String },
    Board { party: String, loc: u32, start: Minute, end: Minute },
    Alight { party: String, loc: u32, site: String, start: Minute, end: Minute },
}

#[derive(Debug, Serialize, Deserialize)]
struct UnassignedRow {
    party: String,
    reason: String,
}

impl Solution {
    /// A plan for `problem`, made in `seconds`, as a file has it.
    pub fn of(problem: &Problem, plan: &Plan, solver: &str, seconds: f64) -> Self {
        let staff = |list: &[u32]| list.iter().map(|one| problem.staff[*one as usize].id.clone()).collect();
        let trip = |trip: &PlannedTrip| TripRow {
            id: trip.id.clone(),
            vehicle: problem.vehicles[trip.vehicle as usize].id.clone(),
            drivers: staff(&trip.drivers),
            medics: staff(&trip.medics),
            escorts: staff(&trip.escorts),
            acts: trip.acts.iter().map(|act| ActRow::of(problem, act)).collect(),
        };
        let left = |left: &LeftOut| UnassignedRow { party: problem.parties[left.party as usize].id.clone(), reason: left.reason.as_str().to_owned() };
        Self {
            format: FORMAT.to_owned(),
            instance: problem.name.clone(),
            solver: solver.to_owned(),
            wall_s: seconds,
            trips: plan.trips.iter().map(trip).collect(),
            unassigned: plan.left_out.iter().map(left).collect(),
        }
    }

    /// The plan it is for `problem`. What the problem knows no more (a party that stays, a vehicle in the workshop, somebody ill) is told apart:
    /// an announced plan outlives what it was made from.
    pub fn announced(&self, problem: &Problem) -> Announced {
        let names = Names::of(problem);
        Announced { trips: self.trips.iter().map(|row| row.announced(&names)).collect() }
    }
}

/// A plan that people were told of, as far as a problem still knows what it speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Its trips.
    pub trips: Vec<AnnouncedTrip>,
}

/// A trip that people were told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncedTrip {
    /// Its name.
    pub id: String,
    /// Its vehicle by its name, and as the problem knows it.
    pub vehicle: (String, Option<VehicleNo>),
    /// Its drivers.
    pub drivers: Vec<(String, Option<StaffNo>)>,
    /// Its medics.
    pub medics: Vec<(String, Option<StaffNo>)>,
    /// Its escorts.
    pub escorts: Vec<(String, Option<StaffNo>)>,
    /// Who boards when.
    pub boards: Vec<(String, Option<PartyNo>, Minute)>,
    /// Where each alights, as far as the problem knows party and site.
    pub drops: Vec<(PartyNo, SiteNo)>,
    /// Its acts without those of parties that are not known, with places among the drivers for drivers; none if they cannot be repeated.
    pub acts: Option<Vec<Act>>,
}

impl AnnouncedTrip {
    /// Everybody who was to work on it.
    pub fn crew(&self) -> impl Iterator<Item = &(String, Option<StaffNo>)> {
        self.drivers.iter().chain(&self.medics).chain(&self.escorts)
    }
}

/// Names of a problem by what they stand for.
struct Names<'p> {
    problem: &'p Problem,
    parties: HashMap<&'p str, PartyNo>,
    staff: HashMap<&'p str, StaffNo>,
    vehicles: HashMap<&'p str, VehicleNo>,
    sites: HashMap<&'p str, SiteNo>,
}

impl<'p> Names<'p> {
    fn of(problem: &'p Problem) -> Self {
        fn index<T>(list: &[T], id: fn(&T) -> &String) -> HashMap<&str, u32> {
            list.iter().enumerate().map(|(n, one)| (id(one).as_str(), n as u32)).collect()
        }
        Self {
            problem,
            parties: index(&problem.parties, |party| &party.id),
            staff: index(&problem.staff, |member| &member.id),
            vehicles: index(&problem.vehicles, |vehicle| &vehicle.id),
            sites: index(&problem.sites, |site| &site.id),
        }
    }
}

impl TripRow {
    fn announced(&self, names: &Names<'_>) -> AnnouncedTrip {
        let staff = |list: &[String]| list.iter().map(|id| (id.clone(), names.staff.get(id.as_str()).copied())).collect();
        let mut boards = Vec::new();
        let mut drops = Vec::new();
        for act in &self.acts {
            match act {
                ActRow::Board { party, start, .. } => boards.push((party.clone(), names.parties.get(party.as_str()).copied(), *start)),
                ActRow::Alight { party, site, .. } => {
                    drops.extend(names.parties.get(party.as_str()).copied().zip(names.sites.get(site.as_str()).copied()));
                }
                ActRow::Drive { .. } => {}
            }
        }
        AnnouncedTrip {
            id: self.id.clone(),
            vehicle: (self.vehicle.clone(), names.vehicles.get(self.vehicle.as_str()).copied()),
            drivers: staff(&self.drivers),
            medics: staff(&self.medics),
            escorts: staff(&self.escorts),
            boards,
            drops,
            acts: self.acts.iter().filter(|act| act.is_of_somebody_known(names)).map(|act| act.act(names, &self.drivers)).collect(),
        }
    }
}

impl ActRow {
    fn is_of_somebody_known(&self, names: &Names<'_>) -> bool {
        match self {
            Self::Drive { .. } => true,
            Self::Board { party, .. } | Self::Alight { party, .. } => names.parties.contains_key(party.as_str()),
        }
    }

    /// The act it is, with the place of its driver among `drivers`.
    fn act(&self, names: &Names<'_>, drivers: &[String]) -> Option<Act> {
        let places = names.problem.travel.len() as u32;
        let party = |id: &String| names.parties.get(id.as_str()).copied();
        let (start, end, deed) = match self {
            Self::Drive { from, to, start, end, driver } if *from < places && *to < places => {
                let driver = drivers.iter().position(|one| one == driver)? as StaffNo;
                (*start, *end, Deed::Drive { from: *from, to: *to, driver })
            }
            Self::Board { party: id, loc, start, end } if *loc < places => (*start, *end, Deed::Board { party: party(id)?, at: *loc }),
            Self::Alight { party: id, site, start, end, .. } => {
                (*start, *end, Deed::Alight { party: party(id)?, at: names.sites.get(site.as_str()).copied()? })
            }
            _ => return None,
        };
        Some(Act { start, end, deed })
    }

    fn of(problem: &Problem, act: &Act) -> Self {
        let (start, end) = (act.start, act.end);
        let name = |party: u32| problem.parties[party as usize].id.clone();
        match act.deed {
            Deed::Drive { from, to, driver } => Self::Drive { from, to, start, end, driver: problem.staff[driver as usize].id.clone() },
            Deed::Board { party, at } => Self::Board { party: name(party), loc: at, start, end },
            Deed::Alight { party, at } => {
                let site = &problem.sites[at as usize];
                Self::Alight { party: name(party), loc: site.place, site: site.id.clone(), start, end }
            }
        }
    }
}
