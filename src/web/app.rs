//! What handlers share, and the one bridge from them to the database, which blocks.

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::TimeDelta;
use tokio::sync::watch;

use super::answer::Answer;
use super::api::{self, Confirmation};
use super::gather::Gatherer;
use super::metrics::Metrics;
use super::problem::Problem;
use crate::access::{self, Actor, BlindIndex, Keyring};
use crate::base::{Error, Id, IdSource, Result};
use crate::config::Settings;
use crate::db::{Conn, Db, Tx, Url};
use crate::dispatch::{self, Driving, Proposal};
use crate::places::Organisation;
use crate::policy::{InForce, Rulebook};

/// Everything a handler may reach. Clones share it, and go by one rulebook: a request by the one that was in force when it came.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
    rulebook: Arc<Rulebook>,
}

struct Inner {
    db: Db,
    keyring: Arc<Keyring>,
    in_force: Arc<InForce>,
    driving: Driving,
    settings: Settings,
    chance: IdSource,
    requests: BlindIndex,
    metrics: Metrics,
    bearers: Gatherer<String, Actor>,
    confirmations: Gatherer<Confirmation, Answer>,
    stopping: watch::Sender<bool>,
    searches: Mutex<Vec<JoinHandle<()>>>,
}

impl App {
    /// Puts together what requests are answered with.
    pub fn new(db: Db, keyring: Arc<Keyring>, in_force: Arc<InForce>, driving: Driving, settings: Settings) -> Result<Self> {
        let requests = keyring.blind_index("idempotency_keys.request_hash");
        let (chance, metrics, stopping) = (IdSource::random(), Metrics::default(), watch::Sender::new(false));
        let searches = Mutex::default();
        let bearers = {
            let db = db.clone();
            Gatherer::start("bearers", 1, move |presented: Vec<String>| actors_of(&db, &presented))?
        };
        let confirmations = {
            let db = db.clone();
            // SQLite has one writer in any case.
            let threads = if matches!(db.url(), Url::Sqlite(_)) { 1 } else { 2 };
            Gatherer::start("confirmations", threads, move |group| api::confirm_all(&db, group))?
        };
        let rulebook = in_force.now();
        let inner = Inner { db, keyring, in_force, driving, settings, chance, requests, metrics, bearers, confirmations, stopping, searches };
        Ok(Self { inner: Arc::new(inner), rulebook })
    }

    /// The database, for what is more than one transaction.
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The keys that seal identities.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.inner.keyring
    }

    /// The data that people are routed and days counted by.
    pub fn rulebook(&self) -> &Arc<Rulebook> {
        &self.rulebook
    }

    /// Where loaded rules are heard of.
    pub fn in_force(&self) -> &Arc<InForce> {
        &self.inner.in_force
    }

    /// Goes by what was just loaded, from the next request on.
    pub(super) async fn catch_up(&self) -> Result<()> {
        let in_force = Arc::clone(self.in_force());
        self.read(move |conn| in_force.catch_up(conn)).await
    }

    /// The rules of the road, that trips are planned by.
    pub(super) fn driving(&self) -> &Driving {
        &self.inner.driving
    }

    /// How long a vehicle is disinfected after a trip.
    pub(super) fn disinfection(&self) -> TimeDelta {
        TimeDelta::minutes(self.inner.settings.fleet.disinfection_minutes.into())
    }

    /// The code by which people know an organisation.
    pub(super) fn code_of(&self, organisation: Id<Organisation>) -> Option<String> {
        self.rulebook.organisations.with_id(organisation).map(|organisation| organisation.code.clone())
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Who presents this token.
    ///
    /// # Errors
    /// Unauthenticated if it is unknown, expired or taken back, or its user is shut out.
    pub(super) async fn actor_of(&self, presented: String) -> Result<Actor> {
        self.inner.bearers.ask(presented).await
    }

    /// Writes a confirmation, with others that arrive at the same moment.
    pub(super) async fn confirm(&self, confirmation: Confirmation) -> Result<Answer> {
        self.inner.confirmations.ask(confirmation).await
    }

    /// How long somebody stays signed in.
    pub fn session_lasts(&self) -> TimeDelta {
        TimeDelta::hours(self.inner.settings.sessions.hours.into())
    }

    /// Chance, for salts and passwords.
    pub fn chance(&self) -> &IdSource {
        &self.inner.chance
    }

    /// By which requests are told apart without keeping what they said.
    pub(super) fn request_index(&self) -> &BlindIndex {
        &self.inner.requests
    }

    /// Counts of what was asked and answered.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Turns true when the server stops, so that streams without an end can end.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.inner.stopping.subscribe()
    }

    /// Asks the server to stop: no new requests, streams end, the others finish.
    pub fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Searches for the plan of a proposal on a thread of its own, beside the requests, and leaves them a processor.
    pub(super) fn search(&self, id: Id<Proposal>) -> Result<()> {
        let (db, stopping) = (self.inner.db.clone(), self.stopping());
        let threads = std::thread::available_parallelism().map_or(1, |processors| processors.get().saturating_sub(1).max(1));
        let work = move || {
            if let Err(error) = dispatch::proposal_search(&db, id, threads, &|| *stopping.borrow()) {
                tracing::error!(%error, proposal = %id, "the search for a plan failed");
            }
        };
        let thread = std::thread::Builder::new().name("planner".into()).spawn(work).map_err(|cause| Error::Internal(cause.into()))?;
        if let Ok(mut searches) = self.inner.searches.lock() {
            searches.retain(|search| !search.is_finished());
            searches.push(thread);
        }
        Ok(())
    }

    /// Waits until the searches have written down what they have found; they have been told to stop.
    pub(super) fn finish_searches(&self) {
        let searches = self.inner.searches.lock().map(|mut searches| std::mem::take(&mut *searches)).unwrap_or_default();
        for search in searches {
            if search.join().is_err() {
                tracing::error!("the search for a plan panicked");
            }
        }
    }

    /// Runs `work` on one snapshot of the database.
    pub async fn read<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        let app = self.clone();
        self.block(move || app.db().read(work)).await
    }

    /// Runs `work` in one transaction, which is durable when this returns.
    pub async fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let app = self.clone();
        self.block(move || app.db().write(work)).await
    }

    /// Runs on another thread what takes long or blocks. A panic in it is a fault of ours and stays there.
    pub async fn block<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        web::block(work).await.unwrap_or_else(|_| Err(Error::Internal(anyhow::anyhow!("work for a request panicked"))))
    }

    /// The application that a request came to.
    pub(super) fn of(request: &HttpRequest) -> Result<Self> {
        let app = request.app_data::<Self>().ok_or_else(|| Error::Internal(anyhow::anyhow!("a server without its application")))?;
        Ok(Self { inner: Arc::clone(&app.inner), rulebook: app.inner.in_force.now() })
    }
}

fn actors_of(db: &Db, presented: &[String]) -> Vec<Result<Actor>> {
    let found = db.read(|conn| access::actors_of(conn, presented, db.clock().now()));
    found.unwrap_or_else(|error| presented.iter().map(|_| Err(error.copy())).collect())
}

impl FromRequest for App {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map_err(Problem))
    }
}
