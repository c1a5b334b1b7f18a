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

/// A handoff that its receiver answers, with their count in. There is no other way to accept one in the receiver's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    handoff: Handoff,
    is_first: bool,
    by: Signature,
    happened_at: DateTime<Utc>,
}

impl Counted {
    /// The handoff as it is if the answer does not hold: its first count came with it. None if the count had been in before.
    pub fn first_count(&self) -> Option<&Handoff> {
        Some(&self.handoff).filter(|_| self.is_first)
    }

    /// The handoff, which still waits.
    pub fn handoff(&self) -> &Handoff {
        &self.handoff
    }

    /// The receiver takes over everybody on `list` but the exceptions of the receipt.
    pub fn accept(self, list: &[TravellerId], receipt: Receipt) -> Result<(Handoff, Settlement), HandoffError> {
        self.handoff.settle(list, receipt, self.by, self.happened_at)
    }
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

    /// The receiver answers: the heads of the receipt are their count, unless one is in already. Only what this returns can be accepted, so
    /// nobody learns anything of the list by answering it before their count stands.
    pub fn answer(self, receipt: &Receipt, signer: &Signer, now: DateTime<Utc>) -> Result<Counted, HandoffError> {
        self.expect_answer_of(signer)?;
        self.counted(receipt, signer.sign(now, None))
    }

    /// The receiver had answered without a network, at the time that the receipt says. It counts as an answer also after the deadline, if it
    /// was given before.
    pub fn deliver(self, receipt: &Receipt, signer: &Signer, now: DateTime<Utc>) -> Result<Counted, HandoffError> {
        self.expect_given_in_time(receipt.happened_at, signer)?;
        self.counted(receipt, signer.sign(now, None))
    }

    /// The same of a receiver who had taken over nobody.
    pub fn deliver_refusal(self, reason: Reason, done_at: DateTime<Utc>, signer: &Signer, now: DateTime<Utc>) -> Result<Self, HandoffError> {
        self.expect_given_in_time(Some(done_at), signer)?;
        self.instant_within(done_at, now)?;
        Ok(self.enter(HandoffState::Refused(Rejection { by: signer.sign(now, None), reason })))
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

    /// After the deadline a coordinator answers on the receiver's behalf, and says why. Whoever offered it may not, nor the receiver, who
    /// counts before they answer.
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
        if signer.signs_for(&self.receiver) {
            return Err(HandoffError::TheReceiver);
        }
        let by = signer.sign(now, Some(because.clone()));
        match decision {
            Decision::Accept(receipt) => {
                let happened_at = self.instant_of(&receipt, by.at)?;
                self.settle(list, receipt, by, happened_at)
            }
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

    fn counted(self, receipt: &Receipt, by: Signature) -> Result<Counted, HandoffError> {
        let happened_at = self.instant_of(receipt, by.at)?;
        let is_first = self.first_count.is_none();
        let handoff = if is_first { Self { first_count: Some(receipt.counted), version: self.version + 1, ..self } } else { self };
        Ok(Counted { handoff, is_first, by, happened_at })
    }

    fn settle(self, list: &[TravellerId], receipt: Receipt, by: Signature, happened_at: DateTime<Utc>) -> Result<(Self, Settlement), HandoffError> {
        let settlement = settle(list, receipt).map_err(HandoffError::Receipt)?;
        let acceptance = Acceptance { by, counted: settlement.counted, happened_at };
        let state = if settlement.is_whole() { HandoffState::Accepted(acceptance) } else { HandoffState::AcceptedWithExceptions(acceptance) };
        Ok((self.enter(state), settlement))
    }

    /// When a receipt was given that can have been given.
    fn instant_of(&self, receipt: &Receipt, now: DateTime<Utc>) -> Result<DateTime<Utc>, HandoffError> {
        if receipt.counted < 0 {
            return Err(HandoffError::CountBelowZero);
        }
        self.instant_within(receipt.happened_at.unwrap_or(now), now)
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

    pub(super) fn expect_offered(&self) -> Result<(), HandoffError> {
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

    /// Refuses what was answered after the deadline; what was answered before counts also when the deadline has passed.
    fn expect_given_in_time(&self, done_at: Option<DateTime<Utc>>, signer: &Signer) -> Result<(), HandoffError> {
        match self.state {
            HandoffState::Lapsed { at } if done_at.is_some_and(|done_at| done_at <= at) => self.expect_receiver(signer),
            _ => self.expect_answer_of(signer),
        }
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
