//! The columns that rosters of travellers and laboratory files have.

use crate::base::draft::ColumnSet;

/// A column that means something to us. Any other is kept as a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its two names, which are the contract's")]
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

    /// Whether only a laboratory's file has it.
    pub fn is_of_tests(self) -> bool {
        matches!(self, Self::SampledAt | Self::TestKind | Self::TestOutcome | Self::Lab)
    }
}

impl ColumnSet for Column {
    const ALL: &'static [Self] = &Self::ALL;

    fn place(self) -> usize {
        self as usize
    }

    fn names(self) -> (&'static str, &'static str) {
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

    fn is_time(self) -> bool {
        matches!(self, Self::LandedAt | Self::BornOn | Self::SampledAt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_stands_at_its_own_place() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column.place(), place);
        }
    }
}
