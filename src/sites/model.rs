//! Beds of a night, and how parties are allotted to them. Knows numbers and codes only.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::base::{Id, Message};
use crate::places::{Organisation, OrganisationKind};

/// What a site has said of a night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// How many people it takes in.
    pub beds: i32,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A night of a site, named by the date on which people come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// The date.
    pub on: NaiveDate,
    /// What the site has said; none sets no limit, because nobody knows one.
    pub confirmed: Option<Confirmed>,
    /// How many beds trips were promised.
    pub promised: i64,
}

impl Night {
    /// How many more people may come; below nought if more were promised than there are. None if the site has said nothing.
    pub fn free(&self) -> Option<i64> {
        self.confirmed.as_ref().map(|confirmed| i64::from(confirmed.beds) - self.promised)
    }

    /// How many people were promised a bed that the site does not have.
    pub fn short(&self) -> i64 {
        self.free().map_or(0, |free| (-free).max(0))
    }
}

/// A site or a hub on one night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Which.
    pub site: Id<Organisation>,
    /// Its code.
    pub code: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// A site, or a hub.
    pub kind: OrganisationKind,
    /// Where it stands, six digits.
    pub place: String,
    /// How many people it takes in; none sets no limit.
    pub beds: Option<i64>,
    /// How many more people may come.
    pub free: Option<i64>,
}

/// Those of `rooms` that take in whoever is bound for `place` (six digits): the sites there; else those of the same prefecture; else the hubs of the
/// province.
pub fn rooms_for<'r>(rooms: &'r [Room], place: &str) -> Vec<&'r Room> {
    let sites = |digits: usize| {
        let there = move |room: &&Room| room.kind == OrganisationKind::Site && room.place.get(..digits) == place.get(..digits);
        rooms.iter().filter(there).collect::<Vec<_>>()
    };
    for found in [sites(6), sites(4)] {
        if !found.is_empty() {
            return found;
        }
    }
    rooms.iter().filter(|room| room.kind == OrganisationKind::Hub && room.place.get(..2) == place.get(..2)).collect()
}

/// Gives each party, of so many people bound for a place, beds at one site: at the one that they fill best, so that larger ones find room, too. A
/// party for whose place there is no site needs none. `rooms` lose what is given.
///
/// # Errors
/// `no_beds` names the site that has the most beds left, how many these are and how many were wanted.
pub fn allot(rooms: &mut [Room], night: NaiveDate, parties: &[(String, i64)]) -> Result<BTreeMap<Id<Organisation>, i64>, Message> {
    let mut order: Vec<&(String, i64)> = parties.iter().collect();
    order.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let mut allotted = BTreeMap::new();
    for (place, n) in order {
        let candidates = rooms_for(rooms, place);
        let fits = candidates.iter().filter(|room| room.free.is_none_or(|free| free >= *n));
        // A site that has said nothing comes last: nobody knows whether there is a bed.
        let best = fits.min_by_key(|room| room.free.unwrap_or(i64::MAX)).map(|room| room.site);
        let Some(site) = best else {
            let Some(most) = candidates.iter().max_by_key(|room| room.free) else { continue };
            let message = Message::new("no_beds").with("site", &most.name_zh).with("site_en", &most.name_en).with("night", night);
            return Err(message.with("free", most.free.unwrap_or(0).max(0)).with("wanted", n));
        };
        *allotted.entry(site).or_insert(0) += n;
        if let Some(free) = rooms.iter_mut().find(|room| room.site == site).and_then(|room| room.free.as_mut()) {
            *free -= n;
        }
    }
    Ok(allotted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn room(n: u128, kind: OrganisationKind, place: &str, free: Option<i64>) -> Room {
        let (name_zh, name_en) = (format!("第{n}"), format!("No. {n}"));
        Room { site: Id::from_uuid(uuid::Uuid::from_u128(n)), code: format!("room-{n}"), name_zh, name_en, kind, place: place.into(), beds: free, free }
    }

    fn rooms() -> Vec<Room> {
        use OrganisationKind::{Hub, Site};
        vec![
            room(1, Site, "320500", Some(10)),
            room(2, Site, "320500", Some(4)),
            room(3, Site, "320102", None),
            room(4, Hub, "320583", Some(30)),
            room(5, Site, "341882", Some(0)),
        ]
    }

    fn codes(rooms: &[Room], place: &str) -> String {
        rooms_for(rooms, place).iter().map(|room| room.code.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn people_are_taken_in_at_their_place_their_prefecture_or_the_hub_of_their_province() {
        let rooms = rooms();
        assert_eq!(codes(&rooms, "320500"), "room-1 room-2");
        assert_eq!(codes(&rooms, "320100"), "room-3", "a site of the prefecture");
        assert_eq!(codes(&rooms, "320300"), "room-4", "no site in the prefecture: the hub");
        assert_eq!(codes(&rooms, "330100"), "", "nothing is known of the province");
    }

    #[test]
    fn a_party_gets_beds_at_one_site_and_leaves_room_for_larger_ones() {
        let given = |parties: &[(&str, i64)]| {
            let parties: Vec<(String, i64)> = parties.iter().map(|(place, n)| ((*place).to_owned(), *n)).collect();
            allot(&mut rooms(), "2020-09-15".parse().unwrap(), &parties)
                .map(|given| given.into_iter().map(|(site, n)| (site.uuid().as_u128(), n)).collect::<Vec<_>>())
        };
        assert_eq!(given(&[("320500", 4), ("320500", 10)]).unwrap(), [(1, 10), (2, 4)]);
        assert_eq!(given(&[("320100", 99)]).unwrap(), [(3, 99)], "no number, no limit");
        assert_eq!(given(&[("330100", 2)]).unwrap(), [], "no site, no promise");
        assert_eq!(
            given(&[("320500", 11)]).unwrap_err().to_string(),
            r#"no_beds site="第1" site_en="No. 1" night="2020-09-15" free="10" wanted="11""#,
            "never split"
        );
        assert_eq!(given(&[("341882", 1)]).unwrap_err().to_string(), r#"no_beds site="第5" site_en="No. 5" night="2020-09-15" free="0" wanted="1""#);
    }

    proptest! {
        #[test]
        fn nobody_is_given_a_bed_that_is_not_there(
            frees in proptest::collection::vec(proptest::option::of(0..20_i64), 1..5),
            sizes in proptest::collection::vec(1..6_i64, 0..12),
        ) {
            let before: Vec<Room> = (1..).zip(&frees).map(|(n, free)| room(n, OrganisationKind::Site, "320500", *free)).collect();
            let parties: Vec<(String, i64)> = sizes.iter().map(|n| ("320500".to_owned(), *n)).collect();
            if let Ok(given) = allot(&mut before.clone(), NaiveDate::default(), &parties) {
                prop_assert_eq!(given.values().sum::<i64>(), sizes.iter().sum::<i64>());
                for room in &before {
                    prop_assert!(room.free.is_none_or(|free| given.get(&room.site).copied().unwrap_or(0) <= free));
                }
            }
        }
    }
}
