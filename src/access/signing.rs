//! Signing (Ed25519, RFC 8032): what leaves the installation and must be recognised without asking it, the day's root of the ledger and an offer
//! on paper, carries a signature under the one key that follows from the installation's keys. What is signed is not known here.

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};

use super::seal::Keyring;

/// What a signature is for. One that was made for one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The root of a day of the ledger.
    Day,
    /// An offer as a document.
    Offer,
    /// A statement of a period, for one of its sides.
    Statement,
    /// That an organisation keeps the root of a day.
    Kept,
    /// That identities were destroyed.
    Destruction,
    /// A receipt, which a phone signs under its own key.
    Receipt,
}

impl Purpose {
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Day => b"jiezhuan day\0",
            Self::Offer => b"jiezhuan offer\0",
            Self::Statement => b"jiezhuan statement\0",
            Self::Kept => b"jiezhuan kept\0",
            Self::Destruction => b"jiezhuan destruction\0",
            Self::Receipt => b"jiezhuan receipt\0",
        }
    }

    fn said(self, message: &[u8]) -> Vec<u8> {
        [self.prefix(), message].concat()
    }
}

/// The installation's key to sign with.
pub struct Seal(SigningKey);

/// A key by which anybody recognises signatures: the installation's, or a phone's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl Keyring {
    /// The key to sign with. Rotation keeps it.
    pub fn signing(&self) -> Seal {
        Seal(SigningKey::from_bytes(&self.derived("signing")))
    }
}

impl Seal {
    /// Signs.
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> [u8; 64] {
        self.0.sign(&purpose.said(message)).to_bytes()
    }

    /// The key by which the signatures are recognised.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

impl PublicKey {
    /// The 32 bytes of the key.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Reads the 32 bytes of a key; none if they are no point of the curve.
    pub fn read(bytes: [u8; 32]) -> Option<Self> {
        VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak()).map(Self)
    }

    /// Whether `signature` was made under this key for this purpose over this message.
    pub fn recognises(&self, purpose: Purpose, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify(&purpose.said(message), &Signature::from_bytes(signature)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::IdSource;

    #[test]
    fn a_signature_is_recognised_for_its_message_its_purpose_and_its_installation_only() {
        let keyring = Keyring::generate(&IdSource::seeded(1));
        let seal = keyring.signing();
        let signature = seal.sign(Purpose::Day, b"root");
        let key = keyring.clone().rotated(&IdSource::seeded(2)).signing().public_key();
        assert!(key.recognises(Purpose::Day, b"root", &signature), "rotation keeps the key");
        assert!(!key.recognises(Purpose::Day, b"roof", &signature));
        assert!(!key.recognises(Purpose::Offer, b"root", &signature));
        assert!(!Keyring::generate(&IdSource::seeded(3)).signing().public_key().recognises(Purpose::Day, b"root", &signature));
    }
}
