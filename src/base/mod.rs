//! What everything else stands on: typed ids, the clock, civil time in Shanghai, words in two languages, one error type, how a row of a
//! file is read.
//! No input or output happens here, and nothing here knows what a traveller or a trip is.

pub mod clock;
pub mod document;
pub mod draft;
pub mod error;
pub mod id;
pub mod language;
pub mod page;
mod reason;
pub mod time;

pub use clock::Clock;
pub use error::{Error, FieldError, Result};
pub use id::{Id, IdSource};
pub use language::{Language, Message};
pub use reason::reason;
