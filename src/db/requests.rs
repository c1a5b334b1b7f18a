//! Requests that are done once, however often they arrive. The answer is kept in the transaction of the act it answers, so
//! no crash can part them; two that arrive together wait for each other. What an answer says is not known here.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;
use uuid::Uuid;

use super::column::{At, Key};
use super::conn::Conn;
use super::schema::idempotency_keys as requests;
use super::statement::{Kept, Statement};
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

#[derive(Insertable, Serialize)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
struct RequestRow<'a> {
    user_id: Id<RequestKey>,
    key: &'a str,
    #[serde(serialize_with = "as_hex")]
    request_hash: &'a [u8],
    status: i32,
    body: &'a str,
    #[serde(serialize_with = "as_text")]
    created_at: At,
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = Key)]
    user_id: Id<RequestKey>,
    #[diesel(sql_type = Text)]
    key: String,
}

fn as_hex<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&base16ct::lower::encode_string(bytes))
}

fn as_text<S: serde::Serializer>(at: &At, serializer: S) -> Result<S::Ok, S::Error> {
    at.0.serialize(serializer)
}

/// The rows as PostgreSQL takes many of them in one value.
fn json(rows: &[RequestRow<'_>]) -> Result<String> {
    serde_json::to_string(rows).map_err(|cause| Error::Internal(cause.into()))
}

impl<'a> RequestRow<'a> {
    fn new(request: &'a RequestKey, created_at: At, status: u16, body: &'a str) -> Self {
        Self { user_id: Id::from_uuid(request.user), key: &request.key, request_hash: &request.digest, status: status.into(), body, created_at }
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
        self.claim_requests(&[request])?.pop().ok_or(Error::NotFound("request"))
    }

    /// The same for several requests of different names.
    pub fn claim_requests(&mut self, asked: &[&RequestKey]) -> Result<Vec<Claim>> {
        let created_at = At(self.now());
        let mut rows: Vec<RequestRow<'_>> = asked.iter().map(|request| RequestRow::new(request, created_at, 0, "")).collect();
        // Whoever else claims some of them waits for us, or we for them, and never both.
        rows.sort_unstable_by_key(|row| (row.user_id, row.key));
        let claimed: HashSet<(Id<RequestKey>, String)> = match &mut **self {
            Conn::Postgres(conn) if rows.len() == 1 => {
                let insert = diesel::insert_into(requests::table).values(&rows[0]).on_conflict_do_nothing();
                insert.returning((requests::user_id, requests::key)).load(conn)?.into_iter().collect()
            }
            Conn::Sqlite(conn) => {
                let mut claimed = HashSet::new();
                for row in &rows {
                    if diesel::insert_into(requests::table).values(row).on_conflict_do_nothing().execute(conn)? == 1 {
                        claimed.insert((row.user_id, row.key.to_owned()));
                    }
                }
                claimed
            }
            conn => {
                let insert = Statement::new(
                    "INSERT INTO idempotency_keys (user_id, key, request_hash, status, body, created_at) \
                     SELECT user_id, key, decode(request_hash, 'hex'), 0, '', created_at FROM json_to_recordset(CAST(",
                );
                let insert = insert
                    .bind::<Text, _>(json(&rows)?)
                    .sql(" AS json)) AS r(user_id uuid, key text, request_hash text, created_at timestamptz) ON CONFLICT DO NOTHING RETURNING user_id, key");
                insert.load::<Claimed>(conn)?.into_iter().map(|claimed| (claimed.user_id, claimed.key)).collect()
            }
        };
        let mut claims = Vec::with_capacity(asked.len());
        for request in asked {
            let is_ours = claimed.contains(&(Id::from_uuid(request.user), request.key.clone()));
            claims.push(if is_ours { Claim::Fresh } else { self.find_request(request)?.ok_or(Error::NotFound("request"))? });
        }
        Ok(claims)
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

    /// Keeps the answers to requests that were claimed: the status and the body of each.
    pub fn answer_requests(&mut self, answers: &[(&RequestKey, u16, String)]) -> Result<()> {
        let now = At(self.now());
        match &mut **self {
            conn @ Conn::Postgres(_) if answers.len() > 1 => {
                let rows: Vec<RequestRow<'_>> = answers.iter().map(|(request, status, body)| RequestRow::new(request, now, *status, body)).collect();
                let update = Statement::new("WITH r AS (SELECT * FROM json_to_recordset(CAST(").bind::<Text, _>(json(&rows)?).sql(
                    " AS json)) AS r(user_id uuid, key text, status int, body text)) UPDATE idempotency_keys SET status = r.status, body = r.body \
                     FROM r WHERE idempotency_keys.user_id = r.user_id AND idempotency_keys.key = r.key",
                );
                update.execute(conn)?;
            }
            conn => {
                for (request, status, body) in answers {
                    let row = requests::table.filter(requests::user_id.eq(Id::<RequestKey>::from_uuid(request.user)).and(requests::key.eq(&request.key)));
                    Kept(diesel::update(row).set((requests::status.eq(i32::from(*status)), requests::body.eq(body)))).execute(conn)?;
                }
            }
        }
        Ok(())
    }

    /// Forgets the answers given before `at`; how many there were.
    pub fn forget_requests(&mut self, at: DateTime<Utc>) -> Result<usize> {
        Ok(diesel::delete(requests::table.filter(requests::created_at.lt(At(at)))).execute(&mut **self)?)
    }
}
