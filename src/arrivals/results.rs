//! Laboratory results: what was looked for, what was found.

/// What a test looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestKind {
    /// 核酸.
    NucleicAcid,
    /// 抗体.
    Antibody,
}

/// What a test found; the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestOutcome {
    /// 阴性.
    Negative,
    /// 可疑.
    Indeterminate,
    /// 阳性.
    Positive,
}

impl TestKind {
    /// Reads the name of the database.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "nucleic_acid" => Some(Self::NucleicAcid),
            "antibody" => Some(Self::Antibody),
            _ => None,
        }
    }
}

impl TestOutcome {
    /// Reads the name of the database.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "negative" => Some(Self::Negative),
            "indeterminate" => Some(Self::Indeterminate),
            "positive" => Some(Self::Positive),
            _ => None,
        }
    }
}
