//! What a roster says of a person besides the name: sex, nationality, health. Each is read from the words that rosters use.

use std::fmt;

/// Sex as the travel document states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男, M.
    Male,
    /// 女, F.
    Female,
    /// X, or `<` in a machine-readable zone: the issuer does not say.
    Unspecified,
}

impl Sex {
    /// Reads 男/女/M/F/X, their English words, and 未说明.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "男" | "M" | "m" => Self::Male,
            "女" | "F" | "f" => Self::Female,
            "X" | "x" | "U" | "<" | "未说明" => Self::Unspecified,
            _ if text.eq_ignore_ascii_case("male") => Self::Male,
            _ if text.eq_ignore_ascii_case("female") => Self::Female,
            _ => return None,
        })
    }

    /// The letter of ICAO 9303: `M`, `F` or `X`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Male => "M",
            Self::Female => "F",
            Self::Unspecified => "X",
        }
    }
}

/// A nationality by its ISO 3166 alpha-3 code. Only the shape is checked: the codes of ICAO 9303 for refugees and
/// organisations (`XXB`, `UNO`) are nationalities of travel documents too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nationality([u8; 3]);

impl Nationality {
    /// China.
    pub const CHN: Self = Self(*b"CHN");

    /// Reads three Latin letters in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_alphabetic).then(|| Self(code.map(|b| b.to_ascii_uppercase())))
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Nationality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What health control found at the port. Anything but [`Health::Ok`] puts the person under a medical hold (四类人员).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Health {
    /// 正常.
    Ok,
    /// 有症状.
    Symptomatic,
    /// 密接, close contact of a case.
    CloseContact,
    /// 疑似.
    Suspected,
    /// 确诊.
    Confirmed,
}

impl Health {
    /// Reads the Chinese or the English word.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "正常" | "健康" | "无异常" => Self::Ok,
            "有症状" => Self::Symptomatic,
            "密接" | "密切接触者" => Self::CloseContact,
            "疑似" | "疑似病例" => Self::Suspected,
            "确诊" | "确诊病例" => Self::Confirmed,
            _ => {
                let all = [Self::Ok, Self::Symptomatic, Self::CloseContact, Self::Suspected, Self::Confirmed];
                return all.into_iter().find(|health| text.eq_ignore_ascii_case(health.as_str()));
            }
        })
    }

    /// The stable English word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Symptomatic => "symptomatic",
            Self::CloseContact => "close_contact",
            Self::Suspected => "suspected",
            Self::Confirmed => "confirmed",
        }
    }
}
