//! Documents that people travel on. A [`DocumentNo`] is always in one spelling and has passed the checks of its kind; the
//! number is personal, so it is never printed.
//!
//! Does not know who issues documents or whether one is in force. The first six digits of a resident number are not checked
//! against today's places: people keep the number when districts are merged.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;

use crate::base::Message;

/// The kind of a document; with number and nationality it makes an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// 护照.
    Passport,
    /// 身份证, GB 11643.
    ResidentId,
    /// 港澳通行证, either way.
    HkMacaoPermit,
    /// 台胞证, and 往来台湾通行证.
    TaiwanPermit,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Passport, Self::ResidentId, Self::HkMacaoPermit, Self::TaiwanPermit];

    /// Reads the Chinese or the English name, also the longer official ones.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "护照" | "普通护照" | "因私护照" | "因公护照" | "外国护照" | "P" => Self::Passport,
            "身份证" | "居民身份证" => Self::ResidentId,
            "港澳通行证" | "往来港澳通行证" | "港澳居民来往内地通行证" | "回乡证" => Self::HkMacaoPermit,
            "台胞证" | "台湾居民来往大陆通行证" | "往来台湾通行证" => Self::TaiwanPermit,
            _ => {
                return Self::ALL.into_iter().find(|kind| text.eq_ignore_ascii_case(kind.as_str()));
            }
        })
    }

    /// The stable English word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::ResidentId => "resident_id",
            Self::HkMacaoPermit => "hk_macao_permit",
            Self::TaiwanPermit => "taiwan_permit",
        }
    }
}

/// Why a number cannot be that of a document of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentFault {
    /// Not the length, letters or digits that such documents have, or no such date of birth in it.
    Shape,
    /// Of the right shape, but the check character of GB 11643 does not agree: a slip in one character, or two exchanged.
    CheckDigit,
}

impl DocumentFault {
    /// What is wrong with the number of a document of this kind, in words.
    pub fn message(self, kind: DocumentKind) -> Message {
        Message::new(match (self, kind) {
            (Self::CheckDigit, _) => "resident_id_check_digit",
            (Self::Shape, DocumentKind::ResidentId) => "resident_id_shape",
            (Self::Shape, _) => "document_no_shape",
        })
    }
}

/// A document's number in its one spelling: no spaces, upper case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentNo(String);

impl DocumentNo {
    /// The number itself, for sealing and matching.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Personal: shows only that there is one.
impl fmt::Debug for DocumentNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocumentNo(…)")
    }
}

/// A kind and a number that fits it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Document {
    kind: DocumentKind,
    no: DocumentNo,
}

impl Document {
    /// Checks a number against the rules of its kind. Spaces within it and lower case do not matter.
    pub fn parse(kind: DocumentKind, text: &str) -> Result<Self, DocumentFault> {
        let plain: Cow<'_, str> =
            if text.contains(char::is_whitespace) { text.chars().filter(|c| !c.is_whitespace()).collect::<String>().into() } else { text.into() };
        let no = plain.to_ascii_uppercase();
        match kind {
            DocumentKind::ResidentId => check_resident_id(no.as_bytes())?,
            DocumentKind::Passport => check_shape(&no, 5..=20, 0)?,
            DocumentKind::HkMacaoPermit if !no.starts_with(|c: char| c.is_ascii_uppercase()) => return Err(DocumentFault::Shape),
            DocumentKind::HkMacaoPermit => check_shape(&no, 9..=11, 7)?,
            DocumentKind::TaiwanPermit => check_shape(&no, 8..=12, 7)?,
        }
        Ok(Self { kind, no: DocumentNo(no) })
    }

    /// Guesses the kind where a roster does not state it: 18 characters of the shape of GB 11643 are a resident number,
    /// all else is a passport's.
    pub fn likely_kind(text: &str) -> DocumentKind {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if text.len() == 18 && digits >= 17 { DocumentKind::ResidentId } else { DocumentKind::Passport }
    }

    /// The kind.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The number.
    pub fn no(&self) -> &DocumentNo {
        &self.no
    }
}

fn check_shape(no: &str, length: std::ops::RangeInclusive<usize>, least_digits: usize) -> Result<(), DocumentFault> {
    let alphanumeric = no.bytes().all(|b| b.is_ascii_alphanumeric());
    let digits = no.bytes().filter(u8::is_ascii_digit).count();
    if alphanumeric && length.contains(&no.len()) && digits >= least_digits { Ok(()) } else { Err(DocumentFault::Shape) }
}

/// GB 11643-1999: six digits of place, eight of birth, three of sequence, one check character by MOD 11-2.
fn check_resident_id(no: &[u8]) -> Result<(), DocumentFault> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let Some((&check, body)) = no.split_last() else { return Err(DocumentFault::Shape) };
    let plausible = body.len() == 17 && body.iter().all(u8::is_ascii_digit) && (check.is_ascii_digit() || check == b'X');
    if !plausible {
        return Err(DocumentFault::Shape);
    }
    let digit = |at: usize| u32::from(body[at] - b'0');
    let sum: u32 = WEIGHTS.iter().enumerate().map(|(at, weight)| weight * digit(at)).sum();
    if CHECK[(sum % 11) as usize] != check {
        return Err(DocumentFault::CheckDigit);
    }
    let year = body[6..10].iter().fold(0, |year, b| year * 10 + i32::from(b - b'0'));
    let born = NaiveDate::from_ymd_opt(year, digit(10) * 10 + digit(11), digit(12) * 10 + digit(13));
    if year >= 1850 && born.is_some() { Ok(()) } else { Err(DocumentFault::Shape) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resident(text: &str) -> Result<Document, DocumentFault> {
        Document::parse(DocumentKind::ResidentId, text)
    }

    #[test]
    fn the_published_specimens_of_gb_11643_pass() {
        for text in ["11010519491231002X", "11010519491231002x", "440524188001010014", "110105 19491231 002X"] {
            assert!(resident(text).is_ok(), "{text}");
        }
        assert_eq!(resident("11010519491231002x").unwrap().no().as_str(), "11010519491231002X");
    }

    #[test]
    fn a_wrong_check_character_is_told_apart_from_a_wrong_shape() {
        assert_eq!(resident("110105194912310021"), Err(DocumentFault::CheckDigit));
        for text in ["", "1", "11010519491231002", "110105194912310O2X", "1.10105194912310e17", "1101051949123100２X", "110105491231002"] {
            assert_eq!(resident(text), Err(DocumentFault::Shape), "{text}");
        }
        assert_eq!(resident("110105194913310024"), Err(DocumentFault::CheckDigit));
    }

    #[test]
    fn a_date_that_never_was_is_refused_even_with_the_right_check_character() {
        let refused = "0123456789X".chars().filter_map(|check| resident(&format!("11010519490230002{check}")).err());
        assert_eq!(refused.filter(|fault| *fault == DocumentFault::Shape).count(), 1);
    }

    #[test]
    fn permits_and_passports_are_checked_by_shape() {
        let good = [
            (DocumentKind::Passport, "e87221660"),
            (DocumentKind::Passport, "L898902C3"),
            (DocumentKind::HkMacaoPermit, "H0123456701"),
            (DocumentKind::HkMacaoPermit, "C12345678"),
            (DocumentKind::TaiwanPermit, "01234567"),
        ];
        for (kind, text) in good {
            assert!(Document::parse(kind, text).is_ok(), "{text}");
        }
        let bad = [
            (DocumentKind::Passport, "E1"),
            (DocumentKind::Passport, "护照12345"),
            (DocumentKind::HkMacaoPermit, "012345678"),
            (DocumentKind::TaiwanPermit, "ABCDEFGH"),
        ];
        for (kind, text) in bad {
            assert_eq!(Document::parse(kind, text), Err(DocumentFault::Shape), "{text}");
        }
    }

    #[test]
    fn a_number_is_never_printed() {
        assert!(!format!("{:?}", resident("11010519491231002X").unwrap()).contains("1101"));
    }

    proptest! {
        #[test]
        fn one_slip_in_a_resident_number_is_always_found(at in 0usize..17, other in 0u8..10) {
            let mut no = *b"11010519491231002X";
            prop_assume!(no[at] != b'0' + other);
            no[at] = b'0' + other;
            prop_assert_eq!(resident(std::str::from_utf8(&no).unwrap()), Err(DocumentFault::CheckDigit));
        }

        #[test]
        fn no_text_makes_the_checks_panic(text in ".{0,24}") {
            for kind in [DocumentKind::Passport, DocumentKind::ResidentId, DocumentKind::HkMacaoPermit, DocumentKind::TaiwanPermit] {
                let _ = Document::parse(kind, &text);
            }
        }
    }
}
