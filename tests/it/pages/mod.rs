//! Pages: signing in without any script, the board, and what a browser must not be led to.

mod account;
mod days;
mod extras;
mod fleet;
mod installation;
mod oversight;
mod owed;
mod pdf;
mod roots;
mod rules;
mod staff;
mod supposed;
mod vehicles;
pub mod work;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;

use crate::support::app::{PASSWORD, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

pub fn sign_in(app: &TestApp, name: &str, password: &str, next: &str) -> Reply {
    let form = [("name", name), ("password", password), ("next", next)];
    app.send(TestRequest::post().uri("/sign-in").insert_header(("Accept", "text/html")).insert_header(("Sec-Fetch-Site", "same-origin")).set_form(form))
}

pub fn session(reply: &Reply) -> Cookie<'static> {
    Cookie::parse(reply.header("set-cookie").to_owned()).unwrap()
}

fn page(app: &TestApp, path: &str, session: &Cookie<'static>) -> Reply {
    app.send(TestRequest::get().uri(path).insert_header(("Accept", "text/html")).cookie(session.clone()))
}

on_both_engines! {
    fn whoever_signs_in_comes_to_the_page_they_wanted_and_never_to_another_site(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Coordinator, "");
        for (next, led_to) in [("/trips/1", "/trips/1"), ("", "/"), ("//evil.test", "/"), ("https://evil.test/", "/")] {
            let reply = sign_in(&app, caller.name.as_str(), PASSWORD, next);
            assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, led_to), "{next}");
        }
    }

    fn a_wrong_password_keeps_the_name_and_says_so_in_the_chosen_language(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Coordinator, "");
        let reply = sign_in(&app, caller.name.as_str(), "not this one", "/");
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert!(reply.body.contains(&format!("value=\"{}\"", caller.name)) && reply.body.contains("role=\"alert\""), "{}", reply.body);
        assert!(!reply.body.contains("not this one"));
        assert!(reply.body.contains("lang=\"zh-CN\""));
        let english = app.send(TestRequest::get().uri("/sign-in").insert_header(("Accept-Language", "en-US")));
        assert!(english.body.contains("<h1>Sign in</h1>"));
        let chosen = app.send(TestRequest::post().uri("/language").set_form([("language", "en"), ("next", "/sign-in")]));
        assert_eq!((chosen.header("location"), session(&chosen).value()), ("/sign-in", "en"));
    }

    fn what_somebody_typed_is_shown_as_text(db: TestDb) {
        let app = TestApp::new(db);
        let reply = sign_in(&app, "\"><script>alert(1)</script>", "x", "/");
        assert!(!reply.body.contains("<script>"), "{}", reply.body);
    }

    fn the_board_shows_the_day_and_asks_nobody_in_who_has_left(db: TestDb) {
        let (app, desk) = crate::api::landed(db);
        let session = session(&sign_in(&app, desk.name.as_str(), PASSWORD, "/"));
        let board = page(&app, "/", &session);
        assert_eq!(board.status, StatusCode::OK);
        for shown in ["2020-09-15 星期二", "今日应转人员中有 3 人未放行", "江苏", "缺核酸结果", "今日没有车次"] {
            assert!(board.body.contains(shown), "{shown}: {}", board.body);
        }
        let n_scripts = board.body.matches("<script").count();
        assert!(n_scripts == board.body.matches("<script src=\"/assets/").count() && !board.body.contains("style="), "nothing inline");
        let left = app.send(TestRequest::post().uri("/sign-out").cookie(session.clone()));
        assert_eq!(left.header("location"), "/sign-in");
        assert_eq!(page(&app, "/", &session).header("location"), "/sign-in");
    }

    fn each_role_has_a_board_of_its_scope_and_it_is_complete_in_both_languages(db: TestDb) {
        let (app, _) = crate::api::landed(db);
        for role in Role::ALL {
            let caller = app.caller(role, "330000");
            for language in ["zh", "en"] {
                let reply = app.send(caller.asks(TestRequest::get().uri("/")).insert_header(("Accept", "text/html")).insert_header(("Accept-Language", language)));
                assert_eq!(reply.status, StatusCode::OK, "{role}");
                assert!(!reply.body.contains("Unknown localization"), "{role}: {}", reply.body);
                assert!(!reply.body.contains("江苏") && !reply.body.contains("Jiangsu"), "{role} sees across");
            }
        }
    }

    fn a_problem_is_a_page_for_who_reads_pages_and_assets_are_kept_by_the_browser(db: TestDb) {
        let app = TestApp::new(db);
        let missing = app.send(TestRequest::get().uri("/nothing").insert_header(("Accept", "text/html")));
        assert_eq!((missing.status, missing.header("content-type")), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
        let style = app.send(TestRequest::get().uri("/assets/style.css"));
        assert_eq!(style.header("content-type"), "text/css");
        let again = app.send(TestRequest::get().uri("/assets/style.css").insert_header(("If-None-Match", style.header("etag").to_owned())));
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let docs = app.send(TestRequest::get().uri("/api/docs/"));
        assert_eq!(docs.status, StatusCode::OK);
        assert!(docs.header("content-security-policy").contains("script-src 'self';"));
    }
}
