//! The two sides of a handoff, and who signs for them.

use chrono::{DateTime, Utc};

use super::guest::GuestLink;
use super::receipt::Reason;
use crate::access::{Actor, OrganisationCode, User};
use crate::base::Id;
use crate::ledger::Stock;
use crate::places::{Adcode, Organisation, OrganisationKind};

/// One of the two sides of a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The organisation.
    pub id: Id<Organisation>,
    /// Its code, which people know it by.
    pub code: OrganisationCode,
    /// What it does in the chain.
    pub kind: OrganisationKind,
    /// The place it answers for.
    pub place: Adcode,
}

impl Side {
    /// Where the people this organisation answers for are counted. A squad's people are on the road until one of its sites
    /// receives them; a hub within Shanghai is a site like any other there.
    pub fn stock(&self) -> Stock {
        const SHANGHAI: u8 = 31;
        let is_in_shanghai = self.place.province_prefix() == SHANGHAI;
        match self.kind {
            OrganisationKind::AirportDesk => Stock::AtPort,
            OrganisationKind::DistrictGroup => Stock::InShanghai,
            OrganisationKind::Site | OrganisationKind::Hub if is_in_shanghai => Stock::InShanghai,
            OrganisationKind::ProvincialGroup | OrganisationKind::CitySquad | OrganisationKind::Hub => Stock::OnRoad,
            OrganisationKind::Site => Stock::AtDestination,
            OrganisationKind::Hospital => Stock::Medical,
        }
    }
}

/// Whoever is about to sign, and for which organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The name on the sheet.
    pub name: String,
    /// The user; none for the operator of the machine, who is told apart by organisation alone.
    pub user: Option<Id<User>>,
    /// The organisation signed for.
    pub organisation: Option<OrganisationCode>,
    /// The link by which they came, if it is a guest.
    pub link: Option<Id<GuestLink>>,
}

impl Signer {
    /// Whoever is asking.
    pub fn of(actor: &Actor) -> Self {
        Self { name: actor.name().to_owned(), user: actor.user(), organisation: actor.organisation().cloned(), link: None }
    }

    /// Signs.
    pub(super) fn sign(&self, at: DateTime<Utc>, decided: Option<Reason>) -> Signature {
        Signature { name: self.name.clone(), user: self.user, at, decided, link: self.link }
    }

    /// Whether this signature counts for `side`.
    pub(super) fn signs_for(&self, side: &Side) -> bool {
        self.organisation.as_ref() == Some(&side.code)
    }
}

/// Who signed, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name on the sheet.
    pub name: String,
    /// The user; none for the operator of the machine.
    pub user: Option<Id<User>>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Set if a coordinator signed on the receiver's behalf, and why.
    pub decided: Option<Reason>,
    /// The link by which it came, if a guest signed, who is outside the network.
    pub link: Option<Id<GuestLink>>,
}

#[cfg(test)]
mod tests {
    use OrganisationKind::{AirportDesk, CitySquad, DistrictGroup, Hospital, Hub, ProvincialGroup, Site};

    use super::*;

    #[test]
    fn an_organisation_counts_its_people_by_what_it_is_and_where() {
        for (kind, place, stock) in [
            (AirportDesk, "310115", Stock::AtPort),
            (DistrictGroup, "310114", Stock::InShanghai),
            (Site, "310114", Stock::InShanghai),
            (Hub, "310114", Stock::InShanghai),
            (ProvincialGroup, "320000", Stock::OnRoad),
            (CitySquad, "320500", Stock::OnRoad),
            (Hub, "320583", Stock::OnRoad),
            (Site, "320583", Stock::AtDestination),
            (Site, "341882", Stock::AtDestination),
            (Hospital, "310115", Stock::Medical),
            (Hospital, "320500", Stock::Medical),
        ] {
            let side = Side { id: Id::from_uuid(uuid::Uuid::nil()), code: "any".parse().unwrap(), kind, place: place.parse().unwrap() };
            assert_eq!(side.stock(), stock, "{kind:?} in {place}");
        }
    }
}
