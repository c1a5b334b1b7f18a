//! Jobs 后台: what happens without anybody asking for it. Offers climb the ladder of their route, notices are written
//! and sent, people are released and days closed after midnight.
//!
//! Nothing here keeps a state of its own. Each piece of work is a transaction of a use case that finds what is due by the clock of the
//! database and marks it done together with its effect, so that it is done once however many nodes there are and whenever one of them dies.

mod roads;
mod send;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use self::roads::roads;
use self::send::Sender;
use crate::access::Keyring;
use crate::base::{Id, Result, time};
use crate::bulletin;
use crate::config::Settings;
use crate::custody;
use crate::db::{Db, WorkerNode};
use crate::figures;
use crate::ledger;
use crate::policy::InForce;

/// How long a worker rests between two rounds.
const REST: Duration = Duration::from_secs(2);

/// How many of a kind are done in one transaction: on SQLite whoever writes meanwhile waits for it.
const PART: u32 = 50;

/// Does what is due, again and again. There may be any number on one database.
pub struct Worker {
    db: Db,
    /// By which others see that somebody is at work.
    id: Id<WorkerNode>,
    in_force: Arc<InForce>,
    settings: Settings,
    sender: Sender,
    /// The last digest that was written, so that it is not thought of again.
    last_digest: Option<DateTime<Utc>>,
    /// Up to which day the ledger is known to be sealed.
    sealed_through: Option<NaiveDate>,
    /// When what is not urgent is looked at next.
    next_look: DateTime<Utc>,
}

type Job = (&'static str, fn(&mut Worker) -> Result<()>);

/// What is looked for in every round.
const URGENT: &[Job] = &[("catch_up", Worker::catch_up), ("climb", Worker::climb), ("tell", Worker::tell), ("digest", Worker::digest), ("send", Worker::send)];

/// What is looked for once a minute.
const DAILY: &[Job] = &[
    ("be_seen", Worker::be_seen),
    ("release", Worker::release),
    ("close_days", Worker::close_days),
    ("seal", Worker::seal),
    ("seal_days", Worker::seal_days),
    ("forget_requests", Worker::forget_requests),
];

impl Worker {
    /// A worker on this database.
    ///
    /// # Errors
    /// Invalid: a mail setting that cannot be used.
    pub fn new(db: Db, keyring: Arc<Keyring>, in_force: Arc<InForce>, settings: Settings) -> Result<Self> {
        let sender = Sender::new(&settings.mail, keyring)?;
        let id = db.fork_ids().next(db.clock().now());
        Ok(Self { db, id, in_force, settings, sender, last_digest: None, sealed_through: None, next_look: DateTime::UNIX_EPOCH })
    }

    /// Works until `stopped` is told to or closed. What fails is logged and tried again in the next round.
    pub fn run(mut self, stopped: &Receiver<()>) {
        loop {
            // Each failure has been logged where it happened.
            let _ = self.round();
            match stopped.recv_timeout(REST) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Only hears of rules that are loaded elsewhere, until `stopped` is told to or closed: for a node that leaves the jobs to others.
    pub fn follow(mut self, stopped: &Receiver<()>) {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(REST) {
            if let Err(error) = self.catch_up() {
                tracing::warn!(job = "catch_up", %error, "will be tried again");
            }
        }
    }

    /// Does everything that is due by now, once. One kind of work that fails keeps no other from being done; the first failure is returned.
    pub fn round(&mut self) -> Result<()> {
        let now = self.db.clock().now();
        let daily = if now >= self.next_look { DAILY } else { &[] };
        if !daily.is_empty() {
            self.next_look = now + TimeDelta::minutes(1);
        }
        let mut outcome = Ok(());
        for (job, work) in URGENT.iter().chain(daily) {
            if let Err(error) = work(self) {
                tracing::warn!(job, %error, "will be tried again");
                outcome = outcome.and(Err(error));
            }
        }
        outcome
    }

    fn be_seen(&mut self) -> Result<()> {
        let id = self.id;
        self.db.write(move |tx| tx.see_worker(id))
    }

    /// Hears of rules that were loaded.
    fn catch_up(&mut self) -> Result<()> {
        self.db.read(|conn| self.in_force.catch_up(conn))
    }

    fn climb(&mut self) -> Result<()> {
        let rulebook = self.in_force.now();
        self.until_none_is_left(move |tx| custody::climb(tx, &rulebook.routes, PART))
    }

    fn tell(&mut self) -> Result<()> {
        let rulebook = self.in_force.now();
        self.until_none_is_left(move |tx| bulletin::tell(tx, &rulebook.organisations, PART))
    }

    fn digest(&mut self) -> Result<()> {
        let Some(at) = bulletin::digest_due(self.db.clock().now()).filter(|at| self.last_digest != Some(*at)) else { return Ok(()) };
        let rulebook = self.in_force.now();
        self.db.write(move |tx| bulletin::digest(tx, &rulebook.organisations, at))?;
        self.last_digest = Some(at);
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        self.sender.send_due(&self.db, &self.in_force.now().organisations)
    }

    fn release(&mut self) -> Result<()> {
        self.until_none_is_left(|tx| custody::release_due(tx, PART))
    }

    fn close_days(&mut self) -> Result<()> {
        self.db.write(|tx| figures::close_days_before(tx, time::civil_date(tx.now())))
    }

    /// Puts the ledger's days that are over under their roots. The ledger is read once a day, beside the writers.
    fn seal(&mut self) -> Result<()> {
        let through = ledger::last_complete_day(self.db.clock().now());
        if self.sealed_through < Some(through) {
            let days = self.db.read(|conn| ledger::unsealed(conn, through))?;
            self.db.write(move |tx| ledger::seal(tx, &days))?;
            self.sealed_through = Some(through);
        }
        Ok(())
    }

    /// Seals the figures of days that are over, one in a transaction.
    fn seal_days(&mut self) -> Result<()> {
        if !self.settings.jobs.seal_days {
            return Ok(());
        }
        let waited = TimeDelta::hours(self.settings.jobs.seal_after_hours.into());
        let through = ledger::last_complete_day(self.db.clock().now() - waited);
        while self.db.write(move |tx| figures::seal_next(tx, through))?.is_some() {}
        Ok(())
    }

    fn forget_requests(&mut self) -> Result<()> {
        let keep = TimeDelta::hours(self.settings.requests.remember_hours.into());
        self.db.write(move |tx| tx.forget_requests(tx.now() - keep)).map(drop)
    }

    fn until_none_is_left(&self, work: impl FnMut(&mut crate::db::Tx<'_>) -> Result<usize> + Clone + Send + 'static) -> Result<()> {
        while self.db.write(work.clone())? > 0 {}
        Ok(())
    }
}

/// Asks other people's servers: none may keep us longer than `timeout`, nor send us elsewhere.
fn http_agent(timeout: Duration) -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false).max_redirects(0).build().into()
}
