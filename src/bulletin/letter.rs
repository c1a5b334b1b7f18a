//! News as a letter, in the language of who reads it, as text and as HTML. Pure: the same news gives the same letter.

use askama::Template;
use chrono::{DateTime, Utc};

use super::model::{Between, Differs, Digest, News, Signed};
use crate::base::time::{SHANGHAI, civil_date, clock};
use crate::base::{Error, Language, Message, Result};
use crate::dispatch::What;
use crate::places::Organisations;

/// What somebody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line that says it all.
    pub subject: String,
    /// The whole as plain text.
    pub text: String,
    /// The whole as HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "letter.html", config = ".askama.toml")]
struct Page<'l> {
    language: Language,
    subject: &'l str,
    rows: &'l [(String, String)],
    next: &'l str,
    link: Option<&'l str>,
    open: &'l str,
    footer: &'l str,
}

/// Writes what `news` says to somebody who reads `language`. `link` is where pages are served, so that the letter leads to its subject.
pub fn compose(news: &News, language: Language, organisations: &Organisations, link: Option<&str>) -> Result<Letter> {
    let writer = Writer { language, organisations };
    let subject = writer.subject(news);
    let rows = writer.rows(news);
    let next = writer.next(news);
    let link = link.zip(path(news)).map(|(base, path)| format!("{}{path}", base.trim_end_matches('/')));
    let (open, footer) = (language.text("letter_open"), language.text("letter_footer"));
    let mut text = format!("{subject}\n\n");
    let colon = if language == Language::Zh { "：" } else { ": " };
    for (label, value) in &rows {
        text += &format!("{label}{colon}{value}\n");
    }
    text += &format!("\n{next}\n");
    if let Some(link) = &link {
        text += &format!("{open}{colon}{link}\n");
    }
    text += &format!("\n-- \n{footer}\n");
    let page = Page { language, subject: &subject, rows: &rows, next: &next, link: link.as_deref(), open: &open, footer: &footer };
    let html = page.render().map_err(|fault| Error::Internal(fault.into()))?;
    Ok(Letter { subject, text, html })
}

/// Where the pages show what the news is about.
fn path(news: &News) -> Option<String> {
    match news {
        News::Offered { handoff, .. }
        | News::Reminded { handoff, .. }
        | News::Lapsed { handoff, .. }
        | News::Accepted { handoff, .. }
        | News::Exceptions { handoff, .. }
        | News::Refused { handoff, .. }
        | News::Withdrawn { handoff, .. }
        | News::Decided { handoff, .. }
        | News::Conflict { handoff, .. }
        | News::SetAside { handoff, .. }
        | News::ExtraFound { handoff, .. } => Some(format!("/handoffs/{}", handoff.id)),
        News::Departed { trip, .. } | News::TripChanged { trip, .. } => Some(format!("/trips/{trip}")),
        News::Positive { traveller, .. } => Some(format!("/travellers/{traveller}")),
        News::Digest(_) => Some("/".into()),
    }
}

/// Whether a trip does not go at all.
fn is_off(changes: &[Differs]) -> bool {
    changes.iter().any(|change| change.what == What::Cancelled.name())
}

struct Writer<'w> {
    language: Language,
    organisations: &'w Organisations,
}

impl Writer<'_> {
    fn say(&self, message: Message) -> String {
        message.text(self.language)
    }

    /// The name of an organisation; its code, if it is no more.
    fn name(&self, code: &str) -> String {
        let name = self.organisations.get(code).map(|known| known.name_in(self.language));
        name.unwrap_or(code).to_owned()
    }

    /// `09-15 14:10`, with the year where it is told apart by nothing else.
    fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&SHANGHAI).format("%Y-%m-%d %H:%M").to_string()
    }

    fn subject(&self, news: &News) -> String {
        let about = |code, handoff: &Between| Message::new(code).with("giver", self.name(&handoff.giver)).with("receiver", self.name(&handoff.receiver));
        self.say(match news {
            News::Offered { handoff, .. } => about("letter_offered", handoff),
            News::Reminded { handoff, .. } => about("letter_reminded", handoff),
            News::Lapsed { handoff, .. } => about("letter_lapsed", handoff),
            News::Accepted { handoff, counted, .. } => about("letter_accepted", handoff).with("count", counted),
            News::Exceptions { handoff, exceptions, .. } => about("letter_exceptions", handoff).with("count", exceptions.values().sum::<usize>()),
            News::Refused { handoff, .. } => about("letter_refused", handoff),
            News::Withdrawn { handoff, .. } => about("letter_withdrawn", handoff),
            News::Decided { handoff, .. } => about("letter_decided", handoff),
            News::Conflict { handoff, .. } => about("letter_conflict", handoff),
            News::SetAside { handoff, .. } => about("letter_set_aside", handoff),
            News::ExtraFound { handoff, people } => about("letter_extra_found", handoff).with("count", people),
            News::Departed { number, aboard, arrives_at, .. } => {
                Message::new("letter_departed").with("trip", number).with("count", aboard).with("arrives", clock(*arrives_at))
            }
            News::TripChanged { number, departs_at, changes, .. } => {
                let code = if is_off(changes) { "letter_trip_cancelled" } else { "letter_trip_changed" };
                let what: Vec<String> = changes.iter().map(|change| self.what(change)).collect();
                Message::new(code).with("trip", number).with("departs", self.time(*departs_at)).with("what", what.join(&self.and()))
            }
            News::Positive { .. } => Message::new("letter_positive"),
            News::Digest(digest) => {
                let of = digest.of.as_deref().map_or_else(|| self.language.text("letter_everybody"), |code| self.name(code));
                Message::new("letter_digest").with("organisation", of).with("at", self.time(digest.at))
            }
        })
    }

    /// What is to be done now, or that nothing is.
    fn next(&self, news: &News) -> String {
        self.language.text(match news {
            News::Offered { .. } | News::Reminded { .. } => "letter_next_answer",
            News::Lapsed { .. } => "letter_next_decide",
            News::Refused { .. } | News::Exceptions { .. } => "letter_next_stay",
            News::SetAside { state, .. } if state == "offered" => "letter_next_sign_again",
            News::SetAside { state, .. } if state == "lapsed" => "letter_next_decide",
            News::Conflict { .. } | News::SetAside { .. } => "letter_next_agree",
            News::ExtraFound { .. } => "letter_next_offer",
            News::Departed { .. } => "letter_next_receive",
            News::TripChanged { changes, .. } if is_off(changes) => "letter_next_other_trip",
            News::TripChanged { .. } => "letter_next_prepare",
            News::Positive { .. } => "letter_next_hold",
            News::Accepted { .. } | News::Withdrawn { .. } | News::Decided { .. } | News::Digest(_) => "letter_next_nothing",
        })
    }

    fn rows(&self, news: &News) -> Vec<(String, String)> {
        let mut rows = Rows { writer: self, rows: Vec::new() };
        match news {
            News::Offered { handoff, answer_by } => rows.between(handoff).deadline(*answer_by),
            News::Reminded { handoff, rung, answer_by } => rows.between(handoff).deadline(*answer_by).add("letter_rung", self.rung(rung)),
            News::Lapsed { handoff, at } => rows.between(handoff).add("letter_lapsed_at", self.time(*at)),
            News::Accepted { handoff, signed, counted } => rows.between(handoff).add("letter_counted", counted).signed(signed),
            News::Exceptions { handoff, signed, counted, exceptions } => {
                rows.between(handoff).add("letter_counted", counted);
                for (kind, n) in exceptions {
                    rows.add_labelled(self.exception(kind), n);
                }
                rows.signed(signed)
            }
            News::Refused { handoff, signed, reason } | News::Withdrawn { handoff, signed, reason } => {
                rows.between(handoff).add("letter_reason", reason).signed(signed)
            }
            News::Decided { handoff, signed, state, reason } => rows
                .between(handoff)
                .add("letter_decision", self.say(Message::new("letter_state").with("state", state)))
                .add("letter_reason", reason)
                .signed(signed),
            News::Conflict { handoff, state, late, is_refusal } => rows.between(handoff).late(state, *is_refusal, late),
            News::SetAside { handoff, state, late, is_refusal, because, taken_back_at } => {
                rows.between(handoff).late(state, *is_refusal, late);
                rows.add("letter_because", self.say(Message::new("set_aside_because").with("because", because)));
                match taken_back_at {
                    Some(at) => rows.add("letter_taken_back_at", self.time(*at)),
                    None => &mut rows,
                }
            }
            News::ExtraFound { handoff, people } => rows.between(handoff).add("letter_people", people),
            News::Departed { number, plate, aboard, at, arrives_at, .. } => rows
                .add("letter_trip", number)
                .add("letter_plate", plate)
                .add("letter_aboard", aboard)
                .add("letter_left_at", self.time(*at))
                .add("letter_arrives_at", self.time(*arrives_at)),
            News::TripChanged { number, departs_at, changes, because, causes, by, .. } => rows
                .add("letter_trip", number)
                .add("letter_departs_at", self.time(*departs_at))
                .differs(changes)
                .why(because.as_deref(), causes)
                .add("letter_changed_by", by),
            News::Positive { test, stock, custodian, .. } => {
                let test = self.say(Message::new("letter_test").with("test", test));
                let stock = self.say(Message::new("letter_stock").with("stock", stock));
                let custodian = custodian.as_deref().map_or_else(|| "-".into(), |code| self.name(code));
                rows.add("letter_test_kind", test).add("letter_where", stock).add("letter_custodian", custodian)
            }
            News::Digest(digest) => rows.digest(digest),
        };
        rows.rows
    }

    /// What stands between the members of an enumeration.
    fn and(&self) -> String {
        self.language.text("letter_and")
    }

    fn what(&self, change: &Differs) -> String {
        self.say(Message::new("letter_what").with("what", &change.what))
    }

    fn rung(&self, rung: &str) -> String {
        self.say(Message::new("letter_rung_name").with("rung", rung))
    }

    fn exception(&self, kind: &str) -> String {
        self.say(Message::new("letter_exception").with("exception", kind))
    }
}

struct Rows<'r> {
    writer: &'r Writer<'r>,
    rows: Vec<(String, String)>,
}

impl Rows<'_> {
    fn add(&mut self, label: &str, value: impl ToString) -> &mut Self {
        self.add_labelled(self.writer.language.text(label), value)
    }

    fn add_labelled(&mut self, label: String, value: impl ToString) -> &mut Self {
        self.rows.push((label, value.to_string()));
        self
    }

    fn between(&mut self, handoff: &Between) -> &mut Self {
        let (giver, receiver) = (self.writer.name(&handoff.giver), self.writer.name(&handoff.receiver));
        self.add("letter_giver", giver).add("letter_receiver", receiver).add("letter_handoff", handoff.id)
    }

    fn differs(&mut self, changes: &[Differs]) -> &mut Self {
        for change in changes.iter().filter(|change| change.what != What::Cancelled.name()) {
            let stops = |codes: &str| codes.split_whitespace().map(|code| self.writer.name(code)).collect::<Vec<_>>().join(&self.writer.and());
            let side = |side: &String| if change.what == What::Stops.name() { stops(side) } else { side.clone() };
            let (before, after) = (side(&change.before), side(&change.after));
            self.add_labelled(self.writer.what(change), format!("{before} → {after}"));
        }
        self
    }

    fn why(&mut self, because: Option<&str>, causes: &[String]) -> &mut Self {
        if let Some(because) = because {
            self.add("letter_reason", because);
        }
        for cause in causes {
            let cause = self.writer.say(Message::new("plan_cause").with("cause", cause));
            self.add("letter_cause", cause);
        }
        self
    }

    fn deadline(&mut self, answer_by: Option<DateTime<Utc>>) -> &mut Self {
        let time = answer_by.map_or_else(|| "-".into(), |at| self.writer.time(at));
        self.add("letter_answer_by", time)
    }

    fn signed(&mut self, signed: &Signed) -> &mut Self {
        let time = self.writer.time(signed.at);
        self.add("letter_signed_by", &signed.by).add("letter_signed_at", time)
    }

    /// An answer that does not count, and what stands.
    fn late(&mut self, stands: &str, is_refusal: bool, late: &Signed) -> &mut Self {
        let stands = self.writer.say(Message::new("letter_state").with("state", stands));
        let said = self.writer.language.text(if is_refusal { "letter_said_refusal" } else { "letter_said_receipt" });
        self.add("letter_stands", stands).add("letter_said", said).signed(late)
    }

    fn digest(&mut self, digest: &Digest) -> &mut Self {
        self.add("letter_people", digest.people)
            .add("letter_to_answer", digest.to_answer)
            .add("letter_unanswered", digest.unanswered)
            .add("letter_overdue", digest.overdue);
        for vehicle in &digest.arriving {
            let local = vehicle.at.with_timezone(&SHANGHAI);
            let is_today = civil_date(vehicle.at) == civil_date(digest.at);
            let time = if is_today { local.format("%H:%M") } else { local.format("%m-%d %H:%M") };
            let line = Message::new("letter_arriving").with("arrives", time).with("count", vehicle.aboard);
            let line = self.writer.say(line);
            self.add_labelled(vehicle.number.clone(), line);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::Arriving;
    use super::*;
    use crate::base::time::parse_instant;
    use crate::places::Places;

    fn news() -> Vec<News> {
        let at = |time: &str| parse_instant(&format!("2020-09-15 {time}")).unwrap();
        let id = uuid::Uuid::from_u128(7);
        let handoff = Between { id, giver: "desk-pvg".into(), receiver: "site-310114-1".into() };
        let signed = Signed { by: "王芳".into(), at: at("12:30") };
        let reason = String::from("车辆<未>消毒 & 没有房间");
        let exceptions = [("missing".to_owned(), 2), ("extra".to_owned(), 1)].into();
        let arriving = ["22:10", "23:59"].map(|time| Arriving { number: format!("20200915-{}", &time[3..]), at: at(time), aboard: 17 });
        let tomorrow = Arriving { number: "20200916-001".into(), at: parse_instant("2020-09-16 03:00").unwrap(), aboard: 9 };
        let digest =
            Digest { of: Some("site-310114-1".into()), at: at("21:45"), to_answer: 2, unanswered: 1, overdue: 1, people: 40, arriving: arriving.into() };
        let mut everybody = Digest { of: None, ..digest.clone() };
        everybody.arriving.push(tomorrow);
        let aside = |state: &str, because: &str, taken_back_at| News::SetAside {
            handoff: handoff.clone(),
            state: state.into(),
            late: signed.clone(),
            is_refusal: false,
            because: because.into(),
            taken_back_at,
        };
        let changed = |changes: &[(&str, &str, &str)]| News::TripChanged {
            trip: id,
            number: "20200915-001".into(),
            departs_at: at("13:00"),
            changes: changes.iter().map(|change| Differs { what: change.0.into(), before: change.1.into(), after: change.2.into() }).collect(),
            because: Some("苏A00001 抛锚".into()),
            causes: vec!["vehicle".into()],
            by: "周敏".into(),
        };
        vec![
            News::Offered { handoff: handoff.clone(), answer_by: Some(at("13:00")) },
            News::Reminded { handoff: handoff.clone(), rung: "duty_officer".into(), answer_by: Some(at("13:00")) },
            News::Lapsed { handoff: handoff.clone(), at: at("13:00") },
            News::Accepted { handoff: handoff.clone(), signed: signed.clone(), counted: 17 },
            News::Exceptions { handoff: handoff.clone(), signed: signed.clone(), counted: 15, exceptions },
            News::Refused { handoff: handoff.clone(), signed: signed.clone(), reason: reason.clone() },
            News::Withdrawn { handoff: handoff.clone(), signed: signed.clone(), reason: reason.clone() },
            News::Decided { handoff: handoff.clone(), signed: signed.clone(), state: "accepted".into(), reason },
            News::Conflict { handoff: handoff.clone(), state: "withdrawn".into(), late: signed.clone(), is_refusal: true },
            aside("offered", "phone_key_taken_back", Some(at("12:40"))),
            aside("accepted", "phone_key_taken_back", Some(at("12:40"))),
            aside("lapsed", "handoff_lapsed", None),
            aside("offered", "count_above_seats", None),
            News::ExtraFound { handoff, people: 2 },
            News::Departed { trip: id, number: "20200915-001".into(), plate: "苏A00001".into(), aboard: 17, at: at("12:40"), arrives_at: at("14:10") },
            changed(&[
                ("vehicle", "苏A00001", "苏A00002"),
                ("stops", "desk-pvg squad-320500", "desk-pvg squad-320100"),
                ("times", "12:30–14:10", "13:00–15:10"),
            ]),
            changed(&[("cancelled", "", "")]),
            News::Positive { traveller: id, test: "nucleic_acid".into(), stock: "on_road".into(), custodian: Some("work-group-32".into()) },
            News::Digest(digest),
            News::Digest(everybody),
        ]
    }

    #[test]
    fn every_letter_reads_as_agreed_in_both_languages() {
        let organisations = Organisations::embedded(&Places::embedded().unwrap()).unwrap();
        for language in [Language::Zh, Language::En] {
            let letters = news().iter().map(|news| compose(news, language, &organisations, Some("https://x.example/")).unwrap().text).collect::<Vec<_>>();
            insta::assert_snapshot!(format!("letters_{}", language.tag()), letters.join("\n========\n"));
        }
    }

    #[test]
    fn what_people_wrote_is_text_in_html() {
        let organisations = Organisations::embedded(&Places::embedded().unwrap()).unwrap();
        let html = compose(&news()[5], Language::Zh, &organisations, Some("https://x.example")).unwrap().html;
        insta::assert_snapshot!("refusal_html", html);
        assert!(!html.contains("<未>"), "{html}");
    }
}
