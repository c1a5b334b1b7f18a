//! What waits, for those who oversee: each handoff once, the first deadline first, and only what exists for the reader.

use chrono::{DateTime, Utc};
use jiezhuan::access::{Actor, Role};
use jiezhuan::base::page::PageRequest;
use jiezhuan::custody::{self, OverviewKey, Stage};

use super::{accept, code, count, try_offer};
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
        let now = at("2020-09-15 12:00");
        let part = |who: &Actor, stage, of: Option<&str>, after, limit| {
            let of = of.map(|of| of.parse().unwrap());
            db.db.read(|conn| custody::overview(conn, who, stage, of.as_ref(), PageRequest::new(after, Some(limit)), now)).unwrap()
        };
        let open = |who: &Actor| part(who, Stage::Waiting, None, None, 100).items;
        let listed = |who: &Actor| open(who).into_iter().map(|view| view.id).collect::<Vec<_>>();
        let coordinator = actor(&db, "chen", Role::Coordinator, "all");
        assert_eq!(listed(&coordinator), [ids[1], ids[2], ids[0]], "what has ended waits no more");
        let seen = open(&coordinator);
        assert_eq!((seen[2].first_count, seen[2].n_people, seen[2].giver.code.as_str(), seen[2].receiver.code.as_str()), (Some(2), Some(1), DESK, SITE));
        let ids_of = |stage, of| part(&coordinator, stage, of, None, 100).items.into_iter().map(|view| view.id).collect::<Vec<_>>();
        assert_eq!((ids_of(Stage::Waiting, Some(SITE)), ids_of(Stage::Ended, Some(SITE))), (vec![ids[2], ids[0]], vec![ids[3]]));
        assert_eq!((ids_of(Stage::Ended, None), ids_of(Stage::Ended, Some(GROUP))), (vec![ids[3]], vec![]));
        let first = part(&coordinator, Stage::Waiting, None, None, 2);
        assert_eq!(first.next, Some(OverviewKey { answer_by: due("14:00"), id: ids[2] }));
        let second = part(&coordinator, Stage::Waiting, None, first.next, 2);
        assert_eq!((second.items[0].id, second.items.len(), second.next), (ids[0], 1, None));
        let zhejiang = actor(&db, "hu", Role::ProvincialGroup, "33");
        let other = db.db.read(|conn| custody::overview(conn, &zhejiang, Stage::Waiting, Some(&GROUP.parse().unwrap()), PageRequest::new(None, None), now));
        assert_eq!(code(other), "not_found", "an organisation of others does not exist");
        // A province sees what concerns it; the site's district what concerns the site; and neither is shown a number before the count.
        assert_eq!(listed(&actor(&db, "jiangsu", Role::ProvincialGroup, "32")), [ids[1]]);
        let district = actor(&db, "jiading", Role::Site, "310114");
        assert_eq!(listed(&district), [ids[2], ids[0]]);
        assert_eq!(open(&district).iter().map(|view| view.n_people).collect::<Vec<_>>(), [None, Some(1)]);
        assert_eq!(listed(&actor(&db, "zhejiang", Role::ProvincialGroup, "33")), []);
        assert_eq!(listed(&by(DESK)), [ids[1], ids[2], ids[0]]);
    }
    fn what_is_overdue_and_what_soon_will_be_is_told_apart_and_pages_go_on_where_deadlines_are_the_same(db: TestDb) {
        register_organisations(&db.db);
        let people = land(&db.db, &[1; 6]);
        let offers = ["13:00", "13:00", "13:00", "12:20", "12:05", "18:00"];
        let due = |time: &str| Some(at(&format!("2020-09-15 {time}")));
        let ids: Vec<_> = people.iter().zip(offers).map(|(&one, time)| try_offer(&db.db, &by(DESK), SITE, &[one], due(time)).unwrap().id).collect();
        let (chief, now) = (actor(&db, "chen", Role::Coordinator, "all"), at("2020-09-15 12:10"));
        let part = |stage, after, limit| db.db.read(|conn| custody::overview(conn, &chief, stage, None, PageRequest::new(after, Some(limit)), now)).unwrap();
        let ids_at = |stage| part(stage, None, 50).items.into_iter().map(|view| view.id).collect::<Vec<_>>();
        assert_eq!((ids_at(Stage::Overdue), ids_at(Stage::Lapsing)), (vec![ids[4]], vec![ids[3]]));
        let n = db.db.read(|conn| custody::at_stages(conn, &chief, None, now)).unwrap();
        assert_eq!(n, [(Stage::Waiting, Some(6)), (Stage::Overdue, Some(1)), (Stage::Lapsing, Some(1)), (Stage::Ended, None)]);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = part(Stage::Waiting, after, 1);
            seen.extend(page.items.into_iter().map(|view| view.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, [ids[4], ids[3], ids[0], ids[1], ids[2], ids[5]], "each once, alarms first");
    }
}
