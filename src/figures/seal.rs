//! Sealed days 封账 as a rule. A seal is one document: the figures, up to where the ledger was counted, who sealed when, and the digest of the
//! seal made before, so that whoever keeps one digest recognises every seal up to it.
//!
//! Which facts a seal knows is told by their number in the ledger's flows and not by a time: a transaction that began before the seal and
//! ended after it bears an earlier time, and is no less unknown to the seal. What is dated into a sealed day and has a higher number is a
//! [`Correction`]. Corrections are derived, never stored: sealed figures plus corrections are, by construction, what the ledger says now.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::model::{DayFigures, Figures, Flow, Row, Stocks};
use crate::ledger::{Cell, Stock};

/// SHA-256 over the text of a seal's document.
pub type Digest = [u8; 32];

/// The figures of a day as they were sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedDay {
    /// Its place in the order in which days were sealed, from 1.
    pub number: i32,
    /// The day.
    pub on: NaiveDate,
    /// When it was sealed.
    pub sealed_at: DateTime<Utc>,
    /// Who sealed it, as others see them.
    pub sealed_by: String,
    /// The number of the last flow that is counted.
    pub flow_id: i64,
    /// The last day of the ledger that was under its root then, and its chain value in hexadecimal; none before the first.
    pub ledger: Option<(NaiveDate, String)>,
    /// The digest of the seal made before, in hexadecimal; none for the first.
    pub previous: Option<String>,
    /// The figures.
    pub figures: DayFigures,
}

impl SealedDay {
    /// The digest of a document's text.
    pub fn digest(document: &str) -> Digest {
        Sha256::digest(document).into()
    }
}

/// A fact that became known after the day it is dated to had been sealed: people of one cell, and what moved them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its number among the ledger's flows; later ones have larger ones.
    pub id: i64,
    /// The sealed day that it belongs to.
    pub on: NaiveDate,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
    /// What it was that happened, to how many.
    pub flow: Flow,
}

impl Correction {
    /// What it adds to and takes from each stock at the end of its day: nothing where people were only passed on within one.
    pub fn changes(&self) -> Stocks {
        let mut changes = Stocks::default();
        changes.pass(&self.flow, self.flow.n);
        changes
    }

    fn figures(&self) -> Figures {
        let mut figures = Figures { closing: self.changes(), ..Figures::default() };
        figures.flows.count(&self.flow);
        figures
    }
}

/// A sealed day, and what has become known since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrections {
    /// The day as it was sealed.
    pub sealed: SealedDay,
    /// What has become known of the day itself, in the order in which it did.
    pub lines: Vec<Correction>,
    /// How far each stock was corrected in either direction, added up regardless of the sign.
    pub gross: Stocks,
    /// By how much the day differs now. The opening differs by what has become known of days before.
    pub net: Figures,
    /// The day as all that is recorded has it: what was sealed, plus the net.
    pub now: DayFigures,
    before: Vec<Flow>,
}

impl Corrections {
    /// Puts them together: what has become known of the day, and of days before it, since it was sealed.
    pub(super) fn new(sealed: SealedDay, lines: Vec<Correction>, before: Vec<Flow>, now: DayFigures) -> Self {
        Self { sealed, lines, gross: Stocks::default(), net: Figures::default(), now, before }.narrowed(|_| true)
    }

    /// The same with the cells only for which `keep` holds.
    #[must_use]
    pub fn narrowed(mut self, keep: impl Fn(&Cell) -> bool) -> Self {
        let keep_row = |row: &Row| keep(&row.cell());
        self.sealed.figures = self.sealed.figures.narrowed(keep_row);
        self.now = self.now.narrowed(keep_row);
        self.lines.retain(|line| keep(&line.flow.cell));
        self.before.retain(|flow| keep(&flow.cell));
        self.net = Figures::default();
        self.before.iter().for_each(|flow| self.net.opening.pass(flow, flow.n));
        self.net.closing = self.net.opening;
        self.gross = Stocks::default();
        for line in &self.lines {
            self.net.add(&line.figures());
            let changes = line.changes();
            for stock in Stock::ALL {
                *self.gross.of_mut(stock) += changes.of(stock).abs();
            }
        }
        self
    }
}

/// What a day's bulletin says: its figures, and the corrections that became known between the seal before and this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulletin {
    /// The figures; sealed, or as known at an instant.
    pub figures: DayFigures,
    /// The seal and its digest; none while the day is open, and the bulletin provisional.
    pub seal: Option<(SealedDay, Digest)>,
    /// What became known of days sealed before.
    pub corrections: Vec<Correction>,
}

impl Bulletin {
    /// The same with the cells only for which `keep` holds.
    #[must_use]
    pub fn narrowed(mut self, keep: impl Fn(&Cell) -> bool) -> Self {
        self.figures = self.figures.narrowed(|row| keep(&row.cell()));
        self.corrections.retain(|line| keep(&line.flow.cell));
        self
    }
}
