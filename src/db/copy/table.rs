//! Tables as the catalogue of an engine tells them, with the statements that read a row as a line of JSON and write rows from such lines.
//!
//! A line is an array of the columns in the order of their names, and means the same on both engines: bytes and ids as hexadecimal digits, instants
//! as microseconds since 1970, flags as 0 and 1, dates, texts and documents as texts, a missing value as null.

use std::collections::BTreeMap;

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::super::conn::Conn;
use crate::base::{Error, Result};

// Neither tells of columns that the engine computes itself.
const SQLITE_COLUMNS: &str = "SELECT t.name AS of_table, c.name AS name, c.type AS kind, c.pk AS place, c.pk = 1 AND t.sql LIKE '%AUTOINCREMENT%' AS is_counted \
    FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
const POSTGRES_COLUMNS: &str = "SELECT r.relname::text AS of_table, a.attname::text AS name, format_type(a.atttypid, NULL) AS kind, \
    coalesce((SELECT k.place FROM pg_index AS i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) \
        WHERE i.indrelid = r.oid AND i.indisprimary AND k.attnum = a.attnum), 0) AS place, \
    a.attidentity <> '' AS is_counted \
    FROM pg_class AS r JOIN pg_attribute AS a ON a.attrelid = r.oid \
    WHERE r.relkind = 'r' AND r.relnamespace = current_schema()::text::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''";

/// The list of migrations is the migrations' own affair.
const MIGRATIONS: &str = "__diesel_schema_migrations";

/// A table and its columns, in the order of their names.
pub(super) struct Table {
    name: String,
    columns: Vec<Column>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// The engine's name of the type: SQLite's are as the migrations write them, in capitals.
    #[diesel(sql_type = Text)]
    kind: String,
    /// The place in the primary key, from 1; 0 outside.
    #[diesel(sql_type = BigInt)]
    place: i64,
    /// Whether the engine gives the numbers of new rows.
    #[diesel(sql_type = Bool)]
    is_counted: bool,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A name as SQL wants it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Table {
    /// All tables by their names.
    pub(super) fn all(conn: &mut Conn) -> Result<BTreeMap<String, Self>> {
        let sql = match conn {
            Conn::Sqlite(_) => SQLITE_COLUMNS,
            Conn::Postgres(_) => POSTGRES_COLUMNS,
        };
        let mut columns: Vec<Column> = sql_query(sql).load(conn)?;
        columns.retain(|column| column.of_table != MIGRATIONS);
        columns.sort_by(|a, b| (&a.of_table, &a.name).cmp(&(&b.of_table, &b.name)));
        let mut tables = BTreeMap::new();
        for column in columns {
            let name = column.of_table.clone();
            tables.entry(name.clone()).or_insert_with(|| Self { name, columns: Vec::new() }).columns.push(column);
        }
        Ok(tables)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn quoted(&self) -> String {
        quoted(&self.name)
    }

    pub(super) fn has_columns_of(&self, other: &Self) -> bool {
        self.columns.iter().map(|column| &column.name).eq(other.columns.iter().map(|column| &column.name))
    }

    /// Takes all rows away.
    pub(super) fn clear(&self, conn: &mut Conn) -> Result<()> {
        conn.batch(&format!("DELETE FROM {}", self.quoted()))
    }

    /// Reads all rows, one after the other, in the order of the primary key, so that the other side's index grows at its end.
    pub(super) fn each_line(&self, conn: &mut Conn, take: &mut dyn FnMut(String) -> Result<()>) -> Result<()> {
        let values = self.columns.iter().map(Column::read).collect::<Result<Vec<_>>>()?.join(", ");
        let mut keys: Vec<&Column> = self.columns.iter().filter(|column| column.place > 0).collect();
        keys.sort_by_key(|column| column.place);
        let order = if keys.is_empty() { String::new() } else { format!("ORDER BY {}", names(keys)) };
        let table = self.quoted();
        match conn {
            Conn::Sqlite(conn) => {
                let sql = format!("SELECT json_array({values}) AS line FROM {table} {order}");
                for line in sql_query(sql).load_iter::<Line, DefaultLoadingMode>(conn)? {
                    take(line?.line)?;
                }
            }
            Conn::Postgres(conn) => {
                let sql = format!("SELECT json_build_array({values})::text AS line FROM {table} {order}");
                // Otherwise the whole answer is in memory before the first row is seen.
                for line in sql_query(sql).load_iter::<Line, PgRowByRowLoadingMode>(conn)? {
                    take(line?.line)?;
                }
            }
        }
        Ok(())
    }

    /// The statement that writes the lines in an array, which is bound to it.
    pub(super) fn insert(&self, conn: &Conn) -> Result<String> {
        let values = |row: &str| {
            let value = |(n, column): (usize, &Column)| column.write(&format!("({row} ->> {n})"));
            self.columns.iter().enumerate().map(value).collect::<Result<Vec<_>>>().map(|values| values.join(", "))
        };
        let (table, names) = (self.quoted(), names(&self.columns));
        Ok(match conn {
            Conn::Sqlite(_) => format!("INSERT INTO {table} ({names}) SELECT {} FROM json_each($1)", values("value")?),
            Conn::Postgres(_) => {
                format!("INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {} FROM jsonb_array_elements($1::jsonb) AS line", values("line")?)
            }
        })
    }

    /// The last number that the engine gave to a row, which may be gone; 0 if it gives none.
    pub(super) fn last_number(&self, conn: &mut Conn) -> Result<i64> {
        let Some(column) = self.columns.iter().find(|column| column.is_counted) else { return Ok(0) };
        let given = match conn {
            Conn::Sqlite(_) => format!("SELECT seq FROM sqlite_sequence WHERE name = {}", text(&self.name)),
            Conn::Postgres(_) => format!("SELECT pg_sequence_last_value(pg_get_serial_sequence({}, {}))", self.as_text(), column.as_text()),
        };
        // PostgreSQL tells nothing of its sequence to whoever may read only the tables.
        let here = format!("SELECT max({}) FROM {}", quoted(&column.name), self.quoted());
        let numbers: Vec<Number> = sql_query(format!("SELECT coalesce(({given}), 0) AS n UNION ALL SELECT coalesce(({here}), 0)")).load(conn)?;
        Ok(numbers.iter().map(|number| number.n).max().unwrap_or(0))
    }

    /// Lets the engine give the number after `last` next, so that no number is ever given twice: whoever follows the log goes by it.
    pub(super) fn count_on_from(&self, conn: &mut Conn, last: i64) -> Result<()> {
        let Some(column) = self.columns.iter().find(|column| column.is_counted && last > 0) else { return Ok(()) };
        let (table, name) = (self.as_text(), column.as_text());
        match conn {
            Conn::Sqlite(_) => {
                let own = text(&self.name);
                conn.batch(&format!("DELETE FROM sqlite_sequence WHERE name = {own}; INSERT INTO sqlite_sequence (name, seq) VALUES ({own}, {last})"))
            }
            Conn::Postgres(_) => conn.batch(&format!("SELECT setval(pg_get_serial_sequence({table}, {name}), {last})")),
        }
    }

    /// The name as PostgreSQL's functions want it: quoted, within a literal.
    fn as_text(&self) -> String {
        text(&self.quoted())
    }
}

impl Column {
    fn as_text(&self) -> String {
        text(&self.name)
    }

    /// The column as a value that JSON has.
    fn read(&self) -> Result<String> {
        let name = quoted(&self.name);
        Ok(match self.kind.as_str() {
            "INTEGER" | "BIGINT" | "BOOLEAN" | "DATE" | "TEXT" | "integer" | "bigint" | "text" => name,
            // hex(NULL) is an empty text.
            "BLOB" => format!("iif({name} IS NULL, NULL, hex({name}))"),
            "bytea" => format!("encode({name}, 'hex')"),
            "uuid" => format!("encode(uuid_send({name}), 'hex')"),
            "boolean" => format!("{name}::int"),
            "date" => format!("to_char({name}, 'YYYY-MM-DD')"),
            "timestamp with time zone" => format!("(extract(epoch FROM {name}) * 1000000)::bigint"),
            "jsonb" => format!("{name}::text"),
            _ => return Err(self.is_strange()),
        })
    }

    /// The column's value out of a text.
    fn write(&self, value: &str) -> Result<String> {
        Ok(match self.kind.as_str() {
            "INTEGER" | "BIGINT" | "BOOLEAN" | "DATE" | "TEXT" | "text" => value.to_owned(),
            "BLOB" => format!("unhex({value})"),
            "bytea" => format!("decode({value}, 'hex')"),
            kind @ ("integer" | "bigint" | "boolean" | "uuid" | "date" | "jsonb") => format!("{value}::{kind}"),
            "timestamp with time zone" => format!("timestamptz 'epoch' + {value}::bigint * interval '1 microsecond'"),
            _ => return Err(self.is_strange()),
        })
    }

    fn is_strange(&self) -> Error {
        Error::Internal(anyhow::anyhow!("{}.{} is of the type {}, of which nobody has said how it is copied", self.of_table, self.name, self.kind))
    }
}

fn names<'c>(columns: impl IntoIterator<Item = &'c Column>) -> String {
    columns.into_iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
