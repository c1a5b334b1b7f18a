//! 16+3 routing: who receives a person at the airport desk, where a province takes its people first, and through which hub.
//! All of it is dated data (`config/routes.toml`). Whether a person first stays in Shanghai is the policy's to say, how full a district is
//! the sites'; neither is known here.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer};

use super::ladder::{self, Ladder, LadderOf};
use super::{Adcode, Destination, Organisation, OrganisationKind, Organisations, Places, Region};
use crate::base::time::{civil_date, parse_date};
use crate::base::{Error, FieldError, Message, Result, document};

/// Who receives a person from the desk, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception<'a> {
    /// The receiver; the desk itself while the destination is not known well enough.
    pub receiver: &'a Organisation,
    /// Who may receive instead when the receiver has no room, in this order.
    pub others: Vec<&'a Organisation>,
    /// The rule that decided.
    pub because: Message,
}

/// The routes in force, by date.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    port: Vec<Port>,
    pairing: Vec<Pairing>,
    transfer_destination: Vec<TransferDestination>,
    hub: Vec<HubRoute>,
    ladder: Ladder,
    #[serde(default)]
    ladder_of: Vec<LadderOf>,
}

impl Routes {
    /// The text of `routes.toml` that is part of the program.
    pub const EMBEDDED: &str = include_str!("../../config/routes.toml");

    /// The routes that are part of the program.
    ///
    /// # Errors
    /// As [`Routes::read`].
    pub fn embedded(places: &Places, organisations: &Organisations) -> Result<Self> {
        Self::read(Self::EMBEDDED, places, organisations)
    }

    /// Reads routes from the text of `routes.toml`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: every fault at once, each by its path (`pairing[0].districts[1]`).
    pub fn read(text: &str, places: &Places, organisations: &Organisations) -> Result<Self> {
        let routes: Self = document::read("routes.toml", text)?;
        let mut faults = Vec::new();
        let mut must = |holds: bool, path: String, message: Message| {
            if !holds {
                faults.push(FieldError::new(path, message));
            }
        };
        let is = |code: &str, kind| organisations.get(code).is_some_and(|organisation| organisation.kind == kind);
        let unknown = |code: &str| Message::new("unknown_organisation").with("organisation", code);
        for (n, port) in routes.port.iter().enumerate() {
            must(is(&port.desk, OrganisationKind::AirportDesk), format!("port[{n}].desk"), unknown(&port.desk));
            must(!routes.port[..n].iter().any(|other| other.code == port.code), format!("port[{n}].code"), Message::new("route_twice"));
        }
        for (n, pairing) in routes.pairing.iter().enumerate() {
            must(!pairing.districts.is_empty(), format!("pairing[{n}].districts"), Message::new("pairing_empty"));
            for (k, district) in pairing.districts.iter().enumerate() {
                let group = organisations.at(OrganisationKind::DistrictGroup, *district).next();
                must(group.is_some(), format!("pairing[{n}].districts[{k}]"), Message::new("unknown_place").with("adcode", district));
            }
        }
        for (n, row) in routes.transfer_destination.iter().enumerate() {
            if let Target::Place(to) = row.to {
                must(places.get(to).is_some(), format!("transfer_destination[{n}].to"), Message::new("unknown_place").with("adcode", to));
            }
        }
        for (n, hub) in routes.hub.iter().enumerate() {
            must(is(&hub.organisation, OrganisationKind::Hub), format!("hub[{n}].organisation"), unknown(&hub.organisation));
        }
        for path in twice("pairing", &routes.pairing).chain(twice("transfer_destination", &routes.transfer_destination)).chain(twice("hub", &routes.hub)) {
            must(false, path, Message::new("route_twice"));
        }
        faults.extend(ladder::faults(&routes.ladder, &routes.ladder_of));
        if faults.is_empty() { Ok(routes) } else { Err(Error::Invalid(faults)) }
    }

    /// The desk that answers for whoever has landed at `port` (`PVG`); none if we do not serve that port.
    pub fn desk<'a>(&self, port: &str, organisations: &'a Organisations) -> Option<&'a Organisation> {
        let port = self.port.iter().find(|known| known.code.eq_ignore_ascii_case(port))?;
        organisations.get(&port.desk)
    }

    /// Who receives, from `desk`, a person who landed at `landed_at` bound for `destination`; `first_in_shanghai` is what their policy says of
    /// its first segment.
    pub fn reception<'a>(
        &self,
        organisations: &'a Organisations,
        desk: &'a Organisation,
        destination: Option<&Destination>,
        landed_at: DateTime<Utc>,
        first_in_shanghai: bool,
    ) -> Reception<'a> {
        let alone = |receiver, code| Reception { receiver, others: Vec::new(), because: about(code, receiver) };
        let Some(destination) = destination else { return alone(desk, "route_no_destination") };
        if let Some(group) = organisations.at(OrganisationKind::DistrictGroup, destination.city).next() {
            return alone(group, "route_district");
        }
        if destination.province == desk.place.province() {
            return alone(desk, "route_no_district");
        }
        if !first_in_shanghai {
            let group = organisations.at(OrganisationKind::ProvincialGroup, destination.province).next();
            return group.map_or_else(|| alone(desk, "route_no_work_group"), |group| alone(group, "route_direct"));
        }
        let Some(pairing) = in_force(&self.pairing, destination.province, civil_date(landed_at)) else { return alone(desk, "route_no_pairing") };
        let mut districts = pairing.districts.iter().filter_map(|district| organisations.at(OrganisationKind::DistrictGroup, *district).next());
        let Some(receiver) = districts.next() else { return alone(desk, "route_no_pairing") };
        let because = about("route_paired", receiver).with("province", destination.province).with("from", pairing.from).with("source", &pairing.source);
        Reception { receiver, others: districts.collect(), because }
    }

    /// Where a person bound for `destination` is taken first by their province: their own city, or the one place the province has chosen.
    pub fn transfer_destination(&self, destination: &Destination, landed_at: DateTime<Utc>) -> Adcode {
        match in_force(&self.transfer_destination, destination.province, civil_date(landed_at)).map(|row| row.to) {
            Some(Target::Place(place)) => place,
            Some(Target::City) | None => destination.city,
        }
    }

    /// The ladder that an offer made at `offered_at` climbs while nobody answers it, by the kinds of giver and receiver.
    pub fn ladder(&self, giver: OrganisationKind, receiver: OrganisationKind, offered_at: DateTime<Utc>) -> Ladder {
        ladder::in_force(&self.ladder_of, giver, receiver, offered_at).unwrap_or(self.ladder)
    }

    /// The hub at which the province sorts its people by city; none if it has none then.
    pub fn hub<'a>(&self, organisations: &'a Organisations, destination: &Destination, landed_at: DateTime<Utc>) -> Option<&'a Organisation> {
        organisations.get(&in_force(&self.hub, destination.province, civil_date(landed_at))?.organisation)
    }
}

fn about(code: &'static str, receiver: &Organisation) -> Message {
    Message::new(code).with("receiver", &receiver.name_zh).with("receiver_en", &receiver.name_en)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Port {
    code: String,
    desk: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairing {
    province: Region,
    #[serde(deserialize_with = "date")]
    from: NaiveDate,
    districts: Vec<Adcode>,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferDestination {
    province: Region,
    #[serde(deserialize_with = "date")]
    from: NaiveDate,
    to: Target,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HubRoute {
    province: Region,
    #[serde(deserialize_with = "date")]
    from: NaiveDate,
    organisation: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Debug, Clone, Copy)]
enum Target {
    City,
    Place(Adcode),
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "city" => Ok(Self::City),
            code => code.parse().map(Self::Place).map_err(serde::de::Error::custom),
        }
    }
}

/// A row that holds for a province from a date on.
trait Dated {
    fn holds(&self) -> (Region, NaiveDate);
}

impl Dated for Pairing {
    fn holds(&self) -> (Region, NaiveDate) {
        (self.province, self.from)
    }
}

impl Dated for TransferDestination {
    fn holds(&self) -> (Region, NaiveDate) {
        (self.province, self.from)
    }
}

impl Dated for HubRoute {
    fn holds(&self) -> (Region, NaiveDate) {
        (self.province, self.from)
    }
}

/// The latest row not after `on` that names the province; failing that, the latest for all others.
fn in_force<T: Dated>(rows: &[T], province: Adcode, on: NaiveDate) -> Option<&T> {
    let latest = |region| rows.iter().filter(|row| row.holds().0 == region && row.holds().1 <= on).max_by_key(|row| row.holds().1);
    latest(Region::Province(province.province_prefix())).or_else(|| latest(Region::Other))
}

/// The paths of rows that begin on the same date for the same province as one before them.
fn twice<'a, T: Dated>(kind: &'a str, rows: &'a [T]) -> impl Iterator<Item = String> + 'a {
    rows.iter().enumerate().filter(|(n, row)| rows[..*n].iter().any(|other| other.holds() == row.holds())).map(move |(n, _)| format!("{kind}[{n}].from"))
}

pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    parse_date(&written.to_string()).ok_or_else(|| serde::de::Error::custom(format!("expected a date such as 2020-07-27, found {written}")))
}
