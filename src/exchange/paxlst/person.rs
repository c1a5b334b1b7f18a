//! One traveller of a passenger list, segment by segment, and the voyage that all of a message share.

use edifact_rs::OwnedSegment;

use crate::arrivals::draft::{Cells, Column, Fault, Problem, ProblemCode, RosterRules, Row, TravellerDraft};
use crate::base::{Message, time};
use crate::exchange::century;
use crate::exchange::paxlst::tag_of;

/// Flight, port and landing of a message: each text with the number of its segment.
#[derive(Default)]
pub(super) struct Voyage {
    flight_no: Option<(String, u64)>,
    port: Option<(String, u64)>,
    landed_at: Option<(String, u64)>,
}

impl Voyage {
    /// Keeps what a segment before the first traveller says: `TDT+20`, `LOC+87` (first arrival), `DTM+232` (arrival).
    pub(super) fn take(&mut self, segment: &OwnedSegment, number: u64) {
        let text = |element: usize, component: usize| segment.component_str(element, component).map(|text| (text.to_owned(), number));
        match (segment.tag(), segment.element_str(0).unwrap_or_default()) {
            ("TDT", "20") => self.flight_no = self.flight_no.take().or(text(1, 0)),
            ("LOC", "87") => self.port = text(1, 0),
            ("DTM", "232") => self.landed_at = text(0, 1).map(|(text, number)| (local_minute(&text).unwrap_or(text), number)),
            _ => {}
        }
    }
}

/// `YYMMDDHHMM` (format 201) or `CCYYMMDDHHMM` (203), civil time at the port, as a roster writes it.
fn local_minute(text: &str) -> Option<String> {
    let digits = match text.len() {
        10 => format!("20{text}"),
        12 => text.to_owned(),
        _ => return None,
    };
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{}-{}-{} {}:{}", &digits[..4], &digits[4..6], &digits[6..8], &digits[8..10], &digits[10..12]))
}

/// A traveller being read.
pub(super) struct Person {
    line: u64,
    cells: Cells<'static>,
    lines: [Option<u64>; Column::COUNT],
    pub(super) problems: Vec<Problem>,
}

impl Person {
    /// A traveller whose first segment has this number.
    pub(super) fn new(line: u64) -> Self {
        Self { line, cells: Cells::default(), lines: [None; Column::COUNT], problems: Vec::new() }
    }

    /// Keeps what a segment of the group says. Visas (`DOC+V`) and what a roster has no column for are passed over.
    pub(super) fn take(&mut self, segment: &OwnedSegment, number: u64) {
        let text = |element: usize, component: usize| segment.component_str(element, component).unwrap_or_default();
        match (segment.tag(), text(0, 0)) {
            ("NAD", _) => self.keep(Column::NameLatin, name(segment), number),
            ("ATT", "2") => self.keep(Column::Sex, text(2, 0).to_owned(), number),
            ("DTM", "329") => self.keep(Column::BornOn, text(0, 1).to_owned(), number),
            ("NAT", "2") => self.keep(Column::Nationality, text(1, 0).to_owned(), number),
            ("RFF", "SEA") => self.keep(Column::Seat, text(0, 1).to_owned(), number),
            ("DOC", "V") => {}
            ("DOC", kind) => {
                self.keep(Column::DocType, kind.to_owned(), number);
                self.keep(Column::DocNo, text(1, 0).to_owned(), number);
            }
            _ => {}
        }
    }

    /// A second statement of the same thing means that a beginning between the two was lost: neither can be trusted.
    fn keep(&mut self, column: Column, text: String, number: u64) {
        if self.lines[column as usize].is_some() {
            let tag = tag_of(column).map(str::to_owned);
            self.problems.push(Problem { line: number, column: tag, code: ProblemCode::BadValue, message: Message::new("segment_stated_twice") });
            return;
        }
        self.lines[column as usize] = Some(number);
        self.cells.set(column, text.into());
    }

    /// The finished row.
    pub(super) fn row(mut self, voyage: &Voyage, rules: &RosterRules) -> Row<TravellerDraft> {
        for (column, stated) in [(Column::FlightNo, &voyage.flight_no), (Column::Port, &voyage.port), (Column::LandedAt, &voyage.landed_at)] {
            if let Some((text, number)) = stated {
                self.lines[column as usize] = Some(*number);
                self.cells.set(column, text.clone().into());
            }
        }
        self.expand_birth();
        let Self { line, cells, lines, problems } = self;
        let place = |fault: Fault| Problem {
            line: fault.column.and_then(|column| lines[column as usize]).unwrap_or(line),
            column: fault.column.and_then(tag_of).map(str::to_owned),
            code: fault.code,
            message: fault.message,
        };
        // What a broken segment took away is not missing for a second reason.
        let outcome =
            if problems.is_empty() { TravellerDraft::read(cells, rules).map_err(|faults| faults.into_iter().map(place).collect()) } else { Err(problems) };
        Row { line, outcome }
    }

    /// Gives a two-digit year of birth its century; what cannot be read stays as it is and is refused as a date.
    fn expand_birth(&mut self) {
        let landed_on = self.cells.get(Column::LandedAt).and_then(time::parse_instant).map(time::civil_date);
        let born_on = self.cells.get(Column::BornOn).zip(landed_on).and_then(|(text, landed_on)| century::born(text, landed_on));
        if let Some(born_on) = born_on {
            self.cells.set(Column::BornOn, born_on.to_string().into());
        }
    }
}

/// `SURNAME:GIVEN[:SECOND]` as `SURNAME/GIVEN SECOND`.
fn name(segment: &OwnedSegment) -> String {
    let part = |at| segment.component_str(3, at).map(str::trim).unwrap_or_default();
    let given = [part(1), part(2)].join(" ");
    if given.trim().is_empty() { part(0).to_owned() } else { format!("{}/{}", part(0), given.trim()) }
}
