//! Which handoffs an overview shows. Reads `organisations` for the reader's scope.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{OverviewKey, Stage};
use crate::access::{Actor, Scope};
use crate::base::page::PageRequest;
use crate::base::{Id, Result};
use crate::custody::model::HandoffId;
use crate::custody::store::SOON;
use crate::db::schema::handoffs;
use crate::db::{At, Conn};
use crate::places::Organisation;

/// On which side of a handoff an organisation is looked for.
#[derive(Clone, Copy)]
enum Of {
    Anybody,
    Either(Id<Organisation>),
    Giver(Id<Organisation>),
    Receiver(Id<Organisation>),
}

/// One page of ids, and one beyond. Of what an organisation has ended each direction has an index; one query for both would read its whole
/// history.
pub(super) fn ids(
    conn: &mut Conn,
    actor: &Actor,
    stage: Stage,
    of: Option<Id<Organisation>>,
    page: &PageRequest<OverviewKey>,
    now: DateTime<Utc>,
) -> Result<Vec<HandoffId>> {
    let limit = i64::from(page.limit) + 1;
    let Some(of) = of else { return one_way(conn, actor, stage, Of::Anybody, page.after, limit, now) };
    if stage != Stage::Ended {
        return one_way(conn, actor, stage, Of::Either(of), page.after, limit, now);
    }
    let mut found = one_way(conn, actor, stage, Of::Giver(of), page.after, limit, now)?;
    found.extend(one_way(conn, actor, stage, Of::Receiver(of), page.after, limit, now)?);
    found.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    found.truncate(page.limit as usize + 1);
    Ok(found)
}

fn one_way(conn: &mut Conn, actor: &Actor, stage: Stage, of: Of, after: Option<OverviewKey>, limit: i64, now: DateTime<Utc>) -> Result<Vec<HandoffId>> {
    let mut query = handoffs::table.select(handoffs::id).limit(limit).into_boxed();
    if let Some(condition) = condition(actor) {
        query = query.filter(sql::<Bool>(&condition));
    }
    query = match of {
        Of::Anybody => query,
        Of::Either(of) => query.filter(handoffs::from_organisation.eq(of).or(handoffs::to_organisation.eq(of))),
        Of::Giver(of) => query.filter(handoffs::from_organisation.eq(of)),
        Of::Receiver(of) => query.filter(handoffs::to_organisation.eq(of)),
    };
    query = match stage {
        Stage::Ended => query.filter(handoffs::answered_at.is_not_null()).order(handoffs::id.desc()),
        // The engines differ in where they put what has no deadline.
        _ => query.filter(handoffs::answered_at.is_null()).order((handoffs::answer_by.is_null(), handoffs::answer_by, handoffs::id)),
    };
    query = match stage {
        Stage::Waiting | Stage::Ended => query,
        Stage::Overdue => query.filter(handoffs::answer_by.le(At(now))),
        Stage::Lapsing => query.filter(handoffs::answer_by.gt(At(now))).filter(handoffs::answer_by.le(At(now + SOON))),
    };
    query = match after {
        None => query,
        Some(last) if stage == Stage::Ended => query.filter(handoffs::id.lt(last.id)),
        Some(OverviewKey { answer_by: None, id }) => query.filter(handoffs::answer_by.is_null()).filter(handoffs::id.gt(id)),
        Some(OverviewKey { answer_by: Some(at), id }) => {
            let at_once = handoffs::answer_by.eq(At(at)).and(handoffs::id.gt(id));
            query.filter(handoffs::answer_by.is_null().or(handoffs::answer_by.gt(At(at)).assume_not_null()).or(at_once.assume_not_null()))
        }
    };
    Ok(query.load(conn)?)
}

/// Until when each handoff that waits does so.
pub(super) fn deadlines(conn: &mut Conn, actor: &Actor, of: Option<Id<Organisation>>) -> Result<Vec<Option<DateTime<Utc>>>> {
    let mut query = handoffs::table.filter(handoffs::answered_at.is_null()).select(handoffs::answer_by).into_boxed();
    if let Some(condition) = condition(actor) {
        query = query.filter(sql::<Bool>(&condition));
    }
    if let Some(of) = of {
        query = query.filter(handoffs::from_organisation.eq(of).or(handoffs::to_organisation.eq(of)));
    }
    let found: Vec<Option<At>> = query.load(conn)?;
    Ok(found.into_iter().map(|at| at.map(|at| at.0)).collect())
}

/// A handoff concerns both its sides, with their places, and exists for whoever answers for one of them.
fn condition(actor: &Actor) -> Option<String> {
    if *actor.scope() == Scope::All {
        return None;
    }
    let scope = actor.scope().condition(&["o.place"], &["o.code"]);
    let own = actor.organisation().map(|own| format!(" OR o.code = '{own}'")).unwrap_or_default();
    Some(format!("EXISTS (SELECT 1 FROM organisations o WHERE o.id IN (handoffs.from_organisation, handoffs.to_organisation) AND ({scope}{own}))"))
}
