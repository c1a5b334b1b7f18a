//! Statements: what passed between two organisations in a period.

use actix_web::web::Query;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::date;
use crate::access::OrganisationCode;
use crate::base::{Error, Result};
use crate::custody::{self, Difference, Flow, Statement};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// Between whom, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatementQuery {
    /// The code of one side.
    pub one: String,
    /// The code of the other.
    pub other: String,
    /// The first day.
    #[param(format = Date)]
    pub from: String,
    /// The last day; at most 92 days in all.
    #[param(format = Date)]
    pub to: String,
}

/// What passed between two organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementView {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// From `one` to `other`, and back.
    pub flows: Vec<FlowView>,
}

/// What passed in one direction, in people.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowView {
    /// The code of who gave.
    pub from_organisation: String,
    /// The code of who was asked to receive.
    pub to_organisation: String,
    /// Waited for an answer when the period began.
    pub brought_forward: i64,
    /// Offered in the period.
    pub offered: i64,
    /// Received.
    pub received: i64,
    /// Those of them whom a guest received, outside the network.
    pub outside: i64,
    /// On the list and not received.
    pub excepted: i64,
    /// Refused with the whole handoff.
    pub refused: i64,
    /// Withdrawn with the whole handoff.
    pub withdrawn: i64,
    /// Still waited when the period ended.
    pub carried_forward: i64,
    /// Those of them whose deadline had passed.
    pub overdue: i64,
    /// Came without being on the list; in no other figure.
    pub extras: i64,
    /// Whether brought forward and offered are accounted for.
    pub balanced: bool,
    /// Who was not received as offered.
    pub differences: Vec<DifferenceView>,
}

/// Somebody who was not received as offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// The id of the handoff.
    pub handoff: Uuid,
    /// The id of the traveller.
    pub traveller: Uuid,
    /// `missing`, `refused`, `extra` or `wrong_vehicle`.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        let (handoff, traveller) = (difference.handoff.uuid(), difference.traveller.uuid());
        Self { handoff, traveller, kind: difference.kind.name(), reason: difference.reason.to_string() }
    }
}

impl From<Flow> for FlowView {
    fn from(flow: Flow) -> Self {
        Self {
            balanced: flow.is_balanced(),
            from_organisation: flow.giver.code.to_string(),
            to_organisation: flow.receiver.code.to_string(),
            brought_forward: flow.brought_forward,
            offered: flow.offered,
            received: flow.received,
            outside: flow.outside,
            excepted: flow.excepted,
            refused: flow.refused,
            withdrawn: flow.withdrawn,
            carried_forward: flow.carried_forward,
            overdue: flow.overdue,
            extras: flow.extras,
            differences: flow.differences.into_iter().map(DifferenceView::from).collect(),
        }
    }
}

impl From<Statement> for StatementView {
    fn from(statement: Statement) -> Self {
        Self { from: statement.from, to: statement.to, flows: statement.flows.into_iter().map(FlowView::from).collect() }
    }
}

/// Shows what passed between two organisations in a period, in both directions.
#[utoipa::path(get, path = "/api/v1/statements", params(StatementQuery), responses((status = 200, description = "The statement", body = StatementView)))]
pub async fn show_statement(call: Call, query: Query<StatementQuery>) -> Result<Answer, Problem> {
    let (from, to) = (date("from", &query.from)?, date("to", &query.to)?);
    let code = |field: &str, text: &str| text.parse::<OrganisationCode>().map_err(|message| Error::invalid(field, message));
    let (one, other) = (code("one", &query.one)?, code("other", &query.other)?);
    call.read(move |conn, actor| custody::statement(conn, actor, [&one, &other], from, to).map(StatementView::from)).await
}
