//! A staff member as a row of a file names one.

use super::StaffColumn;
use super::words::{read_role, read_yes_or_no, role_word, yes_or_no};
use crate::base::draft::{Cells, Fault, Field, ProblemCode, Reading, Refusal, read_text, unguarded};
use crate::base::{Language, Message};
use crate::fleet::staff::{Licence, Staff, StaffName, StaffRole, is_badge};

/// One staff member. Whatever a file did not say is none, and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffDraft {
    /// The number on the badge, by which they are known.
    pub badge: String,
    /// The name; it may be masked, and then says nothing.
    pub name: Option<StaffName>,
    /// What they do.
    pub role: StaffRole,
    /// The class of their driving licence.
    pub licence: Option<Licence>,
    /// Whom they work for: a code or a name, as written.
    pub organisation: String,
    /// With whose vehicles they go: a code or a name, as written.
    pub depot: Option<String>,
    /// Whether they may be given trips.
    pub in_service: Option<bool>,
}

impl StaffDraft {
    /// Reads one row.
    ///
    /// # Errors
    /// Every fault of the row.
    pub fn read(cells: &Cells<'_, StaffColumn>) -> Result<Self, Vec<Fault<StaffColumn>>> {
        use StaffColumn as Column;
        let mut reading = Reading::of(cells);
        let badge = reading.required(Column::Badge, read_badge);
        let name = reading.optional(Column::Name, |text| unguarded(text).parse().map_err(|message| (ProblemCode::BadValue, message)));
        let role = reading.required(Column::Role, read_role);
        let licence = reading.optional(Column::Licence, read_licence);
        let organisation = reading.required(Column::Organisation, read_text);
        let depot = reading.text(Column::Depot);
        let in_service = reading.optional(Column::InService, read_yes_or_no);
        match (badge, role, organisation) {
            (Some(badge), Some(role), Some(organisation)) if reading.faults.is_empty() => {
                Ok(Self { badge, name, role, licence, organisation, depot, in_service })
            }
            _ => Err(reading.faults),
        }
    }

    /// The row that says of `member` what they are now, the name as lists show it; `organisation` and `depot` are what the reader calls the two.
    pub fn row(member: &Staff, masked_name: String, organisation: String, depot: String, language: Language) -> Vec<Field> {
        vec![
            member.badge.as_str().into(),
            masked_name.into(),
            role_word(member.role, language).into(),
            member.licence.map(Licence::name).unwrap_or_default().into(),
            organisation.into(),
            depot.into(),
            yes_or_no(member.in_service, language).into(),
        ]
    }
}

fn read_badge(text: &str) -> Result<String, Refusal> {
    let badge = unguarded(text);
    if is_badge(badge) { Ok(badge.to_owned()) } else { Err((ProblemCode::BadValue, Message::new("bad_badge"))) }
}

fn read_licence(text: &str) -> Result<Licence, Refusal> {
    Licence::from_name(&text.to_ascii_uppercase()).ok_or((ProblemCode::BadValue, Message::new("licence_unknown")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_and_a_name_is_in_no_fault_and_no_log() {
        use StaffColumn as Column;
        let mut cells = Cells::default();
        for (column, text) in [(Column::Badge, "'-7"), (Column::Name, "王芳"), (Column::Role, "陪护"), (Column::Licence, "a1"), (Column::Organisation, "江苏")]
        {
            cells.set(column, text.into());
        }
        let draft = StaffDraft::read(&cells).unwrap();
        assert_eq!((draft.badge.as_str(), draft.role, draft.licence), ("-7", StaffRole::Escort, Some(Licence::A1)));
        assert!(!format!("{draft:?}").contains("王芳"));
        // The columns of a row have shifted by one.
        let mut cells = Cells::default();
        for (column, text) in [(Column::Badge, "王芳"), (Column::Name, "陪护"), (Column::Role, "A1"), (Column::Licence, "王芳")] {
            cells.set(column, text.into());
        }
        let faults = StaffDraft::read(&cells).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.column).collect::<Vec<_>>(), [Column::Badge, Column::Role, Column::Licence, Column::Organisation].map(Some));
        assert!(!format!("{faults:?}").contains("王芳"));
    }
}
