//! Policies, and the days they come to.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Faults;
use crate::base::time::{civil_date, in_shanghai};
use crate::base::{Error, Language};
use crate::policy::{Calendar, Facts, Policy, SegmentDates, TestDue};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// A policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Whose destination it is for.
    pub applies_to: Vec<String>,
    /// Landings from this instant on.
    #[schema(format = DateTime)]
    pub from: String,
    /// Its segments, in order.
    pub segments: Vec<SegmentView>,
    /// How many days in all.
    pub total_days: u16,
    /// Where the rule was published.
    pub sources: Vec<String>,
}

/// A segment of a policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentView {
    /// Where it is spent: `shanghai`, `destination`, `home` or the code of a place.
    pub place: String,
    /// Which side answers.
    pub responsible: &'static str,
    /// How many days.
    pub days: u8,
}

/// All policies.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoliciesView {
    /// The policies.
    pub items: Vec<PolicyView>,
}

/// Whose days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DaysQuery {
    /// The landing; local time is Shanghai's.
    #[param(format = DateTime, example = "2020-09-12T00:10:00+08:00")]
    pub landed: String,
    /// The destination: a code, or a Chinese name.
    #[param(example = "320500")]
    pub to: String,
    /// The date for which the day is counted; today, if left out.
    #[param(format = Date)]
    pub on: Option<String>,
}

/// The quarantine calendar of one landing.
#[derive(Debug, Serialize, ToSchema)]
pub struct DaysView {
    /// The policy that counts.
    pub policy: String,
    /// Its version.
    pub version: u32,
    /// Day 1.
    #[schema(format = Date)]
    pub day_one: String,
    /// The day that was asked for; absent outside the calendar.
    pub day: Option<u16>,
    /// The segments, with dates.
    pub segments: Vec<SegmentDatesView>,
    /// The dates of the moves.
    #[schema(format = Date)]
    pub transfer_on: Vec<String>,
    /// The tests due.
    pub tests_due: Vec<TestDueView>,
    /// When the person is released.
    #[schema(format = DateTime)]
    pub released_at: String,
    /// Why it is so, for a person.
    pub because: Vec<String>,
}

/// A segment with its dates.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentDatesView {
    /// Its number, from 1.
    pub n: u8,
    /// Where it is spent.
    pub place: String,
    /// Which side answers.
    pub responsible: &'static str,
    /// How many days.
    pub days: u16,
    /// Its first date.
    #[schema(format = Date)]
    pub starts_on: String,
    /// Its last date.
    #[schema(format = Date)]
    pub ends_on: String,
}

/// A test with its date.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestDueView {
    /// The day of the quarantine.
    pub day: u8,
    /// The date.
    #[schema(format = Date)]
    pub on: String,
    /// What is tested.
    pub kind: &'static str,
    /// The segment.
    pub segment: u8,
}

impl From<&Policy> for PolicyView {
    fn from(policy: &Policy) -> Self {
        let segment =
            |segment: &crate::policy::Segment| SegmentView { place: segment.place.to_string(), responsible: segment.responsible.word(), days: segment.days };
        Self {
            name: policy.name.clone(),
            version: policy.version,
            applies_to: policy.applies_to.iter().map(ToString::to_string).collect(),
            from: in_shanghai(policy.from),
            segments: policy.segments.iter().map(segment).collect(),
            total_days: policy.total_days(),
            sources: policy.sources.clone(),
        }
    }
}

impl DaysView {
    fn of(calendar: &Calendar<'_>, on: chrono::NaiveDate, language: Language) -> Self {
        Self {
            policy: calendar.policy.name.clone(),
            version: calendar.policy.version,
            day_one: calendar.day_one.to_string(),
            day: calendar.day_on(on),
            segments: calendar.segments.iter().map(SegmentDatesView::from).collect(),
            transfer_on: calendar.transfer_on.iter().map(ToString::to_string).collect(),
            tests_due: calendar.tests_due.iter().map(TestDueView::from).collect(),
            released_at: in_shanghai(calendar.released_at),
            because: calendar.because(on).iter().map(|message| message.text(language)).collect(),
        }
    }
}

impl From<&SegmentDates> for SegmentDatesView {
    fn from(segment: &SegmentDates) -> Self {
        Self {
            n: segment.n,
            place: segment.place.to_string(),
            responsible: segment.responsible.word(),
            days: segment.days,
            starts_on: segment.starts_on.to_string(),
            ends_on: segment.ends_on.to_string(),
        }
    }
}

impl From<&TestDue> for TestDueView {
    fn from(test: &TestDue) -> Self {
        Self { day: test.day, on: test.on.to_string(), kind: test.kind.word(), segment: test.segment }
    }
}

/// Lists the policies.
#[utoipa::path(get, path = "/api/v1/policies", responses((status = 200, description = "Policies", body = PoliciesView)))]
pub async fn list_policies(call: Call) -> Result<Answer, Problem> {
    let items = call.app.rulebook().policies.iter().map(PolicyView::from).collect();
    call.read(move |_, _| Ok(PoliciesView { items })).await
}

/// Counts the days of one landing.
#[utoipa::path(get, path = "/api/v1/policies/days", params(DaysQuery), responses((status = 200, description = "The calendar", body = DaysView)))]
pub async fn count_days(call: Call, query: Query<DaysQuery>) -> Result<Answer, Problem> {
    let mut faults = Faults::default();
    let today = civil_date(call.app.db().clock().now());
    let rulebook = call.app.rulebook();
    let landed = faults.instant("landed", &query.landed);
    let to = faults.field("to", rulebook.places.resolve(&query.to).map_err(|unresolved| unresolved.message()));
    let on = query.on.as_deref().map_or(Some(today), |on| faults.date("on", on));
    let (Some(landed), Some(to), Some(on)) = (landed, to, on) else { return Err(faults.into_error().into()) };
    let policy = rulebook.policies.choose(to.province, landed).map_err(|error| match error {
        Error::Refused(message) => Error::invalid("landed", message),
        other => other,
    })?;
    Ok(Answer::of(StatusCode::OK, &DaysView::of(&policy.calendar(&Facts::landed(landed)), on, call.language))?)
}
