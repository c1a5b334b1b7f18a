//! Acts done once: a request that names itself with `Idempotency-Key` is answered the same however often it arrives. The answer,
//! also a refusal, is sealed and kept in the transaction of the act; of the request only a keyed hash is kept.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use base64ct::{Base64, Encoding};
use uuid::Uuid;

use super::answer::Answer;
use super::app::App;
use super::problem::ProblemView;
use crate::access::{Actor, Cell, Keyring};
use crate::base::{Error, Language, Message, Result};
use crate::db::{Claim, RequestKey, Tx};

/// The header by which a request names itself.
pub const HEADER: &str = "Idempotency-Key";

/// The length of a wrapped key, which stands before what it seals.
const WRAPPED: usize = 76;

/// A request that named itself, and how its refusal would be told.
pub struct Named<'a> {
    /// Its name.
    pub key: &'a RequestKey,
    /// What seals the answer.
    pub keyring: &'a Keyring,
    /// The language of a refusal.
    pub language: Language,
    /// The id under which the log tells of this request.
    pub request_id: Uuid,
}

/// Reads the name of a request, if it has one.
pub fn key(request: &HttpRequest, app: &App, actor: &Actor, body: &[u8]) -> Result<Option<RequestKey>> {
    let Some(header) = request.headers().get(HEADER) else { return Ok(None) };
    let name = header.to_str().ok().filter(|name| (1..=200).contains(&name.len()));
    let name = name.ok_or_else(|| Error::invalid(HEADER, Message::new("bad_idempotency_key")))?;
    let seen = request.headers().get(actix_web::http::header::IF_MATCH).map_or(&b""[..], |seen| seen.as_bytes());
    let asked = [request.method().as_str().as_bytes(), request.uri().to_string().as_bytes(), seen, body].join(&0);
    let user = actor.user().ok_or(Error::Unauthenticated)?.uuid();
    Ok(Some(RequestKey { user, key: name.to_owned(), digest: app.request_index().of(asked).to_vec() }))
}

/// Does `work` unless it was done before under this name, and keeps what came of it. What may go better the next time (a lost
/// connection, a fault of ours) is not kept.
pub fn once(tx: &mut Tx<'_>, named: &Named<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<Answer>) -> Result<Answer> {
    match tx.claim_request(named.key)? {
        Claim::Other => Err(reused()),
        Claim::Answered { status, body } => Ok(Answer::again(status_of(status)?, unseal(named, &body)?)),
        Claim::Fresh => {
            let answer = match tx.attempt(work) {
                Err(error @ (Error::Unavailable(_) | Error::Internal(_) | Error::Unauthenticated)) => return Err(error),
                Err(error) => Answer::refusal(&ProblemView::new(&error, named.language, named.request_id))?,
                Ok(answer) => answer,
            };
            let body = seal(tx, named, answer.body())?;
            tx.answer_request(named.key, answer.status().as_u16(), &body)?;
            Ok(answer)
        }
    }
}

/// The same for several requests, of different names where they have one. `work` does those that were not done before, told by their places, and
/// answers each in that order; what it refuses must be unwritten. An error that is not kept undoes all of them, and so does somebody else who is doing one of
/// them at this moment: [`once`] then does each by itself.
pub fn once_all(
    tx: &mut Tx<'_>,
    asked: &[Option<Named<'_>>],
    work: impl FnOnce(&mut Tx<'_>, &[usize]) -> Result<Vec<Result<Answer>>>,
) -> Result<Vec<Result<Answer>>> {
    let names: Vec<(usize, &Named<'_>)> = asked.iter().enumerate().filter_map(|(n, asked)| Some((n, asked.as_ref()?))).collect();
    let keys: Vec<&RequestKey> = names.iter().map(|(_, named)| named.key).collect();
    let found = tx.find_requests(&keys)?;
    let mut answers: BTreeMap<usize, Result<Answer>> = BTreeMap::new();
    for ((n, named), claim) in names.iter().zip(found) {
        let Some(claim) = claim else { continue };
        let answer = match claim {
            Claim::Answered { status, body } => Ok(Answer::again(status_of(status)?, unseal(named, &body)?)),
            _ => Err(reused()),
        };
        answers.insert(*n, answer);
    }
    let fresh: Vec<usize> = (0..asked.len()).filter(|n| !answers.contains_key(n)).collect();
    let outcomes = work(tx, &fresh)?;
    let mut kept = Vec::new();
    for (n, outcome) in fresh.into_iter().zip(outcomes) {
        let outcome = match (outcome, &asked[n]) {
            (Err(error @ (Error::Unavailable(_) | Error::Internal(_) | Error::Unauthenticated)), _) => return Err(error),
            (Err(error), Some(named)) => Ok(Answer::refusal(&ProblemView::new(&error, named.language, named.request_id))?),
            (outcome, _) => outcome,
        };
        if let (Ok(answer), Some(named)) = (&outcome, &asked[n]) {
            kept.push((named.key, answer.status().as_u16(), seal(tx, named, answer.body())?));
        }
        answers.insert(n, outcome);
    }
    tx.keep_requests(&kept)?;
    Ok(answers.into_values().collect())
}

fn reused() -> Error {
    Error::invalid(HEADER, Message::new("idempotency_key_reused"))
}

/// The answer that was kept under this name, if there is one.
pub fn recall(tx: &mut Tx<'_>, named: &Named<'_>) -> Result<Option<Answer>> {
    match tx.find_request(named.key)? {
        None => Ok(None),
        Some(Claim::Answered { status, body }) => Ok(Some(Answer::again(status_of(status)?, unseal(named, &body)?))),
        Some(_) => Err(reused()),
    }
}

fn seal(tx: &Tx<'_>, named: &Named<'_>, body: &str) -> Result<String> {
    let (key, wrapped) = named.keyring.new_key(named.key.user, tx.chance())?;
    let sealed = key.seal(cell(named), body.as_bytes(), tx.chance())?;
    Ok(Base64::encode_string(&[wrapped, sealed].concat()))
}

fn unseal(named: &Named<'_>, stored: &str) -> Result<String> {
    let broken = || anyhow::anyhow!("idempotency_keys.body holds what it cannot");
    let bytes = Base64::decode_vec(stored).map_err(|_| broken())?;
    let (wrapped, sealed) = bytes.split_at_checked(WRAPPED).ok_or_else(broken)?;
    let body = named.keyring.unwrap(named.key.user, wrapped)?.open(cell(named), sealed)?;
    Ok(String::from_utf8(body.to_vec()).map_err(|_| broken())?)
}

fn cell(named: &Named<'_>) -> Cell {
    Cell { column: "idempotency_keys.body", row: named.key.user }
}

fn status_of(status: u16) -> Result<StatusCode> {
    Ok(StatusCode::from_u16(status).map_err(|_| anyhow::anyhow!("idempotency_keys.status holds {status}"))?)
}
