//! The statement between two sides for a period: what passed in either direction, who differs, what each side has signed. It is signed, or
//! refused with a reason, on the page it is read on.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Query};
use askama::Template;
use base16ct::lower;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::{Frame, go, page, told, words};
use crate::access::{Act, OrganisationCode};
use crate::base::time::{civil_date, parse_date};
use crate::base::{Error, Language, Message, Result};
use crate::custody::statement::{self, Asked, Flow, Frozen, Statement, StatementDigest};
use crate::db::Conn;
use crate::places::Organisations;
use crate::web::call::Call;
use crate::web::problem::{Problem, status};

#[derive(Template)]
#[template(path = "statements.html", config = ".askama.toml")]
struct StatementPage {
    frame: Frame,
    one: String,
    other: String,
    from: String,
    to: String,
    organisations: Vec<(String, String)>,
    refusal: Option<String>,
    flows: Vec<FlowLines>,
    signed: Vec<SignedCard>,
    /// The digest of what it says now.
    digest: String,
    /// Whether what it says now has been signed or refused by nobody.
    is_new: bool,
    may_sign: bool,
}

/// One direction.
struct FlowLines {
    from: String,
    to: String,
    figures: Vec<(String, i64)>,
    is_balanced: bool,
    differences: Vec<DifferenceLine>,
}

struct DifferenceLine {
    traveller: String,
    handoff: String,
    kind: String,
    reason: String,
}

/// A statement that somebody has signed or refused.
struct SignedCard {
    digest: String,
    is_current: bool,
    tag: &'static str,
    state: String,
    text: String,
    said: Vec<SaidLine>,
    may_sign: bool,
}

struct SaidLine {
    side: String,
    by: String,
    is_refused: bool,
    reason: String,
}

/// Which statement; what is left out is chosen on the page.
#[derive(Debug, Default, Deserialize)]
pub struct PeriodQuery {
    #[serde(default)]
    one: String,
    #[serde(default)]
    other: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// What is signed, or refused with a reason.
#[derive(Deserialize)]
pub struct SignForm {
    one: String,
    other: String,
    from: String,
    to: String,
    digest: String,
    #[serde(default)]
    refused_because: Option<String>,
}

/// What is read of a period.
struct Seen {
    now: Statement,
    digest: StatementDigest,
    signed: Vec<Frozen>,
}

/// Shows the statement that is asked for; without one, the form to choose it.
pub async fn show(call: Call, query: Query<PeriodQuery>) -> Result<HttpResponse, Problem> {
    show_after(call, query.into_inner(), None).await
}

/// Signs or refuses.
pub async fn sign(call: Call, form: Form<SignForm>) -> Result<HttpResponse, Problem> {
    let SignForm { one, other, from, to, digest, refused_because } = form.into_inner();
    let query = PeriodQuery { one, other, from, to };
    let read = asked(&query).and_then(|asked| {
        let bytes = lower::decode_vec(&digest).ok().and_then(|bytes| StatementDigest::try_from(bytes).ok());
        let refused = refused_because.as_deref().map(|text| text.parse().map_err(|message| Error::invalid("refused_because", message))).transpose()?;
        Ok((asked, bytes.ok_or_else(|| Error::invalid("digest", Message::new("body_unreadable")))?, refused))
    });
    let (asked, digest, refused) = match read {
        Ok(read) => read,
        Err(error) => return show_after(call, query, Some(error)).await,
    };
    let (actor, keyring) = (call.actor.clone(), call.app.keyring().clone());
    let signed = call.app.write(move |tx| statement::sign(tx, &actor, &keyring.signing(), &asked, digest, refused.clone())).await;
    match signed {
        Ok(_) => Ok(go(&format!("/statements?one={}&other={}&from={}&to={}", query.one, query.other, query.from, query.to))),
        Err(error) => show_after(call, query, Some(error)).await,
    }
}

async fn show_after(call: Call, query: PeriodQuery, refusal: Option<Error>) -> Result<HttpResponse, Problem> {
    let today = civil_date(call.app.db().clock().now());
    let query = PeriodQuery { one: or(query.one, || call.actor.organisation().map(ToString::to_string).unwrap_or_default()), ..query };
    let query = PeriodQuery { from: or(query.from, || (today - Days::new(7)).to_string()), to: or(query.to, || (today - Days::new(1)).to_string()), ..query };
    let is_chosen = !query.one.is_empty() && !query.other.is_empty();
    let seen = match asked(&query) {
        Ok(asked) if is_chosen => {
            let actor = call.actor.clone();
            let read = move |conn: &mut Conn| {
                let now = statement::statement(conn, &actor, &asked)?;
                let digest = statement::digest(&statement::text(&now));
                Ok(Seen { digest, signed: statement::signed(conn, &actor, &asked)?, now })
            };
            call.app.read(read).await.map(Some)
        }
        Err(error) if is_chosen => Err(error),
        _ => Ok(None),
    };
    let (seen, refusal) = match seen {
        Ok(seen) => (seen, refusal),
        Err(error @ (Error::NotFound(_) | Error::Internal(_) | Error::Unavailable(_))) => return Err(error.into()),
        Err(error) => (None, Some(error)),
    };
    let code = refusal.as_ref().map_or(StatusCode::OK, status);
    let refusal = refusal.map(|error| told(error, call.language)).transpose()?.map(|said| said.join(" "));
    page(code, &shown(&call, query, seen, refusal, today))
}

fn or(text: String, otherwise: impl FnOnce() -> String) -> String {
    if text.is_empty() { otherwise() } else { text }
}

fn asked(query: &PeriodQuery) -> Result<Asked> {
    let code = |field: &str, text: &str| text.parse::<OrganisationCode>().map_err(|message| Error::invalid(field, message));
    let date = |field: &str, text: &str| parse_date(text).ok_or_else(|| Error::invalid(field, Message::new("bad_date")));
    Ok(Asked { one: code("one", &query.one)?, other: code("other", &query.other)?, from: date("from", &query.from)?, to: date("to", &query.to)? })
}

fn shown(call: &Call, query: PeriodQuery, seen: Option<Seen>, refusal: Option<String>, today: NaiveDate) -> StatementPage {
    let (language, organisations) = (call.language, &call.app.rulebook().organisations);
    let own = call.actor.organisation().map(ToString::to_string);
    let is_side = own.as_ref().is_some_and(|own| *own == query.one || *own == query.other);
    let is_over = parse_date(&query.to).is_some_and(|to| to < today);
    let may_sign = is_side && is_over && call.actor.role().may(Act::SignStatement);
    let name = |code: &str| words::organisation_named(organisations, code, language);
    let (flows, signed, digest) = match seen {
        None => (Vec::new(), Vec::new(), None),
        Some(Seen { now, digest, signed }) => {
            let card = |frozen: Frozen| signed_card(frozen, &digest, may_sign, own.as_deref(), organisations, today, language);
            (now.flows.into_iter().map(|flow| flow_lines(flow, organisations, language)).collect(), signed.into_iter().map(card).collect(), Some(digest))
        }
    };
    StatementPage {
        organisations: organisations.iter().map(|one| (one.code.clone(), name(&one.code))).collect(),
        one: query.one,
        other: query.other,
        from: query.from,
        to: query.to,
        refusal,
        is_new: digest.is_some() && !signed.iter().any(|card: &SignedCard| card.is_current),
        digest: digest.map(|digest| lower::encode_string(&digest)).unwrap_or_default(),
        flows,
        signed,
        may_sign,
        frame: Frame::of(call),
    }
}

fn flow_lines(flow: Flow, organisations: &Organisations, language: Language) -> FlowLines {
    let named = [
        ("statement_brought_forward", flow.brought_forward),
        ("statement_offered", flow.offered),
        ("statement_received", flow.received),
        ("statement_outside", flow.outside),
        ("statement_excepted", flow.excepted),
        ("statement_refused_people", flow.refused),
        ("statement_withdrawn", flow.withdrawn),
        ("statement_carried_forward", flow.carried_forward),
        ("statement_overdue", flow.overdue),
        ("statement_extras", flow.extras),
    ];
    FlowLines {
        is_balanced: flow.is_balanced(),
        from: words::organisation_named(organisations, flow.giver.code.as_str(), language),
        to: words::organisation_named(organisations, flow.receiver.code.as_str(), language),
        figures: named.into_iter().map(|(key, n)| (language.text(key), n)).collect(),
        differences: flow
            .differences
            .into_iter()
            .map(|one| DifferenceLine {
                traveller: one.traveller.to_string(),
                handoff: one.handoff.to_string(),
                kind: language.text(&format!("outcome_{}", one.kind.name())),
                reason: one.reason.to_string(),
            })
            .collect(),
    }
}

fn signed_card(
    frozen: Frozen,
    now: &StatementDigest,
    may_sign: bool,
    own: Option<&str>,
    organisations: &Organisations,
    today: NaiveDate,
    language: Language,
) -> SignedCard {
    let agreement = frozen.agreement();
    let has_signed = frozen.signatures.iter().any(|said| said.refused.is_none() && own == Some(said.organisation.as_str()));
    let line = |said: &statement::SideSignature| SaidLine {
        side: words::organisation_named(organisations, said.organisation.as_str(), language),
        by: format!("{} {}", said.by, words::moment(said.at, today, language)),
        is_refused: said.refused.is_some(),
        reason: said.refused.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    SignedCard {
        digest: lower::encode_string(&frozen.digest),
        is_current: frozen.digest == *now,
        tag: match agreement {
            statement::Agreement::Open => "waiting",
            statement::Agreement::Agreed => "arrived",
            statement::Agreement::Disputed => "late",
        },
        state: language.text(&format!("statement_{}", agreement.name())),
        said: frozen.signatures.iter().map(line).collect(),
        text: frozen.text,
        may_sign: may_sign && !has_signed,
    }
}
