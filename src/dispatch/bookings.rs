//! Bookings: the time for which a trip takes its vehicle and each of its crew. Two that overlap are refused by the database,
//! whatever races; here the refusal is turned into the name of the holder and somebody else who is free.

use super::model::Trip;
use super::store::{self, HeldBy};
use crate::access::Actor;
use crate::base::{Error, Message, Result, time};
use crate::db::Tx;
use crate::fleet::{self, Period, Staff, Vehicle};

/// What a trip books.
pub(super) enum Resource<'r> {
    Vehicle(&'r Vehicle),
    Staff(&'r Staff),
}

impl Resource<'_> {
    fn id(&self) -> uuid::Uuid {
        match self {
            Self::Vehicle(vehicle) => vehicle.id.uuid(),
            Self::Staff(staff) => staff.id.uuid(),
        }
    }

    /// The vehicle for the trip and its disinfection, a person for the trip alone.
    fn period(&self, trip: &Trip) -> Period {
        match self {
            Self::Vehicle(_) => Period { from: trip.departs_at, to: trip.arrives_at + trip.disinfection },
            Self::Staff(_) => Period { from: trip.departs_at, to: trip.arrives_at },
        }
    }
}

/// Books all of `resources` for `trip`, or none.
///
/// # Errors
/// Conflict `vehicle_taken` or `staff_taken`: names the trip that holds it, from when until when, and one of the same
/// organisation and kind that is free instead. `vehicle_away`, `staff_away`: the same, of an absence.
pub(super) fn book(tx: &mut Tx<'_>, actor: &Actor, trip: &Trip, resources: &[Resource<'_>]) -> Result<()> {
    let rows = resources.iter().map(|resource| (resource.id(), resource.period(trip))).collect::<Vec<_>>();
    match tx.attempt(|tx| store::bookings_insert(tx, trip.id, &rows)) {
        Err(Error::Conflict(message)) if message.code == "no_double_booking" => {
            for resource in resources {
                if let Some(holder) = store::holder(tx, resource.id(), resource.period(trip))? {
                    return Err(Error::Conflict(refusal(tx, actor, trip, resource, &holder)?));
                }
            }
            // Whoever held it has let it go since.
            Err(Error::Conflict(message))
        }
        outcome => outcome,
    }
}

fn refusal(tx: &mut Tx<'_>, actor: &Actor, trip: &Trip, resource: &Resource<'_>, holder: &store::Holder) -> Result<Message> {
    let period = resource.period(trip);
    let is_away = matches!(holder.by, HeldBy::Absence(_));
    let (message, free) = match resource {
        Resource::Vehicle(taken) => {
            let free = fleet::vehicles_free(tx, actor, period)?.into_iter().find(|other| {
                let permitted = taken.permit.is_none() || other.has_permit_on(time::civil_date(trip.arrives_at));
                other.organisation == taken.organisation && other.kind == taken.kind && permitted
            });
            let code = if is_away { "vehicle_away" } else { "vehicle_taken" };
            (Message::new(code).with("plate", &taken.plate), free.map(|vehicle| vehicle.plate.to_string()))
        }
        Resource::Staff(taken) => {
            let free = fleet::staff_free(tx, actor, period)?
                .into_iter()
                .find(|other| other.organisation == taken.organisation && other.role == taken.role && other.licence == taken.licence);
            let code = if is_away { "staff_away" } else { "staff_taken" };
            (Message::new(code).with("badge", &taken.badge), free.map(|staff| staff.badge))
        }
    };
    let message = match &holder.by {
        HeldBy::Trip(number) => message.with("trip", number),
        HeldBy::Absence(because) => message.with("because", because),
    };
    let message = message.with("from", time::in_shanghai(holder.period.from)).with("until", time::in_shanghai(holder.period.to));
    Ok(message.with("free", free.as_deref().unwrap_or("none")))
}
