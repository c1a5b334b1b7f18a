//! What becomes of a row: new, same, changed, or rejected with its reasons.

use jiezhuan::access::Role;
use jiezhuan::base::Error;
use jiezhuan::fleet::{Import, Licence, LoadRule, StaffRole, VehicleKind};
use jiezhuan::places::Organisation;

use super::{Garage, counts, told};
use crate::support::{TestDb, build, on_both_engines};

const VEHICLES: &str = "车牌号,车型,座位数,限乘,密接人员上限,轮椅位,儿童座椅,行李件数,单位,停放地,包车客运标志牌,有效期至,可用\n\
    沪A12345,大客车,49,,,1,2,60,江苏省驻沪工作组,hub-huaqiao,苏0001,2020-12-31,是\n\
    苏E8K7Q2,中客车,19,8,4,,,,work-group-32,,,,否\n";

const STAFF: &str = "工号,姓名,岗位,准驾车型,单位,停放地,在岗\n\
    D1,王小芳,驾驶员,A1,江苏省驻沪工作组,,是\n\
    E1,李雷,陪护,,work-group-32,hub-huaqiao,\n\
    M1,韩梅梅,medic,,Jiangsu work group in Shanghai,,no\n";

on_both_engines! {
    fn vehicles_come_in_and_the_same_file_again_changes_nothing(db: TestDb) {
        let garage = Garage::new(db);
        let dry = garage.take(VEHICLES, None, true);
        assert!(garage.vehicles().is_empty(), "a dry run writes nothing");
        let first = garage.import(VEHICLES);
        assert_eq!((counts(&first), &first), ([2, 2, 0, 0, 0], &dry));
        assert_eq!(counts(&garage.import(VEHICLES)), [2, 0, 2, 0, 0]);
        let [coach, minibus] = &garage.vehicles()[..] else { panic!("two vehicles") };
        assert_eq!((coach.plate.as_str(), coach.kind, coach.seats, coach.load_cap, coach.contact_cap), ("沪A12345", VehicleKind::Coach, 49, 24, 12));
        assert_eq!((coach.wheelchairs, coach.infants, coach.luggage, coach.in_service, coach.version), (1, 2, 60, true, 1));
        assert_eq!((coach.organisation, coach.depot), (Organisation::id_of("work-group-32"), Some(Organisation::id_of("hub-huaqiao"))));
        assert_eq!(coach.permit.as_ref().map(|permit| (permit.number.as_str(), permit.expires_on.to_string())), Some(("苏0001", "2020-12-31".into())));
        assert_eq!((minibus.load_cap, minibus.contact_cap, minibus.luggage, minibus.permit.is_none(), minibus.in_service), (8, 4, 16, true, false));
    }

    fn a_later_file_changes_what_it_says_and_nothing_else(db: TestDb) {
        let garage = Garage::new(db);
        garage.import(VEHICLES);
        let before = garage.vehicles();
        let short = "座位数,车牌号,所属单位,车型,包车牌有效期\n49,沪A·12345,work-group-32,coach,2021-06-30\n19,苏E8K7Q2,work-group-32,minibus,\n";
        assert_eq!(counts(&garage.import(short)), [2, 0, 1, 1, 0]);
        let after = garage.vehicles();
        let mut expected = before[0].clone();
        expected.version = 2;
        expected.permit.as_mut().unwrap().expires_on = "2021-06-30".parse().unwrap();
        assert_eq!((&after[0], &after[1]), (&expected, &before[1]), "an empty cell and a missing column take nothing away");
        assert_eq!(counts(&garage.import(short)), [2, 0, 2, 0, 0]);
        assert_eq!(garage.vehicles()[0].version, 2);
    }

    fn every_fault_of_a_row_is_told_and_the_good_rows_go_in(db: TestDb) {
        let garage = Garage::new(db);
        let file = "plate,KIND,seats,load_cap,organisation,depot,permit,permit_expires_on,colour\n\
            沪A00001,coach,49,,work-group-32,,,,white\n\
            not a plate,spaceship,many,,work-group-32,,,,\n\
            沪A00003,coach,,,,,,soon,\n\
            沪A00004,coach,49,48,work-group-32,,,,\n\
            沪A00005,coach,99,,work-group-32,,,,\n\
            沪A00006,coach,49,,nobody,nowhere,1,,\n\
            沪A00007,coach,49,,work-group-32,,,2020-12-31,\n\
            沪A00001,coach,49,,work-group-32,,,,\n\
            沪A00004,coach,49,,work-group-32,,,,\n";
        let outcome = garage.import(file);
        assert_eq!(counts(&outcome), [9, 2, 0, 0, 7], "{outcome:?}");
        assert_eq!(told(&outcome), [
            "3 plate bad_value", "3 KIND bad_value", "3 seats bad_value",
            "4 seats missing_field", "4 organisation missing_field", "4 permit_expires_on bad_date",
            "5 load_cap bad_value",
            "6 seats bad_value",
            "7 organisation unknown_organisation", "7 depot unknown_organisation", "7 permit_expires_on missing_field",
            "8 permit missing_field",
            "9 - duplicate_row",
        ], "a row that was refused is not the first of its plate");
        assert_eq!(garage.vehicles().iter().map(|vehicle| vehicle.plate.as_str()).collect::<Vec<_>>(), ["沪A00001", "沪A00004"]);
    }

    fn staff_come_in_by_their_badges_and_names_are_sealed(db: TestDb) {
        let garage = Garage::new(db);
        let first = garage.import(STAFF);
        assert_eq!(counts(&first), [3, 3, 0, 0, 0], "{first:?}");
        assert_eq!(counts(&garage.import(STAFF)), [3, 0, 3, 0, 0]);
        let staff = garage.staff();
        assert_eq!(staff.iter().map(|member| garage.name(member)).collect::<Vec<_>>(), ["王小芳", "李雷", "韩梅梅"]);
        assert_eq!((staff[0].role, staff[0].licence, staff[1].depot.is_some(), staff[2].in_service), (StaffRole::Driver, Some(Licence::A1), true, false));
        let renamed = "badge,name,role,organisation\nD1,王*芳,driver,work-group-32\nE1,李蕾,escort,work-group-32\nM1,,medic,work-group-32\n";
        assert_eq!(counts(&garage.import(renamed)), [3, 0, 2, 1, 0], "what is masked or empty says nothing");
        let staff = garage.staff();
        assert_eq!(staff.iter().map(|member| garage.name(member)).collect::<Vec<_>>(), ["王小芳", "李蕾", "韩梅梅"]);
        assert_eq!(staff.iter().map(|member| member.version).collect::<Vec<_>>(), [1, 2, 1]);
        let trail = garage.db.column("SELECT reason AS body FROM audit WHERE deed = 'manage_fleet'");
        assert_eq!(trail, ["staff", "staff"], "twice something was written");
    }

    fn a_row_of_staff_that_cannot_be_is_told_without_any_name(db: TestDb) {
        let garage = Garage::new(db);
        garage.import(STAFF);
        let file = "工号,姓名,岗位,准驾车型,单位\n\
            D2,赵四,驾驶员,,work-group-32\n\
            D3,赵*,驾驶员,B1,work-group-32\n\
            D4,,陪护,,nobody\n\
            王五,D5,陪护,,work-group-32\n\
            D1,王小芳,厨师,Z9,work-group-32\n\
            E1,李雷,驾驶员,,work-group-32\n\
            E1,李雷,陪护,,work-group-32\n";
        let outcome = garage.import(file);
        assert_eq!(counts(&outcome), [7, 0, 1, 0, 6], "{outcome:?}");
        assert_eq!(told(&outcome), [
            "2 准驾车型 bad_value",
            "3 姓名 bad_value",
            "4 单位 unknown_organisation", "4 姓名 missing_field",
            "5 工号 bad_value",
            "6 岗位 bad_value", "6 准驾车型 bad_value",
            "7 准驾车型 bad_value",
        ]);
        let said = format!("{outcome:?}");
        assert!(["赵四", "赵*", "王五", "王小芳", "李雷"].iter().all(|name| !said.contains(name)), "{said}");
    }

    fn nobody_brings_in_or_changes_what_is_beyond_their_scope(db: TestDb) {
        let mut garage = Garage::new(db);
        garage.import("车牌号,车型,座位数,单位\n浙A00001,大客车,49,work-group-33\n");
        garage.import("工号,姓名,岗位,单位\nZ1,王小芳,陪护,work-group-33\n");
        garage.actor = build::actor(&garage.db, "jiangsu", Role::ProvincialGroup, "320000");
        let outcome = garage.import(
            "车牌号,车型,座位数,单位\n苏A00001,大客车,49,work-group-32\n苏A00002,大客车,49,浙江省驻沪工作组\n浙A00001,大客车,19,work-group-32\n浙A00002,大客车,49,nobody\n",
        );
        assert_eq!((counts(&outcome), told(&outcome)), ([4, 1, 0, 0, 3], vec![
            "3 单位 unknown_organisation".into(), "4 车牌号 known_elsewhere".into(), "5 单位 unknown_organisation".into(),
        ]));
        assert_eq!(outcome.problems[0].message, outcome.problems[2].message, "beyond the scope is not told from not there");
        let outcome = garage.import("工号,姓名,岗位,单位\nZ1,李雷,陪护,work-group-32\nJ1,李雷,陪护,work-group-32\n");
        assert_eq!((counts(&outcome), told(&outcome)), ([2, 1, 0, 0, 1], vec!["2 工号 known_elsewhere".into()]));
        let known = garage.staff().into_iter().find(|member| member.badge == "Z1").unwrap();
        assert_eq!((garage.name(&known).as_str(), known.version), ("王小芳", 1));
        let (db, keyring, rulebook, actor) = (&garage.db.db, &garage.keyring, &garage.rulebook, build::actor(&garage.db, "auditor", Role::Auditor, "all"));
        let import = Import { db, keyring, rulebook, rule: LoadRule::default(), actor: &actor, dry_run: true };
        assert!(matches!(import.vehicles(std::iter::empty(), &[]), Err(Error::Forbidden(_))), "who may not manage the fleet does not even look");
    }

    fn two_who_import_the_same_file_at_once_enter_nothing_twice(db: TestDb) {
        let garage = Garage::new(db);
        let rows: Vec<String> = (0..300).map(|n| format!("沪B{n:05},大客车,49,work-group-32\n")).collect();
        let file = |rows: Vec<&str>| format!("车牌号,车型,座位数,单位\n{}", rows.concat());
        let forwards = file(rows.iter().map(String::as_str).collect());
        let backwards = file(rows.iter().rev().map(String::as_str).collect());
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let runs: Vec<_> = [&forwards, &backwards, &forwards, &backwards].map(|file| scope.spawn(|| garage.import(file.as_str()))).into();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().map(|outcome| outcome.new).sum::<u64>(), 300);
        assert_eq!(outcomes.iter().map(|outcome| outcome.same).sum::<u64>(), 900);
        let staff: String = (0..120).map(|n| format!("S{n},甲{n},陪护,work-group-32\n")).collect();
        let staff = format!("工号,姓名,岗位,单位\n{staff}");
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| garage.import(staff.as_str()))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!((outcomes.iter().map(|outcome| outcome.new).sum::<u64>(), outcomes.iter().map(|outcome| outcome.same).sum::<u64>()), (120, 360));
    }

    fn five_thousand_vehicles_are_one_file(db: TestDb) {
        let garage = Garage::new(db);
        let file = |seats: u32| {
            let rows: String = (0..5_000).map(|n| format!("沪C{n:05},大客车,{seats},work-group-32\n")).collect();
            format!("车牌号,车型,座位数,单位\n{rows}")
        };
        assert_eq!(counts(&garage.import(file(49))), [5_000, 5_000, 0, 0, 0]);
        assert_eq!(counts(&garage.import(file(49))), [5_000, 0, 5_000, 0, 0]);
        assert_eq!(counts(&garage.import(file(53))), [5_000, 0, 0, 5_000, 0]);
    }
}
