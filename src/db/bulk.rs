//! Many rows at once: the one kind of statement that the engines do not share. PostgreSQL takes them by COPY, SQLite by inserts
//! of several rows.

/// Inserts all of a slice of rows into a table: `insert_all!(tx, travellers::table, &rows)`.
///
/// The rows' type derives `Insertable` with `treat_none_as_default_value = false`. A refused row refuses them all.
macro_rules! insert_all {
    ($tx:expr, $table:expr, $rows:expr) => {{
        let conn: &mut $crate::db::Conn = &mut *$tx;
        let rows = $rows;
        (|| -> $crate::base::Result<()> {
            match conn {
                // A COPY costs a round trip more than an insert, which pays from a few dozen rows on.
                $crate::db::Conn::Postgres(pg) if rows.len() > 50 => {
                    diesel::ExecuteCopyFromDsl::execute(diesel::copy_from($table).from_insertable(rows), pg)?;
                }
                $crate::db::Conn::Postgres(pg) => {
                    diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), pg)?;
                }
                // 250 rows of up to 64 columns stay below SQLite's 32,766 parameters.
                $crate::db::Conn::Sqlite(sqlite) => {
                    for part in rows.chunks(250) {
                        diesel::RunQueryDsl::execute(diesel::insert_into($table).values(part), sqlite)?;
                    }
                }
            }
            Ok(())
        })()
    }};
}
pub(crate) use insert_all;
