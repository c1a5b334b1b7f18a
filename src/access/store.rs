//! Rows of `users`, `tokens` and `audit`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::audit::{Deed, Entry, Filter, Subject};
use super::model::{OrganisationCode, User, UserName};
use super::password::PasswordHash;
use super::token::{Kind, Token};
use crate::base::page::PageRequest;
use crate::base::{Error, Id, Language, Result};
use crate::db::schema::{audit, tokens, users};
use crate::db::{At, Conn, Kept, Tx};

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct UserRow {
    id: Id<User>,
    name: String,
    display_name: String,
    role: String,
    scope: String,
    organisation: Option<String>,
    password_hash: Option<String>,
    created_at: At,
    disabled_at: Option<At>,
    language: Option<String>,
}

#[derive(Queryable, Insertable, Selectable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: Id<Token>,
    user_id: Id<User>,
    kind: String,
    digest: Vec<u8>,
    label: String,
    created_at: At,
    expires_at: At,
    revoked_at: Option<At>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct AuditRow {
    seq: i64,
    at: At,
    user_id: Option<Id<User>>,
    actor: String,
    deed: String,
    subject: String,
    subject_id: Id<Subject>,
    reason: Option<String>,
}

pub(super) fn user_insert(tx: &mut Tx<'_>, user: &User, password: Option<&PasswordHash>) -> Result<()> {
    let row = UserRow {
        id: user.id,
        name: user.name.to_string(),
        display_name: user.display_name.clone(),
        role: user.role.to_string(),
        scope: user.scope.to_string(),
        organisation: user.organisation.as_ref().map(ToString::to_string),
        password_hash: password.map(|hash| hash.as_str().to_owned()),
        created_at: At(user.created_at),
        disabled_at: user.disabled_at.map(At),
        language: user.language.map(|language| language.code().to_owned()),
    };
    diesel::insert_into(users::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The user of this name, with what is stored of the password.
pub(super) fn find_user(conn: &mut Conn, name: &UserName) -> Result<Option<(User, Option<PasswordHash>)>> {
    let row: Option<UserRow> = users::table.filter(users::name.eq(name.as_str())).select(UserRow::as_select()).first(conn).optional()?;
    row.map(with_password).transpose()
}

/// The user with this id, with what is stored of the password.
pub(super) fn user_with_password(conn: &mut Conn, id: Id<User>) -> Result<Option<(User, Option<PasswordHash>)>> {
    let row: Option<UserRow> = users::table.find(id).select(UserRow::as_select()).first(conn).optional()?;
    row.map(with_password).transpose()
}

fn with_password(mut row: UserRow) -> Result<(User, Option<PasswordHash>)> {
    let hash = row.password_hash.take().map(PasswordHash::stored);
    Ok((row.try_into()?, hash))
}

pub(super) fn user_language(tx: &mut Tx<'_>, id: Id<User>, language: Language) -> Result<()> {
    Kept(diesel::update(users::table.find(id)).set(users::language.eq(Some(language.code())))).execute(&mut **tx)?;
    Ok(())
}

pub(super) fn user_password(tx: &mut Tx<'_>, id: Id<User>, password: &PasswordHash) -> Result<()> {
    Kept(diesel::update(users::table.find(id)).set(users::password_hash.eq(Some(password.as_str())))).execute(&mut **tx)?;
    Ok(())
}

/// Closes every session of a user but the one whose secret has this digest.
pub(super) fn sessions_revoke(tx: &mut Tx<'_>, of: Id<User>, kept: Option<[u8; 32]>) -> Result<()> {
    let now = At(tx.now());
    let kept = kept.unwrap_or_default();
    let open = tokens::table.filter(tokens::user_id.eq(of)).filter(tokens::kind.eq(Kind::Session.code())).filter(tokens::revoked_at.is_null());
    Kept(diesel::update(open.filter(tokens::digest.ne(kept.as_slice()))).set(tokens::revoked_at.eq(Some(now)))).execute(&mut **tx)?;
    Ok(())
}

/// Users by id, one more than the page holds.
pub(super) fn users_after(conn: &mut Conn, page: PageRequest<Id<User>>) -> Result<Vec<User>> {
    let mut query = users::table.order(users::id).limit(i64::from(page.limit) + 1).select(UserRow::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(users::id.gt(after));
    }
    let rows: Vec<UserRow> = query.load(conn)?;
    rows.into_iter().map(User::try_from).collect()
}

/// Whether a user of this organisation is not shut out.
pub(super) fn has_users(conn: &mut Conn, organisation: &OrganisationCode) -> Result<bool> {
    let of = users::table.filter(users::organisation.eq(organisation.as_str()).and(users::disabled_at.is_null()));
    Ok(diesel::select(diesel::dsl::exists(of)).get_result(conn)?)
}

/// Shuts a user out, unless they are already.
pub(super) fn user_disable(tx: &mut Tx<'_>, id: Id<User>) -> Result<()> {
    let now = At(tx.now());
    Kept(diesel::update(users::table.filter(users::id.eq(id)).filter(users::disabled_at.is_null())).set(users::disabled_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

pub(super) fn token_insert(tx: &mut Tx<'_>, token: &Token, digest: [u8; 32]) -> Result<()> {
    let row = TokenRow {
        id: token.id,
        user_id: token.user,
        kind: token.kind.code().into(),
        digest: digest.to_vec(),
        label: token.label.clone(),
        created_at: At(token.created_at),
        expires_at: At(token.expires_at),
        revoked_at: token.revoked_at.map(At),
    };
    diesel::insert_into(tokens::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The token with this digest and the user it stands for.
pub(super) fn find_bearer(conn: &mut Conn, digest: [u8; 32]) -> Result<Option<(Token, User)>> {
    Ok(find_bearers(conn, &[digest])?.remove(&digest))
}

/// The tokens with these digests and the users they stand for; those that do not exist are missing.
pub(super) fn find_bearers(conn: &mut Conn, digests: &[[u8; 32]]) -> Result<HashMap<[u8; 32], (Token, User)>> {
    let bearers = tokens::table.inner_join(users::table.on(users::id.eq(tokens::user_id)));
    let bearers = bearers.filter(tokens::digest.eq_any(digests.iter().map(|digest| digest.as_slice())));
    let rows: Vec<(Vec<u8>, TokenRow, UserRow)> = Kept(bearers.select((tokens::digest, TokenRow::as_select(), UserRow::as_select()))).load(conn)?;
    let bearer = |(digest, token, user): (Vec<u8>, TokenRow, UserRow)| {
        let digest = digest.try_into().map_err(|_| Error::Internal(anyhow::anyhow!("tokens.digest of {} holds what it cannot", token.id)))?;
        Ok((digest, (token.try_into()?, user.try_into()?)))
    };
    rows.into_iter().map(bearer).collect()
}

pub(super) fn find_token(conn: &mut Conn, id: Id<Token>) -> Result<Option<Token>> {
    let row: Option<TokenRow> = tokens::table.filter(tokens::id.eq(id)).select(TokenRow::as_select()).first(conn).optional()?;
    row.map(Token::try_from).transpose()
}

/// Tokens by id, of one user or of all, one more than the page holds.
pub(super) fn tokens_after(conn: &mut Conn, of: Option<Id<User>>, page: PageRequest<Id<Token>>) -> Result<Vec<Token>> {
    let mut query = tokens::table.order(tokens::id).limit(i64::from(page.limit) + 1).select(TokenRow::as_select()).into_boxed();
    if let Some(user) = of {
        query = query.filter(tokens::user_id.eq(user));
    }
    if let Some(after) = page.after {
        query = query.filter(tokens::id.gt(after));
    }
    let rows: Vec<TokenRow> = query.load(conn)?;
    rows.into_iter().map(Token::try_from).collect()
}

/// Takes a token back; whether it was still there to take.
pub(super) fn token_revoke(tx: &mut Tx<'_>, id: Id<Token>) -> Result<bool> {
    let now = At(tx.now());
    let open = tokens::table.filter(tokens::id.eq(id)).filter(tokens::revoked_at.is_null());
    Ok(Kept(diesel::update(open).set(tokens::revoked_at.eq(Some(now)))).execute(&mut **tx)? == 1)
}

pub(super) fn audit_insert(tx: &mut Tx<'_>, user: Option<Id<User>>, actor: &str, deed: Deed, subject: Subject, reason: Option<&str>) -> Result<()> {
    let row = (
        audit::at.eq(At(tx.now())),
        audit::user_id.eq(user),
        audit::actor.eq(actor),
        audit::deed.eq(deed.code()),
        audit::subject.eq(subject.kind),
        audit::subject_id.eq(Id::<Subject>::from_uuid(subject.id)),
        audit::reason.eq(reason),
    );
    diesel::insert_into(audit::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Lines of the trail, newest first, one more than the page holds.
pub(super) fn audit_before(conn: &mut Conn, filter: Filter, page: PageRequest<i64>) -> Result<Vec<Entry>> {
    let mut query = audit::table.order(audit::seq.desc()).limit(i64::from(page.limit) + 1).select(AuditRow::as_select()).into_boxed();
    if let Some(subject) = filter.subject {
        query = query.filter(audit::subject_id.eq(Id::<Subject>::from_uuid(subject)));
    }
    if let Some(user) = filter.user {
        query = query.filter(audit::user_id.eq(user));
    }
    if let Some(after) = page.after {
        query = query.filter(audit::seq.lt(after));
    }
    let rows: Vec<AuditRow> = query.load(conn)?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The last attempts to sign in under a name, newest first: when, and whether in vain.
pub(super) fn attempts(conn: &mut Conn, name: Subject, limit: i64) -> Result<Vec<(DateTime<Utc>, bool)>> {
    let rows: Vec<(At, String)> = audit::table
        .filter(audit::subject_id.eq(Id::<Subject>::from_uuid(name.id)))
        .order(audit::seq.desc())
        .limit(limit)
        .select((audit::at, audit::deed))
        .load(conn)?;
    Ok(rows.into_iter().map(|(at, deed)| (at.0, deed == Deed::SignInFailed.code())).collect())
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let id = row.id;
        let bad = |column: &str| Error::Internal(anyhow::anyhow!("users.{column} of {id} holds what it cannot"));
        Ok(Self {
            id,
            name: row.name.parse().map_err(|_| bad("name"))?,
            display_name: row.display_name,
            role: row.role.parse().map_err(|_| bad("role"))?,
            scope: row.scope.parse().map_err(|_| bad("scope"))?,
            organisation: row.organisation.map(|code| code.parse().map_err(|_| bad("organisation"))).transpose()?,
            created_at: row.created_at.0,
            disabled_at: row.disabled_at.map(DateTime::from),
            language: row.language.map(|language| language.parse().map_err(|_| bad("language"))).transpose()?,
        })
    }
}

impl TryFrom<TokenRow> for Token {
    type Error = Error;

    fn try_from(row: TokenRow) -> Result<Self> {
        let kind = [Kind::Session, Kind::Api].into_iter().find(|kind| kind.code() == row.kind);
        Ok(Self {
            id: row.id,
            user: row.user_id,
            kind: kind.ok_or_else(|| anyhow::anyhow!("tokens.kind of {} holds what it cannot", row.id))?,
            label: row.label,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            revoked_at: row.revoked_at.map(DateTime::from),
        })
    }
}

impl TryFrom<AuditRow> for Entry {
    type Error = Error;

    fn try_from(row: AuditRow) -> Result<Self> {
        Ok(Self {
            seq: row.seq,
            at: row.at.0,
            user: row.user_id,
            actor: row.actor,
            deed: Deed::from_code(&row.deed).ok_or_else(|| anyhow::anyhow!("audit.deed of {} holds what it cannot", row.seq))?,
            subject: row.subject,
            subject_id: row.subject_id.uuid(),
            reason: row.reason,
        })
    }
}
