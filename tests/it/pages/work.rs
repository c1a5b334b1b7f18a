//! The pages that the work is done on, without any script: what each shows to whom, and what it must not show.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::json;

use crate::api::{landed, travellers};
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

/// The files that a page brings with it.
const FILES: [&str; 5] = ["style.css", "page.js", "live.js", "icons.svg", "mark.svg"];

pub fn page(app: &TestApp, caller: &Caller, path: &str) -> Reply {
    app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/html")))
}

pub fn post(app: &TestApp, caller: &Caller, path: &str, form: &[(&str, &str)]) -> Reply {
    app.send(caller.asks(TestRequest::post().uri(path)).insert_header(("Accept", "text/html")).set_form(form))
}

/// The id of the traveller whom a redirect leads to.
fn led_to(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply.header("location").rsplit('/').next().unwrap().split('?').next().unwrap().to_owned()
}

/// Everybody of the roster who is bound for Suzhou, offered by the desk; the handoff.
fn offered(app: &TestApp, to: &str) -> (Caller, String) {
    let giver = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
    let people = travellers(app, &giver, "");
    let couple: Vec<_> = people.iter().filter(|one| one["city"] == "320500" || one["destination"] == "320500").map(|one| one["id"].clone()).collect();
    assert_eq!(couple.len(), 2, "{people:?}");
    let handoff = app.post(&giver, "/api/v1/handoffs", &json!({"to_organisation": to, "travellers": couple}));
    (giver, handoff.json()["id"].as_str().unwrap().to_owned())
}

on_both_engines! {
    fn every_page_is_complete_in_both_languages_and_light_for_whoever_may_see_it(db: TestDb) {
        let (app, desk) = landed(db);
        let (_, handoff) = offered(&app, "work-group-32");
        let person = travellers(&app, &desk, "")[0]["id"].as_str().unwrap().to_owned();
        let weight: usize = FILES.iter().map(|file| app.send(TestRequest::get().uri(&format!("/assets/{file}"))).body.len()).sum();
        let paths = [
            "/", "/?province=320000", "/?wall=1", "/desk", "/receive", "/trips", "/trips?on=2020-09-15&city=320500", "/trips/new", "/admin", "/admin/users",
            "/admin/policies", "/admin/policies?landed_at=2020-09-15T12:00&to=suzhou", "/admin/policies/people", "/admin/policies/people?rule=7%2B7@1", "/receive?state=overdue", "/receive?state=ended", "/receive/owed", "/admin/organisations", "/admin/fleet", "/admin/fleet/vehicles/new", "/admin/fleet/staff/new", "/admin/fleet/absences", "/admin/audit", "/days", "/days/roots", "/days/2020-09-14", "/balance", "/sites", "/sites?on=2020-09-20", "/account", "/admin/outbox", "/admin/health",
        ];
        let of_one = [format!("/desk/people/{person}"), format!("/desk/people/{person}/slip"), format!("/people/{person}"), format!("/receive/{handoff}"),
            format!("/receive/{handoff}/sheet")];
        for role in [Role::AirportDesk, Role::Dispatcher, Role::ProvincialGroup, Role::Coordinator, Role::Auditor, Role::Administrator] {
            let caller = app.caller_of(role, "320000", Some("work-group-32"));
            for path in paths.iter().copied().chain(of_one.iter().map(String::as_str)) {
                for language in ["zh", "en"] {
                    let request = caller.asks(TestRequest::get().uri(path)).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", language));
                    let reply = app.send(request);
                    let may = [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::FORBIDDEN];
                    assert!(may.contains(&reply.status), "{role} {path}: {} {}", reply.status, reply.body);
                    assert!(!reply.body.contains("Unknown localization"), "{role} {path} in {language}: {}", reply.body);
                    assert!(reply.body.len() + weight < 100_000, "{path} weighs {}", reply.body.len() + weight);
                }
            }
        }
    }

    fn the_giver_s_number_is_on_no_page_of_the_receiver_before_the_count(db: TestDb) {
        let (app, _) = landed(db);
        let (_, handoff) = offered(&app, "work-group-32");
        let receiver = app.caller_of(Role::ProvincialGroup, "320000", Some("work-group-32"));
        for path in ["/receive".to_owned(), format!("/receive/{handoff}"), format!("/receive/{handoff}/sheet")] {
            let shown = page(&app, &receiver, &path);
            assert_eq!(shown.status, StatusCode::OK);
            assert!(!shown.body.contains("李雷雷") && !shown.body.contains("2 人") && !shown.body.contains("<dd class=\"num\">2</dd>"), "{path}: {}", shown.body);
        }
        let wrong = post(&app, &receiver, &format!("/receive/{handoff}/count"), &[("counted", "two")]);
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("value=\"two\""), "what was typed stays: {}", wrong.body);
        assert_eq!(post(&app, &receiver, &format!("/receive/{handoff}/count"), &[("counted", "1")]).status, StatusCode::SEE_OTHER);
        let list = page(&app, &receiver, &format!("/receive/{handoff}"));
        assert!(list.body.contains("李雷雷") && list.body.contains("相差 1 人"), "{}", list.body);
    }

    fn a_receipt_is_signed_without_any_script(db: TestDb) {
        let (app, _) = landed(db);
        let (giver, handoff) = offered(&app, "work-group-32");
        let receiver = app.caller_of(Role::ProvincialGroup, "320000", Some("work-group-32"));
        post(&app, &receiver, &format!("/receive/{handoff}/count"), &[("counted", "1")]);
        let people: Vec<String> = app.get(&receiver, &format!("/api/v1/handoffs/{handoff}")).json()["people"]
            .as_array().unwrap().iter().map(|line| line["traveller"].as_str().unwrap().to_owned()).collect();
        let why = format!("why-{}", people[1]);
        let form = [("listed", people[0].as_str()), ("listed", &people[1]), ("here", &people[0]), (&why, "not_fit")];
        assert_eq!(post(&app, &receiver, &format!("/receive/{handoff}/accept"), &form).status, StatusCode::SEE_OTHER);
        let ended = app.get(&giver, &format!("/api/v1/handoffs/{handoff}")).json();
        assert_eq!((&ended["state"], &ended["counted"]), (&json!("accepted_with_exceptions"), &json!(1)));
        let again = post(&app, &receiver, &format!("/receive/{handoff}/accept"), &form);
        assert!(again.status == StatusCode::CONFLICT && again.body.contains("role=\"alert\""), "the second is told: {}", again.body);
    }

    fn a_person_entered_twice_is_the_same_person_and_an_ambiguous_place_is_asked_back(db: TestDb) {
        let (app, desk) = landed(db);
        let fields = |to: &'static str| {
            [("name_latin", "LI/LEI"), ("doc_type", "passport"), ("doc_no", "E99999999"), ("nationality", "CHN"), ("flight_no", "MU588"), ("port", "PVG"),
                ("landed_at", "2020-09-15 10:00"), ("destination", to), ("health", "ok")]
        };
        let asked = post(&app, &desk, "/desk/people", &fields("suzhou"));
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asked.body.contains("value=\"320500\"") && asked.body.contains("value=\"341300\"") && asked.body.contains("LI/LEI"), "{}", asked.body);
        let first = led_to(&post(&app, &desk, "/desk/people", &fields("320500")));
        assert_eq!(led_to(&post(&app, &desk, "/desk/people", &fields("320500"))), first);
        for said in ["E99999999", "li lei", "LEI LI", &format!("http://desk.test/people/{first}")] {
            assert_eq!(led_to(&post(&app, &desk, "/desk", &[("said", said)])), first, "{said}");
        }
        let shown = page(&app, &desk, &format!("/desk/people/{first}"));
        assert!(shown.body.contains("嘉定区驻机场工作组") && shown.body.contains("江苏苏州") && shown.body.contains("9月18日"), "{}", shown.body);
        let slip = page(&app, &desk, &format!("/desk/people/{first}/slip"));
        assert!(slip.body.contains("class=\"qr\"") && slip.body.contains("E99999999"));
        let audit = app.get(&app.caller(Role::Auditor, ""), "/api/v1/audit").json();
        assert!(audit["items"].as_array().unwrap().iter().any(|line| line["reason"] == "接待台核对证件"), "every look is logged: {audit}");
    }

    fn whoever_is_ready_is_offered_by_one_press_and_a_party_with_somebody_held_stays(db: TestDb) {
        let (app, _) = landed(db);
        let desk = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
        let people = travellers(&app, &desk, "");
        let of_couple = people.iter().find(|one| one["destination"] == "320500").unwrap()["id"].as_str().unwrap();
        let waits = |text: &str| page(&app, &desk, "/desk").body.contains(text);
        assert!(waits("嘉定区驻机场工作组</b> <span class=\"num\">2") && waits("松江区驻机场工作组</b> <span class=\"num\">1"));
        let diverted = post(&app, &desk, &format!("/desk/people/{of_couple}/medical"), &[("health", "symptomatic")]);
        assert_eq!(diverted.status, StatusCode::SEE_OTHER, "{}", diverted.body);
        assert!(page(&app, &desk, &format!("/desk/people/{of_couple}")).body.contains("class=\"to\">上海市公共卫生临床中心"), "the doctors take them now");
        assert!(waits("嘉定区驻机场工作组</b> <span class=\"num\">1"), "the other, parted from them, may go");
        let sent = post(&app, &desk, "/desk/send", &[("receiver", "group-310114")]);
        assert!(page(&app, &desk, sent.header("location")).body.contains("1 人。"), "{}", sent.header("location"));
        assert!(!waits("嘉定区驻机场工作组</b> <span class=\"num\">1"), "nobody is offered twice");
        let again = post(&app, &desk, "/desk/send", &[("receiver", "group-310114")]);
        assert!(again.status == StatusCode::CONFLICT && again.body.contains("role=\"alert\""));
    }

    fn soon_after_midnight_the_flight_that_is_carried_over_is_one_of_yesterday(db: TestDb) {
        let (app, desk) = landed(db);
        app.db.at("2020-09-13 00:30");
        let form = post(&app, &desk, "/desk", &[("said", "E00000000")]);
        assert!(form.body.contains("value=\"MU588\"") && form.body.contains("value=\"2020-09-12 00:10\""), "{}", form.body);
    }

    fn what_was_typed_at_the_desk_is_shown_as_text_and_what_cannot_be_read_is_told(db: TestDb) {
        let (app, desk) = landed(db);
        let reply = post(&app, &desk, "/desk", &[("said", "\"><script>alert(1)</script>")]);
        assert!(reply.status == StatusCode::UNPROCESSABLE_ENTITY && !reply.body.contains("<script>"), "{}", reply.body);
        assert_eq!(post(&app, &desk, "/desk", &[("said", "MU588 99Z")]).status, StatusCode::NOT_FOUND);
        let entered = post(&app, &desk, "/desk/people", &[("name", "甲"), ("doc_no", "x")]);
        assert_eq!((entered.status, entered.body.matches("aria-invalid").count()), (StatusCode::UNPROCESSABLE_ENTITY, 4), "{}", entered.body);
    }

    fn whoever_changes_the_language_on_the_answer_to_a_form_comes_back_to_the_page_of_the_form(db: TestDb) {
        let (app, desk) = landed(db);
        let form = desk.asks(TestRequest::post().uri("/search")).insert_header(("Accept", "text/html"));
        let nothing = app.send(form.insert_header(("Referer", "http://desk.test/trips?on=2020-09-15")).set_form([("said", "E00000000")]));
        assert!(nothing.body.contains("name=\"next\" value=\"/trips\""), "{}", nothing.body);
    }

    fn nobody_sees_across_by_a_page(db: TestDb) {
        let (app, desk) = landed(db);
        let (_, handoff) = offered(&app, "work-group-32");
        let zhejiang = app.caller_of(Role::ProvincialGroup, "330000", Some("work-group-33"));
        let jiangsu = travellers(&app, &desk, "").into_iter().find(|one| one["destination"] == "320500").unwrap();
        let id = jiangsu["id"].as_str().unwrap();
        for path in [format!("/people/{id}"), format!("/receive/{handoff}"), format!("/receive/{handoff}/sheet")] {
            assert_eq!(page(&app, &zhejiang, &path).status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(post(&app, &zhejiang, "/search", &[("said", "E12345678")]).status, StatusCode::NOT_FOUND);
        assert_eq!(led_to(&post(&app, &desk, "/search", &[("said", "E12345678")])).len(), id.len());
        assert_eq!(post(&app, &zhejiang, &format!("/people/{id}/reveal"), &[("reason", "流调")]).status, StatusCode::NOT_FOUND);
        assert_eq!(page(&app, &zhejiang, "/desk").status, StatusCode::FORBIDDEN);
    }

    fn an_identity_is_opened_for_a_reason_and_a_hold_is_part_of_the_story(db: TestDb) {
        let (app, desk) = landed(db);
        let id = travellers(&app, &desk, "")[0]["id"].as_str().unwrap().to_owned();
        let coordinator = app.caller(Role::Coordinator, "");
        let masked = page(&app, &coordinator, &format!("/people/{id}")).body;
        assert!(!masked.contains("E12345678") && masked.contains("第 1 天为 2020-09-12"), "{masked}");
        let refused = post(&app, &coordinator, &format!("/people/{id}/reveal"), &[("reason", " ")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let open = post(&app, &coordinator, &format!("/people/{id}/reveal"), &[("reason", "流调")]);
        assert!(["E12345678", "E23456789", "E34567890"].iter().any(|number| open.body.contains(number)), "{}", open.body);
        assert_eq!(post(&app, &coordinator, &format!("/people/{id}/holds"), &[("kind", "administrative"), ("reason", "待核实")]).status, StatusCode::SEE_OTHER);
        assert!(page(&app, &coordinator, &format!("/people/{id}")).body.contains("待核实"));
    }

    fn a_form_that_was_sent_after_the_session_ended_leads_back_to_its_page(db: TestDb) {
        let app = TestApp::new(db);
        let form = TestRequest::post().uri("/desk/people").insert_header(("Accept", "text/html")).insert_header(("Sec-Fetch-Site", "same-origin"));
        let reply = app.send(form.insert_header(("Referer", "http://desk.test/desk?x=1")).set_form([("name", "甲")]));
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/sign-in?next=/desk"));
        let stranger = TestRequest::post().uri("/desk/people").insert_header(("Accept", "text/html")).insert_header(("Referer", "http://evil.test//x.test"));
        assert_eq!(app.send(stranger.set_form([("name", "甲")])).header("location"), "/sign-in");
    }
}
