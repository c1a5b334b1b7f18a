//! Rows of `obligations` and `obligation_deeds`. Reads `travellers` for who answers, and `organisations` for their codes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::model::{Deed, Obligation, ObligationKind};
use crate::arrivals::TravellerId;
use crate::base::{Error, Id, Result};
use crate::db::schema::{obligation_deeds, obligations, organisations, travellers};
use crate::db::{At, Conn, Tx};
use crate::places::Organisation;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = obligations, treat_none_as_default_value = false)]
pub(super) struct ObligationRow {
    pub(super) id: Id<Obligation>,
    pub(super) traveller_id: TravellerId,
    pub(super) kind: String,
    pub(super) words: Vec<u8>,
    pub(super) due_at: Option<At>,
    pub(super) added_by: String,
    pub(super) added_for: Id<Organisation>,
    pub(super) added_at: At,
}

/// What is written down, with its words as they are sealed.
pub(super) type Sealed = (Obligation, Vec<u8>);

/// Whose obligations.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// One person's, done or not.
    Traveller(TravellerId),
    /// Those that are not done of everybody whom this organisation answers for.
    Custodian(Id<Organisation>),
}

pub(super) fn insert(tx: &mut Tx<'_>, row: ObligationRow) -> Result<()> {
    diesel::insert_into(obligations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// To whom an obligation is owed.
pub(super) fn owed_to(conn: &mut Conn, id: Id<Obligation>) -> Result<Option<TravellerId>> {
    Ok(obligations::table.find(id).select(obligations::traveller_id).first(conn).optional()?)
}

/// Records that it was done; whoever comes second is told so by the schema.
pub(super) fn done(tx: &mut Tx<'_>, id: Id<Obligation>, by: &str, organisation: Id<Organisation>, at: DateTime<Utc>) -> Result<()> {
    let row = (
        obligation_deeds::obligation_id.eq(id),
        obligation_deeds::done_by.eq(by),
        obligation_deeds::done_for.eq(organisation),
        obligation_deeds::done_at.eq(At(at)),
    );
    diesel::insert_into(obligation_deeds::table).values(row).execute(&mut **tx)?;
    Ok(())
}

diesel::alias!(
    const ADDERS: Alias<Adders> = organisations as adders;
    const DOERS: Alias<Doers> = organisations as doers;
);

type DoneColumns = (Option<String>, Option<At>, Option<String>);

/// What is owed, in the order in which it was written down.
pub(super) fn list(conn: &mut Conn, of: Of) -> Result<Vec<Sealed>> {
    let mut query = obligations::table
        .inner_join(travellers::table.on(travellers::id.eq(obligations::traveller_id)))
        .inner_join(ADDERS.on(ADDERS.field(organisations::id).eq(obligations::added_for)))
        .left_join(obligation_deeds::table.on(obligation_deeds::obligation_id.eq(obligations::id)))
        .left_join(DOERS.on(DOERS.field(organisations::id).nullable().eq(obligation_deeds::done_for.nullable())))
        .order(obligations::id)
        .select((
            ObligationRow::as_select(),
            ADDERS.field(organisations::code),
            (obligation_deeds::done_by.nullable(), obligation_deeds::done_at.nullable(), DOERS.field(organisations::code).nullable()),
        ))
        .into_boxed();
    query = match of {
        Of::Traveller(id) => query.filter(obligations::traveller_id.eq(id)),
        Of::Custodian(id) => query.filter(travellers::custodian_id.eq(Some(id)).and(obligation_deeds::done_at.nullable().is_null())),
    };
    let rows: Vec<(ObligationRow, String, DoneColumns)> = query.load(conn)?;
    rows.into_iter().map(obligation_of).collect()
}

fn obligation_of((row, adder, (done_by, done_at, doer)): (ObligationRow, String, DoneColumns)) -> Result<Sealed> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("obligations.{column} of {} holds what it cannot", row.id));
    let deed = |by: String, code: &str, at: At, column| Ok::<_, Error>(Deed { by, organisation: code.parse().map_err(|_| bad(column))?, at: at.0 });
    let done = match (done_by, done_at, doer) {
        (Some(by), Some(at), Some(code)) => Some(deed(by, &code, at, "done_for")?),
        _ => None,
    };
    let obligation = Obligation {
        id: row.id,
        traveller: row.traveller_id,
        kind: ObligationKind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        words: None,
        due_at: row.due_at.map(|at| at.0),
        added: deed(row.added_by.clone(), &adder, row.added_at, "added_for")?,
        done,
    };
    Ok((obligation, row.words))
}
