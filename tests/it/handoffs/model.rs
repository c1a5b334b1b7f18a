//! Random acts by random actors, one after the other, against a plain model of who answers for whom: every act is allowed or refused for the
//! reason that the model gives, and in the end everybody is where the model has them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use jiezhuan::access::Actor;
use jiezhuan::arrivals::{self, Hold, HoldKind, TravellerId};
use jiezhuan::base::{Error, Id};
use jiezhuan::custody::{self, Decision, Exception, ExceptionKind, HandoffId, LeaveReason, Receipt, Reception};

use super::{count, custodian, exception, refuse, try_offer, withdraw};
use crate::support::people::{DESK, by, expect_clean_ledger, land, organisation, register_organisations, rulebook};
use crate::support::{TestDb, on_both_engines};

const ACTORS: [&str; 6] = [DESK, "site-310114-1", "site-310113-1", "work-group-32", "hub-huaqiao", "site-320500-1"];
const PEOPLE: usize = 24;

/// How many acts each engine is put through; the variable asks for more.
fn steps() -> usize {
    std::env::var("JIEZHUAN_MODEL_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(1_500)
}

/// A small generator that gives the same acts for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.next(of.len())]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Offered,
    Lapsed,
    Ended,
}

struct Offered {
    id: HandoffId,
    giver: &'static str,
    receiver: &'static str,
    list: Vec<TravellerId>,
    answer_by: DateTime<Utc>,
    first_count: Option<i32>,
    state: State,
}

/// What should be so. It knows the rules in their plainest form and nothing of how they are kept.
struct Model {
    now: DateTime<Utc>,
    custodian: BTreeMap<TravellerId, Option<&'static str>>,
    held: BTreeMap<TravellerId, Vec<Id<Hold>>>,
    handoffs: Vec<Offered>,
}

type Verdict = Result<(), &'static str>;

impl Model {
    fn is_offered(&self, who: TravellerId) -> bool {
        self.handoffs.iter().any(|handoff| handoff.state != State::Ended && handoff.list.contains(&who))
    }

    fn is_held(&self, who: TravellerId) -> bool {
        self.held.get(&who).is_some_and(|holds| !holds.is_empty())
    }

    /// Going on to the road is what a hold stops: to the work group or the hub from where nobody is on the road yet.
    fn boards(giver: &str, receiver: &str) -> bool {
        let on_road = |code: &str| code == "work-group-32" || code == "hub-huaqiao";
        on_road(receiver) && !on_road(giver) && giver != "site-320500-1"
    }

    fn may_offer(&self, giver: &str, receiver: &str, list: &[TravellerId]) -> Verdict {
        match () {
            () if giver == receiver => Err("handoff_to_itself"),
            () if list.iter().any(|who| self.custodian[who] != Some(giver)) => {
                let somebody_else = list.iter().any(|who| self.custodian[who].is_some_and(|other| other != giver));
                Err(if somebody_else { "others_answer" } else { "custody_ended" })
            }
            () if list.iter().any(|who| self.is_offered(*who)) => Err("in_another_handoff"),
            () if Self::boards(giver, receiver) && list.iter().any(|who| self.is_held(*who)) => Err("held_may_not_board"),
            () => Ok(()),
        }
    }

    fn may_answer(handoff: &Offered, who: &str) -> Verdict {
        match handoff.state {
            State::Ended => Err("handoff_ended"),
            State::Lapsed => Err("handoff_lapsed"),
            State::Offered if who != handoff.receiver => Err("only_receiver_answers"),
            State::Offered => Ok(()),
        }
    }

    fn may_settle(&self, handoff: &Offered, receipt: &Receipt) -> Verdict {
        let n_extras = receipt.exceptions.iter().filter(|exception| exception.kind == ExceptionKind::Extra).count();
        let excepted = |who: &TravellerId| receipt.exceptions.iter().any(|exception| exception.traveller == *who);
        let received: Vec<TravellerId> = handoff.list.iter().copied().filter(|who| !excepted(who)).collect();
        if usize::try_from(receipt.counted) != Ok(received.len() + n_extras) {
            return Err("count_differs");
        }
        let is_here = |exception: &Exception| exception.kind == ExceptionKind::Extra && self.custodian[&exception.traveller] == Some(handoff.receiver);
        if receipt.exceptions.iter().any(is_here) {
            return Err("extra_is_already_here");
        }
        let is_held = Self::boards(handoff.giver, handoff.receiver) && received.iter().any(|who| self.is_held(*who));
        if is_held { Err("held_may_not_board") } else { Ok(()) }
    }

    fn settle(&mut self, n: usize, receipt: &Receipt) {
        let (receiver, list) = (self.handoffs[n].receiver, self.handoffs[n].list.clone());
        for who in list.into_iter().filter(|who| receipt.exceptions.iter().all(|exception| exception.traveller != *who)) {
            self.custodian.insert(who, Some(receiver));
        }
        self.handoffs[n].state = State::Ended;
    }
}

struct Play<'p> {
    db: &'p TestDb,
    dice: Dice,
    model: Model,
    people: Vec<TravellerId>,
    /// How often each act was allowed and refused.
    tally: BTreeMap<(&'static str, bool), usize>,
}

impl Play<'_> {
    fn expect<T: std::fmt::Debug>(&mut self, act: &'static str, expected: Verdict, outcome: Result<T, Error>) -> Option<T> {
        *self.tally.entry((act, expected.is_ok())).or_default() += 1;
        match (expected, outcome) {
            (Ok(()), Ok(done)) => Some(done),
            (Err(code), Err(error)) if error.message().code == code => None,
            (expected, outcome) => panic!("{act}: expected {expected:?}, and it came to {outcome:?}"),
        }
    }

    fn some_people(&mut self) -> Vec<TravellerId> {
        // Mostly people of one custodian, or hardly any offer would be allowed.
        let of = self.dice.pick(&ACTORS);
        let mut list: Vec<TravellerId> = self.people.iter().copied().filter(|who| self.model.custodian[who] == Some(of) || self.dice.next(40) == 0).collect();
        list.truncate(1 + self.dice.next(4));
        if list.is_empty() { vec![self.dice.pick(&self.people)] } else { list }
    }

    fn receipt(&mut self, n: usize) -> Receipt {
        let list = self.model.handoffs[n].list.clone();
        let mut exceptions: Vec<Exception> = Vec::new();
        for who in &list {
            if self.dice.next(5) == 0 {
                let kind = self.dice.pick(&[ExceptionKind::Missing, ExceptionKind::Refused, ExceptionKind::WrongVehicle]);
                exceptions.push(exception(*who, kind));
            }
        }
        let mut counted = list.len() - exceptions.len();
        let stranger = self.dice.pick(&self.people);
        if self.dice.next(8) == 0 && !list.contains(&stranger) && self.model.custodian[&stranger].is_some() {
            exceptions.push(exception(stranger, ExceptionKind::Extra));
            counted += 1;
        }
        let off = if self.dice.next(8) == 0 { self.dice.next(3) } else { 0 };
        Receipt { counted: i32::try_from(counted + off).unwrap(), exceptions, ..Receipt::default() }
    }

    fn step(&mut self) {
        let actor = self.dice.pick(&ACTORS);
        match self.dice.next(20) {
            0..=5 => self.offer(),
            6..=16 if !self.model.handoffs.is_empty() => {
                // Mostly the latest ones, which may still wait.
                let n = self.model.handoffs.len() - 1 - self.dice.next(self.model.handoffs.len().min(6));
                let (giver, receiver) = (self.model.handoffs[n].giver, self.model.handoffs[n].receiver);
                let receiver = if self.dice.next(6) == 0 { actor } else { receiver };
                match self.dice.next(8) {
                    0 => self.count(n, receiver),
                    1..=3 => self.accept(n, receiver),
                    4 => {
                        let expected = Model::may_answer(&self.model.handoffs[n], receiver);
                        let outcome = refuse(&self.db.db, receiver, self.model.handoffs[n].id);
                        self.end("refuse", n, expected, outcome);
                    }
                    5 => {
                        let giver = if self.dice.next(6) == 0 { actor } else { giver };
                        let expected = match self.model.handoffs[n].state {
                            State::Ended => Err("handoff_ended"),
                            State::Lapsed => Err("handoff_lapsed"),
                            State::Offered if giver != self.model.handoffs[n].giver => Err("only_giver_withdraws"),
                            State::Offered => Ok(()),
                        };
                        let outcome = withdraw(&self.db.db, giver, self.model.handoffs[n].id);
                        self.end("withdraw", n, expected, outcome);
                    }
                    _ => self.decide(n),
                }
            }
            17 => self.time(),
            18 => self.hold_or_lift(),
            _ => self.leave(actor),
        }
    }

    fn end<T: std::fmt::Debug>(&mut self, act: &'static str, n: usize, expected: Verdict, outcome: Result<T, Error>) {
        if self.expect(act, expected, outcome).is_some() {
            self.model.handoffs[n].state = State::Ended;
        }
    }

    fn offer(&mut self) {
        let list = self.some_people();
        let giver = self.model.custodian[&list[0]].unwrap_or(DESK);
        let giver = if self.dice.next(12) == 0 { self.dice.pick(&ACTORS) } else { giver };
        let receiver = self.dice.pick(&ACTORS);
        let answer_by = self.model.now + TimeDelta::minutes(60);
        let expected = self.model.may_offer(giver, receiver, &list);
        let outcome = try_offer(&self.db.db, &by(giver), receiver, &list, Some(answer_by));
        if let Some(view) = self.expect("offer", expected, outcome) {
            self.model.handoffs.push(Offered { id: view.id, giver, receiver, list, answer_by, first_count: None, state: State::Offered });
        }
    }

    fn count(&mut self, n: usize, who: &'static str) {
        let handoff = &self.model.handoffs[n];
        let counted = i32::try_from(handoff.list.len()).unwrap() - i32::try_from(self.dice.next(2)).unwrap();
        let is_another = handoff.first_count.is_some_and(|first| first != counted);
        let expected = Model::may_answer(handoff, who).and(if is_another { Err("already_counted") } else { Ok(()) });
        let outcome = count(&self.db.db, who, handoff.id, counted);
        if self.expect("count", expected, outcome).is_some() {
            self.model.handoffs[n].first_count = Some(counted);
        }
    }

    fn accept(&mut self, n: usize, who: &'static str) {
        let receipt = self.receipt(n);
        let handoff = &self.model.handoffs[n];
        let may_answer = Model::may_answer(handoff, who);
        let expected = may_answer.and_then(|()| self.model.may_settle(handoff, &receipt));
        let (id, given) = (handoff.id, receipt.clone());
        let outcome = self.db.db.write(move |tx| custody::accept(tx, &by(who), id, None, given.clone())).and_then(Reception::accepted);
        if may_answer.is_ok() {
            // Whatever comes of it, the count that came with it is in.
            self.model.handoffs[n].first_count.get_or_insert(receipt.counted);
        }
        if self.expect("accept", expected, outcome).is_some() {
            self.model.settle(n, &receipt);
        }
    }

    fn decide(&mut self, n: usize) {
        let receipt = self.receipt(n);
        let is_yes = self.dice.next(2) == 0;
        let handoff = &self.model.handoffs[n];
        let expected = match handoff.state {
            State::Ended => Err("handoff_ended"),
            _ if handoff.answer_by > self.model.now => Err("deadline_not_passed"),
            _ if is_yes => self.model.may_settle(handoff, &receipt),
            _ => Ok(()),
        };
        let decision = if is_yes { Decision::Accept(receipt.clone()) } else { Decision::Refuse };
        let id = handoff.id;
        let outcome = self.db.db.write(move |tx| custody::decide(tx, &Actor::operator(), id, None, decision.clone(), "seen".parse().unwrap()));
        if self.expect("decide", expected, outcome).is_some() {
            if is_yes { self.model.settle(n, &receipt) } else { self.model.handoffs[n].state = State::Ended }
        }
    }

    fn time(&mut self) {
        self.model.now += TimeDelta::minutes(i64::try_from(1 + self.dice.next(40)).unwrap());
        self.db.clock.set(self.model.now);
        while self.db.db.write(|tx| custody::climb(tx, &rulebook().routes, 50)).unwrap() > 0 {}
        for handoff in self.model.handoffs.iter_mut().filter(|handoff| handoff.state == State::Offered && handoff.answer_by <= self.model.now) {
            handoff.state = State::Lapsed;
        }
    }

    fn hold_or_lift(&mut self) {
        let who = self.dice.pick(&self.people);
        match self.model.held.get_mut(&who).and_then(Vec::pop) {
            Some(hold) => self.db.db.write(move |tx| arrivals::lift(tx, &Actor::operator(), hold, "negative twice")).unwrap(),
            None => {
                let hold = self.db.db.write(move |tx| arrivals::hold(tx, &Actor::operator(), who, HoldKind::Positive, "result")).unwrap();
                self.model.held.entry(who).or_default().push(hold);
            }
        }
    }

    /// Somebody leaves for good, now and then; the rest must last for the whole play.
    fn leave(&mut self, actor: &'static str) {
        let who = self.dice.pick(&self.people);
        if self.model.custodian.values().flatten().count() <= PEOPLE / 2 && self.model.custodian[&who] == Some(actor) {
            return;
        }
        let expected = match self.model.custodian[&who] {
            None => Err("custody_ended"),
            Some(other) if other != actor => Err("others_answer"),
            Some(_) if self.model.is_offered(who) => Err("in_another_handoff"),
            Some(_) => Ok(()),
        };
        let outcome = self.db.db.write(move |tx| custody::leave(tx, &by(actor), who, LeaveReason::HandedOutside));
        if self.expect("leave", expected, outcome).is_some() {
            self.model.custodian.insert(who, None);
        }
    }

    fn compare(&self) {
        for (&who, &expected) in &self.model.custodian {
            assert_eq!(custodian(&self.db.db, who), expected.map(organisation));
        }
        for handoff in &self.model.handoffs {
            let seen = self.db.db.read(|conn| custody::get(conn, &by(handoff.giver), handoff.id)).unwrap();
            let name = seen.state.name();
            assert_eq!(seen.first_count, handoff.first_count);
            let state = match name {
                "offered" => State::Offered,
                "lapsed" => State::Lapsed,
                _ => State::Ended,
            };
            assert!(state == handoff.state, "{} is {name}", handoff.id);
        }
        expect_clean_ledger(&self.db.db);
    }
}

on_both_engines! {
    fn random_acts_come_to_what_a_plain_model_says(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; PEOPLE]);
        let custodian = people.iter().map(|who| (*who, Some(DESK))).collect();
        let model = Model { now: db.clock.now(), custodian, held: BTreeMap::new(), handoffs: Vec::new() };
        let mut play = Play { db: &db, dice: Dice(20_200_915), model, people, tally: BTreeMap::new() };
        let steps = steps();
        for n in 1..=steps {
            play.step();
            if n % 500 == 0 || n == steps {
                play.compare();
            }
        }
        for act in ["offer", "count", "accept", "refuse", "withdraw", "decide", "leave"] {
            for allowed in [true, false] {
                let n = play.tally.get(&(act, allowed)).copied().unwrap_or_default();
                assert!(n > 0, "{act} was never {}", if allowed { "allowed" } else { "refused" });
            }
        }
        let report = db.db.read(|conn| jiezhuan::figures::verify(conn, &mut |_, _| {})).unwrap();
        assert!(report.is_ok(), "{:?}", report.faults);
    }
}
