//! `migrate`: brings the schema up to date.

use serde_json::json;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{IdSource, Message};

pub(super) fn run(context: &Context, output: &Output) -> Result<Verdict> {
    let db = context.database(IdSource::random())?;
    db.migrate()?;
    output.result(&json!({"migrated": true}), |language| Message::new("migrated").text(language))?;
    Ok(Verdict::Done)
}
