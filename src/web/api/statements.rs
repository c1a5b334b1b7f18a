//! Statements: what passed between two organisations in a period.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use base16ct::lower;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::date;
use crate::access::OrganisationCode;
use crate::base::time::in_shanghai;
use crate::base::{Error, Message, Result};
use crate::custody::Reason;
use crate::custody::statement::{self, Asked, Difference, Flow, Frozen, SideSignature, Statement, StatementDigest};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::Problem;

/// Between whom, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatementQuery {
    /// The code of one side.
    pub one: String,
    /// The code of the other.
    pub other: String,
    /// The first day.
    #[param(format = Date)]
    pub from: String,
    /// The last day; at most 92 days in all.
    #[param(format = Date)]
    pub to: String,
}

/// What passed between two organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementView {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// From `one` to `other`, and back.
    pub flows: Vec<FlowView>,
}

/// What passed in one direction, in people.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowView {
    /// The code of who gave.
    pub from_organisation: String,
    /// The code of who was asked to receive.
    pub to_organisation: String,
    /// Waited for an answer when the period began.
    pub brought_forward: i64,
    /// Offered in the period.
    pub offered: i64,
    /// Received.
    pub received: i64,
    /// Those of them whom a guest received, outside the network.
    pub outside: i64,
    /// On the list and not received.
    pub excepted: i64,
    /// Refused with the whole handoff.
    pub refused: i64,
    /// Withdrawn with the whole handoff.
    pub withdrawn: i64,
    /// Still waited when the period ended.
    pub carried_forward: i64,
    /// Those of them whose deadline had passed.
    pub overdue: i64,
    /// Came without being on the list; in no other figure.
    pub extras: i64,
    /// Whether brought forward and offered are accounted for.
    pub balanced: bool,
    /// Who was not received as offered.
    pub differences: Vec<DifferenceView>,
}

/// Somebody who was not received as offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// The id of the handoff.
    pub handoff: Uuid,
    /// The id of the traveller.
    pub traveller: Uuid,
    /// `missing`, `refused`, `extra` or `wrong_vehicle`.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        let (handoff, traveller) = (difference.handoff.uuid(), difference.traveller.uuid());
        Self { handoff, traveller, kind: difference.kind.name(), reason: difference.reason.to_string() }
    }
}

impl From<Flow> for FlowView {
    fn from(flow: Flow) -> Self {
        Self {
            balanced: flow.is_balanced(),
            from_organisation: flow.giver.code.to_string(),
            to_organisation: flow.receiver.code.to_string(),
            brought_forward: flow.brought_forward,
            offered: flow.offered,
            received: flow.received,
            outside: flow.outside,
            excepted: flow.excepted,
            refused: flow.refused,
            withdrawn: flow.withdrawn,
            carried_forward: flow.carried_forward,
            overdue: flow.overdue,
            extras: flow.extras,
            differences: flow.differences.into_iter().map(DifferenceView::from).collect(),
        }
    }
}

impl From<Statement> for StatementView {
    fn from(statement: Statement) -> Self {
        Self { from: statement.from, to: statement.to, flows: statement.flows.into_iter().map(FlowView::from).collect() }
    }
}

/// A statement that somebody has signed or refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedView {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 over `text`, in hexadecimal: what both sides sign.
    pub digest: String,
    /// What it says, line by line, as it said when it was first signed or refused.
    pub text: String,
    /// When that was.
    #[schema(format = DateTime)]
    pub frozen_at: String,
    /// `open`, `agreed`, or `disputed` if what a side said last is a refusal.
    pub state: &'static str,
    /// Whether the statement of the period still says the same. If not, the difference is for another statement.
    pub is_current: bool,
    /// What the sides said of it, in the order in which they did.
    pub signatures: Vec<SideSignatureView>,
}

/// What one side said of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct SideSignatureView {
    /// The code of the side.
    pub organisation: String,
    /// Who signed for it.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Why it was refused; absent if it was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_because: Option<String>,
    /// Ed25519, in hexadecimal, over `jiezhuan statement`, a zero byte, the digest, a byte (1 signed, 0 refused), the time in microseconds since 1970
    /// (8 bytes, the highest first) and the code of the side.
    pub signature: String,
}

/// The statement of a period as it is now, and those that were signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodView {
    /// As it is now.
    #[serde(flatten)]
    pub statement: StatementView,
    /// The digest of what it says now: what to sign.
    pub digest: String,
    /// Those that somebody has signed or refused, the oldest first.
    pub signed: Vec<SignedView>,
    /// The key by which signatures are recognised: Ed25519, in hexadecimal.
    pub public_key: String,
}

/// Which statement is signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignBody {
    /// The code of one side.
    pub one: String,
    /// The code of the other.
    pub other: String,
    /// The first day.
    #[schema(format = Date)]
    pub from: String,
    /// The last day, which must be over.
    #[schema(format = Date)]
    pub to: String,
    /// The digest of what was seen, in hexadecimal.
    pub digest: String,
    /// Why it is not right, if it is refused.
    pub refused_because: Option<String>,
}

impl SignedView {
    fn of(frozen: Frozen, current: &StatementDigest) -> Self {
        let signature = |said: SideSignature| SideSignatureView {
            organisation: said.organisation.to_string(),
            by: said.by,
            at: in_shanghai(said.at),
            refused_because: said.refused.map(|reason| reason.to_string()),
            signature: lower::encode_string(&said.signature),
        };
        Self {
            id: frozen.id.uuid(),
            digest: lower::encode_string(&frozen.digest),
            state: frozen.agreement().name(),
            is_current: frozen.digest == *current,
            frozen_at: in_shanghai(frozen.frozen_at),
            text: frozen.text,
            signatures: frozen.signatures.into_iter().map(signature).collect(),
        }
    }
}

/// Shows what passed between two organisations in a period, in both directions, and what the sides have signed of it.
#[utoipa::path(get, path = "/api/v1/statements", params(StatementQuery), responses((status = 200, description = "The statement", body = PeriodView)))]
pub async fn show_statement(call: Call, query: Query<StatementQuery>) -> Result<Answer, Problem> {
    let asked = asked(&query.one, &query.other, &query.from, &query.to)?;
    let public_key = lower::encode_string(&call.app.keyring().signing().public_key().to_bytes());
    let work = move |conn: &mut crate::db::Conn, actor: &crate::access::Actor| {
        let now = statement::statement(conn, actor, &asked)?;
        let digest = statement::digest(&statement::text(&now));
        let signed = statement::signed(conn, actor, &asked)?.into_iter().map(|frozen| SignedView::of(frozen, &digest)).collect();
        Ok(PeriodView { statement: now.into(), digest: lower::encode_string(&digest), signed, public_key })
    };
    call.read(work).await
}

/// Signs the statement of a period that is over for one's own side, or says why it is not right, which puts it in dispute. Both sides sign the same
/// digest; what a side found later is a statement of its own.
#[utoipa::path(post, path = "/api/v1/statements", request_body = SignBody, responses((status = 201, description = "Signed or refused", body = SignedView)))]
pub async fn sign_statement(Write { call, body }: Write<SignBody>) -> Result<Answer, Problem> {
    let asked = asked(&body.one, &body.other, &body.from, &body.to)?;
    let wrong = |_| Error::invalid("digest", Message::new("body_field_wrong").with("expected", "SHA-256"));
    let digest: StatementDigest = lower::decode_vec(&body.digest).map_err(wrong)?.try_into().map_err(|_: Vec<u8>| wrong(base16ct::Error::InvalidLength))?;
    let refused = body.refused_because.as_deref().map(|text| text.parse::<Reason>().map_err(|message| Error::invalid("refused_because", message)));
    let (refused, keyring) = (refused.transpose()?, call.app.keyring().clone());
    let work = move |tx: &mut crate::db::Tx<'_>, actor: &crate::access::Actor| {
        let frozen = statement::sign(tx, actor, &keyring.signing(), &asked, digest, refused.clone())?;
        let now = statement::digest(&statement::text(&statement::statement(tx, actor, &asked)?));
        Ok(SignedView::of(frozen, &now))
    };
    call.write(StatusCode::CREATED, work).await
}

fn asked(one: &str, other: &str, from: &str, to: &str) -> Result<Asked> {
    let code = |field: &str, text: &str| text.parse::<OrganisationCode>().map_err(|message| Error::invalid(field, message));
    Ok(Asked { one: code("one", one)?, other: code("other", other)?, from: date("from", from)?, to: date("to", to)? })
}
