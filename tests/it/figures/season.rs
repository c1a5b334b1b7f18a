//! A season of people who land and pass on, written straight into the ledger, with their entries kept aside for a recount.

use std::sync::Mutex;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use jiezhuan::base::{Id, time};
use jiezhuan::db::Url;
use jiezhuan::figures::{self, DayFigures, Report};
use jiezhuan::ledger::{self, Act, Cell, Custody, Entry, Passing, Stock};
use jiezhuan::places::Organisation;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use crate::support::{TestDb, at};

pub struct Season {
    pub db: TestDb,
    rng: StdRng,
    chains: Mutex<Vec<Vec<Entry>>>,
}

pub fn custodian(n: u128) -> Id<Organisation> {
    Id::from_uuid(Uuid::from_u128(1_000_000 + n))
}

pub fn cell(province: &str, city: &str, policy: &str) -> Cell {
    Cell { province: Some(province.into()), city: Some(city.into()), policy: Some(policy.into()) }
}

impl Season {
    pub fn new(db: TestDb, seed: u64) -> Self {
        db.at("2020-09-10 06:00");
        Self { db, rng: StdRng::seed_from_u64(seed), chains: Mutex::default() }
    }

    pub fn entries(&self) -> Vec<Vec<Entry>> {
        self.chains.lock().unwrap().clone()
    }

    /// The first and the last day that anything happened on.
    pub fn days(&self) -> (NaiveDate, NaiveDate) {
        let days: Vec<NaiveDate> = self.entries().iter().flatten().map(Entry::happened_on).collect();
        (*days.iter().min().unwrap(), *days.iter().max().unwrap())
    }

    pub fn today(&self) -> NaiveDate {
        time::civil_date(self.db.clock.now())
    }

    pub fn totals(&self, on: NaiveDate, as_of: Option<DateTime<Utc>>) -> DayFigures {
        self.db.db.read(|conn| figures::totals(conn, on, as_of)).unwrap()
    }

    pub fn verify(&self) -> Report {
        self.db.db.read(|conn| figures::verify(conn, &mut |_, _| ())).unwrap()
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.rng.random_bool(p)
    }

    /// A day from a week ago to tomorrow.
    pub fn some_day_lately(&mut self) -> NaiveDate {
        self.today() + Days::new(1) - Days::new(self.rng.random_range(0..=8))
    }

    pub fn land(&self, n: usize, cell: Cell, happened_at: DateTime<Utc>) {
        let first = self.chains.lock().unwrap().len() as u128;
        let landed: Vec<_> = (0..n as u128).map(|n| self.landed(first + n, &cell, happened_at)).collect();
        self.write(&landed, Vec::new());
        self.chains.lock().unwrap().extend(landed.into_iter().map(|(_, entry)| vec![entry]));
    }

    /// For several threads at once, which choose their own numbers.
    pub fn land_one(&self, number: u128, cell: Cell, happened_at: DateTime<Utc>) {
        self.land_slowly(number, cell, happened_at, || ());
    }

    /// Calls `linger` when all is written and nothing is committed.
    pub fn land_slowly(&self, number: u128, cell: Cell, happened_at: DateTime<Utc>, linger: impl Fn() + Send + 'static) {
        let landed = self.landed(number, &cell, happened_at);
        self.write_slowly(std::slice::from_ref(&landed), Vec::new(), linger);
        self.chains.lock().unwrap().push(vec![landed.1]);
    }

    fn landed(&self, number: u128, cell: &Cell, happened_at: DateTime<Utc>) -> (Custody, Entry) {
        Custody::land(Id::from_uuid(Uuid::from_u128(number + 1)), custodian(0), cell.clone(), &self.act(happened_at))
    }

    pub fn pass(&mut self, who: &[usize], passing: Passing, happened_at: DateTime<Utc>) {
        let act = self.act(happened_at);
        let passed = self.follow(who, |custody, cell| custody.follow(passing, cell, &act).unwrap());
        self.write(&passed, Vec::new());
        self.keep(who, passed);
    }

    pub fn reassign(&mut self, who: &[usize], cell: Cell, happened_at: DateTime<Utc>) {
        let act = self.act(happened_at);
        let left: Vec<Cell> = who.iter().map(|who| self.last(*who).cell).collect();
        let passed = self.follow(who, |custody, _| custody.follow(Passing::Reassign, cell.clone(), &act).unwrap());
        self.write(&passed, left);
        self.keep(who, passed);
    }

    /// One act of chance: a flight, people who pass on, people whose destination changes; learnt at once or days later.
    pub fn random_act(&mut self) {
        self.db.clock.set(self.db.clock.now() + Duration::minutes(self.rng.random_range(20..240)));
        let now = self.db.clock.now();
        let policies = ["7+7", "3+11"];
        let places = [cell("320000", "320500", policies[self.rng.random_range(0..2)]), cell("330000", "330100", "3+11"), Cell::default()];
        let some_cell = places[self.rng.random_range(0..places.len())].clone();
        let n_people = self.chains.lock().unwrap().len();
        let mut who: Vec<usize> = (0..self.rng.random_range(1..7)).map(|_| self.rng.random_range(0..n_people.max(1))).collect();
        who.sort_unstable();
        who.dedup();
        who.retain(|who| *who < n_people && self.last(*who).to.is_some());
        if who.is_empty() || self.rng.random_bool(0.3) {
            let n = self.rng.random_range(1..6);
            let late = Duration::minutes(self.rng.random_range(0..3_000));
            return self.land(n, some_cell, now - late);
        }
        let earliest = who.iter().map(|who| self.last(*who).happened_at).max().unwrap();
        let span = (now - earliest).num_minutes().min(4_000);
        let happened_at = now - Duration::minutes(if self.rng.random_bool(0.5) { 0 } else { self.rng.random_range(0..=span) });
        match self.rng.random_range(0..10) {
            0 => self.reassign(&who, some_cell, happened_at),
            1 => self.pass(&who, Passing::Release, happened_at),
            2 => self.pass(&who, Passing::Leave, happened_at),
            _ => {
                let stock = Stock::ALL[self.rng.random_range(0..5)];
                let receiver = custodian(self.rng.random_range(1..9));
                self.pass(&who, Passing::To(receiver, stock), happened_at);
            }
        }
    }

    fn act(&self, happened_at: DateTime<Utc>) -> Act {
        Act { id: Uuid::from_u128(5), actor: "desk".into(), happened_at, recorded_at: self.db.clock.now() }
    }

    fn last(&self, who: usize) -> Entry {
        self.chains.lock().unwrap()[who].last().unwrap().clone()
    }

    fn follow(&self, who: &[usize], next: impl Fn(Custody, Cell) -> (Custody, Entry)) -> Vec<(Custody, Entry)> {
        let chains = self.chains.lock().unwrap();
        who.iter().map(|who| next(Custody::fold(&chains[*who]).unwrap().unwrap(), chains[*who].last().unwrap().cell.clone())).collect()
    }

    fn keep(&self, who: &[usize], passed: Vec<(Custody, Entry)>) {
        let mut chains = self.chains.lock().unwrap();
        who.iter().zip(passed).for_each(|(who, (_, entry))| chains[*who].push(entry));
    }

    fn write(&self, passed: &[(Custody, Entry)], left: Vec<Cell>) {
        self.write_slowly(passed, left, || ());
    }

    fn write_slowly(&self, passed: &[(Custody, Entry)], left: Vec<Cell>, linger: impl Fn() + Send + 'static) {
        let rows: String = passed.iter().map(|(custody, entry)| self.traveller(custody, entry)).collect();
        let entries: Vec<Entry> = passed.iter().map(|(_, entry)| entry.clone()).collect();
        let write = self.db.db.write(move |tx| {
            if left.is_empty() {
                ledger::append(tx, entries.clone())?;
            } else {
                ledger::append_reassigned(tx, left.iter().cloned().zip(entries.clone()).collect())?;
            }
            tx.batch(&rows)?;
            linger();
            Ok(())
        });
        write.unwrap();
    }

    /// The statement that makes a traveller's row, or brings it up to the last entry.
    fn traveller(&self, custody: &Custody, entry: &Entry) -> String {
        let text = |text: &Option<String>| text.as_ref().map_or("NULL".into(), |text| format!("'{text}'"));
        let (id, hash, stock) = (self.id(custody.traveller.uuid()), self.bytes(&custody.hash), custody.stock.name());
        let holder = custody.custodian.map_or("NULL".into(), |custodian| self.id(custodian.uuid()));
        let (province, city, policy) = (text(&entry.cell.province), text(&entry.cell.city), text(&entry.cell.policy));
        let seq = custody.seq;
        if seq > 1 {
            return format!(
                "UPDATE travellers SET stock = '{stock}', custodian_id = {holder}, custody_seq = {seq}, custody_hash = {hash}, \
                 province = {province}, city = {city}, policy = {policy} WHERE id = {id};"
            );
        }
        let landed = self.at(entry.happened_at);
        format!(
            "INSERT INTO travellers (id, flight_id, party_id, document_hash, nationality, journey, name_hash, province, city, policy, landed_at, stock, \
             custodian_id, custody_seq, custody_hash, updated_at) VALUES ({id}, {id}, {id}, {document}, 'CHN', 1, {document}, {province}, {city}, {policy}, \
             {landed}, '{stock}', {holder}, {seq}, {hash}, {landed});",
            document = self.bytes(custody.traveller.uuid().as_bytes()),
        )
    }

    fn is_sqlite(&self) -> bool {
        matches!(self.db.db.url(), Url::Sqlite(_))
    }

    /// An id as this engine writes it.
    pub fn id(&self, id: Uuid) -> String {
        if self.is_sqlite() { format!("X'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.is_sqlite() { format!("X'{hex}'") } else { format!("'\\x{hex}'::bytea") }
    }

    /// An instant as this engine writes it.
    pub fn at(&self, instant: DateTime<Utc>) -> String {
        if self.is_sqlite() { instant.timestamp_micros().to_string() } else { format!("'{}'::timestamptz", instant.to_rfc3339()) }
    }

    /// A local time as this engine writes it.
    pub fn local(&self, local: &str) -> String {
        self.at(at(local))
    }

    /// Statements that leave `table` with its rows and without its rules.
    pub fn loosen(&self, table: &str) -> String {
        let cascade = if self.is_sqlite() { "" } else { "CASCADE" };
        format!("CREATE TABLE loose AS SELECT * FROM {table}; DROP TABLE {table} {cascade}; ALTER TABLE loose RENAME TO {table};")
    }
}
