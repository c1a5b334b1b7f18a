//! The words for what a vehicle is, what a staff member does, and whether they may be given trips: those of the pages in either language,
//! and the names of the API.

use crate::base::draft::{ProblemCode, Refusal};
use crate::base::{Language, Message};
use crate::fleet::staff::StaffRole;
use crate::fleet::vehicle::VehicleKind;

/// The word for what a vehicle is.
pub(super) fn kind_word(kind: VehicleKind, language: Language) -> String {
    language.text(&format!("vehicle_{}", kind.name()))
}

/// Reads what a vehicle is.
pub(super) fn read_kind(text: &str) -> Result<VehicleKind, Refusal> {
    let found = VehicleKind::ALL.into_iter().find(|kind| is_word(text, kind.name(), |language| kind_word(*kind, language)));
    found.ok_or((ProblemCode::BadValue, Message::new("vehicle_kind_unknown")))
}

/// The word for what a staff member does.
pub(super) fn role_word(role: StaffRole, language: Language) -> String {
    language.text(&format!("staff_{}", role.name()))
}

/// Reads what a staff member does.
pub(super) fn read_role(text: &str) -> Result<StaffRole, Refusal> {
    let found = StaffRole::ALL.into_iter().find(|role| is_word(text, role.name(), |language| role_word(*role, language)));
    found.ok_or((ProblemCode::BadValue, Message::new("staff_role_unknown")))
}

fn is_word(text: &str, name: &str, word: impl Fn(Language) -> String) -> bool {
    text.eq_ignore_ascii_case(name) || [Language::Zh, Language::En].into_iter().any(|language| text.eq_ignore_ascii_case(&word(language)))
}

/// The word for yes or no.
pub(super) fn yes_or_no(is: bool, language: Language) -> &'static str {
    match (is, language) {
        (true, Language::Zh) => "是",
        (false, Language::Zh) => "否",
        (true, Language::En) => "yes",
        (false, Language::En) => "no",
    }
}

/// Reads yes or no, as people write it and as spreadsheets and the API do.
pub(super) fn read_yes_or_no(text: &str) -> Result<bool, Refusal> {
    match text.to_ascii_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" => Ok(true),
        "否" | "no" | "n" | "false" | "0" => Ok(false),
        _ => Err((ProblemCode::BadValue, Message::new("yes_or_no_unreadable"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_back_as_what_it_was_written_for() {
        for language in [Language::Zh, Language::En] {
            for kind in VehicleKind::ALL {
                assert_eq!(read_kind(&kind_word(kind, language)), Ok(kind));
                assert_eq!(read_kind(kind.name()), Ok(kind));
            }
            for role in StaffRole::ALL {
                assert_eq!(read_role(&role_word(role, language)), Ok(role));
                assert_eq!(read_role(role.name()), Ok(role));
            }
            for is in [true, false] {
                assert_eq!(read_yes_or_no(yes_or_no(is, language)), Ok(is));
            }
        }
        assert_eq!(read_kind("大客车").map_err(|(code, _)| code), Ok(VehicleKind::Coach));
        assert_eq!(read_kind("飞机").map_err(|(code, _)| code), Err(ProblemCode::BadValue));
    }
}
