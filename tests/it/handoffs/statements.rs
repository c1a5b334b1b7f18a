//! Statements between two sides: every person of every offer is accounted for, in the period in which it happened.

use jiezhuan::access::Actor;
use jiezhuan::base::{Error, Result};
use jiezhuan::custody::{self, ExceptionKind, Statement};

use super::{accept, code, exception, offer, refuse, withdraw};
use crate::support::people::{DESK, by, land, register_organisations};
use crate::support::{TestDb, on_both_engines};

const SITE: &str = "site-310114-1";

fn statement(db: &TestDb, who: &Actor, from: &str, to: &str) -> Result<Statement> {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    db.db.read(|conn| custody::statement(conn, who, [&DESK.parse().unwrap(), &SITE.parse().unwrap()], from, to))
}

/// Brought forward, offered, received, excepted, refused, withdrawn, carried forward, overdue, extras.
fn figures(statement: &Statement, flow: usize) -> [i64; 9] {
    let flow = &statement.flows[flow];
    assert!(flow.is_balanced(), "{flow:?}");
    [flow.brought_forward, flow.offered, flow.received, flow.excepted, flow.refused, flow.withdrawn, flow.carried_forward, flow.overdue, flow.extras]
}

on_both_engines! {
    fn what_was_offered_is_accounted_for_in_the_period_in_which_it_was_answered(db: TestDb) {
        register_organisations(&db.db);
        db.at("2020-09-12 09:00");
        let people = land(&db.db, &[1; 12]);
        db.at("2020-09-12 23:50");
        let over_midnight = offer(&db.db, DESK, SITE, &people[..3]);
        db.at("2020-09-13 00:05");
        accept(&db.db, SITE, over_midnight, 3, &[exception(people[0], ExceptionKind::Missing), exception(people[11], ExceptionKind::Extra)]).unwrap();
        let refused = offer(&db.db, DESK, SITE, &people[3..5]);
        refuse(&db.db, SITE, refused).unwrap();
        let withdrawn = offer(&db.db, DESK, SITE, &people[3..4]);
        withdraw(&db.db, DESK, withdrawn).unwrap();
        let back = offer(&db.db, SITE, DESK, &people[1..2]);
        accept(&db.db, DESK, back, 1, &[]).unwrap();
        offer(&db.db, DESK, SITE, &people[5..9]);
        let first = statement(&db, &by(DESK), "2020-09-12", "2020-09-12").unwrap();
        assert_eq!(figures(&first, 0), [0, 3, 0, 0, 0, 0, 3, 0, 0]);
        let second = statement(&db, &by(SITE), "2020-09-13", "2020-09-13").unwrap();
        assert_eq!(figures(&second, 0), [3, 7, 2, 1, 2, 1, 4, 4, 1]);
        assert_eq!(figures(&second, 1), [0, 1, 1, 0, 0, 0, 0, 0, 0]);
        let differences: Vec<_> = second.flows[0].differences.iter().map(|one| (one.traveller, one.kind)).collect();
        let mut expected = [(people[0], ExceptionKind::Missing), (people[11], ExceptionKind::Extra)];
        expected.sort_by_key(|(who, _)| *who);
        assert_eq!(differences, expected);
        let both = statement(&db, &by(DESK), "2020-09-12", "2020-09-13").unwrap();
        assert_eq!(figures(&both, 0), [0, 10, 2, 1, 2, 1, 4, 4, 1]);
        let third = statement(&db, &by(DESK), "2020-09-14", "2020-09-14").unwrap();
        assert_eq!(figures(&third, 0), [4, 0, 0, 0, 0, 0, 4, 4, 0], "what is carried forward is brought forward");
    }

    fn a_period_that_cannot_be_is_refused(db: TestDb) {
        register_organisations(&db.db);
        assert_eq!(code(statement(&db, &by(DESK), "2020-09-13", "2020-09-12")), "period_backwards");
        assert_eq!(code(statement(&db, &by(DESK), "2020-01-01", "2020-12-31")), "period_too_long");
        let unknown = db.db.read(|conn| {
            let day = "2020-09-12".parse().unwrap();
            custody::statement(conn, &by(DESK), [&DESK.parse().unwrap(), &"site-999999-1".parse().unwrap()], day, day)
        });
        assert!(matches!(unknown, Err(Error::NotFound("organisation"))));
    }
}
