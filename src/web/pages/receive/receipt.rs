//! Acts on a handoff. What a form says becomes a receipt; custody says whether it holds.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Form, Path, Query};
use base16ct::lower;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::handoff::{REASONS, Refusal, Typed, show_after};
use crate::access::{Actor, Keyring};
use crate::arrivals::{self, TravellerId};
use crate::base::{Error, FieldError, Language, Message, Result, time};
use crate::custody::phone::{self, Signed};
use crate::custody::{self, Decision, Exception, ExceptionKind, HandoffId, Reason, Receipt, Reply};
use crate::db::{Conn, Tx};
use crate::web::call::Call;
use crate::web::pages::go;
use crate::web::problem::Problem;

/// The header that tells a phone that what it signed is kept here though it does not count, so that it waits on the phone no more.
const KEPT: HeaderName = HeaderName::from_static("jiezhuan-kept");

/// The field in which a refusal says that it is one; what was signed without it is a receipt.
const ANSWER: &str = "answer";
const REFUSE: &str = "refuse";

/// Heads counted, as typed.
#[derive(Debug, Deserialize)]
pub struct CountForm {
    counted: String,
}

/// Why, as typed.
#[derive(Debug, Deserialize)]
pub struct ReasonForm {
    reason: String,
}

/// The public key of a phone, in hexadecimal.
#[derive(Debug, Deserialize)]
pub struct KeyForm {
    key: String,
}

/// Records the blind count.
pub async fn count(call: Call, id: Path<HandoffId>, form: Form<CountForm>) -> Result<HttpResponse, Problem> {
    let typed = form.into_inner().counted;
    let counted: Option<i32> = typed.trim().parse().ok();
    act(call, *id, Typed { counted: typed, ..Typed::default() }, move |tx, actor| {
        let counted = counted.ok_or_else(|| Error::invalid("counted", Message::new("receive_count_unreadable")))?;
        custody::count(tx, actor, *id, counted).map(|_| None)
    })
    .await
}

/// Signs for everybody who is ticked, and gives the others their reasons. A phone that can signs the form itself and sends it as `said`; one that
/// kept it until there was a network says when it was signed.
pub async fn accept(call: Call, id: Path<HandoffId>, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    answer(call, *id, form.into_inner()).await
}

/// Takes over nobody; signed, and delivered late, as a receipt is.
pub async fn refuse(call: Call, id: Path<HandoffId>, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    let mut form = form.into_inner();
    form.push((ANSWER.into(), REFUSE.into()));
    answer(call, *id, form).await
}

/// Answers the offer by what was signed, if something was, else by the form.
async fn answer(call: Call, id: HandoffId, form: Vec<(String, String)>) -> Result<HttpResponse, Problem> {
    let (language, keyring, key) = (call.language, call.app.keyring().clone(), call.app.keyring().signing().public_key());
    let typed = Typed { extras: field(&form, "extras").unwrap_or_default().to_owned(), ..Typed::default() };
    act(call, id, typed, move |tx, actor| {
        if let Some(signed) = signed(&form)? {
            let said = fields(&signed.said);
            let paper = said.as_deref().ok().and_then(|said| field(said, "paper")).unwrap_or_default().to_owned();
            let reply = said.and_then(|said| reply(tx, actor, &keyring, &said, language));
            let because = phone::deliver_signed(tx, actor, key, id, &paper, reply, &signed)?;
            return Ok(because.map(|error| Refusal { error, is_kept: true }));
        }
        let refusal = match (field(&form, "paper"), reply(tx, actor, &keyring, &form, language)?) {
            (Some(paper), reply) if reply.happened_at().is_some() => custody::deliver(tx, actor, key, Some(id), paper, reply)?.refusal(),
            (_, Reply::Receive(receipt)) => custody::accept(tx, actor, id, None, receipt)?.accepted().err(),
            (_, Reply::Refuse { reason, .. }) => custody::refuse(tx, actor, id, None, reason).map(|_| None)?,
        };
        Ok(refusal.map(Refusal::from))
    })
    .await
}

/// Enrols the key of the phone on which somebody has signed in.
pub async fn enrol(call: Call, form: Form<KeyForm>) -> Result<HttpResponse, Problem> {
    let key: [u8; 32] = bytes(&form.key).ok_or_else(|| Error::invalid("key", Message::new("phone_key_unreadable")))?;
    let actor = call.actor.clone();
    call.app.write(move |tx| phone::enrol(tx, &actor, key)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the offer back.
pub async fn withdraw(call: Call, id: Path<HandoffId>, form: Form<ReasonForm>) -> Result<HttpResponse, Problem> {
    act(call, *id, Typed::default(), move |tx, actor| custody::withdraw(tx, actor, *id, None, reason(&form.reason)?).map(|_| None)).await
}

/// Decides after the deadline that the people were not received: they stay with the giver.
pub async fn decide(call: Call, id: Path<HandoffId>, form: Form<ReasonForm>) -> Result<HttpResponse, Problem> {
    act(call, *id, Typed::default(), move |tx, actor| custody::decide(tx, actor, *id, None, Decision::Refuse, reason(&form.reason)?).map(|_| None)).await
}

/// Acts, and shows the handoff as it then is; a refusal beside what was typed. `work` returns a refusal where what it wrote is to stay.
async fn act(
    call: Call,
    id: HandoffId,
    typed: Typed,
    work: impl Fn(&mut Tx<'_>, &Actor) -> Result<Option<Refusal>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let actor = call.actor.clone();
    let refusal = match call.app.write(move |tx| work(tx, &actor)).await {
        Ok(None) => return Ok(go(&format!("/receive/{id}"))),
        Ok(Some(refusal)) => refusal,
        Err(error @ (Error::NotFound(_) | Error::Internal(_) | Error::Unavailable(_) | Error::Unauthenticated)) => return Err(error.into()),
        Err(error) => Refusal::from(error),
    };
    let is_kept = refusal.is_kept;
    let mut shown = show_after(call, id, Some(refusal), typed).await?;
    if is_kept {
        shown.headers_mut().insert(KEPT, HeaderValue::from_static("true"));
    }
    Ok(shown)
}

/// What a phone has signed, if it has.
fn signed(form: &[(String, String)]) -> Result<Option<Signed>> {
    let Some(said) = field(form, "said") else { return Ok(None) };
    let unreadable = || Error::invalid("signature", Message::new("receipt_forged"));
    let public_key = field(form, "key").and_then(bytes).ok_or_else(unreadable)?;
    let signature = field(form, "signature").and_then(bytes).ok_or_else(unreadable)?;
    Ok(Some(Signed { public_key, said: said.to_owned(), signature }))
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    lower::decode_vec(hex).ok()?.try_into().ok()
}

pub fn field<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// The fields of what was signed.
pub fn fields(said: &str) -> Result<Vec<(String, String)>> {
    let read = Query::<Vec<(String, String)>>::from_query(said).map_err(|_| Error::invalid("said", Message::new("body_unreadable")))?;
    Ok(read.into_inner())
}

/// Whether what was said is that nobody is taken over.
pub fn is_refusal(said: &[(String, String)]) -> bool {
    field(said, ANSWER) == Some(REFUSE)
}

/// When it was signed, by a phone that had no network.
pub fn happened_at(said: &[(String, String)]) -> Result<Option<DateTime<Utc>>> {
    field(said, "happened_at").map(|at| time::parse_instant(at).ok_or_else(|| Error::invalid("happened_at", Message::new("body_unreadable")))).transpose()
}

/// What was said: a refusal, or a receipt with whoever came without being on the list.
fn reply(conn: &mut Conn, actor: &Actor, keyring: &Keyring, said: &[(String, String)], language: Language) -> Result<Reply> {
    if is_refusal(said) {
        return Ok(Reply::Refuse { reason: reason(field(said, "reason").unwrap_or_default())?, happened_at: happened_at(said)? });
    }
    let mut receipt = receipt(said, language)?;
    for extra in extras(conn, actor, keyring, field(said, "extras").unwrap_or_default(), language)? {
        receipt.counted += 1;
        receipt.exceptions.push(extra);
    }
    Ok(Reply::Receive(receipt))
}

/// `listed` names everybody who was on the page, `here` who is there, `why-ID` the reason of one who is not, and `happened_at` when it was
/// signed by a phone that had no network.
pub fn receipt(form: &[(String, String)], language: Language) -> Result<Receipt> {
    let unreadable = || Error::invalid("here", Message::new("body_unreadable"));
    let ids = |name: &str| -> Result<BTreeSet<TravellerId>> {
        form.iter().filter(|(field, _)| field == name).map(|(_, id)| id.parse().map_err(|_| unreadable())).collect()
    };
    let (listed, here) = (ids("listed")?, ids("here")?);
    let said: BTreeMap<&str, &str> = form.iter().filter_map(|(field, value)| Some((field.strip_prefix("why-")?, value.as_str()))).collect();
    let mut exceptions = Vec::new();
    for traveller in listed.difference(&here) {
        let word = said.get(traveller.to_string().as_str()).copied().unwrap_or("not_there");
        let kind = REASONS.iter().find(|(known, _)| *known == word).map_or(ExceptionKind::Missing, |(_, kind)| *kind);
        let reason = reason(&language.text(&format!("excepted_{}", if REASONS.iter().any(|(known, _)| *known == word) { word } else { "not_there" })))?;
        exceptions.push(Exception { traveller: *traveller, kind, reason });
    }
    Ok(Receipt { counted: i32::try_from(here.len()).map_err(|_| unreadable())?, exceptions, strangers: 0, happened_at: happened_at(form)? })
}

/// Who came without being on the list, by the numbers of their documents, which the receiver has before them.
///
/// # Errors
/// Nobody in the chain has one of the numbers; each that nobody has is told.
fn extras(conn: &mut Conn, actor: &Actor, keyring: &Keyring, numbers: &str, language: Language) -> Result<Vec<Exception>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for number in numbers.split_whitespace() {
        match arrivals::carrying(conn, actor, keyring, number)? {
            Some(traveller) => found.push(Exception { traveller, kind: ExceptionKind::Extra, reason: reason(&language.text("excepted_extra"))? }),
            None => faults.push(FieldError::new("extras", Message::new("extra_unknown").with("number", number))),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(Error::Invalid(faults)) }
}

/// Reads a reason.
pub fn reason(text: &str) -> Result<Reason> {
    text.parse().map_err(|message| Error::invalid("reason", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_signed_is_a_receipt_unless_it_says_that_it_is_a_refusal() {
        let before = fields("listed=a&here=a&paper=JZ1.x&happened_at=2020-09-15T12%3A00%3A00%2B08%3A00").unwrap();
        assert!(!is_refusal(&before) && happened_at(&before).unwrap().is_some(), "as it was signed before there were refusals");
        let refusal = fields("answer=refuse&paper=JZ1.x&reason=%E6%B2%A1%E6%9C%89%E5%BA%8A%E4%BD%8D&happened_at=soon").unwrap();
        assert!(is_refusal(&refusal) && field(&refusal, "reason") == Some("没有床位"));
        assert_eq!(happened_at(&refusal).unwrap_err().code(), "body_unreadable");
        assert!(!is_refusal(&fields("answer=receive").unwrap()) && happened_at(&[]).unwrap().is_none());
    }

    #[test]
    fn whoever_is_not_ticked_is_an_exception_with_the_reason_of_its_chip() {
        let (a, b, c) = ("00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b", "00000000-0000-7000-8000-00000000000c");
        let why = [format!("why-{b}"), format!("why-{c}")];
        let form = form(&[("listed", a), ("listed", b), ("listed", c), ("here", a), (&why[0], "not_fit"), (&why[1], "something else")]);
        let receipt = receipt(&form, Language::Zh).unwrap();
        assert_eq!(receipt.counted, 1);
        let kinds: Vec<ExceptionKind> = receipt.exceptions.iter().map(|exception| exception.kind).collect();
        assert_eq!(kinds, [ExceptionKind::Refused, ExceptionKind::Missing], "a reason that is no chip is that the person is not there");
    }
}
