//! PAXLST D.05B: an airline's list of who is on board, as China's interactive advance passenger information uses it. It names
//! no destination and no Chinese name. Crew (`NAD+FM`) are counted and passed over: they do not enter quarantine as travellers.
//!
//! A traveller is the group of segments from `NAD+FL` on. Flight, port and landing are those of the message.

mod person;
mod segments;

use std::collections::VecDeque;
use std::io::{Read, Seek};

use edifact_rs::OwnedSegment;

use crate::arrivals::draft::{Column, Entry, Problem, ProblemCode, RosterRules, TravellerDraft};
use crate::base::Message;
use crate::exchange::Unreadable;
use person::{Person, Voyage};
use segments::{Broken, Interchange, Segments};

/// A file of one or more passenger lists.
pub struct PassengerList<R> {
    interchange: Interchange<R>,
}

impl<R: Read + Seek> PassengerList<R> {
    pub(super) fn open(source: R) -> Result<Self, Unreadable> {
        Ok(Self { interchange: Interchange::open(source)? })
    }

    pub(super) fn passengers(&mut self, rules: &RosterRules) -> Result<Passengers<'_, R>, Unreadable> {
        let rules = RosterRules { destination_required: false, ..rules.clone() };
        let segments = self.interchange.segments()?;
        Ok(Passengers { segments, rules, envelope: false, message: None, voyage: Voyage::default(), person: None, out: VecDeque::new(), crew: 0, ended: false })
    }
}

/// What is counted within a message.
struct Counts {
    /// Number of its `UNH`.
    begun: u64,
    travellers: u64,
    crew: u64,
    /// Whether it is a passenger list; what is not is passed over, and said so.
    is_list: bool,
}

/// The travellers of a file of passenger lists.
pub struct Passengers<'a, R> {
    segments: Segments<'a, R>,
    rules: RosterRules,
    envelope: bool,
    message: Option<Counts>,
    voyage: Voyage,
    person: Option<Person>,
    out: VecDeque<Entry<TravellerDraft>>,
    crew: u64,
    ended: bool,
}

impl<R: Read> Iterator for Passengers<'_, R> {
    type Item = Entry<TravellerDraft>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.out.is_empty() && !self.ended {
            match self.segments.next() {
                Some(Ok(segment)) => self.take(&segment),
                Some(Err(broken)) => self.take_broken(broken),
                None => self.end(),
            }
        }
        self.out.pop_front()
    }
}

impl<R: Read> Passengers<'_, R> {
    /// How many crew were passed over so far.
    pub fn crew(&self) -> u64 {
        self.crew
    }

    fn take(&mut self, segment: &OwnedSegment) {
        let number = self.segments.number;
        match (segment.tag(), segment.element_str(0).unwrap_or_default()) {
            ("UNB", _) => self.envelope = true,
            ("UNH", _) => self.begin(segment),
            ("UNZ", _) => {
                self.close_person();
                self.envelope = false;
            }
            ("UNT", stated) => self.finish(stated),
            _ if !self.message.as_ref().is_some_and(|message| message.is_list) => {}
            ("NAD", "FL") => self.begin_person(segment),
            ("NAD", role) => {
                self.close_person();
                let crew = u64::from(role == "FM");
                self.crew += crew;
                self.message.iter_mut().for_each(|message| message.crew += crew);
            }
            ("CNT", "42") => self.compare(segment.component_str(0, 1).unwrap_or_default()),
            _ => match &mut self.person {
                Some(person) => person.take(segment, number),
                None => self.voyage.take(segment, number),
            },
        }
    }

    fn begin(&mut self, segment: &OwnedSegment) {
        self.close_person();
        self.voyage = Voyage::default();
        let is_list = segment.element_str(1) == Some("PAXLST");
        self.message = Some(Counts { begun: self.segments.number, travellers: 0, crew: 0, is_list });
        if !is_list {
            self.remark(Some("UNH"), ProblemCode::BadHeader, Message::new("message_is_no_passenger_list"));
        }
    }

    fn begin_person(&mut self, segment: &OwnedSegment) {
        self.close_person();
        self.message.iter_mut().for_each(|message| message.travellers += 1);
        let mut person = Person::new(self.segments.number);
        person.take(segment, self.segments.number);
        self.person = Some(person);
    }

    fn close_person(&mut self) {
        if let Some(person) = self.person.take() {
            self.out.push_back(Entry::Row(person.row(&self.voyage, &self.rules)));
        }
    }

    /// `CNT+42`: the number of passengers, which some senders take to include the crew.
    fn compare(&mut self, stated: &str) {
        self.close_person();
        let Some(message) = &self.message else { return };
        let (travellers, crew) = (message.travellers, message.crew);
        if stated.parse().is_ok_and(|stated: u64| stated == travellers || stated == travellers + crew) {
            return;
        }
        self.remark(Some("CNT"), ProblemCode::CountMismatch, Message::new("passenger_count_differs").with("found", travellers));
    }

    /// `UNT`: the number of segments of the message, itself included.
    fn finish(&mut self, stated: &str) {
        self.close_person();
        let Some(message) = self.message.take() else { return };
        let found = self.segments.number - message.begun + 1;
        if stated.parse() != Ok(found) {
            self.remark(Some("UNT"), ProblemCode::CountMismatch, Message::new("segment_count_differs").with("found", found));
        }
    }

    /// A broken segment spoils the traveller it belongs to, and nobody else.
    fn take_broken(&mut self, Broken { tag, code, message }: Broken) {
        let problem = Problem { line: self.segments.number, column: tag, code, message };
        if problem.column.as_deref() == Some("NAD") {
            self.close_person();
            self.message.iter_mut().for_each(|message| message.travellers += 1);
            self.person = Some(Person::new(self.segments.number));
        }
        match &mut self.person {
            Some(person) => person.problems.push(problem),
            None => self.out.push_back(Entry::Remark(problem)),
        }
        if code == ProblemCode::Truncated {
            (self.envelope, self.message) = (false, None);
        }
    }

    /// The end of the file: inside a message or an interchange it came too early, and whoever was being read may be half read.
    fn end(&mut self) {
        self.ended = true;
        if self.message.is_some() || self.envelope {
            let problem = Problem { line: self.segments.number, column: None, code: ProblemCode::Truncated, message: Message::new("message_cut_off") };
            match &mut self.person {
                Some(person) => person.problems.push(problem),
                None => self.out.push_back(Entry::Remark(problem)),
            }
        }
        self.close_person();
    }

    fn remark(&mut self, tag: Option<&str>, code: ProblemCode, message: Message) {
        self.out.push_back(Entry::Remark(Problem { line: self.segments.number, column: tag.map(str::to_owned), code, message }));
    }
}

/// The segment that holds what a roster has under a column.
fn tag_of(column: Column) -> Option<&'static str> {
    Some(match column {
        Column::FlightNo => "TDT",
        Column::Port => "LOC",
        Column::LandedAt | Column::BornOn => "DTM",
        Column::Name | Column::NameLatin => "NAD",
        Column::Sex => "ATT",
        Column::Nationality => "NAT",
        Column::DocType | Column::DocNo => "DOC",
        Column::Seat => "RFF",
        _ => return None,
    })
}
