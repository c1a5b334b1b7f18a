//! JSON bodies: read within a limit, and every fault told with the path of the field it is in.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::base::{Error, Message, Result};

/// Reads the whole body, if it is not larger than `most` bytes.
pub async fn bytes(request: &HttpRequest, payload: &mut Payload, most: usize) -> Result<Bytes> {
    let too_large = || Error::invalid("body", Message::new("body_too_large").with("most", most));
    let length = request.headers().get(actix_web::http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let payload = web::Payload::from_request(request, payload).await.map_err(|_| unreadable("body"))?;
    match payload.to_bytes_limited(most).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(unreadable("body")),
        Err(_) => Err(too_large()),
    }
}

/// Reads a body as a `B`. None at all is an object without fields.
pub fn parse<B: DeserializeOwned>(request: &HttpRequest, bytes: &Bytes) -> Result<B> {
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    let kind =
        request.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    if bytes != b"{}" && kind.as_deref() != Some("application/json") {
        return Err(Error::invalid("Content-Type", Message::new("body_not_json")));
    }
    read(bytes, "body")
}

/// Reads a JSON document as a `D`; `whole` is what a fault of no field in particular is told of.
pub fn read<D: DeserializeOwned>(bytes: &[u8], whole: &str) -> Result<D> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut deserializer).map_err(|fault| wrong(whole, fault.path().to_string(), &fault.inner().to_string()))?;
    deserializer.end().map_err(|_| unreadable(whole))?;
    Ok(document)
}

fn unreadable(whole: &str) -> Error {
    Error::invalid(whole, Message::new("body_unreadable"))
}

/// The library's sentence as ours. It may quote the value, which may be a name or a password; only what was expected is kept.
fn wrong(whole: &str, path: String, said: &str) -> Error {
    let quoted = |after: &str| said.strip_prefix(after).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    let within = |field: String| if path == "." { field } else { format!("{path}.{field}") };
    if let Some(field) = quoted("missing field `") {
        return Error::invalid(within(field), Message::new("body_field_missing"));
    }
    if quoted("unknown field `").is_some() {
        // The path ends in the unknown field itself.
        return Error::invalid(path, Message::new("body_field_unknown"));
    }
    let expected = said.split_once("expected ").map(|(_, rest)| rest.rsplit_once(" at line").map_or(rest, |(expected, _)| expected));
    match expected {
        Some(expected) if said.starts_with("invalid") || said.starts_with("unknown variant") => {
            Error::invalid(if path == "." { whole.into() } else { path }, Message::new("body_field_wrong").with("expected", expected))
        }
        _ if path == "." => unreadable(whole),
        _ => Error::invalid(path, Message::new("body_unreadable")),
    }
}
