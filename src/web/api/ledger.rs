//! Sealed days of the ledger, for the other sides to keep.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use base16ct::lower;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{PageView, date};
use crate::access::{Actor, Purpose, Seal};
use crate::base::time::in_shanghai;
use crate::base::{Error, Message, Result};
use crate::ledger::{self, DayRoot, EntryHash, RootReceipt};
use crate::web::answer::Answer;
use crate::web::call::{Call, Write};
use crate::web::problem::{Problem, ProblemView};

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RootQuery {
    /// The day; the newest that is sealed, if left out.
    #[param(format = Date)]
    pub on: Option<String>,
}

/// A sealed day of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct RootView {
    /// The day on which the entries were recorded.
    pub on: NaiveDate,
    /// How many there are.
    pub entries: u64,
    /// The Merkle root over them, in hexadecimal.
    pub root: String,
    /// The chain value of the sealed day before.
    pub previous: String,
    /// The chain value: what to keep.
    pub chain: String,
    /// Ed25519 over `jiezhuan day`, a zero byte and the chain value.
    pub signature: String,
    /// The key by which signatures are recognised.
    pub public_key: String,
}

/// What is kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptOfRootBody {
    /// The day.
    #[schema(format = Date)]
    pub on: String,
    /// The chain value that was written down, in hexadecimal.
    pub chain: String,
}

/// That an organisation keeps a day's chain value.
#[derive(Debug, Serialize, ToSchema)]
pub struct RootReceiptView {
    /// The day.
    pub on: NaiveDate,
    /// Its chain value, in hexadecimal.
    pub chain: String,
    /// The code of who keeps it.
    pub organisation: String,
    /// Who signed for them.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The same in microseconds since 1970, as it is signed.
    pub at_micros: i64,
    /// Ed25519, in hexadecimal, over `jiezhuan kept`, a zero byte, the chain value, the day as text, `at_micros` (8 bytes, the highest first) and the
    /// code of who keeps it.
    pub signature: String,
    /// The key by which signatures are recognised.
    pub public_key: String,
}

impl RootView {
    fn of(day: &DayRoot, seal: &Seal) -> Self {
        Self {
            on: day.on,
            entries: day.n_entries,
            root: lower::encode_string(&day.root),
            previous: lower::encode_string(&day.previous),
            chain: lower::encode_string(&day.chain),
            signature: lower::encode_string(&seal.sign(Purpose::Day, &day.chain)),
            public_key: lower::encode_string(&seal.public_key().to_bytes()),
        }
    }
}

impl RootReceiptView {
    fn of(receipt: RootReceipt, seal: &Seal) -> Self {
        Self {
            on: receipt.on,
            chain: lower::encode_string(&receipt.chain),
            organisation: receipt.organisation.to_string(),
            by: receipt.by,
            at: in_shanghai(receipt.at),
            at_micros: receipt.at.timestamp_micros(),
            signature: lower::encode_string(&receipt.signature),
            public_key: lower::encode_string(&seal.public_key().to_bytes()),
        }
    }
}

/// Shows a sealed day of the ledger: what the other sides keep, and hold against what they kept before.
#[utoipa::path(get, path = "/api/v1/ledger/roots", params(RootQuery), responses(
    (status = 200, description = "The day", body = RootView),
    (status = 404, description = "The day is not sealed", body = ProblemView, content_type = "application/problem+json"),
))]
pub async fn show_root(call: Call, query: Query<RootQuery>) -> Result<Answer, Problem> {
    let on = query.on.as_deref().map(|on| date("on", on)).transpose()?;
    let seal = call.app.keyring().signing();
    call.read(move |conn, actor: &Actor| {
        let day = ledger::sealed_day(conn, actor, on)?.ok_or(Error::NotFound("sealed_day"))?;
        Ok(RootView::of(&day, &seal))
    })
    .await
}

/// Signs for one's organisation that it keeps the chain value of a day. The answer is the receipt, for both sides to keep; `docs/ledger.md` says how it
/// is checked without the program.
#[utoipa::path(post, path = "/api/v1/ledger/receipts", request_body = ReceiptOfRootBody,
    responses((status = 201, description = "The receipt", body = RootReceiptView)))]
pub async fn keep_root(Write { call, body }: Write<ReceiptOfRootBody>) -> Result<Answer, Problem> {
    let on = date("on", &body.on)?;
    let wrong = || Error::invalid("chain", Message::new("body_field_wrong").with("expected", "SHA-256"));
    let chain = lower::decode_vec(&body.chain).ok().and_then(|bytes| EntryHash::try_from(bytes).ok()).ok_or_else(wrong)?;
    let seal = call.app.keyring().signing();
    call.write(StatusCode::CREATED, move |tx, actor| Ok(RootReceiptView::of(ledger::acknowledge(tx, actor, &seal, on, &chain)?, &seal))).await
}

/// Lists what one's organisation keeps; what everybody keeps, for those who read the audit trail.
#[utoipa::path(get, path = "/api/v1/ledger/receipts", responses((status = 200, description = "Receipts", body = PageView<RootReceiptView>)))]
pub async fn list_root_receipts(call: Call) -> Result<Answer, Problem> {
    let seal = call.app.keyring().signing();
    call.read(move |conn, actor: &Actor| {
        let items = ledger::kept(conn, actor)?.into_iter().map(|receipt| RootReceiptView::of(receipt, &seal)).collect();
        Ok(PageView { items, next: None })
    })
    .await
}
