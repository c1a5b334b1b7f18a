//! Who a traveller is: all that is sealed, in one piece. It is opened for matching, for those who may see it and say why,
//! and for the papers of a trip; it is never printed.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::draft::TravellerDraft;

/// The sealed part of a traveller. Fields that nobody has said are absent; a later roster may fill them.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Name in Chinese or any other script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `SURNAME/GIVEN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_latin: Option<String>,
    /// `M`, `F` or `X`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub born_on: Option<NaiveDate>,
    /// The kind of document, in the contract's English word.
    pub document_kind: String,
    /// The document's number in its one spelling.
    pub document_no: String,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Address at the destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What health control found, in the contract's English word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// The label of the party within the flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// What stood in columns that mean nothing to us.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<(String, String)>,
}

impl Identity {
    /// Takes the identity out of a draft.
    pub fn of(draft: &mut TravellerDraft) -> Self {
        Self {
            name: draft.name.take(),
            name_latin: draft.name_latin.take(),
            sex: draft.sex.map(|sex| sex.as_str().into()),
            born_on: draft.born_on,
            document_kind: draft.document.kind().as_str().into(),
            document_no: draft.document.no().as_str().into(),
            phone: draft.phone.take(),
            address: draft.address.take(),
            health: draft.health.map(|health| health.as_str().into()),
            party: draft.party.take(),
            notes: std::mem::take(&mut draft.notes),
        }
    }

    /// Takes over what `later` says: gaps are filled, differences replaced. Returns the names of the fields that changed; what
    /// `later` does not say stays.
    pub fn follow(&mut self, later: &Self) -> Vec<&'static str> {
        let mut changed = Vec::new();
        let mut text = |field: &'static str, ours: &mut Option<String>, theirs: &Option<String>| {
            if theirs.is_some() && ours != theirs {
                ours.clone_from(theirs);
                changed.push(field);
            }
        };
        text("name", &mut self.name, &later.name);
        text("name_latin", &mut self.name_latin, &later.name_latin);
        text("sex", &mut self.sex, &later.sex);
        text("phone", &mut self.phone, &later.phone);
        text("address", &mut self.address, &later.address);
        text("health", &mut self.health, &later.health);
        text("party", &mut self.party, &later.party);
        if later.born_on.is_some() && self.born_on != later.born_on {
            self.born_on = later.born_on;
            changed.push("born_on");
        }
        for (header, value) in &later.notes {
            match self.notes.iter_mut().find(|(known, _)| known == header) {
                Some((_, known)) if known == value => continue,
                Some((_, known)) => known.clone_from(value),
                None => self.notes.push((header.clone(), value.clone())),
            }
            if !changed.contains(&"notes") {
                changed.push("notes");
            }
        }
        changed
    }

    /// The name that a person reads first.
    pub fn shown_name(&self) -> &str {
        self.name.as_deref().or(self.name_latin.as_deref()).unwrap_or_default()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(sealed)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_roster_fills_gaps_and_replaces_differences_and_takes_nothing_away() {
        let mut known =
            Identity { name: Some("李雷".into()), phone: Some("1".into()), notes: vec![("备注".into(), "轮椅".into())], ..Identity::default() };
        let later = Identity { phone: Some("2".into()), address: Some("花桥".into()), notes: vec![("行李".into(), "2".into())], ..Identity::default() };
        assert_eq!(known.follow(&later), ["phone", "address", "notes"]);
        assert_eq!((known.name.as_deref(), known.phone.as_deref(), known.notes.len()), (Some("李雷"), Some("2"), 2));
        assert_eq!(known.follow(&later), Vec::<&str>::new());
    }
}
