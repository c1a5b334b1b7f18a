//! The JSON API, a module for each resource: `…Body` and `…Query` come in, `…View` goes out, and no other module knows them.
//! Names of fields are part of the contract with those who call.

pub mod absences;
pub mod audit;
pub mod bulletins;
mod confirm;
pub mod contacts;
pub mod due;
pub mod events;
pub mod fleet_rosters;
pub mod flights;
pub mod guest_links;
pub mod handoffs;
pub mod health;
pub mod holds;
pub mod ledger;
pub mod notices;
pub mod obligations;
pub mod organisations;
pub mod parties;
pub mod phone_keys;
pub mod policies;
pub mod proposals;
pub mod rosters;
pub mod rules;
pub mod session;
pub mod sites;
pub mod staff;
pub mod statements;
pub mod tokens;
pub mod totals;
pub mod travellers;
pub mod trips;
pub mod users;
pub mod vehicles;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use self::confirm::{Confirmation, confirm_all};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, FieldError, Id, Message, Result, time};
use crate::places::Organisation;
use crate::web::app::App;

/// Collects what is wrong with the fields of a body, so that all of it is told at once.
#[derive(Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    /// Keeps the value of a field, or what is wrong with it.
    pub fn field<T>(&mut self, field: &str, read: Result<T, Message>) -> Option<T> {
        read.map_err(|message| self.0.push(FieldError::new(field, message))).ok()
    }

    /// Reads an instant: RFC 3339, or local to Shanghai.
    pub fn instant(&mut self, field: &str, text: &str) -> Option<DateTime<Utc>> {
        self.field(field, time::parse_instant(text).ok_or_else(|| Message::new("bad_instant")))
    }

    /// Reads a date.
    pub fn date(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        self.field(field, time::parse_date(text).ok_or_else(|| Message::new("bad_date")))
    }

    /// Reads the code of an organisation.
    pub fn organisation(&mut self, field: &str, app: &App, code: &str) -> Option<Id<Organisation>> {
        let known = app.rulebook().organisations.get(code).map(Organisation::id);
        self.field(field, known.ok_or_else(|| Message::new("unknown_organisation").with("organisation", code)))
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults as an error.
    pub fn into_error(self) -> Error {
        Error::Invalid(self.0)
    }
}

/// Reads the one date that a query is about.
pub(super) fn date(field: &str, text: &str) -> Result<NaiveDate> {
    time::parse_date(text).ok_or_else(|| Error::invalid(field, Message::new("bad_date")))
}

/// A page after `after`. Who asks for more rows than a page holds, or for none, is told so.
pub(super) fn page_of<C>(after: Option<C>, limit: Option<u32>) -> Result<PageRequest<C>> {
    let most = PageRequest::<C>::MOST;
    if limit.is_some_and(|limit| !(1..=most).contains(&limit)) {
        return Err(Error::invalid("limit", Message::new("setting_out_of_range").with("least", 1).with("most", most)));
    }
    Ok(PageRequest::new(after, limit))
}

/// Reads an instant that may be left out.
pub(super) fn instant_or_none(field: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    let read = |text| time::parse_instant(text).ok_or_else(|| Error::invalid(field, Message::new("bad_instant")));
    text.map(read).transpose()
}

/// What one of a few names stands for.
pub(super) fn named<T>(found: Option<T>, known: &[&str]) -> Result<T, Message> {
    found.ok_or_else(|| Message::new("body_field_wrong").with("expected", known.join(", ")))
}

/// A body that has nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoBody {}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Begin after this; the `next` of the page before.
    pub after: Option<uuid::Uuid>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageView<V> {
    /// The rows.
    pub items: Vec<V>,
    /// Ask with this as `after` for what follows; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<V> PageView<V> {
    fn of<T, C: ToString>(page: Page<T, C>) -> Self
    where
        V: From<T>,
    {
        Self { items: page.items.into_iter().map(V::from).collect(), next: page.next.map(|next| next.to_string()) }
    }
}
