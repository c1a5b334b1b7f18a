//! Keys and database belong together: with other keys nobody would be found again, and everybody would come in twice.

use diesel::prelude::*;

use crate::base::{Error, Message, Result};
use crate::db::Tx;
use crate::db::schema::keyring;

/// Claims a new database for the keys with this fingerprint, or refuses one that was claimed by others.
pub fn keys_belong(tx: &mut Tx<'_>, fingerprint: &[u8; 16]) -> Result<()> {
    let known: Option<Vec<u8>> = keyring::table.select(keyring::fingerprint).first(&mut **tx).optional()?;
    match known {
        Some(known) if known == fingerprint => Ok(()),
        Some(_) => Err(Error::Refused(Message::new("keys_of_another_database"))),
        None => {
            diesel::insert_into(keyring::table).values((keyring::id.eq(1), keyring::fingerprint.eq(fingerprint.to_vec()))).execute(&mut **tx)?;
            Ok(())
        }
    }
}
