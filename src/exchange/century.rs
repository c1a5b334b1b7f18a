//! Two-digit years, as machine-readable zones and airline messages write them. Nothing is assumed of today: a birth is the
//! latest that is not after the landing, a date of expiry the one nearest to it.

use chrono::{Datelike, NaiveDate};

/// The date of birth that `YYMMDD` means for somebody who landed on `landed_on`; none if it names no day.
pub(super) fn born(yymmdd: &str, landed_on: NaiveDate) -> Option<NaiveDate> {
    let century = landed_on.year().div_euclid(100);
    [century, century - 1].into_iter().find_map(|century| date(century, yymmdd).filter(|born| *born <= landed_on))
}

/// The date of expiry that `YYMMDD` means for a document used on `landed_on`; none if it names no day.
pub(super) fn expires(yymmdd: &str, landed_on: NaiveDate) -> Option<NaiveDate> {
    let century = landed_on.year().div_euclid(100);
    let near = [century, century + 1, century - 1].into_iter().filter_map(|century| date(century, yymmdd));
    near.min_by_key(|date| (*date - landed_on).num_days().abs())
}

fn date(century: i32, yymmdd: &str) -> Option<NaiveDate> {
    if yymmdd.len() != 6 || !yymmdd.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    NaiveDate::from_ymd_opt(century * 100 + yymmdd[..2].parse::<i32>().ok()?, yymmdd[2..4].parse().ok()?, yymmdd[4..].parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_is_the_latest_that_is_not_after_the_landing() {
        let landed_on = NaiveDate::from_ymd_opt(2020, 9, 12).unwrap();
        for (text, meant) in [
            ("200912", Some("2020-09-12")),
            ("200913", Some("1920-09-13")),
            ("740812", Some("1974-08-12")),
            ("000229", Some("2000-02-29")),
            ("201301", None),
            ("2O0101", None),
            ("", None),
        ] {
            assert_eq!(born(text, landed_on).map(|date| date.to_string()).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn an_expiry_is_the_one_nearest_to_the_landing() {
        let landed_on = NaiveDate::from_ymd_opt(1999, 12, 31).unwrap();
        assert_eq!(expires("040415", landed_on).map(|date| date.to_string()).as_deref(), Some("2004-04-15"));
        assert_eq!(expires("980415", landed_on).map(|date| date.to_string()).as_deref(), Some("1998-04-15"));
    }
}
