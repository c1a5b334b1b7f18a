//! A file that a form of a page brings.

use std::future::poll_fn;
use std::pin::Pin;

use actix_multipart::Multipart;
use futures_core::Stream;

use crate::base::{Error, Message, Result};

/// The largest file that is taken on a page, in bytes: some 30,000 rows. What is larger comes by the command line or the API.
const MOST: usize = 4 << 20;

/// The file.
pub struct Upload {
    /// What it is called where it comes from.
    pub file_name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Upload {
    /// Receives the field `file` of a form.
    pub async fn received(mut parts: Multipart) -> Result<Self> {
        let broken = |_| Error::invalid("file", Message::new("body_unreadable"));
        while let Some(part) = poll_fn(|cx| Pin::new(&mut parts).poll_next(cx)).await {
            let mut part = part.map_err(broken)?;
            if part.name() != Some("file") {
                continue;
            }
            let file_name = part.content_disposition().and_then(|given| given.get_filename()).unwrap_or_default().chars().take(100).collect();
            let mut content = Vec::new();
            while let Some(bytes) = poll_fn(|cx| Pin::new(&mut part).poll_next(cx)).await {
                content.extend_from_slice(&bytes.map_err(broken)?);
                if content.len() > MOST {
                    return Err(Error::invalid("file", Message::new("body_too_large").with("most", MOST)));
                }
            }
            return Ok(Self { file_name, content });
        }
        Err(Error::invalid("file", Message::new("body_field_missing")))
    }
}
