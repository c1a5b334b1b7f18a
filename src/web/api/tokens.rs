//! API tokens and sessions: one's own, or everybody's for those who manage them.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Faults, NoBody, PageQuery, PageView, page_of};
use crate::access::{self, Token, TokenKind, UserName};
use crate::base::time::in_shanghai;
use crate::base::{Id, Result};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// A token to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// The name of the user whose it will be.
    pub user: String,
    /// What its owner calls it.
    #[schema(max_length = 200)]
    pub label: String,
    /// From when it is worth nothing; a year ahead at the most.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenView {
    /// Its id.
    pub id: Uuid,
    /// The id of the user whose it is.
    pub user: Uuid,
    /// What it is for: `api` or `session`.
    #[schema(value_type = String)]
    pub kind: TokenKind,
    /// What its owner calls it.
    pub label: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// From when it is worth nothing.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// When it was taken back.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

/// A token that was just made, with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewTokenView {
    /// The token.
    #[serde(flatten)]
    pub token: TokenView,
    /// To be sent as `Authorization: Bearer`.
    pub secret: String,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.uuid(),
            user: token.user.uuid(),
            kind: token.kind,
            label: token.label,
            created_at: in_shanghai(token.created_at),
            expires_at: in_shanghai(token.expires_at),
            revoked_at: token.revoked_at.map(in_shanghai),
        }
    }
}

/// Lists tokens and sessions.
#[utoipa::path(get, path = "/api/v1/tokens", params(PageQuery), responses((status = 200, description = "Tokens", body = PageView<TokenView>)))]
pub async fn list_tokens(call: Call, query: Query<PageQuery>) -> Result<Answer, Problem> {
    let page = page_of(query.after.map(Id::from_uuid), query.limit)?;
    call.read(move |conn, actor| access::token_list(conn, actor, page).map(PageView::<TokenView>::of)).await
}

/// Makes a token. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/tokens", request_body = TokenBody, responses((status = 201, description = "Made", body = NewTokenView)))]
pub async fn add_token(Write { call, body }: Write<TokenBody>) -> Result<Answer, Problem> {
    let mut faults = Faults::default();
    let (owner, expires_at) = (faults.field("user", body.user.parse::<UserName>()), faults.instant("expires_at", &body.expires_at));
    let (Some(owner), Some(expires_at)) = (owner, expires_at) else { return Err(faults.into_error().into()) };
    let work = move |tx: &mut crate::db::Tx<'_>, actor: &access::Actor| {
        let (token, secret) = access::token_add(tx, actor, &owner, &body.label, expires_at)?;
        Ok(NewTokenView { token: token.into(), secret: secret.expose().to_owned() })
    };
    call.write(StatusCode::CREATED, work).await
}

/// Takes a token back, or closes a session.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", params(("id" = Uuid, Path)), responses((status = 204, description = "Taken back")))]
pub async fn revoke_token(Write { call, .. }: Write<NoBody>, id: Path<Id<Token>>) -> Result<Answer, Problem> {
    call.write(StatusCode::NO_CONTENT, move |tx, actor| access::token_revoke(tx, actor, *id)).await
}
