//! The phones that sign receipts for somebody: one's own beside the account, anybody's for those who manage users. A lost one is taken back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use base16ct::lower::encode_string;
use chrono::{DateTime, Utc};

use super::admin::{Tab, around};
use super::{Frame, go, page, words};
use crate::access::UserName;
use crate::base::page::PageRequest;
use crate::base::time::civil_date;
use crate::base::{Error, Id, Language, Result};
use crate::custody::phone::{self, PhoneKey};
use crate::web::call::Call;
use crate::web::problem::Problem;

/// How many are shown, at the most.
const MOST: u32 = 100;

#[derive(Template)]
#[template(path = "admin/phones.html", config = ".askama.toml")]
struct PhonesPage {
    frame: Frame,
    tabs: Vec<Tab>,
    name: String,
    phones: Vec<PhoneLine>,
}

/// A phone as a row.
pub struct PhoneLine {
    /// The beginning of its key, by which a receipt shows it too.
    pub key: String,
    pub added: String,
    pub used: Option<String>,
    pub taken_back: Option<String>,
    /// Whether it is the one that the reader uses, who is signed out with it.
    pub is_here: bool,
    /// Where it is taken back.
    pub path: String,
}

/// Shows those of a user.
pub async fn show_of(call: Call, name: Path<String>) -> Result<HttpResponse, Problem> {
    let user = user_of(&name)?;
    let (frame, tabs) = around(&call);
    page(StatusCode::OK, &PhonesPage { frame, tabs, name: user.to_string(), phones: lines(&call, Some(user)).await? })
}

/// Takes one's own back.
pub async fn take_back(call: Call, id: Path<Id<PhoneKey>>) -> Result<HttpResponse, Problem> {
    taken_back(&call, *id).await?;
    Ok(go("/account"))
}

/// Takes one of a user's back.
pub async fn take_back_of(call: Call, path: Path<(String, Id<PhoneKey>)>) -> Result<HttpResponse, Problem> {
    let (name, id) = path.into_inner();
    let user = user_of(&name)?;
    taken_back(&call, id).await?;
    Ok(go(&format!("/admin/users/{user}/phones")))
}

/// The phones of a user, or one's own.
pub async fn lines(call: &Call, of: Option<UserName>) -> Result<Vec<PhoneLine>> {
    let (actor, language, now, here) = (call.actor.clone(), call.language, call.app.db().clock().now(), call.actor.session());
    let base = of.as_ref().map_or_else(|| "/account".to_owned(), |name| format!("/admin/users/{name}"));
    let keys = call.app.read(move |conn| phone::keys_of(conn, &actor, of.as_ref(), PageRequest::new(None, Some(MOST)))).await?.items;
    let line = |key: &PhoneKey| PhoneLine { is_here: here.is_some() && key.session == here, ..line(key, &base, now, language) };
    Ok(keys.iter().map(line).collect())
}

fn line(key: &PhoneKey, base: &str, now: DateTime<Utc>, language: Language) -> PhoneLine {
    let moment = |at: DateTime<Utc>| words::moment(at, civil_date(now), language);
    PhoneLine {
        key: encode_string(&key.public_key[..4]),
        added: moment(key.enrolled_at),
        used: key.last_used_at.map(moment),
        taken_back: key.taken_back_at.map(moment),
        is_here: false,
        path: format!("{base}/phones/{}/take-back", key.id),
    }
}

async fn taken_back(call: &Call, id: Id<PhoneKey>) -> Result<()> {
    let actor = call.actor.clone();
    call.app.write(move |tx| phone::take_back(tx, &actor, id)).await
}

fn user_of(name: &str) -> Result<UserName> {
    name.parse().map_err(|_| Error::NotFound("user"))
}
