//! The forms that a file comes in, and that a file that went out comes back as it was.

use std::io::Cursor;

use jiezhuan::access::Actor;
use jiezhuan::base::Language;
use jiezhuan::exchange::{self, Format, Kind, Unreadable};
use jiezhuan::fleet::{self, Licence, Permit, StaffFacts, StaffRole, VehicleFacts, VehicleKind};
use jiezhuan::places::Organisation;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};

use super::{Garage, counts, told};
use crate::support::{TestDb, build, on_both_engines};

const TABLE: &str = "车牌号,车型,座位数,单位,有效期至,包车客运标志牌,可用\n沪A12345,大客车,49,江苏省驻沪工作组,2020-12-31,苏0001,是\n苏E8K7Q2,救护车,4,嘉定区驻机场工作组,,,否\n";

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

/// The same vehicles as somebody keeps them in a spreadsheet: a title above the header, numbers as numbers, a date as a date, a formula.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "车辆名册").unwrap();
    for (at, name) in ["plate", "in_service", "kind", "seats", "organisation", "permit", "permit_expires_on"].into_iter().enumerate() {
        sheet.write(1, at as u16, name).unwrap();
    }
    let date = CellFormat::new().set_num_format("yyyy-mm-dd");
    sheet.write(2, 0, Formula::new("=\"沪A\"&12345").set_result("沪A12345")).unwrap().write(2, 1, true).unwrap().write(2, 2, "coach").unwrap();
    sheet.write(2, 3, Formula::new("=7*7").set_result("49")).unwrap().write(2, 4, "Jiangsu work group in Shanghai").unwrap();
    sheet.write(2, 5, "苏0001").unwrap().write_with_format(2, 6, ExcelDateTime::from_ymd(2020, 12, 31).unwrap(), &date).unwrap();
    sheet.write(3, 0, "苏e·8k7q2").unwrap().write(3, 1, "No").unwrap().write(3, 2, "Ambulance").unwrap().write(3, 3, 4).unwrap();
    sheet.write(3, 4, "group-310114").unwrap();
    sheet.write(4, 0, "沪A00001").unwrap().write(4, 2, "coach").unwrap().write(4, 4, "work-group-32").unwrap();
    sheet.write(4, 3, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    book.save_to_buffer().unwrap()
}

/// Vehicles and staff whose texts are such as files and spreadsheets are wont to spoil.
fn stock(garage: &Garage) {
    let permit = |number: &str| Some(Permit { number: number.into(), expires_on: "2020-12-31".parse().unwrap() });
    for (plate, permit) in [("沪A00001", permit("=1+1")), ("沪A00002", permit("苏（2020）第７号, \"甲\"")), ("沪A00003", permit("007")), ("沪A00004", None)]
    {
        build::vehicle(&garage.db, VehicleFacts { permit, depot: Some(Organisation::id_of("hub-huaqiao")), ..build::coach(plate) });
    }
    let car = VehicleFacts { kind: VehicleKind::Ambulance, seats: 4, in_service: false, wheelchairs: 1, ..build::coach("沪AD12345") };
    build::vehicle(&garage.db, car);
    for (badge, name, role) in
        [("-7", "王小芳", StaffRole::Driver), ("E1", "O B", StaffRole::Escort), ("M1", "=甲", StaffRole::Medic), ("1", "张", StaffRole::Escort)]
    {
        let licence = (role == StaffRole::Driver).then_some(Licence::B1);
        let facts = StaffFacts { role, licence, in_service: role != StaffRole::Medic, ..build::driver(badge) };
        let (keyring, name) = (garage.keyring.clone(), name.parse().unwrap());
        garage.db.db.write(move |tx| fleet::staff_add(tx, &Actor::operator(), &keyring, facts.clone(), &name)).unwrap();
    }
}

on_both_engines! {
    fn what_went_out_comes_back_as_the_same_in_every_form_and_language(db: TestDb) {
        let garage = Garage::new(db);
        stock(&garage);
        let before = (garage.vehicles(), garage.staff());
        for format in [Format::Csv, Format::Xlsx] {
            for language in [Language::Zh, Language::En] {
                let vehicles = garage.import(garage.export(Kind::Vehicles, format, language));
                assert_eq!(counts(&vehicles), [5, 0, 5, 0, 0], "{format:?} {language:?} {vehicles:?}");
                let staff = garage.import(garage.export(Kind::Staff, format, language));
                assert_eq!(counts(&staff), [4, 0, 4, 0, 0], "{format:?} {language:?} {staff:?}");
            }
        }
        assert_eq!((garage.vehicles(), garage.staff()), before);
    }

    fn what_goes_out_is_in_the_reader_s_words_shows_no_name_and_runs_no_formula(db: TestDb) {
        let garage = Garage::new(db);
        stock(&garage);
        let vehicles = String::from_utf8(garage.export(Kind::Vehicles, Format::Csv, Language::Zh)).unwrap();
        let lines: Vec<&str> = vehicles.lines().collect();
        assert_eq!(lines[0], "\u{feff}车牌号,车型,座位数,限乘,密接人员上限,轮椅位,儿童座椅,行李件数,单位,停放地,包车客运标志牌,有效期至,可用");
        assert_eq!(lines[1], "沪A00001,大客车,49,24,12,0,0,48,江苏省驻沪工作组,昆山花桥中转基地,'=1+1,2020-12-31,是");
        let staff = String::from_utf8(garage.export(Kind::Staff, Format::Csv, Language::En)).unwrap();
        let lines: Vec<&str> = staff.lines().collect();
        assert_eq!(lines[0], "\u{feff}badge,name,role,licence,organisation,depot,in_service");
        for line in ["'-7,王*芳,Driver,B1,Jiangsu work group in Shanghai,,yes", "M1,'=*,Medic,,Jiangsu work group in Shanghai,,no"] {
            assert!(lines.contains(&line), "{staff}");
        }
        assert!(!staff.contains("王小芳"), "{staff}");
    }

    fn an_empty_list_is_a_template(db: TestDb) {
        let garage = Garage::new(db);
        for (kind, row) in [(Kind::Vehicles, "沪A00001,大客车,49,,,,,,work-group-32,,,,\n"), (Kind::Staff, "D1,王小芳,驾驶员,A1,work-group-32,,\n")] {
            let template = garage.export(kind, Format::Csv, Language::Zh);
            assert_eq!(counts(&garage.import([&template[..], row.as_bytes()].concat())), [1, 1, 0, 0, 0]);
            assert_eq!(counts(&garage.take(template, Some(kind), false)), [0; 5]);
        }
    }

    fn a_file_is_the_same_in_whatever_form_it_comes(db: TestDb) {
        let garage = Garage::new(db);
        assert_eq!(counts(&garage.import(TABLE)), [2, 2, 0, 0, 0]);
        let before = garage.vehicles();
        assert_eq!(counts(&garage.import(format!("\u{feff}{}", TABLE.replace(',', ";").replace('\n', "\r\n")))), [2, 0, 2, 0, 0]);
        assert_eq!(counts(&garage.import(gb18030(TABLE))), [2, 0, 2, 0, 0]);
        let sheet = garage.import(workbook());
        assert_eq!((counts(&sheet), told(&sheet)), ([3, 0, 2, 0, 1], vec!["5 seats bad_value".into()]), "a cell that shows an error is no number");
        let mut garbled = gb18030(TABLE);
        garbled.extend_from_slice(b"\xFF\xFE,x,1,y,,,\n");
        let garbled = garage.import(garbled);
        assert_eq!((counts(&garbled), told(&garbled)), ([3, 0, 2, 0, 1], vec!["4 车牌号 bad_encoding".into()]));
        assert_eq!(garage.vehicles(), before);
    }

    fn a_file_that_cannot_be_read_brings_in_nothing(db: TestDb) {
        let garage = Garage::new(db);
        let code = |bytes: &[u8], kind| match exchange::open(Cursor::new(bytes.to_vec()), kind) {
            Err(Unreadable::Problem(problem)) => problem.message.code,
            _ => panic!("read"),
        };
        assert_eq!(code("车牌号,座位数,单位\n沪A00001,49,work-group-32\n".as_bytes(), None), "header_lacks_columns");
        assert_eq!(code("plate,kind,seats,organisation,车牌号\n".as_bytes(), None), "header_names_column_twice");
        assert_eq!(code("姓名,工号,岗位\n".as_bytes(), Some(Kind::Staff)), "header_lacks_columns");
        assert_eq!(code(TABLE.as_bytes(), Some(Kind::Staff)), "header_lacks_columns");
        assert_eq!(code(b"UNA:+.? 'UNB+UNOA:4+A+B+200912:0010+1'", Some(Kind::Vehicles)), "file_is_of_another_kind");
        assert_eq!(code(b"PK\x03\x04 no workbook", Some(Kind::Vehicles)), "workbook_unreadable");
        assert!(garage.vehicles().is_empty());
    }
}
