//! The keys by which phones sign receipts: one's own, or those of a user for those who manage users.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use base16ct::lower::encode_string;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{NoBody, PageView, page_of};
use crate::access::UserName;
use crate::base::time::in_shanghai;
use crate::base::{Error, Id, Result};
use crate::custody::phone::{self, PhoneKey};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// Whose keys are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PhoneKeysQuery {
    /// Those of the user of this name; one's own, if left out.
    pub user: Option<String>,
    /// Begin after this; the `next` of the page before.
    pub after: Option<Uuid>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// The key of a phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneKeyView {
    /// Its id.
    pub id: Uuid,
    /// The id of the user whose it is.
    pub user: Uuid,
    /// Its public half (Ed25519), in hexadecimal.
    pub public_key: String,
    /// When it was enrolled.
    #[schema(format = DateTime)]
    pub enrolled_at: String,
    /// When the last receipt that it signed came in.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// When it was taken back.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_back_at: Option<String>,
    /// The session in which it was last enrolled, as the list of tokens has it; taking the key back closes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Uuid>,
}

impl From<PhoneKey> for PhoneKeyView {
    fn from(key: PhoneKey) -> Self {
        Self {
            id: key.id.uuid(),
            user: key.user.uuid(),
            public_key: encode_string(&key.public_key),
            enrolled_at: in_shanghai(key.enrolled_at),
            last_used_at: key.last_used_at.map(in_shanghai),
            taken_back_at: key.taken_back_at.map(in_shanghai),
            session: key.session.map(Id::uuid),
        }
    }
}

/// Lists the keys of phones that sign receipts.
#[utoipa::path(get, path = "/api/v1/phone-keys", params(PhoneKeysQuery), responses((status = 200, description = "Keys", body = PageView<PhoneKeyView>)))]
pub async fn list_phone_keys(call: Call, query: Query<PhoneKeysQuery>) -> Result<Answer, Problem> {
    let query = query.into_inner();
    let of = query.user.map(|name| name.parse::<UserName>()).transpose().map_err(|message| Error::invalid("user", message))?;
    let page = page_of(query.after.map(Id::from_uuid), query.limit)?;
    call.read(move |conn, actor| phone::keys_of(conn, actor, of.as_ref(), page).map(PageView::<PhoneKeyView>::of)).await
}

/// Takes the key of a phone back: what it signed and has not come in yet counts no more, and the session in which it was enrolled is closed.
#[utoipa::path(delete, path = "/api/v1/phone-keys/{id}", params(("id" = Uuid, Path)), responses((status = 204, description = "Taken back")))]
pub async fn revoke_phone_key(Write { call, .. }: Write<NoBody>, id: Path<Id<PhoneKey>>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| phone::take_back(tx, actor, *id)).await
}
