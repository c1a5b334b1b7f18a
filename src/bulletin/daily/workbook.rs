//! The bulletin as a workbook (XLSX): a sheet for each table, numbers as numbers. Its time of making is when the figures were known, so that
//! the same bulletin is the same file.

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::{Line, Paper, Table};
use crate::base::Result;

/// The row that a table's head stands in, below title, status and finding.
const HEAD: u32 = 4;

/// Writes it.
pub fn workbook(paper: &Paper) -> Result<Vec<u8>> {
    Ok(written(paper).map_err(|fault| anyhow::anyhow!("a workbook that cannot be written: {fault}"))?)
}

fn written(paper: &Paper) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(paper.known_at.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_title(&paper.title).set_author("接转 Jiezhuan").set_creation_datetime(&made));
    for table in &paper.tables {
        let sheet = workbook.add_worksheet().set_name(&table.caption)?;
        head(sheet, paper)?;
        let below = fill(sheet, table)?;
        for (n, (name, value)) in (below + 1..).zip(&paper.checks) {
            sheet.write_string(n, 0, format!("{name}: {value}"))?;
        }
    }
    workbook.save_to_buffer()
}

fn head(sheet: &mut Worksheet, paper: &Paper) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, &paper.title, &Format::new().set_bold().set_font_size(14))?;
    let status = if paper.is_sealed { Format::new() } else { Format::new().set_font_color(Color::RGB(0x9c_14_18)).set_bold() };
    sheet.write_string_with_format(1, 0, &paper.status, &status)?;
    sheet.write_string(2, 0, &paper.finding)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(HEAD, HEAD)?;
    sheet.set_freeze_panes(HEAD + 1, 1).map(drop)
}

/// Writes the table; returns the first row below it.
fn fill(sheet: &mut Worksheet, table: &Table) -> Result<u32, XlsxError> {
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    for (n, column) in (0..).zip(&table.columns) {
        let format = if table.is_number(&usize::from(n)) { bold.clone().set_align(FormatAlign::Right) } else { bold.clone() };
        sheet.write_string_with_format(HEAD, n, column, &format)?;
        let widest = table.rows.iter().filter_map(|row| row.words.get(usize::from(n))).map(String::as_str).chain([column.as_str()]).map(width).max();
        sheet.set_column_width(n, f64::from(widest.unwrap_or_default() + 2))?;
    }
    let mut below = HEAD + 1;
    for row in &table.rows {
        line(sheet, below, row)?;
        below += 1;
    }
    if table.rows.is_empty() {
        sheet.write_string(below, 0, &table.empty)?;
        below += 1;
    }
    Ok(below)
}

fn line(sheet: &mut Worksheet, at: u32, row: &Line) -> Result<(), XlsxError> {
    let plain = if row.is_sum { Format::new().set_bold().set_border_top(FormatBorder::Thin) } else { Format::new() };
    let change = plain.clone().set_num_format("+0;-0;±0").set_align(FormatAlign::Right);
    for (column, word) in (0..).zip(&row.words) {
        sheet.write_string_with_format(at, column, word, &plain)?;
    }
    for (column, count) in (u16::try_from(row.words.len()).unwrap_or(u16::MAX)..).zip(&row.counts) {
        // A count of people is far below 2^53, up to which a spreadsheet's numbers are exact.
        sheet.write_number_with_format(at, column, count.n as f64, if count.is_change { &change } else { &plain })?;
    }
    Ok(())
}

/// The width of a text in characters of a spreadsheet; a Chinese one takes two.
fn width(text: &str) -> u16 {
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum()
}
