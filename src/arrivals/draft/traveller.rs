//! A traveller as a roster, an airline's message or the desk's form names one.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::arrivals::document::{Document, DocumentKind};
use crate::arrivals::draft::document::document;
use crate::arrivals::draft::{Cells, Column, Fault};
use crate::arrivals::flight::FlightNo;
use crate::arrivals::person::{Health, Nationality, Sex};
use crate::base::draft::{ProblemCode, Reading, Refusal, or_bad_value, read_date};
use crate::base::{Message, time};

/// What the settings and the kind of file ask of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRules {
    /// Codes of the ports of entry.
    pub ports: Vec<String>,
    /// Whether a row must name a destination. An airline's message cannot.
    pub destination_required: bool,
}

impl Default for RosterRules {
    fn default() -> Self {
        Self { ports: vec!["PVG".to_owned(), "SHA".to_owned()], destination_required: true }
    }
}

/// One traveller of one landing. Whatever a file did not say is none, never a default: a later file may fill it.
#[derive(Clone, PartialEq, Eq)]
pub struct TravellerDraft {
    /// The flight.
    pub flight_no: FlightNo,
    /// The port of entry, one of [`RosterRules::ports`].
    pub port: String,
    /// When it landed.
    pub landed_at: DateTime<Utc>,
    /// The name in Chinese, or in whatever script; this or `name_latin` is there.
    pub name: Option<String>,
    /// The name as `SURNAME/GIVEN`.
    pub name_latin: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth, not after the landing.
    pub born_on: Option<NaiveDate>,
    /// Nationality; part of the identity.
    pub nationality: Nationality,
    /// The document; part of the identity.
    pub document: Document,
    /// Telephone.
    pub phone: Option<String>,
    /// Seat on the flight.
    pub seat: Option<String>,
    /// A label within the flight: same label, same party.
    pub party: Option<String>,
    /// The destination as written, not resolved.
    pub destination: Option<String>,
    /// Address at the destination.
    pub address: Option<String>,
    /// What health control found.
    pub health: Option<Health>,
    /// What stood under headers that mean nothing to us.
    pub notes: Vec<(String, String)>,
}

impl TravellerDraft {
    /// Reads one row.
    ///
    /// # Errors
    /// Every fault of the row.
    pub fn read(cells: Cells<'_>, rules: &RosterRules) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading::of(&cells);
        let flight_no = reading.required(Column::FlightNo, |text| or_bad_value(FlightNo::parse(text), "flight_no_unreadable"));
        let port = reading.required(Column::Port, |text| known_port(text, rules));
        let landed_at = reading.required(Column::LandedAt, |text| time::parse_instant(text).ok_or((ProblemCode::BadDate, Message::new("instant_unreadable"))));
        let (name, name_latin) = (reading.text(Column::Name), reading.text(Column::NameLatin).map(|name| name.to_uppercase()));
        if !reading.has(Column::Name) && !reading.has(Column::NameLatin) {
            reading.fault(Some(Column::Name), ProblemCode::MissingField, Message::new("name_missing"));
        }
        let sex = reading.optional(Column::Sex, |text| or_bad_value(Sex::parse(text), "sex_unknown"));
        let born_on = reading.optional(Column::BornOn, |text| born(text, landed_at));
        let document = document(&mut reading);
        let nationality = nationality(&mut reading, document.as_ref());
        let (phone, seat, party) = (reading.text(Column::Phone), reading.text(Column::Seat), reading.text(Column::Party));
        let destination = reading.text(Column::Destination);
        if rules.destination_required && !reading.has(Column::Destination) {
            reading.fault(Some(Column::Destination), ProblemCode::MissingField, Message::new("field_missing"));
        }
        let address = reading.text(Column::Address);
        let health = reading.optional(Column::Health, |text| or_bad_value(Health::parse(text), "health_unknown"));
        match (flight_no, port, landed_at, nationality, document) {
            (Some(flight_no), Some(port), Some(landed_at), Some(nationality), Some(document)) if reading.faults.is_empty() => {
                let notes = cells.notes;
                Ok(Self {
                    flight_no,
                    port,
                    landed_at,
                    name,
                    name_latin,
                    sex,
                    born_on,
                    nationality,
                    document,
                    phone,
                    seat,
                    party,
                    destination,
                    address,
                    health,
                    notes,
                })
            }
            _ => Err(reading.faults),
        }
    }
}

fn known_port(text: &str, rules: &RosterRules) -> Result<String, Refusal> {
    let known = rules.ports.iter().find(|port| port.eq_ignore_ascii_case(text));
    known.cloned().ok_or_else(|| (ProblemCode::UnknownPort, Message::new("port_unknown").with("ports", rules.ports.join(", "))))
}

fn born(text: &str, landed_at: Option<DateTime<Utc>>) -> Result<NaiveDate, Refusal> {
    let date = read_date(text).ok_or((ProblemCode::BadDate, Message::new("birth_unreadable")))?;
    match landed_at {
        Some(landed_at) if date > time::civil_date(landed_at) => Err((ProblemCode::BadDate, Message::new("birth_after_landing"))),
        _ => Ok(date),
    }
}

/// Chinese documents speak for themselves; a passport is only half an identity without the nationality.
fn nationality(reading: &mut Reading<'_, '_, Column>, document: Option<&Document>) -> Option<Nationality> {
    let parse = |text: &str| or_bad_value(Nationality::parse(text), "nationality_unreadable");
    match document.map(Document::kind) {
        Some(DocumentKind::Passport) => reading.required(Column::Nationality, parse),
        _ if !reading.has(Column::Nationality) => Some(Nationality::CHN),
        _ => reading.optional(Column::Nationality, parse),
    }
}

/// Shows the flight and nothing of the person.
impl fmt::Debug for TravellerDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("TravellerDraft");
        shown.field("flight_no", &self.flight_no).field("port", &self.port).field("landed_at", &self.landed_at);
        shown.field("document", &self.document.kind()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(changes: &[(Column, &'static str)]) -> Cells<'static> {
        let mut cells = Cells::default();
        let usual = [
            (Column::FlightNo, "MU588"),
            (Column::Port, "pvg"),
            (Column::LandedAt, "2020-09-12 00:10"),
            (Column::Name, "李雷"),
            (Column::Nationality, "usa"),
            (Column::DocType, "护照"),
            (Column::DocNo, "E87221660"),
            (Column::Destination, "苏州市"),
        ];
        for (column, text) in usual.iter().chain(changes) {
            cells.set(*column, (*text).into());
        }
        cells
    }

    fn faults(changes: &[(Column, &'static str)]) -> Vec<(Column, ProblemCode)> {
        let faults = TravellerDraft::read(row(changes), &RosterRules::default()).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.column.unwrap(), fault.code)).collect()
    }

    #[test]
    fn a_sound_row_becomes_a_draft_and_unsaid_things_stay_unsaid() {
        let draft = TravellerDraft::read(row(&[]), &RosterRules::default()).unwrap();
        assert_eq!((draft.port.as_str(), draft.nationality.as_str()), ("PVG", "USA"));
        assert_eq!((draft.sex, draft.born_on, draft.health, draft.phone.as_deref()), (None, None, None, None));
        assert!(!format!("{draft:?}").contains("李雷"));
    }

    #[test]
    fn all_faults_of_a_row_are_named_at_once() {
        let found = faults(&[(Column::Port, "XYZ"), (Column::LandedAt, "2020-13-45 99:99"), (Column::DocNo, ""), (Column::Health, "好")]);
        assert_eq!(
            found,
            [
                (Column::Port, ProblemCode::UnknownPort),
                (Column::LandedAt, ProblemCode::BadDate),
                (Column::DocNo, ProblemCode::MissingField),
                (Column::Health, ProblemCode::BadValue)
            ]
        );
    }

    #[test]
    fn nobody_is_born_after_landing_but_a_child_may_be_born_that_day() {
        assert_eq!(faults(&[(Column::BornOn, "2020-09-13")]), [(Column::BornOn, ProblemCode::BadDate)]);
        assert_eq!(faults(&[(Column::BornOn, "2020/9/12 0:00")]), []);
    }

    #[test]
    fn a_passport_needs_a_nationality_and_a_resident_number_does_not() {
        assert_eq!(faults(&[(Column::Nationality, "")]), [(Column::Nationality, ProblemCode::MissingField)]);
        assert_eq!(faults(&[(Column::Nationality, ""), (Column::DocType, ""), (Column::DocNo, "11010519491231002X")]), []);
        assert_eq!(faults(&[(Column::DocType, "身份证"), (Column::DocNo, "110105194912310021")]), [(Column::DocNo, ProblemCode::DocumentCheckDigit)]);
    }

    #[test]
    fn one_of_the_two_names_is_enough() {
        assert_eq!(faults(&[(Column::Name, ""), (Column::NameLatin, "li/lei")]), []);
        assert_eq!(faults(&[(Column::Name, "")]), [(Column::Name, ProblemCode::MissingField)]);
    }
}
