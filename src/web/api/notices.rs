//! Notices: whom they go to, and the outbox they leave by.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Faults, NoBody, PageView, named, page_of};
use crate::base::time::in_shanghai;
use crate::base::{Error, Id, Language};
use crate::bulletin::{self, Address, Channel, Muted, NewAddress, Notice, NoticeState, Post, Target};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// An address that notices are to go to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// The code of the organisation whose it is; the coordinators', if left out.
    pub organisation: Option<String>,
    /// `mail` or `webhook`.
    pub channel: String,
    /// A mailbox, or a URL.
    #[schema(max_length = 254)]
    pub address: String,
    /// `desk`, which is told first, or `duty_officer`, who is told when the desk does not answer.
    #[serde(default = "desk")]
    pub post: String,
    /// `zh` or `en`.
    #[serde(default = "zh")]
    pub language: String,
    /// Kinds of notices that are not wanted.
    #[serde(default)]
    pub muted: Vec<String>,
}

fn desk() -> String {
    "desk".into()
}

fn zh() -> String {
    "zh".into()
}

/// An address that notices go to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressView {
    /// Its id.
    pub id: Uuid,
    /// The code of the organisation whose it is; none for the coordinators'.
    pub organisation: Option<String>,
    /// `mail` or `webhook`.
    pub channel: &'static str,
    /// The mailbox, or the URL.
    pub address: String,
    /// `desk` or `duty_officer`.
    pub post: &'static str,
    /// `zh` or `en`.
    #[schema(value_type = String)]
    pub language: Language,
    /// Kinds of notices that are not wanted.
    pub muted: Vec<&'static str>,
    /// Who added it.
    pub added_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub added_at: String,
}

/// An address that was just added.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewAddressView {
    /// The address.
    #[serde(flatten)]
    pub address: AddressView,
    /// The secret that requests to a system are signed with; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Which notices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NoticeQuery {
    /// Those in this state: `waiting`, `sending`, `sent` or `dead`.
    pub state: Option<String>,
    /// Begin after this; the `next` of the page before.
    pub after: Option<Uuid>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// A notice of the outbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// Its id, the same however often it is sent.
    pub id: Uuid,
    /// What kind of news it is.
    pub kind: &'static str,
    /// What it says, in one line.
    pub subject: String,
    /// The code of the organisation it goes to; none for the coordinators.
    pub organisation: Option<String>,
    /// `mail` or `webhook`.
    pub channel: &'static str,
    /// Where to.
    pub address: String,
    /// `waiting`, `sending`, `sent` or `dead`.
    pub state: &'static str,
    /// How often sending has begun.
    pub attempts: i32,
    /// When it was written.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it is sent next.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
    /// When the other side took it.
    #[schema(format = DateTime)]
    pub sent_at: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

impl AddressView {
    fn of(address: Address, app: &App) -> Self {
        Self {
            id: address.id.uuid(),
            organisation: address.organisation.and_then(|id| app.code_of(id)),
            channel: address.channel.name(),
            address: address.target.to_string(),
            post: address.post.name(),
            language: address.language,
            muted: address.muted.kinds().to_vec(),
            added_by: address.added_by,
            added_at: in_shanghai(address.added_at),
        }
    }
}

impl NoticeView {
    fn of(notice: Notice, app: &App, language: Language) -> crate::base::Result<Self> {
        Ok(Self {
            id: notice.id.uuid(),
            kind: notice.news.kind(),
            subject: bulletin::compose(&notice.news, language, &app.rulebook().organisations, None)?.subject,
            organisation: notice.address.organisation.and_then(|id| app.code_of(id)),
            channel: notice.address.channel.name(),
            address: notice.address.target.to_string(),
            state: notice.state.name(),
            attempts: notice.attempts,
            created_at: in_shanghai(notice.created_at),
            due_at: notice.due_at.map(in_shanghai),
            sent_at: notice.sent_at.map(in_shanghai),
            last_error: notice.last_error,
        })
    }
}

impl AddressBody {
    fn parse(self) -> crate::base::Result<NewAddress> {
        let mut faults = Faults::default();
        let organisation = self.organisation.and_then(|code| faults.field("organisation", code.parse()));
        let channel = faults.field("channel", named(Channel::from_name(&self.channel), &["mail", "webhook"]));
        let post = faults.field("post", named(Post::from_name(&self.post), &["desk", "duty_officer"]));
        let language = faults.field("language", self.language.parse());
        let muted = faults.field("muted", Muted::parse(&self.muted));
        let target = channel.and_then(|channel| faults.field("address", Target::parse(channel, &self.address)));
        match (channel, target, post, language, muted) {
            (Some(channel), Some(target), Some(post), Some(language), Some(muted)) if faults.is_empty() => {
                Ok(NewAddress { organisation, channel, target, post, language, muted })
            }
            _ => Err(faults.into_error()),
        }
    }
}

/// Lists the addresses that notices go to.
#[utoipa::path(get, path = "/api/v1/notice-addresses", responses((status = 200, description = "Addresses", body = PageView<AddressView>)))]
pub async fn list_addresses(call: Call) -> Result<Answer, Problem> {
    let app = call.app.clone();
    let work = move |conn: &mut crate::db::Conn, actor: &crate::access::Actor| {
        let addresses = bulletin::address_list(conn, actor)?;
        Ok(PageView { items: addresses.into_iter().map(|address| AddressView::of(address, &app)).collect(), next: None })
    };
    call.read(work).await
}

/// Adds an address that notices go to.
#[utoipa::path(post, path = "/api/v1/notice-addresses", request_body = AddressBody,
    responses((status = 201, description = "Added", body = NewAddressView)))]
pub async fn add_address(Write { call, body }: Write<AddressBody>) -> Result<Answer, Problem> {
    let new = body.parse()?;
    let app = call.app.clone();
    call.write(StatusCode::CREATED, move |tx, actor| {
        let address = bulletin::address_add(tx, actor, &app.rulebook().organisations, new.clone())?;
        let secret = (address.channel == Channel::Webhook).then(|| bulletin::secret_of(app.keyring(), address.id));
        Ok(NewAddressView { address: AddressView::of(address, &app), secret })
    })
    .await
}

/// Takes an address out of use.
#[utoipa::path(delete, path = "/api/v1/notice-addresses/{id}", params(("id" = Uuid, Path)), responses((status = 204, description = "Out of use")))]
pub async fn remove_address(Write { call, .. }: Write<NoBody>, id: Path<Id<Address>>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| bulletin::address_remove(tx, actor, *id)).await
}

/// Lists the outbox, the newest notice first.
#[utoipa::path(get, path = "/api/v1/notices", params(NoticeQuery), responses((status = 200, description = "Notices", body = PageView<NoticeView>)))]
pub async fn list_notices(call: Call, query: Query<NoticeQuery>) -> Result<Answer, Problem> {
    let known: Vec<&str> = NoticeState::ALL.iter().map(|state| state.name()).collect();
    let state = query.state.as_deref().map(|name| named(NoticeState::from_name(name), &known).map_err(|message| Error::invalid("state", message)));
    let (state, page) = (state.transpose()?, page_of(query.after.map(Id::from_uuid), query.limit)?);
    let (app, language) = (call.app.clone(), call.language);
    let work = move |conn: &mut crate::db::Conn, actor: &crate::access::Actor| {
        let page = bulletin::notice_list(conn, actor, state, page)?;
        let next = page.next.map(|next| next.to_string());
        let items = page.items.into_iter().map(|notice| NoticeView::of(notice, &app, language)).collect::<crate::base::Result<_>>()?;
        Ok(PageView { items, next })
    };
    call.read(work).await
}

/// Has a notice sent again that was given up.
#[utoipa::path(post, path = "/api/v1/notices/{id}/resend", params(("id" = Uuid, Path)), request_body = NoBody,
    responses((status = 200, description = "It will be sent", body = NoticeView)))]
pub async fn resend_notice(Write { call, .. }: Write<NoBody>, id: Path<Id<Notice>>) -> Result<Answer, Problem> {
    let (app, language) = (call.app.clone(), call.language);
    call.write(StatusCode::OK, move |tx, actor| NoticeView::of(bulletin::notice_resend(tx, actor, *id)?, &app, language)).await
}
