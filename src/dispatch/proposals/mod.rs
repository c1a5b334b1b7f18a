//! Proposals 编排方案: a day planned in the service, looked at, changed by hand and announced.
//!
//! A proposal is a row of the database, so it outlives a restart and every node sees the same one. Only one search writes to it, and whoever
//! changes it by hand or announces it locks it and names the version they saw: of two at once, one is told who was first.

mod model;
mod store;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

pub use self::model::{Proposal, ProposalState};
use self::store::Searcher;
use super::Trip;
use super::anew::announce_anew;
use super::day::Day;
use super::plan::{self, Bounds, Breach, Budget, Causes, Change, Objective, Options, Plan, Progress, Target};
use super::standing::Standing;
use crate::access::{Act, Actor, Scope};
use crate::base::{Error, FieldError, Id, Message, Result};
use crate::db::{Conn, Db, Tx};
use crate::policy::Rulebook;

/// A proposal with what it is made of.
#[derive(Debug, Clone)]
pub struct ProposalSheet {
    /// The proposal.
    pub proposal: Proposal,
    /// What was planned from.
    pub day: Day,
    /// The best plan so far; none until the first stands.
    pub plan: Option<Plan>,
    /// Why the plan changes what had been announced, as far as the search knows it.
    pub causes: Causes,
    /// The trips it was announced as.
    pub announced_as: Vec<AnnouncedAs>,
}

/// A trip of a plan, and the trip that was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncedAs {
    /// Its name in the plan.
    pub name: String,
    /// The trip.
    pub trip: Id<Trip>,
    /// Its number.
    pub number: String,
}

/// How long a search may take, in seconds.
pub const SECONDS: std::ops::RangeInclusive<i32> = 1..=600;
/// How many days may be searched at once, in the whole installation: each takes processors from those who wait for a page.
const SEARCHES: i64 = 4;

impl ProposalSheet {
    /// What the plan comes to, and what no plan for the same parties can do without.
    pub fn measure(&self) -> Option<(Objective, Bounds)> {
        let plan = self.plan.as_ref()?;
        Some((plan::verify(&self.day.problem, plan).0, Bounds::of(&self.day.problem, plan)))
    }

    /// What the plan changes of what had been announced; nothing, where the day was not planned anew.
    pub fn changes(&self) -> Vec<Change> {
        match (&self.day.standing, &self.plan) {
            (Some(standing), Some(plan)) => standing.changes(&self.day, plan, &self.causes),
            _ => Vec::new(),
        }
    }
}

/// Asks for a plan of `day`, as it was read for the actor; [`proposal_search`] makes it. What was proposed to the same scope before is replaced.
///
/// # Errors
/// Invalid: a search of other than 1 to 600 seconds. Conflict `proposal_being_searched`: names who has asked for the same. Refused
/// `too_many_searches`.
pub fn proposal_start(tx: &mut Tx<'_>, actor: &Actor, day: &Day, seconds: i32) -> Result<Proposal> {
    actor.must(Act::ManageTrips)?;
    if !SECONDS.contains(&seconds) {
        return Err(Error::invalid("seconds", Message::new("plan_not_a_count").with("least", SECONDS.start()).with("most", SECONDS.end())));
    }
    let (now, scope) = (tx.now(), actor.scope().to_string());
    let open = store::on(tx, day.on, now)?.into_iter().filter(|one| one.scope == scope && (one.state.is_open() || one.state == ProposalState::Searching));
    for before in open {
        let mut before = store::lock(tx, before.id)?;
        match before.state {
            ProposalState::Searching => return Err(Error::Conflict(Message::new("proposal_being_searched").with("by", before.started_by))),
            ProposalState::Ready | ProposalState::Interrupted => {
                change(tx, actor, &mut before, ProposalState::Replaced);
                store::update(tx, &before, None, None)?;
            }
            ProposalState::Announced | ProposalState::Replaced => {}
        }
    }
    if store::n_searching(tx)? >= SEARCHES {
        return Err(Error::Refused(Message::new("too_many_searches").with("most", SEARCHES)));
    }
    let proposal = proposal(tx, actor, day, ProposalState::Searching, seconds);
    store::insert(tx, &proposal, day)?;
    Ok(proposal)
}

/// Searches for the plan of a proposal that was asked for, until its time is over, somebody stops it or `is_stopping`; blocks for as long. The best
/// plan so far is written down every few seconds. Does nothing if somebody else has taken the search up.
pub fn proposal_search(db: &Db, id: Id<Proposal>, threads: usize, is_stopping: &(dyn Fn() -> bool + Sync)) -> Result<()> {
    let claimed = db.write(move |tx| {
        let searcher = tx.new_id();
        Ok(store::claim(tx, id, searcher)?.then_some(searcher))
    })?;
    let Some(searcher) = claimed else { return Ok(()) };
    let sheet = db.read(|conn| {
        let proposal = store::get(conn, id, db.clock().now())?;
        store::sheet(conn, proposal)
    })?;
    let diary = Diary { db, id, searcher, is_stopping, written: Mutex::new(None) };
    let budget = Budget::Time(Duration::from_secs(sheet.proposal.seconds.unsigned_abs().into()));
    let previous = sheet.day.standing.as_ref().map(Standing::previous);
    let outcome = plan::plan(&sheet.day.problem, previous.as_ref(), &Options { budget, seed: 1, threads }, &|progress, best| diary.goes_on(progress, best));
    let (_, breaches) = plan::verify(&sheet.day.problem, &outcome.plan);
    if let Some(breach) = breaches.first() {
        return Err(Error::Internal(anyhow::anyhow!("the plan breaks {} rules, {:?} of {} among them", breaches.len(), breach.rule, breach.of)));
    }
    db.write(move |tx| store::finish(tx, id, searcher, &outcome.plan, &outcome.causes))
}

/// What is written down of a search while it goes on.
struct Diary<'a> {
    db: &'a Db,
    id: Id<Proposal>,
    searcher: Id<Searcher>,
    is_stopping: &'a (dyn Fn() -> bool + Sync),
    /// When it was last written, and when a plan was.
    written: Mutex<Option<(Instant, Instant)>>,
}

/// How often it is told that a search is alive, and how often what it has found.
const BEAT: Duration = Duration::from_millis(500);
const PLAN_BEAT: Duration = Duration::from_secs(5);

impl Diary<'_> {
    fn goes_on(&self, progress: &Progress, best: &dyn Fn() -> Plan) -> bool {
        if (self.is_stopping)() {
            return false;
        }
        // Another thread of the search that is writing just now writes for all.
        let Ok(mut written) = self.written.try_lock() else { return true };
        let now = Instant::now();
        let (beat, plan_beat) = written.map_or((true, true), |(beat, plan)| (now - beat >= BEAT, now - plan >= PLAN_BEAT));
        if !beat {
            return true;
        }
        let plan = plan_beat.then(best);
        *written = Some((now, if plan_beat { now } else { written.map_or(now, |(_, plan)| plan) }));
        let (id, searcher, percent) = (self.id, self.searcher, (progress.done * 100.0).clamp(0.0, 99.0) as i32);
        match self.db.write(move |tx| store::report(tx, id, searcher, percent, plan.as_ref())) {
            Ok(goes_on) => goes_on,
            Err(error) => {
                tracing::warn!(%error, "a search could not be told of; it goes on");
                true
            }
        }
    }
}

/// Stops the search for a proposal; the best plan so far is there within a second or so.
pub fn proposal_stop(tx: &mut Tx<'_>, actor: &Actor, id: Id<Proposal>) -> Result<Proposal> {
    actor.must(Act::ManageTrips)?;
    let proposal = lock(tx, actor, id)?;
    store::want_stop(tx, id)?;
    Ok(proposal)
}

/// The proposals of a day that exist for the actor, the latest first.
pub fn proposals_on(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>, on: NaiveDate) -> Result<Vec<Proposal>> {
    actor.must(Act::ManageTrips)?;
    let mut proposals = store::on(conn, on, now)?;
    proposals.retain(|proposal| exists_for(actor, proposal));
    Ok(proposals)
}

/// The proposals of a day that were announced and exist for the actor, with what they are made of, the latest announced first.
pub(super) fn announced_on(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>, on: NaiveDate) -> Result<Vec<ProposalSheet>> {
    let mut announced = proposals_on(conn, actor, now, on)?;
    announced.retain(|proposal| proposal.state == ProposalState::Announced);
    announced.sort_by_key(|proposal| std::cmp::Reverse(proposal.changed_at));
    announced.into_iter().map(|proposal| store::sheet(conn, proposal)).collect()
}

/// A proposal with what it is made of.
pub fn proposal_get(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>, id: Id<Proposal>) -> Result<ProposalSheet> {
    actor.must(Act::ManageTrips)?;
    let proposal = store::get(conn, id, now)?;
    must_exist_for(actor, &proposal)?;
    store::sheet(conn, proposal)
}

/// Moves a party to another trip, a trip of its own, or off, and judges the plan by the rules at once. `party` is its name in the problem.
///
/// # Errors
/// Invalid: every rule that the move would break, in words. Refused `proposal_searching`; Conflict `proposal_announced`, `proposal_replaced` or `proposal_changed`, which say who was first.
pub fn proposal_move(tx: &mut Tx<'_>, actor: &Actor, id: Id<Proposal>, version: Option<i32>, party: &str, target: &Target) -> Result<Proposal> {
    actor.must(Act::ManageTrips)?;
    let mut proposal = lock(tx, actor, id)?;
    proposal.must_be_open(version)?;
    let ProposalSheet { day, plan, .. } = store::sheet(tx, proposal.clone())?;
    let plan = plan.ok_or_else(|| Error::Refused(Message::new("proposal_without_plan")))?;
    let number = day.problem.parties.iter().position(|one| one.id == party).ok_or(Error::NotFound("party"))?;
    if let Target::Trip(name) = target
        && plan.trips.iter().all(|trip| trip.id != *name)
    {
        return Err(Error::NotFound("trip"));
    }
    let moved = plan::move_by_hand(&day.problem, &plan, number as u32, target).map_err(|breaches| Error::Invalid(breaches.iter().map(in_words).collect()))?;
    change(tx, actor, &mut proposal, ProposalState::Ready);
    store::update(tx, &proposal, Some(&moved), None)?;
    Ok(proposal)
}

/// Makes and announces the trips of a proposal, with everybody's seat, and changes those that had been announced: all of it, or nothing. `because`, 1 to
/// 200 characters, is told to everybody whose trip changes.
///
/// # Errors
/// Invalid: a trip that had been announced changes, and no reason is given.
/// Refused `proposal_searching`; Conflict `proposal_announced`, `proposal_replaced` or `proposal_changed`, which say who was first.
/// Conflict: a vehicle, somebody of a crew or a passenger was taken since the day was read, and the message names by which trip, or
/// `trip_changed_since_read`. Invalid: somebody is no longer cleared.
pub fn proposal_announce(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rulebook: &Rulebook,
    disinfection: TimeDelta,
    id: Id<Proposal>,
    version: Option<i32>,
    because: Option<&str>,
) -> Result<Vec<AnnouncedAs>> {
    actor.must(Act::ManageTrips)?;
    let mut proposal = lock(tx, actor, id)?;
    proposal.must_be_open(version)?;
    let ProposalSheet { day, plan, causes, .. } = store::sheet(tx, proposal.clone())?;
    let is_something = |plan: &Plan| !plan.trips.is_empty() || day.standing.is_some();
    let plan = plan.filter(is_something).ok_or_else(|| Error::Refused(Message::new("proposal_without_plan")))?;
    carry_out(tx, actor, rulebook, disinfection, &mut proposal, &day, &plan, &causes, because)
}

/// Announces a plan that was searched for outside the service, in `seconds`, as [`proposal_announce`] does. What it was planned from is kept as a proposal,
/// so that the day can be planned anew.
///
/// # Errors
/// What [`proposal_announce`] says of the day and the plan.
#[expect(clippy::too_many_arguments, reason = "what a proposal is made of, and what it is announced with")]
pub fn plan_announce(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rulebook: &Rulebook,
    disinfection: TimeDelta,
    day: &Day,
    plan: &Plan,
    causes: &Causes,
    seconds: i32,
    because: Option<&str>,
) -> Result<Vec<AnnouncedAs>> {
    actor.must(Act::ManageTrips)?;
    let mut proposal = Proposal { progress: 100, ..proposal(tx, actor, day, ProposalState::Announced, seconds) };
    store::insert(tx, &proposal, day)?;
    store::plan_set(tx, proposal.id, plan)?;
    carry_out(tx, actor, rulebook, disinfection, &mut proposal, day, plan, causes, because)
}

/// A proposal of `day` that is new.
fn proposal(tx: &mut Tx<'_>, actor: &Actor, day: &Day, state: ProposalState, seconds: i32) -> Proposal {
    Proposal {
        id: tx.new_id(),
        on: day.on,
        scope: actor.scope().to_string(),
        state,
        seconds,
        progress: 0,
        started_by: actor.name().to_owned(),
        started_at: tx.now(),
        changed_by: actor.name().to_owned(),
        changed_at: tx.now(),
        version: 1,
    }
}

#[expect(clippy::too_many_arguments, reason = "what a proposal is made of, and what it is announced with")]
fn carry_out(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rulebook: &Rulebook,
    disinfection: TimeDelta,
    proposal: &mut Proposal,
    day: &Day,
    plan: &Plan,
    causes: &Causes,
    because: Option<&str>,
) -> Result<Vec<AnnouncedAs>> {
    let made = announce_anew(tx, actor, rulebook, disinfection, day, plan, causes, because)?;
    let announced_as: Vec<AnnouncedAs> = made.into_iter().map(|(name, trip)| AnnouncedAs { name, trip: trip.id, number: trip.number }).collect();
    change(tx, actor, proposal, ProposalState::Announced);
    store::update(tx, proposal, None, Some(&announced_as))?;
    Ok(announced_as)
}

/// A proposal that exists for the actor, locked until the transaction ends.
fn lock(tx: &mut Tx<'_>, actor: &Actor, id: Id<Proposal>) -> Result<Proposal> {
    let proposal = store::lock(tx, id)?;
    must_exist_for(actor, &proposal)?;
    Ok(proposal)
}

fn change(tx: &Tx<'_>, actor: &Actor, proposal: &mut Proposal, state: ProposalState) {
    proposal.state = state;
    proposal.changed_by = actor.name().to_owned();
    proposal.changed_at = tx.now();
    proposal.version += 1;
}

/// A proposal shows the people and the fleet of a scope, so it exists for those of that scope, and for whoever sees everything.
fn exists_for(actor: &Actor, proposal: &Proposal) -> bool {
    *actor.scope() == Scope::All || actor.scope().to_string() == proposal.scope
}

fn must_exist_for(actor: &Actor, proposal: &Proposal) -> Result<()> {
    if exists_for(actor, proposal) { Ok(()) } else { Err(Error::NotFound("proposal")) }
}

/// A rule that a plan breaks, as a person is told.
fn in_words(breach: &Breach) -> FieldError {
    FieldError::new("to", Message::new("plan_rule").with("rule", breach.rule.name()).with("of", &breach.of))
}
