//! What a field that takes everything was told: it decides by its form, not by how fast it was typed.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::access::{Keyring, mask};
use crate::arrivals::flight::FlightNo;
use crate::arrivals::{self, Identity, Traveller, TravellerId, Wanted};
use crate::base::page::PageRequest;
use crate::base::{Error, Language, Message, Result};
use crate::db::Conn;
use crate::exchange::mrz::{self, PassportZone};
use crate::web::call::Call;
use crate::web::pages::words;

/// Who is sought.
pub enum Sought {
    /// By the machine-readable zone of a passport.
    Zone(PassportZone),
    /// By the code on a slip.
    Slip(TravellerId),
    /// By flight and seat.
    Seat(FlightNo, String),
    /// By the number of a document.
    Document(String),
    /// By name.
    Name(String),
}

/// Somebody who may be meant.
#[derive(Debug, Clone)]
pub struct Found {
    /// Who.
    pub id: String,
    /// The name, masked.
    pub name: String,
    /// The document's number, masked.
    pub document: String,
    /// Flight and seat.
    pub flight: String,
    /// When they landed.
    pub landed: String,
    /// Where they are counted.
    pub state: String,
}

impl Sought {
    /// Reads what was typed; none of nothing. A zone that cannot be read is told, not guessed at.
    pub fn read(typed: &str, today: NaiveDate) -> Result<Option<Self>, Message> {
        let text = typed.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.contains(['<', '《', '〈', '＜']) {
            return mrz::read(text, today).map(|zone| Some(Self::Zone(zone)));
        }
        if let Some(id) = text.rsplit('/').next().and_then(|last| last.parse().ok()) {
            return Ok(Some(Self::Slip(id)));
        }
        let seat = text.rsplit_once([' ', ',', '，']).and_then(|(flight, seat)| Some((FlightNo::parse(flight.trim())?, seat.trim())));
        if let Some((flight, seat)) = seat.filter(|(_, seat)| is_seat(seat)) {
            return Ok(Some(Self::Seat(flight, seat.to_uppercase())));
        }
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let n_digits = plain.bytes().filter(u8::is_ascii_digit).count();
        let is_number = plain.bytes().all(|b| b.is_ascii_alphanumeric()) && plain.len() >= 5 && n_digits >= 4;
        Ok(Some(if is_number { Self::Document(plain.to_uppercase()) } else { Self::Name(text.to_owned()) }))
    }

    /// Whether somebody who is not found cannot be entered by this: a slip or a seat is of somebody who was there.
    pub fn names_nobody_new(&self) -> bool {
        matches!(self, Self::Slip(_) | Self::Seat(..))
    }
}

/// `31A`: one to three digits and a letter.
fn is_seat(text: &str) -> bool {
    let (row, letter) = text.split_at(text.char_indices().next_back().map_or(0, |(at, _)| at));
    (1..=3).contains(&row.len()) && row.bytes().all(|b| b.is_ascii_digit()) && letter.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Those who may be meant: also those who have left, or only those who are still somebody's.
pub async fn find(call: &Call, sought: &Sought, also_left: bool) -> Result<Vec<Found>> {
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    let wanted = match sought {
        Sought::Zone(zone) => zone.document.as_ref().map(|document| Key::Document(document.no().as_str().to_owned())),
        Sought::Slip(id) => Some(Key::Id(*id)),
        Sought::Seat(flight, seat) => Some(Key::Seat(flight.clone(), seat.clone())),
        Sought::Document(number) => Some(Key::Document(number.clone())),
        Sought::Name(name) => Some(Key::Name(name.clone())),
    };
    let Some(wanted) = wanted else { return Ok(Vec::new()) };
    let (language, today) = (call.language, crate::base::time::civil_date(call.app.db().clock().now()));
    let read = move |conn: &mut Conn| {
        let mut people = match wanted {
            Key::Document(number) => arrivals::with_document(conn, &actor, &keyring, &number)?,
            Key::Name(name) => arrivals::with_name(conn, &actor, &keyring, &name)?,
            Key::Id(id) => arrivals::find(conn, &actor, id).map(|person| vec![person]).or_else(none_if_not_found)?,
            Key::Seat(flight, seat) => {
                let mut seated = Vec::new();
                for flight in arrivals::landings_of(conn, &actor, &flight, 2)? {
                    let wanted = Wanted { flight: Some(flight.id), ..Wanted::default() };
                    let page = arrivals::list(conn, &actor, wanted, PageRequest::new(None, Some(PageRequest::<TravellerId>::MOST)))?;
                    seated.extend(page.items.into_iter().filter(|person| person.seat.as_deref() == Some(seat.as_str())));
                }
                seated
            }
        };
        people.retain(|person| also_left || person.custody.custodian.is_some());
        described(conn, &keyring, &people, today, language)
    };
    call.app.read(read).await
}

/// People as lists show them, their names and documents masked.
pub fn described(conn: &mut Conn, keyring: &Keyring, people: &[Traveller], today: NaiveDate, language: Language) -> Result<Vec<Found>> {
    let ids: Vec<TravellerId> = people.iter().map(|person| person.id).collect();
    let identities: HashMap<TravellerId, Identity> = arrivals::identities(conn, keyring, &ids)?.into_iter().collect();
    let flights = arrivals::flights(conn, &people.iter().map(|person| person.flight).collect::<Vec<_>>())?;
    Ok(people.iter().map(|person| found(person, identities.get(&person.id), &flights, today, language)).collect())
}

enum Key {
    Document(String),
    Name(String),
    Id(TravellerId),
    Seat(FlightNo, String),
}

fn none_if_not_found(error: Error) -> Result<Vec<Traveller>> {
    if matches!(error, Error::NotFound(_)) { Ok(Vec::new()) } else { Err(error) }
}

fn found(person: &Traveller, identity: Option<&Identity>, flights: &[arrivals::Flight], today: NaiveDate, language: Language) -> Found {
    let flight = flights.iter().find(|flight| flight.id == person.flight).map(|flight| flight.flight_no.as_str()).unwrap_or_default();
    Found {
        id: person.id.to_string(),
        name: words::masked(identity),
        document: identity.map(|identity| mask::document_number(&identity.document_no)).unwrap_or_default(),
        flight: format!("{flight} {}", person.seat.as_deref().unwrap_or_default()).trim().to_owned(),
        landed: words::moment(person.landed_at, today, language),
        state: language.text(&format!("stock_{}", person.custody.stock.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(typed: &str) -> &'static str {
        match Sought::read(typed, NaiveDate::from_ymd_opt(2020, 9, 15).unwrap()) {
            Ok(None) => "nothing",
            Ok(Some(Sought::Zone(_))) => "zone",
            Ok(Some(Sought::Slip(_))) => "slip",
            Ok(Some(Sought::Seat(..))) => "seat",
            Ok(Some(Sought::Document(_))) => "document",
            Ok(Some(Sought::Name(_))) => "name",
            Err(message) => message.code,
        }
    }

    #[test]
    fn the_field_knows_by_its_form_what_it_was_told() {
        let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        for (typed, meant) in [
            ("  ", "nothing"),
            (zone, "zone"),
            ("P<UTOERIKSSON<<ANNA", "mrz_not_two_lines"),
            ("https://desk.test/people/01923f5e-0000-7000-8000-000000000001", "slip"),
            ("MU588 31A", "seat"),
            ("mu588,7k", "seat"),
            ("E87221660", "document"),
            ("11010519491231002x", "document"),
            ("李雷", "name"),
            ("ERIKSSON ANNA", "name"),
            ("Li Lei 2", "name"),
        ] {
            assert_eq!(kind(typed), meant, "{typed}");
        }
    }
}
