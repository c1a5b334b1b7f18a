//! Trips: a day with everybody who must move on it and every vehicle's trips, one trip with its seats and its steps, a new trip, and
//! the sheet that goes along; the planner's [`proposals`], whose trips are like any other once they are announced.

mod day;
mod make;
mod papers;
pub mod proposals;
mod sheet;
mod timeline;
mod trip;

pub use day::{seat, show};
pub use make::{make, new};
pub use papers::papers;
pub use sheet::sheet;
pub use trip::{crew, offer, shift, show as show_trip, step, unseat, vehicle};

use std::collections::HashSet;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::access::Actor;
use crate::base::{Id, Result};
use crate::db::Conn;
use crate::dispatch::{self, Trip, TripLine, TripState};

/// The trips of a day, after those of the day before that have not come in: a coach that left at 23:00 is still under way at 02:00.
pub fn under_way(conn: &mut Conn, actor: &Actor, today: NaiveDate) -> Result<Vec<TripLine>> {
    let mut trips = dispatch::trips_on(conn, actor, today - Days::new(1))?;
    trips.retain(|line| line.trip.state.is_open() || matches!(line.trip.state, TripState::Departed { .. }));
    trips.extend(dispatch::trips_on(conn, actor, today)?);
    Ok(trips)
}

/// How many sit on a trip, of how many; only the latter for who has yet to count them.
pub fn aboard(line: &TripLine, to_count: &HashSet<Id<Trip>>) -> String {
    let n_seats = if to_count.contains(&line.trip.id) { "?".to_owned() } else { line.n_seats.to_string() };
    format!("{n_seats}/{}", line.trip.load_cap)
}

/// The colour and shape of a trip's state.
pub fn tag(trip: &Trip, now: DateTime<Utc>) -> &'static str {
    match trip.state {
        TripState::Planned | TripState::Announced | TripState::Boarding if trip.departs_at < now => "late",
        TripState::Departed { .. } if trip.arrives_at < now => "late",
        TripState::Planned => "planned",
        TripState::Announced | TripState::Boarding => "waiting",
        TripState::Departed { .. } => "moving",
        TripState::Arrived { .. } | TripState::Closed { .. } => "arrived",
        TripState::Cancelled { .. } => "off",
    }
}
