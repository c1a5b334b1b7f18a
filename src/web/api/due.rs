//! Who must move on a day.

use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::date;
use crate::arrivals::{self, Due, DueRow};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DayQuery {
    /// The day, in Shanghai.
    #[param(format = Date, example = "2020-09-15")]
    pub on: String,
}

/// The people of one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueView {
    /// The day.
    #[schema(format = Date)]
    pub on: String,
    /// Who goes to another province, per city.
    pub due: Vec<DueRowView>,
    /// How many these are.
    pub count: u64,
    /// Who goes home within Shanghai, per district.
    pub home: Vec<DueRowView>,
    /// Who is with the doctors instead, per city.
    pub medical: Vec<CityCountView>,
}

/// The people of one destination.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueRowView {
    /// The code of the city or district.
    pub destination: String,
    /// How many must move.
    pub count: u64,
    /// How many of them may.
    pub cleared: u64,
    /// What keeps the others.
    pub blocked: Vec<BlockedView>,
}

/// How many are kept by one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedView {
    /// The reason.
    pub reason: &'static str,
    /// How many.
    pub count: u64,
}

/// How many of one destination.
#[derive(Debug, Serialize, ToSchema)]
pub struct CityCountView {
    /// The code of the city.
    pub destination: String,
    /// How many.
    pub count: u64,
}

impl From<Due> for DueView {
    fn from(due: Due) -> Self {
        let medical = due.medical.into_iter().map(|row| CityCountView { destination: row.destination, count: row.count });
        let rows = |rows: Vec<DueRow>| rows.into_iter().map(DueRowView::from).collect();
        Self { on: due.on.to_string(), due: rows(due.due), count: due.count, home: rows(due.home), medical: medical.collect() }
    }
}

impl From<DueRow> for DueRowView {
    fn from(row: DueRow) -> Self {
        let blocked = row.blocked.into_iter().map(|blocked| BlockedView { reason: blocked.reason, count: blocked.count });
        Self { destination: row.destination, count: row.count, cleared: row.cleared, blocked: blocked.collect() }
    }
}

/// Shows who must move on a day, how many of them may, and what keeps the others.
#[utoipa::path(get, path = "/api/v1/due", params(DayQuery), responses((status = 200, description = "Who must move", body = DueView)))]
pub async fn show_due(call: Call, query: Query<DayQuery>) -> Result<Answer, Problem> {
    let on = date("on", &query.on)?;
    let rulebook = call.app.rulebook().clone();
    call.read(move |conn, actor| arrivals::due(conn, actor, &rulebook, on).map(DueView::from)).await
}
