//! A handoff as one who asks may see it.
//!
//! Invariant: the receiver counts blind. Until their first count is in, neither the giver's number nor the list is in a view for
//! anybody but the giver and those who oversee everything. A guest sees who was on the list, and of nobody else even whether they are known.

use chrono::{DateTime, Utc};

use super::model::{Handoff, HandoffId, HandoffState};
use super::receipt::{ExceptionKind, Line, Outcome};
use super::side::{Side, Signature};
use crate::access::{Act, Actor, Scope};
use crate::base::Id;
use crate::dispatch::Trip;

/// Who looks at a handoff.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    /// Somebody who is signed in.
    Actor(&'a Actor),
    /// The receiver, by a link and its code.
    Guest,
    /// Whoever has the link and not shown the code.
    Stranger,
}

impl<'a> From<&'a Actor> for Reader<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::Actor(actor)
    }
}

/// What somebody sees of a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffView {
    /// Its id.
    pub id: HandoffId,
    /// The trip.
    pub trip: Option<Id<Trip>>,
    /// Who answers for the people until it is accepted.
    pub giver: Side,
    /// Who is asked to.
    pub receiver: Side,
    /// What became of it.
    pub state: HandoffState,
    /// Who offered it.
    pub offered: Signature,
    /// Until when an answer is expected.
    pub answer_by: Option<DateTime<Utc>>,
    /// The heads the receiver counted first.
    pub first_count: Option<i32>,
    /// The digest of the list, which shows nothing of it.
    pub list_digest: [u8; 32],
    /// How many people are on the list; hidden from who has yet to count.
    pub n_people: Option<i32>,
    /// The list; hidden from who has yet to count, and not given in lists of handoffs.
    pub lines: Option<Vec<Line>>,
    /// Its version, for the next change.
    pub version: i32,
}

impl HandoffView {
    /// Whether `actor` sees in full who the people are: one of a side who may open identities. Whoever shows them so logs it.
    pub fn opens_to(&self, actor: &Actor) -> bool {
        actor.organisation().is_some_and(|own| *own == self.giver.code || *own == self.receiver.code) && actor.role().may(Act::RevealIdentity)
    }
}

impl Handoff {
    /// Whether this handoff exists for `actor`: they are of one side, or their scope covers one.
    pub fn exists_for(&self, actor: &Actor) -> bool {
        let places = [self.giver.place.to_string(), self.receiver.place.to_string()];
        let is_of = |side: &Side| actor.organisation() == Some(&side.code);
        is_of(&self.giver) || is_of(&self.receiver) || actor.scope().covers(&[places[0].as_str(), places[1].as_str()], &[&self.giver.code, &self.receiver.code])
    }

    /// Whether `reader` may see the list and its number.
    pub fn shows_list_to(&self, reader: Reader<'_>) -> bool {
        let is_counted = self.first_count.is_some() || self.state.ended_by().is_some();
        let actor = match reader {
            Reader::Actor(actor) => actor,
            Reader::Guest => return is_counted,
            Reader::Stranger => return false,
        };
        let is_giver = actor.organisation() == Some(&self.giver.code);
        let oversees = *actor.scope() == Scope::All && actor.organisation() != Some(&self.receiver.code);
        is_counted || is_giver || oversees
    }

    /// The view of `reader`, who has been found to be one this handoff exists for.
    pub fn seen_by<'r>(self, reader: impl Into<Reader<'r>>, lines: Option<Vec<Line>>) -> HandoffView {
        let reader = reader.into();
        let shows_list = self.shows_list_to(reader);
        let was_listed = |line: &Line| !matches!(line.outcome, Some(Outcome::Excepted(ExceptionKind::Extra, _)));
        let shown = |lines: Vec<Line>| if matches!(reader, Reader::Guest) { lines.into_iter().filter(was_listed).collect() } else { lines };
        HandoffView {
            id: self.id,
            trip: self.trip,
            giver: self.giver,
            receiver: self.receiver,
            state: self.state,
            offered: self.offered,
            answer_by: self.answer_by,
            first_count: self.first_count,
            list_digest: self.list_digest,
            n_people: shows_list.then_some(self.n_people),
            lines: lines.filter(|_| shows_list).map(shown),
            version: self.version,
        }
    }
}
