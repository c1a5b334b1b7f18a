//! Who is told what.

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use jiezhuan::access::{Actor, Role};
use jiezhuan::custody::{self, Decision, ExceptionKind};
use jiezhuan::dispatch::{self, NewTrip, SeatWanted};
use serde_json::{Value, json};

use super::Post;
use crate::handoffs::guests::{self, COUNTY, GROUP, on_the_road, sign_and_name};
use crate::handoffs::phones::{key_of, paper, phone, takes_back};
use crate::handoffs::{accept, exception, offer, refuse, withdraw};
use crate::support::build::{self, coach, driver, staff, to_suzhou, vehicle};
use crate::support::people::{DESK, by, land};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";

on_both_engines! {
    fn the_sender_is_always_told_what_became_of_an_offer(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db.db;
        post.address(Some(DESK), "desk@jiezhuan.example", json!({}));
        post.address(Some(SITE), "site@jiezhuan.example", json!({"language": "en"}));
        let people = land(db, &[1; 7]);
        let refused = offer(db, DESK, SITE, &people);
        refuse(db, SITE, refused).unwrap();
        let withdrawn = offer(db, DESK, SITE, &people);
        post.round();
        withdraw(db, DESK, withdrawn).unwrap();
        let excepted = offer(db, DESK, SITE, &people);
        accept(db, SITE, excepted, 6, &[exception(people[0], ExceptionKind::Missing)]).unwrap();
        let whole = offer(db, DESK, SITE, &people[..1]);
        accept(db, SITE, whole, 1, &[]).unwrap();
        post.round();
        let mut to_desk = post.server.subjects_to("desk@jiezhuan.example");
        to_desk.sort();
        assert_eq!(to_desk, [
            "已接收：嘉定区第一隔离点接收浦东机场接转专班移交的 1 人",
            "拒收：嘉定区第一隔离点拒收浦东机场接转专班的移交",
            "部分接收：嘉定区第一隔离点接收浦东机场接转专班的移交，异常 1 人",
        ].map(|subject| subject.to_owned()), "{to_desk:?}");
        let to_site = post.server.subjects_to("site@jiezhuan.example");
        assert_eq!(to_site.len(), 2, "an offer that has ended before anybody was told needs no answer: {to_site:?}");
        assert!(to_site[0].starts_with("To answer: ") && to_site[1].starts_with("Withdrawn: "), "{to_site:?}");
        let mails = post.server.taken();
        let refusal = mails.iter().find(|mail| mail["subject"].as_str().unwrap().starts_with("拒收")).unwrap();
        assert!(refusal["text"].as_str().unwrap().contains("原因：no room"), "{refusal}");
        assert!(refusal["html"].as_str().unwrap().contains(&format!("href=\"https://jiezhuan.example/handoffs/{refused}\"")), "{refusal}");
        assert_eq!((&refusal["sender"], &refusal["auto"]), (&json!("接转 <no-reply@jiezhuan.example>"), &json!("auto-generated")));
        let asked = mails.iter().find(|mail| mail["to"] == "site@jiezhuan.example").unwrap();
        let values: Vec<&str> = asked["text"].as_str().unwrap().lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value).collect();
        assert!(!values.contains(&"7"), "who receives counts blind: {asked}");
    }

    fn both_sides_are_told_once_of_what_a_phone_signed_and_was_not_taken(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        for (organisation, mailbox, more) in [
            (Some(DESK), "desk@x.example", json!({})),
            (Some(SITE), "site@x.example", json!({"language": "en", "muted": ["offered"]})),
            (Some(SITE), "officer@x.example", json!({"post": "duty_officer"})),
            (Some("site-310115-1"), "others@x.example", json!({})),
        ] {
            post.address(organisation, mailbox, more);
        }
        let people = land(&db.db, &[1; 3]);
        let [waits, ends, withdrawn] = [0, 1, 2].map(|n| offer(&db.db, DESK, SITE, &people[n..=n]));
        let phone = phone(&post.app, 1, SITE);
        phone.enrols();
        let papers = [waits, ends, withdrawn].map(|id| paper(&post.app, id));
        let [receipt, conflicting] = [0, 2].map(|n| phone.says(&papers[n], &people[n..=n], "2020-09-15 12:10"));
        let said = [receipt, phone.says_no(&papers[1], "full", "2020-09-15 12:10"), conflicting];
        db.at("2020-09-15 12:20");
        withdraw(&db.db, DESK, withdrawn).unwrap();
        assert_eq!(phone.signs(withdrawn, &said[2]).status, 409);
        takes_back(&post.app, &phone.caller, &key_of(&post.app, &phone.caller));
        refuse(&db.db, SITE, ends).unwrap();
        for _ in 0..2 {
            db.at("2020-09-15 12:30");
            assert_eq!([phone.signs(waits, &said[0]), phone.refuses(ends, &said[1])].map(|reply| reply.status.as_u16()), [410, 410]);
            post.round();
        }
        let of_phones = |subject: &String| ["签字未采用：", "离线答复冲突："].iter().any(|word| subject.starts_with(word));
        let told = |mailbox: &str| post.server.subjects_to(mailbox).into_iter().filter(of_phones).collect::<Vec<_>>();
        let mut to_desk = told("desk@x.example");
        to_desk.sort();
        assert_eq!(to_desk, [
            "离线答复冲突：浦东机场接转专班向嘉定区第一隔离点的移交了结之后，又收到离线答复",
            "签字未采用：嘉定区第一隔离点一部手机对浦东机场接转专班移交所签的内容不作数",
            "签字未采用：嘉定区第一隔离点一部手机对浦东机场接转专班移交所签的内容不作数",
        ]);
        assert_eq!(told("officer@x.example").len(), 3);
        assert_eq!(told("others@x.example").len(), 0);
        let mails = post.server.taken();
        let to_site: Vec<&Value> = mails.iter().filter(|mail| mail["to"] == "site@x.example" && mail["subject"].as_str().unwrap().starts_with("Not taken: ")).collect();
        assert_eq!(to_site.len(), 2, "{mails:?}");
        let of = |id| to_site.iter().find(|mail| mail["text"].as_str().unwrap().contains(&format!("/handoffs/{id}"))).unwrap()["text"].as_str().unwrap();
        for (id, stands, said, next) in [
            (waits, "waits for an answer", "a receipt", "counts and signs again"),
            (ends, "refused", "a refusal of all", "What ended it first stands"),
        ] {
            let text = of(id).replace("\r\n", "\n");
            for words in [&format!("What stands: {stands}\n"), &format!("What was signed: {said}\n"), "The key of the phone had been taken back", "Signed at: 2020-09-15 12:10\n", "Key taken back at: 2020-09-15 12:20\n", next] {
                assert!(text.contains(words), "{words} in {text}");
            }
        }
        assert!(to_site[0]["html"].as_str().unwrap().contains("waits for an answer") || to_site[1]["html"].as_str().unwrap().contains("waits for an answer"));
    }

    fn the_giver_is_told_of_everybody_whom_a_guest_named_and_whoever_answers_for_one_is_asked(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        post.app.register();
        for (organisation, mailbox) in [(GROUP, "group@x.example"), (SITE, "site@x.example"), ("site-310115-1", "others@x.example")] {
            post.address(Some(organisation), mailbox, json!({"muted": ["offered", "accepted"]}));
        }
        let desk = post.app.caller(Role::AirportDesk, "");
        let roster = "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,目的地\nMU588,PVG,2020-09-12 08:00,李雷雷,CHN,护照,E12345678,江苏苏州\n";
        let request = TestRequest::post().uri("/api/v1/rosters").insert_header(("Content-Type", "application/octet-stream"));
        assert_eq!(post.app.send(desk.asks(request).set_payload(roster)).json()["new"], 1);
        let known = post.app.get(&desk, "/api/v1/travellers").json()["items"][0]["id"].as_str().unwrap().parse().unwrap();
        let id = offer(&db.db, DESK, SITE, &[known]);
        accept(&db.db, SITE, id, 1, &[]).unwrap();
        let people = on_the_road(&db.db, 1);
        let id = offer(&db.db, GROUP, COUNTY, &people);
        let key = guests::Key::of(&guests::link(&db.db, &by(GROUP), id).unwrap());
        sign_and_name(&db.db, &key, custody::Receipt { counted: 1, ..custody::Receipt::default() }, &["E12345678", "E99999999"]).unwrap();
        post.round();
        let to_group = post.server.subjects_to("group@x.example");
        assert!(to_group.len() == 1 && to_group[0].starts_with("部分接收：") && to_group[0].ends_with("异常 2 人"), "{to_group:?}");
        let to_site = post.server.subjects_to("site@x.example");
        assert!(to_site.len() == 1 && to_site[0].starts_with("多出人员：") && to_site[0].contains("贵单位负责的 1 人"), "{to_site:?}");
        assert!(post.server.subjects_to("others@x.example").is_empty());
        let said: String = post.server.taken().iter().map(|mail| format!("{} {}", mail["subject"], mail["text"])).collect();
        assert!(said.contains("多出：2") && !said.contains("E12345678") && !said.contains("E99999999"), "no number leaves by mail: {said}");
    }

    fn silence_is_told_to_both_sides_then_to_duty_officers_then_to_coordinators(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        for (organisation, mailbox, at) in [
            (Some(DESK), "desk@x.example", "desk"),
            (Some(SITE), "site@x.example", "desk"),
            (Some(SITE), "officer@x.example", "duty_officer"),
            (None, "coordinator@x.example", "desk"),
        ] {
            post.address(organisation, mailbox, json!({"post": at}));
        }
        let id = offer(&db.db, DESK, SITE, &land(&db.db, &[1]));
        for time in ["12:00", "12:10", "12:20", "12:30", "12:45"] {
            db.at(&format!("2020-09-15 {time}"));
            post.round();
        }
        let because = "电话确认无法接收".parse::<custody::Reason>().unwrap();
        db.db.write(move |tx| custody::decide(tx, &Actor::operator(), id, None, Decision::Refuse, because.clone())).unwrap();
        post.round();
        let told = |mailbox| post.server.subjects_to(mailbox).iter().map(|subject| subject.split('：').next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(told("desk@x.example"), ["催办", "催办", "催办", "超时", "已裁定"]);
        assert_eq!(told("site@x.example"), ["待接收", "催办", "催办", "催办", "超时", "已裁定"]);
        assert_eq!(told("officer@x.example"), ["催办", "催办", "超时", "已裁定"]);
        assert_eq!(told("coordinator@x.example"), ["催办", "超时"]);
    }

    fn whoever_waits_is_told_how_many_are_aboard_and_when_they_come(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        post.address(Some("squad-320500"), "suzhou@x.example", json!({}));
        let rulebook = build::rulebook(db);
        let people = build::parties(db, &[3]).concat();
        let (coach, driver) = (vehicle(db, coach("苏A00001")), staff(db, driver("D1")));
        let new = NewTrip { vehicle: coach.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 12:30", "2020-09-15 14:00"), load_cap: None };
        let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap().id;
        let seats: Vec<SeatWanted> = people.iter().map(|&one| SeatWanted::any(one)).collect();
        db.db.write(move |tx| dispatch::seats_give(tx, &Actor::operator(), &rulebook, trip, &seats)).unwrap();
        db.db.write(move |tx| dispatch::announce(tx, &Actor::operator(), trip, None)).unwrap();
        db.db.write(move |tx| dispatch::start_boarding(tx, &Actor::operator(), trip, None)).unwrap();
        db.at("2020-09-15 12:40");
        db.db.write(move |tx| dispatch::depart(tx, &Actor::operator(), trip, None, None)).unwrap();
        post.round();
        assert_eq!(post.server.subjects_to("suzhou@x.example"), ["已发车：20200915-001，车上 3 人，预计 14:10 到达"], "ten minutes late");
        let mail = &post.server.taken()[0];
        assert!(mail["text"].as_str().unwrap().contains("车牌：苏A00001"), "{mail}");
    }

    fn whoever_was_told_of_a_trip_is_told_that_it_goes_otherwise_and_why(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        post.address(Some("desk-pvg"), "desk@x.example", json!({}));
        post.address(Some("squad-320500"), "suzhou@x.example", json!({"language": "en"}));
        post.address(Some("squad-330100"), "others@x.example", json!({}));
        let rulebook = build::rulebook(db);
        let people = build::parties(db, &[3]).concat();
        let (coach, other, driver) = (vehicle(db, coach("苏A00001")), vehicle(db, build::coach("苏A00002")), staff(db, driver("D1")));
        let new = NewTrip { vehicle: coach.id, crew: vec![driver.id], legs: to_suzhou("2020-09-15 12:30", "2020-09-15 14:00"), load_cap: None };
        let trip = db.db.write(move |tx| dispatch::trip_create(tx, &Actor::operator(), TimeDelta::minutes(60), &new)).unwrap().id;
        let seats: Vec<SeatWanted> = people.iter().map(|&one| SeatWanted::any(one)).collect();
        db.db.write(move |tx| dispatch::seats_give(tx, &Actor::operator(), &rulebook, trip, &seats)).unwrap();
        let back = coach.id;
        db.db.write(move |tx| dispatch::trip_change_vehicle(tx, &Actor::operator(), trip, None, other.id, "gearbox")).unwrap();
        db.db.write(move |tx| dispatch::announce(tx, &Actor::operator(), trip, None)).unwrap();
        post.round();
        assert_eq!(post.server.taken().len(), 0, "what nobody had been told of may change in silence");
        db.db.write(move |tx| dispatch::trip_change_vehicle(tx, &Actor::operator(), trip, None, back, "苏A00002 抛锚")).unwrap();
        post.round();
        db.db.write(move |tx| dispatch::trip_cancel(tx, &Actor::operator(), trip, None, "高速封闭")).unwrap();
        post.round();
        assert_eq!(post.server.subjects_to("desk@x.example"), ["车次变动：20200915-001，车辆有变", "车次取消：20200915-001，原定 2020-09-15 12:30 发车"]);
        assert_eq!(post.server.subjects_to("suzhou@x.example"), ["Trip changed: 20200915-001 (Vehicle)", "Trip cancelled: 20200915-001, was to leave 2020-09-15 12:30"]);
        assert_eq!(post.server.subjects_to("others@x.example"), [""; 0]);
        let mails = post.server.taken();
        let changed = mails.iter().find(|mail| mail["subject"].as_str().unwrap().starts_with("车次变动")).unwrap();
        let text = changed["text"].as_str().unwrap();
        assert!(text.contains("车辆：苏A00002 → 苏A00001") && text.contains("原因：苏A00002 抛锚") && text.contains(&format!("/trips/{trip}")), "{text}");
        assert!(!text.contains("人数") && !text.contains("座位"), "who receives counts blind: {text}");
    }

    fn a_positive_result_after_the_move_is_told_to_everybody_who_answered_for_the_person(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        post.address(Some("desk-pvg"), "desk@x.example", json!({}));
        post.address(Some(SITE), "left@x.example", json!({}));
        post.address(Some("work-group-32"), "now@x.example", json!({"language": "en"}));
        post.address(Some("work-group-33"), "others@x.example", json!({}));
        post.address(None, "coordinator@x.example", json!({}));
        post.app.register();
        let desk = post.app.caller(Role::AirportDesk, "");
        let sends = |path: &str, file: &str| {
            let request = TestRequest::post().uri(path).insert_header(("Content-Type", "application/octet-stream"));
            let imported = post.app.send(desk.asks(request).set_payload(file.to_owned())).json();
            assert_eq!(imported["new"], 1, "{imported}");
        };
        let roster = "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,目的地\nMU588,PVG,2020-09-12 08:00,李雷雷,CHN,护照,E12345678,江苏苏州\n";
        sends("/api/v1/rosters", roster);
        let person = post.app.get(&desk, "/api/v1/travellers").json()["items"][0]["id"].as_str().unwrap().parse().unwrap();
        for (from, to) in [(DESK, SITE), (SITE, "work-group-32")] {
            let id = offer(&db.db, from, to, &[person]);
            accept(&db.db, to, id, 1, &[]).unwrap();
        }
        post.round();
        let before = post.server.taken().len();
        // The laboratory's file, as it is imported every evening: the sample was taken at the site, before the move.
        let results = "证件类型,证件号码,采样时间,检测类型,结果,检测机构\n护照,E12345678,2020-09-14 09:00,核酸,阳性,市疾控\n";
        sends("/api/v1/results", results);
        post.round();
        post.server.subjects_to("");
        let mails: Vec<Value> = post.server.taken().split_off(before);
        let mut to: Vec<&str> = mails.iter().map(|mail| mail["to"].as_str().unwrap()).collect();
        to.sort_unstable();
        assert_eq!(to, ["coordinator@x.example", "desk@x.example", "left@x.example", "now@x.example"]);
        let now = mails.iter().find(|mail| mail["to"] == "now@x.example").unwrap();
        assert_eq!(now["subject"], "Positive test: somebody you answer for, or did");
        assert!(now["text"].as_str().unwrap().contains("Where, when it became known: on the road"), "{now}");
        let said: String = mails.iter().map(|mail| format!("{} {}", mail["subject"], mail["text"])).collect();
        assert!(!said.contains("李雷雷") && !said.contains("E12345678"), "no name leaves by mail: {said}");
        // The same file again is nothing new, and the person does not move on.
        let request = TestRequest::post().uri("/api/v1/results").insert_header(("Content-Type", "application/octet-stream"));
        assert_eq!(post.app.send(desk.asks(request).set_payload(results)).json()["same"], 1);
        post.round();
        assert_eq!(post.server.taken().len(), before + 4);
        assert_eq!(post.app.get(&desk, &format!("/api/v1/travellers/{person}")).json()["holds"][0]["kind"], "positive");
    }

    fn the_night_shift_is_told_how_things_stand_twice_and_once_each(db: TestDb) {
        let Some(post) = Post::new(db) else { return };
        let db = &post.app.db;
        post.address(Some(SITE), "site@x.example", json!({"muted": ["offered", "reminded"]}));
        post.address(Some("site-310113-1"), "quiet@x.example", json!({"muted": ["digest"]}));
        db.at("2020-09-15 21:30");
        offer(&db.db, DESK, SITE, &land(&db.db, &[1, 1]));
        for time in ["2020-09-15 21:44", "2020-09-15 21:45", "2020-09-15 22:10", "2020-09-16 02:44", "2020-09-16 02:45", "2020-09-16 03:44"] {
            db.at(time);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| post.round());
                }
            });
        }
        let digests: Vec<String> = post.server.subjects_to("site@x.example").into_iter().filter(|subject| subject.starts_with("夜班提要")).collect();
        assert_eq!(digests.len(), 2, "{digests:?}");
        assert!(digests[0].ends_with("2020-09-15 21:45") && digests[1].ends_with("2020-09-16 02:45"), "{digests:?}");
        let first = post.server.taken().into_iter().find(|mail| mail["subject"] == digests[0].as_str()).unwrap();
        assert!(first["text"].as_str().unwrap().contains("待贵单位答复：1\r\n"), "{first}");
        assert!(post.server.subjects_to("quiet@x.example").is_empty());
    }
}
