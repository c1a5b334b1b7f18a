//! Contacts of a case: whom it may have infected, and holding them.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::arrivals::TravellerId;
use crate::base::Id;
use crate::dispatch::{self, Contact, Contacts, Meeting};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::{Problem, ProblemView};

/// Somebody whom a case may have infected.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactView {
    /// Who.
    pub traveller: Uuid,
    /// Their seat on the flight, as far as it is known.
    pub seat: Option<String>,
    /// How they met: `party`, `flight` or `trip`.
    pub met: Vec<&'static str>,
    /// The numbers of the trips on which they did.
    pub trips: Vec<String>,
    /// The last day on which they did.
    #[schema(format = Date)]
    pub last_on: String,
    /// Whether an exposure already holds them.
    pub is_held: bool,
    /// The number of the trip that they have a seat on, which is not over.
    pub seated_on: Option<String>,
}

/// The crew of a trip that a case rode on.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewView {
    /// The number of the trip.
    pub trip: String,
    /// Their badges.
    pub badges: Vec<String>,
}

/// Whom a case may have infected.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactsView {
    /// Those within the caller's scope.
    pub items: Vec<ContactView>,
    /// How many more there are outside of it.
    pub n_elsewhere: usize,
    /// How many came on the flight of whom the rows cannot tell, because no seat is known.
    pub n_without_seat: usize,
    /// Who worked on the trips.
    pub crews: Vec<CrewView>,
}

/// Whom to hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactsBody {
    /// Contacts of the case.
    #[schema(min_items = 1)]
    pub travellers: Vec<Uuid>,
    /// Why, in words; no name and no number of a document.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// How many were held.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactsHeldView {
    /// How many an exposure had not held before.
    pub held: usize,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        let trips = contact.met.iter().filter_map(|met| if let Meeting::Trip(number) = met { Some(number.clone()) } else { None });
        let mut met: Vec<&'static str> = contact.met.iter().map(Meeting::name).collect();
        met.dedup();
        Self {
            traveller: contact.traveller.uuid(),
            seat: contact.seat,
            trips: trips.collect(),
            met,
            last_on: contact.last_on.to_string(),
            is_held: contact.is_held,
            seated_on: contact.seated_on,
        }
    }
}

impl From<Contacts> for ContactsView {
    fn from(contacts: Contacts) -> Self {
        Self {
            items: contacts.people.into_iter().map(ContactView::from).collect(),
            n_elsewhere: contacts.n_elsewhere,
            n_without_seat: contacts.n_without_seat,
            crews: contacts.crews.into_iter().map(|(trip, badges)| CrewView { trip, badges }).collect(),
        }
    }
}

/// Whom a case may have infected: a party, the rows around on the flight, everybody on a coach.
#[utoipa::path(get, path = "/api/v1/travellers/{id}/contacts", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The contacts", body = ContactsView),
    (status = 409, description = "This person is no case", body = ProblemView, content_type = "application/problem+json")))]
pub async fn list_contacts(call: Call, id: Path<TravellerId>) -> Result<Answer, Problem> {
    call.read(move |conn, actor| dispatch::contacts(conn, actor, *id).map(ContactsView::from)).await
}

/// Holds contacts of a case and counts their days anew.
#[utoipa::path(post, path = "/api/v1/travellers/{id}/contacts", params(("id" = Uuid, Path)), request_body = ContactsBody,
    responses((status = 200, description = "Held", body = ContactsHeldView)))]
pub async fn hold_contacts(Write { call, body }: Write<ContactsBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    let (rulebook, id) = (call.app.rulebook().clone(), *id);
    let people: Vec<TravellerId> = body.travellers.iter().copied().map(Id::from_uuid).collect();
    let hold = move |tx: &mut crate::db::Tx<'_>, actor: &crate::access::Actor| {
        dispatch::contacts_hold(tx, actor, &rulebook, id, &people, &body.reason).map(|held| ContactsHeldView { held })
    };
    call.write(StatusCode::OK, hold).await
}
