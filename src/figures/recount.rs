//! The check of sealed days: what each was sealed with is counted again from the flows that its seal knew.

use std::collections::BTreeMap;

use base16ct::lower::encode_string;
use chrono::NaiveDate;

use super::model::{DayFigures, Flow, Standing};
use super::store;
use super::verify::Report;
use crate::base::{Message, Result};
use crate::db::Conn;
use crate::ledger::{self, Cell, Kind, Stock};

/// Flows per day, those of one kind together.
#[derive(Default)]
struct Known(BTreeMap<NaiveDate, BTreeMap<(Cell, Kind, Option<Stock>, Option<Stock>), i64>>);

impl Known {
    fn flows_on(&self, on: NaiveDate) -> Vec<Flow> {
        let flow = |((cell, kind, from, to), n): (&(Cell, Kind, Option<Stock>, Option<Stock>), &i64)| Flow {
            cell: cell.clone(),
            kind: *kind,
            from: *from,
            to: *to,
            n: *n,
        };
        self.0.get(&on).into_iter().flatten().map(flow).collect()
    }

    fn figures(&self, on: NaiveDate) -> DayFigures {
        let mut opening = Standing::default();
        self.0.range(..on).for_each(|(day, _)| opening.pass(&self.flows_on(*day)));
        DayFigures::new(on, None, opening, &self.flows_on(on), None)
    }
}

/// Every seal must follow the one made before, be the document of its digest, name a root that the ledger has, and hold the figures that the
/// flows up to its number add up to.
pub(super) fn seals(conn: &mut Conn, report: &mut Report) -> Result<()> {
    const PART: i64 = 10_000;
    let roots: BTreeMap<NaiveDate, String> = ledger::sealed_days(conn)?.into_iter().map(|day| (day.on, encode_string(&day.chain))).collect();
    let mut known = Known::default();
    let (mut counted, mut part, mut previous, mut number) = (0, Vec::new().into_iter().peekable(), None, 1);
    while let Some(seal) = store::seal_numbered(conn, number)? {
        loop {
            if part.peek().is_none() {
                part = store::flows_after(conn, counted, PART)?.into_iter().peekable();
            }
            let Some(row) = part.next_if(|row: &store::FlowRow| row.id <= seal.day.flow_id) else { break };
            let Flow { cell, kind, from, to, n } = row.flow;
            *known.0.entry(row.happened_on).or_default().entry((cell, kind, from, to)).or_default() += n;
            counted = row.id;
        }
        let is_rooted = seal.day.ledger.as_ref().is_none_or(|(on, chain)| roots.get(on) == Some(chain));
        let expected = DayFigures { as_of: Some(seal.day.sealed_at), sealed: true, ..known.figures(seal.day.on) };
        if !seal.is_whole || seal.day.previous != previous || !is_rooted || seal.day.figures != expected {
            report.fault(Message::new("seal_differs").with("on", seal.day.on));
        }
        report.checked.seals += 1;
        previous = Some(encode_string(&seal.digest));
        number += 1;
    }
    if store::last_seal(conn)?.is_some_and(|last| last.day.number >= number) {
        report.fault(Message::new("seals_have_a_gap").with("number", number));
    }
    Ok(())
}
