//! The audit trail: who did what to whom, and why. Append-only, on both engines by trigger; it names subjects by their id and
//! never holds an identity.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::model::{Actor, User};
use super::role::Act;
use super::store;
use crate::base::page::{Page, PageRequest};
use crate::base::{Id, Result};
use crate::db::{Conn, Tx};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Something that takes a permission.
    Act(Act),
    /// Somebody showed who they are.
    SignedIn,
    /// Somebody tried to, in vain.
    SignInFailed,
    /// Somebody left.
    SignedOut,
    /// A guest saw the list of the handoff that their link is for.
    GuestCame,
    /// A guest gave a wrong code.
    GuestFailed,
    /// A guest answered the handoff that their link is for.
    GuestSigned,
    /// Somebody gave themselves another password.
    PasswordChanged,
    /// Somebody took a list out of the system as a table.
    Exported,
}

impl Deed {
    /// Those that take no permission.
    const OTHERS: [Self; 8] =
        [Self::SignedIn, Self::SignInFailed, Self::SignedOut, Self::GuestCame, Self::GuestFailed, Self::GuestSigned, Self::PasswordChanged, Self::Exported];

    /// The word for it in the database and in the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Act(act) => act.code(),
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::GuestCame => "guest_came",
            Self::GuestFailed => "guest_failed",
            Self::GuestSigned => "guest_signed",
            Self::PasswordChanged => "password_changed",
            Self::Exported => "exported",
        }
    }

    /// Reads the word.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Act::ALL.into_iter().map(Self::Act).chain(Self::OTHERS).find(|deed| deed.code() == code)
    }
}

impl From<Act> for Deed {
    fn from(act: Act) -> Self {
        Self::Act(act)
    }
}

/// What a deed was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    pub(super) kind: &'static str,
    pub(super) id: Uuid,
}

impl Subject {
    /// The thing with this id: `Subject::of("traveller", id)`.
    pub fn of<K>(kind: &'static str, id: Id<K>) -> Self {
        Self { kind, id: id.uuid() }
    }

    /// The name that somebody tried to sign in with, as a digest: people type passwords into the wrong field.
    pub(super) fn attempted_name(name: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(name.trim().to_lowercase()).into();
        Self { kind: "user_name", id: Uuid::from_bytes(std::array::from_fn(|n| digest[n])) }
    }
}

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number; later lines have larger ones.
    pub seq: i64,
    /// When (UTC).
    pub at: DateTime<Utc>,
    /// Who; none for the operator, and for a name that nobody has.
    pub user: Option<Id<User>>,
    /// How they were called then.
    pub actor: String,
    /// What they did.
    pub deed: Deed,
    /// To what kind of thing.
    pub subject: String,
    /// Its id.
    pub subject_id: Uuid,
    /// Why, in their own words, where a reason is asked for.
    pub reason: Option<String>,
}

/// Which lines of the trail are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Those about this thing.
    pub subject: Option<Uuid>,
    /// Those of this user.
    pub user: Option<Id<User>>,
}

/// Records a deed; it is in the trail exactly if this transaction commits.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, deed: impl Into<Deed>, subject: Subject, reason: Option<&str>) -> Result<()> {
    store::audit_insert(tx, actor.user(), actor.name(), deed.into(), subject, reason)
}

/// Records the deed of somebody who has no account, under the name that they gave.
pub fn record_guest(tx: &mut Tx<'_>, name: &str, deed: Deed, subject: Subject, reason: Option<&str>) -> Result<()> {
    store::audit_insert(tx, None, name, deed, subject, reason)
}

/// The trail, newest first; `after` is the number of the last line seen.
pub fn page(conn: &mut Conn, actor: &Actor, filter: Filter, page: PageRequest<i64>) -> Result<Page<Entry, i64>> {
    actor.must_everywhere(Act::ViewAudit)?;
    Ok(Page::cut(store::audit_before(conn, filter, page)?, page.limit, |entry| entry.seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_read_back_from_its_word() {
        for deed in Act::ALL.into_iter().map(Deed::Act).chain(Deed::OTHERS) {
            assert_eq!(Deed::from_code(deed.code()), Some(deed));
        }
        assert_eq!(Deed::from_code("slept"), None);
    }

    #[test]
    fn an_attempted_name_is_known_again_in_capitals_and_is_not_stored() {
        assert_eq!(Subject::attempted_name(" Wang.Fang "), Subject::attempted_name("wang.fang"));
        assert_ne!(Subject::attempted_name("wang.fang"), Subject::attempted_name("wang.fan"));
    }
}
