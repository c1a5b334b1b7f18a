//! The transitions of a handoff, every event in every state, without a database.

use chrono::{DateTime, Utc};

use super::error::HandoffError;
use super::model::*;
use super::receipt::{Exception, ExceptionKind, Reason, Receipt, ReceiptError};
use super::rung::{NextRung, Rung};
use super::side::{Side, Signer};
use crate::arrivals::TravellerId;
use crate::base::Id;
use crate::base::time::parse_instant;
use crate::places::{Ladder, OrganisationKind};

fn side(n: u128, code: &str, kind: OrganisationKind) -> Side {
    Side { id: Id::from_uuid(uuid::Uuid::from_u128(n)), code: code.parse().unwrap(), kind, place: "310114".parse().unwrap() }
}

fn signer(user: u128, code: &str) -> Signer {
    Signer { name: format!("signer {user}"), user: Some(Id::from_uuid(uuid::Uuid::from_u128(user))), organisation: code.parse().ok(), link: None }
}

fn at(time: &str) -> DateTime<Utc> {
    parse_instant(&format!("2020-09-15 {time}")).unwrap()
}

fn list() -> Vec<TravellerId> {
    (1..=3).map(|n| Id::from_uuid(uuid::Uuid::from_u128(n))).collect()
}

fn reason() -> Reason {
    "the coach broke down".parse().unwrap()
}

/// Offered at noon by user 1 of the desk to the site, to be answered by one o'clock.
fn offered() -> Handoff {
    Handoff {
        id: Id::from_uuid(uuid::Uuid::nil()),
        trip: None,
        giver: side(1, "desk-pvg", OrganisationKind::AirportDesk),
        receiver: side(2, "site-1", OrganisationKind::Site),
        list_digest: [0; 32],
        n_people: 3,
        offered: signer(1, "desk-pvg").sign(at("12:00"), None),
        answer_by: Some(at("13:00")),
        next_rung: Some(NextRung { rung: Rung::Remind, at: at("12:15") }),
        first_count: None,
        state: HandoffState::Offered,
        version: 1,
    }
}

const LADDER: Ladder = Ladder { remind: 15, duty_officer: 30, coordinator: 45, answer: 60 };

fn whole() -> Receipt {
    Receipt { counted: 3, ..Receipt::default() }
}

fn with_one_missing() -> Receipt {
    let exception = Exception { traveller: list()[0], kind: ExceptionKind::Missing, reason: reason() };
    Receipt { counted: 2, exceptions: vec![exception], ..Receipt::default() }
}

fn accept(handoff: Handoff, receipt: Receipt, by: &Signer, now: DateTime<Utc>) -> Result<Handoff, HandoffError> {
    handoff.answer(&receipt, by, now)?.accept(&list(), receipt).map(|(handoff, _)| handoff)
}

type Event = fn(Handoff, DateTime<Utc>) -> Result<Handoff, HandoffError>;

const EVENTS: [(&str, Event); 11] = [
    ("count", |handoff, _| handoff.count(3, &signer(2, "site-1"))),
    ("accept", |handoff, now| accept(handoff, whole(), &signer(2, "site-1"), now)),
    ("accept but one", |handoff, now| accept(handoff, with_one_missing(), &signer(2, "site-1"), now)),
    ("refuse", |handoff, now| handoff.refuse(reason(), &signer(2, "site-1"), now)),
    ("withdraw", |handoff, now| handoff.withdraw(reason(), &signer(1, "desk-pvg"), now)),
    ("deliver", |handoff, now| {
        let receipt = Receipt { happened_at: Some(at("12:25")), ..whole() };
        handoff.deliver(&receipt, &signer(2, "site-1"), now)?.accept(&list(), receipt).map(|(handoff, _)| handoff)
    }),
    ("deliver no", |handoff, now| handoff.deliver_refusal(reason(), at("12:25"), &signer(2, "site-1"), now)),
    ("climb", |handoff, now| handoff.climb(&LADDER, now).map(|(handoff, _)| handoff)),
    ("lapse", |handoff, now| handoff.lapse(now)),
    ("decide yes", |handoff, now| handoff.decide(&list(), Decision::Accept(whole()), reason(), &signer(3, "other"), now).map(|(handoff, _)| handoff)),
    ("decide no", |handoff, now| handoff.decide(&list(), Decision::Refuse, reason(), &signer(3, "other"), now).map(|(handoff, _)| handoff)),
];

#[test]
fn every_event_in_every_state_does_what_was_agreed() {
    let (early, late) = (at("12:30"), at("13:00"));
    let by = |event: usize, handoff: Handoff| (EVENTS[event].1)(handoff, late).unwrap();
    let states = [
        ("offered", early, offered()),
        ("offered, overdue", late, offered()),
        ("lapsed", late, by(8, offered())),
        ("accepted", late, by(1, offered())),
        ("accepted_with_exceptions", late, by(2, offered())),
        ("refused", late, by(3, offered())),
        ("withdrawn", late, by(4, offered())),
    ];
    let mut table = String::new();
    for (name, now, state) in states {
        table += &format!("{name}\n");
        for (event, apply) in EVENTS {
            let outcome = match apply(state.clone(), now) {
                Ok(after) => format!("-> {}", after.state.name()),
                Err(error) => error.code().to_owned(),
            };
            table += &format!("    {event:15} {outcome}\n");
        }
    }
    insta::assert_snapshot!("state_by_event", table);
}

#[test]
fn an_offer_climbs_to_the_highest_rung_reached_and_changes_no_version_before_the_deadline() {
    let climb = |handoff: Handoff, time: &str| handoff.climb(&LADDER, at(time));
    assert_eq!(climb(offered(), "12:14").err(), Some(HandoffError::NotOverdue { answer_by: Some(at("13:00")) }));
    let (reminded, rung) = climb(offered(), "12:15").unwrap();
    assert_eq!((rung, reminded.version), (Rung::Remind, 1));
    assert_eq!(reminded.next_rung, Some(NextRung { rung: Rung::DutyOfficer, at: at("12:30") }));
    assert!(climb(reminded.clone(), "12:29").is_err());
    let (told, rung) = climb(reminded, "12:59").unwrap();
    assert_eq!((rung, told.next_rung), (Rung::Coordinator, Some(NextRung { rung: Rung::Lapse, at: at("13:00") })));
    let (lapsed, rung) = climb(told, "13:00").unwrap();
    assert_eq!((rung, lapsed.state, lapsed.next_rung, lapsed.version), (Rung::Lapse, HandoffState::Lapsed { at: at("13:00") }, None, 2));
}

#[test]
fn only_the_receiver_answers_and_only_the_giver_withdraws() {
    for (code, is_receiver) in [("desk-pvg", false), ("site-1", true), ("site-2", false), ("", false)] {
        let someone = signer(9, code);
        let right = if is_receiver { None } else { Some(HandoffError::NotTheReceiver) };
        assert_eq!(accept(offered(), whole(), &someone, at("12:30")).err(), right, "{code}");
        assert_eq!(offered().refuse(reason(), &someone, at("12:30")).err(), right, "{code}");
        assert_eq!(offered().count(3, &someone).err(), right, "{code}");
        let right = if code == "desk-pvg" { None } else { Some(HandoffError::NotTheGiver) };
        assert_eq!(offered().withdraw(reason(), &someone, at("12:30")).err(), right, "{code}");
    }
}

#[test]
fn nobody_answers_what_they_offered_for_either_side_or_as_coordinator() {
    let moved = signer(1, "site-1");
    assert_eq!(accept(offered(), whole(), &moved, at("12:30")).err(), Some(HandoffError::SameSigner));
    assert_eq!(offered().refuse(reason(), &moved, at("12:30")).err(), Some(HandoffError::SameSigner));
    assert_eq!(offered().decide(&list(), Decision::Refuse, reason(), &moved, at("13:30")).err(), Some(HandoffError::SameSigner));
    let receiver = signer(2, "site-1");
    assert_eq!(offered().decide(&list(), Decision::Accept(whole()), reason(), &receiver, at("13:30")).err(), Some(HandoffError::TheReceiver));
}

#[test]
fn what_a_coordinator_decides_is_recorded_as_such() {
    let (accepted, settlement) = offered().decide(&list(), Decision::Accept(whole()), reason(), &signer(3, ""), at("13:30")).unwrap();
    assert_eq!(settlement.received, list());
    let decided = accepted.state.ended_by().and_then(|by| by.decided.clone());
    assert_eq!(decided, Some(reason()));
    let Err(HandoffError::Ended { side, .. }) = accepted.count(3, &signer(2, "site-1")) else { panic!("counted after the end") };
    assert_eq!(side, "coordinator");
    let without = Handoff { answer_by: None, ..offered() };
    assert_eq!(without.decide(&list(), Decision::Refuse, reason(), &signer(3, ""), at("23:00")).err(), Some(HandoffError::NotOverdue { answer_by: None }));
}

#[test]
fn a_phones_time_is_brought_between_the_offer_and_now_if_it_is_off_by_minutes_and_refused_if_by_more() {
    let accept = |time: &str| {
        let receipt = Receipt { happened_at: Some(at(time)), ..whole() };
        accept(offered(), receipt, &signer(2, "site-1"), at("12:30")).map(|handoff| match handoff.state {
            HandoffState::Accepted(acceptance) => acceptance.happened_at,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(accept("12:10"), Ok(at("12:10")));
    assert_eq!(accept("12:35"), Ok(at("12:30")));
    assert_eq!(accept("12:35:01"), Err(HandoffError::HappensLater));
    assert_eq!(accept("11:55"), Ok(at("12:00")));
    assert_eq!(accept("11:54:59"), Err(HandoffError::HappenedBeforeOffer));
}

#[test]
fn the_first_count_stays_and_saying_it_again_changes_nothing() {
    let counted = offered().count(2, &signer(2, "site-1")).unwrap();
    assert_eq!((counted.first_count, counted.version), (Some(2), 2));
    assert_eq!(counted.clone().count(2, &signer(2, "site-1")).as_ref(), Ok(&counted));
    assert_eq!(counted.clone().count(3, &signer(2, "site-1")), Err(HandoffError::AlreadyCounted { first: 2 }));
    assert_eq!(offered().count(-1, &signer(2, "site-1")), Err(HandoffError::CountBelowZero));
    let below = Receipt { counted: -3, ..Receipt::default() };
    assert_eq!(accept(offered(), below, &signer(2, "site-1"), at("12:30")).err(), Some(HandoffError::CountBelowZero));
    assert!(accept(counted, whole(), &signer(2, "site-1"), at("12:30")).is_ok(), "a recount stands beside the first count");
}

#[test]
fn whoever_answers_without_having_counted_has_counted_and_only_then_is_told_of_the_list() {
    let guess = Receipt { counted: 2, ..Receipt::default() };
    let answered = offered().answer(&guess, &signer(2, "site-1"), at("12:30")).unwrap();
    let counted = answered.first_count().unwrap().clone();
    assert_eq!((counted.first_count, &counted.state, counted.version), (Some(2), &HandoffState::Offered, 2));
    let differs = ReceiptError::CountDiffers { counted: 2, expected: 3 };
    assert_eq!(answered.accept(&list(), guess.clone()).err(), Some(HandoffError::Receipt(differs)));
    assert_eq!(counted.clone().answer(&guess, &signer(2, "site-1"), at("12:30")).unwrap().first_count(), None, "it is counted once");
    assert_eq!(accept(counted, whole(), &signer(2, "site-1"), at("12:31")).unwrap().first_count, Some(2), "and the first count stands");
    let later = Receipt { happened_at: Some(at("12:36")), ..whole() };
    assert_eq!(offered().answer(&later, &signer(2, "site-1"), at("12:30")).err(), Some(HandoffError::HappensLater));
}

#[test]
fn a_version_that_was_not_seen_is_told_from_an_end() {
    assert_eq!(offered().expect_version(Some(2)), Err(HandoffError::Changed));
    assert!(offered().expect_version(Some(1)).is_ok());
    let ended = offered().withdraw(reason(), &signer(1, "desk-pvg"), at("12:30")).unwrap();
    assert!(matches!(ended.expect_version(Some(1)), Err(HandoffError::Ended { state: "withdrawn", .. })));
}

#[test]
fn the_digest_of_a_list_knows_no_order_and_no_other_handoff() {
    let (here, there) = (Id::from_uuid(uuid::Uuid::from_u128(7)), Id::from_uuid(uuid::Uuid::from_u128(8)));
    let backwards: Vec<TravellerId> = list().into_iter().rev().collect();
    assert_eq!(digest_of_list(here, &list()), digest_of_list(here, &backwards));
    assert_ne!(digest_of_list(here, &list()), digest_of_list(there, &list()));
    assert_ne!(digest_of_list(here, &list()), digest_of_list(here, &list()[..2]));
}
