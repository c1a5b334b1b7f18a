//! Users, actors and scopes. An [`Actor`] cannot be made up: its fields are private, and outside this slice there is only
//! [`Actor::operator`], for whoever sits at the machine of the database anyway.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::role::{Act, Role};
use super::token::{Kind, Token};
use crate::base::{Error, Id, Language, Message, Result};

/// Somebody, or some machine, who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: Id<User>,
    /// What they sign in with.
    pub name: UserName,
    /// How others see them in lists and on sheets.
    pub display_name: String,
    /// What they are here to do.
    pub role: Role,
    /// Whom they may see.
    pub scope: Scope,
    /// The organisation they answer and sign for; none for those who oversee.
    pub organisation: Option<OrganisationCode>,
    /// When they were added (UTC).
    pub created_at: DateTime<Utc>,
    /// When they were shut out (UTC), if they were.
    pub disabled_at: Option<DateTime<Utc>>,
    /// The language they chose; none until they do.
    pub language: Option<Language>,
}

/// Somebody to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they will sign in with.
    pub name: UserName,
    /// How others will see them; the name, if empty.
    pub display_name: String,
    /// What they are here to do.
    pub role: Role,
    /// Whom they may see; everybody if none is given and the role has no place of its own.
    pub scope: Option<Scope>,
    /// The organisation they will answer and sign for.
    pub organisation: Option<OrganisationCode>,
}

impl NewUser {
    /// The scope they get. A role that belongs to a place needs one.
    pub(super) fn resolved_scope(&self) -> Result<Scope> {
        match &self.scope {
            Some(scope) if *scope != Scope::All => Ok(scope.clone()),
            _ if self.role.has_place() => Err(Error::invalid("scope", Message::new("scope_required").with("role", self.role))),
            _ => Ok(Scope::All),
        }
    }
}

/// Who is asking. Every use case wants one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    user: Option<Id<User>>,
    name: String,
    role: Role,
    scope: Scope,
    organisation: Option<OrganisationCode>,
    language: Option<Language>,
    session: Option<Id<Token>>,
}

impl Actor {
    /// The command line on the machine of the database, and the background jobs: nobody there could be kept out.
    pub fn operator() -> Self {
        Self { user: None, name: "operator".into(), role: Role::Administrator, scope: Scope::All, organisation: None, language: None, session: None }
    }

    /// The operator acting for one organisation, as a simulation does for each side in turn.
    pub fn operator_for(organisation: OrganisationCode) -> Self {
        Self { organisation: Some(organisation), ..Self::operator() }
    }

    /// A user who has shown who they are.
    pub(super) fn of(user: User) -> Self {
        let User { id, display_name: name, role, scope, organisation, language, .. } = user;
        Self { user: Some(id), name, role, scope, organisation, language, session: None }
    }

    /// A user who has come by a token.
    pub(super) fn come_by(token: &Token, user: User) -> Self {
        Self { session: (token.kind == Kind::Session).then_some(token.id), ..Self::of(user) }
    }

    /// An actor out of thin air, for tests of rules.
    #[cfg(test)]
    pub(crate) fn imagined(role: Role, scope: Scope) -> Self {
        Self { user: None, name: role.to_string(), role, scope, organisation: None, language: None, session: None }
    }

    /// The user; none for the operator.
    pub fn user(&self) -> Option<Id<User>> {
        self.user
    }

    /// How others see them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whom they may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The session that they have come by; none for a program, which has a token of its own, and for the operator.
    pub fn session(&self) -> Option<Id<Token>> {
        self.session
    }

    /// The language they chose.
    pub fn language(&self) -> Option<Language> {
        self.language
    }

    /// The organisation they answer for.
    pub fn organisation(&self) -> Option<&OrganisationCode> {
        self.organisation.as_ref()
    }

    /// Refuses with `not_allowed` what the role may not do. Every use case begins with it.
    pub fn must(&self, act: Act) -> Result<()> {
        if self.role.may(act) { Ok(()) } else { Err(Error::Forbidden(Message::new("not_allowed").with("role", self.role).with("act", act))) }
    }

    /// Like [`Actor::must`], for what concerns the whole installation (its users, its policies, its audit trail): whoever
    /// sees only a part of it is refused with `not_allowed_in_part`.
    pub fn must_everywhere(&self, act: Act) -> Result<()> {
        self.must(act)?;
        if self.scope == Scope::All { Ok(()) } else { Err(Error::Forbidden(Message::new("not_allowed_in_part").with("act", act))) }
    }

    /// Refuses whoever neither reads what was done nor closes the days, of everybody.
    pub fn must_oversee(&self) -> Result<()> {
        self.must_everywhere(Act::ViewAudit).or_else(|_| self.must_everywhere(Act::SealDay))
    }
}

/// Whose people, trips and figures exist for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those of these places and these organisations, and of nobody if both are empty.
    Within {
        /// Provinces, cities, districts.
        places: Vec<Territory>,
        /// Organisations, sites among them.
        organisations: Vec<OrganisationCode>,
    },
}

impl Scope {
    /// Reads the parts of a scope: administrative codes and codes of organisations; a part `all` is everything.
    pub fn parse<T: AsRef<str>>(parts: &[T]) -> Result<Self, Message> {
        let (mut places, mut organisations) = (Vec::new(), Vec::new());
        for part in parts.iter().map(|part| part.as_ref().trim()) {
            if part == "all" {
                return Ok(Self::All);
            }
            let bad = |_| Message::new("bad_scope").with("value", part);
            if part.starts_with(|first: char| first.is_ascii_digit()) {
                places.push(part.parse().map_err(bad)?);
            } else {
                organisations.push(part.parse().map_err(bad)?);
            }
        }
        places.sort();
        places.dedup();
        organisations.sort();
        organisations.dedup();
        Ok(Self::Within { places, organisations })
    }

    /// Whether something that concerns these places (six-digit codes) and these organisations exists for this scope. One
    /// of them is enough: a traveller bound for Suzhou is both Suzhou's and the district's where they are now.
    pub fn covers(&self, adcodes: &[&str], concerned: &[&OrganisationCode]) -> bool {
        match self {
            Self::All => true,
            Self::Within { places, organisations } => {
                adcodes.iter().any(|adcode| places.iter().any(|place| place.contains(adcode))) || concerned.iter().any(|code| organisations.contains(code))
            }
        }
    }

    /// Whether an organisation exists for this scope, by the place where it stands (six digits) and its code.
    pub fn covers_organisation(&self, place: &str, code: &str) -> bool {
        let code: Option<OrganisationCode> = code.parse().ok();
        self.covers(&[place], &Vec::from_iter(&code))
    }

    /// The same as SQL, for the one condition by which a store narrows a query: `places` are columns of six-digit codes,
    /// `organisations` columns of codes of organisations. What goes into the text is digits, small letters and hyphens by
    /// construction, so nothing of it needs a bind.
    pub fn condition(&self, places: &[&'static str], organisations: &[&'static str]) -> String {
        let Self::Within { places: territories, organisations: codes } = self else { return "(1 = 1)".into() };
        let within = |column: &&str, territory: &Territory| {
            let (from, to) = territory.range();
            format!("{column} >= '{from}' AND {column} < '{to}'")
        };
        let mut ways: Vec<String> = places.iter().flat_map(|column| territories.iter().map(move |territory| within(column, territory))).collect();
        if !codes.is_empty() {
            let codes = codes.iter().map(|code| format!("'{code}'")).collect::<Vec<_>>().join(", ");
            ways.extend(organisations.iter().map(|column| format!("{column} IN ({codes})")));
        }
        if ways.is_empty() { "(1 = 0)".into() } else { format!("({})", ways.join(" OR ")) }
    }
}

/// The parts, separated by commas; [`Scope::from_str`] reads them back.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Within { places, organisations } => {
                let parts: Vec<&str> = places.iter().map(|place| place.0.as_str()).chain(organisations.iter().map(OrganisationCode::as_str)).collect();
                f.write_str(&parts.join(","))
            }
        }
    }
}

impl FromStr for Scope {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        let parts: Vec<&str> = text.split(',').filter(|part| !part.trim().is_empty()).collect();
        Self::parse(&parts)
    }
}

/// A province, city or district, as the first two, four or six digits of its GB/T 2260 code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Territory(String);

impl Territory {
    /// Whether the place with the six-digit code `adcode` lies in it.
    pub fn contains(&self, adcode: &str) -> bool {
        adcode.len() == 6 && adcode.starts_with(&self.0)
    }

    /// Its six-digit codes as a half-open range `[from, to)`, by which an index can be searched.
    pub fn range(&self) -> (u32, u32) {
        let width = 10_u32.pow(6 - u32::try_from(self.0.len()).unwrap_or(6));
        // Digits only, by construction.
        let first = self.0.parse::<u32>().unwrap_or(0) * width;
        (first, first + width)
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Territory {
    type Err = Message;

    /// Reads two, four or six digits; closing `00` pairs say that the whole province or city is meant.
    fn from_str(text: &str) -> Result<Self, Message> {
        let stem = text.strip_suffix("0000").or_else(|| text.strip_suffix("00")).filter(|_| text.len() == 6).unwrap_or(text);
        let is_code = matches!(stem.len(), 2 | 4 | 6) && stem.bytes().all(|b| b.is_ascii_digit()) && matches!(stem.as_bytes()[0], b'1'..=b'8');
        if is_code { Ok(Self(stem.to_owned())) } else { Err(Message::new("bad_scope").with("value", text)) }
    }
}

/// The short name of an organisation (单位) in settings, scopes and files, such as `kunshan-hub`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganisationCode(String);

impl OrganisationCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OrganisationCode {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        let is_code = (2..=40).contains(&text.len())
            && text != "all"
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if is_code { Ok(Self(text.to_owned())) } else { Err(Message::new("bad_organisation_code").with("value", text)) }
    }
}

/// What somebody signs in with. Capitals make no difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(String);

impl UserName {
    /// The name as text, in small letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UserName {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        let name = text.trim().to_lowercase();
        let is_name = (2..=40).contains(&name.chars().count()) && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if is_name { Ok(Self(name)) } else { Err(Message::new("bad_user_name")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Language;

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    fn code(text: &str) -> OrganisationCode {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_role_may_not_do_is_forbidden_and_says_so() {
        let actor = Actor::imagined(Role::Auditor, Scope::All);
        assert!(actor.must(Act::ViewAudit).is_ok());
        let Err(Error::Forbidden(message)) = actor.must(Act::ImportRoster) else { panic!("an auditor imported") };
        assert_eq!(message.code, "not_allowed");
        assert_eq!(message.text(Language::En), "As auditor, you may not import rosters.");
        assert_eq!(message.text(Language::Zh), "您的岗位（审计）无权导入旅客名单。");
    }

    #[test]
    fn a_scope_covers_its_places_down_to_the_district_and_nothing_beside_them() {
        let suzhou = scope("320500,310115");
        for inside in ["320500", "320583", "310115"] {
            assert!(suzhou.covers(&[inside], &[]), "{inside}");
        }
        for outside in ["320100", "320000", "310112", "330500", "3205", ""] {
            assert!(!suzhou.covers(&[outside], &[]), "{outside}");
        }
        assert!(suzhou.covers(&["110000", "310115"], &[]), "one place concerned is enough");
        assert!(scope("320000").covers(&["321302"], &[]));
        assert!(Scope::All.covers(&[], &[]));
    }

    #[test]
    fn a_scope_covers_its_organisations_by_their_whole_code() {
        let hub = scope("kunshan-hub");
        assert!(hub.covers(&[], &[&code("kunshan-hub")]));
        assert!(!hub.covers(&["320583"], &[&code("kunshan-hub-2")]));
    }

    #[test]
    fn an_empty_scope_covers_nobody() {
        assert!(!scope("").covers(&["320500"], &[&code("kunshan-hub")]));
    }

    #[test]
    fn what_concerns_the_whole_installation_is_not_for_a_part_of_it() {
        assert!(Actor::operator().must_everywhere(Act::ManageUsers).is_ok());
        let Err(Error::Forbidden(message)) = Actor::imagined(Role::Administrator, scope("32")).must_everywhere(Act::ManageUsers) else {
            panic!("an administrator of Jiangsu made users")
        };
        assert_eq!(message.code, "not_allowed_in_part");
        assert!(Actor::imagined(Role::Site, Scope::All).must_everywhere(Act::ManageUsers).is_err());
    }

    #[test]
    fn the_condition_for_a_query_names_columns_and_codes() {
        let condition = |text: &str| scope(text).condition(&["t.destination", "o.place"], &["o.code"]);
        assert_eq!(condition("all"), "(1 = 1)");
        assert_eq!(condition(""), "(1 = 0)");
        assert_eq!(
            condition("32,hub-1"),
            "(t.destination >= '320000' AND t.destination < '330000' OR o.place >= '320000' AND o.place < '330000' OR o.code IN ('hub-1'))"
        );
        assert_eq!(scope("hub-1").condition(&["t.destination"], &[]), "(1 = 0)");
    }

    #[test]
    fn what_is_no_code_is_no_scope() {
        for text in ["3", "320", "32050", "3205000", "00", "0532", "92", "32050x", "Hub", "a", "hub_1", "枢纽"] {
            assert_eq!(Scope::parse(&[text]).map_err(|message| message.code), Err("bad_scope"), "{text}");
        }
        assert_eq!(scope("310000").to_string(), "31");
        assert_eq!(scope("320500,32,3205,b2,a-1").to_string(), "32,3205,a-1,b2");
        assert_eq!(scope("32,all"), Scope::All);
    }

    #[test]
    fn a_user_name_is_the_same_in_capitals() {
        assert_eq!("Wang.Fang".parse::<UserName>(), " wang.fang ".parse());
        assert!("王芳".parse::<UserName>().is_ok());
        for text in ["", "a", "a b", "a@b", "'; drop", &"x".repeat(41)] {
            assert!(text.parse::<UserName>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_range_of_a_territory_holds_exactly_what_it_contains(stem in "[1-8][0-9]([0-9]{2}){0,2}", adcode in 100_000_u32..900_000) {
            let territory: Territory = stem.parse().unwrap();
            let (from, to) = territory.range();
            prop_assert_eq!((from..to).contains(&adcode), territory.contains(&adcode.to_string()));
            prop_assert!(territory.contains(&from.to_string()));
        }

        #[test]
        fn a_scope_reads_back_what_it_wrote(parts in proptest::collection::vec("[1-8][1-9]|[1-8][0-9][1-9]{2}|[a-z][a-z0-9-]{3,9}", 0..6)) {
            let scope = Scope::parse(&parts).unwrap();
            prop_assert_eq!(scope.to_string().parse::<Scope>(), Ok(scope));
        }
    }
}
