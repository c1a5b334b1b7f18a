//! Passwords: argon2id, slow on purpose. One that is checked for nobody takes as long as one that is checked for somebody,
//! so that the time to a refusal does not tell who has an account.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use zeroize::Zeroizing;

use super::model::UserName;
use crate::base::{IdSource, Message, Result};

/// A password that keeps the rules, on its way to being hashed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The fewest characters. Length is what protects; rules about kinds of characters only make people write it down
    /// (NIST SP 800-63B, 5.1.1.2).
    pub const LEAST: usize = 10;
    /// The most characters, so that hashing a huge one is no way to keep the machine busy.
    pub const MOST: usize = 128;

    /// Takes a password for `name` that somebody chose.
    pub fn parse(text: &str, name: &UserName) -> Result<Self, Message> {
        match text.chars().count() {
            ..Self::LEAST => Err(Message::new("password_too_short").with("least", Self::LEAST)),
            length if length > Self::MOST => Err(Message::new("password_too_long").with("most", Self::MOST)),
            _ if text.to_lowercase().contains(name.as_str()) => Err(Message::new("password_is_name")),
            _ => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    /// Makes one up: 75 bits, in letters and digits that cannot be taken for one another, as `k7fm2-x9qdw-3hnvp`.
    pub fn generate(chance: &IdSource) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let letters = chance.bytes::<15>().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
        Self(Zeroizing::new(groups.join("-")))
    }

    /// The password itself, to show a generated one once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Hashes it with a fresh salt; some 20 ms, so never inside a write transaction.
    pub fn hash(&self, chance: &IdSource) -> Result<PasswordHash> {
        let _turn = HASHING.lock().unwrap_or_else(PoisonError::into_inner);
        let hash: Phc = Argon2::default().hash_password_with_salt(self.0.as_bytes(), &chance.bytes::<16>()).map_err(|fault| anyhow!("hashing: {fault}"))?;
        Ok(PasswordHash(hash.to_string()))
    }
}

/// What is stored of a password: algorithm, parameters, salt and hash as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash that was stored.
    pub(super) fn stored(phc: String) -> Self {
        Self(phc)
    }

    /// The text to store.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `attempt` is the password behind `hash`. It takes the same time when there is no hash to compare with; some
/// 20 ms, so never inside a write transaction.
///
/// # Errors
/// Internal, if what was stored is no hash.
pub fn matches(hash: Option<&PasswordHash>, attempt: &str) -> Result<bool> {
    if attempt.chars().count() > Password::MOST {
        return Ok(false);
    }
    let _turn = HASHING.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(hash) = hash else {
        let mut unused = [0; 32];
        Argon2::default().hash_password_into(attempt.as_bytes(), b"nobody has it", &mut unused).map_err(|fault| anyhow!("hashing: {fault}"))?;
        std::hint::black_box(unused);
        return Ok(false);
    };
    let hash = Phc::new(&hash.0).map_err(|fault| anyhow!("users.password_hash: {fault}"))?;
    Ok(Argon2::default().verify_password(attempt.as_bytes(), &hash).is_ok())
}

// One at a time: each hashing takes 19 MiB, and a crowd at the door must not take the machine's memory.
static HASHING: Mutex<()> = Mutex::new(());

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Password, &'static str> {
        Password::parse(text, &"wang.fang".parse().unwrap()).map_err(|message| message.code)
    }

    #[test]
    fn a_password_matches_itself_and_nothing_else() {
        let chance = IdSource::seeded(1);
        let password = parse("correct horse").unwrap();
        let hash = password.hash(&chance).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert!(matches(Some(&hash), "correct horse").unwrap());
        assert!(!matches(Some(&hash), "correct horsf").unwrap());
        assert!(!matches(Some(&hash), "").unwrap());
        assert!(!matches(None, "correct horse").unwrap());
        assert_ne!(password.hash(&chance).unwrap(), hash, "each hash has its own salt");
        assert!(matches(Some(&PasswordHash::stored("plain".into())), "plain").is_err());
    }

    #[test]
    fn a_password_is_long_enough_counted_in_characters_and_not_the_name() {
        assert_eq!(parse("ninechars").err(), Some("password_too_short"));
        assert!(parse("一二三四五六七八九十").is_ok());
        assert_eq!(parse("一二三四五").err(), Some("password_too_short"));
        assert_eq!(parse(&"x".repeat(129)).err(), Some("password_too_long"));
        assert_eq!(parse("Wang.Fang2020").err(), Some("password_is_name"));
    }

    #[test]
    fn a_generated_password_keeps_the_rules_and_is_never_the_same() {
        let chance = IdSource::seeded(1);
        let (one, two) = (Password::generate(&chance), Password::generate(&chance));
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.expose().len(), 17);
        assert!(parse(one.expose()).is_ok());
        assert_eq!(format!("{one:?}"), "Password(…)");
    }
}
