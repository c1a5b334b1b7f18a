//! The header of a table: which column stands where, under the name the file gives it, and what the table is about.

use crate::arrivals::draft::Column;
use crate::base::Message;
use crate::base::draft::{ColumnSet, Problem, ProblemCode, plain};
use crate::exchange::Unreadable;
use crate::fleet::draft::{StaffColumn, VehicleColumn};

/// A row that names so many known columns is the header.
const KNOWN_ENOUGH: usize = 3;

/// One of the first rows of a table, with its line: the header is among them.
pub(super) type Named = (u64, Vec<String>);

/// What a table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Travellers,
    Results,
    Vehicles,
    Staff,
}

impl About {
    /// Tells it from the first rows. A flight or a document is about people who travel, whatever else is named; then a plate or a badge tells.
    pub(super) fn of(top: &[Named]) -> Self {
        let (people, vehicles, staff) = (Header::<Column>::among(top), Header::<VehicleColumn>::among(top), Header::<StaffColumn>::among(top));
        if people.has(Column::SampledAt) && people.has(Column::TestOutcome) {
            Self::Results
        } else if people.has(Column::FlightNo) || people.has(Column::DocNo) {
            Self::Travellers
        } else if vehicles.has(VehicleColumn::Plate) && vehicles.understood() >= staff.understood() {
            Self::Vehicles
        } else if staff.has(StaffColumn::Badge) {
            Self::Staff
        } else {
            Self::Travellers
        }
    }
}

/// The names of a table's columns, in the file's words, and what they mean to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header<C> {
    /// Where it stands.
    pub line: u64,
    names: Vec<String>,
    columns: Vec<Option<C>>,
}

impl<C: ColumnSet> Header<C> {
    /// Finds the header among the first rows: it may stand under a title. If none of them is one, the first is taken at its word.
    pub(super) fn among(top: &[Named]) -> Self {
        let mut headers = top.iter().map(|(line, names)| Self::of(*line, names));
        let first = headers.next().unwrap_or_else(|| Self::of(1, &[]));
        if first.understood() >= KNOWN_ENOUGH { first } else { headers.find(|header| header.understood() >= KNOWN_ENOUGH).unwrap_or(first) }
    }

    /// Understands the names of a header row. Order, case, spaces and width of the letters do not matter.
    fn of(line: u64, names: &[String]) -> Self {
        let names: Vec<String> = names.iter().map(|name| plain(name.into()).into_owned()).collect();
        let columns = names.iter().map(|name| meaning(name)).collect();
        Self { line, names, columns }
    }

    /// How many columns it has a meaning for.
    fn understood(&self) -> usize {
        self.columns.iter().flatten().count()
    }

    /// Number of columns, known or not.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// Which of its columns hold dates or times.
    pub(super) fn times(&self) -> Vec<bool> {
        self.columns.iter().map(|column| column.is_some_and(C::is_time)).collect()
    }

    /// The name at a place; a column without one is called by its number.
    pub(super) fn name(&self, at: usize) -> String {
        self.names.get(at).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| format!("#{}", at + 1))
    }

    /// The name the file gives a column.
    pub(super) fn name_of(&self, column: C) -> Option<&str> {
        self.columns.iter().position(|known| *known == Some(column)).map(|at| self.names[at].as_str())
    }

    fn has(&self, column: C) -> bool {
        self.columns.contains(&Some(column))
    }

    /// What stands at a place.
    pub(super) fn column(&self, at: usize) -> Option<C> {
        self.columns.get(at).copied().flatten()
    }

    /// The columns that have a name and no meaning.
    pub(super) fn unknown(&self) -> impl Iterator<Item = Problem> {
        let unknown = self.names.iter().zip(&self.columns).filter(|(name, column)| column.is_none() && !name.is_empty());
        unknown.map(|(name, _)| Problem {
            line: self.line,
            column: Some(name.clone()),
            code: ProblemCode::UnknownColumn,
            message: Message::new("unknown_column").with("column", name),
        })
    }

    /// The header with a meaning for only some columns; the others become notes.
    pub(super) fn with_only(mut self, ours: impl Fn(&C) -> bool) -> Self {
        self.columns.iter_mut().for_each(|column| *column = column.filter(&ours));
        self
    }

    /// Refuses a header that names a column twice or lacks a required one; where several do, it names the first.
    pub(super) fn check(&self, required: &[&[C]]) -> Result<(), Unreadable> {
        let refuse = |column, message| Err(Unreadable::problem(self.line, column, ProblemCode::BadHeader, message));
        for (at, column) in self.columns.iter().enumerate() {
            if column.is_some() && self.columns[..at].contains(column) {
                return refuse(Some(self.name(at)), Message::new("header_names_column_twice").with("column", self.name(at)));
            }
        }
        let missing = required.iter().filter(|any| !any.iter().any(|column| self.has(*column)));
        let missing: Vec<String> = missing.filter_map(|any| any.first().copied().map(both_names)).collect();
        if missing.is_empty() { Ok(()) } else { refuse(None, Message::new("header_lacks_columns").with("columns", missing.join(", "))) }
    }
}

fn both_names(column: impl ColumnSet) -> String {
    let (chinese, english) = column.names();
    format!("{chinese} ({english})")
}

fn meaning<C: ColumnSet>(name: &str) -> Option<C> {
    let bare: String = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*')).flat_map(char::to_lowercase).collect();
    C::ALL.iter().copied().find(|column| {
        let (chinese, english) = column.names();
        bare == chinese || column.aliases().contains(&bare.as_str()) || bare.chars().eq(english.chars().filter(|c| *c != '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: &[&[Column]] = &[&[Column::LandedAt], &[Column::Name, Column::NameLatin]];

    fn top(names: &str) -> Vec<Named> {
        vec![(1, names.split(',').map(str::to_owned).collect())]
    }

    fn header(names: &str) -> Header<Column> {
        Header::among(&top(names))
    }

    #[test]
    fn headers_are_understood_in_both_languages_and_any_spelling() {
        let header = header("\u{feff}航班号, PORT ,Landed At,英文 姓名,*证件号码,ｄｅｓｔｉｎａｔｉｏｎ,备注,");
        assert!(header.check(REQUIRED).is_ok());
        assert_eq!(header.name_of(Column::LandedAt), Some("Landed At"));
        assert_eq!((header.column(6), header.name(6).as_str(), header.name(7).as_str()), (None, "备注", "#8"));
        let unknown: Vec<_> = header.unknown().filter_map(|warning| warning.column).collect();
        assert_eq!(unknown, ["备注"]);
    }

    #[test]
    fn a_missing_or_repeated_column_is_named() {
        let Err(Unreadable::Problem(problem)) = header("航班号,口岸,姓名,证件号码,目的地").check(REQUIRED) else { panic!("accepted") };
        assert_eq!((problem.code, problem.message.to_string().contains("落地时间 (landed_at)")), (ProblemCode::BadHeader, true));
        let Err(Unreadable::Problem(problem)) = header("航班号,口岸,落地时间,姓名,证件号码,目的地,doc_no").check(REQUIRED) else {
            panic!("accepted")
        };
        assert_eq!(problem.column.as_deref(), Some("doc_no"));
    }

    #[test]
    fn what_a_table_is_about_is_told_by_its_header() {
        for (names, about) in [
            ("航班号,口岸,落地时间,姓名,证件号码,目的地", About::Travellers),
            ("航班号,口岸,姓名,车牌号,座位数,车型", About::Travellers),
            ("doc_no,sampled_at,kind,result", About::Results),
            ("单位,车型,车牌号,座位数", About::Vehicles),
            ("plate,kind,seats,organisation", About::Vehicles),
            ("车牌号,备注", About::Vehicles),
            ("姓名,工号,岗位,单位", About::Staff),
            ("badge,name,role,organisation,plate", About::Staff),
            ("a,b,c", About::Travellers),
        ] {
            assert_eq!(About::of(&top(names)), about, "{names}");
        }
    }
}
