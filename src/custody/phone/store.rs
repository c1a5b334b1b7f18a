//! Rows of `phone_keys` and `signed_receipts`. Reads `users` for the names of whose key it was.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Nullable;

use super::{PhoneKey, Signed, SignedReceipt};
use crate::access::{Token, User};
use crate::base::page::PageRequest;
use crate::base::{Error, Id, Result};
use crate::custody::HandoffId;
use crate::db::schema::{phone_keys, signed_receipts, users};
use crate::db::{At, Conn, Instant, Kept, Tx};

pub(super) fn enrol(tx: &mut Tx<'_>, user: Id<User>, public_key: [u8; 32], session: Option<Id<Token>>) -> Result<()> {
    let (id, now) = (tx.new_id::<PhoneKey>(), tx.now());
    let row = (
        phone_keys::id.eq(id),
        phone_keys::user_id.eq(user),
        phone_keys::public_key.eq(public_key.to_vec()),
        phone_keys::enrolled_at.eq(At(now)),
        phone_keys::session_id.eq(session),
    );
    diesel::insert_into(phone_keys::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Notes the session in which a key is used.
pub(super) fn in_session(tx: &mut Tx<'_>, id: Id<PhoneKey>, session: Id<Token>) -> Result<()> {
    Kept(diesel::update(phone_keys::table.find(id)).set(phone_keys::session_id.eq(Some(session)))).execute(&mut **tx)?;
    Ok(())
}

/// The session in which a key was last enrolled.
pub(super) fn session_of(conn: &mut Conn, id: Id<PhoneKey>) -> Result<Option<Id<Token>>> {
    Ok(phone_keys::table.find(id).select(phone_keys::session_id).first(conn)?)
}

/// A key that signs at this moment.
pub(super) struct SigningKey {
    pub(super) id: Id<PhoneKey>,
    pub(super) user: Id<User>,
    pub(super) taken_back_at: Option<DateTime<Utc>>,
    pub(super) session: Option<Id<Token>>,
}

/// The key with these bytes, locked: until the transaction ends nobody takes it back, and nothing else that it signed is taken in.
pub(super) fn lock_key(tx: &mut Tx<'_>, public_key: [u8; 32]) -> Result<Option<SigningKey>> {
    let columns = (phone_keys::id, phone_keys::user_id, phone_keys::taken_back_at, phone_keys::session_id);
    let of = phone_keys::table.filter(phone_keys::public_key.eq(public_key.to_vec())).select(columns);
    let row: Option<(Id<PhoneKey>, Id<User>, Option<At>, Option<Id<Token>>)> = match &mut **tx {
        Conn::Postgres(conn) => of.for_update().first(conn).optional()?,
        Conn::Sqlite(conn) => of.first(conn).optional()?,
    };
    Ok(row.map(|(id, user, taken_back_at, session)| SigningKey { id, user, taken_back_at: taken_back_at.map(|at| at.0), session }))
}

type KeyRow = (Id<PhoneKey>, Id<User>, Vec<u8>, At, Option<At>, Option<Id<Token>>, Option<At>);

/// The keys of a user by id, one more than the page holds.
pub(super) fn keys_after(conn: &mut Conn, of: Id<User>, page: PageRequest<Id<PhoneKey>>) -> Result<Vec<PhoneKey>> {
    let last = sql::<Nullable<Instant>>("(SELECT max(s.delivered_at) FROM signed_receipts s WHERE s.key_id = phone_keys.id)");
    let columns =
        (phone_keys::id, phone_keys::user_id, phone_keys::public_key, phone_keys::enrolled_at, phone_keys::taken_back_at, phone_keys::session_id, last);
    let mut query = phone_keys::table.filter(phone_keys::user_id.eq(of)).order(phone_keys::id).limit(i64::from(page.limit) + 1).select(columns).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(phone_keys::id.gt(after));
    }
    let rows: Vec<KeyRow> = query.load(conn)?;
    rows.into_iter().map(key_of).collect()
}

/// Whose key it is.
pub(super) fn owner_of(conn: &mut Conn, id: Id<PhoneKey>) -> Result<Option<Id<User>>> {
    Ok(phone_keys::table.filter(phone_keys::id.eq(id)).select(phone_keys::user_id).first(conn).optional()?)
}

/// Takes a key back; whether it was still there to take.
pub(super) fn take_back(tx: &mut Tx<'_>, id: Id<PhoneKey>) -> Result<bool> {
    let now = At(tx.now());
    let open = phone_keys::table.filter(phone_keys::id.eq(id)).filter(phone_keys::taken_back_at.is_null());
    Ok(Kept(diesel::update(open).set(phone_keys::taken_back_at.eq(Some(now)))).execute(&mut **tx)? == 1)
}

fn key_of((id, user, public_key, enrolled_at, taken_back_at, session, last_used_at): KeyRow) -> Result<PhoneKey> {
    let public_key = public_key.try_into().map_err(|_| Error::Internal(anyhow::anyhow!("phone_keys.public_key of {id} holds what it cannot")))?;
    let (last_used_at, taken_back_at) = (last_used_at.map(|at| at.0), taken_back_at.map(|at| at.0));
    Ok(PhoneKey { id, user, public_key, enrolled_at: enrolled_at.0, last_used_at, taken_back_at, session })
}

/// Keeps what was signed, with the code of why it does not count, if it does not.
pub(super) fn keep(tx: &mut Tx<'_>, handoff: HandoffId, key: Id<PhoneKey>, signed: &Signed, because: Option<&str>) -> Result<()> {
    let (id, now) = (tx.new_id::<SignedReceipt>(), tx.now());
    let row = (
        signed_receipts::id.eq(id),
        signed_receipts::handoff_id.eq(handoff),
        signed_receipts::key_id.eq(key),
        signed_receipts::said.eq(&signed.said),
        signed_receipts::signature.eq(signed.signature.to_vec()),
        signed_receipts::is_merged.eq(because.is_none()),
        signed_receipts::delivered_at.eq(At(now)),
        signed_receipts::because.eq(because),
    );
    diesel::insert_into(signed_receipts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What was signed about a handoff, in the order in which it came in.
pub(super) fn receipts_of(conn: &mut Conn, handoff: HandoffId) -> Result<Vec<SignedReceipt>> {
    type Row = (String, Vec<u8>, String, Vec<u8>, bool, At, Option<String>);
    let columns = (
        users::display_name,
        phone_keys::public_key,
        signed_receipts::said,
        signed_receipts::signature,
        signed_receipts::is_merged,
        signed_receipts::delivered_at,
        signed_receipts::because,
    );
    let rows: Vec<Row> = signed_receipts::table
        .inner_join(phone_keys::table.on(phone_keys::id.eq(signed_receipts::key_id)))
        .inner_join(users::table.on(users::id.eq(phone_keys::user_id)))
        .filter(signed_receipts::handoff_id.eq(handoff))
        .order(signed_receipts::delivered_at)
        .select(columns)
        .load(conn)?;
    let receipt = |(by, public_key, said, signature, is_merged, at, because): Row| {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("signed_receipts.{column} of {handoff} holds what it cannot"));
        Ok(SignedReceipt {
            by,
            public_key: public_key.try_into().map_err(|_| bad("key_id"))?,
            said,
            signature: signature.try_into().map_err(|_| bad("signature"))?,
            is_merged,
            because,
            delivered_at: at.0,
        })
    };
    rows.into_iter().map(receipt).collect()
}
