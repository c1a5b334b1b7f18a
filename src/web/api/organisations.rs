//! Organisations: who can answer for people.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::places::Organisation;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Its id, which follows from its code.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// What it does.
    pub kind: &'static str,
    /// Its name, in the language of the reader.
    pub name: String,
    /// The code of the place it answers for, or where it stands.
    pub place: String,
    /// The code of the organisation above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// All organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationsView {
    /// The organisations.
    pub items: Vec<OrganisationView>,
}

/// Lists the organisations.
#[utoipa::path(get, path = "/api/v1/organisations", responses((status = 200, description = "Organisations", body = OrganisationsView)))]
pub async fn list_organisations(call: Call) -> Result<Answer, Problem> {
    let view = |organisation: &Organisation| OrganisationView {
        id: organisation.id().uuid(),
        code: organisation.code.clone(),
        kind: organisation.kind.word(),
        name: organisation.name_in(call.language).to_owned(),
        place: organisation.place.to_string(),
        parent: organisation.parent.clone(),
    };
    let items = call.app.rulebook().organisations.iter().map(view).collect();
    call.read(move |_, _| Ok(OrganisationsView { items })).await
}
