//! `doctor`: whether this installation is in order: the settings as they are in force, the database, its schema, the keys.

use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{IdSource, Language, Message};
use crate::db;
use crate::policy::Rulebook;

#[derive(Serialize)]
struct Health {
    ok: bool,
    engine: &'static str,
    listen: String,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    code: &'static str,
    message: String,
}

pub(super) fn run(context: &Context, output: &Output) -> Result<Verdict> {
    let mut found: Vec<Message> = Vec::new();
    let url = db::Url::parse(context.settings.database.url.expose())?;
    match context.database(IdSource::random()).and_then(|db| db.pending_migrations()) {
        Err(error) => found.push(error.message()),
        Ok(pending) => {
            found.extend(pending.first().map(|first| Message::new("migrate_first").with("migration", first)));
            if pending.is_empty()
                && let Err(error) = context.installation()
            {
                found.push(error.message());
            }
        }
    }
    if let Err(error) = context.texts().and_then(|texts| Rulebook::read(&texts)) {
        found.push(error.message());
    }
    let finding = |message: &Message, language: Language| Finding { code: message.code, message: message.text(language) };
    let health = Health {
        ok: found.is_empty(),
        engine: url.engine(),
        listen: context.settings.server.listen.to_string(),
        findings: found.iter().map(|message| finding(message, output.language())).collect(),
    };
    output.result(&health, |language| {
        let head = language.text(if health.ok { "doctor_ok" } else { "doctor_found" });
        std::iter::once(format!("{head} ({}, {})", health.engine, health.listen))
            .chain(health.findings.iter().map(|f| format!("  ✗ {}", f.message)))
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    Ok(if health.ok { Verdict::Done } else { Verdict::Refused })
}
