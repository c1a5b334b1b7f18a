//! Who drives when 行车计划: of a planned trip as it was planned, of a trip made by hand as the law asks at the least. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::Leg;
use crate::base::Id;
use crate::fleet::Staff;
use crate::places::Organisation;

/// A stretch of driving by one driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// Who drives.
    pub driver: Id<Staff>,
    /// From where the way leads.
    pub from: Id<Organisation>,
    /// To where.
    pub to: Id<Organisation>,
    /// When they take the wheel.
    pub starts_at: DateTime<Utc>,
    /// When they leave it.
    pub ends_at: DateTime<Utc>,
}

/// The drives of a trip that was made by hand, leg by leg: no driver longer than `continuous` at the wheel. Of two drivers the one takes over from
/// the other; one alone has breaks of `shortest_break`, within the time that the leg has.
pub(super) fn by_law(legs: &[Leg], drivers: &[Id<Staff>], continuous: TimeDelta, shortest_break: TimeDelta) -> Vec<Drive> {
    let Some(first) = drivers.first() else { return Vec::new() };
    let mut drives = Vec::new();
    let mut turn = 0;
    for leg in legs {
        let mut now = leg.departs_at;
        while now < leg.arrives_at {
            let until = (now + continuous).min(leg.arrives_at);
            let driver = *drivers.get(turn % drivers.len()).unwrap_or(first);
            drives.push(Drive { driver, from: leg.from, to: leg.to, starts_at: now, ends_at: until });
            now = if drivers.len() > 1 { until } else { until + shortest_break };
            turn += 1;
        }
    }
    drives
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{clock, parse_instant};

    fn at(time: &str) -> DateTime<Utc> {
        parse_instant(&format!("2020-09-15 {time}")).unwrap()
    }

    fn id<K>(n: u128) -> Id<K> {
        Id::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn plan(drivers: &[Id<Staff>]) -> Vec<(u128, String, String)> {
        let legs = [
            Leg { from: id(1), to: id(2), departs_at: at("08:00"), arrives_at: at("13:00") },
            Leg { from: id(2), to: id(3), departs_at: at("13:30"), arrives_at: at("14:30") },
        ];
        let drives = by_law(&legs, drivers, TimeDelta::hours(4), TimeDelta::minutes(20));
        drives.into_iter().map(|drive| (drive.driver.uuid().as_u128(), clock(drive.starts_at), clock(drive.ends_at))).collect()
    }

    #[test]
    fn one_driver_has_a_break_and_of_two_the_one_takes_over() {
        let of = |drives: &[(u128, &str, &str)]| drives.iter().map(|(who, from, to)| (*who, (*from).to_owned(), (*to).to_owned())).collect::<Vec<_>>();
        assert_eq!(plan(&[id(7)]), of(&[(7, "08:00", "12:00"), (7, "12:20", "13:00"), (7, "13:30", "14:30")]));
        assert_eq!(plan(&[id(7), id(8)]), of(&[(7, "08:00", "12:00"), (8, "12:00", "13:00"), (7, "13:30", "14:30")]));
        assert_eq!(plan(&[]), []);
    }
}
