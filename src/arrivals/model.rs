//! Travellers as the operation knows them: whose custody, bound for where, counted under what, moving when. Who they are is
//! sealed elsewhere and not needed here.

use chrono::{DateTime, NaiveDate, Utc};

use crate::base::Id;
use crate::ledger::{Cell, Custody, Person, Stock};
use crate::places::Organisation;

/// The id of a traveller 入境人员: one person's one landing.
pub type TravellerId = Id<Person>;

/// Marks the ids of parties 同行: people who move together and are never split but by a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {}

/// A flight 航班 that landed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    /// Its id.
    pub id: Id<Flight>,
    /// Airline and number, `MU588`.
    pub flight_no: String,
    /// The port of entry, `PVG`.
    pub port: String,
    /// When it landed.
    pub landed_at: DateTime<Utc>,
}

/// A traveller without the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traveller {
    /// Its id.
    pub id: TravellerId,
    /// The flight.
    pub flight: Id<Flight>,
    /// The party; a person alone is a party of one.
    pub party: Id<Party>,
    /// The seat on the flight.
    pub seat: Option<String>,
    /// Where the person is bound for; none until a desk enters it.
    pub destination: Option<Bound>,
    /// The policy the person is counted under, by name and version.
    pub policy: Option<(String, i32)>,
    /// The three instants that a policy may count from.
    pub landed_at: DateTime<Utc>,
    /// When border control let the person in.
    pub border_at: Option<DateTime<Utc>>,
    /// When the first site checked the person in.
    pub checked_in_at: Option<DateTime<Utc>>,
    /// The last day of a contact with a case, which restarts the counting.
    pub exposed_on: Option<NaiveDate>,
    /// Whether the rest of the term at home was applied for and approved.
    pub home_approved: bool,
    /// The day of the next move under the policy.
    pub transfer_on: Option<NaiveDate>,
    /// The day on which, at 00:00, the term is over.
    pub release_on: Option<NaiveDate>,
    /// Who answers, where the person is counted.
    pub custody: Custody,
    /// Counts the changes of this row; a change demands the version it saw.
    pub version: i32,
}

/// What somebody is judged by on the day of their move; a few columns of a wide row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mover {
    pub(super) id: TravellerId,
    pub(super) flight: Id<Flight>,
    pub(super) party: Id<Party>,
    /// The place that the person is bound for, and its city.
    pub(super) bound: Option<(String, String)>,
    pub(super) stock: Stock,
    pub(super) custodian: Option<Id<Organisation>>,
    pub(super) counted: Counted,
}

/// What somebody's days are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) policy: Option<(String, i32)>,
    pub(super) landed_at: DateTime<Utc>,
    pub(super) border_at: Option<DateTime<Utc>>,
    pub(super) checked_in_at: Option<DateTime<Utc>>,
    pub(super) exposed_on: Option<NaiveDate>,
    pub(super) home_approved: bool,
    pub(super) transfer_on: Option<NaiveDate>,
}

impl From<&Traveller> for Mover {
    fn from(person: &Traveller) -> Self {
        Self {
            id: person.id,
            flight: person.flight,
            party: person.party,
            bound: person.destination.as_ref().map(|bound| (bound.destination.clone(), bound.city.clone())),
            stock: person.custody.stock,
            custodian: person.custody.custodian,
            counted: Counted {
                policy: person.policy.clone(),
                landed_at: person.landed_at,
                border_at: person.border_at,
                checked_in_at: person.checked_in_at,
                exposed_on: person.exposed_on,
                home_approved: person.home_approved,
                transfer_on: person.transfer_on,
            },
        }
    }
}

/// Where somebody is bound for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The place as resolved, six digits, down to the county.
    pub destination: String,
    /// Its city (in Shanghai: the district).
    pub city: String,
    /// Its province.
    pub province: String,
    /// Where the transfer goes: the city itself, or the province's one site (Anhui: Guangde).
    pub transfer_to: String,
}

impl Traveller {
    /// The cell of the figures this traveller is counted in.
    pub fn cell(&self) -> Cell {
        Cell {
            province: self.destination.as_ref().map(|bound| bound.province.clone()),
            city: self.destination.as_ref().map(|bound| bound.city.clone()),
            policy: self.policy.as_ref().map(|(name, _)| name.clone()),
        }
    }

    /// Whether the person still has the first move before them.
    pub fn is_waiting_to_move(&self) -> bool {
        self.custody.stock.is_before_the_move()
    }
}

/// What a hold 暂缓 is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HoldKind {
    /// 就医: symptomatic, suspected, confirmed or a close contact.
    Medical,
    /// 检测阳性: a positive result.
    Positive,
    /// 密接: sat near, rode or roomed with a case.
    Exposure,
    /// 其他: an official's decision.
    Administrative,
}

impl HoldKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Medical, Self::Positive, Self::Exposure, Self::Administrative];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Positive => "positive",
            Self::Exposure => "exposure",
            Self::Administrative => "administrative",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A reason why a person may not move, until somebody lifts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: Id<Hold>,
    /// Whom it holds.
    pub traveller: TravellerId,
    /// What for.
    pub kind: HoldKind,
    /// In words.
    pub reason: String,
    /// Since when, by whom.
    pub set_at: DateTime<Utc>,
    /// Who set it.
    pub set_by: String,
    /// Until when; none while it holds.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Who lifted it.
    pub lifted_by: Option<String>,
}

impl Hold {
    /// Whether it stands and says that the person is a case, whose contacts are to be found.
    pub fn is_of_case(&self) -> bool {
        self.lifted_at.is_none() && matches!(self.kind, HoldKind::Positive | HoldKind::Medical)
    }
}
