//! Daily figures 日报: how many people are where, and what moved them, each a sum of the custody ledger's flows; and the check
//! of everything derived against the ledger.
//!
//! Invariant: figures have no life of their own. The stocks at the end of past days are kept only so that a day opens without
//! adding up the season; when and how often days are closed never changes an answer. This module does not know who asks.

mod checks;
mod model;
mod store;
mod verify;

use chrono::{DateTime, Days, NaiveDate, Utc};

use self::model::Standing;
pub use self::model::{DayFigures, Figures, Flows, Row, Stocks};
use self::store::Mark;
pub use self::verify::{Checked, Report};
use crate::base::Result;
use crate::db::{Conn, Tx};

/// The figures of a day: as everything recorded so far has it, or as it was known at the instant `as_of`.
///
/// Read it on one snapshot ([`Db::read`](crate::db::Db::read)). If days have been closed lately, this costs what the day and
/// the flows since the last closing cost, whatever came before.
pub fn totals(conn: &mut Conn, on: NaiveDate, as_of: Option<DateTime<Utc>>) -> Result<DayFigures> {
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

/// Rebuilds every state, sum and closed day from the ledger and compares; looks up bookings, seats and handoffs. `progress` is
/// told the chains done and how many there are. Read it on one snapshot ([`Db::read`](crate::db::Db::read)).
pub fn verify(conn: &mut Conn, progress: &mut dyn FnMut(u64, u64)) -> Result<Report> {
    verify::run(conn, progress)
}
