//! Requests that are done once, however often they arrive. The answer is kept in the transaction of the act it answers, so
//! no crash can part them; two that arrive together wait for each other. What an answer says is not known here.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::bulk::insert_all;
use super::column::At;
use super::conn::Conn;
use super::schema::idempotency_keys as requests;
use super::statement::Kept;
use super::tx::Tx;
use crate::base::{Error, Id, Result};

/// A request that names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Who asks; the keys of others are not theirs.
    pub user: Uuid,
    /// The name, chosen by who asks.
    pub key: String,
    /// The keyed hash of what is asked.
    pub digest: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
struct RequestRow<'a> {
    user_id: Id<RequestKey>,
    key: &'a str,
    request_hash: &'a [u8],
    status: i32,
    body: &'a str,
    created_at: At,
}

impl<'a> RequestRow<'a> {
    fn new(request: &'a RequestKey, created_at: At, status: u16, body: &'a str) -> Self {
        Self { user_id: Id::from_uuid(request.user), key: &request.key, request_hash: &request.digest, status: status.into(), body, created_at }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = requests)]
struct AnswerRow {
    user_id: Id<RequestKey>,
    key: String,
    request_hash: Vec<u8>,
    status: i32,
    body: String,
}

impl AnswerRow {
    /// What it says to a request of its name.
    fn claimed_by(&self, request: &RequestKey) -> Result<Claim> {
        if self.request_hash != request.digest {
            return Ok(Claim::Other);
        }
        let status = u16::try_from(self.status).map_err(|_| anyhow::anyhow!("idempotency_keys.status holds {}", self.status))?;
        Ok(Claim::Answered { status, body: self.body.clone() })
    }
}

/// What stands under a [`RequestKey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: the request is now ours to do, and [`Tx::answer_request`] must follow.
    Fresh,
    /// The answer that was given.
    Answered {
        /// The status of the answer.
        status: u16,
        /// Its body.
        body: String,
    },
    /// Another request bore this name.
    Other,
}

impl Tx<'_> {
    /// Claims a request, or tells how it was answered. Waits for one under the same name that is being worked on.
    pub fn claim_request(&mut self, request: &RequestKey) -> Result<Claim> {
        let row = RequestRow::new(request, At(self.now()), 0, "");
        let inserted = match &mut **self {
            Conn::Postgres(conn) => diesel::insert_into(requests::table).values(row).on_conflict_do_nothing().execute(conn)?,
            Conn::Sqlite(conn) => diesel::insert_into(requests::table).values(row).on_conflict_do_nothing().execute(conn)?,
        };
        if inserted == 1 {
            return Ok(Claim::Fresh);
        }
        self.find_request(request)?.ok_or(Error::NotFound("request"))
    }

    /// What stands under the name of a request; none if nothing does. Never [`Claim::Fresh`].
    pub fn find_request(&mut self, request: &RequestKey) -> Result<Option<Claim>> {
        let named = requests::user_id.eq(Id::<RequestKey>::from_uuid(request.user)).and(requests::key.eq(&request.key));
        let row: Option<AnswerRow> = requests::table.filter(named).select(AnswerRow::as_select()).first(&mut **self).optional()?;
        row.map(|row| row.claimed_by(request)).transpose()
    }

    /// What stands under the names of several requests, in their order.
    pub fn find_requests(&mut self, asked: &[&RequestKey]) -> Result<Vec<Option<Claim>>> {
        // A question without any condition would be about all of them.
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        // Each by its whole key: asked for by two lists, PostgreSQL may read all that a user has ever asked.
        let mut named = requests::table.select(AnswerRow::as_select()).into_boxed();
        for request in asked {
            named = named.or_filter(requests::user_id.eq(Id::<RequestKey>::from_uuid(request.user)).and(requests::key.eq(&request.key)));
        }
        let rows: Vec<AnswerRow> = Kept(named).load(&mut **self)?;
        let of = |request: &RequestKey| rows.iter().find(|row| row.user_id.uuid() == request.user && row.key == request.key);
        asked.iter().map(|request| of(request).map(|row| row.claimed_by(request)).transpose()).collect()
    }

    /// Keeps the answer to a request that was claimed.
    pub fn answer_request(&mut self, request: &RequestKey, status: u16, body: &str) -> Result<()> {
        let row = requests::table.filter(requests::user_id.eq(Id::<RequestKey>::from_uuid(request.user)).and(requests::key.eq(&request.key)));
        Kept(diesel::update(row).set((requests::status.eq(i32::from(status)), requests::body.eq(body)))).execute(&mut **self)?;
        Ok(())
    }

    /// Keeps the answers to requests that nobody has claimed. Somebody may be doing one of them at this moment; then this waits for them, keeps nothing,
    /// and the transaction must be undone: that is the error.
    pub fn keep_requests(&mut self, answers: &[(&RequestKey, u16, String)]) -> Result<()> {
        let now = At(self.now());
        let mut rows: Vec<RequestRow<'_>> = answers.iter().map(|(request, status, body)| RequestRow::new(request, now, *status, body)).collect();
        // Whoever else keeps some of them waits for us, or we for them, and never both.
        rows.sort_unstable_by_key(|row| (row.user_id, row.key));
        insert_all!(self, requests::table, &rows)
    }

    /// Forgets the answers given before `at`; how many there were.
    pub fn forget_requests(&mut self, at: DateTime<Utc>) -> Result<usize> {
        Ok(diesel::delete(requests::table.filter(requests::created_at.lt(At(at)))).execute(&mut **self)?)
    }
}
