//! Lists as files: separated text that spreadsheets know as UTF-8, or a workbook. What is read back is what was written.

use std::str::FromStr;

use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use crate::base::draft::{Field, Listing, guarded};
use crate::base::{Message, Result};

/// How a list can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated text, UTF-8 with its mark.
    Csv,
    /// A workbook of one sheet.
    Xlsx,
}

impl Format {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Writes a list.
    pub fn write(self, listing: &Listing) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Csv => text(listing).map_err(|fault| anyhow::anyhow!("a table in memory: {fault}"))?,
            Self::Xlsx => workbook(listing).map_err(|fault| anyhow::anyhow!("a workbook that cannot be written: {fault}"))?,
        })
    }
}

impl FromStr for Format {
    type Err = Message;

    /// Reads the ending of a file's name.
    fn from_str(ending: &str) -> Result<Self, Message> {
        let known = [Self::Csv, Self::Xlsx].into_iter().find(|format| ending.eq_ignore_ascii_case(format.ending()));
        known.ok_or_else(|| Message::new("list_format").with("ending", ending))
    }
}

fn text(listing: &Listing) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(&listing.header)?;
    for row in &listing.rows {
        for field in row {
            match field {
                Field::Text(text) => writer.write_field(guarded(text).as_bytes())?,
                Field::Number(number) => writer.write_field(number.to_string())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|fault| std::io::Error::other(fault.to_string()).into())
}

/// In a workbook a text is a text, whatever it begins with.
fn workbook(listing: &Listing) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name(&listing.name)?;
    let bold = CellFormat::new().set_bold();
    for (column, name) in (0..).zip(&listing.header) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
    }
    for (line, row) in (1..).zip(&listing.rows) {
        for (column, field) in (0..).zip(row) {
            match field {
                Field::Text(text) if text.is_empty() => {}
                Field::Text(text) => sheet.write_string(line, column, text).map(drop)?,
                Field::Number(number) => sheet.write_number(line, column, *number).map(drop)?,
            }
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    sheet.autofit();
    workbook.save_to_buffer()
}
