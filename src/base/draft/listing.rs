//! A table on its way into a file: the other direction of a draft, in the same columns.

use super::ColumnSet;
use crate::base::Language;

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A text; an empty one is an empty cell.
    Text(String),
    /// A number.
    Number(i32),
}

impl<T: Into<String>> From<T> for Field {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What it lists, in the language of the reader.
    pub name: String,
    /// The names of its columns, in that language.
    pub header: Vec<&'static str>,
    /// Its rows, each as wide as the header.
    pub rows: Vec<Vec<Field>>,
}

impl Listing {
    /// Rows under all the columns of a set, in their order.
    pub fn of<C: ColumnSet>(name: String, rows: Vec<Vec<Field>>, language: Language) -> Self {
        let header = |column: &C| {
            let (chinese, english) = column.names();
            if language == Language::En { english } else { chinese }
        };
        Self { name, header: C::ALL.iter().map(header).collect(), rows }
    }
}
