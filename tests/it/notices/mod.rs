//! Notices: who is told what, by mail through a real mail server, and that each is told once whoever dies on the way.

mod delivery;
mod news;

use std::sync::Arc;

use jiezhuan::access::Role;
use jiezhuan::jobs::Worker;
use serde_json::{Value, json};

use crate::support::TestDb;
use crate::support::app::{Caller, TestApp};
use crate::support::people::register_organisations;
use crate::support::smtp::MailServer;

/// The application with a mail server, and a coordinator who adds addresses.
struct Post {
    app: TestApp,
    server: MailServer,
    coordinator: Caller,
}

impl Post {
    fn new(db: TestDb) -> Option<Self> {
        let server = MailServer::start(None)?;
        let port = server.port.to_string();
        let variables = [
            ("JIEZHUAN__MAIL__HOST", "127.0.0.1"),
            ("JIEZHUAN__MAIL__PORT", &port),
            ("JIEZHUAN__MAIL__TLS", "none"),
            ("JIEZHUAN__MAIL__FROM", "接转 <no-reply@jiezhuan.example>"),
            ("JIEZHUAN__MAIL__LINK", "https://jiezhuan.example/"),
            ("JIEZHUAN__MAIL__TIMEOUT_SECONDS", "2"),
        ];
        let app = TestApp::with(db, &variables);
        register_organisations(&app.db.db);
        let coordinator = app.caller(Role::Coordinator, "");
        Some(Self { app, server, coordinator })
    }

    /// Has notices to an organisation, or to the coordinators, sent to a mailbox.
    fn address(&self, organisation: Option<&str>, mailbox: &str, more: Value) {
        let mut body = json!({"organisation": organisation, "channel": "mail", "address": mailbox});
        more.as_object().unwrap().iter().for_each(|(field, value)| body[field] = value.clone());
        let added = self.app.post(&self.coordinator, "/api/v1/notice-addresses", &body);
        assert_eq!(added.status, 201, "{added:?}");
    }

    fn worker(&self) -> Worker {
        worker(&self.app)
    }

    fn round(&self) {
        self.worker().round().unwrap();
    }

    fn notices(&self, state: &str) -> Vec<Value> {
        self.app.get(&self.coordinator, &format!("/api/v1/notices?state={state}")).json()["items"].as_array().unwrap().clone()
    }
}

fn worker(app: &TestApp) -> Worker {
    let app = &app.app;
    Worker::new(app.db().clone(), Arc::clone(app.keyring()), Arc::clone(app.in_force()), app.settings().clone()).unwrap()
}
