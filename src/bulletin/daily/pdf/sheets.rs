//! What stands where on the sheets of a bulletin: headings, sentences, and tables that go on over as many sheets as they need, their heads
//! repeated. Every sheet says at its foot what it is of, whether it is provisional, and which of how many it is.

use super::super::{Line, Paper, Table};
use super::Pens;
use crate::base::{Language, Message};

/// A4 across, in points.
pub const WIDTH: f32 = 841.89;
pub const HEIGHT: f32 = 595.28;

const MARGIN: f32 = 36.0;
const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Where the foot begins.
const BOTTOM: f32 = HEIGHT - MARGIN - 8.0;

const TITLE: f32 = 17.0;
const FINDING: f32 = 12.0;
const CAPTION: f32 = 11.5;
const TEXT: f32 = 9.0;
const FOOT: f32 = 7.5;
/// The sizes that a table is tried in; one too wide for them all is squeezed into the last.
const CELLS: [f32; 3] = [9.0, 8.0, 7.0];

/// From line to line, and from the top of a line down to what it stands on, in parts of the size.
const LEADING: f32 = 1.4;
const ASCENT: f32 = 1.05;
/// Around a cell: on both sides, above and below.
const ASIDE: f32 = 5.0;
const ABOVE: f32 = 2.0;
/// How much wider than it must be a column is made where there is room.
const AIR: f32 = 18.0;

/// How dark a mark is: every one of them can be read from a copy without colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Black,
    /// What matters less: numbers that are 0, the foot.
    Grey,
    /// Lines between rows.
    Pale,
}

impl Ink {
    pub const fn lightness(self) -> u8 {
        match self {
            Self::Black => 0,
            Self::Grey => 95,
            Self::Pale => 180,
        }
    }
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    Text { x: f32, baseline: f32, text: String, size: f32, is_bold: bool, ink: Ink },
    Rule { x: f32, y: f32, width: f32, weight: f32, ink: Ink },
}

/// The marks of each sheet.
pub fn laid_out(paper: &Paper, pens: &Pens<'_>) -> Vec<Vec<Mark>> {
    let mut desk = Desk { pens, language: paper.language, sheets: vec![Vec::new()], y: MARGIN };
    desk.paragraph(&paper.title, TITLE, true);
    desk.paragraph(&paper.status, TEXT, !paper.is_sealed);
    desk.y += 4.0;
    desk.paragraph(&paper.finding, FINDING, false);
    paper.tables.iter().for_each(|table| desk.table(table));
    desk.checks(&paper.checks);
    desk.feet(paper);
    desk.sheets
}

/// A cell in its lines.
struct Cell {
    lines: Vec<String>,
    is_right: bool,
    is_bold: bool,
    ink: Ink,
}

/// How a table is set.
struct Grid {
    size: f32,
    widths: Vec<f32>,
    head: Vec<Cell>,
}

impl Grid {
    fn width(&self) -> f32 {
        self.widths.iter().sum()
    }

    fn height(&self, cells: &[Cell]) -> f32 {
        let n_lines = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
        n_lines as f32 * self.size * LEADING + 2.0 * ABOVE
    }
}

/// The sheets so far, and how far down the last is filled.
struct Desk<'p> {
    pens: &'p Pens<'p>,
    language: Language,
    sheets: Vec<Vec<Mark>>,
    y: f32,
}

impl Desk<'_> {
    fn mark(&mut self, mark: Mark) {
        self.sheets.last_mut().into_iter().for_each(|sheet| sheet.push(mark.clone()));
    }

    fn rule(&mut self, width: f32, weight: f32, ink: Ink) {
        self.mark(Mark::Rule { x: MARGIN, y: self.y - weight / 2.0, width, weight, ink });
    }

    fn has_room(&self, height: f32) -> bool {
        self.y + height <= BOTTOM
    }

    fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.y = MARGIN;
    }

    /// Writes a text over the whole width.
    fn paragraph(&mut self, text: &str, size: f32, is_bold: bool) {
        for text in self.pens.of(is_bold).lines(text, size, ROOM) {
            if !self.has_room(size * LEADING) {
                self.turn();
            }
            self.mark(Mark::Text { x: MARGIN, baseline: self.y + size * ASCENT, text, size, is_bold, ink: Ink::Black });
            self.y += size * LEADING;
        }
    }

    fn table(&mut self, table: &Table) {
        let grid = self.grid(table);
        let rows: Vec<Vec<Cell>> = table.rows.iter().map(|row| self.row(row, &grid)).collect();
        // A caption and a head do not stand alone at the end of a sheet.
        let first = rows.iter().take(2).map(|row| grid.height(row)).sum::<f32>() + grid.height(&grid.head);
        self.y += 14.0;
        if !self.has_room(CAPTION * LEADING + 3.0 + first) {
            self.turn();
        }
        self.paragraph(&table.caption, CAPTION, true);
        self.y += 3.0;
        if rows.is_empty() {
            return self.paragraph(&table.empty, TEXT, false);
        }
        self.put(&grid, &grid.head);
        self.rule(grid.width(), 1.2, Ink::Black);
        for (row, cells) in table.rows.iter().zip(&rows) {
            if !self.has_room(grid.height(cells)) {
                self.turn();
                let continued = Message::new("daily_continued").with("caption", &table.caption).text(self.language);
                self.paragraph(&continued, CAPTION, true);
                self.y += 3.0;
                self.put(&grid, &grid.head);
                self.rule(grid.width(), 1.2, Ink::Black);
            }
            if row.is_sum {
                self.rule(grid.width(), 1.2, Ink::Black);
            }
            self.put(&grid, cells);
            self.rule(grid.width(), 0.5, Ink::Pale);
        }
    }

    /// Chooses size and widths: as wide as the widest text, narrower with broken heads if that is too wide, and smaller if that is; at the
    /// smallest size other words are broken too.
    fn grid(&self, table: &Table) -> Grid {
        let whole = |text: &str, is_bold: bool, size: f32| self.pens.of(is_bold).width(text, size);
        let broken = |text: &str, is_bold: bool, size: f32| self.pens.of(is_bold).narrowest(text, size);
        let tried = CELLS.iter().find_map(|size| Some((*size, fitted(&wide(table, *size, whole, whole), &wide(table, *size, broken, whole))?)));
        let (size, widths) = tried.unwrap_or_else(|| {
            let size = CELLS[CELLS.len() - 1];
            let least = wide(table, size, broken, broken);
            let sum: f32 = least.iter().sum();
            (size, fitted(&wide(table, size, whole, whole), &least).unwrap_or_else(|| least.iter().map(|width| width * ROOM / sum).collect()))
        });
        let head = table.columns.iter().enumerate().map(|(n, text)| {
            let lines = self.pens.bold.lines(text, size, widths[n] - 2.0 * ASIDE);
            Cell { lines, is_right: table.is_number(&n), is_bold: true, ink: Ink::Black }
        });
        Grid { size, head: head.collect(), widths }
    }

    fn row(&self, row: &Line, grid: &Grid) -> Vec<Cell> {
        let pen = self.pens.of(row.is_sum);
        let words = row.words.iter().zip(&grid.widths).map(|(word, width)| {
            let lines = pen.lines(word, grid.size, width - 2.0 * ASIDE);
            Cell { lines, is_right: false, is_bold: row.is_sum, ink: Ink::Black }
        });
        let counts = row.counts.iter().map(|count| {
            let ink = if count.n == 0 { Ink::Grey } else { Ink::Black };
            Cell { lines: vec![pen.writable(&count.text())], is_right: true, is_bold: row.is_sum, ink }
        });
        words.chain(counts).collect()
    }

    /// Writes a row of cells and goes below it. What is broken into lines stands on the last of the row.
    fn put(&mut self, grid: &Grid, cells: &[Cell]) {
        let (size, height) = (grid.size, grid.height(cells));
        let mut left = MARGIN;
        for (cell, width) in cells.iter().zip(&grid.widths) {
            let top = self.y + height - ABOVE - cell.lines.len() as f32 * size * LEADING;
            for (n, text) in cell.lines.iter().enumerate() {
                let free = width - 2.0 * ASIDE - self.pens.of(cell.is_bold).width(text, size);
                let x = left + ASIDE + if cell.is_right { free } else { 0.0 };
                let baseline = top + n as f32 * size * LEADING + size * ASCENT;
                self.mark(Mark::Text { x, baseline, text: text.clone(), size, is_bold: cell.is_bold, ink: cell.ink });
            }
            left += width;
        }
        self.y += height;
    }

    /// By what it can be checked, all on one sheet.
    fn checks(&mut self, checks: &[(String, String)]) {
        if checks.is_empty() {
            return;
        }
        self.y += 16.0;
        if !self.has_room(checks.len() as f32 * TEXT * LEADING) {
            self.turn();
        }
        for (name, value) in checks {
            self.paragraph(&format!("{name}: {value}"), TEXT, false);
        }
    }

    fn feet(&mut self, paper: &Paper) {
        let pen = &self.pens.regular;
        let of = self.sheets.len();
        let foot = |x: f32, text: String| Mark::Text { x, baseline: HEIGHT - MARGIN + FOOT, text, size: FOOT, is_bold: false, ink: Ink::Grey };
        let what = pen.lines(&format!("{} · {}", paper.title, paper.status), FOOT, ROOM - 100.0).into_iter().next().unwrap_or_default();
        for (n, sheet) in self.sheets.iter_mut().enumerate() {
            let number = pen.writable(&Message::new("daily_page").with("n", n + 1).with("of", of).text(paper.language));
            sheet.push(foot(MARGIN, what.clone()));
            sheet.push(foot(WIDTH - MARGIN - pen.width(&number, FOOT), number));
        }
    }
}

/// How wide each column comes out if its head and its words are measured so; numbers are never broken.
fn wide(table: &Table, size: f32, head: impl Fn(&str, bool, f32) -> f32, word: impl Fn(&str, bool, f32) -> f32) -> Vec<f32> {
    let column = |(n, name): (usize, &String)| {
        let cells = table.rows.iter().map(|row| match (row.words.get(n), n.checked_sub(row.words.len()).and_then(|n| row.counts.get(n))) {
            (Some(text), _) => word(text, row.is_sum, size),
            (None, Some(count)) => word(&count.text(), row.is_sum, size),
            (None, None) => 0.0,
        });
        cells.fold(head(name, true, size), f32::max) + 2.0 * ASIDE
    };
    table.columns.iter().enumerate().map(column).collect()
}

/// The widths of columns that want `natural` and need `least`, if there is room for them.
fn fitted(natural: &[f32], least: &[f32]) -> Option<Vec<f32>> {
    let [wanted, needed] = [natural, least].map(|widths| widths.iter().sum::<f32>());
    if wanted <= ROOM {
        let air = ((ROOM - wanted) / natural.len() as f32).min(AIR);
        return Some(natural.iter().map(|width| width + air).collect());
    }
    let share = (ROOM - needed) / (wanted - needed);
    (needed <= ROOM).then(|| natural.iter().zip(least).map(|(wanted, needed)| needed + (wanted - needed) * share).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_what_they_want_or_a_share_of_the_room_or_none() {
        assert_eq!(fitted(&[100.0, 50.0], &[10.0, 10.0]), Some(vec![100.0 + AIR, 50.0 + AIR]));
        let squeezed = fitted(&[1000.0, 50.0], &[100.0, 50.0]).unwrap();
        assert!((squeezed.iter().sum::<f32>() - ROOM).abs() < 0.01 && (squeezed[1] - 50.0).abs() < 0.01, "{squeezed:?}");
        assert_eq!(fitted(&[1000.0, 50.0], &[800.0, 50.0]), None);
    }
}
