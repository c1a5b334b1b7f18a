//! What happens, as it happens: the log of events as a stream that a reader resumes where it broke off.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc::Sender;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Actor;
use crate::base::time::in_shanghai;
use crate::db::{LoggedEvent, events_after};
use crate::web::app::App;
use crate::web::body::pipe;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// How often the log is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// After so many looks in vain a comment is sent, so that proxies keep the line and a reader who has gone is noticed.
const SILENT_LOOKS: u32 = 30;

/// One event of the stream, field by field.
#[derive(Debug, ToSchema)]
pub struct EventView {
    /// Its number: what `Last-Event-ID` goes on after.
    #[schema(pattern = "^[0-9]+$")]
    pub id: String,
    /// Its kind.
    pub event: String,
    /// What happened, as the text of a JSON object with the fields `at` (RFC 3339, of the recording), `subject` (the id of what it
    /// happened to) and `facts`.
    #[schema(content_media_type = "application/json")]
    pub data: String,
}

#[derive(Serialize)]
struct Happening<'e> {
    at: String,
    subject: Uuid,
    facts: &'e Value,
}

/// Streams what happens within the reader's scope, from after `Last-Event-ID` or from now on.
#[utoipa::path(get, path = "/api/v1/events", params(("Last-Event-ID" = Option<i64>, Header)), responses(
    (status = 200, description = "A stream without an end", content_type = "text/event-stream", body = EventView),
))]
pub async fn follow_events(call: Call, request: actix_web::HttpRequest) -> Result<HttpResponse, Problem> {
    let last = request.headers().get("Last-Event-ID").and_then(|last| last.to_str().ok()?.parse().ok());
    let after = match last {
        Some(last) => last,
        None => call.app.read(crate::db::last_event).await?,
    };
    let (writer, reader) = pipe();
    actix_web::rt::spawn(follow(call.app, call.actor, after, writer));
    // A compressed stream would be held back until a block is full.
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Content-Encoding", "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .body(reader))
}

/// Writes until the reader has gone, the server stops or the log cannot be read; the reader then comes again by itself.
async fn follow(app: App, actor: Actor, mut after: i64, writer: Sender<Bytes>) {
    let mut stopping = app.stopping();
    let mut silent = 0;
    let mut text = String::from("retry: 2000\n\n");
    loop {
        let Ok(events) = app.read(move |conn| events_after(conn, after, 500)).await else { return };
        for event in &events {
            after = event.seq;
            if concerns(&actor, event) {
                match EventView::of(event) {
                    Ok(view) => text += &view.line(),
                    Err(error) => tracing::error!(%error, seq = event.seq, "an event cannot be told"),
                }
            }
        }
        silent = if text.is_empty() { silent + 1 } else { 0 };
        if silent == SILENT_LOOKS {
            silent = 0;
            text += ": still here\n\n";
        }
        if !text.is_empty() && writer.send(Bytes::from(std::mem::take(&mut text))).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = writer.closed() => return,
        }
    }
}

/// Whether the place that an event names is within the reader's scope; what names none concerns everyone.
fn concerns(actor: &Actor, event: &LoggedEvent) -> bool {
    event.place.as_deref().is_none_or(|place| actor.scope().covers(&[place], &[]))
}

impl EventView {
    fn of(event: &LoggedEvent) -> serde_json::Result<Self> {
        let happening = Happening { at: in_shanghai(event.at()), subject: event.subject(), facts: event.facts() };
        Ok(Self { id: event.seq.to_string(), event: event.kind.to_string(), data: serde_json::to_string(&happening)? })
    }

    fn line(&self) -> String {
        format!("id: {}\nevent: {}\ndata: {}\n\n", self.id, self.event, self.data)
    }
}
