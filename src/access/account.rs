//! What everybody may do with their own account: choose a language, and another password.

use super::audit::{self, Deed, Subject};
use super::model::{Actor, User};
use super::sign_in::{door_is_open, fail};
use super::{Password, Secret, password, store};
use crate::base::{Error, Id, IdSource, Language, Message, Result};
use crate::db::{Db, Tx};

/// Keeps the language that somebody wants their pages in.
pub fn language_choose(tx: &mut Tx<'_>, actor: &Actor, language: Language) -> Result<()> {
    store::user_language(tx, own(actor)?, language)
}

/// Gives somebody another password, if they know the present one, and closes every session of theirs but the one that `presented` opens:
/// whoever has found the old one out is outside. Hashing is slow on purpose and happens between two transactions.
///
/// # Errors
/// Invalid `current` `wrong_password`, which counts as a failed attempt to sign in; refused `too_many_attempts`; invalid `new`.
pub fn password_change(db: &Db, chance: &IdSource, actor: &Actor, current: &str, new: &str, presented: &str) -> Result<()> {
    let id = own(actor)?;
    let now = db.clock().now();
    let (user, hash) = db.read(|conn| {
        let found = store::user_with_password(conn, id)?.ok_or(Error::NotFound("user"))?;
        door_is_open(conn, Subject::attempted_name(found.0.name.as_str()), now)?;
        Ok(found)
    })?;
    let attempted = Subject::attempted_name(user.name.as_str());
    if !password::matches(hash.as_ref(), current)? {
        db.write(move |tx| fail(tx, Some(&user), attempted))?;
        return Err(Error::invalid("current", Message::new("wrong_password")));
    }
    let new = Password::parse(new, &user.name).map_err(|message| Error::invalid("new", message))?.hash(chance)?;
    let (actor, kept) = (actor.clone(), Secret::presented(presented).map(|secret| secret.digest()));
    db.write(move |tx| {
        // Meanwhile somebody else may have changed it.
        if store::user_with_password(tx, id)?.and_then(|(_, hash)| hash) != hash {
            return Err(Error::invalid("current", Message::new("wrong_password")));
        }
        store::user_password(tx, id, &new)?;
        store::sessions_revoke(tx, id, kept)?;
        audit::record(tx, &actor, Deed::PasswordChanged, Subject::of("user", id), None)
    })
}

fn own(actor: &Actor) -> Result<Id<User>> {
    actor.user().ok_or(Error::NotFound("user"))
}
