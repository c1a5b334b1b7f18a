//! EDIFACT segments one by one. A segment that is broken is named and passed over; the next terminator is the next beginning.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use edifact_rs::{EdifactError, OwnedSegment, Parser, ServiceStringAdvice, Tokenizer};

use crate::arrivals::draft::ProblemCode;
use crate::base::Message;
use crate::exchange::Unreadable;

/// The longest segment, in bytes.
const LONGEST: usize = 1 << 16;

/// A segment that cannot be understood.
pub(super) struct Broken {
    /// Its first three bytes, where they are letters.
    pub tag: Option<String>,
    pub code: ProblemCode,
    pub message: Message,
}

/// A file of segments and the characters that part them.
pub(super) struct Interchange<R> {
    source: BufReader<R>,
    advice: ServiceStringAdvice,
    start: u64,
}

impl<R: Read + Seek> Interchange<R> {
    /// Reads the service string advice (`UNA`), if there is one.
    pub(super) fn open(source: R) -> Result<Self, Unreadable> {
        let mut source = BufReader::new(source);
        source.seek(SeekFrom::Start(0))?;
        let mut head = Vec::with_capacity(64);
        source.by_ref().take(64).read_to_end(&mut head)?;
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
        let advice = ServiceStringAdvice::from_bytes(text)
            .map_err(|_| Unreadable::problem(1, Some("UNA".to_owned()), ProblemCode::BadHeader, Message::new("service_string_unreadable")))?;
        let before = head.len() - text.len();
        let una = if text.starts_with(b"UNA") { 9.min(text.len()) } else { 0 };
        Ok(Self { source, advice, start: (before + una) as u64 })
    }

    /// The segments from the beginning.
    pub(super) fn segments(&mut self) -> io::Result<Segments<'_, R>> {
        self.source.seek(SeekFrom::Start(self.start))?;
        Ok(Segments { source: &mut self.source, advice: self.advice, raw: Vec::new(), number: 0, ended: false })
    }
}

pub(super) struct Segments<'a, R> {
    source: &'a mut BufReader<R>,
    advice: ServiceStringAdvice,
    raw: Vec<u8>,
    /// Number of the last segment read, `UNB` being 1.
    pub(super) number: u64,
    ended: bool,
}

impl<R: Read> Segments<'_, R> {
    /// The next segment; none at the end of the file.
    pub(super) fn next(&mut self) -> Option<Result<OwnedSegment, Broken>> {
        while !self.ended {
            let complete = match self.read() {
                Ok(complete) => complete,
                Err(cause) => return Some(Err(self.cut_off(Message::new("file_read_failed").with("cause", cause.kind())))),
            };
            let text = self.raw.trim_ascii_start();
            if !complete {
                self.ended = true;
                return (!text.is_empty()).then(|| Err(self.cut_off(Message::new("message_cut_off"))));
            }
            if text.len() > 1 {
                self.number += 1;
                let parsed = Parser::new(Tokenizer::for_segment(text, self.advice, LONGEST)).next();
                let tag = text.get(..3).filter(|tag| tag.iter().all(u8::is_ascii_uppercase)).map(|tag| String::from_utf8_lossy(tag).into_owned());
                return Some(match parsed {
                    Some(Ok(segment)) => Ok(segment.into_owned()),
                    Some(Err(EdifactError::InvalidText { .. })) => {
                        Err(Broken { tag, code: ProblemCode::BadEncoding, message: Message::new("bytes_are_no_text") })
                    }
                    _ => Err(Broken { tag, code: ProblemCode::BadValue, message: Message::new("segment_unreadable") }),
                });
            }
        }
        None
    }

    fn cut_off(&mut self, message: Message) -> Broken {
        self.ended = true;
        self.number += 1;
        Broken { tag: None, code: ProblemCode::Truncated, message }
    }

    /// Reads up to a terminator that is not released; false if there is none.
    fn read(&mut self) -> io::Result<bool> {
        self.raw.clear();
        loop {
            let room = (LONGEST - self.raw.len()) as u64;
            let read = self.source.by_ref().take(room).read_until(self.advice.segment_term, &mut self.raw)?;
            let Some((last, body)) = self.raw.split_last() else { return Ok(false) };
            if read == 0 || *last != self.advice.segment_term {
                return Ok(false);
            }
            let releases = body.iter().rev().take_while(|b| **b == self.advice.release_char).count();
            if releases % 2 == 0 {
                return Ok(true);
            }
        }
    }
}
