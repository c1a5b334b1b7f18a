//! Acts on a handoff. What a form says becomes a receipt; custody says whether it holds.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::HttpResponse;
use actix_web::web::{Form, Path, Query};
use base16ct::lower;
use serde::Deserialize;

use super::handoff::{REASONS, Typed, show_after};
use crate::access::{Actor, Keyring};
use crate::arrivals::{self, TravellerId};
use crate::base::{Error, FieldError, Language, Message, Result, time};
use crate::custody::phone::{self, Signed};
use crate::custody::{self, Decision, Exception, ExceptionKind, HandoffId, Reason, Receipt};
use crate::db::{Conn, Tx};
use crate::web::call::Call;
use crate::web::pages::go;
use crate::web::problem::Problem;

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
    let (language, keyring, key) = (call.language, call.app.keyring().clone(), call.app.keyring().signing().public_key());
    let typed = Typed { extras: field(&form, "extras").unwrap_or_default().to_owned(), ..Typed::default() };
    act(call, *id, typed, move |tx, actor| {
        let signed = signed(&form)?;
        let said: Vec<(String, String)> = match &signed {
            Some(signed) => {
                Query::<Vec<(String, String)>>::from_query(&signed.said).map_err(|_| Error::invalid("said", Message::new("body_unreadable")))?.into_inner()
            }
            None => form.to_vec(),
        };
        let mut receipt = receipt(&said, language)?;
        for extra in extras(tx, actor, &keyring, field(&said, "extras").unwrap_or_default(), language)? {
            receipt.counted += 1;
            receipt.exceptions.push(extra);
        }
        let delivery = match (field(&said, "paper"), signed) {
            (Some(paper), Some(signed)) => phone::deliver_signed(tx, actor, key, paper, receipt, &signed)?,
            (Some(paper), None) if receipt.happened_at.is_some() => custody::deliver(tx, actor, key, paper, receipt)?,
            _ => return Ok(custody::accept(tx, actor, *id, None, receipt)?.accepted().err()),
        };
        if delivery.handoff() != *id {
            return Err(Error::Refused(Message::new("paper_differs")));
        }
        Ok(delivery.refusal())
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

/// Takes over nobody.
pub async fn refuse(call: Call, id: Path<HandoffId>, form: Form<ReasonForm>) -> Result<HttpResponse, Problem> {
    act(call, *id, Typed::default(), move |tx, actor| custody::refuse(tx, actor, *id, None, reason(&form.reason)?).map(|_| None)).await
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
    work: impl Fn(&mut Tx<'_>, &Actor) -> Result<Option<Error>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let actor = call.actor.clone();
    match call.app.write(move |tx| work(tx, &actor)).await.and_then(|refusal| refusal.map_or(Ok(()), Err)) {
        Ok(()) => Ok(go(&format!("/receive/{id}"))),
        Err(error @ (Error::NotFound(_) | Error::Internal(_) | Error::Unavailable(_) | Error::Unauthenticated)) => Err(error.into()),
        Err(error) => show_after(call, id, Some(error), typed).await,
    }
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

fn field<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
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
    let happened_at = field(form, "happened_at").map(|at| time::parse_instant(at).ok_or_else(unreadable)).transpose()?;
    Ok(Receipt { counted: i32::try_from(here.len()).map_err(|_| unreadable())?, exceptions, strangers: 0, happened_at })
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
