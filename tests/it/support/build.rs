//! What tests of the operation begin with: the organisations of the shipped configuration, vehicles, staff, and travellers who are
//! cleared to move on 2020-09-15. Travellers are written straight into their table: how they get there is tested elsewhere.

use diesel::RunQueryDsl;
use diesel::sql_types::{Binary, Text};
use jiezhuan::access::{self, Actor, Keyring, NewUser, Role};
use jiezhuan::arrivals::TravellerId;
use jiezhuan::base::{Id, IdSource};
use jiezhuan::db::{At, Instant, Key};
use jiezhuan::dispatch::Leg;
use jiezhuan::fleet::{self, Licence, LoadRule, Permit, Staff, StaffFacts, StaffRole, Vehicle, VehicleFacts, VehicleKind};
use jiezhuan::places::{self, Organisation};
use jiezhuan::policy::Rulebook;

use super::{TestDb, at};

/// Writes the shipped organisations into the database and returns what is in force.
pub fn rulebook(db: &TestDb) -> std::sync::Arc<Rulebook> {
    let rulebook = std::sync::Arc::new(Rulebook::embedded().expect("the shipped data"));
    let named = std::sync::Arc::clone(&rulebook);
    db.db.write(move |tx| places::register(tx, &named.organisations)).expect("the organisations are written");
    rulebook
}

/// A user with this role and scope, come in by a token.
pub fn actor(db: &TestDb, name: &'static str, role: Role, scope: &str) -> Actor {
    let scope = Some(scope.parse().expect("a scope"));
    let new = NewUser { name: name.parse().expect("a name"), display_name: name.into(), role, scope, organisation: None };
    let expires_at = db.clock.now() + chrono::TimeDelta::days(1);
    let token = db.db.write(move |tx| {
        let user = access::user_add(tx, &Actor::operator(), new.clone(), None)?;
        access::token_add(tx, &Actor::operator(), &user.name, "test", expires_at)
    });
    let (_, secret) = token.expect("a token");
    db.db.read(|conn| access::actor_of(conn, secret.expose(), db.clock.now())).expect("the token's user")
}

/// Facts of a coach of Jiangsu's work group, its permit good until the end of 2020: 49 seats, 40 in front, 24 may ride.
pub fn coach(plate: &str) -> VehicleFacts {
    VehicleFacts {
        plate: plate.parse().expect("a plate"),
        kind: VehicleKind::Coach,
        seats: 49,
        load_cap: None,
        contact_cap: None,
        wheelchairs: 0,
        infants: 0,
        luggage: None,
        depot: None,
        organisation: Organisation::id_of("work-group-32"),
        permit: Some(Permit { number: "苏0001".into(), expires_on: "2020-12-31".parse().expect("a date") }),
        in_service: true,
    }
}

pub fn vehicle(db: &TestDb, facts: VehicleFacts) -> Vehicle {
    db.db.write(move |tx| fleet::vehicle_add(tx, &Actor::operator(), LoadRule::default(), facts.clone())).expect("the vehicle is added")
}

/// Facts of a driver of Jiangsu's work group with an A1 licence.
pub fn driver(badge: &str) -> StaffFacts {
    StaffFacts {
        badge: badge.into(),
        role: StaffRole::Driver,
        licence: Some(Licence::A1),
        organisation: Organisation::id_of("work-group-32"),
        depot: None,
        in_service: true,
    }
}

pub fn staff(db: &TestDb, facts: StaffFacts) -> Staff {
    let keyring = Keyring::generate(&IdSource::seeded(1));
    let name = "甲某".parse().expect("a name");
    db.db.write(move |tx| fleet::staff_add(tx, &Actor::operator(), &keyring, facts.clone(), &name)).expect("the staff member is added")
}

/// One leg from the desk at Pudong to Suzhou's squad.
pub fn to_suzhou(departs: &str, arrives: &str) -> Vec<Leg> {
    vec![Leg { from: Organisation::id_of("desk-pvg"), to: Organisation::id_of("squad-320500"), departs_at: at(departs), arrives_at: at(arrives) }]
}

/// Two coaches with crews at the hub of Jiangsu.
pub fn fleet(db: &TestDb) {
    vehicle(db, coach("苏A00001"));
    vehicle(db, coach("苏A00002"));
    for n in 1..=4 {
        staff(db, driver(&format!("D{n}")));
        staff(db, StaffFacts { role: StaffRole::Escort, licence: None, ..driver(&format!("E{n}")) });
        staff(db, StaffFacts { role: StaffRole::Medic, licence: None, ..driver(&format!("M{n}")) });
    }
}

/// Parties of these sizes who landed on 2020-09-12, bound for Suzhou under 3+11, their tests of day 3 negative.
pub fn parties(db: &TestDb, sizes: &[usize]) -> Vec<Vec<TravellerId>> {
    let sizes = sizes.to_vec();
    db.db
        .write(move |tx| {
            let flight: Id<()> = tx.new_id();
            let mut parties = Vec::new();
            for &size in &sizes {
                let party: Id<()> = tx.new_id();
                let mut members = Vec::new();
                for _ in 0..size {
                    let id: TravellerId = tx.new_id();
                    let insert = "INSERT INTO travellers (id, flight_id, party_id, document_hash, nationality, journey, name_hash, destination, city, \
                                  province, transfer_to, policy, policy_version, landed_at, transfer_on, release_on, stock, custodian_id, custody_seq, \
                                  custody_hash, updated_at) VALUES ($1, $2, $3, $4, 'CHN', 1, $4, '320500', '320500', '320000', '320500', '3+11', 1, $5, \
                                  '2020-09-15', '2020-09-26', 'in_shanghai', $6, 1, $7, $5)";
                    diesel::sql_query(insert)
                        .bind::<Key, _>(id)
                        .bind::<Key, _>(flight)
                        .bind::<Key, _>(party)
                        .bind::<Binary, _>(id.uuid().as_bytes().to_vec())
                        .bind::<Instant, _>(At(at("2020-09-12 08:00")))
                        .bind::<Key, _>(Organisation::id_of("group-310115"))
                        .bind::<Binary, _>(vec![0; 32])
                        .execute(&mut **tx)?;
                    for kind in ["nucleic_acid", "antibody"] {
                        let insert = "INSERT INTO test_results (id, traveller_id, document_hash, kind, result, sampled_at, recorded_at, recorded_by) \
                                      VALUES ($1, $2, $3, $4, 'negative', $5, $5, 'lab')";
                        diesel::sql_query(insert)
                            .bind::<Key, _>(tx.new_id::<()>())
                            .bind::<Key, _>(id)
                            .bind::<Binary, _>(id.uuid().as_bytes().to_vec())
                            .bind::<Text, _>(kind)
                            .bind::<Instant, _>(At(at("2020-09-14 10:00")))
                            .execute(&mut **tx)?;
                    }
                    members.push(id);
                }
                parties.push(members);
            }
            Ok(parties)
        })
        .expect("the travellers are written")
}

/// Runs one statement about one traveller, whose id is its `$1`.
pub fn alter(db: &TestDb, traveller: TravellerId, sql: &'static str) {
    let changed = db.db.write(move |tx| Ok(diesel::sql_query(sql).bind::<Key, _>(traveller).execute(&mut **tx)?));
    assert!(changed.expect(sql) > 0, "{sql}");
}
