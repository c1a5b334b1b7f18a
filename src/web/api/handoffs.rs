//! Handoffs: custody offered, counted, accepted, refused, withdrawn, decided.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use base16ct::lower;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::confirm::Confirmation;
use super::holds::ReasonBody;
use super::{Faults, PageView, instant_or_none, named, page_of};
use crate::access::{Actor, OrganisationCode};
use crate::base::time::in_shanghai;
use crate::base::{Error, Id, Message, Result};
use crate::custody::{
    self, Decision, Delivery, Exception, ExceptionKind, HandoffId, HandoffState, Line, ListKey, Offer, Outcome, Reason, Receipt, Reception, Reply, Signature,
};
use crate::db::Tx;
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::{Problem, ProblemView, status};

/// Who is offered to whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferBody {
    /// The code of the organisation that is asked to take over.
    pub to_organisation: String,
    /// The id of the trip whose people these are; none for a walk.
    pub trip: Option<Uuid>,
    /// The ids of the travellers; whole parties.
    pub travellers: Vec<Uuid>,
    /// Until when an answer is expected; as long as the route gives, if left out.
    #[schema(format = DateTime)]
    pub answer_by: Option<String>,
}

/// Heads counted before the list is seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountBody {
    /// How many.
    #[schema(minimum = 0)]
    pub counted: i32,
}

/// What the receiver found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// Heads taken over.
    #[schema(minimum = 0)]
    pub counted: i32,
    /// Who differs from the list.
    #[serde(default)]
    pub exceptions: Vec<ExceptionBody>,
    /// When it happened; now, if left out.
    #[schema(format = DateTime)]
    pub happened_at: Option<String>,
}

/// Somebody who differs from the list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionBody {
    /// The id of the traveller.
    pub traveller: Uuid,
    /// `missing`, `refused`, `extra` or `wrong_vehicle`.
    pub kind: String,
    /// Why; no name and no number of a document.
    pub reason: String,
}

/// What a coordinator decides in the receiver's place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// Why.
    pub reason: String,
    /// What was received; nobody was, if left out.
    pub receipt: Option<ReceiptBody>,
}

/// Which handoffs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HandoffQuery {
    /// Those that the organisation with this code gives or receives; one's own, if left out.
    pub organisation: Option<String>,
    /// Begin after this; the `next` of the page before.
    pub after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// A handoff, as the one who asks may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandoffView {
    /// Its id.
    pub id: Uuid,
    /// The id of the trip.
    pub trip: Option<Uuid>,
    /// The code of the organisation that gives.
    pub from_organisation: String,
    /// The code of the organisation that receives.
    pub to_organisation: String,
    /// `offered`, `lapsed`, `accepted`, `accepted_with_exceptions`, `refused` or `withdrawn`.
    pub state: &'static str,
    /// Who offered it.
    pub offered: SignatureView,
    /// Who ended it.
    pub ended: Option<SignatureView>,
    /// Why it was refused or withdrawn.
    pub reason: Option<String>,
    /// Until when an answer is expected.
    #[schema(format = DateTime)]
    pub answer_by: Option<String>,
    /// When custody passed.
    #[schema(format = DateTime)]
    pub happened_at: Option<String>,
    /// The heads the receiver counted first.
    pub first_count: Option<i32>,
    /// The heads taken over.
    pub counted: Option<i32>,
    /// How many are on the list; hidden from who has yet to count.
    pub n_people: Option<i32>,
    /// The digest of the list, SHA-256 in hexadecimal.
    pub list_digest: String,
    /// The list; hidden from who has yet to count, and absent in lists of handoffs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<LineView>>,
    /// Counts the changes.
    pub version: i32,
}

/// Who signed, and when.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureView {
    /// The name.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Why it was decided in the receiver's place, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_because: Option<String>,
    /// Whether a guest signed, by a link: whoever was received is outside the network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub guest: bool,
}

/// Somebody on the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineView {
    /// The id of the traveller.
    pub traveller: Uuid,
    /// `received`, `missing`, `refused`, `extra` or `wrong_vehicle`; none until it is answered.
    pub outcome: Option<&'static str>,
    /// Why.
    pub reason: Option<String>,
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        let decided_because = signature.decided.as_ref().map(ToString::to_string);
        Self { by: signature.name.clone(), at: in_shanghai(signature.at), decided_because, guest: signature.link.is_some() }
    }
}

impl From<Line> for LineView {
    fn from(line: Line) -> Self {
        let (outcome, reason) = match line.outcome {
            None => (None, None),
            Some(Outcome::Received) => (Some("received"), None),
            Some(Outcome::Excepted(kind, reason)) => (Some(kind.name()), Some(reason.to_string())),
        };
        Self { traveller: line.traveller.uuid(), outcome, reason }
    }
}

impl From<custody::HandoffView> for HandoffView {
    fn from(handoff: custody::HandoffView) -> Self {
        let (acceptance, rejection) = match &handoff.state {
            HandoffState::Accepted(acceptance) | HandoffState::AcceptedWithExceptions(acceptance) => (Some(acceptance), None),
            HandoffState::Refused(rejection) | HandoffState::Withdrawn(rejection) => (None, Some(rejection)),
            HandoffState::Offered | HandoffState::Lapsed { .. } => (None, None),
        };
        Self {
            id: handoff.id.uuid(),
            trip: handoff.trip.map(Id::uuid),
            from_organisation: handoff.giver.code.to_string(),
            to_organisation: handoff.receiver.code.to_string(),
            state: handoff.state.name(),
            offered: SignatureView::from(&handoff.offered),
            ended: handoff.state.ended_by().map(SignatureView::from),
            reason: rejection.map(|rejection| rejection.reason.to_string()),
            answer_by: handoff.answer_by.map(in_shanghai),
            happened_at: acceptance.map(|acceptance| in_shanghai(acceptance.happened_at)),
            first_count: handoff.first_count,
            counted: acceptance.map(|acceptance| acceptance.counted),
            n_people: handoff.n_people,
            list_digest: lower::encode_string(&handoff.list_digest),
            people: handoff.lines.map(|lines| lines.into_iter().map(LineView::from).collect()),
            version: handoff.version,
        }
    }
}

impl ReceiptBody {
    fn parse(self) -> Result<Receipt> {
        let mut faults = Faults::default();
        let mut exceptions = Vec::new();
        for (n, exception) in self.exceptions.iter().enumerate() {
            let kind = named(ExceptionKind::from_name(&exception.kind), &ExceptionKind::ALL.map(ExceptionKind::name));
            let kind = faults.field(&format!("exceptions[{n}].kind"), kind);
            let reason = faults.field(&format!("exceptions[{n}].reason"), exception.reason.parse::<Reason>());
            if let (Some(kind), Some(reason)) = (kind, reason) {
                exceptions.push(Exception { traveller: Id::from_uuid(exception.traveller), kind, reason });
            }
        }
        if exceptions.len() < self.exceptions.len() {
            return Err(faults.into_error());
        }
        Ok(Receipt { counted: self.counted, exceptions, strangers: 0, happened_at: instant_or_none("happened_at", self.happened_at.as_deref())? })
    }
}

/// An acceptance that does not hold, of somebody who had not counted before: the problem, and the handoff with the count that came with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedView {
    #[serde(flatten)]
    problem: ProblemView,
    /// The handoff as it is, if the answer was the first count. Its list is shown, so that whoever differs can be named.
    #[schema(required = false)]
    handoff: HandoffView,
}

/// Offers people of one's own organisation to another, which answers for them once it has accepted.
#[utoipa::path(post, path = "/api/v1/handoffs", request_body = OfferBody, responses((status = 201, description = "Offered", body = HandoffView)))]
pub async fn offer_handoff(Write { call, body }: Write<OfferBody>) -> Result<Answer, Problem> {
    let to_organisation: OrganisationCode = body.to_organisation.parse().map_err(|message| Error::invalid("to_organisation", message))?;
    let answer_by = instant_or_none("answer_by", body.answer_by.as_deref())?;
    let travellers = body.travellers.into_iter().map(Id::from_uuid).collect();
    let offer = Offer { to_organisation, trip: body.trip.map(Id::from_uuid), travellers, answer_by };
    let rulebook = std::sync::Arc::clone(call.app.rulebook());
    call.write(StatusCode::CREATED, move |tx, actor| custody::offer(tx, actor, &rulebook.routes, offer.clone()).map(HandoffView::from)).await
}

/// Lists the handoffs of an organisation: those that wait for an answer, then those that ended.
#[utoipa::path(get, path = "/api/v1/handoffs", params(HandoffQuery), responses((status = 200, description = "Handoffs", body = PageView<HandoffView>)))]
pub async fn list_handoffs(call: Call, query: Query<HandoffQuery>) -> Result<Answer, Problem> {
    let own = call.actor.organisation().cloned();
    let of = match &query.organisation {
        Some(code) => code.parse().map_err(|message| Error::invalid("organisation", message))?,
        None => own.ok_or_else(|| Error::invalid("organisation", Message::new("body_field_missing")))?,
    };
    let after = query.after.as_deref().map(list_key).transpose()?;
    let page = page_of(after, query.limit)?;
    let work = move |conn: &mut crate::db::Conn, actor: &Actor| {
        let page = custody::list(conn, actor, &of, page)?;
        let next = page.next.map(|next| format!("{}-{}", if next.is_waiting { "w" } else { "e" }, next.id));
        Ok(PageView { items: page.items.into_iter().map(HandoffView::from).collect(), next })
    };
    call.read(work).await
}

/// Somebody of one's own who is with another organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedView {
    /// The id of the traveller.
    pub traveller: Uuid,
    /// The code of the organisation with which they are.
    pub with_organisation: String,
    /// The id of the handoff at which they were found.
    pub handoff: Uuid,
    /// Since when an offer is asked for.
    #[schema(format = DateTime)]
    pub asked_at: String,
}

impl From<custody::Asked> for AskedView {
    fn from(asked: custody::Asked) -> Self {
        let (traveller, handoff) = (asked.traveller.uuid(), asked.handoff.uuid());
        Self { traveller, handoff, with_organisation: asked.receiver.code.to_string(), asked_at: in_shanghai(asked.at) }
    }
}

/// The document of an offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaperView {
    /// The text of the code to print or to keep on a phone.
    pub paper: String,
    /// The key by which a phone recognises it: Ed25519, in hexadecimal.
    pub public_key: String,
}

/// What was answered without a network, written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryBody {
    /// The text of the code that it was written down on.
    #[schema(max_length = 400)]
    pub paper: String,
    /// What was found; with `happened_at`, the time at which it was done. This or `refusal`.
    pub receipt: Option<ReceiptBody>,
    /// That nobody is taken over, if that was written down.
    pub refusal: Option<RefusalBody>,
}

/// A refusal that was written down without a network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalBody {
    /// Why.
    pub reason: String,
    /// When it was done.
    #[schema(format = DateTime)]
    pub happened_at: String,
}

impl DeliveryBody {
    fn parse(self) -> Result<(String, Reply)> {
        let reply = match (self.receipt, self.refusal) {
            (Some(receipt), None) => Reply::Receive(receipt.parse()?),
            (None, Some(refusal)) => {
                Reply::Refuse { reason: reason(&refusal.reason)?, happened_at: instant_or_none("refusal.happened_at", Some(&refusal.happened_at))? }
            }
            _ => return Err(Error::invalid("receipt", Message::new("receipt_or_refusal"))),
        };
        Ok((self.paper, reply))
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// `merged`, or `conflict` if something else had ended the handoff first.
    pub outcome: &'static str,
    /// The code of what had ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// The same for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The handoff as it is.
    pub handoff: HandoffView,
}

/// Shows the document of an offer that waits: for the code on the sheet in the coach, and for phones without a network.
#[utoipa::path(get, path = "/api/v1/handoffs/{id}/paper", params(("id" = Uuid, Path)), responses((status = 200, description = "The document", body = PaperView)))]
pub async fn show_paper(call: Call, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let seal = call.app.keyring().signing();
    let work = move |conn: &mut crate::db::Conn, actor: &Actor| {
        let paper = custody::paper(conn, actor, *id)?.sign(&seal);
        let public_key = lower::encode_string(&seal.public_key().to_bytes());
        Ok(PaperView { paper, public_key })
    };
    call.read(work).await
}

/// Takes in a receipt or a refusal that was written down without a network. What still waits is answered as of when it was done; a conflict changes
/// nothing and is told to both sides.
#[utoipa::path(post, path = "/api/v1/handoffs/deliver", request_body = DeliveryBody,
    responses((status = 200, description = "What came of it", body = DeliveryView),
        (status = 409, description = "Not as things are", body = CountedView, content_type = "application/problem+json")))]
pub async fn deliver_handoff(Write { call, body }: Write<DeliveryBody>) -> Result<Answer, Problem> {
    let (paper, reply) = body.parse()?;
    let key = call.app.keyring().signing().public_key();
    let merged = |handoff| DeliveryView { outcome: "merged", code: None, detail: None, handoff };
    call.answer(move |tx, call| match custody::deliver(tx, &call.actor, key, None, &paper, reply.clone())? {
        Delivery::Received(reception) => received(call, reception, merged),
        Delivery::Refused(handoff) => Answer::of(StatusCode::OK, &merged(handoff.into())),
        Delivery::Conflict { handoff, because } => {
            let (code, detail) = (Some(because.code()), Some(because.message().text(call.language)));
            Answer::of(StatusCode::OK, &DeliveryView { outcome: "conflict", code, detail, handoff: handoff.into() })
        }
    })
    .await
}

/// Shows what came of an acceptance.
pub(super) fn received<V: Serialize>(call: &Call, reception: Reception, view: impl Fn(HandoffView) -> V) -> Result<Answer> {
    match reception {
        Reception::Accepted(handoff) => Answer::of(StatusCode::OK, &view(handoff.into())),
        Reception::Counted { handoff, refusal } => {
            let problem = ProblemView::new(&refusal, call.language, call.request_id);
            Answer::of(status(&refusal), &CountedView { problem, handoff: handoff.into() })
        }
    }
}

/// Lists whom one's organisation is asked to offer, because they came to another without being on its list.
#[utoipa::path(get, path = "/api/v1/handoffs/asked", responses((status = 200, description = "People to be offered", body = PageView<AskedView>)))]
pub async fn list_asked(call: Call) -> Result<Answer, Problem> {
    let work = |conn: &mut crate::db::Conn, actor: &Actor| {
        let items = custody::asked(conn, actor)?.into_iter().map(AskedView::from).collect();
        Ok(PageView { items, next: None })
    };
    call.read(work).await
}

/// Shows a handoff.
#[utoipa::path(get, path = "/api/v1/handoffs/{id}", params(("id" = Uuid, Path)), responses((status = 200, description = "The handoff", body = HandoffView)))]
pub async fn show_handoff(call: Call, id: Path<HandoffId>) -> Result<Answer, Problem> {
    call.read(move |conn, actor| custody::get(conn, actor, *id).map(HandoffView::from)).await
}

/// Records how many heads the receiver counted, who sees the list from then on.
#[utoipa::path(post, path = "/api/v1/handoffs/{id}/count", params(("id" = Uuid, Path)), request_body = CountBody,
    responses((status = 200, description = "The handoff", body = HandoffView)))]
pub async fn count_handoff(Write { call, body }: Write<CountBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    answer(call, move |tx, actor, _| custody::count(tx, actor, *id, body.counted)).await
}

/// The receiver takes over everybody on the list but the exceptions. Who has not counted before counts by it: the heads are recorded, and what
/// does not fit the list is told with the handoff, in which whoever differs is found.
#[utoipa::path(post, path = "/api/v1/handoffs/{id}/accept", params(("id" = Uuid, Path)), request_body = ReceiptBody,
    responses((status = 200, description = "The handoff", body = HandoffView),
        (status = 409, description = "Not as things are", body = CountedView, content_type = "application/problem+json")))]
pub async fn accept_handoff(Write { call, body }: Write<ReceiptBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let app = call.app.clone();
    Ok(app.confirm(Confirmation { receipt: body.parse()?, handoff: *id, call }).await?)
}

/// The receiver takes over nobody.
#[utoipa::path(post, path = "/api/v1/handoffs/{id}/refuse", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, description = "The handoff", body = HandoffView)))]
pub async fn refuse_handoff(Write { call, body }: Write<ReasonBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let reason = reason(&body.reason)?;
    answer(call, move |tx, actor, seen| custody::refuse(tx, actor, *id, seen, reason.clone())).await
}

/// The giver takes the offer back.
#[utoipa::path(post, path = "/api/v1/handoffs/{id}/withdraw", params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, description = "The handoff", body = HandoffView)))]
pub async fn withdraw_handoff(Write { call, body }: Write<ReasonBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let reason = reason(&body.reason)?;
    answer(call, move |tx, actor, seen| custody::withdraw(tx, actor, *id, seen, reason.clone())).await
}

/// After the deadline a coordinator decides in the receiver's place.
#[utoipa::path(post, path = "/api/v1/handoffs/{id}/decide", params(("id" = Uuid, Path)), request_body = DecisionBody,
    responses((status = 200, description = "The handoff", body = HandoffView)))]
pub async fn decide_handoff(Write { call, body }: Write<DecisionBody>, id: Path<HandoffId>) -> Result<Answer, Problem> {
    let because = reason(&body.reason)?;
    let decision = body.receipt.map_or(Ok(Decision::Refuse), |receipt| receipt.parse().map(Decision::Accept))?;
    answer(call, move |tx, actor, seen| custody::decide(tx, actor, *id, seen, decision.clone(), because.clone())).await
}

/// Answers a handoff, if whoever asks has seen the version that is to be changed.
async fn answer(call: Call, work: impl Fn(&mut Tx<'_>, &Actor, Option<i32>) -> Result<custody::HandoffView> + Send + 'static) -> Result<Answer, Problem> {
    let seen = call.seen();
    call.write(StatusCode::OK, move |tx, actor| work(tx, actor, seen).map(HandoffView::from)).await
}

fn reason(text: &str) -> Result<Reason> {
    text.parse().map_err(|message| Error::invalid("reason", message))
}

fn list_key(text: &str) -> Result<ListKey> {
    let key = text.split_once('-').and_then(|(part, id)| Some(ListKey { is_waiting: part == "w", id: id.parse().ok()? }));
    key.ok_or_else(|| Error::invalid("after", Message::new("query_unreadable")))
}
