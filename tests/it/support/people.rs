//! People for tests: organisations as they are shipped, and travellers whom the desk of Pudong has just let in.

use std::sync::{Arc, LazyLock};

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Date};
use jiezhuan::access::Actor;
use jiezhuan::arrivals::{self, Party, TravellerId};
use jiezhuan::base::Id;
use jiezhuan::db::{At, Db, Instant, Key};
use jiezhuan::ledger::{self, Act, Cell, Custody};
use jiezhuan::places::{self, Organisation, Organisations, Places};
use jiezhuan::policy::{InForce, Rulebook, Texts};

/// The desk that [`land`] lands people at.
pub const DESK: &str = "desk-pvg";

/// Registers the organisations that are part of the program.
pub fn register_organisations(db: &Db) {
    let places = Places::embedded().unwrap();
    db.write(move |tx| places::register(tx, &Organisations::embedded(&places)?)).unwrap();
}

/// The data that is part of the program.
pub fn rulebook() -> &'static Arc<Rulebook> {
    static RULEBOOK: LazyLock<Arc<Rulebook>> = LazyLock::new(|| Arc::new(Rulebook::embedded().unwrap()));
    &RULEBOOK
}

/// The same, as a node of its own hears of it.
pub fn in_force() -> Arc<InForce> {
    Arc::new(InForce::of_files(Texts::EMBEDDED).unwrap())
}

/// The operator, acting for an organisation.
pub fn by(code: &str) -> Actor {
    Actor::operator_for(code.parse().unwrap())
}

/// The id of an organisation.
pub fn organisation(code: &str) -> Id<Organisation> {
    Organisation::id_of(code)
}

/// Lands people bound for Kunshan, now, in parties of these sizes; in the order of their parties.
pub fn land(db: &Db, parties: &[usize]) -> Vec<TravellerId> {
    let parties = parties.to_vec();
    db.write(move |tx| {
        let mut landed = Vec::new();
        for &size in &parties {
            let party = tx.new_id::<Party>();
            let mut members: Vec<TravellerId> = (0..size).map(|_| tx.new_id()).collect();
            members.sort_unstable();
            landed.extend(members.into_iter().map(|id| (id, party)));
        }
        let cell = Cell { province: Some("320000".into()), city: Some("320500".into()), policy: Some("3+11".into()) };
        let act = Act { id: tx.new_id::<()>().uuid(), actor: "roster".into(), happened_at: tx.now(), recorded_at: tx.now() };
        let mut entries = Vec::new();
        for &(id, party) in &landed {
            let (custody, entry) = Custody::land(id, organisation(DESK), cell.clone(), &act);
            entries.push(entry);
            let document: [u8; 32] = tx.chance().bytes();
            let sql = "INSERT INTO travellers (id, flight_id, party_id, document_hash, nationality, journey, name_hash, destination, city, province, transfer_to, \
                       policy, policy_version, landed_at, transfer_on, release_on, stock, custodian_id, custody_seq, custody_hash, updated_at) \
                       VALUES ($1, $2, $3, $4, 'CHN', 1, $4, '320583', '320500', '320000', '320500', '3+11', 1, $5, $6, $7, 'at_port', $8, 1, $9, $5)";
            let today = jiezhuan::base::time::civil_date(tx.now());
            diesel::sql_query(sql)
                .bind::<Key, _>(id)
                .bind::<Key, _>(Id::<()>::from_uuid(uuid::Uuid::from_u128(588)))
                .bind::<Key, _>(party)
                .bind::<Binary, _>(document.to_vec())
                .bind::<Instant, _>(At(tx.now()))
                .bind::<Date, _>(today + chrono::Days::new(3))
                .bind::<Date, _>(today + chrono::Days::new(14))
                .bind::<Key, _>(organisation(DESK))
                .bind::<Binary, _>(custody.hash.to_vec())
                .execute(&mut **tx)?;
        }
        ledger::append(tx, entries)?;
        Ok(landed.into_iter().map(|(id, _)| id).collect())
    })
    .unwrap()
}

/// Folds the whole ledger and holds what is cached of everybody, and the lines and flows, against it.
pub fn expect_clean_ledger(db: &Db) {
    let n_chains = db
        .read(|conn| {
            let mut folded = Vec::new();
            ledger::each_chain(conn, |chain| {
                folded.push(Custody::fold(chain).expect("the chain is whole").expect("a chain has an entry"));
                Ok(())
            })?;
            let ids: Vec<TravellerId> = folded.iter().map(|custody| custody.traveller).collect();
            let cached: Vec<Custody> = arrivals::get(conn, &ids)?.into_iter().map(|traveller| traveller.custody).collect();
            assert_eq!(cached, folded);
            Ok(folded.len())
        })
        .unwrap();
    assert_eq!(number(db, "SELECT count(*) AS n FROM travellers"), n_chains as i64);
    let n_odd = "SELECT count(*) AS n FROM handoff_people p JOIN handoffs h ON h.id = p.handoff_id WHERE p.is_open <> (h.answered_at IS NULL)";
    assert_eq!(number(db, n_odd), 0, "lines are open exactly while their handoff waits");
    assert_eq!(number(db, "SELECT (SELECT count(*) FROM custody_entries) - (SELECT coalesce(sum(n), 0) FROM custody_flows) AS n"), 0);
}

/// The number that a query gives as `n`.
pub fn number(db: &Db, sql: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let sql = sql.to_owned();
    db.read(move |conn| Ok(diesel::sql_query(sql).get_result::<Number>(conn)?.n)).unwrap()
}

/// Runs a statement behind the program's back.
pub fn execute(db: &Db, sql: &str) -> jiezhuan::base::Result<usize> {
    let sql = sql.to_owned();
    db.write(move |tx| Ok(diesel::sql_query(sql.clone()).execute(&mut **tx)?))
}

/// Sets the day on which everybody's term is over.
pub fn end_terms_on(db: &Db, day: &str) {
    let day: chrono::NaiveDate = day.parse().unwrap();
    db.write(move |tx| Ok(diesel::sql_query("UPDATE travellers SET release_on = $1").bind::<Date, _>(day).execute(&mut **tx)?)).unwrap();
}
