//! A guest's link 签收链接: a secret that stands in an address, and a check code that is told in another way. Whoever has both may answer one
//! handoff, once.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base::{Error, Id, Message, time};
use crate::custody::HandoffId;

/// So many wrong codes in a row close a link for [`CLOSED_FOR`].
pub(super) const FAILURES: i32 = 5;
/// For so long after the last of them.
pub(super) const CLOSED_FOR: TimeDelta = TimeDelta::minutes(15);

/// The part of a link's address that is secret: 32 bytes of chance in base64url.
pub struct LinkSecret(Zeroizing<String>);

impl LinkSecret {
    /// The secret of so much chance.
    pub(super) fn of(chance: [u8; 32]) -> Self {
        Self(Zeroizing::new(Base64UrlUnpadded::encode_string(&chance)))
    }

    /// Takes one that somebody presents.
    pub fn presented(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it. With 256 bits of chance behind it a plain hash is enough.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(…)")
    }
}

/// Six digits, told to the guest in another way than the link.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckCode(String);

impl CheckCode {
    /// The code of so much chance; the remainder favours the first codes by one in 10^13.
    pub(super) fn of(chance: [u8; 8]) -> Self {
        Self(format!("{:06}", u64::from_be_bytes(chance) % 1_000_000))
    }

    /// Takes what somebody typed, with or without spaces.
    pub fn typed(text: &str) -> Self {
        Self(text.chars().filter(|letter| !letter.is_whitespace()).take(16).collect())
    }

    /// The digits.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it: worth nothing to whoever reads the database, because the secret of the link is in it.
    pub(super) fn digest(&self, secret: &LinkSecret) -> [u8; 32] {
        Sha256::new().chain_update(secret.0.as_bytes()).chain_update([0]).chain_update(self.0.as_bytes()).finalize().into()
    }
}

impl fmt::Debug for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckCode(…)")
    }
}

/// A link, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestLink {
    /// Its id.
    pub id: Id<GuestLink>,
    /// The handoff that it answers.
    pub handoff: HandoffId,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// From when it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Wrong codes in a row, and when the last was.
    pub(super) failures: i32,
    pub(super) failed_at: Option<DateTime<Utc>>,
    pub(super) code_digest: [u8; 32],
    /// How it ended, by whom and when; none while it can be used.
    pub ended: Option<LinkEnd>,
}

/// How a link ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEnd {
    /// Whether by its use; else it was taken back.
    pub is_used: bool,
    /// By whom.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl GuestLink {
    /// `open`, `used`, `revoked` or `expired`.
    pub fn state(&self, now: DateTime<Utc>) -> &'static str {
        match &self.ended {
            Some(end) if end.is_used => "used",
            Some(_) => "revoked",
            None if self.expires_at <= now => "expired",
            None => "open",
        }
    }

    /// Refuses a link that is worth nothing at `now`, and says why not.
    pub(super) fn expect_open(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let refused = |code, by: &str, at| Err(Error::Refused(Message::new(code).with("by", by).with("at", time::in_shanghai(at))));
        match (self.state(now), &self.ended) {
            ("used", Some(end)) => refused("guest_link_used", &end.by, end.at),
            (_, Some(end)) => refused("guest_link_revoked", &end.by, end.at),
            ("expired", None) => refused("guest_link_expired", &self.made_by, self.expires_at),
            _ => Ok(()),
        }
    }

    /// Refuses further codes for a while after too many wrong ones.
    pub(super) fn expect_patience(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let wait = self.failed_at.filter(|_| self.failures >= FAILURES).map(|at| at + CLOSED_FOR - now).filter(|wait| *wait > TimeDelta::zero());
        match wait {
            None => Ok(()),
            Some(wait) => Err(Error::Refused(Message::new("too_many_attempts").with("seconds", wait.num_seconds().max(1)))),
        }
    }

    /// The number of wrong codes in a row after one more at `now`.
    pub(super) fn failures_after(&self, now: DateTime<Utc>) -> i32 {
        let is_new_row = self.failed_at.is_none_or(|at| at + CLOSED_FOR <= now);
        if is_new_row { 1 } else { self.failures + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> DateTime<Utc> {
        time::parse_instant("2020-09-15 12:00").unwrap() + TimeDelta::minutes(n)
    }

    fn link() -> GuestLink {
        let id = Id::from_uuid(uuid::Uuid::from_u128(1));
        let handoff = Id::from_uuid(uuid::Uuid::from_u128(2));
        GuestLink {
            id,
            handoff,
            made_by: "desk".into(),
            made_at: minute(0),
            expires_at: minute(60),
            failures: 0,
            failed_at: None,
            code_digest: [0; 32],
            ended: None,
        }
    }

    #[test]
    fn a_link_ends_by_use_by_being_taken_back_and_by_time() {
        let ended = |is_used| GuestLink { ended: Some(LinkEnd { is_used, by: "li".into(), at: minute(5) }), ..link() };
        let code = |link: GuestLink, at| link.expect_open(at).err().map(|error| error.message().code);
        assert_eq!(code(link(), minute(59)), None);
        assert_eq!(code(link(), minute(60)), Some("guest_link_expired"));
        assert_eq!(code(ended(true), minute(90)), Some("guest_link_used"), "also when its time would be over");
        assert_eq!(code(ended(false), minute(6)), Some("guest_link_revoked"));
    }

    #[test]
    fn five_wrong_codes_close_a_link_for_a_quarter_of_an_hour() {
        let mut link = link();
        for n in 0..5 {
            assert!(link.expect_patience(minute(n)).is_ok());
            link = GuestLink { failures: link.failures_after(minute(n)), failed_at: Some(minute(n)), ..link };
        }
        assert_eq!(link.expect_patience(minute(18)).unwrap_err().message().fact("seconds"), Some("60"));
        assert!(link.expect_patience(minute(19)).is_ok());
        assert_eq!(link.failures_after(minute(19)), 1);
    }

    #[test]
    fn a_code_is_six_digits_and_is_known_again_with_its_own_link_only() {
        let (code, link, other) = (CheckCode::of([7; 8]), LinkSecret::of([1; 32]), LinkSecret::of([2; 32]));
        assert!(code.expose().len() == 6 && code.expose().bytes().all(|digit| digit.is_ascii_digit()));
        let typed = CheckCode::typed(&format!(" {} {} ", &code.expose()[..3], &code.expose()[3..]));
        assert_eq!(typed.digest(&LinkSecret::presented(link.expose())), code.digest(&link));
        assert_ne!(code.digest(&other), code.digest(&link));
        assert_eq!((format!("{link:?}"), format!("{code:?}")), ("LinkSecret(…)".into(), "CheckCode(…)".into()));
    }
}
