//! The header of a table: which column stands where, under the name the file gives it.

use crate::arrivals::draft::cells::plain;
use crate::arrivals::draft::{Column, ProblemCode};
use crate::base::Message;
use crate::exchange::Unreadable;

/// The names of a table's columns, in the file's words, and what they mean to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Where it stands.
    pub line: u64,
    names: Vec<String>,
    columns: Vec<Option<Column>>,
}

impl Header {
    /// Understands the names of a header row. Order, case, spaces and width of the letters do not matter.
    pub(super) fn of(line: u64, names: Vec<String>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| plain(name.into()).into_owned()).collect();
        let columns = names.iter().map(|name| meaning(name)).collect();
        Self { line, names, columns }
    }

    /// How many columns it has a meaning for.
    pub(super) fn understood(&self) -> usize {
        self.columns.iter().flatten().count()
    }

    /// Number of columns, known or not.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// The name at a place; a column without one is called by its number.
    pub(super) fn name(&self, at: usize) -> String {
        self.names.get(at).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| format!("#{}", at + 1))
    }

    /// The name the file gives a column.
    pub(super) fn name_of(&self, column: Column) -> Option<&str> {
        self.columns.iter().position(|known| *known == Some(column)).map(|at| self.names[at].as_str())
    }

    /// What stands at a place.
    pub(super) fn column(&self, at: usize) -> Option<Column> {
        self.columns.get(at).copied().flatten()
    }

    /// Whether it is a laboratory's.
    pub(super) fn is_of_results(&self) -> bool {
        self.name_of(Column::SampledAt).is_some() && self.name_of(Column::TestOutcome).is_some()
    }

    /// Treats the columns that belong to the other kind of file as unknown, so that they become notes.
    pub(super) fn keep_only(&mut self, results: bool) {
        let ours = |column: &Column| if results { column.is_of_tests() || matches!(column, Column::DocType | Column::DocNo) } else { !column.is_of_tests() };
        self.columns.iter_mut().for_each(|column| *column = column.filter(ours));
    }

    /// Refuses a header that lacks a required column or names one twice.
    pub(super) fn check(&self, results: bool) -> Result<(), Unreadable> {
        const ROSTER: &[Column] = &[Column::FlightNo, Column::Port, Column::LandedAt, Column::Name, Column::DocNo, Column::Destination];
        const RESULTS: &[Column] = &[Column::DocNo, Column::SampledAt, Column::TestKind, Column::TestOutcome];
        let refuse = |column, message| Err(Unreadable::problem(self.line, column, ProblemCode::BadHeader, message));
        for (at, column) in self.columns.iter().enumerate() {
            if column.is_some() && self.columns[..at].contains(column) {
                return refuse(Some(self.name(at)), Message::new("header_names_column_twice").with("column", self.name(at)));
            }
        }
        let has = |column: &Column| self.columns.contains(&Some(*column)) || (*column == Column::Name && self.columns.contains(&Some(Column::NameLatin)));
        let missing: Vec<String> = (if results { RESULTS } else { ROSTER }).iter().filter(|column| !has(column)).map(|column| both_names(*column)).collect();
        if missing.is_empty() { Ok(()) } else { refuse(None, Message::new("header_lacks_columns").with("columns", missing.join(", "))) }
    }
}

fn both_names(column: Column) -> String {
    let (chinese, english) = column.names();
    format!("{chinese} ({english})")
}

fn meaning(name: &str) -> Option<Column> {
    let bare: String = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*')).flat_map(char::to_lowercase).collect();
    Column::ALL.into_iter().find(|column| {
        let (chinese, english) = column.names();
        bare == chinese || bare.chars().eq(english.chars().filter(|c| *c != '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str) -> Header {
        Header::of(1, names.split(',').map(str::to_owned).collect())
    }

    #[test]
    fn headers_are_understood_in_both_languages_and_any_spelling() {
        let header = header("\u{feff}航班号, PORT ,Landed At,英文 姓名,*证件号码,ｄｅｓｔｉｎａｔｉｏｎ,备注,");
        assert!(header.check(false).is_ok());
        assert_eq!(header.name_of(Column::LandedAt), Some("Landed At"));
        assert_eq!((header.column(6), header.name(6).as_str(), header.name(7).as_str()), (None, "备注", "#8"));
    }

    #[test]
    fn a_missing_or_repeated_column_is_named() {
        let Err(Unreadable::Problem(problem)) = header("航班号,口岸,姓名,证件号码,目的地").check(false) else { panic!("accepted") };
        assert_eq!((problem.code, problem.message.to_string().contains("落地时间 (landed_at)")), (ProblemCode::BadHeader, true));
        let Err(Unreadable::Problem(problem)) = header("航班号,口岸,落地时间,姓名,证件号码,目的地,doc_no").check(false) else {
            panic!("accepted")
        };
        assert_eq!(problem.column.as_deref(), Some("doc_no"));
    }
}
