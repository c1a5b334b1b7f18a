//! Many rows at once: the one kind of statement that the engines do not share. PostgreSQL takes them by COPY, SQLite one by one.

/// Inserts all of a slice of rows into a table: `insert_all!(tx, travellers::table, &rows)`.
///
/// The rows' type derives `Insertable` with `treat_none_as_default_value = false`. A refused row refuses them all.
macro_rules! insert_all {
    ($tx:expr, $table:expr, $rows:expr) => {{
        let conn: &mut $crate::db::Conn = &mut *$tx;
        let rows = $rows;
        (|| -> $crate::base::Result<()> {
            match conn {
                // A COPY costs a round trip more than an insert, but nobody has to read a statement of hundreds of values.
                $crate::db::Conn::Postgres(pg) if rows.len() > 8 => {
                    diesel::ExecuteCopyFromDsl::execute(diesel::copy_from($table).from_insertable(rows), pg)?;
                }
                $crate::db::Conn::Postgres(pg) => {
                    diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), pg)?;
                }
                // One statement, prepared once and kept, run for each row: there is no network to save, and SQLite takes longer to
                // read a statement of many rows than to run a small one as often.
                $crate::db::Conn::Sqlite(sqlite) => {
                    for row in rows {
                        diesel::RunQueryDsl::execute(diesel::insert_into($table).values(row), sqlite)?;
                    }
                }
            }
            Ok(())
        })()
    }};
}
pub(crate) use insert_all;
