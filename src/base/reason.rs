//! Why somebody does something, in their own words.

use super::{Error, FieldError, Message, Result};

/// A reason as it is kept: blanks around it left out, 1 to 200 characters.
///
/// # Errors
/// Invalid `bad_reason`, under the name of the field.
pub fn reason(field: impl Into<String>, text: &str) -> Result<String> {
    let text = text.trim();
    if (1..=200).contains(&text.chars().count()) { Ok(text.to_owned()) } else { Err(Error::Invalid(vec![FieldError::new(field, Message::new("bad_reason"))])) }
}
