//! What is in a database, read past the program: every row, and every rule that the engine holds.

use std::collections::BTreeMap;

use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use jiezhuan::db::Url;

/// What is not copied: which migrations ran when, and which nodes were at work.
const NOT_COPIED: [&str; 2] = ["__diesel_schema_migrations", "workers"];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    body: String,
}

enum Door {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Door {
    fn to(url: &str) -> Self {
        match Url::parse(url).unwrap() {
            Url::Sqlite(file) => Self::Sqlite(SqliteConnection::establish(&file.to_string_lossy()).unwrap()),
            Url::Postgres(url) => Self::Postgres(PgConnection::establish(&url).unwrap()),
        }
    }

    fn column(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Row> = match self {
            Self::Sqlite(conn) => sql_query(sql).load(conn).unwrap(),
            Self::Postgres(conn) => sql_query(sql).load(conn).unwrap(),
        };
        rows.into_iter().map(|row| row.body).collect()
    }
}

/// A value as SQLite writes it; a document's form does not matter, as PostgreSQL keeps its own.
fn as_written(value: &str) -> String {
    let text = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let document = text.filter(|text| text.starts_with(['{', '['])).and_then(|text| serde_json::from_str::<serde_json::Value>(&text.replace("''", "'")).ok());
    document.map_or_else(|| value.to_owned(), |document| sorted(&document))
}

fn sorted(document: &serde_json::Value) -> String {
    match document {
        serde_json::Value::Object(fields) => {
            let fields: BTreeMap<&String, String> = fields.iter().map(|(name, value)| (name, sorted(value))).collect();
            format!("{fields:?}")
        }
        serde_json::Value::Array(values) => format!("{:?}", values.iter().map(sorted).collect::<Vec<_>>()),
        value => value.to_string(),
    }
}

/// The rows of each table, in an engine's own words.
pub fn rows(url: &str) -> BTreeMap<String, Vec<String>> {
    let mut door = Door::to(url);
    let tables = match &door {
        Door::Sqlite(_) => "SELECT name AS body FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        Door::Postgres(_) => "SELECT relname::text AS body FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    };
    let mut tables = door.column(tables);
    tables.retain(|table| !NOT_COPIED.contains(&table.as_str()));
    let rows = tables.into_iter().map(|table| {
        let mut rows = match &door {
            Door::Sqlite(_) => {
                let columns = door.column(&format!("SELECT 'quote(\"' || name || '\")' AS body FROM pragma_table_xinfo('{table}')"));
                let rows = door.column(&format!("SELECT {} AS body FROM {table}", columns.join(" || char(31) || ")));
                rows.into_iter().map(|row| row.split('\u{1f}').map(as_written).collect::<Vec<_>>().join(" | ")).collect::<Vec<_>>()
            }
            Door::Postgres(_) => door.column(&format!("SELECT t::text AS body FROM {table} AS t")),
        };
        rows.sort();
        (table, rows)
    });
    rows.collect()
}

/// Constraints, triggers and indexes.
pub fn rules(url: &str) -> Vec<String> {
    let mut door = Door::to(url);
    let mut rules = match &door {
        Door::Sqlite(_) => door.column("SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS body FROM sqlite_schema"),
        Door::Postgres(_) => door.column(
            "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated::text AS body FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace \
             UNION ALL SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal \
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        ),
    };
    rules.sort();
    rules
}
