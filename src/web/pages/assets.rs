//! Style sheets and images, which are part of the program.

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;

use crate::base::Error;
use crate::web::problem::Problem;

/// The script that opens kept pages without a network.
const WORKER: &str = "worker.js";

#[derive(RustEmbed)]
#[folder = "src/web/assets"]
struct Assets;

/// Shows one file; a browser that has it is told so.
pub async fn show(request: HttpRequest, file: Path<String>) -> Result<HttpResponse, Problem> {
    let asset = Assets::get(&file).ok_or(Error::NotFound("file"))?;
    let digest = base16ct::lower::encode_string(&asset.metadata.sha256_hash()[..8]);
    let tag = format!("\"{digest}\"");
    let is_known = request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "public, max-age=300"));
    if *file == WORKER {
        // The worker keeps the pages of receiving, which lie outside of its own folder.
        response.insert_header(("Service-Worker-Allowed", "/receive"));
    }
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.content_type(asset.metadata.mimetype()).body(asset.data.into_owned()))
}
