//! Rows of `policies`: every version that anyone was ever counted under.

use diesel::prelude::*;

use super::Catalogue;
use crate::base::{Error, Id, Message, Result};
use crate::db::schema::policies;
use crate::db::{At, Json, Tx};

/// Keeps the policies of a catalogue. A version says the same for ever: one that is registered with another definition is
/// refused, because people are counted under it.
pub fn register(tx: &mut Tx<'_>, catalogue: &Catalogue) -> Result<()> {
    for policy in catalogue.iter() {
        let version = i32::try_from(policy.version).map_err(|fault| Error::Internal(fault.into()))?;
        let row = policies::table.filter(policies::name.eq(&policy.name).and(policies::version.eq(version)));
        let known: Option<Vec<u8>> = row.select(policies::digest).first(&mut **tx).optional()?;
        let digest = policy.digest().into_bytes();
        match known {
            Some(known) if known == digest => {}
            Some(_) => return Err(Error::Refused(Message::new("policy_changed").with("policy", &policy.name).with("version", version))),
            None => {
                let definition = serde_json::json!({"from": policy.from, "sources": policy.sources, "total_days": policy.total_days()});
                let id = tx.new_id::<super::Policy>();
                let row = (
                    policies::id.eq(Id::<super::Policy>::from_uuid(id.uuid())),
                    policies::name.eq(&policy.name),
                    policies::version.eq(version),
                    policies::digest.eq(digest),
                    policies::definition.eq(Json(definition)),
                    policies::registered_at.eq(At(tx.now())),
                );
                diesel::insert_into(policies::table).values(row).execute(&mut **tx)?;
            }
        }
    }
    Ok(())
}
