//! Handoffs: one custodian at every instant, two parties to every passing, one winner of every race; on both engines.

mod aside;
mod blind;
mod deadlines;
pub mod guests;
mod journey;
mod model;
mod offline;
mod overview;
pub mod phones;
mod races;
mod schema;
mod statements;
mod together;

use std::sync::Barrier;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jiezhuan::access::Actor;
use jiezhuan::arrivals::TravellerId;
use jiezhuan::base::{Error, Id, Result};
use jiezhuan::custody::{self, Exception, ExceptionKind, HandoffId, HandoffView, Offer, Receipt, Reception};
use jiezhuan::db::Db;
use jiezhuan::places::Organisation;

use crate::support::people::{by, rulebook};

pub fn try_offer(db: &Db, giver: &Actor, to: &str, travellers: &[TravellerId], answer_by: Option<DateTime<Utc>>) -> Result<HandoffView> {
    let (giver, offer) = (giver.clone(), Offer { to_organisation: to.parse().unwrap(), trip: None, travellers: travellers.to_vec(), answer_by });
    db.write(move |tx| custody::offer(tx, &giver, &rulebook().routes, offer.clone()))
}

pub fn offer(db: &Db, from: &str, to: &str, travellers: &[TravellerId]) -> HandoffId {
    try_offer(db, &by(from), to, travellers, None).unwrap().id
}

pub fn count(db: &Db, who: &str, id: HandoffId, counted: i32) -> Result<HandoffView> {
    let who = by(who);
    db.write(move |tx| custody::count(tx, &who, id, counted))
}

pub fn accept(db: &Db, who: &str, id: HandoffId, counted: usize, exceptions: &[Exception]) -> Result<HandoffView> {
    let receipt = Receipt { counted: i32::try_from(counted).unwrap(), exceptions: exceptions.to_vec(), ..Receipt::default() };
    let who = by(who);
    db.write(move |tx| custody::accept(tx, &who, id, None, receipt.clone())).and_then(Reception::accepted)
}

pub fn refuse(db: &Db, who: &str, id: HandoffId) -> Result<HandoffView> {
    let who = by(who);
    db.write(move |tx| custody::refuse(tx, &who, id, None, "no room".parse().unwrap()))
}

pub fn withdraw(db: &Db, who: &str, id: HandoffId) -> Result<HandoffView> {
    let who = by(who);
    db.write(move |tx| custody::withdraw(tx, &who, id, None, "wrong coach".parse().unwrap()))
}

/// Hands over and has all of them received.
pub fn hand_over(db: &Db, from: &str, to: &str, travellers: &[TravellerId]) {
    let id = offer(db, from, to, travellers);
    accept(db, to, id, travellers.len(), &[]).unwrap();
}

pub fn exception(traveller: TravellerId, kind: ExceptionKind) -> Exception {
    Exception { traveller, kind, reason: "both crews looked".parse().unwrap() }
}

pub fn code<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    match outcome.unwrap_err() {
        Error::Internal(cause) => panic!("{cause:?}"),
        error => error.message().code,
    }
}

/// Runs two acts at the same moment.
pub fn race<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            start.wait();
            one()
        });
        start.wait();
        let second = other();
        (first.join().unwrap(), second)
    })
}

/// The same race many times: whoever lost has a head start next time, and a longer one the longer they lose, so that both win now and then
/// however busy the machine is and however unlike their work.
#[derive(Default)]
pub struct Races {
    /// Microseconds that the first waits, or the other where it is negative.
    wait: i64,
    step: i64,
}

impl Races {
    const STEP: i64 = 100;

    pub fn run<A: Send, B>(&self, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
        let rest = |micros: i64| std::thread::sleep(Duration::from_micros(micros.try_into().unwrap_or(0)));
        let (first, second) = (self.wait, -self.wait);
        race(
            move || {
                rest(first);
                one()
            },
            move || {
                rest(second);
                other()
            },
        )
    }

    pub fn won(&mut self, by_the_first: bool) {
        let toward = if by_the_first { 1 } else { -1 };
        self.step = if self.step.signum() == toward { self.step * 2 } else { toward * Self::STEP };
        self.wait = (self.wait + self.step).clamp(-1_000_000, 1_000_000);
    }
}

pub fn custodian(db: &Db, traveller: TravellerId) -> Option<Id<Organisation>> {
    db.read(|conn| Ok(jiezhuan::arrivals::get(conn, &[traveller])?[0].custody.custodian)).unwrap()
}
