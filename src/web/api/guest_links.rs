//! Links by which a receiver without accounts answers one handoff.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{NoBody, PageView, instant_or_none};
use crate::access::{Act, Actor, audit};
use crate::base::Result;
use crate::base::time::in_shanghai;
use crate::custody::guest::{self, GuestLink, NamedDocument};
use crate::custody::{self, HandoffId};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// How long a link is to work.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestLinkBody {
    /// From when it is worth nothing; from when the answer is due, if left out. At most 72 hours ahead.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
}

/// A link, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestLinkView {
    /// Its id.
    pub id: Uuid,
    /// Who made it.
    pub made_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// From when it is worth nothing.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// `open`, `used`, `revoked` or `expired`.
    pub state: &'static str,
    /// Who used it or took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

/// A link that was just made, with its secrets, which are shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewGuestLinkView {
    /// The link.
    #[serde(flatten)]
    pub link: GuestLinkView,
    /// The path of its page, for the guest.
    pub path: String,
    /// The check code, to be told in another way than the link.
    pub code: String,
}

impl GuestLinkView {
    fn of(link: GuestLink, now: chrono::DateTime<chrono::Utc>) -> Self {
        let state = link.state(now);
        let (ended_by, ended_at) = link.ended.map(|end| (end.by, in_shanghai(end.at))).unzip();
        Self {
            id: link.id.uuid(),
            made_by: link.made_by,
            made_at: in_shanghai(link.made_at),
            expires_at: in_shanghai(link.expires_at),
            state,
            ended_by,
            ended_at,
        }
    }
}

/// Makes the link by which a receiver without accounts answers this handoff, once. It takes the place of one made before. Whoever is received
/// by it has left the network.
#[utoipa::path(post, path = "/api/v1/handoffs/{id}/guest-links", params(("id" = Uuid, Path)), request_body = GuestLinkBody,
    responses((status = 201, description = "Made", body = NewGuestLinkView)))]
pub async fn add_guest_link(Write { call, body }: Write<GuestLinkBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let expires_at = instant_or_none("expires_at", body.expires_at.as_deref())?;
    let work = move |tx: &mut crate::db::Tx<'_>, actor: &Actor| {
        let new = guest::link_add(tx, actor, *id, expires_at)?;
        let (path, code) = (format!("/guest/{}", new.secret.expose()), new.code.expose().to_owned());
        Ok(NewGuestLinkView { link: GuestLinkView::of(new.link, tx.now()), path, code })
    };
    call.write(StatusCode::CREATED, work).await
}

/// Lists the links of a handoff, the newest first.
#[utoipa::path(get, path = "/api/v1/handoffs/{id}/guest-links", params(("id" = Uuid, Path)),
    responses((status = 200, description = "Links", body = PageView<GuestLinkView>)))]
pub async fn list_guest_links(call: Call, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let now = call.app.db().clock().now();
    let work = move |conn: &mut crate::db::Conn, actor: &Actor| {
        let items = guest::links(conn, actor, *id)?.into_iter().map(|link| GuestLinkView::of(link, now)).collect();
        Ok(PageView { items, next: None })
    };
    call.read(work).await
}

/// Takes back the link of a handoff that can be used, if there is one.
#[utoipa::path(delete, path = "/api/v1/handoffs/{id}/guest-links", params(("id" = Uuid, Path)), responses((status = 204, description = "Taken back")))]
pub async fn revoke_guest_link(Write { call, .. }: Write<NoBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| guest::link_revoke(tx, actor, *id)).await
}

/// A document that a guest named because somebody was there who is not on the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedView {
    /// Its id.
    pub id: Uuid,
    /// `passport`, `resident_id`, `hk_macao_permit` or `taiwan_permit`; none once it has been destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Its number: in full for those of either side who may open identities, else masked; none once it has been destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Whether anybody in the chain carried it then.
    pub is_known: bool,
    /// When it was named.
    #[schema(format = DateTime)]
    pub named_at: String,
}

impl From<NamedDocument> for NamedView {
    fn from(named: NamedDocument) -> Self {
        let (kind, number) = named.document.map(|(kind, number)| (kind.as_str(), number)).unzip();
        Self { id: named.id.uuid(), kind, number, is_known: named.traveller.is_some(), named_at: in_shanghai(named.at) }
    }
}

/// Lists the documents that a guest named at a handoff beside its list. Numbers that are shown in full are logged as looked at.
#[utoipa::path(get, path = "/api/v1/handoffs/{id}/named", params(("id" = Uuid, Path)),
    responses((status = 200, description = "Documents", body = PageView<NamedView>)))]
pub async fn list_named(call: Call, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let (keyring, reason) = (call.app.keyring().clone(), call.language.text("receive_list_opened"));
    call.write(StatusCode::OK, move |tx, actor| {
        let handoff = custody::get(tx, actor, *id)?;
        let named = guest::named(tx, actor, &keyring, &handoff)?;
        if !named.is_empty() && handoff.opens_to(actor) {
            audit::record(tx, actor, Act::RevealIdentity, audit::Subject::of("handoff", *id), Some(&reason))?;
        }
        Ok(PageView { items: named.into_iter().map(NamedView::from).collect(), next: None })
    })
    .await
}
