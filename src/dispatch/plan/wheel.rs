//! A driver's hours within one trip: what they have driven without a break, and in the last 24 hours.

use super::problem::{Limits, MINUTES_OF_DAY, Minute};

/// Pieces that one driver may drive on one trip: a leg of hours, cut by breaks and nights, three days long.
const PIECES: usize = 24;

/// What one driver has driven on a trip so far.
#[derive(Debug, Clone)]
pub(super) struct Wheel {
    since_break: Minute,
    last_end: Minute,
    driven: Minute,
    pieces: [(Minute, Minute); PIECES],
    n_pieces: usize,
}

impl Wheel {
    /// A driver who is fresh.
    pub(super) fn fresh() -> Self {
        Self { since_break: 0, last_end: Minute::MIN / 2, driven: 0, pieces: [(0, 0); PIECES], n_pieces: 0 }
    }

    /// How long the driver may drive from `now` on, if `wanted` is all they are asked for; never more than that.
    pub(super) fn room(&self, limits: &Limits, now: Minute, wanted: Minute) -> Minute {
        let since_break = if now - self.last_end >= limits.shortest_break { 0 } else { self.since_break };
        let continuous = limits.continuous_driving - since_break;
        let daily = if self.driven + wanted <= limits.driving_in_24h { wanted } else { limits.driving_in_24h - self.driven_since(now - MINUTES_OF_DAY) };
        continuous.min(daily).min(wanted)
    }

    /// The first instant from `now` on at which the driver may drive `wanted` minutes, or as much of it as may be driven without a break.
    pub(super) fn ready(&self, limits: &Limits, now: Minute, wanted: Minute) -> Minute {
        let since_break = if now - self.last_end >= limits.shortest_break { 0 } else { self.since_break };
        let mut at = now;
        if since_break >= limits.continuous_driving {
            at = self.last_end + limits.shortest_break;
        }
        let wanted = wanted.min(limits.continuous_driving).min(limits.driving_in_24h);
        let mut too_much = self.driven_since(at - MINUTES_OF_DAY) + wanted - limits.driving_in_24h;
        for &(start, end) in &self.pieces[..self.n_pieces] {
            if too_much <= 0 {
                break;
            }
            let start = start.max(at - MINUTES_OF_DAY);
            if start < end {
                let leaves = too_much.min(end - start);
                at = start + leaves + MINUTES_OF_DAY;
                too_much -= leaves;
            }
        }
        at
    }

    /// Drives from `start` to `end`. False if there is no room to note it: no lawful trip has so many pieces.
    pub(super) fn drive(&mut self, limits: &Limits, start: Minute, end: Minute) -> bool {
        if start - self.last_end >= limits.shortest_break {
            self.since_break = 0;
        }
        self.since_break += end - start;
        self.last_end = end;
        self.driven += end - start;
        match self.pieces[..self.n_pieces].last_mut() {
            Some(piece) if piece.1 == start => piece.1 = end,
            _ if self.n_pieces < PIECES => {
                self.pieces[self.n_pieces] = (start, end);
                self.n_pieces += 1;
            }
            _ => return false,
        }
        true
    }

    fn driven_since(&self, since: Minute) -> Minute {
        self.pieces[..self.n_pieces].iter().map(|&(start, end)| (end - start.max(since)).max(0)).sum()
    }
}
