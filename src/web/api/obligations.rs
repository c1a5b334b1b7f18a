//! What is owed to travellers: tests that are due, care, medicines, notes.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{NoBody, PageView, instant_or_none, named};
use crate::access::OrganisationCode;
use crate::arrivals::TravellerId;
use crate::base::time::in_shanghai;
use crate::base::{Error, Id, Message, Result};
use crate::custody::obligation::{self, Deed, NewObligation, Obligation, ObligationKind, Owed};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// Something to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObligationBody {
    /// `care`, `medicine` or `note`.
    pub kind: String,
    /// In words; sealed under the traveller's own key.
    #[schema(max_length = 500)]
    pub words: String,
    /// By when.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
}

/// Whose list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OwedQuery {
    /// The code of the organisation; one's own, if left out.
    pub organisation: Option<String>,
}

/// What an organisation owes the people it answers for at present.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwedView {
    /// Samples to be taken by tomorrow, the longest due first.
    pub tests: Vec<TestsDueView>,
    /// What was written down and is not done, by when it is due; the words stand with each traveller.
    pub written: Vec<ObligationView>,
}

/// Tests that are due.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestsDueView {
    /// From when.
    pub on: NaiveDate,
    /// `nucleic_acid` or `antibody`.
    pub kind: &'static str,
    /// The ids of the travellers.
    pub travellers: Vec<Uuid>,
}

/// Something that was written down.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObligationView {
    /// Its id.
    pub id: Uuid,
    /// The id of the traveller.
    pub traveller: Uuid,
    /// `care`, `medicine` or `note`.
    pub kind: &'static str,
    /// In words; hidden from those who do not answer for the traveller, and absent in the list of an organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// By when.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
    /// Who wrote it down.
    pub added: DeedView,
    /// That it was done.
    pub done: Option<DeedView>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeedView {
    /// The name.
    pub by: String,
    /// The code of the organisation that answered for the traveller then.
    pub organisation: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

impl From<Deed> for DeedView {
    fn from(deed: Deed) -> Self {
        Self { by: deed.by, organisation: deed.organisation.to_string(), at: in_shanghai(deed.at) }
    }
}

impl From<Obligation> for ObligationView {
    fn from(obligation: Obligation) -> Self {
        Self {
            id: obligation.id.uuid(),
            traveller: obligation.traveller.uuid(),
            kind: obligation.kind.name(),
            words: obligation.words,
            due_at: obligation.due_at.map(in_shanghai),
            added: obligation.added.into(),
            done: obligation.done.map(DeedView::from),
        }
    }
}

impl From<Owed> for OwedView {
    fn from(owed: Owed) -> Self {
        let tests = owed.tests.into_iter().map(|due| {
            let travellers = due.travellers.into_iter().map(Id::uuid).collect();
            TestsDueView { on: due.on, kind: due.kind.as_str(), travellers }
        });
        Self { tests: tests.collect(), written: owed.written.into_iter().map(ObligationView::from).collect() }
    }
}

/// Lists what an organisation owes the people it answers for at present. It follows them: what is owed is on the list of whoever has received
/// them at once, and no longer on the giver's.
#[utoipa::path(get, path = "/api/v1/obligations", params(OwedQuery), responses((status = 200, description = "What is owed", body = OwedView)))]
pub async fn list_owed(call: Call, query: Query<OwedQuery>) -> Result<Answer, Problem> {
    let own = call.actor.organisation().cloned();
    let of: OrganisationCode = match &query.organisation {
        Some(code) => code.parse().map_err(|message| Error::invalid("organisation", message))?,
        None => own.ok_or_else(|| Error::invalid("organisation", Message::new("body_field_missing")))?,
    };
    let (rulebook, now) = (call.app.rulebook().clone(), call.app.db().clock().now());
    call.read(move |conn, actor| obligation::owed_by(conn, actor, &rulebook, &of, now).map(OwedView::from)).await
}

/// Lists what was written down of a traveller, done or not. That its words were read is logged.
#[utoipa::path(get, path = "/api/v1/travellers/{id}/obligations", params(("id" = Uuid, Path)),
    responses((status = 200, description = "What is owed", body = PageView<ObligationView>)))]
pub async fn list_obligations(call: Call, id: Path<TravellerId>) -> Result<Answer, Problem> {
    let keyring = call.app.keyring().clone();
    call.write(StatusCode::OK, move |tx, actor| {
        let items = obligation::of_traveller(tx, actor, &keyring, *id)?.into_iter().map(ObligationView::from).collect();
        Ok(PageView { items, next: None })
    })
    .await
}

/// Writes down what is owed to a traveller whom one's own organisation answers for.
#[utoipa::path(post, path = "/api/v1/travellers/{id}/obligations", params(("id" = Uuid, Path)), request_body = ObligationBody,
    responses((status = 201, description = "Written down", body = ObligationView)))]
pub async fn add_obligation(Write { call, body }: Write<ObligationBody>, id: Path<TravellerId>) -> Result<Answer, Problem> {
    let kind = named(ObligationKind::from_name(&body.kind), &ObligationKind::ALL.map(ObligationKind::name));
    let kind = kind.map_err(|message| Error::invalid("kind", message))?;
    let new = NewObligation { traveller: *id, kind, words: body.words, due_at: instant_or_none("due_at", body.due_at.as_deref())? };
    let keyring = call.app.keyring().clone();
    call.write(StatusCode::CREATED, move |tx, actor| obligation::add(tx, actor, &keyring, &new).map(ObligationView::from)).await
}

/// Records that something owed was done, by whoever answers for the traveller. It is done once and never taken back.
#[utoipa::path(post, path = "/api/v1/obligations/{id}/done", params(("id" = Uuid, Path)), request_body = NoBody,
    responses((status = 204, description = "Done")))]
pub async fn do_obligation(Write { call, .. }: Write<NoBody>, id: Path<Id<Obligation>>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| obligation::done(tx, actor, *id)).await
}
