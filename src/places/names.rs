//! How people write places: with or without the province, with or without 市, 区, 县, full-width, spaced, in pinyin.
//! Every accepted way of writing is one key of a hash map; no spelling is guessed, and a name that two places share finds both.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Adcode, Level, Place};

/// The endings that are left off in speech, longest first.
const ENDINGS: [&str; 14] =
    ["维吾尔自治区", "特别行政区", "壮族自治区", "回族自治区", "畲族自治县", "自治区", "自治州", "新区", "地区", "省", "市", "区", "县", "盟"];

/// What a bare name is taken for first: the port's own districts, the provinces and the prefectures of the three provinces before prefectures
/// elsewhere, and all of these before counties. (普陀区 on a Shanghai roster is Shanghai's, not Zhoushan's.) In pinyin nothing goes before anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Provinces, and what `places.csv` lists.
    First,
    /// Prefectures of other provinces.
    OtherCity,
    /// Counties.
    County,
}

/// Every way of writing, each with the places it may mean.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<Box<str>, (Rank, Vec<Adcode>)>);

impl Names {
    /// The places that a normalised text may mean; none if it is no name.
    pub(super) fn find(&self, text: &str) -> &[Adcode] {
        self.0.get(text).map_or(&[], |(_, found)| found)
    }

    /// Learns the ways of writing `place` (meant by them: `code`), whose province and, for a county, city are given.
    pub(super) fn learn(&mut self, place: &Place, code: Adcode, rank: Rank, province: &Place, city: Option<&Place>) {
        let own = spoken(&place.name_zh);
        for name in &own {
            self.add(Cow::Borrowed(name), rank, code);
        }
        if place.level != Level::Province {
            let provinces = spoken(&province.name_zh);
            let cities = city.map_or_else(Vec::new, |city| spoken(&city.name_zh));
            for name in &own {
                provinces.iter().for_each(|above| self.add(Cow::Owned(format!("{above}{name}")), rank, code));
                for city in &cities {
                    self.add(Cow::Owned(format!("{city}{name}")), rank, code);
                    provinces.iter().for_each(|above| self.add(Cow::Owned(format!("{above}{city}{name}")), rank, code));
                }
            }
        }
        self.learn_english(place, code, province);
    }

    fn learn_english(&mut self, place: &Place, code: Adcode, province: &Place) {
        let (Some(name), Some(above)) = (&place.name_en, &province.name_en) else { return };
        let short = bare_english(name);
        let above = bare_english(above);
        let endings: &[&str] = match place.level {
            Level::Province => &["", "province", "municipality", "city"],
            Level::City => &["", "city"],
            Level::District | Level::County => &["", "district", "newarea"],
        };
        for ending in endings {
            let own = format!("{short}{ending}");
            if place.level != Level::Province {
                for qualified in [format!("{own}{above}"), format!("{above}{own}"), format!("{own}{above}province"), format!("{above}province{own}")] {
                    self.add(Cow::Owned(qualified), Rank::First, code);
                }
            }
            self.add(Cow::Owned(own), Rank::First, code);
        }
    }

    fn add(&mut self, name: Cow<'_, str>, rank: Rank, code: Adcode) {
        let (known, found) = self.0.entry(name.into()).or_insert((rank, Vec::new()));
        if rank < *known {
            (*known, *found) = (rank, vec![code]);
        } else if rank == *known && !found.contains(&code) {
            found.push(code);
            found.sort_unstable();
        }
    }
}

/// The full name, and the name without its ending if at least two characters remain (泾县 is never 泾).
fn spoken(name: &str) -> Vec<&str> {
    let short = short(name);
    if short == name { vec![name] } else { vec![name, short] }
}

/// The name as people say it, without its ending.
pub(super) fn short(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|short| short.chars().count() >= 2).unwrap_or(name)
}

fn bare_english(name: &str) -> String {
    let name = [" Municipality", " Province", " District", " New Area"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    normal(name).into_owned()
}

/// Full-width forms made narrow, spaces, commas, hyphens and apostrophes left out, Latin letters small. Borrows when nothing is to be done.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| normal_char(c) == Some(c)) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter_map(normal_char).collect()) }
}

fn normal_char(c: char) -> Option<char> {
    let narrow = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let left_out = narrow.is_whitespace() || matches!(narrow, ',' | '-' | '/' | '\'' | '’' | '‘' | '、' | '·' | '\u{FEFF}' | '\u{200B}');
    (!left_out).then(|| narrow.to_ascii_lowercase())
}
