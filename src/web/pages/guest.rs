//! The page of a guest: a county without accounts receives people by a link and its check code. The same steps as for everybody else, blind
//! count, list, signature, and no script is needed; with one documents are read as those do who are signed in. The code is kept in a cookie of
//! this one page, so that it is typed once. Of whoever is named beside the list the page says that they are noted, and nothing else, whoever they are.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::receive::handoff::{PersonLine, REASONS, Seen, outcome, people};
use super::receive::receipt::{self, reason};
use super::receive::{deadline, tag};
use super::{Frame, go, page, told, words};
use crate::arrivals::document::{Document, DocumentKind};
use crate::arrivals::{self, Identity, Traveller, TravellerId};
use crate::base::{Error, FieldError, Language, Message, Result};
use crate::custody::guest::{self, CheckCode, GuestReceipt, LinkSecret};
use crate::custody::{HandoffView, Line, Reception};
use crate::db::Tx;
use crate::web::app::App;
use crate::web::finish;
use crate::web::problem::{Problem, status};

/// The cookie of the check code.
const COOKIE: &str = "jiezhuan_guest_code";

/// How many can be named who are not on the list.
const MOST_EXTRAS: usize = 10;

#[derive(Template)]
#[template(path = "guest.html", config = ".askama.toml")]
struct GuestPage {
    frame: Frame,
    secret: String,
    from: String,
    to: String,
    tag: &'static str,
    state: String,
    deadline: Option<String>,
    step: Step,
    asks_code: bool,
    typed: String,
    difference: Option<String>,
    people: Vec<PersonLine>,
    reasons: Vec<(&'static str, String)>,
    extras: Vec<ExtraLine>,
    names_extras: bool,
    /// What is told of one more than can be named.
    full: String,
    refusal: Option<String>,
    outcome: Option<String>,
    /// That whoever was named beside the list is noted.
    noted: Option<String>,
}

/// Somebody who is not on the list, to be named.
struct ExtraLine {
    /// The kinds of documents: word, name, whether it is the one.
    kinds: Vec<(&'static str, String, bool)>,
    number: String,
}

/// What was typed into a form.
#[derive(Clone, Default)]
struct Typed {
    /// The heads or the name.
    text: String,
    /// Kinds and numbers of documents of whoever is not on the list.
    extras: Vec<(String, String)>,
}

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self { text, extras: Vec::new() }
    }
}

/// How far the guest is.
#[derive(PartialEq, Eq)]
enum Step {
    /// To show the code and to count.
    Count,
    /// To tick and sign.
    List,
    /// It has ended.
    Ended,
}

/// The code and the heads, as typed.
#[derive(Debug, Deserialize)]
pub struct CountForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    counted: String,
}

/// Why nobody is received, and who says so.
#[derive(Debug, Deserialize)]
pub struct RefusalForm {
    name: String,
    reason: String,
}

/// A request by a link.
struct Guest {
    app: App,
    language: Language,
    secret: String,
    code: Option<CheckCode>,
}

impl Guest {
    fn of(request: &HttpRequest, app: App, secret: String) -> Self {
        let code = request.cookie(COOKIE).map(|cookie| CheckCode::typed(cookie.value()));
        Self { app, language: finish::language(request), secret, code }
    }

    fn link(&self) -> LinkSecret {
        LinkSecret::presented(&self.secret)
    }

    fn path(&self) -> String {
        format!("/guest/{}", self.secret)
    }

    /// Does `work` with link and code. What was recorded of a wrong code stays.
    async fn acts<T: Send + 'static>(
        &self,
        code: &CheckCode,
        work: impl Fn(&mut Tx<'_>, &LinkSecret, &CheckCode) -> Result<Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (link, code) = (self.link(), code.clone());
        self.app.write(move |tx| work(tx, &link, &code)).await?
    }

    /// Keeps the code for the next step, for this page alone.
    fn keeps(&self, code: &CheckCode) -> Cookie<'static> {
        let cookie = Cookie::build(COOKIE, code.expose().to_owned()).path(self.path()).http_only(true).same_site(SameSite::Strict);
        cookie.secure(self.app.settings().server.behind_https).finish()
    }
}

/// Shows how far it is; whoever has not shown the code is asked for it.
pub async fn show(request: HttpRequest, app: App, secret: Path<String>) -> Result<HttpResponse, Problem> {
    let guest = Guest::of(&request, app, secret.into_inner());
    match &guest.code {
        None => ask(&guest, None, String::new()).await,
        Some(code) => match guest.acts(code, guest::look).await {
            Err(wrong) if is_wrong_code(&wrong) => ask(&guest, Some(wrong), String::new()).await,
            seen => shown(&guest, seen?, None, Typed::default()).await,
        },
    }
}

/// Takes the code and the blind count.
pub async fn count(request: HttpRequest, app: App, secret: Path<String>, form: Form<CountForm>) -> Result<HttpResponse, Problem> {
    let mut guest = Guest::of(&request, app, secret.into_inner());
    let CountForm { code, counted: typed } = form.into_inner();
    if !code.trim().is_empty() {
        guest.code = Some(CheckCode::typed(&code));
    }
    let Some(code) = guest.code.clone() else { return ask(&guest, Some(Error::Refused(Message::new("guest_code_wrong"))), typed).await };
    let counted: Option<i32> = typed.trim().parse().ok();
    let is_counting = !typed.trim().is_empty();
    let outcome = guest
        .acts(&code, move |tx, link, code| match counted {
            Some(counted) => guest::count(tx, link, code, counted),
            None if is_counting => Err(Error::invalid("counted", Message::new("receive_count_unreadable"))),
            None => guest::look(tx, link, code),
        })
        .await;
    match outcome {
        Ok(_) => {
            let mut response = go(&guest.path());
            let _ = response.add_cookie(&guest.keeps(&code));
            Ok(response)
        }
        Err(refusal) if is_end(&refusal) => Err(refusal.into()),
        Err(refusal) => ask(&guest, Some(refusal), typed).await,
    }
}

/// Signs for everybody who is ticked, gives the others their reasons, and names who is not on the list.
pub async fn accept(request: HttpRequest, app: App, secret: Path<String>, form: Form<Vec<(String, String)>>) -> Result<HttpResponse, Problem> {
    let guest = Guest::of(&request, app, secret.into_inner());
    let (language, keyring) = (guest.language, guest.app.keyring().clone());
    let receipt = receipt::receipt(&form, language)?;
    let said = |wanted: &str| form.iter().filter(|(field, _)| field == wanted).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let typed: Vec<(String, String)> = said("extra-kind").into_iter().zip(said("extra-number")).filter(|(_, number)| !number.trim().is_empty()).collect();
    let name = said("name").pop().unwrap_or_default();
    answer(guest, Typed { text: name.clone(), extras: typed.clone() }, move |tx, link, code| {
        let because = reason(&language.text("excepted_extra"))?;
        let said = GuestReceipt { name: name.clone(), receipt: receipt.clone(), extras: documents(&typed, language)?, because };
        Ok(guest::accept(tx, &keyring, link, code, &said)?.and_then(Reception::accepted))
    })
    .await
}

/// The documents of whoever is not on the list, each once. A number that cannot be one is told, which says nothing of anybody.
fn documents(typed: &[(String, String)], language: Language) -> Result<Vec<Document>> {
    if typed.len() > MOST_EXTRAS {
        return Err(Error::invalid("extras", Message::new("guest_extras_too_many").with("most", MOST_EXTRAS)));
    }
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (kind, number) in typed {
        let kind = DocumentKind::parse(kind).ok_or_else(|| Error::invalid("extras", Message::new("body_unreadable")))?;
        match Document::parse(kind, number) {
            Ok(document) if found.contains(&document) => {}
            Ok(document) => found.push(document),
            Err(fault) => {
                let told = Message::new("guest_extra_wrong").with("number", number.trim()).with("because", fault.message(kind).text(language));
                faults.push(FieldError::new("extras", told));
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(Error::Invalid(faults)) }
}

/// Receives nobody.
pub async fn refuse(request: HttpRequest, app: App, secret: Path<String>, form: Form<RefusalForm>) -> Result<HttpResponse, Problem> {
    let guest = Guest::of(&request, app, secret.into_inner());
    let RefusalForm { name, reason: why } = form.into_inner();
    answer(guest, name.clone().into(), move |tx, link, code| guest::refuse(tx, link, code, &name, &reason(&why)?)).await
}

async fn answer(
    guest: Guest,
    typed: Typed,
    work: impl Fn(&mut Tx<'_>, &LinkSecret, &CheckCode) -> Result<Result<HandoffView>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let Some(code) = guest.code.clone() else { return ask(&guest, None, String::new()).await };
    match guest.acts(&code, work).await {
        Ok(handoff) => shown(&guest, handoff, None, typed).await,
        Err(wrong) if is_wrong_code(&wrong) => ask(&guest, Some(wrong), String::new()).await,
        Err(refusal) if is_end(&refusal) => Err(refusal.into()),
        Err(refusal) => {
            let seen = guest.acts(&code, guest::look).await?;
            shown(&guest, seen, Some(refusal), typed).await
        }
    }
}

fn is_wrong_code(error: &Error) -> bool {
    error.message().code == "guest_code_wrong"
}

/// Whether nothing can come of the link any more, so that no form is worth showing.
fn is_end(error: &Error) -> bool {
    let is_over = ["guest_link_used", "guest_link_revoked", "guest_link_expired", "handoff_ended", "handoff_lapsed"].contains(&error.message().code);
    is_over || !matches!(error, Error::Invalid(_) | Error::Refused(_) | Error::Conflict(_) | Error::Forbidden(_))
}

/// Asks for the code, and for the heads unless they were counted.
async fn ask(guest: &Guest, refusal: Option<Error>, typed: String) -> Result<HttpResponse, Problem> {
    let (link, now) = (guest.link(), guest.app.db().clock().now());
    let handoff = guest.app.read(move |conn| guest::knock(conn, &link, now)).await?;
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let seen = seen(handoff, Vec::new());
    page(code, &filled(guest, &seen, true, refusal, typed.into())?)
}

async fn shown(guest: &Guest, handoff: HandoffView, refusal: Option<Error>, typed: Typed) -> Result<HttpResponse, Problem> {
    let ids: Vec<TravellerId> = handoff.lines.iter().flatten().map(|line| line.traveller).collect();
    let keyring = guest.app.keyring().clone();
    let read = move |conn: &mut crate::db::Conn| Ok((arrivals::get(conn, &ids)?, arrivals::identities(conn, &keyring, &ids)?));
    let (travellers, identities) = guest.app.read(read).await?;
    let mut identities: std::collections::HashMap<_, _> = identities.into_iter().collect();
    let lines = handoff.lines.clone().unwrap_or_default();
    let person = |line: Line| Some((travellers.iter().find(|person| person.id == line.traveller)?.clone(), line));
    let people = lines.into_iter().filter_map(person).map(|(person, line)| (line, person.clone(), identities.remove(&person.id))).collect();
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    page(code, &filled(guest, &seen(handoff, people), false, refusal, typed)?)
}

/// What a guest sees of a handoff.
fn seen(handoff: HandoffView, people: Vec<(Line, Traveller, Option<Identity>)>) -> Seen {
    Seen { handoff, people, trip: None, may_link: false, link_until: None, paper: None, signed: Vec::new(), named: Vec::new() }
}

fn filled(guest: &Guest, seen: &Seen, asks_code: bool, refusal: Option<Error>, typed: Typed) -> Result<GuestPage> {
    let (language, rulebook, now) = (guest.language, guest.app.rulebook(), guest.app.db().clock().now());
    let handoff = &seen.handoff;
    let name = |code: &str| words::organisation_named(&rulebook.organisations, code, language);
    let is_open = handoff.state.ended_by().is_none();
    let step = match (is_open, asks_code || handoff.first_count.is_none()) {
        (false, _) => Step::Ended,
        (true, true) => Step::Count,
        (true, false) => Step::List,
    };
    Ok(GuestPage {
        secret: guest.secret.clone(),
        from: name(handoff.giver.code.as_str()),
        to: name(handoff.receiver.code.as_str()),
        tag: tag(&handoff.state, handoff.answer_by.is_some_and(|answer_by| answer_by <= now)),
        state: language.text(&format!("handoff_state_{}", handoff.state.name())),
        deadline: handoff.answer_by.filter(|_| is_open).map(|answer_by| deadline(answer_by, now, language)),
        asks_code,
        extras: (0..MOST_EXTRAS.max(typed.extras.len())).map(|n| extra(typed.extras.get(n), language)).collect(),
        full: Message::new("guest_extras_too_many").with("most", MOST_EXTRAS).text(language),
        names_extras: !typed.extras.is_empty(),
        noted: noted(&typed).filter(|_| step == Step::Ended).map(|noted| noted.text(language)),
        typed: typed.text,
        difference: super::receive::handoff::difference(handoff, language).filter(|_| step == Step::List),
        people: people(seen, rulebook, language),
        reasons: REASONS.iter().map(|(word, _)| (*word, language.text(&format!("excepted_{word}")))).collect(),
        refusal: refusal.map(|error| told(error, language)).transpose()?.map(|said| said.join(" ")),
        outcome: outcome(handoff, now, language),
        step,
        frame: Frame::outside(language, guest.path()),
    })
}

/// A row to name somebody in, with what was typed into it.
fn extra(typed: Option<&(String, String)>, language: Language) -> ExtraLine {
    let (chosen, number) = typed.map_or(("", ""), |(kind, number)| (kind.as_str(), number.as_str()));
    let kind = |kind: DocumentKind| (kind.as_str(), language.text(&format!("document_{}", kind.as_str())), kind.as_str() == chosen);
    ExtraLine { kinds: DocumentKind::ALL.into_iter().map(kind).collect(), number: number.to_owned() }
}

/// The same words whoever it is, and whether anybody knows them or not.
fn noted(typed: &Typed) -> Option<Message> {
    Some(typed.extras.len()).filter(|n| *n > 0).map(|n| Message::new("guest_noted").with("count", n))
}
