//! Rows of `phone_keys` and `signed_receipts`. Reads `users` for the names of whose key it was.

use diesel::prelude::*;

use super::{PhoneKey, SignedReceipt};
use crate::access::User;
use crate::base::{Error, Id, Result};
use crate::custody::HandoffId;
use crate::db::schema::{phone_keys, signed_receipts, users};
use crate::db::{At, Conn, Tx};

pub(super) fn enrol(tx: &mut Tx<'_>, user: Id<User>, public_key: [u8; 32]) -> Result<()> {
    let (id, now) = (tx.new_id::<PhoneKey>(), tx.now());
    let row = (phone_keys::id.eq(id), phone_keys::user_id.eq(user), phone_keys::public_key.eq(public_key.to_vec()), phone_keys::enrolled_at.eq(At(now)));
    diesel::insert_into(phone_keys::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The key with these bytes, and whose it is.
pub(super) fn find_key(conn: &mut Conn, public_key: [u8; 32]) -> Result<Option<(Id<PhoneKey>, Id<User>)>> {
    let of = phone_keys::table.filter(phone_keys::public_key.eq(public_key.to_vec()));
    Ok(of.select((phone_keys::id, phone_keys::user_id)).first(conn).optional()?)
}

pub(super) fn keep(tx: &mut Tx<'_>, handoff: HandoffId, key: Id<PhoneKey>, said: &str, signature: &[u8; 64], is_merged: bool) -> Result<()> {
    let (id, now) = (tx.new_id::<SignedReceipt>(), tx.now());
    let row = (
        signed_receipts::id.eq(id),
        signed_receipts::handoff_id.eq(handoff),
        signed_receipts::key_id.eq(key),
        signed_receipts::said.eq(said),
        signed_receipts::signature.eq(signature.to_vec()),
        signed_receipts::is_merged.eq(is_merged),
        signed_receipts::delivered_at.eq(At(now)),
    );
    diesel::insert_into(signed_receipts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What was signed about a handoff, in the order in which it came in.
pub(super) fn receipts_of(conn: &mut Conn, handoff: HandoffId) -> Result<Vec<SignedReceipt>> {
    type Row = (String, Vec<u8>, String, Vec<u8>, bool, At);
    let columns = (
        users::display_name,
        phone_keys::public_key,
        signed_receipts::said,
        signed_receipts::signature,
        signed_receipts::is_merged,
        signed_receipts::delivered_at,
    );
    let rows: Vec<Row> = signed_receipts::table
        .inner_join(phone_keys::table.on(phone_keys::id.eq(signed_receipts::key_id)))
        .inner_join(users::table.on(users::id.eq(phone_keys::user_id)))
        .filter(signed_receipts::handoff_id.eq(handoff))
        .order(signed_receipts::delivered_at)
        .select(columns)
        .load(conn)?;
    let receipt = |(by, public_key, said, signature, is_merged, at): Row| {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("signed_receipts.{column} of {handoff} holds what it cannot"));
        Ok(SignedReceipt {
            by,
            public_key: public_key.try_into().map_err(|_| bad("key_id"))?,
            said,
            signature: signature.try_into().map_err(|_| bad("signature"))?,
            is_merged,
            delivered_at: at.0,
        })
    };
    rows.into_iter().map(receipt).collect()
}
