//! Rows of `policies`, every version that anyone was ever counted under, and of `rule_editions`, what administrators have loaded.

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::prelude::*;

use super::Catalogue;
use super::edition::{Edition, Part};
use crate::base::{Error, Id, Message, Result};
use crate::db::schema::{policies, rule_editions};
use crate::db::{At, Conn, Json, Tx};

/// Keeps the policies of a catalogue. A version says the same for ever: one that is registered with another definition is
/// refused, because people are counted under it.
pub fn register(tx: &mut Tx<'_>, catalogue: &Catalogue) -> Result<()> {
    for policy in catalogue.iter() {
        let version = i32::try_from(policy.version).map_err(|fault| Error::Internal(fault.into()))?;
        let row = policies::table.filter(policies::name.eq(&policy.name).and(policies::version.eq(version)));
        let known: Option<Vec<u8>> = row.select(policies::digest).first(&mut **tx).optional()?;
        let digest = policy.digest().into_bytes();
        match known {
            Some(known) if known == digest => {}
            Some(_) => return Err(Error::Refused(Message::new("policy_changed").with("policy", &policy.name).with("version", version))),
            None => {
                let definition = serde_json::json!({"from": policy.from, "sources": policy.sources, "total_days": policy.total_days()});
                let id = tx.new_id::<super::Policy>();
                let row = (
                    policies::id.eq(Id::<super::Policy>::from_uuid(id.uuid())),
                    policies::name.eq(&policy.name),
                    policies::version.eq(version),
                    policies::digest.eq(digest),
                    policies::definition.eq(Json(definition)),
                    policies::registered_at.eq(At(tx.now())),
                );
                diesel::insert_into(policies::table).values(row).execute(&mut **tx)?;
            }
        }
    }
    Ok(())
}

/// The number of the newest edition of each part that has any.
pub(super) fn newest_editions(conn: &mut Conn) -> Result<BTreeMap<Part, i32>> {
    let rows: Vec<(String, Option<i32>)> =
        rule_editions::table.group_by(rule_editions::part).select((rule_editions::part, max(rule_editions::number))).load(conn)?;
    rows.into_iter().filter_map(|(part, number)| number.map(|number| Ok((part.parse()?, number)))).collect()
}

/// An edition, with its text.
pub(super) fn edition(conn: &mut Conn, part: Part, number: i32) -> Result<Option<Edition>> {
    let row = rule_editions::table.filter(rule_editions::part.eq(part.word()).and(rule_editions::number.eq(number)));
    let columns = (rule_editions::number, rule_editions::text, rule_editions::reason, rule_editions::loaded_by, rule_editions::loaded_at);
    let row: Option<(i32, String, String, String, At)> = row.select(columns).first(conn).optional()?;
    Ok(row.map(|(number, text, reason, loaded_by, at)| Edition { part, number, text, reason, loaded_by, loaded_at: at.0 }))
}

/// The editions of a part without their texts, the newest first.
pub(super) fn editions(conn: &mut Conn, part: Part) -> Result<Vec<Edition>> {
    let rows = rule_editions::table.filter(rule_editions::part.eq(part.word())).order(rule_editions::number.desc());
    let columns = (rule_editions::number, rule_editions::reason, rule_editions::loaded_by, rule_editions::loaded_at);
    let rows: Vec<(i32, String, String, At)> = rows.select(columns).load(conn)?;
    let edition =
        |(number, reason, loaded_by, at): (i32, String, String, At)| Edition { part, number, text: String::new(), reason, loaded_by, loaded_at: at.0 };
    Ok(rows.into_iter().map(edition).collect())
}

pub(super) fn insert_edition(tx: &mut Tx<'_>, id: Id<Edition>, edition: &Edition) -> Result<()> {
    let row = (
        rule_editions::id.eq(id),
        rule_editions::part.eq(edition.part.word()),
        rule_editions::number.eq(edition.number),
        rule_editions::text.eq(&edition.text),
        rule_editions::reason.eq(&edition.reason),
        rule_editions::loaded_by.eq(&edition.loaded_by),
        rule_editions::loaded_at.eq(At(edition.loaded_at)),
    );
    diesel::insert_into(rule_editions::table).values(row).execute(&mut **tx)?;
    Ok(())
}
