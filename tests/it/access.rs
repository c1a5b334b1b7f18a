//! Users, sign-in, tokens and the audit trail, on both engines.

use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use jiezhuan::access::audit::{self, Deed, Filter, Subject};
use jiezhuan::access::{self, Act, Actor, NewUser, Password, Role, Scope, TokenKind};
use jiezhuan::base::page::PageRequest;
use jiezhuan::base::{Error, Id, IdSource, Language, Result};
use jiezhuan::db::Db;

use crate::support::{TestDb, at, on_both_engines};

const SECRET: &str = "correct horse";
const SHIFT: chrono::TimeDelta = chrono::TimeDelta::hours(12);

fn new_user(name: &str, role: Role, scope: Option<&str>) -> NewUser {
    NewUser { name: name.parse().unwrap(), display_name: String::new(), role, scope: scope.map(|scope| scope.parse().unwrap()), organisation: None }
}

/// Adds a user who signs in with [`SECRET`].
fn add(db: &Db, new: NewUser) -> Result<access::User> {
    let hash = Password::parse(SECRET, &new.name).unwrap().hash(&IdSource::seeded(7)).unwrap();
    db.write(move |tx| access::user_add(tx, &Actor::operator(), new.clone(), Some(&hash)))
}

fn actor_of(db: &Db, presented: &str) -> Result<Actor> {
    db.read(|conn| access::actor_of(conn, presented, db.clock().now()))
}

fn code<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    outcome.unwrap_err().message().code
}

fn everything<C>() -> PageRequest<C> {
    PageRequest::new(None, None)
}

fn trail(db: &Db) -> Vec<audit::Entry> {
    let mut trail = db.read(|conn| audit::page(conn, &Actor::operator(), Filter::default(), everything())).unwrap().items;
    trail.reverse();
    trail
}

on_both_engines! {
    fn whoever_knows_the_password_is_that_user_until_they_sign_out(db: TestDb) {
        let db = &db.db;
        let mut new = new_user("Wang.Fang", Role::ProvincialGroup, Some("32"));
        new.organisation = Some("js-group".parse().unwrap());
        new.display_name = "王芳".into();
        let user = add(db, new).unwrap();
        let (session, actor) = access::sign_in(db, " wang.fang", SECRET, SHIFT).unwrap();
        assert_eq!((actor.user(), actor.name(), actor.role()), (Some(user.id), "王芳", Role::ProvincialGroup));
        assert_eq!(actor.scope(), &"32".parse::<Scope>().unwrap());
        assert_eq!(actor.organisation().map(ToString::to_string).as_deref(), Some("js-group"));
        assert_eq!(session.kind(), TokenKind::Session);
        assert_eq!(actor_of(db, session.expose()).unwrap(), actor);
        let presented = session.expose().to_owned();
        db.write(move |tx| access::sign_out(tx, &presented)).unwrap();
        assert!(matches!(actor_of(db, session.expose()), Err(Error::Unauthenticated)));
        let deeds: Vec<Deed> = trail(db).iter().map(|entry| entry.deed).collect();
        assert_eq!(deeds, [Deed::Act(Act::ManageUsers), Deed::SignedIn, Deed::SignedOut]);
    }

    fn a_session_ends_with_the_shift(db: TestDb) {
        add(&db.db, new_user("desk", Role::AirportDesk, None)).unwrap();
        db.at("2020-09-15 08:00");
        let (session, _) = access::sign_in(&db.db, "desk", SECRET, SHIFT).unwrap();
        db.at("2020-09-15 19:59:59");
        assert!(actor_of(&db.db, session.expose()).is_ok());
        db.at("2020-09-15 20:00");
        assert!(matches!(actor_of(&db.db, session.expose()), Err(Error::Unauthenticated)));
    }

    fn a_wrong_name_and_a_wrong_password_are_refused_alike_and_recorded(db: TestDb) {
        let db = &db.db;
        let user = add(db, new_user("desk", Role::AirportDesk, None)).unwrap();
        for (name, password) in [("desk", "wrong horse"), ("nobody", SECRET), ("not a name!", SECRET), ("", "")] {
            let outcome = access::sign_in(db, name, password, SHIFT);
            assert!(matches!(&outcome, Err(Error::Refused(_))), "{name}");
            assert_eq!(code(outcome), "wrong_name_or_password");
        }
        let failures: Vec<_> = trail(db).into_iter().filter(|entry| entry.deed == Deed::SignInFailed).collect();
        assert_eq!(failures.iter().map(|entry| entry.user).collect::<Vec<_>>(), [Some(user.id), None, None, None]);
        assert!(failures[1..].iter().all(|entry| entry.actor == "?" && entry.subject == "user_name"), "what was typed is not kept");
    }

    fn five_failures_close_the_door_for_a_while_even_to_the_right_password(db: TestDb) {
        add(&db.db, new_user("desk", Role::AirportDesk, None)).unwrap();
        add(&db.db, new_user("site", Role::Site, Some("310115"))).unwrap();
        for name in ["desk", "nobody"] {
            for _ in 0..5 {
                assert_eq!(code(access::sign_in(&db.db, name, "wrong horse", SHIFT)), "wrong_name_or_password");
            }
            let Err(Error::Refused(message)) = access::sign_in(&db.db, name, SECRET, SHIFT) else { panic!("the door stood open") };
            assert_eq!(message.text(Language::En), "Too many failed attempts to sign in. Try again in 900 seconds.");
        }
        assert!(access::sign_in(&db.db, "site", SECRET, SHIFT).is_ok(), "other doors stay open");
        let n = trail(&db.db).len();
        db.at("2020-09-15 12:14:59");
        assert_eq!(code(access::sign_in(&db.db, "desk", SECRET, SHIFT)), "too_many_attempts");
        assert_eq!(trail(&db.db).len(), n, "knocking at a closed door does not keep it closed");
        db.at("2020-09-15 12:15");
        assert!(access::sign_in(&db.db, "desk", SECRET, SHIFT).is_ok());
    }

    fn a_user_who_is_shut_out_is_out_at_once(db: TestDb) {
        let db = &db.db;
        add(db, new_user("desk", Role::AirportDesk, None)).unwrap();
        let (session, _) = access::sign_in(db, "desk", SECRET, SHIFT).unwrap();
        let name: access::UserName = "desk".parse().unwrap();
        let shut_out = name.clone();
        db.write(move |tx| access::user_disable(tx, &Actor::operator(), &shut_out)).unwrap();
        assert!(matches!(actor_of(db, session.expose()), Err(Error::Unauthenticated)));
        assert_eq!(code(access::sign_in(db, "desk", SECRET, SHIFT)), "wrong_name_or_password");
        let expires_at = db.clock().now() + TimeDelta::days(1);
        let outcome = db.write(move |tx| access::token_add(tx, &Actor::operator(), &name, "", expires_at));
        assert!(matches!(outcome, Err(Error::NotFound("user"))));
    }

    fn a_name_is_given_once(db: TestDb) {
        add(&db.db, new_user("desk", Role::AirportDesk, None)).unwrap();
        let again = add(&db.db, new_user("DESK", Role::Auditor, None));
        assert!(matches!(&again, Err(Error::Conflict(_))));
        assert_eq!(code(again), "user_known");
    }

    fn a_role_with_a_place_needs_a_scope_and_the_others_see_everything_without_one(db: TestDb) {
        for role in Role::ALL {
            let outcome = add(&db.db, new_user(role.code(), role, None));
            if matches!(role, Role::Site | Role::ProvincialGroup | Role::CitySquad) {
                assert_eq!(code(outcome), "scope_required", "{role}");
                assert_eq!(code(add(&db.db, new_user(role.code(), role, Some("all")))), "scope_required", "{role}");
            } else {
                assert_eq!(outcome.unwrap().scope, Scope::All, "{role}");
            }
        }
        let page = |after| db.db.read(|conn| access::user_list(conn, &Actor::operator(), PageRequest::new(after, Some(4)))).unwrap();
        let first = page(None);
        let names: Vec<String> = first.items.iter().chain(&page(first.next).items).map(|user| user.name.to_string()).collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(sorted, ["administrator", "airport_desk", "auditor", "coordinator", "dispatcher", "machine"], "{names:?}");
    }

    fn a_token_is_its_user_until_it_is_taken_back_or_expires(db: TestDb) {
        db.db.write(|tx| access::user_add(tx, &Actor::operator(), new_user("lab", Role::Machine, Some("31")), None)).unwrap();
        assert_eq!(code(access::sign_in(&db.db, "lab", "", SHIFT)), "wrong_name_or_password", "who has no password cannot sign in");
        let make = |expires_at| db.db.write(move |tx| access::token_add(tx, &Actor::operator(), &"lab".parse().unwrap(), "results", expires_at));
        let (token, secret) = make(at("2020-09-16 12:00")).unwrap();
        let (other, other_secret) = make(at("2020-09-16 12:00")).unwrap();
        assert_eq!(actor_of(&db.db, secret.expose()).unwrap().role(), Role::Machine);
        db.db.write(move |tx| access::token_revoke(tx, &Actor::operator(), token.id)).unwrap();
        assert!(matches!(actor_of(&db.db, secret.expose()), Err(Error::Unauthenticated)));
        assert!(actor_of(&db.db, other_secret.expose()).is_ok());
        db.at("2020-09-16 12:00");
        assert!(matches!(actor_of(&db.db, other_secret.expose()), Err(Error::Unauthenticated)));
        for expires_at in ["2020-09-16 12:00", "2021-09-17 12:00:01"] {
            assert_eq!(code(make(at(expires_at))), "bad_token_expiry");
        }
        let tokens = db.db.read(|conn| access::token_list(conn, &Actor::operator(), everything())).unwrap().items;
        let mut listed: Vec<_> = tokens.iter().map(|token| (token.id, token.revoked_at.is_some())).collect();
        listed.sort();
        let mut expected = vec![(token.id, true), (other.id, false)];
        expected.sort();
        assert_eq!(listed, expected);
    }

    fn one_sees_and_takes_back_only_ones_own_tokens(db: TestDb) {
        let db = &db.db;
        for name in ["one", "two"] {
            add(db, new_user(name, Role::Coordinator, None)).unwrap();
        }
        let (_, one) = access::sign_in(db, "one", SECRET, SHIFT).unwrap();
        let (session, two) = access::sign_in(db, "two", SECRET, SHIFT).unwrap();
        let own = db.read(|conn| access::token_list(conn, &two, everything())).unwrap().items;
        assert_eq!(own.iter().map(|token| Some(token.user)).collect::<Vec<_>>(), [two.user()]);
        let (id, stranger) = (own[0].id, one.clone());
        assert!(matches!(db.write(move |tx| access::token_revoke(tx, &stranger, id)), Err(Error::NotFound("token"))));
        assert!(actor_of(db, session.expose()).is_ok());
        let expires_at = db.clock().now() + TimeDelta::days(1);
        let for_two = move |actor: Actor| db.write(move |tx| access::token_add(tx, &actor, &"two".parse().unwrap(), "", expires_at));
        assert!(for_two(two.clone()).is_ok());
        assert_eq!(code(for_two(one)), "not_allowed");
        db.write(move |tx| access::token_revoke(tx, &two, id)).unwrap();
        assert!(actor_of(db, session.expose()).is_err());
    }

    fn only_whoever_runs_the_whole_installation_manages_users_and_reads_the_trail(db: TestDb) {
        let db = &db.db;
        add(db, new_user("js-admin", Role::Administrator, Some("32"))).unwrap();
        add(db, new_user("auditor", Role::Auditor, None)).unwrap();
        let (_, part) = access::sign_in(db, "js-admin", SECRET, SHIFT).unwrap();
        let (_, auditor) = access::sign_in(db, "auditor", SECRET, SHIFT).unwrap();
        for (actor, refusal) in [(part.clone(), "not_allowed_in_part"), (auditor.clone(), "not_allowed")] {
            let actor_again = actor.clone();
            assert_eq!(code(db.write(move |tx| access::user_add(tx, &actor, new_user("mine", Role::Auditor, None), None))), refusal);
            assert_eq!(code(db.write(move |tx| access::user_disable(tx, &actor_again, &"auditor".parse().unwrap()))), refusal);
        }
        assert_eq!(code(db.read(|conn| audit::page(conn, &part, Filter::default(), everything()))), "not_allowed_in_part");
        assert!(db.read(|conn| audit::page(conn, &auditor, Filter::default(), everything())).is_ok());
    }

    fn the_trail_tells_who_looked_at_whom_and_why(db: TestDb) {
        let db = &db.db;
        let people: [Id<Actor>; 3] = [1, 2, 1].map(|n| Id::from_uuid(uuid::Uuid::from_u128(n)));
        db.write(move |tx| {
            people.iter().try_for_each(|id| audit::record(tx, &Actor::operator(), Act::RevealIdentity, Subject::of("traveller", *id), Some("核对证件")))
        })
        .unwrap();
        let page = |after| {
            let filter = Filter { subject: Some(people[0].uuid()), user: None };
            db.read(|conn| audit::page(conn, &Actor::operator(), filter, PageRequest::new(after, Some(1)))).unwrap()
        };
        let newest = page(None);
        assert_eq!((newest.items[0].seq, newest.items[0].reason.as_deref(), newest.items[0].actor.as_str()), (3, Some("核对证件"), "operator"));
        let older = page(newest.next);
        assert_eq!((older.items[0].seq, older.next), (1, None));
    }

    fn the_trail_cannot_be_changed(db: TestDb) {
        let db = &db.db;
        add(db, new_user("desk", Role::AirportDesk, None)).unwrap();
        let before = trail(db);
        for change in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
            assert_eq!(code(db.write(move |tx| tx.batch(change))), "audit_is_append_only", "{change}");
        }
        let replace = "INSERT OR REPLACE INTO audit (seq, at, actor, deed, subject, subject_id) VALUES (1, 0, 'x', 'purge', 'user', x'00')";
        let emptied = if matches!(db.url(), jiezhuan::db::Url::Sqlite(_)) { replace } else { "TRUNCATE audit" };
        assert_eq!(code(db.write(move |tx| tx.batch(emptied))), "audit_is_append_only");
        assert_eq!(trail(db), before);
    }

    fn a_query_finds_what_the_scope_covers_and_nothing_else(db: TestDb) {
        let places = ["310115", "320000", "320500", "320583", "330500"];
        let codes = ["hub-1", "hub-10"];
        for scope in ["all", "", "32", "3205,310115", "320583", "hub-1", "3305,hub-10"] {
            let scope: Scope = scope.parse().unwrap();
            let condition = scope.condition(&["t.place"], &["t.code"]);
            for (place, code) in places.iter().flat_map(|place| codes.map(|code| (*place, code))) {
                let row = format!("(SELECT '{place}' AS place, '{code}' AS code) t");
                let query = sql::<Bool>(&format!("EXISTS (SELECT 1 FROM {row} WHERE {condition})"));
                let found: bool = db.db.read(|conn| Ok(diesel::select(query).get_result(conn)?)).unwrap();
                assert_eq!(found, scope.covers(&[place], &[&code.parse().unwrap()]), "{scope}: {place} {code}");
            }
        }
        let nowhere = sql::<Bool>(&format!("EXISTS (SELECT 1 FROM organisations o WHERE {})", "32".parse::<Scope>().unwrap().condition(&["o.place"], &["o.code"])));
        assert!(!db.db.read(|conn| Ok(diesel::select(nowhere).get_result::<bool>(conn)?)).unwrap());
    }
}
