//! What each role may do: one table, which says no to whatever it does not name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::Message;

/// What somebody is here to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The desk at the port, where those who landed are sorted by destination.
    AirportDesk,
    /// A quarantine site, of a Shanghai district or of the destination, or a hub.
    Site,
    /// Plans trips and looks after vehicles and crews.
    Dispatcher,
    /// A provincial work group stationed in Shanghai (驻沪工作组).
    ProvincialGroup,
    /// The squad of a destination city.
    CitySquad,
    /// The duty coordinator, who decides where two sides do not.
    Coordinator,
    /// Reads what was done; does nothing.
    Auditor,
    /// Runs the installation, and its users.
    Administrator,
    /// Another system, by API token: a laboratory, an airline feed, a provincial platform.
    Machine,
}

/// Everything that somebody can be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Bring in a roster or a result file.
    ImportRoster,
    /// See travellers, their identities masked.
    ViewTravellers,
    /// Open one full identity, with a reason, which is logged.
    RevealIdentity,
    /// Correct or complete a traveller: destination, party, contact.
    EditTraveller,
    /// Give travellers another policy than their landing gave them.
    ReassignPolicy,
    /// Hold a traveller back.
    SetHold,
    /// Lift a hold.
    ClearHold,
    /// Waive, by name, a condition to board or to drive at night.
    GrantWaiver,
    /// Enter test results.
    EnterResults,
    /// Rooms, and promises of rooms.
    ManageSites,
    /// Vehicles, staff and their duty.
    ManageFleet,
    /// See trips, vehicles and crews.
    ViewTrips,
    /// Plan, change and cancel trips.
    ManageTrips,
    /// Check people onto a vehicle, and the vehicle out and in.
    Board,
    /// Offer people to the next organisation, or withdraw the offer.
    OfferHandoff,
    /// Accept or refuse what is offered to the own organisation.
    AnswerHandoff,
    /// Decide a lapsed handoff on the receiver's behalf.
    DecideHandoff,
    /// See figures, bulletins and the forward balance.
    ViewTotals,
    /// Close a day's figures, and enter corrections to a closed day.
    SealDay,
    /// Sign a statement for the own side.
    SignStatement,
    /// Whom notices to an organisation go to, and sending them again.
    ManageNotices,
    /// Take lists of people out of the system.
    Export,
    /// Users, their roles and scopes.
    ManageUsers,
    /// API tokens of any user.
    ManageTokens,
    /// Policies, routes and places.
    ManagePolicies,
    /// Read the audit trail.
    ViewAudit,
    /// Rebuild and check every state.
    Verify,
    /// Destroy identities whose time has come.
    Purge,
}

impl Role {
    /// Every role, in the order lists show them.
    pub const ALL: [Self; 9] = [
        Self::AirportDesk,
        Self::Site,
        Self::Dispatcher,
        Self::ProvincialGroup,
        Self::CitySquad,
        Self::Coordinator,
        Self::Auditor,
        Self::Administrator,
        Self::Machine,
    ];

    /// Whether this role may ever do `act`; whom it may be done to is the scope's to say.
    ///
    /// An administrator may do everything: whoever can make users could make one for it, and every act is in the audit
    /// trail. A handoff is still answered only for one's own organisation.
    pub fn may(self, act: Act) -> bool {
        use Role::{AirportDesk, Auditor, CitySquad, Coordinator, Dispatcher, Machine, ProvincialGroup, Site};
        let others: &[Self] = match act {
            Act::ImportRoster => &[AirportDesk, Coordinator, Machine],
            Act::ViewTravellers => &[AirportDesk, Site, Dispatcher, ProvincialGroup, CitySquad, Coordinator, Auditor, Machine],
            Act::RevealIdentity => &[AirportDesk, Site, ProvincialGroup, CitySquad, Coordinator],
            Act::EditTraveller => &[AirportDesk, Site, ProvincialGroup, Coordinator],
            Act::ReassignPolicy => &[Coordinator],
            Act::SetHold => &[AirportDesk, Site, ProvincialGroup, CitySquad, Coordinator],
            Act::ClearHold => &[Site, Coordinator],
            Act::GrantWaiver => &[Coordinator],
            Act::EnterResults => &[AirportDesk, Site, Coordinator, Machine],
            Act::ManageSites => &[Site, ProvincialGroup, CitySquad, Coordinator],
            Act::ManageFleet => &[Dispatcher, ProvincialGroup, CitySquad, Coordinator],
            Act::ViewTrips => &[AirportDesk, Site, Dispatcher, ProvincialGroup, CitySquad, Coordinator, Auditor, Machine],
            Act::ManageTrips => &[Dispatcher, ProvincialGroup, Coordinator],
            Act::Board => &[AirportDesk, Site, Dispatcher, ProvincialGroup, CitySquad, Coordinator],
            Act::OfferHandoff | Act::AnswerHandoff => &[AirportDesk, Site, ProvincialGroup, CitySquad, Coordinator],
            Act::DecideHandoff => &[Coordinator],
            Act::ViewTotals => &[AirportDesk, Site, Dispatcher, ProvincialGroup, CitySquad, Coordinator, Auditor, Machine],
            Act::SealDay => &[Coordinator],
            Act::SignStatement | Act::ManageNotices => &[AirportDesk, Site, ProvincialGroup, CitySquad, Coordinator],
            Act::Export => &[ProvincialGroup, Coordinator],
            Act::ViewAudit | Act::Verify => &[Auditor],
            Act::ManageUsers | Act::ManageTokens | Act::ManagePolicies | Act::Purge => &[],
        };
        self == Self::Administrator || others.contains(&self)
    }

    /// Whether the role belongs to a place, so that a user in it must be given one.
    pub fn has_place(self) -> bool {
        matches!(self, Self::Site | Self::ProvincialGroup | Self::CitySquad)
    }

    /// The word for it on the command line, in the API and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::AirportDesk => "airport_desk",
            Self::Site => "site",
            Self::Dispatcher => "dispatcher",
            Self::ProvincialGroup => "provincial_group",
            Self::CitySquad => "city_squad",
            Self::Coordinator => "coordinator",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::Machine => "machine",
        }
    }
}

impl Act {
    /// Every act, in the order of the table.
    pub const ALL: [Self; 28] = [
        Self::ImportRoster,
        Self::ViewTravellers,
        Self::RevealIdentity,
        Self::EditTraveller,
        Self::ReassignPolicy,
        Self::SetHold,
        Self::ClearHold,
        Self::GrantWaiver,
        Self::EnterResults,
        Self::ManageSites,
        Self::ManageFleet,
        Self::ViewTrips,
        Self::ManageTrips,
        Self::Board,
        Self::OfferHandoff,
        Self::AnswerHandoff,
        Self::DecideHandoff,
        Self::ViewTotals,
        Self::SealDay,
        Self::SignStatement,
        Self::ManageNotices,
        Self::Export,
        Self::ManageUsers,
        Self::ManageTokens,
        Self::ManagePolicies,
        Self::ViewAudit,
        Self::Verify,
        Self::Purge,
    ];

    /// The word for it in messages and in the audit trail.
    pub fn code(self) -> &'static str {
        match self {
            Self::ImportRoster => "import_roster",
            Self::ViewTravellers => "view_travellers",
            Self::RevealIdentity => "reveal_identity",
            Self::EditTraveller => "edit_traveller",
            Self::ReassignPolicy => "reassign_policy",
            Self::SetHold => "set_hold",
            Self::ClearHold => "clear_hold",
            Self::GrantWaiver => "grant_waiver",
            Self::EnterResults => "enter_results",
            Self::ManageSites => "manage_sites",
            Self::ManageFleet => "manage_fleet",
            Self::ViewTrips => "view_trips",
            Self::ManageTrips => "manage_trips",
            Self::Board => "board",
            Self::OfferHandoff => "offer_handoff",
            Self::AnswerHandoff => "answer_handoff",
            Self::DecideHandoff => "decide_handoff",
            Self::ViewTotals => "view_totals",
            Self::SealDay => "seal_day",
            Self::SignStatement => "sign_statement",
            Self::ManageNotices => "manage_notices",
            Self::Export => "export",
            Self::ManageUsers => "manage_users",
            Self::ManageTokens => "manage_tokens",
            Self::ManagePolicies => "manage_policies",
            Self::ViewAudit => "view_audit",
            Self::Verify => "verify",
            Self::Purge => "purge",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Role {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        let known = || Self::ALL.map(Self::code).join(", ");
        Self::ALL.into_iter().find(|role| role.code() == text).ok_or_else(|| Message::new("unknown_role").with("value", text).with("known", known()))
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Language;

    #[test]
    fn the_table_of_roles_and_acts_is_the_one_agreed() {
        let mut table = format!("{:17}{}\n", "", Role::ALL.map(Role::code).join(" "));
        for act in Act::ALL {
            let row: Vec<String> = Role::ALL.iter().map(|role| format!("{:^1$}", if role.may(act) { "x" } else { "." }, role.code().len())).collect();
            table += format!("{:17}{}", act.code(), row.join(" ")).trim_end();
            table += "\n";
        }
        insta::assert_snapshot!("role_by_act", table);
    }

    #[test]
    fn every_role_and_act_is_listed_once_and_named_in_both_languages() {
        for (n, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, n);
            assert_eq!(role.code().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.code());
        }
        for (n, act) in Act::ALL.into_iter().enumerate() {
            assert_eq!(act as usize, n);
            assert_eq!(serde_json::to_value(act).unwrap(), act.code());
        }
        for language in [Language::Zh, Language::En] {
            for role in Role::ALL {
                let name = Message::new("role_name").with("role", role).text(language);
                assert!(language == Language::En || !name.is_ascii(), "{role}: {name}");
                assert!(!name.contains('_') && !name.is_empty(), "{role}: {name}");
            }
            for act in Act::ALL {
                let name = Message::new("act_name").with("act", act).text(language);
                assert!(!name.contains('_') && name != "?" && !name.is_empty(), "{act}: {name}");
            }
        }
    }

    #[test]
    fn an_unknown_role_is_refused_with_the_roles_there_are() {
        let refusal = "boss".parse::<Role>().unwrap_err();
        assert_eq!(refusal.code, "unknown_role");
        assert!(refusal.text(Language::En).contains("airport_desk, site"), "{}", refusal.text(Language::En));
    }
}
