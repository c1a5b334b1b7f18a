//! Rows of `guest_links`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::model::{GuestLink, LinkEnd};
use crate::base::{Error, Id, Result};
use crate::custody::HandoffId;
use crate::db::schema::guest_links;
use crate::db::{At, Conn, Kept, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = guest_links, treat_none_as_default_value = false)]
struct LinkRow {
    id: Id<GuestLink>,
    handoff_id: HandoffId,
    token_digest: Vec<u8>,
    code_digest: Vec<u8>,
    made_by: String,
    made_at: At,
    expires_at: At,
    failures: i32,
    failed_at: Option<At>,
    ended: Option<String>,
    ended_by: Option<String>,
    ended_at: Option<At>,
}

pub(super) fn insert(tx: &mut Tx<'_>, link: &GuestLink, token_digest: [u8; 32]) -> Result<()> {
    let row = LinkRow {
        id: link.id,
        handoff_id: link.handoff,
        token_digest: token_digest.to_vec(),
        code_digest: link.code_digest.to_vec(),
        made_by: link.made_by.clone(),
        made_at: At(link.made_at),
        expires_at: At(link.expires_at),
        failures: 0,
        failed_at: None,
        ended: None,
        ended_by: None,
        ended_at: None,
    };
    diesel::insert_into(guest_links::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The link whose secret has this digest.
pub(super) fn find(conn: &mut Conn, token_digest: [u8; 32]) -> Result<Option<GuestLink>> {
    let row = guest_links::table.filter(guest_links::token_digest.eq(token_digest.as_slice())).select(LinkRow::as_select()).first(conn).optional()?;
    row.map(link_of).transpose()
}

/// The links of a handoff, the newest first.
pub(super) fn links_of(conn: &mut Conn, handoff: HandoffId) -> Result<Vec<GuestLink>> {
    let links = guest_links::table.filter(guest_links::handoff_id.eq(handoff)).order(guest_links::id.desc());
    let rows: Vec<LinkRow> = links.select(LinkRow::as_select()).load(conn)?;
    rows.into_iter().map(link_of).collect()
}

/// Ends the link of a handoff that can be used, if there is one; whether there was.
pub(super) fn end(tx: &mut Tx<'_>, handoff: HandoffId, end: &LinkEnd) -> Result<bool> {
    let open = guest_links::table.filter(guest_links::handoff_id.eq(handoff).and(guest_links::ended.is_null()));
    let word = if end.is_used { "used" } else { "revoked" };
    let set = (guest_links::ended.eq(Some(word)), guest_links::ended_by.eq(Some(&end.by)), guest_links::ended_at.eq(Some(At(end.at))));
    Ok(Kept(diesel::update(open).set(set)).execute(&mut **tx)? == 1)
}

/// Writes how often in a row the code was wrong.
pub(super) fn set_failures(tx: &mut Tx<'_>, id: Id<GuestLink>, failures: i32, failed_at: Option<DateTime<Utc>>) -> Result<()> {
    let link = guest_links::table.find(id);
    Kept(diesel::update(link).set((guest_links::failures.eq(failures), guest_links::failed_at.eq(failed_at.map(At))))).execute(&mut **tx)?;
    Ok(())
}

fn link_of(row: LinkRow) -> Result<GuestLink> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("guest_links.{column} of {} holds what it cannot", row.id));
    let ended = match (row.ended.as_deref(), row.ended_by.clone(), row.ended_at) {
        (Some(word @ ("used" | "revoked")), Some(by), Some(at)) => Some(LinkEnd { is_used: word == "used", by, at: at.0 }),
        (None, None, None) => None,
        _ => return Err(bad("ended")),
    };
    Ok(GuestLink {
        id: row.id,
        handoff: row.handoff_id,
        made_by: row.made_by.clone(),
        made_at: row.made_at.0,
        expires_at: row.expires_at.0,
        failures: row.failures,
        failed_at: row.failed_at.map(|at| at.0),
        code_digest: row.code_digest.clone().try_into().map_err(|_| bad("code_digest"))?,
        ended,
    })
}
