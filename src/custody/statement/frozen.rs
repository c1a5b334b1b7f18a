//! Statements as they are signed 对账单签认: the figures and differences of a period as one text, under one digest, which either side signs or
//! refuses. A difference that is found later is another text, and so another statement.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Flow, Statement};
use crate::access::{OrganisationCode, User};
use crate::base::Id;
use crate::custody::Reason;

/// SHA-256 over the text of a statement.
pub type StatementDigest = [u8; 32];

/// A statement that somebody has signed or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Its id.
    pub id: Id<Frozen>,
    /// What it says: see [`text`].
    pub text: String,
    /// Its digest.
    pub digest: StatementDigest,
    /// When it was signed or refused first.
    pub frozen_at: DateTime<Utc>,
    /// What the sides said of it, in the order in which they did.
    pub signatures: Vec<SideSignature>,
}

/// What one side said of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideSignature {
    /// The side.
    pub organisation: OrganisationCode,
    /// Who signed for it.
    pub by: String,
    /// The user; none for the operator of the machine.
    pub user: Option<Id<User>>,
    /// When.
    pub at: DateTime<Utc>,
    /// Why it was refused, if it was.
    pub refused: Option<Reason>,
    /// Ed25519 over [`signed_bytes`].
    pub signature: [u8; 64],
}

/// How far two sides are with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// 待签认: not both have said something.
    Open,
    /// 已签认: both have signed.
    Agreed,
    /// 有争议: what a side said last is a refusal.
    Disputed,
}

impl Agreement {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Agreed => "agreed",
            Self::Disputed => "disputed",
        }
    }
}

impl Frozen {
    /// What a side said last.
    pub fn last_of(&self, organisation: &OrganisationCode) -> Option<&SideSignature> {
        self.signatures.iter().rev().find(|signature| signature.organisation == *organisation)
    }

    /// How far the sides are.
    pub fn agreement(&self) -> Agreement {
        let last = |signature: &&SideSignature| self.last_of(&signature.organisation) == Some(*signature);
        let said: Vec<&SideSignature> = self.signatures.iter().filter(last).collect();
        match said.as_slice() {
            said if said.iter().any(|signature| signature.refused.is_some()) => Agreement::Disputed,
            [_, _] => Agreement::Agreed,
            _ => Agreement::Open,
        }
    }
}

/// A statement as a text of lines, the same for both sides whoever asks: the sides in the order of their codes, the period, a line of figures for
/// each direction, and a line for each difference. No name of anybody is in it.
pub fn text(statement: &Statement) -> String {
    let mut flows: Vec<&Flow> = statement.flows.iter().collect();
    flows.sort_by_key(|flow| flow.giver.code.clone());
    let mut text = format!("jiezhuan-statement-1\nfrom {}\nto {}\n", statement.from, statement.to);
    for flow in flows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "flow {} {} brought_forward {} offered {} received {} outside {} excepted {} refused {} withdrawn {} carried_forward {} overdue {} extras {}",
            flow.giver.code,
            flow.receiver.code,
            flow.brought_forward,
            flow.offered,
            flow.received,
            flow.outside,
            flow.excepted,
            flow.refused,
            flow.withdrawn,
            flow.carried_forward,
            flow.overdue,
            flow.extras
        );
        let mut differences: Vec<String> =
            flow.differences.iter().map(|one| format!("difference {} {} {}", one.handoff, one.traveller, one.kind.name())).collect();
        differences.sort_unstable();
        differences.iter().for_each(|line| {
            let _ = writeln!(text, "{line}");
        });
    }
    text
}

/// The digest of a text.
pub fn digest(text: &str) -> StatementDigest {
    Sha256::digest(text.as_bytes()).into()
}

/// What a signature is over: the digest, a byte that is 1 for signed and 0 for refused, the time (microseconds since 1970, 8 bytes, the highest
/// first) and the code of the side.
pub fn signed_bytes(digest: &StatementDigest, is_refused: bool, at: DateTime<Utc>, organisation: &OrganisationCode) -> Vec<u8> {
    let mut bytes = digest.to_vec();
    bytes.push(u8::from(!is_refused));
    bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
    bytes.extend_from_slice(organisation.as_str().as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(code: &str, refused: Option<&str>) -> SideSignature {
        let (organisation, refused) = (code.parse().unwrap(), refused.map(|why| why.parse().unwrap()));
        SideSignature { organisation, by: code.into(), user: None, at: DateTime::UNIX_EPOCH, refused, signature: [0; 64] }
    }

    #[test]
    fn both_must_have_signed_and_what_a_side_said_last_counts() {
        let said = |signatures: &[(&str, Option<&str>)]| {
            let signatures = signatures.iter().map(|(code, refused)| signature(code, *refused)).collect();
            let id = Id::from_uuid(uuid::Uuid::nil());
            Frozen { id, text: String::new(), digest: [0; 32], frozen_at: DateTime::UNIX_EPOCH, signatures }.agreement()
        };
        assert_eq!(said(&[("desk", None)]), Agreement::Open);
        assert_eq!(said(&[("desk", None), ("site", None)]), Agreement::Agreed);
        assert_eq!(said(&[("desk", None), ("site", Some("one too few"))]), Agreement::Disputed);
        assert_eq!(said(&[("site", Some("one too few")), ("desk", None), ("site", None)]), Agreement::Agreed);
    }
}
