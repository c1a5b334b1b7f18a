//! Sealed days, their bulletins, and what became known of them later.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION};
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpRequest, HttpResponse};
use base16ct::lower::encode_string;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::totals::{FiguresView, StocksView, TotalsView};
use super::{PageView, date, page_of};
use crate::access::{Act, Actor, Scope};
use crate::base::time::{in_shanghai, parse_date};
use crate::base::{Error, Result};
use crate::bulletin::daily::{Format, Paper};
use crate::db::Conn;
use crate::figures::{self, Bulletin, Correction, Corrections, Digest, SealedDay};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::{Problem, ProblemView};

/// The day to seal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealBody {
    /// The day, in Shanghai; it must be over.
    #[schema(format = Date, example = "2020-09-15")]
    pub on: String,
}

/// Which sealed days are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BulletinsQuery {
    /// Those before this day; the `next` of the page before.
    #[param(format = Date)]
    pub after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// Which corrections are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CorrectionsQuery {
    /// Those of this day; of every sealed day, if left out.
    #[param(format = Date)]
    pub on: Option<String>,
    /// Those after this one; the `next` of the page before.
    pub after: Option<i64>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// A seal.
#[derive(Debug, Serialize, ToSchema)]
pub struct SealView {
    /// The day, by which its bulletin is found.
    pub id: String,
    /// Its place in the order in which days were sealed.
    pub number: i32,
    /// When it was sealed.
    #[schema(format = DateTime)]
    pub sealed_at: String,
    /// Who sealed it.
    pub sealed_by: String,
    /// SHA-256 over the sealed document, in hexadecimal.
    pub digest: String,
    /// The digest of the seal made before.
    pub previous: Option<String>,
    /// The last day of the ledger that was under its root.
    pub ledger_on: Option<NaiveDate>,
    /// Its chain value.
    pub ledger_chain: Option<String>,
}

/// A fact that became known after its day had been sealed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionView {
    /// Its number; later ones have larger ones.
    pub id: i64,
    /// The sealed day that it belongs to.
    pub on: NaiveDate,
    /// When it became known.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// What happened: `landed`, `admitted`, `boarded`, `received`, `relayed`, `diverted`, `returned`, `reassigned`, `released` or `left_network`.
    pub cause: &'static str,
    /// To how many.
    pub n: i64,
    /// The code of the province.
    pub province: Option<String>,
    /// The code of the city.
    pub city: Option<String>,
    /// The policy.
    pub policy: Option<String>,
    /// What it adds to and takes from each stock at the end of the day.
    pub changes: StocksView,
}

/// A day's bulletin.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulletinView {
    /// The figures as they are published: as sealed, or provisional while the day is open.
    #[serde(flatten)]
    pub figures: TotalsView,
    /// The seal; none while the day is open.
    pub seal: Option<SealView>,
    /// What became known of days sealed before, between the seal before and this one.
    pub corrections: Vec<CorrectionView>,
    /// What became known of this day since it was sealed.
    pub since: Option<SinceView>,
}

/// What became known of a sealed day.
#[derive(Debug, Serialize, ToSchema)]
pub struct SinceView {
    /// Line by line.
    pub lines: Vec<CorrectionView>,
    /// How far each stock was corrected in either direction.
    pub gross: StocksView,
    /// By how much the day differs now; its opening by what became known of days before.
    pub net: FiguresView,
    /// What the day comes to now: what was sealed, plus the net.
    pub now: FiguresView,
}

impl From<(SealedDay, Digest)> for SealView {
    fn from((day, digest): (SealedDay, Digest)) -> Self {
        let (ledger_on, ledger_chain) = day.ledger.unzip();
        Self {
            id: day.on.to_string(),
            number: day.number,
            sealed_at: in_shanghai(day.sealed_at),
            sealed_by: day.sealed_by,
            digest: encode_string(&digest),
            previous: day.previous,
            ledger_on,
            ledger_chain,
        }
    }
}

impl From<Correction> for CorrectionView {
    fn from(correction: Correction) -> Self {
        let changes = StocksView::from(&correction.changes());
        let (flow, cell) = (&correction.flow, correction.flow.cell.clone());
        Self {
            id: correction.id,
            on: correction.on,
            recorded_at: in_shanghai(correction.recorded_at),
            cause: flow.kind.name(),
            n: flow.n,
            province: cell.province,
            city: cell.city,
            policy: cell.policy,
            changes,
        }
    }
}

impl From<Corrections> for SinceView {
    fn from(corrections: Corrections) -> Self {
        Self {
            gross: (&corrections.gross).into(),
            net: (&corrections.net).into(),
            now: (&corrections.now.total).into(),
            lines: corrections.lines.into_iter().map(CorrectionView::from).collect(),
        }
    }
}

impl BulletinView {
    fn of(bulletin: Bulletin, since: Option<Corrections>, now: DateTime<Utc>) -> Self {
        Self {
            figures: TotalsView::of(bulletin.figures, now),
            seal: bulletin.seal.map(SealView::from),
            corrections: bulletin.corrections.into_iter().map(CorrectionView::from).collect(),
            since: since.map(SinceView::from),
        }
    }
}

/// The bulletin of a day as far as it concerns the actor.
pub fn bulletin_for(conn: &mut Conn, actor: &Actor, on: NaiveDate, now: DateTime<Utc>) -> Result<Bulletin> {
    actor.must(Act::ViewTotals)?;
    Ok(figures::bulletin(conn, on, now)?.narrowed(|cell| figures::concerns(actor, cell)))
}

/// What became known of a sealed day as far as it concerns the actor.
pub fn corrections_for(conn: &mut Conn, actor: &Actor, on: NaiveDate) -> Result<Option<Corrections>> {
    actor.must(Act::ViewTotals)?;
    Ok(figures::corrections(conn, on)?.map(|found| found.narrowed(|cell| figures::concerns(actor, cell))))
}

/// A bulletin as a file to keep.
pub async fn file(call: &Call, bulletin: &Bulletin, format: Format) -> Result<HttpResponse> {
    let is_part = *call.actor.scope() != Scope::All;
    let paper = Paper::of(bulletin, is_part, &call.app.rulebook().places, call.language);
    let fonts = call.app.settings().bulletin.fonts.clone();
    let bytes = call.app.block(move || format.write(&paper, fonts.as_deref())).await?;
    let name = format!("attachment; filename=\"bulletin-{}.{}\"", bulletin.figures.on, format.ending());
    Ok(HttpResponse::Ok().content_type(format.media_type()).insert_header((CONTENT_DISPOSITION, name)).body(bytes))
}

/// Lists the sealed days, the latest first.
#[utoipa::path(get, path = "/api/v1/bulletins", params(BulletinsQuery), responses((status = 200, description = "A page", body = PageView<SealView>)))]
pub async fn list_bulletins(call: Call, query: Query<BulletinsQuery>) -> Result<Answer, Problem> {
    let after = query.after.as_deref().map(|text| date("after", text)).transpose()?;
    let page = page_of(after, query.limit)?;
    call.read(move |conn, actor| Ok(PageView::<SealView>::of(figures::sealed_days(conn, actor, page)?))).await
}

/// Seals a day that is over; its figures never change again.
#[utoipa::path(post, path = "/api/v1/bulletins", request_body = SealBody, responses((status = 201, description = "Sealed", body = SealView)))]
pub async fn seal_day(Write { call, body }: Write<SealBody>) -> Result<Answer, Problem> {
    let on = date("on", &body.on)?;
    let seal = move |tx: &mut crate::db::Tx<'_>, actor: &Actor| {
        figures::seal(tx, actor, on)?;
        let now = tx.now();
        let sealed = figures::bulletin(tx, on, now)?.seal;
        sealed.map(SealView::from).ok_or_else(|| Error::Internal(anyhow::anyhow!("a day just sealed is open")))
    };
    call.write(StatusCode::CREATED, seal).await
}

/// Shows the bulletin of a day; as a workbook or a web page, if `Accept` asks for one.
#[utoipa::path(get, path = "/api/v1/bulletins/{on}", params(("on" = String, Path, description = "The day", format = Date)), responses(
    (status = 200, description = "The bulletin", content(
        (BulletinView = "application/json"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "application/pdf"),
        (String = "text/html"),
    )),
    (status = 406, description = "No font to write a PDF with", body = ProblemView, content_type = "application/problem+json"),
))]
pub async fn show_bulletin(request: HttpRequest, call: Call, on: Path<String>) -> Result<Either<Answer, HttpResponse>, Problem> {
    let on = parse_date(&on).ok_or(Error::NotFound("bulletin"))?;
    let (actor, now) = (call.actor.clone(), call.app.db().clock().now());
    let read = call.app.read(move |conn| Ok((bulletin_for(conn, &actor, on, now)?, corrections_for(conn, &actor, on)?)));
    let (bulletin, since) = read.await?;
    let accepts = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let wanted =
        [Format::Xlsx, Format::Pdf, Format::Html].into_iter().find(|format| accepts.contains(format.media_type().split(';').next().unwrap_or_default()));
    match wanted {
        Some(format) => Ok(Either::Right(file(&call, &bulletin, format).await?)),
        None => Ok(Either::Left(Answer::of(StatusCode::OK, &BulletinView::of(bulletin, since, now))?)),
    }
}

/// Lists what became known of sealed days after they were sealed, in the order in which it did.
#[utoipa::path(get, path = "/api/v1/corrections", params(CorrectionsQuery), responses((status = 200, description = "A page", body = PageView<CorrectionView>)))]
pub async fn list_corrections(call: Call, query: Query<CorrectionsQuery>) -> Result<Answer, Problem> {
    let on = query.on.as_deref().map(|text| date("on", text)).transpose()?;
    let page = page_of(query.after, query.limit)?;
    call.read(move |conn, actor| {
        actor.must(Act::ViewTotals)?;
        let mut found = figures::corrections_list(conn, on, page)?;
        found.items.retain(|line| figures::concerns(actor, &line.flow.cell));
        Ok(PageView::<CorrectionView>::of(found))
    })
    .await
}
