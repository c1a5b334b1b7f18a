//! A table as a grid of texts, for somebody who corrects it cell by cell: one line of the file a row, so that a problem's line is its
//! row. What is corrected is read again like any file.

use std::io::{Cursor, Read, Seek};

use super::table::Table;
use super::{Opened, Roster, Unreadable};
use crate::base::draft::ColumnSet;

/// The cells of a roster, row by row; row 0 is line 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid(Vec<Vec<String>>);

impl Grid {
    /// The cells of a roster that is a table; none of a passenger list.
    ///
    /// # Errors
    /// Nothing of the file can be read.
    pub fn of<R: Read + Seek>(source: R) -> Result<Option<Self>, Unreadable> {
        match super::open(source, None)? {
            Opened::Roster(Roster::Table(mut table)) | Opened::Results(mut table) => Ok(Some(Self(table.grid()?))),
            Opened::Roster(Roster::Paxlst(_)) => Ok(None),
            Opened::Fleet(fleet) => Err(fleet.refused()),
        }
    }

    /// The cells of a line, the first being 1; none beyond the end.
    pub fn line(&self, line: u64) -> &[String] {
        let row = usize::try_from(line).ok().and_then(|line| self.0.get(line.checked_sub(1)?));
        row.map_or(&[], Vec::as_slice)
    }

    /// Corrects a cell. Lines and columns that do not exist are passed over.
    pub fn set(&mut self, line: u64, column: usize, text: &str) {
        let row = usize::try_from(line).ok().and_then(|line| self.0.get_mut(line.checked_sub(1)?));
        if let Some(row) = row.filter(|row| !row.is_empty()) {
            if row.len() <= column && column < WIDEST {
                row.resize(column + 1, String::new());
            }
            if let Some(cell) = row.get_mut(column) {
                text.trim().clone_into(cell);
            }
        }
    }

    /// Leaves a line out.
    pub fn clear(&mut self, line: u64) {
        if let Some(row) = usize::try_from(line).ok().and_then(|line| self.0.get_mut(line.checked_sub(1)?)) {
            row.clear();
        }
    }

    /// Where the header stands: the line of the first row that names `column`.
    pub fn header_line(&self, column: &str) -> Option<(u64, usize)> {
        (1..).zip(&self.0).find_map(|(line, row)| row.iter().position(|cell| cell.trim() == column).map(|at| (line, at)))
    }

    /// The grid as separated text in UTF-8, a row a line, to be read again like any other.
    ///
    /// # Errors
    /// Writing to memory fails.
    pub fn to_csv(&self) -> Result<Vec<u8>, Unreadable> {
        let mut text = Vec::new();
        for row in &self.0 {
            let mut line = csv::WriterBuilder::new().from_writer(Cursor::new(Vec::new()));
            if !row.is_empty() {
                line.write_record(row).map_err(|fault| Unreadable::Io(std::io::Error::other(fault)))?;
            }
            let line = line.into_inner().map_err(|fault| Unreadable::Io(std::io::Error::other(fault.to_string())))?.into_inner();
            text.extend(if line.is_empty() { b"\n".to_vec() } else { line });
        }
        Ok(text)
    }
}

/// The widest a row may be corrected to.
const WIDEST: usize = 64;

impl<R: Read + Seek, C: ColumnSet> Table<R, C> {
    fn grid(&mut self) -> Result<Vec<Vec<String>>, Unreadable> {
        let mut grid: Vec<Vec<String>> = Vec::new();
        self.each_record(|line, cells| {
            let line = usize::try_from(line).unwrap_or(usize::MAX).min(MOST_LINES);
            grid.resize(grid.len().max(line), Vec::new());
            // A line break within a cell would make two lines of one.
            grid[line - 1] = cells.into_iter().map(|cell| cell.replace(['\r', '\n'], " ")).collect();
        })?;
        Ok(grid)
    }
}

/// The longest grid; a roster of one flight has some hundreds of lines.
const MOST_LINES: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    const ROSTER: &str = "航班号,口岸,落地时间,姓名,国籍,证件号码,目的地\n\nMU588,PVG,2020-09-12 00:10,\"李,雷\",CHN,E87221660,苏州\nMU588,PVG,2020-09-12 00:10,\"韩\n梅梅\",CHN,E1,suzhou\n";

    #[test]
    fn a_grid_has_a_row_for_each_line_and_is_read_again_as_the_same() {
        let mut grid = Grid::of(Cursor::new(ROSTER)).unwrap().unwrap();
        assert_eq!(grid.line(3)[3], "李,雷");
        assert_eq!(grid.line(4)[3], "韩 梅梅");
        assert_eq!((grid.line(2).len(), grid.line(0).len(), grid.line(99).len()), (0, 0, 0));
        assert_eq!(grid.header_line("目的地"), Some((1, 6)));
        grid.set(4, 6, " 江苏苏州 ");
        grid.set(2, 0, "nothing stands on a blank line");
        grid.clear(3);
        let again = Grid::of(Cursor::new(grid.to_csv().unwrap())).unwrap().unwrap();
        assert_eq!(again.line(4)[6], "江苏苏州");
        assert_eq!((again.line(3).len(), again.line(2).len()), (0, 0));
    }
}
