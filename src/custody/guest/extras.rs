//! People whom a guest finds at the stop and who are not on the list. The guest names a document; what it is worth is decided here, and nothing of
//! that is told to them: whether anybody in the chain carries it is nobody's business outside the network, so the receipt, its heads, its state
//! and every refusal are the same for a person whom we know and for one whom we do not.
//!
//! Nobody leaves the network by being named. Whoever answers for the person goes on doing so, and is asked for a counter-handoff as by any other
//! receiver: only their own offer to the county says that they let the person go, and only the county's signature on the link of that offer that it
//! has them. Whom nobody here knows is a head that was counted, and a document that the giver is told of.

use super::GuestReceipt;
use crate::access::Keyring;
use crate::arrivals::document::Document;
use crate::arrivals::{self, TravellerId};
use crate::base::Result;
use crate::custody::model::Handoff;
use crate::custody::{Exception, ExceptionKind, Receipt};
use crate::db::Conn;

/// What a guest says, with everybody in it whom they named; and the documents, with who in the chain carries each.
pub(super) fn name(conn: &mut Conn, keyring: &Keyring, handoff: &Handoff, said: &GuestReceipt) -> Result<(Receipt, Vec<(Document, Option<TravellerId>)>)> {
    let (mut receipt, mut named, mut extras) = (said.receipt.clone(), Vec::new(), Vec::new());
    for document in &said.extras {
        let person = arrivals::carrier(conn, keyring, document)?;
        named.push((document.clone(), person.as_ref().map(|person| person.id)));
        receipt.counted += 1;
        // Whom the receiver answers for already nobody can offer them, and two documents of one person are two heads all the same.
        match person.filter(|person| person.custody.custodian != Some(handoff.receiver.id) && !extras.contains(&person.id)) {
            Some(person) => {
                extras.push(person.id);
                receipt.exceptions.push(Exception { traveller: person.id, kind: ExceptionKind::Extra, reason: said.because.clone() });
            }
            None => receipt.strangers += 1,
        }
    }
    Ok((receipt, named))
}
