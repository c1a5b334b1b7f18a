//! How the system is: database and schema, background jobs, outbox, mail server, disk, days under seal. Each line says what is and whether
//! somebody must act.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{Tab, around};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Language, Message, Result};
use crate::bulletin::{self, NoticeState};
use crate::config::Mail;
use crate::db::{Url, workers_seen};
use crate::figures;
use crate::ledger;
use crate::web::app::App;
use crate::web::call::Call;
use crate::web::pages::{Frame, page, words};
use crate::web::problem::Problem;

/// Nodes say once a minute that they are at work; after so long without a word they are not.
const SILENCE: TimeDelta = TimeDelta::minutes(3);

/// How long the mail server may take to answer the door.
const PATIENCE: Duration = Duration::from_secs(2);

/// With less of the disk free than this, in percent, somebody must make room.
const LEAST_FREE: u64 = 10;

#[derive(Template)]
#[template(path = "admin/health.html", config = ".askama.toml")]
struct HealthPage {
    frame: Frame,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    n_wrong: usize,
}

struct Line {
    what: String,
    /// The class of its tag.
    tag: &'static str,
    verdict: String,
    says: String,
}

/// What is found of one thing.
struct Found {
    what: &'static str,
    state: State,
    says: Message,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    /// Not in use, or not for us to see.
    None,
    Look,
    Wrong,
}

/// Shows it.
pub async fn show(call: Call) -> Result<HttpResponse, Problem> {
    call.actor.must_oversee()?;
    let (app, actor, language) = (call.app.clone(), call.actor.clone(), call.language);
    let now = app.db().clock().now();
    let found = call.app.block(move || {
        let pending = app.db().pending_migrations()?;
        let (workers, backlog, sealed, first, root) = app.db().read(|conn| {
            let sealed = figures::sealed_days(conn, &actor, PageRequest::new(None, Some(1)))?.items;
            Ok((workers_seen(conn)?, bulletin::backlog_of_all(conn)?, sealed, figures::first_day(conn)?, ledger::last_root(conn)?))
        })?;
        let yesterday = ledger::last_complete_day(now);
        let sealed = sealed.into_iter().next().map(|(day, _)| day.on);
        let is_due = first.is_some_and(|first| first <= yesterday) && sealed.is_none_or(|sealed| sealed < yesterday - Days::new(1));
        Ok(vec![
            database(&app, &pending),
            jobs(workers.first().copied(), workers.iter().filter(|seen| now - **seen < SILENCE).count(), now, language),
            outbox(&backlog),
            mail(&app.settings().mail),
            disk(app.db().url()),
            Found {
                what: "health_days",
                state: if is_due { State::Look } else { State::Well },
                says: Message::new("health_days_says").with("on", sealed.map_or_else(|| "—".to_owned(), |on| on.to_string())),
            },
            Found {
                what: "health_ledger",
                state: State::Well,
                says: Message::new("health_ledger_says").with("on", root.map_or_else(|| "—".to_owned(), |root| root.on.to_string())),
            },
        ])
    });
    let found = found.await?;
    let (frame, tabs) = around(&call);
    let n_wrong = found.iter().filter(|one| matches!(one.state, State::Look | State::Wrong)).count();
    page(StatusCode::OK, &HealthPage { frame, tabs, n_wrong, lines: found.into_iter().map(|found| Line::of(&found, language)).collect() })
}

impl Line {
    fn of(found: &Found, language: Language) -> Self {
        let (tag, verdict) = match found.state {
            State::Well => ("arrived", "health_well"),
            State::None => ("planned", "health_none"),
            State::Look => ("waiting", "health_look"),
            State::Wrong => ("late", "health_wrong"),
        };
        Self { what: language.text(found.what), tag, verdict: language.text(verdict), says: found.says.text(language) }
    }
}

fn database(app: &App, pending: &[String]) -> Found {
    let says = Message::new("health_database_says").with("engine", app.db().url().engine()).with("pending", pending.len());
    Found { what: "health_database", state: if pending.is_empty() { State::Well } else { State::Wrong }, says }
}

fn jobs(last: Option<DateTime<Utc>>, n: usize, now: DateTime<Utc>, language: Language) -> Found {
    let last = last.map_or_else(|| "—".to_owned(), |last| words::moment(last, civil_date(now), language));
    Found { what: "health_jobs", state: if n > 0 { State::Well } else { State::Wrong }, says: Message::new("health_jobs_says").with("n", n).with("last", last) }
}

fn outbox(backlog: &[(NoticeState, i64)]) -> Found {
    let n = |wanted: NoticeState| backlog.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, n)| *n);
    let dead = n(NoticeState::Dead);
    let says = Message::new("health_outbox_says").with("waiting", n(NoticeState::Waiting) + n(NoticeState::Sending)).with("dead", dead);
    Found { what: "health_outbox", state: if dead > 0 { State::Look } else { State::Well }, says }
}

/// Whether anybody opens where the mail server should be; nothing is said to it.
fn mail(settings: &Mail) -> Found {
    let what = "health_mail";
    let Some(host) = &settings.host else { return Found { what, state: State::None, says: Message::new("health_mail_none") } };
    let reached = (host.as_str(), settings.port).to_socket_addrs().and_then(|mut addresses| match addresses.next() {
        Some(address) => TcpStream::connect_timeout(&address, PATIENCE).map(drop),
        None => Err(std::io::ErrorKind::NotFound.into()),
    });
    let says = |code| Message::new(code).with("host", host).with("port", settings.port);
    match reached {
        Ok(()) => Found { what, state: State::Well, says: says("health_mail_says") },
        Err(_) => Found { what, state: State::Wrong, says: says("health_mail_silent") },
    }
}

/// How much room there is where an embedded database lies. Where a served one lies is for its own server to tell.
fn disk(url: &Url) -> Found {
    let what = "health_disk";
    let Url::Sqlite(file) = url else { return Found { what, state: State::None, says: Message::new("health_disk_elsewhere") } };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| std::path::Path::new("."));
    let size = std::fs::metadata(file).map_or(0, |found| found.len()) >> 20;
    match rustix::fs::statvfs(folder) {
        Ok(found) => {
            let percent = found.f_bavail * 100 / found.f_blocks.max(1);
            let free = (u128::from(found.f_bavail) * u128::from(found.f_frsize)) >> 20;
            let says = Message::new("health_disk_says").with("size", size).with("free", free).with("percent", percent);
            Found { what, state: if percent < LEAST_FREE { State::Wrong } else { State::Well }, says }
        }
        Err(_) => Found { what, state: State::Look, says: Message::new("health_disk_unknown").with("size", size) },
    }
}
