//! What waits, for those who oversee: each handoff once, the first deadline first, and only what exists for the reader.

use chrono::{DateTime, Utc};
use jiezhuan::access::{Actor, Role};
use jiezhuan::custody;

use super::{accept, count, try_offer};
use crate::support::build::actor;
use crate::support::people::{DESK, by, land, register_organisations};
use crate::support::{TestDb, at, on_both_engines};

const SITE: &str = "site-310114-1";
const GROUP: &str = "work-group-32";

on_both_engines! {
    fn what_waits_is_listed_once_by_its_deadline_for_those_it_exists_for(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 4]);
        let due = |time: &str| -> Option<DateTime<Utc>> { Some(at(&format!("2020-09-15 {time}"))) };
        let offers = [(SITE, "15:00"), (GROUP, "13:00"), (SITE, "14:00"), (SITE, "12:30")];
        let ids: Vec<_> = people.iter().zip(offers).map(|(&one, (to, time))| try_offer(&db.db, &by(DESK), to, &[one], due(time)).unwrap().id).collect();
        accept(&db.db, SITE, ids[3], 1, &[]).unwrap();
        count(&db.db, SITE, ids[0], 2).unwrap();
        let open = |who: &Actor, limit| db.db.read(|conn| custody::open(conn, who, limit)).unwrap();
        let listed = |who: &Actor| open(who, 100).into_iter().map(|view| view.id).collect::<Vec<_>>();
        let coordinator = actor(&db, "chen", Role::Coordinator, "all");
        assert_eq!(listed(&coordinator), [ids[1], ids[2], ids[0]], "what has ended waits no more");
        let seen = open(&coordinator, 100);
        assert_eq!((seen[2].first_count, seen[2].n_people, seen[2].giver.code.as_str(), seen[2].receiver.code.as_str()), (Some(2), Some(1), DESK, SITE));
        assert_eq!(open(&coordinator, 2).len(), 2);
        // A province sees what concerns it; the site's district what concerns the site; and neither is shown a number before the count.
        assert_eq!(listed(&actor(&db, "jiangsu", Role::ProvincialGroup, "32")), [ids[1]]);
        let district = actor(&db, "jiading", Role::Site, "310114");
        assert_eq!(listed(&district), [ids[2], ids[0]]);
        assert_eq!(open(&district, 100).iter().map(|view| view.n_people).collect::<Vec<_>>(), [None, Some(1)]);
        assert_eq!(listed(&actor(&db, "zhejiang", Role::ProvincialGroup, "33")), []);
        assert_eq!(listed(&by(DESK)), [ids[1], ids[2], ids[0]]);
    }
}
