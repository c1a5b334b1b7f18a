//! `verify`: everything derived, against the ledger. Exit 1 and a list if anything is off.

use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Language, Message};
use crate::figures::{self, Checked, Report};

#[derive(Serialize)]
pub(super) struct Verified {
    pub(super) ok: bool,
    checked: Checked,
    faults: Vec<Fault>,
    /// How many faults are not listed.
    more: u64,
}

#[derive(Serialize)]
struct Fault {
    code: &'static str,
    message: String,
}

pub(super) fn run(context: &Context, output: &Output) -> Result<Verdict> {
    let installation = context.installation()?;
    let bar = output.progress(Some(0));
    let report = installation.db.read(|conn| {
        figures::verify(conn, &mut |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        })
    })?;
    bar.finish_and_clear();
    let verified = Verified::of(&report, output.language());
    output.result(&verified, |language| {
        let head = Message::new(if verified.ok { "verified" } else { "verify_found" })
            .with("travellers", report.checked.travellers)
            .with("entries", report.checked.entries);
        std::iter::once(head.text(language)).chain(verified.faults.iter().map(|fault| format!("  ✗ {}", fault.message))).collect::<Vec<_>>().join("\n")
    })?;
    Ok(if verified.ok { Verdict::Done } else { Verdict::Refused })
}

impl Verified {
    pub(super) fn of(report: &Report, language: Language) -> Self {
        let fault = |fault: &Message| Fault { code: fault.code, message: fault.text(language) };
        Self { ok: report.is_ok(), checked: report.checked, faults: report.faults.iter().map(fault).collect(), more: report.n_more }
    }
}
