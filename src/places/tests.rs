use super::*;
use crate::base::time::parse_instant;
use crate::base::{Error, Language};

fn places() -> Places {
    Places::embedded().unwrap()
}

/// `320583 320500 320000`, or the code of the refusal with its candidates.
fn read(places: &Places, text: &str) -> String {
    match places.resolve(text) {
        Ok(found) => format!("{} {} {}", found.adcode, found.city, found.province),
        Err(Unresolved::Unknown { .. }) => "unknown".into(),
        Err(Unresolved::Ambiguous { names, .. }) => names.join(" / "),
    }
}

#[test]
fn every_place_is_found_by_code_and_by_its_full_name() {
    let places = places();
    for place in places.iter().filter(|place| place.name_zh != "鼓楼区" && place.adcode.digits() != 330_903) {
        let code = place.adcode.to_string();
        assert_eq!(places.resolve(&code).unwrap().adcode, place.adcode);
        assert_eq!(places.resolve(&place.name_zh).unwrap().adcode, place.adcode, "{}", place.name_zh);
    }
    assert_eq!(places.iter().filter(|place| place.level == Level::Province).count(), 34);
}

#[test]
fn a_destination_is_read_in_the_forms_people_write() {
    let places = places();
    let cases = [
        ("昆山 昆山市 江苏省昆山市 江苏昆山 苏州市昆山市 苏州昆山 江苏省苏州市昆山市 320583 ３２０５８３ 昆山市花桥镇", "320583 320500 320000"),
        ("苏州 苏州市 江苏苏州 江苏省苏州市 320500 suzhou,jiangsu Jiangsu-Suzhou suzhou，JIANGSU", "320500 320500 320000"),
        ("宿州 安徽省宿州市 Suzhou,Anhui", "341300 341300 340000"),
        ("Nanjing nanjing NANJING 南京 ｎａｎｊｉｎｇ", "320100 320100 320000"),
        ("Huai'an Huaian 淮安", "320800 320800 320000"),
        ("广德 广德市 广德县 安徽省广德市 宣城市广德市 341882 341822", "341882 341800 340000"),
        ("海门 海门市 海门区 320684 320614", "320614 320600 320000"),
        ("上海 上海市 310000 Shanghai 310100", "310000 310000 310000"),
        ("浦东 浦东新区 上海浦东新区 上海市浦东新区 310115 310119 Pudong 上海市南汇区 PudongNewArea", "310115 310115 310000"),
        ("普陀区 上海市普陀区 310107", "310107 310107 310000"),
        ("舟山市普陀区 浙江省普陀区 330903", "330903 330900 330000"),
        ("310108 闸北区", "310106 310106 310000"),
        ("江苏 江苏省 320000 Jiangsu", "320000 320000 320000"),
        ("320599", "320599 320500 320000"),
        ("苏州工业园区 苏州市高新区", "320500 320500 320000"),
        ("北京 北京市 110000 Beijing 北京市朝阳区 北京朝阳区", "110000 110000 110000"),
        ("110105", "110105 110000 110000"),
        ("深圳 广东省深圳市 广东深圳 440300 深圳市南山区", "440300 440300 440000"),
        ("新疆 新疆维吾尔自治区", "650000 650000 650000"),
        ("亚特兰蒂斯市 江苏省亚特兰蒂斯市 上海市亚特兰蒂斯区 310199 341400 999999 000000 32050 南京西路街道 - Atlantis", "unknown"),
    ];
    for (texts, expected) in cases {
        for text in texts.split(' ') {
            assert_eq!(read(&places, text), expected, "{text}");
        }
    }
    assert_eq!(read(&places, " 江苏省　苏州市 "), "320500 320500 320000");
    assert_eq!(read(&places, ""), "unknown");
}

#[test]
fn a_name_that_two_places_share_is_refused_naming_both() {
    let places = places();
    assert_eq!(read(&places, "Suzhou"), "江苏苏州 (320500) / 安徽宿州 (341300)");
    assert_eq!(read(&places, "taizhou city"), "江苏泰州 (321200) / 浙江台州 (331000)");
    assert_eq!(read(&places, "鼓楼区"), "江苏南京鼓楼区 (320106) / 江苏徐州鼓楼区 (320302)");
    assert_eq!(read(&places, "徐州市鼓楼区"), "320302 320300 320000");
    assert_eq!(read(&places, "Fuyang"), "浙江杭州富阳区 (330111) / 安徽阜阳 (341200)");
    assert_eq!(read(&places, "Fuyang, Anhui"), "341200 341200 340000");
    let message = places.resolve("Suzhou").unwrap_err().message();
    assert_eq!(message.code, "ambiguous_destination");
    insta::assert_snapshot!(message.text(Language::Zh), @"目的地“Suzhou”可能是 江苏苏州 (320500) / 安徽宿州 (341300)；请写明省份或代码。");
}

#[test]
fn every_english_name_of_a_prefecture_finds_it_or_asks() {
    let places = places();
    let asks: Vec<_> = places
        .iter()
        .filter(|place| matches!(place.level, Level::City | Level::District))
        .filter_map(|place| match places.resolve(place.name_en.as_deref()?) {
            Ok(found) => {
                assert_eq!(found.adcode, place.adcode);
                None
            }
            Err(Unresolved::Ambiguous { .. }) => Some(place.adcode.digits()),
            Err(unknown) => panic!("{unknown:?}"),
        })
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    assert_eq!(asks, [320_500, 321_200, 331_000, 331_100, 341_200, 341_300]);
}

#[test]
fn a_faulty_table_is_refused_with_file_and_line() {
    let fault = |texts: Texts<'_>| match Places::read(&texts) {
        Err(Error::Invalid(fields)) => format!("{} {}", fields[0].field, fields[0].message.code),
        other => panic!("{other:?}"),
    };
    let with = |provinces| Texts {
        provinces,
        places: "adcode,level,name_zh,name_en,province_adcode,lat,lon,road_km_pvg,coach_min_pvg,road_km_sha,coach_min_sha\n",
        cities: "adcode,name_zh\n",
        counties: "adcode,name_zh,name_en,now\n",
    };
    assert_eq!(fault(with("adcode,name_zh,name_en\n11000,北京市,Beijing\n")), "provinces.csv:2 bad_table_row");
    assert_eq!(fault(with("# a comment\nadcode,name_zh,name_en\n110000,北京市,Beijing\n110000\n")), "provinces.csv:4 bad_table_row");
    assert_eq!(fault(with("adcode,name_zh,name\n110000,北京市,Beijing\n")), "provinces.csv:2 bad_table_row");
    assert_eq!(fault(Texts { cities: "adcode,name_zh\n130100,石家庄市\n", ..with("adcode,name_zh,name_en\n") }), "cities.csv:2 place_without_province");
    let counties = "adcode,name_zh,name_en,now\n320583,昆山市,,\n320583,昆山市,,\n";
    assert_eq!(fault(Texts { counties, ..Texts::EMBEDDED }), "counties.csv:3 place_twice");
}

#[test]
fn an_organisation_is_found_by_its_code_and_by_a_name_that_is_its_own() {
    let two = "code,kind,name_zh,name_en,place,parent\nhub-a,hub,昆山（花桥）基地,Kunshan Hub,320583,\nhub-b,hub,嘉善基地,Kunshan hub,330400,\n";
    let organisations = Organisations::read(two, &places()).unwrap();
    let code = |text: &str| organisations.called(text).map(|found| found.code.as_str());
    assert_eq!(
        [code("hub-b"), code("昆山(花桥)基地"), code(" 昆山（花桥）基地"), code("嘉善基地")],
        [Some("hub-b"), Some("hub-a"), Some("hub-a"), Some("hub-b")]
    );
    assert_eq!([code("KUNSHAN HUB"), code("昆山"), code("")], [None; 3], "a name that two share is nobody's");
}

#[test]
fn every_organisation_has_its_place_its_parent_and_an_id_of_its_own() {
    let places = places();
    let organisations = Organisations::embedded(&places).unwrap();
    let ids: std::collections::HashSet<_> = organisations.iter().map(Organisation::id).collect();
    assert_eq!(ids.len(), organisations.iter().count());
    assert_eq!(Organisation::id_of("desk-pvg").to_string(), "3be19606-5156-8784-8b27-924a5681c933", "ids stand in databases");
    for place in places.iter() {
        let site = organisations.at(OrganisationKind::Site, place.adcode).next().is_some();
        let group = organisations.at(OrganisationKind::DistrictGroup, place.adcode).next().is_some();
        assert_eq!(group, place.level == Level::District);
        assert!(site || !(place.level == Level::District || place.level == Level::City && [32, 33].contains(&place.adcode.province_prefix())), "{place:?}");
    }
    let faulty = "code,kind,name_zh,name_en,place,parent\ndesk-pvg,airport_desk,甲,A,310115,nobody\n";
    assert!(Organisations::read(faulty, &places).unwrap_err().to_string().contains("organisations.csv:2"));
}

#[test]
fn the_desk_hands_each_person_to_the_one_who_receives_them() {
    let places = places();
    let organisations = Organisations::embedded(&places).unwrap();
    let routes = Routes::embedded(&places, &organisations).unwrap();
    let desk = routes.desk("PVG", &organisations).unwrap();
    let landed = parse_instant("2020-09-12 10:00").unwrap();
    let cases = [
        ("浦东新区", true, "group-310115", "route_district"),
        ("上海市", true, "desk-pvg", "route_no_district"),
        ("苏州市", false, "work-group-32", "route_direct"),
        ("苏州市", true, "group-310114", "route_paired"),
        ("广东省", true, "group-310115", "route_paired"),
        ("广东省", false, "desk-pvg", "route_no_work_group"),
    ];
    for (to, first_in_shanghai, receiver, because) in cases {
        let destination = places.resolve(to).unwrap();
        let reception = routes.reception(&organisations, desk, Some(&destination), landed, first_in_shanghai);
        assert_eq!((reception.receiver.code.as_str(), reception.because.code), (receiver, because), "{to}");
        assert!(!reception.because.text(Language::En).contains('$') && !reception.because.text(Language::Zh).contains('$'));
    }
    assert_eq!(routes.reception(&organisations, desk, None, landed, true).receiver, desk);
    assert!(routes.desk("XXX", &organisations).is_none());
}

#[test]
fn anhui_takes_its_people_to_guangde_and_the_others_take_theirs_home() {
    let places = places();
    let organisations = Organisations::embedded(&places).unwrap();
    let routes = Routes::embedded(&places, &organisations).unwrap();
    let landed = parse_instant("2020-09-12 10:00").unwrap();
    for (to, first, hub) in [
        ("合肥市", "341882", Some("hub-guangde")),
        ("昆山市", "320500", Some("hub-huaqiao")),
        ("温州市", "330300", Some("hub-jiaxing")),
        ("深圳市", "440300", None),
    ] {
        let destination = places.resolve(to).unwrap();
        assert_eq!(routes.transfer_destination(&destination, landed).to_string(), first);
        assert_eq!(routes.hub(&organisations, &destination, landed).map(|hub| hub.code.as_str()), hub);
    }
}

#[test]
fn a_faulty_route_is_refused_by_its_path() {
    let places = places();
    let organisations = Organisations::embedded(&places).unwrap();
    let text = include_str!("../../config/routes.toml");
    for (from, to, path) in [
        ("\"310114\", \"310113\"", "\"310114\", \"320500\"", "pairing[0].districts[1]"),
        ("to = \"341882\"", "to = \"999999\"", "routes.toml:"),
        ("to = \"341882\"", "to = \"341899\"", "transfer_destination[2].to"),
        ("\"hub-jiaxing\"", "\"desk-pvg\"", "hub[1].organisation"),
        ("desk = \"desk-sha\"", "desk = \"hub-jiaxing\"", "port[1].desk"),
        ("province = \"33\"", "province = \"32\"", "pairing[1].from"),
    ] {
        let fault = Routes::read(&text.replacen(from, to, 1), &places, &organisations).unwrap_err().to_string();
        assert!(fault.starts_with(path), "{fault}");
    }
}
