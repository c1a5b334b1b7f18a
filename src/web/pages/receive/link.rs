//! The link by which a receiver without accounts answers: made, shown once, taken back.

use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::handoff::{Typed, show_after};
use crate::base::Error;
use crate::base::time::civil_date;
use crate::custody::{self, HandoffId, guest};
use crate::web::call::Call;
use crate::web::pages::qr::{self, Picture};
use crate::web::pages::{Frame, go, page, words};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "receive/link.html", config = ".askama.toml")]
struct LinkPage {
    frame: Frame,
    id: String,
    to: String,
    address: String,
    code: String,
    until: String,
    qr: Picture,
}

/// Makes a link and shows it with its code.
pub async fn add(call: Call, request: HttpRequest, id: Path<HandoffId>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), id.into_inner());
    let made = call.app.write(move |tx| Ok((guest::link_add(tx, &actor, id, None)?, custody::get(tx, &actor, id)?))).await;
    let (new, handoff) = match made {
        Ok(made) => made,
        Err(refusal @ (Error::Refused(_) | Error::Conflict(_) | Error::Forbidden(_))) => {
            return show_after(call, id, Some(refusal.into()), Typed::default()).await;
        }
        Err(error) => return Err(error.into()),
    };
    let scheme = if call.app.settings().server.behind_https { "https" } else { "http" };
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let address = format!("{scheme}://{host}/guest/{}", new.secret.expose());
    let today = civil_date(call.app.db().clock().now());
    let shown = LinkPage {
        id: id.to_string(),
        to: words::organisation_named(&call.app.rulebook().organisations, handoff.receiver.code.as_str(), call.language),
        qr: qr::picture(&address)?,
        address,
        code: new.code.expose().to_owned(),
        until: words::moment(new.link.expires_at, today, call.language),
        frame: Frame::of(&call),
    };
    page(StatusCode::CREATED, &shown)
}

/// Takes the link back.
pub async fn revoke(call: Call, id: Path<HandoffId>) -> Result<HttpResponse, Problem> {
    let (actor, id) = (call.actor.clone(), id.into_inner());
    call.app.write(move |tx| guest::link_revoke(tx, &actor, id)).await?;
    Ok(go(&format!("/receive/{id}")))
}
