//! What the schema promises of tables that are not this slice's (travellers, ledger, bookings, seats, handoffs), looked up again:
//! reads only, so that a change made past the schema's rules is found.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::verify::Checked;
use crate::base::{Id, Message, Result};
use crate::db::schema::{bookings, handoffs, travellers, trip_seats};
use crate::db::{Conn, Key};

/// A promise by the code of its fault, and the query for those that break it. The same on both engines.
const PROMISES: [(&str, &str); 11] = [
    ("traveller_without_chain", "SELECT t.id AS subject FROM travellers t WHERE NOT EXISTS (SELECT 1 FROM custody_entries e WHERE e.traveller_id = t.id)"),
    (
        "chain_without_traveller",
        "SELECT e.traveller_id AS subject FROM custody_entries e LEFT JOIN travellers t ON t.id = e.traveller_id WHERE e.seq = 1 AND t.id IS NULL",
    ),
    (
        "traveller_differs_from_chain",
        "SELECT t.id AS subject FROM travellers t LEFT JOIN custody_entries e ON e.traveller_id = t.id AND e.seq = t.custody_seq \
         WHERE EXISTS (SELECT 1 FROM custody_entries f WHERE f.traveller_id = t.id) AND (e.seq IS NULL \
         OR e.to_stock <> t.stock OR e.to_custodian IS DISTINCT FROM t.custodian_id OR e.hash <> t.custody_hash \
         OR e.province IS DISTINCT FROM t.province OR e.city IS DISTINCT FROM t.city OR e.policy IS DISTINCT FROM t.policy \
         OR EXISTS (SELECT 1 FROM custody_entries n WHERE n.traveller_id = t.id AND n.seq > t.custody_seq))",
    ),
    ("custodian_and_stock_disagree", "SELECT id AS subject FROM travellers WHERE (stock IN ('released', 'left_network')) <> (custodian_id IS NULL)"),
    (
        "bookings_overlap",
        "SELECT b.id AS subject FROM (SELECT id, starts_at, max(ends_at) OVER (PARTITION BY resource_id ORDER BY starts_at, id \
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until FROM bookings WHERE NOT is_cancelled) b WHERE b.starts_at < b.taken_until",
    ),
    ("seat_for_nobody", "SELECT s.trip_id AS subject FROM trip_seats s LEFT JOIN travellers t ON t.id = s.traveller_id WHERE t.id IS NULL"),
    ("seats_over_cap", "SELECT t.id AS subject FROM trips t WHERE t.load_cap < (SELECT count(*) FROM trip_seats s WHERE s.trip_id = t.id AND s.is_taken)"),
    ("seat_taken_twice", "SELECT DISTINCT trip_id AS subject FROM trip_seats WHERE is_taken GROUP BY trip_id, seat_no HAVING count(*) > 1"),
    ("two_seats", "SELECT traveller_id AS subject FROM trip_seats WHERE is_taken GROUP BY traveller_id HAVING count(*) > 1"),
    (
        "open_line_in_closed_handoff",
        "SELECT DISTINCT p.handoff_id AS subject FROM handoff_people p LEFT JOIN handoffs h ON h.id = p.handoff_id \
         WHERE p.is_open AND (h.id IS NULL OR h.state NOT IN ('offered', 'lapsed'))",
    ),
    ("two_open_handoffs", "SELECT traveller_id AS subject FROM handoff_people WHERE is_open GROUP BY traveller_id HAVING count(*) > 1"),
];

#[derive(QueryableByName)]
struct Subject {
    #[diesel(sql_type = Key)]
    subject: Id<()>,
}

/// Tells of every promise that is broken, and by which row.
pub(super) fn promises(conn: &mut Conn, mut broken: impl FnMut(Message)) -> Result<()> {
    for (code, query) in PROMISES {
        let subjects: Vec<Subject> = diesel::sql_query(query).load(conn)?;
        subjects.into_iter().for_each(|row| broken(Message::new(code).with("subject", row.subject)));
    }
    Ok(())
}

/// How many there are of what is looked up in whole tables; what is walked is counted on the way.
pub(super) fn counts(conn: &mut Conn) -> Result<Checked> {
    let travellers: i64 = travellers::table.select(count_star()).first(conn)?;
    let bookings: i64 = bookings::table.select(count_star()).first(conn)?;
    let seats: i64 = trip_seats::table.select(count_star()).first(conn)?;
    let handoffs: i64 = handoffs::table.select(count_star()).first(conn)?;
    let [travellers, bookings, seats, handoffs] = [travellers, bookings, seats, handoffs].map(i64::unsigned_abs);
    Ok(Checked { travellers, bookings, seats, handoffs, ..Checked::default() })
}
