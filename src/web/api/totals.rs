//! The figures of a day.

use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::web::Query;
use actix_web::{Either, HttpRequest, HttpResponse};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{date, instant_or_none};
use crate::access::{Act, Actor};
use crate::base::Result;
use crate::base::time::in_shanghai;
use crate::db::Conn;
use crate::figures::{self, DayFigures, Figures, Flows, Stocks};
use crate::ledger::Stock;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// Which figures.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TotalsQuery {
    /// The day, in Shanghai.
    #[param(format = Date, example = "2020-09-15")]
    pub on: String,
    /// As they were known at this instant; now, if left out.
    #[param(format = DateTime)]
    pub as_of: Option<String>,
}

/// The figures of a day, of the cells within the scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalsView {
    /// The day.
    #[schema(format = Date)]
    pub on: String,
    /// As they were known at this instant.
    #[schema(format = DateTime)]
    pub as_of: String,
    /// Whether the day is sealed.
    pub sealed: bool,
    /// A row for every destination and policy that has anyone.
    pub rows: Vec<TotalsRowView>,
    /// The sum of the rows.
    pub total: FiguresView,
    /// Whether opening + in − out = closing.
    pub balanced: bool,
}

/// The figures of one destination and policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalsRowView {
    /// The code of the province.
    pub province: Option<String>,
    /// The code of the city.
    pub city: Option<String>,
    /// The policy.
    pub policy: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: FiguresView,
}

/// Stocks at both ends of a day, and what moved people in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiguresView {
    /// At 00:00.
    pub opening: StocksView,
    /// Between 00:00 and 24:00.
    pub flows: FlowsView,
    /// At 24:00.
    pub closing: StocksView,
}

/// How many people are where; the last two are exits, counted since the start.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are those of the contract and say it all")]
pub struct StocksView {
    pub at_port: i64,
    pub in_shanghai: i64,
    pub on_road: i64,
    pub at_destination: i64,
    pub medical: i64,
    pub released: i64,
    pub left_network: i64,
}

/// What moved people.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are those of the contract and say it all")]
pub struct FlowsView {
    pub landed: i64,
    pub admitted: i64,
    pub boarded: i64,
    pub received: i64,
    pub diverted: i64,
    pub returned: i64,
    pub released: i64,
    pub left_network: i64,
    pub reassigned_in: i64,
    pub reassigned_out: i64,
}

impl From<&Stocks> for StocksView {
    fn from(stocks: &Stocks) -> Self {
        let Stocks { at_port, in_shanghai, on_road, at_destination, medical, released, left_network } = *stocks;
        Self { at_port, in_shanghai, on_road, at_destination, medical, released, left_network }
    }
}

impl From<&Flows> for FlowsView {
    fn from(flows: &Flows) -> Self {
        let Flows { landed, admitted, boarded, received, diverted, returned, released, left_network, reassigned_in, reassigned_out } = *flows;
        Self { landed, admitted, boarded, received, diverted, returned, released, left_network, reassigned_in, reassigned_out }
    }
}

impl From<&Figures> for FiguresView {
    fn from(figures: &Figures) -> Self {
        Self { opening: (&figures.opening).into(), flows: (&figures.flows).into(), closing: (&figures.closing).into() }
    }
}

impl TotalsView {
    pub(super) fn of(figures: DayFigures, now: DateTime<Utc>) -> Self {
        let row = |row: &figures::Row| TotalsRowView {
            province: row.province.clone(),
            city: row.city.clone(),
            policy: row.policy.clone(),
            figures: FiguresView::from(&row.figures),
        };
        Self {
            on: figures.on.to_string(),
            as_of: in_shanghai(figures.as_of.unwrap_or(now)),
            sealed: figures.sealed,
            rows: figures.rows.iter().map(row).collect(),
            total: FiguresView::from(&figures.total),
            balanced: figures.balanced,
        }
    }
}

/// The figures of a day as far as they concern the actor.
pub fn figures_for(conn: &mut Conn, actor: &Actor, on: NaiveDate, as_of: Option<DateTime<Utc>>) -> Result<DayFigures> {
    actor.must(Act::ViewTotals)?;
    Ok(figures::totals(conn, on, as_of)?.narrowed(|row| figures::concerns(actor, &row.cell())))
}

/// Shows the figures of a day; with `Accept: text/csv` as a table.
#[utoipa::path(get, path = "/api/v1/totals", params(TotalsQuery), responses(
    (status = 200, description = "The figures", content((TotalsView = "application/json"), (String = "text/csv"))),
))]
pub async fn show_totals(request: HttpRequest, call: Call, query: Query<TotalsQuery>) -> Result<Either<Answer, HttpResponse>, Problem> {
    let (on, as_of) = (date("on", &query.on)?, instant_or_none("as_of", query.as_of.as_deref())?);
    let (actor, now) = (call.actor.clone(), call.app.db().clock().now());
    let figures = call.app.read(move |conn| figures_for(conn, &actor, on, as_of)).await?;
    let wants_csv = request.headers().get(ACCEPT).is_some_and(|accept| accept.to_str().unwrap_or_default().contains("text/csv"));
    if !wants_csv {
        return Ok(Either::Left(Answer::of(StatusCode::OK, &TotalsView::of(figures, now))?));
    }
    let table = table(&figures)?;
    let name = format!("attachment; filename=\"totals-{on}.csv\"");
    Ok(Either::Right(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(("Content-Disposition", name)).body(table)))
}

/// A header, one row a cell and one for the sum, after the mark by which spreadsheets know UTF-8.
fn table(figures: &DayFigures) -> Result<Vec<u8>> {
    let line = |keys: [&str; 3], values: Vec<String>| keys.map(str::to_owned).into_iter().chain(values).collect::<Vec<String>>();
    let counts = |figures: &Figures| columns(figures).map(|(_, n)| n.to_string()).collect();
    let header = line(["province", "city", "policy"], columns(&figures.total).map(|(name, _)| name).collect());
    let rows = figures.rows.iter().map(|row| {
        let keys = [&row.province, &row.city, &row.policy].map(|key| key.as_deref().unwrap_or_default());
        line(keys, counts(&row.figures))
    });
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    for record in std::iter::once(header).chain(rows).chain([line(["", "", "total"], counts(&figures.total))]) {
        writer.write_record(record).map_err(|fault| anyhow::anyhow!("a table in memory: {fault}"))?;
    }
    Ok(writer.into_inner().map_err(|fault| anyhow::anyhow!("a table in memory: {fault}"))?)
}

fn columns(figures: &Figures) -> impl Iterator<Item = (String, i64)> + use<> {
    let (opening, closing, flows) = (figures.opening, figures.closing, figures.flows);
    let stocks = move |when: &'static str, stocks: Stocks| Stock::ALL.into_iter().map(move |stock| (format!("{when}_{}", stock.name()), stocks.of(stock)));
    let flows = [
        ("landed", flows.landed),
        ("admitted", flows.admitted),
        ("boarded", flows.boarded),
        ("received", flows.received),
        ("diverted", flows.diverted),
        ("returned", flows.returned),
        ("released", flows.released),
        ("left_network", flows.left_network),
        ("reassigned_in", flows.reassigned_in),
        ("reassigned_out", flows.reassigned_out),
    ];
    stocks("opening", opening).chain(flows.map(|(name, n)| (name.to_owned(), n))).chain(stocks("closing", closing))
}
