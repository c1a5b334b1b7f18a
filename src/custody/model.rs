//! Handoffs 交接: custody offered by one organisation to another, until the other has answered.
//!
//! Invariants: an offer ends once, and only the giver withdraws it and only the receiver (or, after the deadline and recorded
//! as such, a coordinator for the receiver) answers it; nobody answers what they offered; silence never accepts. A transition
//! consumes the handoff it leaves, so what has ended cannot be used again. Who answers for whom is the ledger's to say.

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use super::error::HandoffError;
use super::receipt::{Reason, Receipt, Settlement, settle};
use super::rung::{NextRung, Rung};
use super::side::{Side, Signature, Signer};
use crate::arrivals::TravellerId;
use crate::base::Id;
use crate::dispatch::Trip;
use crate::places::Ladder;

/// How far a phone's clock may be off before what it says is refused: 5 minutes.
pub const CLOCK_SKEW: Duration = Duration::minutes(5);

/// The id of a handoff; also the act of the ledger entries that it leads to.
pub type HandoffId = Id<Handoff>;

/// A handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Its id.
    pub id: HandoffId,
    /// The trip whose people it is about; none for a walk from the desk to a coach.
    pub trip: Option<Id<Trip>>,
    /// Who answers for the people until it is accepted.
    pub giver: Side,
    /// Who is asked to.
    pub receiver: Side,
    /// SHA-256 over the list and this handoff's id.
    pub list_digest: [u8; 32],
    /// How many people are on the list.
    pub n_people: i32,
    /// Who offered it.
    pub offered: Signature,
    /// Until when an answer is expected.
    pub answer_by: Option<DateTime<Utc>>,
    /// The next rung of the ladder, while the receiver is asked.
    pub next_rung: Option<NextRung>,
    /// The heads the receiver counted before seeing the list.
    pub first_count: Option<i32>,
    /// What became of it.
    pub state: HandoffState,
    /// Counts its changes; a change demands the version it saw.
    pub version: i32,
}

/// What became of a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoffState {
    /// 待接收: the receiver is asked.
    Offered,
    /// 超时: the deadline has passed without an answer; a coordinator decides.
    Lapsed {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// 已接收: everybody on the list, and nobody else.
    Accepted(Acceptance),
    /// 部分接收: with exceptions, person by person.
    AcceptedWithExceptions(Acceptance),
    /// 拒收: nobody; they stay with the giver.
    Refused(Rejection),
    /// 撤回: taken back by the giver.
    Withdrawn(Rejection),
}

/// That a handoff was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// By whom.
    pub by: Signature,
    /// The heads taken over.
    pub counted: i32,
    /// When custody passed.
    pub happened_at: DateTime<Utc>,
}

/// That a handoff was refused or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// By whom.
    pub by: Signature,
    /// Why.
    pub reason: Reason,
}

/// What a coordinator decides in the receiver's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The people were received, as the receipt says.
    Accept(Receipt),
    /// They were not.
    Refuse,
}

impl HandoffState {
    /// The name in the database and in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Lapsed { .. } => "lapsed",
            Self::Accepted(_) => "accepted",
            Self::AcceptedWithExceptions(_) => "accepted_with_exceptions",
            Self::Refused(_) => "refused",
            Self::Withdrawn(_) => "withdrawn",
        }
    }

    /// Who ended it; nobody while it waits for an answer.
    pub const fn ended_by(&self) -> Option<&Signature> {
        match self {
            Self::Offered | Self::Lapsed { .. } => None,
            Self::Accepted(acceptance) | Self::AcceptedWithExceptions(acceptance) => Some(&acceptance.by),
            Self::Refused(rejection) | Self::Withdrawn(rejection) => Some(&rejection.by),
        }
    }
}

impl Handoff {
    /// The receiver says how many heads there are, before seeing the list. Saying the same again changes nothing.
    pub fn count(self, counted: i32, signer: &Signer) -> Result<Self, HandoffError> {
        self.expect_answer_of(signer)?;
        match self.first_count {
            _ if counted < 0 => Err(HandoffError::CountBelowZero),
            Some(first) if first != counted => Err(HandoffError::AlreadyCounted { first }),
            Some(_) => Ok(self),
            None => Ok(Self { first_count: Some(counted), version: self.version + 1, ..self }),
        }
    }

    /// The receiver takes over everybody on `list` but the exceptions of the receipt.
    pub fn accept(self, list: &[TravellerId], receipt: Receipt, signer: &Signer, now: DateTime<Utc>) -> Result<(Self, Settlement), HandoffError> {
        self.expect_answer_of(signer)?;
        self.settle(list, receipt, signer.sign(now, None))
    }

    /// The receiver had taken over without a network, at the time that the receipt says. It counts as an answer also after the deadline, if it
    /// was given before.
    pub fn deliver(self, list: &[TravellerId], receipt: Receipt, signer: &Signer, now: DateTime<Utc>) -> Result<(Self, Settlement), HandoffError> {
        match self.state {
            HandoffState::Lapsed { at } if receipt.happened_at.is_some_and(|done_at| done_at <= at) => {
                self.expect_receiver(signer)?;
                self.settle(list, receipt, signer.sign(now, None))
            }
            _ => self.accept(list, receipt, signer, now),
        }
    }

    /// The receiver takes over nobody.
    pub fn refuse(self, reason: Reason, signer: &Signer, now: DateTime<Utc>) -> Result<Self, HandoffError> {
        self.expect_answer_of(signer)?;
        Ok(self.enter(HandoffState::Refused(Rejection { by: signer.sign(now, None), reason })))
    }

    /// The giver takes the offer back.
    pub fn withdraw(self, reason: Reason, signer: &Signer, now: DateTime<Utc>) -> Result<Self, HandoffError> {
        self.expect_offered()?;
        if !signer.signs_for(&self.giver) {
            return Err(HandoffError::NotTheGiver);
        }
        Ok(self.enter(HandoffState::Withdrawn(Rejection { by: signer.sign(now, None), reason })))
    }

    /// Time passes without an answer: the highest rung reached by `now`; those below it are passed over. Nothing is accepted by it.
    pub fn climb(self, ladder: &Ladder, now: DateTime<Utc>) -> Result<(Self, Rung), HandoffError> {
        self.expect_offered()?;
        let (Some(next), Some(answer_by)) = (self.next_rung, self.answer_by) else { return Err(HandoffError::NotOverdue { answer_by: self.answer_by }) };
        let stands_at = |rung: Rung| if rung == next.rung { next.at } else { rung.at(ladder, self.offered.at, answer_by) };
        let mut rungs = Rung::ALL.into_iter().filter(|rung| *rung >= next.rung).peekable();
        let Some(reached) = std::iter::from_fn(|| rungs.next_if(|rung| stands_at(*rung) <= now)).last() else {
            return Err(HandoffError::NotOverdue { answer_by: Some(answer_by) });
        };
        match rungs.next() {
            None => Ok((self.lapse(now)?, reached)),
            Some(rung) => Ok((Self { next_rung: Some(NextRung { rung, at: stands_at(rung) }), ..self }, reached)),
        }
    }

    /// The deadline passes. Nothing is accepted by it.
    pub fn lapse(self, now: DateTime<Utc>) -> Result<Self, HandoffError> {
        self.expect_offered()?;
        self.expect_overdue(now)?;
        Ok(self.enter(HandoffState::Lapsed { at: now }))
    }

    /// After the deadline a coordinator answers on the receiver's behalf, and says why. Whoever offered it may not.
    pub fn decide(
        self,
        list: &[TravellerId],
        decision: Decision,
        because: Reason,
        signer: &Signer,
        now: DateTime<Utc>,
    ) -> Result<(Self, Settlement), HandoffError> {
        self.expect_open()?;
        self.expect_overdue(now)?;
        self.expect_another_than_offered(signer)?;
        let by = signer.sign(now, Some(because.clone()));
        match decision {
            Decision::Accept(receipt) => self.settle(list, receipt, by),
            Decision::Refuse => Ok((self.enter(HandoffState::Refused(Rejection { by, reason: because })), Settlement::of_nobody())),
        }
    }

    /// Refuses if this is not the version that somebody has seen; with none, they act on whatever it is now.
    pub fn expect_version(self, seen: Option<i32>) -> Result<Self, HandoffError> {
        match seen {
            Some(seen) if seen != self.version => {
                self.expect_open()?;
                Err(HandoffError::Changed)
            }
            _ => Ok(self),
        }
    }

    fn settle(self, list: &[TravellerId], receipt: Receipt, by: Signature) -> Result<(Self, Settlement), HandoffError> {
        if receipt.counted < 0 {
            return Err(HandoffError::CountBelowZero);
        }
        let happened_at = self.instant_within(receipt.happened_at.unwrap_or(by.at), by.at)?;
        let settlement = settle(list, receipt, self.first_count.is_some() || by.decided.is_some()).map_err(HandoffError::Receipt)?;
        let acceptance = Acceptance { by, counted: settlement.counted, happened_at };
        let is_whole = settlement.exceptions.is_empty();
        let state = if is_whole { HandoffState::Accepted(acceptance) } else { HandoffState::AcceptedWithExceptions(acceptance) };
        Ok((self.enter(state), settlement))
    }

    /// Brings a phone's time between the offer and now, if it is off by no more than [`CLOCK_SKEW`]; a receipt that was
    /// written down offline may be as old as the offer.
    fn instant_within(&self, happened_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, HandoffError> {
        if happened_at > now + CLOCK_SKEW {
            return Err(HandoffError::HappensLater);
        }
        if happened_at < self.offered.at - CLOCK_SKEW {
            return Err(HandoffError::HappenedBeforeOffer);
        }
        Ok(happened_at.min(now).max(self.offered.at))
    }

    fn enter(self, state: HandoffState) -> Self {
        Self { state, next_rung: None, version: self.version + 1, ..self }
    }

    pub(super) fn expect_open(&self) -> Result<(), HandoffError> {
        match self.state.ended_by() {
            None => Ok(()),
            Some(by) => {
                let side = if matches!(self.state, HandoffState::Withdrawn(_)) { &self.giver } else { &self.receiver };
                let side = if by.decided.is_some() { "coordinator" } else { side.code.as_str() };
                Err(HandoffError::Ended { state: self.state.name(), side: side.to_owned(), at: by.at })
            }
        }
    }

    fn expect_offered(&self) -> Result<(), HandoffError> {
        self.expect_open()?;
        match self.state {
            HandoffState::Lapsed { at } => Err(HandoffError::Lapsed { at }),
            _ => Ok(()),
        }
    }

    fn expect_answer_of(&self, signer: &Signer) -> Result<(), HandoffError> {
        self.expect_offered()?;
        self.expect_receiver(signer)
    }

    pub(super) fn expect_receiver(&self, signer: &Signer) -> Result<(), HandoffError> {
        if !signer.signs_for(&self.receiver) {
            return Err(HandoffError::NotTheReceiver);
        }
        self.expect_another_than_offered(signer)
    }

    fn expect_another_than_offered(&self, signer: &Signer) -> Result<(), HandoffError> {
        if signer.user.is_some() && signer.user == self.offered.user { Err(HandoffError::SameSigner) } else { Ok(()) }
    }

    fn expect_overdue(&self, now: DateTime<Utc>) -> Result<(), HandoffError> {
        match self.answer_by {
            Some(answer_by) if answer_by <= now => Ok(()),
            answer_by => Err(HandoffError::NotOverdue { answer_by }),
        }
    }
}

/// The digest of a list: SHA-256 over the handoff's id and the ids of its people in their order, after a first byte that
/// names this format. Both sides compute it; it shows nothing of the list.
pub fn digest_of_list(handoff: HandoffId, list: &[TravellerId]) -> [u8; 32] {
    let mut sorted = list.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(handoff.uuid_ref());
    for traveller in &sorted {
        hash.update(traveller.uuid_ref());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::super::receipt::{Exception, ExceptionKind};
    use super::*;
    use crate::base::time::parse_instant;
    use crate::places::OrganisationKind;

    fn side(n: u128, code: &str, kind: OrganisationKind) -> Side {
        Side { id: Id::from_uuid(uuid::Uuid::from_u128(n)), code: code.parse().unwrap(), kind, place: "310114".parse().unwrap() }
    }

    fn signer(user: u128, code: &str) -> Signer {
        Signer { name: format!("signer {user}"), user: Some(Id::from_uuid(uuid::Uuid::from_u128(user))), organisation: code.parse().ok() }
    }

    fn at(time: &str) -> DateTime<Utc> {
        parse_instant(&format!("2020-09-15 {time}")).unwrap()
    }

    fn list() -> Vec<TravellerId> {
        (1..=3).map(|n| Id::from_uuid(uuid::Uuid::from_u128(n))).collect()
    }

    fn reason() -> Reason {
        "the coach broke down".parse().unwrap()
    }

    /// Offered at noon by user 1 of the desk to the site, to be answered by one o'clock.
    fn offered() -> Handoff {
        Handoff {
            id: Id::from_uuid(uuid::Uuid::nil()),
            trip: None,
            giver: side(1, "desk-pvg", OrganisationKind::AirportDesk),
            receiver: side(2, "site-1", OrganisationKind::Site),
            list_digest: [0; 32],
            n_people: 3,
            offered: signer(1, "desk-pvg").sign(at("12:00"), None),
            answer_by: Some(at("13:00")),
            next_rung: Some(NextRung { rung: Rung::Remind, at: at("12:15") }),
            first_count: None,
            state: HandoffState::Offered,
            version: 1,
        }
    }

    const LADDER: Ladder = Ladder { remind: 15, duty_officer: 30, coordinator: 45, answer: 60 };

    fn whole() -> Receipt {
        Receipt { counted: 3, ..Receipt::default() }
    }

    fn with_one_missing() -> Receipt {
        let exception = Exception { traveller: list()[0], kind: ExceptionKind::Missing, reason: reason() };
        Receipt { counted: 2, exceptions: vec![exception], happened_at: None }
    }

    type Event = fn(Handoff, DateTime<Utc>) -> Result<Handoff, HandoffError>;

    const EVENTS: [(&str, Event); 10] = [
        ("count", |handoff, _| handoff.count(3, &signer(2, "site-1"))),
        ("accept", |handoff, now| handoff.accept(&list(), whole(), &signer(2, "site-1"), now).map(|(handoff, _)| handoff)),
        ("accept but one", |handoff, now| handoff.accept(&list(), with_one_missing(), &signer(2, "site-1"), now).map(|(handoff, _)| handoff)),
        ("refuse", |handoff, now| handoff.refuse(reason(), &signer(2, "site-1"), now)),
        ("withdraw", |handoff, now| handoff.withdraw(reason(), &signer(1, "desk-pvg"), now)),
        ("deliver", |handoff, now| {
            let receipt = Receipt { happened_at: Some(at("12:25")), ..whole() };
            handoff.deliver(&list(), receipt, &signer(2, "site-1"), now).map(|(handoff, _)| handoff)
        }),
        ("climb", |handoff, now| handoff.climb(&LADDER, now).map(|(handoff, _)| handoff)),
        ("lapse", |handoff, now| handoff.lapse(now)),
        ("decide yes", |handoff, now| handoff.decide(&list(), Decision::Accept(whole()), reason(), &signer(3, "other"), now).map(|(handoff, _)| handoff)),
        ("decide no", |handoff, now| handoff.decide(&list(), Decision::Refuse, reason(), &signer(3, "other"), now).map(|(handoff, _)| handoff)),
    ];

    #[test]
    fn every_event_in_every_state_does_what_was_agreed() {
        let (early, late) = (at("12:30"), at("13:00"));
        let by = |event: usize, handoff: Handoff| (EVENTS[event].1)(handoff, late).unwrap();
        let states = [
            ("offered", early, offered()),
            ("offered, overdue", late, offered()),
            ("lapsed", late, by(7, offered())),
            ("accepted", late, by(1, offered())),
            ("accepted_with_exceptions", late, by(2, offered())),
            ("refused", late, by(3, offered())),
            ("withdrawn", late, by(4, offered())),
        ];
        let mut table = String::new();
        for (name, now, state) in states {
            table += &format!("{name}\n");
            for (event, apply) in EVENTS {
                let outcome = match apply(state.clone(), now) {
                    Ok(after) => format!("-> {}", after.state.name()),
                    Err(error) => error.code().to_owned(),
                };
                table += &format!("    {event:15} {outcome}\n");
            }
        }
        insta::assert_snapshot!("state_by_event", table);
    }

    #[test]
    fn an_offer_climbs_to_the_highest_rung_reached_and_changes_no_version_before_the_deadline() {
        let climb = |handoff: Handoff, time: &str| handoff.climb(&LADDER, at(time));
        assert_eq!(climb(offered(), "12:14").err(), Some(HandoffError::NotOverdue { answer_by: Some(at("13:00")) }));
        let (reminded, rung) = climb(offered(), "12:15").unwrap();
        assert_eq!((rung, reminded.version), (Rung::Remind, 1));
        assert_eq!(reminded.next_rung, Some(NextRung { rung: Rung::DutyOfficer, at: at("12:30") }));
        assert!(climb(reminded.clone(), "12:29").is_err());
        let (told, rung) = climb(reminded, "12:59").unwrap();
        assert_eq!((rung, told.next_rung), (Rung::Coordinator, Some(NextRung { rung: Rung::Lapse, at: at("13:00") })));
        let (lapsed, rung) = climb(told, "13:00").unwrap();
        assert_eq!((rung, lapsed.state, lapsed.next_rung, lapsed.version), (Rung::Lapse, HandoffState::Lapsed { at: at("13:00") }, None, 2));
    }

    #[test]
    fn only_the_receiver_answers_and_only_the_giver_withdraws() {
        for (code, is_receiver) in [("desk-pvg", false), ("site-1", true), ("site-2", false), ("", false)] {
            let someone = signer(9, code);
            let right = if is_receiver { None } else { Some(HandoffError::NotTheReceiver) };
            assert_eq!(offered().accept(&list(), whole(), &someone, at("12:30")).err(), right, "{code}");
            assert_eq!(offered().refuse(reason(), &someone, at("12:30")).err(), right, "{code}");
            assert_eq!(offered().count(3, &someone).err(), right, "{code}");
            let right = if code == "desk-pvg" { None } else { Some(HandoffError::NotTheGiver) };
            assert_eq!(offered().withdraw(reason(), &someone, at("12:30")).err(), right, "{code}");
        }
    }

    #[test]
    fn nobody_answers_what_they_offered_for_either_side_or_as_coordinator() {
        let moved = signer(1, "site-1");
        assert_eq!(offered().accept(&list(), whole(), &moved, at("12:30")).err(), Some(HandoffError::SameSigner));
        assert_eq!(offered().refuse(reason(), &moved, at("12:30")).err(), Some(HandoffError::SameSigner));
        assert_eq!(offered().decide(&list(), Decision::Refuse, reason(), &moved, at("13:30")).err(), Some(HandoffError::SameSigner));
    }

    #[test]
    fn what_a_coordinator_decides_is_recorded_as_such() {
        let (accepted, settlement) = offered().decide(&list(), Decision::Accept(whole()), reason(), &signer(3, ""), at("13:30")).unwrap();
        assert_eq!(settlement.received, list());
        let decided = accepted.state.ended_by().and_then(|by| by.decided.clone());
        assert_eq!(decided, Some(reason()));
        let Err(HandoffError::Ended { side, .. }) = accepted.count(3, &signer(2, "site-1")) else { panic!("counted after the end") };
        assert_eq!(side, "coordinator");
        let without = Handoff { answer_by: None, ..offered() };
        assert_eq!(without.decide(&list(), Decision::Refuse, reason(), &signer(3, ""), at("23:00")).err(), Some(HandoffError::NotOverdue { answer_by: None }));
    }

    #[test]
    fn a_phones_time_is_brought_between_the_offer_and_now_if_it_is_off_by_minutes_and_refused_if_by_more() {
        let accept = |time: &str| {
            let receipt = Receipt { happened_at: Some(at(time)), ..whole() };
            offered().accept(&list(), receipt, &signer(2, "site-1"), at("12:30")).map(|(handoff, _)| match handoff.state {
                HandoffState::Accepted(acceptance) => acceptance.happened_at,
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(accept("12:10"), Ok(at("12:10")));
        assert_eq!(accept("12:35"), Ok(at("12:30")));
        assert_eq!(accept("12:35:01"), Err(HandoffError::HappensLater));
        assert_eq!(accept("11:55"), Ok(at("12:00")));
        assert_eq!(accept("11:54:59"), Err(HandoffError::HappenedBeforeOffer));
    }

    #[test]
    fn the_first_count_stays_and_saying_it_again_changes_nothing() {
        let counted = offered().count(2, &signer(2, "site-1")).unwrap();
        assert_eq!((counted.first_count, counted.version), (Some(2), 2));
        assert_eq!(counted.clone().count(2, &signer(2, "site-1")).as_ref(), Ok(&counted));
        assert_eq!(counted.clone().count(3, &signer(2, "site-1")), Err(HandoffError::AlreadyCounted { first: 2 }));
        assert_eq!(offered().count(-1, &signer(2, "site-1")), Err(HandoffError::CountBelowZero));
        let below = Receipt { counted: -3, ..Receipt::default() };
        assert_eq!(offered().accept(&list(), below, &signer(2, "site-1"), at("12:30")).err(), Some(HandoffError::CountBelowZero));
        assert!(counted.accept(&list(), whole(), &signer(2, "site-1"), at("12:30")).is_ok(), "a recount stands beside the first count");
    }

    #[test]
    fn a_version_that_was_not_seen_is_told_from_an_end() {
        assert_eq!(offered().expect_version(Some(2)), Err(HandoffError::Changed));
        assert!(offered().expect_version(Some(1)).is_ok());
        let ended = offered().withdraw(reason(), &signer(1, "desk-pvg"), at("12:30")).unwrap();
        assert!(matches!(ended.expect_version(Some(1)), Err(HandoffError::Ended { state: "withdrawn", .. })));
    }

    #[test]
    fn the_digest_of_a_list_knows_no_order_and_no_other_handoff() {
        let (here, there) = (Id::from_uuid(uuid::Uuid::from_u128(7)), Id::from_uuid(uuid::Uuid::from_u128(8)));
        let backwards: Vec<TravellerId> = list().into_iter().rev().collect();
        assert_eq!(digest_of_list(here, &list()), digest_of_list(here, &backwards));
        assert_ne!(digest_of_list(here, &list()), digest_of_list(there, &list()));
        assert_ne!(digest_of_list(here, &list()), digest_of_list(here, &list()[..2]));
    }
}
