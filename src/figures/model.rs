//! Daily figures as a rule: how many people are in which stock, what moved them in a day, whether the two agree.
//!
//! Invariant: opening + in − out = closing, for every stock of every cell. Figures are only ever added up from flows, so there is
//! no way to enter one. This module does not know where flows are kept, nor who may see which row.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ledger::{Cell, Kind, Stock};

/// People of one cell who passed from one stock to another. An open end is the world outside, or, in a reassignment, another cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The cell they are counted in.
    pub cell: Cell,
    /// What the ledger calls it.
    pub kind: Kind,
    /// The stock they left.
    pub from: Option<Stock>,
    /// The stock they entered.
    pub to: Option<Stock>,
    /// How many.
    pub n: i64,
}

/// How many people are counted where at one moment. The last two are exits, counted since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stocks {
    /// 口岸.
    pub at_port: i64,
    /// 在沪.
    pub in_shanghai: i64,
    /// 途中.
    pub on_road: i64,
    /// 目的地.
    pub at_destination: i64,
    /// 医疗.
    pub medical: i64,
    /// 累计解除.
    pub released: i64,
    /// 累计离网.
    pub left_network: i64,
}

impl Stocks {
    /// How many are in `stock`.
    pub fn of(&self, stock: Stock) -> i64 {
        let mut copy = *self;
        *copy.of_mut(stock)
    }

    pub(super) fn of_mut(&mut self, stock: Stock) -> &mut i64 {
        match stock {
            Stock::AtPort => &mut self.at_port,
            Stock::InShanghai => &mut self.in_shanghai,
            Stock::OnRoad => &mut self.on_road,
            Stock::AtDestination => &mut self.at_destination,
            Stock::Medical => &mut self.medical,
            Stock::Released => &mut self.released,
            Stock::LeftNetwork => &mut self.left_network,
        }
    }

    pub(super) fn pass(&mut self, flow: &Flow, n: i64) {
        if let Some(from) = flow.from {
            *self.of_mut(from) -= n;
        }
        if let Some(to) = flow.to {
            *self.of_mut(to) += n;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for stock in Stock::ALL {
            *self.of_mut(stock) += other.of(stock);
        }
    }
}

/// What moved people in a day. Passing on within one stock moves nobody and is not counted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flows {
    /// 入境.
    pub landed: i64,
    /// 入点.
    pub admitted: i64,
    /// 上车.
    pub boarded: i64,
    /// 接收.
    pub received: i64,
    /// 转诊.
    pub diverted: i64,
    /// 退回.
    pub returned: i64,
    /// 解除.
    pub released: i64,
    /// 离网.
    pub left_network: i64,
    /// 改派入: came from another cell, in the same stock.
    pub reassigned_in: i64,
    /// 改派出: went to another cell.
    pub reassigned_out: i64,
}

impl Flows {
    pub(super) fn count(&mut self, flow: &Flow) {
        let counter = match flow.kind {
            Kind::Landed => &mut self.landed,
            Kind::Admitted => &mut self.admitted,
            Kind::Boarded => &mut self.boarded,
            Kind::Received => &mut self.received,
            Kind::Diverted => &mut self.diverted,
            Kind::Returned => &mut self.returned,
            Kind::Released => &mut self.released,
            Kind::LeftNetwork => &mut self.left_network,
            Kind::Reassigned if flow.from.is_none() => &mut self.reassigned_in,
            Kind::Reassigned => &mut self.reassigned_out,
            Kind::Relayed => return,
        };
        *counter += flow.n;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.landed += other.landed;
        self.admitted += other.admitted;
        self.boarded += other.boarded;
        self.received += other.received;
        self.diverted += other.diverted;
        self.returned += other.returned;
        self.released += other.released;
        self.left_network += other.left_network;
        self.reassigned_in += other.reassigned_in;
        self.reassigned_out += other.reassigned_out;
    }
}

/// The stocks of every cell at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing(BTreeMap<Cell, Stocks>);

impl Standing {
    /// Lets flows pass.
    pub fn pass<'f>(&mut self, flows: impl IntoIterator<Item = &'f Flow>) {
        flows.into_iter().for_each(|flow| self.cell_mut(&flow.cell).pass(flow, flow.n));
    }

    /// Takes flows back, as if they had not been.
    pub fn take_back<'f>(&mut self, flows: impl IntoIterator<Item = &'f Flow>) {
        flows.into_iter().for_each(|flow| self.cell_mut(&flow.cell).pass(flow, -flow.n));
    }

    /// Puts `n` more people into a stock of a cell.
    pub fn put(&mut self, cell: Cell, stock: Stock, n: i64) {
        *self.0.entry(cell).or_default().of_mut(stock) += n;
    }

    /// The stocks of `cell`.
    pub fn of(&self, cell: &Cell) -> Stocks {
        self.0.get(cell).copied().unwrap_or_default()
    }

    /// Every stock that is not empty.
    pub fn counts(&self) -> impl Iterator<Item = (&Cell, Stock, i64)> {
        self.0.iter().flat_map(|(cell, stocks)| Stock::ALL.map(|stock| (cell, stock, stocks.of(stock)))).filter(|(_, _, n)| *n != 0)
    }

    /// Where this standing and another count differently: cell, stock, the count here, the count there.
    pub fn differences<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = (&'s Cell, Stock, i64, i64)> {
        let only_there = other.0.keys().filter(|cell| !self.0.contains_key(cell));
        self.0
            .keys()
            .chain(only_there)
            .flat_map(move |cell| Stock::ALL.map(|stock| (cell, stock, self.of(cell).of(stock), other.of(cell).of(stock))))
            .filter(|(_, _, here, there)| here != there)
    }

    fn cell_mut(&mut self, cell: &Cell) -> &mut Stocks {
        self.0.entry(cell.clone()).or_default()
    }
}

/// The figures of a cell, or of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// At 00:00.
    pub opening: Stocks,
    /// Between 00:00 and 24:00.
    pub flows: Flows,
    /// At 24:00.
    pub closing: Stocks,
}

/// The figures of one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Province of the destination, six digits; none while it is not known.
    pub province: Option<String>,
    /// City of the destination.
    pub city: Option<String>,
    /// The policy's name.
    pub policy: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

impl Row {
    /// Whose figures they are.
    pub fn cell(&self) -> Cell {
        Cell { province: self.province.clone(), city: self.city.clone(), policy: self.policy.clone() }
    }
}

/// The figures 日报 of one day, 00:00 to 24:00 in Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// The day.
    pub on: NaiveDate,
    /// The instant as of whose knowledge they are; all that is known, if none.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether the day was sealed by then. If so, and no instant was asked for, these are the figures that it was sealed with.
    pub sealed: bool,
    /// A row for every cell that has anyone, by province, city and policy; what is not known comes first.
    pub rows: Vec<Row>,
    /// The sum of the rows.
    pub total: Figures,
    /// Whether opening + in − out = closing for every stock of every cell.
    pub balanced: bool,
}

impl Figures {
    /// Adds another's.
    pub(super) fn add(&mut self, other: &Self) {
        self.opening.add(&other.opening);
        self.flows.add(&other.flows);
        self.closing.add(&other.closing);
    }
}

impl DayFigures {
    /// Puts a day together from its opening, its flows and, where it was found in another way than by adding the two, its closing.
    pub fn new(on: NaiveDate, as_of: Option<DateTime<Utc>>, opening: Standing, flows: &[Flow], closing: Option<Standing>) -> Self {
        let mut expected = opening.clone();
        expected.pass(flows);
        let closing = closing.unwrap_or_else(|| expected.clone());
        let balanced = expected.differences(&closing).next().is_none();
        let mut cells: BTreeMap<Cell, Figures> = BTreeMap::new();
        for (cell, stocks) in opening.0 {
            cells.entry(cell).or_default().opening = stocks;
        }
        for (cell, stocks) in closing.0 {
            cells.entry(cell).or_default().closing = stocks;
        }
        for flow in flows {
            cells.entry(flow.cell.clone()).or_default().flows.count(flow);
        }
        let rows = cells.into_iter().filter(|(_, figures)| *figures != Figures::default()).map(|(cell, figures)| Row {
            province: cell.province,
            city: cell.city,
            policy: cell.policy,
            figures,
        });
        Self { on, as_of, sealed: false, rows: rows.collect(), total: Figures::default(), balanced }.narrowed(|_| true)
    }

    /// The same day with the rows for which `keep` holds, and their sum.
    #[must_use]
    pub fn narrowed(mut self, keep: impl Fn(&Row) -> bool) -> Self {
        self.rows.retain(keep);
        self.total = self.rows.iter().fold(Figures::default(), |mut total, row| {
            total.add(&row.figures);
            total
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(kind: Kind, from: Option<Stock>, to: Option<Stock>, n: i64) -> Flow {
        Flow { cell: Cell::default(), kind, from, to, n }
    }

    fn day(opening: Standing, flows: &[Flow], closing: Option<Standing>) -> DayFigures {
        DayFigures::new(NaiveDate::default(), None, opening, flows, closing)
    }

    #[test]
    fn a_day_whose_closing_was_found_in_another_way_balances_only_if_both_agree() {
        let mut opening = Standing::default();
        opening.put(Cell::default(), Stock::AtPort, 5);
        let flows = [flow(Kind::Admitted, Some(Stock::AtPort), Some(Stock::InShanghai), 3)];
        let mut closing = opening.clone();
        closing.pass(&flows);
        assert!(day(opening.clone(), &flows, Some(closing.clone())).balanced);
        closing.put(Cell { city: Some("320500".into()), ..Cell::default() }, Stock::Medical, 1);
        assert!(!day(opening, &flows, Some(closing)).balanced);
    }

    #[test]
    fn passing_on_within_a_stock_moves_nobody_and_taking_back_undoes_passing() {
        let flows = [flow(Kind::Landed, None, Some(Stock::AtPort), 2), flow(Kind::Relayed, Some(Stock::AtPort), Some(Stock::AtPort), 2)];
        let figures = day(Standing::default(), &flows, None).total;
        assert_eq!((figures.closing.at_port, figures.flows), (2, Flows { landed: 2, ..Flows::default() }));
        let mut standing = Standing::default();
        standing.pass(&flows);
        standing.take_back(&flows);
        assert_eq!(standing.counts().count(), 0);
    }

    #[test]
    fn a_cell_without_anyone_has_no_row() {
        let mut opening = Standing::default();
        opening.put(Cell::default(), Stock::AtPort, 0);
        assert_eq!(day(opening, &[], None).rows, []);
    }
}
