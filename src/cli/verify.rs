//! `verify`: everything derived, against the ledger. Exit 1 and a list if anything is off.

use serde::Serialize;

use super::context::Context;
use super::output::Output;
use super::{Result, Verdict};
use crate::base::{Language, Message};
use crate::db::Db;
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
    let report = check(&context.installation()?.db, output)?;
    let verified = Verified::of(&report, output.language());
    output.result(&verified, |language| verified.text(language))?;
    Ok(if verified.ok { Verdict::Done } else { Verdict::Refused })
}

/// Checks, and shows on a terminal how far it is.
pub(super) fn check(db: &Db, output: &Output) -> Result<Report> {
    let bar = output.progress(Some(0));
    let report = db.read(|conn| {
        figures::verify(conn, &mut |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        })
    });
    bar.finish_and_clear();
    report
}

impl Verified {
    pub(super) fn of(report: &Report, language: Language) -> Self {
        let fault = |fault: &Message| Fault { code: fault.code, message: fault.text(language) };
        Self { ok: report.is_ok(), checked: report.checked, faults: report.faults.iter().map(fault).collect(), more: report.n_more }
    }

    /// The same for people.
    pub(super) fn text(&self, language: Language) -> String {
        let head = Message::new(if self.ok { "verified" } else { "verify_found" });
        let head = head.with("travellers", self.checked.travellers).with("entries", self.checked.entries);
        std::iter::once(head.text(language)).chain(self.faults.iter().map(|fault| format!("  ✗ {}", fault.message))).collect::<Vec<_>>().join("\n")
    }
}
