//! Everything that can be asked for, each with what it needs. A handler that is not in this table cannot be reached, and an
//! entry cannot be made without saying what it needs; the description of the API is made from the same entries.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{PathConfig, QueryConfig, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Responder, web};
use utoipa::openapi::path::HttpMethod;

pub use super::gate::Needs;
use super::gate::gate;
use super::openapi::Description;
use super::problem::Problem;
use super::{api, openapi, pages};
use crate::access::Act;
use crate::base::{Error, Message};

/// One entry of the table.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, its parameters in braces.
    pub path: String,
    /// What it needs.
    pub needs: Needs,
    /// How the API describes it; pages are not part of the API.
    pub describe: Option<fn() -> Description>,
    handler: Box<dyn Fn() -> actix_web::Route>,
}

/// `routes!(all; needs => module { handler, … }; …)`: handlers of `api::module`, each with its description, which `utoipa::path`
/// puts beside it under another name.
macro_rules! routes {
    ($all:ident; $($needs:expr => $module:ident $handlers:tt;)+) => { $(routes!(@module $all, $needs, $module, $handlers);)+ };
    (@module $all:ident, $needs:expr, $module:ident, { $($handler:ident),+ }) => { pastey::paste! {$(
        $all.push(Route::api::<api::$module::[<__path_ $handler>], _, _>($needs, api::$module::$handler));
    )+}};
}

/// Every route.
#[expect(clippy::vec_init_then_push, reason = "the macro pushes one module after the other")]
pub fn table() -> Vec<Route> {
    use Needs::{May, Nothing, SignIn};
    let mut all = Vec::new();
    routes! { all;
        Nothing => health { alive, ready };
        Nothing => session { sign_in };
        SignIn => session { who_am_i, sign_out };
        May(Act::ManageUsers) => users { list_users, add_user, disable_user };
        SignIn => tokens { list_tokens, add_token, revoke_token };
        SignIn => phone_keys { list_phone_keys, revoke_phone_key };
        May(Act::ViewAudit) => audit { list_audit };
        SignIn => events { follow_events };
        SignIn => policies { list_policies, count_days };
        May(Act::ManagePolicies) => rules { show_rule, list_editions, show_edition, load_rule };
        SignIn => organisations { list_organisations };
        May(Act::ViewTotals) => due { show_due };
        May(Act::ImportRoster) => rosters { list_rosters, show_roster, import_roster };
        May(Act::EnterResults) => rosters { import_results };
        May(Act::ViewTravellers) => flights { list_flights };
        May(Act::ViewTravellers) => travellers { list_travellers, show_traveller };
        May(Act::ViewTravellers) => parties { show_party };
        May(Act::RevealIdentity) => travellers { reveal_traveller };
        May(Act::EditTraveller) => travellers { set_destination, set_party, set_home, set_needs };
        May(Act::SetHold) => holds { set_hold };
        May(Act::SetHold) => contacts { list_contacts, hold_contacts };
        May(Act::ClearHold) => holds { lift_hold };
        May(Act::ViewTrips) => vehicles { list_vehicles, show_vehicle };
        May(Act::ManageFleet) => vehicles { add_vehicle, change_vehicle };
        May(Act::ViewTrips) => staff { list_staff, show_staff };
        May(Act::ManageFleet) => staff { add_staff, change_staff };
        May(Act::ViewTrips) => absences { list_absences };
        May(Act::ManageFleet) => absences { add_vehicle_absence, add_staff_absence, end_absence };
        May(Act::ViewTrips) => sites { list_sites };
        May(Act::ManageSites) => sites { confirm_beds };
        May(Act::ManageFleet) => fleet_rosters { import_vehicles, import_staff };
        May(Act::ViewTrips) => trips { list_trips, show_trip };
        May(Act::ManageTrips) => trips { add_trip, set_crew, set_vehicle, give_seats, take_back_seats, announce_trip, close_trip, cancel_trip };
        May(Act::ManageTrips) => proposals { list_proposals, show_proposal, start_proposal, stop_proposal, move_party, announce_proposal };
        May(Act::Board) => trips { board_trip, depart_trip, arrive_trip };
        May(Act::ViewTravellers) => handoffs { list_handoffs, show_handoff, show_paper };
        May(Act::ViewTravellers) => guest_links { list_named };
        May(Act::OfferHandoff) => handoffs { offer_handoff, withdraw_handoff, list_asked };
        May(Act::ViewTravellers) => obligations { list_owed, list_obligations };
        May(Act::AnswerHandoff) => obligations { add_obligation, do_obligation };
        May(Act::OfferHandoff) => guest_links { add_guest_link, list_guest_links, revoke_guest_link };
        May(Act::AnswerHandoff) => handoffs { count_handoff, accept_handoff, refuse_handoff, deliver_handoff };
        May(Act::DecideHandoff) => handoffs { decide_handoff };
        May(Act::ManageNotices) => notices { list_addresses, add_address, remove_address, list_notices, resend_notice };
        May(Act::SignStatement) => statements { show_statement, sign_statement };
        May(Act::SignStatement) => ledger { show_root, keep_root };
        SignIn => ledger { list_root_receipts };
        May(Act::ViewTotals) => totals { show_totals };
        May(Act::ViewTotals) => bulletins { list_bulletins, show_bulletin, list_corrections };
        May(Act::SealDay) => bulletins { seal_day };
    }
    all.extend(pages_for_all());
    all.extend(pages_of_the_chain());
    all.extend(pages_of_the_figures());
    all.extend(pages_of_the_installation());
    all
}

/// The pages that everybody has, and the files beside them.
fn pages_for_all() -> Vec<Route> {
    use Needs::{Nothing, SignIn};
    vec![
        Route::page(Method::GET, "/api/v1/openapi.json", Nothing, openapi::show),
        Route::page(Method::GET, "/api/docs", Nothing, pages::docs::enter),
        Route::page(Method::GET, "/api/docs/{file:.*}", Nothing, pages::docs::show),
        Route::page(Method::GET, "/metrics", Nothing, api::health::metrics),
        Route::page(Method::GET, "/assets/{file:.*}", Nothing, pages::assets::show),
        Route::page(Method::GET, "/sign-in", Nothing, pages::sign_in::show),
        Route::page(Method::POST, "/sign-in", Nothing, pages::sign_in::enter),
        Route::page(Method::POST, "/sign-out", SignIn, pages::sign_in::leave),
        Route::page(Method::POST, "/language", Nothing, pages::language::choose),
        Route::page(Method::GET, "/guest/{secret}", Nothing, pages::guest::show),
        Route::page(Method::POST, "/guest/{secret}/count", Nothing, pages::guest::count),
        Route::page(Method::POST, "/guest/{secret}/accept", Nothing, pages::guest::accept),
        Route::page(Method::POST, "/guest/{secret}/refuse", Nothing, pages::guest::refuse),
        Route::page(Method::GET, "/", SignIn, pages::board::show),
        Route::page(Method::GET, "/account", SignIn, pages::account::show),
        Route::page(Method::POST, "/account/password", SignIn, pages::account::change_password),
        Route::page(Method::POST, "/account/phones/{id}/take-back", SignIn, pages::phones::take_back),
    ]
}

/// The pages that the work along the chain is done on.
fn pages_of_the_chain() -> Vec<Route> {
    use Needs::May;
    vec![
        Route::page(Method::POST, "/search", May(Act::ViewTravellers), pages::search::search),
        Route::page(Method::GET, "/flights/{id}", May(Act::ViewTravellers), pages::search::flight),
        Route::page(Method::GET, "/people/{id}", May(Act::ViewTravellers), pages::person::show),
        Route::page(Method::POST, "/people/{id}/reveal", May(Act::RevealIdentity), pages::person::reveal),
        Route::page(Method::POST, "/people/{id}/holds", May(Act::SetHold), pages::person::hold),
        Route::page(Method::GET, "/people/{id}/contacts", May(Act::SetHold), pages::contacts::show),
        Route::page(Method::POST, "/people/{id}/contacts", May(Act::SetHold), pages::contacts::hold),
        Route::page(Method::POST, "/people/{id}/holds/{hold}/lift", May(Act::ClearHold), pages::person::lift),
        Route::page(Method::POST, "/people/{id}/obligations", May(Act::AnswerHandoff), pages::person::owe),
        Route::page(Method::POST, "/people/{id}/obligations/{obligation}/done", May(Act::AnswerHandoff), pages::person::do_owed),
        Route::page(Method::POST, "/people/{id}/needs", May(Act::EditTraveller), pages::person::need),
        Route::page(Method::GET, "/receive", May(Act::ViewTravellers), pages::receive::show),
        Route::page(Method::GET, "/receive/owed", May(Act::ViewTravellers), pages::receive::owed),
        Route::page(Method::POST, "/receive/key", May(Act::AnswerHandoff), pages::receive::enrol),
        Route::page(Method::GET, "/receive/{id}", May(Act::ViewTravellers), pages::receive::show_handoff),
        Route::page(Method::GET, "/receive/{id}/sheet", May(Act::ViewTravellers), pages::receive::sheet),
        Route::page(Method::POST, "/receive/{id}/count", May(Act::AnswerHandoff), pages::receive::count),
        Route::page(Method::POST, "/receive/{id}/accept", May(Act::AnswerHandoff), pages::receive::accept),
        Route::page(Method::POST, "/receive/{id}/refuse", May(Act::AnswerHandoff), pages::receive::refuse),
        Route::page(Method::POST, "/receive/{id}/withdraw", May(Act::OfferHandoff), pages::receive::withdraw),
        Route::page(Method::POST, "/receive/{id}/link", May(Act::OfferHandoff), pages::receive::add_link),
        Route::page(Method::POST, "/receive/{id}/link/revoke", May(Act::OfferHandoff), pages::receive::revoke_link),
        Route::page(Method::POST, "/receive/{id}/decide", May(Act::DecideHandoff), pages::receive::decide),
        Route::page(Method::GET, "/statements", May(Act::SignStatement), pages::statements::show),
        Route::page(Method::POST, "/statements", May(Act::SignStatement), pages::statements::sign),
        Route::page(Method::GET, "/desk", May(Act::ImportRoster), pages::desk::show),
        Route::page(Method::POST, "/desk", May(Act::ImportRoster), pages::desk::find),
        Route::page(Method::POST, "/desk/send", May(Act::OfferHandoff), pages::desk::send),
        Route::page(Method::POST, "/desk/rosters", May(Act::ImportRoster), pages::desk::upload_roster),
        Route::page(Method::GET, "/desk/rosters/{id}", May(Act::ImportRoster), pages::desk::check_roster),
        Route::page(Method::POST, "/desk/rosters/{id}", May(Act::ImportRoster), pages::desk::change_roster),
        Route::page(Method::POST, "/desk/people", May(Act::ImportRoster), pages::desk::enter),
        Route::page(Method::GET, "/desk/people/{id}", May(Act::RevealIdentity), pages::desk::show_person),
        Route::page(Method::GET, "/desk/people/{id}/slip", May(Act::RevealIdentity), pages::desk::slip),
        Route::page(Method::POST, "/desk/people/{id}/destination", May(Act::EditTraveller), pages::desk::destine),
        Route::page(Method::POST, "/desk/people/{id}/medical", May(Act::SetHold), pages::desk::divert),
        Route::page(Method::GET, "/trips", May(Act::ViewTrips), pages::trips::show),
        Route::page(Method::POST, "/trips", May(Act::ManageTrips), pages::trips::make),
        Route::page(Method::GET, "/trips/new", May(Act::ManageTrips), pages::trips::new),
        Route::page(Method::GET, "/trips/proposals", May(Act::ManageTrips), pages::trips::proposals::show_day),
        Route::page(Method::POST, "/trips/proposals", May(Act::ManageTrips), pages::trips::proposals::start),
        Route::page(Method::GET, "/trips/proposals/{id}", May(Act::ManageTrips), pages::trips::proposals::show),
        Route::page(Method::POST, "/trips/proposals/{id}/stop", May(Act::ManageTrips), pages::trips::proposals::stop),
        Route::page(Method::POST, "/trips/proposals/{id}/move", May(Act::ManageTrips), pages::trips::proposals::shift),
        Route::page(Method::POST, "/trips/proposals/{id}/announce", May(Act::ManageTrips), pages::trips::proposals::announce),
        Route::page(Method::POST, "/trips/seats", May(Act::ManageTrips), pages::trips::seat),
        Route::page(Method::GET, "/trips/{id}", May(Act::ViewTrips), pages::trips::show_trip),
        Route::page(Method::GET, "/trips/{id}/papers", May(Act::ViewTrips), pages::trips::papers),
        Route::page(Method::GET, "/trips/{id}/sheet", May(Act::RevealIdentity), pages::trips::sheet),
        Route::page(Method::POST, "/trips/{id}/step", May(Act::Board), pages::trips::step),
        Route::page(Method::POST, "/trips/{id}/crew", May(Act::ManageTrips), pages::trips::crew),
        Route::page(Method::POST, "/trips/{id}/vehicle", May(Act::ManageTrips), pages::trips::vehicle),
        Route::page(Method::POST, "/trips/{id}/unseat", May(Act::ManageTrips), pages::trips::unseat),
        Route::page(Method::POST, "/trips/{id}/shift", May(Act::ManageTrips), pages::trips::shift),
        Route::page(Method::POST, "/trips/{id}/offer", May(Act::OfferHandoff), pages::trips::offer),
        Route::page(Method::GET, "/sites", May(Act::ViewTrips), pages::sites::show),
        Route::page(Method::POST, "/sites", May(Act::ManageSites), pages::sites::confirm),
    ]
}

/// The pages of those who answer for the numbers.
fn pages_of_the_figures() -> Vec<Route> {
    use Needs::May;
    vec![
        Route::page(Method::GET, "/balance", May(Act::ViewTotals), pages::balance::show),
        Route::page(Method::GET, "/days", May(Act::ViewTotals), pages::days::show),
        Route::page(Method::GET, "/days/roots", May(Act::ViewTotals), pages::days::roots),
        Route::page(Method::GET, "/days/{on}", May(Act::ViewTotals), pages::days::show_day),
        Route::page(Method::POST, "/days/{on}/seal", May(Act::SealDay), pages::days::seal),
        Route::page(Method::GET, "/days/{on}/bulletin.{format}", May(Act::ViewTotals), pages::days::bulletin),
    ]
}

/// The pages on which the installation is run.
fn pages_of_the_installation() -> Vec<Route> {
    use Needs::{May, SignIn};
    vec![
        Route::page(Method::GET, "/admin", SignIn, pages::admin::enter),
        Route::page(Method::GET, "/admin/users", May(Act::ManageUsers), pages::admin::users),
        Route::page(Method::POST, "/admin/users", May(Act::ManageUsers), pages::admin::add_user),
        Route::page(Method::POST, "/admin/users/{name}/disable", May(Act::ManageUsers), pages::admin::disable_user),
        Route::page(Method::GET, "/admin/users/{name}/phones", May(Act::ManageUsers), pages::phones::show_of),
        Route::page(Method::POST, "/admin/users/{name}/phones/{id}/take-back", May(Act::ManageTokens), pages::phones::take_back_of),
        Route::page(Method::GET, "/admin/policies", SignIn, pages::admin::policies),
        Route::page(Method::GET, "/admin/policies/people", May(Act::ViewTravellers), pages::admin::whom),
        Route::page(Method::POST, "/admin/policies/people", May(Act::ViewTravellers), pages::admin::suppose_policy),
        Route::page(Method::GET, "/admin/organisations", SignIn, pages::admin::organisations),
        Route::page(Method::GET, "/admin/rules/{part}", May(Act::ManagePolicies), pages::admin::rules),
        Route::page(Method::POST, "/admin/rules/{part}", May(Act::ManagePolicies), pages::admin::load_rules),
        Route::page(Method::GET, "/admin/fleet", May(Act::ViewTrips), pages::admin::fleet),
        Route::page(Method::POST, "/admin/fleet/vehicles", May(Act::ManageFleet), pages::admin::add_vehicle),
        Route::page(Method::POST, "/admin/fleet/vehicles/import", May(Act::ManageFleet), pages::admin::import_vehicles),
        Route::page(Method::GET, "/admin/fleet/vehicles/new", May(Act::ManageFleet), pages::admin::new_vehicle),
        Route::page(Method::GET, "/admin/fleet/vehicles/{id}", May(Act::ManageFleet), pages::admin::vehicle),
        Route::page(Method::POST, "/admin/fleet/vehicles/{id}", May(Act::ManageFleet), pages::admin::change_vehicle),
        Route::page(Method::POST, "/admin/fleet/vehicles/{id}/facts", May(Act::ManageFleet), pages::admin::correct_vehicle),
        Route::page(Method::GET, "/admin/fleet/vehicles.{format}", May(Act::ViewTrips), pages::admin::export_vehicles),
        Route::page(Method::POST, "/admin/fleet/staff", May(Act::ManageFleet), pages::admin::add_staff),
        Route::page(Method::POST, "/admin/fleet/staff/import", May(Act::ManageFleet), pages::admin::import_staff),
        Route::page(Method::GET, "/admin/fleet/staff/new", May(Act::ManageFleet), pages::admin::new_staff),
        Route::page(Method::GET, "/admin/fleet/staff/{id}", May(Act::ManageFleet), pages::admin::member),
        Route::page(Method::POST, "/admin/fleet/staff/{id}", May(Act::ManageFleet), pages::admin::change_staff),
        Route::page(Method::POST, "/admin/fleet/staff/{id}/facts", May(Act::ManageFleet), pages::admin::correct_staff),
        Route::page(Method::GET, "/admin/fleet/absences", May(Act::ViewTrips), pages::admin::absences),
        Route::page(Method::POST, "/admin/fleet/absences", May(Act::ManageFleet), pages::admin::add_absence),
        Route::page(Method::POST, "/admin/fleet/absences/{id}/end", May(Act::ManageFleet), pages::admin::end_absence),
        Route::page(Method::GET, "/admin/fleet/staff.{format}", May(Act::ViewTrips), pages::admin::export_staff),
        Route::page(Method::GET, "/admin/outbox", May(Act::ManageNotices), pages::admin::outbox),
        Route::page(Method::POST, "/admin/outbox/{id}/resend", May(Act::ManageNotices), pages::admin::resend),
        Route::page(Method::GET, "/admin/health", SignIn, pages::admin::health),
        Route::page(Method::GET, "/admin/audit", May(Act::ViewAudit), pages::admin::audit),
    ]
}

impl Route {
    fn api<P, H, A>(needs: Needs, handler: H) -> Self
    where
        P: utoipa::Path + utoipa::__dev::SchemaReferences,
        H: Handler<A>,
        A: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        let method = match P::methods().first() {
            Some(HttpMethod::Post) => Method::POST,
            Some(HttpMethod::Put) => Method::PUT,
            Some(HttpMethod::Patch) => Method::PATCH,
            Some(HttpMethod::Delete) => Method::DELETE,
            _ => Method::GET,
        };
        Self { describe: Some(Description::of::<P>), ..Self::page(method, &P::path(), needs, handler) }
    }

    fn page<H, A>(method: Method, path: &str, needs: Needs, handler: H) -> Self
    where
        H: Handler<A>,
        A: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        let served = method.clone();
        let handler = Box::new(move || {
            let route = web::method(served.clone()).to(handler.clone());
            route.wrap(from_fn(move |request, next| gate(needs, request, next)))
        });
        Self { method, path: path.to_owned(), needs, describe: None, handler }
    }
}

/// Installs the routes, those of one path together, so that another method is told which there are.
pub fn install(table: &[Route], config: &mut ServiceConfig) {
    let mut by_path: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in table {
        by_path.entry(&route.path).or_default().push(route);
    }
    for (path, routes) in by_path {
        let allowed = routes.iter().map(|route| route.method.as_str()).collect::<Vec<_>>().join(", ");
        let other = move || {
            let allowed = allowed.clone();
            async move { HttpResponse::MethodNotAllowed().insert_header(("Allow", allowed)).finish() }
        };
        let resource = routes.iter().fold(web::resource(path), |resource, route| resource.route((route.handler)()));
        config.service(resource.default_service(web::to(other)));
    }
}

/// A part of a path that cannot be an id names nothing.
pub fn path_faults() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Problem(Error::NotFound("resource")).into())
}

/// A query that cannot be read is told with the parameter, where the library names it.
pub fn query_faults() -> QueryConfig {
    QueryConfig::default().error_handler(|fault, _| {
        let said = fault.to_string();
        let parameter = said.split('`').nth(1).filter(|_| said.contains("field `")).unwrap_or("query").to_owned();
        Problem(Error::invalid(parameter, Message::new("query_unreadable"))).into()
    })
}
