//! Running the installation: who may come in, what the rules are and what another rule would do, whom the chain consists of, what it
//! drives with, and what was done. Each part is there for whoever may see it.

mod absences;
mod audit;
mod fleet;
mod fleet_roster;
mod health;
mod member;
mod outbox;
mod policies;
mod record;
mod rules;
mod users;
mod vehicle;
mod whom;

pub use absences::{add as add_absence, end as end_absence, show as absences};
pub use audit::show as audit;
pub use fleet::{change_staff, change_vehicle, show as fleet};
pub use fleet_roster::{export_staff, export_vehicles, import_staff, import_vehicles};
pub use health::show as health;
pub use member::{add as add_staff, correct as correct_staff, new as new_staff, show as member};
pub use outbox::{resend, show as outbox};
pub use policies::{organisations, show as policies};
pub use rules::{load as load_rules, show as rules};
pub use users::{add as add_user, disable as disable_user, show as users};
pub use vehicle::{add as add_vehicle, correct as correct_vehicle, new as new_vehicle, show as vehicle};
pub use whom::{show as whom, suppose as suppose_policy};

use actix_web::HttpResponse;

use super::{Frame, go};
use crate::access::Act;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// A part of these pages.
pub struct Tab {
    pub(super) path: &'static str,
    pub(super) label: String,
    pub(super) is_here: bool,
}

/// Leads to the first part that the reader may see.
pub async fn enter(call: Call) -> Result<HttpResponse, Problem> {
    Ok(go(tabs(&call).first().map_or("/", |tab| tab.path)))
}

fn tabs(call: &Call) -> Vec<Tab> {
    let role = call.actor.role();
    let all = [
        ("/admin/users", "admin_users", role.may(Act::ManageUsers)),
        ("/admin/policies", "admin_policies", true),
        ("/admin/organisations", "admin_organisations", true),
        ("/admin/fleet", "admin_fleet", role.may(Act::ViewTrips)),
        ("/admin/outbox", "admin_outbox", role.may(Act::ManageNotices)),
        ("/admin/health", "admin_health", call.actor.must_oversee().is_ok()),
        ("/admin/audit", "admin_audit", role.may(Act::ViewAudit)),
    ];
    let mine = all.into_iter().filter(|(.., may)| *may);
    mine.map(|(path, label, _)| Tab { path, label: call.language.text(label), is_here: call.path == path }).collect()
}

/// What every part shows around itself.
pub fn around(call: &Call) -> (Frame, Vec<Tab>) {
    // A form that was refused is shown under the path that it was sent to.
    let mut call = call.clone();
    call.path = call.path.split('/').take(3).collect::<Vec<_>>().join("/");
    // The texts of the rulebook are a part of the policies.
    if call.path == "/admin/rules" {
        call.path = "/admin/policies".into();
    }
    (Frame::of(&call), tabs(&call))
}
