//! A laboratory's result, read and checked, before anybody knows whose it is.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::arrivals::document::Document;
use crate::arrivals::draft::document::document;
use crate::arrivals::draft::{Cells, Column, Fault};
use crate::base::draft::{ProblemCode, Reading, or_bad_value};
use crate::base::{Message, time};

/// What was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestKind {
    /// 核酸.
    NucleicAcid,
    /// 抗体.
    Antibody,
}

impl TestKind {
    /// Reads the Chinese or the English word.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "核酸" | "核酸检测" => Self::NucleicAcid,
            "抗体" | "抗体检测" => Self::Antibody,
            _ => return [Self::NucleicAcid, Self::Antibody].into_iter().find(|kind| text.eq_ignore_ascii_case(kind.as_str())),
        })
    }

    /// Reads the stable English word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::NucleicAcid, Self::Antibody].into_iter().find(|kind| kind.as_str() == name)
    }

    /// The stable English word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NucleicAcid => "nucleic_acid",
            Self::Antibody => "antibody",
        }
    }
}

/// What was found; the worse is the greater. No result is not negative, so there is no word for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestOutcome {
    /// 阴性.
    Negative,
    /// 可疑.
    Indeterminate,
    /// 阳性.
    Positive,
}

impl TestOutcome {
    /// Reads the Chinese or the English word.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "阴性" | "-" => Self::Negative,
            "阳性" | "+" => Self::Positive,
            "可疑" => Self::Indeterminate,
            _ => return [Self::Negative, Self::Positive, Self::Indeterminate].into_iter().find(|outcome| text.eq_ignore_ascii_case(outcome.as_str())),
        })
    }

    /// Reads the stable English word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Negative, Self::Positive, Self::Indeterminate].into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// The stable English word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Positive => "positive",
            Self::Indeterminate => "indeterminate",
        }
    }
}

/// One result as the laboratory reports it. It names a document, not a nationality.
#[derive(Clone, PartialEq, Eq)]
pub struct TestResultDraft {
    /// Whose sample it was.
    pub document: Document,
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// What was looked for.
    pub kind: TestKind,
    /// What was found.
    pub outcome: TestOutcome,
    /// The laboratory.
    pub lab: Option<String>,
    /// What stood under headers that mean nothing to us.
    pub notes: Vec<(String, String)>,
}

impl TestResultDraft {
    /// Reads one row.
    ///
    /// # Errors
    /// Every fault of the row.
    pub fn read(cells: Cells<'_>) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading::of(&cells);
        let document = document(&mut reading);
        let sampled_at =
            reading.required(Column::SampledAt, |text| time::parse_instant(text).ok_or((ProblemCode::BadDate, Message::new("instant_unreadable"))));
        let kind = reading.required(Column::TestKind, |text| or_bad_value(TestKind::parse(text), "test_kind_unknown"));
        let outcome = reading.required(Column::TestOutcome, |text| or_bad_value(TestOutcome::parse(text), "test_outcome_unknown"));
        let lab = reading.text(Column::Lab);
        match (document, sampled_at, kind, outcome) {
            (Some(document), Some(sampled_at), Some(kind), Some(outcome)) if reading.faults.is_empty() => {
                Ok(Self { document, sampled_at, kind, outcome, lab, notes: cells.notes })
            }
            _ => Err(reading.faults),
        }
    }
}

/// Health is personal: shows when and which kind of test only.
impl fmt::Debug for TestResultDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestResultDraft").field("sampled_at", &self.sampled_at).field("kind", &self.kind).finish_non_exhaustive()
    }
}
