//! Who may come in: every route stands behind this gate with what it needs. Whoever comes by a cookie must also come from our
//! own pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, HttpRequest};

use super::app::App;
use super::problem::Problem;
use crate::access::{Act, Actor};
use crate::base::{Error, Message, Result};

/// The cookie of a session.
pub const COOKIE: &str = "jiezhuan_session";

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anyone may ask.
    Nothing,
    /// Somebody who is signed in.
    SignIn,
    /// Somebody whose role may do this.
    May(Act),
}

/// Lets a request through to its handler, with the actor, or answers it here.
pub async fn gate(needs: Needs, request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, ActixError> {
    match admit(needs, request.request()).await {
        Ok(actor) => {
            if let Some(actor) = actor {
                request.extensions_mut().insert(actor);
            }
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(error) => Ok(request.error_response(Problem(error))),
    }
}

async fn admit(needs: Needs, request: &HttpRequest) -> Result<Option<Actor>> {
    if !request.method().is_safe() && bearer(request).is_none() && !comes_from_us(request.headers()) {
        return Err(Error::Forbidden(Message::new("cross_site_request")));
    }
    if needs == Needs::Nothing {
        return Ok(None);
    }
    let app = App::of(request)?;
    let secret = presented(request).ok_or(Error::Unauthenticated)?;
    let actor = app.actor_of(secret).await?;
    if let Needs::May(act) = needs {
        actor.must(act)?;
    }
    Ok(Some(actor))
}

/// The secret that a request presents: a token, or the session's cookie.
pub fn presented(request: &HttpRequest) -> Option<String> {
    bearer(request).map(str::to_owned).or_else(|| Some(request.cookie(COOKIE)?.value().to_owned()))
}

/// The bearer token of a request.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a request was made by one of our pages, or by no page at all. Browsers tell it by Fetch Metadata, older ones by the
/// origin; programs that are no browsers send neither, and no cookie of somebody else's.
fn comes_from_us(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == header(HOST.as_str()),
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn comes(headers: &[(&'static str, &'static str)]) -> bool {
        comes_from_us(&headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn only_our_own_pages_and_programs_without_pages_may_change_things() {
        assert!(comes(&[]));
        assert!(comes(&[("sec-fetch-site", "same-origin")]));
        assert!(comes(&[("sec-fetch-site", "none")]));
        assert!(!comes(&[("sec-fetch-site", "cross-site")]));
        assert!(!comes(&[("sec-fetch-site", "same-site")]), "a neighbour's subdomain is not us");
        assert!(comes(&[("origin", "http://desk.test:8080"), ("host", "desk.test:8080")]));
        assert!(!comes(&[("origin", "http://evil.test"), ("host", "desk.test:8080")]));
        assert!(!comes(&[("origin", "null"), ("host", "desk.test:8080")]));
    }
}
