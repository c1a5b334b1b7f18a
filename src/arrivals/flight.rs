//! The number of a flight, in one spelling however it was typed.

use std::fmt;

/// A flight number such as `MU588`: airline designator (IATA two characters or ICAO three letters), number without leading
/// zeros, and an operational suffix letter where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlightNo(String);

impl FlightNo {
    /// Reads `MU588`, `mu 588`, `MU-0588`, `9C8888`, `CES588`; none if it is not of that shape.
    pub fn parse(text: &str) -> Option<Self> {
        let mut plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        plain.make_ascii_uppercase();
        if !plain.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let three_letters = plain.len() > 3 && plain.bytes().take(3).all(|b| b.is_ascii_uppercase());
        let (airline, rest) = plain.split_at_checked(if three_letters { 3 } else { 2 })?;
        let digits = rest.strip_suffix(|c: char| c.is_ascii_uppercase()).unwrap_or(rest);
        let number: u16 = if digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok()? } else { return None };
        let lettered = airline.bytes().any(|b| b.is_ascii_uppercase());
        (number > 0 && lettered).then(|| Self(format!("{airline}{number}{}", &rest[digits.len()..])))
    }

    /// The number as it is written everywhere.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FlightNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flight_has_one_spelling() {
        for (typed, meant) in [
            ("MU588", "MU588"),
            ("mu 588", "MU588"),
            ("MU-0588", "MU588"),
            ("9c8888", "9C8888"),
            ("3U8633", "3U8633"),
            ("CES588", "CES588"),
            ("CA856D", "CA856D"),
        ] {
            assert_eq!(FlightNo::parse(typed).as_ref().map(FlightNo::as_str), Some(meant), "{typed}");
        }
        for typed in ["", "M", "MU", "MU0", "588", "MU58888", "MU5X8", "东航588", "MU588DD", "120"] {
            assert_eq!(FlightNo::parse(typed), None, "{typed}");
        }
    }
}
