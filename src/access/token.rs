//! Tokens that stand for a user: a session of a browser or access of a program. Opaque, shown once, stored as a digest, so
//! that whoever reads the database cannot sign in with what they find.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::model::User;
use crate::base::{Id, IdSource};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody at a page, from signing in until signing out or the end of a shift.
    Session,
    /// A program.
    Api,
}

impl Kind {
    /// The word for it in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Api => "api",
        }
    }

    // Readable, so that a secret scanner and a tired operator know what they have found.
    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "js_",
            Self::Api => "jz_",
        }
    }
}

/// The text that is shown once: a prefix that tells the kind, and 32 bytes of chance.
pub struct Secret {
    kind: Kind,
    text: Zeroizing<String>,
}

impl Secret {
    /// Makes a new one.
    pub fn generate(kind: Kind, chance: &IdSource) -> Self {
        let text = format!("{}{}", kind.prefix(), Base64UrlUnpadded::encode_string(&chance.bytes::<32>()));
        Self { kind, text: Zeroizing::new(text) }
    }

    /// Takes one that somebody presents; none if it cannot be one of ours.
    pub fn presented(text: &str) -> Option<Self> {
        let kind = [Kind::Session, Kind::Api].into_iter().find(|kind| text.starts_with(kind.prefix()))?;
        let mut bytes = Zeroizing::new([0; 32]);
        let random = text.strip_prefix(kind.prefix())?;
        let is_whole = Base64UrlUnpadded::decode(random, bytes.as_mut()).is_ok_and(|bytes| bytes.len() == 32);
        is_whole.then(|| Self { kind, text: Zeroizing::new(text.to_owned()) })
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text itself, for the one it belongs to.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is stored of it. With 256 bits of chance behind it a plain hash is enough.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.kind.prefix())
    }
}

/// A token as lists show it: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: Id<Token>,
    /// Whose it is.
    pub user: Id<User>,
    /// What it is for.
    pub kind: Kind,
    /// What its owner calls it.
    pub label: String,
    /// When it was made (UTC).
    pub created_at: DateTime<Utc>,
    /// From when it is worth nothing (UTC).
    pub expires_at: DateTime<Utc>,
    /// When it was taken back (UTC), if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Whether it opens the door at `now`.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_presented_has_the_digest_that_was_stored() {
        let chance = IdSource::seeded(1);
        for (kind, prefix) in [(Kind::Session, "js_"), (Kind::Api, "jz_")] {
            let token = Secret::generate(kind, &chance);
            assert!(token.expose().starts_with(prefix));
            let presented = Secret::presented(token.expose()).unwrap();
            assert_eq!((presented.kind(), presented.digest()), (kind, token.digest()));
            assert_ne!(Secret::generate(kind, &chance).digest(), token.digest());
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        let whole = Secret::generate(Kind::Api, &IdSource::seeded(1)).expose().to_owned();
        for text in ["", "jz_", "jz_short", &whole[3..], &whole[..45], &format!("{whole}A"), &whole.replace("jz_", "xx_"), &format!(" {whole}")] {
            assert!(Secret::presented(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_secret_is_not_printed() {
        let token = Secret::generate(Kind::Api, &IdSource::seeded(1));
        assert_eq!(format!("{token:?}"), "Secret(jz_…)");
    }
}
