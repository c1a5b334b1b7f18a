//! The schema's versions: the same on both engines, the same as the code believes, and each can be taken back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use diesel::migration::{Migration, MigrationSource};
use diesel::sql_types::{Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use jiezhuan::db::Url;

use crate::support::{TestDb, on_both_engines};

/// The columns of an engine, without those that it computes itself. SQLite keeps a BIGINT as an INTEGER.
const SQLITE_COLUMNS: &str = "SELECT t.name AS of_table, c.name AS name, replace(c.type, 'BIGINT', 'INTEGER') AS kind, c.\"notnull\" = 0 AND c.pk = 0 AS is_nullable, c.pk > 0 AS is_key \
    FROM sqlite_schema t, pragma_table_info(t.name) c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '%diesel%' ORDER BY 1, 2";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS of_table, column_name::text AS name, data_type::text AS kind, is_nullable = 'YES' AS is_nullable, \
    EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
    WHERE i.indisprimary AND i.indrelid = format('%I.%I', table_schema, table_name)::regclass AND a.attname = column_name) AS is_key \
    FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name NOT LIKE '%diesel%' ORDER BY 1, 2";

/// The indexes that were made as such; those that hold a constraint are the engine's own affair.
const SQLITE_INDEXES: &str = "SELECT name, tbl_name AS of_table FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1";
const POSTGRES_INDEXES: &str = "SELECT indexname::text AS name, tablename::text AS of_table FROM pg_indexes \
    WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY 1";

/// Indexes of SQLite whose work a constraint of PostgreSQL does: no overlapping use of a vehicle or a person is an exclusion there.
const BY_CONSTRAINT: &[&str] = &["bookings_by_resource"];

/// How each engine keeps what `src/db/schema.rs` calls by one name.
const KINDS: &[(&str, &str, &str)] = &[
    ("BigInt", "INTEGER", "bigint"),
    ("Binary", "BLOB", "bytea"),
    ("Bool", "BOOLEAN", "boolean"),
    ("Date", "DATE", "date"),
    ("Document", "TEXT", "jsonb"),
    ("Instant", "INTEGER", "timestamp with time zone"),
    ("Integer", "INTEGER", "integer"),
    ("Key", "BLOB", "uuid"),
    ("Text", "TEXT", "text"),
];

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
    #[diesel(sql_type = Bool)]
    is_key: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    of_table: String,
}

/// What there is in a migrated database.
#[derive(Debug, PartialEq, Eq)]
struct Schema {
    columns: BTreeSet<Column>,
    indexes: BTreeSet<Index>,
}

/// A connection of its own, past the pool and the one writer.
enum Door {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Door {
    fn to(db: &TestDb) -> Self {
        match Url::parse(&db.url).unwrap() {
            Url::Sqlite(file) => Self::Sqlite(SqliteConnection::establish(&file.to_string_lossy()).unwrap()),
            Url::Postgres(url) => Self::Postgres(PgConnection::establish(&url).unwrap()),
        }
    }

    fn schema(&mut self) -> Schema {
        match self {
            Self::Sqlite(conn) => Schema {
                columns: sql_query(SQLITE_COLUMNS).load(conn).unwrap().into_iter().collect(),
                indexes: sql_query(SQLITE_INDEXES).load(conn).unwrap().into_iter().collect(),
            },
            Self::Postgres(conn) => Schema {
                columns: sql_query(POSTGRES_COLUMNS).load(conn).unwrap().into_iter().collect(),
                indexes: sql_query(POSTGRES_INDEXES).load(conn).unwrap().into_iter().collect(),
            },
        }
    }

    fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    fn take_back_all(&mut self) {
        let migrations = FileBasedMigrations::from_path(folder(self.engine())).unwrap();
        match self {
            Self::Sqlite(conn) => drop(conn.revert_all_migrations(migrations).unwrap()),
            Self::Postgres(conn) => drop(conn.revert_all_migrations(migrations).unwrap()),
        }
    }

    fn run_all(&mut self) {
        let migrations = FileBasedMigrations::from_path(folder(self.engine())).unwrap();
        match self {
            Self::Sqlite(conn) => drop(conn.run_pending_migrations(migrations).unwrap()),
            Self::Postgres(conn) => drop(conn.run_pending_migrations(migrations).unwrap()),
        }
    }
}

fn folder(engine: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine)
}

fn names<DB: diesel::backend::Backend>(engine: &str) -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<DB>>> = FileBasedMigrations::from_path(folder(engine)).unwrap().migrations().unwrap();
    let mut names: Vec<String> = migrations.iter().map(|migration| migration.name().to_string()).collect();
    names.sort();
    names
}

/// The columns as `src/db/schema.rs` writes them down, in an engine's own words.
fn believed(engine: &str) -> BTreeSet<Column> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs")).unwrap();
    let (mut table, mut keys, mut columns) = (String::new(), Vec::new(), BTreeSet::new());
    for line in text.lines().map(str::trim) {
        if let Some((name, key)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name.to_owned();
            keys = key.split(", ").map(str::to_owned).collect();
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let (_, sqlite, postgres) =
                KINDS.iter().find(|(ours, ..)| *ours == inner.unwrap_or(kind)).unwrap_or_else(|| panic!("{table}.{name}: {kind} is not in KINDS"));
            columns.insert(Column {
                of_table: table.clone(),
                name: name.to_owned(),
                kind: (if engine == "sqlite" { sqlite } else { postgres }).to_string(),
                is_nullable: inner.is_some(),
                is_key: keys.iter().any(|key| key == name),
            });
        }
    }
    columns
}

#[test]
fn both_engines_have_migrations_of_the_same_names() {
    let names = names::<diesel::sqlite::Sqlite>("sqlite");
    assert_eq!(names, self::names::<diesel::pg::Pg>("postgres"));
    assert!(!names.is_empty());
}

#[test]
fn both_engines_have_the_same_indexes() {
    let [Some(sqlite), Some(postgres)] = [crate::support::Engine::Sqlite, crate::support::Engine::Postgres].map(TestDb::on) else { return };
    let (mut sqlite, postgres) = (Door::to(&sqlite).schema().indexes, Door::to(&postgres).schema().indexes);
    sqlite.retain(|index| !BY_CONSTRAINT.contains(&index.name.as_str()));
    assert_eq!(sqlite, postgres);
}

on_both_engines! {
    fn the_schema_is_what_the_code_believes(db: TestDb) {
        let mut door = Door::to(&db);
        let (found, believed) = (door.schema().columns, believed(door.engine()));
        let (unknown, missing): (Vec<_>, Vec<_>) = (found.difference(&believed).collect(), believed.difference(&found).collect());
        assert!(unknown.is_empty() && missing.is_empty(), "only in the database: {unknown:#?}\nonly in schema.rs: {missing:#?}");
    }

    fn every_migration_can_be_taken_back_and_run_again(db: TestDb) {
        let mut door = Door::to(&db);
        let before = door.schema();
        door.take_back_all();
        let after = door.schema();
        assert!(after.columns.is_empty() && after.indexes.is_empty(), "left behind: {after:#?}");
        door.run_all();
        assert_eq!(door.schema(), before);
    }
}
