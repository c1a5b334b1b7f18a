//! The machine-readable zone of a passport (ICAO 9303 TD3), as a reader types it into a field. Check digits that fail are
//! named, never repaired by guessing: the person at the desk looks at the passport again.

use std::fmt;

use chrono::NaiveDate;

use crate::arrivals::document::{Document, DocumentKind};
use crate::arrivals::person::{Nationality, Sex};
use crate::base::Message;
use crate::exchange::century;

/// How long each of the two lines is.
const WIDTH: usize = 44;

/// A group of characters that a check digit stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigitGroup {
    /// Characters 1-9 of line 2.
    DocumentNumber,
    /// Characters 14-19.
    DateOfBirth,
    /// Characters 22-27.
    DateOfExpiry,
    /// Characters 29-42.
    PersonalNumber,
    /// All of these with their digits.
    Composite,
}

impl DigitGroup {
    /// The stable English word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DocumentNumber => "document_number",
            Self::DateOfBirth => "date_of_birth",
            Self::DateOfExpiry => "date_of_expiry",
            Self::PersonalNumber => "personal_number",
            Self::Composite => "composite",
        }
    }

    /// What to tell the person at the desk.
    pub fn message(self) -> Message {
        Message::new(match self {
            Self::DocumentNumber => "mrz_document_number_digit",
            Self::DateOfBirth => "mrz_birth_digit",
            Self::DateOfExpiry => "mrz_expiry_digit",
            Self::PersonalNumber => "mrz_personal_number_digit",
            Self::Composite => "mrz_composite_digit",
        })
    }
}

/// What a passport's zone says. A field that could not be read is none and left for the person at the desk.
#[derive(Clone, PartialEq, Eq)]
pub struct PassportZone {
    /// The number.
    pub document: Option<Document>,
    /// The nationality; Germany's `D` is given as `DEU`.
    pub nationality: Option<Nationality>,
    /// `SURNAME/GIVEN NAMES`.
    pub name_latin: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth; none where the issuer does not know it whole.
    pub born_on: Option<NaiveDate>,
    /// Last day of validity.
    pub expires_on: Option<NaiveDate>,
    /// The groups whose check digit does not agree; empty for a sound reading.
    pub failed: Vec<DigitGroup>,
}

/// Shows only which digits failed.
impl fmt::Debug for PassportZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassportZone").field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// Reads a zone that was typed as two lines or as one run of 88 characters, in either case, also with a Chinese input method
/// on (which turns `<` into `《`). Two-digit years are understood from the day of landing.
///
/// # Errors
/// Not two lines of 44 characters of a passport's zone.
pub fn read(typed: &str, landed_on: NaiveDate) -> Result<PassportZone, Message> {
    let zone: String = typed.chars().filter(|c| !c.is_whitespace()).map(as_printed).collect();
    if zone.len() != 2 * WIDTH || !zone.is_ascii() {
        return Err(Message::new("mrz_not_two_lines").with("found", zone.chars().count()));
    }
    let (line1, line2) = zone.split_at(WIDTH);
    let parsed = mrz::parse_td3(line1, line2).map_err(|fault| match fault {
        mrz::MrzError::BadDocumentCode(_) => Message::new("mrz_no_passport"),
        _ => Message::new("mrz_unreadable"),
    })?;
    let name = [parsed.surname.as_str(), parsed.given_names.as_str()].join("/");
    let nationality = if parsed.nationality == "D" { "DEU" } else { &parsed.nationality };
    Ok(PassportZone {
        document: Document::parse(DocumentKind::Passport, &parsed.full_document_number().replace('<', "")).ok(),
        nationality: Nationality::parse(nationality),
        name_latin: Some(name.trim_matches('/').to_owned()).filter(|name| !name.is_empty()),
        sex: Sex::parse(&line2[20..21]),
        born_on: century::born(&line2[13..19], landed_on),
        expires_on: century::expires(&line2[21..27], landed_on),
        failed: parsed.checks.failed().into_iter().filter_map(group).collect(),
    })
}

fn group(field: mrz::Field) -> Option<DigitGroup> {
    Some(match field {
        mrz::Field::DocumentNumber => DigitGroup::DocumentNumber,
        mrz::Field::DateOfBirth => DigitGroup::DateOfBirth,
        mrz::Field::DateOfExpiry => DigitGroup::DateOfExpiry,
        mrz::Field::PersonalNumber => DigitGroup::PersonalNumber,
        mrz::Field::Composite => DigitGroup::Composite,
        _ => return None,
    })
}

fn as_printed(c: char) -> char {
    match c {
        '《' | '〈' | '＜' => '<',
        '\u{ff10}'..='\u{ff5a}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c).to_ascii_uppercase(),
        other => other.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE1: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    const LINE2: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    fn landed_on() -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 9, 12).unwrap()
    }

    #[test]
    fn the_specimen_of_icao_9303_fills_every_field() {
        let zone = read(&format!("{LINE1}\n{LINE2}\r\n"), landed_on()).unwrap();
        assert_eq!(zone.document.unwrap().no().as_str(), "L898902C3");
        assert_eq!(zone.name_latin.as_deref(), Some("ERIKSSON/ANNA MARIA"));
        assert_eq!((zone.nationality.unwrap().as_str(), zone.sex), ("UTO", Some(Sex::Female)));
        assert_eq!(zone.born_on.unwrap().to_string(), "1974-08-12");
        assert_eq!(zone.expires_on.unwrap().to_string(), "2012-04-15");
        assert_eq!(zone.failed, []);
    }

    #[test]
    fn a_zone_typed_with_a_chinese_input_method_on_is_the_same_zone() {
        let typed = format!("{LINE1}{LINE2}").to_lowercase().replace('<', "《");
        assert_eq!(read(&typed, landed_on()).unwrap(), read(&format!("{LINE1} {LINE2}"), landed_on()).unwrap());
    }

    #[test]
    fn a_wrong_digit_names_its_group() {
        let with = |at: usize, c: char| {
            let mut line2: Vec<char> = LINE2.chars().collect();
            line2[at] = c;
            read(&format!("{LINE1}\n{}", line2.into_iter().collect::<String>()), landed_on()).unwrap().failed
        };
        assert_eq!(with(0, 'M'), [DigitGroup::DocumentNumber, DigitGroup::Composite]);
        assert_eq!(with(14, '5'), [DigitGroup::DateOfBirth, DigitGroup::Composite]);
        assert_eq!(with(22, '3'), [DigitGroup::DateOfExpiry, DigitGroup::Composite]);
        assert_eq!(with(42, '2'), [DigitGroup::PersonalNumber, DigitGroup::Composite]);
        assert_eq!(with(43, '1'), [DigitGroup::Composite]);
    }

    #[test]
    fn what_is_no_passport_is_said_to_be_none() {
        assert_eq!(read("E87221660", landed_on()).unwrap_err().code, "mrz_not_two_lines");
        assert_eq!(read(&format!("I{}{LINE2}", &LINE1[1..]), landed_on()).unwrap_err().code, "mrz_no_passport");
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_makes_the_reading_panic(text in "[A-Z0-9<《 é\n]{80,96}") {
            let _ = read(&text, landed_on());
            let _ = read(&format!("P{text}"), landed_on());
        }

        #[test]
        fn every_passport_that_can_be_written_is_read_back(no in "[A-Z0-9]{9}", year in 1921i32..2020, surname in "[A-Z]{1,20}", given in "[A-Z]{1,15}") {
            let zone = mrz::format_td3(&mrz::Td3Fields {
                issuing_country: "CHN".into(),
                document_number: no.clone(),
                surname: surname.clone(),
                given_names: given.clone(),
                nationality: "CHN".into(),
                date_of_birth: mrz::MrzDate::Calendar(mrz::Date::new(year, 3, 9)),
                sex: mrz::Sex::Male,
                date_of_expiry: mrz::MrzDate::Calendar(mrz::Date::new(2029, 1, 1)),
                ..Default::default()
            });
            let read = read(&zone, landed_on()).unwrap();
            prop_assert_eq!(read.failed, vec![]);
            let document = read.document.unwrap();
            prop_assert_eq!(document.no().as_str(), no.as_str());
            prop_assert_eq!(read.born_on.unwrap(), NaiveDate::from_ymd_opt(year, 3, 9).unwrap());
            prop_assert_eq!(read.name_latin.unwrap(), format!("{surname}/{given}"));
        }
    }
}
