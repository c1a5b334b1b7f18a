//! The figures of a day by looking at every person: where their last entry known then had brought them. Slow, and shares nothing
//! with the way the program adds up.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use jiezhuan::figures::{DayFigures, Figures, Flows, Row, Stocks};
use jiezhuan::ledger::{Cell, Entry, Kind, Stock};

pub fn recount(chains: &[Vec<Entry>], on: NaiveDate, as_of: Option<DateTime<Utc>>) -> DayFigures {
    let mut cells: BTreeMap<Cell, Figures> = BTreeMap::new();
    let mut total = Figures::default();
    for chain in chains {
        let known: Vec<&Entry> = chain.iter().filter(|entry| as_of.is_none_or(|at| entry.recorded_at <= at)).collect();
        let last_by = |end: NaiveDate| known.iter().rfind(|entry| entry.happened_on() <= end);
        if let Some(entry) = last_by(on - Days::new(1)) {
            one_more(&mut total.opening, entry.to_stock);
            one_more(&mut cells.entry(entry.cell.clone()).or_default().opening, entry.to_stock);
        }
        if let Some(entry) = last_by(on) {
            one_more(&mut total.closing, entry.to_stock);
            one_more(&mut cells.entry(entry.cell.clone()).or_default().closing, entry.to_stock);
        }
        for (n, entry) in known.iter().enumerate().filter(|(_, entry)| entry.happened_on() == on) {
            if entry.kind == Kind::Reassigned {
                cells.entry(known[n - 1].cell.clone()).or_default().flows.reassigned_out += 1;
                cells.entry(entry.cell.clone()).or_default().flows.reassigned_in += 1;
                total.flows.reassigned_out += 1;
                total.flows.reassigned_in += 1;
            } else {
                one_more_flow(&mut cells.entry(entry.cell.clone()).or_default().flows, entry.kind);
                one_more_flow(&mut total.flows, entry.kind);
            }
        }
    }
    let rows = cells.into_iter().filter(|(_, figures)| *figures != Figures::default());
    let rows = rows.map(|(cell, figures)| Row { province: cell.province, city: cell.city, policy: cell.policy, figures }).collect();
    DayFigures { on, as_of, sealed: false, rows, total, balanced: true }
}

fn one_more(stocks: &mut Stocks, stock: Stock) {
    *match stock {
        Stock::AtPort => &mut stocks.at_port,
        Stock::InShanghai => &mut stocks.in_shanghai,
        Stock::OnRoad => &mut stocks.on_road,
        Stock::AtDestination => &mut stocks.at_destination,
        Stock::Medical => &mut stocks.medical,
        Stock::Released => &mut stocks.released,
        Stock::LeftNetwork => &mut stocks.left_network,
    } += 1;
}

fn one_more_flow(flows: &mut Flows, kind: Kind) {
    *match kind {
        Kind::Landed => &mut flows.landed,
        Kind::Admitted => &mut flows.admitted,
        Kind::Boarded => &mut flows.boarded,
        Kind::Received => &mut flows.received,
        Kind::Diverted => &mut flows.diverted,
        Kind::Returned => &mut flows.returned,
        Kind::Released => &mut flows.released,
        Kind::LeftNetwork => &mut flows.left_network,
        Kind::Relayed | Kind::Reassigned => return,
    } += 1;
}
