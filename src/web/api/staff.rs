//! Staff: drivers, escorts, medics. Names come in and are sealed; lists show them masked.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::vehicles::{FleetQuery, yes};
use super::{Faults, PageView, named, page_of};
use crate::access::{Actor, mask};
use crate::base::{Error, Id, Result};
use crate::db::{Conn, Tx};
use crate::fleet::{self, Licence, Staff, StaffFacts, StaffName, StaffRole};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// What is said of a staff member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffBody {
    /// The number on the badge.
    pub badge: String,
    /// The name; a change may leave it out.
    pub name: Option<String>,
    /// What they do: `driver`, `escort` or `medic`.
    pub role: String,
    /// The class of the driving licence: `A1` to `C2`; a driver has one.
    pub licence: Option<String>,
    /// The code of the organisation they work for.
    pub organisation: String,
    /// The code of the organisation whose vehicles they go with; the hub of their province, if left out.
    pub depot: Option<String>,
    /// Whether they may be given trips.
    #[serde(default = "yes")]
    pub in_service: bool,
}

/// A staff member.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffView {
    /// Their id.
    pub id: Uuid,
    /// The number on the badge.
    pub badge: String,
    /// The name, masked.
    pub name: Option<String>,
    /// What they do.
    pub role: &'static str,
    /// The class of the driving licence.
    pub licence: Option<&'static str>,
    /// The code of the organisation they work for.
    pub organisation: Option<String>,
    /// The code of the organisation whose vehicles they go with; none is the hub of their province.
    pub depot: Option<String>,
    /// Whether they may be given trips.
    pub in_service: bool,
    /// Counts the changes.
    pub version: i32,
}

impl StaffBody {
    fn parse(self, app: &App) -> Result<(StaffFacts, Option<StaffName>)> {
        let mut faults = Faults::default();
        let role = faults.field("role", named(StaffRole::from_name(&self.role), &StaffRole::ALL.map(StaffRole::name)));
        let class = |class: String| named(Licence::from_name(&class), &Licence::ALL.map(Licence::name));
        let licence = faults.field("licence", self.licence.map(class).transpose());
        let organisation = faults.organisation("organisation", app, &self.organisation);
        let name = faults.field("name", self.name.map(|name| name.parse()).transpose());
        let depot = self.depot.as_ref().map(|depot| faults.organisation("depot", app, depot)).unwrap_or_default();
        match (role, licence, organisation, name) {
            (Some(role), Some(licence), Some(organisation), Some(name)) if faults.is_empty() => {
                Ok((StaffFacts { badge: self.badge, role, licence, organisation, depot, in_service: self.in_service }, name))
            }
            _ => Err(faults.into_error()),
        }
    }
}

/// Lists staff.
#[utoipa::path(get, path = "/api/v1/staff", params(FleetQuery), responses((status = 200, description = "Staff", body = PageView<StaffView>)))]
pub async fn list_staff(call: Call, query: Query<FleetQuery>) -> Result<Answer, Problem> {
    let (app, period) = (call.app.clone(), query.period()?);
    let page = page_of(query.after.clone(), query.limit)?;
    let work = move |conn: &mut Conn, actor: &Actor| {
        let (found, next) = match period {
            Some(period) => (fleet::staff_free(conn, actor, period)?, None),
            None => {
                let page = fleet::staff_list(conn, actor, &page)?;
                (page.items, page.next)
            }
        };
        Ok(PageView { items: views(conn, &app, found)?, next })
    };
    call.read(work).await
}

/// Shows a staff member; the `ETag` is the version that a change demands.
#[utoipa::path(get, path = "/api/v1/staff/{id}", params(("id" = Uuid, Path)), responses((status = 200, description = "The staff member", body = StaffView)))]
pub async fn show_staff(call: Call, id: Path<Id<Staff>>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let work = move |conn: &mut Conn, actor: &Actor| {
        let member = fleet::staff_get(conn, actor, *id)?;
        view(conn, &app, member)
    };
    call.read(work).await
}

/// Adds a staff member.
#[utoipa::path(post, path = "/api/v1/staff", request_body = StaffBody, responses((status = 201, description = "Added", body = StaffView)))]
pub async fn add_staff(Write { call, body }: Write<StaffBody>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let (facts, name) = body.parse(&app)?;
    let name = name.ok_or_else(|| Error::invalid("name", crate::base::Message::new("body_field_missing")))?;
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let staff = fleet::staff_add(tx, actor, app.keyring(), facts.clone(), &name)?;
        view(tx, &app, staff)
    };
    call.write(StatusCode::CREATED, work).await
}

/// Changes a staff member; `If-Match` must name the version that was seen.
#[utoipa::path(put, path = "/api/v1/staff/{id}", params(("id" = Uuid, Path)), request_body = StaffBody,
    responses((status = 200, description = "Changed", body = StaffView)))]
pub async fn change_staff(Write { call, body }: Write<StaffBody>, id: Path<Id<Staff>>) -> Result<Answer, Problem> {
    let (app, seen) = (call.app.clone(), call.must_name_version()?);
    let (facts, name) = body.parse(&app)?;
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let staff = fleet::staff_change(tx, actor, app.keyring(), *id, seen, facts.clone(), name.as_ref())?;
        view(tx, &app, staff)
    };
    call.write(StatusCode::OK, work).await
}

fn view(conn: &mut Conn, app: &App, staff: Staff) -> Result<StaffView> {
    views(conn, app, vec![staff])?.pop().ok_or(Error::NotFound("staff"))
}

pub(super) fn views(conn: &mut Conn, app: &App, staff: Vec<Staff>) -> Result<Vec<StaffView>> {
    let ids: Vec<Id<Staff>> = staff.iter().map(|member| member.id).collect();
    let names: HashMap<Id<Staff>, StaffName> = fleet::staff_names(conn, app.keyring(), &ids)?.into_iter().collect();
    let view = |member: Staff| StaffView {
        id: member.id.uuid(),
        name: names.get(&member.id).map(|name| mask::name(name.expose())),
        badge: member.badge,
        role: member.role.name(),
        licence: member.licence.map(Licence::name),
        organisation: app.code_of(member.organisation),
        depot: member.depot.and_then(|depot| app.code_of(depot)),
        in_service: member.in_service,
        version: member.version,
    };
    Ok(staff.into_iter().map(view).collect())
}
