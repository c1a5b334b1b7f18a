//! Documents at the bus stop, as far as the page goes without a script: what it tells before the count, and who came without being on the list.

use actix_web::http::StatusCode;
use jiezhuan::access::Role;
use serde_json::json;

use super::work::{page, post};
use crate::api::{landed, travellers};
use crate::support::app::{Caller, TestApp};
use crate::support::{TestDb, on_both_engines};

const NUMBERS: [&str; 3] = ["E12345678", "E23456789", "E34567890"];

/// Two of the three who landed are offered to Jiangsu's work group; the giver and the handoff.
fn offered(app: &TestApp) -> (Caller, String) {
    let giver = app.caller_of(Role::AirportDesk, "", Some("desk-pvg"));
    let couple: Vec<_> = travellers(app, &giver, "").into_iter().filter(|one| one["destination"] == "320500").map(|one| one["id"].clone()).collect();
    let handoff = app.post(&giver, "/api/v1/handoffs", &json!({"to_organisation": "work-group-32", "travellers": couple}));
    (giver, handoff.json()["id"].as_str().unwrap().to_owned())
}

on_both_engines! {
    fn whoever_was_not_on_the_list_is_named_by_their_document_and_asked_for(db: TestDb) {
        let (app, _) = landed(db);
        let (giver, id) = offered(&app);
        let receiver = app.caller_of(Role::ProvincialGroup, "320000", Some("work-group-32"));
        let path = format!("/receive/{id}");
        let blind = page(&app, &receiver, &path).body;
        assert!(!blind.contains("data-scan") && !blind.contains("data-document") && !NUMBERS.iter().any(|number| blind.contains(number)), "nothing of the list: {blind}");
        post(&app, &receiver, &format!("{path}/count"), &[("counted", "3")]);
        let list = page(&app, &receiver, &path).body;
        assert!(list.contains("data-scan") && list.contains("<textarea id=\"extras\""), "{list}");
        let (on_list, others): (Vec<&str>, Vec<&str>) = NUMBERS.iter().partition(|number| list.contains(&format!("data-document=\"{number}\"")));
        assert_eq!((on_list.len(), others.len()), (2, 1));
        let people: Vec<String> = app.get(&receiver, &format!("/api/v1/handoffs/{id}")).json()["people"]
            .as_array().unwrap().iter().map(|line| line["traveller"].as_str().unwrap().to_owned()).collect();
        let signs = |extras: &str| {
            let form = [("listed", people[0].as_str()), ("listed", &people[1]), ("here", &people[0]), ("here", &people[1]), ("extras", extras)];
            post(&app, &receiver, &format!("{path}/accept"), &form)
        };
        let unknown = signs("E99999999\nE88888888");
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unknown.body.contains("没有证件号 E99999999") && unknown.body.contains("没有证件号 E88888888") && unknown.body.contains(">E99999999\nE88888888</textarea>"), "{}", unknown.body);
        let listed = signs(on_list[0]);
        assert!(listed.status == StatusCode::UNPROCESSABLE_ENTITY && listed.body.contains("role=\"alert\""), "{}", listed.body);
        let signed = signs(&format!(" {} ", others[0].to_lowercase()));
        assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
        let ended = app.get(&giver, &format!("/api/v1/handoffs/{id}")).json();
        assert_eq!((&ended["state"], &ended["counted"]), (&json!("accepted_with_exceptions"), &json!(3)));
        let outcomes: Vec<&str> = ended["people"].as_array().unwrap().iter().filter_map(|line| line["outcome"].as_str()).collect();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == "extra").count(), 1, "{ended}");
        let asked = app.get(&giver, "/api/v1/handoffs/asked").json();
        assert_eq!((asked["items"].as_array().unwrap().len(), &asked["items"][0]["with_organisation"]), (1, &json!("work-group-32")), "{asked}");
    }
}
