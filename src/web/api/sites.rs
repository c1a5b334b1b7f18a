//! Sites: how many people each takes in on a night, and how many beds are promised.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Faults, date};
use crate::access::Actor;
use crate::arrivals;
use crate::base::time::{civil_date, in_shanghai};
use crate::base::{Error, Id, Language, Result};
use crate::db::{Conn, Tx};
use crate::places::Organisation;
use crate::sites::{self, Night, SiteNights};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// Which nights.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NightsQuery {
    /// The first, in Shanghai; tonight if left out.
    #[param(format = Date, example = "2020-09-15")]
    pub from: Option<String>,
    /// How many; 7 if left out.
    #[param(minimum = 1, maximum = 31)]
    pub nights: Option<u64>,
}

/// What a site says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BedsBody {
    /// How many people it takes in on each of the nights.
    #[schema(minimum = 0, maximum = 5000)]
    pub beds: i32,
    /// The last of the nights that this is said of; the one in the path if left out.
    #[schema(format = Date)]
    pub until: Option<String>,
}

/// The sites.
#[derive(Debug, Serialize, ToSchema)]
pub struct SitesView {
    /// By their codes.
    pub items: Vec<SiteView>,
}

/// A site, or a hub.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteView {
    /// Its id, which follows from its code.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// `site` or `hub`.
    pub kind: &'static str,
    /// Its name, in the language of the reader.
    pub name: String,
    /// The code of the place where it stands.
    pub place: String,
    /// How many people it answers for now.
    pub present: i64,
    /// Its nights, in order.
    pub nights: Vec<NightView>,
}

/// A night of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightView {
    /// The date on which people come in.
    #[schema(format = Date)]
    pub on: String,
    /// How many people it takes in; null while it has not said.
    pub beds: Option<i32>,
    /// Who said so.
    pub confirmed_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub confirmed_at: Option<String>,
    /// How many beds trips were promised.
    pub promised: i64,
    /// How many are left; below nought if more were promised than there are, null while the site has not said.
    pub free: Option<i64>,
}

impl From<&Night> for NightView {
    fn from(night: &Night) -> Self {
        let said = night.confirmed.as_ref();
        Self {
            on: night.on.to_string(),
            beds: said.map(|said| said.beds),
            confirmed_by: said.map(|said| said.by.clone()),
            confirmed_at: said.map(|said| in_shanghai(said.at)),
            promised: night.promised,
            free: night.free(),
        }
    }
}

/// Lists the sites that exist for the reader with their coming nights.
#[utoipa::path(get, path = "/api/v1/sites", params(NightsQuery), responses((status = 200, description = "Sites", body = SitesView)))]
pub async fn list_sites(call: Call, query: Query<NightsQuery>) -> Result<Answer, Problem> {
    let (app, language) = (call.app.clone(), call.language);
    let first = query.from.as_deref().map_or_else(|| Ok(civil_date(app.db().clock().now())), |from| date("from", from))?;
    let n = query.nights.unwrap_or(7);
    let work = move |conn: &mut Conn, actor: &Actor| {
        let nights = sites::nights(conn, actor, first, n)?;
        Ok(SitesView { items: views(conn, &app, language, &nights)? })
    };
    call.read(work).await
}

/// Confirms how many people a site takes in on a night; whoever confirms last is believed.
#[utoipa::path(put, path = "/api/v1/sites/{code}/nights/{on}", params(("code" = String, Path), ("on" = String, Path, format = Date)), request_body = BedsBody,
    responses((status = 200, description = "Confirmed", body = SiteView)))]
pub async fn confirm_beds(Write { call, body }: Write<BedsBody>, path: Path<(String, String)>) -> Result<Answer, Problem> {
    let (app, language) = (call.app.clone(), call.language);
    let (code, on) = path.into_inner();
    let mut faults = Faults::default();
    let first = faults.date("on", &on);
    let last = body.until.as_deref().map_or(first, |until| faults.date("until", until));
    let Some((first, last)) = first.zip(last) else { return Err(faults.into_error().into()) };
    let site = app.rulebook().organisations.get(&code).map(Organisation::id).ok_or(Error::NotFound("site"))?;
    let work = move |tx: &mut Tx<'_>, actor: &Actor| {
        let nights = sites::confirm(tx, actor, site, first, last, body.beds)?;
        views(tx, &app, language, &[nights])?.pop().ok_or(Error::NotFound("site"))
    };
    call.write(StatusCode::OK, work).await
}

fn views(conn: &mut Conn, app: &App, language: Language, sites: &[SiteNights]) -> Result<Vec<SiteView>> {
    let ids: Vec<Id<Organisation>> = sites.iter().map(|one| one.site).collect();
    let present = arrivals::answered_for(conn, &ids)?;
    let view = |one: &SiteNights| {
        let site = app.rulebook().organisations.with_id(one.site)?;
        Some(SiteView {
            id: one.site.uuid(),
            code: site.code.clone(),
            kind: site.kind.word(),
            name: site.name_in(language).to_owned(),
            place: site.place.to_string(),
            present: present.get(&one.site).copied().unwrap_or(0),
            nights: one.nights.iter().map(NightView::from).collect(),
        })
    };
    Ok(sites.iter().filter_map(view).collect())
}
