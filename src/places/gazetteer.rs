//! The gazetteer: every place we can name, and the reading of a destination from what somebody wrote.
//! A destination is either found for certain or refused; a name that could mean two cities is never decided here.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::names::{Names, Rank, normal, short};
use super::{Adcode, Destination, Level, Place, Position, Road, Unresolved, table};
use crate::base::{Language, Message, Result};

/// The texts a gazetteer is read from, each the content of the file of that name in `config/`.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// `places.csv`: Shanghai, the three provinces, their districts and cities, with distances.
    pub places: &'a str,
    /// `provinces.csv`: all provinces.
    pub provinces: &'a str,
    /// `cities.csv`: prefectures of the other provinces.
    pub cities: &'a str,
    /// `counties.csv`: counties of the three provinces, and withdrawn codes with their successors.
    pub counties: &'a str,
}

impl Texts<'static> {
    /// The texts that are part of the program.
    pub const EMBEDDED: Self = Self {
        places: include_str!("../../config/places.csv"),
        provinces: include_str!("../../config/provinces.csv"),
        cities: include_str!("../../config/cities.csv"),
        counties: include_str!("../../config/counties.csv"),
    };
}

/// All places, by code and by name.
#[derive(Debug)]
pub struct Places {
    by_code: HashMap<Adcode, Place>,
    successors: HashMap<Adcode, Adcode>,
    /// Provinces whose districts or cities are all listed: a destination there must name one.
    detailed: HashSet<Adcode>,
    names: Names,
}

impl Places {
    /// The gazetteer that is part of the program.
    ///
    /// # Errors
    /// As [`Places::read`]; a test reads it, so only a broken build fails here.
    pub fn embedded() -> Result<Self> {
        Self::read(&Texts::EMBEDDED)
    }

    /// Reads a gazetteer.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::base::Error::Invalid): the field names the file and line (`places.csv:12`), the message the fault.
    pub fn read(texts: &Texts<'_>) -> Result<Self> {
        let mut places = Self { by_code: HashMap::new(), successors: HashMap::new(), detailed: HashSet::new(), names: Names::default() };
        for (at, row) in table::rows::<ProvinceRow>("provinces.csv", texts.provinces)? {
            places.insert(&at, Rank::First, Place::named(row.adcode, Level::Province, row.name_zh, Some(row.name_en)))?;
        }
        for (at, row) in table::rows::<PlaceRow>("places.csv", texts.places)? {
            let place = row.place();
            if place.level != Level::Province {
                places.detailed.insert(place.province);
            }
            places.insert(&at, Rank::First, place)?;
        }
        for (at, row) in table::rows::<CityRow>("cities.csv", texts.cities)? {
            places.insert(&at, Rank::OtherCity, Place::named(row.adcode, Level::City, row.name_zh, None))?;
        }
        let mut withdrawn = Vec::new();
        for (at, row) in table::rows::<CountyRow>("counties.csv", texts.counties)? {
            let county = Place::named(row.adcode, Level::County, row.name_zh, row.name_en);
            match row.now {
                None => places.insert(&at, Rank::County, county)?,
                Some(now) => withdrawn.push((at, county, now)),
            }
        }
        withdrawn.into_iter().try_for_each(|(at, county, now)| places.withdraw(&at, &county, now))?;
        Ok(places)
    }

    /// The place with exactly this code, or the one that took its place.
    pub fn get(&self, code: Adcode) -> Option<&Place> {
        self.by_code.get(self.successors.get(&code).unwrap_or(&code))
    }

    /// Every place, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.by_code.values()
    }

    /// What a person calls a place: province and name without their endings, 江苏苏州. The code itself, if nothing is known of it.
    pub fn spoken(&self, code: Adcode) -> String {
        let Some(place) = self.get(code) else { return code.to_string() };
        match self.get(place.province) {
            Some(province) if province.adcode != place.adcode => format!("{}{}", short(&province.name_zh), short(&place.name_zh)),
            _ => short(&place.name_zh).to_owned(),
        }
    }

    /// What a place is called on pages and papers: in Chinese with its province, 江苏苏州; in English `Suzhou, Jiangsu`. A text that is no code
    /// stays as it is.
    pub fn called(&self, code: &str, language: Language) -> String {
        let Ok(code) = code.parse() else { return code.to_owned() };
        let english = || {
            let place = self.get(code)?;
            let name = place.name_en.clone()?;
            let province = self.get(place.province).filter(|province| province.adcode != place.adcode);
            let province = province.and_then(|province| province.name_en.as_deref()).map(|name| name.split(' ').next().unwrap_or(name));
            Some(province.map_or_else(|| name.clone(), |province| format!("{name}, {province}")))
        };
        if language == Language::En { english().unwrap_or_else(|| self.spoken(code)) } else { self.spoken(code) }
    }

    /// What a province is called alone.
    pub fn province_called(&self, code: &str, language: Language) -> String {
        let known = code.parse().ok().and_then(|code| self.get(code));
        let english = known.and_then(|place| place.name_en.as_deref()).map(|name| name.trim_end_matches(" Province").trim_end_matches(" Municipality"));
        match (language, english) {
            (Language::En, Some(name)) => name.to_owned(),
            _ => self.called(code, Language::Zh),
        }
    }

    /// Reads a destination from what somebody wrote: a code of any level, a Chinese name with or without the province, an English name that
    /// only one place has. A county we do not know falls to its city; in Shanghai nothing falls, because the district decides who receives.
    ///
    /// # Errors
    /// [`Unresolved`] if nothing, or more than one place, has that name.
    pub fn resolve(&self, text: &str) -> Result<Destination, Unresolved> {
        let text = text.trim();
        let name = normal(text);
        if let Some(code) = Adcode::read(&name) {
            return self.destination(code).ok_or_else(|| Unresolved::Unknown { text: text.to_owned() });
        }
        let found = match self.names.find(&name) {
            [] => self.longest_beginning(&name),
            found => found,
        };
        match *found {
            [code] => self.destination(code),
            [] => None,
            _ => return Err(Unresolved::Ambiguous { text: text.to_owned(), candidates: found.to_vec(), names: self.told_apart(found) }),
        }
        .ok_or_else(|| Unresolved::Unknown { text: text.to_owned() })
    }

    /// The destination that a code names; none if no one could say who receives there.
    pub fn destination(&self, code: Adcode) -> Option<Destination> {
        let province = code.province();
        if let Some(place) = self.get(code) {
            let city = if place.level == Level::County { place.adcode.prefecture() } else { place.adcode };
            return Some(Destination { adcode: place.adcode, city, province: place.province });
        }
        self.get(province)?;
        let placeholder = matches!(code.digits() % 10_000, 100 | 200);
        match self.get(code.prefecture()) {
            Some(city) => Some(Destination { adcode: code, city: city.adcode, province }),
            None if !self.detailed.contains(&province) => Some(Destination { adcode: code, city: province, province }),
            // 310100 and 310200 stand for "the districts of" and "the counties of" Shanghai.
            None if placeholder => Some(Destination { adcode: province, city: province, province }),
            None => None,
        }
    }

    /// For a division below those we know (苏州工业园区, 昆山市花桥镇, 北京市朝阳区): the known place the text begins with. A beginning without
    /// its own ending counts only before a whole division, for 南京西路街道 is a street of Shanghai and not in Nanjing.
    fn longest_beginning(&self, text: &str) -> &[Adcode] {
        for (cut, _) in text.char_indices().rev() {
            let (beginning, rest) = text.split_at(cut);
            let found = self.names.find(beginning);
            let Some(first) = found.first().and_then(|code| self.get(*code)) else { continue };
            let too_coarse = first.level == Level::Province && self.detailed.contains(&first.adcode);
            let in_full = beginning.ends_with(['省', '市', '区', '县']) && rest.ends_with(['市', '区', '县', '镇', '乡', '道', '村']);
            let division = rest.ends_with(['市', '区', '县']) && !rest.ends_with("社区") && !rest.ends_with("小区");
            return if !too_coarse && (in_full || division) { found } else { &[] };
        }
        &[]
    }

    fn told_apart(&self, codes: &[Adcode]) -> Vec<String> {
        codes.iter().map(|code| format!("{} ({code})", self.spoken_with_city(*code))).collect()
    }

    fn spoken_with_city(&self, code: Adcode) -> String {
        match (self.get(code), self.get(code.prefecture())) {
            (Some(place), Some(city)) if place.level == Level::County => format!("{}{}", self.spoken(city.adcode), place.name_zh),
            _ => self.spoken(code),
        }
    }

    fn insert(&mut self, at: &str, rank: Rank, place: Place) -> Result<()> {
        let Self { by_code, names, .. } = self;
        if by_code.get(&place.adcode).is_some_and(|known| known.level != Level::Province || place.level != Level::Province) {
            return Err(table::fault(at, Message::new("place_twice").with("adcode", place.adcode)));
        }
        let province = if place.level == Level::Province { Some(&place) } else { by_code.get(&place.province) };
        let province = province.ok_or_else(|| table::fault(at, Message::new("place_without_province").with("adcode", place.adcode)))?;
        let city = by_code.get(&place.adcode.prefecture()).filter(|_| place.level == Level::County);
        if place.level == Level::County && city.is_none() {
            return Err(table::fault(at, Message::new("county_without_city").with("adcode", place.adcode)));
        }
        names.learn(&place, place.adcode, rank, province, city);
        by_code.insert(place.adcode, place);
        Ok(())
    }

    fn withdraw(&mut self, at: &str, county: &Place, now: Adcode) -> Result<()> {
        let Self { by_code, names, successors, .. } = self;
        let (Some(_), Some(province)) = (by_code.get(&now), by_code.get(&county.province)) else {
            return Err(table::fault(at, Message::new("successor_unknown").with("adcode", county.adcode).with("now", now)));
        };
        names.learn(county, now, Rank::County, province, by_code.get(&now.prefecture()));
        successors.insert(county.adcode, now);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvinceRow {
    adcode: Adcode,
    name_zh: String,
    name_en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CityRow {
    adcode: Adcode,
    name_zh: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountyRow {
    adcode: Adcode,
    name_zh: String,
    name_en: Option<String>,
    now: Option<Adcode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRow {
    adcode: Adcode,
    level: Level,
    name_zh: String,
    name_en: String,
    province_adcode: Option<Adcode>,
    lat: f64,
    lon: f64,
    road_km_pvg: Option<u16>,
    coach_min_pvg: Option<u16>,
    road_km_sha: Option<u16>,
    coach_min_sha: Option<u16>,
}

impl PlaceRow {
    fn place(self) -> Place {
        let road = |km: Option<u16>, minutes: Option<u16>| Some(Road { km: km?, minutes: minutes? });
        Place {
            province: self.province_adcode.unwrap_or(self.adcode),
            position: Some(Position { latitude: self.lat, longitude: self.lon }),
            from_pvg: road(self.road_km_pvg, self.coach_min_pvg),
            from_sha: road(self.road_km_sha, self.coach_min_sha),
            ..Place::named(self.adcode, self.level, self.name_zh, Some(self.name_en))
        }
    }
}
