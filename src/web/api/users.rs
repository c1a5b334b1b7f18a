//! Users.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Faults, PageQuery, PageView, page_of};
use crate::access::{self, NewUser, Password, PasswordHash, Role, Scope, User, UserName};
use crate::base::time::in_shanghai;
use crate::base::{Error, Id, Result};
use crate::web::answer::Answer;
use crate::web::app::App;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// A user to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBody {
    /// What they sign in with: 2 to 40 letters, digits, dots, hyphens or underscores.
    pub name: String,
    /// How others see them; the name, if left out.
    #[serde(default)]
    pub display_name: String,
    /// What they are here to do.
    #[schema(example = "provincial_group")]
    pub role: String,
    /// Whom they may see: administrative codes and codes of organisations.
    #[schema(example = json!(["32"]))]
    pub scope: Option<Vec<String>>,
    /// The organisation they answer for.
    pub organisation: Option<String>,
    /// At least ten characters. Without one they cannot sign in, only use tokens.
    #[schema(format = Password)]
    pub password: Option<String>,
}

impl UserBody {
    fn parse(self) -> Result<(NewUser, Option<Password>)> {
        let mut faults = Faults::default();
        let name = faults.field("name", self.name.parse::<UserName>());
        let role = faults.field("role", self.role.parse::<Role>());
        let scope = faults.field("scope", self.scope.as_deref().map(Scope::parse).transpose());
        let organisation = faults.field("organisation", self.organisation.map(|code| code.parse()).transpose());
        let password = name.as_ref().and_then(|name| faults.field("password", self.password.map(|text| Password::parse(&text, name)).transpose()));
        match (name, role, scope, organisation, password) {
            (Some(name), Some(role), Some(scope), Some(organisation), Some(password)) => {
                Ok((NewUser { name, display_name: self.display_name, role, scope, organisation }, password))
            }
            _ => Err(faults.into_error()),
        }
    }
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Their id.
    pub id: Uuid,
    /// What they sign in with.
    pub name: String,
    /// How others see them.
    pub display_name: String,
    /// What they are here to do.
    #[schema(value_type = String)]
    pub role: Role,
    /// Whom they may see.
    pub scope: String,
    /// The organisation they answer for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// When they were added.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When they were shut out.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<String>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id.uuid(),
            name: user.name.to_string(),
            display_name: user.display_name,
            role: user.role,
            scope: user.scope.to_string(),
            organisation: user.organisation.map(|code| code.to_string()),
            created_at: in_shanghai(user.created_at),
            disabled_at: user.disabled_at.map(in_shanghai),
        }
    }
}

/// Lists the users.
#[utoipa::path(get, path = "/api/v1/users", params(PageQuery), responses((status = 200, description = "Users", body = PageView<UserView>)))]
pub async fn list_users(call: Call, query: Query<PageQuery>) -> Result<Answer, Problem> {
    let page = page_of(query.after.map(Id::from_uuid), query.limit)?;
    call.read(move |conn, actor| access::user_list(conn, actor, page).map(PageView::<UserView>::of)).await
}

/// Adds a user.
#[utoipa::path(post, path = "/api/v1/users", request_body = UserBody, responses((status = 201, description = "Added", body = UserView)))]
pub async fn add_user(Write { call, body }: Write<UserBody>) -> Result<Answer, Problem> {
    let (new, password) = body.parse()?;
    let hash = hash(&call.app, password).await?;
    call.write(StatusCode::CREATED, move |tx, actor| access::user_add(tx, actor, new.clone(), hash.as_ref()).map(UserView::from)).await
}

/// Shuts a user out, with all their sessions and tokens.
#[utoipa::path(post, path = "/api/v1/users/{name}/disable", params(("name" = String, Path)), responses((status = 204, description = "Shut out")))]
pub async fn disable_user(Write { call, .. }: Write<super::NoBody>, name: Path<String>) -> Result<Answer, Problem> {
    let name: UserName = name.parse().map_err(|_| Error::NotFound("user"))?;
    call.write(StatusCode::NO_CONTENT, move |tx, actor| access::user_disable(tx, actor, &name)).await
}

/// Hashing is slow on purpose, so it happens before the transaction.
async fn hash(app: &App, password: Option<Password>) -> Result<Option<PasswordHash>> {
    let Some(password) = password else { return Ok(None) };
    let shared = app.clone();
    app.block(move || password.hash(shared.chance()).map(Some)).await
}
