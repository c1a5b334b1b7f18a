//! What pages call things: places, organisations, days, times, people, in the language of the reader.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::access::mask;
use crate::arrivals::Identity;
use crate::base::time::civil_date;
pub use crate::base::time::clock;
use crate::base::{Id, Language, Message};
use crate::places::{Organisation, Organisations, Places};

/// What people call a place: in Chinese with its province, 江苏苏州.
pub fn place(places: &Places, code: &str, language: Language) -> String {
    places.called(code, language)
}

/// The name of a province alone.
pub fn province(places: &Places, code: &str, language: Language) -> String {
    places.province_called(code, language)
}

/// The name of an organisation.
pub fn organisation(organisation: &Organisation, language: Language) -> String {
    organisation.name_in(language).to_owned()
}

/// The name of the organisation with this id; its id if it is not among those in force.
pub fn organisation_of(organisations: &Organisations, id: Id<Organisation>, language: Language) -> String {
    organisations.with_id(id).map_or_else(|| id.to_string(), |one| organisation(one, language))
}

/// The name of the organisation with this code; the code if it is not among those in force.
pub fn organisation_named(organisations: &Organisations, code: &str, language: Language) -> String {
    organisations.get(code).map_or_else(|| code.to_owned(), |one| organisation(one, language))
}

/// A day with its weekday: 9月15日 星期二.
pub fn day(on: NaiveDate, language: Language) -> String {
    let weekday = language.text(&format!("weekday_short_{}", on.format("%u")));
    let named = Message::new("day_named").with("month", on.format("%-m")).with("month_en", on.format("%b"));
    named.with("day", on.format("%-d")).with("weekday", weekday).text(language)
}

/// A time of day, with the day if that is not `today`.
pub fn moment(at: DateTime<Utc>, today: NaiveDate, language: Language) -> String {
    let on = civil_date(at);
    if on == today { clock(at) } else { format!("{} {}", day(on, language), clock(at)) }
}

/// A length of time in hours and minutes.
pub fn length(of: TimeDelta, language: Language) -> String {
    let minutes = of.num_minutes().max(0);
    Message::new("length_of_time").with("hours", minutes / 60).with("minutes", minutes % 60).text(language)
}

/// A name as lists show it: masked, in the script that the person is called by.
pub fn masked(identity: Option<&Identity>) -> String {
    identity.map_or_else(|| "—".to_owned(), |identity| mask::name(identity.shown_name()))
}
