//! Requests that are done once, however often they arrive. The answer is kept in the transaction of the act it answers, so
//! no crash can part them; two that arrive together wait for each other. What an answer says is not known here.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::column::{At, Instant, Key};
use super::schema::idempotency_keys as requests;
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
        // The combined connection knows no ON CONFLICT, though both engines do.
        let sql = "INSERT INTO idempotency_keys (user_id, key, request_hash, status, body, created_at) VALUES ($1, $2, $3, 0, '', $4) \
                   ON CONFLICT DO NOTHING";
        let now = At(self.now());
        let inserted = diesel::sql_query(sql)
            .bind::<Key, _>(Id::<RequestKey>::from_uuid(request.user))
            .bind::<diesel::sql_types::Text, _>(&request.key)
            .bind::<diesel::sql_types::Binary, _>(&request.digest)
            .bind::<Instant, _>(now)
            .execute(&mut **self)?;
        if inserted == 1 {
            return Ok(Claim::Fresh);
        }
        self.find_request(request)?.ok_or(Error::NotFound("request"))
    }

    /// What stands under the name of a request; none if nothing does. Never [`Claim::Fresh`].
    pub fn find_request(&mut self, request: &RequestKey) -> Result<Option<Claim>> {
        let named = requests::user_id.eq(Id::<RequestKey>::from_uuid(request.user)).and(requests::key.eq(&request.key));
        let columns = (requests::request_hash, requests::status, requests::body);
        let row: Option<(Vec<u8>, i32, String)> = requests::table.filter(named).select(columns).first(&mut **self).optional()?;
        let Some((digest, status, body)) = row else { return Ok(None) };
        let status = u16::try_from(status).map_err(|_| anyhow::anyhow!("idempotency_keys.status holds {status}"))?;
        Ok(Some(if digest == request.digest { Claim::Answered { status, body } } else { Claim::Other }))
    }

    /// Keeps the answer to a request that was claimed.
    pub fn answer_request(&mut self, request: &RequestKey, status: u16, body: String) -> Result<()> {
        let row = requests::table.filter(requests::user_id.eq(Id::<RequestKey>::from_uuid(request.user)).and(requests::key.eq(&request.key)));
        diesel::update(row).set((requests::status.eq(i32::from(status)), requests::body.eq(body))).execute(&mut **self)?;
        Ok(())
    }

    /// Forgets the answers given before `at`; how many there were.
    pub fn forget_requests(&mut self, at: DateTime<Utc>) -> Result<usize> {
        Ok(diesel::delete(requests::table.filter(requests::created_at.lt(At(at)))).execute(&mut **self)?)
    }
}
