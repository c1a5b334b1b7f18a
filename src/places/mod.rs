//! Places and who answers for them.

/// An organisation 单位 that can answer for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation;
