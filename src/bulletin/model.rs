//! Notices 通知 as a rule: what there is to tell, to whom at an organisation it goes, and how often sending is tried.
//!
//! Invariant: news names organisations, trips and counts, never a person beyond an id, and an offer never the number of people, because who
//! receives counts blind.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::{Id, Language, Message};
use crate::places::Organisation;

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    /// 待接收: people are offered.
    Offered {
        /// Which handoff.
        handoff: Between,
        /// Until when it is to be answered.
        answer_by: Option<DateTime<Utc>>,
    },
    /// 催办: an offer still waits.
    Reminded {
        /// Which handoff.
        handoff: Between,
        /// The rung of the ladder that was reached.
        rung: String,
        /// Until when it is to be answered.
        answer_by: Option<DateTime<Utc>>,
    },
    /// 超时: nobody answered in time; a coordinator decides.
    Lapsed {
        /// Which handoff.
        handoff: Between,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// 已接收: everybody was received.
    Accepted {
        /// Which handoff.
        handoff: Between,
        /// Who signed, and when.
        signed: Signed,
        /// How many.
        counted: i32,
    },
    /// 部分接收: with exceptions.
    Exceptions {
        /// Which handoff.
        handoff: Between,
        /// Who signed, and when.
        signed: Signed,
        /// How many were taken over.
        counted: i32,
        /// How many exceptions there are of each kind.
        exceptions: BTreeMap<String, usize>,
    },
    /// 拒收: nobody was received.
    Refused {
        /// Which handoff.
        handoff: Between,
        /// Who signed, and when.
        signed: Signed,
        /// Why.
        reason: String,
    },
    /// 撤回: the giver took the offer back.
    Withdrawn {
        /// Which handoff.
        handoff: Between,
        /// Who signed, and when.
        signed: Signed,
        /// Why.
        reason: String,
    },
    /// 代为裁定: a coordinator answered in the receiver's place.
    Decided {
        /// Which handoff.
        handoff: Between,
        /// Who signed, and when.
        signed: Signed,
        /// The state it ended in.
        state: String,
        /// Why.
        reason: String,
    },
    /// 离线答复冲突: an answer that was given without a network came after another had ended the handoff.
    Conflict {
        /// Which handoff.
        handoff: Between,
        /// The state it had ended in, which stands.
        state: String,
        /// When the other answer was given, and by whom.
        late: Signed,
        /// Whether it was a refusal; else it was a receipt.
        #[serde(default)]
        is_refusal: bool,
    },
    /// 签字未采用: an answer came that a phone had signed and that does not count.
    SetAside {
        /// Which handoff.
        handoff: Between,
        /// The state it is in, which stands.
        state: String,
        /// When the answer was given, by the phone's clock, and by whom.
        late: Signed,
        /// Whether it was a refusal; else it was a receipt.
        #[serde(default)]
        is_refusal: bool,
        /// The code of why it does not count.
        #[serde(default)]
        because: String,
        /// When the key of the phone was taken back, if it was.
        taken_back_at: Option<DateTime<Utc>>,
    },
    /// 多出人员: people of ours have come to another organisation without being on its list.
    ExtraFound {
        /// The handoff at which they were found.
        handoff: Between,
        /// How many of ours.
        people: usize,
    },
    /// 已发车: a vehicle is on its way here.
    Departed {
        /// Which trip.
        trip: Uuid,
        /// Its number.
        number: String,
        /// The vehicle's plate.
        plate: String,
        /// How many are aboard.
        aboard: usize,
        /// When it left.
        at: DateTime<Utc>,
        /// When it is expected.
        arrives_at: DateTime<Utc>,
    },
    /// 车次变动: a trip that we were told of goes otherwise, or not at all.
    TripChanged {
        /// Which trip.
        trip: Uuid,
        /// Its number.
        number: String,
        /// When it leaves now, or was to leave.
        departs_at: DateTime<Utc>,
        /// What is otherwise.
        changes: Vec<Differs>,
        /// Why, as somebody says.
        because: Option<String>,
        /// Why, as the planner knows it: names of causes.
        causes: Vec<String>,
        /// Who changed it.
        by: String,
    },
    /// 检测阳性: somebody who is or was with us.
    Positive {
        /// Who.
        traveller: Uuid,
        /// The kind of test.
        test: String,
        /// Where the person was when it became known.
        stock: String,
        /// The code of who answers for the person now.
        custodian: Option<String>,
    },
    /// 夜班提要: how things stand.
    Digest(Digest),
}

/// Something of a trip that is otherwise than people were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differs {
    /// What: `vehicle`, `crew`, `stops`, `times` or `cancelled`.
    pub what: String,
    /// What it was: a plate, badges, codes of organisations between spaces, times.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// The two sides of a handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// The handoff.
    pub id: Uuid,
    /// The code of who gives.
    pub giver: String,
    /// The code of who receives.
    pub receiver: String,
}

/// Who signed, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The name on the sheet.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How things stand with an organisation, or with all of them, when a night shift begins or ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The code of the organisation; none for the coordinators, who oversee them all.
    pub of: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Offers that wait for its answer.
    pub to_answer: i64,
    /// Its own offers that wait for others' answers.
    pub unanswered: i64,
    /// Offers on either side whose deadline has passed.
    pub overdue: i64,
    /// People it answers for.
    pub people: i64,
    /// Vehicles on their way to it.
    pub arriving: Vec<Arriving>,
}

/// A vehicle on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arriving {
    /// The number of the trip.
    pub number: String,
    /// When it is expected.
    pub at: DateTime<Utc>,
    /// How many have a seat.
    pub aboard: i64,
}

/// The names of all kinds of news, and whether an organisation may do without.
const KINDS: [(&str, bool); 15] = [
    ("offered", true),
    ("reminded", true),
    ("lapsed", false),
    ("accepted", true),
    ("exceptions", false),
    ("refused", false),
    ("withdrawn", true),
    ("decided", false),
    ("conflict", false),
    ("set_aside", false),
    ("extra_found", false),
    ("departed", true),
    ("trip_changed", false),
    ("positive", false),
    ("digest", true),
];

impl News {
    /// The name of the kind in the database and in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "offered",
            Self::Reminded { .. } => "reminded",
            Self::Lapsed { .. } => "lapsed",
            Self::Accepted { .. } => "accepted",
            Self::Exceptions { .. } => "exceptions",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Decided { .. } => "decided",
            Self::Conflict { .. } => "conflict",
            Self::SetAside { .. } => "set_aside",
            Self::ExtraFound { .. } => "extra_found",
            Self::Departed { .. } => "departed",
            Self::TripChanged { .. } => "trip_changed",
            Self::Positive { .. } => "positive",
            Self::Digest(_) => "digest",
        }
    }
}

/// Kinds of news that an address does without. What a giver must know (a refusal, an exception, a lapse) cannot be among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Muted(Vec<&'static str>);

impl Muted {
    /// Reads names of kinds.
    pub fn parse<T: AsRef<str>>(names: &[T]) -> Result<Self, Message> {
        let mut muted = Vec::new();
        for name in names.iter().map(AsRef::as_ref) {
            match KINDS.iter().find(|(kind, _)| *kind == name) {
                Some((kind, true)) => muted.push(*kind),
                Some(_) => return Err(Message::new("notice_cannot_be_muted").with("value", name)),
                None => return Err(Message::new("body_field_wrong").with("expected", KINDS.map(|(kind, _)| kind).join(", "))),
            }
        }
        muted.sort_unstable();
        muted.dedup();
        Ok(Self(muted))
    }

    /// Whether news of this kind is not wanted.
    pub fn contains(&self, kind: &str) -> bool {
        self.0.contains(&kind)
    }

    /// The kinds.
    pub fn kinds(&self) -> &[&'static str] {
        &self.0
    }
}

/// How a notice travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// By mail.
    Mail,
    /// As a signed request to a system of the organisation's own.
    Webhook,
}

/// At whose desk a notice arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// 当班: whoever is on shift.
    Desk,
    /// 值班负责人: who is told when the shift does not answer.
    DutyOfficer,
}

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// 待发: it will be sent.
    Waiting,
    /// 发送中: somebody is sending it, or died while doing so.
    Sending,
    /// 已发: the other side has taken it.
    Sent,
    /// 未能送达: it was given up; somebody may have it sent again.
    Dead,
}

/// The names of a set of words in the database and in JSON.
macro_rules! words {
    ($of:ident { $($variant:ident => $word:literal),+ }) => {
        impl $of {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in the database and in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads a name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

words!(Channel { Mail => "mail", Webhook => "webhook" });
words!(Post { Desk => "desk", DutyOfficer => "duty_officer" });
words!(NoticeState { Waiting => "waiting", Sending => "sending", Sent => "sent", Dead => "dead" });

/// Where notices go: a mailbox, or the URL of a system. Well-formed; whether anybody is there shows when something is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// The most characters.
    pub const MOST: usize = 254;

    /// Reads an address of this channel.
    pub fn parse(channel: Channel, text: &str) -> Result<Self, Message> {
        let text = text.trim();
        let is_plain = text.len() <= Self::MOST && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | '"'));
        let is_one = match channel {
            Channel::Mail => text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@')),
            Channel::Webhook => ["https://", "http://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())),
        };
        if is_plain && is_one { Ok(Self(text.to_owned())) } else { Err(Message::new("bad_notice_address").with("channel", channel.name())) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// To whom notices go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its id.
    pub id: Id<Address>,
    /// Whose it is; none for the coordinators'.
    pub organisation: Option<Id<Organisation>>,
    /// How notices travel.
    pub channel: Channel,
    /// Where to.
    pub target: Target,
    /// At whose desk they arrive.
    pub post: Post,
    /// The language they are written in.
    pub language: Language,
    /// What is not wanted.
    pub muted: Muted,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: DateTime<Utc>,
}

/// A notice of the outbox: news for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id, the same however often it is sent.
    pub id: Id<Notice>,
    /// To whom.
    pub address: Address,
    /// What there is to tell.
    pub news: News,
    /// What became of it.
    pub state: NoticeState,
    /// How often sending has begun.
    pub attempts: i32,
    /// When it is sent, or taken up again if its sender has died; none once that is over.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When the other side took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// Why sending failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the other side said, or that it said nothing.
    pub cause: String,
    /// Whether trying again is of no use.
    pub is_final: bool,
}

impl Notice {
    /// How often sending is tried before it is given up: for about a day.
    pub const ATTEMPTS: i32 = 30;

    /// When a notice whose sending has begun `attempts` times is tried again: after 1, 2, 4, … minutes, at most an hour; never, if it is given up.
    pub fn retry_at(attempts: i32, failure: &Failure, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let minutes = 1_i64 << u32::try_from(attempts - 1).unwrap_or(0).min(6);
        (!failure.is_final && attempts < Self::ATTEMPTS).then(|| now + TimeDelta::minutes(minutes.min(60)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_tried_for_about_a_day_and_what_is_final_only_once() {
        let start = DateTime::UNIX_EPOCH;
        let failure = Failure { cause: "greylisted".into(), is_final: false };
        let waits: Vec<i64> = (1..).map_while(|n| Notice::retry_at(n, &failure, start)).map(|at| (at - start).num_minutes()).collect();
        assert_eq!(&waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!((18..30).contains(&(waits.iter().sum::<i64>() / 60)), "{waits:?}");
        assert_eq!(Notice::retry_at(1, &Failure { is_final: true, ..failure }, start), None);
    }

    #[test]
    fn what_a_giver_must_know_cannot_be_muted() {
        assert_eq!(Muted::parse(&["digest", "offered", "digest"]).unwrap().kinds(), ["digest", "offered"]);
        for kind in ["refused", "exceptions", "lapsed", "decided", "conflict", "set_aside", "positive", "extra_found"] {
            assert_eq!(Muted::parse(&[kind]).unwrap_err().code, "notice_cannot_be_muted");
        }
        assert_eq!(Muted::parse(&["gossip"]).unwrap_err().code, "body_field_wrong");
    }

    #[test]
    fn an_address_is_one_mailbox_or_one_url() {
        for good in ["night@suzhou.example", "值班@example.cn"] {
            assert_eq!(Target::parse(Channel::Mail, &format!(" {good} ")).unwrap().as_str(), good);
        }
        for bad in ["", "night", "@x", "a@b@c", "a@b, c@d", "A <a@b>", "a@b\r\nBcc: c@d", "a b@c"] {
            assert_eq!(Target::parse(Channel::Mail, bad).unwrap_err().code, "bad_notice_address", "{bad:?}");
        }
        assert!(Target::parse(Channel::Webhook, "https://hook.example/x").is_ok());
        for bad in ["https://", "ftp://x", "hook.example", "https://a b"] {
            assert!(Target::parse(Channel::Webhook, bad).is_err(), "{bad:?}");
        }
    }
}
