//! The target's foreign keys and triggers, which are set aside while rows that stand already are written, and put back afterwards. All of it is in the
//! copy's own transaction: nobody ever sees a database without its rules.

use diesel::sql_types::Text;
use diesel::{OptionalExtension as _, QueryableByName, RunQueryDsl as _, sql_query};

use super::super::conn::Conn;
use super::table::{Table, quoted};
use crate::base::{Error, Message, Result};

const SQLITE_TRIGGERS: &str = "SELECT tbl_name AS of_table, name, sql AS definition FROM sqlite_schema WHERE type = 'trigger'";
const POSTGRES_KEYS: &str = "SELECT conrelid::regclass::text AS of_table, conname::text AS name, pg_get_constraintdef(oid) AS definition \
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::text::regnamespace";
const SQLITE_BROKEN: &str = "SELECT \"table\" AS of_table, parent AS name, '' AS definition FROM pragma_foreign_key_check LIMIT 1";

/// What has to be put back.
pub(super) struct Rules(Vec<Rule>);

#[derive(QueryableByName)]
struct Rule {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// The whole statement, once it is in [`Rules`].
    #[diesel(sql_type = Text)]
    definition: String,
}

impl Rules {
    /// Sets the rules aside. On PostgreSQL nobody else can write to the tables from then on; on SQLite nobody could before.
    pub(super) fn set_aside<'t>(conn: &mut Conn, tables: impl Iterator<Item = &'t Table>) -> Result<Self> {
        let mut rules = Vec::new();
        match conn {
            // Foreign keys are off already: SQLite lets them be switched only before the transaction.
            Conn::Sqlite(_) => {
                for trigger in sql_query(SQLITE_TRIGGERS).load::<Rule>(conn)? {
                    conn.batch(&format!("DROP TRIGGER {}", quoted(&trigger.name)))?;
                    rules.push(trigger);
                }
            }
            Conn::Postgres(_) => {
                for table in tables {
                    let (of_table, alter) = (table.name().to_owned(), format!("ALTER TABLE {}", table.quoted()));
                    conn.batch(&format!("{alter} DISABLE TRIGGER USER"))?;
                    rules.push(Rule { of_table, name: String::new(), definition: format!("{alter} ENABLE TRIGGER USER") });
                }
                for key in sql_query(POSTGRES_KEYS).load::<Rule>(conn)? {
                    let (of_table, name) = (&key.of_table, quoted(&key.name));
                    conn.batch(&format!("ALTER TABLE {of_table} DROP CONSTRAINT {name}"))?;
                    let definition = format!("ALTER TABLE {of_table} ADD CONSTRAINT {name} {}", key.definition);
                    rules.push(Rule { definition, ..key });
                }
            }
        }
        Ok(Self(rules))
    }

    /// Puts the rules back and checks that every row refers to one that is there.
    pub(super) fn put_back(self, conn: &mut Conn) -> Result<()> {
        for rule in self.0 {
            conn.batch(&rule.definition).map_err(|error| match error {
                Error::Conflict(_) => refers_to_nothing(&rule.of_table),
                error => error,
            })?;
        }
        if let Conn::Sqlite(_) = conn
            && let Some(broken) = sql_query(SQLITE_BROKEN).get_result::<Rule>(conn).optional()?
        {
            return Err(refers_to_nothing(&broken.of_table));
        }
        Ok(())
    }
}

fn refers_to_nothing(table: &str) -> Error {
    Error::Conflict(Message::new("copy_refers_to_nothing").with("table", table))
}
