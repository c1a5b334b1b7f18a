//! One's own account: the language stays with the user, and another password closes every other session.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;

use super::{page, session, sign_in};
use crate::support::app::{PASSWORD, Reply, TestApp};
use crate::support::{TestDb, on_both_engines};

fn post(app: &TestApp, session: &Cookie<'static>, path: &str, form: &[(&str, &str)]) -> Reply {
    let request = TestRequest::post().uri(path).insert_header(("Accept", "text/html")).insert_header(("Sec-Fetch-Site", "same-origin"));
    app.send(request.cookie(session.clone()).set_form(form))
}

fn change(app: &TestApp, session: &Cookie<'static>, current: &str, new: &str, again: &str) -> Reply {
    post(app, session, "/account/password", &[("current", current), ("new", new), ("again", again)])
}

on_both_engines! {
    fn the_language_that_somebody_chose_is_theirs_in_every_browser(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Coordinator, "");
        let here = session(&sign_in(&app, caller.name.as_str(), PASSWORD, ""));
        assert!(page(&app, "/account", &here).body.contains("我的账号"));
        let chosen = post(&app, &here, "/language", &[("language", "en"), ("next", "/account")]);
        assert_eq!((chosen.status, chosen.header("location")), (StatusCode::SEE_OTHER, "/account"));
        let elsewhere = sign_in(&app, caller.name.as_str(), PASSWORD, "");
        let cookies: Vec<_> = elsewhere.headers.get_all("set-cookie").map(|cookie| cookie.to_str().unwrap()).collect();
        assert!(cookies.iter().any(|cookie| cookie.starts_with("jiezhuan_language=en")), "{cookies:?}");
        // Without any cookie of a language, the user's own counts.
        assert!(page(&app, "/account", &session(&elsewhere)).body.contains("My account"));
        let nobody = app.send(TestRequest::post().uri("/language").insert_header(("Sec-Fetch-Site", "same-origin")).set_form([("language", "en")]));
        assert_eq!(nobody.status, StatusCode::SEE_OTHER, "before signing in there is only the browser to keep it");
    }

    fn another_password_takes_the_present_one_and_closes_every_other_session(db: TestDb) {
        const NEW: &str = "another long one";
        let app = TestApp::new(db);
        let caller = app.caller(Role::Coordinator, "");
        let [here, lost] = [0, 1].map(|_| session(&sign_in(&app, caller.name.as_str(), PASSWORD, "")));
        for (current, new, again, said) in [
            ("not the password", NEW, NEW, "当前口令不对"),
            (PASSWORD, NEW, "another long two", "不一致"),
            (PASSWORD, "short", "short", "10"),
        ] {
            let refused = change(&app, &here, current, new, again);
            assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains(said), "{said}: {}", refused.body);
            assert!(!refused.body.contains(new), "no password is ever shown again");
        }
        assert_eq!(change(&app, &here, PASSWORD, NEW, NEW).status, StatusCode::SEE_OTHER);
        assert_eq!(page(&app, "/account", &here).status, StatusCode::OK, "this session goes on");
        assert_eq!(page(&app, "/account", &lost).status, StatusCode::SEE_OTHER, "the lost phone is outside");
        assert_eq!(sign_in(&app, caller.name.as_str(), PASSWORD, "").status, StatusCode::UNAUTHORIZED);
        assert_eq!(sign_in(&app, caller.name.as_str(), NEW, "").status, StatusCode::SEE_OTHER);
        assert_eq!(app.get(&caller, "/api/v1/session").status, StatusCode::OK, "tokens of systems stay");
        assert_eq!(app.db.column("SELECT deed AS body FROM audit WHERE deed = 'password_changed'"), ["password_changed"]);
    }

    fn whoever_guesses_the_present_password_is_stopped_as_at_the_door(db: TestDb) {
        let app = TestApp::new(db);
        let caller = app.caller(Role::Coordinator, "");
        let here = session(&sign_in(&app, caller.name.as_str(), PASSWORD, ""));
        for _ in 0..5 {
            assert_eq!(change(&app, &here, "guess", "another long one", "another long one").status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let stopped = change(&app, &here, PASSWORD, "another long one", "another long one");
        assert!(stopped.status == StatusCode::TOO_MANY_REQUESTS, "{:?} {}", stopped.status, stopped.body);
    }
}
