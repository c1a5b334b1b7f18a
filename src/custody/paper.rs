//! An offer as a document 交接凭证: short enough for a QR code on the sheet in the coach, signed so that a phone without a network can tell it from
//! a forgery. It says which handoff between whom over which list, by the list's digest, and so neither who is on the list nor how many.
//!
//! `JZ1.` and, in base64url, 100 bytes and their signature: 4 bytes of the key, the ids of the handoff, of who gives and of who receives
//! (16 bytes each), the digest (32), and when it was offered and is to be answered (8 each, seconds since 1970).

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, Utc};

use super::model::{Handoff, HandoffId};
use crate::access::{PublicKey, Purpose, Seal};
use crate::base::{Error, Id, Message, Result};
use crate::places::Organisation;

const MARK: &str = "JZ1.";
const LENGTH: usize = 4 + 3 * 16 + 32 + 2 * 8;

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Which handoff.
    pub handoff: HandoffId,
    /// Who gives.
    pub giver: Id<Organisation>,
    /// Who receives.
    pub receiver: Id<Organisation>,
    /// The digest of the list.
    pub list_digest: [u8; 32],
    /// When it was offered.
    pub offered_at: DateTime<Utc>,
    /// Until when it is to be answered.
    pub answer_by: Option<DateTime<Utc>>,
}

impl Paper {
    /// The document of an offer.
    pub(super) fn of(handoff: &Handoff) -> Self {
        Self {
            handoff: handoff.id,
            giver: handoff.giver.id,
            receiver: handoff.receiver.id,
            list_digest: handoff.list_digest,
            offered_at: handoff.offered.at,
            answer_by: handoff.answer_by,
        }
    }

    /// Signs it: the text of the code.
    pub fn sign(&self, seal: &Seal) -> String {
        let mut bytes = Vec::with_capacity(LENGTH + 64);
        bytes.extend_from_slice(&seal.public_key().to_bytes()[..4]);
        for id in [self.handoff.uuid(), self.giver.uuid(), self.receiver.uuid()] {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes.extend_from_slice(&self.list_digest);
        bytes.extend_from_slice(&self.offered_at.timestamp().to_be_bytes());
        bytes.extend_from_slice(&self.answer_by.map_or(0, |at| at.timestamp()).to_be_bytes());
        let signature = seal.sign(Purpose::Offer, &bytes);
        bytes.extend_from_slice(&signature);
        format!("{MARK}{}", Base64UrlUnpadded::encode_string(&bytes))
    }

    /// Reads what a code says, if it was signed under `key`.
    ///
    /// # Errors
    /// Invalid: `paper_unreadable`, `paper_of_others` for one that another installation signed, `paper_forged` for one that was changed.
    pub fn read(text: &str, key: PublicKey) -> Result<Self> {
        let wrong = |code| Error::invalid("paper", Message::new(code));
        let bytes = text.trim().strip_prefix(MARK).and_then(|text| Base64UrlUnpadded::decode_vec(text).ok());
        let bytes = bytes.filter(|bytes| bytes.len() == LENGTH + 64).ok_or_else(|| wrong("paper_unreadable"))?;
        let (said, signature) = bytes.split_at(LENGTH);
        if said[..4] != key.to_bytes()[..4] {
            return Err(wrong("paper_of_others"));
        }
        let signature: &[u8; 64] = signature.try_into().map_err(|_| wrong("paper_unreadable"))?;
        if !key.recognises(Purpose::Offer, said, signature) {
            return Err(wrong("paper_forged"));
        }
        let id = |at: usize| uuid::Uuid::from_slice(&said[at..at + 16]).map_err(|_| wrong("paper_unreadable"));
        let seconds = |at: usize| said[at..at + 8].try_into().map(i64::from_be_bytes).map_err(|_| wrong("paper_unreadable"));
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(|| wrong("paper_unreadable"));
        let answer_by = match seconds(92)? {
            0 => None,
            seconds => Some(instant(seconds)?),
        };
        Ok(Self {
            handoff: Id::from_uuid(id(4)?),
            giver: Id::from_uuid(id(20)?),
            receiver: Id::from_uuid(id(36)?),
            list_digest: said[52..84].try_into().map_err(|_| wrong("paper_unreadable"))?,
            offered_at: instant(seconds(84)?)?,
            answer_by,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::Keyring;
    use crate::base::IdSource;

    fn seal(seed: u64) -> Seal {
        Keyring::generate(&IdSource::seeded(seed)).signing()
    }

    fn paper() -> Paper {
        let id = |n| uuid::Uuid::from_u128(n);
        let at = |text| crate::base::time::parse_instant(text).unwrap();
        Paper {
            handoff: Id::from_uuid(id(1)),
            giver: Id::from_uuid(id(2)),
            receiver: Id::from_uuid(id(3)),
            list_digest: [7; 32],
            offered_at: at("2020-09-15 12:00"),
            answer_by: Some(at("2020-09-15 13:00")),
        }
    }

    fn code(text: &str) -> &'static str {
        Paper::read(text, seal(1).public_key()).unwrap_err().message().code
    }

    #[test]
    fn what_was_signed_is_read_again_and_is_short_enough_for_a_code() {
        let without = Paper { answer_by: None, ..paper() };
        for paper in [paper(), without] {
            let text = paper.sign(&seal(1));
            assert_eq!(Paper::read(&format!(" {text}\n"), seal(1).public_key()).unwrap(), paper);
            assert!(text.len() < 240, "{} characters", text.len());
        }
    }

    #[test]
    fn what_is_foreign_changed_or_no_document_is_told_apart() {
        let text = paper().sign(&seal(1));
        assert_eq!(code(&paper().sign(&seal(2))), "paper_of_others");
        for at in 12..text.len() - 1 {
            let mut letters: Vec<char> = text.chars().collect();
            letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
            assert_eq!(code(&letters.into_iter().collect::<String>()), "paper_forged", "letter {at}");
        }
        for other in ["", "JZ1.", "https://example.cn", &text[..text.len() - 4], &text[4..], "JZ1.汉字"] {
            assert_eq!(code(other), "paper_unreadable", "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_scanned_is_answered(text in "\\PC*") {
            prop_assert!(Paper::read(&text, seal(1).public_key()).is_err());
            let marked = Paper::read(&format!("JZ1.{text}"), seal(1).public_key());
            prop_assert!(marked.is_err());
        }
    }
}
