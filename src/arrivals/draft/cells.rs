//! The columns that rosters and laboratory files have, and the texts of one row under them.

use std::borrow::Cow;

/// A column that means something to us. Any other is kept as a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its two names in `Column::names`, which are the contract's")]
pub enum Column {
    FlightNo,
    Port,
    LandedAt,
    Name,
    NameLatin,
    Sex,
    BornOn,
    Nationality,
    DocType,
    DocNo,
    Phone,
    Seat,
    Party,
    Destination,
    Address,
    Health,
    SampledAt,
    TestKind,
    TestOutcome,
    Lab,
}

impl Column {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All, in the order of the contract; the place of each is `self as usize`.
    pub const ALL: [Self; 20] = [
        Self::FlightNo,
        Self::Port,
        Self::LandedAt,
        Self::Name,
        Self::NameLatin,
        Self::Sex,
        Self::BornOn,
        Self::Nationality,
        Self::DocType,
        Self::DocNo,
        Self::Phone,
        Self::Seat,
        Self::Party,
        Self::Destination,
        Self::Address,
        Self::Health,
        Self::SampledAt,
        Self::TestKind,
        Self::TestOutcome,
        Self::Lab,
    ];

    /// The Chinese and the English header of the contract.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::FlightNo => ("航班号", "flight_no"),
            Self::Port => ("口岸", "port"),
            Self::LandedAt => ("落地时间", "landed_at"),
            Self::Name => ("姓名", "name"),
            Self::NameLatin => ("英文姓名", "name_latin"),
            Self::Sex => ("性别", "sex"),
            Self::BornOn => ("出生日期", "born_on"),
            Self::Nationality => ("国籍", "nationality"),
            Self::DocType => ("证件类型", "doc_type"),
            Self::DocNo => ("证件号码", "doc_no"),
            Self::Phone => ("手机", "phone"),
            Self::Seat => ("座位", "seat"),
            Self::Party => ("同行组", "party"),
            Self::Destination => ("目的地", "destination"),
            Self::Address => ("详细地址", "address"),
            Self::Health => ("健康状况", "health"),
            Self::SampledAt => ("采样时间", "sampled_at"),
            Self::TestKind => ("检测类型", "kind"),
            Self::TestOutcome => ("结果", "result"),
            Self::Lab => ("检测机构", "lab"),
        }
    }

    /// Whether its values are dates or times, which a sheet may hold as serial numbers.
    pub fn is_time(self) -> bool {
        matches!(self, Self::LandedAt | Self::BornOn | Self::SampledAt)
    }

    /// Whether only a laboratory's file has it.
    pub fn is_of_tests(self) -> bool {
        matches!(self, Self::SampledAt | Self::TestKind | Self::TestOutcome | Self::Lab)
    }
}

/// The texts of one row, by column, and whatever stood under other headers.
#[derive(Clone, Default)]
pub struct Cells<'t> {
    texts: [Option<Cow<'t, str>>; Column::COUNT],
    /// Header and text of columns that mean nothing to us.
    pub notes: Vec<(String, String)>,
}

impl<'t> Cells<'t> {
    /// Puts a text under a column, as typed: spaces around it go, full-width letters and digits become plain ones. An empty
    /// text is none.
    pub fn set(&mut self, column: Column, text: Cow<'t, str>) {
        let text = plain(text);
        self.texts[column as usize] = (!text.is_empty()).then_some(text);
    }

    /// The text under a column; never empty.
    pub fn get(&self, column: Column) -> Option<&str> {
        self.texts[column as usize].as_deref()
    }
}

/// Trims, turns full-width forms (ＭＵ５８８, the ideographic space) into ASCII and drops the invisible marks that chat programs
/// and spreadsheets leave around numbers. Borrows whenever nothing changes.
pub fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    let changes = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}') || is_invisible(c);
    if !text.is_ascii() && text.contains(changes) {
        let folded: String = text.chars().filter(|c| !is_invisible(*c)).map(half_width).collect();
        return Cow::Owned(folded.trim().to_owned());
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_stands_at_its_own_place() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, place);
        }
    }

    #[test]
    fn full_width_and_invisible_characters_become_plain() {
        for (typed, meant) in
            [("　ＭＵ５８８ ", "MU588"), ("\u{202d}13561874381\u{202c}", "13561874381"), ("\u{feff}姓名", "姓名"), (" 高杰洲\t", "高杰洲"), ("", "")]
        {
            assert_eq!(plain(Cow::Borrowed(typed)), meant);
        }
        assert!(matches!(plain(Cow::Borrowed(" 高杰洲 ")), Cow::Borrowed("高杰洲")));
    }
}
