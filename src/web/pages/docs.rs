//! The API for people to read and try. Its files are part of the program, so it works without the internet.

use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY};
use actix_web::web::Path;
use utoipa_swagger_ui::Config;

use super::go;
use crate::base::Error;
use crate::web::problem::Problem;

/// The reader sets styles on elements and draws with data URLs; it runs no script but its own files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/api/v1/openapi.json").display_request_duration(true)));

/// Leads to the folder, so that the relative links in it work.
pub async fn enter() -> HttpResponse {
    go("/api/docs/")
}

/// Shows one file.
pub async fn show(file: Path<String>) -> Result<HttpResponse, Problem> {
    let found = utoipa_swagger_ui::serve(&file, Arc::clone(&CONFIG)).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    let found = found.ok_or(Error::NotFound("file"))?;
    let mut response = HttpResponse::Ok();
    response.content_type(found.content_type).insert_header((CONTENT_SECURITY_POLICY, POLICY));
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(found.bytes.into_owned()))
}
