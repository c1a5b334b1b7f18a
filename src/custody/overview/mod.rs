//! What those who oversee the chain look through: the handoffs of everybody, or of one organisation, by how far they are, page by page. Of those
//! that wait, whoever's answer is due first comes first, so that what is overdue stands before what soon will be.

mod store;

use chrono::{DateTime, Utc};

use super::model::HandoffId;
use super::side_for;
use super::store::{SOON, handoffs_by_id};
use super::view::HandoffView;
use crate::access::{Act, Actor, OrganisationCode};
use crate::base::Result;
use crate::base::page::{Page, PageRequest};
use crate::db::Conn;

/// How far a handoff is, as somebody looks through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// It waits for an answer.
    #[default]
    Waiting,
    /// It waits, and its deadline has passed.
    Overdue,
    /// It waits, and its deadline passes within half an hour.
    Lapsing,
    /// It has ended.
    Ended,
}

impl Stage {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Overdue, Self::Lapsing, Self::Ended];

    /// The word in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Overdue => "overdue",
            Self::Lapsing => "lapsing",
            Self::Ended => "ended",
        }
    }

    /// Reads a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Whether what waits until `answer_by` is at this stage.
    fn holds(self, answer_by: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        match self {
            Self::Waiting => true,
            Self::Overdue => answer_by.is_some_and(|at| at <= now),
            Self::Lapsing => answer_by.is_some_and(|at| now < at && at <= now + SOON),
            Self::Ended => false,
        }
    }
}

/// Where a page of an overview ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewKey {
    /// Until when the last one waits for an answer; none has no deadline, or has ended.
    pub answer_by: Option<DateTime<Utc>>,
    /// The last one.
    pub id: HandoffId,
}

/// The handoffs at a stage that exist for `actor`, of everybody or of one organisation: those that wait by their deadlines, those that have
/// ended the newest first.
///
/// # Errors
/// Not found: the organisation does not exist for the actor.
pub fn overview(
    conn: &mut Conn,
    actor: &Actor,
    stage: Stage,
    of: Option<&OrganisationCode>,
    page: PageRequest<OverviewKey>,
    now: DateTime<Utc>,
) -> Result<Page<HandoffView, OverviewKey>> {
    actor.must(Act::ViewTravellers)?;
    let of = of.map(|of| side_for(conn, actor, of)).transpose()?.map(|side| side.id);
    let ids = store::ids(conn, actor, stage, of, &page, now)?;
    let views = handoffs_by_id(conn, &ids)?.into_iter().map(|handoff| handoff.seen_by(actor, None)).collect();
    let key = |view: &HandoffView| OverviewKey { answer_by: view.answer_by.filter(|_| stage != Stage::Ended), id: view.id };
    Ok(Page::cut(views, page.limit, key))
}

/// How many wait at each stage, of everybody or of one organisation; of those that have ended nobody keeps count here.
pub fn at_stages(conn: &mut Conn, actor: &Actor, of: Option<&OrganisationCode>, now: DateTime<Utc>) -> Result<Vec<(Stage, Option<usize>)>> {
    actor.must(Act::ViewTravellers)?;
    let of = of.map(|of| side_for(conn, actor, of)).transpose()?.map(|side| side.id);
    let deadlines = store::deadlines(conn, actor, of)?;
    let n = |stage: Stage| deadlines.iter().filter(|answer_by| stage.holds(**answer_by, now)).count();
    Ok(Stage::ALL.map(|stage| (stage, (stage != Stage::Ended).then(|| n(stage)))).into())
}
