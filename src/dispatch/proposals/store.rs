//! Rows of proposals.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::model::{Proposal, ProposalState, SILENCE};
use super::{AnnouncedAs, ProposalSheet};
use crate::base::{Error, Id, Result};
use crate::db::schema::proposals;
use crate::db::{At, Conn, Json, Kept, Tx};
use crate::dispatch::day::Day;
use crate::dispatch::plan::{Causes, Plan};

/// Names whoever searches, so that one proposal is searched by one.
pub(super) enum Searcher {}

#[derive(Queryable, Selectable)]
#[diesel(table_name = proposals)]
struct ProposalRow {
    id: Id<Proposal>,
    on_date: NaiveDate,
    scope: String,
    state: String,
    seconds: i32,
    progress: i32,
    seen_at: At,
    started_by: String,
    started_at: At,
    changed_by: String,
    changed_at: At,
    version: i32,
}

impl ProposalRow {
    fn proposal(self, now: DateTime<Utc>) -> Result<Proposal> {
        let state = ProposalState::of(&self.state, self.seen_at.0, now);
        Ok(Proposal {
            state: state.ok_or_else(|| Error::Internal(anyhow::anyhow!("proposals.state of {}: {}", self.id, self.state)))?,
            id: self.id,
            on: self.on_date,
            scope: self.scope,
            seconds: self.seconds,
            progress: self.progress,
            started_by: self.started_by,
            started_at: self.started_at.0,
            changed_by: self.changed_by,
            changed_at: self.changed_at.0,
            version: self.version,
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, proposal: &Proposal, day: &Day) -> Result<()> {
    let row = (
        proposals::id.eq(proposal.id),
        proposals::on_date.eq(proposal.on),
        proposals::scope.eq(&proposal.scope),
        proposals::state.eq(proposal.state.name()),
        proposals::seconds.eq(proposal.seconds),
        proposals::progress.eq(proposal.progress),
        proposals::seen_at.eq(At(proposal.started_at)),
        proposals::day.eq(json(day)?),
        proposals::started_by.eq(&proposal.started_by),
        proposals::started_at.eq(At(proposal.started_at)),
        proposals::changed_by.eq(&proposal.changed_by),
        proposals::changed_at.eq(At(proposal.changed_at)),
    );
    diesel::insert_into(proposals::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The proposals of a day, the latest first.
pub(super) fn on(conn: &mut Conn, on: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Proposal>> {
    let rows: Vec<ProposalRow> = proposals::table.filter(proposals::on_date.eq(on)).order(proposals::id.desc()).select(ProposalRow::as_select()).load(conn)?;
    rows.into_iter().map(|row| row.proposal(now)).collect()
}

pub(super) fn get(conn: &mut Conn, id: Id<Proposal>, now: DateTime<Utc>) -> Result<Proposal> {
    let row: Option<ProposalRow> = proposals::table.filter(proposals::id.eq(id)).select(ProposalRow::as_select()).first(conn).optional()?;
    row.ok_or(Error::NotFound("proposal"))?.proposal(now)
}

/// Locks a proposal and returns it as it is then.
pub(super) fn lock(tx: &mut Tx<'_>, id: Id<Proposal>) -> Result<Proposal> {
    if let Conn::Postgres(conn) = &mut **tx {
        proposals::table.filter(proposals::id.eq(id)).select(proposals::id).for_no_key_update().load::<Id<Proposal>>(conn)?;
    }
    let now = tx.now();
    get(tx, id, now)
}

/// A proposal with what it is made of.
pub(super) fn sheet(conn: &mut Conn, proposal: Proposal) -> Result<ProposalSheet> {
    let columns = (proposals::day, proposals::plan, proposals::trips, proposals::causes);
    let (day, plan, trips, causes): (Json, Option<Json>, Option<Json>, Option<Json>) =
        proposals::table.filter(proposals::id.eq(proposal.id)).select(columns).first(conn)?;
    Ok(ProposalSheet {
        day: read(day)?,
        plan: plan.map(read).transpose()?,
        causes: causes.map(read::<Causes>).transpose()?.unwrap_or_default(),
        announced_as: trips.map(read::<Vec<AnnouncedAs>>).transpose()?.unwrap_or_default(),
        proposal,
    })
}

/// Writes what people changed about a locked proposal.
pub(super) fn update(tx: &mut Tx<'_>, proposal: &Proposal, plan: Option<&Plan>, announced_as: Option<&[AnnouncedAs]>) -> Result<()> {
    let change = (
        proposals::state.eq(proposal.state.name()),
        proposals::changed_by.eq(&proposal.changed_by),
        proposals::changed_at.eq(At(proposal.changed_at)),
        proposals::version.eq(proposal.version),
    );
    let row = || proposals::table.filter(proposals::id.eq(proposal.id));
    Kept(diesel::update(row()).set(change)).execute(&mut **tx)?;
    if let Some(plan) = plan {
        plan_set(tx, proposal.id, plan)?;
    }
    if let Some(announced_as) = announced_as {
        Kept(diesel::update(row()).set(proposals::trips.eq(Some(json(announced_as)?)))).execute(&mut **tx)?;
    }
    Ok(())
}

/// Writes the plan of a proposal.
pub(super) fn plan_set(tx: &mut Tx<'_>, id: Id<Proposal>, plan: &Plan) -> Result<()> {
    Kept(diesel::update(proposals::table.filter(proposals::id.eq(id))).set(proposals::plan.eq(Some(json(plan)?)))).execute(&mut **tx)?;
    Ok(())
}

/// How many searches are alive.
pub(super) fn n_searching(tx: &mut Tx<'_>) -> Result<i64> {
    let alive = proposals::state.eq("searching").and(proposals::seen_at.ge(At(tx.now() - SILENCE)));
    Ok(proposals::table.filter(alive).count().get_result(&mut **tx)?)
}

pub(super) fn want_stop(tx: &mut Tx<'_>, id: Id<Proposal>) -> Result<()> {
    Kept(diesel::update(proposals::table.filter(proposals::id.eq(id))).set(proposals::is_stop_wanted.eq(true))).execute(&mut **tx)?;
    Ok(())
}

/// Takes up the search for a proposal, unless somebody has.
pub(super) fn claim(tx: &mut Tx<'_>, id: Id<Proposal>, searcher: Id<Searcher>) -> Result<bool> {
    let free = proposals::table.filter(proposals::id.eq(id).and(proposals::state.eq("searching")).and(proposals::searcher_id.is_null()));
    let change = (proposals::searcher_id.eq(Some(searcher)), proposals::seen_at.eq(At(tx.now())));
    Ok(Kept(diesel::update(free).set(change)).execute(&mut **tx)? > 0)
}

/// Tells that the search is alive, how far it is and, now and then, what it has found. Whether it shall go on.
pub(super) fn report(tx: &mut Tx<'_>, id: Id<Proposal>, searcher: Id<Searcher>, progress: i32, plan: Option<&Plan>) -> Result<bool> {
    let own = || proposals::table.filter(proposals::id.eq(id).and(proposals::searcher_id.eq(searcher)).and(proposals::state.eq("searching")));
    Kept(diesel::update(own()).set((proposals::progress.eq(progress), proposals::seen_at.eq(At(tx.now()))))).execute(&mut **tx)?;
    if let Some(plan) = plan {
        Kept(diesel::update(own()).set(proposals::plan.eq(Some(json(plan)?)))).execute(&mut **tx)?;
    }
    let stop: Option<bool> = own().select(proposals::is_stop_wanted).first(&mut **tx).optional()?;
    Ok(stop == Some(false))
}

/// Ends a search with its plan; nothing happens if the proposal was taken from it meanwhile.
pub(super) fn finish(tx: &mut Tx<'_>, id: Id<Proposal>, searcher: Id<Searcher>, plan: &Plan, causes: &Causes) -> Result<()> {
    let own = proposals::table.filter(proposals::id.eq(id).and(proposals::searcher_id.eq(searcher)).and(proposals::state.eq("searching")));
    let change = (proposals::state.eq("ready"), proposals::progress.eq(100), proposals::seen_at.eq(At(tx.now())), proposals::plan.eq(Some(json(plan)?)));
    Kept(diesel::update(own).set((change, proposals::causes.eq(Some(json(causes)?))))).execute(&mut **tx)?;
    Ok(())
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<Json> {
    serde_json::to_value(value).map(Json).map_err(|fault| Error::Internal(fault.into()))
}

fn read<T: serde::de::DeserializeOwned>(json: Json) -> Result<T> {
    serde_json::from_value(json.0).map_err(|fault| Error::Internal(anyhow::Error::new(fault).context("a proposal of another edition of this program")))
}
