//! `worker`: the background jobs alone, for an installation of several nodes.

use std::sync::mpsc::channel;

use tokio::signal::unix::{SignalKind, signal};

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Error, Message};
use crate::jobs::Worker;

pub(super) fn run(context: &Context, output: &Output) -> Result<Verdict> {
    context.start_log();
    let installation = context.installation()?;
    let worker = Worker::new(installation.db, installation.keyring, installation.in_force, context.settings.clone())?;
    let (stop, stopped) = channel::<()>();
    let working = std::thread::spawn(move || worker.run(&stopped));
    output.message(&Message::new("worker_works"));
    wait_for_signal().map_err(|cause| Error::Internal(cause.into()))?;
    drop(stop);
    working.join().map_err(|_| Error::Internal(anyhow::anyhow!("the worker panicked")))?;
    Ok(Verdict::Done)
}

/// Waits for SIGTERM or SIGINT.
fn wait_for_signal() -> std::io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        Ok(())
    })
}
