//! Rows of `notice_addresses` and `notices`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::model::{Address, Channel, Muted, News, Notice, NoticeState, Post, Target};
use crate::base::{Error, Id, Result};
use crate::db::schema::{notice_addresses, notices};
use crate::db::{At, Conn, Json, Kept, Tx};
use crate::places::Organisation;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notice_addresses, treat_none_as_default_value = false)]
struct AddressRow {
    id: Id<Address>,
    organisation_id: Option<Id<Organisation>>,
    channel: String,
    address: String,
    post: String,
    language: String,
    muted: String,
    added_by: String,
    added_at: At,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notices, treat_none_as_default_value = false)]
struct NoticeRow {
    id: Id<Notice>,
    address_id: Id<Address>,
    kind: String,
    occasion: String,
    news: Json,
    state: String,
    attempts: i32,
    due_at: Option<At>,
    created_at: At,
    sent_at: Option<At>,
    last_error: Option<String>,
}

impl TryFrom<AddressRow> for Address {
    type Error = Error;

    fn try_from(row: AddressRow) -> Result<Self> {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("notice_addresses.{column} of {} holds what it cannot", row.id));
        let channel = Channel::from_name(&row.channel).ok_or_else(|| bad("channel"))?;
        let muted: Vec<&str> = row.muted.split(',').filter(|kind| !kind.is_empty()).collect();
        Ok(Self {
            id: row.id,
            organisation: row.organisation_id,
            channel,
            target: Target::parse(channel, &row.address).map_err(|_| bad("address"))?,
            post: Post::from_name(&row.post).ok_or_else(|| bad("post"))?,
            language: row.language.parse().map_err(|_| bad("language"))?,
            muted: Muted::parse(&muted).map_err(|_| bad("muted"))?,
            added_by: row.added_by,
            added_at: row.added_at.0,
        })
    }
}

fn notice_of(row: NoticeRow, address: Address) -> Result<Notice> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("notices.{column} of {} holds what it cannot", row.id));
    Ok(Notice {
        id: row.id,
        address,
        news: serde_json::from_value(row.news.0).map_err(|_| bad("news"))?,
        state: NoticeState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        attempts: row.attempts,
        due_at: row.due_at.map(|at| at.0),
        created_at: row.created_at.0,
        sent_at: row.sent_at.map(|at| at.0),
        last_error: row.last_error,
    })
}

/// Adds an address.
pub(super) fn address_insert(tx: &mut Tx<'_>, address: &Address) -> Result<()> {
    let row = AddressRow {
        id: address.id,
        organisation_id: address.organisation,
        channel: address.channel.name().into(),
        address: address.target.to_string(),
        post: address.post.name().into(),
        language: if address.language == crate::base::Language::Zh { "zh" } else { "en" }.into(),
        muted: address.muted.kinds().join(","),
        added_by: address.added_by.clone(),
        added_at: At(address.added_at),
    };
    diesel::insert_into(notice_addresses::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Takes an address out of use; whether it was in use.
pub(super) fn address_remove(tx: &mut Tx<'_>, id: Id<Address>) -> Result<bool> {
    let now = At(tx.now());
    let row = notice_addresses::table.filter(notice_addresses::id.eq(id).and(notice_addresses::removed_at.is_null()));
    Ok(Kept(diesel::update(row).set(notice_addresses::removed_at.eq(Some(now)))).execute(&mut **tx)? == 1)
}

/// An address in use.
pub(super) fn find_address(conn: &mut Conn, id: Id<Address>) -> Result<Option<Address>> {
    let row = notice_addresses::table.filter(notice_addresses::id.eq(id).and(notice_addresses::removed_at.is_null())).select(AddressRow::as_select());
    row.first(conn).optional()?.map(Address::try_from).transpose()
}

/// The addresses in use, in the order in which they were added.
pub(super) fn addresses(conn: &mut Conn) -> Result<Vec<Address>> {
    let rows: Vec<AddressRow> =
        notice_addresses::table.filter(notice_addresses::removed_at.is_null()).order(notice_addresses::id).select(AddressRow::as_select()).load(conn)?;
    rows.into_iter().map(Address::try_from).collect()
}

/// Puts news into the outbox for these addresses. Who has this news of this occasion already does not get it again.
pub(super) fn notices_insert(tx: &mut Tx<'_>, news: &News, occasion: &str, to: &[Id<Address>]) -> Result<()> {
    let now = At(tx.now());
    let said = Json(serde_json::to_value(news).map_err(|fault| Error::Internal(fault.into()))?);
    for &address_id in to {
        let row = NoticeRow {
            id: tx.new_id(),
            address_id,
            kind: news.kind().into(),
            occasion: occasion.to_owned(),
            news: said.clone(),
            state: NoticeState::Waiting.name().into(),
            attempts: 0,
            due_at: Some(now),
            created_at: now,
            sent_at: None,
            last_error: None,
        };
        match &mut **tx {
            Conn::Postgres(conn) => diesel::insert_into(notices::table).values(row).on_conflict_do_nothing().execute(conn)?,
            Conn::Sqlite(conn) => diesel::insert_into(notices::table).values(row).on_conflict_do_nothing().execute(conn)?,
        };
    }
    Ok(())
}

/// Takes at most `limit` notices that are due, and marks them as being sent until `until`, after which others may take them up.
pub(super) fn claim(tx: &mut Tx<'_>, channels: &[Channel], until: DateTime<Utc>, limit: i64) -> Result<Vec<Notice>> {
    let names: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
    let by_channel = notice_addresses::table.filter(notice_addresses::channel.eq_any(names)).select(notice_addresses::id);
    let due = notices::table.filter(notices::due_at.le(At(tx.now())).and(notices::address_id.eq_any(by_channel)));
    let due = due.order(notices::due_at).limit(limit).select(notices::id);
    let ids: Vec<Id<Notice>> = match &mut **tx {
        Conn::Postgres(conn) => due.for_update().skip_locked().load(conn)?,
        Conn::Sqlite(conn) => due.load(conn)?,
    };
    let change = (notices::state.eq(NoticeState::Sending.name()), notices::attempts.eq(notices::attempts + 1), notices::due_at.eq(Some(At(until))));
    diesel::update(notices::table.filter(notices::id.eq_any(&ids))).set(change).execute(&mut **tx)?;
    let rows = notices::table.filter(notices::id.eq_any(ids)).order(notices::id).select(NoticeRow::as_select()).load(&mut **tx)?;
    with_addresses(tx, rows)
}

/// A notice.
pub(super) fn find_notice(conn: &mut Conn, id: Id<Notice>) -> Result<Option<Notice>> {
    let row = notices::table.find(id).select(NoticeRow::as_select()).first(conn).optional()?;
    with_addresses(conn, row.into_iter().collect()).map(|mut found| found.pop())
}

/// How many notices are in a state: of these organisations' addresses, or of everybody's, if none are named.
pub(super) fn n_notices(conn: &mut Conn, within: Option<&[Id<Organisation>]>, state: NoticeState) -> Result<i64> {
    let mut query = notices::table.select(diesel::dsl::count_star()).filter(notices::state.eq(state.name())).into_boxed();
    if let Some(within) = within {
        let theirs = notice_addresses::table.filter(notice_addresses::organisation_id.eq_any(within.iter().copied().map(Some).collect::<Vec<_>>()));
        query = query.filter(notices::address_id.eq_any(theirs.select(notice_addresses::id)));
    }
    Ok(query.first(conn)?)
}

/// Notices, the newest first, below `below`: of these organisations' addresses (of everybody's, if none are named), in this state, if one is.
pub(super) fn notices_of(
    conn: &mut Conn,
    within: Option<&[Id<Organisation>]>,
    state: Option<NoticeState>,
    below: Option<Id<Notice>>,
    limit: i64,
) -> Result<Vec<Notice>> {
    let mut query = notices::table.order(notices::id.desc()).limit(limit).select(NoticeRow::as_select()).into_boxed();
    if let Some(within) = within {
        let theirs = notice_addresses::table.filter(notice_addresses::organisation_id.eq_any(within.iter().copied().map(Some).collect::<Vec<_>>()));
        query = query.filter(notices::address_id.eq_any(theirs.select(notice_addresses::id)));
    }
    if let Some(state) = state {
        query = query.filter(notices::state.eq(state.name()));
    }
    if let Some(below) = below {
        query = query.filter(notices::id.lt(below));
    }
    let rows = query.load(conn)?;
    with_addresses(conn, rows)
}

fn with_addresses(conn: &mut Conn, rows: Vec<NoticeRow>) -> Result<Vec<Notice>> {
    let mut ids: Vec<Id<Address>> = rows.iter().map(|row| row.address_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found: Vec<AddressRow> = notice_addresses::table.filter(notice_addresses::id.eq_any(ids)).select(AddressRow::as_select()).load(conn)?;
    let addresses: HashMap<Id<Address>, Address> =
        found.into_iter().map(|row| Address::try_from(row).map(|address| (address.id, address))).collect::<Result<_>>()?;
    let address_of = |row: &NoticeRow| {
        let missing = || Error::Internal(anyhow::anyhow!("notices.address_id of {} names nobody", row.id));
        addresses.get(&row.address_id).cloned().ok_or_else(missing)
    };
    rows.into_iter().map(|row| address_of(&row).and_then(|address| notice_of(row, address))).collect()
}

/// The other side has taken a notice, whoever sent it.
pub(super) fn mark_sent(tx: &mut Tx<'_>, id: Id<Notice>) -> Result<()> {
    let change = (
        notices::state.eq(NoticeState::Sent.name()),
        notices::due_at.eq(None::<At>),
        notices::sent_at.eq(Some(At(tx.now()))),
        notices::last_error.eq(None::<String>),
    );
    Kept(diesel::update(notices::table.filter(notices::id.eq(id).and(notices::sent_at.is_null()))).set(change)).execute(&mut **tx)?;
    Ok(())
}

/// An attempt has failed: the notice is due again at `due_at`, or is given up. An attempt that somebody else has taken over meanwhile changes
/// nothing; whether this one did.
pub(super) fn mark_failed(tx: &mut Tx<'_>, notice: &Notice, due_at: Option<DateTime<Utc>>, cause: &str) -> Result<bool> {
    let state = if due_at.is_some() { NoticeState::Waiting } else { NoticeState::Dead };
    let own = notices::id.eq(notice.id).and(notices::attempts.eq(notice.attempts)).and(notices::state.eq(NoticeState::Sending.name()));
    let change = (notices::state.eq(state.name()), notices::due_at.eq(due_at.map(At)), notices::last_error.eq(Some(cause)));
    Ok(Kept(diesel::update(notices::table.filter(own)).set(change)).execute(&mut **tx)? == 1)
}

/// Makes a notice that was given up due again, as if it had never been tried; whether it had been given up.
pub(super) fn revive(tx: &mut Tx<'_>, id: Id<Notice>) -> Result<bool> {
    let dead = notices::table.filter(notices::id.eq(id).and(notices::state.eq(NoticeState::Dead.name())));
    let change = (notices::state.eq(NoticeState::Waiting.name()), notices::attempts.eq(0), notices::due_at.eq(Some(At(tx.now()))));
    Ok(Kept(diesel::update(dead).set(change)).execute(&mut **tx)? == 1)
}
