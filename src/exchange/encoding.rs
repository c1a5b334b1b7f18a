//! What bytes are: which form of file, and in which encoding its text is. Found from the bytes alone, never from a file's name.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use crate::base::Message;
use crate::base::draft::ProblemCode;
use crate::exchange::Unreadable;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Workbook,
    Edifact,
}

/// Tells the form from the first bytes.
pub(super) fn form(head: &[u8]) -> Result<Form, Unreadable> {
    let refuse = |sentence| Err(Unreadable::problem(1, None, ProblemCode::BadEncoding, Message::new(sentence)));
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Form::Workbook);
    }
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return refuse("old_or_locked_workbook");
    }
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) || head.iter().take(64).filter(|b| **b == 0).count() > 8 {
        return refuse("text_in_utf_16");
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let edifact = text.starts_with(b"UNA") || [b"UNB+", b"UNG+", b"UNH+"].iter().any(|tag| text.starts_with(*tag));
    Ok(if edifact { Form::Edifact } else { Form::Text })
}

/// An encoding that Chinese offices send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Gb18030,
}

/// How long a piece of a line is judged at once.
const PIECE: u64 = 1 << 16;

impl Encoding {
    /// Lets the lines vote: each that holds more than ASCII is either sound UTF-8 or it is not. Chinese in GB 18030 is hardly
    /// ever sound UTF-8, so a few garbled lines do not change the outcome.
    pub(super) fn found_in(mut source: impl BufRead) -> io::Result<Self> {
        let (mut sound, mut unsound) = (0u64, 0u64);
        let mut line = Vec::new();
        while source.by_ref().take(PIECE).read_until(b'\n', &mut line)? > 0 {
            if !line.is_ascii() {
                *(if std::str::from_utf8(&line).is_ok() { &mut sound } else { &mut unsound }) += 1;
            }
            line.clear();
        }
        Ok(if sound >= unsound { Self::Utf8 } else { Self::Gb18030 })
    }

    /// The text of one field; none where its bytes are no text, or carry the mark of having been garbled before.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let text = match self {
            _ if bytes.is_ascii() => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Gb18030 => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        };
        text.filter(|text| text.is_ascii() || !text.contains('\u{fffd}'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        encoding_rs::GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn the_encoding_is_that_of_most_lines() {
        let mut file = gbk("姓名,证件号码\n张三,E1\n买買提·艾力,E2\n");
        assert_eq!(Encoding::found_in(&file[..]).unwrap(), Encoding::Gb18030);
        file.extend_from_slice("李雷,E3\n".as_bytes());
        assert_eq!(Encoding::found_in(&file[..]).unwrap(), Encoding::Gb18030);
        let mut file = "姓名,证件号码\n张三,E1\n韩梅梅,E2\n".as_bytes().to_vec();
        file.extend_from_slice(&gbk("李雷,E3\n"));
        assert_eq!(Encoding::found_in(&file[..]).unwrap(), Encoding::Utf8);
        assert_eq!(Encoding::found_in(&b"name,doc_no\n"[..]).unwrap(), Encoding::Utf8);
    }

    #[test]
    fn rare_characters_of_gb_18030_are_read() {
        assert_eq!(Encoding::Gb18030.decode(&gbk("䶮𠮷")).as_deref(), Some("䶮𠮷"));
        assert_eq!(Encoding::Gb18030.decode(&[0xC0, 0xEE, 0xFF]), None);
        assert_eq!(Encoding::Utf8.decode("李\u{fffd}".as_bytes()), None);
    }
}
