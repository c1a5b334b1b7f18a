//! Civil time. Every date a person reads or writes here is a date in Asia/Shanghai; every stored instant is UTC.
//!
//! Shanghai has kept UTC+8 without summer time since 1991, long before the first policy, so the offset is a constant.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// UTC+8, the civil time of every place this system serves.
pub const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => panic!("eight hours is a valid offset"),
};

/// The calendar date in Shanghai at an instant.
pub fn civil_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&SHANGHAI).date_naive()
}

/// 00:00 in Shanghai on `date`.
pub fn midnight(date: NaiveDate) -> DateTime<Utc> {
    local(date.and_time(NaiveTime::MIN))
}

/// 24:00 in Shanghai on `date`: the midnight of the next day.
pub fn end_of(date: NaiveDate) -> DateTime<Utc> {
    midnight(date + Days::new(1))
}

/// The instant at which Shanghai's clocks show `local`.
pub fn local(local: NaiveDateTime) -> DateTime<Utc> {
    DateTime::from_naive_utc_and_offset(local - SHANGHAI, Utc)
}

/// Writes an instant as people here read it: RFC 3339 with Shanghai's offset, seconds.
pub fn in_shanghai(at: DateTime<Utc>) -> String {
    at.with_timezone(&SHANGHAI).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// The time of day in Shanghai, `14:10`.
pub fn clock(at: DateTime<Utc>) -> String {
    at.with_timezone(&SHANGHAI).format("%H:%M").to_string()
}

/// Reads an instant: RFC 3339, or a local date and time (`2020-09-12 00:10`, `2020/9/12 0:10:30`, `2020-09-12T00:10`).
/// A local one is Shanghai's.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let (date, time) = text.split_once(['T', ' '])?;
    let time = time.trim();
    let time = ["%H:%M:%S", "%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?;
    Some(local(parse_date(date)?.and_time(time)))
}

/// Reads a date: `2020-09-12`, `2020/9/12`, `2020.9.12`, `20200912` or `2020年9月12日`.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let text = text.strip_suffix('日').unwrap_or(text);
    let mut parts = text.split(['-', '/', '.', '年', '月']);
    let mut part = || parts.next().filter(|part| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = (part()?, part()?, part()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_before_midnight_belongs_to_the_day_before() {
        let eve = parse_instant("2020-09-11 23:59:59").unwrap();
        let day = parse_instant("2020-09-12T00:00:00").unwrap();
        assert_eq!(civil_date(eve).to_string(), "2020-09-11");
        assert_eq!(civil_date(day).to_string(), "2020-09-12");
        assert_eq!(midnight(civil_date(day)), day);
        assert_eq!(in_shanghai(day), "2020-09-12T00:00:00+08:00");
    }

    #[test]
    fn dates_are_read_in_the_forms_people_write() {
        for form in ["2020-09-02", "2020/9/2", "2020.09.02", "20200902", "2020年9月2日", " 2020-9-2 "] {
            assert_eq!(parse_date(form).map(|date| date.to_string()).as_deref(), Some("2020-09-02"), "{form}");
        }
        for form in ["2020-13-45", "02/09/2020", "2020-09", "", "2020-09-02-01", "２０２０-09-02", "20-9-2"] {
            assert_eq!(parse_date(form), None, "{form}");
        }
        assert_eq!(parse_instant("2020-13-45 99:99"), None);
        assert_eq!(parse_instant("2020-09-11T16:00:00Z"), parse_instant("2020-09-12 0:00"));
    }
}
