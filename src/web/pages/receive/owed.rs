//! All that an organisation owes its people, one by one and page by page: what is overdue first, all of it or of one kind. Whoever answers for
//! none looks at one within their scope.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::access::OrganisationCode;
use crate::arrivals::{self, TravellerId};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Message, Result};
use crate::custody::obligation::{self, OwedCount, OwedItem, OwedKey, OwedKind};
use crate::db::Conn;
use crate::web::call::Call;
use crate::web::pages::owed::{OwedLine, item};
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

/// How many are shown at once.
const A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "receive/owed.html", config = ".askama.toml")]
struct OwedPage {
    frame: Frame,
    /// The name of whose list it is; none while it is to be chosen.
    organisation: Option<String>,
    of: String,
    organisations: Vec<(String, String)>,
    kinds: Vec<KindLink>,
    kind: &'static str,
    lines: Vec<Line>,
    n_overdue: usize,
    /// Where the list begins, if this is a later page of it.
    first: Option<String>,
    /// The page after this one.
    next: Option<String>,
}

/// A kind to look at, and how much of it there is.
struct KindLink {
    href: String,
    label: String,
    n: usize,
    n_overdue: usize,
    is_here: bool,
}

struct Line {
    /// The name of the person, masked.
    name: String,
    owed: OwedLine,
}

/// Which part of whose list.
#[derive(Debug, Default, Deserialize)]
pub struct OwedQuery {
    /// The code of an organisation; one's own, if left out or empty.
    #[serde(default)]
    of: String,
    /// The word of a kind; all, if left out or empty.
    #[serde(default)]
    kind: String,
    /// Begin after this; the `next` of the page before.
    after: Option<String>,
}

/// What is read for it.
#[derive(Default)]
struct Seen {
    counts: Vec<OwedCount>,
    items: Vec<OwedItem>,
    next: Option<OwedKey>,
    names: HashMap<TravellerId, String>,
}

/// Shows it.
pub async fn show(call: Call, query: Query<OwedQuery>) -> Result<HttpResponse, Problem> {
    let now = call.app.db().clock().now();
    let unreadable = || Message::new("query_unreadable");
    let kind = if query.kind.is_empty() { None } else { Some(OwedKind::from_name(&query.kind).ok_or_else(|| Error::invalid("kind", unreadable()))?) };
    let after = query.after.as_deref().map(|after| key(after).ok_or_else(|| Error::invalid("after", unreadable()))).transpose()?;
    let of = match query.of.as_str() {
        "" => call.actor.organisation().cloned(),
        code => Some(code.parse::<OrganisationCode>().map_err(|message| Error::invalid("of", message))?),
    };
    let seen = match &of {
        Some(of) => read(&call, of.clone(), kind, PageRequest::new(after, Some(A_PAGE)), now).await?,
        None => Seen::default(),
    };
    let (organisations, language) = (&call.app.rulebook().organisations, call.language);
    let of = of.map(|of| of.to_string());
    let path = |kind: &str, after: Option<OwedKey>| {
        let after = after.map(|after| format!("&after={}", text(after))).unwrap_or_default();
        format!("/receive/owed?of={}&kind={kind}{after}", of.as_deref().unwrap_or_default())
    };
    let seen_by = |code: &str, place: &str| of.as_deref() == Some(code) || call.actor.scope().covers_organisation(place, code);
    let within = organisations.iter().filter(|one| seen_by(&one.code, &one.place.to_string()));
    let Seen { counts, items, next, names } = seen;
    let line = |owed: OwedItem| Line { name: names.get(&owed.traveller()).cloned().unwrap_or_else(|| "—".to_owned()), owed: item(owed, now, language) };
    let shown = OwedPage {
        organisation: of.as_deref().map(|code| words::organisation_named(organisations, code, language)),
        organisations: within.map(|one| (one.code.clone(), words::organisation(one, language))).collect(),
        kinds: kinds(&call, &counts, kind, |kind| path(kind, None)),
        kind: kind.map(OwedKind::name).unwrap_or_default(),
        n_overdue: counts.iter().map(|count| count.n_overdue).sum(),
        lines: items.into_iter().map(line).collect(),
        first: after.map(|_| path(&query.kind, None)),
        next: next.map(|next| path(&query.kind, Some(next))),
        of: of.clone().unwrap_or_default(),
        frame: Frame::of(&call),
    };
    page(StatusCode::OK, &shown)
}

async fn read(call: &Call, of: OrganisationCode, kind: Option<OwedKind>, request: PageRequest<OwedKey>, now: DateTime<Utc>) -> Result<Seen> {
    let (app, actor) = (call.app.clone(), call.actor.clone());
    let read = move |conn: &mut Conn| {
        let all = obligation::owed_by(conn, &actor, app.rulebook(), &of, now)?.items();
        let counts = obligation::counts(&all, now);
        let Page { items, next } = obligation::page(all, kind, request);
        let mut people: Vec<TravellerId> = items.iter().map(OwedItem::traveller).collect();
        people.sort_unstable();
        people.dedup();
        let identities = arrivals::identities(conn, app.keyring(), &people)?;
        let names = identities.iter().map(|(id, identity)| (*id, words::masked(Some(identity)))).collect();
        Ok(Seen { counts, items, next, names })
    };
    call.app.read(read).await
}

/// All of it, and each kind of which there is something.
fn kinds(call: &Call, counts: &[OwedCount], here: Option<OwedKind>, href: impl Fn(&str) -> String) -> Vec<KindLink> {
    let label = |kind: OwedKind| match kind {
        OwedKind::Test(kind) => call.language.text(&format!("test_{}", kind.as_str())),
        OwedKind::Written(kind) => call.language.text(&format!("owed_{}", kind.name())),
    };
    let sum = |n: fn(&OwedCount) -> usize| counts.iter().map(n).sum();
    let all = KindLink {
        href: href(""),
        label: call.language.text("owed_every_kind"),
        n: sum(|count| count.n),
        n_overdue: sum(|count| count.n_overdue),
        is_here: here.is_none(),
    };
    let one = |count: &OwedCount| KindLink {
        href: href(count.kind.name()),
        label: label(count.kind),
        n: count.n,
        n_overdue: count.n_overdue,
        is_here: here == Some(count.kind),
    };
    let some = counts.iter().filter(|count| count.n > 0 || here == Some(count.kind));
    std::iter::once(all).chain(some.map(one)).collect()
}

/// A key as it stands in an address: the time in microseconds, if there is one, the kind and the id.
fn text(key: OwedKey) -> String {
    let due = key.due.map(|due| due.timestamp_micros().to_string()).unwrap_or_default();
    format!("{due}~{}~{}", key.kind.name(), key.id)
}

fn key(text: &str) -> Option<OwedKey> {
    let mut parts = text.splitn(3, '~');
    let due = parts.next()?;
    let due = if due.is_empty() { None } else { Some(DateTime::from_timestamp_micros(due.parse().ok()?)?) };
    Some(OwedKey { due, kind: OwedKind::from_name(parts.next()?)?, id: parts.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_a_list_is_read_as_it_was_written() {
        let id = "01890000-0000-7000-8000-000000000001".parse().unwrap();
        for due in [None, DateTime::from_timestamp_micros(1_600_142_400_000_001)] {
            for kind in OwedKind::ALL {
                let at = OwedKey { due, kind, id };
                assert_eq!(key(&text(at)), Some(at));
            }
        }
        for wrong in ["", "~", "1", "x~care~01890000-0000-7000-8000-000000000001", "1~cure~01890000-0000-7000-8000-000000000001", "1~care~y", "1~care"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
