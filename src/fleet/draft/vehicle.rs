//! A vehicle as a row of a file names one.

use chrono::NaiveDate;

use super::words::{kind_word, read_kind, read_yes_or_no, yes_or_no};
use super::{VehicleColumn, read_number};
use crate::base::draft::{Cells, Fault, Field, ProblemCode, Reading, Refusal, read_date, read_text, unguarded};
use crate::base::{Language, Message};
use crate::fleet::plate::Plate;
use crate::fleet::vehicle::{Vehicle, VehicleKind};

/// One vehicle. Whatever a file did not say is none, and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VehicleDraft {
    /// The number plate, by which it is known.
    pub plate: Plate,
    /// What it is.
    pub kind: VehicleKind,
    /// All its seats for passengers.
    pub seats: i32,
    /// How many may ride.
    pub load_cap: Option<i32>,
    /// How many close contacts may ride.
    pub contact_cap: Option<i32>,
    /// Places for wheelchairs.
    pub wheelchairs: Option<i32>,
    /// Child seats.
    pub infants: Option<i32>,
    /// Pieces of luggage.
    pub luggage: Option<i32>,
    /// Whose it is: a code or a name, as written.
    pub organisation: String,
    /// Where it stands: a code or a name, as written.
    pub depot: Option<String>,
    /// The number of its permit.
    pub permit: Option<String>,
    /// The last day of its permit.
    pub permit_expires_on: Option<NaiveDate>,
    /// Whether it may be given trips.
    pub in_service: Option<bool>,
}

impl VehicleDraft {
    /// Reads one row.
    ///
    /// # Errors
    /// Every fault of the row.
    pub fn read(cells: &Cells<'_, VehicleColumn>) -> Result<Self, Vec<Fault<VehicleColumn>>> {
        use VehicleColumn as Column;
        let mut reading = Reading::of(cells);
        let plate = reading.required(Column::Plate, read_plate);
        let kind = reading.required(Column::Kind, read_kind);
        let seats = reading.required(Column::Seats, read_number);
        let [load_cap, contact_cap, wheelchairs, infants, luggage] =
            [Column::LoadCap, Column::ContactCap, Column::Wheelchairs, Column::Infants, Column::Luggage].map(|column| reading.optional(column, read_number));
        let organisation = reading.required(Column::Organisation, read_text);
        let depot = reading.text(Column::Depot);
        let permit = reading.optional(Column::Permit, |text| read_text(unguarded(text)));
        let permit_expires_on = reading.optional(Column::PermitExpiresOn, |text| read_date(text).ok_or((ProblemCode::BadDate, Message::new("bad_date"))));
        let in_service = reading.optional(Column::InService, read_yes_or_no);
        match (plate, kind, seats, organisation) {
            (Some(plate), Some(kind), Some(seats), Some(organisation)) if reading.faults.is_empty() => Ok(Self {
                plate,
                kind,
                seats,
                load_cap,
                contact_cap,
                wheelchairs,
                infants,
                luggage,
                organisation,
                depot,
                permit,
                permit_expires_on,
                in_service,
            }),
            _ => Err(reading.faults),
        }
    }

    /// The row that says of `vehicle` what it is now; `organisation` and `depot` are what the reader calls the two.
    pub fn row(vehicle: &Vehicle, organisation: String, depot: String, language: Language) -> Vec<Field> {
        let permit = vehicle.permit.as_ref();
        vec![
            vehicle.plate.as_str().into(),
            kind_word(vehicle.kind, language).into(),
            Field::Number(vehicle.seats),
            Field::Number(vehicle.load_cap),
            Field::Number(vehicle.contact_cap),
            Field::Number(vehicle.wheelchairs),
            Field::Number(vehicle.infants),
            Field::Number(vehicle.luggage),
            organisation.into(),
            depot.into(),
            permit.map(|permit| permit.number.clone()).unwrap_or_default().into(),
            permit.map(|permit| permit.expires_on.to_string()).unwrap_or_default().into(),
            yes_or_no(vehicle.in_service, language).into(),
        ]
    }
}

fn read_plate(text: &str) -> Result<Plate, Refusal> {
    text.parse().map_err(|message| (ProblemCode::BadValue, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(row: &[(VehicleColumn, &'static str)]) -> Vec<(VehicleColumn, ProblemCode)> {
        let mut cells = Cells::default();
        row.iter().for_each(|(column, text)| cells.set(*column, (*text).into()));
        let faults = VehicleDraft::read(&cells).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.column.unwrap(), fault.code)).collect()
    }

    #[test]
    fn all_faults_of_a_row_are_named_at_once() {
        use VehicleColumn as Column;
        let sound = [(Column::Plate, " 沪a·12345 "), (Column::Kind, "COACH"), (Column::Seats, "４９"), (Column::Organisation, "work-group-32")];
        assert_eq!(faults(&sound), []);
        let wrong = [(Column::Plate, "=1+1"), (Column::Seats, "many"), (Column::LoadCap, "2.5"), (Column::PermitExpiresOn, "soon"), (Column::InService, "?")];
        assert_eq!(
            faults(&wrong),
            [
                (Column::Plate, ProblemCode::BadValue),
                (Column::Kind, ProblemCode::MissingField),
                (Column::Seats, ProblemCode::BadValue),
                (Column::LoadCap, ProblemCode::BadValue),
                (Column::Organisation, ProblemCode::MissingField),
                (Column::PermitExpiresOn, ProblemCode::BadDate),
                (Column::InService, ProblemCode::BadValue),
            ]
        );
    }
}
