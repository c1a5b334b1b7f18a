//! Separated text (CSV) as records of bytes. A record knows the line of the file that it begins on; blank lines are passed
//! over but counted. Delimiter and quotes never occur inside a character of UTF-8 or GB 18030, so fields are cut first and
//! decoded after.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use crate::base::Message;
use crate::base::draft::{Problem, ProblemCode};
use crate::exchange::encoding::Encoding;

/// The longest line, in bytes; what is longer is no row.
const LONGEST_LINE: u64 = 1 << 20;
/// A quoted field that runs over more lines than this was never closed.
const MOST_LINES: usize = 64;

/// A text file and how to read it.
pub(super) struct Text<R> {
    source: BufReader<R>,
    pub(super) encoding: Encoding,
    delimiter: u8,
}

impl<R: Read + Seek> Text<R> {
    /// Reads the file once to find its encoding, and its first line to find the delimiter.
    pub(super) fn open(source: R) -> io::Result<Self> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        source.seek(SeekFrom::Start(0))?;
        let encoding = Encoding::found_in(&mut source)?;
        source.seek(SeekFrom::Start(0))?;
        let mut first = Vec::new();
        while first.trim_ascii().is_empty() && source.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut first)? > 0 {}
        let count = |delimiter: u8| first.iter().filter(|b| **b == delimiter).count();
        let delimiter = [b';', b'\t'].into_iter().fold(b',', |best, other| if count(other) > count(best) { other } else { best });
        Ok(Self { source, encoding, delimiter })
    }

    /// Records from the beginning of the file. Of a record of more lines than one it is asked that it be `width` fields wide
    /// (0: any), so that a quote left open does not swallow the rows below it.
    pub(super) fn records(&mut self, width: usize) -> io::Result<Records<'_, R>> {
        self.source.seek(SeekFrom::Start(0))?;
        let parser = csv_core::ReaderBuilder::new().delimiter(self.delimiter).terminator(csv_core::Terminator::Any(b'\n')).build();
        let (fields, ends) = (vec![0; 1024], vec![0; 64]);
        Ok(Records { source: &mut self.source, parser, width, line: 0, current: Line::default(), again: VecDeque::new(), fields, ends, count: 0 })
    }
}

/// One line of the file, without its terminator's `\r`.
#[derive(Default, Clone)]
struct Line {
    bytes: Vec<u8>,
    /// Whether it ended with a line feed, as every line but the last must.
    ended: bool,
    too_long: bool,
}

pub(super) struct Records<'a, R> {
    source: &'a mut BufReader<R>,
    parser: csv_core::Reader,
    width: usize,
    line: u64,
    current: Line,
    again: VecDeque<Line>,
    fields: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl<R: Read> Records<'_, R> {
    /// Goes to the next record and gives the line it begins on; its fields stand in [`Records::field`].
    pub(super) fn advance(&mut self) -> Option<Result<u64, Problem>> {
        loop {
            match self.read_line() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(cause) => return Some(Err(fault(self.line + 1, ProblemCode::Truncated, Message::new("file_read_failed").with("cause", cause.kind())))),
            }
            if self.current.bytes.trim_ascii().is_empty() {
                continue;
            }
            let outcome = self.record();
            if outcome.is_err() || (0..self.count).any(|at| !self.field(at).trim_ascii().is_empty()) {
                return Some(outcome);
            }
        }
    }

    /// Number of fields of the record.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The bytes of a field, unquoted.
    pub(super) fn field(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.fields[start..self.ends[at]]
    }

    fn record(&mut self) -> Result<u64, Problem> {
        let begun = self.line;
        if self.current.too_long {
            return Err(fault(begun, ProblemCode::BadValue, Message::new("line_too_long")));
        }
        self.parser.reset();
        let (mut size, mut taken) = (0, Vec::new());
        self.count = 0;
        while !self.feed(&mut size) {
            taken.push(self.current.clone());
            if taken.len() >= MOST_LINES || !self.read_line().unwrap_or(false) {
                return Err(self.unclosed(begun, taken));
            }
        }
        if !taken.is_empty() && self.width > 0 && self.count != self.width {
            taken.push(self.current.clone());
            return Err(self.unclosed(begun, taken));
        }
        if !self.current.ended && self.count < self.width {
            return Err(fault(begun, ProblemCode::Truncated, Message::new("row_cut_off")));
        }
        let (control, quoted) = (|b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r'), &self.fields[..size]);
        if quoted.iter().any(control) {
            return Err(fault(begun, ProblemCode::BadEncoding, Message::new("control_characters")));
        }
        Ok(begun)
    }

    /// Gives the parser the current line; says whether the record is complete with it.
    fn feed(&mut self, size: &mut usize) -> bool {
        let mut input = &self.current.bytes[..];
        loop {
            let (result, read, written, ended) = self.parser.read_record(input, &mut self.fields[*size..], &mut self.ends[self.count..]);
            input = &input[read..];
            *size += written;
            self.count += ended;
            match result {
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => return true,
                csv_core::ReadRecordResult::InputEmpty => return false,
                csv_core::ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                csv_core::ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            }
        }
    }

    /// Reports the line that opened a quote and lets those after it be read again, as rows of their own.
    fn unclosed(&mut self, begun: u64, taken: Vec<Line>) -> Problem {
        self.again = taken.into_iter().skip(1).chain(self.again.drain(..)).collect();
        self.line = begun;
        fault(begun, ProblemCode::Truncated, Message::new("quote_left_open"))
    }

    /// Reads one line into `current`, its end written as one line feed; false at the end of the file.
    fn read_line(&mut self) -> io::Result<bool> {
        if let Some(line) = self.again.pop_front() {
            self.current = line;
            self.line += 1;
            return Ok(true);
        }
        let bytes = &mut self.current.bytes;
        bytes.clear();
        if self.source.by_ref().take(LONGEST_LINE).read_until(b'\n', bytes)? == 0 {
            return Ok(false);
        }
        self.line += 1;
        self.current.ended = bytes.ends_with(b"\n");
        self.current.too_long = !self.current.ended && bytes.len() as u64 == LONGEST_LINE;
        if self.current.too_long {
            self.source.skip_until(b'\n')?;
        }
        bytes.truncate(bytes.len() - bytes.iter().rev().take_while(|b| matches!(b, b'\n' | b'\r')).count());
        bytes.push(b'\n');
        Ok(true)
    }
}

fn fault(line: u64, code: ProblemCode, message: Message) -> Problem {
    Problem { line, column: None, code, message }
}
