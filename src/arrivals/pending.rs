//! Rosters on their way in: somebody has uploaded a file and looks at what is wrong with it. What they have so far outlives their
//! session and a reload; it is sealed, it is nobody else's, and it goes when it is imported, given up or two days old.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::access::{Act, Actor, Cell as SealedAt, Keyring, User};
use crate::base::{Error, Id, Result};
use crate::db::schema::roster_drafts;
use crate::db::{At, Conn, Kept, Tx};

/// How long a file may wait to be imported.
const LASTS: TimeDelta = TimeDelta::days(2);

/// A roster that has been uploaded and not yet imported.
pub struct PendingRoster {
    /// The name of the file.
    pub file_name: String,
    /// Its bytes, with the corrections so far.
    pub content: Vec<u8>,
}

/// Keeps a file for its uploader, and drops whatever has waited too long.
pub fn pending_add(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, pending: &PendingRoster) -> Result<Id<PendingRoster>> {
    actor.must(Act::ImportRoster)?;
    let old = roster_drafts::table.filter(roster_drafts::changed_at.lt(At(tx.now() - LASTS)));
    diesel::delete(old).execute(&mut **tx)?;
    let id: Id<PendingRoster> = tx.new_id();
    let (key, wrapped) = keyring.new_key(id.uuid(), tx.chance())?;
    let row = (
        roster_drafts::id.eq(id),
        roster_drafts::user_id.eq(user_of(actor)?),
        roster_drafts::file_name.eq(&pending.file_name),
        roster_drafts::content_key.eq(wrapped),
        roster_drafts::content.eq(key.seal(at(id), &pending.content, tx.chance())?),
        roster_drafts::changed_at.eq(At(tx.now())),
    );
    diesel::insert_into(roster_drafts::table).values(row).execute(&mut **tx)?;
    Ok(id)
}

/// A file that the actor has uploaded; [`NotFound`](Error::NotFound) for anybody else.
pub fn pending(conn: &mut Conn, actor: &Actor, keyring: &Keyring, id: Id<PendingRoster>) -> Result<PendingRoster> {
    actor.must(Act::ImportRoster)?;
    let own = roster_drafts::table.filter(roster_drafts::id.eq(id).and(roster_drafts::user_id.eq(user_of(actor)?)));
    let columns = (roster_drafts::file_name, roster_drafts::content_key, roster_drafts::content);
    let row: Option<(String, Vec<u8>, Vec<u8>)> = own.select(columns).first(conn).optional()?;
    let (file_name, key, content) = row.ok_or(Error::NotFound("roster"))?;
    let content = keyring.unwrap(id.uuid(), &key)?.open(at(id), &content)?.to_vec();
    Ok(PendingRoster { file_name, content })
}

/// Keeps the file as it is after corrections.
pub fn pending_correct(tx: &mut Tx<'_>, actor: &Actor, keyring: &Keyring, id: Id<PendingRoster>, content: &[u8]) -> Result<()> {
    actor.must(Act::ImportRoster)?;
    let (key, wrapped) = keyring.new_key(id.uuid(), tx.chance())?;
    let change = (
        roster_drafts::content_key.eq(wrapped),
        roster_drafts::content.eq(key.seal(at(id), content, tx.chance())?),
        roster_drafts::changed_at.eq(At(tx.now())),
    );
    let own = roster_drafts::table.filter(roster_drafts::id.eq(id).and(roster_drafts::user_id.eq(user_of(actor)?)));
    let n = Kept(diesel::update(own).set(change)).execute(&mut **tx)?;
    if n == 1 { Ok(()) } else { Err(Error::NotFound("roster")) }
}

/// Forgets the file: it has been imported, or given up.
pub fn pending_drop(tx: &mut Tx<'_>, actor: &Actor, id: Id<PendingRoster>) -> Result<()> {
    let own = roster_drafts::table.filter(roster_drafts::id.eq(id).and(roster_drafts::user_id.eq(user_of(actor)?)));
    diesel::delete(own).execute(&mut **tx)?;
    Ok(())
}

fn user_of(actor: &Actor) -> Result<Id<User>> {
    actor.user().ok_or(Error::Unauthenticated)
}

fn at(id: Id<PendingRoster>) -> SealedAt {
    SealedAt { column: "roster_drafts.content", row: id.uuid() }
}
