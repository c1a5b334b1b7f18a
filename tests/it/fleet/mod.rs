//! Rosters of vehicles and of staff as their users see them: what becomes of each row, in every form that a file comes in.

mod command;
mod files;
mod rows;

use std::io::Cursor;
use std::sync::Arc;

use jiezhuan::access::{Actor, Keyring};
use jiezhuan::base::draft::Outcome;
use jiezhuan::base::page::PageRequest;
use jiezhuan::base::{IdSource, Language};
use jiezhuan::exchange::{self, Fleet, Format, Kind, Opened};
use jiezhuan::fleet::{self, Import, LoadRule, Staff, Vehicle};
use jiezhuan::policy::Rulebook;

use crate::support::{TestDb, build};

/// A database with its organisations and its keys, and who imports.
struct Garage {
    db: TestDb,
    keyring: Arc<Keyring>,
    rulebook: Arc<Rulebook>,
    actor: Actor,
}

impl Garage {
    fn new(db: TestDb) -> Self {
        let rulebook = build::rulebook(&db);
        Self { db, keyring: Arc::new(Keyring::generate(&IdSource::seeded(7))), rulebook, actor: Actor::operator() }
    }

    /// Imports a file, which is found to be what it is.
    fn import(&self, bytes: impl Into<Vec<u8>>) -> Outcome {
        self.take(bytes, None, false)
    }

    fn take(&self, bytes: impl Into<Vec<u8>>, kind: Option<Kind>, dry_run: bool) -> Outcome {
        let (db, keyring, rulebook, actor) = (&self.db.db, &self.keyring, &self.rulebook, &self.actor);
        let import = Import { db, keyring, rulebook, rule: LoadRule::default(), actor, dry_run };
        let outcome = match exchange::open(Cursor::new(bytes.into()), kind).unwrap() {
            Opened::Fleet(Fleet::Vehicles(mut table)) => {
                let header = table.column_names();
                import.vehicles(table.vehicles().unwrap(), &header).unwrap()
            }
            Opened::Fleet(Fleet::Staff(mut table)) => {
                let header = table.column_names();
                import.staff(table.staff().unwrap(), &header).unwrap()
            }
            Opened::Roster(_) | Opened::Results(_) => panic!("not taken for a list of vehicles or staff"),
        };
        assert_eq!(outcome.rows, outcome.new + outcome.same + outcome.changed + outcome.rejected);
        outcome
    }

    fn export(&self, kind: Kind, format: Format, language: Language) -> Vec<u8> {
        let organisations = &self.rulebook.organisations;
        let listing = self.db.db.read(|conn| match kind {
            Kind::Staff => fleet::staff_listing(conn, &self.actor, &self.keyring, organisations, language),
            _ => fleet::vehicles_listing(conn, &self.actor, organisations, language),
        });
        format.write(&listing.unwrap()).unwrap()
    }

    fn vehicles(&self) -> Vec<Vehicle> {
        self.db.db.read(|conn| fleet::vehicles_list(conn, &Actor::operator(), &PageRequest::new(None, Some(500)))).unwrap().items
    }

    fn staff(&self) -> Vec<Staff> {
        self.db.db.read(|conn| fleet::staff_list(conn, &Actor::operator(), &PageRequest::new(None, Some(500)))).unwrap().items
    }

    fn name(&self, member: &Staff) -> String {
        let names = self.db.db.read(|conn| fleet::staff_names(conn, &self.keyring, &[member.id])).unwrap();
        names[0].1.expose().to_owned()
    }
}

/// Rows, new, same, changed, rejected.
fn counts(outcome: &Outcome) -> [u64; 5] {
    [outcome.rows, outcome.new, outcome.same, outcome.changed, outcome.rejected]
}

/// Each problem as `line column code`.
fn told(outcome: &Outcome) -> Vec<String> {
    let problem = |problem: &jiezhuan::base::draft::Problem| format!("{} {} {}", problem.line, problem.column.as_deref().unwrap_or("-"), problem.code.as_str());
    outcome.problems.iter().map(problem).collect()
}
