//! Beside the desk's one field: who waits and for how long, who may go to whom, and what has been offered.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::access::{Actor, OrganisationCode};
use crate::arrivals::{self, Traveller, TravellerId, WaitingFlight};
use crate::base::page::PageRequest;
use crate::base::{Error, Language, Result};
use crate::custody;
use crate::db::Conn;
use crate::places::{Organisation, OrganisationKind};
use crate::policy::Rulebook;
use crate::web::pages::words;

/// After so long at the port somebody must act.
const LONG: TimeDelta = TimeDelta::hours(2);

/// What the desk sees beside its field.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// How many wait.
    pub n: usize,
    /// By flight.
    pub flights: Vec<FlightLine>,
    /// By receiver: who may go.
    pub ready: Vec<ReadyLine>,
    /// What has been offered and waits for its answer.
    pub offered: Vec<OfferLine>,
}

/// The people of a flight.
#[derive(Debug, Clone)]
pub struct FlightLine {
    /// Its number.
    pub flight_no: String,
    /// How long they have waited.
    pub waited: String,
    /// Whether that is too long.
    pub is_late: bool,
    /// How many wait.
    pub n: usize,
    /// How many have no destination.
    pub n_without_destination: usize,
    /// How many are held.
    pub n_held: usize,
}

/// Who may go to one receiver.
#[derive(Debug, Clone)]
pub struct ReadyLine {
    /// The receiver's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub n: usize,
}

/// An offer that waits.
#[derive(Debug, Clone)]
pub struct OfferLine {
    /// Its id.
    pub id: String,
    /// The receiver.
    pub name: String,
    /// How many people.
    pub n: i32,
    /// Since when.
    pub since: String,
}

/// What is read of the database for it.
pub struct Waiting {
    flights: Vec<WaitingFlight>,
    held: HashSet<TravellerId>,
    offered: Vec<custody::HandoffView>,
}

/// The desk whose page this is: the actor's own, or the first one for those who oversee.
pub fn desk_of<'a>(rulebook: &'a Rulebook, actor: &Actor) -> Option<&'a Organisation> {
    let own = actor.organisation().and_then(|code| rulebook.organisations.get(code.as_str()));
    let is_desk = |one: &&Organisation| one.kind == OrganisationKind::AirportDesk;
    own.filter(is_desk).or_else(|| rulebook.organisations.iter().find(is_desk))
}

/// Reads it.
pub fn read(conn: &mut Conn, actor: &Actor, desk: &Organisation) -> Result<Waiting> {
    let flights = arrivals::waiting(conn, actor, desk.id())?;
    let ids: Vec<TravellerId> = flights.iter().flat_map(|flight| &flight.people).map(|person| person.id).collect();
    Ok(Waiting { flights, held: arrivals::held(conn, &ids)?, offered: offers_of(conn, actor, desk)? })
}

/// The offers of `desk` that wait for an answer, each with its list; none for somebody for whom the desk does not exist.
fn offers_of(conn: &mut Conn, actor: &Actor, desk: &Organisation) -> Result<Vec<custody::HandoffView>> {
    let Ok(code) = desk.code.parse::<OrganisationCode>() else { return Ok(Vec::new()) };
    let first = match custody::list(conn, actor, &code, PageRequest::new(None, Some(100))) {
        Err(Error::NotFound(_)) => return Ok(Vec::new()),
        first => first?,
    };
    let waiting = first.items.into_iter().filter(|handoff| handoff.state.ended_by().is_none() && handoff.giver.code == code);
    waiting.map(|handoff| custody::get(conn, actor, handoff.id)).collect()
}

impl Waiting {
    /// Everyone who waits.
    fn people(&self) -> Vec<Traveller> {
        self.flights.iter().flat_map(|flight| &flight.people).cloned().collect()
    }

    /// Who may go to whom now.
    pub fn gather<'a>(&self, rulebook: &'a Rulebook, desk: &'a Organisation) -> Vec<arrivals::Gathering<'a>> {
        let offered = self.offered.iter().flat_map(|handoff| handoff.lines.iter().flatten()).map(|line| line.traveller);
        let kept = self.held.iter().copied().chain(offered).collect();
        arrivals::gather(rulebook, desk, &self.people(), &kept)
    }

    /// As the page shows it.
    pub fn shown(&self, rulebook: &Rulebook, desk: &Organisation, now: DateTime<Utc>, language: Language) -> Queue {
        let flight = |waiting: &WaitingFlight| {
            let waited = now - waiting.flight.landed_at;
            FlightLine {
                flight_no: waiting.flight.flight_no.clone(),
                waited: words::length(waited, language),
                is_late: waited > LONG,
                n: waiting.people.len(),
                n_without_destination: waiting.people.iter().filter(|person| person.destination.is_none()).count(),
                n_held: waiting.people.iter().filter(|person| self.held.contains(&person.id)).count(),
            }
        };
        let ready = |gathering: arrivals::Gathering<'_>| ReadyLine {
            code: gathering.receiver.code.clone(),
            name: words::organisation(gathering.receiver, language),
            n: gathering.people.len(),
        };
        let offer = |handoff: &custody::HandoffView| OfferLine {
            id: handoff.id.to_string(),
            name: words::organisation_named(&rulebook.organisations, handoff.receiver.code.as_str(), language),
            n: handoff.n_people.unwrap_or_default(),
            since: words::length(now - handoff.offered.at, language),
        };
        let mut ready: Vec<ReadyLine> = self.gather(rulebook, desk).into_iter().map(ready).collect();
        ready.sort_by_key(|line| std::cmp::Reverse(line.n));
        Queue {
            n: self.flights.iter().map(|flight| flight.people.len()).sum(),
            flights: self.flights.iter().map(flight).collect(),
            ready,
            offered: self.offered.iter().map(offer).collect(),
        }
    }
}
