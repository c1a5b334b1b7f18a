//! How an identity is shown where the identity itself is not needed: in lists, on boards, in logs. What is masked is enough
//! to tell two people at a desk apart and too little to find somebody by.

// The first of the East Asian blocks.
const CJK: char = '\u{2E80}';

/// `张*`, `张*伟`, `欧**明`; Latin letters by their initials, `Z*** X*`, with the separators as they were.
pub fn name(name: &str) -> String {
    let name = name.trim();
    if name.chars().any(|letter| letter >= CJK) {
        let letters: Vec<char> = name.chars().collect();
        return match letters.as_slice() {
            [] | [_] => "*".repeat(letters.len()),
            [first, _] => format!("{first}*"),
            [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
        };
    }
    let mut is_initial = true;
    name.chars()
        .map(|letter| {
            let shown = if !letter.is_alphanumeric() || is_initial { letter } else { '*' };
            is_initial = !letter.is_alphanumeric();
            shown
        })
        .collect()
}

/// `E****1660`: the first and the last four of a document's number; less of a short one.
pub fn document_number(number: &str) -> String {
    let letters: Vec<char> = number.trim().chars().collect();
    let last = match letters.len() {
        8.. => 4,
        5..8 => 2,
        _ => return "****".into(),
    };
    format!("{}****{}", letters[0], letters[letters.len() - last..].iter().collect::<String>())
}

/// `138****1874` for a mainland mobile number, with or without +86; of any other the last digits only.
pub fn phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).filter(|rest| rest.len() == 11).unwrap_or(&digits);
    match national.len() {
        11 if matches!(&national.as_bytes()[..2], [b'1', b'3'..=b'9']) => format!("{}****{}", &national[..3], &national[7..]),
        10.. => format!("****{}", &national[national.len() - 4..]),
        6.. => format!("****{}", &national[national.len() - 2..]),
        _ => "****".into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_keep_their_first_and_last_character_only() {
        for (full, masked) in [
            ("张伟", "张*"),
            ("张小伟", "张*伟"),
            ("欧阳小明", "欧**明"),
            ("张", "*"),
            ("", ""),
            ("ZHAO XI", "Z*** X*"),
            ("ZHANG/XIAO MING", "Z****/X*** M***"),
            ("O'BRIEN/ANNE-MARIE", "O'B****/A***-M****"),
            ("MÜLLER/JÖRG", "M*****/J***"),
            ("𠮷田", "𠮷*"),
        ] {
            assert_eq!(name(full), masked);
        }
    }

    #[test]
    fn document_numbers_keep_the_first_and_the_last_four() {
        assert_eq!(document_number("E12341660"), "E****1660");
        assert_eq!(document_number("310115199001011234"), "3****1234");
        assert_eq!(document_number("AB1234"), "A****34");
        assert_eq!(document_number("1234"), "****");
    }

    #[test]
    fn phones_keep_what_a_caller_would_read_back() {
        for written in ["13812341874", "+86 138-1234-1874", "0086 13812341874"] {
            assert_eq!(phone(written), "138****1874");
        }
        assert_eq!(phone("+1 202 555 0147"), "****0147");
        assert_eq!(phone("85251234567"), "****4567");
        assert_eq!(phone("5123456"), "****56");
        assert_eq!(phone("none"), "****");
    }

    proptest! {
        #[test]
        fn a_name_shows_two_of_its_characters_at_most(text in "[一-龥𠀀-𪛖]{2,6}|[A-ZÄÖÜ]{2,9}[/ ][A-Z]{2,9}") {
            let shown = name(&text).chars().filter(|letter| letter.is_alphanumeric()).count();
            prop_assert!((1..=2).contains(&shown));
            prop_assert_eq!(name(&text).chars().count(), text.chars().count());
        }

        #[test]
        fn no_number_is_shown_whole(text in "\\PC{1,30}") {
            prop_assert_ne!(document_number(&text), text.trim());
            prop_assert_ne!(phone(&text), text);
        }
    }
}
