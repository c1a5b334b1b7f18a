//! Invented people: the rosters and results that a season is played with, as the files an airline and a laboratory would send.

use std::fmt::Write as _;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::arrivals::TestKind;
use crate::base::time;
use crate::places::{Level, Places};
use crate::policy::{self, Facts, Rulebook};

const SURNAMES: [&str; 20] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林", "罗"];
const GIVEN: [&str; 24] =
    ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞", "平", "刚", "桂", "英", "华"];

/// Where people are bound for, drawn by province as the samples have it: Jiangsu 42, Zhejiang 30, Anhui 16, Shanghai 12 of a hundred.
pub(super) struct Inventor {
    cities: [Vec<String>; 4],
    serial: u32,
}

/// One flight's roster, with the tests that its people will need.
pub(super) struct Flight {
    pub(super) roster: Vec<u8>,
    pub(super) tests: Vec<(NaiveDate, Sample)>,
}

/// A sample that a laboratory is going to examine.
#[derive(Clone)]
pub(super) struct Sample {
    document_no: String,
    kind: TestKind,
}

impl Inventor {
    pub(super) fn new(places: &Places) -> Self {
        let of = |province: u8, level: Level| {
            let within = places.iter().filter(|place| place.level == level && place.adcode.province_prefix() == province);
            let mut cities: Vec<String> = within.map(|place| place.adcode.to_string()).collect();
            // The gazetteer has no order; the same seed must lead to the same city.
            cities.sort_unstable();
            cities
        };
        Self { cities: [of(32, Level::City), of(33, Level::City), of(34, Level::City), of(31, Level::District)], serial: 0 }
    }

    /// A flight with `n` people, in parties of one to four.
    pub(super) fn flight(&mut self, rng: &mut StdRng, rulebook: &Rulebook, flight_no: &str, landed_at: DateTime<Utc>, n: u32) -> Flight {
        let mut roster = String::from("航班号,口岸,落地时间,姓名,性别,出生日期,国籍,证件类型,证件号码,手机,座位,同行组,目的地,健康状况\n");
        let landed = landed_at.with_timezone(&time::SHANGHAI).format("%Y-%m-%d %H:%M").to_string();
        let mut tests = Vec::new();
        let mut seat = 0;
        let mut party = 0;
        while seat < n {
            party += 1;
            let size = match rng.random_range(0..100) {
                0..70 => 1,
                70..85 => 2,
                85..95 => 3,
                _ => 4,
            };
            let destination = self.destination(rng);
            for _ in 0..size.min(n - seat) {
                self.serial += 1;
                let document_no = format!("E{:08}", 10_000_000 + self.serial);
                let name = format!("{}{}", SURNAMES[rng.random_range(0..SURNAMES.len())], GIVEN[rng.random_range(0..GIVEN.len())]);
                let sex = if rng.random_bool(0.5) { "男" } else { "女" };
                let born = NaiveDate::from_ymd_opt(1945, 1, 1).unwrap_or_default() + Days::new(rng.random_range(0..27_000));
                let health = ["正常", "有症状", "密接"][usize::from(rng.random_bool(0.02)) * rng.random_range(1..3)];
                let (row, letter) = (31 + seat / 9, char::from(b"ABCDEFGHJ"[(seat % 9) as usize]));
                let phone = 13_000_000_000_u64 + rng.random_range(0..999_999_999);
                // Writing to a string cannot fail.
                let _ = writeln!(
                    roster,
                    "{flight_no},PVG,{landed},{name},{sex},{born},CHN,护照,{document_no},{phone},{row}{letter},{party:03},{destination},{health}"
                );
                tests.extend(samples(rulebook, &destination, landed_at, &document_no));
                seat += 1;
            }
        }
        Flight { roster: roster.into_bytes(), tests }
    }

    fn destination(&self, rng: &mut StdRng) -> String {
        let province = match rng.random_range(0..100) {
            0..42 => 0,
            42..72 => 1,
            72..88 => 2,
            _ => 3,
        };
        let cities = &self.cities[province];
        cities[rng.random_range(0..cities.len())].clone()
    }
}

/// What the policy of a destination will want to know before the transfer.
fn samples(rulebook: &Rulebook, destination: &str, landed_at: DateTime<Utc>, document_no: &str) -> Vec<(NaiveDate, Sample)> {
    let Ok(destination) = rulebook.places.resolve(destination) else { return Vec::new() };
    let Ok(policy) = rulebook.policies.choose(destination.province, landed_at) else { return Vec::new() };
    let calendar = policy.calendar(&Facts::landed(landed_at));
    let sample = |test: &policy::TestDue| {
        let kind = match test.kind {
            policy::TestKind::NucleicAcid => TestKind::NucleicAcid,
            policy::TestKind::Antibody => TestKind::Antibody,
            policy::TestKind::Port => return None,
        };
        Some((test.on, Sample { document_no: document_no.to_owned(), kind }))
    };
    calendar.tests_due.iter().filter_map(sample).collect()
}

/// The laboratory's file for a day. Of a thousand samples five have no result in time, two are positive, one is doubtful.
pub(super) fn results(rng: &mut StdRng, on: NaiveDate, samples: &[Sample]) -> Vec<u8> {
    let mut file = String::from("证件类型,证件号码,采样时间,检测类型,结果,检测机构\n");
    for sample in samples {
        let kind = if sample.kind == TestKind::Antibody { "抗体" } else { "核酸" };
        let result = match rng.random_range(0..1000) {
            0..5 => continue,
            5..7 => "阳性",
            7 => "可疑",
            _ => "阴性",
        };
        let _ = writeln!(file, "护照,{},{on} 08:30,{kind},{result},模拟检验所", sample.document_no);
    }
    file.into_bytes()
}
