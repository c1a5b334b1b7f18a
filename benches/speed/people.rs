//! Users who ask and sign, made by the program's own commands.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::process;

/// A token of a new user of this role; `more` are further arguments of `user add`.
pub fn token(folder: &Path, url: &str, role: &str, more: &[&str]) -> Result<String> {
    let name = format!("bench-{}", role.replace('_', "-"));
    process::run(folder, url, &[&["user", "add", &name, "--role", role], more].concat())?;
    let added = process::run(folder, url, &["token", "add", &name])?;
    Ok(added.answer["token"].as_str().context("a token")?.to_owned())
}
