//! Words for people, in Chinese and English. A [`Message`] is a stable code with its facts; the sentence is looked up in the
//! `.ftl` files beside this one when, and in the language in which, somebody reads it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader};

fluent_templates::static_loader! {
    static SENTENCES = {
        locales: "./src/base/language",
        fallback_language: "zh-CN",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language that everything a person reads is complete in. Chinese is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The tag that pages carry in `lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The word for it in the database and in settings.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::Zh => fluent_templates::langid!("zh-CN"),
            Self::En => fluent_templates::langid!("en"),
        }
    }

    /// The sentence without facts that stands under `key`.
    pub fn text(self, key: &str) -> String {
        SENTENCES.lookup(&self.identifier(), key)
    }
}

impl FromStr for Language {
    type Err = Message;

    /// Reads `zh`, `en`, or a longer tag that begins with one of them.
    fn from_str(text: &str) -> Result<Self, Message> {
        match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("zh") => Ok(Self::Zh),
            Some("en") => Ok(Self::En),
            _ => Err(Message::new("unknown_language").with("value", text)),
        }
    }
}

/// What is to be said to a person: a stable `code`, which scripts may rely on, and the facts its sentence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The key of the sentence in every language.
    pub code: &'static str,
    facts: Vec<(&'static str, String)>,
}

impl Message {
    /// A message whose sentence stands under `code` in both languages (a test looks each one up).
    pub const fn new(code: &'static str) -> Self {
        Self { code, facts: Vec::new() }
    }

    /// Adds a fact. Never an identity: messages reach logs.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// The value of a fact, for who must act on it and not only read it.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(fact, _)| *fact == name).map(|(_, value)| value.as_str())
    }

    /// The sentence in `language`.
    pub fn text(&self, language: Language) -> String {
        let facts: HashMap<Cow<'static, str>, FluentValue<'_>> =
            self.facts.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.as_str()))).collect();
        SENTENCES.lookup_with_args(&language.identifier(), self.code, &facts)
    }
}

/// For logs: the code and the facts, no sentence.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        self.facts.iter().try_for_each(|(name, value)| write!(f, " {name}={value:?}"))
    }
}
