//! One error for the whole program, its kinds named by what the caller should do next. Doors (pages, API, command line)
//! turn it into their own form; nothing below them knows of a status code or an exit code.

use std::fmt;

use super::Message;

/// What went wrong, by what to do about it.
#[derive(Debug)]
pub enum Error {
    /// Sign in first.
    Unauthenticated,
    /// This actor may never do this, whatever its subject.
    Forbidden(Message),
    /// There is no such thing, or none within the actor's scope; the two are not told apart.
    NotFound(&'static str),
    /// Fields to correct, all of them at once.
    Invalid(Vec<FieldError>),
    /// Understood, well-formed, and against a rule.
    Refused(Message),
    /// Somebody else was first; the message says who won.
    Conflict(Message),
    /// Try again later: the database is locked, lost, full or not there.
    Unavailable(Message),
    /// A fault of ours. The cause is for the log, never for the caller.
    Internal(anyhow::Error),
}

/// Short for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the caller named it: a column header, a JSON path, a setting.
    pub field: String,
    /// What is wrong with its value and what to do.
    pub message: Message,
}

impl FieldError {
    /// Says that `field` is wrong, and how.
    pub fn new(field: impl Into<String>, message: Message) -> Self {
        Self { field: field.into(), message }
    }
}

impl Error {
    /// The same error for somebody else whom it concerns. The cause of a fault of ours is kept as text.
    pub fn copy(&self) -> Self {
        match self {
            Self::Unauthenticated => Self::Unauthenticated,
            Self::Forbidden(message) => Self::Forbidden(message.clone()),
            Self::NotFound(what) => Self::NotFound(what),
            Self::Invalid(fields) => Self::Invalid(fields.clone()),
            Self::Refused(message) => Self::Refused(message.clone()),
            Self::Conflict(message) => Self::Conflict(message.clone()),
            Self::Unavailable(message) => Self::Unavailable(message.clone()),
            Self::Internal(cause) => Self::Internal(anyhow::anyhow!("{cause:#}")),
        }
    }

    /// One wrong field.
    pub fn invalid(field: impl Into<String>, message: Message) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// The code of what is wrong; of several fields, of the first.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(fields) => fields.first().map_or("invalid_fields", |field| field.message.code),
            _ => self.message().code,
        }
    }

    /// What a person is told. An internal fault says only that there was one.
    pub fn message(&self) -> Message {
        match self {
            Self::Unauthenticated => Message::new("sign_in_first"),
            Self::NotFound(what) => Message::new("not_found").with("what", what),
            Self::Invalid(fields) if fields.len() == 1 => fields[0].message.clone(),
            Self::Invalid(fields) => Message::new("invalid_fields").with("count", fields.len()),
            Self::Forbidden(message) | Self::Refused(message) | Self::Conflict(message) | Self::Unavailable(message) => message.clone(),
            Self::Internal(_) => Message::new("internal_fault"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(cause) => write!(f, "internal: {cause:#}"),
            Self::Invalid(fields) => fields.iter().try_for_each(|field| write!(f, "{}: {}; ", field.field, field.message)),
            _ => self.message().fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}
