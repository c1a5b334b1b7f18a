//! Rows of `statements` and `statement_signatures`. Reads `organisations` for the codes of the sides.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::frozen::{Frozen, SideSignature, StatementDigest};
use crate::access::User;
use crate::base::{Error, Id, Result};
use crate::custody::Reason;
use crate::db::schema::{organisations, statement_signatures, statements};
use crate::db::{At, Conn, Tx};
use crate::places::Organisation;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = statements, treat_none_as_default_value = false)]
struct StatementRow {
    id: Id<Frozen>,
    one_id: Id<Organisation>,
    other_id: Id<Organisation>,
    from_date: NaiveDate,
    to_date: NaiveDate,
    body: String,
    digest: Vec<u8>,
    frozen_at: At,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = statement_signatures)]
struct SignatureRow {
    statement_id: Id<Frozen>,
    signed_by: String,
    signed_by_user: Option<Id<User>>,
    signed_at: At,
    refused_because: Option<String>,
    signature: Vec<u8>,
}

/// Between whom and when; the sides in the order of their codes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub(super) one: Id<Organisation>,
    pub(super) other: Id<Organisation>,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
}

/// Lets nobody else freeze or sign a statement until the transaction ends.
pub(super) fn lock(tx: &mut Tx<'_>) -> Result<()> {
    if matches!(&**tx, Conn::Postgres(_)) {
        tx.batch("LOCK TABLE statements IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

pub(super) fn insert(tx: &mut Tx<'_>, period: Period, frozen: &Frozen) -> Result<()> {
    let row = StatementRow {
        id: frozen.id,
        one_id: period.one,
        other_id: period.other,
        from_date: period.from,
        to_date: period.to,
        body: frozen.text.clone(),
        digest: frozen.digest.to_vec(),
        frozen_at: At(frozen.frozen_at),
    };
    diesel::insert_into(statements::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Writes what a side says of a statement after all that has been said of it.
pub(super) fn insert_signature(tx: &mut Tx<'_>, statement: &Frozen, organisation: Id<Organisation>, signature: &SideSignature) -> Result<()> {
    let row = (
        statement_signatures::statement_id.eq(statement.id),
        statement_signatures::n.eq(i32::try_from(statement.signatures.len()).unwrap_or(i32::MAX)),
        statement_signatures::organisation_id.eq(organisation),
        statement_signatures::signed_by.eq(&signature.by),
        statement_signatures::signed_by_user.eq(signature.user),
        statement_signatures::signed_at.eq(At(signature.at)),
        statement_signatures::refused_because.eq(signature.refused.as_ref().map(Reason::as_str)),
        statement_signatures::signature.eq(signature.signature.to_vec()),
    );
    diesel::insert_into(statement_signatures::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The statements of a period, the oldest first, each with what was said of it.
pub(super) fn of_period(conn: &mut Conn, period: Period) -> Result<Vec<Frozen>> {
    let of = statements::table
        .filter(statements::one_id.eq(period.one).and(statements::other_id.eq(period.other)))
        .filter(statements::from_date.eq(period.from).and(statements::to_date.eq(period.to)));
    let rows: Vec<StatementRow> = of.order(statements::id).select(StatementRow::as_select()).load(conn)?;
    let ids: Vec<Id<Frozen>> = rows.iter().map(|row| row.id).collect();
    let mut signatures: Vec<(SignatureRow, String)> = statement_signatures::table
        .inner_join(organisations::table.on(organisations::id.eq(statement_signatures::organisation_id)))
        .filter(statement_signatures::statement_id.eq_any(&ids))
        .order((statement_signatures::statement_id, statement_signatures::n))
        .select((SignatureRow::as_select(), organisations::code))
        .load(conn)?;
    let mut frozen = Vec::with_capacity(rows.len());
    for row in rows {
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("statements.{column} of {} holds what it cannot", row.id));
        let (own, rest): (Vec<_>, Vec<_>) = signatures.into_iter().partition(|(signature, _)| signature.statement_id == row.id);
        signatures = rest;
        let digest: StatementDigest = row.digest.as_slice().try_into().map_err(|_| bad("digest"))?;
        let signatures = own.into_iter().map(signature_of).collect::<Result<_>>()?;
        frozen.push(Frozen { id: row.id, text: row.body, digest, frozen_at: row.frozen_at.0, signatures });
    }
    Ok(frozen)
}

fn signature_of((row, code): (SignatureRow, String)) -> Result<SideSignature> {
    let bad = |column: &str| Error::Internal(anyhow::anyhow!("statement_signatures.{column} of {} holds what it cannot", row.statement_id));
    let at: DateTime<Utc> = row.signed_at.0;
    Ok(SideSignature {
        organisation: code.parse().map_err(|_| bad("organisation_id"))?,
        by: row.signed_by.clone(),
        user: row.signed_by_user,
        at,
        refused: row.refused_because.as_deref().map(str::parse).transpose().map_err(|_| bad("refused_because"))?,
        signature: row.signature.as_slice().try_into().map_err(|_| bad("signature"))?,
    })
}
