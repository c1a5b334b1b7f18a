//! Roots that the other sides keep: an organisation takes the newest sealed day and signs that it has it. Whoever would change the ledger of a day
//! afterwards would have to change what everybody else wrote down.

use chrono::{DateTime, NaiveDate, Utc};

use super::day::DayRoot;
use super::model::EntryHash;
use super::store;
use crate::access::{self, Actor, OrganisationCode, Purpose, Seal};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Message, Result, time};
use crate::db::{Conn, Event, Tx};
use crate::places::Organisation;

/// That an organisation has taken a day's chain value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootReceipt {
    /// The day.
    pub on: NaiveDate,
    /// Its chain value.
    pub chain: EntryHash,
    /// Who keeps it.
    pub organisation: OrganisationCode,
    /// Who signed for them.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Ed25519 over [`RootReceipt::signed_bytes`].
    pub signature: [u8; 64],
}

/// A sealed day, and who keeps its chain value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDay {
    /// The day.
    pub day: DayRoot,
    /// The receipts for it, in the order of the codes of those who keep it.
    pub receipts: Vec<RootReceipt>,
}

/// Who keeps what at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keepers {
    /// The newest day that each organisation keeps. By it they recognise every day before.
    pub newest: Vec<RootReceipt>,
    /// The receipts for days that have another chain value now, or none: whoever keeps these can show that the past was changed.
    pub differing: Vec<RootReceipt>,
}

impl RootReceipt {
    /// What the signature is over: the chain value, the day as text, the time (microseconds since 1970, 8 bytes, the highest first) and the code
    /// of the organisation.
    pub fn signed_bytes(on: NaiveDate, chain: &EntryHash, at: DateTime<Utc>, organisation: &OrganisationCode) -> Vec<u8> {
        let mut bytes = chain.to_vec();
        bytes.extend_from_slice(on.to_string().as_bytes());
        bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
        bytes.extend_from_slice(organisation.as_str().as_bytes());
        bytes
    }
}

/// The sealed day `on`, or the newest; none if there is none.
pub fn sealed_day(conn: &mut Conn, actor: &Actor, on: Option<NaiveDate>) -> Result<Option<DayRoot>> {
    actor.must(access::Act::SignStatement)?;
    match on {
        Some(on) => store::root(conn, on),
        None => store::roots_last(conn),
    }
}

/// Signs for the actor's organisation that it has written the chain value of a day down. Once for each day: signed again, it is the same receipt.
///
/// # Errors
/// Forbidden without an organisation; Refused `ledger_day_not_sealed`; Conflict `root_differs` if the day has another value: what was taken is then
/// not what is here, and both must look.
pub fn acknowledge(tx: &mut Tx<'_>, actor: &Actor, seal: &Seal, on: NaiveDate, chain: &EntryHash) -> Result<RootReceipt> {
    actor.must(access::Act::SignStatement)?;
    let organisation = actor.organisation().cloned().ok_or_else(|| Error::Forbidden(Message::new("keeps_for_nobody")))?;
    store::roots_lock(tx)?;
    let day = store::root(tx, on)?.ok_or_else(|| Error::Refused(Message::new("ledger_day_not_sealed").with("on", on)))?;
    if day.chain != *chain {
        return Err(Error::Conflict(Message::new("root_differs").with("on", on)));
    }
    if let Some(known) = store::receipts(tx, Some(&organisation), Some(on..=on))?.pop() {
        return Ok(known);
    }
    let at = tx.now();
    let signature = seal.sign(Purpose::Kept, &RootReceipt::signed_bytes(on, chain, at, &organisation));
    let receipt = RootReceipt { on, chain: *chain, organisation, by: actor.name().to_owned(), at, signature };
    store::receipt_insert(tx, &receipt)?;
    let keeper = Organisation::id_of(receipt.organisation.as_str());
    let facts = serde_json::json!({"on": on, "kept_at": time::in_shanghai(at)});
    tx.record(Event { kind: "root_kept", subject: keeper.uuid(), place: None, facts })?;
    Ok(receipt)
}

/// What the actor's organisation keeps, or everybody, for those who read the audit trail; the oldest day first.
pub fn kept(conn: &mut Conn, actor: &Actor) -> Result<Vec<RootReceipt>> {
    if actor.must_everywhere(access::Act::ViewAudit).is_ok() {
        return store::receipts(conn, None, None);
    }
    actor.must(access::Act::SignStatement)?;
    let organisation = actor.organisation().ok_or_else(|| Error::Forbidden(Message::new("keeps_for_nobody")))?;
    store::receipts(conn, Some(organisation), None)
}

/// The sealed days, the newest first, each with who keeps it, for those who oversee everybody.
pub fn kept_days(conn: &mut Conn, actor: &Actor, page: PageRequest<NaiveDate>) -> Result<Page<KeptDay, NaiveDate>> {
    actor.must_oversee()?;
    let days = Page::cut(store::roots_before(conn, page.after, i64::from(page.limit) + 1)?, page.limit, |day| day.on);
    let (Some(newest), Some(oldest)) = (days.items.first(), days.items.last()) else { return Ok(Page { items: Vec::new(), next: None }) };
    let receipts = store::receipts(conn, None, Some(oldest.on..=newest.on))?;
    let kept = |day: DayRoot| KeptDay { receipts: receipts.iter().filter(|receipt| receipt.on == day.on).cloned().collect(), day };
    Ok(Page { next: days.next, items: days.items.into_iter().map(kept).collect() })
}

/// Who keeps what at present, for those who oversee everybody.
pub fn keepers(conn: &mut Conn, actor: &Actor) -> Result<Keepers> {
    actor.must_oversee()?;
    Ok(Keepers { newest: store::receipts_newest(conn)?, differing: store::receipts_differing(conn)? })
}

/// Every receipt, for the check of everything.
pub fn every_receipt(conn: &mut Conn) -> Result<Vec<RootReceipt>> {
    store::receipts(conn, None, None)
}
