//! A request as handlers see it: who asks, in which language, under which conditions. [`Call`] for those that read,
//! [`Write`] for those that change something.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, IF_MATCH};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::answer::Answer;
use super::app::App;
use super::idempotency::{self, Named};
use super::problem::Problem;
use super::{finish, json, pages};
use crate::access::Actor;
use crate::access::audit::{self, Deed, Subject};
use crate::base::{Error, Id, Language, Message, Result};
use crate::db::{Conn, RequestKey, Tx};

/// Who asks, and how they want to be answered.
#[derive(Clone)]
pub struct Call {
    /// What is asked.
    pub app: App,
    /// Who asks.
    pub actor: Actor,
    /// The language of the answer.
    pub language: Language,
    /// The id under which the log tells of this request.
    pub request_id: Uuid,
    /// Where the request went, for the `Location` of what it makes.
    pub path: String,
    /// The page to come back to: the one asked for or, of a form, the one that it was sent from.
    pub page: String,
    /// The version that whoever asks has seen, from `If-Match`.
    seen: Option<i32>,
    /// The name that the request gave itself.
    key: Option<RequestKey>,
    /// Whether a list is wanted as a table.
    wants_table: bool,
}

impl Call {
    /// Shows what `work` reads.
    pub async fn read<V: Serialize + Send + 'static>(self, work: impl FnOnce(&mut Conn, &Actor) -> Result<V> + Send + 'static) -> Result<Answer, Problem> {
        let Self { app, actor, .. } = self.clone();
        let view = app.read(move |conn| work(conn, &actor)).await?;
        let answer = Answer::of(StatusCode::OK, &view)?;
        match if self.wants_table { answer.as_table()? } else { None } {
            Some(table) => {
                self.exported().await?;
                Ok(table)
            }
            None => Ok(answer),
        }
    }

    /// Records that a list was taken out of the system, and which.
    pub async fn exported(self) -> Result<()> {
        let subject = Subject::of("export", Id::<Self>::from_uuid(self.request_id));
        let app = self.app.clone();
        app.write(move |tx| audit::record(tx, &self.actor, Deed::Exported, subject, Some(&self.path))).await
    }

    /// Does `work` once, in one transaction with the record of its answer, and shows what it returns.
    pub async fn write<V: Serialize + Send + 'static>(
        self,
        status: StatusCode,
        mut work: impl FnMut(&mut Tx<'_>, &Actor) -> Result<V> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.answer(move |tx, call| Answer::of(status, &work(tx, &call.actor)?)).await
    }

    /// Does `work` once, in one transaction with the record of the answer that it gives. What it wrote stays also if that tells a problem.
    pub async fn answer(self, mut work: impl FnMut(&mut Tx<'_>, &Self) -> Result<Answer> + Send + 'static) -> Result<Answer, Problem> {
        let app = self.app.clone();
        let path = self.path.clone();
        let answer = app.write(move |tx| match self.named() {
            None => work(tx, &self),
            Some(named) => idempotency::once(tx, &named, |tx| work(tx, &self)),
        });
        Ok(answer.await?.located(&path))
    }

    /// Does `work`, which is more than one transaction and may be repeated without harm, and keeps its answer if the request named
    /// itself; `said` stands for the body. If the answer was kept before, it is given again.
    pub async fn work_once<V: Serialize + Send + 'static>(
        mut self,
        request: &HttpRequest,
        said: &[u8],
        work: impl FnOnce() -> Result<V> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.key = idempotency::key(request, &self.app, &self.actor, said)?;
        let shared = self.clone();
        let recall = move |tx: &mut Tx<'_>| shared.named().map_or(Ok(None), |named| idempotency::recall(tx, &named));
        if self.key.is_some()
            && let Some(answer) = self.app.write(recall).await?
        {
            return Ok(answer);
        }
        let answer = Answer::of(StatusCode::OK, &self.app.block(work).await?)?;
        self.clone().keep(answer).await
    }

    async fn keep(self, answer: Answer) -> Result<Answer, Problem> {
        if self.key.is_none() {
            return Ok(answer);
        }
        self.answer(move |_, _| Ok(answer.clone())).await
    }

    /// The same request without its name, where the answer must not be kept anywhere.
    #[must_use]
    pub fn unkept(self) -> Self {
        Self { key: None, ..self }
    }

    /// The request's own name, if it gave itself one, and how its refusal would be told.
    pub(super) fn named(&self) -> Option<Named<'_>> {
        let named = |key| Named { key, keyring: self.app.keyring(), language: self.language, request_id: self.request_id };
        self.key.as_ref().map(named)
    }

    /// Refuses to change what has changed since whoever asks saw it. For use inside the transaction of the change.
    pub fn must_have_seen(seen: Option<i32>, version: i32) -> Result<()> {
        match seen {
            Some(seen) if seen != version => Err(Error::Conflict(Message::new("changed_meanwhile").with("seen", seen).with("version", version))),
            _ => Ok(()),
        }
    }

    /// The version from `If-Match`, where a change is not taken without.
    pub fn must_name_version(&self) -> Result<i32> {
        self.seen.ok_or_else(|| Error::invalid("If-Match", Message::new("bad_etag")))
    }

    /// The version from `If-Match`, if one was given.
    pub fn seen(&self) -> Option<i32> {
        self.seen
    }

    fn of(request: &HttpRequest) -> Result<Self> {
        let actor = request.extensions().get::<Actor>().cloned().ok_or(Error::Unauthenticated)?;
        Ok(Self {
            app: App::of(request)?,
            language: finish::language_of(request, &actor),
            actor,
            request_id: finish::request_id(request),
            path: request.path().to_owned(),
            page: pages::page_of(request),
            seen: seen(request)?,
            key: None,
            wants_table: request.headers().get(ACCEPT).is_some_and(|accept| accept.to_str().unwrap_or_default().contains("text/csv")),
        })
    }
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request).map_err(Problem))
    }
}

/// A request that changes something, with its body. A body of no fields may be left out.
pub struct Write<B> {
    /// Who asks.
    pub call: Call,
    /// With what.
    pub body: B,
}

impl<B: DeserializeOwned + 'static> FromRequest for Write<B> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let call = Call::of(request);
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let mut call = call?;
            let bytes = json::bytes(&request, &mut payload, call.app.settings().server.largest_body).await?;
            let body = json::parse(&request, &bytes)?;
            call.key = idempotency::key(&request, &call.app, &call.actor, &bytes)?;
            Ok(Self { call, body })
        })
    }
}

/// Reads `If-Match: "7"`; `*` and a missing header demand nothing.
fn seen(request: &HttpRequest) -> Result<Option<i32>> {
    let Some(header) = request.headers().get(IF_MATCH) else { return Ok(None) };
    let text = header.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.trim_start_matches("W/").trim_matches('"').parse();
    version.map(Some).map_err(|_| Error::invalid("If-Match", Message::new("bad_etag")))
}
