//! The sealed days of the ledger, each with its Merkle root and who keeps its chain value: what nobody can change any more without somebody else
//! being able to show it, and who could not show it yet.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use base16ct::lower;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Message};
use crate::db::Conn;
use crate::ledger::{self, DayRoot, Keepers, KeptDay, RootReceipt};
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

/// How many days are listed at once.
const DAYS: u32 = 14;

#[derive(Template)]
#[template(path = "days/roots.html", config = ".askama.toml")]
struct RootsPage {
    frame: Frame,
    days: Vec<DayLine>,
    /// Who keeps any day, and their newest.
    keepers: Vec<Receipt>,
    /// Who never kept one.
    never: Vec<String>,
    /// Receipts for what is not so any more.
    differing: Vec<Receipt>,
    /// What is to be said of the newest day.
    finding: String,
    is_kept: bool,
    /// The day that the example of a check is of.
    example: Option<NaiveDate>,
    /// Where the list begins, if this is a later page of it.
    first: Option<&'static str>,
    /// The page after this one.
    next: Option<String>,
}

struct DayLine {
    on: NaiveDate,
    name: String,
    n_entries: u64,
    root: String,
    chain: String,
    kept: Vec<Receipt>,
    /// Who keeps a later day, which stands for this one as well.
    by_later: Vec<String>,
    /// Who keeps only days before.
    behind: Vec<String>,
}

/// That somebody keeps a day.
struct Receipt {
    organisation: String,
    on: String,
    at: String,
    by: String,
    /// Whether what is kept is not what is here.
    differs: bool,
}

/// Which part of the list.
#[derive(Debug, Deserialize)]
pub struct RootsQuery {
    /// The days before this one.
    before: Option<String>,
}

/// Shows them.
pub async fn show(call: Call, query: Query<RootsQuery>) -> Result<HttpResponse, Problem> {
    let before = query.before.as_deref().map(|on| on.parse::<NaiveDate>()).transpose();
    let before = before.map_err(|_| Error::invalid("before", Message::new("query_unreadable")))?;
    let actor = call.actor.clone();
    let read = move |conn: &mut Conn| {
        let days = ledger::kept_days(conn, &actor, PageRequest::new(before, Some(DAYS)))?;
        Ok((days, ledger::keepers(conn, &actor)?, ledger::last_root(conn)?))
    };
    let (days, keepers, last) = call.app.read(read).await?;
    let organisations = &call.app.rulebook().organisations;
    let keeping: BTreeSet<&str> = keepers.newest.iter().map(|receipt| receipt.organisation.as_str()).collect();
    let never = organisations.iter().filter(|one| !keeping.contains(one.code.as_str())).map(|one| words::organisation(one, call.language));
    let (finding, is_kept) = finding(&call, last.as_ref(), &keepers);
    let shown = RootsPage {
        days: days.items.iter().map(|day| day_line(day, &keepers, &call)).collect(),
        keepers: keepers.newest.iter().map(|kept| receipt(kept, keepers.differing.contains(kept), &call)).collect(),
        never: never.collect(),
        differing: keepers.differing.iter().map(|kept| receipt(kept, true, &call)).collect(),
        finding,
        is_kept,
        example: last.map(|last| last.on),
        first: before.map(|_| "/days/roots"),
        next: days.next.map(|next| format!("/days/roots?before={next}")),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

/// How many keep the newest day, and whether anybody does.
fn finding(call: &Call, last: Option<&DayRoot>, keepers: &Keepers) -> (String, bool) {
    let Some(last) = last else { return (call.language.text("roots_none"), false) };
    let n = keepers.newest.iter().filter(|receipt| receipt.on == last.on).count();
    let said = Message::new("roots_newest").with("on", words::day(last.on, call.language)).with("n", n).with("behind", keepers.newest.len() - n);
    (said.text(call.language), n > 0)
}

fn day_line(KeptDay { day, receipts }: &KeptDay, keepers: &Keepers, call: &Call) -> DayLine {
    let others = |is_wanted: fn(NaiveDate, NaiveDate) -> bool| {
        let others = keepers.newest.iter().filter(|newest| !receipts.iter().any(|kept| kept.organisation == newest.organisation));
        others.filter(|newest| is_wanted(newest.on, day.on)).map(|newest| name(newest, call)).collect()
    };
    DayLine {
        on: day.on,
        name: words::day(day.on, call.language),
        n_entries: day.n_entries,
        root: lower::encode_string(&day.root),
        chain: lower::encode_string(&day.chain),
        kept: receipts.iter().map(|kept| receipt(kept, kept.chain != day.chain, call)).collect(),
        by_later: others(|newest, on| newest > on),
        behind: others(|newest, on| newest < on),
    }
}

fn receipt(receipt: &RootReceipt, differs: bool, call: &Call) -> Receipt {
    let today = civil_date(call.app.db().clock().now());
    Receipt {
        organisation: name(receipt, call),
        on: words::day(receipt.on, call.language),
        at: words::moment(receipt.at, today, call.language),
        by: receipt.by.clone(),
        differs,
    }
}

fn name(receipt: &RootReceipt, call: &Call) -> String {
    words::organisation_named(&call.app.rulebook().organisations, receipt.organisation.as_str(), call.language)
}
