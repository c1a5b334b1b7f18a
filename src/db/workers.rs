//! Who does the background jobs, and when they were last seen at it: what tells that nobody does.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::column::At;
use super::conn::Conn;
use super::schema::workers;
use super::statement::Kept;
use super::tx::Tx;
use crate::base::{Id, Result};

/// A node that has not been seen for so long is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);

/// A node that does the background jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerNode {}

impl Tx<'_> {
    /// Says that a node is at work, and forgets those long gone.
    pub fn see_worker(&mut self, id: Id<WorkerNode>) -> Result<()> {
        let now = self.now();
        if Kept(diesel::update(workers::table.find(id)).set(workers::seen_at.eq(At(now)))).execute(&mut **self)? == 0 {
            diesel::insert_into(workers::table).values((workers::id.eq(id), workers::seen_at.eq(At(now)))).execute(&mut **self)?;
            diesel::delete(workers::table.filter(workers::seen_at.lt(At(now - FORGOTTEN)))).execute(&mut **self)?;
        }
        Ok(())
    }
}

/// When each node was last seen at work, the latest first.
pub fn workers_seen(conn: &mut Conn) -> Result<Vec<DateTime<Utc>>> {
    let seen: Vec<At> = workers::table.order(workers::seen_at.desc()).select(workers::seen_at).load(conn)?;
    Ok(seen.into_iter().map(DateTime::from).collect())
}
