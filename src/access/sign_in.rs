//! Signing in and out. Hashing a password is slow on purpose, so it happens between two transactions and never inside one.
//! Five failures in a row within a quarter of an hour close the door for that name, whether anybody has it or not.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::audit::{self, Deed, Subject};
use super::model::{Actor, User};
use super::token::{Kind, Secret, Token};
use super::{password, store};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Db, Tx};

/// So many failures in a row close the door.
const FAILURES: usize = 5;
/// For so long after the first of them.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Opens a session that `lasts` so long for whoever knows the password, and returns its secret and who they are.
///
/// # Errors
/// Refused `wrong_name_or_password`, which does not tell which; refused `too_many_attempts` with the `seconds` to wait.
pub fn sign_in(db: &Db, name: &str, password: &str, lasts: TimeDelta) -> Result<(Secret, Actor)> {
    let attempted = Subject::attempted_name(name);
    let now = db.clock().now();
    let name = name.parse().ok();
    let known = db.read(|conn| {
        door_is_open(conn, attempted, now)?;
        name.as_ref().map_or(Ok(None), |name| store::find_user(conn, name))
    })?;
    let hash = known.as_ref().and_then(|(_, hash)| hash.as_ref());
    let is_right = password::matches(hash, password)?;
    // The failure must be recorded, so the transaction that records it succeeds.
    let outcome = db.write(move |tx| {
        let now = tx.now();
        door_is_open(tx, attempted, now)?;
        // Meanwhile the user may have been shut out, or have another password.
        let user = match &known {
            Some(before) if is_right => store::find_user(tx, &before.0.name)?.filter(|user| user == before).map(|(user, _)| user),
            _ => None,
        };
        match user.filter(|user| user.disabled_at.is_none()) {
            Some(user) => open(tx, user, attempted, lasts),
            None => fail(tx, known.as_ref().map(|(user, _)| user), attempted),
        }
    })?;
    outcome.ok_or_else(|| Error::Refused(Message::new("wrong_name_or_password")))
}

/// Closes a session, or gives a token up. One that is already closed, or never was, is no error.
pub fn sign_out(tx: &mut Tx<'_>, presented: &str) -> Result<()> {
    let Some(secret) = Secret::presented(presented) else { return Ok(()) };
    let Some((token, user)) = store::find_bearer(tx, secret.digest())? else { return Ok(()) };
    if store::token_revoke(tx, token.id)? {
        audit::record(tx, &Actor::of(user), Deed::SignedOut, Subject::of("token", token.id), None)?;
    }
    Ok(())
}

/// Who presents this token.
///
/// # Errors
/// Unauthenticated if it is unknown, expired or taken back, or its user is shut out.
pub fn actor_of(conn: &mut Conn, presented: &str, now: DateTime<Utc>) -> Result<Actor> {
    actors_of(conn, &[presented.to_owned()], now)?.pop().unwrap_or(Err(Error::Unauthenticated))
}

/// Who presents each of these tokens, by one question.
pub fn actors_of(conn: &mut Conn, presented: &[String], now: DateTime<Utc>) -> Result<Vec<Result<Actor>>> {
    let digests: Vec<Option<[u8; 32]>> = presented.iter().map(|text| Secret::presented(text).map(|secret| secret.digest())).collect();
    let mut wanted: Vec<[u8; 32]> = digests.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let bearers = if wanted.is_empty() { HashMap::new() } else { store::find_bearers(conn, &wanted)? };
    let actor = |digest: Option<[u8; 32]>| match digest.and_then(|digest| bearers.get(&digest)) {
        Some((token, user)) if token.is_valid(now) && user.disabled_at.is_none() => Ok(Actor::come_by(token, user.clone())),
        _ => Err(Error::Unauthenticated),
    };
    Ok(digests.into_iter().map(actor).collect())
}

/// Makes a token of `user`, not yet recorded in the trail.
pub(super) fn issue(tx: &mut Tx<'_>, user: Id<User>, kind: Kind, label: &str, expires_at: DateTime<Utc>) -> Result<(Token, Secret)> {
    let secret = Secret::generate(kind, tx.chance());
    let token = Token { id: tx.new_id(), user, kind, label: label.to_owned(), created_at: tx.now(), expires_at, revoked_at: None };
    store::token_insert(tx, &token, secret.digest())?;
    Ok((token, secret))
}

fn open(tx: &mut Tx<'_>, user: User, attempted: Subject, lasts: TimeDelta) -> Result<Option<(Secret, Actor)>> {
    let expires_at = tx.now() + lasts;
    let (session, secret) = issue(tx, user.id, Kind::Session, "", expires_at)?;
    let actor = Actor::come_by(&session, user);
    audit::record(tx, &actor, Deed::SignedIn, attempted, None)?;
    Ok(Some((secret, actor)))
}

pub(super) fn fail(tx: &mut Tx<'_>, known: Option<&User>, attempted: Subject) -> Result<Option<(Secret, Actor)>> {
    let (id, name) = known.map_or((None, "?"), |user| (Some(user.id), &user.display_name));
    store::audit_insert(tx, id, name, Deed::SignInFailed, attempted, None)?;
    Ok(None)
}

pub(super) fn door_is_open(conn: &mut Conn, name: Subject, now: DateTime<Utc>) -> Result<()> {
    let limit = i64::try_from(FAILURES).unwrap_or(i64::MAX);
    match closed_for(&store::attempts(conn, name, limit)?, now) {
        None => Ok(()),
        Some(wait) => Err(Error::Refused(Message::new("too_many_attempts").with("seconds", wait.num_seconds().max(1)))),
    }
}

/// How long the door stays closed after these attempts (newest first: when, and whether in vain).
fn closed_for(attempts: &[(DateTime<Utc>, bool)], now: DateTime<Utc>) -> Option<TimeDelta> {
    let (first, _) = attempts.iter().take(FAILURES).take_while(|(_, failed)| *failed).nth(FAILURES - 1)?;
    Some(*first + WINDOW - now).filter(|wait| *wait > TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::parse_instant;

    fn minute(n: i64) -> DateTime<Utc> {
        parse_instant("2020-09-12 08:00").unwrap() + TimeDelta::minutes(n)
    }

    #[test]
    fn five_failures_in_a_row_close_the_door_until_the_first_is_a_quarter_of_an_hour_old() {
        let failures: Vec<_> = (0..5).rev().map(|n| (minute(n), true)).collect();
        assert_eq!(closed_for(&failures[1..], minute(4)), None, "four are not five");
        assert_eq!(closed_for(&failures, minute(4)), Some(TimeDelta::minutes(11)));
        assert_eq!(closed_for(&failures, minute(15)), None);
    }

    #[test]
    fn a_success_forgives_the_failures_before_it() {
        let attempts: Vec<_> = (0..5).rev().map(|n| (minute(n), n != 2)).collect();
        assert_eq!(closed_for(&attempts, minute(4)), None);
    }
}
