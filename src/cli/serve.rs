//! `serve`: pages and API, and the daily work that nobody asks for: releases at midnight, closing of past days.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::context::{Context, Installation};
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Message, time};
use crate::custody;
use crate::db::Db;
use crate::figures;
use crate::web::{self, App};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where to listen; the setting server.listen if not given. Port 0 takes any free one.
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    log(context);
    let installation = context.installation()?;
    serve(context, installation, output, arguments)?;
    Ok(Verdict::Done)
}

pub(super) fn serve(context: &Context, installation: Installation, output: &Output, arguments: &Arguments) -> Result<()> {
    let mut settings = context.settings.clone();
    if let Some(listen) = arguments.listen {
        settings.server.listen = listen;
    }
    let (stop, stopped) = channel::<()>();
    let db = installation.db.clone();
    let daily = std::thread::spawn(move || do_daily_work(&db, &stopped));
    let app = App::new(installation.db, installation.keyring, installation.rulebook, settings);
    let outcome = web::run(&app, |address| output.message(&Message::new("serving").with("address", address)));
    drop(stop);
    if daily.join().is_err() {
        tracing::error!("the daily work panicked");
    }
    outcome
}

/// Every minute: releases those whose term is over and closes the days that are past. Each is one transaction that finds nothing
/// to do if another node was first.
fn do_daily_work(db: &Db, stopped: &Receiver<()>) {
    loop {
        if let Err(error) = release_and_close(db) {
            tracing::warn!(%error, "the daily work will be tried again in a minute");
        }
        match stopped.recv_timeout(Duration::from_secs(60)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn release_and_close(db: &Db) -> Result<()> {
    while db.write(|tx| custody::release_due(tx, 500))? > 0 {}
    db.write(|tx| figures::close_days_before(tx, time::civil_date(tx.now())))
}

fn log(context: &Context) {
    let filter = tracing_subscriber::EnvFilter::try_new(&context.settings.log.filter).unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, as in a test that serves twice, keeps the first log.
    let _ = if context.settings.log.json { builder.json().try_init() } else { builder.try_init() };
}
