//! The season: what happens when, to whom, through which use case. Events are taken in the order of their times; the clock
//! stands at the time of the event while it happens.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::Cursor;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::invent::{self, Inventor, Sample};
use super::pace::Pace;
use super::pool::Pool;
use crate::access::{Actor, OrganisationCode};
use crate::arrivals::draft::RosterRules;
use crate::arrivals::{self, HoldKind, Import, Traveller, TravellerId, Wanted};
use crate::base::page::PageRequest;
use crate::base::{Error, Id, Result, time};
use crate::cli::context::{Context, Installation};
use crate::custody::{self, Exception, ExceptionKind, Offer, Receipt};
use crate::dispatch::{self, Leg, NewTrip, SeatWanted};
use crate::exchange::{self, Opened};
use crate::figures;
use crate::fleet::{self, LoadRule, Permit, StaffFacts, StaffRole, VehicleFacts, VehicleKind};
use crate::ledger::{self, Stock};
use crate::places::{Organisation, OrganisationKind};

/// How many people ride on one coach of the season: half of 49 seats.
const LOAD: usize = 24;

/// What happened, besides what the figures tell.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::cli) struct Tally {
    pub(in crate::cli) trips: u64,
    pub(in crate::cli) handoffs: u64,
    pub(in crate::cli) exceptions: u64,
    pub(in crate::cli) refusals: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Midnight(NaiveDate),
    Results(NaiveDate),
    Transfers(NaiveDate),
    Land { flight_no: String, n: u32 },
    Desk { flight_no: String, landed_at: DateTime<Utc> },
    Admit { group: String, people: Vec<TravellerId> },
    Leave { giver: String, province: u8, people: Vec<TravellerId> },
    Arrive { trip: Id<dispatch::Trip>, province: u8, people: Vec<TravellerId> },
    Distribute { hub: String, people: Vec<TravellerId> },
    Recover { person: TravellerId },
}

pub(super) struct Season<'a> {
    context: &'a Context,
    installation: &'a Installation,
    rng: StdRng,
    inventor: Inventor,
    events: BinaryHeap<Reverse<(DateTime<Utc>, u64, Event)>>,
    n_events: u64,
    pace: Pace,
    samples: BTreeMap<NaiveDate, Vec<Sample>>,
    pools: BTreeMap<u8, Pool>,
    landed: u64,
    tally: Tally,
}

impl<'a> Season<'a> {
    pub(super) fn new(
        context: &'a Context,
        installation: &'a Installation,
        (from, to): (NaiveDate, NaiveDate),
        pace: Pace,
        travellers: u32,
        seed: u64,
    ) -> Result<Self> {
        let mut season = Self {
            context,
            installation,
            rng: StdRng::seed_from_u64(seed),
            inventor: Inventor::new(&installation.rulebook.places),
            events: BinaryHeap::new(),
            n_events: 0,
            pace,
            samples: BTreeMap::new(),
            pools: BTreeMap::new(),
            landed: 0,
            tally: Tally::default(),
        };
        let days: Vec<NaiveDate> = from.iter_days().take_while(|day| *day <= to).collect();
        for day in &days {
            season.at(time::midnight(*day) + ledger::GRACE, Event::Midnight(*day));
            season.at(time::midnight(*day) + TimeDelta::hours(9), Event::Results(*day));
            season.at(time::midnight(*day) + pace.transfers_after, Event::Transfers(*day));
        }
        season.schedule_flights(&days, travellers);
        if pace.open_from.is_some() {
            for (flight_no, minutes, n) in [("MU588", 140, 58), ("CA936", 25, 41)] {
                season.at(pace.until - TimeDelta::minutes(minutes), Event::Land { flight_no: flight_no.into(), n });
            }
        }
        for province in [32, 33, 34] {
            let pool = season.staff_and_vehicles(province, from)?;
            season.pools.insert(province, pool);
        }
        Ok(season)
    }

    pub(super) fn play(&mut self, progress: &dyn Fn(u64)) -> Result<()> {
        while let Some(Reverse((at, _, event))) = self.events.pop() {
            if at >= self.pace.until {
                break;
            }
            self.context.clock.set(at);
            self.happen(at, event)?;
            progress(self.landed);
        }
        self.context.clock.set(self.pace.until);
        let yesterday = time::civil_date(self.pace.until) - Days::new(1);
        self.installation.db.write(move |tx| figures::close_days(tx, yesterday))?;
        self.seal_days()
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    fn at(&mut self, at: DateTime<Utc>, event: Event) {
        self.n_events += 1;
        self.events.push(Reverse((at, self.n_events, event)));
    }

    /// Flights of 40 to 120 people, spread over the days, at the hours at which they came: many of them late.
    fn schedule_flights(&mut self, days: &[NaiveDate], travellers: u32) {
        let mut left = travellers;
        let n_days = u32::try_from(days.len()).unwrap_or(u32::MAX).max(1);
        for (n, day) in (0..).zip(days) {
            let mut today = if n + 1 == n_days { left } else { (travellers / n_days + u32::from(n < travellers % n_days)).min(left) };
            left -= today;
            while today > 0 {
                let size = if today <= 120 { today } else { self.rng.random_range(40..=120) };
                let landed = time::midnight(*day) + TimeDelta::minutes(self.rng.random_range(300..1_435));
                let flight_no = format!("MU{}", self.rng.random_range(200..980) * 10 + self.rng.random_range(0..10));
                self.at(landed, Event::Land { flight_no, n: size });
                today -= size;
            }
        }
    }

    fn happen(&mut self, now: DateTime<Utc>, event: Event) -> Result<()> {
        match event {
            Event::Midnight(day) => self.midnight(day),
            Event::Results(day) => self.results(day),
            Event::Transfers(day) => self.transfers(now, day),
            Event::Land { flight_no, n } => self.land(now, flight_no, n),
            Event::Desk { flight_no, landed_at } => self.desk(now, &flight_no, landed_at),
            Event::Admit { group, people } => self.admit(&group, &people),
            Event::Leave { giver, province, people } => self.leave(now, &giver, province, &people),
            Event::Arrive { trip, province, people } => self.arrive(now, trip, province, &people),
            Event::Distribute { hub, people } => self.distribute(&hub, &people),
            Event::Recover { person } => self.recover(person),
        }
    }

    fn midnight(&mut self, day: NaiveDate) -> Result<()> {
        while self.installation.db.write(|tx| custody::release_due(tx, 500))? > 0 {}
        self.installation.db.write(move |tx| figures::close_days(tx, day - Days::new(1)))?;
        self.seal_days()
    }

    fn seal_days(&self) -> Result<()> {
        let through = ledger::last_complete_day(self.context.clock.now());
        while self.installation.db.write(move |tx| figures::seal_next(tx, through))?.is_some() {}
        Ok(())
    }

    fn results(&mut self, day: NaiveDate) -> Result<()> {
        let Some(samples) = self.samples.remove(&day) else { return Ok(()) };
        let file = invent::results(&mut self.rng, day, &samples);
        self.import(file)
    }

    fn land(&mut self, now: DateTime<Utc>, flight_no: String, n: u32) -> Result<()> {
        let flight = self.inventor.flight(&mut self.rng, &self.installation.rulebook, &flight_no, now, n);
        for (day, sample) in flight.tests {
            self.samples.entry(day).or_default().push(sample);
        }
        self.import(flight.roster)?;
        self.landed += u64::from(n);
        self.at(now + TimeDelta::minutes(150), Event::Desk { flight_no, landed_at: now });
        Ok(())
    }

    fn import(&self, file: Vec<u8>) -> Result<()> {
        let actor = Actor::operator();
        let installation = self.installation;
        let import =
            Import { db: &installation.db, keyring: &installation.keyring, rulebook: &installation.rulebook, actor: &actor, dry_run: false, progress: &|_| {} };
        let outcome = match exchange::open(Cursor::new(file), None)? {
            Opened::Results(mut table) => import.results(table.results()?, [0; 32])?,
            Opened::Roster(mut roster) => {
                let (kind, rules) = (roster.kind().as_str(), RosterRules::default());
                import.travellers(roster.travellers(&rules)?, &|_| None, kind, [0; 32])?
            }
            Opened::Fleet(fleet) => return Err(fleet.refused().into()),
        };
        if outcome.rejected == 0 { Ok(()) } else { Err(Error::Internal(anyhow::anyhow!("the season's own roster was refused: {:?}", outcome.problems))) }
    }

    /// The desk sends the ill to the hospital, and the others where 16+3 routing says.
    fn desk(&mut self, now: DateTime<Utc>, flight_no: &str, landed_at: DateTime<Utc>) -> Result<()> {
        let desk = self.organisation("desk-pvg")?;
        let flights = self.installation.db.read(|conn| arrivals::flights_on(conn, &Actor::operator(), time::civil_date(landed_at)))?;
        let Some(flight) = flights.into_iter().find(|flight| flight.flight_no == flight_no && flight.landed_at == landed_at) else { return Ok(()) };
        let people = self.people(Wanted { flight: Some(flight.id), custodian: Some(desk.id()), ..Wanted::default() })?;
        let mut ways: BTreeMap<String, Vec<TravellerId>> = BTreeMap::new();
        for person in &people {
            let held = self.installation.db.read(|conn| arrivals::holds_of(conn, person.id))?;
            if held.iter().any(|hold| hold.lifted_at.is_none()) {
                // Somebody decides that the rest of the party goes on without the ill.
                let id = person.id;
                self.installation.db.write(move |tx| arrivals::part(tx, &Actor::operator(), id, None))?;
                ways.entry("hospital-31".into()).or_default().push(id);
                self.at(now + TimeDelta::days(12), Event::Recover { person: id });
            } else {
                let reception = arrivals::reception(&self.installation.rulebook, &desk, person);
                ways.entry(reception.receiver.code.clone()).or_default().push(person.id);
            }
        }
        for (receiver, people) in ways {
            let organisation = self.organisation(&receiver)?;
            if organisation.kind == OrganisationKind::ProvincialGroup {
                let province = organisation.place.province_prefix();
                self.at(now + TimeDelta::minutes(20), Event::Leave { giver: desk.code.clone(), province, people });
                continue;
            }
            self.hand_over(&desk.code, &receiver, None, &people)?;
            if organisation.kind == OrganisationKind::DistrictGroup {
                self.at(now + TimeDelta::minutes(110), Event::Admit { group: receiver, people });
            }
        }
        Ok(())
    }

    /// A district takes its people to a site.
    fn admit(&mut self, group: &str, people: &[TravellerId]) -> Result<()> {
        let group = self.organisation(group)?;
        let people = self.still_with(&group, people)?;
        let sites = self.installation.rulebook.organisations.at(OrganisationKind::Site, group.place);
        let Some(site) = sites.map(|site| site.code.clone()).next() else { return Ok(()) };
        self.hand_over(&group.code, &site, None, &people)
    }

    /// The day's transfers: everybody due and cleared, by where they are and where they go.
    fn transfers(&mut self, now: DateTime<Utc>, day: NaiveDate) -> Result<()> {
        let due = self.people(Wanted { transfer_on: Some(day), stock: Some(Stock::InShanghai), ..Wanted::default() })?;
        let mut ways: BTreeMap<(String, u8, bool), Vec<TravellerId>> = BTreeMap::new();
        for person in due {
            let is_later = self.pace.open_from.is_some() && person.party.uuid().as_u128() % 2 == 1;
            let province: u8 = person.destination.as_ref().and_then(|bound| bound.province.get(..2)?.parse().ok()).unwrap_or(0);
            let giver = person.custody.custodian.and_then(|id| self.installation.rulebook.organisations.with_id(id));
            if let (32..=34, Some(giver)) = (province, giver) {
                ways.entry((giver.code.clone(), province, is_later)).or_default().push(person.id);
            }
        }
        for ((giver, province, is_later), people) in ways {
            self.at(now + TimeDelta::minutes(if is_later { 495 } else { 120 }), Event::Leave { giver, province, people });
        }
        Ok(())
    }

    /// Puts the cleared among `people` on coaches of their province, parties together, and hands them to its group at the door.
    fn leave(&mut self, now: DateTime<Utc>, giver: &str, province: u8, people: &[TravellerId]) -> Result<()> {
        let giver = self.organisation(giver)?;
        let people = self.still_with(&giver, people)?;
        if people.is_empty() {
            return Ok(());
        }
        self.part_from_those_elsewhere(&people)?;
        let rulebook = &self.installation.rulebook;
        let today = time::civil_date(now);
        let clearances = self.installation.db.read(|conn| arrivals::clearances(conn, rulebook, &people, today))?;
        let mut parties: BTreeMap<_, Vec<TravellerId>> = BTreeMap::new();
        for clearance in clearances.iter().filter(|clearance| clearance.is_cleared()) {
            parties.entry(clearance.party).or_default().push(clearance.traveller);
        }
        let mut load = Vec::new();
        for party in parties.into_values() {
            if load.len() + party.len() > LOAD {
                self.depart(now, &giver, province, std::mem::take(&mut load))?;
            }
            load.extend(party);
        }
        self.depart(now, &giver, province, load)
    }

    /// Whoever was left behind by their party on the way is parted from it by a decision, or nobody of the party could go on.
    fn part_from_those_elsewhere(&self, people: &[TravellerId]) -> Result<()> {
        let parties = self.installation.db.read(|conn| arrivals::with_their_parties(conn, people))?;
        for person in parties.into_iter().filter(|person| !people.contains(&person.id)) {
            self.installation.db.write(move |tx| arrivals::part(tx, &Actor::operator(), person.id, None))?;
        }
        Ok(())
    }

    fn depart(&mut self, now: DateTime<Utc>, giver: &Organisation, province: u8, people: Vec<TravellerId>) -> Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let (group, hub) = (self.group_of(province)?, self.hub_of(province)?);
        let (departs_at, arrives_at) = (now + TimeDelta::minutes(30), now + TimeDelta::hours(4));
        let Some((vehicle, crew)) = self.pools.get_mut(&province).and_then(|pool| pool.take(now, arrives_at)) else {
            // Every coach is out: these people are moved when one is back.
            self.at(now + TimeDelta::hours(2), Event::Leave { giver: giver.code.clone(), province, people });
            return Ok(());
        };
        let new = NewTrip { vehicle, crew, legs: vec![Leg { from: giver.id(), to: hub.id(), departs_at, arrives_at }], load_cap: None };
        let actor = self.actor(&group.code)?;
        let (rulebook, seats) = (std::sync::Arc::clone(&self.installation.rulebook), people.clone());
        let trip = self.installation.db.write(move |tx| {
            let trip = dispatch::trip_create(tx, &actor, TimeDelta::minutes(60), &new)?;
            let wanted: Vec<SeatWanted> = seats.iter().copied().map(SeatWanted::any).collect();
            dispatch::seats_give(tx, &actor, &rulebook, trip.id, &wanted)?;
            dispatch::announce(tx, &actor, trip.id, None)?;
            dispatch::start_boarding(tx, &actor, trip.id, None)
        })?;
        self.tally.trips += 1;
        self.hand_over(&giver.code, &group.code, Some(trip.id), &people)?;
        if self.leaves_open() {
            return Ok(());
        }
        let actor = self.actor(&group.code)?;
        self.installation.db.write(move |tx| dispatch::depart(tx, &actor, trip.id, None, None))?;
        self.at(arrives_at, Event::Arrive { trip: trip.id, province, people });
        Ok(())
    }

    fn arrive(&mut self, now: DateTime<Utc>, trip: Id<dispatch::Trip>, province: u8, people: &[TravellerId]) -> Result<()> {
        let (group, hub) = (self.group_of(province)?, self.hub_of(province)?);
        let actor = self.actor(&group.code)?;
        self.installation.db.write(move |tx| {
            dispatch::arrive(tx, &actor, trip, None, None)?;
            dispatch::close(tx, &actor, trip, None)
        })?;
        let people = self.still_with(&group, people)?;
        self.hand_over(&group.code, &hub.code, None, &people)?;
        self.at(now + TimeDelta::hours(2), Event::Distribute { hub: hub.code, people });
        Ok(())
    }

    /// The hub sends each to the site of their transfer destination.
    fn distribute(&mut self, hub: &str, people: &[TravellerId]) -> Result<()> {
        let hub = self.organisation(hub)?;
        let people = self.still_with(&hub, people)?;
        let travellers = self.installation.db.read(|conn| arrivals::get(conn, &people))?;
        let mut sites: BTreeMap<String, Vec<TravellerId>> = BTreeMap::new();
        for person in travellers {
            let to = person.destination.map(|bound| bound.transfer_to).unwrap_or_default();
            let organisations = self.installation.rulebook.organisations.iter();
            let site = organisations.filter(|site| site.kind == OrganisationKind::Site).find(|site| site.place.to_string() == to);
            if let Some(site) = site {
                sites.entry(site.code.clone()).or_default().push(person.id);
            }
        }
        sites.into_iter().try_for_each(|(site, people)| self.hand_over(&hub.code, &site, None, &people))
    }

    /// Somebody is well again: the holds are lifted, and whoever has days left serves them at a site.
    fn recover(&mut self, person: TravellerId) -> Result<()> {
        let holds = self.installation.db.read(|conn| arrivals::holds_of(conn, person))?;
        for hold in holds.into_iter().filter(|hold| hold.lifted_at.is_none() && hold.kind == HoldKind::Medical) {
            self.installation.db.write(move |tx| arrivals::lift(tx, &Actor::operator(), hold.id, "两次核酸阴性，症状消失"))?;
        }
        let hospital = self.organisation("hospital-31")?;
        let people = self.still_with(&hospital, &[person])?;
        self.hand_over(&hospital.code, "site-310115-1", None, &people)
    }

    /// One handoff: offered, sometimes refused and offered again, accepted, sometimes with somebody missing.
    fn hand_over(&mut self, from: &str, to: &str, trip: Option<Id<dispatch::Trip>>, people: &[TravellerId]) -> Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let (giver, receiver) = (self.actor(from)?, self.actor(to)?);
        let rulebook = std::sync::Arc::clone(&self.installation.rulebook);
        let to: OrganisationCode = to.parse().map_err(Error::Refused)?;
        let offer = Offer { to_organisation: to, trip: trip.map(|trip| Id::from_uuid(trip.uuid())), travellers: people.to_vec(), answer_by: None };
        if self.rng.random_bool(0.004) {
            let (giver, receiver, offer, rulebook) = (giver.clone(), receiver.clone(), offer.clone(), std::sync::Arc::clone(&rulebook));
            let handoff = self.installation.db.write(move |tx| custody::offer(tx, &giver, &rulebook.routes, offer.clone()))?;
            let reason = "车辆未消毒".parse().map_err(Error::Refused)?;
            self.installation.db.write(move |tx| custody::refuse(tx, &receiver, handoff.id, None, Clone::clone(&reason)))?;
            self.tally.refusals += 1;
        }
        let handoff = self.installation.db.write(move |tx| custody::offer(tx, &giver, &rulebook.routes, offer.clone()))?;
        if self.leaves_open() {
            return Ok(());
        }
        let mut receipt = Receipt { counted: i32::try_from(people.len()).unwrap_or(i32::MAX), ..Receipt::default() };
        if people.len() > 1 && self.rng.random_bool(0.01) {
            let traveller = people[self.rng.random_range(0..people.len())];
            receipt.counted -= 1;
            receipt.exceptions.push(Exception { traveller, kind: ExceptionKind::Missing, reason: "未到集合点".parse().map_err(Error::Refused)? });
            self.tally.exceptions += 1;
        }
        self.installation.db.write(move |tx| custody::accept(tx, &receiver, handoff.id, None, receipt.clone())?.accepted())?;
        self.tally.handoffs += 1;
        Ok(())
    }

    /// Whether it is so late that people answer what is offered.
    fn leaves_open(&self) -> bool {
        self.pace.open_from.is_some_and(|from| self.context.clock.now() >= from)
    }

    fn people(&self, wanted: Wanted) -> Result<Vec<Traveller>> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest::new(after, Some(PageRequest::<TravellerId>::MOST));
            let page = self.installation.db.read(|conn| arrivals::list(conn, &Actor::operator(), wanted, page))?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Those of `people` whom `organisation` still answers for.
    fn still_with(&self, organisation: &Organisation, people: &[TravellerId]) -> Result<Vec<TravellerId>> {
        let people = self.installation.db.read(|conn| arrivals::get(conn, people))?;
        Ok(people.into_iter().filter(|person| person.custody.custodian == Some(organisation.id())).map(|person| person.id).collect())
    }

    fn actor(&self, code: &str) -> Result<Actor> {
        Ok(Actor::operator_for(code.parse().map_err(Error::Refused)?))
    }

    fn organisation(&self, code: &str) -> Result<Organisation> {
        let known = self.installation.rulebook.organisations.get(code).cloned();
        known.ok_or_else(|| Error::Internal(anyhow::anyhow!("the season needs the organisation {code}")))
    }

    fn group_of(&self, province: u8) -> Result<Organisation> {
        self.organisation(&format!("work-group-{province}"))
    }

    fn hub_of(&self, province: u8) -> Result<Organisation> {
        let organisations = &self.installation.rulebook.organisations;
        let hub = organisations.iter().find(|one| one.kind == OrganisationKind::Hub && one.place.province_prefix() == province).cloned();
        hub.ok_or_else(|| Error::Internal(anyhow::anyhow!("the season needs a hub in province {province}")))
    }

    /// A third of what there was in 2020: 54 coaches, as many drivers and escorts, for each province.
    fn staff_and_vehicles(&self, province: u8, from: NaiveDate) -> Result<Pool> {
        const N: u32 = 54;
        let group = self.group_of(province)?;
        let plates = match province {
            32 => "苏E",
            33 => "浙A",
            _ => "皖A",
        };
        let keyring = std::sync::Arc::clone(&self.installation.keyring);
        let (rule, free) = (LoadRule::from(&self.context.settings.fleet), time::midnight(from));
        self.installation.db.write(move |tx| {
            let actor = Actor::operator();
            let mut pool = Pool::default();
            for n in 0..N {
                let facts = VehicleFacts {
                    plate: format!("{plates}{}", 61_000 + n).parse().map_err(Error::Refused)?,
                    kind: VehicleKind::Coach,
                    seats: 49,
                    load_cap: None,
                    contact_cap: None,
                    wheelchairs: 1,
                    infants: 2,
                    luggage: None,
                    organisation: group.id(),
                    depot: None,
                    permit: Some(Permit { number: format!("{province}-{n:04}"), expires_on: from + Days::new(3_650) }),
                    in_service: true,
                };
                pool.vehicles.push((free, fleet::vehicle_add(tx, &actor, rule, facts)?.id));
                for (role, badge) in [(StaffRole::Driver, "D"), (StaffRole::Escort, "E")] {
                    let licence = (role == StaffRole::Driver).then_some(fleet::Licence::A1);
                    let facts =
                        StaffFacts { badge: format!("{province}{badge}{n:03}"), role, licence, organisation: group.id(), depot: None, in_service: true };
                    let name = format!("模拟{badge}{n:03}").parse().map_err(Error::Refused)?;
                    let staff = fleet::staff_add(tx, &actor, &keyring, facts, &name)?;
                    let into = if role == StaffRole::Driver { &mut pool.drivers } else { &mut pool.escorts };
                    into.push((free, staff.id));
                }
            }
            Ok(pool)
        })
    }
}
