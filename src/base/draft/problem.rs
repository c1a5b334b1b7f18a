//! What is wrong with a file, a row or a field, in the words of the contract.

use crate::base::Message;

/// The stable code of a problem or a warning; scripts rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// A required field is empty.
    MissingField,
    /// Not a date or time, or one that cannot be (born after landing).
    BadDate,
    /// A resident number whose check character does not agree.
    DocumentCheckDigit,
    /// A document number that its kind cannot have, or an unknown kind.
    BadDocument,
    /// A destination that two places share.
    AmbiguousDestination,
    /// A destination that no place has.
    UnknownDestination,
    /// A port of entry that the settings do not name.
    UnknownPort,
    /// The same person on the same flight, or the same vehicle or staff member, twice in one file.
    DuplicateRow,
    /// A value that its field cannot have.
    BadValue,
    /// An organisation that does not exist for whoever imports.
    UnknownOrganisation,
    /// A vehicle or a staff member of somebody whom whoever imports does not answer for.
    KnownElsewhere,
    /// A header that lacks a required column or has one twice.
    BadHeader,
    /// Bytes that are no text.
    BadEncoding,
    /// A message that counts itself otherwise than it is.
    CountMismatch,
    /// A file or a row that was cut off.
    Truncated,
    /// Warning: the name is known with another document.
    SameNameOtherPerson,
    /// Warning: the person is known with an earlier document.
    RenewedDocument,
    /// Warning: nobody has said where the person is bound for.
    DestinationMissing,
    /// Warning: a test result for nobody known.
    UnknownPerson,
    /// Warning: a column that means nothing here and was passed over.
    UnknownColumn,
}

impl ProblemCode {
    /// The code as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingField => "missing_field",
            Self::BadDate => "bad_date",
            Self::DocumentCheckDigit => "document_check_digit",
            Self::BadDocument => "bad_document",
            Self::AmbiguousDestination => "ambiguous_destination",
            Self::UnknownDestination => "unknown_destination",
            Self::UnknownPort => "unknown_port",
            Self::DuplicateRow => "duplicate_row",
            Self::BadValue => "bad_value",
            Self::UnknownOrganisation => "unknown_organisation",
            Self::KnownElsewhere => "known_elsewhere",
            Self::BadHeader => "bad_header",
            Self::BadEncoding => "bad_encoding",
            Self::CountMismatch => "count_mismatch",
            Self::Truncated => "truncated",
            Self::SameNameOtherPerson => "same_name_other_person",
            Self::RenewedDocument => "renewed_document",
            Self::DestinationMissing => "destination_missing",
            Self::UnknownPerson => "unknown_person",
            Self::UnknownColumn => "unknown_column",
        }
    }
}

/// A fault of one field, or (without a column) of the whole row, before it is known where the row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<C> {
    /// The field.
    pub column: Option<C>,
    /// What kind of fault.
    pub code: ProblemCode,
    /// What to tell the person who made the file; never holds the value, which may be personal.
    pub message: Message,
}

/// A problem or a warning at its place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file, the header being 1; the row of a sheet; the number of a PAXLST segment, `UNB` being 1.
    pub line: u64,
    /// The header as the file has it, the tag of a PAXLST segment, or none for the whole row or file.
    pub column: Option<String>,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What to tell the person who made the file.
    pub message: Message,
}

/// One row of a file: a draft, or everything that keeps it from being one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<D> {
    /// Where it begins.
    pub line: u64,
    /// The draft, or at least one problem.
    pub outcome: Result<D, Vec<Problem>>,
}

/// What reading a file yields, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<D> {
    /// A row: one of those that are counted.
    Row(Row<D>),
    /// A problem of the file beside its rows: a count that does not agree, an end that is missing.
    Remark(Problem),
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The rows of the file.
    pub rows: u64,
    /// Not known before.
    pub new: u64,
    /// Known, and nothing new said.
    pub same: u64,
    /// Known, and something filled or changed.
    pub changed: u64,
    /// Not taken in; why is among the problems.
    pub rejected: u64,
    /// What must be corrected.
    pub problems: Vec<Problem>,
    /// What should be looked at.
    pub warnings: Vec<Problem>,
}
