//! Daily figures 日报: how many people are where, and what moved them, each a sum of the custody ledger's flows; and the check
//! of everything derived against the ledger.
//!
//! Invariant: figures have no life of their own. The stocks at the end of past days are kept only so that a day opens without
//! adding up the season; when and how often days are closed never changes an answer. What is published is a copy, sealed by
//! [`seal`](fn@seal) and never changed; what became known later is told beside it. This module does not know who may see which row.

mod checks;
mod model;
mod recount;
mod seal;
mod store;
mod verify;

use base16ct::lower::encode_string;
use chrono::{DateTime, Days, NaiveDate, Utc};

use self::model::Standing;
pub use self::model::{DayFigures, Figures, Flow, Flows, Row, Stocks};
pub use self::seal::{Bulletin, Correction, Corrections, Digest, SealedDay};
use self::store::{KeptSeal, Mark, Wanted};
pub use self::verify::{Checked, Report};
use crate::access::{Act, Actor, audit};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Message, Result, time};
use crate::db::{Conn, Event, Tx};
use crate::ledger::{self, Cell};

/// How many days at the most the job seals that it missed; older ones are left to people.
const CATCH_UP: Days = Days::new(6);

/// The figures of a day: those that it was sealed with, or, while it is open, as everything recorded so far has it; with `as_of`, as
/// it was known at that instant, sealed or not.
///
/// Read it on one snapshot ([`Db::read`](crate::db::Db::read)). If days have been closed lately, this costs what the day and
/// the flows since the last closing cost, whatever came before.
pub fn totals(conn: &mut Conn, on: NaiveDate, as_of: Option<DateTime<Utc>>) -> Result<DayFigures> {
    match (store::seal_of(conn, on)?, as_of) {
        (Some(seal), None) => Ok(seal.day.figures),
        (Some(seal), Some(at)) => Ok(DayFigures { sealed: seal.day.sealed_at <= at, ..as_recorded(conn, on, as_of)? }),
        (None, _) => as_recorded(conn, on, as_of),
    }
}

/// Whether the people of a cell exist for `actor`; what does not is left out of figures, corrections and bulletins alike.
pub fn concerns(actor: &Actor, cell: &Cell) -> bool {
    let places: Vec<&str> = [&cell.province, &cell.city].into_iter().flatten().map(String::as_str).collect();
    actor.scope().covers(&places, &[])
}

/// The figures of a day as everything recorded has them, or had them at `as_of`, whether the day is sealed or not.
pub fn as_recorded(conn: &mut Conn, on: NaiveDate, as_of: Option<DateTime<Utc>>) -> Result<DayFigures> {
    let mark = store::mark(conn)?;
    let opening = stocks_at_end_of(conn, on - Days::new(1), as_of, mark)?;
    let flows = store::flows_on(conn, on, as_of)?;
    // A closed day's closing was added up when it was closed, so the balance compares two additions. An open day has one.
    let closing = if mark.is_some_and(|mark| on <= mark.closed_through) { Some(stocks_at_end_of(conn, on, as_of, mark)?) } else { None };
    Ok(DayFigures::new(on, as_of, opening, &flows, closing))
}

/// The stocks of the last closed day up to `day`, with what has happened or become known since, less what was not known.
fn stocks_at_end_of(conn: &mut Conn, day: NaiveDate, as_of: Option<DateTime<Utc>>, mark: Option<Mark>) -> Result<Standing> {
    let closed = mark.map(|mark| mark.closed_through.min(day));
    let mut standing = Standing::default();
    if let (Some(mark), Some(closed)) = (mark, closed) {
        standing = store::stocks_on(conn, closed)?;
        standing.pass(&store::flows_newer(conn, mark.flow_id, closed)?);
    }
    if closed != Some(day) {
        standing.pass(&store::flows_between(conn, closed, day)?);
    }
    if let Some(at) = as_of {
        standing.take_back(&store::flows_unknown_at(conn, at, day)?);
    }
    Ok(standing)
}

/// Brings the stocks at the end of past days up to all that is recorded, and up to the end of `through` (days once closed stay
/// closed). From the first day that a new flow belongs to, days are added up again. Meant for every midnight; any other rhythm
/// is as right, only slower to read.
pub fn close_days(tx: &mut Tx<'_>, through: NaiveDate) -> Result<()> {
    store::flows_lock(tx)?;
    let mark = store::mark(tx)?;
    let through = mark.map_or(through, |mark| mark.closed_through.max(through));
    let flow_id = store::last_flow(tx)?;
    let news = store::first_day_newer(tx, mark.map_or(0, |mark| mark.flow_id))?;
    let unclosed = mark.map(|mark| mark.closed_through + Days::new(1));
    if let Some(first) = news.into_iter().chain(unclosed).min() {
        store::stocks_delete_from(tx, first)?;
        let mut standing = store::stocks_on(tx, first - Days::new(1))?;
        for day in first.iter_days().take_while(|day| *day <= through) {
            standing.pass(&store::flows_on(tx, day, None)?);
            store::stocks_insert(tx, day, &standing)?;
        }
    }
    store::mark_set(tx, Mark { closed_through: through, flow_id })
}

/// Closes every day before `today` that anything has happened on. A day after the last of them needs no stocks of its own: it
/// begins with those of the last.
pub fn close_days_before(tx: &mut Tx<'_>, today: NaiveDate) -> Result<()> {
    match store::last_day(tx)?.map(|last| last.min(today - Days::new(1))) {
        Some(through) if !store::is_closed(tx, through)? => close_days(tx, through),
        _ => Ok(()),
    }
}

/// Seals a day that is over: its figures, as all that is recorded now has them, are kept under a digest and never change again.
///
/// The ledger's flows are locked meanwhile, so that a fact is either counted or, having a higher number, a correction; there is no third.
///
/// # Errors
/// Refused `day_not_over` until ten minutes after midnight, when everything begun on the day is done; `day_unbalanced`.
/// Conflict `day_sealed` if it is, with who sealed it when.
pub fn seal(tx: &mut Tx<'_>, actor: &Actor, on: NaiveDate) -> Result<SealedDay> {
    actor.must_everywhere(Act::SealDay)?;
    if on > ledger::last_complete_day(tx.now()) {
        let from = time::in_shanghai(time::end_of(on) + ledger::GRACE);
        return Err(Error::Refused(Message::new("day_not_over").with("on", on).with("from", from)));
    }
    store::flows_lock(tx)?;
    if let Some(KeptSeal { day, .. }) = store::seal_of(tx, on)? {
        let message = Message::new("day_sealed").with("on", on).with("by", day.sealed_by).with("at", time::in_shanghai(day.sealed_at));
        return Err(Error::Conflict(message));
    }
    let figures = as_recorded(tx, on, None)?;
    if !figures.balanced {
        return Err(Error::Refused(Message::new("day_unbalanced").with("on", on)));
    }
    let last = store::last_seal(tx)?;
    let sealed_at = tx.now();
    let day = SealedDay {
        number: last.as_ref().map_or(1, |last| last.day.number + 1),
        on,
        sealed_at,
        sealed_by: actor.name().to_owned(),
        flow_id: store::last_flow(tx)?,
        ledger: ledger::last_root(tx)?.map(|root| (root.on, encode_string(&root.chain))),
        previous: last.map(|last| encode_string(&last.digest)),
        figures: DayFigures { as_of: Some(sealed_at), sealed: true, ..figures },
    };
    let id: Id<SealedDay> = tx.new_id();
    let digest = store::seal_insert(tx, id, &day)?;
    audit::record(tx, actor, Act::SealDay, audit::Subject::of("day", id), Some(&on.to_string()))?;
    let facts = serde_json::json!({ "on": on, "number": day.number, "digest": encode_string(&digest) });
    tx.record(Event { kind: "day_sealed", subject: id.uuid(), place: None, facts })?;
    Ok(day)
}

/// Seals the next day up to `through` that nobody has sealed, as the job does: the day after the last sealed one, if that is not longer
/// ago than a week; else `through` alone. None if there is nothing to seal.
pub fn seal_next(tx: &mut Tx<'_>, through: NaiveDate) -> Result<Option<SealedDay>> {
    if store::last_flow(tx)? == 0 {
        return Ok(None);
    }
    let next = match store::last_sealed_day(tx)? {
        Some(last) if last >= through => return Ok(None),
        Some(last) => (last + Days::new(1)).max(through - CATCH_UP),
        None => through,
    };
    match seal(tx, &Actor::operator(), next) {
        // Another node, or somebody by hand, was first.
        Err(Error::Conflict(_)) => Ok(None),
        sealed => sealed.map(Some),
    }
}

/// The first day that anything has happened on; none while nothing has.
pub fn first_day(conn: &mut Conn) -> Result<Option<NaiveDate>> {
    store::first_day_newer(conn, 0)
}

/// The sealed days with their digests, the latest first; `after` is the last one seen.
pub fn sealed_days(conn: &mut Conn, actor: &Actor, page: PageRequest<NaiveDate>) -> Result<Page<(SealedDay, Digest), NaiveDate>> {
    actor.must(Act::ViewTotals)?;
    let seals = store::seals_before(conn, page.after, i64::from(page.limit) + 1)?;
    Ok(Page::cut(seals.into_iter().map(|seal| (seal.day, seal.digest)).collect(), page.limit, |(day, _)| day.on))
}

/// A sealed day and what has become known of it since; none if it is not sealed.
pub fn corrections(conn: &mut Conn, on: NaiveDate) -> Result<Option<Corrections>> {
    let Some(KeptSeal { day, .. }) = store::seal_of(conn, on)? else { return Ok(None) };
    let lines = store::corrections(conn, Wanted { on: Some(on), ..Wanted::default() }, i64::MAX)?;
    let before = store::flows_newer(conn, day.flow_id, on - Days::new(1))?;
    let now = as_recorded(conn, on, None)?;
    Ok(Some(Corrections::new(day, lines, before, now)))
}

/// What became known of any sealed day after it was sealed, in the order in which it did; `after` is the number of the last one seen.
pub fn corrections_list(conn: &mut Conn, on: Option<NaiveDate>, page: PageRequest<i64>) -> Result<Page<Correction, i64>> {
    let lines = store::corrections(conn, Wanted { on, after: page.after, through: None }, i64::from(page.limit) + 1)?;
    Ok(Page::cut(lines, page.limit, |line| line.id))
}

/// What the bulletin of a day says. Of a sealed day it says the same for ever; of an open one, what is known now.
pub fn bulletin(conn: &mut Conn, on: NaiveDate, now: DateTime<Utc>) -> Result<Bulletin> {
    let Some(KeptSeal { day, digest, .. }) = store::seal_of(conn, on)? else {
        let figures = DayFigures { as_of: Some(now), ..as_recorded(conn, on, None)? };
        return Ok(Bulletin { figures, seal: None, corrections: Vec::new() });
    };
    let before = store::seal_numbered(conn, day.number - 1)?;
    let since = before.map_or(0, |before| before.day.flow_id);
    let corrections = store::corrections(conn, Wanted { on: None, after: Some(since), through: Some(day.flow_id) }, i64::MAX)?;
    Ok(Bulletin { figures: day.figures.clone(), seal: Some((day, digest)), corrections })
}

/// Rebuilds every state, sum and closed day from the ledger and compares; looks up bookings, seats and handoffs. `progress` is
/// told the chains done and how many there are. Read it on one snapshot ([`Db::read`](crate::db::Db::read)).
pub fn verify(conn: &mut Conn, progress: &mut dyn FnMut(u64, u64)) -> Result<Report> {
    verify::run(conn, progress)
}
