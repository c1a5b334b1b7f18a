//! Confirmations 接收确认 are what arrives most when coaches come in, so those that arrive at the same moment are written in one transaction. Each is
//! answered as if it had been alone, and after the commit.

use std::collections::HashSet;
use std::sync::Arc;

use super::handoffs::received;
use crate::base::{Error, Result};
use crate::custody::{self, HandoffId, Receipt};
use crate::db::{Db, Tx};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::idempotency::{self, Named};

/// What a receiver says of a handoff.
pub struct Confirmation {
    /// Who says it.
    pub call: Call,
    /// Of which handoff.
    pub handoff: HandoffId,
    /// What they found.
    pub receipt: Receipt,
}

/// Writes confirmations, each once under the name that it gave itself, and answers them in their order.
pub fn confirm_all(db: &Db, confirmations: Vec<Confirmation>) -> Vec<Result<Answer>> {
    let mut answers: Vec<(usize, Result<Answer>)> = Vec::with_capacity(confirmations.len());
    let mut waiting: Vec<(usize, Confirmation)> = confirmations.into_iter().enumerate().collect();
    while !waiting.is_empty() {
        // Of two about one handoff, or under one name, the second is told what the first has done.
        let (mut handoffs, mut names) = (HashSet::new(), HashSet::new());
        let (group, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, confirmation)| {
            let is_first = handoffs.insert(confirmation.handoff);
            confirmation.call.named().is_none_or(|named| names.insert((named.key.user, named.key.key.clone()))) && is_first
        });
        let (places, group): (Vec<usize>, Vec<Confirmation>) = group.into_iter().unzip();
        answers.extend(places.into_iter().zip(write(db, group)));
        waiting = later;
    }
    answers.sort_unstable_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Writes confirmations of different handoffs and names together; if the database refuses them so, each by itself. Where the outcome may be unknown
/// nothing is tried again here: whoever has a name for the request does.
fn write(db: &Db, group: Vec<Confirmation>) -> Vec<Result<Answer>> {
    let group = Arc::new(group);
    let together = {
        let group = Arc::clone(&group);
        db.write(move |tx| write_together(tx, &group))
    };
    let alone = |n| {
        let group = Arc::clone(&group);
        db.write(move |tx| write_alone(tx, &group[n]))
    };
    match together {
        Ok(answers) => answers,
        Err(error @ Error::Unavailable(_)) => group.iter().map(|_| Err(error.copy())).collect(),
        Err(_) => (0..group.len()).map(alone).collect(),
    }
}

fn write_together(tx: &mut Tx<'_>, group: &[Confirmation]) -> Result<Vec<Result<Answer>>> {
    let names: Vec<Option<Named<'_>>> = group.iter().map(|one| one.call.named()).collect();
    idempotency::once_all(tx, &names, |tx, fresh| {
        let answer = |n: &usize| {
            let Confirmation { call, handoff, receipt } = &group[*n];
            custody::Answer { actor: &call.actor, handoff: *handoff, seen: call.seen(), receipt: receipt.clone() }
        };
        let receptions = custody::accept_all(tx, fresh.iter().map(answer).collect())?;
        let told = fresh.iter().zip(receptions).map(|(n, reception)| reception.and_then(|reception| received(&group[*n].call, reception, |handoff| handoff)));
        Ok(told.collect())
    })
}

fn write_alone(tx: &mut Tx<'_>, Confirmation { call, handoff, receipt }: &Confirmation) -> Result<Answer> {
    let accept = |tx: &mut Tx<'_>| received(call, custody::accept(tx, &call.actor, *handoff, call.seen(), receipt.clone())?, |handoff| handoff);
    match call.named() {
        None => accept(tx),
        Some(named) => idempotency::once(tx, &named, accept),
    }
}
