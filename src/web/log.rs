//! What is logged of a request: its method, its route and how it ended. Never its path, query or body, which name people.

use actix_web::Error as ActixError;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// Makes the span that everything logged for a request stands in.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().copied();
        let route = request.match_pattern().unwrap_or_else(|| "other".into());
        tracing::info_span!("request", method = %request.method(), route, request_id = id.map(tracing::field::display), status = Empty)
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, ActixError>) {
        let status = outcome.as_ref().map_or(500, |response| response.status().as_u16());
        span.record("status", status);
        span.in_scope(|| tracing::debug!("answered"));
    }
}
