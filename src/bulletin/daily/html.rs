//! The bulletin as one HTML file, which needs nothing beside it and prints on A4.

use askama::Template;

use super::Paper;
use crate::base::Result;

#[derive(Template)]
#[template(path = "daily.html", config = ".askama.toml")]
struct Page<'p> {
    paper: &'p Paper,
}

/// Writes it.
pub fn html(paper: &Paper) -> Result<String> {
    Ok(Page { paper }.render().map_err(|fault| anyhow::anyhow!("a bulletin that cannot be shown: {fault}"))?)
}
