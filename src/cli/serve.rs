//! `serve`: pages and API, and beside them the background jobs, unless other nodes do those.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::channel;

use super::context::{Context, Installation};
use super::output::Output;
use super::{Result, Verdict};
use crate::base::Message;
use crate::jobs::Worker;
use crate::web::{self, App};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where to listen; the setting server.listen if not given. Port 0 takes any free one.
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &Arguments) -> Result<Verdict> {
    context.start_log();
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
    let Installation { db, keyring, in_force, .. } = installation;
    let worker = Worker::new(db.clone(), Arc::clone(&keyring), Arc::clone(&in_force), settings.clone())?;
    let does_jobs = settings.jobs.in_server;
    let working = std::thread::spawn(move || if does_jobs { worker.run(&stopped) } else { worker.follow(&stopped) });
    let app = App::new(db, keyring, in_force, context.driving()?, settings)?;
    let outcome = web::run(&app, |address| output.message(&Message::new("serving").with("address", address)));
    drop(stop);
    if working.join().is_err() {
        tracing::error!("the worker panicked");
    }
    outcome
}
