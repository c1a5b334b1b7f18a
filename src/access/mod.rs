//! Who is asking, what they may do, whom they may see, and how identities are kept from everybody else.
//!
//! Nothing happens without an [`Actor`], and an actor is made only by the doors in this slice. What is not allowed in
//! [`Role::may`] is refused; what is not covered by a [`Scope`] does not exist for the one who asks. It does not know what
//! a traveller or a trip is.

mod account;
pub mod audit;
mod keys;
pub mod mask;
mod model;
mod password;
mod role;
mod seal;
mod sign_in;
mod signing;
mod store;
mod token;

use chrono::{DateTime, Days, Utc};

pub use account::{language_choose, password_change};
pub use keys::keys_belong;
pub use model::{Actor, NewUser, OrganisationCode, Scope, Territory, User, UserName};
pub use password::{Password, PasswordHash};
pub use role::{Act, Role};
pub use seal::{BlindIndex, Cell, DataKey, Keyring, keyed};
pub use sign_in::{actor_of, actors_of, sign_in, sign_out};
pub use signing::{PublicKey, Purpose, Seal};
pub use token::{Kind as TokenKind, Secret, Token};

use self::audit::Subject;
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};

/// The longest life of an API token, in days.
const TOKEN_DAYS: u64 = 366;

/// Adds a user, who signs in with the password behind `password`, or never if there is none (a machine has tokens).
/// [`Conflict`](Error::Conflict) `user_known` if the name is taken.
pub fn user_add(tx: &mut Tx<'_>, actor: &Actor, new: NewUser, password: Option<&PasswordHash>) -> Result<User> {
    actor.must_everywhere(Act::ManageUsers)?;
    let scope = new.resolved_scope()?;
    let display_name = Some(new.display_name.trim()).filter(|name| !name.is_empty()).unwrap_or(new.name.as_str()).to_owned();
    let NewUser { name, role, organisation, .. } = new;
    let user = User { id: tx.new_id(), name, display_name, role, scope, organisation, created_at: tx.now(), disabled_at: None, language: None };
    store::user_insert(tx, &user, password)?;
    audit::record(tx, actor, Act::ManageUsers, Subject::of("user", user.id), Some("added"))?;
    Ok(user)
}

/// The users, in the order in which they were added.
pub fn user_list(conn: &mut Conn, actor: &Actor, page: PageRequest<Id<User>>) -> Result<Page<User, Id<User>>> {
    actor.must_everywhere(Act::ManageUsers)?;
    Ok(Page::cut(store::users_after(conn, page)?, page.limit, |user| user.id))
}

/// The user called `name`: oneself, or anybody for those who manage users.
pub fn user_get(conn: &mut Conn, actor: &Actor, name: &UserName) -> Result<User> {
    let user = store::find_user(conn, name)?.map(|(user, _)| user);
    if user.as_ref().is_none_or(|user| actor.user() != Some(user.id)) {
        actor.must_everywhere(Act::ManageUsers)?;
    }
    user.ok_or(Error::NotFound("user"))
}

/// Whether anybody who may still sign in signs for this organisation.
pub fn has_users(conn: &mut Conn, organisation: &OrganisationCode) -> Result<bool> {
    store::has_users(conn, organisation)
}

/// Shuts a user out: from now on neither the password nor any session or token of theirs opens the door.
pub fn user_disable(tx: &mut Tx<'_>, actor: &Actor, name: &UserName) -> Result<()> {
    actor.must_everywhere(Act::ManageUsers)?;
    let (user, _) = store::find_user(tx, name)?.ok_or(Error::NotFound("user"))?;
    store::user_disable(tx, user.id)?;
    audit::record(tx, actor, Act::ManageUsers, Subject::of("user", user.id), Some("disabled"))
}

/// Makes an API token for the user called `owner`: one's own, or anybody's with the permission. The secret is shown this once.
pub fn token_add(tx: &mut Tx<'_>, actor: &Actor, owner: &UserName, label: &str, expires_at: DateTime<Utc>) -> Result<(Token, Secret)> {
    let owner = store::find_user(tx, owner)?.map(|(user, _)| user);
    if actor.user().is_none() || owner.as_ref().map(|user| user.id) != actor.user() {
        actor.must_everywhere(Act::ManageTokens)?;
    }
    let owner = owner.filter(|user| user.disabled_at.is_none()).ok_or(Error::NotFound("user"))?;
    if !(tx.now() < expires_at && expires_at <= tx.now() + Days::new(TOKEN_DAYS)) {
        return Err(Error::invalid("expires_at", Message::new("bad_token_expiry").with("days", TOKEN_DAYS)));
    }
    let (token, secret) = sign_in::issue(tx, owner.id, TokenKind::Api, label, expires_at)?;
    audit::record(tx, actor, Act::ManageTokens, Subject::of("token", token.id), Some("added"))?;
    Ok((token, secret))
}

/// Tokens and sessions: everybody's for those who manage them, else one's own.
pub fn token_list(conn: &mut Conn, actor: &Actor, page: PageRequest<Id<Token>>) -> Result<Page<Token, Id<Token>>> {
    let of = match actor.must_everywhere(Act::ManageTokens) {
        Ok(()) => None,
        Err(refusal) => Some(actor.user().ok_or(refusal)?),
    };
    Ok(Page::cut(store::tokens_after(conn, of, page)?, page.limit, |token| token.id))
}

/// Takes a token back, or closes a session: one's own, or anybody's with the permission.
pub fn token_revoke(tx: &mut Tx<'_>, actor: &Actor, id: Id<Token>) -> Result<()> {
    let manages = actor.must_everywhere(Act::ManageTokens).is_ok();
    let token = store::find_token(tx, id)?.filter(|token| manages || Some(token.user) == actor.user()).ok_or(Error::NotFound("token"))?;
    revoke(tx, actor, &token)
}

/// Closes a session, whosever it is, because of what `actor` may do and does to something else; one that has ended is left as it is.
pub fn session_close(tx: &mut Tx<'_>, actor: &Actor, id: Id<Token>) -> Result<()> {
    match store::find_token(tx, id)?.filter(|token| token.kind == TokenKind::Session && token.is_valid(tx.now())) {
        Some(session) => revoke(tx, actor, &session),
        None => Ok(()),
    }
}

fn revoke(tx: &mut Tx<'_>, actor: &Actor, token: &Token) -> Result<()> {
    if store::token_revoke(tx, token.id)? {
        audit::record(tx, actor, Act::ManageTokens, Subject::of("token", token.id), Some("revoked"))?;
    }
    Ok(())
}
