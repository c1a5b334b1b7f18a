//! Flights.

use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::date;
use crate::arrivals::{self, Flight};
use crate::base::time::in_shanghai;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// Which flights.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FlightQuery {
    /// The day of the landing, in Shanghai.
    #[param(format = Date, example = "2020-09-12")]
    pub landed_on: String,
}

/// A flight.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlightView {
    /// Its id.
    pub id: Uuid,
    /// Airline and number.
    pub flight_no: String,
    /// The port of entry.
    pub port: String,
    /// When it landed.
    #[schema(format = DateTime)]
    pub landed_at: String,
}

/// The flights of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlightsView {
    /// The flights, as they landed.
    pub items: Vec<FlightView>,
}

impl From<Flight> for FlightView {
    fn from(flight: Flight) -> Self {
        Self { id: flight.id.uuid(), flight_no: flight.flight_no, port: flight.port, landed_at: in_shanghai(flight.landed_at) }
    }
}

/// Lists the flights that landed on a day.
#[utoipa::path(get, path = "/api/v1/flights", params(FlightQuery), responses((status = 200, description = "Flights", body = FlightsView)))]
pub async fn list_flights(call: Call, query: Query<FlightQuery>) -> Result<Answer, Problem> {
    let landed_on = date("landed_on", &query.landed_on)?;
    let view = |flights: Vec<Flight>| FlightsView { items: flights.into_iter().map(FlightView::from).collect() };
    call.read(move |conn, actor| arrivals::flights_on(conn, actor, landed_on).map(view)).await
}
