//! The whole search: provinces apart, on as many threads as are given.
//!
//! Provinces share neither vehicles, staff nor sites, so each is searched by itself. A budget of steps is divided among the provinces by
//! their parties, which makes the plan depend on the seed alone; a budget of time goes to whichever province is furthest behind its share.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::bound::Bounds;
use super::build::Builder;
use super::changes::{Change, Disturbance, changes};
use super::clock::Clock;
use super::draft::Draft;
use super::outcome::{LeftOut, Plan, PlannedTrip};
use super::problem::{PartyNo, Problem, ProvinceNo};
use super::proposal::Proposal;
use super::reasons;
use super::replan::{Causes, Previous, named};
use super::search::{PRICES, Search};
use super::verify::{Objective, verify};

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// After so much time.
    Time(Duration),
    /// After so many steps in all: the same plan for the same seed, on any machine with any number of threads.
    Steps(u64),
}

/// How to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// When to stop.
    pub budget: Budget,
    /// The same seed and number of steps give the same plan.
    pub seed: u64,
    /// Threads to search on, at least one.
    pub threads: usize,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Of the budget, from 0 to 1.
    pub done: f64,
    /// Persons that the best plan so far leaves out.
    pub persons_left: u32,
    /// Its trips.
    pub trips: usize,
}

/// A plan and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The plan.
    pub plan: Plan,
    /// What it comes to.
    pub objective: Objective,
    /// What no plan for the same parties can do without.
    pub bounds: Bounds,
    /// Why it changes what it changes of the previous plan, as far as that is known.
    pub causes: Causes,
    /// What it changes of the previous plan.
    pub changes: Vec<Change>,
    /// How many are disturbed by that.
    pub disturbance: Disturbance,
    /// Steps of the search.
    pub steps: u64,
    /// When the first whole plan stood.
    pub first_after: Duration,
    /// How long it took in all.
    pub took: Duration,
}

/// Hears now and then how far a search is, can ask for the best plan so far (which costs what it takes to tell why people are left out), and stops
/// the search by answering false.
pub type Watch<'w> = dyn Fn(&Progress, &dyn Fn() -> Plan) -> bool + Sync + 'w;

/// Plans a day, keeping of a `previous` plan what can be kept. If `watch` stops the search, the best plan so far is the outcome.
pub fn plan(problem: &Problem, previous: Option<&Previous<'_>>, options: &Options, watch: &Watch<'_>) -> Outcome {
    let started = Instant::now();
    let mut builder = Builder::new(problem, PRICES);
    let impossible = reasons::impossible(problem, &mut builder);
    let movable: Vec<PartyNo> = (0..problem.parties.len() as PartyNo).filter(|party| impossible.iter().all(|(one, _)| one != party)).collect();
    let mut jobs: Vec<Job<'_>> = (0..problem.provinces.len() as ProvinceNo).map(|province| Job::new(problem, province, &movable)).collect();
    jobs.retain(|job| !job.parties.is_empty());
    let standings = Mutex::new(vec![None; jobs.len()]);
    let jobs: Vec<Mutex<Job<'_>>> = jobs.into_iter().map(Mutex::new).collect();
    let left_out = impossible.iter().map(|&(party, reason)| LeftOut { party, reason }).collect();
    let run = Run { problem, previous, options, watch, started, stopped: AtomicBool::new(false), turn: Mutex::new(()), left_out, standings };
    std::thread::scope(|scope| {
        for _ in 0..options.threads.clamp(1, jobs.len().max(1)) {
            scope.spawn(|| {
                while let Some((n, mut job)) = run.next(&jobs) {
                    run.slice(&mut job);
                    let standing = run.standing(&job);
                    drop(job);
                    run.tell(n, standing);
                }
            });
        }
    });
    let mut outcome = Outcome {
        plan: Plan { trips: Vec::new(), left_out: run.left_out.clone() },
        objective: Objective::default(),
        bounds: Bounds { trips: 0, vehicle_minutes: 0 },
        causes: Causes::new(),
        changes: Vec::new(),
        disturbance: Disturbance::default(),
        steps: 0,
        first_after: Duration::ZERO,
        took: Duration::ZERO,
    };
    let mut clock = Clock::new(problem);
    for job in jobs.into_iter().filter_map(|job| job.into_inner().ok()) {
        outcome.steps += job.steps;
        outcome.first_after = outcome.first_after.max(job.first_after);
        job.write(problem, &mut clock, &mut outcome.plan, &mut outcome.causes);
    }
    name(&mut outcome.plan, previous);
    if let Some(previous) = previous {
        (outcome.changes, outcome.disturbance) = changes(problem, previous.announced, &outcome.plan, &outcome.causes);
    }
    outcome.plan.left_out.sort_unstable_by_key(|left| left.party);
    outcome.objective = verify(problem, &outcome.plan).0;
    outcome.bounds = Bounds::of(problem, &outcome.plan);
    outcome.took = run.started.elapsed();
    outcome
}

/// Names new trips; announced ones keep their names.
pub(super) fn name(plan: &mut Plan, previous: Option<&Previous<'_>>) {
    let taken: BTreeSet<&str> = previous.iter().flat_map(|previous| &previous.announced.trips).map(|trip| trip.id.as_str()).collect();
    let mut names = (1..).map(|n| format!("T{n}")).filter(|name| !taken.contains(name.as_str()));
    for trip in plan.trips.iter_mut().filter(|trip| trip.id.is_empty()) {
        trip.id = names.next().unwrap_or_default();
    }
}

/// The trips of a proposal, act by act; new ones have no names yet.
pub(super) fn trips(problem: &Problem, proposal: &Proposal, clock: &mut Clock<'_>) -> Vec<PlannedTrip> {
    let trip = |draft: &Draft| {
        let acts = named(&draft.acts(problem, clock), &draft.crew);
        let crew = draft.crew.clone();
        let id = draft.announced.as_ref().map(|kept| kept.id.clone()).unwrap_or_default();
        PlannedTrip { id, vehicle: draft.vehicle, drivers: crew.drivers, medics: crew.medics, escorts: crew.escorts, acts }
    };
    proposal.drafts().map(|(_, draft)| draft.as_ref()).map(trip).collect()
}

/// One province.
struct Job<'a> {
    province: ProvinceNo,
    parties: Vec<PartyNo>,
    /// Of all parties that can be moved.
    share: f64,
    search: Option<Search<'a>>,
    steps: u64,
    spent: Duration,
    first_after: Duration,
}

struct Run<'a, 'w> {
    problem: &'a Problem,
    previous: Option<&'w Previous<'w>>,
    options: &'w Options,
    watch: &'w Watch<'w>,
    started: Instant,
    stopped: AtomicBool,
    /// Held while a thread chooses where to go on.
    turn: Mutex<()>,
    /// Who cannot be moved by any plan.
    left_out: Vec<LeftOut>,
    /// Of each province that has a plan: how far it is, and its best proposal.
    standings: Mutex<Vec<Option<(Progress, Proposal)>>>,
}

/// How long a thread stays with a province before it asks again where to go on.
const SLICE: Duration = Duration::from_millis(50);
const SLICE_STEPS: u64 = 100;

impl<'a> Job<'a> {
    fn new(problem: &Problem, province: ProvinceNo, movable: &[PartyNo]) -> Self {
        let parties: Vec<PartyNo> = movable.iter().copied().filter(|party| problem.parties[*party as usize].province == province).collect();
        let share = parties.len() as f64 / movable.len().max(1) as f64;
        Self { province, parties, share, search: None, steps: 0, spent: Duration::ZERO, first_after: Duration::ZERO }
    }

    /// Its part of a budget of steps.
    fn quota(&self, steps: u64) -> u64 {
        ((steps as f64 * self.share) as u64).max(1)
    }

    /// Writes down the best proposal, with a reason for everybody it leaves.
    fn write(self, problem: &'a Problem, clock: &mut Clock<'a>, plan: &mut Plan, causes: &mut Causes) {
        let Some(mut search) = self.search else { return };
        let reasons = search.finish();
        plan.trips.extend(trips(problem, search.best(), clock));
        causes.extend_from_slice(search.causes());
        plan.left_out.extend(reasons.into_iter().map(|(party, reason)| LeftOut { party, reason }));
    }
}

impl<'a> Run<'a, '_> {
    fn is_over(&self) -> bool {
        let out_of_time = matches!(self.options.budget, Budget::Time(time) if self.started.elapsed() >= time);
        out_of_time || self.stopped.load(Ordering::Relaxed)
    }

    /// The province furthest behind its share, of those that nobody is at. Every province gets its first plan, however short the time.
    fn next<'j>(&self, jobs: &'j [Mutex<Job<'a>>]) -> Option<(usize, MutexGuard<'j, Job<'a>>)> {
        let _turn = self.turn.lock().ok()?;
        let is_over = self.is_over();
        let free = jobs.iter().enumerate().filter_map(|(n, job)| Some((n, job.try_lock().ok()?)));
        let waiting = free.filter(|(_, job)| match self.options.budget {
            _ if job.search.is_none() => true,
            _ if is_over || job.search.as_ref().is_some_and(Search::is_settled) => false,
            Budget::Steps(steps) => job.steps < job.quota(steps),
            Budget::Time(_) => true,
        });
        let behind = |job: &Job<'_>| if job.search.is_none() { f64::NEG_INFINITY } else { job.spent.as_secs_f64() / job.share };
        waiting.min_by(|(_, one), (_, other)| behind(one).total_cmp(&behind(other)))
    }

    fn slice(&self, job: &mut Job<'a>) {
        let begun = Instant::now();
        let quota = if let Budget::Steps(steps) = self.options.budget { job.quota(steps) } else { 0 };
        match (&mut job.search, self.options.budget) {
            (None, _) => {
                job.search = Some(Search::new(self.problem, job.province, job.parties.clone(), self.options.seed, self.previous));
                job.first_after = self.started.elapsed();
            }
            (Some(search), Budget::Steps(_)) => {
                let until = quota.min(job.steps + SLICE_STEPS);
                for step in job.steps..until {
                    search.step(step as f64 / quota as f64);
                }
                job.steps = until;
            }
            (Some(search), Budget::Time(time)) => {
                while begun.elapsed() < SLICE && !self.is_over() {
                    search.step((self.started.elapsed().as_secs_f64() / time.as_secs_f64()).min(1.0));
                    job.steps += 1;
                }
            }
        }
        job.spent += begun.elapsed();
    }

    fn standing(&self, job: &Job<'_>) -> Option<(Progress, Proposal)> {
        let search = job.search.as_ref()?;
        let (persons_left, trips) = search.standing();
        let done = match self.options.budget {
            Budget::Steps(steps) => job.steps as f64 / job.quota(steps) as f64,
            Budget::Time(time) => (self.started.elapsed().as_secs_f64() / time.as_secs_f64()).min(1.0),
        };
        Some((Progress { done: done * job.share, persons_left, trips }, search.best().clone()))
    }

    /// Tells how far it is, once every province has a plan.
    fn tell(&self, n: usize, standing: Option<(Progress, Proposal)>) {
        let whole = {
            let Ok(mut standings) = self.standings.lock() else { return };
            standings[n] = standing;
            standings.iter().try_fold(Progress { done: 0.0, persons_left: 0, trips: 0 }, |sum, one| {
                let (one, _) = one.as_ref()?;
                Some(Progress { done: sum.done + one.done, persons_left: sum.persons_left + one.persons_left, trips: sum.trips + one.trips })
            })
        };
        if whole.is_some_and(|whole| !(self.watch)(&whole, &|| self.best_so_far())) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// The best proposals of all provinces as a plan, while the search goes on.
    fn best_so_far(&self) -> Plan {
        let proposals: Vec<Proposal> =
            self.standings.lock().map(|all| all.iter().flatten().map(|(_, proposal)| proposal.clone()).collect()).unwrap_or_default();
        let mut plan = Plan { trips: Vec::new(), left_out: self.left_out.clone() };
        let mut builder = Builder::new(self.problem, PRICES);
        for mut proposal in proposals {
            plan.left_out.extend(builder.explain(&mut proposal));
            plan.trips.extend(trips(self.problem, &proposal, &mut builder.clock));
        }
        name(&mut plan, self.previous);
        plan.left_out.sort_unstable_by_key(|left| left.party);
        plan
    }
}
