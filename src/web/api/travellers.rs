//! Travellers. Names and documents are masked; opening one takes a reason, which the audit trail keeps.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::holds::{HoldView, ReasonBody};
use super::{PageView, date, named, page_of};
use crate::access::audit::{self, Subject};
use crate::access::{Act, Actor, mask};
use crate::arrivals::{self, Identity, RideNeeds, Traveller, TravellerId, Wanted};
use crate::base::time::{civil_date, in_shanghai};
use crate::base::{Error, Id, Message, Result};
use crate::db::{Conn, Tx};
use crate::ledger::Stock;
use crate::places::Organisation;
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// Which travellers; all that is given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TravellerQuery {
    /// Those of this flight.
    pub flight: Option<Uuid>,
    /// Those of this party.
    pub party: Option<Uuid>,
    /// Those whose next move is on this day.
    #[param(format = Date)]
    pub due_on: Option<String>,
    /// Those for whom the organisation with this code answers.
    pub custodian: Option<String>,
    /// Those who are counted here: `at_port`, `in_shanghai`, `on_road`, `at_destination`, `medical`, `released`, `left_network`.
    pub stock: Option<String>,
    /// Begin after this; the `next` of the page before.
    pub after: Option<Uuid>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// A traveller, the identity masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct TravellerView {
    /// Their id.
    pub id: Uuid,
    /// The name, masked; absent once it was destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number of the document, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_no: Option<String>,
    /// The id of the flight.
    pub flight: Uuid,
    /// The id of the party.
    pub party: Uuid,
    /// The seat on the flight.
    pub seat: Option<String>,
    /// The code of the destination.
    pub destination: Option<String>,
    /// The code of its city; in Shanghai of the district.
    pub city: Option<String>,
    /// The code of its province.
    pub province: Option<String>,
    /// The code of the place that the transfer goes to.
    pub transfer_to: Option<String>,
    /// The policy that counts, and its version after an `@`.
    pub policy: Option<String>,
    /// When they landed.
    #[schema(format = DateTime)]
    pub landed_at: String,
    /// The day of the next move.
    #[schema(format = Date)]
    pub transfer_on: Option<String>,
    /// The day on which, at 00:00, the term is over.
    #[schema(format = Date)]
    pub release_on: Option<String>,
    /// Where they are counted.
    pub stock: &'static str,
    /// The code of the organisation that answers for them.
    pub custodian: Option<String>,
    /// Counts the changes.
    pub version: i32,
}

/// A traveller with what holds them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TravellerDetailView {
    /// The traveller.
    #[serde(flatten)]
    pub traveller: TravellerView,
    /// All holds, the latest first.
    pub holds: Vec<HoldView>,
    /// What keeps them from moving today.
    pub blocks: Vec<BlockView>,
    /// What they take up on a ride besides a seat.
    pub needs: NeedsBody,
}

/// A reason not to move.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// The reason, for a program.
    pub code: &'static str,
    /// The reason, for a person.
    pub text: String,
}

/// A destination.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationBody {
    /// A code, or a Chinese name.
    #[schema(example = "320583")]
    pub destination: String,
}

/// A decision about a party.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyBody {
    /// Whose party to join; if left out, they go alone.
    pub join: Option<Uuid>,
}

/// Whether the rest of the term at home was approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeBody {
    /// Whether it was.
    pub approved: bool,
}

/// What somebody takes up on a ride besides a seat.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedsBody {
    /// Whether they come in a wheelchair.
    #[serde(default)]
    pub wheelchair: bool,
    /// Whether a small child needs a seat of its own kind.
    #[serde(default)]
    pub child_seat: bool,
    /// Pieces of luggage.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 50)]
    pub luggage: i32,
}

impl From<RideNeeds> for NeedsBody {
    fn from(needs: RideNeeds) -> Self {
        Self { wheelchair: needs.wheelchairs > 0, child_seat: needs.child_seats > 0, luggage: needs.luggage }
    }
}

/// Who a traveller is.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityView {
    /// Name in Chinese or any other script.
    pub name: Option<String>,
    /// `SURNAME/GIVEN`.
    pub name_latin: Option<String>,
    /// `M`, `F` or `X`.
    pub sex: Option<String>,
    /// Date of birth.
    #[schema(format = Date)]
    pub born_on: Option<String>,
    /// The kind of document.
    pub document_kind: String,
    /// Its number.
    pub document_no: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Address at the destination.
    pub address: Option<String>,
    /// What health control found.
    pub health: Option<String>,
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        Self {
            name: identity.name,
            name_latin: identity.name_latin,
            sex: identity.sex,
            born_on: identity.born_on.map(|day| day.to_string()),
            document_kind: identity.document_kind,
            document_no: identity.document_no,
            phone: identity.phone,
            address: identity.address,
            health: identity.health,
        }
    }
}

impl TravellerView {
    fn of(traveller: Traveller, identity: Option<&Identity>, custodian: Option<String>) -> Self {
        let bound = traveller.destination;
        Self {
            id: traveller.id.uuid(),
            name: identity.map(|identity| mask::name(identity.shown_name())),
            document_no: identity.map(|identity| mask::document_number(&identity.document_no)),
            flight: traveller.flight.uuid(),
            party: traveller.party.uuid(),
            seat: traveller.seat,
            destination: bound.as_ref().map(|bound| bound.destination.clone()),
            city: bound.as_ref().map(|bound| bound.city.clone()),
            province: bound.as_ref().map(|bound| bound.province.clone()),
            transfer_to: bound.map(|bound| bound.transfer_to),
            policy: traveller.policy.map(|(name, version)| format!("{name}@{version}")),
            landed_at: in_shanghai(traveller.landed_at),
            transfer_on: traveller.transfer_on.map(|day| day.to_string()),
            release_on: traveller.release_on.map(|day| day.to_string()),
            stock: traveller.custody.stock.name(),
            custodian,
            version: traveller.version,
        }
    }
}

/// Lists travellers.
#[utoipa::path(get, path = "/api/v1/travellers", params(TravellerQuery),
    responses((status = 200, description = "Travellers", body = PageView<TravellerView>)))]
pub async fn list_travellers(call: Call, query: Query<TravellerQuery>) -> Result<Answer, Problem> {
    let page = page_of(query.after.map(Id::from_uuid), query.limit)?;
    let wanted = Wanted {
        flight: query.flight.map(Id::from_uuid),
        party: query.party.map(Id::from_uuid),
        transfer_on: query.due_on.as_deref().map(|text| date("due_on", text)).transpose()?,
        stock: query.stock.as_deref().map(stock).transpose()?,
        custodian: query.custodian.as_deref().map(Organisation::id_of),
    };
    let app = call.app.clone();
    let work = move |conn: &mut Conn, actor: &Actor| {
        let page = arrivals::list(conn, actor, wanted, page)?;
        Ok(PageView { items: views(conn, &app, page.items)?, next: page.next.map(|next| next.to_string()) })
    };
    call.read(work).await
}

/// Shows one traveller.
#[utoipa::path(get, path = "/api/v1/travellers/{id}", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The traveller", body = TravellerDetailView)))]
pub async fn show_traveller(call: Call, id: Path<TravellerId>) -> Result<Answer, Problem> {
    let (app, language) = (call.app.clone(), call.language);
    let work = move |conn: &mut Conn, actor: &Actor| {
        let traveller = arrivals::find(conn, actor, *id)?;
        let today = civil_date(app.db().clock().now());
        let clearance = arrivals::clearances(conn, app.rulebook(), &[*id], today)?.pop();
        let blocks = clearance.into_iter().flat_map(|clearance| clearance.blocks);
        let holds = arrivals::holds_of(conn, *id)?.into_iter().map(HoldView::from).collect();
        let blocks = blocks.map(|block| BlockView { code: block.name(), text: block.message().text(language) }).collect();
        let traveller = views(conn, &app, vec![traveller])?.pop().ok_or(Error::NotFound("traveller"))?;
        let needs = arrivals::ride_needs(conn, &[*id])?.remove(&id).unwrap_or_default().into();
        Ok(TravellerDetailView { traveller, holds, blocks, needs })
    };
    call.read(work).await
}

/// Opens who a traveller is. The reason and who asked stay in the audit trail.
#[utoipa::path(post, path = "/api/v1/travellers/{id}/reveal", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, description = "Who it is", body = IdentityView)))]
pub async fn reveal_traveller(Write { call, body }: Write<ReasonBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    if body.reason.trim().is_empty() {
        return Err(Error::invalid("reason", Message::new("reason_missing")).into());
    }
    let keyring = call.app.keyring().clone();
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let identity = arrivals::identity(tx, actor, &keyring, *id)?;
        audit::record(tx, actor, Act::RevealIdentity, Subject::of("traveller", *id), Some(body.reason.trim()))?;
        Ok(IdentityView::from(identity))
    };
    call.unkept().write(StatusCode::OK, work).await
}

/// Enters or corrects where a traveller is bound for.
#[utoipa::path(put, path = "/api/v1/travellers/{id}/destination", params(("id" = Uuid, Path)), request_body = DestinationBody,
    responses((status = 200, description = "The traveller", body = TravellerView)))]
pub async fn set_destination(Write { call, body }: Write<DestinationBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    change(call, *id, move |tx, app, actor| arrivals::destine(tx, actor, app.rulebook(), *id, &body.destination)).await
}

/// Parts a traveller from the party, or puts them into another's.
#[utoipa::path(put, path = "/api/v1/travellers/{id}/party", params(("id" = Uuid, Path)), request_body = PartyBody,
    responses((status = 200, description = "The traveller", body = TravellerView)))]
pub async fn set_party(Write { call, body }: Write<PartyBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    change(call, *id, move |tx, _, actor| arrivals::part(tx, actor, *id, body.join.map(Id::from_uuid))).await
}

/// Records whether the rest of the term at home was approved.
#[utoipa::path(put, path = "/api/v1/travellers/{id}/home", params(("id" = Uuid, Path)), request_body = HomeBody,
    responses((status = 200, description = "The traveller", body = TravellerView)))]
pub async fn set_home(Write { call, body }: Write<HomeBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    change(call, *id, move |tx, _, actor| arrivals::approve_home(tx, actor, *id, body.approved)).await
}

/// Says what a traveller takes up on a ride besides a seat; vehicles and plans have to have it.
#[utoipa::path(put, path = "/api/v1/travellers/{id}/needs", params(("id" = Uuid, Path)), request_body = NeedsBody,
    responses((status = 200, description = "The traveller", body = TravellerView)))]
pub async fn set_needs(Write { call, body }: Write<NeedsBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    let needs = RideNeeds { wheelchairs: body.wheelchair.into(), child_seats: body.child_seat.into(), luggage: body.luggage };
    change(call, *id, move |tx, _, actor| {
        arrivals::need(tx, actor, *id, needs)?;
        arrivals::find(tx, actor, *id)
    })
    .await
}

/// Changes one traveller, if whoever asks has seen the version that is to be changed.
async fn change(call: Call, id: TravellerId, work: impl Fn(&mut Tx<'_>, &App, &Actor) -> Result<Traveller> + Send + 'static) -> Result<Answer, Problem> {
    let (app, seen) = (call.app.clone(), call.seen());
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        arrivals::lock(tx, &[id])?;
        Call::must_have_seen(seen, arrivals::find(tx, actor, id)?.version)?;
        let traveller = work(tx, &app, actor)?;
        views(tx, &app, vec![traveller])?.pop().ok_or(Error::NotFound("traveller"))
    };
    call.write(StatusCode::OK, work).await
}

fn stock(name: &str) -> Result<Stock> {
    named(Stock::from_name(name), &Stock::ALL.map(Stock::name)).map_err(|message| Error::invalid("stock", message))
}

pub(super) fn views(conn: &mut Conn, app: &App, travellers: Vec<Traveller>) -> Result<Vec<TravellerView>> {
    let ids: Vec<TravellerId> = travellers.iter().map(|traveller| traveller.id).collect();
    let identities: HashMap<TravellerId, Identity> = arrivals::identities(conn, app.keyring(), &ids)?.into_iter().collect();
    let view = |traveller: Traveller| {
        let custodian = traveller.custody.custodian.and_then(|id| app.code_of(id));
        let identity = identities.get(&traveller.id);
        TravellerView::of(traveller, identity, custodian)
    };
    Ok(travellers.into_iter().map(view).collect())
}
