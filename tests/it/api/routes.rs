//! The table of routes: no route without its guard, and no route without its description.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use jiezhuan::access::{Act, Role};
use jiezhuan::web::routes::{Needs, Route, table};

use crate::support::app::TestApp;
use crate::support::{TestDb, on_both_engines};

const NOBODYS_ID: &str = "01890000-0000-7000-8000-000000000000";

fn path(route: &Route) -> String {
    route.path.replace("{id}", NOBODYS_ID).replace("{name}", "nobody").replace("{file:.*}", "nothing")
}

fn request(route: &Route) -> TestRequest {
    let request = TestRequest::default().method(route.method.clone()).uri(&path(route));
    if route.method == Method::GET { request } else { request.set_json(serde_json::json!({})) }
}

fn a_role_that_may_not(act: Act) -> Option<Role> {
    Role::ALL.into_iter().find(|role| !role.may(act))
}

on_both_engines! {
    fn whoever_has_not_signed_in_gets_nowhere(db: TestDb) {
        let app = TestApp::new(db);
        for route in table().iter().filter(|route| route.needs != Needs::Nothing) {
            let reply = app.send(request(route).insert_header(("Accept", "text/html")));
            if route.path.starts_with("/api/") {
                assert_eq!(reply.problem(), (401, "sign_in_first".into()), "{} {}", route.method, route.path);
            } else {
                assert_eq!(reply.status, StatusCode::SEE_OTHER, "{} {}", route.method, route.path);
                assert!(reply.header("location").starts_with("/sign-in"), "{reply:?}");
            }
        }
    }

    fn a_role_that_may_not_is_forbidden(db: TestDb) {
        let app = TestApp::new(db);
        let callers: Vec<_> = Role::ALL.iter().map(|role| (*role, app.caller(*role, "320500"))).collect();
        for route in table() {
            let Needs::May(act) = route.needs else { continue };
            let Some(role) = a_role_that_may_not(act) else { continue };
            let caller = &callers.iter().find(|(other, _)| *other == role).unwrap().1;
            let reply = app.send(caller.asks(request(&route)));
            assert_eq!(reply.problem().0, 403, "{} {} as {role}: {reply:?}", route.method, route.path);
        }
    }
}

#[test]
fn only_what_must_be_open_is_open() {
    let open: Vec<String> = table().iter().filter(|route| route.needs == Needs::Nothing).map(|route| format!("{} {}", route.method, route.path)).collect();
    insta::assert_snapshot!(open.join("\n"), @r"
    GET /healthz
    GET /readyz
    POST /api/v1/session
    GET /api/v1/openapi.json
    GET /api/docs
    GET /api/docs/{file:.*}
    GET /metrics
    GET /assets/{file:.*}
    GET /sign-in
    POST /sign-in
    POST /language
    GET /guest/{secret}
    POST /guest/{secret}/count
    POST /guest/{secret}/accept
    POST /guest/{secret}/refuse
    ");
}

#[test]
fn the_api_is_described_as_agreed() {
    let document = jiezhuan::web::openapi::document(&table());
    insta::assert_snapshot!("openapi", document.to_pretty_json().unwrap());
}

#[test]
fn every_route_of_the_api_is_described() {
    for route in table().iter().filter(|route| route.path.starts_with("/api/v1/") && route.path != "/api/v1/openapi.json") {
        assert!(route.describe.is_some(), "{} {}", route.method, route.path);
    }
}
