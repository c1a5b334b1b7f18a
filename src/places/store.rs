//! Rows of `organisations`, so that the database can refuse what refers to none.

use diesel::prelude::*;

use super::{Organisation, Organisations};
use crate::base::{Id, Result};
use crate::db::schema::organisations;
use crate::db::{Kept, Tx};

/// Brings the organisations of the database up to those of the configuration; one that is no longer named is kept, inactive.
pub fn register(tx: &mut Tx<'_>, named: &Organisations) -> Result<()> {
    let known: Vec<Id<Organisation>> = organisations::table.select(organisations::id).load(&mut **tx)?;
    for organisation in named.iter() {
        let content = (
            organisations::kind.eq(organisation.kind.word()),
            organisations::name_zh.eq(&organisation.name_zh),
            organisations::name_en.eq(&organisation.name_en),
            organisations::place.eq(organisation.place.to_string()),
            organisations::parent.eq(organisation.parent.as_deref()),
            organisations::active.eq(true),
        );
        if known.contains(&organisation.id()) {
            Kept(diesel::update(organisations::table.filter(organisations::id.eq(organisation.id()))).set(content)).execute(&mut **tx)?;
        } else {
            let row = (organisations::id.eq(organisation.id()), organisations::code.eq(&organisation.code), content);
            diesel::insert_into(organisations::table).values(row).execute(&mut **tx)?;
        }
    }
    let ids: Vec<Id<Organisation>> = named.iter().map(Organisation::id).collect();
    let gone: Vec<Id<Organisation>> = known.into_iter().filter(|id| !ids.contains(id)).collect();
    diesel::update(organisations::table.filter(organisations::id.eq_any(gone))).set(organisations::active.eq(false)).execute(&mut **tx)?;
    Ok(())
}
