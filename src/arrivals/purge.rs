//! Destruction of identities 身份信息销毁: when a journey has been over for long enough, nobody may know any more whose it was. The person's own key
//! goes, and with it everything that was ever sealed under it, in every table; so do the hashes by which a document or a name is found. So do
//! documents that guests named, of which nobody may know whose they are, when they have been kept for as long. The ledger and the figures stay as
//! they are, and a signed record stays that, and when, it was done.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::model::TravellerId;
use super::named;
use crate::access::audit::{self, Subject};
use crate::access::{Act, Actor, Keyring, Purpose};
use crate::base::{Error, Id, Message, Result, time};
use crate::db::schema::{custody_entries, destructions, test_results, travellers};
use crate::db::{At, Conn, Kept, Tx};

/// That identities were destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destruction {
    /// Its id.
    pub id: Id<Self>,
    /// Their journeys had ended before this day.
    pub ended_before: NaiveDate,
    /// When they were destroyed.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// How many.
    pub n: i32,
    /// SHA-256 over the 16 bytes of each one's id, in the order of the ids: those of people, then those of documents that were named.
    pub digest: [u8; 32],
    /// The installation's, over [`Destruction::said`].
    pub signature: [u8; 64],
}

impl Destruction {
    /// What is signed, a line of text.
    pub fn said(&self) -> String {
        let digest = base16ct::lower::encode_string(&self.digest);
        format!("destruction 1 {} {} {} {} {} {digest}", self.id, self.ended_before, time::in_shanghai(self.at), self.n, self.by)
    }
}

/// How many are destroyed in one transaction, so that nobody waits long for it.
const PART: i64 = 2_000;

/// Whose journeys ended before a day and whose identity is still there.
fn ended_before(conn: &mut Conn, before: NaiveDate, limit: i64) -> Result<Vec<TravellerId>> {
    let last = custody_entries::traveller_id.eq(travellers::id).and(custody_entries::seq.eq(travellers::custody_seq));
    let ended = travellers::table
        .inner_join(custody_entries::table.on(last))
        .filter(travellers::custodian_id.is_null().and(travellers::identity_key.is_not_null()))
        .filter(custody_entries::happened_at.lt(At(time::midnight(before))));
    Ok(ended.order(travellers::id).limit(limit).select(travellers::id).load(conn)?)
}

/// How many identities [`purge`] would destroy.
///
/// # Errors
/// Invalid: a day that is not over.
pub fn purgeable(conn: &mut Conn, actor: &Actor, before: NaiveDate, now: DateTime<Utc>) -> Result<usize> {
    actor.must(Act::Purge)?;
    must_be_over(before, now)?;
    Ok(ended_before(conn, before, i64::MAX)?.len() + named::n_known_before(conn, before)?)
}

/// Destroys identities of people whose journeys ended before `before`, and documents that were named before it, as many as one transaction takes;
/// none when there are no more. To be called until then. Copies of the database that were made before know them still.
///
/// # Errors
/// Invalid: a day that is not over.
pub fn purge(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, before: NaiveDate) -> Result<Option<Destruction>> {
    actor.must(Act::Purge)?;
    must_be_over(before, tx.now())?;
    let people = ended_before(tx, before, PART)?;
    super::store::travellers_lock(tx, &people)?;
    // Whom another purge has taken meanwhile is in its record.
    let still_known = travellers::table.filter(travellers::id.eq_any(&people).and(travellers::identity_key.is_not_null()));
    let people: Vec<TravellerId> = still_known.order(travellers::id).select(travellers::id).load(&mut **tx)?;
    destroy(tx, &people)?;
    let mut gone: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    gone.extend(named::destroy(tx, before)?);
    if gone.is_empty() {
        return Ok(None);
    }
    let digest = gone.iter().fold(Sha256::new(), |hash, id| hash.chain_update(id.as_bytes())).finalize().into();
    let mut destruction = Destruction {
        id: tx.new_id(),
        ended_before: before,
        at: tx.now(),
        by: actor.name().to_owned(),
        n: i32::try_from(gone.len()).unwrap_or(i32::MAX),
        digest,
        signature: [0; 64],
    };
    destruction.signature = keyring.signing().sign(Purpose::Destruction, destruction.said().as_bytes());
    let row = (
        destructions::id.eq(destruction.id),
        destructions::ended_before.eq(destruction.ended_before),
        destructions::destroyed_at.eq(At(destruction.at)),
        destructions::destroyed_by.eq(&destruction.by),
        destructions::n.eq(destruction.n),
        destructions::digest.eq(destruction.digest.to_vec()),
        destructions::signature.eq(destruction.signature.to_vec()),
    );
    diesel::insert_into(destructions::table).values(row).execute(&mut **tx)?;
    audit::record(tx, actor, Act::Purge, Subject::of("destruction", destruction.id), None)?;
    Ok(Some(destruction))
}

/// Takes away the key and every hash. Where a hash must be, the person's own id stands, which says nothing.
fn destroy(tx: &mut Tx<'_>, people: &[TravellerId]) -> Result<()> {
    if let Conn::Sqlite(_) = &**tx {
        // What was in the file is overwritten, not only let go.
        tx.batch("PRAGMA secure_delete = ON")?;
    }
    // The id as bytes, which is what it is on SQLite.
    let (id, of) = match &**tx {
        Conn::Sqlite(_) => ("id", "traveller_id"),
        Conn::Postgres(_) => ("uuid_send(id)", "uuid_send(traveller_id)"),
    };
    let forgotten = (
        travellers::identity_key.eq(None::<Vec<u8>>),
        travellers::identity.eq(None::<Vec<u8>>),
        travellers::document_hash.eq(sql::<Binary>(id)),
        travellers::name_hash.eq(sql::<Binary>(id)),
        travellers::name_key.eq(None::<Vec<u8>>),
        travellers::latin_key.eq(None::<Vec<u8>>),
        travellers::seat.eq(None::<String>),
        travellers::version.eq(travellers::version + 1),
        travellers::updated_at.eq(At(tx.now())),
    );
    diesel::update(travellers::table.filter(travellers::id.eq_any(people))).set(forgotten).execute(&mut **tx)?;
    let theirs = test_results::table.filter(test_results::traveller_id.eq_any(people.iter().map(Some)));
    Kept(diesel::update(theirs).set(test_results::document_hash.eq(sql::<Binary>(of)))).execute(&mut **tx)?;
    Ok(())
}

fn must_be_over(before: NaiveDate, now: DateTime<Utc>) -> Result<()> {
    let today = time::civil_date(now);
    if before <= today { Ok(()) } else { Err(Error::invalid("before", Message::new("purge_of_days_to_come").with("today", today))) }
}

#[derive(Queryable)]
struct Row {
    id: Id<Destruction>,
    ended_before: NaiveDate,
    destroyed_at: At,
    destroyed_by: String,
    n: i32,
    digest: Vec<u8>,
    signature: Vec<u8>,
}

/// Every destruction, the earliest first.
pub fn destructions(conn: &mut Conn) -> Result<Vec<Destruction>> {
    let rows: Vec<Row> = destructions::table.order((destructions::destroyed_at, destructions::id)).load(conn)?;
    let destruction = |row: Row| {
        let bad = |_| Error::Internal(anyhow::anyhow!("the destruction {} holds what it cannot", row.id));
        Ok(Destruction {
            id: row.id,
            ended_before: row.ended_before,
            at: row.destroyed_at.0,
            by: row.destroyed_by,
            n: row.n,
            digest: row.digest.try_into().map_err(bad)?,
            signature: row.signature.try_into().map_err(bad)?,
        })
    };
    rows.into_iter().map(destruction).collect()
}
