//! The check of everything derived against the ledger: every chain is folded again, the flows are summed again from the entries,
//! the stocks at the end of every closed day from the flows, and the rest of the schema's promises are looked up.
//!
//! Memory grows with days, places and policies, never with people. Nothing is repaired here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::model::Standing;
use super::{checks, recount, store};
use crate::base::{Error, Message, Result, time};
use crate::db::Conn;
use crate::ledger::{self, Cell, Custody, Entry, Fault, Kind, Stock};

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    /// Travellers, each with their chain.
    pub travellers: u64,
    /// Entries of the ledger.
    pub entries: u64,
    /// Sums of entries, as they were written with them.
    pub flows: u64,
    /// Closed days.
    pub days: u64,
    /// Sealed days of the ledger.
    pub sealed: u64,
    /// Days whose figures are sealed.
    pub seals: u64,
    /// Sealed days that other organisations keep the value of.
    pub kept: u64,
    /// Times that a vehicle or a staff member is taken.
    pub bookings: u64,
    /// Seats on trips.
    pub seats: u64,
    /// Handoffs.
    pub handoffs: u64,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What was looked at.
    pub checked: Checked,
    /// What is off, [`Report::MOST`] at the most. Ids, days and places only; nobody's identity.
    pub faults: Vec<Message>,
    /// How many more there are.
    pub n_more: u64,
}

impl Report {
    /// So many faults are told in full; one cause can make thousands.
    pub const MOST: usize = 1_000;

    /// Whether all is as the ledger has it.
    pub fn is_ok(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn fault(&mut self, fault: Message) {
        if self.faults.len() < Self::MOST {
            self.faults.push(fault);
        } else {
            self.n_more += 1;
        }
    }

    /// A row that cannot even be read is a finding like any other; what it says is in the log.
    fn has_read(&mut self, table: &'static str, outcome: Result<()>) -> Result<bool> {
        if let Err(Error::Internal(cause)) = outcome {
            tracing::error!(%cause, table, "a table cannot be read");
            self.fault(Message::new("table_unreadable").with("table", table));
            return Ok(false);
        }
        outcome.map(|()| true)
    }
}

pub(super) fn run(conn: &mut Conn, progress: &mut dyn FnMut(u64, u64)) -> Result<Report> {
    let mut report = Report { checked: checks::counts(conn)?, ..Report::default() };
    let (mut sums, mut recorded) = (Sums::default(), ledger::Days::default());
    let walked = chains(conn, &mut report, &mut sums, &mut recorded, progress);
    // The flows can only be held against a ledger that was read to its end.
    if report.has_read("custody_entries", walked)? {
        let compared = flows(conn, &mut report, sums);
        report.has_read("custody_flows", compared)?;
        let compared = sealed(conn, &mut report, &recorded);
        report.has_read("ledger_roots", compared)?;
        let compared = kept(conn, &mut report);
        report.has_read("root_receipts", compared)?;
    }
    let compared = days(conn, &mut report);
    report.has_read("day_stocks", compared)?;
    let compared = recount::seals(conn, &mut report);
    report.has_read("day_seals", compared)?;
    checks::promises(conn, |fault| report.fault(fault))?;
    Ok(report)
}

/// Folds every chain, and adds its entries up.
fn chains(conn: &mut Conn, report: &mut Report, sums: &mut Sums, recorded: &mut ledger::Days, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
    let (mut done, all) = (0, report.checked.travellers);
    ledger::each_chain(conn, |chain| {
        report.checked.entries += chain.len() as u64;
        match Custody::fold(chain) {
            Ok(_) => {}
            Err(Fault::Broken { traveller, seq }) => report.fault(Message::new("entry_does_not_follow").with("traveller", traveller).with("seq", seq)),
            Err(Fault::Altered { traveller, seq }) => report.fault(Message::new("entry_altered").with("traveller", traveller).with("seq", seq)),
        }
        sums.add_chain(chain);
        chain.iter().for_each(|entry| recorded.add(entry.recorded_at, &entry.hash));
        for pair in chain.windows(2).filter(|pair| pair[1].kind != Kind::Reassigned && pair[1].cell != pair[0].cell) {
            report.fault(Message::new("entry_changes_cell").with("traveller", pair[1].traveller).with("seq", pair[1].seq));
        }
        done += 1;
        progress(done, all);
        Ok(())
    })
}

/// Every sealed day must have the root of the entries that were recorded on it and follow the sealed day before, and no day before the last
/// sealed one may be without. A day that is off is told once: the next is held against it as it is.
fn sealed(conn: &mut Conn, report: &mut Report, recorded: &ledger::Days) -> Result<()> {
    let kept: BTreeMap<NaiveDate, ledger::DayRoot> = ledger::sealed_days(conn)?.into_iter().map(|day| (day.on, day)).collect();
    report.checked.sealed = kept.len() as u64;
    let Some(last) = kept.keys().last().copied() else { return Ok(()) };
    let days: BTreeSet<NaiveDate> = kept.keys().copied().chain(recorded.days()).filter(|day| *day <= last).collect();
    let mut previous = [0; 32];
    for on in days {
        let day = kept.get(&on);
        if day != recorded.root_of(on, previous).as_ref() {
            report.fault(Message::new("sealed_day_differs").with("on", on));
        }
        previous = day.map_or(previous, |day| day.chain);
    }
    Ok(())
}

/// Every value that somebody keeps must be that of its day on the chain of today, whose links have just been checked.
fn kept(conn: &mut Conn, report: &mut Report) -> Result<()> {
    let days: BTreeMap<NaiveDate, ledger::EntryHash> = ledger::sealed_days(conn)?.into_iter().map(|day| (day.on, day.chain)).collect();
    for receipt in ledger::every_receipt(conn)? {
        report.checked.kept += 1;
        if days.get(&receipt.on) != Some(&receipt.chain) {
            report.fault(Message::new("kept_root_differs").with("on", receipt.on).with("organisation", &receipt.organisation));
        }
    }
    Ok(())
}

/// Takes the written sums off those of the entries; what is left over is off.
fn flows(conn: &mut Conn, report: &mut Report, mut sums: Sums) -> Result<()> {
    const PART: i64 = 10_000;
    let mut after = 0;
    loop {
        let part = store::flows_after(conn, after, PART)?;
        report.checked.flows += part.len() as u64;
        for row in &part {
            let key = (row.happened_on, row.is_late, row.flow.kind, row.flow.from, row.flow.to);
            sums.add(key, &row.flow.cell, row.recorded_at, -row.flow.n);
        }
        match part.last() {
            Some(last) if part.len() == PART as usize => after = last.id,
            _ => break,
        }
    }
    for ((happened_on, _, kind, _, _), cell, n) in sums.left_over() {
        report.fault(in_cell(Message::new("flows_differ").with("on", happened_on), cell).with("kind", kind.name()).with("difference", n));
    }
    Ok(())
}

/// Every closed day must be the day before and its own flows. A day that is off is told once: the next is held against it.
fn days(conn: &mut Conn, report: &mut Report) -> Result<()> {
    let Some(mark) = store::mark(conn)? else { return Ok(()) };
    if mark.flow_id > store::last_flow(conn)? {
        report.fault(Message::new("days_closed_beyond_flows").with("on", mark.closed_through));
    }
    let firsts = [store::first_day_newer(conn, 0)?, store::first_day_with_stocks(conn)?];
    let Some(first) = firsts.into_iter().flatten().min() else { return Ok(()) };
    let mut before = Standing::default();
    for day in first.iter_days().take_while(|day| *day <= mark.closed_through) {
        report.checked.days += 1;
        before.pass(&store::flows_on_up_to(conn, day, mark.flow_id)?);
        let kept = store::stocks_on(conn, day)?;
        for (cell, stock, expected, found) in before.differences(&kept) {
            let fault = in_cell(Message::new("day_out_of_balance").with("on", day), cell);
            report.fault(fault.with("stock", stock.name()).with("expected", expected).with("found", found));
        }
        before = kept;
    }
    Ok(())
}

fn in_cell(message: Message, cell: &Cell) -> Message {
    let [province, city, policy] = [&cell.province, &cell.city, &cell.policy].map(|part| part.as_deref().unwrap_or("-"));
    message.with("province", province).with("city", city).with("policy", policy)
}

/// Day, whether it was recorded late, kind, from, to.
type Key = (NaiveDate, bool, Kind, Option<Stock>, Option<Stock>);

/// How many, and a fingerprint of when that was recorded: the hash of each instant, times how many. Two sides with the same
/// count and fingerprint have the same people at the same instants, without either having to be held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    n: i64,
    instants: u64,
}

#[derive(Default)]
struct Sums {
    cells: HashMap<Cell, u32>,
    sums: HashMap<(Key, u32), Sum>,
}

impl Sums {
    fn add_chain(&mut self, chain: &[Entry]) {
        let mut before: Option<&Entry> = None;
        for entry in chain {
            let (on, from, to) = (entry.happened_on(), entry.from.map(|(_, stock)| stock), Some(entry.to_stock));
            let is_late = time::civil_date(entry.recorded_at) > on;
            match before.filter(|_| entry.kind == Kind::Reassigned) {
                Some(before) => {
                    self.add((on, is_late, entry.kind, from, None), &before.cell, entry.recorded_at, 1);
                    self.add((on, is_late, entry.kind, None, to), &entry.cell, entry.recorded_at, 1);
                }
                None => self.add((on, is_late, entry.kind, from, to), &entry.cell, entry.recorded_at, 1),
            }
            before = Some(entry);
        }
    }

    fn add(&mut self, key: Key, cell: &Cell, recorded_at: DateTime<Utc>, n: i64) {
        let cell = match self.cells.get(cell) {
            Some(number) => *number,
            None => {
                let number = self.cells.len() as u32;
                self.cells.insert(cell.clone(), number);
                number
            }
        };
        let mut hash = DefaultHasher::new();
        recorded_at.hash(&mut hash);
        let sum = self.sums.entry((key, cell)).or_default();
        sum.n += n;
        sum.instants = sum.instants.wrapping_add(hash.finish().wrapping_mul(n as u64));
    }

    fn left_over(&self) -> impl Iterator<Item = (Key, &Cell, i64)> {
        let cells: HashMap<u32, &Cell> = self.cells.iter().map(|(cell, number)| (*number, cell)).collect();
        let off = self.sums.iter().filter(|(_, sum)| **sum != Sum::default());
        let sorted: BTreeMap<(Key, &Cell), i64> = off.map(|((key, cell), sum)| ((*key, cells[cell]), sum.n)).collect();
        sorted.into_iter().map(|((key, cell), n)| (key, cell, n))
    }
}
