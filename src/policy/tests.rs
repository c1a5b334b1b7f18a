use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;

use super::*;
use crate::base::time::{civil_date, midnight, parse_date, parse_instant};
use crate::base::{Error, Language};
use crate::places::Adcode;

fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).unwrap()
}

fn on(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

fn province(text: &str) -> Adcode {
    text.parse().unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

/// `1 shanghai 2020-12-14..2020-12-16 3 | 2 destination ...`
fn segments(calendar: &Calendar<'_>) -> String {
    let line = |s: &SegmentDates| format!("{} {} {}..{} {}", s.n, s.place, s.starts_on, s.ends_on, s.days);
    calendar.segments.iter().map(line).collect::<Vec<_>>().join(" | ")
}

fn faults(text: &str) -> Vec<(String, String)> {
    match Catalogue::read(text) {
        Err(Error::Invalid(fields)) => fields.into_iter().map(|field| (field.field, field.message.code.to_owned())).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

const THREE_SEGMENTS: &str = r#"
[[policy]]
name = "3+4+3"
version = 1
applies_to = ["33"]
from = 2022-07-01T00:00:00+08:00
segments = [
  { place = "shanghai", responsible = "shanghai_district", days = 3 },
  { place = "330400", responsible = "province", days = 4 },
  { place = "home", responsible = "city", days = 3 },
]
tests = [{ segment = 1, day = 1, kind = "port" }, { segment = 2, day = 5, kind = "nucleic_acid" }]
sources = ["http://m.bbbaike.com/news/jiaodian/94699.html"]
"#;

#[test]
fn the_landing_instant_chooses_the_policy_to_the_second() {
    let cases = [
        ("320500", "2020-03-07 00:00:00", "direct"),
        ("320500", "2020-07-26 23:59:59", "direct"),
        ("320500", "2020-07-27 00:00:00", "7+7"),
        ("340100", "2020-09-11 23:59:59", "7+7"),
        ("330100", "2020-09-12 00:00:00", "3+11"),
        ("330100", "2020-09-11T16:00:00Z", "3+11"),
        ("330100", "2024-02-29 12:00", "3+11"),
        ("310115", "2020-07-26 23:59:59", "shanghai-14"),
        ("310115", "2020-07-27 00:00:00", "shanghai-7+7-home"),
        ("440300", "2020-03-07 00:00:00", "14+0"),
        ("110000", "2020-09-12 00:00:00", "14+0"),
    ];
    let catalogue = catalogue();
    for (to, landed, name) in cases {
        assert_eq!(catalogue.choose(province(to), at(landed)).unwrap().name, name, "{to} {landed}");
    }
}

#[test]
fn a_landing_before_the_first_policy_is_refused_with_the_first_instant_covered() {
    for to in ["320000", "310000", "440000"] {
        let Err(Error::Refused(message)) = catalogue().choose(province(to), at("2020-03-06 23:59:59")).map(|policy| policy.name.clone()) else {
            panic!("{to}")
        };
        assert_eq!(message.code, "before_first_policy");
        assert!(message.text(Language::En).contains("2020-03-07T00:00:00+08:00"), "{message}");
    }
}

#[test]
fn three_and_eleven_moves_on_the_fourth_day_and_ends_after_the_fourteenth() {
    let catalogue = catalogue();
    let landed = at("2020-12-14 13:05");
    let calendar = catalogue.choose(province("340000"), landed).unwrap().calendar(&Facts::landed(landed));
    assert_eq!(segments(&calendar), "1 shanghai 2020-12-14..2020-12-16 3 | 2 destination 2020-12-17..2020-12-27 11");
    assert_eq!(calendar.transfer_on, [on("2020-12-17")]);
    assert_eq!(calendar.released_at, at("2020-12-28 00:00"));
    let tests: Vec<_> = calendar.tests_due.iter().map(|test| (test.day, test.on, test.kind, test.segment)).collect();
    let sampled = on("2020-12-16");
    assert_eq!(tests, [(1, on("2020-12-14"), TestKind::Port, 1), (3, sampled, TestKind::NucleicAcid, 1), (3, sampled, TestKind::Antibody, 1)]);
    let days = ["2020-12-13", "2020-12-14", "2020-12-27", "2020-12-28"].map(|date| calendar.day_on(on(date)));
    assert_eq!(days, [None, Some(1), Some(14), None]);
}

#[test]
fn midnight_between_two_policies_changes_the_day_and_the_policy() {
    let cases = [
        ("2020-07-26 23:59:59", "1 destination 2020-07-26..2020-08-08 14", "2020-07-26", "2020-08-09"),
        ("2020-07-27 00:00:00", "1 shanghai 2020-07-27..2020-08-02 7 | 2 destination 2020-08-03..2020-08-09 7", "2020-08-03", "2020-08-10"),
        ("2020-09-11 23:59:59", "1 shanghai 2020-09-11..2020-09-17 7 | 2 destination 2020-09-18..2020-09-24 7", "2020-09-18", "2020-09-25"),
        ("2020-09-12 00:00:00", "1 shanghai 2020-09-12..2020-09-14 3 | 2 destination 2020-09-15..2020-09-25 11", "2020-09-15", "2020-09-26"),
        ("2020-12-31 23:59:59", "1 shanghai 2020-12-31..2021-01-02 3 | 2 destination 2021-01-03..2021-01-13 11", "2021-01-03", "2021-01-14"),
        ("2024-02-27 08:00:00", "1 shanghai 2024-02-27..2024-02-29 3 | 2 destination 2024-03-01..2024-03-11 11", "2024-03-01", "2024-03-12"),
        ("2023-02-27 08:00:00", "1 shanghai 2023-02-27..2023-03-01 3 | 2 destination 2023-03-02..2023-03-12 11", "2023-03-02", "2023-03-13"),
    ];
    let catalogue = catalogue();
    for (landed, expected, transfer, released) in cases {
        let landed = at(landed);
        let calendar = catalogue.choose(province("330000"), landed).unwrap().calendar(&Facts::landed(landed));
        assert_eq!(segments(&calendar), expected);
        assert_eq!(calendar.transfer_on, [on(transfer)], "{expected}");
        assert_eq!(calendar.released_at, midnight(on(released)), "{expected}");
    }
}

#[test]
fn who_stays_in_shanghai_has_no_transfer() {
    let landed = at("2020-04-01 10:00");
    let catalogue = catalogue();
    for (to, name) in [("310101", "shanghai-14"), ("440300", "14+0")] {
        let calendar = catalogue.choose(province(to), landed).unwrap().calendar(&Facts::landed(landed));
        assert_eq!((calendar.policy.name.as_str(), segments(&calendar).as_str()), (name, "1 shanghai 2020-04-01..2020-04-14 14"));
        assert!(calendar.transfer_on.is_empty());
        assert_eq!(calendar.tests_due[1].on, on("2020-04-13"));
    }
}

#[test]
fn a_late_transfer_is_taken_from_the_destination_never_added() {
    let catalogue = catalogue();
    let policy = catalogue.get("3+11", 1).unwrap();
    let facts = Facts::landed(at("2020-12-14 13:05"));
    let cases = [
        ("2020-12-18", "1 shanghai 2020-12-14..2020-12-17 4 | 2 destination 2020-12-18..2020-12-27 10"),
        ("2020-12-27", "1 shanghai 2020-12-14..2020-12-26 13 | 2 destination 2020-12-27..2020-12-27 1"),
        ("2020-12-29", "1 shanghai 2020-12-14..2020-12-27 14"),
        ("2020-12-16", "1 shanghai 2020-12-14..2020-12-15 2 | 2 destination 2020-12-16..2020-12-27 12"),
    ];
    for (moved, expected) in cases {
        let moved = [on(moved)];
        let calendar = policy.calendar(&Facts { moved_on: &moved, ..facts });
        assert_eq!(segments(&calendar), expected);
        assert_eq!(calendar.transfer_on, moved);
        assert_eq!((calendar.total_days, calendar.released_at), (14, at("2020-12-28 00:00")));
    }
    let direct = catalogue.get("direct", 1).unwrap();
    let late = direct.calendar(&Facts { moved_on: &[on("2020-04-02")], ..Facts::landed(at("2020-04-01 23:00")) });
    assert_eq!((segments(&late).as_str(), &late.transfer_on[..]), ("1 destination 2020-04-01..2020-04-14 14", &[on("2020-04-02")][..]));
}

#[test]
fn a_home_that_is_not_approved_means_all_days_in_shanghai() {
    let catalogue = catalogue();
    let policy = catalogue.get("shanghai-7+7-home", 1).unwrap();
    assert_eq!(policy.to_move, [MoveCondition::TestsNegative, MoveCondition::NoHold, MoveCondition::HomeApproved]);
    let facts = Facts::landed(at("2020-08-01 06:00"));
    let home = policy.calendar(&facts);
    assert_eq!(segments(&home), "1 shanghai 2020-08-01..2020-08-07 7 | 2 home 2020-08-08..2020-08-14 7");
    let stays = policy.calendar(&Facts { stays: true, ..facts });
    assert_eq!((segments(&stays).as_str(), stays.transfer_on.len()), ("1 shanghai 2020-08-01..2020-08-14 14", 0));
    assert_eq!(stays.released_at, home.released_at);
}

#[test]
fn an_exposure_restarts_the_whole_from_its_own_date() {
    let catalogue = catalogue();
    let policy = catalogue.get("3+11", 1).unwrap();
    let facts = Facts::landed(at("2020-09-12 09:00"));
    let coach = policy.calendar(&Facts { last_exposed_on: Some(on("2020-09-15")), moved_on: &[on("2020-09-15")], ..facts });
    assert_eq!(segments(&coach), "2 destination 2020-09-15..2020-09-28 14");
    assert_eq!((coach.restarted, coach.day_one, coach.released_at), (true, on("2020-09-15"), at("2020-09-29 00:00")));
    assert!(coach.tests_due.iter().all(|test| test.kind != TestKind::Port));
    let site = policy.calendar(&Facts { last_exposed_on: Some(on("2020-09-13")), ..facts });
    assert_eq!(segments(&site), "1 shanghai 2020-09-13..2020-09-15 3 | 2 destination 2020-09-16..2020-09-26 11");
    let flight = policy.calendar(&Facts { last_exposed_on: Some(on("2020-09-12")), ..facts });
    assert_eq!(flight, policy.calendar(&facts));
}

#[test]
fn a_policy_of_three_segments_needs_no_code() {
    let catalogue = Catalogue::read(THREE_SEGMENTS).unwrap();
    let landed = at("2022-07-01 00:00");
    let policy = catalogue.choose(province("330300"), landed).unwrap();
    let calendar = policy.calendar(&Facts::landed(landed));
    assert_eq!(segments(&calendar), "1 shanghai 2022-07-01..2022-07-03 3 | 2 330400 2022-07-04..2022-07-07 4 | 3 home 2022-07-08..2022-07-10 3");
    assert_eq!(calendar.transfer_on, [on("2022-07-04"), on("2022-07-08")]);
    assert_eq!((calendar.tests_due[1].on, calendar.tests_due[1].segment), (on("2022-07-05"), 2));
    let late = policy.calendar(&Facts { moved_on: &[on("2022-07-05")], ..Facts::landed(landed) });
    assert_eq!(segments(&late), "1 shanghai 2022-07-01..2022-07-04 4 | 2 330400 2022-07-05..2022-07-07 3 | 3 home 2022-07-08..2022-07-10 3");
    assert_eq!(late.released_at, calendar.released_at);
}

#[test]
fn anchor_offset_and_release_are_fields_of_the_policy() {
    let facts = Facts { checked_in_at: Some(at("2022-07-02 03:30")), ..Facts::landed(at("2022-07-01 23:50")) };
    let cases = [
        ("", "2022-07-01", "2022-07-11 00:00"),
        ("anchor = \"checked_in\"", "2022-07-02", "2022-07-12 00:00"),
        ("anchor = \"border\"", "2022-07-01", "2022-07-11 00:00"),
        ("day_one_offset = 1", "2022-07-02", "2022-07-12 00:00"),
        ("release = { hour_after_last_day = 8 }", "2022-07-01", "2022-07-11 08:00"),
        ("release = \"full_days\"", "2022-07-01", "2022-07-11 23:50"),
    ];
    for (field, day_one, released) in cases {
        let catalogue = Catalogue::read(&format!("{THREE_SEGMENTS}{field}\n")).unwrap();
        let calendar = catalogue.get("3+4+3", 1).unwrap().calendar(&facts);
        assert_eq!((calendar.day_one, calendar.released_at), (on(day_one), at(released)), "{field}");
        assert_eq!(calendar.provisional, field.contains("border"));
        assert_eq!(calendar.tests_due[0].on, on("2022-07-01"), "the port samples on landing");
    }
}

#[test]
fn a_faulty_document_is_refused_with_the_path_of_every_fault() {
    assert_eq!(faults(&THREE_SEGMENTS.replace("days = 4", "days = 61")), [("policy[0].segments[1].days".into(), "segment_days".into())]);
    assert_eq!(faults(&THREE_SEGMENTS.replace("days = 3 },\n]", "days = 0 },\n]")), [("policy[0].segments[2].days".into(), "segment_days".into())]);
    assert_eq!(faults(&THREE_SEGMENTS.replace("segment = 2, day = 5", "segment = 2, day = 8")), [("policy[0].tests[1].day".into(), "test_outside".into())]);
    assert_eq!(faults(&THREE_SEGMENTS.replace("2022-07-01T", "1022-07-01T")), [("policy[0].from".into(), "policy_from".into())]);
    assert_eq!(faults(&THREE_SEGMENTS.replace("2022-07-01T00:00:00+08:00", "2022-07-01")), [("policy[0].from".into(), "policy_from".into())]);
    assert_eq!(faults(&THREE_SEGMENTS.repeat(2)), [("policy[1].version".into(), "policy_twice".into())]);
    let other = THREE_SEGMENTS.replace("3+4+3", "10");
    assert_eq!(faults(&format!("{THREE_SEGMENTS}{other}")), [("policy[1].applies_to[0]".into(), "policies_overlap".into())]);
    assert_eq!(faults("policy = []"), [("policy".into(), "no_policies".into())]);
    let Err(unknown) = Catalogue::read(&THREE_SEGMENTS.replace("sources", "sauces")) else { panic!() };
    assert!(unknown.to_string().contains("sauces") && unknown.to_string().contains("policies.toml:13"), "{unknown}");
}

#[test]
fn a_later_version_counts_for_new_landings_and_the_earlier_is_kept() {
    let second = THREE_SEGMENTS.replace("version = 1", "version = 2").replace("day = 5", "day = 6");
    for text in [format!("{THREE_SEGMENTS}{second}"), format!("{second}{THREE_SEGMENTS}")] {
        let catalogue = Catalogue::read(&text).unwrap();
        assert_eq!(catalogue.choose(province("330000"), at("2022-07-02 00:00")).unwrap().version, 2);
        let (one, two) = (catalogue.get("3+4+3", 1).unwrap(), catalogue.get("3+4+3", 2).unwrap());
        assert_ne!(one.digest(), two.digest());
    }
}

#[test]
fn every_reason_is_a_sentence_in_both_languages() {
    let catalogue = catalogue();
    let policy = catalogue.get("3+11", 1).unwrap();
    let facts = Facts::landed(at("2020-12-14 13:05"));
    let restarted = Facts { last_exposed_on: Some(on("2020-12-18")), moved_on: &[on("2020-12-18")], ..facts };
    for facts in [facts, restarted] {
        for date in ["2020-12-01", "2020-12-15", "2021-02-01"] {
            for message in policy.calendar(&facts).because(on(date)) {
                for language in [Language::Zh, Language::En] {
                    let text = message.text(language);
                    assert!(!text.contains("Unknown") && !text.contains('{') && !text.contains('$') && text != message.code, "{text}");
                }
            }
        }
    }
    let english: Vec<_> = policy.calendar(&facts).because(on("2020-12-18")).iter().map(|message| message.text(Language::En)).collect();
    insta::assert_snapshot!(english.join("\n"), @r#"
    Policy "3+11", version 1, applies: destinations 32 33 34, landings from 2020-09-12T00:00:00+08:00.
    The date of landing is 2020-12-14; day 1 is 2020-12-14.
    2020-12-18 is day 5 of 14.
    Segment 1: a site in Shanghai, the Shanghai district answers; 2020-12-14 to 2020-12-16, days: 3, served: 3.
    Segment 2: a site at the destination, the province answers; 2020-12-17 to 2020-12-27, days: 11, served: 2.
    Released at 24:00 of the last day, 2020-12-27: 2020-12-28T00:00:00+08:00.
    "#);
    let chinese: Vec<_> = policy.calendar(&facts).because(on("2020-12-15")).iter().map(|message| message.text(Language::Zh)).collect();
    insta::assert_snapshot!(chinese.join("\n"), @r#"
    适用政策“3+11”第 1 版：目的地代码 32 33 34，2020-09-12T00:00:00+08:00 起落地者适用。
    落地日期 2020-12-14，第 1 天为 2020-12-14。
    2020-12-15 是第 2 天，共 14 天。
    第 1 段：上海隔离点，上海市辖区负责，2020-12-14 至 2020-12-16，共 3 天，已满 2 天。
    第 2 段：目的地隔离点，目的地省负责，2020-12-17 至 2020-12-27，共 11 天，已满 0 天。
    下一次转运日期：2020-12-17。
    最后一天 2020-12-27 的 24 时解除隔离：2020-12-28T00:00:00+08:00。
    "#);
}

fn policies() -> impl Strategy<Value = Policy> {
    let places = prop_oneof![Just(PlaceKind::Shanghai), Just(PlaceKind::Destination), Just(PlaceKind::Home)];
    let releases = prop_oneof![Just(ReleaseRule::EndOfLastDay), (1u8..24).prop_map(ReleaseRule::HourAfterLastDay), Just(ReleaseRule::FullDays)];
    let segments = prop::collection::vec((places, 1u8..20).prop_map(|(place, days)| Segment { place, responsible: Side::City, days }), 1..6);
    (segments, 0u8..2, 0u8..2, releases).prop_map(|(segments, day_one_offset, exposure_offset, release)| Policy {
        tests: vec![TestRule { segment: 1, day: 1, kind: TestKind::NucleicAcid }],
        segments,
        day_one_offset,
        exposure_offset,
        release,
        ..catalogue().get("3+11", 1).unwrap().clone()
    })
}

proptest! {
    #[test]
    fn segments_tile_the_whole_and_release_is_never_before_they_end(
        policy in policies(),
        landed in 1_583_500_000i64..1_700_000_000,
        exposed in prop::option::of(0u64..40),
        moves in prop::collection::vec(0u64..60, 0..5),
        stays: bool,
    ) {
        let landed_at = DateTime::from_timestamp(landed, 0).unwrap();
        let day = |n: u64| civil_date(landed_at) + chrono::Days::new(n);
        let moved_on: Vec<_> = moves.into_iter().map(day).collect();
        let facts = Facts { last_exposed_on: exposed.map(day), moved_on: &moved_on, stays, ..Facts::landed(landed_at) };
        let calendar = policy.calendar(&facts);
        prop_assert_eq!(calendar.total_days, policy.total_days());
        prop_assert_eq!(calendar.segments.first().map(|s| s.starts_on), Some(calendar.day_one));
        prop_assert_eq!(calendar.segments.last().map(|s| s.ends_on), Some(calendar.last_day()));
        prop_assert_eq!(calendar.segments.iter().map(|s| s.days).sum::<u16>(), calendar.total_days);
        for pair in calendar.segments.windows(2) {
            prop_assert_eq!(pair[0].ends_on.succ_opt(), Some(pair[1].starts_on));
            prop_assert!(pair[0].n < pair[1].n);
        }
        let days: Vec<_> = calendar.day_one.iter_days().take(usize::from(calendar.total_days)).map(|date| calendar.day_on(date)).collect();
        prop_assert_eq!(days, (1..=calendar.total_days).map(Some).collect::<Vec<_>>());
        prop_assert!(calendar.released_at >= crate::base::time::end_of(calendar.last_day()));
        prop_assert!(calendar.tests_due.iter().all(|test| calendar.segment_on(test.on).is_some_and(|segment| segment.n == test.segment)));
    }

    #[test]
    fn a_later_landing_under_one_policy_is_never_released_earlier(policy in policies(), landed in 1_583_500_000i64..1_700_000_000, later in 0i64..1_000_000) {
        let [first, second] = [landed, landed + later].map(|at| policy.calendar(&Facts::landed(DateTime::from_timestamp(at, 0).unwrap())));
        prop_assert!(first.released_at <= second.released_at && first.day_one <= second.day_one);
    }
}
