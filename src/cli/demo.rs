//! `demo`: a throw-away database with the last days of a season, in motion until now, one account of each role, then `serve`.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::context::{Context, Installation};
use super::output::Output;
use super::simulate::Pace;
use super::{Result, Verdict, serve, simulate};
use crate::access::{self, Actor, NewUser, OrganisationCode, Password, Role, Scope, UserName};
use crate::base::{Clock, Error, Id, IdSource, Message, time};
use crate::places::{Organisation, OrganisationKind};
use crate::sites;

/// How many people landed in the days before.
const TRAVELLERS: u32 = 600;

/// How many days are in motion.
const DAYS: u64 = 9;

#[derive(Serialize)]
struct Demo {
    database: String,
    accounts: Vec<Account>,
}

#[derive(Serialize)]
struct Account {
    name: &'static str,
    role: &'static str,
    password: String,
}

pub(super) fn run(context: &Context, output: &Output, arguments: &serve::Arguments) -> Result<Verdict> {
    let folder = tempfile::tempdir().map_err(|cause| Error::Unavailable(Message::new("demo_folder").with("cause", cause)))?;
    let mut settings = context.settings.clone();
    settings.database.url = format!("sqlite://{}", folder.path().join("demo.db").display()).into();
    settings.keys.file = folder.path().join("demo.keys.toml");
    output.message(&Message::new("demo_plays").with("travellers", TRAVELLERS).with("days", DAYS));
    let now = context.clock.now();
    let today = time::civil_date(now);
    let from = today - Days::new(DAYS);
    {
        let past = Context { settings: settings.clone(), clock: Clock::at(time::midnight(from)) };
        let installation = past.installation_with(IdSource::seeded(1))?;
        simulate::play(&past, &installation, output, (from, today), in_motion(now), TRAVELLERS, 1)?;
    }
    let context = Context { settings, clock: context.clock.clone() };
    let installation = context.installation()?;
    confirm_beds(&installation, today)?;
    let mut accounts = Vec::new();
    for (name, role, scope, organisation) in ACCOUNTS {
        let chance = IdSource::random();
        let password = Password::generate(&chance);
        let hash = password.hash(&chance)?;
        let user_name: UserName = name.parse().map_err(Error::Refused)?;
        let scope = Scope::parse(scope).map_err(Error::Refused)?;
        let organisation: Option<OrganisationCode> = organisation.map(|code: &str| code.parse().map_err(Error::Refused)).transpose()?;
        let new = NewUser { name: user_name, display_name: String::new(), role, scope: Some(scope), organisation };
        installation.db.write(move |tx| access::user_add(tx, &Actor::operator(), new.clone(), Some(&hash)))?;
        accounts.push(Account { name, role: role.code(), password: password.expose().to_owned() });
    }
    let demo = Demo { database: context.settings.database.url.expose().to_owned(), accounts };
    output.result(&demo, |language| {
        let line = |account: &Account| format!("  {:<12} {:<18} {}", account.name, account.role, account.password);
        std::iter::once(language.text("demo_accounts")).chain(demo.accounts.iter().map(line)).collect::<Vec<_>>().join("\n")
    })?;
    serve::serve(&context, installation, output, arguments)?;
    Ok(Verdict::Done)
}

/// The sites of the provinces say how many people they take in on the coming nights; every fifth has not been asked yet.
fn confirm_beds(installation: &Installation, today: NaiveDate) -> Result<()> {
    let is_asked = |n: usize| n % 5 != 4;
    let sites = installation.rulebook.organisations.iter().filter(|one| one.kind == OrganisationKind::Site && one.place.province().digits() != 310_000);
    let said: Vec<(Id<Organisation>, i32)> = sites.enumerate().filter(|(n, _)| is_asked(*n)).map(|(n, site)| (site.id(), 20 + 10 * (n as i32 % 4))).collect();
    installation.db.write(move |tx| {
        let last = today + Days::new(6);
        said.iter().try_for_each(|(site, beds)| sites::confirm(tx, &Actor::operator(), *site, today, last, *beds).map(drop))
    })?;
    Ok(())
}

/// The days as they must go for every stage of the chain to be under way `now`: the first coaches of the day have come to their hubs and the
/// sites are asked to receive, the second ones are boarding.
fn in_motion(now: DateTime<Utc>) -> Pace {
    let transfers_at = now - TimeDelta::minutes(8 * 60 + 30);
    let transfers_after = transfers_at - time::midnight(time::civil_date(transfers_at));
    Pace { transfers_after, until: now, open_from: Some(now - TimeDelta::minutes(45)) }
}

type AccountOf = (&'static str, Role, &'static [&'static str], Option<&'static str>);

/// One of each role that signs in by password.
const ACCOUNTS: [AccountOf; 8] = [
    ("desk", Role::AirportDesk, &["all"], Some("desk-pvg")),
    ("site", Role::Site, &["310115"], Some("site-310115-1")),
    ("dispatcher", Role::Dispatcher, &["all"], None),
    ("jiangsu", Role::ProvincialGroup, &["32"], Some("work-group-32")),
    ("suzhou", Role::CitySquad, &["320500"], Some("site-320500-1")),
    ("coordinator", Role::Coordinator, &["all"], None),
    ("auditor", Role::Auditor, &["all"], None),
    ("admin", Role::Administrator, &["all"], None),
];
