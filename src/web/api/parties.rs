//! Parties: who travels together, and whether they may move.

use actix_web::web::Path;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::travellers::{BlockView, TravellerView, views};
use crate::access::Actor;
use crate::arrivals::{self, Party, RideNeeds, TravellerId, Wanted};
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Id, Result};
use crate::db::Conn;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// People who travel together and are never split by the program.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartyView {
    /// Its id.
    pub id: Uuid,
    /// Who is in it and exists for the reader.
    pub members: Vec<MemberView>,
    /// Whether all of them may move today.
    pub is_cleared: bool,
    /// Places for wheelchairs that they take up on a ride.
    pub wheelchairs: i32,
    /// Child seats.
    pub child_seats: i32,
    /// Pieces of luggage.
    pub luggage: i32,
}

/// One of a party.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// The traveller.
    #[serde(flatten)]
    pub traveller: TravellerView,
    /// What keeps them from moving today.
    pub blocks: Vec<BlockView>,
}

/// Shows a party.
#[utoipa::path(get, path = "/api/v1/parties/{id}", params(("id" = Uuid, Path)), responses((status = 200, description = "The party", body = PartyView)))]
pub async fn show_party(call: Call, id: Path<Id<Party>>) -> Result<Answer, Problem> {
    let (app, language, id) = (call.app.clone(), call.language, *id);
    let work = move |conn: &mut Conn, actor: &Actor| {
        let wanted = Wanted { party: Some(id), ..Wanted::default() };
        let people = arrivals::list(conn, actor, wanted, PageRequest::new(None, Some(PageRequest::<TravellerId>::MOST)))?.items;
        if people.is_empty() {
            return Err(Error::NotFound("party"));
        }
        let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
        let today = civil_date(app.db().clock().now());
        // Both are in the order of the ids.
        let clearances = arrivals::clearances(conn, app.rulebook(), &ids, today)?;
        let needs: RideNeeds = arrivals::ride_needs(conn, &ids)?.into_values().sum();
        let is_cleared = clearances.iter().all(|clearance| clearance.is_cleared());
        let members = views(conn, &app, people)?.into_iter().zip(clearances).map(|(traveller, clearance)| {
            let block = |block: arrivals::Block| BlockView { code: block.name(), text: block.message().text(language) };
            MemberView { traveller, blocks: clearance.blocks.into_iter().map(block).collect() }
        });
        let RideNeeds { wheelchairs, child_seats, luggage } = needs;
        Ok(PartyView { id: id.uuid(), members: members.collect(), is_cleared, wheelchairs, child_seats, luggage })
    };
    call.read(work).await
}
