//! Documents that a guest named at a handoff because somebody was there who is not on its list. They are kept as they were named, whether anybody in
//! the chain has them or not, each sealed under a key of its own, which is destroyed with time as those of people are. What was made of them at
//! the handoff is not known here.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::document::{Document, DocumentKind};
use super::model::TravellerId;
use crate::access::{Cell as SealedAt, Keyring};
use crate::base::{Error, Id, Result, time};
use crate::db::schema::named_documents;
use crate::db::{At, Conn, Kept, Tx};

/// A document as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: Id<Self>,
    /// The document; none once it has been destroyed.
    pub document: Option<Document>,
    /// Who in the chain carried it then.
    pub traveller: Option<TravellerId>,
    /// When it was named.
    pub at: DateTime<Utc>,
}

/// Keeps what was named at `handoff`, with whoever in the chain carries it.
pub fn named_keep(tx: &mut Tx<'_>, keyring: &Keyring, handoff: Uuid, named: &[(Document, Option<TravellerId>)]) -> Result<()> {
    for (document, traveller) in named {
        let id: Id<Named> = tx.new_id();
        let (key, wrapped) = keyring.new_key(id.uuid(), tx.chance())?;
        let text = format!("{} {}", document.kind().as_str(), document.no().as_str());
        let row = (
            named_documents::id.eq(id),
            named_documents::handoff_id.eq(Id::<()>::from_uuid(handoff)),
            named_documents::traveller_id.eq(*traveller),
            named_documents::document_key.eq(wrapped),
            named_documents::document.eq(key.seal(at(id), text.as_bytes(), tx.chance())?),
            named_documents::named_at.eq(At(tx.now())),
        );
        diesel::insert_into(named_documents::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

/// What was named at `handoff`, in the order in which it was.
pub fn named_at(conn: &mut Conn, keyring: &Keyring, handoff: Uuid) -> Result<Vec<Named>> {
    type Row = (Id<Named>, Option<TravellerId>, Option<Vec<u8>>, Option<Vec<u8>>, At);
    let columns = (named_documents::id, named_documents::traveller_id, named_documents::document_key, named_documents::document, named_documents::named_at);
    let of = named_documents::table.filter(named_documents::handoff_id.eq(Id::<()>::from_uuid(handoff)));
    let rows: Vec<Row> = of.order(named_documents::id).select(columns).load(conn)?;
    let named = |(id, traveller, key, sealed, at): Row| {
        let document = key.zip(sealed).map(|(key, sealed)| opened(keyring, id, &key, &sealed)).transpose()?;
        Ok(Named { id, document, traveller, at: at.0 })
    };
    rows.into_iter().map(named).collect()
}

/// How many of those that were named before a day are still known.
pub(super) fn n_known_before(conn: &mut Conn, before: NaiveDate) -> Result<usize> {
    let known = named_documents::document.is_not_null().and(named_documents::named_at.lt(At(time::midnight(before))));
    let n: i64 = named_documents::table.filter(known).count().get_result(conn)?;
    Ok(usize::try_from(n).unwrap_or(usize::MAX))
}

/// Destroys those that were named before a day; which.
pub(super) fn destroy(tx: &mut Tx<'_>, before: NaiveDate) -> Result<Vec<Uuid>> {
    let known = named_documents::document.is_not_null().and(named_documents::named_at.lt(At(time::midnight(before))));
    let known = named_documents::table.filter(known).order(named_documents::id).select(named_documents::id);
    // Of two who destroy at once one has each.
    let ids: Vec<Id<Named>> = match &mut **tx {
        Conn::Postgres(conn) => known.for_update().load(conn)?,
        Conn::Sqlite(conn) => known.load(conn)?,
    };
    let forgotten = (named_documents::document_key.eq(None::<Vec<u8>>), named_documents::document.eq(None::<Vec<u8>>));
    Kept(diesel::update(named_documents::table.filter(named_documents::id.eq_any(&ids))).set(forgotten)).execute(&mut **tx)?;
    Ok(ids.into_iter().map(Id::uuid).collect())
}

fn opened(keyring: &Keyring, id: Id<Named>, key: &[u8], sealed: &[u8]) -> Result<Document> {
    let text = keyring.unwrap(id.uuid(), key)?.open(at(id), sealed)?;
    let read = |text: &str| {
        let (kind, no) = text.split_once(' ')?;
        Document::parse(DocumentKind::parse(kind)?, no).ok()
    };
    let document = std::str::from_utf8(&text).ok().and_then(read);
    document.ok_or_else(|| Error::Internal(anyhow::anyhow!("named_documents.document of {id} is not readable")))
}

fn at(id: Id<Named>) -> SealedAt {
    SealedAt { column: "named_documents.document", row: id.uuid() }
}
