//! Lists of travellers, within the actor's scope, by the four questions that are asked: who came on this flight, who is in this
//! organisation's custody, who moves on this day, who is in this party.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Flight, HoldKind, Party, Traveller, TravellerId};
use super::store::TravellerRow;
use crate::access::{Act, Actor, Scope};
use crate::base::page::{Page, PageRequest};
use crate::base::{Error, Id, Result};
use crate::db::schema::{flights, holds, travellers};
use crate::db::{At, Conn};
use crate::ledger::Stock;
use crate::places::Organisation;

/// Which travellers are asked for; each field narrows, and one of the first three should be there, because each has an index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Who came on this flight.
    pub flight: Option<Id<Flight>>,
    /// For whom this organisation answers.
    pub custodian: Option<Id<Organisation>>,
    /// Whose next move is on this day.
    pub transfer_on: Option<NaiveDate>,
    /// Who is in this party.
    pub party: Option<Id<Party>>,
    /// Who is counted here.
    pub stock: Option<Stock>,
}

/// A page of travellers, in the order of their ids.
pub fn list(conn: &mut Conn, actor: &Actor, wanted: Wanted, page: PageRequest<TravellerId>) -> Result<Page<Traveller, TravellerId>> {
    actor.must(Act::ViewTravellers)?;
    let mut query = travellers::table.select(TravellerRow::as_select()).order(travellers::id).limit(i64::from(page.limit) + 1).into_boxed();
    if let Some(flight) = wanted.flight {
        query = query.filter(travellers::flight_id.eq(flight));
    }
    if let Some(custodian) = wanted.custodian {
        query = query.filter(travellers::custodian_id.eq(custodian));
    }
    if let Some(day) = wanted.transfer_on {
        query = query.filter(travellers::transfer_on.eq(day));
    }
    if let Some(party) = wanted.party {
        query = query.filter(travellers::party_id.eq(party));
    }
    if let Some(stock) = wanted.stock {
        query = query.filter(travellers::stock.eq(stock.name()));
    }
    if let Some(after) = page.after {
        query = query.filter(travellers::id.gt(after));
    }
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    let rows: Vec<TravellerRow> = query.load(conn)?;
    let people = rows.into_iter().map(Traveller::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Page::cut(people, page.limit, |person| person.id))
}

/// Everyone in the actor's scope whose first move is due on `on` or was due before and who has not made it, in the order of their ids. Costs what
/// those who wait cost, whoever else is in the database.
pub fn waiting_by(conn: &mut Conn, actor: &Actor, on: NaiveDate) -> Result<Vec<Traveller>> {
    actor.must(Act::ViewTravellers)?;
    // In the words of the index of those who wait, or it is not used.
    let waiting = sql::<Bool>("stock IN ('at_port', 'in_shanghai')");
    let mut query =
        travellers::table.select(TravellerRow::as_select()).filter(travellers::transfer_on.le(on)).filter(waiting).order(travellers::id).into_boxed();
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    let rows: Vec<TravellerRow> = query.load(conn)?;
    rows.into_iter().map(Traveller::try_from).collect()
}

/// Everyone in the actor's scope for whom anybody answers, in the order of their ids. Costs what those in the chain cost.
pub(super) fn in_the_chain(conn: &mut Conn, actor: &Actor) -> Result<Vec<Traveller>> {
    actor.must(Act::ViewTravellers)?;
    let mut query = travellers::table.select(TravellerRow::as_select()).filter(travellers::custodian_id.is_not_null()).order(travellers::id).into_boxed();
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    let rows: Vec<TravellerRow> = query.load(conn)?;
    rows.into_iter().map(Traveller::try_from).collect()
}

/// One traveller of the actor's scope; outside of it there is none.
pub fn find(conn: &mut Conn, actor: &Actor, id: TravellerId) -> Result<Traveller> {
    actor.must(Act::ViewTravellers)?;
    let mut query = travellers::table.select(TravellerRow::as_select()).filter(travellers::id.eq(id)).into_boxed();
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    let row: Option<TravellerRow> = query.first(conn).optional()?;
    Traveller::try_from(row.ok_or(Error::NotFound("traveller"))?)
}

/// Those with these ids who exist for the actor, the latest landing first.
pub fn seen(conn: &mut Conn, actor: &Actor, ids: &[TravellerId]) -> Result<Vec<Traveller>> {
    let mut query = travellers::table.select(TravellerRow::as_select()).filter(travellers::id.eq_any(ids)).order(travellers::landed_at.desc()).into_boxed();
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    let rows: Vec<TravellerRow> = query.load(conn)?;
    rows.into_iter().map(Traveller::try_from).collect()
}

/// Everyone whom an organisation answers for in one stock, in the order of their ids.
pub(super) fn with_custodian(conn: &mut Conn, actor: &Actor, custodian: Id<Organisation>, stock: Stock) -> Result<Vec<Traveller>> {
    let of = travellers::custodian_id.eq(Some(custodian)).and(travellers::stock.eq(stock.name()));
    let mut query = travellers::table.select(TravellerRow::as_select()).filter(of).order(travellers::id).into_boxed();
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    let rows: Vec<TravellerRow> = query.load(conn)?;
    rows.into_iter().map(Traveller::try_from).collect()
}

/// How many people whom one of these organisations answers for are still at the port, having landed before `landed_before`.
pub fn n_waiting_since(conn: &mut Conn, actor: &Actor, custodians: &[Id<Organisation>], landed_before: DateTime<Utc>) -> Result<i64> {
    actor.must(Act::ViewTravellers)?;
    let waiting = travellers::custodian_id.eq_any(custodians.iter().copied().map(Some)).and(travellers::stock.eq(Stock::AtPort.name()));
    let mut query = travellers::table.filter(waiting).filter(travellers::landed_at.lt(At(landed_before))).select(count_star()).into_boxed();
    if let Some(condition) = condition(actor.scope()) {
        query = query.filter(sql::<Bool>(&condition));
    }
    Ok(query.first(conn)?)
}

/// So many people by the day of their next move and the city they are bound for.
pub(super) type Moves = BTreeMap<(NaiveDate, String), i64>;

/// How many people have their next move on each day, from one to another, by city. All of it is in one index, unless the scope is narrow.
pub(super) fn n_moving(conn: &mut Conn, scope: &Scope, from: NaiveDate, to: NaiveDate) -> Result<Moves> {
    let days = travellers::table.filter(travellers::transfer_on.between(from, to)).group_by((travellers::transfer_on, travellers::city));
    let mut query = days.select((travellers::transfer_on, travellers::city, count_star())).into_boxed();
    if *scope != Scope::All {
        query = query.filter(sql::<Bool>(&bound_for(scope)));
    }
    Ok(summed(query.load(conn)?))
}

/// How many of these a hold of these kinds keeps where they are, or with the doctors. Begins with what holds anybody now, which are few.
pub(super) fn n_held(conn: &mut Conn, scope: &Scope, from: NaiveDate, to: NaiveDate, kinds: &[HoldKind]) -> Result<Moves> {
    let here = Stock::ALL.into_iter().filter(|stock| stock.is_before_the_move() || *stock == Stock::Medical).map(Stock::name);
    let open = holds::table.filter(holds::lifted_at.is_null().and(holds::kind.eq_any(kinds.iter().map(|kind| kind.name())))).select(holds::traveller_id);
    let held = travellers::table.filter(travellers::id.eq_any(open)).filter(travellers::stock.eq_any(here));
    let days = held.filter(travellers::transfer_on.between(from, to)).group_by((travellers::transfer_on, travellers::city));
    let mut query = days.select((travellers::transfer_on, travellers::city, count_star())).into_boxed();
    if *scope != Scope::All {
        query = query.filter(sql::<Bool>(&bound_for(scope)));
    }
    Ok(summed(query.load(conn)?))
}

fn summed(rows: Vec<(Option<NaiveDate>, Option<String>, i64)>) -> Moves {
    rows.into_iter().filter_map(|(day, city, n)| Some(((day?, city?), n))).collect()
}

/// Refuses with `not_found` somebody who is not of the actor's scope.
pub(super) fn must_see(conn: &mut Conn, actor: &Actor, id: TravellerId) -> Result<()> {
    let Some(condition) = condition(actor.scope()) else { return Ok(()) };
    let seen = travellers::table.filter(travellers::id.eq(id)).filter(sql::<Bool>(&condition)).select(travellers::id);
    seen.first::<TravellerId>(conn).optional()?.map(drop).ok_or(Error::NotFound("traveller"))
}

/// The flights that landed on a day, the latest last.
pub fn flights_on(conn: &mut Conn, actor: &Actor, on: NaiveDate) -> Result<Vec<Flight>> {
    actor.must(Act::ViewTravellers)?;
    let columns = (flights::id, flights::flight_no, flights::port, flights::landed_at);
    let rows: Vec<(Id<Flight>, String, String, At)> = flights::table.filter(flights::landed_on.eq(on)).order(flights::landed_at).select(columns).load(conn)?;
    Ok(rows.into_iter().map(|(id, flight_no, port, landed_at)| Flight { id, flight_no, port, landed_at: landed_at.0 }).collect())
}

fn bound_for(scope: &Scope) -> String {
    scope.condition(&["travellers.destination", "travellers.city"], &[])
}

/// A traveller concerns the place they are bound for and the organisation that answers for them, with its place.
fn condition(scope: &Scope) -> Option<String> {
    if *scope == Scope::All {
        return None;
    }
    let bound = bound_for(scope);
    let here = scope.condition(&["o.place"], &["o.code"]);
    Some(format!("({bound} OR EXISTS (SELECT 1 FROM organisations o WHERE o.id = travellers.custodian_id AND {here}))"))
}
