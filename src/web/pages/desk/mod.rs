//! The airport desk: one field that finds or makes the person, the queue beside it, and what may be offered to whom.

mod answer;
mod enter;
mod person;
mod queue;
mod roster;

pub use answer::held;
pub use enter::enter;
pub use person::{destine, divert, show as show_person, slip};
pub use roster::{change as change_roster, check as check_roster, upload as upload_roster};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use askama::Template;
use serde::Deserialize;

use self::queue::Queue;
use super::sought::{self, Found, Sought};
use super::{Frame, go, page, words};
use crate::base::time::civil_date;
use crate::base::{Error, Id, Message, Result};
use crate::custody::{self, Handoff, Offer};
use crate::web::call::Call;
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "desk/desk.html", config = ".askama.toml")]
struct DeskPage {
    frame: Frame,
    desk: String,
    said: String,
    fault: Option<String>,
    refusal: Option<String>,
    done: Option<Done>,
    found: Vec<Found>,
    queue: Queue,
    may_offer: bool,
}

/// What has just been offered.
struct Done {
    text: String,
    id: String,
}

/// What the desk's page says besides who waits.
#[derive(Default)]
struct Said {
    typed: String,
    fault: Option<Message>,
    refusal: Option<Error>,
    found: Vec<Found>,
    offered: Option<Id<Handoff>>,
}

/// What was typed or scanned into the field.
#[derive(Deserialize)]
pub struct FieldForm {
    said: String,
}

/// What was done on the page before.
#[derive(Debug, Deserialize)]
pub struct DeskQuery {
    offered: Option<Id<Handoff>>,
}

/// Whom to offer people to.
#[derive(Debug, Deserialize)]
pub struct SendForm {
    receiver: String,
}

/// Shows the field and the queue.
pub async fn show(call: Call, query: Query<DeskQuery>) -> Result<HttpResponse, Problem> {
    desk_page(call, StatusCode::OK, Said { offered: query.offered, ..Said::default() }).await
}

/// Finds who is meant: leads to the one person, shows several to choose from, or the form to enter somebody new.
pub async fn find(call: Call, form: Form<FieldForm>) -> Result<HttpResponse, Problem> {
    let typed = form.into_inner().said;
    let today = civil_date(call.app.db().clock().now());
    let sought = match Sought::read(&typed, today) {
        Ok(Some(sought)) => sought,
        Ok(None) => return Ok(go("/desk")),
        Err(fault) => return desk_page(call, StatusCode::UNPROCESSABLE_ENTITY, Said { typed, fault: Some(fault), ..Said::default() }).await,
    };
    let found = sought::find(&call, &sought, false).await?;
    match found.as_slice() {
        [] if sought.names_nobody_new() => {
            let fault = Some(Message::new("desk_nobody_there"));
            desk_page(call, StatusCode::NOT_FOUND, Said { typed, fault, ..Said::default() }).await
        }
        [] => enter::form_for(call, sought).await,
        [one] => Ok(go(&format!("/desk/people/{}", one.id))),
        _ => desk_page(call, StatusCode::OK, Said { typed, found, ..Said::default() }).await,
    }
}

/// Offers everybody who may go to one receiver.
pub async fn send(call: Call, form: Form<SendForm>) -> Result<HttpResponse, Problem> {
    let (actor, rulebook) = (call.actor.clone(), call.app.rulebook().clone());
    let receiver = form.into_inner().receiver;
    let offered = call.app.write(move |tx| {
        let desk = queue::desk_of(&rulebook, &actor).ok_or(Error::NotFound("organisation"))?;
        let gathered = queue::read(tx, &actor, desk)?;
        let gathering = gathered.gather(&rulebook, desk).into_iter().find(|gathering| gathering.receiver.code == receiver);
        let gathering = gathering.ok_or_else(|| Error::Conflict(Message::new("desk_nobody_left_to_send")))?;
        let to_organisation = receiver.parse().map_err(Error::Refused)?;
        custody::offer(tx, &actor, &rulebook.routes, Offer { to_organisation, trip: None, travellers: gathering.people, answer_by: None })
    });
    match offered.await {
        Ok(handoff) => Ok(go(&format!("/desk?offered={}", handoff.id))),
        Err(error @ (Error::Conflict(_) | Error::Refused(_) | Error::Forbidden(_))) => {
            desk_page(call, status(&error), Said { refusal: Some(error), ..Said::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn desk_page(call: Call, status: StatusCode, said: Said) -> Result<HttpResponse, Problem> {
    let (actor, rulebook) = (call.actor.clone(), call.app.rulebook().clone());
    let offered = said.offered;
    let read = move |conn: &mut crate::db::Conn| {
        let desk = queue::desk_of(&rulebook, &actor).ok_or(Error::NotFound("organisation"))?;
        let offered = offered.map(|id| custody::get(conn, &actor, id)).transpose()?;
        Ok((desk.clone(), queue::read(conn, &actor, desk)?, offered))
    };
    let (desk, waiting, offered) = call.app.read(read).await?;
    let (language, rulebook, now) = (call.language, call.app.rulebook(), call.app.db().clock().now());
    let done = offered.map(|handoff| {
        let receiver = words::organisation_named(&rulebook.organisations, handoff.receiver.code.as_str(), language);
        let text = Message::new("desk_offered").with("receiver", receiver).with("n", handoff.n_people.unwrap_or_default()).text(language);
        Done { text, id: handoff.id.to_string() }
    });
    let shown = DeskPage {
        desk: words::organisation(&desk, language),
        said: said.typed,
        fault: said.fault.map(|fault| fault.text(language)),
        refusal: said.refusal.map(|error| error.message().text(language)),
        done,
        found: said.found,
        queue: waiting.shown(rulebook, &desk, now, language),
        may_offer: call.actor.organisation().is_some_and(|code| code.as_str() == desk.code),
        frame: Frame::of(&call),
    };
    page(status, &shown)
}
