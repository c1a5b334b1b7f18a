//! Identities as the database keeps them: under a key of the person's own. Everything else that is sealed about the person (what a
//! roster changed) is under the same key, so that destroying it destroys all.

use uuid::Uuid;

use super::identity::Identity;
use super::model::TravellerId;
use crate::access::{Cell as SealedAt, Keyring};
use crate::base::{Error, IdSource, Result};

/// An identity under the wrapped key that opens it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealedIdentity {
    pub(super) key: Vec<u8>,
    pub(super) text: Vec<u8>,
}

impl SealedIdentity {
    /// Seals under a fresh key of the person's.
    pub(super) fn new(keyring: &Keyring, of: TravellerId, identity: &Identity, chance: &IdSource) -> Result<Self> {
        let (data_key, key) = keyring.new_key(of.uuid(), chance)?;
        let text = data_key.seal(at(of.uuid()), &plain(identity)?, chance)?;
        Ok(Self { key, text })
    }

    /// Opens it.
    pub(super) fn open(&self, keyring: &Keyring, of: TravellerId) -> Result<Identity> {
        let text = keyring.unwrap(of.uuid(), &self.key)?.open(at(of.uuid()), &self.text)?;
        serde_json::from_slice(&text).map_err(|_| Error::Internal(anyhow::anyhow!("the identity of traveller {of} is not readable")))
    }

    /// The same person's key over another text: the identity after a change.
    pub(super) fn resealed(&self, keyring: &Keyring, of: TravellerId, identity: &Identity, chance: &IdSource) -> Result<Self> {
        let text = keyring.unwrap(of.uuid(), &self.key)?.seal(at(of.uuid()), &plain(identity)?, chance)?;
        Ok(Self { key: self.key.clone(), text })
    }

    /// Seals other words about the person under the same key.
    pub(super) fn seal_beside(&self, keyring: &Keyring, of: TravellerId, cell: SealedAt, words: &str, chance: &IdSource) -> Result<Vec<u8>> {
        keyring.unwrap(of.uuid(), &self.key)?.seal(cell, words.as_bytes(), chance)
    }

    /// Opens them.
    pub(super) fn open_beside(&self, keyring: &Keyring, of: TravellerId, cell: SealedAt, sealed: &[u8]) -> Result<String> {
        let words = keyring.unwrap(of.uuid(), &self.key)?.open(cell, sealed)?;
        String::from_utf8(words.to_vec()).map_err(|_| Error::Internal(anyhow::anyhow!("{} of {} is not readable", cell.column, cell.row)))
    }
}

fn at(row: Uuid) -> SealedAt {
    SealedAt { column: "travellers.identity", row }
}

fn plain(identity: &Identity) -> Result<Vec<u8>> {
    serde_json::to_vec(identity).map_err(|fault| Error::Internal(fault.into()))
}
