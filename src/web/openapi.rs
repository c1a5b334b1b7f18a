//! The description of the API (OpenAPI 3.1), made from the table of routes: what every route may answer because of what it
//! needs is said here once.

use actix_web::HttpResponse;
use actix_web::http::Method;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::gate::{COOKIE, Needs};
use super::idempotency;
use super::problem::{FieldProblem, ProblemView};
use super::routes::{Route, table};

/// What `utoipa::path` knows of a handler.
pub struct Description {
    methods: Vec<HttpMethod>,
    operation: Operation,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Description {
    /// The description beside a handler.
    pub fn of<P: utoipa::Path + utoipa::__dev::SchemaReferences>() -> Self {
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        Self { methods: P::methods(), operation: P::operation(), schemas }
    }
}

/// The whole API.
pub fn document(table: &[Route]) -> OpenApi {
    let mut paths = Paths::new();
    let mut components = Components::new();
    for route in table {
        let Some(Description { methods, mut operation, schemas }) = route.describe.map(|describe| describe()) else { continue };
        complete(&mut operation, route);
        paths.add_path_operation(&route.path, methods, operation);
        components.schemas.extend(schemas);
    }
    paths.paths.values_mut().for_each(parameters_once);
    components.schemas.insert(ProblemView::name().into(), ProblemView::schema());
    components.schemas.insert(FieldProblem::name().into(), FieldProblem::schema());
    let token = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    components.security_schemes.insert("token".into(), token.into());
    components.security_schemes.insert("session".into(), session.into());
    let info = InfoBuilder::new().title("接转 Jiezhuan").version(env!("CARGO_PKG_VERSION"));
    let licence = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    OpenApiBuilder::new().info(info.license(Some(licence)).build()).paths(paths).components(Some(components)).build()
}

/// Shows the description.
pub async fn show() -> HttpResponse {
    HttpResponse::Ok().json(document(&table()))
}

/// Adds what follows from the route: its group, who may ask, how a request names itself, and what may go wrong.
fn complete(operation: &mut Operation, route: &Route) {
    let resource = route.path.strip_prefix("/api/v1/").map_or("health", |path| path.split('/').next().unwrap_or(path));
    operation.tags = Some(vec![resource.to_owned()]);
    let mut may_answer = vec!["500", "503"];
    if route.needs != Needs::Nothing {
        let schemes = ["token", "session"].map(|scheme| SecurityRequirement::new::<_, [&str; 0], &str>(scheme, []));
        operation.security = Some(schemes.to_vec());
        may_answer.extend(["401", "403"]);
    }
    if route.path.contains('{') {
        may_answer.push("404");
    }
    if operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        may_answer.push("422");
    }
    if route.method != Method::GET {
        may_answer.extend(["403", "404", "409", "412", "413", "415", "422"]);
        if route.needs != Needs::Nothing {
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(
                header(idempotency::HEADER, "Names this request: sent again under the same name it is done once and answered the same.", "^[!-~]{1,200}$")
                    .into(),
            );
            parameters.push(
                header(
                    "If-Match",
                    "The version that was seen (the `ETag`); the request is refused with 412 if there is a newer one.",
                    "^(\\*|\"[0-9]{1,9}\")$",
                )
                .into(),
            );
        }
    }
    // A list can be had as a table.
    if let Some(RefOr::T(shown)) = operation.responses.responses.get_mut("200")
        && route.method == Method::GET
        && shown.content.get("application/json").is_some_and(is_list)
    {
        let text = Schema::Object(ObjectBuilder::new().schema_type(Type::String).build());
        shown.content.insert("text/csv".into(), Content::new(Some(text)).into());
    }
    for status in may_answer {
        operation.responses.responses.entry(status.into()).or_insert_with(|| RefOr::T(problem(status)));
    }
}

/// The names of views that are lists, or pages of one.
const LISTS: [&str; 6] = ["AbsencesView", "FlightsView", "OrganisationsView", "PageView", "PoliciesView", "TripsView"];

/// Whether what is answered is a page of a list.
fn is_list(content: &RefOr<Content>) -> bool {
    matches!(content, RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) if LISTS.iter().any(|list| schema.ref_location.contains(list)))
}

fn header(name: &str, description: &str, pattern: &str) -> Parameter {
    let text = Schema::Object(ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build());
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False).description(Some(description)).schema(Some(text)).build()
}

fn problem(status: &str) -> Response {
    let title = status.parse().ok().and_then(|status| actix_web::http::StatusCode::from_u16(status).ok()).and_then(|status| status.canonical_reason());
    let content = Content::new(Some(Ref::from_schema_name(ProblemView::name())));
    ResponseBuilder::new().description(title.unwrap_or_default()).content("application/problem+json", content).build()
}

/// Nothing is shared by the operations of a path beyond what each says itself.
fn parameters_once(item: &mut PathItem) {
    item.parameters = None;
}
