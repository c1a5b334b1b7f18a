//! Number plates of civil vehicles (GA 36): a province, a letter of the issuing office, and five characters, or six on the
//! green plates of new-energy vehicles. A [`Plate`] is well-formed by its type.

use std::fmt;
use std::str::FromStr;

use crate::base::Message;

const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";

/// What new-energy plates show which kind of drive by: the first of the six on small vehicles, the last on large ones.
const DRIVES: &str = "DABCEFGHJK";

/// A number plate, `沪A12345` or `沪A12345D`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Plate(String);

impl Plate {
    /// The plate as text, without the dot that is painted after the second character.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Plate {
    type Err = Message;

    /// Reads a plate as people write it: small letters, full-width characters, a dot or spaces are brought into the one form.
    fn from_str(text: &str) -> Result<Self, Message> {
        let plate: String = text.chars().map(half_width).filter(|letter| !matches!(letter, '·' | '•' | '.' | '-') && !letter.is_whitespace()).collect();
        let plate = plate.to_ascii_uppercase();
        let mut letters = plate.chars();
        let province = letters.next().is_some_and(|letter| PROVINCES.contains(letter));
        let office = letters.next().is_some_and(|letter| is_serial(letter) && letter.is_ascii_alphabetic());
        let serial: Vec<char> = letters.collect();
        let is_known = match serial.as_slice() {
            [front @ .., last] if front.len() == 4 => front.iter().all(|letter| is_serial(*letter)) && (is_serial(*last) || "学警港澳挂".contains(*last)),
            [drive, second, digits @ ..] if digits.len() == 4 => {
                let small = DRIVES.contains(*drive) && is_serial(*second) && digits.iter().all(char::is_ascii_digit);
                small || serial[..5].iter().all(char::is_ascii_digit) && DRIVES.contains(serial[5])
            }
            _ => false,
        };
        if province && office && is_known { Ok(Self(plate)) } else { Err(Message::new("bad_plate").with("value", text)) }
    }
}

/// Letters and digits of a serial; I and O are left out because they look like digits.
fn is_serial(letter: char) -> bool {
    letter.is_ascii_digit() || letter.is_ascii_uppercase() && !matches!(letter, 'I' | 'O')
}

fn half_width(letter: char) -> char {
    match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plates_are_read_as_people_write_them() {
        for (text, plate) in [
            ("沪A12345", "沪A12345"),
            ("苏e·8k7q2", "苏E8K7Q2"),
            ("皖Ｐ ０１２３４", "皖P01234"),
            ("沪AD12345", "沪AD12345"),
            ("沪AAB1234", "沪AAB1234"),
            ("浙F12345D", "浙F12345D"),
            ("粤Z1234港", "粤Z1234港"),
        ] {
            assert_eq!(text.parse::<Plate>().map(|plate| plate.to_string()).as_deref(), Ok(plate), "{text}");
        }
    }

    #[test]
    fn what_is_no_plate_is_refused() {
        for text in ["", "沪", "沪A1234", "沪A123456", "沪A1234I", "沪O12345", "A12345", "沪112345", "外A12345", "沪A12345Z", "沪A1234567"] {
            assert_eq!(text.parse::<Plate>().map_err(|message| message.code), Err("bad_plate"), "{text}");
        }
    }
}
