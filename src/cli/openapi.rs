//! `openapi`: the description of the API, as the server gives it.

use super::output::Output;
use super::{Result, Verdict};
use crate::web::{openapi, routes};

pub(super) fn run(output: &Output) -> Result<Verdict> {
    let document = openapi::document(&routes::table());
    output.result(&document, |_| serde_json::to_string_pretty(&document).unwrap_or_default())?;
    Ok(Verdict::Done)
}
