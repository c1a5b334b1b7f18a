//! The board of today.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::{Frame, Who, page};
use crate::base::Message;
use crate::web::call::Call;
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    frame: Frame,
}

/// Shows it.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let role = Message::new("role_name").with("role", call.actor.role()).text(call.language);
    let who = Who { name: call.actor.name().to_owned(), role };
    page(StatusCode::OK, &BoardPage { frame: Frame { language: call.language, path: call.path, who: Some(who) } })
}
