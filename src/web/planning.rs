//! Planning as pages and API begin it: the day is read as the actor sees it, the search is asked for, and begins beside the requests.

use std::sync::{Arc, Mutex};

use chrono::NaiveDate;

use super::app::App;
use crate::access::Actor;
use crate::base::{Id, Result};
use crate::db::Tx;
use crate::dispatch::{self, Day, Proposal};
use crate::jobs;

/// A search that is to be begun when the transaction that asked for it is durable.
#[derive(Clone)]
pub struct Planning {
    day: Arc<Day>,
    seconds: i32,
    asked: Arc<Mutex<Option<Id<Proposal>>>>,
}

/// How long a search takes if nobody says otherwise.
pub const SECONDS: i32 = 20;

impl Planning {
    /// Reads the day `on`, with what was announced of it if that is planned anew.
    pub async fn of(app: &App, actor: &Actor, on: NaiveDate, seconds: i32, is_anew: bool) -> Result<Self> {
        let (shared, actor, now) = (app.clone(), actor.clone(), app.db().clock().now());
        let day = app.read(move |conn| {
            let (rulebook, driving, disinfection) = (shared.rulebook(), shared.driving(), shared.disinfection());
            if is_anew {
                dispatch::day_anew(conn, &actor, rulebook, driving, disinfection, on, now)
            } else {
                dispatch::day(conn, &actor, rulebook, driving, disinfection, on)
            }
        });
        let day = day.await?;
        let shared = app.clone();
        let day = app.block(move || {
            // Asked with no connection of the database held.
            Ok(match jobs::roads(&shared.settings().ways, &day.positions) {
                Some(roads) => day.by_roads(shared.driving(), roads),
                None => day,
            })
        });
        let day = day.await?;
        Ok(Self { day: Arc::new(day), seconds, asked: Arc::default() })
    }

    /// Asks for the search.
    pub fn ask(&self, tx: &mut Tx<'_>, actor: &Actor) -> Result<Proposal> {
        let proposal = dispatch::proposal_start(tx, actor, &self.day, self.seconds)?;
        if let Ok(mut asked) = self.asked.lock() {
            *asked = Some(proposal.id);
        }
        Ok(proposal)
    }

    /// Begins the search, if it was asked for: a request that is repeated is only answered again.
    pub fn begin(&self, app: &App) -> Result<()> {
        let asked = self.asked.lock().map_or(None, |asked| *asked);
        asked.map_or(Ok(()), |id| app.search(id))
    }
}
